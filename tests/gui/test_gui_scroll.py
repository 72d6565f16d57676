"""Scroll bars, the wheel and keys, wherever something is longer than its room."""

import random

import pygame
import pytest

from gui.keys_dialog import GROUPS, KEYS
from gui.scroll_bar import ScrollBar
from gui.theme import Theme
from tests.gui.hands import click, drag, mouse, moves, opened, press, seen
from tests.gui.runs import figures, run_of

LONG = "\n".join(f"line {i}" for i in range(60))


def wheel(w, at, notches):
    w.mouse = at
    w.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=notches))
    w.draw()


@pytest.fixture
def theme():
    pygame.display.init()
    pygame.font.init()
    pygame.display.set_mode((100, 100))
    yield Theme(1.0)
    pygame.quit()


# -- the bar itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "lines"), [(5, 6), (5, 60), (1, 2), (3, 100_000)])
@pytest.mark.parametrize("height", [400, 60, 17, 9])
def test_the_thumb_is_where_what_is_seen_is(theme, rows, lines, height):
    bar, area = ScrollBar(), pygame.Rect(10, 20, 14, height)
    tops = []
    for first in (0, (lines - rows) // 2, lines - rows):
        bar.place(theme, area, first, rows, lines)
        assert area.contains(bar.thumb) and bar.thumb.height > 0
        tops.append(bar.thumb.top)
    assert tops == sorted(tops) and (tops[0], bar.thumb.bottom) == (area.top, area.bottom)


def test_dragging_takes_the_thumb_along_from_end_to_end(theme):
    bar, area = ScrollBar(), pygame.Rect(10, 20, 14, 300)
    bar.place(theme, area, 0, 10, 40)
    assert bar.drag((15, 200)) is None, "nothing is held"
    assert bar.press((40, 30)) is None and not bar.held, "not on the bar"
    assert bar.press((15, bar.thumb.top + 7)) == 0
    assert bar.drag((15, bar.thumb.top + 7 + 150)) == 20, "two thirds of the way: 225 pixels"
    assert bar.drag((400, 5000)) == 30 and bar.drag((-5, -5000)) == 0
    bar.release()
    assert bar.drag((15, 200)) is None
    assert bar.press((15, area.bottom - 1)) == 30, "beside the thumb, which comes there"
    bar.place(theme, area, 0, 10, 10)
    assert not bar.held and bar.press((15, 100)) is None, "all is in sight"


# -- what has one ----------------------------------------------------------------------------------------------------


def test_the_bar_of_a_comment_is_dragged(window):
    w = opened(window(), f";B[ee];W[cc]C[{LONG}]")
    view = w.panels.comment
    bar, top = view._bar, seen(view.area)
    drag(w, bar.thumb.center, (bar.thumb.centerx + 200, bar.area.bottom + 100))
    assert view._first == view._lines - view._rows and seen(view.area) != top and w.session.shown.number == 2
    mouse(w, pygame.MOUSEMOTION, (bar.area.centerx, bar.area.top))
    assert view._first == view._lines - view._rows, "let go"
    click(w, (bar.area.centerx, bar.area.top))
    assert seen(view.area) == top
    press(w, pygame.K_LEFT)
    assert not view.mouse_down(bar.area.center), "there is no comment here"
    click(w, bar.thumb.center)
    assert w.session.shown.number < 2


def test_the_bar_of_the_editor_is_dragged(window):
    w = opened(window(), f";B[ee]C[{LONG}]")
    w.actions.run("comment")
    w.draw()
    field = w.dialog.field
    cursor, end = field.writing.cursor, field.first
    drag(w, field.bar.thumb.center, (field.bar.thumb.centerx, field.area.top - 50))
    assert (field.first, field.writing.cursor, field.writing.selected) == (0, cursor, "")
    mouse(w, pygame.MOUSEMOTION, field.area.center)
    wheel(w, field.area.center, -1)
    assert field.first == 3
    press(w, pygame.K_LEFT)
    assert field.first in (end, end - 1), "the cursor is in sight again"


def with_a_long_folder(window, folder):
    """A window that shows Open, with more files than there is room for."""
    for i in range(60):
        (folder / f"{i:02}.sgf").write_text("(;SZ[9])")
    w = window()
    w.settings.folder = str(folder)
    w.actions.run("open")
    w.draw()
    return w


def test_the_bar_of_a_folder_is_dragged(window, tmp_path):
    w = with_a_long_folder(window, tmp_path)
    files = w.dialog.list
    last = len(files.entries) - files._room()
    drag(w, files.bar.thumb.center, (files.bar.thumb.centerx - 100, files.area.bottom + 10))
    assert files.first == last and w.dialog is not None and files.selected is None
    drag(w, files.bar.thumb.center, (files.bar.thumb.centerx, files.bar.area.centery))
    assert 0 < files.first < last
    assert all(area.right <= files.bar.area.left for _, area in files._rows()), "no entry lies under it"
    for _ in range(20):
        w.dialog.wheel(5)
    w.draw()
    assert files.first == 0


def test_a_bar_that_is_let_go_over_a_line_chooses_nothing(window, tmp_path):
    w = with_a_long_folder(window, tmp_path)
    files = w.dialog.list
    for number in (20, 3):  # the second time would open the file
        drag(w, files.bar.thumb.center, files._rows()[9][1].center)
        assert w.dialog is not None and files.selected is None, number
    click(w, files._rows()[9][1].center)
    assert files.selected == files.first + 9


def test_a_bar_that_is_let_go_over_a_game_opens_nothing(window, tmp_path):
    w = window((1000, 500))
    w.run_folder = run_of(tmp_path / "run", figures(1), games=80)
    press(w, pygame.K_l)
    games = w.dialog.list
    drag(w, games.bar.thumb.center, games._rows()[3][1].center)
    assert w.dialog is not None and not moves(w)
    click(w, games._rows()[3][1].center)
    assert w.dialog is None and moves(w)


@pytest.mark.parametrize("size", [(1000, 800), (640, 480), (560, 360), (360, 360), (360, 256)])
@pytest.mark.parametrize("way", ["wheel", "drag", "keys"])
def test_the_list_of_keys_can_be_read_in_every_window(window, monkeypatch, size, way):
    w = window(size)
    told, cut, fit = set(), [], w.theme.fit

    def noted(text, *room):
        told.add(text)
        cut.append(text != fit(text, *room))
        return fit(text, *room)

    w.actions.run("keys")
    w.draw()
    monkeypatch.setattr(w.theme, "fit", noted)
    bar = w.dialog.list.bar
    x, y = bar.thumb.center
    w.dialog.mouse_down((x, y))
    for step in range(60):
        w.dialog.draw(pygame.display.get_surface(), w.theme, (-1, -1))
        if way == "wheel":
            w.dialog.wheel(-1)
        elif way == "keys":
            key = pygame.K_DOWN if step % 2 else pygame.K_PAGEDOWN
            w.dialog.key_down(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0))
        else:
            w.dialog.mouse_move((x, y + 4 * step))
    assert not any(cut) and told >= {text for line in KEYS for text in line}
    assert told >= {heading for heading, _ in GROUPS}
    assert pygame.Rect((0, 0), size).contains(w.dialog.area) and w.dialog.area.contains(w.dialog.list.area)
    assert w.dialog.list.area.bottom <= w.dialog.buttons[0].area.top
    assert {key for keys, _ in KEYS for key in keys.split()} >= {"H", "T", "A", "Ctrl+A", "N", "Ctrl+Z", "Ctrl+Y"}


@pytest.mark.parametrize("seed", range(3))
def test_no_click_breaks_what_scrolls(window, tmp_path, seed):
    for i in range(40):
        (tmp_path / f"{i:02}.sgf").write_text("(;SZ[9])")
    w = opened(window((800, 560)), f";B[ee]C[{LONG}]TE[1];W[cc]C[{LONG}]N[name]GW[2]")
    w.settings.folder = str(tmp_path)
    rng = random.Random(seed)
    for _ in range(300):
        if w.dialog is None and rng.random() < 0.1:
            w.actions.run(rng.choice(["keys", "open", "comment"]))
            w.draw()
        at = rng.randrange(800), rng.randrange(560)
        match rng.randrange(6):
            case 0:
                wheel(w, at, rng.choice([-3, 1, 2]))
            case 1:
                mouse(w, pygame.MOUSEMOTION, at)
            case 2:
                bar = (
                    w.panels.comment._bar
                    if w.dialog is None
                    else next(f.bar for _, f in w.dialog.rows if hasattr(f, "bar"))
                )
                drag(w, bar.thumb.center, at, (at[1], at[0]))
            case 3:
                press(w, rng.choice([pygame.K_UP, pygame.K_PAGEDOWN, pygame.K_END, pygame.K_LEFT]))
            case 4 if rng.random() < 0.3:
                press(w, pygame.K_ESCAPE)
            case 5:
                w.larger(rng.choice([-0.25, 0.25]))
                w.draw()
    assert w.running
