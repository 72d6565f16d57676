"""What is told of a game is shown, edited and written into its file."""

import time

import pygame
import pytest

from gui.describe import cards
from gui.files import load_record, sgf_of
from gui.game_info import FIELDS, LONGEST
from gui.menus import MENUS
from gui.summary import summary_of
from tests.gui.hands import at, click, moves, opened, press

CONTROL = pygame.KMOD_CTRL
TOLD = "PB[Lee]BR[9d]PW[柯洁]WR[9p]GN[Game 1]EV[Final]DT[2016-03-09,10]PC[Seoul]"


def info(w):
    press(w, pygame.K_i, CONTROL)
    assert w.dialog is not None and w.dialog.title == "Game info"
    return w.dialog


def fill(w, **texts):
    """Type into the fields, by SGF's properties, and accept."""
    dialog = info(w)
    names = [name for _, name in FIELDS]
    for name, text in texts.items():
        while names[dialog.focus] != name:
            press(w, pygame.K_TAB)
        press(w, pygame.K_BACKSPACE)
        press(w, pygame.K_F9, text=text)
    press(w, pygame.K_RETURN)
    assert w.dialog is None


def shown(dialog):
    return {name: field.value for (_, name), (_, field) in zip(FIELDS, dialog.rows, strict=True)}


def saved(w):
    return load_record(sgf_of(w.session)).record.info


def test_what_a_file_tells_is_shown_and_kept(window):
    w = opened(window(), f"{TOLD}RO[3]KM[6.5]RE[W+2.5];B[ee];W[cc]")
    before = sgf_of(w.session)
    dialog = info(w)
    assert shown(dialog) == {
        "PB": "Lee",
        "BR": "9d",
        "PW": "柯洁",
        "WR": "9p",
        "GN": "Game 1",
        "EV": "Final",
        "DT": "2016-03-09,10",
        "PC": "Seoul",
    }
    assert "komi 6.5" in dialog.text and "White wins by 2.5" in dialog.text
    press(w, pygame.K_RETURN)
    assert w.dialog is None and sgf_of(w.session) == before


def test_the_date_is_that_of_the_game(window):
    """Of a new game today's, as Save writes it; a file without one has none."""
    w = window()
    assert shown(info(w))["DT"] == time.strftime("%Y-%m-%d")
    press(w, pygame.K_ESCAPE)
    w = opened(window(), "B[ee]")
    assert shown(info(w))["DT"] == "" and "DT[" not in sgf_of(w.session).decode()


def test_two_people_enter_their_names(window):
    w = window()
    saves = []
    w.session.on_save = saves.append
    click(w, at(w, "E5"))
    fill(w, PB="Anna ]", BR="3 kyu", PW="  Ben ")
    assert [card.name for card in cards(w.session)] == ["Anna ] 3 kyu", "Ben"] and len(saves) == 2
    found = saved(w)
    assert (found["PB"], found["BR"], found["PW"]) == ("Anna ]", "3 kyu", "Ben")
    assert "Not finished" in info(w).text
    press(w, pygame.K_ESCAPE)
    fill(w, PB="", BR="")
    assert [card.name for card in cards(w.session)] == ["Black", "Ben"] and saved(w)["PB"] == "Human"
    assert len(moves(w)) == 1 and shown(info(w))["PB"] == ""


def test_cancel_and_the_same_change_nothing(window):
    w = window()
    saves = []
    w.session.on_save = saves.append
    info(w)
    press(w, pygame.K_BACKSPACE)
    press(w, pygame.K_F9, text="Anna")
    press(w, pygame.K_ESCAPE)
    assert w.session.record.info == {} and not saves
    assert shown(info(w))["DT"] == time.strftime("%Y-%m-%d")
    press(w, pygame.K_RETURN)
    assert w.session.record.info == {} and not saves, "a date that was not touched is Save's"
    fill(w, DT="1999-12-31", EV="Club")
    assert saved(w)["DT"] == "1999-12-31" and saved(w)["EV"] == "Club" and len(saves) == 1


@pytest.mark.parametrize("side", ["black", "white"])
def test_the_engine_keeps_its_name(window, side):
    w = window(**{side: "engine"})
    dialog = info(w)
    own, other = ("PB", "PW") if side == "black" else ("PW", "PB")
    assert "fake" in shown(dialog)[own]
    focus = [name for _, name in FIELDS][dialog.focus]
    assert focus == ("PW" if side == "black" else "PB"), "the first field that can be written in"
    press(w, pygame.K_F9, text="Anna")
    press(w, pygame.K_RETURN)
    assert w.session.record.info == {other: "Anna"}
    assert {card.name for card in cards(w.session)} == {"fake", "Anna"}
    loaded = load_record(sgf_of(w.session))
    assert loaded.record.info == {other: "Anna", "DT": time.strftime("%Y-%m-%d")} and "engine" in loaded.players


def test_a_person_without_a_name_is_you(window):
    w = window(white="engine")
    assert cards(w.session)[0].name == "You" and cards(w.session)[0].detail == "Black"


def test_a_text_that_is_too_long_is_not_edited_and_kept(window):
    long = "x" * (LONGEST + 50)
    w = opened(window(), f"EV[{long}]GN[two\nlines];B[ee]")
    dialog = info(w)
    fields = dict(zip([name for _, name in FIELDS], [field for _, field in dialog.rows], strict=True))
    assert not fields["EV"].enabled and fields["GN"].value == "two lines"
    press(w, pygame.K_ESCAPE)
    fill(w, PC="Here")
    assert (
        w.session.record.info["EV"] == long and w.session.record.info["GN"] == "two lines" and saved(w)["PC"] == "Here"
    )


def test_past_games_have_the_names(window):
    w = window()
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    click(w, at(w, "E5"))
    fill(w, PB="Anna", PW="Ben")
    w.actions.start_game(w.settings)
    (past,) = w.store.games.iterdir()
    assert summary_of(past).players == "Anna – Ben"
    assert w.session.record.info == {}


def test_it_is_in_the_menu_and_its_clock_waits(window):
    w = window()
    assert [i.key for _, items in MENUS for i in items if i.action == "game info"] == ["Ctrl+I"]
    w.actions.run("game info")
    w.tick()
    assert w.session.held


@pytest.mark.parametrize("size", [(1120, 800), (720, 540), (480, 420)])
def test_all_of_it_is_in_sight(window, size):
    w = opened(window(size), f"{TOLD};B[ee]")
    dialog = info(w)
    areas = [field.area for _, field in dialog.rows] + [button.area for button in dialog.buttons]
    assert all(pygame.Rect((0, 0), size).contains(area) for area in areas)
    assert all(a.bottom <= b.top for a, b in zip(areas, areas[1:8], strict=False))
