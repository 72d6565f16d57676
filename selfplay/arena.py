"""Two networks against each other in many games at once: a quick measurement inside a run.

Each move is a search of its own (PUCT without noise, the most visited move), so that no side ever sees the other's
evaluations. The first moves of each game are drawn from the mover's policy, so that the games differ; colours
alternate. Games end by two passes and are counted by area as in self-play (:func:`selfplay.kernels.game_end`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gogame.board import BLACK, new_board
from gogame.geometry import geometry
from gogame.kernel import kernel
from gogame.rules import RuleSet, default_komi, default_rules
from mcts.arrays import EXPANDED, PASSES, TO_MOVE, Params, Root, new_leaves, new_tree, stacked_boards
from mcts.leaves import fill_rows, new_evaluation, read_rows
from mcts.reroot import play_root, reset_tree
from mcts.root import next_random
from nets.config import GLOBALS, PLANES
from nets.planes import new_plane_scratch
from selfplay.kernels import (
    ENDED,
    LEAF,
    MOVES,
    OPENING,
    READY,
    Games,
    absorb_slice,
    draw_prior,
    drop_settled,
    game_end,
    new_scratch,
    root_row,
    simulate,
    start_game,
    tree_row,
)


@dataclass(frozen=True)
class ArenaResult:
    """Games of A against B, from A's side."""

    wins: int
    losses: int
    draws: int
    moves: int  # of all games together


@kernel
def most_visited(tree):
    """The root edge with the most visits; of equals the first, which is that of the higher prior."""
    first = tree.node[0].first
    best = first
    for e in range(first, first + tree.node[0].opened):
        if tree.node[tree.edge[e].child].visits > tree.node[tree.edge[best].child].visits:
            best = e
    return best


@kernel
def play_on(games, g, scratch, leaves, rules, params, visits):
    """Goes on with one game until a leaf stands in row g of ``leaves`` (LEAF) or the game is over (ENDED)."""
    tree, root, count = tree_row(games.tree, g), root_row(games.root, g), games.count
    own = RuleSet(rules.superko, rules.suicide, rules.territory, games.komi[g])
    while True:
        if tree.node[0].kind == EXPANDED and count[g, READY] == 0:
            if drop_settled(tree, root, scratch):
                return ENDED
            count[g, READY] = 1
        drawn = count[g, MOVES] < count[g, OPENING]
        if tree.node[0].kind == EXPANDED and (drawn or tree.node[0].visits >= visits):
            if drawn:
                edge = tree.node[0].first + draw_prior(tree, next_random(games.random, g))
            else:
                edge = most_visited(tree)
            play_root(root, np.int64(tree.edge[edge].point), own)
            count[g, MOVES], count[g, READY] = count[g, MOVES] + 1, 0
            reset_tree(tree, root)
            if root.info[PASSES] >= 2 or count[g, MOVES] >= games.actions.shape[1]:
                return ENDED
            continue
        if simulate(tree, root, scratch, own, params, -1, leaves, g):
            return LEAF


@kernel
def play_all(games, scratch, leaves, rules, params, visits, status):
    """:func:`play_on` for every game whose ``status`` (uint8 [G]) is not ENDED."""
    for g in range(status.size):
        if status[g] != ENDED:
            status[g] = play_on(games, g, scratch, leaves, rules, params, visits)


class Arena:
    """A match of two evaluators (see :class:`nets.evaluator.Evaluator`) of one board size, all games at once."""

    def __init__(
        self, a: Any, b: Any, games: int, visits: int, *, komi: float | None = None, opening: float = 3.0,
        seed: int = 0, score_weight: float = 0.1, turned: tuple[bool, bool] = (True, True),
    ) -> None:  # fmt: skip
        """``opening``: mean number of moves drawn from the policy, before it is rounded down; at least two are.
        ``turned``: whether each side is shown positions turned at random; else upright, as those who know no other."""
        self._params = Params(1.0, 0.45, 500.0, 0.2, 1.0, score_weight, float(a.size), 0.0)
        self.size = size = a.size
        self._sides = (a, b)
        self.games, self.visits, self._turned = games, visits, turned
        rng = self._rng = np.random.default_rng(seed)
        rules = default_rules(size).replace(komi=default_komi(size) if komi is None else komi)
        self._rules = rules.kernel()
        self._geometry = geometry(size)
        length = 3 * size * size
        self._games = _new_games(size, games, visits, length, rng)
        openings = np.minimum(2 + rng.exponential(max(opening - 2, 0.0), games).astype(int), size)
        for g in range(games):
            start_game(self._games, g, new_board(size), self._rules.komi, int(openings[g]), 0, self._rules.superko)
        self._scratch = new_scratch(size)
        self._leaves = new_leaves(size, games)
        self._status = np.full(games, LEAF, np.uint8)
        self._plane_scratch = new_plane_scratch(size)
        self._planes = np.zeros((games, PLANES, size, size), np.uint8)
        self._globals = np.zeros((games, GLOBALS), np.float32)
        self._out = new_evaluation(size, games)

    def play(self, stopped: Callable[[], bool] = lambda: False) -> ArenaResult | None:
        """Plays all games to their end; None if ``stopped`` before."""
        while True:
            play_all(self._games, self._scratch, self._leaves, self._rules, self._params, self.visits, self._status)
            waiting = self._status == LEAF
            if not waiting.any():
                return self._result()
            if stopped():
                return None
            self._evaluate(waiting)

    def _a_moves(self) -> np.ndarray:
        """bool [G]: whether it is A's search; A is Black in the even games."""
        black = self._games.root.info[:, TO_MOVE] == BLACK
        return black == (np.arange(self.games) % 2 == 0)

    def _evaluate(self, waiting: np.ndarray) -> None:
        out, symmetry = self._out, self._geometry.symmetry
        a_moves = self._a_moves()
        turn = self._rng.integers(0, 8, self.games) * np.where(a_moves, *self._turned)
        fill_rows(
            self._leaves, 0, self.games, self._rules, self._plane_scratch, symmetry, turn, self._planes, self._globals
        )  # fmt: skip
        answers = [np.zeros((self.games, *shape), np.float32) for shape in _shapes(self.size)]
        for net, mine in zip(self._sides, (a_moves & waiting, ~a_moves & waiting), strict=True):
            rows = np.flatnonzero(mine)
            if len(rows):
                answer = net.evaluate(self._planes[rows], self._globals[rows])
                for whole, part in zip(answers, answer, strict=True):
                    whole[rows] = part
        read_rows(self.games, symmetry, turn, *answers, out)
        absorb_slice(
            self._games, 0, self.games, self._leaves, self._status, out.policy, out.value, out.score, out.ownership
        )

    def _result(self) -> ArenaResult:
        leads = np.array([game_end(self._games, g, self._scratch) for g in range(self.games)])
        for_a = leads * np.where(np.arange(self.games) % 2 == 0, 1, -1)
        moves = int(self._games.count[:, MOVES].sum())
        return ArenaResult(int((for_a > 0).sum()), int((for_a < 0).sum()), int((for_a == 0).sum()), moves)


def _shapes(size: int) -> list[tuple[int, ...]]:
    return [(size * size + 1,), (3,), (2,), (size, size)]


def _new_games(size: int, games: int, visits: int, length: int, rng: np.random.Generator) -> Games:
    area, points, nodes = size * size, (size + 2) ** 2, visits + 2
    slots = 1 << int(np.ceil(np.log2(2 * (length + 64))))
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
        random=rng.integers(0, 2**63, games).astype(np.uint64),
        count=np.zeros((games, 9), np.int64),
        komi=np.zeros(games, np.float64),
        actions=np.zeros((games, length), np.int16),
        policy=np.zeros((games, 1, area + 1), np.uint8),
        value=np.zeros((games, 1), np.float32),
    )
