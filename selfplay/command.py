"""``gogame selfplay``: opens a run's config and folder, and lets the loop go on for a call."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from gogame.options import Number, Place, Word, training_threads_option
from nets.checkpoint import has_state, load_state
from nets.config import MAX_SIZE, MIN_SIZE, NetConfig, NetError
from nets.evaluator import choose_device, default_threads
from nets.failures import told_in_one_line
from nets.progress import say
from nets.run_folder import locked, made_and_locked, stopping_by_signal
from nets.start import check_start, kept_start, same_start
from nets.toml import value_text
from selfplay.config import ConfigError, RunConfig, read_config, run_keys, with_settings, write_config
from selfplay.games import SelfPlayConfig
from selfplay.loop import Run
from selfplay.pack import pack
from selfplay.recovery import NAMES
from selfplay.shards import SUFFIX, ShardError


def is_begun(folder: Path) -> bool:
    """Whether a run has a config and anything that depends on its shape: a training state or games."""
    if not (folder / "config.toml").exists():
        return False
    return has_state(folder / "checkpoint") or any((folder / "games").glob(f"*{SUFFIX}"))


# What a run with a GPU begins with instead: so many games that their leaves keep it busy, and steps as large. The rate
# and the window are near KataGo's (6e-5 a sample, 250,000 positions; arXiv:1902.10565, appendix C).
GPU_SETTINGS = (
    "run.games=4096", "learn.batch=2048", "schedule.lr_per_sample=5e-5", "learn.window_start=100_000",
    "learn.window_most=2_000_000",
)  # fmt: skip


def fresh_config(device: str) -> RunConfig:
    """The defaults on this device."""
    return with_settings(RunConfig(), GPU_SETTINGS) if choose_device(device) == "cuda" else RunConfig()


def open_config(
    folder: Path, start: Path | None, settings: tuple[str, ...], given: dict[str, Any], device: str = "cpu"
) -> RunConfig:
    """The run's config: its own if it was begun, else from ``start`` or the device's defaults; with the changes of this
    call.

    ``given``: values of the command line by table.key. What shapes the run cannot change later.
    """
    path = folder / "config.toml"
    begun = is_begun(folder)
    if begun and start:
        say(f"{folder} goes on with its own config; {start} is not read again (--set changes it)")
    source = start if start and not begun else path
    config = read_config(source) if source.exists() else fresh_config(device)
    changes = tuple(f"{key}={value}" for key, value in given.items())
    changed = with_settings(config, (*changes, *settings))
    if begun:
        for key, word in (("sizes", "size"), ("net", "net"), ("start", "start network")):
            was, wanted = (_word(getattr(of.run, key)) for of in (config, changed))
            if was != wanted:
                raise ConfigError(f"{folder}: the run was begun with {word} {was}, not {wanted}")
    # The file itself may have been changed, or lost.
    sizes, net = begun_as(folder) if begun or has_state(folder / "checkpoint") else (None, None)
    shapes: tuple[tuple[str, str, Any, Any], ...] = (
        ("size", "--size", sizes, changed.run.sizes), ("net", "--shape", net, changed.run.net)
    )  # fmt: skip
    for word, option, first, asked in shapes:
        if first in (None, asked):
            continue
        was, now = _word(first), _word(asked)
        if path.exists():
            raise ConfigError(f"{path}: run.{word} is {now}, but the run was begun with {word} {was}")
        raise ConfigError(
            f"{folder}: the run was begun with {word} {was}, not {now}; its config.toml is gone: bring it back, or say "
            f"{option} {was}, and the other knobs are the defaults"
        )
    return changed


def _word(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value or "none")


def begun_as(folder: Path) -> tuple[tuple[int, ...] | None, str | None]:
    """The board sizes and the network's shape that a run's training state tells; None for what it does not say."""
    for name in NAMES:
        with contextlib.suppress(NetError):
            state = load_state(folder / name)
            counters = state.get("selfplay")
            if not isinstance(counters, dict):
                return None, None
            found = counters.get("sizes", [counters["size"]] if "size" in counters else None)
            # Without a checkpoint the training begins anew, with a network as it is asked for.
            net = str(NetConfig.from_dict(state["net"])) if has_state(folder / "checkpoint") else None
            return tuple(found) if isinstance(found, list) else None, net
    return None, None


def start_options(start: str | None, config: RunConfig | None, template: Path | None = None) -> dict[str, Any]:
    """run.start of ``--start``; for a run not begun (``config`` None) the network's shape and size, too, which the
    ``template`` and other options may change. NetError if it cannot be read then.

    A file is kept with its whole path. A run that was begun may find it elsewhere, or not need it any more.
    """
    if start is None:
        return {}
    if config is not None and same_start(start, config.run.start):
        if start != config.run.start:
            say(f"{start}: taken to be {config.run.start}, with which the run began")
        start = config.run.start
    if config is not None:
        return {"run.start": value_text(start)}
    name, net = kept_start(start, RunConfig().run.sizes[0])
    found: dict[str, Any] = {"run.start": value_text(name)}
    told = run_keys(template) if template else set()
    if "net" not in told:
        found["run.net"] = value_text(str(net.config))
    sizes = sorted({size for size in net.sizes if MIN_SIZE <= size <= MAX_SIZE})
    if not told & {"size", "sizes"} and sizes:
        found["run.sizes"] = sizes
    return found


class Sizes(click.ParamType):
    """Board sizes, with commas between; ascending then."""

    name = "sizes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        words = str(value).split(",")
        if not all(word.strip().isdecimal() and len(word.strip()) < 4 for word in words):
            self.fail(f"{value!r} is not a board size, nor several with commas between", param, ctx)
        return tuple(sorted({int(word) for word in words}))


@click.command()
@click.option("--run", "folder", type=Place(file_okay=False, path_type=Path), required=True, help="Its folder.")
@click.option("--size", "sizes", type=Sizes(), help="Board size, or several: 9,13,19.  [default: 9, or of --start]")
@click.option("--minutes", type=Number(0, min_open=True), default=30.0, show_default=True, help="Of this call.")
@click.option("--total-minutes", type=Number(0, min_open=True), help="Plan of the whole run. [first --minutes]")
@click.option(
    "--shape",
    type=Word(),
    metavar="BxC",
    help="Network: BxC, plain-BxC, bottleneck-BxC.  [default: 4x64, or of --start]",
)
@click.option(
    "--start",
    type=Word(),
    metavar="NAME|PATH",
    help="Begin with the weights of a shipped network, or of a file; with a larger --shape it grows.",
)
@click.option("--games", type=click.IntRange(1, 65536), help="At once, of each size.  [default: 128, with a GPU 4096]")
@training_threads_option
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Random seed.  [default: 0]")
@click.option(
    "--config", "template", type=click.Path(dir_okay=False, exists=True, path_type=Path), help="TOML to begin from."
)
@click.option("--set", "settings", multiple=True, metavar="TABLE.KEY=VALUE", help="Of config.toml; may be repeated.")
@click.option("--pack", "out", type=Place(path_type=Path), help="Only write the run there, small, to go on elsewhere.")
@click.option("--quiet", is_flag=True, help="Write the logs alone.")
def command(
    folder: Path,
    sizes: tuple[int, ...] | None,
    minutes: float,
    total_minutes: float | None,
    shape: str | None,
    start: str | None,
    games: int | None,
    threads: int | None,
    device: str,
    seed: int | None,
    template: Path | None,
    settings: tuple[str, ...],
    out: Path | None,
    quiet: bool,
) -> None:
    """Train a network by self-play, from zero or from another's weights. The same command goes on where it was stopped
    or killed.

    \b
    Examples:
      gogame selfplay --size 9 --minutes 30 --run runs/first
      gogame selfplay --size 9,13,19 --minutes 600 --run runs/all
      gogame selfplay --start zero-9x9 --minutes 30 --run runs/further
      gogame selfplay --start zero-9x9 --shape 6x96 --minutes 60 --run runs/larger
    """
    begun = (folder / "config.toml").exists() and (template is None or is_begun(folder))
    try:
        planned = template is not None and read_config(template) and "total_minutes" in run_keys(template)
        if total_minutes is None and not begun and not planned:
            total_minutes = minutes
        options = {
            "run.sizes": list(sizes) if sizes else None,
            "run.total_minutes": total_minutes,
            "run.net": value_text(shape) if shape else None,
            "run.games": games,
            "run.seed": seed,
        }
        own = read_config(folder / "config.toml") if is_begun(folder) else None
        given = start_options(start, own, template) | {
            key: value for key, value in options.items() if value is not None
        }
        config = open_config(folder, template, settings, given, device)
        if out is not None:
            if not folder.is_dir():
                raise ConfigError(f"{folder}: no run")
            with told_in_one_line(folder), read_alone(folder):
                pack(folder, out, config, say)
            return
        check_training(config, device)
        if config.run.start and not has_state(folder / "checkpoint"):
            check_start(config.run.start, NetConfig.named(config.run.net), config.run.sizes[0])
        with told_in_one_line(folder), made_and_locked(folder):
            _call(folder, config, minutes, threads or default_threads(device), device, quiet)
    except (ConfigError, NetError, ShardError) as error:
        raise click.ClickException(str(error)) from None


@contextlib.contextmanager
def read_alone(folder: Path) -> Iterator[None]:
    """The lock of a run that is read; without one where nobody can write, nor play on, there. ConfigError for none."""
    if not (folder / "config.toml").exists():
        raise ConfigError(f"{folder}: no run with a checkpoint")
    with locked(folder) if os.access(folder, os.W_OK) else contextlib.nullcontext():
        yield


def check_training(config: RunConfig, device: str = "auto") -> None:
    """NetError for a bad key of the ``train`` table and for a device that is not there, ConfigError for a knob that
    only a schedule turns; before anything is written."""
    from nets.train_config import TrainConfig

    for name in (device, str(config.train.get("device", "auto"))):
        if name == "cuda":
            choose_device(name)

    if config.selfplay.simulations != SelfPlayConfig.simulations:
        raise ConfigError("selfplay.simulations follows the clock: set schedule.simulations")
    TrainConfig.from_dict(config.train)


def _call(folder: Path, config: RunConfig, minutes: float, threads: int, device: str, quiet: bool) -> None:
    run = Run(folder, config, threads=threads, device=device, quiet=quiet)
    try:  # what cannot be begun leaves no config behind
        write_config(folder / "config.toml", config)
        total = config.run.total_minutes
        if run.is_fulfilled:
            run.progress.event(f"the plan of {total:g} minutes is fulfilled; --total-minutes prolongs it")
            return
        where = "resumed" if run.trainer.steps or run.store.games else "begun"
        run.progress.event(
            f"{where} at minute {run.seconds / 60:.1f} of {total:g}: {config.run.boards}, network "
            f"{run.net_config}, {config.run.games} games at once{' of each' if len(config.run.sizes) > 1 else ''}, "
            f"{run.pool.evaluator.name}, "
            f"{run.store.games} games kept{run.rate_was_lowered}"
        )
        with stopping_by_signal(run.ask_to_stop):
            run.run(minutes)
        run.progress.event(
            f"stopped at minute {run.seconds / 60:.1f}: {run.store.games} games, {run.trainer.steps} steps, "
            f"{folder / 'net.safetensors'}"
        )
    finally:
        run.close()
