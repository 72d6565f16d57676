"""The root of self-play against the formulas of its papers, and what the search's cache takes for another position."""

from __future__ import annotations

import numpy as np
import pytest

from gogame.board import BLACK, CAPTURED_BLACK, CAPTURED_WHITE, KO, KO_COLOR, WHITE, new_board
from gogame.coords import from_gtp
from gogame.game import Game
from gogame.geometry import PASS
from gogame.rules import rules_named
from gogame.score import area_score, komi_shown
from mcts.arrays import new_tree
from mcts.root import WORTHY, choose, improved_policy, mix_noise, visit_schedule, wide_edge
from mcts.search import Search, SearchConfig
from mcts.steps import choice_stands
from mcts.territory import territory_lead
from mcts.tree import cache_key
from tests.mcts.test_playouts import PARAMS, a_root
from tests.mcts.test_search import random_game
from tests.naive_search import FakeEvaluator


@pytest.mark.parametrize("doubt", [0.0, 1.5])
@pytest.mark.parametrize("to_move", [BLACK, WHITE])
def test_the_improved_policy_is_that_of_the_paper(to_move: int, doubt: float) -> None:
    """softmax(log P + sigma(completed Q)), equations 10 and 11; unvisited moves get the mixed value of appendix D. With
    doubt it is more than the paper's: so many visits of each move found the mixed value."""
    rng, priors = np.random.default_rng(to_move), np.array([0.4, 0.3, 0.15, 0.1, 0.05])
    sign = 1 if to_move == BLACK else -1
    for _ in range(100):
        visits, q = rng.integers(0, 4, 3), rng.uniform(-1, 1, 3)
        tree, own = a_root(priors.tolist(), visits.tolist(), q.tolist(), to_move), rng.uniform(-1, 1)
        tree.node[0].own_value = sign * own
        seen = visits > 0
        mixed = own
        if seen.any():
            mean = (priors[:3] * q)[seen].sum() / priors[:3][seen].sum()
            mixed = (own + visits.sum() * mean) / (1 + visits.sum())
        believed = (visits * q + doubt * mixed) / np.maximum(visits + doubt, 1)
        completed = np.concatenate([np.where(seen, believed, mixed), [mixed, mixed]])
        logits = np.log(priors) + (50 + visits.max()) * 1.0 * (0.5 + 0.5 * completed)
        expected = np.exp(logits - logits.max())
        out = np.zeros(5, np.float32)
        improved_policy(tree, PARAMS, 50.0, 1.0, doubt, out)
        np.testing.assert_allclose(out, expected / expected.sum(), atol=1e-4)


def test_the_schedule_halves() -> None:
    assert visit_schedule(4, 8).tolist() == [0, 0, 0, 0, 1, 1, 2, 2]
    assert visit_schedule(8, 24).tolist() == [0] * 8 + [1] * 4 + [2] * 4 + [3, 3, 4, 4, 5, 5, 6, 6]


def test_noise_is_mixed_in_by_its_weight() -> None:
    tree = a_root([0.7, 0.2, 0.1], [], [])
    mix_noise(tree, np.array([0.0, 0.5, 0.5], np.float32), 0.25)
    np.testing.assert_allclose(tree.edge.prior[:3], [0.525, 0.275, 0.2], atol=1e-6)


def test_moves_are_drawn_by_their_visits() -> None:
    visits, rng = np.array([60.0, 30.0, 10.0]), np.random.default_rng(1)
    shares = {}
    for temperature in (1.0, 0.5, 100.0):
        drawn = [choose(visits, np.zeros(3), temperature, rng) for _ in range(4000)]
        shares[temperature] = np.bincount(drawn, minlength=3) / 4000
    np.testing.assert_allclose(shares[1.0], [0.6, 0.3, 0.1], atol=0.03)
    np.testing.assert_allclose(shares[0.5], np.array([36, 9, 1]) / 46, atol=0.03)
    np.testing.assert_allclose(shares[100.0], [1 / 3] * 3, atol=0.04)


def test_the_best_bound_is_sought_among_the_well_visited() -> None:
    bounds = np.array([0.1, 0.9, 0.2])
    for visits, chosen in (([100, 19, 30], 2), ([100, 20, 30], 1), ([2, 0, 0], 0)):
        assert choose(np.array(visits), bounds, 0.0, np.random.default_rng(0)) == chosen


# visits and mean values of the root's moves, visits left, whether the search may end; the lower bound of 100 visits
# that all found 0.2 is 0.18
STANDS = [
    ([100, 60], [0.2, -0.2], 39, True),
    ([100, 60], [0.2, -0.2], 40, False),  # the second may catch up
    ([100, 60], [0.2, 0.3], 10, False),  # the second is the one that would be played
    ([100, 60], [0.2, 0.19], 10, False),  # and so it may be here, with more visits
    ([100, 60], [0.2, 0.15], 10, True),
    ([100, 5], [0.2, 0.9], 14, True),  # comes to less than a fifth of the first's visits
    ([100, 5], [0.2, 0.9], 15, False),
    ([60, 100], [0.3, 0.2], 10, False),
    ([100, 0], [0.2, 0.0], 50, True),
    ([0, 0], [0.0, 0.0], 0, False),
]


@pytest.mark.parametrize("to_move", [BLACK, WHITE])
@pytest.mark.parametrize(("visits", "q", "left", "expected"), STANDS)
def test_a_search_ends_early_when_no_other_move_can_be_chosen(visits, q, left, expected, to_move) -> None:
    tree = a_root([0.5, 0.4, 0.1], visits, q, to_move)
    tree.node.square[1:3] = np.array(visits) * np.square(q)
    assert choice_stands(tree, PARAMS, float(left), WORTHY) == expected


def test_an_only_move_stands() -> None:
    assert choice_stands(a_root([1.0], [1], [0.2]), PARAMS, 1000.0, WORTHY)


@pytest.mark.parametrize("seed", range(8))
def test_an_early_end_leaves_the_best_bound_to_the_most_visited(seed: int) -> None:
    """By visits alone it would have ended where another move was the one to play."""
    search = Search(FakeEvaluator(5), 5, SearchConfig(), seed=seed)
    search.set_position(random_game(5, 4, seed))
    search.run(400, one_move=True)
    moves = search.root_info().moves
    assert search.visits == 400 or moves[0].visits == max(move.visits for move in moves)


def test_a_wide_root_counts_what_is_under_way_as_lost() -> None:
    tree = a_root([0.5, 0.5], [10, 9], [0.9, 0.3])
    params = PARAMS._replace(virtual_loss=1.0)
    tree.node[1].pending = 40
    random = np.array([3], np.uint64)
    assert {int(wide_edge(tree, params, 1e-9, random)) for _ in range(20)} == {1}


def test_another_komi_is_evaluated_anew() -> None:
    game = random_game(5, 6, 1)
    search = Search(FakeEvaluator(5), 5, SearchConfig(early_stop=False))
    search.set_position(game)
    first = search.run(100).evaluations
    game.rules = game.rules.replace(komi=game.rules.komi + 3)
    search.set_position(game)
    assert search.visits == 0 and search.run(100).evaluations == first > 10


def test_the_cache_tells_apart_what_a_network_is_shown_otherwise() -> None:
    board = new_board(5)
    rules = rules_named("chinese").kernel()
    free = cache_key(board, BLACK, 0, -1, 7.0, rules)
    others = [(WHITE, 0, -1, 7.0), (BLACK, 1, -1, 7.0), (BLACK, 0, PASS, 7.0), (BLACK, 0, -1, 8.0), (BLACK, 0, -1, 6.5)]
    assert len({free, *(cache_key(board, *other, rules) for other in others)}) == 6
    board.state[KO], board.state[KO_COLOR] = 9, BLACK
    assert cache_key(board, BLACK, 0, -1, 7.0, rules) != free
    assert cache_key(board, WHITE, 0, -1, 7.0, rules) == cache_key(new_board(5), WHITE, 0, -1, 7.0, rules)


@pytest.mark.parametrize("rules", ["japanese", "chinese-ogs"])
def test_a_throw_in_and_a_pass_are_two_positions(rules: str) -> None:
    """Two ways to one board: a prisoner more, or a pass, of which the network is told."""
    search = Search(FakeEvaluator(9), 9, SearchConfig(early_stop=False))
    for line in ("B2 E5 A2 F5 E3 A1 B1", "B2 E5 A2 F5 E3 pass B1"):
        game = Game(9, rules_named(rules))
        for text in line.split():
            game.play(from_gtp(text, 9))
        search.set_position(game)
        assert search.run(1).evaluations == 1


def final_lead(game: Game) -> float:
    """Black's lead under territory rules where the search was begun with two passes."""
    tree = new_tree(game.size, 1, 1)
    tree.node[0].parent = -1
    return territory_lead(tree, 0, game.board, game.rule_set())


def test_prisoners_count_in_the_tree_under_territory_rules() -> None:
    game = Game(5, rules_named("japanese").replace(komi=0))
    before = final_lead(game)
    game.board.state[CAPTURED_WHITE] += 3
    assert final_lead(game) == before + 3
    game.board.state[CAPTURED_BLACK] += 1
    assert final_lead(game) == before + 2


@pytest.mark.parametrize("seed", range(4))
def test_the_komi_that_is_shown_counts_as_the_end_of_the_game_does(seed: int) -> None:
    """Area less that komi is the territory count, but for the stone that Black is ahead while White is to move; an even
    game without passes has its own komi."""
    game, rng = Game(5, rules_named("japanese").replace(komi=2.5)), np.random.default_rng(seed)
    passes = 0
    for _ in range(40):
        points = game.legal_points() if rng.random() < 0.9 else []
        passes += not points
        game.play(int(rng.choice(points)) if points else PASS)
        if game.is_over:
            break
        komi = komi_shown(game.board, game.to_move, game.rule_set(), game.passes)
        usual = int(game.to_move == WHITE and not game.passes)
        assert final_lead(game) == area_score(game.board) - komi - usual
        assert passes or komi == 2.5
    assert passes
