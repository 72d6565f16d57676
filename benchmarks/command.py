"""The command of a benchmark: what its user got wrong is said in one line."""

from __future__ import annotations

from typing import Any

import click

from gogame.player import PlayerError
from nets.config import NetError
from nets.records import RecordsError
from nets.train import TrainingDiverged
from selfplay.config import ConfigError
from selfplay.contestants import ContestantError


class Benchmark(click.Command):
    """Ends with the line of an error that names its remedy."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigError, ContestantError, NetError, PlayerError, RecordsError, TrainingDiverged) as error:
            raise click.ClickException(str(error)) from None
