"""How a network is trained: the optimiser, its rates, and what each loss weighs. Reading it needs no torch."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nets.config import NetError
from nets.toml import knob

# The optimisers, and what each keeps of every parameter: tensors of its shape, and as "step" a number.
MOMENTS: dict[str, tuple[str, ...]] = {
    "momentum": ("momentum_buffer",),
    "nesterov": ("momentum_buffer",),
    "sgd": (),
    "adagrad": ("step", "sum"),
    "adam": ("step", "exp_avg", "exp_avg_sq"),
    "adamw": ("step", "exp_avg", "exp_avg_sq"),
}
OPTIMIZERS = tuple(MOMENTS)
LARGEST = 1e36  # of the numbers of a config and a state: float32 ends at 3e38, and adam takes ten times the rate


@dataclass(frozen=True)
class TrainConfig:
    """How to learn. The weights of the losses follow AlphaGo Zero and KataGo."""

    optimizer: str = knob("momentum", "momentum, nesterov, sgd, adagrad, adam or adamw")
    lr: float = knob(0.02, "learning rate at the start; set_lr changes it")
    momentum: float = knob(0.9, "of 'momentum' and 'nesterov'")
    weight_decay: float = knob(1e-4, "L2, or decoupled for adamw; not on batch norms and biases")
    clip: float = knob(5.0, "largest norm of the gradient; 0 = no limit")
    ema: float = knob(0.998, "decay a step of the averaged weights; 0 = no average")
    ema_warmup: float = knob(10.0, "steps: decay <= (1 + step) / (ema_warmup + step), to forget the start")
    policy: float = knob(1.0, "weight of the policy's cross-entropy")
    reply: float = knob(0.15, "weight of the opponent's reply")
    value: float = knob(1.5, "weight of the result's cross-entropy")
    ownership: float = knob(1.5, "weight of the mean cross-entropy a point")
    score_mean: float = knob(0.25, "weight of the Huber loss in units of 20 points")
    score_spread: float = knob(0.25, "weight of the CRPS in units of 20 points")
    device: str = knob("auto", "'cpu', 'cuda', or 'auto': cuda where there is one")
    compile: bool = knob(True, "by torch.compile, on a GPU; a CPU would spend minutes on it")
    bf16: bool = knob(True, "mixed precision where the device is faster in bfloat16; weights stay float32")

    def __post_init__(self) -> None:
        if self.optimizer not in OPTIMIZERS:
            raise NetError(f"unknown optimizer {self.optimizer!r}: one of {', '.join(OPTIMIZERS)}")
        if self.device not in ("auto", "cpu", "cuda"):
            raise NetError(f"unknown device {self.device[:40]!r}: one of auto, cpu, cuda")
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(field.default, float) and not 0 <= value <= LARGEST:  # nan is neither
                raise NetError(f"{field.name} must be from 0 to {LARGEST:g}, not {str(value)[:40]}")
            if field.name in ("ema", "momentum") and value >= 1:
                raise NetError(f"{field.name} must be below 1, not {value}")
        if self.lr == 0:
            raise NetError("lr must be above 0")
        if self.optimizer == "nesterov" and self.momentum == 0:
            raise NetError("momentum must be above 0 with the optimizer nesterov; without momentum it is sgd")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainConfig:
        """Refuses unknown keys."""
        unknown = sorted(set(values) - {field.name for field in dataclasses.fields(cls)})
        if unknown:
            raise NetError(f"unknown key {', '.join(f'train.{key[:40]}' for key in unknown[:5])}")
        given = dict(values)
        for key, value in values.items():
            wanted = type(getattr(cls, key))
            if wanted is float and type(value) is int:
                given[key] = float(value) if abs(value) <= LARGEST else math.inf
            elif type(value) is not wanted:
                raise NetError(f"train.{key} must be of the type {wanted.__name__}")
        return cls(**given)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)
