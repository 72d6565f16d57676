"""Training batches from game records: drawn without replacement, filled by threads ahead of the training.

The order of the positions is a fixed permutation of their numbers, so that a resumed training goes on exactly where
it was, and every position is seen once before any is seen again.
"""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from gogame.geometry import geometry
from nets.positions import COUNTED, OWNED, Batch, GameTable, fill_positions, first_positions, new_batch, new_work

AHEAD = 2  # batches filled before they are asked for


def split(table: GameTable, share: float, seed: int) -> tuple[GameTable, GameTable]:
    """(games to learn from, games held out): ``share`` of the games, at least one, drawn with the seed."""
    order = np.random.default_rng(seed).permutation(table.games)
    held = min(max(1, round(share * table.games)), table.games - 1)
    return table.select(np.sort(order[held:])), table.select(np.sort(order[:held]))


class Permutation:
    """The numbers below ``n`` in a pseudo-random order that needs no memory (a Feistel network with cycle walking;
    Black & Rogaway 2002)."""

    def __init__(self, n: int, seed: int, rounds: int = 4) -> None:
        self.n = n
        bits = max(2, (n - 1).bit_length())
        self._half = (bits + 1) // 2
        self._keys = np.random.default_rng(seed).integers(1, 2**62, rounds, dtype=np.uint64)

    def __call__(self, index: np.ndarray) -> np.ndarray:
        """int64: the numbers at these places (int64, 0..n-1)."""
        value = self._mix(index.astype(np.uint64))
        while (outside := value >= self.n).any():
            value[outside] = self._mix(value[outside])
        return value.astype(np.int64)

    def _mix(self, value: np.ndarray) -> np.ndarray:
        half, mask = np.uint64(self._half), np.uint64((1 << self._half) - 1)
        left, right = value >> half, value & mask
        for key in self._keys:
            z = (right + key) * np.uint64(0x9E3779B97F4A7C15)
            z ^= z >> np.uint64(29)
            z *= np.uint64(0xBF58476D1CE4E5B9)
            left, right = right, left ^ (z >> np.uint64(40)) & mask
        return left << half | right


class Positions:
    """Positions of a table as batches. One caller at a time; the filling itself is spread over ``threads``."""

    def __init__(self, table: GameTable, size: int, threads: int = 1) -> None:
        self.size, self.table = size, table
        self.first = first_positions(table)
        self.total = int(self.first[-1])
        self.symmetry = geometry(size).symmetry  # int16 [8, A]
        self._works = [new_work(size) for _ in range(threads)]
        self._pool = ThreadPoolExecutor(threads)

    def fill(self, picks: np.ndarray, turn: np.ndarray, shift: np.ndarray | None = None) -> Batch:
        """The positions numbered ``picks`` (int64 [B]), each under the symmetry ``turn`` (int64 [B]).

        ``shift`` float32 [B]: points added to the komi of counted games, and taken into account in their results.
        """
        moved = np.zeros(len(picks), np.float32) if shift is None else shift
        out = new_batch(self.size, len(picks))
        cuts = np.linspace(0, len(picks), len(self._works) + 1).astype(int)

        def part(i: int) -> None:
            fill_positions(
                self.table, self.first, picks, self.symmetry, turn, moved, int(cuts[i]), int(cuts[i + 1]),
                self._works[i], out,
            )  # fmt: skip

        list(self._pool.map(part, range(len(self._works))))
        return out


def training_batch(batch: Batch) -> dict[str, np.ndarray]:
    """A batch as :mod:`nets.train` takes it. Ownership and score weigh only where they are known."""
    count, size = len(batch.action), batch.planes.shape[2]
    actions, rows = size * size + 1, np.arange(count)
    policy, reply = np.zeros((count, actions), np.float32), np.zeros((count, actions), np.float32)
    policy[rows, batch.action] = 1.0
    answered = batch.reply >= 0
    reply[rows[answered], batch.reply[answered]] = 1.0
    value = np.zeros((count, 3), np.float32)
    value[:, 0], value[:, 1] = 0.5 + 0.5 * batch.value, 0.5 - 0.5 * batch.value
    return {
        "planes": batch.planes,
        "globals": batch.globals,
        "policy": policy,
        "policy_weight": np.ones(count, np.float32),
        "reply": reply,
        "reply_weight": answered.astype(np.float32),
        "value": value,
        "score": batch.score,
        "score_weight": (batch.flags & COUNTED > 0).astype(np.float32),
        "ownership": batch.ownership,
        "ownership_weight": (batch.flags & OWNED > 0).astype(np.float32),
    }


def training_batches(
    positions: Positions, batch: int, seed: int, step: int, komi_spread: float = 0.0
) -> Generator[dict[str, np.ndarray], None, None]:
    """Batches for the steps from ``step`` on, without end; some are made ahead, in a thread of their own.

    ``komi_spread``: standard deviation, in points, of what is added to the komi of half the positions of counted
    games, so that the network learns what a point of komi is worth.
    """
    epochs: dict[int, Permutation] = {}

    def make(number: int) -> dict[str, np.ndarray]:
        at = np.arange(number * batch, (number + 1) * batch)
        picks = np.empty(batch, np.int64)
        for epoch in np.unique(at // positions.total).tolist():
            order = epochs.setdefault(epoch, Permutation(positions.total, seed + epoch))
            rows = at // positions.total == epoch
            picks[rows] = order(at[rows] % positions.total)
        rng = np.random.default_rng([seed, number])
        turn = rng.integers(0, 8, batch)
        shift = np.round(rng.normal(0.0, komi_spread, batch)) * rng.integers(0, 2, batch)
        return training_batch(positions.fill(picks, turn, shift.astype(np.float32)))

    with ThreadPoolExecutor(1) as maker:
        waiting: list[Future[dict[str, np.ndarray]]] = [maker.submit(make, step + i) for i in range(AHEAD)]
        try:
            while True:
                step += 1
                ready = waiting.pop(0).result()
                waiting.append(maker.submit(make, step + AHEAD - 1))
                yield ready
        finally:
            for future in waiting:
                future.cancel()
