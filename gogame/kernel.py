"""How every numba kernel of the program is compiled.

Kernels work in arrays that their callers own and allocate nothing, so they need no reference counts. Counting them
(two atomic operations for each array of a NamedTuple that is passed on) takes more than half of the time of small
kernels: the ladder reader runs 3.7 times as fast without. Numba's ``_nrt=False`` leaves the counting out, and refuses
to compile a kernel that allocates. One thing is left to care: a kernel that is called from Python must not return an
array, since a view without a count comes back as the array that it was taken from.

Machine code is kept on disk. Numba looks whether a kernel's own file has changed, but not whether the kernels have that
were compiled into it: so the folder is named after all the files that kernels are made of. What cannot be read there
(a power cut leaves files without an end) or written (a full disk) is compiled, and no more is lost than time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core.caching import FunctionCache
from platformdirs import user_cache_dir

from gogame.disk import place

OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False, "no_cfunc_wrapper": True}
# Files with kernels, and with what they take as constants and types.
SOURCES = (
    "gogame/board.py", "gogame/dead.py", "gogame/geometry.py", "gogame/kernel.py", "gogame/ladders.py",
    "gogame/pass_alive.py", "gogame/random_games.py", "gogame/rules.py", "gogame/score.py",
    "nets/config.py", "nets/planes.py", "nets/positions.py",
    "mcts/arrays.py", "mcts/free.py", "mcts/leaves.py", "mcts/playouts.py", "mcts/reroot.py", "mcts/root.py",
    "mcts/steps.py", "mcts/superko.py", "mcts/territory.py", "mcts/tree.py",
    "selfplay/arena.py", "selfplay/expand.py", "selfplay/kernels.py",
)  # fmt: skip
FOLDERS_KEPT = 3  # of other versions, which may be installed elsewhere


def _stamp() -> str:
    """A name for the present state of the sources, by their sizes and times, and of what else is compiled in: NumPy's
    random numbers, and whether bounds are checked."""
    digest = hashlib.sha256(f"{np.__version__} {numba.config.BOUNDSCHECK}".encode())
    for name in SOURCES:
        with contextlib.suppress(OSError):
            found = (Path(__file__).parent.parent / name).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]


def _keep_machine_code_in(place: Path) -> None:
    """Has numba keep its cache in a folder there, if it can be written.

    Numba's own choice, beside the modules, leaves files in an installed package that pip does not know, and a later
    ``pip install -e`` is hidden behind them.
    """
    folder = place / _stamp()
    try:
        fresh = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
    except OSError:
        return
    if fresh:
        with contextlib.suppress(OSError):  # another process may be at it, too
            others = sorted((f for f in place.iterdir() if f != folder), key=lambda f: f.stat().st_mtime, reverse=True)
            for old in others[FOLDERS_KEPT:]:
                shutil.rmtree(old, ignore_errors=True)
    if os.access(folder, os.W_OK):
        numba.config.CACHE_DIR = str(folder)


_given = numba.config.CACHE_DIR  # by NUMBA_CACHE_DIR: others may keep theirs there, too
_cache = place(partial(user_cache_dir, "gogame", appauthor=False))
_keep_machine_code_in(Path(_given, "gogame") if _given else _cache / "kernels")


class _MachineCode(FunctionCache):
    """A kernel's files on disk, which it can do without."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # pickle raises anything for a file that is cut short
            with contextlib.suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except Exception:  # of a full disk, or of an index that can be neither read nor replaced
            self.disable()


def kernel(function: Callable[..., Any]) -> Any:
    """Compiles ``function`` at its first call, keeps the machine code on disk, and runs it without the GIL."""
    compiled = numba.njit(**OPTIONS)(function)
    if not numba.config.DISABLE_JIT:
        with contextlib.suppress(RuntimeError):  # no folder that numba could write to
            compiled._cache = _MachineCode(function)
    return compiled


@kernel
def copy_values(target: Any, source: Any) -> None:
    """Element by element into an array of the same length; ``target[:] = source`` may allocate."""
    for i in range(source.size):
        target[i] = source[i]
