"""The moves that the engine looked at in a position, and how many of them are kept with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

KEPT = 6  # of a position, the best first: what the list has room for
LONGEST = 12  # moves of a variation that is kept


@dataclass(frozen=True, slots=True)
class Candidate:
    """A move the engine looked at. Win rate and score are Black's."""

    point: int
    visits: int
    winrate: float  # 0..1
    score: float  # points
    prior: float = 0.0
    variation: tuple[int, ...] = ()


def candidates_of(told: Iterable[tuple[Any, ...]]) -> tuple[Candidate, ...]:
    """Those of an engine's message."""
    return tuple(Candidate(*one) for one in told)


def kept_of(told: tuple[tuple[Any, ...], ...]) -> tuple[Candidate, ...]:
    """What is kept of them: 400 positions take about a megabyte."""
    return tuple(replace(c, variation=c.variation[:LONGEST]) for c in candidates_of(told[:KEPT]))
