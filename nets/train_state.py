"""What a training state holds, each part as what it must be: :meth:`nets.train.Trainer.load_state_dict` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nets.train_config import LARGEST, MOMENTS

NEVER_NEGATIVE = (".running_var", ".sum", ".exp_avg_sq")  # ends of the names of tensors in a state
MOST_STEPS = 10**15


def number(value: Any, name: str) -> float:
    """A number of a state, which cannot be negative."""
    if type(value) not in (int, float) or not 0 <= value <= LARGEST:
        raise ValueError(f"{name} is {str(value)[:40]}")
    return float(value)


def whole(value: Any, name: str) -> int:
    """A count of a state."""
    if type(value) is not int or not 0 <= value <= MOST_STEPS:
        raise ValueError(f"{name} is {str(value)[:40]}")
    return value


def _tensor(tensors: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A tensor of a state. ValueError unless it is float32 of this shape, and its numbers are possible."""
    array = tensors[name]
    if array.dtype != np.float32 or array.shape != shape:
        raise ValueError(f"tensor {name} is {array.dtype} {array.shape}, not float32 {shape}")
    if not np.isfinite(array).all() or (name.endswith(NEVER_NEGATIVE) and (array < 0).any()):
        raise ValueError(f"tensor {name} holds an impossible number")
    return array


def weights_of(
    tensors: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The network's tensors in a state, and their average. ValueError for what does not belong there, too."""
    model, average = (
        {name: _tensor(tensors, f"{part}.{name}", shape) for name, shape in shapes.items()} for part in ("model", "ema")
    )
    known = {f"{part}.{name}" for part in ("model", "ema") for name in shapes} | {"random.torch"}
    if odd := sorted(name for name in tensors if name not in known and not name.startswith("optimizer.")):
        raise ValueError(f"tensor {odd[0][:60]} is none of this network's")
    return model, average


def moments_of(kind: str, parameters: list[nn.Parameter], state: Mapping[str, Any]) -> dict[int, dict[str, Tensor]]:
    """What an optimiser has kept in a state, by the number of the parameter: of all of them, or {} of none."""
    tensors, moments = state["tensors"], state["moments"]
    there = {name for name in tensors if name.startswith("optimizer.")} | {f"optimizer.{name}" for name in moments}
    wanted = {f"optimizer.{index}.{key}" for index in range(len(parameters)) for key in MOMENTS[kind]}
    if there and (odd := sorted(there ^ wanted)):
        raise ValueError(f"{odd[0][:60]} is {'of no parameter' if odd[0] in there else 'missing'}")
    kept: dict[int, dict[str, Tensor]] = {}
    for index, parameter in enumerate(parameters if there else ()):
        kept[index] = {}
        for key in MOMENTS[kind]:
            if key == "step":
                kept[index][key] = torch.tensor(number(moments[f"{index}.{key}"], f"moments.{index}.{key}"))
                continue
            tensor = torch.from_numpy(_tensor(tensors, f"optimizer.{index}.{key}", tuple(parameter.shape)).copy())
            if tensor.dim() == 4:  # as the parameters lie in memory
                tensor = tensor.contiguous(memory_format=torch.channels_last)
            kept[index][key] = tensor
    return kept
