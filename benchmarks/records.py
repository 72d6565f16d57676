"""How fast game records are read, and positions of them decoded into planes and targets, on one core.

    python -m benchmarks.records games.sgf.xz [--size 19] [--rounds 5]

Reading is timed once, the clock's seconds; decoding by the thread's own clock, the median of the rounds.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import click
import numpy as np

from benchmarks.command import Benchmark
from nets.batches import Positions
from nets.positions import fill_positions, new_batch, new_work
from nets.record_cache import open_records

COUNT = 2048


@click.command(cls=Benchmark)
@click.argument("records", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--size", type=click.IntRange(7, 19), default=19, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
def main(records: tuple[Path, ...], size: int, rounds: int) -> None:
    """Print both rates."""
    began = time.perf_counter()
    table = open_records(list(records), size, None, print)
    elapsed = time.perf_counter() - began
    print(f"read: {table.games / elapsed:,.0f} games/s, {table.positions / elapsed:,.0f} positions/s")
    positions, work, out = Positions(table, size), new_work(size), new_batch(size, COUNT)
    rng, rates, shift = np.random.default_rng(0), [], np.zeros(COUNT, np.float32)
    for _ in range(rounds + 1):
        picks, turn = rng.integers(0, positions.total, COUNT), rng.integers(0, 8, COUNT)
        began = time.thread_time()
        fill_positions(table, positions.first, picks, positions.symmetry, turn, shift, 0, COUNT, work, out)
        rates.append(COUNT / (time.thread_time() - began))
    print(f"decoded: {statistics.median(rates[1:]):,.0f} positions/s on one core")


if __name__ == "__main__":
    main()
