"""``kill -9`` at any instant, start-up and writing included: what was stored stays, and the same command goes on."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from nets.checkpoint import load_state
from nets.weights import load_net
from selfplay.config import read_config
from selfplay.shards import read_header, read_shard

SETTINGS = (
    "run.slice_seconds=0.3",
    "run.checkpoint_seconds=0.3",
    "run.keep_minutes=0.02",
    "learn.batch=32",
    "learn.reuse=0.5",
    "learn.first_positions=100",
    "learn.window_most=5000",
    "selfplay.length=1.2",
    "schedule.simulations=[2]",
    "schedule.simulations_at=[0.0]",
    "measure.minutes=0.03",
    "measure.games=4",
    "measure.visits=2",
)


class Killed:
    """A run that is begun and killed again and again by the same command."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self._random = folder, random.Random(seed)
        self.games = self.steps = self.trained = self.resumed = 0
        self.shards: dict[str, int] = {}  # checksums

    def command(self, minutes: float) -> list[str]:
        words = [sys.executable, "-m", "gogame", "selfplay", "--run", str(self.folder), "--threads", "1"]
        words += ["--device", "cpu", "--size", "7", "--shape", "1x16", "--games", "8", "--total-minutes", "60"]
        return [*words, "--minutes", str(minutes), *(word for s in SETTINGS for word in ("--set", s))]

    def kill_once(self, at_work: bool) -> None:
        """``at_work``: after its first slice; else at any instant from the start of the process on."""
        said, wrong = self.folder.with_suffix(".out"), self.folder.with_suffix(".err")
        with open(said, "w") as out, open(wrong, "w") as err:
            process = subprocess.Popen(self.command(60), stdout=out, stderr=err, env=os.environ | {"GOGAME_DEBUG": "1"})
        try:
            for _ in range(3000):
                if not at_work or " games  " in said.read_text():
                    break
                assert process.poll() is None, wrong.read_text()
                time.sleep(0.05)
            time.sleep(self._random.uniform(0, 2.5 if at_work else 7.0))
            assert process.poll() is None, wrong.read_text()
        finally:
            process.kill()
            process.wait()
        assert "Traceback" not in wrong.read_text() and "passed over" not in said.read_text()
        first = said.read_text().split("\n")[0]
        if self.games and first:
            assert first.startswith("resumed at minute ") and first.endswith(f", {self.games} games kept")
            self.resumed += 1
        self.check()

    def check(self) -> None:
        """Every file is whole, and nothing is less than it was."""
        paths = sorted((self.folder / "games").glob("*.shard"))
        assert [path.name for path in paths] == [f"{number:08}.shard" for number in range(len(paths))]
        games = sum(len(read_shard(path)) for path in paths)
        assert games == sum(read_header(path).games for path in paths) >= self.games
        self.games = games
        found = {path.name: zlib.crc32(path.read_bytes()) for path in paths}
        assert self.shards.items() <= found.items(), "what was stored is there, to the byte"
        self.shards = found
        config = self.folder / "config.toml"
        assert not config.exists() or read_config(config).run.total_minutes == 60
        checkpoint = self.folder / "checkpoint"
        if checkpoint.exists():
            state = load_state(checkpoint)
            assert state["steps"] >= self.steps and state["selfplay"]["trained"] >= self.trained
            counters, last = state["selfplay"], read_header(paths[-1]).note if paths else {}
            assert counters["trained"] == 32 * state["steps"]
            assert counters["games"] <= games
            assert counters["positions"] <= sum(read_header(path).positions for path in paths)
            # A slice in which no game ends stores none: what it evaluated stands in the log.
            assert counters["evaluations"] <= max(last.get("evaluations", 0), self.logged_evaluations())
            self.steps, self.trained = state["steps"], state["selfplay"]["trained"]
        else:
            assert self.steps == 0
        for path in (*self.folder.glob("*.safetensors"), *(self.folder / "nets").glob("*.safetensors")):
            assert load_net(path)[2]["sizes"] == [7]
        if (self.folder / "log.jsonl").exists():
            for line in (self.folder / "log.jsonl").read_text().splitlines():
                assert json.loads(line)["kind"] in ("slice", "event")
        if (self.folder / "ratings.json").exists():
            assert "results" in json.loads((self.folder / "ratings.json").read_text())

    def logged_evaluations(self) -> int:
        """Of the last slice that the log tells of."""
        log = self.folder / "log.jsonl"
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return max((line["evaluations"] for line in lines if line["kind"] == "slice"), default=0)

    def finish(self) -> None:
        """Left alone, it comes to its end, and nothing half-written is left."""
        before = self.games
        done = subprocess.run(self.command(0.05), capture_output=True, text=True, timeout=200)
        assert done.returncode == 0 and "stopped at minute" in done.stdout, done.stderr
        self.check()
        assert self.games > before and self.steps > 0
        hidden = [path for path in self.folder.rglob(".*") if "tensorboard" not in path.parts]
        assert hidden == []


@pytest.mark.usefixtures("needs_jit")
def test_two_kills_lose_nothing_that_was_stored(tmp_path: Path) -> None:
    run = Killed(tmp_path / "run", 1)
    run.kill_once(at_work=True)
    assert run.games > 0
    run.kill_once(at_work=True)
    assert run.resumed == 1
    run.finish()


@pytest.mark.slow
@pytest.mark.usefixtures("needs_jit")
def test_many_kills_lose_nothing_that_was_stored(tmp_path: Path) -> None:
    run = Killed(tmp_path / "run", int(os.environ.get("KILL_SEED", "2")))
    for number in range(int(os.environ.get("KILLS", "24"))):
        run.kill_once(at_work=number % 2 == 0)
    assert run.resumed >= 10
    run.finish()
