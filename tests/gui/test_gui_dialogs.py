"""The window's dialogs: a new game, a typed point, resigning, files to open and to save."""

from itertools import pairwise
from pathlib import Path

import pygame
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gui.describe import cards, status_line
from gui.files import sgf_of
from gui.folder import typed_path
from gui.new_game import NewGameDialog
from gui.opponents import elo_note, opponents
from tests.gui.hands import at, button, click, mouse, moves, press


def test_a_coordinate_can_be_typed(window):
    w = window()
    press(w, pygame.K_g, pygame.KMOD_CTRL)
    w.dialog.typed("d4")
    press(w, pygame.K_RETURN)
    assert w.dialog is None and moves(w) == [from_gtp("D4", 9)]
    press(w, pygame.K_g, pygame.KMOD_CTRL)
    w.dialog.typed("d4")
    press(w, pygame.K_RETURN)
    assert "occupied" in w.dialog.error


def test_new_game_by_mouse_and_keyboard(window):
    w = window()
    click(w, at(w, "E5"))
    press(w, pygame.K_n, pygame.KMOD_CTRL)
    dialog = w.dialog
    assert isinstance(dialog, NewGameDialog)
    w.draw()
    click(w, dialog.size._segments()[1].center)  # 13x13
    assert dialog.komi.value == "7.5", "the usual komi follows the size"
    press(w, pygame.K_RETURN)
    assert w.session.size == 13 and moves(w) == [] and w.session.record.rules.komi == 7.5
    assert w.store.load_settings().size == 13


def test_a_game_taken_back_to_its_start_is_kept(window):
    w = window()
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    for vertex in ("E5", "C3"):
        click(w, at(w, vertex))
    for _ in range(2):
        press(w, pygame.K_z, pygame.KMOD_CTRL)
    assert w.session.live.number == 0
    w.actions.run("new")
    press(w, pygame.K_RETURN)
    (kept,) = (w.store.data / "games").iterdir()
    assert ";B[ee]" in kept.read_text()
    w.actions.run("new")
    press(w, pygame.K_RETURN)
    assert len(list((w.store.data / "games").iterdir())) == 1, "nothing was played in this one"


def test_a_weaker_network_can_be_played_against(window):
    w = window()
    w.actions.run("new")
    d = w.dialog
    w.draw()
    lines = dict(d.opponent.options)
    assert lines[""].startswith("Strongest: zero-9x9, Elo +")
    assert d.note.text == "Elo 0: GNU Go 3.8, level 10. Measured at 400 visits; fewer: weaker"
    weaker = [name for name in lines if name]
    assert lines[weaker[-1]].startswith("Easiest: zero-9x9-minute-05, Elo −") and "About GNU Go" in str(lines)
    assert len(weaker) >= 3 and all(name.startswith("zero-9x9-") and "Elo" in lines[name] for name in weaker)
    d.opponent.value = weaker[-1]
    click(w, d.size._segments()[2].center)  # those of 19x19 are others, and 9x9 is another choice
    lines = dict(d.opponent.options)
    assert d.opponent.value == "" and "selfplay-13x13" in lines[""] and "records-19x19" in lines
    assert "at 50 visits" in d.note.text
    click(w, d.size._segments()[0].center)
    d.opponent.value = weaker[-1]
    d.mode.value = "two"
    d._mode_changed()
    assert not d.opponent.enabled
    d.mode.value = "engine"
    press(w, pygame.K_RETURN)
    assert w.settings.net == weaker[-1] == w.store.load_settings().net
    w.actions.run("new")
    assert w.dialog.opponent.value == weaker[-1], "the last choice"
    assert dict(opponents(10))[""] == "zero-9x9", "nothing was measured on ten lines"
    assert elo_note(10).startswith("No Elo was measured on 10×10")
    thirteen = dict(opponents(13))
    assert thirteen[""].startswith("Strongest: selfplay-13x13, Elo ") and "selfplay-13x13" not in thirteen
    assert "zero-9x9-minute-42" in thirteen and all("Elo" in line for line in thirteen.values())
    assert dict(NewGameDialog(w.settings, print, "/nets/own.safetensors").opponent.options)[""] == (
        "own.safetensors (--net)"
    )


def test_the_engines_limit_can_be_a_time_or_visits(window):
    w = window(mode="engine", white="engine", visits=300)
    for limit, number, seconds, visits in (
        ("seconds", "2.5", 2.5, 0),
        ("seconds", "10", 10.0, 0),
        ("visits", "50", 0.0, 50),
    ):
        w.actions.run("new")
        w.draw()
        click(w, w.dialog.limit._segments()[["visits", "seconds"].index(limit)].center)
        w.draw()
        w.dialog.strength.value = number
        press(w, pygame.K_RETURN)
        assert w.dialog is None
        kept = w.store.load_settings()
        assert (kept.seconds, kept.visits) == (seconds, visits)
    w.settings.seconds, w.settings.visits = 5.0, 77  # both, from the command line
    w.actions.run("new")
    press(w, pygame.K_RETURN)
    assert (w.settings.seconds, w.settings.visits) == (5.0, 77)


def test_new_game_refuses_nonsense(window):
    w = window()
    w.actions.run("new")
    d = w.dialog
    for field, bad in ((d.komi, "6.3"), (d.komi, "-"), (d.strength, "0"), (d.handicap, "1")):
        good = field.value
        field.value = bad
        d.submit()
        assert d.error and not d.closed, bad
        field.value = good
    d.size.value, d.lines.value = 0, "25"
    d.submit()
    assert "7 to 19" in d.error


def test_a_komi_of_ones_own_is_kept_when_the_size_changes(window):
    w = window()
    w.actions.run("new")
    d = w.dialog
    d.komi.focused(True)
    d.komi.typed("3.5")
    d.size.value = 19
    d.size.changed()
    assert d.komi.value == "3.5"


def test_resigning_asks_first(window):
    w = window()
    click(w, at(w, "E5"))
    click(w, button(w, "resign"))
    assert w.session.phase == "play" and w.dialog is not None
    press(w, pygame.K_RETURN)
    assert w.session.result == "B+R"


def test_save_and_open(window, tmp_path):
    w = window()
    click(w, at(w, "E5"))
    click(w, at(w, "C3"))
    press(w, pygame.K_s, pygame.KMOD_CTRL)
    w.dialog.typed(str(tmp_path / "mine"))
    press(w, pygame.K_RETURN)
    path = tmp_path / "mine.sgf"
    assert path.exists() and w.dialog is None
    click(w, at(w, "G7"))
    press(w, pygame.K_s, pygame.KMOD_CTRL)
    assert w.dialog is None and path.read_text().count(";B[") == 2
    press(w, pygame.K_o, pygame.KMOD_CTRL)
    w.dialog.typed(str(tmp_path / "not there.sgf"))
    press(w, pygame.K_RETURN)
    assert w.dialog.error
    w.dialog.rows[0][1].value = str(path)
    press(w, pygame.K_RETURN)
    assert w.dialog is None and len(moves(w)) == 3


def test_a_file_that_was_opened_is_not_replaced_unasked(window, tmp_path):
    w = window()
    path = tmp_path / "theirs.sgf"
    path.write_text("(;SZ[9]PB[Lee]PW[Cho]EV[A cup];B[ee]LB[ee:A])")
    before = path.read_text()
    assert w.actions.open_file(path) is None
    assert [card.name for card in cards(w.session)] == ["Lee", "Cho"]
    press(w, pygame.K_s, pygame.KMOD_CTRL)
    assert w.dialog.folder.path == tmp_path
    assert w.dialog.rows[0][1].value == "theirs-2.sgf", "a name beside it is suggested"
    w.dialog.rows[0][1].value = str(path)
    press(w, pygame.K_RETURN)
    assert "replaces" in w.dialog.error and path.read_text() == before
    press(w, pygame.K_RETURN)
    assert w.dialog is None
    after = path.read_text()
    assert after != before and all(text in after for text in ("PB[Lee]", "PW[Cho]", "EV[A cup]"))
    click(w, at(w, "C3"))
    press(w, pygame.K_s, pygame.KMOD_CTRL)
    assert w.dialog is None and ";W[cg]" in path.read_text(), "from then on it is this game's file"


def test_names_that_are_no_files_are_one_line(window):
    w = window()
    for action in ("save as", "open"):
        for name in ("", "   ", "~nobody-of-this-name/x", "a" * 290):
            w.actions.run(action)
            w.dialog.rows[0][1].value = name
            w.dialog.submit()
            assert w.dialog.error and "\n" not in w.dialog.error, (action, name)
            w.draw()
            press(w, pygame.K_ESCAPE)


def test_a_game_without_a_move_does_not_come_back(window, tmp_path):
    """A hint has saved it; what was opened since is no game to go on with either."""
    w = window()
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    w.session.hint()
    w.session.receive(("hint", 1))
    assert w.store.load_autosave() is not None
    file = tmp_path / "a.sgf"
    file.write_text("(;SZ[9];B[aa])")
    assert w.actions.open_file(file) is None
    assert w.store.load_autosave() is None and not (w.store.data / "games").exists()
    w.store.autosave(b"(;SZ[9];B[aa])")  # a game that could not be put away
    w.actions.run("new")
    w.session.record.root.children.clear()
    press(w, pygame.K_RETURN)
    assert w.store.load_autosave() is not None


def test_all_opponents_can_be_clicked_in_a_low_window(window):
    w = window((640, 480), mode="engine", white="engine")
    w.actions.run("new")
    w.draw()
    rows = w.dialog.opponent.rows()
    assert len(rows) >= 8 and rows[0].top >= 0 and rows[-1].bottom <= 480
    click(w, w.dialog.opponent.area.center)
    click(w, rows[1].center)
    assert w.dialog.opponent.value == w.dialog.opponent.options[1][0]


def test_what_was_pressed_is_what_counts(window):
    w = window()
    click(w, at(w, "E5"))
    for pressed, released in (("cancel", "accept"), ("accept", "cancel")):
        w.actions.run("resign")
        w.draw()
        areas = {b.action: b.area.center for b in w.dialog.buttons}
        mouse(w, pygame.MOUSEBUTTONDOWN, areas[pressed])
        mouse(w, pygame.MOUSEBUTTONUP, areas[released])
        assert w.dialog is not None and w.session.phase == "play"
        click(w, areas["cancel"])
        assert w.dialog is None


def test_a_click_places_the_cursor(window):
    w = window()
    w.actions.run("open")
    field = w.dialog.rows[0][1]
    field.value = "/a/long/path" * 12
    w.draw()
    left = field.area.left + w.theme.px(9)
    click(w, (left + w.theme.width(field.value[:4], 14), field.area.centery))
    w.dialog.typed("X")
    assert field.value.startswith("/a/lXong/path") and field.cursor == 5
    press(w, pygame.K_END)
    last = len(field.value)
    click(w, (field.area.right - w.theme.px(9) - w.theme.width(field.value[-3:], 14), field.area.centery))
    assert field.cursor == last - 3, "where the text is drawn, however far it is scrolled"
    edge = field._edges[field.cursor]
    w.draw()
    assert field._edges[field.cursor] == edge, "and it stays there"
    w.dialog.rows[0][1].value = ""
    w.draw()


def test_a_number_that_was_clicked_is_replaced(window):
    w = window(mode="engine", white="engine")
    w.actions.run("new")
    w.draw()
    click(w, w.dialog.komi.area.center)
    w.dialog.typed("5")
    assert w.dialog.komi.value == "5"
    w.draw()
    click(w, (w.dialog.komi._edges[0], w.dialog.komi.area.centery))
    w.dialog.typed("-1")
    assert w.dialog.komi.value == "-15"


def test_a_comma_is_a_point(window):
    w = window(mode="engine", white="engine")
    w.actions.run("new")
    for field, text, number in ((w.dialog.komi, "7,5", 7.5), (w.dialog.clock.minutes, "2,5", 2.5)):
        field.fresh = True
        field.typed(text)
        assert field.number == number
    w.dialog.handicap.fresh = True
    w.dialog.handicap.typed("3,")
    assert w.dialog.handicap.value == "3", "a whole number has none"


def test_large_numbers_of_visits_stay_what_they_are(window):
    w = window(mode="engine", white="engine", visits=12345678)
    w.actions.run("new")
    assert w.dialog.strength.value == "12345678"
    press(w, pygame.K_RETURN)
    assert w.settings.visits == 12345678


LOW = [((1366, 728), 1.75), ((1900, 1020), 2.5), ((360, 360), 1.0), ((360, 360), 2.5), ((800, 440), 1.0)]


@pytest.mark.parametrize(("size", "scale"), LOW)
@pytest.mark.parametrize("error", ["", "Komi is a number"])
def test_all_of_a_new_game_lies_within_a_low_window(window, size, scale, error):
    w = window(size, scale=scale, mode="engine", white="engine", clock="byoyomi")
    w.actions.run("new")
    dialog = w.dialog
    dialog.error = error
    w.draw()
    inside = pygame.Rect((0, 0), size)
    assert len(dialog.rows) >= 13 and inside.contains(dialog.area)
    areas = [field.area for _, field in dialog.rows] + [button.area for button in dialog.buttons]
    assert all(dialog.area.contains(area) for area in areas)
    assert all(a.bottom <= b.top for (_, a), (_, b) in pairwise([(0, f.area) for _, f in dialog.rows]))
    assert areas[-3].bottom <= dialog.buttons[0].area.top - (16 if error else 0)
    click(w, dialog.buttons[0].area.center)
    assert w.dialog is None


def test_a_komi_of_100_is_refused(window):
    w = window()
    w.actions.run("new")
    w.dialog.komi.value = "100"
    w.dialog.submit()
    assert "less than 100" in w.dialog.error


@pytest.mark.parametrize(
    "text",
    ["/tmp/a b.sgf", '"/tmp/a b.sgf"', "'/tmp/a b.sgf' ", "file:///tmp/a%20b.sgf", "file://localhost/tmp/a%20b.sgf"],
)
def test_paths_may_be_pasted_as_programs_copy_them(text):
    assert typed_path(text) == Path("/tmp/a b.sgf")


def test_an_opened_game_of_this_program_has_its_players_and_waits(window, tmp_path):
    w = window()
    path = tmp_path / "mine.sgf"
    path.write_text("(;SZ[9]GZPLAY[human engine];B[ee])")
    assert w.actions.open_file(path) is None
    assert w.session.player(WHITE) == "engine" and w.session.link.asked == []
    assert "Enter" in status_line(w.session)[0]
    press(w, pygame.K_RETURN)
    assert [question[0] for question in w.session.link.asked] == ["move"]
    w.session.receive(("move", 1, from_gtp("C3", 9)))
    click(w, at(w, "G7"))
    assert w.session.busy_with == "move", "and then it plays on as ever"
    path.write_text("(;SZ[9]PB[Lee];B[ee])")
    assert w.actions.open_file(path) is None
    assert (w.session.player(BLACK), w.session.player(WHITE)) == ("human", "human")


def test_a_file_is_opened_as_far_as_it_can_be_played(window, tmp_path):
    w = window()
    path = tmp_path / "odd.sgf"
    path.write_text("(;SZ[9];B[ee];W[ee];B[cc])")
    assert w.actions.open_file(path) is None
    assert len(moves(w)) == 1 and "move 2" in status_line(w.session)[0]
    click(w, at(w, "E5"))
    assert "occupied" in status_line(w.session)[0]
    w.session.say("")
    assert "move 2" in status_line(w.session)[0], "until something is played"
    click(w, at(w, "C3"))
    assert "move 2" not in status_line(w.session)[0]


@pytest.mark.parametrize("change", ["nothing", "a move", "a comment"])
def test_an_opened_game_that_is_left_as_it_was_is_not_kept_twice(window, tmp_path, change):
    w = window()
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    path, other = tmp_path / "seen.sgf", tmp_path / "other.sgf"
    path.write_text("(;SZ[9]TR[aa]RE[B+5];B[ee]C[hane];W[cc](;B[dd];W[];B[])(;B[gg]))")
    other.write_text("(;SZ[9];B[cc])")
    assert w.actions.open_file(path) is None
    press(w, pygame.K_LEFT)
    if change == "a move":
        w.session.branch()
        click(w, at(w, "G5"))
    elif change == "a comment":
        w.session.write(w.session.shown, "or tenuki")
    assert w.actions.open_file(other) is None
    kept = list((w.store.data / "games").glob("*")) if (w.store.data / "games").exists() else []
    assert len(kept) == (change != "nothing")


def test_a_finished_game_is_kept_before_it_goes_on(window):
    w = window()
    click(w, at(w, "E5"))
    w.session.resign()
    press(w, pygame.K_b)
    (kept,) = (w.store.data / "games").iterdir()
    assert "RE[B+R]" in kept.read_text() and str(kept) in status_line(w.session)[0]
    assert w.session.phase == "play" and w.session.result == ""
    click(w, at(w, "C3"))
    press(w, pygame.K_LEFT)
    press(w, pygame.K_b)
    assert len(list((w.store.data / "games").iterdir())) == 1, "the game went on"
