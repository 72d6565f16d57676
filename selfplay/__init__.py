"""Self-play training and matches.

Importing the package imports nothing heavy; each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "FinishedGame": "selfplay.samples",
    "GamePool": "selfplay.games",
    "GameStore": "selfplay.shards",
    "ReplayBuffer": "selfplay.buffer",
    "Run": "selfplay.loop",
    "RunConfig": "selfplay.config",
    "SelfPlayConfig": "selfplay.games",
}

__all__ = [  # noqa: F822 - resolved by __getattr__
    "FinishedGame",
    "GamePool",
    "GameStore",
    "ReplayBuffer",
    "Run",
    "RunConfig",
    "SelfPlayConfig",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
