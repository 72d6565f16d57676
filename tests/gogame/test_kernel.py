"""Where compiled kernels are kept, and that a machine without such a place can still play."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gogame.kernel import FOLDERS_KEPT, SOURCES

ROOT = Path(__file__).parents[2]

CODE = """
import numba
from gogame.board import BLACK, new_board, play
board = new_board(5)
play(board, 24, BLACK)
print(numba.config.CACHE_DIR, board.liberties[24])
"""


NO_HOME = """
import pwd
from pathlib import Path
def unknown(number):
    raise KeyError(number)
pwd.getpwuid = unknown
"""


def run(home: Path, prepare: Callable[[], None] | None = None, **env: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    places = {"HOME": str(home), "LOCALAPPDATA": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        timeout=120,
        env=clean | places | env,
        cwd=home,
        preexec_fn=prepare,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(os.name != "posix", reason="a user without a home")
def test_a_user_without_a_home_is_no_failure(tmp_path: Path) -> None:
    copy = tmp_path / "copy"  # numba keeps its files beside the modules then
    shutil.copytree(ROOT / "gogame", copy / "gogame", ignore=shutil.ignore_patterns("__pycache__"))
    code = NO_HOME + CODE + "from gogame.disk import NOWHERE, place\nassert place(Path.home) == NOWHERE\n"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("XDG", "HOME", "NUMBA_CACHE"))}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=env | {"PYTHONPATH": str(copy)},
        cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.split()[-1:] == ["4"], done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"copy"}


def test_kernels_are_kept_in_the_users_cache_and_not_in_the_package(tmp_path: Path, needs_jit: None) -> None:
    folder, liberties = run(tmp_path).rsplit(" ", 1)
    assert liberties == "4"
    assert Path(folder).is_relative_to(tmp_path) and list(Path(folder).rglob("*.nbc"))


def test_the_folder_is_that_of_the_sources(tmp_path: Path, needs_jit: None) -> None:
    """A change of one kernel's file must not leave another kernel with the old machine code compiled into it."""
    copy = tmp_path / "copy"
    for name in (*SOURCES, "gogame/disk.py"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    for package in ("gogame", "nets", "mcts", "selfplay"):
        (copy / package / "__init__.py").write_text("")
    first = run(tmp_path, PYTHONPATH=str(copy))
    assert run(tmp_path, PYTHONPATH=str(copy)) == first
    board = copy / "gogame" / "board.py"
    board.write_text(board.read_text().replace("    liberties[point] = free\n", "    liberties[point] = free + 5\n"))
    changed = run(tmp_path, PYTHONPATH=str(copy))
    assert changed.split()[1] == "9" and changed.split()[0] != first.split()[0]
    for _ in range(5):
        board.write_text(board.read_text() + "\n")
        run(tmp_path, PYTHONPATH=str(copy))
    assert len(list(Path(first.split()[0]).parent.iterdir())) == FOLDERS_KEPT + 1


def test_the_sources_are_all_files_that_kernels_are_made_of() -> None:
    packages = ("gogame", "nets", "mcts", "selfplay")
    texts = {str(p.relative_to(ROOT)): p.read_text() for name in packages for p in (ROOT / name).glob("*.py")}
    wanted = {name for name, text in texts.items() if "\n@kernel\n" in text}
    assert len(wanted) > 15
    for name in wanted.copy():
        for node in ast.parse(texts[name]).body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in packages:
                path = f"{(node.module or '').replace('.', '/')}.py"
                # Python objects and functions that no kernel uses do not count: only constants and NamedTuples do.
                if any(alias.name[0].isupper() for alias in node.names):
                    wanted.add(path)
    host_only = {"gogame/game.py", "nets/weights.py", "nets/evaluator.py", "selfplay/games.py", "selfplay/samples.py"}
    assert wanted - host_only == set(SOURCES)


def test_the_environment_goes_before(tmp_path: Path, needs_jit: None) -> None:
    own = tmp_path / "own"
    (own / "of_others").mkdir(parents=True)
    for _ in range(2):
        assert run(tmp_path, NUMBA_CACHE_DIR=str(own)).startswith(str(own / "gogame"))
    assert list((own / "gogame").rglob("*.nbc")) and (own / "of_others").exists()


def test_what_was_compiled_with_other_options_is_not_taken(tmp_path: Path, needs_jit: None) -> None:
    assert run(tmp_path, NUMBA_BOUNDSCHECK="1") != run(tmp_path, NUMBA_BOUNDSCHECK="0")


def test_damaged_files_are_compiled_anew(tmp_path: Path, needs_jit: None) -> None:
    """As a power cut leaves them."""
    folder = Path(run(tmp_path).split()[0])
    for kind, cut in (("*.nbi", 0), ("*.nbc", 0), ("*.nb?", -30)):
        files = list(folder.rglob(kind))
        assert files
        for file in files:
            file.write_bytes(file.read_bytes()[:cut])
        assert run(tmp_path).split()[1] == "4"
    assert all(file.stat().st_size > 100 for file in folder.rglob("*.nb?")), "and are whole again"


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_full_disk_is_no_failure(tmp_path: Path, needs_jit: None) -> None:
    import resource

    def no_file_grows() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    # Without bytecode, which Python would leave cut short in the packages.
    assert run(tmp_path, no_file_grows, PYTHONDONTWRITEBYTECODE="1").split()[1] == "4"


@pytest.mark.skipif(os.name != "posix", reason="a home that is a file")
def test_no_place_at_all_is_no_failure(tmp_path: Path, needs_jit: None) -> None:
    """A home that cannot be written: numba finds a place of its own, or none, and the kernels run."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert run(tmp_path, HOME=str(blocked / "home"), XDG_CACHE_HOME=str(blocked / "cache")).split()[-1] == "4"
