"""Superko for a search: positions seen, in a hash table of the game and of the path, and what they forbid."""

from __future__ import annotations

import numpy as np

from gogame.board import (
    CAPTURED_BLACK,
    CAPTURED_WHITE,
    KO,
    KO_COLOR,
    STRIDE,
    WHITE,
    hash_after,
    legal_points,
    was_taken,
)
from gogame.geometry import PASS
from gogame.kernel import kernel

MIX = np.uint64(0xFF51AFD7ED558CCD)
TURN_KEY = np.uint64(0x9E3779B97F4A7C15)  # told apart positions with White to move (situational superko, cache)


@kernel
def superko_key(key, to_move, superko):
    """What must not repeat: the stones (positional), or the stones and the side to move (situational)."""
    if superko == 2 and to_move == WHITE:
        key ^= TURN_KEY
    if key == np.uint64(0):
        key = MIX
    return key


@kernel
def was_seen(seen, key):
    """Whether the set holds the key."""
    mask = seen.size - 1
    slot = np.int64(key & np.uint64(mask))
    while seen[slot] != np.uint64(0):
        if seen[slot] == key:
            return True
        slot = (slot + 1) & mask
    return False


@kernel
def note_seen(seen, key):
    """Puts a key into the set; returns its slot, or -1 if it was there. Take out in the reverse order only."""
    mask = seen.size - 1
    slot = np.int64(key & np.uint64(mask))
    while seen[slot] != np.uint64(0):
        if seen[slot] == key:
            return -1
        slot = (slot + 1) & mask
    seen[slot] = key
    return slot


@kernel
def can_repeat(board, rules):
    """Whether superko can bar a move: nothing comes back before stones were taken off, suicide's own included."""
    state = board.state
    return rules.superko != 0 and (rules.suicide != 0 or state[CAPTURED_BLACK] + state[CAPTURED_WHITE] > 0)


@kernel
def may_repeat(board, point, color, rules):
    """Whether a legal move can bring an earlier position back at all.

    It can where it captures; else only where a stone of its colour was taken off its point, since that position had
    one there. Where suicide is legal the question is not asked.
    """
    if rules.suicide != 0 or was_taken(board, point, color):
        return True
    stride = board.state[STRIDE]
    for k in range(4):
        beside = point + (-stride, -1, 1, stride)[k]
        if board.color[beside] == 3 - color and board.liberties[board.head[beside]] == 1:
            return True
    return False


@kernel
def fill_legal(board, color, rules, legal, forbidden):
    """Legal points but for superko into ``legal``, the point that simple ko bars into ``forbidden``.

    Returns how many moves superko could bar: those of them have a 2 in ``legal``, for :func:`bar_repeats`.
    """
    legal_points(board, color, rules.suicide != 0, legal)
    forbidden[:] = 0
    state = board.state
    if state[KO] != PASS and state[KO_COLOR] == color:
        forbidden[state[KO]] = 1
    if not can_repeat(board, rules):
        return 0
    doubtful = 0
    for point in range(legal.size):
        if legal[point] and may_repeat(board, point, color, rules):
            legal[point] = 2
            doubtful += 1
    return doubtful


@kernel
def bar_repeats(board, color, seen, rules, legal, forbidden):
    """Moves the doubtful points of ``legal`` that bring a seen position back to ``forbidden``."""
    for point in range(legal.size):
        if legal[point] == 2:
            legal[point] = 1
            if was_seen(seen, superko_key(hash_after(board, point, color), 3 - color, rules.superko)):
                legal[point] = 0
                forbidden[point] = 1
