"""How a run begins: its options and config, another network's weights, and what is refused in one line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import click
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from gogame import cli
from nets.checkpoint import load_state
from nets.config import GLOBALS, PLANES
from nets.evaluator import make_evaluator
from nets.model import Network, import_arrays
from nets.ranges import stored_ranges
from nets.run_folder import made_and_locked
from nets.start import start_ranges
from nets.weights import find_net, load_net
from selfplay import buffer
from selfplay.command import command as selfplay_command
from selfplay.command import open_config, start_options
from selfplay.config import RunConfig, read_config, with_settings, write_config
from tests.selfplay.tiny_runs import TINY, command, open_run

pytestmark = pytest.mark.usefixtures("compiled")


def test_bad_input_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*words: str, folder: Path = tmp_path / "x") -> str:
        with pytest.raises(SystemExit) as end:
            cli.main(command(folder, *words)[3:])
        said = capsys.readouterr()
        assert end.value.code != 0 and said.out == "" and len(said.err.strip().splitlines()) == 1, said
        return said.err

    assert "run.size" in fails("--size", "4")
    assert "network shape" in fails("--shape", "huge")
    assert "unknown key" in fails("--set", "learn.speed=3")
    assert "type" in fails("--set", "learn.batch=many")
    assert "train.momentum" in fails("--set", "train.momentum=x")
    assert "unknown device" in fails("--set", "train.device=tpu")
    assert "schedule.simulations" in fails("--set", "selfplay.simulations=64")
    begun = tmp_path / "begun"
    begun.mkdir()
    (begun / "config.toml").write_text("[run]\nsize = 9\n")
    (begun / "games").mkdir()
    (begun / "games" / "00000000.shard").write_bytes(b"")
    assert "begun with size 9" in fails("--size", "7", folder=begun)
    assert "no network 'huge'" in fails("--start", "huge")
    assert "2x32 is not larger than 4x64" in fails("--start", "zero-9x9", "--shape", "2x32")
    assert "no network 'huge'" in fails("--set", "run.start=huge")
    half = tmp_path / "half.safetensors"
    half.write_bytes(find_net("zero-9x9", 9).path.read_bytes()[:100_000])
    assert "corrupt or truncated" in fails("--start", str(half))
    assert "not UTF-8" in fails("--start", "bad\udcff.safetensors")
    for option in ("--run", "--start", "--shape", "--pack"):
        assert f"'{option}': an empty name, as that of a shell variable" in fails(option, "")
    if not torch.cuda.is_available():
        assert "no CUDA GPU" in fails("--device", "cuda") and "no CUDA GPU" in fails("--set", "train.device=cuda")
    assert not (tmp_path / "x" / "config.toml").exists(), "the folder is as good as new"
    assert "begun with start network none, not zero-9x9" in fails("--start", "zero-9x9", folder=begun)
    (tmp_path / "other.toml").write_text("[run]\nsize = 7\n")
    assert open_config(begun, tmp_path / "other.toml", (), {}).run.sizes == (9,)
    assert "its own config" in capsys.readouterr().err
    (begun / "config.toml").write_text("[run]\nsize = \n")
    assert "config.toml" in fails(folder=begun)


def test_a_run_begins_in_a_folder_of_its_own(tmp_path: Path) -> None:
    def fits(*made: str) -> bool:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name in made:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("" if name == "empty" else "x")
        try:
            with made_and_locked(folder):
                return True
        except click.ClickException as error:
            assert str(error) == f"{folder}: holds work.txt and no run; a run begins in a folder that is new or empty"
            assert not (folder / "lock").exists()
            return False

    assert fits() and fits("config.toml") and fits("games/0.shard") and fits("games/readme") and fits("nohup.out")
    assert fits("out.log", "empty") and fits("lost+found/x") and not fits("out.log", "work.txt")
    assert fits(".DS_Store") and fits("checkpoint/state.json", "work.txt") and fits("config.toml", "work.txt")
    assert fits("games/0.shard", "work.txt") and not fits("work.txt") and not fits("work.txt", "games/a.sgf")


def test_a_template_that_plans_no_time_takes_that_of_the_call(tmp_path: Path) -> None:
    words = ("--quiet", "--threads", "1", "--device", "cpu", "--minutes", "0.01")
    settings = [word for setting in TINY for word in ("--set", setting)]
    template = tmp_path / "template.toml"
    for text, minutes in (("[selfplay]\nkomi = 5.5\n", 0.01), ("[run]\ntotal_minutes = 3.0\n", 3.0)):
        template.write_text(text)
        run = tmp_path / f"run{minutes}"
        run.mkdir()
        write_config(run / "config.toml", RunConfig())  # as a call has left it that was killed before it had anything
        found = CliRunner().invoke(selfplay_command, ["--run", str(run), "--config", str(template), *words, *settings])
        assert found.exit_code == 0, found.output
        assert read_config(run / "config.toml").run.total_minutes == minutes


def test_a_run_may_begin_with_the_weights_of_a_network(tmp_path: Path) -> None:
    first = open_run(tmp_path / "first")
    first.run(0.05)
    first.close()
    net = (tmp_path / "first" / "net.safetensors").rename(tmp_path / "own.name.safetensors")
    weights = load_net(net)[1]
    settings = ("run.total_minutes=0.1", f"run.start={json.dumps(str(net))}")
    run = open_run(tmp_path / "run", *settings)
    assert run.trainer.steps == 0 and (run.folder / "net.safetensors").exists() is False
    config, kept, meta = load_net(run.folder / "nets" / f"{run.keep()}.safetensors")
    for found in (run.trainer.ema_arrays(), kept):
        assert all(np.array_equal(found[name], weights[name]) for name in weights)
    given = stored_ranges(load_net(net)[2], config, 7)
    assert given and stored_ranges(meta, config, 7) == given
    assert run.pool.evaluator.precision == make_evaluator(net, 7, "cpu").precision, "in int8 before there is a game"
    run.run(0.05)
    run.close()
    assert run.trainer.steps > 0
    assert "self-play from own.name on 7x7" in load_net(run.folder / "net.safetensors")[2]["origin"]
    net.unlink()  # its checkpoint is enough from now on
    write_config(run.folder / "config.toml", run.config)
    words = ("--minutes", "0.01", "--start", f"/elsewhere/{net.name}", "--quiet", "--threads", "1", "--device", "cpu")
    done = subprocess.run(command(run.folder, *words), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    state = load_state(run.folder / "checkpoint")
    assert state["steps"] >= run.trainer.steps


def test_a_run_may_begin_with_a_smaller_network(tmp_path: Path) -> None:
    first = open_run(tmp_path / "first")
    net = tmp_path / f"{first.keep()}.safetensors"
    (tmp_path / "first" / "nets" / net.name).rename(net)
    first.close()
    run = open_run(tmp_path / "run", f"run.start={json.dumps(str(net))}", 'run.net="3x12"')
    assert start_ranges(str(net), run.net_config, 7) is None, "new channels have ranges of their own"
    small = load_net(net)
    found = Network(small[0]), Network(run.net_config)
    for network, arrays in zip(found, (small[1], run.trainer.ema_arrays()), strict=True):
        import_arrays(network, arrays)
        network.eval()
    planes, globals_ = torch.rand(3, PLANES, 7, 7), torch.rand(3, GLOBALS)
    with torch.no_grad():
        for a, b in zip(found[0](planes, globals_), found[1](planes, globals_), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    run.run(0.05)
    run.close()
    config, _, meta = load_net(run.folder / "net.safetensors")
    assert str(config) == "3x12" and f"self-play from {net.stem}, grown from 1x8, on 7x7: " in meta["origin"]


def test_a_start_brings_its_shape_and_size(tmp_path: Path) -> None:
    found = start_options("records-19x19", None)
    assert found == {"run.start": '"records-19x19"', "run.net": '"4x64"', "run.sizes": [19]}
    assert start_options(None, RunConfig()) == {}
    begun = with_settings(RunConfig(), ("run.start=/a/own.safetensors",))
    assert start_options("/b/own.safetensors", begun) == {"run.start": '"/a/own.safetensors"'}
    assert start_options("/b/other.safetensors", begun) == {"run.start": '"/b/other.safetensors"'}
    template = tmp_path / "template.toml"
    template.write_text('[run]\nnet = "6x96"\n')
    assert start_options("records-19x19", None, template) == {"run.start": '"records-19x19"', "run.sizes": [19]}


def test_what_never_ran_can_be_begun_otherwise(tmp_path: Path) -> None:
    write_config(tmp_path / "config.toml", with_settings(RunConfig(), ("run.size=7", "learn.batch=64")))
    config = open_config(tmp_path, None, (), {"run.size": 9, "run.net": '"6x96"', "run.start": '"zero-9x9"'})
    assert (config.run.sizes, config.run.net, config.learn.batch) == ((9,), "6x96", 64)


def test_a_failed_beginning_leaves_no_config_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its plan would be that of the next call, whatever --minutes said there."""

    def full(*_: int) -> None:
        raise MemoryError

    monkeypatch.setattr(buffer, "new_samples", full)
    words = command(tmp_path / "run", "--size", "7", "--shape", "1x8", "--minutes", "9")[4:]
    ended = CliRunner().invoke(selfplay_command, words)
    assert ended.exit_code == 1 and "learn.window_most: no memory" in ended.output
    assert not (tmp_path / "run" / "config.toml").exists()
