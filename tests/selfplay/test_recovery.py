"""Damaged files of a run: shards in the middle and at the end, checkpoints, kept networks. One line, and it goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from nets.checkpoint import load_state, save_state
from nets.config import NetError
from nets.evaluator import Evaluation
from nets.learn import command as learn_command
from nets.weights import load_net
from selfplay.command import command
from selfplay.config import RunConfig, with_settings, write_config
from selfplay.recovery import restore
from selfplay.shards import GameStore, read_shard
from tests.nets.test_records import collection, random_games
from tests.selfplay.fake_net import FakeNet
from tests.selfplay.test_full_disk import WORDS
from tests.selfplay.test_shards import same
from tests.selfplay.tiny_runs import TINY, log, open_run

pytestmark = pytest.mark.usefixtures("needs_jit")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of four shards at least, with a checkpoint that learned and a good one from before."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    run = open_run(folder, "run.total_minutes=5", "run.slice_seconds=0.1", "learn.first_positions=50")
    run.checkpoint("good")
    for _ in range(100):
        run.slice(run.seconds + 60) if run._began else run.run(0.005)
        if len(run.store.headers) >= 4 and run.trainer.steps > 0:
            break
    run.checkpoint()
    run.close()
    return folder


@pytest.fixture
def folder(begun: Path, tmp_path: Path) -> Path:
    return shutil.copytree(begun, tmp_path / "run")


def events(folder: Path) -> list[str]:
    return [line["text"] for line in log(folder, "event")]


def shards(folder: Path) -> list[Path]:
    return sorted((folder / "games").glob("*.shard"))


@pytest.mark.parametrize("damage", ["middle flipped", "middle headless", "newest truncated", "newest empty"])
def test_a_damaged_shard_costs_its_own_games_alone(damage: str, folder: Path) -> None:
    paths = shards(folder)
    path = paths[-1] if damage.startswith("newest") else paths[1]
    expected = [game for other in paths if other != path for game in read_shard(other)]
    data = bytearray(path.read_bytes())
    if damage == "middle flipped":
        data[-9] ^= 4
    elif damage == "middle headless":
        data[:16] = bytes(16)
    else:
        data = data[: len(data) // 2 if damage == "newest truncated" else 0]
    path.write_bytes(data)

    # A window that holds all the games, however many this machine made: what is not read is not found out.
    run = open_run(folder, "run.total_minutes=5", "learn.window_start=100000", "learn.window_most=100000")
    passed = [text for text in events(folder) if text.startswith("passed over: ")]
    assert len(passed) == 1 and str(path) in passed[0] and "\n" not in passed[0]
    kept = list(run.store.newest(10**9))
    assert len(kept) == len(expected) == run.store.games and all(map(same, kept, expected))
    assert (
        len(run.window) == min(run.window.buffers[7].count, run._window_size()) and run.window.buffers[7].rejected == 0
    )
    assert run.trainer.steps == load_state(folder / "checkpoint")["steps"]
    run.store.append(expected[:1])
    while run.store.games <= len(expected) + 1:  # however slow the machine is
        run.run(0.005)
    run.close()
    assert path.read_bytes() == data, "what is damaged is left for whoever may want to look"
    assert shards(folder)[-1].name > paths[-1].name, "no number is used twice"


def spoil(folder: Path, how: str) -> None:
    """Damages a training state."""
    part, state = folder / "part-000.safetensors", folder / "state.json"
    if how == "flipped":  # a weight, a little: nothing but the checksum tells
        data = bytearray(part.read_bytes())
        data[-30] ^= 1
        part.write_bytes(data)
    elif how == "truncated":
        part.write_bytes(part.read_bytes()[:-50])
    elif how == "no part":
        part.unlink()
    elif how == "no state":
        state.unlink()
    elif how == "other state":
        values = json.loads(state.read_text())["state"] | {"tensors": load_state(folder)["tensors"]}
        del values["selfplay"]
        save_state(folder, values)


@pytest.mark.parametrize("how", ["flipped", "truncated", "no part", "no state", "other state"])
def test_a_damaged_checkpoint_is_passed_over_for_the_last_good_one(how: str, folder: Path) -> None:
    newest, good = load_state(folder / "checkpoint"), load_state(folder / "good")
    assert newest["steps"] > good["steps"] == 0
    spoil(folder / "checkpoint", how)
    run = open_run(folder, "run.total_minutes=5")
    (line,) = [text for text in events(folder) if text.startswith("passed over: ")]
    assert str(folder / "checkpoint") in line and str(folder / "good") in line and "\n" not in line
    now = run.trainer.state_dict()["tensors"]
    assert all(np.array_equal(now[name], good["tensors"][name]) for name in now if not name.startswith("random"))
    assert run.store.games >= newest["selfplay"]["games"], "the games are all there"
    assert run.seconds >= run.store.last_note["seconds"] > good["selfplay"]["seconds"], "the clock does not go back"
    run.run(0.01)
    run.close()
    assert load_state(folder / "checkpoint")["selfplay"]["games"] == run.store.games


def test_without_a_good_one_the_way_out_is_told(folder: Path) -> None:
    spoil(folder / "checkpoint", "flipped")
    spoil(folder / "good", "no part")
    games = sum(len(read_shard(path)) for path in shards(folder))
    done = CliRunner().invoke(command, ["--run", str(folder), *WORDS, "--minutes", "0.01"])
    (line,) = done.output.splitlines()
    assert done.exit_code == 1 and line.startswith(f"Error: {folder / 'checkpoint'}: corrupt training state")
    assert "move it away" in line
    shutil.move(folder / "checkpoint", folder.parent / "away")
    done = CliRunner().invoke(command, ["--run", str(folder), *WORDS, "--minutes", "0.01"])
    assert done.exit_code == 0, done.output
    assert sum(len(read_shard(path)) for path in shards(folder)) > games
    assert any("begins anew" in text for text in events(folder))
    assert load_state(folder / "checkpoint")["selfplay"]["seconds"] < 10, "the clock, too"
    assert load_state(folder / "good")["selfplay"]["seconds"] < 10, "it is this training's"
    more = sum(len(read_shard(path)) for path in shards(folder)) - games
    assert f" {more} games, " in load_net(folder / "net.safetensors")[2]["origin"], "the others are of another training"


def test_a_checkpoint_that_has_diverged_is_left_for_the_good_one(folder: Path) -> None:
    """An older program could write one; the training notices at its next step."""
    state = load_state(folder / "checkpoint")
    weights = {n: a * np.float32(1e25) if a.dtype == np.float32 else a for n, a in state["tensors"].items()}
    save_state(folder / "checkpoint", state | {"tensors": weights})
    run = open_run(folder, "run.total_minutes=5", "learn.first_positions=50", "learn.reuse=3.0")
    run.run(0.05)
    run.close()
    lines = [text for text in events(folder) if "half the learning rate" in text]
    assert len(lines) == 3 and "good state" in lines[-1]
    assert run.trainer.steps > 0 and not any("passed over" in text for text in events(folder))
    tensors = load_state(folder / "checkpoint")["tensors"]
    assert all(np.abs(array).max() < 1e6 for name, array in tensors.items() if name.startswith("model"))


def test_a_checkpoint_that_is_not_finite_is_no_way_back(folder: Path) -> None:
    run = open_run(folder, "run.total_minutes=5")
    state = load_state(folder / "checkpoint")
    name = next(name for name in state["tensors"] if name.startswith("model."))
    state["tensors"][name] = np.full_like(state["tensors"][name], np.nan)
    save_state(folder / "checkpoint", state)
    run._roll_back("a test")
    run.close()
    assert run.trainer.steps == 0 and any("a test: back to the last good state" in text for text in events(folder))


def test_a_checkpoint_that_was_damaged_meanwhile_is_no_way_back(folder: Path) -> None:
    run = open_run(folder, "run.total_minutes=5")
    part = max((folder / "checkpoint").iterdir(), key=lambda file: file.stat().st_size)
    part.write_bytes(part.read_bytes()[:-9])
    run._roll_back("a test")
    run.close()
    assert run.trainer.steps == 0 and any("a test: back to the last good state" in text for text in events(folder))


class Speechless(FakeNet):
    """Weights that have grown beyond bounds."""

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        answer = super().evaluate(planes, globals)
        answer.value[0, 0] = np.nan
        return answer


def test_a_network_without_answers_neither_plays_nor_is_kept(folder: Path) -> None:
    before = load_state(folder / "checkpoint")["steps"]
    run = open_run(folder, "run.total_minutes=5", "learn.first_positions=50", "learn.reuse=3.0")
    good = run.pool.evaluator
    assert run.pool.is_answered()
    run.pool.set_evaluator(Speechless(7))
    assert not run.pool.is_answered()
    run.pool.set_evaluator(good)
    run.boards._evaluator = lambda size: Speechless(size)  # type: ignore[method-assign]
    with pytest.raises(click.ClickException, match="answers are not finite; .* did not help"):
        run.run(0.2)
    run.close()
    assert load_state(folder / "checkpoint")["steps"] in (0, before)


def test_a_training_begun_anew_has_its_own_clock(folder: Path) -> None:
    """Though it is killed before it has stored a game."""
    old = load_state(folder / "checkpoint")["selfplay"]["seconds"]
    shutil.rmtree(folder / "checkpoint")
    run = open_run(folder, "run.total_minutes=5")
    run.checkpoint()
    run.close()
    assert load_state(folder / "good-before")["steps"] == 0 and not (folder / "good").exists()
    again = open_run(folder, "run.total_minutes=5")
    assert again.seconds < 0.5 < old and again.store.games > 0
    again.run(0.05)
    again.close()
    assert open_run(folder, "run.total_minutes=5").seconds >= 3, "games of its own count"


def test_fewer_uses_of_a_sample_do_not_halt_the_training(folder: Path) -> None:
    run = open_run(folder, "run.total_minutes=5", "learn.reuse=0.1")
    most = int(0.1 * run.store.positions)
    assert run.trained == most < load_state(folder / "checkpoint")["selfplay"]["trained"]
    assert any("used more than 0.1 times" in text for text in events(folder))
    run._roll_back("a test")  # to a state of before
    assert run.trained == most
    run.close()


def test_nothing_is_owed_for_games_that_the_window_has_left_behind(folder: Path) -> None:
    run = open_run(folder, "run.total_minutes=5", "learn.reuse=50", "learn.window_start=100", "learn.window_growth=0.0")
    gone = run.store.positions - len(run.window)
    assert gone > 0 and 50 * gone - 1 <= run.trained < 50 * run.store.positions
    run.close()


def test_games_laid_into_a_new_run_fill_its_window_and_ask_for_no_steps(folder: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    shutil.copytree(folder / "games", new / "games")
    start = f"run.start={json.dumps(str(folder / 'net.safetensors'))}"
    run = open_run(new, "run.total_minutes=5", start)
    positions = len(run.window)
    assert positions > 200 and run._can_learn and run._train(run.seconds + 60) == 0
    run.ratings.add(run.keep(), 0.0, 0)
    run.ratings.forget("ratings-before.json")  # as a call does that was killed before it had anything
    run.close()
    again = open_run(new, "run.total_minutes=5", start)  # its checkpoint was taken away: what it has learned, too
    assert len(again.window) == positions and again.trained < 0.5 * positions - 32
    again.close()
    owing = tmp_path / "owing"
    shutil.copytree(folder / "games", owing / "games")
    zero = open_run(owing, "run.total_minutes=5")
    assert zero.trained < 0.5 * positions - 32
    zero.close()


def test_without_measurements_the_last_network_kept_is_the_good_one(tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", "run.total_minutes=5", "run.keep_minutes=0.001")
    while run.trainer.steps < 2 and run.seconds < 200:
        run.run(0.02)
    run.close()
    assert load_state(run.folder / "good")["steps"] > 0


def test_a_lowered_rate_is_told_and_a_new_one_is_taken_at_its_word(folder: Path) -> None:
    run = open_run(folder, "run.total_minutes=5")
    run._lr_scale = 0.25
    run.checkpoint()
    run.close()
    assert run.rate_was_lowered == ", learning rate at 0.25 of the config's"
    assert open_run(folder, "run.total_minutes=5").rate_was_lowered
    assert open_run(folder, "run.total_minutes=5", "schedule.lr_per_sample=1e-5")._lr_scale == 1


@pytest.mark.parametrize(
    "counters",
    [
        {"seconds": None}, {"seconds": -1.0}, {"seconds": 1e999}, {"lr_scale": 0.0}, {"lr_scale": -1.0},
        {"lr_scale": float("nan")}, {"evaluations": 1e999}, {"trained": "x"}, {"trained": -5}, {"window_random": "x"},
        {"window_random": {"bit_generator": "MT19937"}}, {"positions": []}, {"begun_with": {}},
    ],
)  # fmt: skip
def test_counters_of_a_stranger_are_no_state(counters: dict[str, object], folder: Path) -> None:
    state = load_state(folder / "checkpoint")
    save_state(folder / "checkpoint", state | {"selfplay": state["selfplay"] | counters})
    run = open_run(folder, "run.total_minutes=5")
    run.close()
    (line,) = [text for text in events(folder) if text.startswith("passed over: ")]
    assert f"{folder / 'checkpoint'}: corrupt training state (selfplay: " in line and run.trainer.steps == 0


def test_lost_shards_do_not_stop_the_training(folder: Path) -> None:
    paths = shards(folder)
    state = load_state(folder / "checkpoint")["selfplay"]
    for path in paths[:-1]:
        path.write_bytes(b"")
    run = open_run(folder, "run.total_minutes=5", "learn.window_start=100000", "learn.window_most=100000")
    lost = state["positions"] - run.store.positions
    assert lost > 0 and run.trained == max(0, state["trained"] - int(run.config.learn.reuse * lost))
    assert any(text.startswith(f"{lost} positions fewer") for text in events(folder))
    run.close()


def test_nothing_to_restore_is_a_beginning(tmp_path: Path) -> None:
    assert restore(tmp_path, lambda state: pytest.fail("a state"), pytest.fail) is False
    (tmp_path / "checkpoint").mkdir()
    with pytest.raises(NetError, match="no training state.*move it away"):
        restore(tmp_path, lambda state: pytest.fail("a state"), pytest.fail)


def test_a_damaged_network_that_was_kept_costs_its_match(folder: Path) -> None:
    run = open_run(folder, "run.total_minutes=5", "measure.minutes=1", "measure.games=2", "measure.visits=2")
    run.ratings.add(run.keep(), 1.0, 1)
    for name in (net["name"] for net in run.ratings.nets):
        (folder / "nets" / f"{name}.safetensors").write_bytes(b"gone")
    run._clock += 100
    run._measure()
    lines = [text for text in events(folder) if text.startswith("no match against ")]
    assert lines and all("not a network file" in line for line in lines) and run.ratings.results == []
    run.close()


def test_a_damaged_checkpoint_of_learning_tells_the_way_out(tmp_path: Path) -> None:
    records, folder = tmp_path / "games.sgf", tmp_path / "run"
    records.write_bytes(collection(random_games(6)))
    words = [str(records), "--run", str(folder), "--size", "9", "--shape", "1x8", "--batch", "8", "--device", "cpu"]
    words += ["--threads", "1", "--quiet", "--total-minutes", "1", "--minutes", "0.005"]
    assert CliRunner().invoke(learn_command, words).exit_code == 0
    spoil(folder / "checkpoint", "flipped")
    done = CliRunner().invoke(learn_command, words)
    (line,) = done.output.splitlines()
    assert done.exit_code == 1 and "checksum wrong" in line and "move it away" in line
    shutil.rmtree(folder / "checkpoint")
    assert CliRunner().invoke(learn_command, words).exit_code == 0
    state = load_state(folder / "checkpoint")
    for change in ({"seconds": None}, {"seconds": -1}, {"lr_scale": 1e999}, {"lr_scale": -1.0}):
        save_state(folder / "checkpoint", state | {"learn": state["learn"] | change})
        (line,) = CliRunner().invoke(learn_command, words).output.splitlines()
        assert f"{folder / 'checkpoint'}: corrupt training state (learn: " in line and "move it away" in line
    save_state(folder / "checkpoint", state | {"lr": -1.0})
    (line,) = CliRunner().invoke(learn_command, words).output.splitlines()
    assert f"{folder / 'checkpoint'}: the checkpoint is damaged" in line


def test_a_store_of_damaged_shards_alone_is_empty(folder: Path) -> None:
    said: list[str] = []
    for path in shards(folder):
        path.write_bytes(path.read_bytes()[:-1])
    store = GameStore(folder / "games", (7,), said.append)
    assert store.games == 0 and store.last_note == {} and len(said) == len(shards(folder))


def test_a_shape_that_was_changed_in_the_file_is_refused(folder: Path) -> None:
    """A network fits any board, the games and the ratings do not."""
    changed = with_settings(RunConfig(), (*TINY, "run.total_minutes=5", "run.size=9"))
    write_config(folder / "config.toml", changed)
    done = CliRunner().invoke(command, ["--run", str(folder), "--minutes", "0.01", "--device", "cpu", "--threads", "1"])
    assert done.exit_code == 1 and "run.size is 9, but the run was begun with size 7" in done.output, done.output
    assert len(done.output.splitlines()) == 1
    write_config(folder / "config.toml", with_settings(changed, ("run.size=7", "run.net=2x8")))
    done = CliRunner().invoke(command, ["--run", str(folder), "--minutes", "0.01", "--device", "cpu", "--threads", "1"])
    assert done.exit_code == 1 and "run.net is 2x8, but the run was begun with net 1x8" in done.output, done.output


def test_a_lost_config_is_no_reason_to_move_the_training_away(folder: Path) -> None:
    """... which was said of a checkpoint "of a network of another shape"."""
    (folder / "config.toml").unlink(missing_ok=True)
    words = ["--run", str(folder), "--minutes", "0.001", "--device", "cpu", "--threads", "1", "--quiet"]
    (line,) = CliRunner().invoke(command, words).output.splitlines()
    assert "begun with size 7, not 9; its config.toml is gone: bring it back, or say --size 7" in line
    words += ["--size", "7"]
    (line,) = CliRunner().invoke(command, words).output.splitlines()
    assert "begun with net 1x8, not 4x64; its config.toml is gone: bring it back, or say --shape 1x8" in line
    done = CliRunner().invoke(command, [*words, "--shape", "1x8", "--games", "4", "--set", "measure.minutes=0"])
    assert done.exit_code == 0 and (folder / "config.toml").exists(), done.output
