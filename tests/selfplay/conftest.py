"""Kernels that are compiled before anything is timed."""

from __future__ import annotations

import pytest

from tests.selfplay.tiny_runs import open_run


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is timed begins with compiled kernels."""
    run = open_run(tmp_path_factory.mktemp("runs") / "first", "run.total_minutes=10")
    while not run.trainer.steps:
        run.run(0.05)
    run.close()
