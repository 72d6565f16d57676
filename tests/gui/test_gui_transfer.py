"""Games go to the clipboard and come from there."""

import pygame
import pytest

from gogame.coords import from_gtp
from gui.describe import status_line
from gui.files import load_record
from gui.menus import MENUS
from gui.store import Store
from tests.gui.hands import at, click, moves, opened, press

CONTROL = pygame.KMOD_CTRL
GAME = "(;SZ[13]PB[柯洁]PW[Anna]KM[6.5];B[cc]C[здесь];W[dd](;B[ee])(;B[ff]TR[ff]))"


@pytest.fixture
def board(window, monkeypatch):
    """A window that saves its game, and a clipboard that is a list of texts."""
    kept = [""]
    monkeypatch.setattr("gui.transfer.clipboard", lambda: kept[-1])
    monkeypatch.setattr("gui.transfer.to_clipboard", lambda text: kept.append(text) or True)
    w = window()
    from gui.files import sgf_of

    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    return w, kept


def told(w):
    return status_line(w.session)


def test_a_game_is_copied_with_its_variations(board):
    w, kept = board
    opened(w, "PB[柯洁];B[ee]C[a \\] b];W[cc](;B[gg])(;B[cg]TR[cg])")
    press(w, pygame.K_c, CONTROL)
    assert told(w) == ("The game is in the clipboard, as SGF", "info") and len(kept) == 2
    loaded = load_record(kept[-1])
    first = loaded.record.root.children[0]
    assert loaded.record.info["PB"] == "柯洁" and first.comment == "a ] b"
    assert [n.point for n in first.children[0].children] == [from_gtp(v, 9) for v in ("G3", "C3")]


def test_a_clipboard_that_takes_nothing_is_told(board, monkeypatch):
    w, kept = board
    monkeypatch.setattr("gui.transfer.to_clipboard", lambda text: False)
    press(w, pygame.K_c, CONTROL)
    assert told(w)[1] == "error" and "clipboard" in told(w)[0]


def test_a_pasted_game_is_opened_as_a_file_is(board):
    w, kept = board
    for vertex in ("E5", "C3"):
        click(w, at(w, vertex))
    w.settings.white = "engine"
    kept.append(GAME)
    press(w, pygame.K_v, CONTROL)
    assert told(w)[0] == "Opened from the clipboard" and w.session.size == 13 and w.session.live.number == 3
    assert (w.settings.black, w.settings.white, w.session.paused) == ("human", "human", True)
    assert w.session.record.info["PB"] == "柯洁" and w.session.live.path()[0].comment == "здесь"
    (past,) = w.store.games.iterdir()
    assert [n.point for n in load_record(past.read_bytes()).live.path()] == [from_gtp(v, 9) for v in ("E5", "C3")]
    assert w.actions.file is None


@pytest.mark.parametrize("name", ["GB2312", "Shift_JIS", "klingon", "Latin-1"])
def test_a_text_has_its_character_set_behind_it(board, name):
    w, kept = board
    kept.append(f"Look at this:\n{GAME.replace('(;', f'(;CA[{name}]', 1)}\nbye")
    press(w, pygame.K_v, CONTROL)
    assert w.session.record.info["PB"] == "柯洁" and w.session.live.path()[0].comment == "здесь"


@pytest.mark.parametrize(
    "text",
    ["", "hello", "(", "(;", "(;GM[2])", "(;SZ[99])", "(;SZ[9]AB[ee]AW[ee];B[", "\0", "(;SZ[9];B[ee" + "x" * 9999],
)
def test_what_is_no_game_costs_a_line_and_nothing_else(board, text):
    w, kept = board
    click(w, at(w, "E5"))
    record = w.session.record
    kept.append(text)
    press(w, pygame.K_v, CONTROL)
    line, kind = told(w)
    assert kind == "error" and "clipboard" in line.lower() and "\n" not in line and len(line) < 200
    assert w.session.record is record and moves(w) == [from_gtp("E5", 9)] and not w.store.games.exists()


def test_what_is_too_large_is_not_read(board, monkeypatch):
    w, kept = board
    monkeypatch.setattr("gogame.sgf.MAX_BYTES", 100)
    kept.append(GAME + " " * 100)
    press(w, pygame.K_v, CONTROL)
    assert "larger" in told(w)[0] and w.session.size == 9


def test_what_cannot_be_played_is_told(board):
    w, kept = board
    kept.append("(;SZ[9];B[ee];W[ee])")
    press(w, pygame.K_v, CONTROL)
    assert told(w)[1] == "warn" and told(w)[0].startswith("The clipboard: ") and len(moves(w)) == 1


def test_a_field_with_the_focus_has_them_for_itself(board):
    w, kept = board
    kept.append(GAME)
    press(w, pygame.K_g, CONTROL)
    press(w, pygame.K_v, CONTROL)
    press(w, pygame.K_c, CONTROL)
    assert w.session.size == 9 and len(kept) == 2
    press(w, pygame.K_ESCAPE)
    press(w, pygame.K_v)
    assert w.networks.open and w.session.size == 9, "V alone is another key"


def test_save_asks_for_a_name_after_it(board, tmp_path):
    w, kept = board
    path = tmp_path / "before.sgf"
    assert w.actions._write(path) is None and w.actions.file == path
    kept.append(GAME)
    press(w, pygame.K_v, CONTROL)
    press(w, pygame.K_s, CONTROL)
    assert w.dialog is not None and len(load_record(path.read_bytes()).live.path()) == 0


def test_there_and_back(window):
    """Through SDL's own clipboard."""
    w = opened(window(), "PB[柯洁];B[ee];W[cc](;B[gg])(;B[cg])")
    press(w, pygame.K_c, CONTROL)
    opened(w, ";B[aa]")
    press(w, pygame.K_v, CONTROL)
    assert len(moves(w)) == 3 and w.session.record.info["PB"] == "柯洁" and isinstance(w.store, Store)
    for key, name in (("Ctrl+C", "copy"), ("Ctrl+V", "paste")):
        assert [i.action for _, items in MENUS for i in items if i.key == key] == [name]
