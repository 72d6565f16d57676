"""What the shipped networks know of komi and of handicap stones, on the sizes that they are the default for."""

from __future__ import annotations

import numpy as np
import pytest

from gogame.board import BLACK, WHITE, new_board, play
from gogame.coords import fixed_handicap_points
from gogame.rules import default_rules
from nets.config import GLOBALS, PLANES
from nets.evaluator import make_evaluator
from nets.measure import value_of
from nets.planes import HISTORY, fill_planes, new_plane_scratch

pytestmark = pytest.mark.usefixtures("needs_jit")


def values(size: int, cases: list[tuple[float, int]]) -> np.ndarray:
    """Black's value of the board with these handicap stones, White to move (0: the empty board, Black to move)."""
    planes, globals_ = np.zeros((len(cases), PLANES, size, size), np.uint8), np.zeros((len(cases), GLOBALS), np.float32)
    scratch, recent, free = new_plane_scratch(size), np.full(HISTORY, -1, np.int16), np.zeros((size + 2) ** 2, np.uint8)
    sides = []
    for row, (komi, stones) in enumerate(cases):
        board = new_board(size)
        for point in fixed_handicap_points(size, stones) if stones else ():
            play(board, point, BLACK)
        to_move = WHITE if stones else BLACK
        rules = default_rules(size).replace(komi=komi).kernel()
        fill_planes(board, to_move, recent, rules, free, scratch, scratch.upright, planes[row], globals_[row])
        sides.append(1 if to_move == BLACK else -1)
    return np.array(sides) * value_of(make_evaluator(None, size).evaluate(planes, globals_).value)


@pytest.mark.parametrize(("size", "least"), [(9, 1.0), (13, 0.5), (19, 0.5)])
def test_komi_is_worth_points_to_white(size: int, least: float) -> None:
    found = values(size, [(komi, 0) for komi in (-8.5, 6.5, 21.5)])
    assert found[0] > found[1] > found[2] and found[0] - found[2] > least


@pytest.mark.parametrize("size", [13, 19])
def test_handicap_stones_are_worth_more_the_more_there_are(size: int) -> None:
    found = values(size, [(0.5, stones) for stones in (2, 4, 9)])
    assert found[0] < found[1] < found[2] and found[2] > 0.6
