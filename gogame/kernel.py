"""How every numba kernel of the program is compiled.

Kernels work in arrays that their callers own and allocate nothing, so they need no reference counts. Counting them
(two atomic operations for each array of a NamedTuple that is passed on) takes more than half of the time of small
kernels: the ladder reader runs 3.7 times as fast without. Numba's ``_nrt=False`` leaves the counting out, and refuses
to compile a kernel that allocates. One thing is left to care: a kernel that is called from Python must not return an
array, since a view without a count comes back as the array that it was taken from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}


def kernel(function: Callable[..., Any]) -> Any:
    """Compiles ``function`` at its first call, keeps the machine code on disk, and runs it without the GIL."""
    return njit(**OPTIONS)(function)


@kernel
def copy_values(target: Any, source: Any) -> None:
    """Element by element into an array of the same length; ``target[:] = source`` may allocate."""
    for i in range(source.size):
        target[i] = source[i]
