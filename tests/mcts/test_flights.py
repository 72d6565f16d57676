"""Several requests under way: a tree that depends on what was sent first, and not on what is answered first."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random

import numpy as np
import pytest

from gogame.game import Game
from gogame.rules import rules_named
from mcts.arrays import EDGES, NODES, PENDING, Params, new_leaves, new_tree
from mcts.leaves import NetEvaluator
from mcts.search import Search, SearchConfig
from mcts.steps import collect, lead_of_the_first
from nets.evaluator import TOLERANCE, beside, make_evaluator
from tests.mcts.test_search import Third, random_game, same_tree
from tests.naive_search import FakeEvaluator, NaiveSearch

EARLY = SearchConfig(visits_per_leaf=4, early_stop=False)  # on two streams from 44 visits on, with 4 leaves, 8 from 92


class Streamed(FakeEvaluator):
    """The fake answers from two streams, or more. Notes what it is asked; may fail."""

    def __init__(self, size: int, streams: int = 2) -> None:
        super().__init__(size, 8)
        self.streams = streams
        self.sent: list[int] = []  # rows of each request; its place is its handle
        self.answered: list[int] = []
        self.most_waiting = 0  # leaves
        self.fails = {"submit": False, "result": False}
        self._answers: dict[int, object] = {}

    def submit(self, leaves, count):
        if self.fails["submit"]:
            raise RuntimeError("no memory")
        self.sent.append(count)
        self._answers[len(self.sent) - 1] = self.start(leaves, count)
        self.most_waiting = max(self.most_waiting, sum(self.sent[handle] for handle in self._answers))
        return len(self.sent) - 1

    def start(self, leaves, count):
        return self.evaluate(leaves, count)

    def result(self, handle):
        self.answered.append(handle)
        answer = self._answers.pop(handle)
        if self.fails["result"]:
            raise RuntimeError("no memory")
        return answer

    @property
    def unanswered(self) -> int:
        return len(self._answers)


class Shuffled(Streamed):
    """Computes in threads, of which each holds back its answer until one that was sent later is ready, or two are."""

    def __init__(self, size: int, seed: int) -> None:
        super().__init__(size)
        self._threads, self._random = ThreadPoolExecutor(4), Random(seed)
        self._last: Future | None = None
        self.overtaken = 0

    def start(self, leaves, count):
        answer, hold = self.evaluate(leaves, count), threading.Event()
        future = self._threads.submit(lambda: (hold.wait(), answer)[1])
        future.hold = hold
        if self._random.random() < 0.5:
            hold.set()
        return future

    def result(self, handle):
        for later, future in self._answers.items():
            if later != handle and not future.done():
                future.hold.set()
                future.result()
        self.overtaken += any(future.done() for later, future in self._answers.items() if later > handle)
        future = super().result(handle)
        future.hold.set()
        return future.result()


def at(evaluator: FakeEvaluator, game: Game | None = None, config: SearchConfig = EARLY, seed: int = 0) -> Search:
    search = Search(evaluator, evaluator.size, config, seed)
    search.set_position(game or random_game(5, 4, 1))
    return search


def tree_of(search: Search) -> list[tuple[int, ...]]:
    nodes = search._tree.node[: int(search._tree.counters[NODES])]
    return [(int(n.parent), int(n.move), int(n.visits), float(n.value)) for n in nodes]


def assert_settled(search: Search) -> None:
    """Nothing waits, and every node has its visits of its children and of its own evaluation."""
    nodes = search._tree.node[: int(search._tree.counters[NODES])]
    assert not nodes.pending.any() and not (nodes.kind == PENDING).any() and not search._flights
    if isinstance(search.evaluator, Streamed):
        assert search.evaluator.unanswered == 0
    visits = np.zeros(len(nodes), np.int64)
    np.add.at(visits, nodes.parent[1:], nodes.visits[1:])
    inner = visits > 0
    assert (nodes.visits[inner] == visits[inner] + 1).all()


@pytest.mark.parametrize(("size", "plies"), [(5, 0), (5, 14), (5, 25), (4, 20), (3, 8)])
@pytest.mark.parametrize("streams", [2, 3])
def test_the_tree_is_that_of_the_object_search(size: int, plies: int, streams: int) -> None:
    def law(visits: int) -> tuple[int, int]:
        may_wait = 1 + visits // 2
        each = max(n for n in (1, 2, 4, 8) if n == 1 or n <= may_wait // (streams + 1))
        return (streams + 1, each) if each >= 4 else (1, max(n for n in (1, 2, 4, 8) if n <= may_wait))

    config = SearchConfig(visits_per_leaf=2, average_root=False, early_stop=False, cache_slots=1)
    game = random_game(size, plies, 1)
    params = Params(1.0, 0.45, 500.0, 0.2, 1.0, 0.1, float(size), 0.0)
    search = at(Streamed(size, streams), game, config)
    search._params = lambda: params  # the moving centre of the score utility is held still
    search.run(160)
    naive = NaiveSearch(game, params)
    naive.run_requests(160, law)
    assert same_tree(search, 0, naive.root) > 20
    assert len(search.evaluator.sent) > 5 or size == 3


def test_the_oldest_request_is_the_one_that_is_waited_for() -> None:
    evaluator = Streamed(5)
    search = at(evaluator)
    search.run(600)
    assert evaluator.answered == list(range(len(evaluator.sent)))
    assert set(evaluator.sent) <= set(range(1, 9)) and {4, 8} <= set(evaluator.sent)
    assert_settled(search)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_answers_in_any_order_give_the_same_tree(seed: int) -> None:
    shuffled = Shuffled(5, seed)
    trees = []
    for evaluator in (Streamed(5), shuffled):
        search = at(evaluator)
        search.run(300)
        trees.append(tree_of(search))
    assert trees[0] == trees[1] and shuffled.overtaken > 5


@pytest.mark.parametrize("wide", [0.0, 0.3])
def test_the_same_seed_gives_the_same_tree(wide: float) -> None:
    trees = []
    for _ in range(2):
        search = at(Streamed(5), seed=3)
        search.run(300, wide=wide)
        assert_settled(search)
        trees.append(tree_of(search))
    assert trees[0] == trees[1]


@pytest.mark.usefixtures("needs_jit")
@pytest.mark.parametrize(("streams", "begins", "full"), [(2, 440, 920), (3, 600, 1240), (8, 1400, 2840)])
def test_small_searches_are_what_they_were(streams: int, begins: int, full: int) -> None:
    """Nothing is submitted until every request, one more than there are streams, may have four leaves."""
    trees = []
    for evaluator in (Streamed(5, streams), FakeEvaluator(5, 8)):
        search = at(evaluator, config=SearchConfig(early_stop=False))
        search.run(begins)
        trees.append(tree_of(search))
    assert trees[0] == trees[1]
    evaluator = Streamed(5, streams)
    search = at(evaluator, config=SearchConfig())
    requests = []
    for visits in (0, begins - 1, begins, full - 1, full, 10**6):
        search._tree.node[0].visits = visits
        requests.append(search._request())
    assert requests == [0, 0, 4, 4, 8, 8] and not evaluator.sent


@pytest.mark.usefixtures("needs_jit")
def test_requests_of_large_boards_are_smaller() -> None:
    sizes = (7, 9, 13, 14, 19, 25)
    assert [SearchConfig().largest_request(size) for size in sizes] == [8, 8, 8, 4, 4, 4]
    assert [SearchConfig(most_request=most).largest_request(9) for most in (0, 1, 6, 16)] == [0, 1, 4, 16]
    assert (
        SearchConfig(least_request=2).largest_request(19) == 4
        and SearchConfig(request_points=0).largest_request(9) == 4
    )
    search = at(Streamed(19), Game(19), SearchConfig())
    search.run(1)
    search._tree.node[0].visits = 10**6
    assert search._request() == 4


@pytest.mark.parametrize("config", [SearchConfig(most_request=0, visits_per_leaf=4), EARLY])
def test_without_streams_there_is_one_batch_after_the_other(config: SearchConfig) -> None:
    evaluator = Streamed(5, 1 if config is EARLY else 2)
    search = at(evaluator, config=config)
    search.run(300)
    assert not evaluator.sent and search._request() == 0


def test_as_many_leaves_wait_as_the_visits_allow() -> None:
    class Watched(Streamed):
        def submit(self, leaves, count):
            handle = super().submit(leaves, count)
            waiting = sum(self.sent[h] for h in range(len(self.sent)) if h in self._answers)
            assert waiting == search._waiting <= min(1 + search.visits // 4, 24) and self.unanswered <= 3
            return handle

    evaluator = Watched(5)
    search = at(evaluator)
    search.run(400)
    assert evaluator.most_waiting == 24


@pytest.mark.parametrize("more", range(1, 30, 7))
def test_a_limit_is_met_exactly(more: int) -> None:
    evaluator = Streamed(5)
    search = at(evaluator)
    search.run(200)
    calls = []
    stats = search.run(200 + more, on_update=lambda: calls.append(search.visits))
    assert search.visits == 200 + more and stats.visits == more and not stats.full
    assert calls == sorted(calls) and calls[-1] == 200 + more and len(calls) >= stats.batches
    assert_settled(search)


def test_every_evaluation_is_counted_and_told_of() -> None:
    evaluator = Streamed(5)
    search, told = at(evaluator), []
    stop = threading.Event()
    stats = search.run(stop=stop, on_update=lambda: (told.append(search.visits), search.visits > 300 and stop.set()))
    assert stats.evaluations == evaluator.calls and stats.batches <= len(told) and told[-1] == search.visits
    assert_settled(search)


def test_after_a_stop_nothing_more_is_sent() -> None:
    class Stopping(Streamed):
        def result(self, handle):
            if handle == 20:
                stop.set()
                self.sent_then = len(self.sent)
            return super().result(handle)

    stop, evaluator = threading.Event(), Stopping(5)
    search = at(evaluator)
    search.run(stop=stop)
    assert len(evaluator.sent) == evaluator.sent_then == 23 == len(evaluator.answered)
    assert_settled(search)
    game = random_game(5, 4, 1)
    game.play(search.best_move())
    search.set_position(game)
    assert search.visits > 1
    search.run(search.visits + 100)
    assert_settled(search)


def test_a_deadline_and_finished_games_leave_nothing_waiting() -> None:
    search = at(Streamed(5))
    search.run(200)
    search.run(deadline=0.0)
    assert search.visits > 200
    assert_settled(search)
    search.run(stop=Third())
    assert_settled(search)


@pytest.mark.parametrize("allowed", [1, 2])
@pytest.mark.parametrize("wide", [0.0, 0.5])
def test_a_narrow_root_runs_into_leaves_that_wait(allowed: int, wide: float) -> None:
    evaluator = Streamed(5)
    search = at(evaluator)
    points = np.zeros(49, np.uint8)
    search.run(1)
    points[[edge.point for edge in search._tree.edge[:allowed]]] = 1
    search.restrict(points, allow_pass=False)
    search.run(400, wide=wide)
    assert search.visits == 400 and evaluator.sent
    assert {move.point for move in search.root_info().moves} <= set(np.flatnonzero(points))
    assert_settled(search)


@pytest.mark.usefixtures("needs_jit")
@pytest.mark.parametrize(("nodes", "edges"), [(700, 700), (3000, 500), (2000, 2000)])
def test_a_full_tree_ends_the_search_with_nothing_under_way(
    nodes: int, edges: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Search, "_room", lambda self, n: new_tree(5, nodes, edges * 26))
    search = at(Streamed(5), Game(5, rules_named("tromp-taylor")))
    stats = search.run(6000)
    tree = search._tree
    assert stats.full and search.visits >= 400
    assert tree.counters[NODES] <= nodes and tree.counters[EDGES] <= tree.edge.size
    assert_settled(search)
    assert search.run(6000).visits == 0


@pytest.mark.parametrize("where", ["submit", "result"])
def test_a_search_goes_on_after_its_evaluator_has_failed(where: str) -> None:
    evaluator = Streamed(5)
    search = at(evaluator)
    search.run(200)
    assert evaluator.sent
    evaluator.fails[where] = True
    with pytest.raises(RuntimeError, match="no memory"):
        search.run(400)
    assert evaluator.unanswered == 0 and search.visits == 0
    evaluator.fails[where] = False
    search.run(400)
    assert search.visits == 400
    assert_settled(search)


def test_who_is_told_may_fail_too() -> None:
    evaluator = Streamed(5)
    search = at(evaluator)

    def fail() -> None:
        if search.visits > 150:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search.run(400, on_update=fail)
    assert evaluator.unanswered == 0
    search.run(200)
    assert search.visits == 200
    assert_settled(search)


def test_a_choice_is_made_when_what_is_under_way_cannot_change_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The visits that are left are at least those under way, also when the clock has run out."""
    search, asked = at(Streamed(5), config=SearchConfig(visits_per_leaf=4)), []
    search.run(120)
    ticks = iter(np.arange(0.0, 1000.0))  # each look at the clock takes a second; two looks a batch
    monkeypatch.setattr("mcts.search.time.perf_counter", lambda: next(ticks))
    monkeypatch.setattr(search, "_decided", lambda left: asked.append((left, search._waiting, search.visits)) and False)
    search.run(deadline=41.0, one_move=True)
    for batch, (left, waiting, visits) in enumerate(asked, 1):
        assert left == pytest.approx(1.5 * (visits + waiting - 120) * (41 - 2 * batch) / (2 * batch) + waiting)
    assert len(asked) == 20 and sum(waiting == 16 for _, waiting, _ in asked) > 10


class Timed(Streamed):
    """Each request takes a second of one of the streams, on a clock that only waiting moves on."""

    def __init__(self, size: int, streams: int) -> None:
        super().__init__(size, streams)
        self.now, self._free = 0.0, [0.0] * streams

    def start(self, leaves, count):
        stream = self._free.index(min(self._free))
        self._free[stream] = max(self._free[stream], self.now) + 1
        return super().start(leaves, count), self._free[stream]

    def result(self, handle):
        answer, ready = super().result(handle)
        self.now = max(self.now, ready)
        return answer


@pytest.mark.parametrize("streams", [2, 8])
def test_the_pace_is_that_of_all_streams(streams: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer says nothing of what was computed beside it: a choice that the time may still change is thought
    about, also in a tree that is kept and therefore sends several requests at once."""
    evaluator = Timed(5, streams)
    search = at(evaluator, config=SearchConfig(visits_per_leaf=4))
    search.run(400)
    monkeypatch.setattr("mcts.search.time.perf_counter", lambda: evaluator.now)
    lead = 33 * 8 * streams  # visits of 33 of 40 seconds
    monkeypatch.setattr("mcts.search.choice_stands", lambda tree, params, left, worthy: lead > left)
    began, evaluator._free = evaluator.now, [evaluator.now] * streams
    search.run(deadline=began + 40, one_move=True)
    assert evaluator.now - began > 14


def test_a_first_answer_that_was_slow_is_no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluator = Timed(5, 2)
    search = at(evaluator, config=SearchConfig(visits_per_leaf=4))
    search.run(400)
    monkeypatch.setattr("mcts.search.time.perf_counter", lambda: evaluator.now / 1000)
    monkeypatch.setattr("mcts.search.choice_stands", lambda tree, params, left, worthy: left < 1000)
    began, evaluator._free = evaluator.now, [evaluator.now + 40] * 2
    search.run(deadline=(began + 1000) / 1000, one_move=True)
    assert evaluator.now - began > 200


@pytest.mark.usefixtures("needs_jit")
def test_an_early_end_keeps_its_choice() -> None:
    search = at(Streamed(5), config=SearchConfig(visits_per_leaf=4))
    search.run(2000, one_move=True)
    assert search.visits < 2000 and int(lead_of_the_first(search._tree)) > 2000 - search.visits
    assert_settled(search)


def filled_leaves(game: Game, count: int):
    """So many leaves of a search from ``game``, as a request has them."""
    search, leaves = at(FakeEvaluator(game.size, 8), game), new_leaves(game.size, count)
    search.run(100)
    rows = collect(
        search._tree, search._root, search._work, search._cache, leaves, search._rules, search._params(), count,
        10**6, 0.0, search._random, True,
    )  # fmt: skip
    assert rows == count
    return leaves


@pytest.mark.usefixtures("needs_jit")
def test_the_network_is_asked_under_the_symmetries_of_the_seed_in_the_order_of_sending(tiny_net) -> None:
    pytest.importorskip("openvino")
    game = random_game(9, 12, 1)
    net = make_evaluator(tiny_net, 9, "openvino", batch=8, threads=2)
    streams = beside(net, 4, 8)
    assert streams is not None
    one, other = (NetEvaluator(net, game.rule_set(), seed=5, beside=b) for b in (None, streams))
    assert (one.streams, other.streams) == (1, 2)
    requests = [filled_leaves(game, count) for count in (4, 8, 3)]
    handles = [other.submit(leaves, len(leaves.info)) for leaves in requests]
    for leaves, handle in zip(requests, handles, strict=True):
        count = len(leaves.info)
        want, got = one.evaluate(leaves, count), other.result(handle)
        for a, b in zip(want, got, strict=True):
            assert np.abs(a[:count] - b[:count]).max() <= TOLERANCE[net.precision] * max(1, np.abs(a[:count]).max())


@pytest.mark.usefixtures("needs_jit")
def test_a_network_s_search_is_the_same_every_time(tiny_net) -> None:
    pytest.importorskip("openvino")
    net = make_evaluator(tiny_net, 9, "openvino", batch=8, threads=2)
    trees = []
    for streams in (beside(net, 4, 8), beside(net, 4, 8), None):
        evaluator = NetEvaluator(net, Game(9).rule_set(), seed=1, beside=streams)
        search = at(evaluator, random_game(9, 12, 1), EARLY)
        search.run(400)
        assert_settled(search)
        trees.append(tree_of(search))
    assert trees[0] == trees[1] != trees[2]
