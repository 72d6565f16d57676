"""Random games as fast as the rules kernel allows: for the figures of moves a second, and for dead stones."""

from __future__ import annotations

import numpy as np

from gogame.board import BLACK, Board, copy_into, is_legal, is_simple_eye, play
from gogame.kernel import kernel

FIRST_SEED = 88172645463325252  # xorshift64 wants any number but 0


@kernel
def _next(seed: np.ndarray) -> int:
    """xorshift64: a random number from ``seed`` (uint64 [1])."""
    x = seed[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    seed[0] = x
    return np.int64(x >> np.uint64(33))


@kernel
def random_game(board: Board, empty: np.ndarray, color: int, limit: int, seed: np.ndarray, moves: np.ndarray) -> int:
    """Plays a random game on from a position, ``color`` first, at most ``limit`` moves; returns the number of moves.

    empty: int16 [A], all points in any order; a move that was played is taken from its unplayed end. moves: int16 [L]
    the points played, by colours in turn.
    """
    for number in range(limit):
        left = empty.size
        found = 0
        while left > 0:
            k = (_next(seed) * left) >> 31
            point = np.int64(empty[k])
            if (
                board.color[point] == 0
                and not is_simple_eye(board, point, color)
                and is_legal(board, point, color, False)
            ):
                found = point
                break
            left -= 1
            empty[k], empty[left] = empty[left], empty[k]
        if found == 0:
            return number
        play(board, found, color)
        moves[number] = found
        color = 3 - color
    return limit


@kernel
def random_moves(
    board: Board, start: Board, empty: np.ndarray, wanted: int, seed: np.ndarray, moves: np.ndarray
) -> int:
    """Plays random games of at most L moves until ``wanted`` moves are played; returns how many were.

    ``moves`` int16 [L] holds those of the last game afterwards; the others as in :func:`random_game`.
    """
    played = 0
    while played < wanted:
        copy_into(board, start)
        played += random_game(board, empty, np.int64(BLACK), moves.size, seed, moves)
    return played
