"""Planes on their way to a GPU: eight to a byte, packed by the host and unpacked by the device.

Every input plane is 0 or 1 (:mod:`nets.planes`), and PLANES * S * S is a multiple of eight for every size S. A batch
of 2,048 positions on 9x9 is 332 kB instead of 2.65 MB; packing takes about as long as copying the bytes would.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nets.config import PLANES

assert PLANES % 8 == 0


def packed_bytes(size: int) -> int:
    """Bytes of a position's packed planes."""
    return PLANES * size * size // 8


def pack_planes(planes: np.ndarray) -> np.ndarray:
    """uint8 [B, PLANES, S, S] of 0 and 1 -> uint8 [B, packed_bytes(S)]; bit i of byte n is value 8n + i."""
    return np.packbits(planes.reshape(-1), bitorder="little").reshape(len(planes), -1)


def bit_numbers(device: torch.device | str) -> Tensor:
    """uint8 [8], 0 .. 7: what :func:`unpack_planes` shifts by. Made once, outside of any CUDA graph."""
    return torch.arange(8, dtype=torch.uint8, device=device)


def unpack_planes(packed: Tensor, bits: Tensor, size: int) -> Tensor:
    """uint8 [B, packed_bytes(S)] -> uint8 [B, PLANES, S, S], where ``packed`` and ``bits`` lie."""
    values = torch.bitwise_right_shift(packed.unsqueeze(-1), bits).bitwise_and_(1)
    return values.view(packed.shape[0], PLANES, size, size)
