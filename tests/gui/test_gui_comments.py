"""Comments in the window: shown, scrolled, written."""

import time

import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gogame.coords import from_gtp
from gui.candidates import Candidate
from gui.comment_view import CommentDialog
from gui.comments import comment_of
from gui.describe import status_line
from gui.files import is_empty, load_record, sgf_of
from gui.wrapping import wrap
from gui.writing import LONGEST, Writing
from tests.gui.hands import at, button, click, opened, press, seen

LONG = "\n".join(f"line {i}" for i in range(60))
CJK = "黑棋在此处的挂角是标准的下法。白有三种应法"


def wheel(w, at, notches):
    w.mouse = at
    w.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=notches))
    w.draw()


# -- lines -----------------------------------------------------------------------------------------------------------


def letters(text):
    """Pixels: Chinese is wider."""
    return sum(14 if c > "\u1000" else 7 for c in text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one two three four", ["one two ", "three four"]),
        ("one\n\n  two\n", ["one", "", "  two", ""]),
        ("abcdefghijklmnopq", ["abcdefghij", "klmnopq"]),
        ("a abcdefghijklmnopq b", ["a ", "abcdefghij", "klmnopq b"]),
        ("黑棋在此处的挂角", ["黑棋在此处", "的挂角"]),
        ("黑棋在此处。好", ["黑棋在此", "处。好"]),  # no line begins with a full stop
        ("黑棋在此「好」", ["黑棋在此", "「好」"]),  # nor ends with an opening bracket
        ("see 黑棋在 ok", ["see 黑棋在 ", "ok"]),
        ("바둑은 재미있다", ["바둑은 ", "재미있다"]),  # Korean has blanks
        ("“Hello there”", ["“Hello ", "there”"]),
    ],
)
def test_lines(text, lines):
    assert [text[a:b] for a, b in wrap(text, 70 if "“" not in text else 77, letters)] == lines


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab c\n黑。「」 x가“’\x07"), max_size=80), st.integers(14, 120))
def test_lines_are_all_of_the_text_and_fit(text, room):
    spans = wrap(text, room, letters)
    assert text == "".join(
        text[a:b] + text[b : (spans[i + 1][0] if i + 1 < len(spans) else b)] for i, (a, b) in enumerate(spans)
    )
    assert all(text[b:c] in ("", "\n") for (_, b), (c, _) in zip(spans, spans[1:], strict=False))
    assert spans[0][0] == 0 and spans[-1][1] == len(text)
    assert all(letters(text[a:b].rstrip()) <= room for a, b in spans)


def test_a_line_is_measured_as_a_whole():
    """Letters stand closer within words than across them, or the other way around."""
    text = "one two three four five six seven eight nine ten " * 9
    for much in (-1, 1):
        spans = wrap(text, 200, width := lambda part, much=much: letters(part) + much * (len(part) // 4))
        assert all(width(text[a:b].rstrip()) <= 200 for a, b in spans) and len(spans) < 22


@pytest.mark.parametrize("character", "a“。 \n黑")
def test_no_text_takes_long(character):
    begin = time.monotonic()
    assert wrap(character * 50_000, 300, letters)
    assert time.monotonic() - begin < 2


# -- writing ---------------------------------------------------------------------------------------------------------


def test_the_cursor():
    w = Writing("one two")
    w.go(-1, word=True)
    w.insert("x\r\n\ty\x00\x1b\x85z")
    assert (w.text, w.cursor) == ("one x\n    yztwo", 13 - 1)
    w.erase(-1)
    w.erase(1)
    assert w.text == "one x\n    ywo"
    for step in (-1, 1):
        w.cursor = 0 if step < 0 else len(w.text)
        w.erase(step)
    assert w.text == "one x\n    ywo", "there is nothing beyond the ends"
    w.cursor = 0
    w.go(-1)
    w.go(1, word=True)
    assert w.cursor == 4
    w.go(1, word=True)
    assert w.cursor == 10
    w.go(1, word=True)
    assert w.cursor == len(w.text)
    full = Writing("abc", most=5)
    full.insert("defg")
    assert full.text == "abcde"


def test_a_comment_is_written_and_saved(window):
    w = window()
    saves = []
    w.session.on_save = lambda session: saves.append(sgf_of(session))
    click(w, at(w, "E5"))
    before = len(saves)
    press(w, pygame.K_e, pygame.KMOD_CTRL)
    assert isinstance(w.dialog, CommentDialog) and "move 1, Black E5" in w.dialog.title
    w.dialog.typed("good ] \\ 柯洁")
    press(w, pygame.K_RETURN)
    w.dialog.typed("secnd")
    for _ in range(2):
        press(w, pygame.K_LEFT)
    w.dialog.typed("o")
    press(w, pygame.K_HOME)
    press(w, pygame.K_DELETE)
    w.dialog.typed("S")
    press(w, pygame.K_UP)
    press(w, pygame.K_END)
    press(w, pygame.K_BACKSPACE)
    assert w.dialog is not None and len(saves) == before
    press(w, pygame.K_RETURN, pygame.KMOD_CTRL)
    text = "good ] \\ 柯\nSecond"
    assert w.dialog is None and w.session.shown.comment == text
    assert len(saves) == before + 1 and load_record(saves[-1]).live.comment == text
    assert status_line(w.session)[1] == "info"


def test_esc_and_cancel_leave_it_and_an_empty_text_takes_it_away(window):
    w = opened(window(), "C[as it was];B[ee]C[x]")
    for leave in ("esc", "cancel"):
        press(w, pygame.K_e, pygame.KMOD_CTRL)
        w.dialog.typed("more")
        w.draw()
        dialog, empty = w.dialog, seen(w.dialog.buttons[1].area.move(0, -w.theme.px(32)))
        for times in (1, 2, 3):
            press(w, pygame.K_ESCAPE) if leave == "esc" else click(w, dialog.buttons[1].area.center)
            if times == 1:
                assert w.dialog is dialog and "Once more" in dialog.error
                assert seen(w.dialog.buttons[1].area.move(0, -w.theme.px(32))) != empty, "which is to be read"
                assert dialog.field.area.bottom <= dialog.buttons[0].area.top - w.theme.px(32)
                w.dialog.typed(" and more")
                w.draw()
                assert not dialog.error, "this has not been asked"
        assert w.dialog is None and w.session.shown.comment == "x"
        press(w, pygame.K_e, pygame.KMOD_CTRL)
        press(w, pygame.K_ESCAPE)
        assert w.dialog is None, "nothing was written"
    click(w, button(w, "comment"))
    press(w, pygame.K_BACKSPACE)
    w.dialog.typed(" \n ")
    w.draw()
    click(w, w.dialog.buttons[0].area.center)
    assert w.session.shown.comment == "" and w.panels.comment.area.height == 0
    press(w, pygame.K_HOME)
    press(w, pygame.K_e, pygame.KMOD_CTRL)
    assert "the start" in w.dialog.title and w.dialog.field.value == "as it was"


def test_it_is_written_to_the_position_it_was_begun_at(window):
    """The engine may move meanwhile."""
    w = opened(window(), ";B[ee];W[cc]")
    press(w, pygame.K_LEFT)
    node = w.session.shown
    press(w, pygame.K_e, pygame.KMOD_CTRL)
    w.dialog.typed("late")
    w.session.go(1)
    press(w, pygame.K_RETURN, pygame.KMOD_CTRL)
    assert (node.comment, w.session.shown.comment) == ("late", "")


def test_lines_are_pasted(window, monkeypatch):
    monkeypatch.setattr("gui.comment_view.clipboard", lambda: "one\r\ntwo\tthree\x07")
    w = window()
    w.actions.run("comment")
    press(w, pygame.K_v, pygame.KMOD_CTRL)
    assert w.dialog.field.value == "one\ntwo    three"


def test_the_mouse_and_the_keys_move_the_cursor_in_a_long_text(window):
    w = opened(window((800, 600)), f";B[ee]C[{LONG}]")
    w.actions.run("comment")
    w.draw()
    field = w.dialog.field
    end = seen(field.area)
    press(w, pygame.K_HOME, pygame.KMOD_CTRL)
    assert field.writing.cursor == 0 and seen(field.area) != end
    press(w, pygame.K_DOWN)
    press(w, pygame.K_RIGHT)
    assert field.writing.cursor == len("line 0\nl")
    press(w, pygame.K_PAGEDOWN)
    rows = field._rows
    assert field.value[: field.writing.cursor].count("\n") == rows
    wheel(w, field.area.center, 5)
    click(w, (field.area.left + 12, field.area.top + 10))
    assert field.writing.cursor == 0
    click(w, (field.area.right - 20, field.area.top + 10))
    assert field.writing.cursor == len("line 0")
    press(w, pygame.K_END, pygame.KMOD_CTRL)
    assert field.writing.cursor == len(LONG) and seen(field.area) == end


def test_the_cursor_stays_in_a_line_that_goes_on(window):
    w = opened(window(), f";B[ee]C[{CJK * 9}]")
    w.actions.run("comment")
    w.draw()
    field = w.dialog.field
    press(w, pygame.K_HOME, pygame.KMOD_CTRL)
    press(w, pygame.K_END)
    first = field.writing.cursor
    assert field.writing.line_of(field._lines()) == 0 and 0 < first < len(field.value)
    press(w, pygame.K_DOWN)
    assert field.writing.line_of(field._lines()) == 1
    press(w, pygame.K_HOME)
    assert field.writing.cursor == first + 1


def test_what_is_too_long_is_shown_in_part_and_not_edited(window):
    w = opened(window(), f";B[ee]C[{'word ' * 12_000}]")
    assert len(comment_of(w.session.shown).text) < LONGEST + 100
    press(w, pygame.K_e, pygame.KMOD_CTRL)
    assert w.dialog is None and "too long" in status_line(w.session)[0]
    begin = time.monotonic()
    w.draw()
    assert time.monotonic() - begin < 0.5, "the lines are remembered"


@pytest.mark.parametrize(
    "text", ["a\x00\x01\x1b[31m\x7f\u200b\u202e", "\udcff\udc80", "\U0001f600" * 50, "\n" * 5000, CJK]
)
def test_no_text_breaks_the_window(window, text):
    w = opened(window(), f";B[ee]C[{text}x]N[{text}]LB[aa:{text}y]")
    assert w.panels.comment.area.height
    press(w, pygame.K_PAGEDOWN)
    w.actions.run("comment")
    w.draw()
    press(w, pygame.K_UP)


# -- the card --------------------------------------------------------------------------------------------------------


def test_the_card_is_there_where_something_is_written(window):
    w = opened(window(), f";B[ee];W[cc]C[short];B[gg]N[only a name];W[gc]C[ \n ];B[cg]C[{LONG}]")
    high = {}
    for number in range(6):
        w.session.go_number(number)
        w.draw()
        high[number] = w.panels.comment.area.height
        assert w.panels.graph_area.height > 0, "the graph stays"
        assert not high[number] or w.panels.comment.area.top > w.panels.graph_area.bottom
    assert high[0] == high[1] == high[4] == 0 < high[2] == high[3] < high[5]
    assert w.panels.comment.area.bottom <= w.layout().column.bottom


@pytest.mark.parametrize("size", [(1120, 800), (1000, 740)])
def test_the_candidates_keep_their_room(window, size):
    w = opened(window(size), f";B[ee]C[{LONG}]")
    w.session.candidates = tuple(Candidate(from_gtp(v, 9), 9, 0.5, 0.0) for v in ("C3", "G3", "C7"))
    w.draw()
    assert len(w.panels.rows) == 3 and w.panels.graph_area.height and w.panels.comment.area.height
    assert max(area.bottom for area, _ in w.panels.rows) < w.panels.comment.area.top


@pytest.mark.parametrize("size", [(800, 600), (700, 420), (640, 480), (500, 900), (360, 360)])
@pytest.mark.parametrize("scale", [0.75, 2.5])
def test_small_windows(window, size, scale):
    w = opened(window(size, scale=scale), f";B[ee]C[{LONG}]N[name]TR[ee]LB[aa:label]")
    for tab in ("graph", "comment"):
        w.panels.tab = tab
        w.draw()
        column = w.layout().column
        assert w.panels.comment.area.height == 0 or column.contains(w.panels.comment.area)
    w.actions.run("comment")
    w.draw()
    assert w.dialog.field.area.bottom <= w.dialog.buttons[0].area.top


def test_a_narrow_window_has_a_tab(window):
    w = opened(window((500, 900)), f"C[{LONG}];B[ee]")
    press(w, pygame.K_HOME)
    tab = next(b for b in w.panels.buttons if b.action == "tab comment")
    assert tab.label == "Comment •" and w.panels.comment.area.height == 0
    click(w, tab.area.center)
    top = seen(w.panels.comment.area)
    press(w, pygame.K_PAGEDOWN)
    assert seen(w.panels.comment.area) != top
    press(w, pygame.K_RIGHT)
    assert next(b for b in w.panels.buttons if b.action == "tab comment").label == "Comment"
    click(w, button(w, "comment"))
    w.dialog.typed("new")
    press(w, pygame.K_RETURN, pygame.KMOD_CTRL)
    assert w.session.shown.comment == "new"


def test_the_wheel_scrolls_a_long_comment_and_else_walks(window):
    w = opened(window(), f";B[ee];W[cc]C[short];B[gg]C[{LONG}]")
    card = w.panels.comment.area.copy()
    top = seen(card)
    wheel(w, card.center, -1)
    assert w.session.shown.number == 3 and seen(card) != top
    wheel(w, card.center, 9)
    assert w.session.shown.number == 3 and seen(card) == top
    for _ in range(40):
        press(w, pygame.K_PAGEDOWN)
    end = seen(card)
    press(w, pygame.K_PAGEUP)
    assert seen(card) != end
    wheel(w, w.layout().board.center, 1)
    assert w.session.shown.number == 2
    wheel(w, w.panels.comment.area.center, 1)
    assert w.session.shown.number == 1, "a short one has nothing to scroll"
    opened(w, f";B[ee]C[{LONG}];W[cc]C[{LONG}]")
    top = seen(card)
    press(w, pygame.K_PAGEDOWN)
    assert seen(card) != top
    press(w, pygame.K_LEFT)
    assert seen(card) == top, "another position begins at its top"


def test_a_game_with_nothing_but_a_comment_is_kept(window):
    w = window()
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    w.session.write(w.session.shown, "a thought")
    assert not is_empty(w.store.load_autosave())
    w.actions.run("new")
    press(w, pygame.K_RETURN)
    (kept,) = (w.store.data / "games").iterdir()
    assert "C[a thought]" in kept.read_text()
    assert w.store.load_autosave() is None
