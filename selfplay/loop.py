"""The learning loop: generate, store, train, measure; one process, in slices, resumable at any instant.

A run's folder holds all there is to it:

    config.toml      every knob            games/       finished games, append-only shards
    checkpoint/      weights, optimiser, average, random states, counters; replaced as a whole
    good/            the same, of the last network that was measured and had not collapsed, or else was kept
    net.safetensors  the newest network    nets/        networks kept, by minute of the run
    log.jsonl        what happened         tensorboard/ the same as curves         elo.png, ratings.json
    sgf/             the newest of a few games, to be looked at

A slice plays for some seconds with the averaged weights, stores the games that ended, then trains until each
sample has been used as often as the config says. The clock of the run only counts time spent in calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nets.checkpoint import has_state, save_state
from nets.config import NetConfig, NetError
from nets.failures import disk_line
from nets.ranges import with_ranges
from nets.run_folder import Rollbacks, clear_leftovers
from nets.weights import save_net
from selfplay.boards import Boards
from selfplay.buffer import window_size
from selfplay.config import RunConfig
from selfplay.game_files import GameFiles
from selfplay.games import GamePool
from selfplay.measure import Ratings
from selfplay.progress import SelfPlayProgress, slice_figures
from selfplay.recovery import corrupt, read_counters, restore, set_aside
from selfplay.samples import FinishedGame
from selfplay.schedule import learning_rate, plays, simulations
from selfplay.shards import GameStore
from selfplay.window import Window

SHORTEST = 1.0  # seconds of playing in a slice, at the least
PORTION = 1.0  # seconds of playing between two looks at the clock
JUDGED = 256  # new positions that the network is judged by in a slice, at most
TRAIN_SHARE = 4.0  # a slice trains for at most so many times the seconds it may play


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
        self.progress.on_unread = self.ask_to_stop
        self._clock = 0.0  # seconds of the run before this call
        self._began: float | None = None  # when this call's share of them began to count
        self.evaluations = self.trained = 0  # trained: samples used
        self.rollbacks = Rollbacks(folder)
        self._positions = 0  # learned from, or waiting to be, at the last checkpoint
        self._lr_scale = 1.0
        self._owed: dict[int, float] = {}  # see Boards, at the last checkpoint
        self._begun_with = 0  # games that were there when the training began
        self._origin = Path(config.run.start).name.removesuffix(".safetensors") or "zero"
        self._losses: dict[str, float] = {}
        self._was_alone = False  # in the slice before, see _learns_alone
        self._open_parts()

    def _open_parts(self) -> None:
        run, learn = self.config.run, self.config.learn
        clear_leftovers(self.folder)
        self.store = GameStore(self.folder / "games", run.sizes, self.progress.event)
        self.game_files = GameFiles(self.folder, run.sgf_games, self.progress.event)
        options = {"value_mix": learn.value_mix, "value_lambda": learn.value_lambda, "symmetries": learn.symmetries}
        self.window = Window(run.sizes, learn.window_most, seed=run.seed, **options)
        self.ratings = Ratings(self.folder, self.config, self.threads, self.device, self.progress.event)
        restored = self._load_training()
        note = self.store.last_note
        if restored:
            if self.store.games > self._begun_with:  # the last shard is of this training
                self._clock = max(self._clock, float(note.get("seconds", 0.0)))
                self.evaluations = max(self.evaluations, int(note.get("evaluations", 0)))
        else:
            self._begin_anew()
        for game in self.store.newest(self._window_size()):
            self.window.add(game)
        self.window.resize(self.store.sizes_of_newest(self._window_size()))
        lost = self._positions - self.store.positions
        if lost > 0:  # the training does not wait until as many new ones are there
            self.trained = max(0, self.trained - int(learn.reuse * lost))
            self.progress.event(
                f"{lost} positions fewer than at the last checkpoint: the training goes on without them"
            )
        most = int(learn.reuse * self.store.positions)
        if self.trained > most:  # learn.reuse is lower than it was
            self.trained = most
            self.progress.event(f"samples were used more than {learn.reuse:g} times: it goes on with new ones")
        # What the window has left behind cannot be drawn: nothing is owed for it, after learn.reuse was raised or where
        # a training begins anew with the games of another.
        self.trained = max(self.trained, int(learn.reuse * (self.store.positions - len(self.window))))
        # Games in flight are not stored: a fresh seed, so that a resumed run does not play the same ones again.
        seed = np.random.SeedSequence([run.seed, self.store.games, int(self._clock * 1000)])
        self.boards = Boards(
            self.config, self.net_config, self.trainer.ema_arrays(), self.window, seed, threads=self.threads,
            device=self.device, say=self.progress.event, ranges=self._given_ranges, owed=self._owed,
        )  # fmt: skip

    def _begin_anew(self) -> None:
        """No checkpoint: what belongs to a training before this one is put aside, its games excepted."""
        self._begun_with = self.store.games
        set_aside(self.folder / "good")
        if self.config.run.start and not any((self.folder / "nets").glob("net-*.safetensors")):
            # Games of another run, laid into a new one's folder: they fill the window of a network that knows them, and
            # ask for no steps of their own.
            self.trained = int(self.config.learn.reuse * self.store.positions)
        if self.store.games:  # its checkpoint was taken away: the schedules begin anew, too
            self.ratings.forget("ratings-before.json")
            self.progress.event(f"no checkpoint: the training begins anew, with {self.store.games} games kept")

    def _load_training(self) -> bool:
        """The trainer, from the checkpoint if there is one; returns whether there is."""
        import torch

        from nets.start import begun_with, start_ranges
        from nets.train import Trainer
        from nets.train_config import TrainConfig

        run = self.config.run
        options = dict(self.config.train) | {"lr": learning_rate(self.config, 0.0)}
        if self.device == "cpu":
            options["device"] = "cpu"
        torch.manual_seed(run.seed)
        self.net_config = NetConfig.named(run.net)
        start = "" if has_state(self.folder / "checkpoint") else run.start
        network, origin = begun_with(start, self.net_config, run.sizes[0], self.progress.event)
        self._origin = origin or self._origin
        self._given_ranges = {size: start_ranges(start, self.net_config, size) for size in run.sizes}
        self.trainer = Trainer(network, TrainConfig.from_dict(options), self.progress.event)
        return restore(self.folder, self._restore, self.progress.event)

    def _restore(self, state: dict[str, Any]) -> None:
        """Sets the trainer, the counters and the window's random state to those of a checkpoint."""
        counters = read_counters(state)
        self.trainer.load_state_dict(state)
        try:
            self.window.load_state(counters.window_random)
        except (TypeError, ValueError, OverflowError, AttributeError, LookupError) as error:
            raise corrupt(error) from None
        self._owed, self._begun_with = counters.owed, counters.begun_with  # owed: of several sizes alone
        self._clock, self._lr_scale = counters.seconds, counters.lr_scale
        self.evaluations, self.trained, self._positions = counters.evaluations, counters.trained, counters.positions
        self._origin = counters.origin or self._origin
        if counters.lr_per_sample not in (None, self.config.schedule.lr_per_sample):
            self._lr_scale = 1.0  # a new rate is taken at its word

    @property
    def pool(self) -> GamePool:
        """The games of the board whose turn it is."""
        return self.boards.pool

    @property
    def rate_was_lowered(self) -> str:
        """A word on the learning rate, if it is not the config's."""
        return f", learning rate at {self._lr_scale:g} of the config's" if self._lr_scale < 1 else ""

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

    def _window_size(self) -> int:
        learn = self.config.learn
        full = window_size(self.store.positions, learn.window_start, learn.window_growth, learn.window_power)
        return min(full, learn.window_most)

    @property
    def _can_learn(self) -> bool:
        return self.store.positions >= self.config.learn.first_positions and len(self.window) > 0

    @property
    def _learns_alone(self) -> bool:
        """Whether the games are over, and what is left of the plan goes into learning from the window."""
        return self._can_learn and not plays(self.config, self.seconds)

    # --- one slice ---------------------------------------------------------------------------------------------------

    def slice(self, until: float) -> None:
        """Plays, stores, trains; ``until``: the end of the call on the run's clock."""
        pool, began = self.pool, self.seconds
        size, evaluations = pool.size, pool.evaluations
        pool.set_simulations(simulations(self.config, began))
        # Towards the end shorter and shorter, so that what was played last is learned from, too.
        most = min(self.config.run.slice_seconds, max(SHORTEST, (until - began) / 2))
        alone, self._was_alone = self._was_alone, self._learns_alone
        if self._was_alone and not alone:
            self.progress.event("no more games: from here on it learns from those that it has")
        games = [] if self._was_alone else self._play(min(began + most, until))
        played = self.seconds - began
        new = pool.evaluations - evaluations
        self.evaluations += new
        judged = self._judge(size, self._store(games))
        before, training, rollbacks = self.trainer.steps, self.seconds, self.rollbacks.in_a_row
        steps = self._train(until)
        training = max(self.seconds - training, 1e-9)
        self.boards.count(played)
        learned = self.trainer.steps != before
        self.boards.take(self.trainer.ema_arrays() if learned else self.boards.arrays)
        if learned:
            if not self.pool.is_answered():  # its weights have grown beyond bounds
                self._roll_back("the network's answers are not finite")
                self.boards.take(self.trainer.ema_arrays())
            elif steps and self.rollbacks.in_a_row == rollbacks:  # and none of them diverged
                self.rollbacks.in_a_row = 0
        losses = self._losses | judged
        self.progress.figures(slice_figures(self, until, size, games, new, played, steps, training, losses))

    def _play(self, until: float) -> list[FinishedGame]:
        """Plays on until then, in portions: at the end of each the cores wait for each other."""
        games: list[FinishedGame] = []
        rounds = 1
        while (began := self.seconds) < until and not self.stop:
            games += self.pool.advance(rounds * self.config.run.games)
            took = max(self.seconds - began, 1e-3)
            rounds = max(1, min(2 * rounds, int(rounds * min(PORTION, until - self.seconds) / took)))
        return games

    def _store(self, games: list[FinishedGame]) -> int:
        """On disk first, then into the window; returns the number of positions."""
        self.store.append(games, {"seconds": round(self.seconds, 2), "evaluations": self.evaluations})
        positions = sum(map(self.window.add, games))
        self.window.resize(self.store.sizes_of_newest(self._window_size()))
        self.game_files.keep(games, self.store.games, self.seconds / 60)
        return positions

    def _judge(self, size: int, new: int) -> dict[str, float]:
        """The averaged network's losses on so many new positions, which it has not yet learned from."""
        if not new:
            return {}
        losses = self.trainer.evaluate(self.window.buffers[size].spread(JUDGED, new), averaged=True)
        return {"new_policy": losses["policy"], "new_value": losses["value"]}

    def _train(self, until: float) -> int:
        """Steps until the samples have been used often enough, or the slice's time for training is over; returns how
        many were made."""
        learn = self.config.learn
        if not self._can_learn:
            return 0
        # While a GPU computes a step, the cores make the next one's batch.
        with self.window.drawing(learn.batch, ahead=self.trainer.device.type == "cuda") as draw:
            return self._steps(draw, min(self.seconds + TRAIN_SHARE * self.config.run.slice_seconds, until))

    def _steps(self, draw: Callable[[], dict[str, np.ndarray]], end: float) -> int:
        """The steps of :meth:`_train`, until the run's clock shows ``end`` at the latest."""
        from nets.train import TrainingDiverged

        learn = self.config.learn
        sums: dict[str, float] = {}
        steps = 0
        while (alone := self._learns_alone) or self.trained + learn.batch <= learn.reuse * self.store.positions:
            if self.stop or self.seconds >= end:
                break
            self.trainer.set_lr(self._lr_scale * learning_rate(self.config, self.seconds))
            try:
                figures = self.trainer.step(draw())
            except TrainingDiverged as error:
                self._roll_back(str(error))
                return steps
            steps += 1
            self.trained += 0 if alone else learn.batch  # a longer plan goes on with what is due then
            for name, value in figures.items():
                sums[name] = sums.get(name, 0.0) + value
        if steps:
            self._losses = {name: value / steps for name, value in sums.items()}
        return steps

    def _roll_back(self, reason: str, name: str = "checkpoint") -> None:
        """Back to the last checkpoint with half the learning rate; gives up when that does not help.

        ``name``: "checkpoint", or "good" for the state of the last network that was measured and had not collapsed.
        """
        if self.rollbacks.is_last and has_state(self.folder / "good"):
            name = "good"  # the checkpoint itself may be what has diverged
        try:
            state = self.rollbacks.next_state(reason, name)
            self.trainer.load_state_dict(state)
        except NetError:  # damaged on the disk, or its own numbers are not finite
            if name == "good" or not has_state(self.folder / "good"):
                raise
            self._roll_back(reason, "good")
            return
        # Not more than now: since that state learn.reuse may have been lowered, or games have been lost.
        self.trained = min(self.trained, int(state["selfplay"]["trained"]))
        self._lr_scale /= 2
        where = "the checkpoint" if name == "checkpoint" else "the last good state"
        self.progress.event(f"{reason}: back to {where}, with half the learning rate", lr_scale=self._lr_scale)

    # --- what lasts --------------------------------------------------------------------------------------------------

    def checkpoint(self, name: str = "checkpoint") -> None:
        """Everything that a resumed run needs, and the newest network beside it; what is not finite goes back to the
        last one instead."""
        from nets.train import TrainingDiverged

        try:
            state = self.trainer.state_dict()
        except TrainingDiverged as error:
            self._roll_back(str(error))
            self.boards.take(self.trainer.ema_arrays())
            return
        counters = {
            "seconds": round(self.seconds, 2),
            "evaluations": self.evaluations,
            "trained": self.trained,
            "games": self.store.games,
            "positions": self.store.positions,
            "lr_scale": self._lr_scale,
            "lr_per_sample": self.config.schedule.lr_per_sample,
            "begun_with": self._begun_with,
            "sizes": list(self.config.run.sizes),
            "owed": {str(size): round(seconds, 6) for size, seconds in self.boards.owed.items()},
            "origin": self._origin,
            "window_random": self.window.state(),
        }
        save_state(self.folder / name, state | {"selfplay": counters})
        self.save_network(self.folder / "net.safetensors")

    def save_network(self, path: Path) -> None:
        """The averaged weights, with where they come from."""
        run = self.config.run
        origin = (
            f"self-play from {self._origin} on {run.boards}: {self.seconds / 60:.0f} minutes, "
            f"{self.store.games - self._begun_with} games, {self.evaluations} evaluations, {self.trainer.steps} steps "
            f"of {self.config.learn.batch}"
        )
        path.parent.mkdir(exist_ok=True)
        meta: dict[str, Any] = {"sizes": list(run.sizes), "origin": origin}
        for size in run.sizes:
            meta = with_ranges(meta, size, self.boards.ranges(size))
        save_net(path, self.boards.arrays, meta, self.net_config)

    def keep(self) -> str:
        """Keeps the present network for good, named by the minute of the run; returns its name."""
        name = f"net-{self.seconds / 60:07.2f}"
        self.save_network(self.folder / "nets" / f"{name}.safetensors")
        return name

    # --- a call ------------------------------------------------------------------------------------------------------

    def run(self, minutes: float) -> None:
        """Goes on for so many minutes, but not beyond the plan; leaves the folder ready for the next call."""
        total, keep_every = 60 * self.config.run.total_minutes, 60 * self.config.run.keep_minutes
        for size, pool in self.boards.pools.items():  # whatever is compiled is compiled now
            pool.advance(1)
            self.trainer.warm_up(size, self.config.learn.batch)
        self.window.warm_up()
        self._began = time.perf_counter()
        until = min(self.seconds + 60 * minutes, total)
        if not self.trainer.steps:  # a training that diverges at once, or collapses, has something to go back to
            for name in ("checkpoint", "good"):
                if not has_state(self.folder / name):
                    self.checkpoint(name)
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
                if not self.config.measure.minutes and not self.rollbacks.in_a_row:
                    self.checkpoint("good")
                kept = self.seconds
        self.checkpoint()
        if self.is_measured_last:
            self._measure()

    @property
    def is_fulfilled(self) -> bool:
        """Whether the plan is at its end, the last measurement made if there is to be one."""
        measured = self.config.measure.minutes == 0 or not self.is_measured_last
        return self.seconds >= 60 * self.config.run.total_minutes and measured

    @property
    def is_measured_last(self) -> bool:
        """Whether the plan is at its end and its network is still to be measured; a stop by signal puts that off."""
        total = 60 * self.config.run.total_minutes
        return self.seconds >= total and self.ratings.last_seconds < total and not self.stop

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
        if self.ratings.has_collapsed(name):
            self.ratings.disown(name)
            if not has_state(self.folder / "good"):
                self.progress.event(f"{name} has collapsed, and there is no good state to go back to")
                return
            self._roll_back(f"{name} has collapsed", "good")
            self.boards.take(self.trainer.ema_arrays())
            self.checkpoint()
        elif self.ratings.last_name == name and self.ratings.has_met(name):  # else the matches were stopped
            self.checkpoint("good")

    def close(self) -> None:
        """Draws the Elo curve, if there is room for it, and closes the reports."""
        try:
            self.ratings.plot(self.folder / "elo.png")
        except OSError as error:
            self.progress.event(f"elo.png: not drawn: {disk_line(error, self.folder)}")
        finally:
            self.progress.close()
