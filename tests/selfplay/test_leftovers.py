"""What a kill leaves half-written in a run's folder goes when the run is opened again, and a live run is not packed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from nets.run_folder import clear_leftovers, locked
from selfplay.command import command


def test_leftovers_go_when_a_run_is_opened(tmp_path: Path) -> None:
    kept = [tmp_path / "checkpoint" / "state", tmp_path / "nets" / "net-1.safetensors", tmp_path / "records.cache"]
    kept += [tmp_path / ".bashrc.new", tmp_path / ".notes.tmp" / "mine", tmp_path / ".notes.new"]  # a person's own
    gone = [tmp_path / ".records.cache.7.tmp", tmp_path / ".checkpoint.7.new" / "state", tmp_path / "nets" / ".n.7.tmp"]
    gone.append(tmp_path / "games" / ".00000003.shard.7.tmp")
    kept.append(tmp_path / "sgf" / "00000003-7x7.sgf")
    gone.append(tmp_path / "sgf" / ".00000003-7x7.sgf.7.tmp")
    for path in (*kept, *gone):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    clear_leftovers(tmp_path)
    assert all(path.exists() for path in kept) and not any(path.exists() for path in gone)
    assert not (tmp_path / ".checkpoint.7.new").exists()


def test_a_leftover_among_the_games_to_be_looked_at_may_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlink = Path.unlink

    def read_only(path: Path, *rest: bool) -> None:
        if path.parent.name == "sgf":
            raise PermissionError(13, "Permission denied", str(path))
        unlink(path, *rest)

    leftovers = [tmp_path / place / ".a.7.tmp" for place in ("nets", "sgf")]
    for path in leftovers:
        path.parent.mkdir()
        path.write_bytes(b"x")
    monkeypatch.setattr(Path, "unlink", read_only)
    clear_leftovers(tmp_path)
    assert [path.exists() for path in leftovers] == [False, True]


@pytest.mark.parametrize("live", [True, False])
def test_a_run_that_is_at_work_is_not_packed(live: bool, tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "games").mkdir(parents=True)
    writing = run / "games" / ".00000000.shard.7.tmp"
    writing.write_bytes(b"x")
    (run / "config.toml").write_text("")
    arguments = ["--run", str(run), "--pack", str(tmp_path / "out")]
    if live:
        with locked(run):
            done = CliRunner().invoke(command, arguments)
        assert "another process" in done.output and writing.exists()
    else:
        done = CliRunner().invoke(command, arguments)
        assert "no run with a checkpoint" in done.output
    assert done.exit_code == 1
