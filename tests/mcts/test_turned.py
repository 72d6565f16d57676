"""Whatever way a position is shown to the network, its answers are turned back."""

from __future__ import annotations

import numpy as np

from gogame.game import Game
from mcts.arrays import new_leaves
from mcts.leaves import NetEvaluator
from tests.mcts.local_net import Local
from tests.mcts.test_search import random_game


def leaves_of(games: list[Game]):
    leaves = new_leaves(games[0].size, len(games))
    for k, game in enumerate(games):
        for row, array in zip(leaves.board, game.board, strict=True):
            row[k] = array
        leaves.info[k].to_move, leaves.info[k].komi = game.to_move, game.komi
        recent = game.recent_moves(5)
        leaves.recent[k] = -1
        leaves.recent[k, : len(recent)] = recent
    return leaves


def test_answers_are_turned_back() -> None:
    games = [random_game(9, plies, plies) for plies in (3, 8, 15, 22, 30, 37, 41, 50)]
    leaves = leaves_of(games)
    plain = NetEvaluator(Local(9), games[0].rule_set(), "none").evaluate(leaves, 8)
    plain = [part.copy() for part in plain]
    turned = NetEvaluator(Local(9), games[0].rule_set(), "random", seed=3).evaluate(leaves, 8)
    for a, b in zip(plain, turned, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_the_average_over_the_symmetries_is_turned_back() -> None:
    game = random_game(9, 30, 1)
    leaves = leaves_of([game] * 8)
    net = NetEvaluator(Local(9), game.rule_set(), "none")
    policy, *rest = (part[0].copy() for part in net.evaluate(leaves, 1))
    found = net.evaluate(leaves, 1, average=True)
    np.testing.assert_allclose(np.exp(policy) / np.exp(policy).sum(), np.exp(found.policy[0]), atol=1e-5)
    for a, b in zip(rest, found[1:], strict=True):
        np.testing.assert_allclose(a, b[0], atol=1e-5)
