"""Dead stones by playouts: found where the count says so, and never believed where it does not."""

from __future__ import annotations

import numpy as np
import pytest

from gogame.board import BLACK, WHITE, new_board, play
from gogame.coords import from_gtp
from gogame.dead import count_without_dead, new_playouts, owners_of_score, playout_owners

pytestmark = pytest.mark.usefixtures("needs_jit")
SIZE = 9


def position(black: str, white: str):
    board = new_board(SIZE)
    for color, text in ((BLACK, black), (WHITE, white)):
        for name in text.split():
            play(board, from_gtp(name, SIZE), color)
    return board


def walls(*columns: str) -> str:
    return " ".join(f"{column}{n}" for column in columns for n in range(1, 10))


WALLS = (walls("B", "D"), walls("E", "G"))  # 36 points and 45
DEAD = ("F5 J5", "C5 A5")  # in the other's area, without room to live


def test_stones_that_cannot_live_are_taken_off() -> None:
    board = position(f"{WALLS[0]} {DEAD[0]}", f"{WALLS[1]} {DEAD[1]}")
    owners = owners_of_score(board, 36 - 45, 0.0, new_playouts(SIZE))
    assert owners is not None
    for column in range(9):
        for row in range(9):
            wanted = BLACK if column < 4 else WHITE
            assert owners[from_gtp(f"{'ABCDEFGHJ'[column]}{row + 1}", SIZE)] == wanted


@pytest.mark.parametrize("lead", [-7, -11, 0, 36, -45])
def test_another_score_is_not_believed(lead: int) -> None:
    board = position(f"{WALLS[0]} {DEAD[0]}", f"{WALLS[1]} {DEAD[1]}")
    assert owners_of_score(board, lead, 1.0, new_playouts(SIZE)) is None


def test_a_point_beside_the_area_is_territory() -> None:
    board = position(*WALLS)
    work = new_playouts(SIZE)
    assert owners_of_score(board, -8, 1.0, work) is not None
    assert owners_of_score(board, -8, 0.0, work) is None


def test_playouts_leave_the_position_as_it_is_and_agree_with_themselves() -> None:
    board = position(f"{WALLS[0]} {DEAD[0]}", WALLS[1])
    before = [part.copy() for part in board]
    first, second = new_playouts(SIZE), new_playouts(SIZE)
    for work in (first, second):
        playout_owners(board, 32, work)
        assert count_without_dead(board, 0.0, 32, work) == 36 - 45
    assert all(np.array_equal(a, b) for a, b in zip(before, board, strict=True))
    assert np.array_equal(first.kept, second.kept) and np.abs(first.kept).max() > 16
