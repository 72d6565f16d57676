"""What the shipped networks know of komi and of handicap stones, on the sizes that they are the default for."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from gogame.board import BLACK, WHITE, new_board, play
from gogame.coords import fixed_handicap_points, from_gtp
from gogame.game import Game
from gogame.player import Analysis
from gogame.rules import default_rules, rules_named
from gogame.score import score_game
from mcts.engine import Engine
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


@pytest.mark.parametrize(
    ("rules", "komi", "won"), [("japanese", 4.5, True), ("japanese", -1.5, False), ("chinese", 4.5, False)]
)
def test_handicap_stones_are_no_points_under_territory_rules(rules: str, komi: float, won: bool) -> None:
    """Walls on E and F, Black's 36 points with six stones too many in them, against White's 27."""
    game = Game(9, rules_named(rules).replace(komi=komi, handicap_bonus="none"))
    black = [f"E{row}" for row in range(1, 10)] + ["C3", "C4", "C5", "C6", "C7", "B5"]
    white = [f"F{row}" for row in range(1, 10)]
    game.setup(*([from_gtp(vertex, 9) for vertex in side] for side in (black, white)), WHITE)
    assert (score_game(game).lead < 0) == won
    engine = Engine(visits=100, log=lambda text: None)
    infos: list[Analysis] = []
    engine.analyse(game, infos.append, threading.Event(), visits=100)
    assert (infos[-1].winrate > 0.5) == won
    for lead in (infos[-1].score_lead, engine.raw(game).score_lead):
        assert lead == pytest.approx(-score_game(game).lead, abs=2.5)
