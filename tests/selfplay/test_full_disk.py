"""``gogame selfplay`` and ``gogame learn`` on a disk that fills up: one line, nothing half-written, and they go on."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nets.checkpoint import load_state
from nets.learn import command as learn_command
from nets.weights import load_net
from selfplay.command import command
from selfplay.match_command import command as match_command
from selfplay.measure import Ratings
from selfplay.shards import GameStore
from tests.full_disk import FullDisk, hidden
from tests.nets.test_records import collection, random_games
from tests.selfplay.tiny_runs import TINY_WORDS, open_run

pytestmark = pytest.mark.usefixtures("needs_jit")
WORDS = ["--threads", "1", "--device", "cpu", "--quiet", "--total-minutes", "5", *TINY_WORDS]
WORDS += ["--set", "run.checkpoint_seconds=0.1", "--set", "run.keep_minutes=0.005"]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has games, a checkpoint and networks."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    run = open_run(folder, "run.total_minutes=5")
    run.run(0.03)
    run.close()
    assert run.store.games > 0
    return folder


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(command, ["--run", str(folder), *WORDS, *words])


def is_whole(folder: Path) -> int:
    """Everything in a run's folder can be read, and nothing else lies there; returns the games."""
    store = GameStore(folder / "games", (7,), lambda text: pytest.fail(text))
    games = list(store.newest(10**9))
    states = ("checkpoint", "good")
    for name in states:
        load_state(folder / name)
    for path in folder.rglob("*.safetensors"):
        if path.parent.name not in states:
            load_net(path)
    assert hidden(folder) == []
    return len(games)


@pytest.mark.parametrize("name", ["config.toml", ".shard", ".checkpoint.", "net.safetensors", "nets/"])
def test_what_a_run_needs_ends_it_in_one_line(
    name: str, begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(begun, tmp_path / "run")
    before = is_whole(folder)
    disk = FullDisk(monkeypatch, name)
    done = call(folder, "--minutes", "0.05")
    (line,) = done.output.splitlines()
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit) and disk.failed == 1
    assert line.startswith(f"Error: {folder}/") and name.strip(".") in line
    assert "No space left on device" in line and "free some space" in line and "the same command goes on" in line
    assert is_whole(folder) >= before
    disk.name = None
    assert call(folder, "--minutes", "0.01").exit_code == 0
    assert is_whole(folder) > before


def test_pictures_and_logs_do_not_end_it(begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shutil.copytree(begun, tmp_path / "run")
    before = is_whole(folder)

    class Plotted(Ratings):
        def plot(self, path: Path) -> None:
            disk.name = "elo.png"
            from nets.weights import write_atomically

            write_atomically(path, b"a picture")

    monkeypatch.setattr("selfplay.loop.Ratings", Plotted)
    disk = FullDisk(monkeypatch, "tensorboard")
    done = call(folder, "--minutes", "0.02")
    assert done.exit_code == 0, done.output
    assert len(done.stderr.splitlines()) == 1 and "tensorboard: cannot be written" in done.stderr
    assert "elo.png: not drawn" in (folder / "log.jsonl").read_text()
    disk.name = None
    assert is_whole(folder) > before


def test_ratings_that_find_no_room_are_those_from_before(
    begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(begun, tmp_path / "run")
    before = (folder / "ratings.json").read_bytes()
    disk = FullDisk(monkeypatch, "ratings.json")
    done = call(folder, "--minutes", "0.02", "--set", "measure.minutes=0.001")
    assert done.exit_code == 1 and f"{folder / 'ratings.json'}: cannot be written" in done.output and disk.failed == 1
    assert (folder / "ratings.json").read_bytes() == before and is_whole(folder) > 0


def test_a_read_only_folder_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(tmp_path / "run"))

    monkeypatch.setattr(Path, "mkdir", fails)
    for words in (
        call(tmp_path / "run"),
        CliRunner().invoke(learn_command, [__file__, "--run", str(tmp_path / "run")]),
    ):
        (line,) = words.output.splitlines()
        assert words.exit_code == 1 and line.startswith(f"Error: {tmp_path / 'run'}: ") and "make it writable" in line


# --- gogame learn ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "games.sgf"
    path.write_bytes(collection(random_games(20)))
    return path


@pytest.mark.parametrize("name", ["config.toml", ".checkpoint.", "net.safetensors"])
def test_what_learning_needs_ends_it_in_one_line(
    name: str, records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    words = [str(records), "--run", str(folder), "--size", "9", "--shape", "1x8", "--batch", "16", "--device", "cpu"]
    words += ["--threads", "1", "--quiet", "--total-minutes", "5", "--minutes", "0.005"]
    disk = FullDisk(monkeypatch, name)
    done = CliRunner().invoke(learn_command, words)
    (line,) = done.output.splitlines()
    assert done.exit_code == 1 and disk.failed == 1 and line.startswith(f"Error: {folder}/") and name.strip(".") in line
    assert "free some space" in line and hidden(folder) == []
    disk.name = None
    assert CliRunner().invoke(learn_command, words).exit_code == 0
    assert load_state(folder / "checkpoint")["steps"] > 0 and load_net(folder / "net.safetensors")
    assert hidden(folder) == []


def test_learning_goes_on_without_the_cache_of_its_records(
    records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    words = [str(records), "--run", str(folder), "--size", "9", "--shape", "1x8", "--batch", "16", "--device", "cpu"]
    FullDisk(monkeypatch, "records.cache")
    done = CliRunner().invoke(learn_command, [*words, "--threads", "1", "--minutes", "0.005"])
    assert done.exit_code == 0 and f"{folder / 'records.cache'}: cannot be written" in done.output, done.output
    assert not (folder / "records.cache").exists() and load_state(folder / "checkpoint")["steps"] > 0


# --- for real --------------------------------------------------------------------------------------------------------


def run_for_real(folder: Path, *words: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; ``limit``: bytes of the largest file that it may write."""
    command = [sys.executable, "-m", "gogame", "selfplay", "--run", str(folder), *WORDS, *words]

    def small_files() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit or 0, limit or 0))

    before = small_files if limit is not None else None
    return subprocess.run(command, capture_output=True, text=True, timeout=300, preexec_fn=before)


@pytest.mark.slow
def test_the_system_refuses_large_files(begun: Path, tmp_path: Path) -> None:
    """With the system's limit on the size of a file instead of a full disk: the first large file is the network."""
    pytest.importorskip("resource")
    folder = shutil.copytree(begun, tmp_path / "run")
    before = is_whole(folder)
    done = run_for_real(folder, "--minutes", "0.5", limit=6000)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    lines = [line for line in done.stderr.splitlines() if "the run goes on" not in line]  # log.jsonl may grow no more
    assert len(lines) == 1 and lines[0].startswith(f"gogame: {folder}/"), done.stderr
    assert "File too large" in lines[0] and "free some space" in lines[0]
    assert is_whole(folder) >= before
    done = run_for_real(folder, "--minutes", "0.01")
    assert done.returncode == 0, done.stderr
    assert is_whole(folder) > before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.slow
def test_a_disk_fills_up(small_disk: Path) -> None:
    folder = small_disk / "run"
    done = run_for_real(folder, "--minutes", "4")
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    lines = [line for line in done.stderr.splitlines() if "the run goes on" not in line]
    assert len(lines) == 1 and lines[0].startswith(f"gogame: {folder}/") and "No space left on device" in lines[0]
    before = is_whole(folder)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = run_for_real(folder, "--minutes", "0.01")
    assert done.returncode == 1 and "Read-only file system" in done.stderr and "make it writable" in done.stderr
    subprocess.run(["mount", "-o", "remount,rw,size=40m", str(small_disk)], check=True)
    done = run_for_real(folder, "--minutes", "0.02")
    assert done.returncode == 0, done.stderr
    assert is_whole(folder) > before


def test_a_match_goes_on_without_the_files_of_its_games(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The score of all that was played had gone with the first game that found no room."""
    disk = FullDisk(monkeypatch, "game-0002")
    words = ["random", "random", "--size", "7", "--games", "4", "--opening", "none", "--sgf", str(tmp_path / "sgf")]
    done = CliRunner().invoke(match_command, words)
    assert done.exit_code == 0 and disk.failed == 1, done.output
    path = tmp_path / "sgf" / "game-0002.sgf"
    (said,) = done.stderr.splitlines()
    assert said == f"gogame: {path}: cannot be written (No space left on device); the match goes on"
    assert len(done.stdout.splitlines()) == 5
    assert done.stdout.endswith(f"games in {tmp_path / 'sgf'} but for 1 that could not be written\n")
    assert sorted(file.name for file in path.parent.iterdir()) == [f"game-000{n}.sgf" for n in (1, 3, 4)]
