"""The search of one tree: simulate, evaluate, back up, until a limit is reached.

It sees an evaluator, never a network: anything with ``batch`` and ``evaluate(leaves, count, average)`` will do. One
that computes several requests side by side (see :mod:`mcts.flights`) is kept busy while the tree is searched.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from gogame.board import copy_into
from gogame.geometry import PASS, geometry
from mcts import root as root_choice
from mcts.arrays import (
    EDGES,
    EXPANDED,
    MAX_DEPTH,
    NEW,
    NODES,
    PASSES,
    SEEN,
    TO_MOVE,
    Cache,
    Evaluation,
    Leaves,
    Params,
    Tree,
    new_cache,
    new_leaves,
    new_root,
    new_tree,
    new_work,
)
from mcts.findings import MoveInfo, RootInfo, SearchStats, read_root
from mcts.flights import Flights, PositionEvaluator, StreamEvaluator, streams_of
from mcts.reroot import copy_subtree, find_child, reset_tree, restrict_root
from mcts.steps import absorb, choice_stands, collect
from mcts.superko import note_seen, superko_key

if TYPE_CHECKING:
    from gogame.game import Game
    from gogame.rules import RuleSet

PACE_MARGIN = 1.5  # a search may become so many times as fast as it was
PACE_SHARE, PACE_SECONDS = 0.05, 0.25  # of its time, or seconds, that have passed before its pace is known


def _power_of_two(most: int) -> int:
    """The largest one that is not above ``most``; 0 where there is none."""
    return 1 << (most.bit_length() - 1) if most > 0 else 0


@dataclass(frozen=True)
class SearchConfig:
    """Every knob of the search, with its unit. Unknown names are refused by the constructor."""

    c_puct: float = 1.0  # exploration constant at few visits; values are in [-1, 1]
    c_puct_log: float = 0.45  # growth of c_puct: + c_puct_log * log((N + base) / base)
    c_puct_base: float = 500.0  # visits
    fpu_reduction: float = 0.2  # first-play urgency: parent's Q - this * sqrt(prior already tried)
    virtual_loss: float = 1.0  # value that a simulation under way counts as lost
    score_weight: float = 0.1  # greatest utility that the score lead can add to the value
    batch: int = 8  # most leaves collected for one evaluation
    visits_per_leaf: int = 40  # one more leaf may wait for its evaluation per so many visits of the root
    least_request: int = 4  # leaves: several requests are under way once each may hold so many
    most_request: int = 8  # most leaves of such a request; 0: one batch after the other, always
    request_points: int = 1500  # most points of its boards together, but for least_request leaves: larger gain nothing
    average_root: bool = True  # evaluate the root under all eight symmetries
    cache_slots: int = 1 << 14  # evaluations remembered, a power of two
    max_nodes: int = 1_000_000  # the tree never grows past this
    early_stop: bool = True  # of a move's search: end when its choice cannot change any more
    noise_weight: float = 0.0  # Dirichlet noise at the root (training and weak levels)
    noise_alpha: float = 10.83  # total concentration, spread over the legal moves (AlphaZero: 10 / typical moves)

    def largest_request(self, size: int) -> int:
        """Most leaves of one of several requests under way on a board of this size: a power of two, or 0."""
        return _power_of_two(min(self.most_request, max(self.request_points // size**2, self.least_request)))


class Search:
    """PUCT over one tree that is kept from move to move. One thread at a time; one board size.

    Deterministic for a given seed and evaluator as long as no deadline or stop cuts it short.
    """

    def __init__(
        self,
        evaluator: PositionEvaluator,
        size: int,
        config: SearchConfig | None = None,
        seed: int = 0,
        cache: Cache | None = None,
    ) -> None:
        """``cache``: another search's, see :meth:`another`."""
        self.evaluator = evaluator
        self.size = size
        self.config = config or SearchConfig()
        self.rng = np.random.default_rng(seed)
        self._root = new_root(size)
        self._tree = self._room(self.config.max_nodes)
        self._spare: Tree | None = None
        self._widened = False  # whether the root's visits are also those of a wider look than a game's
        self._random = np.random.default_rng(seed).integers(0, 2**64, 1, np.uint64)
        self._cache = new_cache(size, self.config.cache_slots) if cache is None else cache
        self._work = new_work(size)
        self._leaves = new_leaves(size, max(self.config.batch, 1))
        self._flights = Flights(size, self.config.largest_request(size))
        self._rules: RuleSet | None = None
        self._moves: list[tuple[int, int]] | None = None
        self._setup: object = None

    # --- the position ------------------------------------------------------------------------------------------------

    def set_position(self, game: Game) -> None:
        """Searches from this game's position next. The subtree is kept where the game went on from the last one."""
        if game.size != self.size:
            raise ValueError(f"this search plays {self.size}x{self.size}, not {game.size}x{game.size}")
        rules = game.rule_set()
        moves = list(game.moves)
        past, self._moves = self._moves, None  # what is interrupted leaves no tree of another position behind
        setup = game.setup_key()
        node = -1
        if past is not None and rules == self._rules and setup == self._setup:
            node = self._follow(past, moves)
        if node >= 0 and not self._is_there(node, game):
            node = -1
        self._fill_root(game, rules.superko)
        self._widened = self._widened and node == 0
        if node > 0:
            if self._spare is None:
                self._spare = self._room(self._tree.node.size)
            if self._holds(self._spare):
                copy_subtree(self._tree, node, self._spare)
                self._tree, self._spare = self._spare, self._tree
            else:
                node = -1
        if node < 0:
            reset_tree(self._tree, self._root)
        self._rules, self._moves, self._setup = rules, moves, setup

    def another(self, seed: int) -> Search:
        """A search with a tree of its own that shares evaluator and cache: one thread at a time for them all."""
        return Search(self.evaluator, self.size, self.config, seed, self._cache)

    def forget_tree(self) -> None:
        """The next position begins anew; what was evaluated is still known."""
        self._moves = None

    def clear(self) -> None:
        """Forgets the tree and the cache, which other searches may share."""
        self.forget_tree()
        self._cache.key[:] = 0

    def restrict(self, points: np.ndarray, allow_pass: bool = True) -> bool:
        """Considers only these moves at the root (uint8 [N] by point), unless none would be left; returns whether any
        was dropped. Evaluates the root first, if need be."""
        if self._tree.node[0].kind == NEW:
            self.run(visits=1)
        before = int(self._tree.node[0].edges)
        restrict_root(self._tree, points, allow_pass)
        return int(self._tree.node[0].edges) < before

    def _follow(self, past: list[tuple[int, int]], moves: list[tuple[int, int]]) -> int:
        """The node where the tree, whose root is after the moves ``past``, holds the position after ``moves``, or -1.
        0 when it is the root itself."""
        if len(moves) < len(past) or moves[: len(past)] != past:
            return -1
        node = 0
        for color, point in moves[len(past) :]:
            if self._tree.node[node].kind != EXPANDED or self._tree.node[node].to_move != color:
                return -1
            node = int(find_child(self._tree, node, point))
            if node < 0 or self._tree.node[node].kind == NEW:
                return -1
        return node

    def _is_there(self, node: int, game: Game) -> bool:
        """Whether a node can be the root of this game: passes that ended it or counted for it may have been taken back,
        and the other side may be asked about."""
        found = self._tree.node[node]
        return found.to_move == game.to_move and found.passes == min(game.passes, 1)

    def _fill_root(self, game: Game, superko: int) -> None:
        hashes = game.hashes
        if len(hashes) + MAX_DEPTH >= self._root.seen.size // 2:
            self._root = new_root(self.size, 2 * len(hashes))
        root = self._root
        copy_into(root.board, game.board)
        root.recent[:] = -1
        recent = game.recent_moves(5)
        root.recent[: len(recent)] = recent
        root.info[TO_MOVE], root.info[PASSES], root.info[SEEN] = game.to_move, min(game.passes, 1), 0
        root.seen[:] = 0
        for key, to_move in hashes:
            root.info[SEEN] += note_seen(root.seen, np.uint64(superko_key(np.uint64(key), to_move, superko))) >= 0

    def _holds(self, other: Tree) -> bool:
        """Whether all that the tree holds fits into another, for which there may have been less memory."""
        nodes, edges = (int(self._tree.counters[k]) for k in (NODES, EDGES))
        return bool(nodes <= other.node.size and edges <= other.edge.size)

    def _room(self, nodes: int) -> Tree:
        """A tree for so many nodes, fewer where the memory is not there. The system commits it as it is filled."""
        while True:
            try:
                return new_tree(self.size, nodes, nodes * (self.size**2 + 1))
            except MemoryError:
                if nodes < 8192:
                    raise
                nodes //= 2

    # --- the search --------------------------------------------------------------------------------------------------

    @property
    def visits(self) -> int:
        """Visits of the root so far, those kept from earlier moves included."""
        return int(self._tree.node[0].visits)

    def run(
        self,
        visits: int | None = None,
        deadline: float | None = None,
        stop: threading.Event | None = None,
        on_update: Callable[[], None] | None = None,
        one_move: bool = False,
        wide: float = 0.0,
    ) -> SearchStats:
        """Searches until the root has ``visits`` visits, ``perf_counter()`` passes ``deadline``, or ``stop`` is set.

        ``on_update`` is called after each batch. With none of the three limits it would never end: ValueError.
        With ``one_move`` nothing but the move is wanted: it ends when the choice of it stays the same, with a
        deadline at the present pace. ``wide``: how much more widely than for a game it looks at the root's moves
        (KataGo's wideRootNoise, see :func:`mcts.root.wide_edge`); ``one_move`` begins anew after such a look.
        """
        if visits is None and deadline is None and stop is None:
            raise ValueError("a search needs a limit: visits, a deadline or a stop event")
        if self._rules is None:
            raise ValueError("set_position comes before run")
        if one_move and self._widened:
            reset_tree(self._tree, self._root)
        self._widened = wide > 0 or (self._widened and not one_move)
        began, start, evaluations, batches, full = time.perf_counter(), self.visits, 0, 0, False
        limit = visits if visits is not None else np.iinfo(np.int32).max
        try:
            while self.visits < limit:
                before = self.visits
                rows = self._advance(limit, float(wide))
                evaluations += rows
                batches += rows > 0
                if rows == 0 and self.visits == before:
                    full = True
                    break
                if on_update is not None:
                    on_update()
                if stop is not None and stop.is_set():
                    break
                if deadline is not None and time.perf_counter() >= deadline:
                    break
                if not (one_move and self.config.early_stop):
                    continue
                left = float(limit - self.visits) if visits is not None else np.inf
                if deadline is not None:
                    now = time.perf_counter()
                    passed, rest = now - began, deadline - now
                    if passed >= min(PACE_SHARE * (deadline - began), PACE_SECONDS):
                        asked = self.visits + self._waiting - start  # what is under way was computed meanwhile
                        left = min(left, PACE_MARGIN * asked / passed * rest + self._waiting)
                if left < np.inf and self._decided(left):
                    break
            while self._flights:
                evaluations += self._land()
                batches += 1
                if on_update is not None:
                    on_update()
        except BaseException:
            self._flights.abandon(cast(StreamEvaluator, self.evaluator))
            if self._waiting:
                reset_tree(self._tree, self._root)  # its leaves would wait for ever
            raise
        return SearchStats(self.visits - start, evaluations, batches, time.perf_counter() - began, full)

    def _advance(self, limit: int, wide: float) -> int:
        """Collects leaves and takes in the evaluations of one batch; returns its rows, 0 where there are none.

        With several requests under way: sends as many as there may be, fewer where it runs into a leaf that waits, then
        waits for the oldest one.
        """
        want = self._request()
        if want == 0:
            rows = self._collect(self._leaves, self._batch(), limit, wide)
            if rows:
                average = self.config.average_root and bool(self._leaves.info[0].node == 0)
                self._absorb(self._leaves, rows, self.evaluator.evaluate(self._leaves, rows, average), average)
            return rows
        evaluator = cast(StreamEvaluator, self.evaluator)
        while len(self._flights) <= evaluator.streams:
            rows = self._collect(self._flights.room(), want, limit, wide)
            if rows:
                self._flights.send(evaluator, rows)
            if rows < want:
                break
        return self._land() if self._flights else 0

    def _land(self) -> int:
        """Waits for the oldest request and takes it in; returns its rows."""
        leaves, rows, answer = self._flights.land(cast(StreamEvaluator, self.evaluator))
        self._absorb(leaves, rows, answer)
        return rows

    def _collect(self, leaves: Leaves, want: int, limit: int, wide: float) -> int:
        """See :func:`mcts.steps.collect`."""
        rows = collect(
            self._tree, self._root, self._work, self._cache, leaves, self._rules, self._params(), want, limit, wide,
            self._random, self.config.average_root,
        )  # fmt: skip
        return int(rows)

    def _absorb(self, leaves: Leaves, rows: int, answer: Evaluation, average: bool = False) -> None:
        """See :func:`mcts.steps.absorb`. The root, once it is evaluated, gets its noise."""
        absorb(self._tree, self._cache, leaves, self._rules, rows, *answer, average)
        if leaves.info[0].node == 0 and self.config.noise_weight > 0:
            self._add_noise()

    @property
    def _waiting(self) -> int:
        """Leaves that wait for their evaluation."""
        return int(self._tree.node[0].pending)

    def _params(self) -> Params:
        c, tree = self.config, self._tree
        center = tree.node[0].score / tree.node[0].visits if tree.node[0].visits else 0.0
        return Params(
            c.c_puct, c.c_puct_log, c.c_puct_base, c.fpu_reduction, c.virtual_loss, c.score_weight,
            float(self.size), 0.75 * float(center),
        )  # fmt: skip

    def _batch(self) -> int:
        """Leaves for the next evaluation: a power of two that grows with the visits."""
        return max(_power_of_two(min(self.config.batch, self.evaluator.batch, self._may_wait())), 1)

    def _request(self) -> int:
        """Leaves for each of several requests under way, one more than are computed at the same time: a power of two
        that grows with the visits. 0: not yet, or not by this evaluator."""
        streams = streams_of(self.evaluator)
        each = min(self.config.largest_request(self.size), self.evaluator.batch, self._may_wait() // (streams + 1))
        return _power_of_two(each) if streams > 1 and each >= self.config.least_request else 0

    def _may_wait(self) -> int:
        """Leaves that may wait for their evaluations at the same time, by the visits."""
        return 1 + self.visits // self.config.visits_per_leaf

    def _decided(self, left: float) -> bool:
        """Whether the move to play stays the same, however the remaining visits fall."""
        return bool(choice_stands(self._tree, self._params(), float(left), root_choice.WORTHY))

    def _add_noise(self) -> None:
        n = int(self._tree.node[0].edges)
        noise = self.rng.dirichlet(np.full(n, self.config.noise_alpha / n)).astype(np.float32)
        root_choice.mix_noise(self._tree, noise, self.config.noise_weight)

    # --- what it found -----------------------------------------------------------------------------------------------

    def root_info(self, pv_length: int = 15) -> RootInfo:
        """Winrate, score lead, ownership and candidates, best first (by lower bound among the well visited)."""
        return read_root(self._tree, self._params(), pv_length)

    def best_move(self, temperature: float = 0.0) -> int:
        """The point to play: the best lower confidence bound, or drawn by visits where ``temperature`` > 0."""
        infos = self.root_info(pv_length=1).moves
        if not infos:
            return self._best_prior()
        return self.draw(infos, temperature)

    def draw(self, moves: Sequence[MoveInfo], temperature: float) -> int:
        """One of these moves as :meth:`best_move` chooses: the point to play."""
        visits = np.array([m.visits for m in moves], np.float64)
        bounds = np.array([m.utility_bound for m in moves])
        return moves[root_choice.choose(visits, bounds, temperature, self.rng)].point

    def _best_prior(self) -> int:
        """The move of the highest prior, when the root alone was evaluated."""
        tree = self._tree
        first, n = int(tree.node[0].first), int(tree.node[0].edges)
        if tree.node[0].kind != EXPANDED or n == 0:
            return PASS
        return int(tree.edge.point[first + int(np.argmax(tree.edge.prior[first : first + n]))])

    def root_policy(self) -> np.ndarray:
        """float32 [S*S+1]: the priors at the root by action; 0 where illegal. Empty of information before a visit."""
        tree, actions = self._tree, geometry(self.size).action
        policy = np.zeros(self.size**2 + 1, np.float32)
        first, n = int(tree.node[0].first), int(tree.node[0].edges)
        policy[actions[tree.edge.point[first : first + n]]] = tree.edge.prior[first : first + n]
        return policy
