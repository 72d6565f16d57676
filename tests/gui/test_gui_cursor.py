"""The keys' cursor: what it does is what the mouse does, and the other keys stay what they are."""

import numpy as np
import pygame
import pytest

from gogame.coords import from_gtp, to_gtp
from gogame.geometry import row_col
from gui.candidates import Candidate
from gui.describe import picture, status_line
from gui.new_game import make_record
from gui.store import Settings
from tests.gui.hands import at, click, mouse, moves, opened, press, seen

UP, DOWN, LEFT, RIGHT = pygame.K_UP, pygame.K_DOWN, pygame.K_LEFT, pygame.K_RIGHT


def place(w):
    point = w.cursor.point
    return None if point is None else to_gtp(point, w.session.size)


def steer(w, vertex):
    """Show the cursor and walk to a point, by way of the upper left corner."""
    if w.cursor.point is None:
        press(w, pygame.K_SPACE)
    row, col = row_col(from_gtp(vertex, w.session.size), w.session.size)
    for key, times in ((UP, 30), (LEFT, 30), (DOWN, row), (RIGHT, col)):
        for _ in range(times):
            w.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0))
            w.handle(pygame.event.Event(pygame.KEYUP, key=key, mod=0))
    w.draw()


def test_arrows_move_it_as_far_as_the_edges(window):
    w = window()
    press(w, LEFT)
    assert place(w) is None
    press(w, pygame.K_SPACE)
    assert place(w) == "E5" and "Esc" in status_line(w.session)[0] and not moves(w)
    for key, then in ((UP, "E6"), (RIGHT, "F6"), (DOWN, "F5"), (LEFT, "E5")):
        press(w, key)
        assert place(w) == then
    for key, corner in ((UP, "E9"), (RIGHT, "J9"), (DOWN, "J1"), (LEFT, "A1")):
        for _ in range(10):
            w.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=pygame.KMOD_NUM))  # held down
        assert place(w) == corner
    for _ in range(3):
        w.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_SPACE, mod=0))
    assert moves(w) == [from_gtp("A1", 9)] and not w.session.message[0], "held, Space is one click"


GAME = ";B[ee];W[cc];B[gc]"  # E5 C7 G7


def in_play(w):
    return opened(w, GAME)


def tried(w):
    press(opened(w, GAME), LEFT)


def counting(w):
    opened(w, GAME)
    for _ in range(2):
        press(w, pygame.K_p)
    w.session.receive(("score", len(w.session.link.asked), (), (0.0,) * 81))


def over(w):
    opened(w, GAME).session.resign()


def engines_turn(w):
    opened(w, GAME)
    w.session.settings.white = "engine"
    assert w.session.engine_turn()


@pytest.mark.parametrize("state", [in_play, tried, counting, over, engines_turn])
@pytest.mark.parametrize("vertex", ["D4", "C7", "G7"])  # free; a stone; the move that follows where one was tried out
def test_space_is_a_click(window, state, vertex):
    def after(act):
        w = window()
        state(w)
        act(w)
        s = w.session
        return moves(w), [n.point for n in s.shown.path()], s.phase, set(s.dead), s.message, len(s.link.asked)

    def by_keys(w):
        steer(w, vertex)
        press(w, pygame.K_SPACE)
        assert place(w) == vertex

    untouched = after(lambda w: None)
    clicked = after(lambda w: click(w, at(w, vertex)))
    assert after(by_keys) == clicked
    assert clicked != untouched or (state, vertex) == (counting, "D4"), "no stone to be dead"


def test_it_appears_at_the_last_stone_and_esc_puts_it_away(window):
    w = opened(window(), GAME)
    press(w, pygame.K_p)
    press(w, pygame.K_a)
    assert w.session.analysing
    press(w, pygame.K_SPACE)
    assert place(w) == "G7"
    for key, mod, number in ((pygame.K_z, 0, 3), (LEFT, pygame.KMOD_CTRL, 0), (pygame.K_END, 0, 4)):
        press(w, key, mod)
        assert w.session.shown.number == number and place(w) == "G7", "the other keys go through the game"
    press(w, pygame.K_ESCAPE)
    assert place(w) is None and w.session.analysing
    press(w, LEFT)
    assert w.session.shown.number == 3
    press(w, pygame.K_ESCAPE)
    assert not w.session.analysing


def test_the_mouse_puts_it_away(window):
    w = window()
    mouse(w, pygame.MOUSEMOTION, at(w, "C3"))
    steer(w, "G7")
    assert w.ghost == from_gtp("G7", 9) and picture(w.session, w.ghost).ghost
    mouse(w, pygame.MOUSEMOTION, at(w, "C3"))
    assert place(w) == "G7", "the mouse has not moved"
    mouse(w, pygame.MOUSEMOTION, at(w, "C4"))
    assert place(w) is None and w.ghost == from_gtp("C4", 9)


def test_dialogs_have_their_keys_for_themselves(window):
    w = window()
    steer(w, "C3")
    press(w, pygame.K_e, pygame.KMOD_CTRL)
    for key, text in ((pygame.K_a, "a"), (pygame.K_SPACE, " "), (pygame.K_b, "b"), (LEFT, ""), (UP, "")):
        press(w, key, text=text)
    assert w.dialog.field.value == "a b" and place(w) == "C3" and not moves(w)
    press(w, pygame.K_RETURN, pygame.KMOD_CTRL)
    press(w, pygame.K_g, pygame.KMOD_CTRL)
    press(w, pygame.K_ESCAPE)
    assert w.dialog is None and place(w) == "C3", "Esc was the dialog's"


def test_variations_are_shown_as_under_the_mouse(window):
    w = window()
    points = [from_gtp(v, 9) for v in ("C3", "D3")]
    w.session.candidates = tuple(Candidate(point, 30, 0.6, 2.0) for point in points)
    w.draw()
    steer(w, "C3")
    assert w.session.preview is w.session.candidates[0]
    press(w, RIGHT)
    assert w.session.preview is w.session.candidates[1]
    press(w, UP)
    assert w.session.preview is None


def test_another_board_has_none(window):
    w = window()
    steer(w, "J9")
    w.session.load(make_record(Settings(size=7)))
    w.draw()
    assert place(w) is None
    press(w, pygame.K_SPACE)
    assert place(w) == "D4"


@pytest.mark.parametrize("vertex", ["E5", "C7", "D4", "A1"])  # black, white, wood, the corner
@pytest.mark.parametrize("size", [(1000, 740), (400, 560)])
def test_it_is_seen_on_everything(window, size, vertex):
    """Dark and light side by side, whatever lies below."""
    w = opened(window(size), ";B[ee];W[cc]")

    def grey():
        area = w.board.cell_rect(from_gtp(vertex, 9))
        return np.frombuffer(seen(area), np.uint8).reshape(area.width, area.width, 3).mean(axis=2)

    mouse(w, pygame.MOUSEMOTION, at(w, vertex))
    hovered = grey()
    steer(w, vertex)
    shown = grey()
    changed = np.abs(shown - hovered) > 40
    assert (changed & (shown > 230)).sum() >= 16 and (changed & (shown < 40)).sum() >= 16
