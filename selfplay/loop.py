"""The learning loop: generate, store, train, measure; one process, in slices, resumable at any instant.

A run's folder holds all there is to it:

    config.toml      every knob            games/       finished games, append-only shards
    checkpoint/      weights, optimiser, average, random states, counters; replaced as a whole
    good/            the same, of the last network that was measured and had not collapsed
    net.safetensors  the newest network    nets/        networks kept, by minute of the run
    log.jsonl        what happened         tensorboard/ the same as curves         elo.png, ratings.json

A slice plays for some seconds with the averaged weights, stores the games that ended, then trains until each
sample has been used as often as the config says. The clock of the run only counts time spent in calls.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import click
import numpy as np

from gogame.options import Number
from nets.checkpoint import has_state, load_state, save_state
from nets.config import NetConfig, NetError
from nets.evaluator import default_threads, evaluator_of
from nets.progress import say
from nets.run_folder import locked, stopping_by_signal
from nets.weights import save_net
from selfplay.buffer import ReplayBuffer, window_size
from selfplay.config import ConfigError, RunConfig, read_config, with_settings, write_config
from selfplay.games import GamePool
from selfplay.measure import Ratings
from selfplay.pack import pack
from selfplay.progress import SelfPlayProgress
from selfplay.samples import FinishedGame
from selfplay.schedule import learning_rate, simulations
from selfplay.shards import GameStore, ShardError

TRAIN_SHARE = 4.0  # a slice trains for at most so many times the seconds it may play
MOST_ROLLBACKS = 3  # diverged trainings in a row before the run gives up


class Run:
    """One run, opened for a call. Nothing outside its folder is written."""

    def __init__(
        self, folder: Path, config: RunConfig, *, threads: int, device: str = "auto", quiet: bool = False
    ) -> None:
        import torch

        torch.set_num_threads(threads)
        self.folder, self.config, self.threads, self.device = folder, config, threads, device
        self.stop = False  # set by a signal: finish what is under way and leave
        self.progress = SelfPlayProgress(folder, quiet)
        self._clock = 0.0  # seconds of the run before this call
        self._began: float | None = None  # when this call's share of them began to count
        self.evaluations = self.trained = self.rollbacks = 0  # trained: samples used
        self._lr_scale = 1.0
        self._losses: dict[str, float] = {}
        self._open_parts()

    def _open_parts(self) -> None:
        run, learn = self.config.run, self.config.learn
        for leftover in (*self.folder.glob(".*.new"), *self.folder.glob(".*.tmp")):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        self.store = GameStore(self.folder / "games", run.size, self.progress.event)
        self.buffer = ReplayBuffer(
            run.size,
            learn.window_most + 4 * run.size**2,
            value_mix=learn.value_mix,
            value_lambda=learn.value_lambda,
            seed=run.seed,
        )
        self._load_training()
        note = self.store.last_note
        self._clock = max(self._clock, float(note.get("seconds", 0.0)))
        self.evaluations = max(self.evaluations, int(note.get("evaluations", 0)))
        for game in self.store.newest(self._window()):
            self.buffer.add(game)
        self.buffer.window = self._window()
        self.ratings = Ratings(self.folder, self.config, self.threads, self.device)
        # Games in flight are not stored: a fresh seed, so that a resumed run does not play the same ones again.
        seed = np.random.SeedSequence([run.seed, self.store.games, int(self._clock * 1000)])
        self._arrays = self.trainer.ema_arrays()
        self.pool = GamePool(
            run.size, run.games, self._evaluator(), self.config.selfplay, int(seed.generate_state(1)[0]), self.threads
        )

    def _load_training(self) -> None:
        """The trainer, from the checkpoint if there is one."""
        import torch

        from nets.model import Network
        from nets.train import TrainConfig, Trainer

        shape = NetConfig.named(self.config.run.net)
        options = dict(self.config.train) | {"lr": learning_rate(self.config, 0.0)}
        if self.device == "cpu":
            options["device"] = "cpu"
        torch.manual_seed(self.config.run.seed)
        self.net_config = shape
        self.trainer = Trainer(Network(shape), TrainConfig.from_dict(options))
        if not has_state(self.folder / "checkpoint"):
            return
        state = load_state(self.folder / "checkpoint")
        self.trainer.load_state_dict(state)
        counters = state["selfplay"]
        self._clock = float(counters["seconds"])
        self.evaluations, self.trained = int(counters["evaluations"]), int(counters["trained"])
        self._lr_scale = float(counters["lr_scale"])
        self.buffer.load_state(counters["window_random"])

    def _evaluator(self) -> Any:
        batch = -(-self.config.run.games // self.config.selfplay.groups)
        return evaluator_of(self.net_config, self._arrays, self.config.run.size, self.device, batch, self.threads)

    def ask_to_stop(self, reason: str) -> bool:
        """Has the run finish what is under way; returns whether it was asked before."""
        asked, self.stop = self.stop, True
        if not asked:
            self.progress.event(f"{reason}: finishing, with a checkpoint")
        return asked

    @property
    def seconds(self) -> float:
        """The run's clock. Getting ready does not count."""
        return self._clock + (time.perf_counter() - self._began if self._began is not None else 0.0)

    def _window(self) -> int:
        learn = self.config.learn
        full = window_size(self.store.positions, learn.window_start, learn.window_growth, learn.window_power)
        return min(full, learn.window_most)

    # --- one slice ---------------------------------------------------------------------------------------------------

    def slice(self, until: float) -> None:
        """Plays, stores, trains; ``until``: the end of the call on the run's clock."""
        began, evaluations = self.seconds, self.pool.evaluations
        self.pool.set_simulations(simulations(self.config, began))
        games = self._play(min(began + self.config.run.slice_seconds, until))
        played = self.seconds - began
        new = self.pool.evaluations - evaluations
        self.evaluations += new
        positions = self._store(games)
        steps, training = self.trainer.steps, self.seconds
        self._train(until)
        training = max(self.seconds - training, 1e-9)
        steps = self.trainer.steps - steps
        if steps:
            self._arrays = self.trainer.ema_arrays()
            self.pool.set_evaluator(self._evaluator())
        self._report(until, games, positions, new, played, steps, training)

    def _play(self, until: float) -> list[FinishedGame]:
        games: list[FinishedGame] = []
        while self.seconds < until and not self.stop:
            games += self.pool.advance(8 * self.config.run.games)
        return games

    def _store(self, games: list[FinishedGame]) -> int:
        """On disk first, then into the window; returns the number of positions."""
        self.store.append(games, {"seconds": round(self.seconds, 2), "evaluations": self.evaluations})
        self.buffer.window = self._window()
        return sum(self.buffer.add(game) for game in games)

    def _train(self, until: float) -> None:
        """Steps until the samples have been used often enough, or the slice's time for training is over."""
        from nets.train import TrainingDiverged

        learn = self.config.learn
        if self.store.positions < learn.first_positions:
            return
        end = min(self.seconds + TRAIN_SHARE * self.config.run.slice_seconds, until)
        sums: dict[str, float] = {}
        steps = 0
        while self.trained + learn.batch <= learn.reuse * self.store.positions:
            if self.stop or self.seconds >= end:
                break
            self.trainer.set_lr(self._lr_scale * learning_rate(self.config, self.seconds))
            try:
                figures = self.trainer.step(self.buffer.sample(learn.batch))
            except TrainingDiverged as error:
                self._roll_back(str(error))
                return
            steps += 1
            self.trained += learn.batch
            for name, value in figures.items():
                sums[name] = sums.get(name, 0.0) + value
        if steps:
            self.rollbacks = 0
            self._losses = {name: value / steps for name, value in sums.items()}

    def _roll_back(self, reason: str, name: str = "checkpoint") -> None:
        """Back to the last checkpoint with half the learning rate; gives up when that does not help.

        ``name``: "checkpoint", or "good" for the state of the last network that was measured and had not collapsed.
        """
        self.rollbacks += 1
        if self.rollbacks > MOST_ROLLBACKS or not has_state(self.folder / name):
            raise click.ClickException(f"{reason}; going back to the checkpoint did not help")
        state = load_state(self.folder / name)
        self.trainer.load_state_dict(state)
        self.trained = int(state["selfplay"]["trained"])
        self._lr_scale /= 2
        self.progress.event(f"{reason}: back to the checkpoint, with half the learning rate", lr_scale=self._lr_scale)

    def _report(
        self,
        until: float,
        games: list[FinishedGame],
        positions: int,
        evaluations: int,
        played: float,
        steps: int,
        training: float,
    ) -> None:
        lengths = [len(game.actions) for game in games]
        self.progress.figures(
            {
                "minutes": round(self.seconds / 60, 3),
                "minutes_left": round(max(until - self.seconds, 0) / 60, 2),
                "games": self.store.games,
                "positions": self.store.positions,
                "window": len(self.buffer),
                "evaluations": self.evaluations,
                "moves_per_s": round(positions / (played + training), 1),
                "evaluations_per_s": round(evaluations / max(played, 1e-9), 1),
                "played_s": round(played, 2),
                "trained_s": round(training, 2),
                "simulations": simulations(self.config, self.seconds),
                "game_length": round(float(np.mean(lengths)), 1) if lengths else None,
                "black_wins": round(float(np.mean([game.score > 0 for game in games])), 3) if games else None,
                "steps": self.trainer.steps,
                "samples_per_s": round(steps * self.config.learn.batch / training, 1) if steps else None,
                "lr": self.trainer.lr,
                "elo": self.ratings.newest_elo,
                **{name: round(value, 4) for name, value in self._losses.items()},
            }
        )

    # --- what lasts --------------------------------------------------------------------------------------------------

    def checkpoint(self, name: str = "checkpoint") -> None:
        """Everything that a resumed run needs, and the newest network beside it."""
        counters = {
            "seconds": round(self.seconds, 2),
            "evaluations": self.evaluations,
            "trained": self.trained,
            "games": self.store.games,
            "positions": self.store.positions,
            "lr_scale": self._lr_scale,
            "window_random": self.buffer.state(),
        }
        save_state(self.folder / name, self.trainer.state_dict() | {"selfplay": counters})
        self.save_network(self.folder / "net.safetensors")

    def save_network(self, path: Path) -> None:
        """The averaged weights, with where they come from."""
        run = self.config.run
        origin = (
            f"self-play from zero on {run.size}x{run.size}: {self.seconds / 60:.0f} minutes, {self.store.games} games, "
            f"{self.evaluations} evaluations, {self.trainer.steps} steps of {self.config.learn.batch}"
        )
        path.parent.mkdir(exist_ok=True)
        save_net(path, self._arrays, {"sizes": [run.size], "origin": origin}, self.net_config)

    def keep(self) -> str:
        """Keeps the present network for good, named by the minute of the run; returns its name."""
        name = f"net-{self.seconds / 60:07.2f}"
        self.save_network(self.folder / "nets" / f"{name}.safetensors")
        return name

    # --- a call ------------------------------------------------------------------------------------------------------

    def run(self, minutes: float) -> None:
        """Goes on for so many minutes, but not beyond the plan; leaves the folder ready for the next call."""
        total, keep_every = 60 * self.config.run.total_minutes, 60 * self.config.run.keep_minutes
        self.pool.advance(1)  # whatever is compiled is compiled now
        self._began = time.perf_counter()
        until = min(self.seconds + 60 * minutes, total)
        if not self.ratings.nets:
            self.ratings.add(self.keep(), self.seconds, self.store.games)
        saved = kept = self.seconds
        while self.seconds < until and not self.stop:
            self.slice(until)
            if self.seconds - saved >= self.config.run.checkpoint_seconds:
                self.checkpoint()
                saved = self.seconds
            if self._is_measured_now():
                self._measure()
                kept = self.seconds
            elif self.seconds - kept >= keep_every:
                self.keep()
                kept = self.seconds
        self.checkpoint()
        if self.seconds >= total and self.ratings.last_seconds < total:
            self._measure()  # the end of the plan; a stop by signal skips it

    def _is_measured_now(self) -> bool:
        wait, total = 60 * self.config.measure.minutes, 60 * self.config.run.total_minutes
        since = self.seconds - self.ratings.last_seconds
        return 0 < wait <= since and self.seconds + wait / 2 < total and not self.stop and self.trainer.steps > 0

    def _measure(self) -> None:
        """Keeps the network and plays its matches, if there are any to be."""
        name = self.keep()
        if not self.config.measure.minutes:
            return
        for text in self.ratings.measure(name, self.seconds, self.store.games, lambda: self.stop):
            self.progress.event(text, elo=self.ratings.newest_elo)
        if self.ratings.has_collapsed(name) and has_state(self.folder / "good"):
            self.ratings.disown(name)
            self._roll_back(f"{name} has collapsed", "good")
            self._arrays = self.trainer.ema_arrays()
            self.pool.set_evaluator(self._evaluator())
            self.checkpoint()
        else:
            self.checkpoint("good")

    def close(self) -> None:
        """Writes the Elo curve and closes the reports."""
        try:
            self.ratings.plot(self.folder / "elo.png")
        finally:
            self.progress.close()


def open_config(folder: Path, start: Path | None, settings: tuple[str, ...], given: dict[str, Any]) -> RunConfig:
    """The run's config: its own if it was begun, else from ``start`` or the defaults; with the changes of this call.

    ``given``: values of the command line by table.key, None where not given. What shapes the run cannot change later.
    """
    path = folder / "config.toml"
    begun = path.exists()
    config = read_config(path) if begun else read_config(start) if start else RunConfig()
    changes = tuple(f"{key}={value}" for key, value in given.items() if value is not None)
    changed = with_settings(config, (*changes, *settings))
    if begun:
        for key in ("size", "net"):
            was, wanted = getattr(config.run, key), getattr(changed.run, key)
            if was != wanted:
                raise ConfigError(f"{folder}: the run was begun with {key} {was}, not {wanted}")
    return changed


@click.command()
@click.option("--run", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Its folder.")
@click.option("--size", type=int, help="Board size.  [default: 9]")
@click.option("--minutes", type=Number(0, min_open=True), default=30.0, show_default=True, help="Of this call.")
@click.option("--total-minutes", type=Number(0, min_open=True), help="Plan of the whole run. [first --minutes]")
@click.option("--shape", metavar="BxC", help="Network: blocks x channels, or plain-BxC.  [default: 4x64]")
@click.option("--games", type=click.IntRange(1, 65536), help="Games at once.  [default: 128]")
@click.option("--threads", type=click.IntRange(1, 1024), help="CPU threads. [default: all cores]")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Random seed.  [default: 0]")
@click.option(
    "--config", "start", type=click.Path(dir_okay=False, exists=True, path_type=Path), help="TOML to begin from."
)
@click.option("--set", "settings", multiple=True, metavar="TABLE.KEY=VALUE", help="Change a knob; may be repeated.")
@click.option(
    "--pack", "out", type=click.Path(path_type=Path), help="Only write the run there, small, to go on elsewhere."
)
@click.option("--quiet", is_flag=True, help="Write the logs alone.")
def command(
    folder: Path,
    size: int | None,
    minutes: float,
    total_minutes: float | None,
    shape: str | None,
    games: int | None,
    threads: int | None,
    device: str,
    seed: int | None,
    start: Path | None,
    settings: tuple[str, ...],
    out: Path | None,
    quiet: bool,
) -> None:
    """Train a network by self-play, from zero. The same command goes on where it was stopped or killed.

    \b
    Example:
      gogame selfplay --size 9 --minutes 30 --run runs/first
    """
    begun = (folder / "config.toml").exists()
    if total_minutes is None and not begun and start is None:
        total_minutes = minutes
    given = {
        "run.size": size,
        "run.total_minutes": total_minutes,
        "run.net": f'"{shape}"' if shape else None,
        "run.games": games,
        "run.seed": seed,
    }
    try:
        config = open_config(folder, start, settings, given)
        if out is not None:
            pack(folder, out, config, say)
            return
        check_training(config)
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            write_config(folder / "config.toml", config)
            _call(folder, config, minutes, threads or default_threads(), device, quiet)
    except (ConfigError, NetError, ShardError) as error:
        raise click.ClickException(str(error)) from None


def check_training(config: RunConfig) -> None:
    """NetError for a bad key of the ``train`` table, before anything is written."""
    from nets.train import TrainConfig

    TrainConfig.from_dict(config.train)


def _call(folder: Path, config: RunConfig, minutes: float, threads: int, device: str, quiet: bool) -> None:
    run = Run(folder, config, threads=threads, device=device, quiet=quiet)
    try:
        total = config.run.total_minutes
        if run.seconds >= 60 * total:
            run.progress.event(f"the plan of {total:g} minutes is fulfilled; --total-minutes prolongs it")
            return
        where = "resumed" if run.trainer.steps or run.store.games else "begun"
        run.progress.event(
            f"{where} at minute {run.seconds / 60:.1f} of {total:g}: {config.run.size}x{config.run.size}, network "
            f"{run.net_config}, {config.run.games} games at once, {run.pool.evaluator.name}, "
            f"{run.store.games} games kept"
        )
        with stopping_by_signal(run.ask_to_stop):
            run.run(minutes)
        run.progress.event(
            f"stopped at minute {run.seconds / 60:.1f}: {run.store.games} games, {run.trainer.steps} steps, "
            f"{folder / 'net.safetensors'}"
        )
    finally:
        run.close()
