"""Training states of a run when something went wrong: which is read at the start, and what a run goes back to.

``checkpoint/`` is the newest; ``good/`` that of the last network that was measured and had not collapsed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nets.checkpoint import has_state, load_state
from nets.config import NetError

NAMES = ("checkpoint", "good")


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
