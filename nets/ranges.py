"""How large the activations of a network become: what its trunk needs to compute in whole numbers of eight bits.

On a CPU the convolutions of the trunk are most of an evaluation, and int8 runs them about twice as fast as bfloat16.
A convolution's inputs, which a ReLU makes at least 0, are then rounded to 256 steps from 0 to a tenth above the largest
value that was seen in positions of the kind that will be evaluated, its weights to 255 steps for each output channel,
the largest in the middle of the last step (Jacob et al. 2018, arXiv:1712.05877, section 2). Sums are exact where the
CPU has VNNI, and may saturate in rare cases where it has not. Stem, heads and skip connections stay as they are.

The ranges stand in a network's file, by board size, since the width of the board enters the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nets.config import MAX_SIZE, MIN_SIZE, NetConfig, fold

KEY = "ranges"  # in the meta of a file: {"9": [largest input of each convolution of the trunk, in order]}
SMALLEST, LARGEST = 1e-6, 1e6  # smaller ones, whose steps are no float32 any more, do not compile
MARGIN = 1.1  # other positions may have larger ones
FLOOR = 1e-3  # of what is measured: a convolution that sees nothing but zeros does not cost the others their int8


def trunk_convs(config: NetConfig) -> list[str]:
    """The convolutions that are computed in eight bits, in order."""
    return [f"blocks.{b}.convs.{j}" for b in range(config.blocks) for j in range(len(config.block_convs(b)))]


def measured_ranges(
    config: NetConfig, arrays: Mapping[str, np.ndarray], size: int, planes: np.ndarray, globals: np.ndarray,
    threads: int | None = None,
) -> list[float] | None:  # fmt: skip
    """The largest input of each convolution of the trunk over these positions, and a tenth more.

    ``planes`` uint8 [B, PLANES, S, S], ``globals`` float32 [B, GLOBALS]. None where OpenVINO is not installed, without
    a position, and for weights whose answers are not finite.
    """
    try:
        from nets.evaluator_openvino import largest_inputs
    except ImportError:
        return None
    most = largest_inputs(config, fold(config, arrays), size, planes, globals, threads) if len(planes) else ()
    found = [max(float(f"{MARGIN * value:.4g}"), FLOOR) for value in most]
    return found if _are_ranges(found) else None


def with_ranges(meta: Mapping[str, Any], size: int, ranges: Sequence[float] | None) -> dict[str, Any]:
    """A file's meta with the ranges for a board size; as it is for None."""
    if ranges is None:
        return dict(meta)
    before = meta.get(KEY)
    return {**meta, KEY: {**(before if isinstance(before, dict) else {}), str(size): list(ranges)}}


def stored_ranges(meta: Mapping[str, Any], config: NetConfig, size: int) -> list[float] | None:
    """The ranges that a file gives for a board size; None if it has none that fit its config."""
    table = meta.get(KEY)
    found = table.get(str(size)) if isinstance(table, dict) and MIN_SIZE <= size <= MAX_SIZE else None
    if not isinstance(found, list) or len(found) != len(trunk_convs(config)):
        return None
    return [float(value) for value in found] if _are_ranges(found) else None


def _are_ranges(values: Sequence[Any]) -> bool:
    return bool(values) and all(type(v) in (int, float) and SMALLEST <= v <= LARGEST for v in values)
