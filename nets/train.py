"""The optimiser step, the same for self-play and for game records.

A batch is a dict of numpy arrays of one board size S, with A = S * S + 1 actions, all from the mover's view:

    planes     uint8   [B, PLANES, S, S]     globals          float32 [B, GLOBALS]
    policy     float32 [B, A] distribution   policy_weight    float32 [B]
    reply      float32 [B, A] distribution   reply_weight     float32 [B]
    value      float32 [B, 3] win, loss, no result
    score      float32 [B] points            score_weight     float32 [B]
    ownership  float32 [B, S, S] in [-1, 1]  ownership_weight float32 [B]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nets import losses
from nets.bf16 import cpu_gains_by_bf16
from nets.config import GLOBALS, PLANES, NetError, tensor_shapes
from nets.evaluator import choose_device
from nets.gpu import gpu_has_bf16
from nets.memory import half_of, is_out_of_memory, release_memory
from nets.model import Network, export_arrays, import_arrays
from nets.packing import bit_numbers, pack_planes, unpack_planes
from nets.train_config import MOMENTS, TrainConfig
from nets.train_state import moments_of, number, weights_of, whole

BATCH_KEYS = (
    "planes",
    "globals",
    "policy",
    "policy_weight",
    "reply",
    "reply_weight",
    "value",
    "score",
    "score_weight",
    "ownership",
    "ownership_weight",
)


# What each loss is the weighted mean over; None: every sample counts the same.
WEIGHTS = {
    "policy": "policy_weight",
    "reply": "reply_weight",
    "value": None,
    "ownership": "ownership_weight",
    "score_mean": "score_weight",
    "score_spread": "score_weight",
    "top1": "policy_weight",
}


SHAPES = 64  # of input that a network is compiled for


class TrainingDiverged(ArithmeticError):
    """A loss, a gradient or a weight is not finite. Nothing was changed by the step that raised it."""


class Trainer:
    """A network in training, with its optimiser and the moving average of its weights.

    When the GPU's memory runs out, a step is repeated in parts of half as many samples, and later steps are cut alike
    (``at_once``; ``say`` hears of it). The gradients add up to that of the whole batch but for rounding, with one
    exception: batch normalisation averages over a part, as if the batch were that small.
    """

    def __init__(
        self, model: Network, config: TrainConfig | None = None, say: Callable[[str], None] | None = None
    ) -> None:
        self.at_once: int | None = None  # most samples that go through the network together; None: the whole batch
        self._say = say or (lambda text: None)
        self.config = config = config or TrainConfig()
        self.device = torch.device("cuda" if choose_device(config.device) == "cuda" else "cpu")
        self.packs = self.device.type == "cuda"  # planes travel eight to a byte, see nets.packing
        self._bits = bit_numbers(self.device)
        self.bf16 = config.bf16 and (gpu_has_bf16() if self.device.type == "cuda" else cpu_gains_by_bf16())
        self.model = model.to(self.device)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model.train()
        self._forward: Callable[..., Any] = self.model
        if config.compile and self.device.type == "cuda":
            self._forward = compiled(self.model)
        self.optimizer = _optimizer(model, config)
        self.lr = config.lr
        self.steps = 0
        self._averaged = [model.state_dict()[key] for key in tensor_shapes(model.config)]
        self._ema = [tensor.detach().clone() for tensor in self._averaged]

    def set_lr(self, lr: float) -> None:
        """Sets the learning rate of the steps to come."""
        self.lr = float(lr)
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr

    def step(self, batch: Mapping[str, np.ndarray]) -> dict[str, float]:
        """Learns from a batch; returns ``loss`` (weighted sum), each loss, ``gradient`` (norm), ``top1``.

        Raises TrainingDiverged, before anything is changed, if a loss or the gradient is not finite.
        """
        _check(batch)
        buffers = [b.clone() for b in self.model.buffers()]
        while (found := self._gradients_or_shrink(batch)) is None:
            self._restore(buffers)
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip or float("inf"), foreach=True)
        top1 = found.pop("top1")
        names = [*found, "gradient", "top1"]
        figures = dict(zip(names, torch.stack([*found.values(), norm, top1]).tolist(), strict=True))
        bad = [name for name, figure in figures.items() if not np.isfinite(figure)]
        if bad:
            self._restore(buffers)
            raise TrainingDiverged(f"training diverged at step {self.steps}: {', '.join(bad)} not finite")
        self.optimizer.step()
        self.steps += 1
        self._average()
        return figures

    def warm_up(self, size: int, batch: int) -> None:
        """Compiles what a step of so many samples needs, where that is done, and changes nothing."""
        if self._forward is self.model:
            return
        nothing = empty_batch(size, batch)
        buffers = [b.clone() for b in self.model.buffers()]
        while self._gradients_or_shrink(nothing) is None:
            pass
        self._restore(buffers)
        self.optimizer.zero_grad(set_to_none=True)

    @torch.no_grad()
    def _restore(self, buffers: list[Tensor]) -> None:
        """Sets the batch norms' statistics back."""
        for buffer, before in zip(self.model.buffers(), buffers, strict=True):
            buffer.copy_(before)

    def _gradients_or_shrink(self, batch: Mapping[str, np.ndarray]) -> dict[str, Tensor] | None:
        """:meth:`_gradients`; None if the memory did not suffice, and ``at_once`` is smaller now, or if what was
        compiled does not run, and the network goes on as it is written."""
        try:
            return self._gradients(batch)
        except Exception as error:
            if not is_out_of_memory(error):
                if self._forward is self.model:
                    raise
                self._forward = self.model
                self._say(f"torch.compile failed ({' '.join(str(error).split())[:100]}): training goes on without it")
                return None
        # Outside of the handler: while the error is alive, its frames hold tensors.
        self.optimizer.zero_grad(set_to_none=True)
        self.at_once = half_of(min(self.at_once or len(batch["planes"]), len(batch["planes"])), "GPU: out of memory")
        release_memory()
        self._say(f"GPU: out of memory, training on at most {self.at_once} samples at once from now on")
        return None

    def _gradients(self, batch: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
        """Leaves the gradient of a batch in the parameters; returns ``loss``, each loss, and ``top1``.

        Each loss is a mean over the batch: that of a part counts by the part's share of all weights.
        """
        self.optimizer.zero_grad(set_to_none=True)
        self.model.train()
        weights, count = dataclasses.asdict(self.config), len(batch["planes"])
        found: dict[str, Tensor] = {}
        for begin in range(0, count, self.at_once or count):
            part = {key: batch[key][begin : begin + (self.at_once or count)] for key in BATCH_KEYS}
            tensors = self._to_device(part)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                output = self._forward(tensors["planes"], tensors["globals"])
            losses_ = {name: _share(part, batch, name) * loss for name, loss in self._losses(output, tensors).items()}
            total = torch.stack([weights[name] * loss for name, loss in losses_.items()]).sum()
            total.backward()
            with torch.no_grad():
                hits = (output.policy.argmax(1) == tensors["policy"].argmax(1)).float()
                top1 = _share(part, batch, "top1") * losses.weighted_mean(hits, tensors["policy_weight"])
            for name, figure in {"loss": total, **losses_, "top1": top1}.items():
                found[name] = found[name] + figure.detach() if name in found else figure.detach()
        return found

    def evaluate(self, batch: Mapping[str, np.ndarray], averaged: bool = False) -> dict[str, float]:
        """The losses of a batch under the current weights and batch-norm statistics, or the averaged ones; learns
        nothing."""
        _check(batch)
        tensors = self._to_device(batch)
        inputs = (tensors["planes"], tensors["globals"])
        self.model.eval()
        with torch.no_grad():
            if averaged and self.config.ema:
                weights = dict(zip(tensor_shapes(self.model.config), self._ema, strict=True))
                output = torch.func.functional_call(self.model, weights, inputs)
            else:
                output = self.model(*inputs)
            parts = self._losses(output, tensors)
        self.model.train()
        return {name: float(loss) for name, loss in parts.items()}

    def _losses(self, output: Any, t: dict[str, Tensor]) -> dict[str, Tensor]:
        return {
            "policy": losses.policy_loss(output.policy, t["policy"], t["policy_weight"]),
            "reply": losses.policy_loss(output.reply, t["reply"], t["reply_weight"]),
            "value": losses.value_loss(output.value, t["value"]),
            "ownership": losses.ownership_loss(output.ownership, t["ownership"], t["ownership_weight"]),
            "score_mean": losses.score_mean_loss(output.score, t["score"], t["score_weight"]),
            "score_spread": losses.score_spread_loss(output.score, t["score"], t["score_weight"]),
        }

    def _to_device(self, batch: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
        tensors = {}
        for key in BATCH_KEYS:
            array = np.ascontiguousarray(batch[key])
            tensor = torch.from_numpy(pack_planes(array) if key == "planes" and self.packs else array)
            if self.device.type == "cuda":
                tensor = tensor.pin_memory().to(self.device, non_blocking=True)
            tensors[key] = tensor if key == "planes" else tensor.float()
        if self.packs:
            tensors["planes"] = unpack_planes(tensors["planes"], self._bits, batch["planes"].shape[-1])
        tensors["planes"] = tensors["planes"].float().contiguous(memory_format=torch.channels_last)
        return tensors

    @torch.no_grad()
    def _average(self) -> None:
        if self.config.ema == 0:
            return
        decay = min(self.config.ema, (1 + self.steps) / (self.config.ema_warmup + self.steps))
        torch._foreach_lerp_(self._ema, self._averaged, 1 - decay)

    def ema_arrays(self) -> dict[str, np.ndarray]:
        """The averaged weights and batch-norm statistics, as ``save_net`` takes them; no ema: the last."""
        if self.config.ema == 0:
            return export_arrays(self.model)
        names = tensor_shapes(self.model.config)
        return {name: t.cpu().numpy().copy() for name, t in zip(names, self._ema, strict=True)}

    def state_dict(self) -> dict[str, Any]:
        """Everything that a continued training needs: plain values, and ``tensors``, numpy arrays by name.

        Raises TrainingDiverged if a number of them is not finite: no training goes on from that.
        """
        tensors = {f"model.{name}": array for name, array in export_arrays(self.model).items()}
        tensors |= {f"ema.{name}": array for name, array in self.ema_arrays().items()}
        moments: dict[str, float] = {}
        for index, state in self.optimizer.state_dict()["state"].items():
            for key, value in state.items():
                if isinstance(value, Tensor) and value.dim():
                    tensors[f"optimizer.{index}.{key}"] = value.cpu().contiguous().numpy().copy()
                elif value is not None:
                    moments[f"{index}.{key}"] = float(value)
        if bad := [name for name, array in tensors.items() if not np.isfinite(array).all()]:
            raise TrainingDiverged(f"training diverged at step {self.steps}: {bad[0]} not finite")
        tensors["random.torch"] = torch.get_rng_state().numpy().copy()
        return {
            "net": self.model.config.to_dict(),
            "train": self.config.to_dict(),
            "steps": self.steps,
            "lr": self.lr,
            "moments": moments,
            "tensors": tensors,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from :meth:`state_dict`, of a network of the same shape; another optimiser starts afresh.

        Raises NetError, before anything is changed, if the state does not fit.
        """
        try:
            for part in ("net", "train", "moments", "tensors"):
                if not isinstance(state[part], Mapping):
                    raise ValueError(f"{part} is no table")
            if state["net"] != self.model.config.to_dict():
                raise NetError("the checkpoint is of a network of another shape")
            tensors, config = state["tensors"], state["train"]
            steps, lr = whole(state["steps"], "steps"), number(state["lr"], "lr")
            kind, ema = config["optimizer"], number(config["ema"], "train.ema")
            if kind not in MOMENTS:
                raise ValueError(f"train.optimizer is {str(kind)[:40]!r}")
            model, average = weights_of(tensors, tensor_shapes(self.model.config))
            optimizer = _optimizer(self.model, self.config)
            kept = moments_of(kind, [p for group in optimizer.param_groups for p in group["params"]], state)
            torch.set_rng_state(torch.from_numpy(tensors["random.torch"].copy()))  # refuses what it cannot take
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            if isinstance(error, NetError):
                raise
            why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise NetError(f"the checkpoint is damaged ({' '.join(why.split())[:120]})") from None
        import_arrays(self.model, model)
        if ema == 0 or self.config.ema == 0:  # in states of older programs there is one from before it was turned off
            average = model
        for name, tensor in zip(average, self._ema, strict=True):
            tensor.copy_(torch.from_numpy(average[name]))
        if kept and kind == self.config.optimizer:
            optimizer.load_state_dict({"state": kept, "param_groups": optimizer.state_dict()["param_groups"]})
        self.optimizer, self.steps = optimizer, steps
        self.set_lr(lr)


def compiled(network: nn.Module, **options: Any) -> Callable[..., Any]:
    """The network, compiled anew for each shape of input that it meets.

    By default torch gives a network up, without a word, after 8 of them; a run may have 13 board sizes, and parts of
    batches besides.
    """
    from torch._dynamo import config

    limit = "recompile_limit" if hasattr(config, "recompile_limit") else "cache_size_limit"  # torch 2.6
    setattr(config, limit, max(getattr(config, limit), SHAPES))
    return torch.compile(network, dynamic=False, **options)


def empty_batch(size: int, count: int) -> dict[str, np.ndarray]:
    """A batch of empty boards that nothing is to be learned from: all weights are 0."""
    actions, board = size * size + 1, (size, size)
    shapes: dict[str, tuple[int, ...]] = {
        "planes": (PLANES, *board), "globals": (GLOBALS,), "policy": (actions,), "reply": (actions,), "value": (3,),
        "ownership": board,
    }  # fmt: skip
    return {
        key: np.zeros((count, *shapes.get(key, ())), np.uint8 if key == "planes" else np.float32) for key in BATCH_KEYS
    }


def _check(batch: Mapping[str, np.ndarray]) -> None:
    """ValueError unless a batch is complete."""
    missing = [key for key in BATCH_KEYS if key not in batch]
    if missing:
        raise ValueError(f"missing in the training batch: {', '.join(missing)}")


def _share(part: Mapping[str, np.ndarray], batch: Mapping[str, np.ndarray], name: str) -> float:
    """The part's share of what a loss is averaged over; 1 for a whole batch, and where nothing has a weight."""
    key = WEIGHTS[name]
    if key is None or len(part["planes"]) == len(batch["planes"]):
        return len(part["planes"]) / len(batch["planes"])
    whole = float(batch[key].sum())
    return float(part[key].sum()) / whole if whole else 1.0


def _optimizer(model: Network, config: TrainConfig) -> torch.optim.Optimizer:
    """The optimiser, with weight decay on convolutions and linear maps alone."""
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    groups = [
        {"params": decayed, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    kind, lr = config.optimizer, config.lr
    if kind in ("momentum", "nesterov"):
        return torch.optim.SGD(groups, lr=lr, momentum=config.momentum, nesterov=kind == "nesterov", foreach=True)
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=lr, foreach=True)
    if kind == "adagrad":
        return torch.optim.Adagrad(groups, lr=lr, foreach=True)
    if kind == "adam":
        return torch.optim.Adam(groups, lr=lr, foreach=True)
    return torch.optim.AdamW(groups, lr=lr, foreach=True)
