"""The first start: two processes compile at once.

Numba compiles under the GIL, so threads gain nothing. About half of all compilation is one kernel, which fills the
network's input planes (with ladders and pass-alive areas): where it is not on disk yet, a second process compiles it
while this one compiles the rest. That process keeps its machine code in a folder of its own, and only the finished
kernel is moved to where this one looks for it: no two processes write the same file. Whatever goes wrong there, this
process compiles that kernel itself when it needs it, and nothing but time is lost.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numba
import numpy as np

from gogame.game import Game
from mcts.arrays import new_leaves
from mcts.leaves import NetEvaluator

KERNEL = "leaves.fill_rows-*"  # as numba names its machine code (.nbc) and the index of it (.nbi)
LONGEST = 180.0  # seconds; it takes some 15
SIZE = 9  # any: the same machine code serves every board


def is_cold() -> bool:
    """Whether the kernel is to be compiled, and can be kept."""
    folder = numba.config.CACHE_DIR
    if not folder or numba.config.DISABLE_JIT or not os.access(folder, os.W_OK):
        return False
    return not any(Path(folder).glob(f"*/{KERNEL}.nbi"))


def while_planes_compile(rest: Callable[[], None]) -> None:
    """Calls ``rest``, while another process compiles the planes' kernel; returns when both are done."""
    target = Path(numba.config.CACHE_DIR)
    for left in target.glob("planes-*"):  # by a first start that was killed
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > 10 * LONGEST:
                shutil.rmtree(left, ignore_errors=True)
    try:
        folder = tempfile.mkdtemp(prefix="planes-", dir=target)  # one level deeper than kernels are looked for
    except OSError:
        return rest()
    process = _start(folder)
    try:
        rest()
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if process is not None and process.wait(LONGEST) == 0:
                _take_over(Path(folder), target)
    finally:
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: str) -> subprocess.Popen[bytes] | None:
    """The other process, or None if it cannot be started."""
    if getattr(sys, "frozen", False) or not sys.executable:
        return None
    root = str(Path(__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"NUMBA_CACHE_DIR": folder, "PYTHONPATH": os.pathsep.join(paths)}
    with contextlib.suppress(OSError):
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "mcts.cold"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    return None


def _take_over(source: Path, target: Path) -> None:
    """Moves the kernel's files, the index last: without it the machine code does not count."""
    for kind in (".nbc", ".nbi"):
        for file in source.rglob(f"{KERNEL}{kind}"):
            place = target / file.parent.name / file.name
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)


def compile_planes() -> None:
    """Compiles the kernel for the arguments that a search gives it."""
    evaluator = NetEvaluator(SimpleNamespace(size=SIZE, batch=8), Game(SIZE).rule_set())
    evaluator.fill(new_leaves(SIZE, 8), 0, np.zeros(0, np.int64))


if __name__ == "__main__":
    compile_planes()
