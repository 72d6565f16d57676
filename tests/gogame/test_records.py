"""Real games replay without an illegal move, positional superko included."""

from __future__ import annotations

import lzma

import numpy as np
import pytest
from numba import njit

from gogame.board import BLACK, hash_after, is_legal, new_board, play
from gogame.geometry import PASS
from gogame.sgf_text import main_lines


@njit
def first_illegal(board, moves, hashes):
    """Index of the first illegal move of a game (moves: int16 [T, 2] colour, point), or -1; T hashes of scratch."""
    seen = 0
    for i in range(moves.shape[0]):
        color, point = np.int64(moves[i, 0]), np.int64(moves[i, 1])
        if point == PASS:
            play(board, point, color)
            continue
        if not is_legal(board, point, color, False):
            return i
        key = hash_after(board, point, color)
        for j in range(seen):
            if hashes[j] == key:
                return i
        play(board, point, color)
        if board.hash[0] != key:
            return i
        hashes[seen] = key
        seen += 1
    return -1


@pytest.mark.parametrize(("name", "size", "games"), [("valid-19x19", 19, 5000), ("valid-9x9", 9, 1000)])
def test_records_replay(records, needs_jit, name, size, games):
    path = records / f"{name}.sgf.xz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    count, moves_played = 0, 0
    for line in main_lines(lzma.decompress(path.read_bytes())):
        assert line.size == size
        moves = np.array(line.moves, np.int16).reshape(-1, 2)
        assert first_illegal(new_board(size), moves, np.zeros(len(moves), np.uint64)) == -1, f"game {count + 1}"
        count += 1
        moves_played += len(moves)
    assert count == games
    assert moves_played > 50 * games


def test_an_illegal_move_would_be_noticed(needs_jit):
    moves = np.array([(BLACK, 12), (3 - BLACK, 12)], np.int16)
    assert first_illegal(new_board(9), moves, np.zeros(2, np.uint64)) == 1
