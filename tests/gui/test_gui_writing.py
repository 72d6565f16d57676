"""The comment's editor: selecting with keys and the mouse, the clipboard, undo."""

import random

import pygame
import pytest

from gui.clipboard import clipboard, to_clipboard
from gui.writing import STEPS, Writing
from tests.gui.hands import click, drag, mouse, opened, press, seen

SHIFT, CTRL = pygame.KMOD_SHIFT, pygame.KMOD_CTRL
LINES = "first line\nsecond one\nthe third"


@pytest.fixture
def editor(window, monkeypatch):
    """A window in which a comment is written, and its field; the clipboard is a list of its texts."""
    kept = [""]
    monkeypatch.setattr("gui.text_area.to_clipboard", lambda text: kept.append(text) or True)
    monkeypatch.setattr("gui.comment_view.clipboard", lambda: kept[-1])

    def make(text=LINES, size=(1000, 740)):
        w = opened(window(size), f";B[ee]C[{text}]")
        w.actions.run("comment")
        w.draw()
        return w, w.dialog.field, kept

    return make


def spot(field, row, column):
    """The place in the window before a character."""
    begin, _ = field._lines()[field.first + row]
    inside = field._inside(field._theme)
    high = field._theme.px(19)
    return inside.left + field._x(begin, begin + column), inside.top + row * high + high // 2


# -- the text --------------------------------------------------------------------------------------------------------


def test_what_is_selected_is_replaced():
    w = Writing("one two three")
    w.go(-1, word=True, select=True)
    assert w.selected == "three" and w.span == (8, 13)
    w.insert("\x00")
    assert w.text == "one two three", "nothing that could be put in takes nothing out"
    w.insert("four")
    assert (w.text, w.selected, w.cursor) == ("one two four", "", 12)
    w.move(4, select=True)
    w.erase(-1)
    assert w.text == "one "
    w.select_all()
    assert w.cut() == "one " and w.text == "" and w.cut() == ""


def test_the_cursor_leaves_what_was_selected_at_its_ends():
    w = Writing("abcdef")
    for step, place in ((-1, 2), (1, 4)):
        w.anchor, w._cursor = 4, 2
        w.go(step)
        assert w.cursor == w.anchor == place
    w.anchor, w._cursor = 2, 4
    w.go(-1, select=True)
    assert w.selected == "c"


def test_what_is_full_takes_as_much_as_was_selected():
    w = Writing("abcde", most=5)
    w.cursor = 1
    w.move(3, select=True)
    w.insert("wxyz")
    assert w.text == "awxde"


@pytest.mark.parametrize(
    ("text", "at", "word"),
    [("one two", 1, "one"), ("one two", 3, "one"), ("one two", 7, "two"), ("a  ==b", 2, "  "), ("it's\n", 5, ""),
     ("one\ntwo", 3, "one"), ("one\ntwo", 4, "two"), ("", 0, ""), ("黑棋。白", 1, "黑棋"), ("x ... y", 4, "...")],
)  # fmt: skip
def test_words(text, at, word):
    w = Writing(text)
    w.cursor = at
    w.select_word()
    assert w.selected == word


def test_undo_goes_back_by_words_and_forward_again():
    w = Writing("old")
    for letter in " new":
        w.insert(letter)
    w.erase(-1)
    w.erase(-1)
    w.select_all()
    w.insert("x")
    texts = []
    for _ in range(5):
        w.undo()
        texts.append(w.text)
    assert texts == ["old n", "old new", "old ", "old", "old"]
    w.redo()
    w.redo()
    assert w.text == "old new"
    w.insert("!")
    w.redo()
    assert w.text == "old new!"
    for _ in range(3 * STEPS):
        w.insert("ab")
    assert len(w._done) == STEPS


@pytest.mark.parametrize("seed", range(4))
def test_every_step_can_be_undone(seed):
    rng, w = random.Random(seed), Writing("the first text\n" * 3, most=120)
    begin = w.text
    for _ in range(STEPS - 1):
        match rng.randrange(5):
            case 0:
                w.insert(rng.choice(["a", "b c", "\n", " ", "z" * 100]))
            case 1:
                w.erase(rng.choice([-1, 1]), rng.random() < 0.3)
            case 2:
                w.move(rng.randrange(len(w.text) + 1), rng.random() < 0.6)
            case 3:
                w.go(rng.choice([-1, 1]), rng.random() < 0.5, rng.random() < 0.5)
            case 4:
                rng.choice([w.select_word, w.cut, lambda: None])()
        assert 0 <= w.span[0] <= w.span[1] <= len(w.text) <= 120
    end = w.text
    while w._done:
        w.undo()
    assert w.text == begin
    while w._undone:
        w.redo()
    assert w.text == end


# -- keys ------------------------------------------------------------------------------------------------------------


def test_shift_selects_with_the_keys(editor):
    w, field, kept = editor()
    press(w, pygame.K_HOME, SHIFT)
    assert field.writing.selected == "the third"
    press(w, pygame.K_UP, SHIFT)
    assert field.writing.selected == "second one\nthe third"
    press(w, pygame.K_RIGHT, SHIFT | CTRL)
    press(w, pygame.K_LEFT, SHIFT)
    assert field.writing.selected == " one\nthe third"
    press(w, pygame.K_c, CTRL)
    assert kept[-1] == " one\nthe third" and field.value == LINES
    press(w, pygame.K_HOME, CTRL)
    assert field.writing.selected == ""
    press(w, pygame.K_DOWN, SHIFT)
    press(w, pygame.K_END, SHIFT)
    press(w, pygame.K_x, CTRL)
    assert kept[-1] == "first line\nsecond one" and field.value == "\nthe third"
    press(w, pygame.K_END, CTRL)
    press(w, pygame.K_v, CTRL)
    assert field.value == "\nthe thirdfirst line\nsecond one"
    press(w, pygame.K_a, CTRL)
    press(w, pygame.K_v, CTRL)
    assert field.value == "first line\nsecond one"
    press(w, pygame.K_HOME, SHIFT | CTRL)
    press(w, pygame.K_BACKSPACE)
    w.dialog.typed("new")
    for text in ("", "first line\nsecond one"):
        press(w, pygame.K_z, CTRL)
        assert field.value == text
    press(w, pygame.K_y, CTRL)
    press(w, pygame.K_z, CTRL | SHIFT)
    assert field.value == "new" and w.dialog is not None


def test_typing_replaces_all_and_esc_leaves_it_as_it_was(editor):
    w, field, kept = editor()
    press(w, pygame.K_a, CTRL)
    w.dialog.typed("x")
    assert field.value == "x" and w.session.analysing is False
    press(w, pygame.K_ESCAPE)
    assert w.session.shown.comment == LINES


def test_nothing_is_cut_that_the_clipboard_does_not_take(editor, monkeypatch):
    w, field, kept = editor()
    monkeypatch.setattr("gui.text_area.to_clipboard", lambda text: False)
    press(w, pygame.K_a, CTRL)
    press(w, pygame.K_x, CTRL)
    assert field.value == LINES and field.writing.selected == LINES
    press(w, pygame.K_RIGHT)
    press(w, pygame.K_c, CTRL)
    assert kept == [""], "nothing was selected"


@pytest.mark.parametrize("text", ["plain", "two\nlines", "柯洁 \U0001f600", "odd \udcff"])
def test_the_clipboard_gives_back_what_it_was_given(window, text):
    window()
    assert to_clipboard(text) and clipboard() == text.replace("\udcff", "?")


def test_a_missing_clipboard_is_none(window, monkeypatch):
    def fails(*_):
        raise pygame.error("no")

    window()
    for name in ("get", "put"):
        monkeypatch.setattr(pygame.scrap, name, fails)
    assert clipboard() == "" and not to_clipboard("x")


# -- the mouse -------------------------------------------------------------------------------------------------------


def test_the_mouse_selects(editor):
    w, field, _ = editor()
    plain = seen(field.area)
    drag(w, spot(field, 0, 6), spot(field, 1, 3), spot(field, 1, 6))
    assert field.writing.selected == "line\nsecond" and seen(field.area) != plain
    drag(w, spot(field, 2, 3), spot(field, 0, 2), spot(field, 1, 7))
    assert field.writing.selected == "one\nthe" and field.writing.cursor < field.writing.anchor
    mouse(w, pygame.MOUSEMOTION, spot(field, 0, 0))
    assert field.writing.selected == "one\nthe", "the button is up"
    click(w, spot(field, 2, 0))
    assert field.writing.selected == "" and w.dialog is not None


def test_shift_and_a_click_select_up_to_there(editor, monkeypatch):
    w, field, _ = editor()
    click(w, spot(field, 0, 6))
    monkeypatch.setattr(pygame.key, "get_mods", lambda: SHIFT)
    click(w, spot(field, 1, 6))
    assert field.writing.selected == "line\nsecond"


def test_two_clicks_select_a_word(editor, monkeypatch):
    w, field, _ = editor()
    now = [5000]
    monkeypatch.setattr(pygame.time, "get_ticks", lambda: now[0])
    click(w, spot(field, 1, 3))
    assert field.writing.selected == ""
    click(w, spot(field, 1, 3))
    assert field.writing.selected == "second"
    now[0] += 1000
    click(w, spot(field, 1, 3))
    assert field.writing.selected == "", "too late"


def test_dragging_beyond_the_field_goes_on(editor):
    w, field, _ = editor("\n".join(f"line {i}" for i in range(60)), (800, 600))
    inside = field._inside(field._theme)
    down = (inside.left + 200, w.dialog.area.bottom + 60)
    drag(w, spot(field, 2, 0), *[(down[0] + i % 2, down[1]) for i in range(5)])
    first = field.first
    up = (inside.left, inside.top - 40)
    drag(w, spot(field, 1, 3), *[(up[0] + i % 2, up[1]) for i in range(4)])
    assert field.first == first - 4
    assert field.writing.selected.startswith("line") and field.writing.selected.count("\n") == 5


def test_a_button_that_goes_up_outside_ends_the_selection(editor):
    w, field, _ = editor()
    drag(w, spot(field, 0, 0), w.dialog.buttons[0].area.center)
    assert w.dialog is not None and field.writing.selected.startswith("first line")
    mouse(w, pygame.MOUSEMOTION, spot(field, 0, 2))
    assert field.writing.cursor > 2


@pytest.mark.parametrize("seed", range(3))
def test_no_click_or_key_breaks_it(editor, seed):
    w, field, _ = editor("\n".join(["long words, 柯洁 and so on, as far as it goes " * 4, ""] * 9), (700, 420))
    rng = random.Random(seed)
    keys = (
        [getattr(pygame, f"K_{name}") for name in "UP DOWN LEFT RIGHT HOME END PAGEUP PAGEDOWN".split()]
        + [getattr(pygame, f"K_{name}") for name in "BACKSPACE DELETE RETURN a c x v y z".split()]
    )  # fmt: skip
    for _ in range(300):
        match rng.randrange(6):
            case 0:
                places = [(rng.randrange(700), rng.randrange(420)) for _ in range(3)]
                inside = [(max(field.area.left, min(x, field.area.right)), y) for x, y in places]
                if all(not b.area.collidepoint(p) for b in w.dialog.buttons for p in inside):
                    drag(w, *inside)
            case 1:
                w.dialog.typed(rng.choice(["a", " ", "wide ", "柯"]))
            case 2:
                w.dialog.wheel(rng.choice([-2, 2]))
            case _:
                mod = rng.choice([0, SHIFT, CTRL, SHIFT | CTRL])
                key = rng.choice(keys)
                if not (key == pygame.K_RETURN and mod & CTRL):
                    press(w, key, mod)
        w.draw()
        assert w.dialog is not None and 0 <= field.writing.cursor <= len(field.value)
