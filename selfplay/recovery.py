"""Training states of a run: which is read at the start, what it says, and what a run goes back to.

``checkpoint/`` is the newest; ``good/`` that of the last network that was measured and had not collapsed, or, in a run
that measures none, of the last one that was kept.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nets.checkpoint import has_state, load_state
from nets.config import NetError

NAMES = ("checkpoint", "good")
MOST = 1e15  # of a counter of a checkpoint


def restore(folder: Path, load: Callable[[dict[str, Any]], None], say: Callable[[str], None]) -> bool:
    """Hands the newest state that can be read to ``load``; False where the run has none so far.

    A damaged checkpoint is passed over for that of the last good network, with a word on it. ``load`` raises NetError
    for a state that it cannot use. NetError, which tells the way out, if there is no other.
    """
    if not (folder / "checkpoint").exists() and not has_state(folder / "checkpoint"):
        return False
    errors: list[str] = []
    for name in NAMES:
        try:
            load(load_state(folder / name))
        except NetError as error:
            where = str(folder / name)
            errors.append(str(error) if where in str(error) else f"{where}: {error}")
        else:
            if errors:
                say(f"passed over: {errors[0]}; the training goes on from {folder / name}, older than it")
            return True
    raise NetError(
        f"{errors[0]}; move it away, and the same command begins the training anew, with the games that were kept"
    )


def set_aside(state: Path) -> None:
    """Renames a training state that is no longer this run's to ``...-before``, in the place of an older one."""
    before = state.with_name(f"{state.name}-before")
    if state.exists():
        shutil.rmtree(before, ignore_errors=True)
        os.rename(state, before)
    shutil.rmtree(state.with_name(f".{state.name}.old"), ignore_errors=True)


def learned_state(state: dict[str, Any], part: str, *keys: str) -> dict[str, Any]:
    """The counters that a run keeps beside the training state; NetError unless they are there."""
    counters = state.get(part)
    if not isinstance(counters, dict) or any(key not in counters for key in keys):
        raise NetError(f"the training state has no counters of {part}")
    return counters


@dataclass(frozen=True)
class Counters:
    """What self-play keeps beside the training state."""

    seconds: float  # of the run's clock
    lr_scale: float  # of the config's learning rate
    evaluations: int
    trained: int  # samples used
    positions: int  # learned from, or waiting to be
    begun_with: int  # games that were there when the training began
    owed: dict[int, float]  # seconds of playing that a board size is owed, see selfplay.boards
    origin: str  # the network that it began with
    lr_per_sample: float | None  # the config's
    window_random: Any  # see selfplay.window.Window.load_state


def read_counters(state: dict[str, Any]) -> Counters:
    """The counters of a checkpoint; NetError for what they cannot be. Older programs have left some out."""
    found = learned_state(state, "selfplay", "seconds", "evaluations", "trained", "lr_scale", "window_random")
    try:
        read = Counters(
            seconds=float(found["seconds"]), lr_scale=float(found["lr_scale"]), evaluations=int(found["evaluations"]),
            trained=int(found["trained"]), positions=int(found.get("positions", 0)),
            begun_with=int(found.get("begun_with", 0)),
            owed={int(size): float(seconds) for size, seconds in found.get("owed", {}).items()},
            origin=str(found.get("origin", ""))[:200], lr_per_sample=found.get("lr_per_sample"),
            window_random=found["window_random"],
        )  # fmt: skip
        numbers = (read.seconds, read.evaluations, read.trained, read.positions, read.begun_with)
        bounded = all(0 <= number <= MOST for number in numbers) and all(map(math.isfinite, read.owed.values()))
        if not (bounded and 0 < read.lr_scale <= 1):
            raise ValueError("out of bounds")
    except (TypeError, ValueError, OverflowError, AttributeError, LookupError) as error:
        raise corrupt(error) from None
    return read


def corrupt(error: Exception) -> NetError:
    """For counters that cannot be read."""
    return NetError(f"corrupt training state (selfplay: {' '.join(str(error).split())[:120]})")
