"""The lab's networks: four trunks at two depths or three, with and without pooling, of 130,000 to 180,000 parameters.

    alexnet     2 or 5 convolutions, the first 5x5, then two fully connected layers with dropout (Krizhevsky et al.
                2012). Every output is fully connected as well, so one network plays one board size. "Pooling" is
                max-pooling 3x3 with stride 2 after the first and after the last convolution (their section 3.4).
    plain       3, 6 or 12 blocks of two 3x3 convolutions (VGG: Simonyan & Zisserman 2014)
    residual    the same with a skip around each block (He et al. 2015; AlphaGo Zero)
    bottleneck  3 or 12 blocks 1x1, 3x3, 1x1 with a skip; the wide ends have four times the channels of the middle
                (He et al. 2015, figure 5, ResNet-50)

The last three are the project's own :class:`nets.model.Network`; "pooling" is its global pooling in two of the blocks.
Four times the depth goes with half of the channels, which leaves the number of the trunk's parameters as it is.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.config import GLOBALS, PLANES, SCORE_SCALE, NetConfig
from nets.model import NetOutput, Network

# Trunk -> depth -> channels. Depth is convolutions for alexnet, blocks for the others.
TRUNKS = {
    "alexnet": {2: 48, 5: 32},
    "plain": {3: 48, 6: 34, 12: 24},
    "residual": {3: 48, 6: 34, 12: 24},
    "bottleneck": {3: 192, 12: 96},
}
# The depths that are measured with pooling too.
POOLED_DEPTHS = {"alexnet": (2, 5), "plain": (3, 12), "residual": (3, 12), "bottleneck": (3, 12)}
HEAD = {"policy_channels": 24, "value_channels": 24, "value_hidden": 48, "pool_channels": 8}  # of all Networks
HIDDEN = 128  # units of AlexNet's fully connected layers
NARROW = 8  # channels that AlexNet's last convolution leaves where no pooling makes the board smaller
DROPOUT = 0.5  # share of the hidden units that is dropped in each training step


class AlexNet(nn.Module):
    """planes [B, PLANES, S, S] and globals [B, GLOBALS] -> NetOutput, for one S.

    No batch normalisation, as in the paper. Without pooling the last convolution has few channels, so that the first
    fully connected layer, which has a weight for every point of every channel, stays as large as with pooling.
    """

    def __init__(self, size: int, convs: int, channels: int, pooling: bool) -> None:
        super().__init__()
        self.size, self.pooling = size, pooling
        last = channels if pooling else NARROW
        widths = [PLANES, *[channels] * (convs - 1), last]
        self.convs = nn.ModuleList(
            nn.Conv2d(widths[i], widths[i + 1], 3 if i else 5, padding=1 if i else 2) for i in range(convs)
        )
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)  # S -> ceil(S / 2); windows overlap
        side = math.ceil(math.ceil(size / 2) / 2) if pooling else size
        self.hidden = nn.Sequential(
            nn.Linear(last * side * side + GLOBALS, HIDDEN), nn.ReLU(), nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Dropout(DROPOUT),
        )  # fmt: skip
        area = size * size
        self.parts = (area + 1, area + 1, 3, 2, area)  # policy, reply, value, score, ownership
        self.out = nn.Linear(HIDDEN, sum(self.parts))
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            self.out.weight *= 0.1

    def forward(self, planes: Tensor, globals: Tensor) -> NetOutput:
        x = F.relu_(self.convs[0](planes))
        if self.pooling:
            x = self.pool(x)
        for conv in self.convs[1:]:
            x = F.relu_(conv(x))
        if self.pooling:
            x = self.pool(x)
        x = self.hidden(torch.cat((x.flatten(1), globals), dim=1))
        policy, reply, value, raw, ownership = self.out(x).split(self.parts, dim=1)
        raw = raw.float()
        score = torch.stack((raw[:, 0], F.softplus(raw[:, 1])), dim=1) * SCORE_SCALE
        return NetOutput(policy, reply, value, score, ownership.unflatten(1, (self.size, self.size)))


def make_network(trunk: str, depth: int, pooling: bool, size: int) -> nn.Module:
    """An untrained network of the lab; its weights are drawn from torch's generator."""
    channels = TRUNKS[trunk][depth]
    if trunk == "alexnet":
        return AlexNet(size, depth, channels, pooling)
    pool = tuple(sorted({depth // 3, 2 * depth // 3})) if pooling else ()
    return Network(
        NetConfig(
            trunk=trunk, blocks=depth, channels=channels, pool_blocks=pool, bottleneck_channels=channels // 4, **HEAD
        )
    )


def parameters(model: nn.Module) -> int:
    """Numbers that are learned."""
    return sum(p.numel() for p in model.parameters())
