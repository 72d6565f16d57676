"""What a setting of the search is worth: a network against itself, with one or more settings changed.

    python -m benchmarks.settings c_puct=0.7 c_puct=1.4 fpu_reduction=0.4,c_puct=1.2 [--games 400] [--visits 200]

Each variant, settings of :class:`mcts.search.SearchConfig` joined by commas, plays a match of its own against the
settings as they are, with equal visits, each opening twice with the colours changed. The interval is that of 95 %.
Several requests under way there are only with ``--threads`` above 1.
"""

from __future__ import annotations

import dataclasses
import tomllib

import click
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from mcts.search import SearchConfig
from nets.evaluator import default_threads
from nets.weights import find_net
from selfplay.elo import elo_interval
from selfplay.match import Match, Played, play_match


def config_of(variant: str) -> SearchConfig:
    """The search settings with the changes of ``key=value,key=value``."""
    try:
        changes = tomllib.loads("\n".join(variant.split(",")))
        known = {f.name: type(f.default) for f in dataclasses.fields(SearchConfig)}
        typed = {key: known[key](value) for key, value in changes.items()}
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise click.BadParameter(f"{variant!r}: {error}") from None
    config = dataclasses.replace(SearchConfig(), **typed)
    if config.batch < 1 or config.visits_per_leaf < 1:
        raise click.BadParameter(f"{variant!r}: batch and visits_per_leaf must be at least 1")
    return config


@click.command(cls=Benchmark)
@click.argument("variants", nargs=-1, required=True)
@click.option("--net", metavar="NAME|PATH", help="[default: by size]")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option("--games", type=click.IntRange(2), default=400, show_default=True, help="A match.")
@click.option("--visits", type=click.IntRange(2), default=200, show_default=True)
@click.option("--parallel", type=click.IntRange(1, 64), help="Games at once.  [default: cores, at most 8]")
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="Of each network.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
def main(
    variants: tuple[str, ...], net: str | None, size: int, games: int, visits: int, parallel: int | None, threads: int,
    seed: int,
) -> None:  # fmt: skip
    """Play the matches and print the table."""
    configs = {variant: config_of(variant) for variant in variants}
    path = str(find_net(net, size).path)
    table = Table(title=f"against the settings as they are, {size}x{size}, {visits} visits")
    for name in ("settings", "won", "lost", "drawn", "Elo", "from", "to"):
        table.add_column(name, justify="left" if name == "settings" else "right")
    for variant, config in configs.items():

        def tell(match: Match, played: Played, variant: str = variant) -> None:
            print(f"\r{variant}: {'-'.join(map(str, match.score))} ", end="", flush=True)

        match = play_match(
            path, path, size=size, games=games, visits=(visits, visits), threads=threads, seed=seed,
            parallel=parallel or default_threads(), configs=(config, None), on_game=tell,
        )  # fmt: skip
        elo, low, high = elo_interval(*match.score)
        print(f"\r{variant}: {'-'.join(map(str, match.score))}, Elo {elo:+.0f} ({low:+.0f} to {high:+.0f})", flush=True)
        table.add_row(variant, *map(str, match.score), f"{elo:+.0f}", f"{low:+.0f}", f"{high:+.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
