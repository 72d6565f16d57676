"""The network: input planes, model, weights, training step and evaluators.

Importing the package imports nothing heavy; each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

# torch's threads spin while they wait for each other, by default. Where another process uses a core, that makes
# two threads ten times slower than one. Read when torch is loaded; a value that is set already stays.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_HOME = {
    "Evaluation": "nets.evaluator",
    "Evaluator": "nets.evaluator",
    "NetConfig": "nets.config",
    "NetError": "nets.config",
    "Network": "nets.model",
    "TrainConfig": "nets.train",
    "Trainer": "nets.train",
    "default_net": "nets.weights",
    "find_net": "nets.weights",
    "load_net": "nets.weights",
    "make_evaluator": "nets.evaluator",
    "save_net": "nets.weights",
    "shipped_nets": "nets.weights",
}

__all__ = [  # noqa: PLE0604, F822 - resolved by __getattr__
    "Evaluation",
    "Evaluator",
    "NetConfig",
    "NetError",
    "Network",
    "TrainConfig",
    "Trainer",
    "default_net",
    "find_net",
    "load_net",
    "make_evaluator",
    "save_net",
    "shipped_nets",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
