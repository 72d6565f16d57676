"""A process that begins a run again and again in a child and kills it at random instants. See test_resume.py.

The child trains on the games that are there, writes a checkpoint every few steps, and after each stores a finished game
in a folder of its own and tells its parent. The clock of the run stands still, so that the learning
rate is the same in every call and the steps must be those of a run that was never killed.

    python -m tests.selfplay.kill_farm FOLDER SEED KILLS STEPS

prints a JSON line: kills, at which step they found the child, and the games that it told of and that are not there.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

from nets.checkpoint import has_state, load_state
from selfplay.boards import Boards
from selfplay.loop import Run
from selfplay.shards import GameStore
from tests.selfplay.fake_net import FakeNet
from tests.selfplay.test_shards import a_game, same
from tests.selfplay.tiny_runs import open_run

EVERY = 3  # steps between two checkpoints
SETTINGS = ("run.total_minutes=5", "run.games=4", "learn.reuse=1e6")  # it steps as often as it likes


class Still(Boards):
    """Nothing is played on them; their evaluator starts no thread, so that a process can fork."""

    def _evaluator(self, size: int) -> Any:
        return FakeNet(size)

    def ranges(self, size: int) -> None:
        return None


def train(folder: Path, steps: int, told: int | None = None) -> Run:
    """Goes on to so many steps, with checkpoints. ``told``: a file that hears of each game that was stored."""
    with mock.patch("selfplay.loop.Boards", Still):
        run = open_run(folder, *SETTINGS)
    store = GameStore(folder.parent / "stored", (7,), lambda text: sys.exit(text))
    while run.trainer.steps < steps:
        run.trainer.step(run.window.sample(run.config.learn.batch))
        run.trained += run.config.learn.batch
        if run.trainer.steps % EVERY == 0:
            run.checkpoint()
            if told is not None:
                store.append([a_game(store.games)], {"seconds": store.games})
                os.write(told, b"+")
    run.close()
    return run


def kill_once(folder: Path, steps: int, seconds: float) -> int:
    """Kills a child after so many seconds, or lets it end; returns the games that it told of."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        status = 1
        try:
            train(folder, steps, writing)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        count = len(pipe.read())
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it ended by itself, with an error"
    return count


def main(folder: Path, seed: int, kills: int, steps: int) -> None:
    """Kills until it was done so often or the run is at its end, then prints what was found."""
    draw, told, found = random.Random(seed), 0, []
    train(folder, 0)  # whatever is loaded when it is first needed is loaded now
    for _ in range(kills):
        began = time.perf_counter()
        train(folder, 0)
        start = time.perf_counter() - began
        told += kill_once(folder, steps, draw.uniform(0, 2 * start + 0.3))
        store = GameStore(folder.parent / "stored", (7,), lambda text: sys.exit(text))
        games = list(store.newest(10**9))
        whole = len(games) == store.games and all(same(game, a_game(n)) for n, game in enumerate(games))
        if not whole or not told <= len(games):
            sys.exit(f"{told} games were stored, {len(games)} are there")
        told = len(games)  # one may have been stored and not told of
        state = folder / "checkpoint"  # read as a run does: the kill may have come between the two renames
        found.append(load_state(state)["steps"] if has_state(state) else 0)
    print(json.dumps({"steps": found, "games": told}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
