"""What all tests share: the machine's abilities, and board sizes that suit them.

The tests run jitted, with ``NUMBA_DISABLE_JIT=1`` on boards up to 5x5, and with ``NUMBA_BOUNDSCHECK=1``.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # several processes of tests share the cores; read by numpy's import

import numba
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
JIT = not numba.config.DISABLE_JIT

settings.register_profile(
    "gogame",
    deadline=None,
    max_examples=60 if JIT else 15,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("gogame")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, so that no process is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def jit() -> bool:
    """Whether the kernels are compiled."""
    return JIT


@pytest.fixture(scope="session")
def needs_jit() -> None:
    """For tests that would take minutes with the JIT off."""
    if not JIT:
        pytest.skip("too slow with NUMBA_DISABLE_JIT=1")


@pytest.fixture(scope="session")
def largest() -> int:
    """The largest board worth testing."""
    return 19 if JIT else 5


@pytest.fixture(scope="session")
def records() -> Path:
    """The folder of game records, beside the project."""
    if not DATA.is_dir():
        pytest.skip(f"no game records: {DATA} is not there")
    return DATA
