"""The network in torch, for training and for the torch and CUDA evaluators; nets.config tells its shape."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.config import (
    GLOBALS,
    NORM_EPSILON,
    PLANES,
    SCORE_SCALE,
    NetConfig,
    NetError,
    tensor_shapes,
    width_factors,
)

__all__ = ["NetConfig", "NetOutput", "Network", "export_arrays", "import_arrays"]

FIRST_RULE_FLAG = 4  # globals 4..7 are rule flags: zero weights until a flag is seen in training


class NetOutput(NamedTuple):
    """Outputs for B positions on an S x S board, from the mover's view; A = S * S + 1, the pass last."""

    policy: Tensor  # float [B, A] logits of the mover's next move
    reply: Tensor  # float [B, A] logits of the opponent's next move; for training only
    value: Tensor  # float [B, 3] logits of win, loss, no result
    score: Tensor  # float [B, 2] mean and spread of the final score, in points
    ownership: Tensor  # float [B, S, S] before the tanh


class ConvNorm(nn.Module):
    """Convolution and batch normalisation. ``fuse`` makes it one convolution with a bias, for inference."""

    def __init__(self, kernel: int, inputs: int, outputs: int, gamma: float = 1.0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        norm = nn.BatchNorm2d(outputs, eps=NORM_EPSILON)
        self.norm: nn.Module = norm
        nn.init.normal_(self.conv.weight, std=math.sqrt(2 / (inputs * kernel * kernel)))
        nn.init.constant_(norm.weight, gamma)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))

    def fuse(self) -> None:
        """Folds the normalisation, with its running statistics, into the convolution."""
        norm = self.norm
        assert isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None and norm.running_var is not None
        scale = (norm.weight / torch.sqrt(norm.running_var.double() + norm.eps)).detach()
        weight = self.conv.weight.detach() * scale[:, None, None, None]
        self.conv.weight = nn.Parameter(weight.float())
        self.conv.bias = nn.Parameter((norm.bias.detach() - norm.running_mean * scale).float())
        self.norm = nn.Identity()


def pooled(x: Tensor) -> Tensor:
    """[B, C, S, S] -> [B, 3C]: mean, mean times the width factor, max."""
    linear, _ = width_factors(x.shape[-1])
    mean = x.mean(dim=(2, 3))
    return torch.cat((mean, mean * linear, x.amax(dim=(2, 3))), dim=1)


def value_pooled(x: Tensor) -> Tensor:
    """[B, C, S, S] -> [B, 3C]: mean, and the mean times the linear and the quadratic width factor."""
    linear, quadratic = width_factors(x.shape[-1])
    mean = x.mean(dim=(2, 3))
    return torch.cat((mean, mean * linear, mean * quadratic), dim=1)


def _linear(inputs: int, outputs: int, gain: float, bias: bool = True) -> nn.Linear:
    """A linear map with He weights times ``gain`` and no bias at the start."""
    layer = nn.Linear(inputs, outputs, bias=bias)
    nn.init.normal_(layer.weight, std=gain * math.sqrt(2 / inputs))
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


class Block(nn.Module):
    """One block of the trunk, of any kind, with or without global pooling."""

    def __init__(self, config: NetConfig, block: int) -> None:
        super().__init__()
        shapes = config.block_convs(block)
        # With a skip, the last normalisation starts small: the block starts near the identity. 0.3 learned
        # faster than 0 and than 1 in the first 150 steps (docs/network.md).
        gammas = [1.0] * (len(shapes) - 1) + [0.3 if config.skip else 1.0]
        self.convs = nn.ModuleList(ConvNorm(*s, gamma=g) for s, g in zip(shapes, gammas, strict=True))
        self.skip = config.skip
        self.kept = config.inner_channels - config.pool_channels
        self.pool: nn.Linear | None = None
        if block in config.pool_blocks:
            self.pool = _linear(3 * config.pool_channels, self.kept, gain=0.5, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.convs[0](x)
        if self.pool is not None:
            kept, rest = y.split((self.kept, y.shape[1] - self.kept), dim=1)  # slices' gradients lose channels_last
            y = kept + self.pool(pooled(F.relu(rest)))[:, :, None, None]
        for conv in self.convs[1:]:
            y = conv(F.relu_(y))
        return F.relu_(y + x) if self.skip else F.relu_(y)


class PolicyHead(nn.Module):
    """Trunk [B, C, S, S] -> policy and reply logits [B, 2, S * S + 1]."""

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        features = 3 * config.pool_channels
        self.board = ConvNorm(1, config.channels, config.policy_channels)
        self.pooled = ConvNorm(1, config.channels, config.pool_channels)
        self.bias = _linear(features, config.policy_channels, gain=0.5, bias=False)
        self.out = nn.Conv2d(config.policy_channels, 2, 1, bias=False)
        self.pass_hidden = _linear(features, config.policy_channels, gain=1.0)
        self.pass_out = _linear(config.policy_channels, 2, gain=0.1)
        nn.init.normal_(self.out.weight, std=0.1 * math.sqrt(2 / config.policy_channels))

    def forward(self, x: Tensor) -> Tensor:
        features = pooled(F.relu_(self.pooled(x)))
        board = self.out(F.relu_(self.board(x) + self.bias(features)[:, :, None, None]))
        passing = self.pass_out(F.relu(self.pass_hidden(features)))
        return torch.cat((board.flatten(2), passing[:, :, None]), dim=2)


class ValueHead(nn.Module):
    """Trunk [B, C, S, S] -> value logits [B, 3], score [B, 2] (points), ownership [B, S, S] (no tanh)."""

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.features = ConvNorm(1, config.channels, config.value_channels)
        self.ownership = nn.Conv2d(config.value_channels, 1, 1, bias=False)
        self.hidden = _linear(3 * config.value_channels, config.value_hidden, gain=1.0)
        self.value = _linear(config.value_hidden, 3, gain=0.1)
        self.score = _linear(config.value_hidden, 2, gain=0.1)
        nn.init.normal_(self.ownership.weight, std=0.1 * math.sqrt(2 / config.value_channels))
        with torch.no_grad():
            self.value.bias[2] = -4.0  # "no result" is rare: it starts at 1 % rather than a third

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features = F.relu_(self.features(x))
        hidden = F.relu(self.hidden(value_pooled(features)))
        raw = self.score(hidden).float()
        score = torch.stack((raw[:, 0], F.softplus(raw[:, 1])), dim=1) * SCORE_SCALE
        return self.value(hidden), score, self.ownership(features)[:, 0]


class Network(nn.Module):
    """planes [B, PLANES, S, S] (uint8 or float) and globals [B, GLOBALS] -> NetOutput, for any S."""

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.config = config
        self.stem = ConvNorm(3, PLANES, config.channels)
        self.stem_globals = _linear(GLOBALS, config.channels, gain=1.0, bias=False)
        self.blocks = nn.ModuleList(Block(config, b) for b in range(config.blocks))
        self.policy = PolicyHead(config)
        self.value = ValueHead(config)
        with torch.no_grad():
            self.stem_globals.weight[:, FIRST_RULE_FLAG:] = 0

    def forward(self, planes: Tensor, globals: Tensor) -> NetOutput:
        dtype = self.stem.conv.weight.dtype
        x = self.stem(planes.to(dtype=dtype))
        x = F.relu_(x + self.stem_globals(globals.to(dtype=dtype))[:, :, None, None])
        for block in self.blocks:
            x = block(x)
        logits = self.policy(x)
        value, score, ownership = self.value(x)
        return NetOutput(logits[:, 0], logits[:, 1], value, score, ownership)

    def fuse(self) -> None:
        """Folds every normalisation into its convolution; the network can then be run, not trained."""
        self.eval()
        for module in self.modules():
            if isinstance(module, ConvNorm):
                module.fuse()


def export_arrays(model: Network) -> dict[str, np.ndarray]:
    """The network's tensors as float32 copies, named and shaped as :func:`nets.config.tensor_shapes` says."""
    state = model.state_dict()
    return {name: state[name].detach().float().cpu().numpy().copy() for name in tensor_shapes(model.config)}


def import_arrays(model: Network, arrays: Mapping[str, np.ndarray]) -> None:
    """Sets the network's tensors in place; names and shapes must be those of its config."""
    state = model.state_dict()
    with torch.no_grad():
        for name, shape in tensor_shapes(model.config).items():
            if name not in arrays or tuple(arrays[name].shape) != shape:
                raise NetError(f"tensor {name} is missing, or not of the shape {shape}")
            state[name].copy_(torch.from_numpy(np.array(arrays[name], np.float32)))
