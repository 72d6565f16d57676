"""Self-play evaluations a second beside the bare network's, and where the rest of the time goes.

    python -m benchmarks.selfplay [--net NAME|PATH] [--games 256] [--groups 2] [--simulations 8] [--rounds 5]
        [--set selfplay.search=puct]

The bare network and self-play are measured in turn at the same batch (a group of the games), on the same threads, on
a CPU each with a batch of its own; the ratio is the median of the rounds' ratios. The last columns are shares of
self-play's time: "tree" and "planes" in the kernels, "evaluator" asking it and waiting for it (with a GPU while it
works on the other groups as well), "rest" what is left. Below the table: the simulations a second of the search on one
core with an evaluator that costs nothing, over the bare network's evaluations a second.
"""

from __future__ import annotations

import dataclasses
import statistics
from itertools import islice

import click
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from mcts.bench import simulations as free_simulations
from nets.evaluator import default_threads, make_evaluator
from selfplay.bench import PARTS, selfplay_rates
from selfplay.config import RunConfig, with_settings
from selfplay.games import evaluator_options


@click.command(cls=Benchmark)
@click.option("--net", metavar="NAME|PATH", help="A shipped network by name, or a file. [default: by size]")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option("--games", type=click.IntRange(1), default=256, show_default=True, help="At once.")
@click.option("--groups", type=click.IntRange(1, 16), default=2, show_default=True, help="Of the games, with a GPU.")
@click.option("--simulations", type=click.IntRange(2, 64), multiple=True, default=(8, 16, 32), show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A knob of self-play, as in a run's config."
)
def main(
    net: str | None, size: int, games: int, groups: int, simulations: tuple[int, ...], device: str, rounds: int,
    settings: tuple[str, ...],
) -> None:  # fmt: skip
    """Print the table."""
    threads = default_threads(device)
    for setting in settings:
        table, _, key = setting.partition("=")[0].strip().partition(".")
        if table != "selfplay" or key in ("groups", "simulations"):
            raise click.BadParameter(f"{setting!r} is not of self-play, or has an option", param_hint="--set")
    config = dataclasses.replace(with_settings(RunConfig(), settings).selfplay, groups=groups)
    evaluator = make_evaluator(net, size, device, threads=threads, **evaluator_options(device, games, groups, threads))
    batches = f"batches of {evaluator.batch}" + (f", {evaluator.streams} side by side" if evaluator.streams > 1 else "")
    table = Table(title=f"{size}x{size}, {games} games, {batches}, {evaluator.name}; medians of {rounds} rounds")
    for name in ("simulations", "bare evaluations/s", "self-play evaluations/s", "ratio", "evaluations a move", *PARTS):
        table.add_column(name, justify="right")
    bare = []
    for budget in simulations:
        way = dataclasses.replace(config, simulations=budget)
        found = list(islice(selfplay_rates(evaluator, games, way, threads, 2.0), rounds))
        columns = ("bare", "selfplay", "ratio", "moves")
        a, b, ratio, moves = (statistics.median(getattr(r, name) for r in found) for name in columns)
        shares = [f"{statistics.median(r.shares[part] for r in found):.0%}" for part in PARTS]
        table.add_row(str(budget), f"{a:,.0f}", f"{b:,.0f}", f"{ratio:.2f}", f"{b / moves:.1f}", *shares)
        bare.append(a)
    console = Console(width=110)
    console.print(table)
    free, network = statistics.median(free_simulations(size, 2.0) for _ in range(rounds)), statistics.median(bare)
    console.print(
        f"free evaluator: {free:,.0f} simulations/s on one core, {free / network:.1f} times the bare network's "
        f"{network:,.0f} evaluations/s"
    )


if __name__ == "__main__":
    main()
