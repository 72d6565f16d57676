"""Where compiled kernels are kept, and that a machine without such a place can still play."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import numba
from gogame.board import BLACK, new_board, play
board = new_board(5)
play(board, 24, BLACK)
print(numba.config.CACHE_DIR, board.liberties[24])
"""


def run(home: Path, **env: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    places = {"HOME": str(home), "LOCALAPPDATA": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120, env=clean | places | env, cwd=home
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_kernels_are_kept_in_the_users_cache_and_not_in_the_package(tmp_path: Path, needs_jit: None) -> None:
    folder, liberties = run(tmp_path).rsplit(" ", 1)
    assert liberties == "4"
    assert Path(folder).is_relative_to(tmp_path) and list(Path(folder).rglob("*.nbc"))


def test_the_environment_goes_before(tmp_path: Path, needs_jit: None) -> None:
    own = tmp_path / "own"
    assert run(tmp_path, NUMBA_CACHE_DIR=str(own)) == f"{own} 4"
    assert list(own.rglob("*.nbc"))


@pytest.mark.skipif(os.name != "posix", reason="a home that is a file")
def test_no_place_at_all_is_no_failure(tmp_path: Path, needs_jit: None) -> None:
    """A home that cannot be written: numba finds a place of its own, or none, and the kernels run."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert run(tmp_path, HOME=str(blocked / "home"), XDG_CACHE_HOME=str(blocked / "cache")).split()[-1] == "4"
