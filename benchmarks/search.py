"""The search: simulations a second when evaluations are free, and visits a second beside the network's own rate.

    python -m benchmarks.search [--net NAME|PATH] [--visits 400] [--long 2000] [--rounds 7]

"simulations" are of one core, in the thread's own time, from the empty board, with an evaluator that costs nothing.
"visits" are of a game that the search plays with itself, so many visits a move, tree reuse and cache counted;
"evaluations" are of the bare network in batches as large as the search's largest. The two are measured in turn, and
the last column is the median of the rounds' ratios.

The second table is of games of ``--long`` visits a move: new evaluations a second with one batch after the other,
beside those with several requests under way, in turn. It is empty where the back end knows no such requests.
"""

from __future__ import annotations

import statistics

import click
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from mcts import bench
from mcts.search import SearchConfig
from nets.evaluator import beside, make_evaluator

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


def long_row(net: str | None, size: int, visits: int, rounds: int) -> tuple[float, float, float] | None:
    """(evaluations/s one batch after the other, with several requests under way, their ratio), medians."""
    config = SearchConfig()
    evaluator = make_evaluator(net, size, batch=config.batch)
    streams = beside(evaluator, config.least_request, config.largest_request(size))
    if streams is None:
        return None
    alone, together = [], []
    for _ in range(rounds):
        alone.append(bench.search_evaluations(evaluator, None, size, visits))
        together.append(bench.search_evaluations(evaluator, streams, size, visits))
    ratios = [t / a for t, a in zip(together, alone, strict=True)]
    return statistics.median(alone), statistics.median(together), statistics.median(ratios)


@click.command(cls=Benchmark)
@click.option("--net", metavar="NAME|PATH", help="A shipped network by name, or a file. [default: by size]")
@click.option("--visits", type=click.IntRange(FULL), default=400, show_default=True, help="Visits a move.")
@click.option("--long", "most", type=click.IntRange(1), default=2000, show_default=True, help="... of a long search.")
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True)
@click.option("--size", "sizes", type=click.IntRange(7, 19), multiple=True, default=(9, 19), show_default=True)
def main(net: str | None, visits: int, most: int, rounds: int, sizes: tuple[int, ...]) -> None:
    """Print the tables."""
    table = Table(title=f"a second; medians of {rounds} rounds; {visits} visits a move")
    raw = f"evaluations, batch {SearchConfig().batch}"
    for name in ("board", "simulations", raw, "visits", "visits / evaluations"):
        table.add_column(name, justify="right")
    for size in sizes:
        free, evaluations, searched, ratio = row(net, size, visits, rounds)
        table.add_row(f"{size}x{size}", f"{free:,.0f}", f"{evaluations:,.0f}", f"{searched:,.0f}", f"{ratio:.2f}")
    Console(width=100).print(table)
    table = Table(title=f"evaluations a second; medians of {rounds} rounds; {most} visits a move")
    for name in ("board", "one batch after the other", "several requests under way", "ratio"):
        table.add_column(name, justify="right")
    for size in sizes:
        found = long_row(net, size, most, rounds)
        if found is not None:
            table.add_row(f"{size}x{size}", f"{found[0]:,.0f}", f"{found[1]:,.0f}", f"{found[2]:.2f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
