"""How every numba kernel of the program is compiled.

Kernels work in arrays that their callers own and allocate nothing, so they need no reference counts. Counting them
(two atomic operations for each array of a NamedTuple that is passed on) takes more than half of the time of small
kernels: the ladder reader runs 3.7 times as fast without. Numba's ``_nrt=False`` leaves the counting out, and refuses
to compile a kernel that allocates. One thing is left to care: a kernel that is called from Python must not return an
array, since a view without a count comes back as the array that it was taken from.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from platformdirs import user_cache_dir

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False, "no_cfunc_wrapper": True}


def _keep_machine_code_in(folder: Path) -> None:
    """Has numba keep its cache there, if it can be written. NUMBA_CACHE_DIR goes before.

    Numba's own choice, beside the modules, leaves files in an installed package that pip does not know, and a later
    ``pip install -e`` is hidden behind them.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if os.access(folder, os.W_OK):
        numba.config.CACHE_DIR = str(folder)


if not numba.config.CACHE_DIR:
    _keep_machine_code_in(Path(user_cache_dir("gogame", appauthor=False), "kernels"))


def kernel(function: Callable[..., Any]) -> Any:
    """Compiles ``function`` at its first call, keeps the machine code on disk, and runs it without the GIL."""
    try:
        return numba.njit(**OPTIONS)(function)
    except RuntimeError:  # no folder that numba could write to
        return numba.njit(**OPTIONS | {"cache": False})(function)


@kernel
def copy_values(target: Any, source: Any) -> None:
    """Element by element into an array of the same length; ``target[:] = source`` may allocate."""
    for i in range(source.size):
        target[i] = source[i]
