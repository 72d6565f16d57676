"""Self-play evaluations a second beside the bare network's, and where the rest of the time goes.

    python -m benchmarks.selfplay [--net NAME|PATH] [--games 256] [--groups 2] [--simulations 8] [--rounds 5]

The bare network and self-play are measured in turn at the same batch (a group of the games), on the same threads; the
ratio is the median of the rounds' ratios. "waiting" is the share of the time in which the search waits for answers;
the rest goes into planes and trees, beside the evaluation of the other groups.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from mcts import bench
from nets.evaluator import default_threads, make_evaluator
from selfplay.games import GamePool, SelfPlayConfig


class Timed:
    """An evaluator that adds up the seconds that its answers are waited for."""

    def __init__(self, net: Any) -> None:
        self.net, self.seconds = net, 0.0

    def submit(self, planes: Any, globals: Any) -> Any:
        return self.net.submit(planes, globals)

    def result(self, handle: Any) -> Any:
        began = time.perf_counter()
        try:
            return self.net.result(handle)
        finally:
            self.seconds += time.perf_counter() - began


@click.command()
@click.option("--net", metavar="NAME|PATH", help="A shipped network by name, or a file. [default: by size]")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option("--games", type=click.IntRange(1), default=256, show_default=True, help="At once.")
@click.option("--groups", type=click.IntRange(1, 16), default=2, show_default=True, help="Of the games.")
@click.option("--simulations", type=click.IntRange(2, 64), multiple=True, default=(8, 16, 32), show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
def main(
    net: str | None, size: int, games: int, groups: int, simulations: tuple[int, ...], device: str, rounds: int
) -> None:
    """Print the table."""
    threads, batch = default_threads(), games // groups
    evaluator = make_evaluator(net, size, device, batch, threads)
    table = Table(title=f"{size}x{size}, {groups} x {batch} games, {evaluator.name}; medians of {rounds} rounds")
    for name in ("simulations", "bare evaluations/s", "self-play evaluations/s", "ratio", "waiting"):
        table.add_column(name, justify="right")
    for budget in simulations:
        timed = Timed(evaluator)
        pool = GamePool(size, games, timed, SelfPlayConfig(simulations=budget, groups=groups), seed=1, threads=threads)
        pool.advance(20 * games * budget)  # the games are at different moves by now
        raw, own, waits = [], [], []
        for _ in range(rounds):
            raw.append(bench.evaluations(evaluator, size, batch, 2.0))
            began, before, timed.seconds = time.perf_counter(), pool.evaluations, 0.0
            while time.perf_counter() - began < 4.0:
                pool.advance(games)
            elapsed = time.perf_counter() - began
            own.append((pool.evaluations - before) / elapsed)
            waits.append(timed.seconds / elapsed)
        ratio = statistics.median(o / r for o, r in zip(own, raw, strict=True))
        a, b, wait = (statistics.median(values) for values in (raw, own, waits))
        table.add_row(str(budget), f"{a:,.0f}", f"{b:,.0f}", f"{ratio:.2f}", f"{wait:.0%}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
