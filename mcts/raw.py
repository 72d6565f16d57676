"""What the network alone says of positions, before any search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gogame.board import EMPTY
from gogame.game import Game
from gogame.geometry import geometry
from gogame.player import RawAnswer
from gogame.score import komi_shown
from mcts.arrays import Leaves, new_leaves
from mcts.leaves import NetEvaluator


def raw_answer(evaluator: NetEvaluator, game: Game, symmetry: int) -> RawAnswer:
    """The network's answer about ``game``, shown to it under one of the eight symmetries (0: as it is).

    ``evaluator``: of the game's size; it is put to the game's rules, as before every search.
    """
    evaluator.rules = game.rule_set()
    turned = geometry(game.size).symmetry[symmetry]  # the pass last, as it is
    leaves = new_leaves(game.size, 1)
    legal = _fill_leaf(leaves, 0, game)
    found = evaluator.net.evaluate(*evaluator.fill(leaves, 1, np.array([symmetry])))
    logits = found.policy[0].astype(np.float64)[turned]
    logits[:-1][~legal] = -np.inf
    policy, value = _softmax(logits), _softmax(found.value[0].astype(np.float64))
    policy[:-1][~legal] = np.nan
    mean, spread = (float(x) for x in found.score[0])
    win, loss, no_result = (float(x) for x in value)
    return RawAnswer(
        win, loss, no_result, mean, spread, policy, found.ownership[0].reshape(-1)[turned[:-1]], game.to_move
    )


def ownerships_after(evaluator: NetEvaluator, game: Game, points: Sequence[int]) -> list[np.ndarray]:
    """The ownership after each of these moves of the side to move, as that side sees it: float32 [S*S] in [-1, 1].

    One look each, not turned, in batches. May be called between two steps of a search of the same game's.
    """
    evaluator.rules = game.rule_set()
    found: list[np.ndarray] = []
    for begin in range(0, len(points), evaluator.batch):
        some = points[begin : begin + evaluator.batch]
        rows = min(1 << (len(some) - 1).bit_length(), evaluator.batch)  # the sizes that are compiled; the rest is empty
        leaves = new_leaves(game.size, rows)
        for row, point in enumerate(some):
            after = game.copy()
            after.play(point)
            if after.is_over:
                after.resume()
            _fill_leaf(leaves, row, after)
        answer = evaluator.net.evaluate(*evaluator.fill(leaves, rows, np.zeros(rows, np.int64)))
        found += [-owned.reshape(-1) for owned in answer.ownership[: len(some)]]
    return found


def _softmax(logits: np.ndarray) -> np.ndarray:
    p: np.ndarray = np.exp(logits - logits.max())
    return p / p.sum()


def _fill_leaf(leaves: Leaves, row: int, game: Game) -> np.ndarray:
    """Writes the position into an empty row of a batch; returns which points are legal (bool [S*S] by action)."""
    for part, array in zip(leaves.board, game.board, strict=True):
        part[row] = array
    leaves.info[row].to_move = game.to_move
    leaves.info[row].komi = komi_shown(game.board, game.to_move, game.rule_set(), game.passes)
    recent = game.recent_moves(leaves.recent.shape[1])
    leaves.recent[row, : len(recent)] = recent
    points = geometry(game.size).points
    legal: np.ndarray = np.isin(points, game.legal_points())
    doubtful = points[~legal & (game.board.color[points] == EMPTY)]
    leaves.forbidden[row, doubtful] = [game.why_illegal(int(point)) in ("ko", "superko") for point in doubtful]
    return legal
