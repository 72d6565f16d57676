"""The comparison of a grown network (benchmarks/grow.py): it only reads, and a mistake is one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks import grow
from nets.config import NetConfig
from nets.model import Network
from nets.weights import save_net
from selfplay.config import RunConfig, with_settings, write_config
from selfplay.shards import write_shard
from tests.selfplay.test_shards import a_game

pytestmark = pytest.mark.usefixtures("needs_jit")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run on 7x7 with 60 games in three shards."""
    folder = tmp_path / "run"
    (folder / "games").mkdir(parents=True)
    write_config(folder / "config.toml", with_settings(RunConfig(), ("run.size=7",)))
    for number in range(3):
        games = [a_game(20 * number + seed) for seed in range(20)]
        write_shard(folder / "games" / f"{number:08}.shard", games)
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A network to grow from."""
    save_net(tmp_path / "tiny.safetensors", Network(NetConfig.named("1x8")))
    return tmp_path / "tiny.safetensors"


def call(run: Path, net: Path | str, *words: str) -> Result:
    arguments = [str(run), "--net", str(net), "--steps", "4", "--batch", "8", "--positions", "1000", *words]
    return CliRunner().invoke(grow.main, arguments)


def test_a_run_at_work_is_only_read(run: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grow, "MEASURED", 256)
    writing = run / "games" / ".00000003.shard.7.tmp"
    writing.write_bytes(b"half of it")
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    done = call(run, tiny, "--shape", "2x12")
    assert done.exit_code == 0, done.output
    assert "256 draws of 30 others; tiny and 2x12" in " ".join(done.output.split())
    assert all(f"{name} " in done.output for name in ("1x8", "2x12 grown", "2x12 fresh"))
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--shape", "2x4"], "2x4 is not larger than 1x8 in every part: channels is 4, and was 8"),
        (["--shape", "xx"], "'xx' is not a network shape"),
        (["--net", "nosuch"], "no network 'nosuch'"),
        (["--rate", "nan"], "lr must be from 0"),
        (["--rate", "1e20", "--shape", "2x12"], "training diverged"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str], line: str, run: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grow, "MEASURED", 256)
    done = call(run, tiny, *words)
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit)
    (told,) = done.output.splitlines()
    assert told.startswith("Error: ") and line in told


@pytest.mark.parametrize("games", [0, 1])
def test_a_run_without_games_is_one_line(games: int, run: Path, tiny: Path) -> None:
    for path in (run / "games").iterdir():
        path.unlink()
    if games:
        write_shard(run / "games" / "00000000.shard", [a_game(1)])
    done = call(run, tiny)
    assert done.output == f"Error: {run}: too few games to learn from and to leave out: {games} can be read\n"
    assert done.exit_code == 1


def test_a_folder_that_is_no_run_is_one_line(tmp_path: Path, tiny: Path) -> None:
    done = call(tmp_path, tiny)
    assert done.exit_code == 1 and len(done.output.splitlines()) == 1
    assert done.output.startswith(f"Error: {tmp_path / 'config.toml'}: cannot be read")
    assert list(tmp_path.iterdir()) == [tiny]
