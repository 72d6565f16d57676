"""``gogame bench``: what this machine does in a second, self-play and where its time goes included."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import click

from gogame.options import Number, json_option
from mcts import bench as measure
from mcts.bench import Figure
from nets.evaluator import default_threads, make_evaluator
from selfplay.games import GamePool, SelfPlayConfig

GAMES, SIMULATIONS = 256, 16


class Rates(NamedTuple):
    """Self-play beside the network that it plays with."""

    bare: float  # evaluations/s of the network alone, at the same batch
    selfplay: float  # evaluations/s of self-play
    waiting: float  # share of the time in which the search waits for answers


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


def selfplay_rates(
    evaluator: Any, games: int, groups: int, simulations: int, threads: int, seconds: float
) -> Iterator[Rates]:
    """Rounds without end, of about ``seconds`` for the network alone and twice that for self-play, in turn.

    ``evaluator``: of batches of ``games // groups`` (see :mod:`nets.evaluator`).
    """
    timed, size = Timed(evaluator), evaluator.size
    pool = GamePool(size, games, timed, SelfPlayConfig(simulations=simulations, groups=groups), seed=1, threads=threads)
    pool.advance(20 * games * simulations)  # the games are at different moves by now
    while True:
        bare = measure.evaluations(evaluator, size, games // groups, seconds)
        began, before, timed.seconds = time.perf_counter(), pool.evaluations, 0.0
        while time.perf_counter() - began < 2 * seconds:
            pool.advance(games)
        elapsed = time.perf_counter() - began
        yield Rates(bare, (pool.evaluations - before) / elapsed, timed.seconds / elapsed)


def _selfplay(
    net: str | None, sizes: tuple[int, ...], device: str, threads: int | None, seconds: float
) -> Iterator[Figure]:
    """Self-play on the smallest of the sizes."""
    size, cores = min(sizes), threads or default_threads()
    evaluator = make_evaluator(net, size, device, GAMES // 2, cores)
    rates = next(selfplay_rates(evaluator, GAMES, 2, SIMULATIONS, cores, seconds))
    yield Figure(f"evaluations, batch {GAMES // 2}", size, rates.bare)
    yield Figure(f"self-play evaluations, {GAMES} games", size, rates.selfplay)


@click.command()
@click.option("--net", metavar="NAME|PATH", help="A shipped network by name, or a file. [default: by size]")
@click.option("--size", "sizes", type=int, multiple=True, help="Board size; may be repeated.  [default: 9 and 19]")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--threads", type=click.IntRange(1, 1024), help="CPU threads. [default: all cores]")
@click.option("--seconds", type=Number(0.05, 60), default=1.0, show_default=True, help="Time for a figure.")
@json_option
def command(
    net: str | None, sizes: tuple[int, ...], device: str, threads: int | None, seconds: float, as_json: bool
) -> None:
    """The figures of this machine: rules, search, network, all together, and self-play.

    \b
    Example:
      gogame bench --size 9 --seconds 2
    """
    sizes = sizes or (9, 19)
    where = [make_evaluator(net, size, device, threads=threads).name for size in sizes][0]
    rows = []
    if not as_json:
        click.echo(f"{measure.machine()}; network on {where}; {seconds:g} s a figure")
    for figure in chain(
        measure.figures(net, sizes, device, threads, seconds), _selfplay(net, sizes, device, threads, seconds)
    ):
        rows.append(figure)
        if not as_json:
            click.echo(f"{figure.name + ' / s':<36} {figure.size:>2}x{figure.size:<2} {figure.value:>14,.0f}")
    if as_json:
        shown: dict[str, Any] = {"machine": measure.machine(), "network": where}
        shown["figures"] = [row._asdict() for row in rows]
        click.echo(json.dumps(shown))
