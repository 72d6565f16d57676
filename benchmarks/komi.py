"""What networks know of komi: Black's value (-1..1) and lead (points) on the empty board, Black to play, at many komi.

    python -m benchmarks.komi [--net NAME|PATH ...] [--size 9] [--komi 7.5 ...]

One evaluation each, no search. A fair lead is what komi is fair by, less the komi.
"""

from __future__ import annotations

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from gogame.board import BLACK, new_board
from gogame.options import Number
from gogame.rules import default_rules
from nets.config import GLOBALS, PLANES
from nets.evaluator import make_evaluator
from nets.measure import value_of
from nets.planes import HISTORY, fill_planes, new_plane_scratch

KOMI = (-21.5, -8.5, -0.5, 6.5, 10.5, 21.5, 35.5)


def empty_boards(size: int, komi: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Planes and globals of the empty board at each komi."""
    planes = np.zeros((len(komi), PLANES, size, size), np.uint8)
    globals_ = np.zeros((len(komi), GLOBALS), np.float32)
    none, scratch = np.full(HISTORY, -1, np.int16), new_plane_scratch(size)
    nowhere = np.zeros((size + 2) ** 2, np.uint8)
    for row, points in enumerate(komi):
        rules = default_rules(size).replace(komi=points).kernel()
        fill_planes(
            new_board(size), BLACK, none, rules, nowhere, scratch, scratch.upright, planes[row], globals_[row]
        )  # fmt: skip
    return planes, globals_


@click.command(cls=Benchmark)
@click.option("--net", "nets", multiple=True, metavar="NAME|PATH", help="May be repeated.  [default: by size]")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option("--komi", type=Number(-150, 150), multiple=True, default=KOMI, help="May be repeated.")
def main(nets: tuple[str, ...], size: int, komi: tuple[float, ...]) -> None:
    """Print the table."""
    if odd := [points for points in komi if (2 * points) % 1]:
        raise click.BadParameter(f"{odd[0]:g} is not a multiple of 0.5", param_hint="--komi")
    planes, globals_ = empty_boards(size, komi)
    table = Table(title=f"Black's value and lead on the empty board, {size}x{size}")
    table.add_column("komi")
    for points in komi:
        table.add_column(f"{points:g}", justify="right", no_wrap=True)
    for net in nets or (None,):
        found = make_evaluator(net, size).evaluate(planes, globals_)
        pairs = zip(value_of(found.value), found.score[:, 0], strict=True)
        table.add_row(net or "default", *(f"{value:+.2f}, {lead:.0f}" for value, lead in pairs))
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
