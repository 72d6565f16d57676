"""The replay window: the newest positions in memory, drawn at random for training.

Games come in whole and are expanded at once into packed samples (about 400 bytes each on 9x9). The ring keeps the
newest ``capacity`` positions; drawn are the newest ``window`` of them, a number that grows sublinearly with all
positions ever made, so that the untrained beginnings are forgotten (KataGo, arXiv:1902.10565, appendix C).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gogame.geometry import geometry
from gogame.rules import default_rules
from nets.config import GLOBALS, PLANES
from selfplay.expand import expand_game, gather, new_replay, new_samples, value_targets
from selfplay.samples import FinishedGame


def window_size(positions: int, start: int, growth: float, power: float) -> int:
    """How many of the newest positions are learned from, out of ``positions`` ever made.

    KataGo's c (1 + beta ((N / c)^alpha - 1) / alpha) with c = ``start``, beta = ``growth``, alpha = ``power``:
    everything up to c, then slower and slower. Its values are 250,000, 0.4 and 0.75.
    """
    if positions <= start:
        return positions
    return int(start * (1 + growth * ((positions / start) ** power - 1) / power))


class ReplayBuffer:
    """A ring of samples of one board size. Same seed, same games, same calls: the same batches."""

    def __init__(
        self, size: int, capacity: int, *, value_mix: float = 0.5, value_lambda: float = 0.9,
        seed: int | Sequence[int] = 0, symmetries: bool = True,
    ) -> None:  # fmt: skip
        """``value_mix``: share of the lambda-return in the value target, the rest is the result."""
        self.symmetries = symmetries
        self.size, self.capacity = size, capacity
        self.value_mix, self.value_lambda = value_mix, value_lambda
        self.count = 0  # positions ever added
        self.rejected = 0  # games that could not be replayed
        self.window = capacity
        self._rng = np.random.default_rng(seed)
        self._samples = new_samples(size, capacity)
        self._moves = 4 * size * size
        self._replay = new_replay(size, self._moves)
        self._geometry = geometry(size)

    def __len__(self) -> int:
        """Positions that are drawn from now."""
        return min(self.count, self.window, self.capacity)

    def add(self, game: FinishedGame) -> int:
        """Takes a game in; returns the number of positions. One with an illegal move adds none, and is counted."""
        if game.size != self.size:
            raise ValueError(f"a game of size {game.size} in a window of size {self.size}")
        moves = len(game.actions)
        if moves - game.opening > self.capacity:
            raise ValueError(f"a game of {moves} moves in a window of {self.capacity} positions")
        if moves > self._moves:
            self._moves = 2 * moves
            self._replay = new_replay(self.size, self._moves)
        targets = value_targets(game.value, float(np.sign(game.score)), self.value_mix, self.value_lambda)
        added = expand_game(
            self._samples, self.count % self.capacity, self._replay, self._geometry.points, game.ruleset,
            game.actions, game.policy, targets, game.opening, game.score, game.ownership, not game.resigned,
        )  # fmt: skip
        if added < 0:
            self.rejected += 1
            return 0
        self.count += added
        return int(added)

    def warm_up(self) -> None:
        """Compiles what :meth:`add` and :meth:`sample` need, and changes nothing: a game without moves, no samples."""
        area = self.size**2
        nothing = FinishedGame(
            self.size, default_rules(self.size).kernel(), np.zeros(0, np.int16), np.zeros((0, area + 1), np.uint8),
            np.zeros(0, np.float32), 0, 0.0, np.zeros(area, np.int8), resigned=False,
        )  # fmt: skip
        self.add(nothing)
        self.batch_of(np.zeros(0, np.int64), np.zeros(0, np.int64))

    def sample(self, batch: int) -> dict[str, np.ndarray]:
        """A training batch (see :mod:`nets.train`), drawn evenly from the window, each turned by a random symmetry."""
        if len(self) == 0:
            raise ValueError("the replay window is empty")
        newest = self.count - 1
        slots = (newest - self._rng.integers(0, len(self), batch)) % self.capacity
        turn = self._rng.integers(0, 8, batch) if self.symmetries else np.zeros(batch, np.int64)
        return self.batch_of(slots, turn)

    def spread(self, count: int, newest: int | None = None) -> dict[str, np.ndarray]:
        """At most so many samples, as they lie, evenly spread over the window, or its ``newest`` positions, from the
        newest to the oldest; draws nothing."""
        among = len(self) if newest is None else min(newest, len(self))
        back = np.unique(np.linspace(0, among - 1, min(count, among)).astype(np.int64))
        return self.batch_of((self.count - 1 - back) % self.capacity, np.zeros(len(back), np.int64))

    def batch_of(self, slots: np.ndarray, turn: np.ndarray) -> dict[str, np.ndarray]:
        """The samples of these slots (int64 [B]) under these symmetries (int64 [B])."""
        size, count = self.size, len(slots)
        area = size * size
        out: dict[str, np.ndarray] = {
            "planes": np.empty((count, PLANES, size, size), np.uint8),
            "globals": np.empty((count, GLOBALS), np.float32),
            "policy": np.empty((count, area + 1), np.float32),
            "reply": np.empty((count, area + 1), np.float32),
            "value": np.empty((count, 3), np.float32),
            "score": np.empty(count, np.float32),
            "ownership": np.empty((count, size, size), np.float32),
        }
        weight = np.empty((3, count), np.float32)
        gather(
            self._samples, slots, self._geometry.symmetry, turn, out["planes"], out["globals"], out["policy"],
            out["reply"], weight, out["value"], out["score"], out["ownership"],
        )  # fmt: skip
        out["policy_weight"], out["reply_weight"] = weight[0], weight[1]
        out["score_weight"] = out["ownership_weight"] = weight[2]
        return out

    def state(self) -> dict[str, Any]:
        """The random state, as plain values for JSON."""
        return dict(self._rng.bit_generator.state)

    def load_state(self, state: dict[str, Any]) -> None:
        """Goes on drawing where :meth:`state` was taken."""
        self._rng.bit_generator.state = state
