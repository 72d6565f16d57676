"""Whom a search asks, and several requests under way: the evaluator computes while the tree is searched for the next.

First in, first out. The oldest request is the one that is waited for, whichever is answered first, so that the tree
depends on the seed and on no clock.
"""

from __future__ import annotations

import contextlib
from collections import deque
from typing import Any, NamedTuple, Protocol

from mcts.arrays import Evaluation, Leaves, new_leaves


class PositionEvaluator(Protocol):
    """Turns a batch of leaf positions into policies, values, scores and ownership."""

    batch: int  # leaves per call that it is fastest with

    def evaluate(self, leaves: Leaves, count: int, average: bool = False) -> Evaluation:
        """Evaluates the first ``count`` rows; ``average``: over the eight symmetries instead of a random one."""
        ...


class StreamEvaluator(PositionEvaluator, Protocol):
    """One that also computes several requests side by side. Others are asked for one batch after the other."""

    streams: int  # requests that are computed at the same time; 1: it is not worth submitting any

    def submit(self, leaves: Leaves, count: int) -> Any:
        """Starts evaluating the first ``count`` rows; returns a handle. The leaves may be reused."""
        ...

    def result(self, handle: Any) -> Evaluation:
        """Waits for what was submitted. Each handle gives its result once; it lives until the next call."""
        ...


def streams_of(evaluator: PositionEvaluator) -> int:
    """Requests that an evaluator computes at the same time."""
    return getattr(evaluator, "streams", 1)


class Flight(NamedTuple):
    """A request under way."""

    leaves: Leaves  # its own until it is answered
    rows: int
    handle: Any


class Flights:
    """The requests of one search. Each has leaves of its own, since their nodes are needed with the answer."""

    def __init__(self, size: int, rows: int) -> None:
        """``rows``: most leaves of a request."""
        self._size, self._rows = size, rows
        self._free: list[Leaves] = []
        self._under_way: deque[Flight] = deque()

    def __len__(self) -> int:
        return len(self._under_way)

    def room(self) -> Leaves:
        """Leaves for the next request; they stay the same until something is sent."""
        if not self._free:
            self._free.append(new_leaves(self._size, self._rows))
        return self._free[-1]

    def send(self, evaluator: StreamEvaluator, rows: int) -> None:
        """Submits the first ``rows`` of :meth:`room`."""
        handle = evaluator.submit(self.room(), rows)
        self._under_way.append(Flight(self._free.pop(), rows, handle))

    def land(self, evaluator: StreamEvaluator) -> tuple[Leaves, int, Evaluation]:
        """Waits for the oldest request: its leaves, their number and the answer, before anything else is sent."""
        flight = self._under_way.popleft()
        self._free.append(flight.leaves)
        return flight.leaves, flight.rows, evaluator.result(flight.handle)

    def abandon(self, evaluator: StreamEvaluator) -> None:
        """Waits for all requests, whose answers nobody wants any more, nor their failures."""
        while self._under_way:
            with contextlib.suppress(BaseException):  # a second Ctrl+C, too: the first is on its way
                self.land(evaluator)
