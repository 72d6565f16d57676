"""A packed run is small and goes on as the run itself would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from selfplay import pack as packing
from selfplay.command import command
from selfplay.config import ConfigError, read_config, write_config
from selfplay.loop import Run
from selfplay.pack import pack
from selfplay.shards import GameStore, ShardError, read_base
from tests.selfplay.tiny_runs import open_run

pytestmark = pytest.mark.usefixtures("needs_jit")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("runs") / "run"
    run = open_run(folder, "run.total_minutes=1", "learn.window_start=300", "learn.window_growth=0.1")
    write_config(folder / "config.toml", run.config)
    run.run(0.04)
    while run.store.positions < 1000:  # however slow the machine is
        run._store(run.pool.advance(500))
    run.checkpoint()
    run.close()
    return run


def test_it_goes_on_with_the_same_window_and_age(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_BYTES", 9_000)
    said: list[str] = []
    pack(run.folder, tmp_path / "small", run.config, said.append)
    shards = sorted((tmp_path / "small" / "games").glob("*.shard"))
    assert (run.folder / "sgf").is_dir() and not (tmp_path / "small" / "sgf").exists()
    assert len(shards) > 1 and all(path.stat().st_size <= 9_000 for path in shards)
    assert read_config(tmp_path / "small" / "config.toml") == run.config
    for name in ("nets", "good"):  # what it is measured against and goes back to
        there, packed = ({path.name for path in (f / name).iterdir()} for f in (run.folder, tmp_path / "small"))
        assert there and there == packed, name
    left, _ = read_base(tmp_path / "small" / "games")
    assert left > 0, "games older than the window stay behind"
    again = Run(tmp_path / "small", run.config, threads=1, device="cpu", quiet=True)
    assert (again.store.games, again.store.positions) == (run.store.games, run.store.positions)
    assert (again.trainer.steps, again.evaluations) == (run.trainer.steps, run.evaluations)
    gone = run.store.positions - len(run.window)  # nothing is owed for them, though they came without a step between
    assert again.trained == max(run.trained, int(run.config.learn.reuse * gone))
    assert len(again.window) == len(run.window)
    a, b = run.window.sample(32), again.window.sample(32)
    assert all(np.array_equal(a[key], b[key]) for key in a)
    while again.store.games <= run.store.games:  # however slow the machine is
        again.run(0.02)
    again.close()
    assert "packed into" in said[-1]


def test_bad_input_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(ConfigError, match="already there"):
        pack(run.folder, tmp_path / "there", run.config, print)
    with pytest.raises(ConfigError, match="no run"):
        pack(tmp_path / "there", tmp_path / "out", run.config, print)
    done = CliRunner().invoke(command, ["--run", str(tmp_path / "none"), "--pack", str(tmp_path / "out")])
    assert done.exit_code == 1 and "no run" in done.output and not (tmp_path / "none").exists()
    assert not (tmp_path / "out").exists()


def test_a_network_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "minute-9999.safetensors").symlink_to("gone")
    with pytest.raises(ConfigError, match=r"nets/minute-9999.safetensors: cannot be copied \(.*No such file") as error:
        packing._copy_nets(tmp_path / "nets", tmp_path / "out")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "{}", '{"games": -1, "positions": 3}', '{"games": 1}', "[" * 2000])
def test_a_broken_base_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "base.json").write_text(text)
    with pytest.raises(ShardError, match="base.json"):
        GameStore(tmp_path, (7,), print)


def test_a_bad_key_of_the_training_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["--run", str(tmp_path / "new"), "--set", "train.learning=3"])
    assert done.exit_code == 1 and "learning" in done.output and not (tmp_path / "new").exists()
