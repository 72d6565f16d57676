"""The options of the command line that mean the same wherever an engine runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
EMPTY = "an empty name, as that of a shell variable that is not set"


class Number(click.FloatRange):
    """A number in a range, and not NaN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        return self.fail("not a number", param, ctx) if number != number else number


class Word(click.types.StringParamType):
    """A text, and not an empty one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(value, param, ctx) if value != "" else self.fail(EMPTY, param, ctx)


class Place(click.Path):
    """A path, and not an empty one, which would be the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(value, param, ctx) if value != "" else self.fail(f"{EMPTY}; . is here", param, ctx)


threads_option = click.option(
    "--threads", type=click.IntRange(1, 1024), help="CPU threads. [default: all cores, at most 8]"
)

training_threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    help="CPU threads.  [default: the cores, at most 8, or 64 with a GPU]",
)

net_option = click.option(
    "--net", type=Word(), metavar="NAME|PATH", help="A shipped network by name, or a file. [default: by size]"
)

_ENGINE_OPTIONS = [
    net_option,
    click.option("--visits", type=click.IntRange(1, 100_000_000), help="Visits per move, as far as memory goes."),
    click.option("--seconds", type=Number(0.01, 86_400), help="Seconds per move."),
    click.option(
        "--device",
        type=click.Choice(["auto", "cpu", "cuda"]),
        default="auto",
        show_default=True,
        help="Where the network is evaluated.",
    ),
    threads_option,
    click.option("--rules", metavar="NAME", help="Rules by name, such as chinese, japanese or tromp-taylor."),
    click.option("--komi", type=Number(-150, 150), help="White's points. [default: by size and rules]"),
    click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Random seed."),
]


def engine_options(command: Command) -> Command:
    """Adds --net, --visits, --seconds, --device, --threads, --rules, --komi and --seed to a command."""
    for option in reversed(_ENGINE_OPTIONS):
        command = option(command)
    return command


def json_option(command: Command) -> Command:
    """Adds --json, passed on as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")(command)
