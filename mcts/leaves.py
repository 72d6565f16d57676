"""From leaf positions to a network and back: planes, symmetries, and the answers in the search's terms.

This is where the search's evaluator meets :mod:`nets`. Each position is shown to the network under one of the eight
symmetries of the board; policy and ownership are turned back. One crossing into numba serves a whole batch.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from gogame.geometry import geometry
from gogame.kernel import kernel
from gogame.rules import RuleSet
from mcts.arrays import Evaluation, Leaves
from mcts.tree import board_row
from nets.config import GLOBALS, PLANES
from nets.planes import fill_planes, new_plane_scratch


@kernel
def fill_rows(leaves, begin, end, rules, scratch, symmetry, turn, planes, globals_):
    """Input planes of the rows begin..end-1, each turned by ``symmetry[turn[row]]``.

    ``planes`` uint8 [B, PLANES, S, S]; ``globals_`` float32 [B, GLOBALS].
    """
    for row in range(begin, end):
        own = RuleSet(rules.superko, rules.suicide, rules.territory, leaves.info[row].komi)
        board = board_row(leaves.board, row)
        to_move = np.int64(leaves.info[row].to_move)
        fill_planes(
            board, to_move, leaves.recent[row], own, leaves.forbidden[row], scratch, symmetry[turn[row]], planes[row],
            globals_[row],
        )  # fmt: skip


@kernel
def read_rows(count, symmetry, turn, policy, value, score, ownership, out):
    """Writes the network's answers for ``count`` rows into ``out`` (an Evaluation), turned back.

    ``policy`` [B, S*S+1] logits, ``value`` [B, 3] logits, ``score`` [B, 2], ``ownership`` [B, S, S].
    """
    area = ownership.shape[1] * ownership.shape[2]
    for row in range(count):
        top = max(value[row, 0], value[row, 1], value[row, 2])
        win, loss = np.exp(value[row, 0] - top), np.exp(value[row, 1] - top)
        out.value[row] = (win - loss) / (win + loss + np.exp(value[row, 2] - top))
        out.score[row] = score[row, 0]
        table, owned = symmetry[turn[row]], ownership[row].reshape(area)
        for action in range(area):
            out.policy[row, action] = policy[row, table[action]]
            out.ownership[row, action] = owned[table[action]]
        out.policy[row, area] = policy[row, area]


def new_evaluation(size: int, batch: int) -> Evaluation:
    """Room for ``batch`` answers."""
    area = size * size
    return Evaluation(
        np.zeros((batch, area + 1), np.float32),
        np.zeros(batch, np.float32),
        np.zeros(batch, np.float32),
        np.zeros((batch, area), np.float32),
    )


class NetEvaluator:
    """The search's evaluator over a network's (see :class:`nets.evaluator.Evaluator`).

    ``symmetry``: "random" (seeded) or "none". ``beside``: evaluates what is submitted, if anything is to be (see
    :func:`nets.evaluator.beside`). The arrays it returns are its own and live until the next call.
    """

    def __init__(
        self, net: Any, rules: RuleSet, symmetry: str = "random", seed: int = 0, beside: Any | None = None
    ) -> None:
        if symmetry not in ("random", "none"):
            raise ValueError(f"symmetry is 'random' or 'none', not {symmetry!r}")
        self.net, self.beside = net, beside
        self.size: int = net.size
        self.batch: int = net.batch
        self.streams: int = 1 if beside is None else beside.streams
        self.rules = rules
        self._symmetry = geometry(self.size).symmetry
        self._random = symmetry == "random"
        self._rng = np.random.default_rng(seed)
        rows = max(self.batch, 8)
        self._planes = np.zeros((rows, PLANES, self.size, self.size), np.uint8)
        self._globals = np.zeros((rows, GLOBALS), np.float32)
        self._scratch = new_plane_scratch(self.size)
        self._out = new_evaluation(self.size, rows)

    def fill(self, leaves: Leaves, count: int, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Planes and globals of rows 0..count-1, turned by the symmetries of these numbers (int64 [count]). They are
        the evaluator's own and live until the next call."""
        fill_rows(leaves, 0, count, self.rules, self._scratch, self._symmetry, turn, self._planes, self._globals)
        return self._planes[:count], self._globals[:count]

    def evaluate(self, leaves: Leaves, count: int, average: bool = False) -> Evaluation:
        """Evaluates rows 0..count-1. ``average``: row 0 alone, as the mean over the eight symmetries."""
        if average:
            return self._evaluate_average(leaves)
        turn = self._draw(count)
        return self._read(turn, self.net.evaluate(*self.fill(leaves, count, turn)))

    def submit(self, leaves: Leaves, count: int) -> tuple[Any, np.ndarray]:
        """See :class:`mcts.flights.StreamEvaluator`. The symmetries are drawn in the order of these calls."""
        turn = self._draw(count)
        return cast(Any, self.beside).submit(*self.fill(leaves, count, turn)), turn

    def result(self, handle: tuple[Any, np.ndarray]) -> Evaluation:
        """See :class:`mcts.flights.StreamEvaluator`."""
        under_way, turn = handle
        return self._read(turn, cast(Any, self.beside).result(under_way))

    def _draw(self, count: int) -> np.ndarray:
        """int64 [count]: the symmetries that so many rows are shown under."""
        return self._rng.integers(0, 8, count) if self._random else np.zeros(count, np.int64)

    def _read(self, turn: np.ndarray, answer: Any) -> Evaluation:
        """The network's answer to rows that were turned so."""
        read_rows(
            len(turn), self._symmetry, turn, answer.policy, answer.value, answer.score, answer.ownership, self._out
        )
        return self._out

    def _evaluate_average(self, leaves: Leaves) -> Evaluation:
        """Mean probabilities (as logits), value, score and ownership of the first row under all symmetries."""
        turn = np.arange(8)
        same = Leaves(*(_repeat_first(part) for part in leaves))
        answer = self.net.evaluate(*self.fill(same, 8, turn))
        self._read(turn, answer)
        p = self._out.policy[:8].astype(np.float64)
        p = np.exp(p - p.max(axis=1, keepdims=True))
        self._out.policy[0] = np.log((p / p.sum(axis=1, keepdims=True)).mean(axis=0) + 1e-12)
        for part in (self._out.value, self._out.score, self._out.ownership):
            part[0] = part[:8].mean(axis=0)
        return self._out


def _repeat_first(part: Any) -> Any:
    """The first row eight times over, of an array or of a tuple of arrays."""
    if isinstance(part, tuple):
        return type(part)(*(_repeat_first(a) for a in part))
    return np.repeat(part[:1], 8, axis=0)
