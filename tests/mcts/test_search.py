"""The array search against the object search, and what the search promises."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from gogame.board import BLACK
from gogame.game import Game
from gogame.geometry import PASS, point_of
from gogame.rules import rules_named
from mcts.arrays import OWNED, Tree, new_tree
from mcts.root import lower_bound, visit_schedule
from mcts.search import Search, SearchConfig
from mcts.steps import MOST_STEPS
from tests.naive_search import FakeEvaluator, NaiveSearch


def random_game(size: int, plies: int, seed: int, rules: str = "tromp-taylor") -> Game:
    game, rng = Game(size, rules_named(rules)), np.random.default_rng(seed)
    while game.move_number < plies and not game.is_over:
        points = game.legal_points()
        game.play(int(points[rng.integers(len(points))]) if points else PASS)
    return game


def same_tree(search: Search, node: int, naive) -> int:
    """Compares the trees below two nodes; returns the number of nodes."""
    record = search._tree.node[node]
    assert int(record.visits) == naive.n
    assert int(record.pending) == naive.pending == 0
    assert float(record.value) == pytest.approx(naive.value, abs=1e-6)
    assert float(record.score) == pytest.approx(naive.score, abs=1e-4)
    if naive.priors is None:
        return 1
    first, n, opened = int(record.first), int(record.edges), int(record.opened)
    edges = search._tree.edge[first : first + n]
    assert {int(p) for p in edges.point} == set(naive.priors)
    for edge in edges:
        assert float(edge.prior) == pytest.approx(float(naive.priors[int(edge.point)]), rel=1e-5)
    assert [int(p) for p in edges.point[:opened]] == list(naive.children)
    return 1 + sum(same_tree(search, int(e.child), naive.children[int(e.point)]) for e in edges[:opened])


@pytest.mark.parametrize("size, plies, batch", [(5, 0, 1), (5, 0, 4), (5, 14, 1), (5, 25, 4), (4, 20, 2), (3, 8, 1)])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_tree_is_that_of_the_object_search(size: int, plies: int, batch: int, seed: int) -> None:
    game = random_game(size, plies, seed)
    config = SearchConfig(
        batch=batch, visits_per_leaf=1, average_root=False, early_stop=False, cache_slots=1, score_weight=0.1
    )
    search = Search(FakeEvaluator(size, batch), size, config)
    search._params = lambda: params  # the moving centre of the score utility is held still
    from mcts.arrays import Params

    params = Params(1.0, 0.45, 500.0, 0.2, 1.0, 0.1, float(size), 0.0)
    search._batch = lambda: batch
    search.set_position(game)
    search.run(160)
    naive = NaiveSearch(game, params)
    naive.run(160, batch)
    assert same_tree(search, 0, naive.root) > 20


def test_the_same_seed_gives_the_same_tree() -> None:
    trees = []
    for _ in range(2):
        search = Search(FakeEvaluator(5, 8), 5, SearchConfig(noise_weight=0.25), seed=7)
        search.set_position(random_game(5, 6, 3))
        search.run(200)
        trees.append(search._tree.node.visits[: int(search._tree.counters[0])].copy())
    assert np.array_equal(*trees)


def test_the_subtree_of_the_played_moves_is_kept() -> None:
    game = random_game(5, 4, 1)
    search = Search(FakeEvaluator(5), 5, SearchConfig(early_stop=False))
    search.set_position(game)
    search.run(300)
    info = search.root_info()
    move = info.moves[0]
    game.play(move.point)
    search.set_position(game)
    assert search.visits == move.visits
    assert search.root_info().moves[0].point == move.pv[1] or len(move.pv) == 1
    before = {m.point: m.visits for m in search.root_info().moves}
    search.run(search.visits + 50)
    after = {m.point: m.visits for m in search.root_info().moves}
    assert all(after[p] >= n for p, n in before.items())


def test_a_game_that_goes_on_after_passes_or_with_the_other_side_is_searched_anew() -> None:
    game = random_game(5, 4, 1)
    game.play(PASS)
    search = Search(FakeEvaluator(5), 5, SearchConfig(early_stop=False))
    search.set_position(game)
    search.run(300)
    other = game.copy()
    other.resume(3 - game.to_move)
    search.set_position(other)
    assert search.visits == 0
    search.run(50)
    assert search.root_info().to_move == other.to_move
    same = game.copy()
    same.resume()  # so that another pass does not end it
    search.set_position(same)
    search.run(50)
    search.set_position(game)
    assert search.visits == 0
    search.run(300)
    assert search.root_info().moves and any(move.point == PASS for move in search.root_info().moves)
    game.play(PASS)
    assert game.is_over
    search.set_position(game)
    assert search.visits == 0
    game.resume()
    search.set_position(game)
    assert search.run(50).visits == 50 and len(search.root_info().moves) > 1
    again = search.visits
    search.set_position(game)
    assert search.visits == again


def test_another_game_starts_a_new_tree() -> None:
    search = Search(FakeEvaluator(5), 5)
    search.set_position(random_game(5, 4, 1))
    search.run(50)
    search.set_position(random_game(5, 4, 2))
    assert search.visits == 0
    search.run(20)
    assert search.visits == 20


def test_a_kept_tree_knows_what_was_seen_of_the_owners() -> None:
    """Also if it has visits enough already, and nothing new is evaluated."""
    game = random_game(5, 4, 1)
    search = Search(FakeEvaluator(5), 5, SearchConfig(early_stop=False))
    search.set_position(game)
    search.run(300)
    before, move = search.root_info().ownership, search.root_info().moves[0]
    assert move.visits > 20 and np.abs(before).max() > 0.01
    game.play(move.point)
    search.set_position(game)
    assert search.run(move.visits).evaluations == 0
    np.testing.assert_allclose(search.root_info().ownership, -before, atol=1e-6)
    kept = int(search._tree.counters[OWNED])
    assert 20 <= kept <= 100
    search.run(2000)
    fresh = Search(FakeEvaluator(5), 5, SearchConfig(early_stop=False), seed=1)
    fresh.set_position(game)
    fresh.run(2000)
    now = search.root_info().ownership
    assert np.abs(now - fresh.root_info().ownership).max() < np.abs(-before - fresh.root_info().ownership).max()


def test_only_a_moves_search_ends_early() -> None:
    game = random_game(5, 4, 1)
    visits = []
    for one_move in (False, True):
        search = Search(FakeEvaluator(5), 5, SearchConfig())
        search.set_position(game)
        search.run(20)
        best = np.zeros(49, np.uint8)
        best[search.root_info().moves[0].point] = 1
        search.restrict(best, allow_pass=False)
        search.run(500, one_move=one_move)
        visits.append(search.visits)
    assert visits[0] == 500 > visits[1]


def test_a_search_goes_on_after_its_evaluator_has_failed() -> None:
    class Failing(FakeEvaluator):
        fails = False

        def evaluate(self, leaves: object, count: int, average: bool = False) -> object:
            if self.fails:
                raise RuntimeError("out of memory")
            return super().evaluate(leaves, count, average)

    evaluator = Failing(5, 8)
    search = Search(evaluator, 5, SearchConfig())
    for visits in (0, 100):  # at the root, and below it
        search.set_position(random_game(5, 4, 1 + visits))
        if visits:
            search.run(visits)
        evaluator.fails = True
        with pytest.raises(RuntimeError):
            search.run(visits + 50)
        evaluator.fails = False
        assert search.run(visits + 50).visits == visits + 50
        assert search.root_info().moves and search.best_move() != PASS


def test_a_full_tree_ends_the_search() -> None:
    search = Search(FakeEvaluator(5), 5, SearchConfig(early_stop=False, max_nodes=2000))
    search.set_position(Game(5, rules_named("tromp-taylor")))
    search.run(6000)
    assert 1000 < search.visits < 6000
    assert search.root_info().visits == search.visits
    assert search.run(6000).visits == 0


def test_a_tree_is_as_large_as_the_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    import mcts.search

    def scarce(size: int, nodes: int, edges: int) -> Tree:
        if nodes > 20_000:
            raise MemoryError
        return new_tree(size, nodes, edges)

    monkeypatch.setattr(mcts.search, "new_tree", scarce)
    search = Search(FakeEvaluator(5), 5, SearchConfig(max_nodes=1_000_000))
    assert 10_000 < search._tree.node.size <= 20_000


def test_a_clock_is_not_used_up_where_the_choice_is_made() -> None:
    """With one move left that is not worse, there is nothing to think about; an analysis thinks on."""
    search = Search(FakeEvaluator(5), 5, SearchConfig())
    search.set_position(random_game(5, 4, 1))
    only = np.zeros(49, np.uint8)
    search.run(8)
    only[search.root_info().moves[0].point] = 1
    search.restrict(only, allow_pass=False)
    began = time.perf_counter()
    search.run(deadline=began + 30, one_move=True)
    assert time.perf_counter() - began < 20
    before = search.visits
    search.run(deadline=time.perf_counter() + 0.2)
    assert search.visits > before + 2


def test_limits_are_needed_and_kept() -> None:
    search = Search(FakeEvaluator(5), 5)
    search.set_position(Game(5))
    with pytest.raises(ValueError, match="limit"):
        search.run()
    stop = threading.Event()
    stop.set()
    search.run(stop=stop)
    assert 1 <= search.visits <= 16
    search.run(deadline=time.perf_counter())
    assert search.visits < 64


def test_no_move_of_the_search_repeats_a_position() -> None:
    """Every node of a tree over a ko-rich position is legal for Game, superko included."""
    game = random_game(4, 24, 5)
    search = Search(FakeEvaluator(4), 4, SearchConfig(early_stop=False))
    search.set_position(game)
    search.run(600)
    tree = search._tree
    for node in range(1, int(tree.counters[0])):
        path, at = [], node
        while at > 0:
            path.append(int(tree.node[at].move))
            at = int(tree.node[at].parent)
        replay = game.copy()
        for point in reversed(path):
            assert replay.is_legal(point)
            replay.play(point)


def test_a_capture_race_is_read_to_the_end() -> None:
    """Two passes end the game in the tree: with a win on the board, passing is found to be worth 1."""
    game = Game(5, rules_named("tromp-taylor").replace(komi=0.5))
    for col in range(5):
        game.play(point_of(2, col, 5), BLACK)
    game.play(PASS, 2)
    search = Search(FakeEvaluator(5), 5, SearchConfig(early_stop=False))
    search.set_position(game)
    search.run(400)
    assert search.best_move() == PASS
    assert next(m for m in search.root_info().moves if m.point == PASS).winrate == 1.0


def test_restricted_moves_are_all_that_is_searched() -> None:
    search = Search(FakeEvaluator(5), 5)
    search.set_position(Game(5))
    allowed = np.zeros(49, np.uint8)
    allowed[[point_of(0, 0, 5), point_of(2, 2, 5)]] = 1
    search.restrict(allowed, allow_pass=False)
    search.run(60)
    assert {m.point for m in search.root_info().moves} <= {point_of(0, 0, 5), point_of(2, 2, 5)}


@pytest.mark.parametrize("considered, simulations", [(2, 2), (4, 8), (16, 16), (16, 32), (7, 20), (1, 5)])
def test_sequential_halving_spends_every_simulation(considered: int, simulations: int) -> None:
    schedule = visit_schedule(considered, simulations)
    assert len(schedule) == simulations
    counts = {}
    for wanted in schedule:  # give each visit to some move that has exactly so many
        counts.setdefault(0, considered)
        assert counts.get(int(wanted), 0) > 0
        counts[int(wanted)] -= 1
        counts[int(wanted) + 1] = counts.get(int(wanted) + 1, 0) + 1


def test_the_lower_bound_rises_with_visits() -> None:
    bounds = [lower_bound(0.2, 0.3, n) for n in (2, 10, 100, 10_000)]
    assert bounds == sorted(bounds) and bounds[-1] < 0.2


def test_a_choice_that_could_still_change_is_thought_about(monkeypatch):
    """The lead must exceed the visits left: those of the limit, or of the time at one and a half times the pace."""
    search, asked = Search(FakeEvaluator(5), 5, SearchConfig()), []
    search.set_position(random_game(5, 4, 1))
    search.run(40)
    monkeypatch.setattr("mcts.search.choice_stands", lambda tree, params, left, worthy: left < 10)
    assert [search._decided(left) for left in (9, 9.9, 10, 11)] == [True, True, False, False]
    ticks = iter(np.arange(0.0, 100.0))  # each look at the clock takes a second; two looks a batch
    monkeypatch.setattr("mcts.search.time.perf_counter", lambda: next(ticks))
    monkeypatch.setattr(search, "_decided", lambda left: asked.append(left) or False)
    monkeypatch.setattr(search, "_batch", lambda: 1)
    search.run(deadline=9.0, one_move=True)
    assert asked == pytest.approx([1.5 * n * (9 - 2 * n) / (2 * n) for n in (1, 2, 3, 4)])


class Third:
    """A stop event that is set when it is asked for the third time."""

    asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked >= 3


def test_a_search_of_nothing_but_finished_games_hears_its_stop() -> None:
    """A visit there costs no evaluation, and without a visit limit there is no end to them."""
    game = random_game(5, 6, 1)
    game.play(PASS)
    search = Search(FakeEvaluator(5), 5)
    search.set_position(game)
    search.restrict(np.zeros(49, np.uint8))
    stats = search.run(stop=Third())
    assert 3 <= search.visits <= 3 * MOST_STEPS + 1 and stats.evaluations <= 1 and not stats.full
    assert [move.point for move in search.root_info().moves] == [PASS]


def test_a_kept_tree_that_does_not_fit_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    game, search = random_game(5, 4, 1), Search(FakeEvaluator(5), 5)
    search.set_position(game)
    search.run(500)
    monkeypatch.setattr(search, "_room", lambda nodes: new_tree(5, 64, 64 * 26))
    game.play(search.best_move())
    search.set_position(game)
    assert search.visits == 0
    search.run(100)
    assert search.visits == 100


def test_the_bound_that_orders_moves_is_the_value_s_and_the_score_s_share() -> None:
    """The spread is that of the values alone: the squares of nothing else are summed."""
    search = Search(FakeEvaluator(5), 5)
    search.set_position(random_game(5, 4, 1))
    search.run(600)
    for move in search.root_info().moves:
        share = move.utility - (2 * move.winrate - 1)
        assert move.utility_bound == pytest.approx(2 * move.lcb - 1 + share)
        assert move.visits < 2 or move.utility_bound < move.utility


@pytest.mark.parametrize(("rules", "beyond"), [("japanese", [2, 2, 2]), ("chinese", [0, 0, 0])])
def test_the_network_is_shown_the_komi_that_area_would_give(rules: str, beyond: list[int]) -> None:
    """With three handicap stones Black has two points less by territory than by area."""
    shown = []

    class Noting(FakeEvaluator):
        def evaluate(self, leaves, count, average=False):
            shown.extend(leaves.info.komi[:count].tolist())
            return super().evaluate(leaves, count, average)

    game = Game(7, rules_named(rules).replace(komi=0.5))
    game.place_handicap(3)
    search = Search(Noting(7), 7)
    for point, more in zip((None, point_of(0, 2, 7), PASS), beyond, strict=True):
        if point is not None:
            game.play(point)
        shown.clear()
        search.set_position(game)
        search.clear()
        search.set_position(game)
        search.run(1)
        assert shown == [game.komi + more], point
