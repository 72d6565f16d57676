"""What a run is: every knob with its unit, kept as ``config.toml`` in the run's folder.

The file is read again at every start, so that a run can be changed between two calls; unknown keys are refused. What
cannot change (board size, shape of the network) is checked against the checkpoint.
"""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

from gogame.disk import write_atomically
from nets.config import MAX_SIZE, MIN_SIZE, NetConfig
from nets.toml import as_float, dump, knob, load, meanings
from nets.train_config import TrainConfig
from selfplay.games import SelfPlayConfig

MOST_POSITIONS = 10**9  # of the window: hundreds of gigabytes
MOST_RATE = 1e30  # times the largest batch the trainer takes it (nets.train_config.LARGEST)


class ConfigError(ValueError):
    """A config that cannot be used; one line for the user."""


@dataclass(frozen=True)
class RunOptions:
    """The run as a whole."""

    sizes: tuple[int, ...] = knob((9,), "lines of the boards, ascending; cannot change")
    shares: tuple[float, ...] = knob((1.0,), "of the seconds of playing, size by size; one number: all alike")
    total_minutes: float = knob(30.0, "plan of the whole run, over all calls: the schedules follow it")
    net: str = knob("4x64", "shape of the network: blocks x channels, plain-BxC or bottleneck-BxC; cannot change")
    start: str = knob("", "network whose weights it begins with, grown to that shape: a name or a file; '' = none")
    games: int = knob(128, "played at once; a batch is a group of them: with a GPU selfplay.groups, else one a core")
    seed: int = knob(0, "of all that is drawn at random")
    slice_seconds: float = knob(15.0, "seconds of playing before training takes its turn")
    checkpoint_seconds: float = knob(60.0, "seconds between two checkpoints")
    keep_minutes: float = knob(
        5.0, "minutes between two networks kept for good, to be measured and as weaker opponents"
    )
    sgf_games: int = knob(2, "games of each slice written as SGF into sgf/, the newest 100 kept; 0 = none")

    @property
    def boards(self) -> str:
        """The sizes in words."""
        *others, last = (f"{size}x{size}" for size in self.sizes)
        return f"{', '.join(others)} and {last}" if others else last


@dataclass(frozen=True)
class LearnOptions:
    """The samples and the optimiser's steps."""

    batch: int = knob(256, "samples a step")
    reuse: float = knob(3.0, "times that a sample is used, on the average")
    first_positions: int = knob(4000, "positions before the first step")
    window_start: int = knob(20_000, "positions: the window holds everything up to here, then it grows slower")
    window_growth: float = knob(0.4, "slope of the window's growth there (KataGo's beta)")
    window_power: float = knob(0.75, "exponent of the window's growth (KataGo's alpha)")
    window_most: int = knob(500_000, "positions kept in memory at most")
    value_mix: float = knob(0.5, "share of the lambda-return in the value target; the rest is the result")
    value_lambda: float = knob(0.9, "lambda of the lambda-return")
    symmetries: bool = knob(True, "samples are turned at random")


@dataclass(frozen=True)
class ScheduleOptions:
    """What changes as the planned time goes by. A share is of ``total_minutes``."""

    lr_per_sample: float = knob(2e-4, "peak learning rate / batch, for momentum 0.9")
    warmup_minutes: float = knob(1.0, "minutes of the run that have a third of the peak rate")
    warmup_share: float = knob(0.1, "... but no more than this share of total_minutes")
    drops: tuple[float, ...] = knob((0.8333, 0.95), "shares of total_minutes at which the rate is divided by 10")
    play_until: float = knob(1.0, "share of total_minutes from which on no games are played: it learns to the end")
    simulations: tuple[int, ...] = knob((8, 16, 32), "simulations a move, in order")
    simulations_at: tuple[float, ...] = knob((0.0, 0.4, 0.75), "shares of total_minutes at which they begin")


@dataclass(frozen=True)
class MeasureOptions:
    """Matches against earlier networks of the run, as it goes."""

    minutes: float = knob(10.0, "minutes between two measurements; 0 = never")
    games: int = knob(40, "games against each opponent")
    opponents: int = knob(2, "how many of the networks measured before are met")
    visits: int = knob(16, "visits a move")


# What TrainConfig (nets.train) leaves open here; torch is not imported to read a config.
TRAIN_DEFAULTS: dict[str, Any] = {"optimizer": "momentum", "momentum": 0.9, "weight_decay": 1e-4, "ema": 0.995}


@dataclass(frozen=True)
class RunConfig:
    """The tables of ``config.toml``."""

    run: RunOptions = field(default_factory=RunOptions)
    selfplay: SelfPlayConfig = field(default_factory=SelfPlayConfig)
    learn: LearnOptions = field(default_factory=LearnOptions)
    schedule: ScheduleOptions = field(default_factory=ScheduleOptions)
    measure: MeasureOptions = field(default_factory=MeasureOptions)
    train: dict[str, Any] = field(default_factory=lambda: dict(TRAIN_DEFAULTS))  # keys of nets.train.TrainConfig

    def __post_init__(self) -> None:
        run, learn, schedule = self.run, self.learn, self.schedule
        for table in dataclasses.fields(self):
            for name, value in _values(getattr(self, table.name)).items():
                numbers = value if isinstance(value, tuple) else (value,)
                finite = all(not isinstance(n, float) or math.isfinite(n) for n in numbers)
                _check(finite, f"{table.name}.{name} must be a finite number")
        NetConfig.named(run.net)
        _check(len(run.sizes) > 0, "run.sizes must hold a size at least")
        _check(
            MIN_SIZE <= min(run.sizes) <= max(run.sizes) <= MAX_SIZE, f"run.size must be from {MIN_SIZE} to {MAX_SIZE}"
        )
        _check(all(a < b for a, b in pairwise(run.sizes)), "run.sizes must ascend")
        _check(len(run.shares) in (1, len(run.sizes)), "run.shares must be one number, or one for each of run.sizes")
        _check(all(0 < share <= 1e6 for share in run.shares), "run.shares must be above 0 and at most 1000000")
        _check(run.total_minutes > 0, "run.total_minutes must be positive")
        _check(1 <= run.games <= 65536, "run.games must be from 1 to 65536")
        _check(1 <= self.selfplay.groups <= 16, "selfplay.groups must be from 1 to 16")
        _check(run.slice_seconds > 0, "run.slice_seconds must be positive")
        _check(run.checkpoint_seconds >= 0, "run.checkpoint_seconds must be at least 0")
        _check(0 <= run.sgf_games <= 100, "run.sgf_games must be from 0 to 100")
        _check(run.keep_minutes > 0, "run.keep_minutes must be positive")
        _check(0 <= run.seed < 2**32, "run.seed must be from 0 to 4294967295")
        play = self.selfplay
        _check(0.1 <= play.length <= 8, "selfplay.length must be from 0.1 to 8")  # a game has to fit in the window
        _check(2 <= play.simulations <= 64, "selfplay.simulations must be from 2 to 64")
        _check(1 <= play.considered <= 400, "selfplay.considered must be from 1 to 400")
        _check(play.search in ("gumbel", "puct"), "selfplay.search must be gumbel or puct")
        _check(0 <= play.noise <= 1000, "selfplay.noise must be from 0 to 1000")
        for name in ("c_visit", "c_scale", "doubt", "c_puct", "fpu_reduction", "score_weight"):
            _check(0 <= getattr(play, name) <= 1000, f"selfplay.{name} must be from 0 to 1000")
        for name in ("noise_weight", "fast_share", "decided_share"):
            _check(0 <= getattr(play, name) < 1, f"selfplay.{name} must be at least 0 and below 1")
        _check(0 <= play.decided_value <= 1, "selfplay.decided_value must be from 0 to 1")
        _check(0 < play.fast_fraction <= 1, "selfplay.fast_fraction must be above 0 and at most 1")
        _check(0 <= play.drawn_moves <= 8, "selfplay.drawn_moves must be from 0 to 8")
        _check(0 <= play.forced <= 100, "selfplay.forced must be from 0 to 100")
        _check(play.forced == 0 or play.search == "puct", "selfplay.forced needs selfplay.search=puct")
        _check(0 <= play.opening_mean <= 1000, "selfplay.opening_mean must be from 0 to 1000")
        _check(0 <= play.explore_moves <= 8, "selfplay.explore_moves must be from 0 to 8")
        for name in ("prefix_share", "even_share", "wide_share"):
            _check(0 <= getattr(play, name) <= 1, f"selfplay.{name} must be from 0 to 1")
        _check(abs(play.komi) <= 100 and 0 <= play.komi_spread <= 100, "selfplay.komi or komi_spread: too far out")
        _check(0 <= play.wide_spread <= 100, "selfplay.wide_spread must be from 0 to 100")
        _check(1 <= learn.batch <= 65536, "learn.batch must be from 1 to 65536")
        _check(learn.first_positions >= 0, "learn.first_positions must be at least 0")
        _check(learn.window_start >= 1, "learn.window_start must be at least 1")
        _check(0 <= learn.window_growth <= 1000, "learn.window_growth must be from 0 to 1000")
        _check(0 < learn.window_power <= 2, "learn.window_power must be above 0 and at most 2")
        _check(0 < learn.reuse <= 1e6, "learn.reuse must be above 0 and at most 1000000")
        least = 8 * max(run.sizes) ** 2
        fits = least <= learn.window_most <= MOST_POSITIONS
        _check(fits, f"learn.window_most must be from {least} to {MOST_POSITIONS}")
        _check(0 <= learn.value_mix <= 1, "learn.value_mix must be from 0 to 1")
        _check(0 <= learn.value_lambda <= 1, "learn.value_lambda must be from 0 to 1")
        fits = 0 < schedule.lr_per_sample <= MOST_RATE
        _check(fits, f"schedule.lr_per_sample must be above 0 and at most {MOST_RATE:g}")
        for name in ("warmup_minutes", "warmup_share"):
            _check(getattr(schedule, name) >= 0, f"schedule.{name} must be at least 0")
        _check(all(drop >= 0 for drop in schedule.drops), "schedule.drops must be at least 0")
        _check(0 < schedule.play_until <= 1, "schedule.play_until must be above 0 and at most 1")
        same = len(schedule.simulations) == len(schedule.simulations_at) > 0
        _check(same, "schedule.simulations and schedule.simulations_at must be of the same length")
        _check(all(2 <= n <= 64 for n in schedule.simulations), "schedule.simulations must be from 2 to 64")
        shares = schedule.simulations_at
        ascending = shares[0] >= 0 and shares[-1] <= 1 and all(a < b for a, b in pairwise(shares))
        _check(ascending, "schedule.simulations_at must ascend, from 0 to 1 at most")
        _check(self.measure.minutes >= 0, "measure.minutes must be at least 0")
        for name in ("games", "visits"):
            _check(2 <= getattr(self.measure, name) <= 10_000, f"measure.{name} must be from 2 to 10000")
        _check(self.measure.opponents >= 1, "measure.opponents must be at least 1")
        _check("lr" not in self.train, "train.lr follows the clock: set schedule.lr_per_sample")
        for key, value in self.train.items():  # what they mean is checked by TrainConfig
            _check(re.fullmatch(r"[a-z_0-9]+", key) is not None, f"unknown key: train.{key[:40]}")
            _check(isinstance(value, (str, int, float)), f"train.{key} must be a number, a string or true or false")


def _check(good: bool, message: str) -> None:
    if not good:
        raise ConfigError(message)


def from_tables(tables: Mapping[str, Any]) -> RunConfig:
    """A config from the tables of a TOML file; what is not given keeps its default. ConfigError for what is unknown."""
    kinds = get_type_hints(RunConfig)
    unknown = sorted(set(tables) - set(kinds))
    _check(not unknown, f"unknown table: {', '.join(unknown[:5])}")
    parts: dict[str, Any] = {}
    for name, values in tables.items():
        _check(isinstance(values, Mapping), f"{name} must be a table")
        if name == "train":
            parts[name] = TRAIN_DEFAULTS | dict(values)
        else:
            parts[name] = _part(name, kinds[name], _with_sizes(values) if name == "run" else values)
    return RunConfig(**parts)


def _with_sizes(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The run's table of a file with its one ``size``, if it names one, as its ``sizes``."""
    if "size" not in values:
        return values
    _check("sizes" not in values, "run.size and run.sizes: one of them")
    _check(type(values["size"]) is int, "run.size must be of the type int")
    return {key: value for key, value in values.items() if key != "size"} | {"sizes": [values["size"]]}


def _part(table: str, kind: Any, values: Mapping[str, Any]) -> Any:
    """One dataclass from its table, each value of the type of its default."""
    given: dict[str, Any] = {}
    defaults = {f.name: getattr(kind(), f.name) for f in dataclasses.fields(kind)}
    for key, value in values.items():
        _check(key in defaults, f"unknown key: {table}.{key}")
        default = defaults[key]
        if isinstance(default, float):
            value = as_float(value)
        if isinstance(default, tuple) and isinstance(value, list):
            kinds = type(default[0])
            value = tuple(as_float(v) if kinds is float else v for v in value)
            _check(all(type(v) is kinds for v in value), f"{table}.{key} must be a list of {kinds.__name__}")
        kind_told = "list" if isinstance(default, tuple) else type(default).__name__
        _check(type(value) is type(default), f"{table}.{key} must be of the type {kind_told}")
        given[key] = value
    return kind(**given)


def read_config(path: Path) -> RunConfig:
    """The config in a file. ConfigError, with the path, for anything wrong."""
    try:
        tables = load(path)
        if set(tables) == {"learn"} and isinstance(tables["learn"], dict) and "net" in tables["learn"]:
            raise ConfigError("of a run of gogame learn, not of gogame selfplay")
        return from_tables(tables)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise ConfigError(f"{path}: too deeply nested") from None


def run_keys(path: Path) -> set[str]:
    """The keys of the run's table that a file, one that :func:`read_config` takes, sets itself."""
    return set(load(path).get("run", {}))


def write_config(path: Path, config: RunConfig) -> None:
    """Writes a config as TOML, all or nothing."""
    tables = {part.name: _values(getattr(config, part.name)) for part in dataclasses.fields(config)}
    told = {name: meanings(TrainConfig if name == "train" else getattr(config, name)) for name in tables}
    told["train"] = {key: text for key, text in told["train"].items() if key != "lr"}  # follows the clock
    write_atomically(path, dump(tables, "The run's config; read at every start.", told).encode())


def _values(table: Any) -> dict[str, Any]:
    return dict(table) if isinstance(table, dict) else dataclasses.asdict(table)


def with_settings(config: RunConfig, settings: tuple[str, ...]) -> RunConfig:
    """The config with ``table.key=value`` changes, the value written as in TOML; a bare word is a string."""
    tables = {part.name: _values(getattr(config, part.name)) for part in dataclasses.fields(config)}
    for setting in settings:
        key, equals, text = setting.partition("=")
        table, dot, name = key.strip().partition(".")
        _check(bool(equals and dot), f"{setting[:60]!r} is not of the form table.key=value")
        _check(table in tables, f"unknown table: {table[:40]}")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except (ValueError, RecursionError):
            value = text.strip()
        if (table, name) == ("run", "size"):
            name, value = "sizes", [value]
        tables[table][name] = value
    return from_tables(
        {t: {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()} for t, values in tables.items()}
    )
