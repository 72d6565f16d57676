"""Whether a network reads ladders: pairs of positions that differ in one stone far away, with and without its planes.

    python -m benchmarks.ladders [--net NAME|PATH] [--size 19] [--pairs 200]

In one position of a pair the ladder works; in the other a stone of the owner on its way breaks it (in the first the
same stone stands where it changes nothing). The owner has just run once or twice; asked are the attacker before the
next atari and the owner after it: a network that reads ladders gives the atari more probability where it works, and
running on more where it fails. "told apart" is the share of pairs in which it does; 50 % is a coin. Without planes,
the two inputs of the ladder reader are 0. The other stones are scattered at random, in pairs of both colours.
"""

from __future__ import annotations

from typing import NamedTuple

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from gogame.board import BLACK, WHITE, Board, is_legal, new_board, play
from gogame.geometry import geometry, point_of
from gogame.ladders import ladder_planes, new_ladder_scratch
from gogame.rules import default_rules
from nets.config import GLOBALS, PLANES
from nets.evaluator import make_evaluator
from nets.planes import HISTORY, LADDER_MOVES, LADDER_STONES, fill_planes, new_plane_scratch

ATTACKERS = ((-1, 0), (0, -1), (-1, 1))  # around the owner's stone at (0, 0); the ladder runs towards (+, +)


def atari(i: int) -> tuple[int, int]:
    """The attacker's i-th move of the ladder."""
    half = i // 2
    return (half, half + 2) if i % 2 else (half + 1, half)


def flight(i: int) -> tuple[int, int]:
    """The owner's answer to it."""
    half = i // 2
    return (half + 1, half + 1) if i % 2 else (half, half + 1)


class Case(NamedTuple):
    """A position, the side to move, the last moves (newest first) and the action asked for."""

    board: Board
    to_move: int
    recent: list[int]
    action: int


class Pair(NamedTuple):
    """The same question where the ladder works and where it is broken."""

    works: Case
    broken: Case


def _turned(x: int, y: int, size: int, symmetry: int) -> tuple[int, int]:
    if symmetry & 1:
        x = size - 1 - x
    if symmetry & 2:
        y = size - 1 - y
    return (y, x) if symmetry & 4 else (x, y)


def ladder_starts(board: Board, attacker: int, atari: int) -> bool:
    """Whether the ladder reader lets ``attacker`` start a ladder at the point ``atari``."""
    size = int(board.state[0]) - 2
    stones, moves = (np.zeros(board.color.size, np.uint8) for _ in range(2))
    ladder_planes(board, attacker, new_ladder_scratch(size), stones, moves)
    return bool(moves[atari])


def _position(stones: list[tuple[int, int]], size: int) -> Board | None:
    board = new_board(size)
    for color, point in stones:
        if not is_legal(board, point, color, False):
            return None
        play(board, point, color)
    return board


def pairs(size: int, count: int, seed: int) -> list[tuple[Pair, Pair]]:
    """(the attacker's pair, the owner's pair) of each ladder. ``size``: at least 13 lines."""
    rng = np.random.default_rng(seed)
    found: list[tuple[Pair, Pair]] = []
    while len(found) < count:
        made = _pair(size, rng)
        if made is not None:
            found.append(made)
    return found


def _pair(size: int, rng: np.random.Generator) -> tuple[Pair, Pair] | None:
    x0, y0 = (int(v) for v in rng.integers(2, max(3, size // 3), 2))
    symmetry = int(rng.integers(8))
    owner = int(rng.choice([BLACK, WHITE]))
    attacker = 3 - owner

    def at(dx: int, dy: int) -> int:
        x, y = _turned(x0 + dx, y0 + dy, size, symmetry)
        return int(point_of(y, x, size))

    run = int(rng.integers(1, 3))
    shape = [(owner, at(0, 0))] + [(attacker, at(*d)) for d in ATTACKERS]
    played = [(color, at(*way(i))) for i in range(run) for color, way in ((attacker, atari), (owner, flight))]
    points = geometry(size).points
    near = {at(dx, dy) for dx in range(-2, 5) for dy in range(-2, 5) if 0 <= x0 + dx < size and 0 <= y0 + dy < size}
    far = [int(p) for p in rng.permutation(points) if int(p) not in near]
    others = [(color, far.pop()) for _ in range(int(rng.integers(0, 6))) for color in (BLACK, WHITE)]
    step = int(rng.integers(5, size - max(x0, y0) - 1))
    breaker = at(step, step + int(rng.integers(-1, 2)))
    if breaker in near or breaker not in far:
        return None
    aside = next(p for p in far if p != breaker)
    cases: list[tuple[Case, Case]] = []
    actions, next_atari, next_flight = geometry(size).action, at(*atari(run)), at(*flight(run))
    for stone, works in ((aside, True), (breaker, False)):
        moves = [*shape, *others, (owner, stone), *played]
        board, after = _position(moves, size), _position([*moves, (attacker, next_atari)], size)
        if board is None or after is None or ladder_starts(board, attacker, next_atari) != works:
            return None
        recent = [point for _, point in reversed(played)]
        before = Case(board, attacker, recent, int(actions[next_atari]))
        cases.append((before, Case(after, owner, [next_atari, *recent], int(actions[next_flight]))))
    return Pair(cases[0][0], cases[1][0]), Pair(cases[0][1], cases[1][1])


def probabilities(evaluator: object, cases: list[Case], size: int, planes_too: bool) -> np.ndarray:
    """float [B]: the network's probability of each case's action."""
    planes, globals_ = np.zeros((len(cases), PLANES, size, size), np.uint8), np.zeros((len(cases), GLOBALS), np.float32)
    forbidden = np.zeros((size + 2) ** 2, np.uint8)
    scratch, rules = new_plane_scratch(size), default_rules(size).kernel()
    for row, case in enumerate(cases):
        recent = np.full(HISTORY, -1, np.int16)
        recent[: len(case.recent)] = case.recent
        fill_planes(
            case.board, case.to_move, recent, rules, forbidden, scratch, scratch.upright, planes[row], globals_[row]
        )
    if not planes_too:
        planes[:, [LADDER_STONES, LADDER_MOVES]] = 0
    logits = evaluator.evaluate(planes, globals_).policy.astype(float)  # type: ignore[attr-defined]
    odds = np.exp(logits - logits.max(1, keepdims=True))
    return np.array([odds[row, case.action] / odds[row].sum() for row, case in enumerate(cases)])


class Reading(NamedTuple):
    """Mean probability where the ladder works and where it is broken, and the share of pairs told apart."""

    works: float
    broken: float
    apart: float


def reading(evaluator: object, made: list[Pair], size: int, planes_too: bool, flees: bool) -> Reading:
    """``flees``: the action is the owner's escape, which is right where the ladder is broken."""
    works, broken = (
        probabilities(evaluator, [pair[k] for pair in made], size, planes_too) for k in range(2)
    )  # fmt: skip
    better = broken > works if flees else works > broken
    return Reading(float(works.mean()), float(broken.mean()), float(better.mean()))


@click.command(cls=Benchmark)
@click.option("--net", metavar="NAME|PATH", help="A shipped network by name, or a file. [default: by size]")
@click.option("--size", type=click.IntRange(13, 19), default=19, show_default=True)
@click.option("--pairs", "count", type=click.IntRange(1, 10_000), default=200, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def main(net: str | None, size: int, count: int, seed: int) -> None:
    """Print the table."""
    evaluator = make_evaluator(net, size)
    made = pairs(size, count, seed)
    table = Table(title=f"{count} ladders on {size}x{size}, {net or 'the default network'}, no search")
    for name in ("asked", "ladder planes", "where it works", "where it is broken", "told apart"):
        table.add_column(name, justify="left" if name == "asked" else "right")
    for flees, asked in ((False, "the attacker: the atari"), (True, "the owner: running away")):
        for planes_too in (True, False):
            found = reading(evaluator, [pair[flees] for pair in made], size, planes_too, flees)
            row = (f"{found.works:.0%}", f"{found.broken:.0%}", f"{found.apart:.0%}")
            table.add_row(asked, "yes" if planes_too else "no", *row)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
