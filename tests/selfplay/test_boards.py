"""A run on several boards: who plays when, with which weights, and that it learns, stops and resumes as on one."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from nets.checkpoint import load_state
from nets.config import NetConfig
from nets.ranges import stored_ranges
from nets.weights import load_net
from selfplay.boards import Boards
from selfplay.command import begun_as, start_options
from selfplay.command import command as selfplay_command
from selfplay.config import RunConfig, read_config, with_settings, write_config
from selfplay.loop import Run
from selfplay.pack import pack
from selfplay.window import Window
from tests.selfplay.fake_net import FakeNet
from tests.selfplay.tiny_runs import TINY, command, log, open_run

pytestmark = pytest.mark.usefixtures("needs_jit")
TWO = ("run.sizes=[7, 9]", "run.slice_seconds=0.2")


class Playing(Boards):
    """Boards whose evaluators tell with which weights they were made."""

    def _evaluator(self, size: int) -> Any:
        net = FakeNet(size)
        net.arrays = self.arrays  # type: ignore[attr-defined]
        return net


def boards(*settings: str, owed: Mapping[int, float] = {}) -> Playing:  # noqa: B006 - nobody changes it
    config = with_settings(RunConfig(), (*TINY, *settings))
    return Playing(
        config, NetConfig.named("1x8"), {"w": np.zeros(1)}, Window(config.run.sizes, 100), np.random.SeedSequence(1),
        threads=1, device="cpu", say=print, ranges=dict.fromkeys(config.run.sizes), owed=owed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "expected"), [("[1]", {7: 20, 9: 20, 11: 20}), ("[3, 1, 2]", {7: 30, 9: 10, 11: 20})]
)
def test_each_size_gets_its_share_of_the_seconds(shares: str, expected: dict[int, int]) -> None:
    found = boards("run.sizes=[7, 9, 11]", f"run.shares={shares}")
    assert found.size == 7
    turns = Counter[int]()
    for _ in range(60):
        turns[found.size] += 1
        found.count(2.0)
    assert turns == expected
    assert sum(found.owed.values()) == pytest.approx(0, abs=1e-9)


def test_slices_of_unequal_length_are_evened_out() -> None:
    found = boards("run.sizes=[7, 9]")
    seconds = dict.fromkeys((7, 9), 0.0)
    for _ in range(100):
        size = found.size
        took = 5.0 if size == 7 else 1.0
        seconds[size] += took
        found.count(took)
    assert abs(seconds[7] - seconds[9]) <= 6


def test_who_is_owed_most_begins() -> None:
    found = boards("run.sizes=[7, 9, 11]", owed={9: -3.0, 11: 3.0, 19: 100.0})
    assert found.size == 11 and set(found.owed) == {7, 9, 11}, "a size that is not played any more is owed nothing"


def test_new_weights_come_with_the_turn() -> None:
    found = boards("run.sizes=[7, 9]")
    old, new = found.arrays, {"w": np.ones(1)}
    found.take(new)
    assert [found.pools[size].evaluator.arrays is new for size in (7, 9)] == [True, False]
    found.count(1.0)
    assert found.size == 9 and found.pool.evaluator.arrays is old
    found.take(found.arrays)
    assert found.pool.evaluator.arrays is new
    kept = found.pool.evaluator
    found.take(found.arrays)
    assert found.pool.evaluator is kept, "nothing is made anew for the same weights"


def test_the_ranges_of_the_first_weights_are_those_of_no_others() -> None:
    """What was given is of the weights that a run begins with, and a board may wait long for its first game."""
    found = boards("run.sizes=[7, 9]")
    found._given_ranges = {7: [1.0], 9: [2.0]}
    assert found.ranges(9) == [2.0]
    found.take({"w": np.ones(1)})
    assert found.ranges(9) is None


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run on two boards, with games of both and some steps."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    run = open_run(folder, *TWO, "run.total_minutes=10")
    write_config(folder / "config.toml", run.config)
    while not run.trainer.steps or 0 in sizes_of_games(run).values():  # however slow the machine is
        run.run(0.05)
    run.close()
    yield run


def sizes_of_games(run: Run) -> dict[int, int]:
    return run.store.sizes_of_newest(10**9)


def test_it_plays_and_learns_on_both(run: Run) -> None:
    assert {size: len(buffer) > 0 for size, buffer in run.window.buffers.items()} == {7: True, 9: True}
    assert {line["size"] for line in log(run.folder, "slice")} == {7, 9}
    config, _, meta = load_net(run.folder / "net.safetensors")
    assert meta["sizes"] == [7, 9] and "self-play from zero on 7x7 and 9x9: " in meta["origin"]
    assert all(stored_ranges(meta, config, size) for size in (7, 9)) and not stored_ranges(meta, config, 13)
    state = load_state(run.folder / "checkpoint")["selfplay"]
    assert state["sizes"] == [7, 9] and set(state["owed"]) == {"7", "9"}
    played, slices = Counter[int](), log(run.folder, "slice")
    for line in slices:
        played[line["size"]] += line["played_s"]
    most = max(line["played_s"] for line in slices)
    assert abs(played[7] - played[9]) <= 2 * most + 0.1, "half of it each, but for a slice"


def test_it_resumes_and_packs_as_it_was(run: Run, tmp_path: Path) -> None:
    pack(run.folder, tmp_path / "small", read_config(run.folder / "config.toml"), print)
    for folder in (run.folder, tmp_path / "small"):
        again = Run(folder, run.config, threads=1, device="cpu", quiet=True)
        again.close()
        assert again.store.games == run.store.games and again.trainer.steps == run.trainer.steps
        assert again.boards.size == run.boards.size
        assert again.boards.owed == pytest.approx(run.boards.owed, abs=1e-5)
        assert again.window.state() == run.window.state() and len(again.window) == len(run.window)
        state = run.window.state()
        for _ in range(4):
            a, b = run.window.sample(16), again.window.sample(16)
            assert all(np.array_equal(a[key], b[key]) for key in a)
        run.window.load_state(state)


def test_its_networks_meet_on_both(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [path.stem for path in sorted((run.folder / "nets").glob("*.safetensors"))]
    played: list[tuple[int, int]] = []

    class Arena:
        def __init__(self, a: Any, b: Any, games: int, visits: int, *, seed: int, **known: object) -> None:
            assert a.size == b.size
            self.games = games
            played.append((a.size, games))

        def play(self, stopped: object) -> Any:
            from selfplay.arena import ArenaResult

            return ArenaResult(self.games - 1, 1, 0, 50)

    monkeypatch.setattr("selfplay.measure.Arena", Arena)
    found = run.ratings._match(names[0], names[-1], lambda: False)
    assert found and played == [(7, 20), (9, 20)] and (found.wins, found.losses) == (38, 2)
    monkeypatch.setattr(Arena, "play", lambda self, stopped: None)
    assert run.ratings._match(names[0], names[-1], lambda: True) is None


def test_its_sizes_cannot_change(run: Run) -> None:
    assert begun_as(run.folder) == ((7, 9), "1x8")
    words = ["--run", str(run.folder), "--quiet", "--threads", "1", "--device", "cpu", "--minutes", "0.01"]
    for size in ("7", "7,9,13", "9"):
        found = CliRunner().invoke(selfplay_command, [*words, "--size", size])
        assert found.exit_code == 1 and f"begun with size 7,9, not {size}" in found.output, found.output
    path = run.folder / "config.toml"
    kept = path.read_text()
    path.write_text(kept.replace("sizes = [7, 9]", "sizes = [9]"))
    found = CliRunner().invoke(selfplay_command, words)
    path.write_text(kept)
    assert found.exit_code == 1 and "run.size is 9, but the run was begun with size 7,9" in found.output


def test_a_network_of_several_sizes_begins_a_run_on_them(run: Run) -> None:
    found = start_options(str(run.folder / "net.safetensors"), None)
    assert found["run.sizes"] == [7, 9]


def test_the_command_takes_several_sizes(tmp_path: Path) -> None:
    for size in ("9,x", "", "9,,13", "1e3"):
        found = CliRunner().invoke(selfplay_command, ["--run", str(tmp_path / "run"), "--size", size])
        assert found.exit_code == 2 and "board size" in found.output, found.output
    found = CliRunner().invoke(selfplay_command, ["--run", str(tmp_path / "run"), "--size", "5,9"])
    assert found.exit_code == 1 and "run.size must be from 7" in found.output
    assert not (tmp_path / "run").exists()
    words = [word for setting in TINY if setting != "run.size=7" for word in ("--set", setting)]
    words += ["--size", "9, 7", "--minutes", "0.05", "--quiet", "--device", "cpu"]
    done = subprocess.run(command(tmp_path / "run", *words), capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert read_config(tmp_path / "run" / "config.toml").run.sizes == (7, 9)
    begun = next(line["text"] for line in log(tmp_path / "run", "event") if "begun" in line["text"])
    assert "7x7 and 9x9" in begun and "16 games at once of each" in begun
