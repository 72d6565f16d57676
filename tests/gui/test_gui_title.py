"""The window's caption and icon."""

import pygame
import pytest

from gui.icon import SIDE, icon
from gui.window import open_window
from tests.gui.hands import at, click, opened, press

CONTROL = pygame.KMOD_CTRL


def caption():
    return pygame.display.get_caption()[0]


def test_it_tells_who_plays_and_the_file(window, tmp_path):
    w = window()
    assert caption() == "gogame"
    path = tmp_path / "first.sgf"
    path.write_text("(;SZ[9]PB[柯洁]WR[9p]PW[Lee];B[ee])")
    assert w.actions.open_file(path) is None
    w.draw()
    assert caption() == "柯洁 – Lee 9p · first.sgf · gogame"
    assert w.actions._write(tmp_path / "other.sgf") is None
    w.draw()
    assert caption() == "柯洁 – Lee 9p · other.sgf · gogame"
    w.actions.start_game(w.settings)
    w.draw()
    assert caption() == "gogame"
    w.session.inform({"PB": "Anna"})
    w.draw()
    assert caption() == "Anna – White · gogame"


def test_the_engine_and_a_second_window(window):
    w = window(white="engine")
    w.store.number = 2
    w.draw()
    assert caption() == "You – fake · gogame · window 2"


@pytest.mark.parametrize("name", ["x" * 500, "two\\\nlines", "half \udcff", "\x00\x1b[31m"])
def test_whatever_the_name_is(window, name):
    w = opened(window(), ";B[ee]")
    w.session.inform({"PB": name, "PW": "B"})
    w.draw()
    assert caption().endswith(" – B · gogame") and len(caption()) < 100 and caption().isprintable()


def test_it_changes_only_with_the_game(window, monkeypatch):
    w = window()
    told = []
    monkeypatch.setattr(pygame.display, "set_caption", told.append)
    for vertex in ("E5", "C3"):
        click(w, at(w, vertex))
    press(w, pygame.K_i, CONTROL)
    press(w, pygame.K_F9, text="Anna")
    assert not told
    press(w, pygame.K_RETURN)
    assert told == ["Anna – White · gogame"]


def test_the_icon_is_the_program_s_own(window, monkeypatch):
    w = window()
    given = []
    monkeypatch.setattr(pygame.display, "set_icon", given.append)
    open_window(w.settings)
    (image,) = given
    assert image.get_size() == (SIDE, SIDE) == icon().get_size()
    colors = {tuple(image.get_at((x, y))) for x in range(SIDE) for y in range(SIDE)}
    assert any(sum(c[:3]) < 100 for c in colors) and any(sum(c[:3]) > 700 and c[3] == 255 for c in colors)
    assert image.get_at((0, 0))[3] == 0 and image.get_at((SIDE // 2, 4))[3] == 255
