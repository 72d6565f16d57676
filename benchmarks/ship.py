"""Puts a network into the package: copies a weights file to nets/data, with what was measured of it in its header.

    python -m benchmarks.ship runs/first/net.safetensors zero-9x9 --rank 5 --strength "95 of 100 against GNU Go 3.8 ..."

``--rank`` orders the networks of one board size: the largest is the default. A network replaces a shipped one only
when a match shows it stronger (``gogame match``); its Elo comes from ``python -m benchmarks.strength --write``.

The ranges of its activations (:mod:`nets.ranges`) are measured on every board size, over positions that come up when
it plays itself, and written into the file, too. Without a NAME, and with a shipped network's, only these are written:

    python -m benchmarks.ship nets/data/zero-9x9.safetensors
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.command import Benchmark
from gogame.disk import write_atomically
from nets.config import MAX_SIZE, MIN_SIZE, NetConfig, NetError
from nets.evaluator import Evaluation, Evaluator, evaluator_of
from nets.ranges import measured_ranges, with_ranges
from nets.weights import DATA, MEASURED, load_net, save_net
from selfplay.games import GamePool, SelfPlayConfig

GAMES, SIMULATIONS = 16, 4  # at once; a move
KEPT = 4  # one position in so many is kept


class Listening:
    """An evaluator that keeps some of the positions that it is asked about."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator, self._rng = evaluator, np.random.default_rng(0)
        self.name, self.size, self.batch, self.streams = evaluator.name, evaluator.size, evaluator.batch, 1
        self.heard: list[tuple[np.ndarray, np.ndarray]] = []

    def submit(self, planes: np.ndarray, globals: np.ndarray) -> Any:
        """As :class:`nets.evaluator.Evaluator`'s, and so are the others."""
        rows = self._rng.choice(len(planes), max(1, len(planes) // KEPT), replace=False)
        self.heard.append((planes[rows], globals[rows]))
        return self._evaluator.submit(planes, globals)

    def result(self, handle: Any) -> Evaluation:
        return self._evaluator.result(handle)

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        return self.result(self.submit(planes, globals))


def positions_of_play(
    config: NetConfig, arrays: Mapping[str, np.ndarray], size: int, seed: int = 1, games: int = GAMES
) -> tuple[np.ndarray, np.ndarray]:
    """(planes, globals) of some thousand positions that searches come to in so many games with itself, from first to
    last."""
    listening = Listening(evaluator_of(config, arrays, size, "cpu", games))
    pool = GamePool(size, games, listening, SelfPlayConfig(simulations=SIMULATIONS, groups=1), seed=seed, threads=1)
    pool.advance(games * SIMULATIONS * size * size)
    planes, globals_ = zip(*listening.heard, strict=True)
    return np.concatenate(planes), np.concatenate(globals_)


def forget(name: str) -> None:
    """What was measured of the network that had this name before."""
    path = DATA / MEASURED
    measured = json.loads(path.read_text()) if path.exists() else {}
    if measured.pop(name, None) is not None:
        write_atomically(path, (json.dumps(measured, indent=1, sort_keys=True) + "\n").encode())
        click.echo(f"{path}: without {name} until benchmarks.strength --write has measured it")


@click.command(cls=Benchmark)
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("name", required=False)
@click.option("--rank", type=float, help="The largest of a board size is its default.")
@click.option("--strength", help="What was measured, in words.")
@click.option("--best-on", type=int, multiple=True, help="A size on which matches showed it stronger than the others.")
@click.option("--size", "sizes", type=int, multiple=True, help="Ranges for this board alone.  [default: every size]")
def main(
    path: Path, name: str | None, rank: float | None, strength: str | None, best_on: tuple[int, ...],
    sizes: tuple[int, ...],
) -> None:  # fmt: skip
    """Copy PATH into the package as NAME."""
    if name is None and path.resolve().parent != DATA.resolve():
        raise click.UsageError("a NAME in the package is wanted")
    if name is not None and (rank is None or not strength):
        raise click.UsageError("--rank and --strength are wanted of a new network")
    config, arrays, meta = load_net(path)
    given = {"rank": rank, "strength": strength, "best_on": list(best_on) or None}
    meta = meta | {key: value for key, value in given.items() if value is not None}
    for size in sizes or range(MIN_SIZE, MAX_SIZE + 1):
        planes, globals_ = positions_of_play(config, arrays, size)
        ranges = measured_ranges(config, arrays, size, planes, globals_)
        click.echo(f"{size}x{size}: {len(planes)} positions, activations up to {ranges}")
        meta = with_ranges(meta, size, ranges)
    name = name or path.stem
    DATA.mkdir(exist_ok=True)
    target = DATA / f"{name}.safetensors"
    before: dict[str, np.ndarray] = {}
    with contextlib.suppress(NetError):  # a damaged one, or none
        before = load_net(target)[1]
    save_net(target, arrays, meta, config)
    same = before.keys() == arrays.keys() and all(np.array_equal(before[key], arrays[key]) for key in arrays)
    if strength is not None or not same:
        forget(name)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
