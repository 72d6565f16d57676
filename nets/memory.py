"""When a GPU's memory runs out: how it shows, what can be freed, and how far one can go down."""

from __future__ import annotations

import contextlib
import gc

import torch

from nets.config import NetError

# What CUDA's libraries say where torch does not raise its own OutOfMemoryError. The last is cuDNN's, whose workspaces
# found no room; of a GPU that it cannot use, too, but such a one is not begun with (nets.gpu).
_SIGNS = ("out of memory", "ALLOC_FAILED", "ALLOCATION_FAILED", "unable to find an engine")
_SIGN_OF_EITHER = "STATUS_NOT_INITIALIZED"  # no room for a library's handle, or it cannot be used at all
_LITTLE = 1 << 30  # free bytes: a handle wants some hundred million


def says_out_of_memory(error: BaseException) -> bool:
    """Whether an error itself says that device memory ran out."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    text = str(error) if isinstance(error, RuntimeError) else ""
    return any(sign in text for sign in _SIGNS) or (_SIGN_OF_EITHER in text and _is_nearly_full())


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that was being handled when it was raised, says that device memory ran out.

    The latter because the end of a CUDA graph's capture complains in its own way about the error that ended it.
    """
    while error is not None:
        if says_out_of_memory(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_nearly_full() -> bool:
    """Whether the GPU has little memory left; no where it does not even answer that."""
    try:
        return torch.cuda.mem_get_info()[0] < _LITTLE
    except Exception:
        return False


def release_memory() -> None:
    """Gives back what nobody uses any more: cycles of Python objects, then torch's cached blocks."""
    gc.collect()
    if torch.cuda.is_available():
        with contextlib.suppress(RuntimeError):  # after a capture that failed badly torch refuses
            torch.cuda.empty_cache()


def half_of(count: int, what: str) -> int:
    """Half of so many positions, rounded up. NetError, which begins with ``what``, if one was too many already."""
    if count <= 1:
        raise NetError(
            f"{what} even for one position; end other programs on it, or choose a smaller network or --device cpu"
        )
    return (count + 1) // 2
