"""``kill -9`` at random instants, checkpoints and shards under way included: what comes of it is what would have been.

Everything but the clock and the games in flight is promised to go on exactly: weights, averages, moments, counters,
random states and the window. So a run that was killed again and again ends with the bits of one that never was.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nets.checkpoint import load_state
from nets.weights import load_net
from tests.full_disk import hidden
from tests.selfplay.kill_farm import SETTINGS, train
from tests.selfplay.tiny_runs import open_run

pytestmark = [
    pytest.mark.usefixtures("needs_jit"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with games to learn from, and no step so far."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    run = open_run(folder, *SETTINGS, "learn.first_positions=100000")
    while run.store.positions < 500:
        run._store(run.pool.advance(500))
    run.close()
    assert not (folder / "checkpoint").exists()
    return folder


def killed(folder: Path, seed: int, kills: int, steps: int) -> dict[str, list[int]]:
    words = [sys.executable, "-m", "tests.selfplay.kill_farm", str(folder), str(seed), str(kills), str(steps)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=500)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout.splitlines()[-1])


def same_bits(begun: Path, tmp_path: Path, seed: int, kills: int) -> list[int]:
    """Compares a run of so many kills with one of none; returns the steps at which the kills found it."""
    folder = tmp_path / "killed" / "run"
    shutil.copytree(begun, folder)
    found = killed(folder, seed, kills, 100_000)
    assert len(found["steps"]) == kills and found["steps"] == sorted(found["steps"]), "no checkpoint goes back"
    steps = found["steps"][-1] + 20
    resumed = train(folder, steps)
    shutil.copytree(begun, tmp_path / "whole" / "run")
    whole = train(tmp_path / "whole" / "run", steps)

    a, b = whole.trainer.state_dict(), resumed.trainer.state_dict()
    assert all(np.array_equal(a["tensors"][name], b["tensors"][name]) for name in a["tensors"])
    assert [a[key] for key in ("steps", "lr", "moments")] == [b[key] for key in ("steps", "lr", "moments")]
    assert whole.trained == resumed.trained == steps * whole.config.learn.batch
    assert whole.window.state() == resumed.window.state() and len(whole.window) == len(resumed.window)
    batch, other = whole.window.sample(64), resumed.window.sample(64)
    assert all(np.array_equal(batch[key], other[key]) for key in batch)
    one, two = (load_state(run.folder / "checkpoint")["selfplay"] for run in (whole, resumed))
    assert one == two
    assert load_net(folder / "net.safetensors")[2] == load_net(whole.folder / "net.safetensors")[2]
    assert hidden(folder) == []
    return found["steps"]


def test_a_few_kills_change_nothing(begun: Path, tmp_path: Path) -> None:
    same_bits(begun, tmp_path, 1, 6)


@pytest.mark.slow
def test_many_kills_change_nothing(begun: Path, tmp_path: Path) -> None:
    steps = same_bits(begun, tmp_path, int(os.environ.get("KILL_SEED", "3")), int(os.environ.get("KILLS", "60")))
    assert len(set(steps)) >= 20, "most kills found it at work"
