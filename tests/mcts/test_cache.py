"""What is taken from the evaluation cache, and by whom; what forgets a tree leaves it as it is."""

from __future__ import annotations

import numpy as np
import pytest

from gogame.game import Game
from gogame.rules import rules_named
from mcts.closing import restricted
from mcts.search import Search, SearchConfig
from tests.mcts.test_search import random_game
from tests.naive_search import FakeEvaluator


class Noting(FakeEvaluator):
    """Notes whether it was to average."""

    def __init__(self, size: int, batch: int = 1) -> None:
        super().__init__(size, batch)
        self.averaged: list[bool] = []

    def evaluate(self, leaves, count, average=False):
        self.averaged.append(average)
        return super().evaluate(leaves, count, average)


def search_of(average_root: bool = True) -> Search:
    """Two positions hardly share a slot of its cache."""
    return Search(Noting(5), 5, SearchConfig(average_root=average_root, early_stop=False, cache_slots=1 << 18))


def begun_anew(search: Search, game: Game, visits: int) -> int:
    """Evaluations of a search of a position whose tree is not there."""
    search.forget_tree()
    search.set_position(game)
    assert search.visits == 0
    return search.run(visits).evaluations


@pytest.mark.parametrize("average_root", [True, False])
def test_a_root_that_begins_anew_is_averaged_once(average_root: bool) -> None:
    search, game = search_of(average_root), random_game(5, 6, 1)
    search.set_position(game)
    search.run(60)
    averaged = search.evaluator.averaged
    assert averaged == [average_root] + [False] * (len(averaged) - 1)
    before = game.copy()
    game.play(search.best_move())
    averaged.clear()
    assert begun_anew(search, game, 1) == average_root and averaged == [True] * average_root
    assert begun_anew(search, game, 1) == 0, "under all symmetries it is known now"
    assert begun_anew(search, before, 60) < 6, "and may stand in for one of them, below a root"


def test_a_forgotten_tree_grows_again_with_hardly_an_evaluation_and_always_so() -> None:
    """The score's centre moves on once a crossing, and what is known needs none: the tree is not quite the same."""
    search, game = search_of(), random_game(5, 6, 1)
    search.set_position(game)
    found = []
    for _ in range(2):
        first = begun_anew(search, game, 200)
        found.append((first, begun_anew(search, game, 200), search._tree.node.visits[:150].tolist()))
        search.clear()
    assert found[0] == found[1] and found[0][0] > 100 and found[0][1] < 10


@pytest.mark.parametrize("other", ["japanese", "chinese", "new-zealand", "chinese-kgs"])
def test_what_was_evaluated_by_other_rules_is_another_position_and_stays_known(other: str) -> None:
    game = random_game(5, 4, 1)
    search, komi = search_of(), game.rules.komi
    counts = []
    for name in ("tromp-taylor", other, "tromp-taylor", other):
        game.rules = rules_named(name).replace(komi=komi)
        search.set_position(game)
        counts.append(search.run(1).evaluations)
    assert counts == [1, 1, 0, 0]


def test_searches_that_share_a_cache_keep_their_own_trees() -> None:
    one, game = search_of(), random_game(5, 6, 1)
    two = one.another(3)
    one.set_position(game)
    two.set_position(game)
    assert one.run(100).evaluations > 50 and two.visits == 0
    assert two.run(100).evaluations < 10 and one.visits == two.visits == 100
    one.clear()
    assert begun_anew(two, game, 1) == 1


def test_a_restriction_is_the_tree_s_and_not_the_cache_s() -> None:
    search, game = search_of(), random_game(5, 6, 1)
    search.set_position(game)
    search.run(100)
    moves = {int(edge.point) for edge in search._tree.edge[: int(search._tree.node[0].edges)]}
    two = set(sorted(moves)[-2:])
    evaluations = []
    for _ in range(2):
        with restricted(search, game, (), two) as dropped:
            evaluations.append(search.run(100).evaluations)
            assert dropped and {move.point for move in search.root_info().moves} == two
    assert evaluations[0] > 10 * evaluations[1]
    assert begun_anew(search, game, 100) < 10
    assert {int(edge.point) for edge in search._tree.edge[: int(search._tree.node[0].edges)]} == moves
    np.testing.assert_allclose(search.root_policy().sum(), 1, atol=1e-5)
