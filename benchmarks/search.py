"""The search: simulations a second when evaluations are free, and visits a second beside the network's own rate.

    python -m benchmarks.search [--net NAME|PATH] [--visits 400] [--rounds 7]

"simulations" are of one core, in the thread's own time, from the empty board, with an evaluator that costs nothing.
"visits" are of a game that the search plays with itself, so many visits a move, tree reuse and cache counted;
"evaluations" are of the bare network in batches as large as the search's largest. The two are measured in turn, and
the last column is the median of the rounds' ratios.
"""

from __future__ import annotations

import statistics

import click
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from mcts import bench
from mcts.search import SearchConfig
from nets.evaluator import make_evaluator

FULL = SearchConfig().batch * SearchConfig().visits_per_leaf  # visits from which on the search's batches are as large


def row(net: str | None, size: int, visits: int, rounds: int) -> tuple[float, float, float, float]:
    """(simulations/s, evaluations/s, visits/s, visits / evaluations), medians over the rounds."""
    batch = SearchConfig().batch
    evaluator = make_evaluator(net, size, batch=batch)
    free = [bench.simulations(size, 0.5) for _ in range(rounds)]
    raw, searched = [], []
    for _ in range(rounds):
        raw.append(bench.evaluations(evaluator, size, batch, 1.0))
        searched.append(bench.search_visits(evaluator, size, visits, 2.0))
    ratios = [s / r for s, r in zip(searched, raw, strict=True)]
    return (*map(statistics.median, (free, raw, searched)), statistics.median(ratios))


@click.command(cls=Benchmark)
@click.option("--net", metavar="NAME|PATH", help="A shipped network by name, or a file. [default: by size]")
@click.option("--visits", type=click.IntRange(FULL), default=400, show_default=True, help="Visits a move.")
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True)
@click.option("--size", "sizes", type=click.IntRange(7, 19), multiple=True, default=(9, 19), show_default=True)
def main(net: str | None, visits: int, rounds: int, sizes: tuple[int, ...]) -> None:
    """Print the table."""
    table = Table(title=f"a second; medians of {rounds} rounds; {visits} visits a move")
    raw = f"evaluations, batch {SearchConfig().batch}"
    for name in ("board", "simulations", raw, "visits", "visits / evaluations"):
        table.add_column(name, justify="right")
    for size in sizes:
        free, evaluations, searched, ratio = row(net, size, visits, rounds)
        table.add_row(f"{size}x{size}", f"{free:,.0f}", f"{evaluations:,.0f}", f"{searched:,.0f}", f"{ratio:.2f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
