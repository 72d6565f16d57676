"""What a run learns from: the replay windows of its board sizes, drawn from as one.

A batch holds one size, drawn in proportion to the positions that lie in the windows; so each position of any size is
as likely as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from selfplay.buffer import ReplayBuffer
from selfplay.config import ConfigError
from selfplay.samples import FinishedGame


class Window:
    """A :class:`ReplayBuffer` for each board size. Same seed, same games, same calls: the same batches."""

    def __init__(self, sizes: Sequence[int], most: int, *, seed: int = 0, **options: Any) -> None:
        """``most``: positions kept of each size, and room for a game beyond. ``options``: of :class:`ReplayBuffer`.
        ConfigError where the memory is too small for them."""
        seeds: dict[int, int | Sequence[int]] = {size: seed if len(sizes) == 1 else (seed, size) for size in sizes}
        try:
            self.buffers = {size: ReplayBuffer(size, most + 4 * size**2, seed=seeds[size], **options) for size in sizes}
        except MemoryError:
            raise ConfigError(f"learn.window_most: no memory for a window of {most:,} positions; choose less") from None
        self._rng = np.random.default_rng(seed)  # of the sizes

    def __len__(self) -> int:
        """Positions that are drawn from now."""
        return sum(map(len, self.buffers.values()))

    def add(self, game: FinishedGame) -> int:
        """Takes a game in, see :meth:`ReplayBuffer.add`."""
        return self.buffers[game.size].add(game)

    def warm_up(self) -> None:
        """Compiles what taking games in and drawing from them needs, and changes nothing."""
        for buffer in self.buffers.values():
            buffer.warm_up()

    def resize(self, positions: Mapping[int, int]) -> None:
        """Draws from so many of the newest positions of each size from now on."""
        for size, buffer in self.buffers.items():
            buffer.window = positions[size]

    def sample(self, batch: int) -> dict[str, np.ndarray]:
        """A training batch of one size, see :meth:`ReplayBuffer.sample`."""
        sizes = list(self.buffers)
        if len(sizes) == 1 or not len(self):
            return self.buffers[sizes[0]].sample(batch)
        ends = np.cumsum([len(self.buffers[size]) for size in sizes])
        chosen = np.searchsorted(ends, self._rng.integers(ends[-1]), side="right")
        return self.buffers[sizes[int(chosen)]].sample(batch)

    @contextmanager
    def drawing(self, batch: int, *, ahead: bool) -> Iterator[Callable[[], dict[str, np.ndarray]]]:
        """A function that draws batches, the same as :meth:`sample`.

        With ``ahead`` the next one is made meanwhile, in a thread of its own; what nobody has asked for in the end
        counts as not drawn.
        """
        if not ahead:
            yield lambda: self.sample(batch)
            return

        def make() -> tuple[dict[str, Any], dict[str, np.ndarray]]:
            before = self.state()
            return before, self.sample(batch)

        def draw() -> dict[str, np.ndarray]:
            ready = waiting.pop().result()[1]
            waiting.append(maker.submit(make))
            return ready

        with ThreadPoolExecutor(1) as maker:
            waiting = [maker.submit(make)]
            try:
                yield draw
            finally:
                for undrawn in waiting:  # none after an error in the making
                    self.load_state(undrawn.result()[0])

    def state(self) -> dict[str, Any]:
        """The random states, as plain values for JSON. Of one size: its window's."""
        if len(self.buffers) == 1:
            return next(iter(self.buffers.values())).state()
        windows = {str(size): buffer.state() for size, buffer in self.buffers.items()}
        return {"sizes": dict(self._rng.bit_generator.state), "windows": windows}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on drawing where :meth:`state` was taken. LookupError, TypeError or ValueError for what it is not."""
        if len(self.buffers) == 1:
            next(iter(self.buffers.values())).load_state(dict(state))
            return
        for size, buffer in self.buffers.items():
            buffer.load_state(state["windows"][str(size)])
        self._rng.bit_generator.state = dict(state["sizes"])
