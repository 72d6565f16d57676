"""The rules kernel: against the naive oracle, against known counts, and position by position."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gogame import board as kernels
from gogame.board import BLACK, CAPTURED_BLACK, CAPTURED_WHITE, EMPTY, KO, WHITE, ZOBRIST, new_board
from gogame.coords import from_gtp
from gogame.geometry import PASS, geometry, point_of, row_col
from gogame.text import board_of, diagram_of
from tests.naive import NaiveBoard

JIT = not numba.config.DISABLE_JIT
SIZES = (2, 3, 4, 5, 6, 7, 9) if JIT else (2, 3, 4, 5)


def assert_same(board, naive: NaiveBoard, suicide: bool) -> None:
    """Stones, chains, liberties, prisoners, hash and legality of both colours agree."""
    size = naive.size
    key = np.uint64(0)
    marks = np.zeros(board.color.size, np.uint8)
    for row, col in naive.points():
        point = point_of(row, col, size)
        color = naive.stones.get((row, col), EMPTY)
        assert board.color[point] == color
        if color == EMPTY:
            assert board.head[point] == 0
            continue
        key ^= ZOBRIST[color, point]
        chain, head = naive.chain((row, col)), board.head[point]
        assert board.stones[head] == len(chain)
        assert board.liberties[head] == len(naive.liberties((row, col)))
        assert walk(board, point) == {point_of(r, c, size) for r, c in chain}
    assert board.hash[0] == key
    assert board.state[CAPTURED_BLACK] == naive.captured[BLACK]
    assert board.state[CAPTURED_WHITE] == naive.captured[WHITE]
    for color in (BLACK, WHITE):
        legal = {p for p in naive.points() if naive.is_legal(p, color, suicide)}
        assert kernels.legal_points(board, color, suicide, marks) == len(legal)
        assert {row_col(int(p), size) for p in np.flatnonzero(marks)} == legal


def walk(board, point: int) -> set[int]:
    """The stones of a chain, by its links."""
    stones, stone = set(), point
    while stone not in stones:
        stones.add(stone)
        assert board.head[stone] == board.head[point]
        stone = int(board.next_stone[stone])
    return stones


@given(size=st.sampled_from(SIZES), suicide=st.booleans(), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_random_games_agree_with_the_oracle(size, suicide, seed, data):
    rng = np.random.default_rng(seed)
    board, naive, color = new_board(size), NaiveBoard(size), BLACK
    for _ in range(data.draw(st.integers(1, 3 * size * size if JIT else size * size))):
        legal = [p for p in naive.points() if naive.is_legal(p, color, suicide)]
        if legal and rng.random() < 0.97:
            move = legal[rng.integers(len(legal))]
            point = point_of(*move, size)
            key = kernels.hash_after(board, point, color)
            assert kernels.play(board, point, color) == naive.play(move, color)
            assert board.hash[0] == key
        else:
            kernels.play(board, PASS, color)
            naive.play(None, color)
        if rng.random() < 0.9:
            color = 3 - color
        if rng.random() < 0.3:
            assert_same(board, naive, suicide)
    assert_same(board, naive, suicide)


@pytest.mark.parametrize(("size", "positions"), [(2, 57), (3, 12_675)])
def test_number_of_legal_positions(size, positions, jit):
    """Every legal position is reached by legal moves, and no other (Tromp & Farnebäck, "Combinatorics of Go")."""
    if size > 2 and not jit:
        pytest.skip("too slow with NUMBA_DISABLE_JIT=1")
    start = new_board(size)
    seen, stack = {start.color.tobytes()}, [start]
    hashes = {0}
    while stack:
        board = stack.pop()
        for color in (BLACK, WHITE):
            for point in map(int, geometry(size).points):
                if kernels.is_legal(board, point, color, False):
                    after = kernels.copy_board(board)
                    kernels.play(after, point, color)
                    after.state[KO] = PASS
                    position = after.color.tobytes()
                    if position not in seen:
                        seen.add(position)
                        hashes.add(int(after.hash[0]))
                        stack.append(after)
    assert len(seen) == positions
    assert len(hashes) == positions  # no two positions share a hash


def after_moves(diagram: str, *moves: tuple[int, str]):
    """The board of a diagram after (colour, vertex) moves, and what the last one returned."""
    board = board_of(diagram)
    result = 0
    for color, vertex in moves:
        point = from_gtp(vertex, kernels.board_size(board))
        assert kernels.is_legal(board, point, color, True), vertex
        result = kernels.play(board, point, color)
    return board, result


def shape(diagram: str) -> str:
    return diagram_of(board_of(diagram))


# before, colour, vertex, stones captured (negative: suicide), after
CAPTURES = {
    "one stone": (
        """. X . .
           X O . .
           . X . .
           . . . .""", BLACK, "C3", 1,
        """. X . .
           X . X .
           . X . .
           . . . .""",
    ),
    "in the corner": (
        """O X . .
           . . . .
           . . . .
           . . . .""", BLACK, "A3", 1,
        """. X . .
           X . . .
           . . . .
           . . . .""",
    ),
    "two chains at once": (
        """X O . O X
           . X . X .
           . . X . .
           . . . . .
           . . . . .""", BLACK, "C5", 2,
        """X . X . X
           . X . X .
           . . X . .
           . . . . .
           . . . . .""",
    ),
    "a capture comes before suicide": (
        """. O X .
           O O X .
           X X X .
           . . . .""", BLACK, "A4", 3,
        """X . X .
           . . X .
           X X X .
           . . . .""",
    ),
    "snapback: two stones are taken back": (
        """. X X O .
           X O . X .
           X O O X .
           . X X . .
           . . . . .""", BLACK, "C4", 3,
        """. X X O .
           X . X X .
           X . . X .
           . X X . .
           . . . . .""",
    ),
    "suicide of one stone": (
        """. O .
           O . .
           . . .""", BLACK, "A3", -1,
        """. O .
           O . .
           . . .""",
    ),
    "suicide of three stones": (
        """X . X O
           O X O .
           . O . .
           . . . .""", BLACK, "B4", -4,
        """. . . O
           O . O .
           . O . .
           . . . .""",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CAPTURES)
def test_captures(case):
    before, color, vertex, captured, after = CAPTURES[case]
    board, result = after_moves(before, (color, vertex))
    assert result == captured
    assert diagram_of(board) == shape(after)


def test_suicide_is_legal_only_where_the_rules_allow_it():
    board = board_of(
        """X . X O
           O X O .
           . O . .
           . . . ."""
    )
    point = from_gtp("B4", 4)
    assert not kernels.is_legal(board, point, BLACK, False)
    assert kernels.is_legal(board, point, BLACK, True)
    assert kernels.is_legal(board, point, WHITE, False)  # it captures


KO_SHAPE = """. X O . .
              X O . O .
              . X O . .
              . . . . .
              . . . . ."""


def test_ko_forbids_taking_back_at_once():
    board, captured = after_moves(KO_SHAPE, (BLACK, "C4"))
    back = from_gtp("B4", 5)
    assert captured == 1
    assert board.state[KO] == back
    assert not kernels.is_legal(board, back, WHITE, True)
    assert kernels.is_legal(board, back, BLACK, True)


@pytest.mark.parametrize("elsewhere", ["A1", "pass"])
def test_ko_is_lifted_by_a_move_elsewhere(elsewhere):
    board, _ = after_moves(KO_SHAPE, (BLACK, "C4"), (WHITE, elsewhere))
    assert kernels.is_legal(board, from_gtp("B4", 5), WHITE, True)


def test_taking_two_stones_back_is_no_ko():
    board, captured = after_moves(
        """X . O X .
           O O X . .
           . . . . .
           . . . . .
           . . . . .""",
        (BLACK, "B5"),
    )
    assert (captured, board.state[KO]) == (1, PASS)
    back = from_gtp("C5", 5)
    assert kernels.is_legal(board, back, WHITE, False)
    assert kernels.play(board, back, WHITE) == 2


def test_simple_eyes():
    board = board_of(
        """. X . . .
           X X . O .
           . . O . O
           X . . O .
           . X . . ."""
    )
    eyes = {v for v in ("A5", "D3", "A1", "C5") if kernels.is_simple_eye(board, from_gtp(v, 5), BLACK)}
    assert eyes == {"A5", "A1"}
    assert kernels.is_simple_eye(board, from_gtp("D3", 5), WHITE)


def test_a_copy_is_independent():
    board = board_of(KO_SHAPE)
    copy = kernels.copy_board(board)
    kernels.play(copy, from_gtp("C4", 5), BLACK)
    assert diagram_of(board) == shape(KO_SHAPE)
    kernels.copy_into(board, copy)
    for a, b in zip(board, copy, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("size", [0, 1, 26, -3])
def test_sizes_outside_the_range_are_refused(size):
    with pytest.raises(ValueError, match="between 2 and 25"):
        new_board(size)


@pytest.mark.parametrize("size", [2, 5, 25])
def test_geometry(size):
    g = geometry(size)
    assert [int(g.action[p]) for p in g.points] == list(range(size * size))
    for point in g.points:
        for beside in g.neighbors[point]:
            assert g.action[beside] == -1 or point in g.neighbors[beside] or beside == PASS
    for k in range(8):
        assert np.array_equal(g.symmetry[g.inverse[k]][g.symmetry[k]], np.arange(size * size + 1))
    assert len({g.symmetry[k].tobytes() for k in range(8)}) == 8
