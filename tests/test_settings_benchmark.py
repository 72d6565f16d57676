"""benchmarks.settings: which search plays, and a match of one."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from benchmarks.settings import config_of, main
from mcts.search import SearchConfig


def test_settings_are_read_as_their_kind() -> None:
    config = config_of("c_puct=2,batch=4,early_stop=false")
    assert (config.c_puct, config.batch, config.early_stop) == (2.0, 4, False)
    assert config.fpu_reduction == SearchConfig().fpu_reduction
    for bad in ("wisdom=3", "c_puct", "c_puct=much", "c_puct="):
        with pytest.raises(click.BadParameter):
            config_of(bad)


def test_a_match_is_played(needs_jit: None) -> None:
    words = ["c_puct=1.5", "--games", "2", "--visits", "2", "--parallel", "1", "--size", "7"]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0 and "c_puct=1.5" in done.output
    table = done.output.splitlines()[-2]
    assert sum(int(word) for word in table.split("│")[2:5]) == 2
