"""The Elo that a training run has measured of its networks, as its ratings.json tells it. No pygame here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from nets.log_tail import number, small_file

RATINGS = "ratings.json"
MOST_NETS = 5000
MOST_BYTES = 1 << 22


@dataclass(frozen=True)
class Rated:
    """A network of the run that was measured."""

    minute: float
    elo: float  # above the run's first network
    error: float | None  # standard error; None where it is not told


def rated_nets(folder: Path) -> dict[str, Rated]:
    """By name; empty where the file is not there, or not as it should be."""
    found: dict[str, Rated] = {}
    try:
        document = json.loads(small_file(folder / RATINGS, MOST_BYTES) or b"{}")
        nets, elo = document.get("nets", []), document.get("elo", {})
        for net in nets[:MOST_NETS]:
            pair, seconds = elo.get(net["name"]), number(net["seconds"])
            if pair is None or seconds is None:
                continue
            value, error = (number(x) for x in pair)
            if value is not None and error is not None:
                found[net["name"]] = Rated(seconds / 60, value, abs(error))
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return {}
    return found
