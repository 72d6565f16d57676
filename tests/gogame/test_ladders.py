"""The ladder reader: against the naive oracle, and as tables of positions."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gogame import board as kernels
from gogame.board import BLACK, WHITE, new_board
from gogame.coords import from_gtp, to_gtp
from gogame.geometry import geometry, point_of, row_col
from gogame.ladders import NODE_LIMIT, NODES, ladder_captures, ladder_planes, new_ladder_scratch
from gogame.text import board_of, diagram_of
from tests.naive import NaiveBoard

JIT = not numba.config.DISABLE_JIT


def planes(board, to_move: int) -> tuple[set[str], set[str]]:
    """The vertices of marked stones and of marked moves."""
    size = int(kernels.board_size(board))
    stones, moves = np.full(board.color.size, 9, np.uint8), np.full(board.color.size, 9, np.uint8)
    before = diagram_of(board)
    ladder_planes(board, to_move, new_ladder_scratch(size), stones, moves)
    assert diagram_of(board) == before
    return tuple({to_gtp(int(p), size) for p in np.flatnonzero(out)} for out in (stones, moves))


# position, side to move, marked stones, marked moves
LADDERS = {
    "a ladder to the far corner": (
        """. . . . . . .
           . . . . . . .
           . . . . . . .
           . . . . . . .
           . X O . . . .
           . . X X . . .
           . . . . . . .""", BLACK, {"C3"}, {"C4"},
    ),
    "a ladder breaker": (
        """. . . . . . .
           . . . . . . .
           . . . . . O .
           . . . . . . .
           . X O . . . .
           . . X X . . .
           . . . . . . .""", BLACK, set(), set(),
    ),
    "from both sides": (
        """. . . . . . .
           . . . . . . .
           . . . . . . .
           . X . . . . .
           . X O . . . .
           . . X X . . .
           . . . . . . .""", BLACK, {"C3"}, {"C4", "D3"},
    ),
    "crawling along the edge": (
        """. . . . . . .
           . . . . . . .
           . . . . . . .
           . . . . . . .
           . . . . . . .
           . . X . . . .
           . X O . . . .""", WHITE, {"C1"}, set(),
    ),
    "one liberty, and no way out": (
        """. . . . .
           . . . . .
           X . . . .
           . . . . .
           O X . . .""", WHITE, {"A1"}, set(),
    ),
    "one liberty, but an attacker in atari": (
        """. . . . .
           . . . . .
           X . . . .
           . . . . .
           O X O O .""", WHITE, set(), set(),
    ),
    "nobody is short of liberties": (
        """. . . . .
           . X . . .
           . . . . .
           . . . O .
           . . . . .""", BLACK, set(), set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LADDERS)
def test_ladders(case):
    diagram, to_move, stones, moves = LADDERS[case]
    assert planes(board_of(diagram), to_move) == (stones, moves)


def test_moves_are_marked_for_the_side_to_move_only():
    diagram = LADDERS["from both sides"][0]
    assert planes(board_of(diagram), WHITE) == ({"C3"}, set())


def long_ladder(size: int, breaker: str | None):
    """A white stone near the bottom left corner, and a ladder that runs over the whole board to the top right."""
    board = new_board(size)
    stones = [(BLACK, "C4"), (BLACK, "B3"), (BLACK, "C2"), (BLACK, "D2"), (WHITE, "C3")]
    if breaker:
        stones.append((WHITE, breaker))
    for color, vertex in stones:
        kernels.play(board, from_gtp(vertex, size), color)
    return board


@pytest.mark.parametrize("size", [9, 13, 19])
def test_a_ladder_across_the_board(size, needs_jit):
    target = from_gtp("C3", size)
    scratch = new_ladder_scratch(size)
    assert ladder_captures(long_ladder(size, None), target, scratch)
    assert scratch.counters[NODES] <= NODE_LIMIT
    middle = to_gtp(int(geometry(size).points[size * (size // 2) + size // 2]), size)
    assert not ladder_captures(long_ladder(size, middle), target, scratch)
    assert ladder_captures(long_ladder(size, "A9"), target, scratch)


def naive_of(board) -> NaiveBoard:
    size = int(kernels.board_size(board))
    points = map(int, geometry(size).points)
    return NaiveBoard(size, {row_col(p, size): int(board.color[p]) for p in points if board.color[p]})


@given(size=st.sampled_from((4, 5, 6, 7) if JIT else (4, 5)), fill=st.floats(0.2, 1), seed=st.integers(0, 2**32 - 1))
def test_agrees_with_the_oracle(size, fill, seed):
    rng, board = np.random.default_rng(seed), new_board(size)
    for i in range(int(fill * size * size)):
        color = 1 + i % 2
        legal = [p for p in map(int, geometry(size).points) if kernels.is_legal(board, p, color, False)]
        if legal:
            kernels.play(board, int(rng.choice(legal)), color)
    board.state[kernels.KO] = 0
    naive, scratch = naive_of(board), new_ladder_scratch(size)
    stones, moves = planes(board, BLACK)
    expected: set[str] = set()
    for point in map(int, geometry(size).points):
        place = row_col(point, size)
        if place not in naive.stones:
            continue
        liberties = naive.liberties(place)
        owner = naive.stones[place]
        caught = len(liberties) <= 2 and naive.ladder(place, len(liberties) == 2)
        assert ladder_captures(board, point, scratch) == caught
        assert (to_gtp(point, size) in stones) == caught
        if owner == WHITE and len(liberties) == 2:
            for liberty in liberties:
                works = naive.is_legal(liberty, BLACK, False) and naive.after(liberty, BLACK).ladder(place, False)
                expected |= {to_gtp(point_of(*liberty, size), size)} if works else set()
    assert moves == expected
