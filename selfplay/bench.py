"""``gogame bench``: what this machine does in a second, self-play and where its time goes included.

Two ratios tell whether the search keeps up with the network: self-play's evaluations a second over those of the network
alone at the same batch, and the simulations a second of the search with an evaluator that costs nothing over the
network's evaluations a second.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, NamedTuple

import click

from gogame.options import Number, json_option, net_option, threads_option
from mcts import bench as measure
from mcts.bench import Figure
from nets.evaluator import default_threads, make_evaluator
from selfplay import games

GAMES, SIMULATIONS = 256, 16
SELFPLAY = f"self-play evaluations, {GAMES} games"
FREE = "simulations, free evaluator"  # a figure of mcts.bench


class Rates(NamedTuple):
    """Self-play beside the network that it plays with."""

    bare: float  # evaluations/s of the network alone, at the same batch
    selfplay: float  # evaluations/s of self-play
    moves: float  # searched moves/s of self-play
    shares: dict[str, float]  # of the time of self-play, by the names of PARTS; they add up to 1

    @property
    def ratio(self) -> float:
        """Self-play's evaluations over the bare network's."""
        return self.selfplay / self.bare


# Where the time of self-play goes. "evaluator": asking it and waiting for it, while the other groups' batches are with
# it as well; "rest": answers turned back, games handed over and begun, Python.
PARTS = ("tree", "planes", "evaluator", "rest")
# The kernels of selfplay.games behind two of the parts; each call is for the games of one thread.
KERNELS = {"advance_slice": "tree", "absorb_slice": "tree", "fill_rows": "planes"}


class Timed:
    """Something whose calls add up their seconds, here of an evaluator: asking, and waiting for answers.

    Where several threads ask (``streams``), the seconds are the mean of theirs.
    """

    def __init__(self, net: Any) -> None:
        self.net, self.streams, self.seconds, self._lock = net, net.streams, 0.0, Lock()
        self.submit, self.result = self.timed(net.submit), self.timed(net.result)

    def timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """``work``, with its seconds added to ``seconds``."""

        def measured(*arguments: Any) -> Any:
            began = time.perf_counter()
            try:
                return work(*arguments)
            finally:
                with self._lock:
                    self.seconds += (time.perf_counter() - began) / self.streams

        return measured


@contextmanager
def kernel_seconds(threads: int) -> Iterator[dict[str, float]]:
    """The seconds that each part spends in its kernels while the block runs; the mean of the threads at work."""
    found = {part: 0.0 for part in KERNELS.values()}
    before = {name: getattr(games, name) for name in KERNELS}
    lock = Lock()

    def measured(kernel: Callable[..., Any], part: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            began = time.perf_counter()
            answer = kernel(*arguments)
            with lock:
                found[part] += (time.perf_counter() - began) / threads
            return answer

        return call

    try:
        for name, part in KERNELS.items():
            setattr(games, name, measured(before[name], part))
        yield found
    finally:
        for name, kernel in before.items():
            setattr(games, name, kernel)


def selfplay_rates(
    evaluator: Any, count: int, config: games.SelfPlayConfig, threads: int, seconds: float
) -> Iterator[Rates]:
    """Rounds without end, of about ``seconds`` for the network alone and twice that for self-play, in turn.

    ``count`` games; ``evaluator``: as :func:`selfplay.games.evaluator_options` has it.
    """
    timed, size = Timed(evaluator), evaluator.size
    pool = games.GamePool(size, count, timed, config, seed=1, threads=threads)
    pool.advance(20 * count * config.simulations)  # the games are at different moves by now
    while True:
        bare = measure.evaluations(evaluator, size, evaluator.batch, seconds)
        with kernel_seconds(min(threads, count)) as kernels:
            began, before, moves, timed.seconds = time.perf_counter(), pool.evaluations, pool.moves, 0.0
            while time.perf_counter() - began < 2 * seconds:
                pool.advance(64 * count)
            elapsed = time.perf_counter() - began
        shares = {part: kernels[part] / elapsed for part in kernels} | {"evaluator": timed.seconds / elapsed}
        shares["rest"] = 1 - sum(shares.values())
        yield Rates(bare, (pool.evaluations - before) / elapsed, (pool.moves - moves) / elapsed, shares)


def shares_line(shares: Mapping[str, float]) -> str:
    """Where the time goes, in words."""
    return ", ".join(f"{part} {shares[part]:.0%}" for part in PARTS)


def ratios(rows: list[Figure], rates: Rates, size: int) -> list[Figure]:
    """The two ratios: of self-play on ``size``, and of the free search on each size that was measured."""
    found = [Figure("self-play / bare network, same batch", size, rates.ratio)]
    for row in rows:
        if row.name == FREE:
            nets = [r.value for r in rows if r.size == row.size and r.name.startswith("evaluations, ")]
            found.append(Figure("free simulations / bare network", row.size, row.value / max(nets)))
    return found


@click.command()
@net_option
@click.option("--size", "sizes", type=int, multiple=True, help="Board size; may be repeated.  [default: 9 and 19]")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@threads_option
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
    rows: list[Figure] = []

    def tell(figure: Figure, form: str = "{:>14,.0f}", unit: str = " / s") -> None:
        if not as_json:
            click.echo(f"{figure.name + unit:<40} {figure.size:>2}x{figure.size:<2} {form.format(figure.value)}")

    if not as_json:
        click.echo(f"{measure.machine()}; network on {where}; {seconds:g} s a figure")
    for figure in measure.figures(net, sizes, device, threads, seconds):
        rows.append(figure)
        tell(figure)
    size, cores = min(sizes), threads or default_threads(device)
    options = games.evaluator_options(device, GAMES, 2, cores)
    evaluator = make_evaluator(net, size, device, threads=cores, **options)
    rates = next(selfplay_rates(evaluator, GAMES, games.SelfPlayConfig(simulations=SIMULATIONS), cores, seconds))
    alone = f"evaluations, batch {evaluator.batch}" + (f" x {evaluator.streams}" if evaluator.streams > 1 else "")
    for name, value in ((alone, rates.bare), (SELFPLAY, rates.selfplay)):
        rows.append(Figure(name, size, value))
        tell(rows[-1])
    found = ratios(rows, rates, size)
    for figure in found:
        tell(figure, "{:>14.2f}", "")
    if not as_json:
        click.echo(f"{'self-play, where the time goes':<40} {size:>2}x{size:<2} {shares_line(rates.shares)}")
        return
    shown: dict[str, Any] = {"machine": measure.machine(), "network": where}
    shown["figures"] = [row._asdict() for row in rows]
    shown["ratios"] = [row._asdict() for row in found]
    shown["selfplay_time"] = {part: round(share, 4) for part, share in rates.shares.items()}
    click.echo(json.dumps(shown))
