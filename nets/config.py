"""What a network is, without torch: NetConfig, the table of its tensors, and how they fold for inference.

The network is a stem, a trunk of blocks and two heads. Every convolution is followed by a batch normalisation
(a *ConvNorm*), which folds into one convolution with a bias for inference.

    stem     ConvNorm 3x3 (planes -> C), plus a linear map of the globals added to every point, ReLU
    block    residual   3x3, 3x3, skip          (AlphaGo Zero)
             plain      3x3, 3x3                (AlphaGo, VGG)
             bottleneck 1x1, 3x3, 1x1, skip     (ResNet-50)
    pooling  in the blocks of ``pool_blocks``: the last ``pool_channels`` outputs of the block's first
             convolution are pooled over the board (mean, mean scaled by the board's width, max) and become,
             through a linear map, a bias of the others (KataGo, arXiv:1902.10565, section 3.3)
    policy   1x1 to ``policy_channels``, biased by pooled 1x1 features, ReLU, 1x1 to (policy, reply); the pass
             is computed from the pooled features
    value    1x1 to ``value_channels``; pooled -> hidden -> value and score; 1x1 -> ownership
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

PLANES = 16  # board planes, see nets.planes
GLOBALS = 8  # global inputs, see nets.planes
MIN_SIZE, MAX_SIZE = 7, 19  # board sizes that a network plays
SCORE_SCALE = 20.0  # points per unit of the raw score outputs
NORM_EPSILON = 1e-5  # added to the variance in every batch normalisation
TRUNKS = ("residual", "plain", "bottleneck")


class NetError(ValueError):
    """A network that cannot be used; the message is one line for the user."""


@dataclass(frozen=True)
class NetConfig:
    """The shape of a network; stored with its weights. Refuses unknown keys and sizes out of bounds."""

    trunk: str = "residual"  # one of TRUNKS
    blocks: int = 6  # blocks in the trunk
    channels: int = 96  # channels between blocks
    pool_blocks: tuple[int, ...] = (2, 4)  # blocks with global pooling, counted from 0
    pool_channels: int = 24  # pooled channels in those blocks and in the policy head
    bottleneck_channels: int = 48  # channels inside a block of the bottleneck trunk
    policy_channels: int = 32  # channels of the policy head
    value_channels: int = 32  # channels of the value head
    value_hidden: int = 64  # hidden units of the value head

    def __post_init__(self) -> None:
        if self.trunk not in TRUNKS:
            raise NetError(f"unknown trunk {str(self.trunk)[:40]!r}: one of {', '.join(TRUNKS)}")
        for name, low, high in _BOUNDS:
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise NetError(f"{name} is {str(value)[:40]}, not a whole number from {low} to {high}")
        pool = self.pool_blocks
        if not isinstance(pool, tuple) or any(type(b) is not int or not 0 <= b < self.blocks for b in pool):
            raise NetError(f"pool_blocks is {str(pool)[:40]}, not blocks from 0 to {self.blocks - 1}")
        if len(set(pool)) != len(pool):
            raise NetError("pool_blocks names a block twice")
        if pool and self.pool_channels >= self.inner_channels:
            raise NetError(f"pool_channels {self.pool_channels} leaves no channel of {self.inner_channels}")

    @property
    def inner_channels(self) -> int:
        """Channels after the first convolution of a block."""
        return self.bottleneck_channels if self.trunk == "bottleneck" else self.channels

    @property
    def skip(self) -> bool:
        """Whether the blocks have a skip connection."""
        return self.trunk != "plain"

    def block_convs(self, block: int) -> list[tuple[int, int, int]]:
        """(kernel, channels in, channels out) of each convolution of a block."""
        c, m = self.channels, self.inner_channels
        kept = m - self.pool_channels if block in self.pool_blocks else m
        if self.trunk == "bottleneck":
            return [(1, c, m), (3, kept, m), (1, m, c)]
        return [(3, c, c), (3, kept, c)]

    @classmethod
    def named(cls, text: str) -> NetConfig:
        """The usual config of a short name: ``"6x96"``, ``"plain-6x96"``, ``"bottleneck-10x128"``."""
        match = re.fullmatch(r"(?:([a-z]+)-)?(\d{1,3})x(\d{1,4})", text)
        if not match:
            raise NetError(f"{text[:40]!r} is not a network shape such as 6x96 or plain-6x96")
        blocks, channels = int(match[2]), int(match[3])
        pool = tuple(sorted({blocks // 3, 2 * blocks // 3})) if blocks > 1 else (0,)
        narrow = max(1, min(32, channels // 4))
        return cls(
            trunk=match[1] or "residual",
            blocks=blocks,
            channels=channels,
            pool_blocks=pool,
            pool_channels=narrow,
            bottleneck_channels=max(2, channels // 2),
            policy_channels=max(8, min(32, channels // 2)),
            value_channels=max(8, min(32, channels // 2)),
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> NetConfig:
        """The inverse of :meth:`to_dict`; a key that is unknown or missing is refused."""
        if not isinstance(values, Mapping):
            raise NetError("a network's config must be a table of keys and values")
        known = [field.name for field in dataclasses.fields(cls)]
        unknown = sorted(str(key)[:40] for key in values if key not in known)
        if unknown:
            raise NetError(f"unknown key in the network's config: {', '.join(unknown[:5])}")
        missing = [key for key in known if key not in values]
        if missing:
            raise NetError(f"key missing in the network's config: {', '.join(missing)}")
        values = dict(values)
        if isinstance(values["pool_blocks"], list):
            values["pool_blocks"] = tuple(values["pool_blocks"])
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self) | {"pool_blocks": list(self.pool_blocks)}

    def __str__(self) -> str:
        prefix = "" if self.trunk == "residual" else f"{self.trunk}-"
        return f"{prefix}{self.blocks}x{self.channels}"


_BOUNDS = (
    ("blocks", 1, 64),
    ("channels", 4, 512),
    ("pool_channels", 1, 512),
    ("bottleneck_channels", 2, 512),
    ("policy_channels", 1, 512),
    ("value_channels", 1, 512),
    ("value_hidden", 1, 2048),
)


def conv_norms(config: NetConfig) -> dict[str, tuple[int, int, int]]:
    """(kernel, channels in, channels out) of every ConvNorm, by name."""
    c = config.channels
    convs = {"stem": (3, PLANES, c)}
    for block in range(config.blocks):
        for j, shape in enumerate(config.block_convs(block)):
            convs[f"blocks.{block}.convs.{j}"] = shape
    convs["policy.board"] = (1, c, config.policy_channels)
    convs["policy.pooled"] = (1, c, config.pool_channels)
    convs["value.features"] = (1, c, config.value_channels)
    return convs


def tensor_shapes(config: NetConfig) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of a network, by name: what a weights file must hold, no more and no less."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, (kernel, inputs, outputs) in conv_norms(config).items():
        shapes[f"{name}.conv.weight"] = (outputs, inputs, kernel, kernel)
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.norm.{part}"] = (outputs,)
    shapes["stem_globals.weight"] = (config.channels, GLOBALS)
    for block in config.pool_blocks:
        kept = config.inner_channels - config.pool_channels
        shapes[f"blocks.{block}.pool.weight"] = (kept, 3 * config.pool_channels)
    p, v, h = config.policy_channels, config.value_channels, config.value_hidden
    shapes["policy.bias.weight"] = (p, 3 * config.pool_channels)
    shapes["policy.out.weight"] = (2, p, 1, 1)
    shapes["policy.pass_hidden.weight"] = (p, 3 * config.pool_channels)
    shapes["policy.pass_hidden.bias"] = (p,)
    shapes["policy.pass_out.weight"] = (2, p)
    shapes["policy.pass_out.bias"] = (2,)
    shapes["value.ownership.weight"] = (1, v, 1, 1)
    shapes["value.hidden.weight"] = (h, 3 * v)
    shapes["value.hidden.bias"] = (h,)
    shapes["value.value.weight"] = (3, h)
    shapes["value.value.bias"] = (3,)
    shapes["value.score.weight"] = (2, h)
    shapes["value.score.bias"] = (2,)
    return shapes


def parameter_count(config: NetConfig) -> int:
    """Numbers stored in a network, batch-norm statistics included."""
    return sum(math.prod(shape) for shape in tensor_shapes(config).values())


def width_factors(size: int) -> tuple[float, float]:
    """How the board's width enters pooled means, as in KataGo: w = (size - 14) / 10, and w² - 0.1."""
    linear = (size - 14) / 10
    return linear, linear * linear - 0.1


def fold(config: NetConfig, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The tensors for inference, float32: a ConvNorm is ``NAME.weight`` and ``NAME.bias``, others stay."""
    folded: dict[str, np.ndarray] = {}
    for name in conv_norms(config):
        variance = arrays[f"{name}.norm.running_var"].astype(np.float64)
        scale = arrays[f"{name}.norm.weight"] / np.sqrt(variance + NORM_EPSILON)
        weight = arrays[f"{name}.conv.weight"] * scale[:, None, None, None]
        bias = arrays[f"{name}.norm.bias"] - arrays[f"{name}.norm.running_mean"] * scale
        with np.errstate(over="ignore"):  # of weights beyond all bounds; whoever asks the network will see
            folded[f"{name}.weight"] = np.ascontiguousarray(weight, np.float32)
            folded[f"{name}.bias"] = np.ascontiguousarray(bias, np.float32)
    for name in tensor_shapes(config):
        if ".norm." not in name and not name.endswith(".conv.weight"):
            folded[name] = np.ascontiguousarray(arrays[name], np.float32)
    return folded
