"""What int8 costs and gains: the answers of a shipped network in each precision beside those in float32, and its speed.

    python -m benchmarks.precision [--net NAME|PATH] [--size 9] [--threads N] [--rounds 5]

Over positions that searches come to in games of the network with itself (others than the ranges were measured on):
Kullback-Leibler divergence of the policy in nats, how often the likeliest move is the same, root mean square of the
difference in value (-1..1) and in score lead (points); evaluations a second in batches of 1, 8 and 64, measured in
turn, medians of the rounds.
"""

from __future__ import annotations

import statistics

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from benchmarks.ship import positions_of_play
from mcts import bench
from nets.evaluator import Evaluation, default_threads
from nets.evaluator_openvino import OpenVinoEvaluator
from nets.measure import value_of
from nets.ranges import stored_ranges
from nets.weights import find_net, load_net

BATCHES = (1, 8, 64)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Along the last axis, in float64."""
    x = logits.astype(np.float64)
    x -= x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def differences(exact: Evaluation, other: Evaluation) -> dict[str, float]:
    """How far ``other`` lies from ``exact``: divergence, same_move, value, score."""
    p, q = log_softmax(exact.policy), log_softmax(other.policy)
    return {
        "divergence": float((np.exp(p) * (p - q)).sum(1).mean()),
        "same_move": float((p.argmax(1) == q.argmax(1)).mean()),
        "value": float(np.sqrt(np.mean((value_of(exact.value) - value_of(other.value)) ** 2))),
        "score": float(np.sqrt(np.mean((exact.score[:, 0] - other.score[:, 0]) ** 2))),
    }


@click.command(cls=Benchmark)
@click.option("--net", metavar="NAME|PATH", help="[default: by size]")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option("--threads", type=click.IntRange(1), help="[default: all cores]")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
def main(net: str | None, size: int, threads: int | None, rounds: int) -> None:
    """Print the table."""
    config, arrays, meta = load_net(find_net(net, size).path)
    ranges, threads = stored_ranges(meta, config, size), threads or default_threads()
    if ranges is None:
        raise click.ClickException(f"the network has no ranges of activations for {size}x{size}")
    planes, globals_ = positions_of_play(config, arrays, size, seed=2)
    evaluators = {
        precision: OpenVinoEvaluator(config, arrays, size, max(BATCHES), threads, precision, ranges=ranges)
        for precision in dict.fromkeys(("f32", OpenVinoEvaluator(config, arrays, size, 1).precision, "int8"))
    }
    rates: dict[tuple[str, int], list[float]] = {}
    for _ in range(rounds):
        for precision, evaluator in evaluators.items():
            for batch in BATCHES:
                rates.setdefault((precision, batch), []).append(bench.evaluations(evaluator, size, batch, 0.5))
    exact = evaluators["f32"].evaluate(planes, globals_)
    table = Table(title=f"{config}, {size}x{size}, {len(planes)} positions, {threads} threads")
    for column in ("precision", "divergence", "same move", "value", "score", *(f"batch {b}" for b in BATCHES)):
        table.add_column(column, justify="left" if column == "precision" else "right")
    for precision, evaluator in evaluators.items():
        off = differences(exact, evaluator.evaluate(planes, globals_))
        speeds = [f"{statistics.median(rates[precision, batch]):,.0f}" for batch in BATCHES]
        table.add_row(
            precision, f"{off['divergence']:.4f}", f"{off['same_move']:.1%}", f"{off['value']:.3f}",
            f"{off['score']:.2f}", *speeds,
        )  # fmt: skip
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
