"""The first start: the planes' kernel is compiled by another process, and nothing depends on that process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from mcts import cold

ROOT = Path(__file__).parents[2]

CODE = """
from mcts import cold
from mcts.leaves import fill_rows
assert cold.is_cold()
cold.while_planes_compile(lambda: None)
assert not cold.is_cold()
cold.compile_planes()
print(sum(fill_rows.stats.cache_hits.values()), sum(fill_rows.stats.cache_misses.values()))
"""


@pytest.mark.slow
def test_what_the_other_process_compiled_is_loaded(tmp_path: Path, needs_jit: None) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "random.py").write_text("raise SystemExit('not to be imported from where the user stands')")
    command, places = [sys.executable, "-P", "-c", CODE], {"NUMBA_CACHE_DIR": str(kept), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ | places, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", "0"]
    assert not list(kept.rglob("planes-*")), "its own folder is gone"
    found = {file.suffix for file in kept.rglob("leaves.fill_rows*")}
    assert found == {".nbc", ".nbi"}


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needs_jit: None) -> Path:
    """An empty folder for machine code."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(folder))
    return folder


@pytest.mark.parametrize("program", ["nowhere/python", "false", ""])
def test_the_rest_is_done_whatever_becomes_of_the_other_process(
    empty: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    calls: list[int] = []
    cold.while_planes_compile(lambda: calls.append(1))
    assert calls == [1] and cold.is_cold() and not list(empty.iterdir())


def test_what_a_killed_start_has_left_is_taken_away(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = empty / "planes-old", empty / "planes-new"
    for left in (old, new):
        left.mkdir()
    os.utime(old, (1e9, 1e9))
    monkeypatch.setattr(sys, "executable", "")
    cold.while_planes_compile(lambda: None)
    assert list(empty.iterdir()) == [new], "which may be at work"


def test_a_process_that_hangs_is_ended(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(cold, "_start", lambda folder: hanging)
    monkeypatch.setattr(cold, "LONGEST", 0.2)
    cold.while_planes_compile(lambda: None)
    assert hanging.returncode not in (None, 0)


def test_an_error_of_the_rest_is_told_and_ends_the_other_process(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(cold, "_start", lambda folder: other)

    def fail() -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        cold.while_planes_compile(fail)
    assert other.returncode not in (None, 0)


def test_nothing_is_cold_where_nothing_can_be_kept(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cold.is_cold()
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert not cold.is_cold()
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 0)
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    assert not cold.is_cold()
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(empty / "missing"))
    assert not cold.is_cold()


def test_without_room_for_a_folder_the_rest_is_done(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(empty / "missing"))
    calls: list[int] = []
    cold.while_planes_compile(lambda: calls.append(1))
    assert calls == [1]


A_GAME = """
import sys, threading
from numba.core.registry import CPUDispatcher
from gogame.game import Game
from gogame.geometry import PASS
from mcts.engine import Engine

def compiled():
    modules = [m for name, m in sys.modules.items() if name.split(".")[0] in ("gogame", "mcts", "nets")]
    kernels = {k for m in modules for k in vars(m).values() if isinstance(k, CPUDispatcher)}
    return {f"{k.__module__}.{k.__name__}": len(k.signatures) for k in kernels}

engine, game, look = Engine(sys.argv[1], visits=30, log=print), Game(7), lambda analysis: None
engine.warm_up(7)
before = compiled()
for _ in range(4):
    game.play(engine.genmove(game))
engine.analyse(game, look, threading.Event(), visits=40)
engine.analyse(game, look, threading.Event(), visits=40, allow={game.legal_points()[0]})
game.play(PASS)
engine.genmove(game, cleanup=True)
engine.dead_stones(game)
game.result()
after = compiled()
print("compiled during the game:", [name for name in after if after[name] != before.get(name)])
"""


def test_nothing_is_compiled_while_a_game_is_played(tiny_net: Path, needs_jit: None) -> None:
    done = subprocess.run([sys.executable, "-c", A_GAME, str(tiny_net)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "compiled during the game: []"
