"""What a GPU can do, asked once."""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F


@cache
def gpu_problem() -> str | None:
    """Why torch cannot compute on the GPU, in one line; None if it can.

    ``torch.cuda.is_available`` counts devices. One that is too old or too new for this torch, in another's sole use or
    full, shows itself at the first kernel; one that cuDNN or cuBLAS has given up at theirs.
    """
    if not torch.cuda.is_available():
        return "no CUDA GPU was found, or this torch was built without CUDA"
    try:
        _try_kernels()
    except Exception as error:  # torch.cuda.DeferredCudaCallError is no RuntimeError
        return f"the GPU cannot be used with torch {torch.__version__}: {' '.join(str(error).split())[:150]}"
    return None


def _try_kernels() -> None:
    """A convolution and a product of matrices, small ones, laid out and multiplied as networks have them."""
    dtype = torch.bfloat16 if gpu_has_bf16() else torch.float32
    x = torch.ones((2, 8, 7, 7), dtype=dtype, device="cuda").contiguous(memory_format=torch.channels_last)
    weight = torch.ones((8, 8, 3, 3), dtype=dtype, device="cuda").contiguous(memory_format=torch.channels_last)
    pooled = F.conv2d(x, weight, padding=1).mean(dim=(2, 3))
    F.linear(pooled, weight[:, :, 0, 0]).sum().item()


def gpu_has_bf16() -> bool:
    """Whether the GPU multiplies bfloat16 itself (Ampere and later); elsewhere convolutions in it are emulated."""
    return torch.version.hip is not None or torch.cuda.get_device_capability()[0] >= 8
