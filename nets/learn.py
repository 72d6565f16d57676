"""``gogame learn``: a network from game records. The same command resumes where it was stopped or killed.

A run's folder holds its config, the checkpoint, the packed records, the newest network and the logs; nothing outside
it is written. The clock of the run counts the time of its calls, and the learning rate follows it: up to the peak in
the first twentieth of the plan, then down a cosine to zero (one cycle; Smith & Topin 2017).
"""

from __future__ import annotations

import dataclasses
import math
import time
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gogame.options import Number, Place, Word, training_threads_option
from nets.batches import Positions, split, training_batches
from nets.checkpoint import has_state, load_state
from nets.config import NetConfig, NetError
from nets.evaluator import Evaluator, choose_device, default_threads, evaluator_of, take_weights
from nets.failures import told_in_one_line
from nets.learn_config import LearnConfig, fresh_config, read_config, with_settings, write_config
from nets.progress import Progress
from nets.ranges import measured_ranges, with_ranges
from nets.record_cache import open_records
from nets.records import RecordsError
from nets.run_folder import Rollbacks, clear_leftovers, made_and_locked, stopping_by_signal
from nets.start import begun_with, check_start, kept_start, same_start
from nets.weights import save_net

if TYPE_CHECKING:
    import numpy as np

    from nets.positions import Batch

RANGE_POSITIONS = 256  # held-out ones that the activations are measured on
KEPT = ("size", "seed", "batch")  # of the config, in a checkpoint: what cannot change


def _has_checkpoint(folder: Path) -> bool:
    return (folder / "checkpoint").exists() or has_state(folder / "checkpoint")


def check_shape(folder: Path, config: LearnConfig) -> None:
    """NetError unless the config of a run that was begun is of the shape of its checkpoint: the file may have been
    changed, or lost. A checkpoint that cannot be read tells nothing."""
    try:
        state = load_state(folder / "checkpoint")
        kept = state["learn"] if isinstance(state.get("learn"), dict) else {}
        begun = {"net": str(NetConfig.from_dict(state["net"]))} | {key: kept.get(key) for key in KEPT}
    except (NetError, LookupError):
        return
    for key, was in begun.items():
        if was in (None, now := getattr(config, key)):
            continue
        if (path := folder / "config.toml").exists():
            raise NetError(f"{path}: {key} is {now}, but the run was begun with {key} {was}")
        raise NetError(
            f"{folder}: the run was begun with {key} {was}, not {now}; its config.toml is gone: bring it back, or say "
            f"{'--shape' if key == 'net' else f'--{key}'} {was}, and the other knobs are the defaults"
        )


class LearnProgress(Progress):
    """The figures of learning from records."""

    title = "learning from records"
    shown = (
        ("minutes", "minutes", "{:.1f}"),
        ("minutes_left", "minutes left in this call", "{:.1f}"),
        ("steps", "steps", "{:,d}"),
        ("samples_per_s", "positions/s", "{:,.0f}"),
        ("matrix_rate", "of the device's matrix rate", "{:.0%}"),
        ("epochs", "of all positions", "{:.2%}"),
        ("lr", "learning rate", "{:.4g}"),
        ("loss", "loss", "{:.3f}"),
        ("policy", "policy", "{:.3f}"),
        ("value", "value", "{:.3f}"),
        ("top1", "move predicted", "{:.1%}"),
        ("held_top1", "held-out games: move predicted", "{:.1%}"),
        ("held_value_mse", "held-out games: value error", "{:.3f}"),
    )
    bold = "held_top1"


class Learning:
    """One run, opened for a call."""

    def __init__(self, folder: Path, config: LearnConfig, records: list[Path], threads: int, device: str, quiet: bool):
        import torch

        from nets.rate import matrix_rate, training_flops
        from nets.train import Trainer

        torch.set_num_threads(threads)
        self.threads = threads
        self.folder, self.config = folder, config
        self.stop = False
        clear_leftovers(folder)
        self.progress = LearnProgress(folder, quiet)
        self.progress.on_unread = self.ask_to_stop
        table = open_records(records, config.size, folder / "records.cache", self.progress.event)
        if table.games < 2:
            raise RecordsError("one game is not enough: some are held out to measure on")
        learned, held = split(table, config.held_out, config.seed)
        self.positions = Positions(learned, config.size, threads)
        self.held = Positions(held, config.size, threads)
        torch.manual_seed(config.seed)
        begun, shape = _has_checkpoint(folder), NetConfig.named(config.net)
        network, _ = begun_with("" if begun else config.start, shape, config.size, self.progress.event)
        self.trainer = Trainer(network, config.training(device), self.progress.event)
        self._flops = training_flops(self.trainer.model, config.size)
        self._rate = matrix_rate(self.trainer.device, torch.bfloat16 if self.trainer.bf16 else torch.float32)
        self._clock, self._lr_scale = 0.0, 1.0
        self._began: float | None = None
        self.rollbacks = Rollbacks(folder)
        self._evaluator: Evaluator | None = None  # of the last measurement
        if begun:
            try:
                self._restore(load_state(folder / "checkpoint"))
            except NetError as error:
                raise NetError(f"{error}; move it away, and the same command begins anew") from None

    def _restore(self, state: dict[str, Any]) -> None:
        if not isinstance(state.get("learn"), dict):
            raise NetError(f"{self.folder / 'checkpoint'}: not of a run of gogame learn")
        try:
            seconds, scale = float(state["learn"]["seconds"]), float(state["learn"]["lr_scale"])
            if not (0 <= seconds < math.inf and 0 < scale <= 1):
                raise ValueError("seconds or lr_scale out of bounds")
            for key in KEPT:  # a network fits any board
                was, now = state["learn"].get(key), getattr(self.config, key)
                if was not in (None, now):
                    raise NetError(f"the run was begun with {key} {was}, not {now}")
            self.trainer.load_state_dict(state)
            held = state["learn"].get("held_out")
            if held is not None and held != zlib.crc32(self.held.table.words.tobytes()):
                self.progress.event("other games are held out than before: some of them were learned from")
        except NetError as error:
            raise NetError(f"{self.folder / 'checkpoint'}: {error}") from None
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise NetError(f"{self.folder / 'checkpoint'}: corrupt training state (learn: {error})") from None
        if self._began is None:  # else the clock goes on
            self._clock = seconds
        self._lr_scale = scale

    @property
    def where(self) -> str:
        """The device and how it multiplies, in words."""
        import torch

        cpu = self.trainer.device.type == "cpu"
        name = (
            f"{self.threads} CPU thread{'s' * (self.threads > 1)}"
            if cpu
            else torch.cuda.get_device_name(self.trainer.device)
        )
        return f"{name}, {'bfloat16' if self.trainer.bf16 else 'float32'}"

    @property
    def seconds(self) -> float:
        """The run's clock. Getting ready does not count."""
        return self._clock + (time.perf_counter() - self._began if self._began is not None else 0.0)

    @property
    def is_fulfilled(self) -> bool:
        """Whether the plan's time is over."""
        return self.seconds >= 60 * self.config.total_minutes

    def ask_to_stop(self, reason: str) -> bool:
        """Has the run end with a checkpoint; returns whether it was asked before."""
        asked, self.stop = self.stop, True
        if not asked:
            self.progress.event(f"{reason}: finishing, with a checkpoint")
        return asked

    def run(self, minutes: float, *, report: float = 10.0, checkpoint: float = 60.0) -> None:
        """Learns for so many minutes, but not beyond the plan. ``report`` and ``checkpoint``: seconds between two."""
        from nets.train import TrainingDiverged

        config, total = self.config, 60 * self.config.total_minutes
        self.trainer.warm_up(config.size, config.batch)
        if not _has_checkpoint(self.folder):  # a training that diverges at once has something to go back to
            self.checkpoint()
        self._began = time.perf_counter()
        until = min(self.seconds + 60 * minutes, total)
        saved = said = self.seconds
        sums: dict[str, float] = {}
        steps = 0
        batches = self._batches()
        while self.seconds < until and not self.stop:
            self.trainer.set_lr(self._lr_scale * config.lr(self.seconds / total))
            try:
                figures = self.trainer.step(next(batches))
            except TrainingDiverged as error:
                batches.close()
                self._roll_back(str(error))
                batches = self._batches()
                continue
            steps += 1
            for name, value in figures.items():
                sums[name] = sums.get(name, 0.0) + value
            if self.seconds - said >= report:
                self._report(until, steps, self.seconds - said, {n: v / steps for n, v in sums.items()})
                said, steps, sums = self.seconds, 0, {}
            if self.seconds - saved >= checkpoint:
                saved = self.seconds
                if self._keep():
                    self.rollbacks.in_a_row = 0
                else:
                    batches.close()
                    batches = self._batches()
        batches.close()
        if steps:
            self._report(until, steps, max(self.seconds - said, 1e-9), {n: v / steps for n, v in sums.items()})
        self._keep()

    def _batches(self) -> Generator[dict[str, np.ndarray], None, None]:
        config = self.config
        return training_batches(self.positions, config.batch, config.seed, self.trainer.steps, config.komi_spread)

    def _keep(self) -> bool:
        """Makes a checkpoint; weights that are none go back to the last one instead."""
        from nets.train import TrainingDiverged

        try:
            self.checkpoint()
        except TrainingDiverged as error:
            self._roll_back(str(error))
            return False
        return True

    def _roll_back(self, reason: str) -> None:
        scale = self._lr_scale / 2
        self._restore(self.rollbacks.next_state(reason, "checkpoint"))
        self._lr_scale = scale
        self.progress.event(f"{reason}: back to the checkpoint, with half the learning rate", lr_scale=scale)

    def _report(self, until: float, steps: int, seconds: float, losses: dict[str, float]) -> None:
        held = self.held_out_figures()
        self.progress.figures(
            {
                "minutes": round(self.seconds / 60, 3),
                "minutes_left": round(max(until - self.seconds, 0) / 60, 2),
                "steps": self.trainer.steps,
                "samples_per_s": round(steps * self.config.batch / seconds, 1),
                "matrix_rate": round(steps * self.config.batch / seconds * self._flops / self._rate, 3),
                "epochs": round(self.trainer.steps * self.config.batch / self.positions.total, 4),
                "lr": self.trainer.lr,
                **{name: round(value, 4) for name, value in losses.items()},
                **held,
            }
        )

    def held_out_figures(self, count: int = 512) -> dict[str, float]:
        """Move prediction and value error of the averaged weights on positions of the held-out games."""
        from nets.measure import value_of

        batch = self._held_out(count)
        arrays, shape = self.trainer.ema_arrays(), self.trainer.model.config
        if self._evaluator is None or not take_weights(self._evaluator, arrays):
            device = "cpu" if self.trainer.device.type == "cpu" else "cuda"
            self._evaluator = evaluator_of(
                shape, arrays, self.config.size, device, 64, threads=self.threads, say=self.progress.event
            )
        answer = self._evaluator.evaluate(batch.planes, batch.globals)
        return {
            "held_top1": round(float((answer.policy.argmax(1) == batch.action).mean()), 4),
            "held_value_mse": round(float(((value_of(answer.value) - batch.value) ** 2).mean()), 4),
        }

    def _held_out(self, count: int) -> Batch:
        """Always the same positions of the held-out games."""
        import numpy as np

        rng = np.random.default_rng(self.config.seed)
        picks = rng.integers(0, self.held.total, min(count, self.held.total))
        return self.held.fill(picks, np.zeros(len(picks), np.int64))

    def checkpoint(self) -> None:
        """All that a resumed run needs, and the newest network. TrainingDiverged, before anything is written, if its
        numbers are not finite."""
        from nets.checkpoint import save_state

        held = zlib.crc32(self.held.table.words.tobytes())
        extra = {"seconds": round(self.seconds, 2), "lr_scale": self._lr_scale, "held_out": held}
        extra |= {key: getattr(self.config, key) for key in KEPT}
        save_state(self.folder / "checkpoint", self.trainer.state_dict() | {"learn": extra})
        start = f"{Path(self.config.start).stem}, " if self.config.start else ""
        origin = (
            f"{start}game records, {self.positions.table.games} games of {self.config.size}x{self.config.size}: "
            f"{self.seconds / 60:.0f} minutes, {self.trainer.steps} steps of {self.config.batch}"
        )
        arrays, shape, size = self.trainer.ema_arrays(), self.trainer.model.config, self.config.size
        some = self._held_out(RANGE_POSITIONS)
        ranges = measured_ranges(shape, arrays, size, some.planes, some.globals, self.threads)
        meta = with_ranges({"sizes": [size], "origin": origin}, size, ranges)
        save_net(self.folder / "net.safetensors", arrays, meta, shape)


@click.command()
@click.argument("records", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--run", "folder", type=Place(file_okay=False, path_type=Path), required=True, help="Its folder.")
@click.option("--minutes", type=Number(0, min_open=True), default=25.0, show_default=True, help="Of this call.")
@click.option("--total-minutes", type=Number(0, min_open=True), help="Plan of the whole run. [first --minutes]")
@click.option(
    "--size",
    type=click.IntRange(7, 19),
    help="Board size; games of others are left out.  [default: 19, or of --start]",
)
@click.option(
    "--shape",
    type=Word(),
    metavar="BxC",
    help="Network: blocks x channels, plain-BxC or bottleneck-BxC.  [default: 6x96, or of --start]",
)
@click.option(
    "--start",
    type=Word(),
    metavar="NAME|PATH",
    help="Begin with the weights of a shipped network, or of a file; with a larger --shape it grows.",
)
@click.option("--batch", type=click.IntRange(1, 65536), help="Positions a step.  [default: 256, with a GPU 2048]")
@training_threads_option
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Random seed.  [default: 0]")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Of config.toml; may be repeated.")
@click.option("--quiet", is_flag=True, help="Write the logs alone.")
def command(
    records: tuple[Path, ...],
    folder: Path,
    minutes: float,
    total_minutes: float | None,
    size: int | None,
    shape: str | None,
    start: str | None,
    batch: int | None,
    threads: int | None,
    device: str,
    seed: int | None,
    settings: tuple[str, ...],
    quiet: bool,
) -> None:
    """Train a network from game records: .sgf, .sgf.xz and .zip files, and folders of them.

    \b
    Example:
      gogame learn ~/games --size 19 --minutes 60 --run runs/records
      gogame learn ~/games --start records-19x19 --minutes 60 --set lr_per_sample=1.2e-4 --run runs/further
    """
    path = folder / "config.toml"
    given: dict[str, Any] = {"total_minutes": total_minutes, "size": size, "net": shape, "batch": batch, "seed": seed}
    try:
        if device == "cuda":
            choose_device(device)
        begun = _has_checkpoint(folder)  # before it nothing depends on the config
        config = read_config(path) if path.exists() else fresh_config(minutes, device)
        if start is not None and begun:
            given["start"] = config.start if same_start(start, config.start) else start
        elif start is not None:
            given["start"], net = kept_start(start, size or config.size)
            given["net"] = shape or str(net.config)
            given["size"] = size or (net.sizes[0] if len(net.sizes) == 1 else None)
        changed = dataclasses.replace(config, **{k: v for k, v in given.items() if v is not None})
        changed = with_settings(changed, settings)
        shaping = ("size", "net", "start", "seed", "batch") if begun and path.exists() else ()
        fixed = [k for k in shaping if getattr(config, k) != getattr(changed, k)]
        if fixed:
            was, wanted = getattr(config, fixed[0]), getattr(changed, fixed[0])
            raise NetError(f"{folder}: the run was begun with {fixed[0]} {was or 'none'}, not {wanted or 'none'}")
        if begun:
            check_shape(folder, changed)
        if changed.start and not begun:
            check_start(changed.start, NetConfig.named(changed.net), changed.size)
        with told_in_one_line(folder), made_and_locked(folder):
            run = Learning(folder, changed, list(records), threads or default_threads(device), device, quiet)
            try:  # what cannot be begun leaves no config behind
                write_config(path, changed)
                if run.is_fulfilled:
                    plan = changed.total_minutes
                    run.progress.event(f"the plan of {plan:g} minutes is fulfilled; --total-minutes prolongs it")
                    return
                run.progress.event(f"learning on {run.where}")
                with stopping_by_signal(run.ask_to_stop):
                    run.run(minutes)
                run.progress.event(f"stopped at minute {run.seconds / 60:.1f}: {folder / 'net.safetensors'}")
            finally:
                run.progress.close()
    except (NetError, RecordsError) as error:
        raise click.ClickException(str(error)) from None
