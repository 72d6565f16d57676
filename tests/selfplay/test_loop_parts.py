"""Parts of a run of self-play, each called by itself: what learns, what plays, and what is gone back to."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nets.checkpoint import load_state
from nets.model import Network, export_arrays, import_arrays
from nets.train import Trainer
from selfplay import buffer
from selfplay.elo import Result
from selfplay.loop import Run
from selfplay.schedule import learning_rate
from tests.selfplay.tiny_runs import open_run

pytestmark = pytest.mark.usefixtures("needs_jit")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A run with games to learn from."""
    run = open_run(tmp_path / "run", "run.total_minutes=10", "learn.first_positions=50", "measure.minutes=1")
    while run.store.positions < 300:
        run._store(run.pool.advance(500))
    run._began = time.perf_counter()
    yield run
    run.close()


def test_a_lowered_rate_is_what_it_learns_with(run: Run) -> None:
    run._lr_scale = 0.25
    assert run._train(run.seconds + 60) > 0
    assert run.trainer.lr in [0.25 * learning_rate(run.config, s) for s in (0.0, 100.0)]


def test_the_averaged_weights_play(run: Run) -> None:
    run._train(run.seconds + 60)
    run.boards.take(run.trainer.ema_arrays())
    averaged, last = run.trainer.ema_arrays(), export_arrays(run.trainer.model)
    assert all(np.array_equal(run.boards.arrays[name], averaged[name]) for name in averaged)
    assert any((run.boards.arrays[name] != last[name]).any() for name in last)


def test_the_averaged_network_is_judged_by_games_that_it_has_not_learned_from(run: Run) -> None:
    run._train(run.seconds + 60)
    for tensor in run.trainer._ema:
        tensor.mul_(1.5)  # far from the last weights
    before = export_arrays(run.trainer.model)
    new = run._store(run.pool.advance(500))
    found = run._judge(7, new)
    sample = run.window.buffers[7].spread(256, new)
    averaged = Trainer(Network(run.net_config), run.trainer.config)
    import_arrays(averaged.model, run.trainer.ema_arrays())
    assert found == pytest.approx({"new_policy": averaged.evaluate(sample)["policy"],
                                   "new_value": averaged.evaluate(sample)["value"]}, rel=1e-5)  # fmt: skip
    assert found["new_policy"] != pytest.approx(run.trainer.evaluate(sample)["policy"], rel=1e-5)
    after = export_arrays(run.trainer.model)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert run._judge(7, 0) == {}


def test_a_slice_plays_with_the_simulations_of_its_time(run: Run) -> None:
    run.slice(run.seconds + 0.2)
    assert run.pool._searches[0].budget[0] == 2
    run._clock += 6 * 60  # past half of the plan
    run.slice(run.seconds + 0.2)
    assert run.pool._searches[0].budget[0] == 4


def test_a_resumed_run_plays_other_games(run: Run) -> None:
    run.checkpoint()
    run.close()
    settings = ("run.total_minutes=10", "learn.first_positions=50", "measure.minutes=1")
    second = open_run(run.folder, *settings)
    fresh = open_run(run.folder.parent / "other", *settings)
    assert not np.isin(second.pool._games.random, fresh.pool._games.random).any()
    for other in (second, fresh):
        other.close()


def test_there_is_no_step_before_the_first_positions(tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", "learn.first_positions=100000")
    while run.store.positions < 300:
        run._store(run.pool.advance(500))
    run._began = time.perf_counter()
    assert run._train(run.seconds + 1) == 0
    run.close()


def test_what_is_compiled_is_compiled_before_the_clock_begins(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking the first game in compiled for twenty seconds, which a short plan did not have for learning."""
    clock: list[float | None] = []
    for name in ("expand_game", "gather"):
        kernel = getattr(buffer, name)

        def noted(*given: Any, kernel: Any = kernel) -> Any:
            clock.append(run._began)
            return kernel(*given)

        monkeypatch.setattr(buffer, name, noted)
    run._began = None
    run.run(0.01)
    assert clock[:2] == [None, None]


def test_the_window_has_an_end(run: Run) -> None:
    run.store._base = (10, 10**7)
    assert run._window_size() == run.config.learn.window_most


def test_when_it_is_measured(run: Run) -> None:
    run.ratings.add("first", 0.0, 0)
    run._clock = 100.0
    assert not run._is_measured_now(), "nothing has been learned"
    run.trainer.steps = 5
    assert run._is_measured_now()
    run._clock = 590.0
    assert not run._is_measured_now(), "the last measurement is near"


def test_a_rollback_uses_the_samples_again(run: Run) -> None:
    run.checkpoint()
    before = run.trained
    run._train(run.seconds + 60)
    assert run.trained > before
    run._roll_back("a test")
    assert run.trained == before


@pytest.mark.parametrize("name", ["checkpoint", "good"])
def test_weights_that_are_not_finite_are_not_kept(run: Run, name: str) -> None:
    run.checkpoint()
    run.checkpoint("good")
    with torch.no_grad():
        next(run.trainer.model.parameters()).fill_(math.nan)
    run.checkpoint(name)
    assert run.rollbacks.in_a_row == 1 and load_state(run.folder / name)["steps"] == run.trainer.steps
    run.checkpoint(name)
    assert run.rollbacks.in_a_row == 1, "what was gone back to is finite"


def test_rollbacks_that_helped_are_forgotten(run: Run) -> None:
    run.rollbacks.in_a_row = 2
    run.slice(run.seconds + 0.5)
    assert run.trainer.steps > 0 and run.rollbacks.in_a_row == 0


def test_after_a_collapse_the_good_network_plays(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("checkpoint", "good"):
        run.checkpoint(name)
    run.ratings.add(run.keep(), 0.0, 0)
    run._clock += 100
    run._train(run.seconds + 60)
    run.boards.take(run.trainer.ema_arrays())
    run.checkpoint()
    monkeypatch.setattr(run.ratings, "_match", lambda a, b, stopped: Result(a, b, 2, 38))
    run._measure()
    assert load_state(run.folder / "checkpoint")["steps"] == 0
    good = load_state(run.folder / "good")["tensors"]
    assert all(np.array_equal(array, good[f"ema.{name}"]) for name, array in run.boards.arrays.items())
