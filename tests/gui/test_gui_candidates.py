"""The candidates' rings tell what they lose, and not by their colours alone."""

from dataclasses import replace

import numpy as np
import pygame
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gogame.geometry import PASS
from gui import theme as look
from gui.candidate_view import BAD, BEST, FAIR, GOOD, UNKNOWN, draw_candidates, ring_image, ring_of, text_of
from gui.candidates import Candidate
from gui.describe import picture, status_line
from gui.mistakes import Loss, is_large, loss_beside
from gui.wrapping import whole
from tests.gui.hands import click, mouse, moves, seen
from tests.gui.played import two


@pytest.mark.parametrize(
    "points, winrate, ring",
    [
        (0.0, 0.0, GOOD),
        (1.0, 0.03, GOOD),
        (1.1, 0.0, FAIR),
        (0.0, 0.04, FAIR),
        (3.0, 0.1, FAIR),
        (3.1, 0.0, BAD),
        (0.0, 0.11, BAD),
    ],
)
def test_the_ring_is_of_the_loss(points, winrate, ring):
    assert ring_of(1, Loss(points, winrate)) is ring
    assert (ring is BAD) == is_large(Loss(points, winrate)), "red as the graph's dots"
    assert ring_of(0, Loss(points, winrate)) is BEST


def test_without_a_loss_it_is_as_before():
    assert ring_of(1, None) is UNKNOWN and ring_of(0, None) is BEST


@pytest.mark.parametrize("color", [BLACK, WHITE])
def test_a_loss_is_that_of_the_side_to_move(color):
    side = 1 if color == BLACK else -1
    best = Candidate(1, 100, 0.5 + side * 0.1, side * 4.0)
    worse, better = Candidate(2, 10, 0.5, 0.0), Candidate(3, 1, 0.5 + side * 0.2, side * 6.0)
    assert loss_beside(best, worse, color) == Loss(4.0, pytest.approx(0.1))
    assert loss_beside(best, better, color) == Loss(0.0, 0.0)


def test_the_board_is_told_what_candidates_lose():
    p = two()
    p.click("E5")
    points = [from_gtp(v, 9) for v in ("C3", "G5", "D6")]
    p.session.candidates = (
        Candidate(points[0], 90, 0.4, -2.0),
        Candidate(points[1], 5, 0.42, -1.5),
        Candidate(points[2], 5, 0.6, 4.0),
    )
    found = picture(p.session, None)
    assert [loss.points for loss in found.losses] == [0.0, 0.5, 6.0], "White is to move"
    p.session.pointed_at = points[0]
    assert picture(p.session, None).losses == ()


@pytest.mark.parametrize("radius", [5.5, 12.0, 30.0])
def test_without_colours_they_still_differ(radius):
    pygame.display.init()
    pygame.display.set_mode((100, 100))
    shapes = [pygame.surfarray.array_alpha(ring_image(radius, r, max(1.5, radius / 8))) for r in (GOOD, FAIR, BAD)]
    for a in range(3):
        for b in range(a):
            off = np.abs(shapes[a].astype(int) - shapes[b].astype(int))
            assert (off > 90).sum() >= 0.08 * (shapes[0] > 90).sum()
    pygame.quit()


def test_the_window_shows_it(window):
    w = window()
    points = [from_gtp(v, 9) for v in ("C3", "G5", "D6")]
    w.session.candidates = tuple(Candidate(point, 30, 0.6 - 0.05 * i, 2.0) for i, point in enumerate(points))
    w.draw()
    cells = [w.board.cell_rect(point) for point in points]
    shown = [seen(cell) for cell in cells]
    w.board.draw(pygame.display.get_surface(), replace(picture(w.session, None), losses=(Loss(0.0, 0.0),) * 3))
    plain = [seen(cell) for cell in cells]
    assert [a != b for a, b in zip(shown, plain, strict=True)] == [False, True, True]


@pytest.mark.parametrize(
    "cell, to_move, texts",
    [
        (28, BLACK, ["55%", "−1.2", "0.0", "−12", "−9.9"]),
        (28, WHITE, ["45%", "−1.2", "0.0", "−12", "−9.9"]),
        (27, BLACK, ["1", "2", "3", "4", "5"]),
    ],
)
def test_the_discs_tell_it_in_numbers_where_there_is_room(cell, to_move, texts):
    losses = [Loss(points, 0.0) for points in (0.0, 1.2, 0.04, 12.3, 9.94)]
    candidates = [Candidate(i + 1, 10, 0.55 - 0.1 * i, 0.0) for i in range(5)]
    assert [text_of(i, c, losses, to_move, cell) for i, c in enumerate(candidates)] == texts
    assert text_of(1, candidates[1], (), to_move, 60) == "2", "what is not known is not told"


def test_a_disc_has_room_for_its_text(window):
    """Whatever stands on it ends within the ring."""
    w = window((800, 600))
    board, labels = w.board, []
    label = w.theme.label
    w.theme.label = lambda *rest: labels.append(label(*rest)) or labels[-1]
    surface = pygame.display.get_surface()
    for cell in range(28, 90, 3):
        board.cell = cell
        for points in (0.04, 9.94, 88.8):
            labels.clear()
            few = (Candidate(41, 9999, 1.0, 0.0), Candidate(42, 1, 0.5, 0.0))
            draw_candidates(surface, board, few, (Loss(0.0, 0.0), Loss(points, 0.0)), [0] * 200, board.diameter, BLACK)
            assert all(image.get_width() < 0.84 * board.diameter for image in labels[-1:]) and labels


def told(p, vertex="K11"):
    """What the line under the board says of a candidate that is pointed at."""
    p.session.point_to(None, from_gtp(vertex, p.session.size))
    return p.status


def test_the_line_under_the_board_tells_of_the_one_that_is_pointed_at():
    p = two(size=13)
    points = [from_gtp(v, 13) for v in ("M3", "K11", "L1")]
    p.session.candidates = (
        Candidate(points[0], 90, 0.55, 2.3),
        Candidate(points[1], 40, 0.505, -1.13, 0.1, (points[1], points[2], PASS)),
    )
    p.session.say("something else")
    assert told(p) == "2 K11, 50.5%, W+1.1, 40 visits: K11 L1 pass"
    assert told(p, "M3") == "1 M3, 55.0%, B+2.3, 90 visits"
    assert told(p, "A1") == "something else"


def test_a_long_variation_is_cut_between_moves():
    text = "K11 L1 H2 J11 K1 G4"
    assert whole(text, len(text), len) == text
    for room in range(len(text)):
        cut = whole(text, room, len).split()
        assert cut[-1] == "…" and cut[:-1] == text.split()[: len(cut) - 1]


def test_a_row_is_lit_and_clicked_as_its_point_is(window):
    w = window((1120, 800))
    points = [from_gtp(v, 9) for v in ("C3", "G5", "D6")]
    w.session.candidates = tuple(Candidate(point, 30, 0.6, 2.0) for point in points)
    w.draw()
    area, point = w.panels.rows[1]
    edge = area.left + 1, area.top + 3  # where no letter is
    assert pygame.display.get_surface().get_at(edge)[:3] == look.CARD
    for place in (area.center, w.board.center(point)):
        mouse(w, pygame.MOUSEMOTION, place)
        assert pygame.display.get_surface().get_at(edge)[:3] == look.CARD_ACTIVE
    mouse(w, pygame.MOUSEBUTTONDOWN, area.center)
    mouse(w, pygame.MOUSEBUTTONUP, w.panels.rows[0][0].center)
    assert not moves(w), "the button went up over another row"
    click(w, area.center)
    assert moves(w) == [point]
    w.session.candidates = (Candidate(PASS, 30, 0.6, 2.0),)
    w.draw()
    click(w, w.panels.rows[0][0].center)
    assert moves(w) == [point] and status_line(w.session)[0] == "P passes"
