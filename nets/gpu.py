"""What a GPU can do, asked once."""

from __future__ import annotations

from functools import cache

import torch


@cache
def gpu_problem() -> str | None:
    """Why torch cannot compute on the GPU, in one line; None if it can.

    ``torch.cuda.is_available`` counts devices. One that is too old or too new for this torch, in another's sole use or
    full, shows itself at the first kernel.
    """
    if not torch.cuda.is_available():
        return "no CUDA GPU was found, or this torch was built without CUDA"
    try:
        (torch.arange(8, device="cuda") + 1).sum().item()
    except RuntimeError as error:
        return f"the GPU cannot be used with torch {torch.__version__}: {' '.join(str(error).split())[:150]}"
    return None


def gpu_has_bf16() -> bool:
    """Whether the GPU multiplies bfloat16 itself (Ampere and later); elsewhere convolutions in it are emulated."""
    return torch.version.hip is not None or torch.cuda.get_device_capability()[0] >= 8
