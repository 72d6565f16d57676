"""Many self-play games at once: all their leaves are evaluated together, one batch a step.

The search of a single game is small (8 to 32 simulations a move); what fills the evaluator is the number of games.
Worker threads advance slices of the games in kernels that release the GIL.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from gogame.board import BLACK, EMPTY, new_board
from gogame.geometry import geometry
from gogame.rules import Rules
from gogame.score import new_pass_alive_scratch
from mcts.leaves import fill_rows, new_evaluation, read_rows
from mcts.root import visit_schedule
from mcts.tree import Params, Root, new_leaves, new_tree, new_work, stacked_boards
from nets.config import GLOBALS, PLANES
from nets.planes import new_plane_scratch
from selfplay.kernels import (
    ENDED,
    EVALUATED,
    MOVES,
    OPENING,
    Games,
    Gumbel,
    Scratch,
    absorb_slice,
    advance_slice,
    game_lead,
    game_owners,
    start_game,
)
from selfplay.samples import FinishedGame


@dataclass(frozen=True)
class SelfPlayConfig:
    """How games are played for training."""

    simulations: int = 8  # evaluations a move
    considered: int = 16  # most root moves that sequential halving compares
    c_visit: float = 50.0  # Gumbel: sigma(q) = (c_visit + most visits) * c_scale * q, q in [0, 1]
    c_scale: float = 1.0
    c_puct: float = 1.1  # below the root
    fpu_reduction: float = 0.2
    score_weight: float = 0.1  # utility of the score lead beside the result
    explore_moves: float = 1.0  # share of a full board of moves that is played with Gumbel noise
    opening_mean: float = 3.0  # mean of the exponentially distributed number of moves drawn from the policy alone
    komi: float = 7.0  # mean komi, points
    komi_spread: float = 2.0  # standard deviation of the komi
    length: float = 2.5  # most moves, in points of the board


class GamePool:
    """``games`` games of one size that go on for ever: each that ends is handed over and begun anew."""

    def __init__(
        self, size: int, games: int, evaluator: Any, config: SelfPlayConfig, seed: int = 0, threads: int = 1
    ) -> None:
        """``evaluator``: a :class:`nets.evaluator.Evaluator` for this size. ``threads``: of the search alone."""
        self.size, self.games, self.config = size, games, config
        self.evaluator = evaluator
        self.evaluations = 0  # positions evaluated so far
        self.moves = 0  # moves of the games handed over
        self._rng = np.random.default_rng(seed)
        self._rules = Rules(
            name="self-play", ko="positional", scoring="area", suicide=False, komi=config.komi, handicap_bonus="none"
        ).kernel()
        self._geometry = geometry(size)
        self._empty = new_board(size)
        self._length = int(config.length * size * size)
        self._games = self._new_games()
        self._leaves = new_leaves(size, games)
        self._status = np.full(games, ENDED, np.uint8)
        self._planes = np.zeros((games, PLANES, size, size), np.uint8)
        self._globals = np.zeros((games, GLOBALS), np.float32)
        self._out = new_evaluation(size, games)
        threads = max(1, min(threads, games))
        cuts = np.linspace(0, games, threads + 1).astype(int)
        self._slices = [(int(a), int(b)) for a, b in zip(cuts[:-1], cuts[1:], strict=True)]
        self._scratch = [self._new_scratch() for _ in self._slices]
        self._plane_scratch = [new_plane_scratch(size) for _ in self._slices]
        self._flat = [np.zeros((PLANES, size, size), np.uint8) for _ in self._slices]
        self._workers = ThreadPoolExecutor(threads) if threads > 1 else None
        self.set_simulations(config.simulations)
        for g in range(games):
            self._start(g)

    def _new_games(self) -> Games:
        size, games = self.size, self.games
        area, points = size * size, (size + 2) ** 2
        slots = 1 << int(np.ceil(np.log2(2 * (self._length + 64))))
        nodes = max(self.config.simulations, 64) + 2
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
            count=np.zeros((games, 8), np.int64),
            komi=np.zeros(games, np.float64),
            actions=np.zeros((games, self._length), np.int16),
            policy=np.zeros((games, self._length, area + 1), np.uint8),
            value=np.zeros((games, self._length), np.float32),
        )

    def _new_scratch(self) -> Scratch:
        points = (self.size + 2) ** 2
        return Scratch(
            new_work(self.size),
            np.zeros(points, np.uint8),
            np.zeros(points, np.uint8),
            new_pass_alive_scratch(self.size),
            np.zeros(self.size**2 + 1, np.float32),
        )

    def set_simulations(self, simulations: int) -> None:
        """Simulations a move from each game's next move on; at most 64, or what the pool was made with."""
        most = self._games.tree.node.shape[1] - 2
        if not 2 <= simulations <= most:
            raise ValueError(f"simulations must be from 2 to {most}, not {simulations}")
        self._simulations = simulations
        self._considered = min(self.config.considered, simulations)
        # Games in the middle of a move may still count up to an older, larger budget: the rows are as long as any.
        rows = [np.zeros(most, np.int32)]
        for m in range(1, self.config.considered + 1):
            short = visit_schedule(m, simulations)
            rows.append(np.concatenate([short, np.full(most - simulations, short[-1] + 1, np.int32)]))
        self._schedules = np.stack(rows)

    def set_evaluator(self, evaluator: Any) -> None:
        """Goes on with another network; games in flight keep what they have searched."""
        self.evaluator = evaluator

    def _start(self, g: int) -> None:
        c = self.config
        komi = np.round(2 * self._rng.normal(c.komi, c.komi_spread)) / 2
        opening = min(int(self._rng.exponential(c.opening_mean)), self._length // 4)
        start_game(self._games, g, self._empty, float(komi), opening, self._rules.superko)

    def advance(self, evaluations: int) -> list[FinishedGame]:
        """Plays on for at least so many evaluations; returns the games that ended on the way."""
        target = self.evaluations + evaluations
        finished: list[FinishedGame] = []
        while self.evaluations < target:
            finished += self._step()
        return finished

    def _step(self) -> list[FinishedGame]:
        """One batch: a leaf of every game."""
        c = self.config
        params = Params(c.c_puct, 0.0, 500.0, c.fpu_reduction, 1.0, c.score_weight, float(self.size), 0.0)
        gumbel = Gumbel(c.c_visit, c.c_scale)
        explore = int(c.explore_moves * self.size**2)
        turn = self._rng.integers(0, 8, self.games)
        symmetry = self._geometry.symmetry

        def before(i: int) -> None:
            begin, end = self._slices[i]
            advance_slice(
                self._games, begin, end, self._scratch[i], self._leaves, self._rules, params, gumbel,
                self._schedules, self._simulations, self._considered, explore, self._status,
            )  # fmt: skip
            fill_rows(
                self._leaves, begin, end, self._rules, self._plane_scratch[i], symmetry, turn, self._flat[i],
                self._planes, self._globals,
            )  # fmt: skip

        self._each_slice(before)
        answer = self.evaluator.evaluate(self._planes, self._globals)
        out = self._out
        read_rows(self.games, symmetry, turn, answer.policy, answer.value, answer.score, answer.ownership, out)

        def after(i: int) -> None:
            begin, end = self._slices[i]
            absorb_slice(
                self._games, begin, end, self._leaves, self._status, out.policy, out.value, out.score, out.ownership
            )

        self._each_slice(after)
        ended = np.flatnonzero(self._status == ENDED)
        self.evaluations += self.games - len(ended)
        finished = [self._hand_over(int(g)) for g in ended]
        for g in ended:
            self._start(int(g))
        return finished

    def _each_slice(self, work: Any) -> None:
        if self._workers is None:
            work(0)
        else:
            list(self._workers.map(work, range(len(self._slices))))

    def _hand_over(self, g: int) -> FinishedGame:
        games = self._games
        moves = int(games.count[g, MOVES])
        owners = np.zeros((self.size + 2) ** 2, np.int8)
        game_owners(games, g, owners)
        owners = owners[self._geometry.points]
        self.moves += moves
        return FinishedGame(
            size=self.size,
            ruleset=self._rules._replace(komi=float(games.komi[g])),
            actions=games.actions[g, :moves].copy(),
            policy=games.policy[g, :moves].copy(),
            value=games.value[g, :moves].copy(),
            opening=min(int(games.count[g, OPENING]), moves),
            score=float(game_lead(games, g, self._rules)),
            ownership=np.where(owners == EMPTY, 0, np.where(owners == BLACK, 1, -1)).astype(np.int8),
            resigned=False,
        )

    @property
    def in_flight(self) -> int:
        """Evaluations spent on the games that have not ended yet."""
        return int(self._games.count[:, EVALUATED].sum())
