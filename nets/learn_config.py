"""What a run of ``gogame learn`` is: its knobs, kept as ``config.toml`` in its folder."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gogame.disk import write_atomically
from nets.config import MAX_SIZE, MIN_SIZE, NetConfig, NetError
from nets.evaluator import choose_device
from nets.toml import as_float, dump, knob, load, meanings
from nets.train_config import TrainConfig


@dataclass(frozen=True)
class LearnConfig:
    """A run's ``config.toml``."""

    size: int = knob(19, "lines of the board; cannot change")
    net: str = knob("6x96", "shape of the network: blocks x channels, plain-BxC or bottleneck-BxC; cannot change")
    start: str = knob("", "network whose weights it begins with, grown to that shape: a name or a file; '' = none")
    total_minutes: float = knob(25.0, "plan of the whole run, over all calls: the learning rate follows it")
    batch: int = knob(256, "positions a step")
    lr_per_sample: float = knob(2.4e-4, "peak learning rate / batch, for momentum 0.9")
    warmup: float = knob(0.05, "share of the plan until the peak")
    optimizer: str = knob("nesterov", "momentum, nesterov, sgd, adagrad, adam or adamw")
    value: float = knob(0.1, "weight of the result: more, and games are learned by heart")
    komi_spread: float = knob(5.0, "points added to the komi of counted games, half of the time: standard deviation")
    ema: float = knob(0.998, "decay a step of the averaged weights")
    held_out: float = knob(0.01, "share of the games that are only measured on")
    seed: int = knob(0, "of all that is drawn at random")

    def __post_init__(self) -> None:
        NetConfig.named(self.net)
        for good, text in (
            (MIN_SIZE <= self.size <= MAX_SIZE, f"size must be from {MIN_SIZE} to {MAX_SIZE}"),
            (0 < self.total_minutes < math.inf, "total_minutes must be positive and finite"),
            (1 <= self.batch <= 65536, "batch must be from 1 to 65536"),
            (0 < self.lr_per_sample < 1, "lr_per_sample must be above 0 and below 1"),
            (0 <= self.komi_spread <= 100, "komi_spread must be from 0 to 100"),
            (0 <= self.warmup < 1, "warmup must be from 0 to 1"),
            (0 < self.held_out < 1, "held_out must be above 0 and below 1"),
            (0 <= self.seed < 2**32, "seed must be from 0 to 2^32 - 1"),
        ):
            if not good:
                raise NetError(text)
        self.training()

    def training(self, device: str = "auto") -> TrainConfig:
        """What the trainer is told; NetError for values that it refuses, before any record is read."""
        return TrainConfig(optimizer=self.optimizer, lr=self.lr(0.0), value=self.value, ema=self.ema, device=device)

    def lr(self, share: float) -> float:
        """The learning rate after this share of the plan."""
        peak = self.lr_per_sample * self.batch
        if share < self.warmup:
            return peak * (0.1 + 0.9 * share / self.warmup)
        return peak * 0.5 * (1 + math.cos(math.pi * min((share - self.warmup) / (1 - self.warmup), 0.999)))


def fresh_config(minutes: float, device: str) -> LearnConfig:
    """The defaults on this device: a GPU takes larger steps, at a peak rate of 0.12."""
    config = LearnConfig(total_minutes=minutes)
    return dataclasses.replace(config, batch=2048, lr_per_sample=6e-5) if choose_device(device) == "cuda" else config


def read_config(path: Path) -> LearnConfig:
    """The config in a file; NetError, in one line, for anything wrong."""
    try:
        tables = load(path)
        if "learn" not in tables or "run" in tables:
            raise NetError("not of a run of gogame learn")
        if unknown := sorted(set(tables) - {"learn"}):
            raise NetError(f"unknown table {unknown[0][:40]}")
        if not isinstance(tables["learn"], dict):
            raise NetError("learn must be a table")
        return _config_of(tables["learn"])
    except RecursionError:
        raise NetError(f"{path}: too deeply nested") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NetError(f"{path}: {' '.join(str(error).split())[:160]}") from None


def _config_of(values: dict[str, Any]) -> LearnConfig:
    kinds = {f.name: type(f.default) for f in dataclasses.fields(LearnConfig)}
    if unknown := sorted(set(values) - set(kinds)):
        raise NetError(f"unknown key {unknown[0][:40]}")
    given: dict[str, Any] = {k: as_float(v) if kinds[k] is float else v for k, v in values.items()}
    if wrong := [k for k, v in given.items() if type(v) is not kinds[k]]:
        raise NetError(f"{wrong[0]} must be of the type {kinds[wrong[0]].__name__}")
    return LearnConfig(**given)


def with_settings(config: LearnConfig, settings: tuple[str, ...]) -> LearnConfig:
    """The config with ``key=value`` changes, the value written as in TOML; a bare word is a string."""
    values = dataclasses.asdict(config)
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise NetError(f"{setting[:60]!r} is not of the form key=value")
        try:
            values[key.strip()] = tomllib.loads(f"value = {text}")["value"]
        except (ValueError, RecursionError):
            values[key.strip()] = text.strip()
    return _config_of(values)


def write_config(path: Path, config: LearnConfig) -> None:
    """Writes a config as TOML, all or nothing."""
    tables = {"learn": dataclasses.asdict(config)}
    write_atomically(path, dump(tables, "The run's config; read at every start.", {"learn": meanings(config)}).encode())
