"""Many self-play games at once: their leaves are evaluated together, in batches of a group of games.

The search of a single game is small (8 to 32 simulations a move); what fills the evaluator is the number of games.
With a GPU worker threads advance slices of a group, in kernels that release the GIL, while the other groups are
evaluated. On a CPU each thread searches a group of its own and evaluates it, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from gogame.board import BLACK, EMPTY, new_board
from gogame.geometry import geometry
from gogame.rules import Rules
from mcts.arrays import Evaluation, Params, Root, new_leaves, new_tree, stacked_boards
from mcts.leaves import fill_rows, new_evaluation, read_rows
from mcts.root import visit_schedule
from nets.config import GLOBALS, PLANES
from nets.evaluator import choose_device
from nets.planes import new_plane_scratch
from nets.toml import knob
from selfplay.kernels import (
    ENDED,
    EVALUATED,
    MOVES,
    OPENING,
    Games,
    RootSearch,
    Scratch,
    absorb_slice,
    advance_slice,
    game_end,
    new_scratch,
    play_prefix,
    start_game,
)
from selfplay.samples import FinishedGame


@dataclass(frozen=True)
class SelfPlayConfig:
    """How games are played for training."""

    simulations: int = knob(8, "evaluations a move; in a run schedule.simulations goes before it")
    search: str = knob("gumbel", "of the root: 'gumbel' sequential halving, or 'puct' with noise")
    considered: int = knob(8, "most root moves that sequential halving compares")
    c_visit: float = knob(50.0, "Gumbel: sigma(q) = (c_visit + most visits) * c_scale * q, q in [0, 1]")
    c_scale: float = knob(1.0, "Gumbel: see c_visit")
    doubt: float = knob(0.0, "Gumbel: a move's Q counts as if so many visits more had found the root's value; 0 = none")
    c_puct: float = knob(1.1, "exploration below the root, with puct at the root, too")
    fpu_reduction: float = knob(0.2, "of an unvisited move's value, times the root of the prior tried")
    score_weight: float = knob(0.1, "utility of the score lead beside that of the result")
    explore_moves: float = knob(1.0, "moves that are played with noise, as a share of the board's points")
    noise: float = knob(10.83, "puct: Dirichlet(noise / moves) at the root (AlphaGo Zero: 0.03 a point); 0 = none")
    noise_weight: float = knob(0.25, "puct: share of the noise in the root's prior")
    drawn_moves: float = knob(0.2, "puct: moves that are drawn by the visits, as a share of the board's points")
    forced: float = knob(0.0, "puct: k of the forced playouts sqrt(k P N), pruned from the targets; 0 = none, KataGo 2")
    remember: bool = knob(True, "what was evaluated below the move played is not evaluated again in the next search")
    fast_share: float = knob(0.0, "share of moves that have fewer simulations and are not learned from (KataGo 0.75)")
    decided_share: float = knob(0.0, "... where the game is decided, if that is more")
    decided_value: float = knob(0.9, "... it is where the values of the last two searches lie beyond this one")
    fast_fraction: float = knob(0.25, "... the share of the simulations that they have, at least 2")
    opening_mean: float = knob(3.0, "mean of the exponentially distributed number of moves drawn from the policy alone")
    prefix_share: float = knob(0.1, "share of the games that begin with the first moves of an earlier game")
    komi: float = knob(7.0, "mean komi, points")
    komi_spread: float = knob(2.0, "standard deviation of the komi")
    wide_share: float = knob(0.0, "share of the games whose komi is drawn with wide_spread in place of komi_spread")
    wide_spread: float = knob(10.0, "standard deviation of the komi in those games")
    even_share: float = knob(0.0, "share of the games whose komi the network, after the opening, calls even")
    length: float = knob(2.5, "most moves of a game, as a multiple of the board's points")
    symmetries: bool = knob(True, "each position is shown to the network turned at random")
    groups: int = knob(2, "groups of the games, with a GPU: one is searched while the others are evaluated")


def evaluator_options(device: str, games: int, groups: int, threads: int) -> dict[str, Any]:
    """``batch`` and ``side_by_side`` of the evaluator (see :func:`nets.evaluator.evaluator_of`) that suits a pool."""
    side_by_side = choose_device(device) == "openvino" and threads > 1
    parts = min(games, threads) if side_by_side else _group_count(games, groups, threads)
    return {"batch": -(-games // parts), "side_by_side": side_by_side}


def _group_count(games: int, groups: int, threads: int) -> int:
    """Groups that all threads search in turn: each thread has a game of each, as far as there are enough."""
    return max(1, min(groups, games // min(threads, games)))


def _spans(begin: int, end: int, parts: int) -> list[tuple[int, int]]:
    """The numbers from ``begin`` to ``end`` - 1 in equal parts, each as (first, last + 1)."""
    cuts = [int(cut) for cut in np.linspace(begin, end, parts + 1)]
    return list(pairwise(cuts))


@dataclass
class _Group:
    """Games whose leaves go to the evaluator together."""

    begin: int
    end: int
    slices: list[tuple[int, int, int]]  # (thread, first game, last + 1)
    rng: np.random.Generator
    evaluator: Any = None  # that has their leaves; None: nobody
    handle: Any = None  # of the evaluation under way
    evaluations: int = 0  # so far
    moves: int = 0  # searched, of the games that were handed over
    recent: deque[np.ndarray] = field(default_factory=lambda: deque(maxlen=512))  # moves of games, up to the first pass


class _Fetched:
    """Stands for the evaluator of answers that are there already: they are their own handle."""

    def result(self, handle: Evaluation) -> Evaluation:
        return handle


class GamePool:
    """``games`` games of one size that go on for ever: each that ends is handed over and begun anew.

    Where the evaluator computes several batches side by side, each on a core of its own (``streams``), every core goes
    round with a group of games by itself: it searches, evaluates, searches. Else one group is searched by all threads
    while the others are evaluated.
    """

    def __init__(
        self, size: int, games: int, evaluator: Any, config: SelfPlayConfig, seed: int = 0, threads: int = 1,
        rival: SelfPlayConfig | None = None,
    ) -> None:  # fmt: skip
        """``evaluator``: a :class:`nets.evaluator.Evaluator` for this size. ``threads``: of the search, where the
        evaluator has no ``streams`` for each to have a group of its own. ``rival``: White's root is searched by it in
        games of even numbers, Black's in the others; what is below the root, the openings and the komi are
        ``config``'s."""
        self.size, self.games, self.config = size, games, config
        self.evaluator = evaluator
        self._rng = np.random.default_rng(seed)
        self._rules = (
            Rules(name="self-play", ko="positional", scoring="area", suicide=False, komi=0.0, handicap_bonus="none")
            .kernel()
            ._replace(komi=config.komi)
        )  # a mean, which need not be a komi itself
        self._geometry = geometry(size)
        self._empty = new_board(size)
        self._length = int(config.length * size * size)
        self._most = max(config.simulations, rival.simulations if rival else 0, 64)  # simulations a move
        self._games = self._new_games()
        self._leaves = new_leaves(size, games)
        self._status = np.zeros(games, np.uint8)
        self._planes = np.zeros((games, PLANES, size, size), np.uint8)
        self._globals = np.zeros((games, GLOBALS), np.float32)
        self._turn = np.zeros(games, np.int64)
        self._out = new_evaluation(size, games)
        streams = max(1, min(evaluator.streams, games))
        threads = streams if streams > 1 else max(1, min(threads, games))
        nodes = self._games.tree.node.shape[1]
        self._scratch = [new_scratch(size, nodes) for _ in range(threads)]
        self._plane_scratch = [new_plane_scratch(size) for _ in range(threads)]
        self._workers = ThreadPoolExecutor(threads) if threads > 1 else None
        self._alone = streams > 1  # each group has a thread of its own
        self._groups = deque(self._new_groups(threads))
        self._rival = None if rival is None else self._root_search(rival, rival.simulations)
        self.set_simulations(config.simulations)
        for group in self._groups:
            for g in range(group.begin, group.end):
                self._start(group, g)

    def _new_groups(self, threads: int) -> list[_Group]:
        count = threads if self._alone else _group_count(self.games, self.config.groups, threads)
        groups = []
        for number, (begin, end) in enumerate(_spans(0, self.games, count)):
            slices = [(number, begin, end)]
            if not self._alone:
                slices = [(thread, *span) for thread, span in enumerate(_spans(begin, end, threads))]
            groups.append(_Group(begin, end, slices, np.random.default_rng(self._rng.integers(0, 2**63))))
        return groups

    @property
    def evaluations(self) -> int:
        """Positions evaluated so far."""
        return sum(group.evaluations for group in self._groups)

    @property
    def moves(self) -> int:
        """Moves searched so far: those of openings are not, and cost an evaluation at most."""
        count = self._games.count
        return sum(group.moves for group in self._groups) + int(
            np.maximum(count[:, MOVES] - count[:, OPENING], 0).sum()
        )

    def _new_games(self) -> Games:
        size, games = self.size, self.games
        area, points = size * size, (size + 2) ** 2
        slots = 1 << int(np.ceil(np.log2(2 * (self._length + 64))))
        nodes = 2 * self._most + 2  # evaluations kept from the search before, and a search's own
        root = Root(
            stacked_boards(size, games),
            np.full((games, 5), -1, np.int16),
            np.zeros((games, 4), np.int64),
            np.zeros((games, slots), np.uint64),
        )
        return Games(
            tree=new_tree(size, nodes, nodes * (area + 1), (games,)),
            root=root,
            gumbel=np.zeros((games, points), np.float32),
            random=self._rng.integers(0, 2**63, games).astype(np.uint64),
            count=np.zeros((games, 9), np.int64),
            komi=np.zeros(games, np.float64),
            actions=np.zeros((games, self._length), np.int16),
            policy=np.zeros((games, self._length, area + 1), np.uint8),
            value=np.zeros((games, self._length), np.float32),
        )

    def set_simulations(self, simulations: int) -> None:
        """Simulations a move from each game's next move on; at most 64, or what the pool was made with."""
        if not 2 <= simulations <= self._most:
            raise ValueError(f"simulations must be from 2 to {self._most}, not {simulations}")
        search = self._root_search(self.config, simulations)
        self._searches = (search, self._rival or search)

    def _root_search(self, c: SelfPlayConfig, simulations: int) -> RootSearch:
        most = self._most
        budget = np.array([simulations, max(2, round(c.fast_fraction * simulations))], np.int64)
        # Games in the middle of a move may still count up to an older, larger budget: the rows are as long as any.
        schedules = np.zeros((2, c.considered + 1, most), np.int32)
        for row, short in enumerate(budget.tolist()):
            for m in range(1, c.considered + 1):
                visits = visit_schedule(min(m, short), short)
                schedules[row, m] = np.concatenate([visits, np.full(most - short, visits[-1] + 1, np.int32)])
        points = self.size**2
        return RootSearch(
            int(c.search == "gumbel"), c.c_visit, c.c_scale, c.doubt, int(c.explore_moves * points), c.noise,
            c.noise_weight, c.forced, int(c.drawn_moves * points), int(c.remember), c.fast_share,
            max(c.fast_share, c.decided_share), c.decided_value, c.considered, budget, schedules,
        )  # fmt: skip

    def set_evaluator(self, evaluator: Any) -> None:
        """Goes on with another network; games in flight keep what they have searched, and the answers under way."""
        self.evaluator = evaluator

    def is_answered(self) -> bool:
        """Whether the network's answers for the positions of a group are numbers.

        The group's own answers are fetched first: with one evaluation more under way than there are groups, a GPU would
        need another CUDA graph.
        """
        group = self._groups[0]
        if group.evaluator is not None:
            group.evaluator, group.handle = _Fetched(), group.evaluator.result(group.handle)
        rows = slice(group.begin, group.end)
        found = self.evaluator.result(self.evaluator.submit(self._planes[rows], self._globals[rows]))
        return all(bool(np.isfinite(part).all()) for part in found)

    def _start(self, group: _Group, g: int) -> None:
        c, rng = self.config, group.rng
        wide = c.wide_share > 0 and rng.random() < c.wide_share
        komi = np.round(2 * rng.normal(c.komi, c.wide_spread if wide else c.komi_spread)) / 2
        opening = min(int(rng.exponential(c.opening_mean)), self._length // 4)
        even = int(c.even_share > 0 and rng.random() < c.even_share)
        start_game(self._games, g, self._empty, float(komi), opening, even, self._rules.superko)
        if group.recent and rng.random() < c.prefix_share:
            actions = group.recent[int(rng.integers(len(group.recent)))]
            length = int(rng.integers(len(actions)))
            play_prefix(self._games, g, actions[:length], self._geometry.points, self._rules)

    def advance(self, evaluations: int) -> list[FinishedGame]:
        """Plays on for at least so many evaluations; returns the games that ended on the way."""
        finished: list[FinishedGame] = []
        if self._alone and self._workers is not None:
            rounds = -(-evaluations // self.games)
            for games in self._workers.map(lambda group: self._rounds(group, rounds), list(self._groups)):
                finished += games
            return finished
        target = self.evaluations + evaluations
        while self.evaluations < target:
            finished += self._step(self._groups[0])  # that waits longest; the others' batches are with the evaluator
            self._groups.rotate(-1)
        return finished

    def _rounds(self, group: _Group, rounds: int) -> list[FinishedGame]:
        """So many batches of one group, whatever the others do."""
        target = group.evaluations + rounds * (group.end - group.begin)
        finished: list[FinishedGame] = []
        while group.evaluations < target:
            finished += self._step(group)
        return finished

    def _step(self, group: _Group) -> list[FinishedGame]:
        """One batch: takes in the answers for a group of games, and asks for a leaf of each of them."""
        if group.evaluator is not None:
            self._take_answers(group)
        ended = self._find_leaves(group)
        rows = slice(group.begin, group.end)
        group.evaluator = self.evaluator
        group.handle = self.evaluator.submit(self._planes[rows], self._globals[rows])
        return ended

    def _take_answers(self, group: _Group) -> None:
        answer = group.evaluator.result(group.handle)
        group.evaluator = group.handle = None
        rows = slice(group.begin, group.end)
        out = Evaluation(*(part[rows] for part in self._out))
        read_rows(
            group.end - group.begin, self._geometry.symmetry, self._turn[rows], answer.policy, answer.value,
            answer.score, answer.ownership, out,
        )  # fmt: skip
        group.evaluations += group.end - group.begin
        policy, value, score, ownership = self._out

        def absorb(_thread: int, begin: int, end: int) -> None:
            absorb_slice(self._games, begin, end, self._leaves, self._status, policy, value, score, ownership)

        self._each_slice(group, absorb)

    def _find_leaves(self, group: _Group) -> list[FinishedGame]:
        """Plays on with every game of a group until it needs the network; hands over those that end, begins anew."""
        c = self.config
        params = Params(c.c_puct, 0.0, 500.0, c.fpu_reduction, 1.0, c.score_weight, float(self.size), 0.0)
        if c.symmetries:
            self._turn[group.begin : group.end] = group.rng.integers(0, 8, group.end - group.begin)
        symmetry = self._geometry.symmetry

        def search(thread: int, begin: int, end: int) -> None:
            advance_slice(
                self._games, begin, end, self._scratch[thread], self._leaves, self._rules, params, self._searches,
                self._status,
            )  # fmt: skip
            fill_rows(
                self._leaves, begin, end, self._rules, self._plane_scratch[thread], symmetry, self._turn,
                self._planes, self._globals,
            )  # fmt: skip

        self._each_slice(group, search)
        finished = []
        for g in group.begin + np.flatnonzero(self._status[group.begin : group.end] == ENDED):
            thread = group.slices[0][0]
            finished.append(self._hand_over(group, int(g), self._scratch[thread]))
            self._start(group, int(g))
            search(thread, int(g), int(g) + 1)
        return finished

    def _each_slice(self, group: _Group, work: Callable[[int, int, int], None]) -> None:
        """``work(thread, begin, end)`` for the slices of a group, each on a thread of its own."""
        if self._workers is None or len(group.slices) == 1:
            work(*group.slices[0])
        else:
            list(self._workers.map(work, *zip(*group.slices, strict=True)))

    def _hand_over(self, group: _Group, g: int, scratch: Scratch) -> FinishedGame:
        games = self._games
        moves = int(games.count[g, MOVES])
        lead = float(game_end(games, g, scratch))
        owners = scratch.owners[self._geometry.points]
        opening = min(int(games.count[g, OPENING]), moves)
        group.moves += moves - opening
        passes = np.flatnonzero(games.actions[g, :moves] == self.size**2)
        if moves and games.actions[g, 0] != self.size**2:
            group.recent.append(games.actions[g, : passes[0] if len(passes) else moves].copy())
        return FinishedGame(
            size=self.size,
            ruleset=self._rules._replace(komi=float(games.komi[g])),
            actions=games.actions[g, :moves].copy(),
            policy=games.policy[g, :moves].copy(),
            value=games.value[g, :moves].copy(),
            opening=opening,
            score=lead,
            ownership=np.where(owners == EMPTY, 0, np.where(owners == BLACK, 1, -1)).astype(np.int8),
            resigned=False,
        )

    @property
    def in_flight(self) -> int:
        """Evaluations spent on the games that have not ended yet."""
        return int(self._games.count[:, EVALUATED].sum())
