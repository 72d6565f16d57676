"""When a GPU's memory runs out: how it shows, what can be freed, and how far one can go down."""

from __future__ import annotations

import gc

import torch

from nets.config import NetError

# What CUDA's libraries say where torch does not raise its own OutOfMemoryError.
_SIGNS = (
    "out of memory", "ALLOC_FAILED", "ALLOCATION_FAILED", "CUBLAS_STATUS_NOT_INITIALIZED",
    "CUDNN_STATUS_NOT_INITIALIZED",
)  # fmt: skip


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that was being handled when it was raised, says that device memory ran out.

    The latter because the end of a CUDA graph's capture complains in its own way about the error that ended it.
    """
    while error is not None:
        if isinstance(error, torch.OutOfMemoryError):
            return True
        if isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS):
            return True
        error = error.__cause__ or error.__context__
    return False


def release_memory() -> None:
    """Gives back what nobody uses any more: cycles of Python objects, then torch's cached blocks."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def half_of(count: int, what: str) -> int:
    """Half of so many positions, rounded up. NetError, which begins with ``what``, if one was too many already."""
    if count <= 1:
        raise NetError(
            f"{what} even for one position; end other programs on it, or choose a smaller network or --device cpu"
        )
    return (count + 1) // 2
