"""Monte Carlo tree search with a network: trees, the search, clocks, and the engine that plays.

Importing the package imports nothing heavy; each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "Engine": "mcts.engine",
    "MoveInfo": "mcts.findings",
    "NetEvaluator": "mcts.leaves",
    "RootInfo": "mcts.findings",
    "Search": "mcts.search",
    "SearchConfig": "mcts.search",
    "seconds_for_move": "mcts.clock",
}

__all__ = [  # noqa: F822 - resolved by __getattr__
    "Engine",
    "MoveInfo",
    "NetEvaluator",
    "RootInfo",
    "Search",
    "SearchConfig",
    "seconds_for_move",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
