"""A full or broken disk: nothing half-written, one line that says what and where, and logs that are not worth a run."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import click
import numpy as np
import pytest

from gogame.disk import write_atomically
from nets.append import Appended, Lines
from nets.checkpoint import load_state, save_state
from nets.failures import disk_line, told_in_one_line
from nets.learn import LearnProgress
from tests.full_disk import FullDisk, hidden

NUMBERS = [
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "EROFS", "EACCES") if name in dir(errno)
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_file_is_written_whole_or_left_as_it_was(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.safetensors"
    write_atomically(path, b"before")
    disk = FullDisk(monkeypatch, "net.safetensors", number)
    with pytest.raises(OSError) as caught:
        write_atomically(path, b"afterwards")
    assert caught.value.errno == number and caught.value.filename == str(path)
    assert path.read_bytes() == b"before" and os.listdir(tmp_path) == ["net.safetensors"]
    disk.name = None
    write_atomically(path, b"afterwards")
    assert path.read_bytes() == b"afterwards"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_syncing_and_renaming_fail_as_cleanly(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_atomically(tmp_path / "file", b"before")

    def fails(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, call, fails)
    with pytest.raises(OSError) as caught:
        write_atomically(tmp_path / "file", b"afterwards")
    assert caught.value.filename == str(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"before" and os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("at", ["part-000", "part-001", "state.json"])
def test_a_state_that_finds_no_room_leaves_the_one_before(
    at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensors = {f"t{i}": np.full(3_000_000, i, np.float32) for i in range(2)}
    save_state(tmp_path / "state", {"tensors": tensors, "steps": 1})
    disk = FullDisk(monkeypatch, at)
    with pytest.raises(OSError) as caught:
        save_state(tmp_path / "state", {"tensors": tensors, "steps": 2})
    assert caught.value.filename == str(tmp_path / "state") and disk.failed == 1
    assert os.listdir(tmp_path) == ["state"] and load_state(tmp_path / "state")["steps"] == 1


@pytest.mark.parametrize("failing", [1, 2])
def test_a_state_that_cannot_be_renamed_leaves_the_one_before(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensors = {"t": np.zeros(3, np.float32)}
    save_state(tmp_path / "state", {"tensors": tensors, "steps": 1})
    rename, calls = os.rename, []

    def sometimes(a: Path, b: Path) -> None:
        calls.append(a)
        if len(calls) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        rename(a, b)

    monkeypatch.setattr(os, "rename", sometimes)
    with pytest.raises(OSError):
        save_state(tmp_path / "state", {"tensors": tensors, "steps": 2})
    assert os.listdir(tmp_path) == ["state"] and load_state(tmp_path / "state")["steps"] == 1


def test_no_changed_byte_of_a_state_passes(tmp_path: Path) -> None:
    from nets.config import NetError

    state = {"steps": 12, "lr": 0.25, "tensors": {"t": np.arange(40, dtype=np.float32)}}
    save_state(tmp_path / "state", state)
    rng = np.random.default_rng(1)
    refused = 0
    for path in sorted((tmp_path / "state").iterdir()):
        good = path.read_bytes()
        for at in rng.integers(0, len(good), 60):
            bad = bytearray(good)
            bad[at] ^= 1 << int(rng.integers(8))
            path.write_bytes(bad)
            try:
                read = load_state(tmp_path / "state")
            except NetError as error:
                assert "\n" not in str(error) and str(tmp_path / "state") in str(error)
                refused += 1
            else:
                assert (read["steps"], read["lr"]) == (12, 0.25)
                assert np.array_equal(read["tensors"]["t"], state["tensors"]["t"])
        path.write_bytes(good)
    assert refused > 90


def test_a_state_without_checksums_is_read(tmp_path: Path) -> None:
    """As the first version of this program wrote them."""
    save_state(tmp_path / "state", {"steps": 3, "tensors": {"t": np.zeros(2, np.float32)}})
    path = tmp_path / "state" / "state.json"
    document = json.loads(path.read_text())
    del document["checksums"], document["state_checksum"]
    path.write_text(json.dumps(document))
    assert load_state(tmp_path / "state")["steps"] == 3


@pytest.mark.parametrize("number", NUMBERS)
def test_the_line_names_path_reason_and_remedy(number: int, tmp_path: Path) -> None:
    path = tmp_path / "games" / "00000003.shard"
    with pytest.raises(click.ClickException) as caught, told_in_one_line(tmp_path):
        raise OSError(number, os.strerror(number), str(path))
    line = caught.value.message
    assert "\n" not in line and line.startswith(f"{path}: ") and os.strerror(number) in line
    assert "the same command goes on" in line
    assert ("free some space" in line) == (number in NUMBERS[:3])
    assert ("make it writable" in line) == (number in NUMBERS[4:])
    assert disk_line(OSError(number, os.strerror(number)), tmp_path).startswith(f"{tmp_path}: ")


def test_other_errors_pass_unchanged(tmp_path: Path) -> None:
    for error in (BrokenPipeError(), ValueError("x"), RuntimeError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)), told_in_one_line(tmp_path):
            raise error


def test_memory_that_suffices_for_nothing_is_one_line(tmp_path: Path) -> None:
    import torch

    with pytest.raises(click.ClickException, match="^GPU: out of memory"), told_in_one_line(tmp_path):
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate")


# --- logs ------------------------------------------------------------------------------------------------------------


def test_a_piece_is_appended_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk(monkeypatch, None)
    file = Appended(tmp_path / "log")
    file.write(b"one")
    disk.name = "log"
    with pytest.raises(OSError) as caught:
        file.write(b"two and more")
    assert caught.value.filename == str(tmp_path / "log") and (tmp_path / "log").read_bytes() == b"one"
    disk.name = None
    file.write(b"three")
    file.close()
    assert (tmp_path / "log").read_bytes() == b"onethree"


@pytest.mark.parametrize(
    ("before", "kept"),
    [(b"", b""), (b"a\n", b"a\n"), (b"a\nhalf", b"a\n"), (b"half", b""), (b"{", b""), (b"\n", b"\n")],
)
def test_half_a_line_is_cut_off(before: bytes, kept: bytes, tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(before)
    lines = Lines(tmp_path / "log.jsonl")
    lines.write_line("next")
    lines.close()
    assert (tmp_path / "log.jsonl").read_bytes() == kept + b"next\n"


@pytest.mark.parametrize("name", ["log.jsonl", "tensorboard"])
def test_a_run_goes_on_without_its_logs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    disk = FullDisk(monkeypatch, None)
    progress = LearnProgress(tmp_path, quiet=True)
    for step in range(6):
        disk.name = name if step in (2, 3) else None
        progress.figures({"steps": step, "minutes": 1.0, "loss": 10.0 * step})
    disk.name = name
    progress.event("done")
    progress.close()
    told = capfd.readouterr().err.splitlines()
    again = name == "log.jsonl"  # it is tried by the event too
    assert len(told) == 1 + again and disk.failed == 2 + again
    assert told[0].startswith(f"gogame: {tmp_path / name}") and "No space left on device" in told[0]
    steps = [
        json.loads(line)["steps"] for line in (tmp_path / "log.jsonl").read_text().splitlines()[:6] if '"slice"' in line
    ]
    assert steps == ([0, 1, 4, 5] if name == "log.jsonl" else [0, 1, 2, 3, 4, 5])
    curves = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [e.step for e in curves.Scalars("loss")] == ([0, 1, 4, 5] if name == "tensorboard" else [0, 1, 2, 3, 4, 5])


def test_no_log_can_be_opened_at_all(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.jsonl").mkdir()
    (tmp_path / "tensorboard").write_text("in the way")
    progress = LearnProgress(tmp_path, quiet=True)
    progress.figures({"steps": 1, "minutes": 1.0})
    progress.figures({"steps": 2, "minutes": 1.0})
    progress.close()
    assert [line.split(": ")[1] for line in capfd.readouterr().err.splitlines()] == [
        str(tmp_path / "log.jsonl"), str(tmp_path / "tensorboard"),
    ]  # fmt: skip


def test_standard_output_on_the_full_disk_goes_quiet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    code = (
        "from pathlib import Path; from nets.learn import LearnProgress; p = LearnProgress(Path('.'));"
        "[p.event(t) for t in 'ab']; p.close()"
    )
    import subprocess
    import sys

    with open("/dev/full", "w") as full:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])}
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment
        )
    assert done.returncode == 0 and done.stderr.count("\n") == 1 and "standard output" in done.stderr, done.stderr
    assert [json.loads(line)["text"] for line in (tmp_path / "log.jsonl").read_text().splitlines()] == ["a", "b"]
    assert hidden(tmp_path) == []
