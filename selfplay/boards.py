"""What a run plays on: a pool of games for each of its board sizes, one of which plays at a time.

The sizes take turns by the seconds that they have played, so that each gets its share of them (``run.shares``). A pool
waits, its games in flight, while others play; the weights that were learned meanwhile come to it when it is its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nets.config import NetConfig
from nets.evaluator import choose_device, evaluator_of, take_weights
from nets.ranges import measured_ranges
from selfplay.config import RunConfig
from selfplay.games import GamePool, evaluator_options
from selfplay.window import Window

RANGE_POSITIONS = 512  # of the window, that the activations are measured on

Arrays = Mapping[str, np.ndarray]


class Boards:
    """The pools of a run, and the evaluators of the averaged weights that play in them."""

    def __init__(
        self, config: RunConfig, shape: NetConfig, arrays: Arrays, window: Window, seed: np.random.SeedSequence, *,
        threads: int, device: str, say: Callable[[str], None], ranges: Mapping[int, list[float] | None],
        owed: Mapping[int, float],
    ) -> None:  # fmt: skip
        """``ranges``: of these ``arrays``, by board size (:mod:`nets.ranges`), where the window has no positions yet.
        ``owed``: as :attr:`owed` was when the run was left."""
        self._config, self._shape, self._window = config, shape, window
        self._threads, self._device, self._say = threads, device, say
        self._given_ranges = ranges
        self._measured: dict[int, tuple[Arrays, list[float] | None]] = {}
        self._first = self.arrays = arrays  # the weights that play
        run = config.run
        shares = run.shares * (len(run.sizes) if len(run.shares) == 1 else 1)
        self._shares = {size: share / sum(shares) for size, share in zip(run.sizes, shares, strict=True)}
        self.owed = {size: owed.get(size, 0.0) for size in run.sizes}  # seconds played less than its share
        self.pools: dict[int, GamePool] = {}
        for size, number in zip(run.sizes, seed.generate_state(len(run.sizes)), strict=True):
            self.pools[size] = GamePool(size, run.games, self._evaluator(size), config.selfplay, int(number), threads)
        self._has = dict.fromkeys(run.sizes, arrays)  # the weights that each pool plays with

    @property
    def size(self) -> int:
        """The board whose turn it is: that which is owed most; of equals the smallest."""
        return max(self.owed, key=lambda size: self.owed[size])

    @property
    def pool(self) -> GamePool:
        """The games whose turn it is."""
        return self.pools[self.size]

    def count(self, seconds: float) -> None:
        """The board whose turn it was has played for so long. After it comes :meth:`take`, since another's turn may
        begin."""
        self.owed[self.size] -= seconds
        for size, share in self._shares.items():
            self.owed[size] += share * seconds

    def take(self, arrays: Arrays) -> None:
        """These weights play from now on: those of before, or others."""
        self.arrays, size = arrays, self.size
        if self._has[size] is not arrays:
            if not take_weights(self.pool.evaluator, arrays):
                self.pool.set_evaluator(self._evaluator(size))
            self._has[size] = arrays

    def _evaluator(self, size: int) -> Any:
        run, device = self._config.run, self._device
        options = evaluator_options(device, run.games, self._config.selfplay.groups, self._threads)
        return evaluator_of(
            self._shape, self.arrays, size, device, threads=self._threads, say=self._say,
            ranges=self.ranges(size) if choose_device(device) == "openvino" else None, **options,
        )  # fmt: skip

    def ranges(self, size: int) -> list[float] | None:
        """How large the activations of the weights that play are over the window; measured once. Before there is a
        game, what the file of the network that the run begins with says of them, and None once others play."""
        arrays, found = self._measured.get(size, (None, None))
        if arrays is not self.arrays:
            buffer = self._window.buffers[size]
            if not len(buffer):
                return self._given_ranges[size] if self.arrays is self._first else None
            some = buffer.spread(RANGE_POSITIONS)
            found = measured_ranges(self._shape, self.arrays, size, some["planes"], some["globals"], self._threads)
            self._measured[size] = self.arrays, found
        return found
