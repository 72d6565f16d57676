"""``gogame learn`` learns, stops, resumes exactly and says what is wrong."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from nets import learn_config
from nets.checkpoint import load_state
from nets.config import NetError
from nets.learn import Learning, command
from nets.learn_config import LearnConfig, fresh_config, read_config, with_settings
from nets.ranges import stored_ranges
from nets.weights import load_net
from tests.nets.test_records import SIZE, collection, random_games

pytestmark = pytest.mark.usefixtures("needs_jit")


def open_run(folder: Path, records: Path, **changes: object) -> Learning:
    folder.mkdir(exist_ok=True)
    options = {"size": SIZE, "net": "1x8", "batch": 16, "total_minutes": 0.2, "held_out": 0.1} | changes
    return Learning(folder, LearnConfig(**options), [records], 1, "cpu", quiet=True)  # type: ignore[arg-type]


def log(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_it_learns_and_resumes_where_it_was(records: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", records)
    slices: list[dict] = []
    for _ in range(3):  # more than one call only where other programs want the machine
        if len(slices) < 3:
            run.run(0.05, report=0.5)
            slices = [line for line in log(tmp_path / "run") if line["kind"] == "slice"]
    run.progress.close()
    assert min(line["policy"] for line in slices[1:]) < slices[0]["policy"] and 0 <= slices[-1]["held_top1"] <= 1
    config, _, meta = load_net(tmp_path / "run" / "net.safetensors")
    assert str(config) == "1x8" and meta["sizes"] == [SIZE] and "game records" in meta["origin"]
    assert stored_ranges(meta, config, SIZE)
    again = open_run(tmp_path / "run", records)
    assert again.trainer.steps == run.trainer.steps > 5 and 2.9 < again.seconds < 20
    old, new = run.trainer.state_dict(), again.trainer.state_dict()
    assert all(np.array_equal(old["tensors"][name], new["tensors"][name]) for name in old["tensors"])
    again.run(5.0)
    again.progress.close()
    assert again.trainer.steps > run.trainer.steps and again.seconds < 40, "the plan ends it"
    assert again.trainer.lr < 0.1 * LearnConfig(batch=16).lr(0.05)


def test_a_killed_run_goes_on(records: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = [str(records), "--run", str(folder), "--size", str(SIZE), "--shape", "1x8", "--batch", "16"]
    code = "from nets.learn import command; command()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words, "--total-minutes", "2", "--device", "cpu"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    for _ in range(600):
        if (folder / "records.cache").exists() and (folder / "config.toml").exists():
            break
        assert process.poll() is None, process.stderr.read()  # type: ignore[union-attr]
        time.sleep(0.1)
    time.sleep(1.0)
    process.kill()
    process.wait()
    assert read_config(folder / "config.toml").net == "1x8"
    done = CliRunner().invoke(command, [*words, "--minutes", "0.02", "--device", "cpu"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert load_state(folder / "checkpoint")["steps"] > 0


def test_a_diverged_training_goes_back_and_then_gives_up(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click import ClickException

    from nets.train import TrainingDiverged

    began = time.perf_counter()
    run = open_run(tmp_path / "run", records)
    run.run(0.01)
    steps, step = run.trainer.steps, run.trainer.step
    fails = [True, True, False]

    def sometimes(batch: dict) -> dict:
        if fails and fails.pop(0):
            raise TrainingDiverged("not finite")
        return step(batch)

    monkeypatch.setattr(run.trainer, "step", sometimes)
    run.run(0.02)
    assert run.trainer.steps > steps and run._lr_scale == 0.25
    assert run.seconds < time.perf_counter() - began + 0.5, "the clock did not count the call twice"
    fails += [True] * 10
    with pytest.raises(ClickException, match="did not help"):
        run.run(0.05)
    run.progress.close()


def test_a_training_that_diverges_at_once_has_something_to_go_back_to(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nets.train import TrainingDiverged

    run = open_run(tmp_path / "run", records)
    step, fails = run.trainer.step, [True]

    def at_first(batch: dict) -> dict:
        if fails.pop() if fails else False:
            raise TrainingDiverged("not finite")
        return step(batch)

    monkeypatch.setattr(run.trainer, "step", at_first)
    run.run(0.02)
    assert run.trainer.steps > 0 and run._lr_scale == 0.5
    run.progress.close()


@pytest.mark.parametrize(
    "text",
    [
        "[learn]\n[lern]",
        "learn = []",
        'learn = ""',
        f"[learn]\nlr_per_sample = 1{'0' * 400}",
        f"learn = {'[' * 3000}",
        "x = 1",
        "[",
    ],
)
def test_a_config_that_is_none_is_one_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(NetError, match="config.toml: ") as caught:
        read_config(path)
    assert "\n" not in str(caught.value)


BAD = [
    (["--shape", "many"], "shape"),
    (["--size", "13"], "no game of size 13"),
    (["--set", "size=5"], "size must be from 7 to 19"),
    (["--set", "ema=2"], "ema must be below 1"),
    (["--set", "value=-1"], "value must be from 0"),
    (["--set", "optimizer=foo"], "unknown optimizer"),
    (["--batch", "0"], "--batch"),
    (["--minutes", "nan"], "not a number"),
    (["--run", ""], "'--run': an empty name, as that of a shell variable that is not set"),
    (["--start", ""], "'--start': an empty name"),
]


@pytest.mark.parametrize(("words", "reason"), BAD, ids=lambda v: " ".join(v) if isinstance(v, list) else "")
def test_bad_input_is_one_line(records: Path, tmp_path: Path, words: list[str], reason: str) -> None:
    done = CliRunner().invoke(command, [str(records), "--run", str(tmp_path / "run"), *words])
    assert done.exit_code != 0 and reason in done.output and "Traceback" not in done.output
    assert "games read" not in done.output, "reading them may take minutes"


def test_other_records_on_resume_are_told(records: Path, tmp_path: Path) -> None:
    first = open_run(tmp_path / "run", records)
    first.checkpoint()
    first.progress.close()
    open_run(tmp_path / "run", records).progress.close()
    assert not any("held out" in line.get("text", "") for line in log(tmp_path / "run"))
    more = tmp_path / "more.sgf"
    more.write_bytes(records.read_bytes() + collection(random_games(5, 7)))
    open_run(tmp_path / "run", more).progress.close()
    assert "other games are held out" in log(tmp_path / "run")[-1]["text"]


def test_a_run_keeps_its_shape_and_a_broken_config_is_named(records: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", records)
    run.progress.close()
    words = [str(records), "--run", str(tmp_path / "run"), "--size", "9", "--device", "cpu", "--quiet"]
    assert CliRunner().invoke(command, [*words, "--shape", "1x8", "--minutes", "0.01"]).exit_code == 0
    done = CliRunner().invoke(command, [*words, "--shape", "2x8"])
    assert done.exit_code == 1 and "begun with net 1x8" in done.output
    for text in ("", "[learn]\nnonsense = 3", "[learn]\nbatch = 'x'", "[learn]\nbatch = -1", "= = ="):
        (tmp_path / "run" / "config.toml").write_text(text)
        done = CliRunner().invoke(command, words)
        assert done.exit_code == 1 and "config.toml" in done.output, text


def test_a_gpu_has_more_threads_fill_its_batches(records: Path, tmp_path: Path, monkeypatch) -> None:
    given = []

    def begun(_folder, _config, _records, threads: int, *_: object) -> None:
        given.append(threads)
        raise NetError("a test")

    monkeypatch.setattr("nets.learn.Learning", begun)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(32), raising=False)
    monkeypatch.setattr("nets.evaluator.choose_device", lambda device: "torch" if device == "cpu" else "cuda")
    for device in ("cpu", "auto"):
        done = CliRunner().invoke(command, [str(records), "--run", str(tmp_path / device), "--device", device])
        assert done.exit_code == 1 and "a test" in done.output
    assert given == [8, 32]


def test_a_lost_or_changed_config_is_told_before_the_records_are_read(records: Path, tmp_path: Path) -> None:
    """Without one the run was \"begun with size 19\", the default, and went on no more."""
    folder = tmp_path / "run"
    first = open_run(folder, records)
    first.checkpoint()
    first.progress.close()
    words = [str(records), "--run", str(folder), "--device", "cpu", "--quiet", "--minutes", "0.01", "--threads", "1"]
    for option, value in (("--shape", "1x8"), ("--size", str(SIZE)), ("--batch", "16")):
        (line,) = CliRunner().invoke(command, words).output.splitlines()
        assert f"its config.toml is gone: bring it back, or say {option} {value}" in line
        words += [option, value]
    assert CliRunner().invoke(command, words).exit_code == 0 and (folder / "config.toml").exists()
    text = (folder / "config.toml").read_text()
    for key, change in (("net", text.replace('"1x8"', '"2x8"')), ("size", text.replace(f"size = {SIZE}", "size = 13"))):
        (folder / "config.toml").write_text(change)
        (line,) = CliRunner().invoke(command, words[:10]).output.splitlines()
        assert f"config.toml: {key} is " in line and f"but the run was begun with {key} " in line


def test_a_run_begins_with_a_network_and_goes_on_without_its_file(records: Path, tmp_path: Path) -> None:
    first = open_run(tmp_path / "first", records)
    first.run(0.02)
    first.progress.close()
    start = (tmp_path / "first" / "net.safetensors").rename(tmp_path / "start.safetensors")
    config, weights, _ = load_net(start)
    same = open_run(tmp_path / "same", records, start=str(start))
    assert same.trainer.steps == 0
    assert all(np.array_equal(same.trainer.ema_arrays()[name], weights[name]) for name in weights)
    same.progress.close()

    words = [str(records), "--run", str(tmp_path / "grown"), "--device", "cpu", "--quiet", "--minutes", "0.02"]
    grown = [*words, "--start", str(start), "--shape", "2x16", "--batch", "16", "--total-minutes", "9"]
    done = CliRunner().invoke(command, grown, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "grown from 1x8 to 2x16" in (tmp_path / "grown" / "log.jsonl").read_text()
    config, _, meta = load_net(tmp_path / "grown" / "net.safetensors")
    assert str(config) == "2x16" and meta["sizes"] == [SIZE], "the start network brings its board size"
    assert meta["origin"].startswith("start, game records")
    start.unlink()
    done = CliRunner().invoke(command, [*words, "--start", "/elsewhere/start.safetensors"], catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_a_start_that_cannot_be_is_one_line_and_leaves_nothing(records: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def fails(*words: str) -> str:
        done = CliRunner().invoke(command, [str(records), "--run", str(folder), "--device", "cpu", *words])
        assert done.exit_code == 1 and "Traceback" not in done.output
        return done.output

    assert "no network 'huge'" in fails("--start", "huge")
    assert "2x32 is not larger than 4x64" in fails("--start", "records-19x19", "--shape", "2x32")
    assert "2x32 is not larger than 4x64" in fails("--set", "start=records-19x19", "--shape", "2x32")
    assert not folder.exists()
    if not torch.cuda.is_available():
        assert "no CUDA GPU" in fails("--device", "cuda")
        assert not folder.exists()
    run = open_run(folder, records)
    run.checkpoint()
    run.progress.close()
    (folder / "config.toml").write_text('[learn]\nsize = 9\nnet = "1x8"\n')
    assert "begun with start none, not zero-9x9" in fails("--start", "zero-9x9")
    (folder / "config.toml").write_text("[run]\nsize = 9\n")
    assert "not of a run of gogame learn" in fails()


@pytest.mark.parametrize(("key", "value"), [("seed", 5), ("batch", 32)])
def test_what_shapes_a_run_cannot_be_changed_in_its_file(records: Path, tmp_path: Path, key: str, value: int) -> None:
    run = open_run(tmp_path / "run", records)
    run.checkpoint()
    run.progress.close()
    with pytest.raises(NetError, match=f"begun with {key} .*, not {value}"):
        open_run(tmp_path / "run", records, **{key: value})


def test_a_plan_without_end_is_refused() -> None:
    with pytest.raises(NetError, match="finite"):
        LearnConfig(total_minutes=float("inf"))


def test_a_try_that_failed_does_not_stand_in_the_way(records: Path, tmp_path: Path) -> None:
    words = [str(records), "--run", str(tmp_path / "run"), "--device", "cpu", "--threads", "1", "--minutes", "0.01"]
    words += ["--quiet", "--shape", "1x8", "--batch", "16", "--set", "held_out=0.1"]
    done = CliRunner().invoke(command, [*words, "--size", "19"])
    assert done.exit_code == 1 and "size 19" in done.output
    for _ in range(2):  # the second time its plan is over
        done = CliRunner().invoke(command, [*words, "--size", str(SIZE)])
        assert done.exit_code == 0, done.output
    said = [line["text"] for line in log(tmp_path / "run") if line["kind"] == "event"]
    assert any("learning on 1 CPU thread," in text for text in said)
    assert "plan of 0.01 minutes is fulfilled" in said[-1]


def test_knobs_are_set_from_the_command_line() -> None:
    changed = with_settings(LearnConfig(), ("value=1", "optimizer=adamw", "komi_spread = 2.5"))
    assert (changed.value, changed.optimizer, changed.komi_spread) == (1.0, "adamw", 2.5)
    for bad, text in (
        ("value", "form"),
        ("wisdom=3", "unknown key wisdom"),
        ("value=much", "type float"),
        ("ema=true", "type"),
    ):
        with pytest.raises(NetError, match=text):
            with_settings(LearnConfig(), (bad,))


def test_a_gpu_takes_larger_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fresh_config(7, "cpu") == LearnConfig(total_minutes=7)
    monkeypatch.setattr(learn_config, "choose_device", lambda device: "cuda")
    config = fresh_config(7, "auto")
    assert (config.total_minutes, config.batch) == (7, 2048) and config.lr_per_sample < LearnConfig().lr_per_sample


def test_the_rate_of_learning_warms_up_and_falls() -> None:
    config = LearnConfig(batch=100, lr_per_sample=1e-3, warmup=0.1)
    rates = [config.lr(share) for share in (0.0, 0.05, 0.1, 0.55, 1.0, 7.0)]
    assert rates == pytest.approx([0.01, 0.055, 0.1, 0.05, 0.0, 0.0], abs=1e-5) and rates[-1] > 0


def test_it_is_measured_on_games_that_are_held_out(records: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", records)
    found = run._held_out(10_000)
    whole = run.held.fill(np.arange(run.held.total), np.zeros(run.held.total, np.int64))
    known = {row.tobytes() for row in whole.planes}
    assert len(found.planes) and all(row.tobytes() in known for row in found.planes)
    run.progress.close()


def test_a_lowered_rate_is_what_it_learns_with(records: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", records, total_minutes=100.0)
    run._lr_scale = 0.25
    run.run(0.005)
    assert run.trainer.steps and run.trainer.lr == pytest.approx(0.25 * run.config.lr(0.0), rel=0.05)
    run.progress.close()


def test_weights_that_are_not_finite_never_take_the_checkpoints_place(records: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", records)
    run.run(0.01)
    kept = load_state(tmp_path / "run" / "checkpoint")
    with torch.no_grad():
        next(run.trainer.model.parameters()).fill_(math.inf)
    assert not run._keep() and run._lr_scale == 0.5
    assert load_state(tmp_path / "run" / "checkpoint")["steps"] == kept["steps"] == run.trainer.steps
    assert run._keep(), "what was gone back to is finite"
    run.progress.close()


def test_a_checkpoint_after_a_rollback_begins_to_count_anew(records: Path, tmp_path: Path) -> None:
    run = open_run(tmp_path / "run", records)
    run.run(0.01)
    run.rollbacks.in_a_row = 2
    run.run(0.01, checkpoint=0.0)
    assert run.rollbacks.in_a_row == 0
    run.progress.close()
