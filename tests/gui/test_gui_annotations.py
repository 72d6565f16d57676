"""What a file says of moves and positions: in words, on the comment's card, and in the file again."""

import pygame
import pytest

from gui.annotations import Annotation, annotation_of
from gui.comments import comment_of
from gui.files import load_record, sgf_of
from tests.gui.hands import button, click, opened, press, seen


def said(text):
    return annotation_of(load_record(f"(;SZ[9];B[ee]{text})".encode()).live)


@pytest.mark.parametrize(
    ("text", "signs", "words"),
    [
        ("BM[1]", "?", "Bad move"),
        ("BM[2]", "??", "Very bad move"),
        ("DO[]", "?!", "Doubtful move"),
        ("IT[]", "!?", "Interesting move"),
        ("TE[1]", "!", "Tesuji"),
        ("TE[2]", "!!", "Excellent tesuji"),
        ("GB[1]", "", "Good for Black"),
        ("GW[2]", "", "Very good for White"),
        ("DM[1]", "", "Even"),
        ("UC[1]", "", "Unclear"),
        ("HO[2]", "", "A decisive moment"),
        ("UC[1]BM[ 2 ]", "??", "Very bad move, unclear"),
        ("TE[]DO[]", "?! !", "Doubtful move, tesuji"),
        ("", "", ""),
        ("C[BM\\[1\\]]SBKV[50]", "", ""),
    ],
)
def test_words(text, signs, words):
    assert (said(text).signs, said(text).words) == (signs, words)


def test_a_value_of_any_length_is_said_plainly():
    assert said(f"BM[{'2' * 100_000}]").words == "Bad move"
    assert said("GB[9\\]]").words == "Good for Black"


def test_of_the_start_no_move_is_said_to_be_bad():
    loaded = load_record(b"(;SZ[9]BM[1]UC[2];B[ee])")
    assert annotation_of(loaded.record.root) == Annotation("", "Very unclear", "")


def test_the_card_tells_it_and_is_not_there_without(window):
    w = opened(window(), ";B[ee];W[cc]BM[1];B[gg]BM[2]GW[1]C[why];W[gc]N[name]TE[1]C[why]")
    press(w, pygame.K_HOME)
    pictures = []
    for number in range(1, 5):
        press(w, pygame.K_RIGHT)
        assert (w.panels.comment.area.height > 0) == (number > 1)
        if number > 1:
            pictures.append(seen(w.panels.comment.area))
    assert len(set(pictures)) == 3
    w.session.shown.kept.pop("TE")
    w.draw()
    assert seen(w.panels.comment.area) != pictures[-1], "below the name"
    w.session.go(-2)
    assert comment_of(w.session.shown).text == ""
    w.draw()
    click(w, button(w, "comment"))
    w.dialog.typed("because")
    press(w, pygame.K_RETURN, pygame.KMOD_CTRL)
    assert b"BM[1]" in sgf_of(w.session) and b"C[because]" in sgf_of(w.session)


@pytest.mark.parametrize("size", [(1000, 740), (700, 420), (500, 900), (360, 360)])
@pytest.mark.parametrize("scale", [0.75, 2.5])
def test_small_windows(window, size, scale):
    w = opened(window(size, scale=scale), f";B[ee]TE[2]BM[2]DO[]IT[]GB[2]UC[1]HO[1]N[name]C[{'words ' * 90}]")
    for tab in ("graph", "comment"):
        w.panels.tab = tab
        w.draw()
        press(w, pygame.K_PAGEDOWN)
        assert w.panels.comment.area.height == 0 or w.layout().column.contains(w.panels.comment.area)


def test_a_narrow_window_has_a_dot(window):
    w = opened(window((500, 900)), ";B[ee]DO[]")
    assert next(b for b in w.panels.buttons if b.action == "tab comment").label == "Comment •"
    w.panels.tab = "comment"
    w.draw()
    assert button(w, "comment")
