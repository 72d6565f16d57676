"""What moves have cost: told, marked on the graph, gone to."""

import pygame
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gui import theme as look
from gui.describe import graph, status_line
from gui.graph import CORES
from gui.mistakes import is_mistake, loss_of, loss_text, tally_text
from gui.record import Node
from tests.gui.hands import at, click, press
from tests.gui.played import two

# Win rate and score after each move: the third is a mistake by points, the fourth by win rate, the fifth by both.
VIEWS = ((0.5, 0.0), (0.52, 0.3), (0.49, -0.1), (0.44, -3.3), (0.556, -2.0), (0.3, -6.0))


def analysed(session):
    for node, (winrate, score) in zip(session.line(), VIEWS, strict=True):
        node.winrate, node.score = winrate, score


@pytest.mark.parametrize(
    ("color", "before", "after", "text", "mistake"),
    [
        (BLACK, (0.61, 2.0), (0.5, -0.3), "2.3 points, 11% lost", True),
        (WHITE, (0.39, -2.0), (0.5, 0.3), "2.3 points, 11% lost", True),
        (BLACK, (0.5, 3.1), (0.5, 0.0), "3.1 points lost", True),
        (WHITE, (0.5, 0.0), (0.59, -1.0), "9% lost", False),
        (BLACK, (0.5, 0.0), (0.9, 9.0), "nothing lost", False),
        (BLACK, (0.5, None), (0.496, None), "nothing lost", False),
    ],
)
def test_a_loss_is_the_movers(color, before, after, text, mistake):
    node = Node(Node(), color, from_gtp("D4", 9), 1)
    assert loss_of(node) is None and loss_of(node.parent) is None
    node.parent.winrate, node.parent.score = before
    assert loss_of(node) is None
    node.winrate, node.score = after
    assert loss_text(loss_of(node)) == text and is_mistake(node) == mistake


def test_the_line_under_the_board_tells_what_a_move_has_cost():
    p = two()
    p.click("E5", "C3", "G5", "C5", "G3")
    p.session.go(-2)
    assert p.status.startswith("Looking at move 3")
    analysed(p.session)
    assert p.status == "Move 3, Black G5: 3.2 points, 5% lost. End goes back"
    p.session.go(-2)
    assert "Move 1, Black E5: nothing lost" in p.status
    p.session.go(-1)
    assert p.status.startswith("Looking at move 0")
    assert graph(p.session).mistakes == {3: BLACK, 4: WHITE, 5: BLACK}


def test_keys_go_to_the_mistakes(window):
    w = window()
    for vertex in ("E5", "C3", "G5", "C5", "G3"):
        click(w, at(w, vertex))
    press(w, pygame.K_n)
    assert not w.session.reviewing and "No mistake is known after this move. Ctrl+A" in w.session.message[0]
    analysed(w.session)
    seen = []
    press(w, pygame.K_HOME)
    for _ in range(3):
        press(w, pygame.K_n)
        seen.append(w.session.shown.number)
    assert seen == [3, 4, 5] and status_line(w.session)[0] == "Move 5, Black G3: 4.0 points, 26% lost"
    press(w, pygame.K_n)
    assert w.session.message[0] == "No mistake is known after this move"
    press(w, pygame.K_n, pygame.KMOD_SHIFT)
    press(w, pygame.K_n, pygame.KMOD_SHIFT)
    assert w.session.shown.number == 3 and w.dialog is None
    press(w, pygame.K_n, pygame.KMOD_SHIFT)
    assert w.session.shown.number == 3 and "before this move" in w.session.message[0]


def test_mistakes_are_marked_on_the_graph(window):
    w = window()
    for vertex in ("E5", "C3", "G5", "C5", "G3"):
        click(w, at(w, vertex))

    def marked(color=look.BAD):
        """The moves that have something of this color, and how high that stands: 0 at the foot, 1 at the top."""
        w.draw()
        area = w.panels.graph_area
        picture = pygame.display.get_surface()
        return {
            w.panels.graph.move_at(x): (area.bottom - 6 - y) / (area.height - 12)
            for x in range(area.left, area.right)
            for y in range(area.top, area.bottom)
            if sum(abs(a - b) for a, b in zip(picture.get_at((x, y))[:3], color, strict=True)) < 12
        }

    assert not marked()
    analysed(w.session)
    assert set(marked()) == set(graph(w.session).mistakes) == {3, 4, 5}
    assert set(marked(CORES[BLACK])) == {3, 5} and set(marked(CORES[WHITE])) == {4}, "whose they are"
    assert abs(marked(CORES[BLACK])[5] - 0.3) < 0.05, "on the win rate's line"
    w.session.live.winrate = 0.04
    assert abs(marked(CORES[BLACK])[5] - 0.2) < 0.05, "on the score's, -6 of 10, where the win rate is at its end"


def test_an_analysis_is_summed_up_for_each_side():
    p = two()
    assert tally_text(p.session.line()) == ""
    p.click("E5", "C3", "G5", "C5", "G3")
    analysed(p.session)
    assert tally_text(p.session.line()) == "Black: 2 mistakes, 2.4 points lost a move; White: 1, 0.6"
    assert tally_text(p.session.line()[:3]) == "Black: no mistakes, 0.0 points lost a move; White: none, 0.0"
    for node in p.session.line():
        node.score = None
    assert tally_text(p.session.line()) == "Black: 1 mistake; White: 1", "by the win rate alone"
