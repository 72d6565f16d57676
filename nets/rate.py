"""How much of a device's own matrix rate a training uses.

The work of a step is counted by torch's flop counter (convolutions and matrix products, forwards and backwards); the
device's rate is measured where it counts, on a product of large square matrices in the training's own precision.
"""

from __future__ import annotations

import statistics
import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from nets.config import GLOBALS, PLANES
from nets.memory import release_memory
from nets.model import Network


def training_flops(model: Network, size: int) -> int:
    """Floating-point operations of one position of a training step on a board of this size, forwards and backwards.

    A multiplication and an addition are two. The model is not changed.
    """
    copy = Network(model.config)
    planes, globals_ = torch.zeros(2, PLANES, size, size), torch.zeros(2, GLOBALS)
    with FlopCounterMode(display=False) as counter:
        output = copy(planes, globals_)
        torch.stack([part.float().square().sum() for part in output]).sum().backward()
    return int(counter.get_total_flops()) // 2


def matrix_rate(device: torch.device, dtype: torch.dtype, seconds: float = 0.5) -> float:
    """Floating-point operations a second of a matrix product on the device: the median of what fits in ``seconds``."""
    n = 4096 if device.type == "cuda" else 1024
    a, b = (torch.randn(n, n, device=device).to(dtype) for _ in range(2))
    rates: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(rates) < 4:
        began = time.perf_counter()
        torch.mm(a, b)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        rates.append(2 * n**3 / (time.perf_counter() - began))
    del a, b
    release_memory()
    return statistics.median(rates[1:])
