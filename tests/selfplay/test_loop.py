"""The learning loop on the smallest scale: it learns, stops cleanly, resumes, and survives being killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from gogame.sgf import game_of_sgf
from nets.checkpoint import load_state
from nets.evaluator import make_evaluator
from nets.ranges import measured_ranges, stored_ranges
from nets.run_folder import locked
from nets.weights import load_net
from selfplay.elo import Result
from selfplay.shards import GameStore
from tests.selfplay.tiny_runs import TINY, TINY_WORDS, command, log, open_run

pytestmark = pytest.mark.usefixtures("compiled")


def test_a_run_learns_and_resumes_where_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run = open_run(folder, "run.total_minutes=0.1", "run.keep_minutes=0.03")
    run.run(0.05)
    run.close()
    assert 2.9 < run.seconds < 12
    assert run.store.games > 0 and run.trainer.steps > 0 and not run.stop
    assert run.trained <= 0.5 * run.store.positions
    slices = log(folder, "slice")
    assert slices[-1]["games"] == run.store.games and slices[-1]["loss"] > 0
    config, arrays, meta = load_net(folder / "net.safetensors")
    ranges = stored_ranges(meta, config, 7)
    assert ranges and run.pool.evaluator.precision == make_evaluator(folder / "net.safetensors", 7, "cpu").precision
    seen = run.window.buffers[7].spread(10_000)
    most = measured_ranges(config, arrays, 7, seen["planes"], seen["globals"])
    assert most and all(0.5 < a / b < 2 for a, b in zip(ranges, most, strict=True)), "measured on the window"
    assert str(config) == "1x8" and meta["sizes"] == [7] and "self-play from zero" in meta["origin"]
    assert len(list((folder / "nets").glob("*.safetensors"))) >= 2
    assert list((folder / "tensorboard").iterdir())
    files = [path.read_bytes() for path in (folder / "sgf").glob("*-7x7.sgf")]
    assert files and all(game_of_sgf(data).size == 7 and b"RE[" in data for data in files)

    seconds = load_state(folder / "checkpoint")["selfplay"]["seconds"]
    again = open_run(folder, "run.total_minutes=0.1", "run.keep_minutes=0.03")
    assert again.seconds == seconds and again.trained == run.trained
    assert (again.trainer.steps, again.store.games) == (run.trainer.steps, run.store.games)
    assert again.evaluations == run.evaluations and len(again.window) == len(run.window)
    old, new = run.trainer.state_dict(), again.trainer.state_dict()
    assert all(np.array_equal(old["tensors"][name], new["tensors"][name]) for name in old["tensors"])
    a, b = run.window.sample(16), again.window.sample(16)
    assert all(np.array_equal(a[key], b[key]) for key in a)
    again.run(5.0)
    again.close()
    assert again.seconds < 20  # the plan of 0.1 minutes ended it
    assert again.store.games > run.store.games and again.trainer.steps > run.trainer.steps
    uncounted = run.evaluations + again.pool.evaluations - again.evaluations  # those that compiled
    assert 0 <= uncounted <= again.config.run.games < again.pool.evaluations
    assert log(folder, "slice")[-1]["simulations"] == 4


def test_diverged_training_goes_back_and_then_gives_up(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run = open_run(folder, "run.total_minutes=1", "run.checkpoint_seconds=60")
    run.run(0.05)
    good = load_state(folder / "good")["steps"]
    assert run.trainer.steps > good == 0
    kept = load_state(folder / "checkpoint")["tensors"]
    spoiled = run.window.sample

    def sample(batch: int) -> dict[str, np.ndarray]:
        return spoiled(batch) | {"score": np.full(batch, np.nan, np.float32)}

    run.window.sample = sample  # type: ignore[method-assign]
    with pytest.raises(click.ClickException, match="did not help"):
        run.run(0.3)
    assert [e["lr_scale"] for e in log(folder, "event") if "lr_scale" in e] == [0.5, 0.25, 0.125]
    back = [e["text"] for e in log(folder, "event") if "lr_scale" in e]
    assert ["good state" in text for text in back] == [False, False, True], "the last try is from further back"
    assert run.trainer.steps == good
    after = load_state(folder / "checkpoint")["tensors"]
    assert all(np.array_equal(kept[name], after[name]) for name in kept)
    run.close()


def test_a_broken_shard_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run = open_run(folder, "run.total_minutes=1")
    run.run(0.04)
    run.close()
    shards = sorted((folder / "games").glob("*.shard"))
    data = bytearray(shards[-1].read_bytes())
    data[-3] ^= 1
    shards[-1].write_bytes(data)
    again = open_run(folder, "run.total_minutes=1")
    assert any("checksum" in e["text"] for e in log(folder, "event"))
    assert 0 < again.store.games < run.store.games
    again.close()


def test_two_processes_do_not_share_a_run(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(click.ClickException, match="another process"), locked(tmp_path):
        pass


def counters(folder: Path) -> dict[str, int]:
    """What the folder holds: games that can be read, and the checkpoint's counters."""
    store = GameStore(folder / "games", (7,), lambda text: pytest.fail(text))
    list(store.newest(10**9))
    try:
        state = load_state(folder / "checkpoint")
    except ValueError:
        return {"games": store.games, "steps": 0, "trained": 0}
    return {"games": store.games, "steps": state["steps"], "trained": state["selfplay"]["trained"]}


@pytest.mark.slow
def test_killed_at_random_instants_it_loses_only_what_was_under_way(tmp_path: Path) -> None:
    """kill -9, again and again: every shard is whole, no counter goes back by more than a checkpoint's interval."""
    folder = tmp_path / "run"
    rng = random.Random(int(os.environ.get("KILL_SEED", "5")))
    before = {"games": 0, "steps": 0, "trained": 0}
    for _ in range(int(os.environ.get("KILLS", "5"))):
        process = subprocess.Popen(command(folder, "--minutes", "30", *TINY_WORDS), stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        seen = ""
        while " games  " not in seen:  # the first slice is through
            seen = process.stdout.readline()
            assert seen, "it ended by itself"
        time.sleep(rng.uniform(0.0, 3.0))
        told = log(folder, "slice")[-1]
        process.kill()
        process.wait()
        process.stdout.close()
        after = counters(folder)
        assert after["games"] >= told["games"]  # stored before it is told
        for name, count in before.items():
            assert after[name] >= count, f"{name} went back"
        before = after
    assert before["games"] > 0 and before["steps"] > 0
    clock = [line["minutes"] for line in log(folder, "slice")]
    assert all(b > a for a, b in zip(clock, clock[1:], strict=False))


@pytest.mark.slow
def test_a_signal_ends_it_cleanly(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen(command(folder, "--minutes", "30", *TINY_WORDS), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while " games  " not in (line := process.stdout.readline()):
        assert line
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert "SIGTERM" in rest and "stopped at minute" in rest
    assert load_state(folder / "checkpoint")["selfplay"]["games"] == counters(folder)["games"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no error of a pipe of its own")
def test_a_reader_that_goes_away_ends_it_cleanly(tmp_path: Path) -> None:
    """As ``gogame selfplay | head`` does."""
    folder = tmp_path / "run"
    words = command(folder, "--minutes", "30", *TINY_WORDS)
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    while " games  " not in (line := process.stdout.readline()):
        assert line
    process.stdout.close()
    assert process.stderr.read() == "" and process.wait(timeout=60) == 0
    told = [line["text"] for line in log(folder, "event")]
    assert told[-2].startswith("nobody reads standard output") and told[-1].startswith("stopped at minute")
    assert load_state(folder / "checkpoint")["selfplay"]["games"] == counters(folder)["games"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind")
def test_a_closed_terminal_ends_it_cleanly(tmp_path: Path) -> None:
    import pty

    folder = tmp_path / "run"
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it would be ignored
        words = command(folder, "--minutes", "30", *TINY_WORDS)
        os.execvpe(words[0], words, os.environ | {"TERM": "xterm"})
    while not (folder / "log.jsonl").exists() or not log(folder, "slice"):
        os.read(terminal, 1 << 16)  # it would wait for the terminal
    os.close(terminal)  # SIGHUP for the child, and errors for what it writes
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert [line["text"] for line in log(folder, "event")][-1].startswith("stopped at minute")
    assert load_state(folder / "checkpoint")["selfplay"]["games"] == counters(folder)["games"]


HANGS_UP = """
import signal, sys
from nets.run_folder import stopping_by_signal
asked = []
def ask(name):
    asked.append(name)
    return len(asked) > 1
if sys.argv[1] == "ignored":  # as nohup has it
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
else:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
with stopping_by_signal(ask):
    signal.raise_signal(signal.SIGHUP)
    signal.raise_signal(signal.SIGHUP)
print(*asked)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal")
@pytest.mark.parametrize(("before", "asked"), [("usual", ["SIGHUP", "SIGHUP"]), ("ignored", [])])
def test_a_closed_terminal_asks_and_never_breaks_off(before: str, asked: list[str]) -> None:
    """In a process of its own, that a signal may end."""
    words = [sys.executable, "-c", HANGS_UP, before]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2])
    assert done.returncode == 0 and done.stdout.split() == asked, done.stderr


def test_a_short_plan_learns_too(tmp_path: Path) -> None:
    """Though it is no longer than a slice may be."""
    run = open_run(tmp_path / "run", "run.total_minutes=0.15", "run.slice_seconds=60", "learn.first_positions=50")
    run.run(1.0)
    run.close()
    assert run.trainer.steps > 0


def test_a_plan_without_measurements_is_fulfilled_at_its_end(tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", "run.total_minutes=0.02", "measure.minutes=0")
    run.run(1.0)
    run.close()
    assert run.is_fulfilled and open_run(tmp_path / "run", "run.total_minutes=0.02", "measure.minutes=0").is_fulfilled


def test_the_last_measurement_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ("run.total_minutes=0.05", "measure.minutes=1", "measure.games=2", "measure.visits=2")
    run = open_run(tmp_path / "run", *settings)
    monkeypatch.setattr(run, "_measure", lambda: run.ask_to_stop("SIGINT"))
    run.run(1.0)
    run.close()
    assert run.seconds >= 3 > run.ratings.last_seconds  # that of the first network, which needs no measurement
    again = open_run(tmp_path / "run", *settings)
    assert again.seconds >= 3 and not again.is_fulfilled
    games = again.store.games
    again.run(1.0)
    again.close()
    assert again.ratings.last_seconds >= 3 and len(again.ratings.results) == 1 and again.is_fulfilled
    assert again.store.games == games


def test_a_network_that_collapses_is_given_up_for_the_last_good_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = open_run(tmp_path / "run", "run.total_minutes=1", "measure.minutes=1")
    run.run(0.04)

    def unmatched(name: str, seconds: float, games: int, stopped: object) -> Iterator[str]:
        run.ratings.add(name, seconds, games)
        return iter(())

    def measured(name: str, *others: Any) -> Iterator[str]:
        run.ratings.results.append(Result(name, "another", 20, 20))
        return unmatched(name, *others)

    assert load_state(run.folder / "good")["steps"] == 0, "the first network is one to go back to"
    monkeypatch.setattr(run.ratings, "measure", lambda *a: iter(()))
    run._measure()
    assert load_state(run.folder / "good")["steps"] == 0, "what was stopped has measured nothing"
    monkeypatch.setattr(run.ratings, "measure", unmatched)
    run._measure()
    assert load_state(run.folder / "good")["steps"] == 0, "nor has what found all opponents' files damaged"
    monkeypatch.setattr(run.ratings, "measure", measured)
    run._measure()
    good = {name: array.copy() for name, array in run.trainer.state_dict()["tensors"].items()}
    steps = run.trainer.steps
    assert load_state(run.folder / "good")["steps"] == steps > 0
    run._train(run.seconds + 1)
    run.store.append([game for game in run.store.newest(300)])
    run._train(run.seconds + 1)
    assert run.trainer.steps > steps
    monkeypatch.setattr(run.ratings, "has_collapsed", lambda name: True)
    run._measure()
    assert run.trainer.steps == steps and run._lr_scale == 0.5
    assert all(np.array_equal(good[name], array) for name, array in run.trainer.state_dict()["tensors"].items())
    assert any("has collapsed" in line["text"] for line in log(run.folder, "event"))
    run.slice(run.seconds + 0.3)
    run.close()


def test_a_network_that_collapses_at_its_first_measurement_is_no_good_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = open_run(tmp_path / "run", "run.total_minutes=1", "measure.minutes=1")
    run.run(0.04)
    first = load_state(run.folder / "good")["tensors"]
    monkeypatch.setattr(run.ratings, "_match", lambda a, b, stopped: Result(a, b, 2, 38))
    run._measure()
    now = run.trainer.state_dict()["tensors"]
    assert run.trainer.steps == 0 and run._lr_scale == 0.5
    assert all(np.array_equal(now[name], first[name]) for name in now if not name.startswith("random"))
    run.close()


def test_a_slice_that_diverges_after_good_steps_is_one_more_in_a_row(tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", "run.total_minutes=1", "run.checkpoint_seconds=60")
    run.run(0.05)
    run._began = time.perf_counter()

    def train(until: float) -> int:
        run.trainer.step(run.window.sample(16))
        run._roll_back("diverged")
        return 1

    run._train = train  # type: ignore[method-assign]
    for number in (1, 2, 3):
        run.trainer.step(run.window.sample(16))  # since the checkpoint
        run.slice(run.seconds + 0.2)
        assert run.rollbacks.in_a_row == number
    with pytest.raises(click.ClickException, match="did not help"):
        run.slice(run.seconds + 0.2)
    run.close()


def test_a_training_that_diverges_at_once_goes_back_to_the_beginning(tmp_path: Path) -> None:
    """... with half the rate, until it does not help; the folder is not stuck."""
    words = ("--minutes", "0.2", "--quiet", "--threads", "1", "--device", "cpu")
    settings = [word for setting in TINY for word in ("--set", setting)]
    settings += ["--set", "train.clip=0.0", "--set", "schedule.lr_per_sample=1e20"]
    done = subprocess.run(command(tmp_path / "run", *words, *settings), capture_output=True, text=True, timeout=100)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1 and "did not help" in line, done.stderr
    assert sum("half the learning rate" in event["text"] for event in log(tmp_path / "run", "event")) == 3
    words += ("--set", "schedule.lr_per_sample=1e-4")
    done = subprocess.run(command(tmp_path / "run", *words), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr


def test_the_end_of_a_plan_may_be_for_learning_alone(tmp_path: Path) -> None:
    """From schedule.play_until on: no evaluation, steps without end; what is due then is as before in a longer plan."""
    settings = ("run.total_minutes=0.2", "schedule.play_until=0.2", "learn.reuse=0.01")
    run = open_run(tmp_path / "run", *settings)
    while not run._can_learn:
        run.run(0.01)
        run._clock, run._began = 0.0, None
    run.run(1.0)
    run.close()
    alone = [line for line in log(tmp_path / "run", "slice") if not line["evaluations_per_s"]]
    assert len(alone) > 1 and len({(line["games"], line["evaluations"]) for line in alone}) == 1
    assert alone[-1]["steps"] > alone[0]["steps"] and 32 * alone[-1]["steps"] > 0.01 * alone[-1]["positions"]
    assert sum(line["text"].startswith("no more games") for line in log(tmp_path / "run", "event")) == 1
    assert run.trained <= 0.01 * run.store.positions and run.is_fulfilled
    longer = open_run(tmp_path / "run", *settings, "run.total_minutes=5")
    games = longer.store.games
    while longer.store.games == games:  # however slow the machine is
        longer.run(0.05)
    longer.close()


def test_a_plan_that_is_too_short_to_learn_plays_on(tmp_path: Path) -> None:
    run = open_run(
        tmp_path / "run", "run.total_minutes=0.03", "schedule.play_until=0.01", "learn.first_positions=9999999"
    )
    run.run(1.0)
    run.close()
    assert all(line["evaluations_per_s"] for line in log(tmp_path / "run", "slice")) and run.trainer.steps == 0


def test_an_empty_window_is_no_end(tmp_path: Path) -> None:
    run = open_run(tmp_path / "run")
    run._began = time.perf_counter()
    run.store._base = (10, 10_000)  # as in a packed run that lost its only shard
    assert run._train(run.seconds + 1) == 0
    run.close()
