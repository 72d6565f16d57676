"""Analyses that look at more of the first moves than a game does, and the visits along a variation."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from gogame.board import BLACK
from mcts.arrays import Params, Tree
from mcts.root import next_random, wide_edge
from mcts.search import Search, SearchConfig
from tests.mcts.test_search import random_game
from tests.naive_search import FakeEvaluator


def searched(wide: float, visits: int = 300, seed: int = 5, plies: int = 6, batch: int = 4) -> Search:
    search = Search(FakeEvaluator(5, batch), 5, SearchConfig(batch=batch, early_stop=False), seed=seed)
    search.set_position(random_game(5, plies, 2))
    search.run(visits, wide=wide)
    return search


def expected(tree: Tree, params: Params, wide: float, random: np.ndarray) -> int:
    """The point that the formula chooses, worked out move by move with plain floats."""
    root, sign = tree.node[0], 1.0 if tree.node[0].to_move == BLACK else -1.0
    total = int(root.visits + root.pending)

    def utility(node) -> float:
        lead = sign * (node.score / node.visits - params.score_center)
        return sign * node.value / node.visits + params.score_weight * lead / (params.score_scale + abs(lead))

    scale = params.c_puct + params.c_puct_log * math.log((total + params.c_puct_base) / params.c_puct_base)
    edges = list(tree.edge[root.first : root.first + root.edges])
    opened, rest = edges[: root.opened], edges[root.opened :]
    rest.sort(key=lambda edge: (-edge.prior, edge.point or 10**6))
    tried = math.sqrt(sum(float(edge.prior) for edge in opened))
    scores = {}
    for edge in opened + rest[:1]:
        node = tree.node[edge.child] if edge.child >= 0 else None
        q = utility(root) - params.fpu_reduction * tried if node is None else utility(node)
        if next_random(random, 0) < 0.5:
            radius = math.sqrt(-2 * math.log(1 - next_random(random, 0)))
            q += wide * abs(radius * math.cos(2 * math.pi * next_random(random, 0)))
        tries = 0 if node is None else int(node.visits)
        prior = float(edge.prior) ** (1 / (1 + 4 * wide))
        scores[int(edge.point)] = q + scale * math.sqrt(total) * prior / (1 + tries)
    return max(scores, key=lambda point: scores[point])


@pytest.mark.parametrize("wide", [0.01, 0.04, 0.5, 5.0])
@pytest.mark.parametrize("plies", [1, 6, 7])
def test_the_first_move_follows_the_formula(wide: float, plies: int) -> None:
    search = searched(0.0, visits=30, plies=plies)
    tree, params, chosen = search._tree, search._params(), set()
    for seed in range(40):
        ours, theirs = (np.array([seed * 977], np.uint64) for _ in range(2))
        wanted = expected(tree, params, wide, theirs)
        assert int(tree.edge[wide_edge(tree, params, wide, ours)].point) == wanted
        assert ours[0] == theirs[0], "as much chance was used"
        chosen.add(wanted)
    assert len(chosen) > 1 or wide < 0.04


@pytest.mark.parametrize("batch", [1, 8])
def test_a_wide_root_looks_at_more_moves_and_at_each_more_evenly(batch: int) -> None:
    found = {wide: searched(wide, batch=batch).root_info() for wide in (0.0, 0.04, 1.0)}
    assert all(info.visits == 300 and sum(m.visits for m in info.moves) == 299 for info in found.values())
    shares = [max(m.visits for m in info.moves) for info in found.values()]
    assert shares[0] > shares[2] and len(found[1.0].moves) >= len(found[0.04].moves) >= len(found[0.0].moves)
    priors = [{m.point: m.prior for m in info.moves} for info in found.values()]
    assert all(priors[0][point] == prior for point, prior in priors[2].items() if point in priors[0])


def test_it_is_the_same_for_the_same_seed_and_leaves_a_game_s_search_alone() -> None:
    trees = [searched(wide)._tree.node.visits[:200].tolist() for wide in (0.3, 0.3, 0.0)]
    assert trees[0] == trees[1] != trees[2]
    plain, mixed = searched(0.0), searched(0.3)
    moves = plain._tree.node.visits[:300].tolist()
    plain.clear(), mixed.clear()
    for search in (plain, mixed):
        search.set_position(random_game(5, 6, 2))
        search.evaluator = FakeEvaluator(5, 4)
        search.run(300)
    assert moves == plain._tree.node.visits[:300].tolist() == mixed._tree.node.visits[:300].tolist()


def test_a_wide_search_can_be_stopped_and_ends_with_a_full_tree() -> None:
    search = Search(FakeEvaluator(5), 5, SearchConfig(early_stop=False, max_nodes=2000))
    search.set_position(random_game(5, 2, 3))
    stop = threading.Event()
    stop.set()
    assert 0 < search.run(stop=stop, wide=0.1).visits < 20
    search.run(6000, wide=0.1)
    assert 1000 < search.visits < 6000
    assert search.run(6000, wide=0.1).visits == 0


def test_visits_of_a_variation_are_those_of_its_positions() -> None:
    search = searched(0.0)
    game = random_game(5, 6, 2)
    move = search.root_info().moves[0]
    assert len(move.pv) == len(move.pv_visits) >= 3 and move.pv_visits[0] == move.visits
    for point, visits in zip(move.pv, move.pv_visits, strict=True):
        game.play(point)
        search.set_position(game)
        assert search.visits == visits


def test_a_move_to_be_played_is_not_chosen_by_the_visits_of_a_wide_look() -> None:
    game = random_game(5, 6, 2)
    search = searched(1.0)
    search.set_position(game)
    assert search.visits == 300, "an analysis that goes on keeps them"
    assert search.run(60, one_move=True).visits == search.visits == 60
    assert search.run(search.visits + 100, one_move=True).visits == 100, "a second time it goes on"
    search.run(400, wide=1.0)
    game.play(search.root_info().moves[0].point)
    search.set_position(game)
    kept = search.visits
    assert kept > 10 and search.run(kept + 10, one_move=True).visits == 10, "below the root it searched as for a game"
