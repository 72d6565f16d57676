"""Other players in a running game."""

import json
from dataclasses import replace

import pygame
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gui import app
from gui.describe import cards, sgf_name, status_line
from gui.files import load_record, sgf_of
from gui.opponents import PlayersDialog, opponents
from gui.store import Settings, Store
from tests.gui.hands import at, click, moves, press
from tests.gui.played import Link, Play, two


def seat(p, **players):
    p.session.seat(replace(p.settings, **players))


def asked(p):
    return [question[0] for question in p.link.asked]


def choose(w, black=None, white=None):
    """Ctrl+P, a seat with the mouse, Enter."""
    press(w, pygame.K_p, pygame.KMOD_CTRL)
    assert isinstance(w.dialog, PlayersDialog)
    for field, value in ((w.dialog.black, black), (w.dialog.white, white)):
        if value:
            click(w, field._segments()[["human", "engine"].index(value)].center)
    press(w, pygame.K_RETURN)
    assert w.dialog is None


def test_a_game_of_two_people_goes_on_against_the_engine(window):
    w = window()
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    click(w, at(w, "E5"))
    choose(w, white="engine")
    assert w.session.busy_with == "move" and w.session.link.asked[-1][0] == "move"
    assert b"GZPLAY[human engine]" in w.store.load_autosave()
    kept = w.store.load_settings()
    assert (kept.black, kept.white, kept.mode) == ("human", "engine", "two"), "New game's choice is another one"
    w.session.receive(("move", 1, from_gtp("C3", 9)))
    click(w, at(w, "G7"))
    assert len(moves(w)) == 3 and w.session.busy_with == "move"


def test_what_the_engine_thinks_about_for_a_person_is_dropped():
    p = Play()
    p.click("E5")
    seat(p, white="human")
    assert not p.session.thinking and p.link.cancelled == [1]
    p.click("C3")
    assert p.moves == p.points("E5", "C3") and asked(p) == ["move"]


def test_a_move_that_was_asked_for_with_other_limits_is_asked_for_again():
    p = Play()
    p.click("E5")
    seat(p, visits=50, net="weak")
    assert p.link.cancelled == [1] and asked(p) == ["move", "move"] and p.link.asked[-1][2:] == (50, 0.0, "weak")
    seat(p, black="engine")
    assert len(p.link.asked) == 2, "what still fits goes on"
    p.answer("C3")
    assert len(p.link.asked) == 3 and p.session.game.to_move == BLACK


def test_a_move_that_a_person_asked_for_stays_asked():
    p = two()
    p.session.engine_move()
    seat(p, white="engine")
    assert asked(p) == ["move"] and p.link.cancelled == []
    seat(p, visits=10)
    assert asked(p) == ["move", "move"]
    p.answer("E5")
    assert p.session.game.to_move == WHITE and p.session.busy_with == "move"


def test_an_engine_that_was_stopped_waits():
    p = Play()
    p.click("E5")
    p.session.stop()
    seat(p, visits=50)
    assert asked(p) == ["move"] and "Enter" in p.status
    p.session.engine_move()
    assert p.link.asked[-1][2] == 50


def test_a_game_that_is_over_keeps_its_players():
    p = Play()
    p.click("E5")
    p.session.resign()
    assert not p.session.enabled("players")
    seat(p, white="human")
    assert p.settings.white == "engine" and "over" in p.status
    p.session.branch()
    seat(p, white="human")
    assert p.settings.white == "human"


def test_players_can_change_while_the_game_is_counted():
    p = two()
    p.session.pass_()
    p.session.pass_()
    assert asked(p) == ["score"]
    seat(p, black="engine")
    assert asked(p) == ["score"] and p.session.phase == "scoring"


def test_an_opened_file_is_played_on_against_the_engine(window, tmp_path):
    w = window()
    path = tmp_path / "theirs.sgf"
    path.write_text("(;SZ[9]PB[Lee]PW[Cho];B[ee];W[cc])")
    assert w.actions.open_file(path) is None
    choose(w, black="engine")
    assert w.session.link.asked == [] and "Enter lets it move" in status_line(w.session)[0]
    press(w, pygame.K_RETURN)
    assert w.session.busy_with == "move"
    assert sgf_name(w.session, WHITE) == "Cho" and sgf_name(w.session, BLACK) == "fake, 200 visits"
    assert load_record(sgf_of(w.session)).players == ("engine", "human")


def test_a_network_for_the_board_of_an_opened_file(window, tmp_path):
    w = window()
    path = tmp_path / "large.sgf"
    path.write_text("(;SZ[13];B[ee])")
    assert w.actions.open_file(path) is None
    press(w, pygame.K_p, pygame.KMOD_CTRL)
    assert w.dialog.opponent.options == opponents(13) and not w.dialog.opponent.enabled
    w.dialog.white.value = "engine"
    w.dialog.white.changed()
    assert w.dialog.opponent.enabled
    w.dialog.opponent.value = name = opponents(13)[-1][0]
    click(w, w.dialog.limit._segments()[1].center)
    w.draw()
    w.dialog.strength.value = "2.5"
    press(w, pygame.K_RETURN)
    press(w, pygame.K_RETURN)
    assert w.session.link.asked[-1][2:] == (0, 2.5, name)
    kept = w.store.load_settings()
    assert (kept.net, kept.net_size, kept.size, kept.seconds) == (name, 13, 9, 2.5)
    press(w, pygame.K_p, pygame.KMOD_CTRL)
    assert w.dialog.opponent.value == name
    press(w, pygame.K_ESCAPE)
    w.settings.net_size = 9
    press(w, pygame.K_p, pygame.KMOD_CTRL)
    assert w.dialog.opponent.value == ""
    press(w, pygame.K_RETURN)
    assert (w.settings.net, w.settings.net_size) == (name, 9), "the other board's is not forgotten"


def test_nonsense_is_refused(window):
    w = window(white="engine")
    press(w, pygame.K_p, pygame.KMOD_CTRL)
    w.dialog.strength.value = "0"
    press(w, pygame.K_RETURN)
    assert "at least 1 visit" in w.dialog.error and w.settings.visits == 200


@pytest.mark.parametrize("ended", [False, True])
def test_at_the_next_start_the_network_belongs_to_the_game_that_goes_on(tmp_path, ended):
    store = Store(tmp_path / "data", tmp_path / "config")
    store.autosave(b"(;SZ[13]GZPLAY[human engine]RE[B+R];B[ee])" if ended else b"(;SZ[13]GZPLAY[human engine];B[ee])")
    settings = Settings(net="weak", net_size=13)
    session = app._make_session(Link(), settings, store, fresh=False)
    assert session.size == (9 if ended else 13)
    assert (session.opponent_net, settings.net_size) == (("", 0) if ended else ("weak", 13))


def test_a_board_that_cannot_be_is_none(tmp_path):
    store = Store(tmp_path / "data", tmp_path / "config")
    store.save_settings(Settings())
    data = json.loads(store.settings_file.read_text())
    for bad in (5, 200, -1):
        store.settings_file.write_text(json.dumps({**data, "net_size": bad}))
        assert store.load_settings().net_size == 0


@pytest.mark.parametrize("size", [(1120, 800), (640, 480), (360, 360)])
def test_the_dialog_fits(window, size):
    w = window(size, white="engine")
    press(w, pygame.K_p, pygame.KMOD_CTRL)
    assert pygame.Rect((0, 0), size).contains(w.dialog.area)


def test_a_person_who_takes_the_engines_side_over_is_not_named_after_it():
    p = Play()
    p.click("E5")
    loaded = load_record(sgf_of(p.session))
    assert loaded.players == ("human", "engine") and "PW" not in loaded.record.info
    p.settings.black = p.settings.white = "human"
    p.session.load(loaded.record, loaded.live)
    assert "fake" not in cards(p.session)[1].name
