"""The rules kernel: a board as a NamedTuple of arrays, and the jitted functions that play on it.

Chains are circular linked lists with a head point; the head carries the number of stones and the exact number of
liberties. Both are kept up to date move by move (no flood fill): a stone's own liberties are counted from its four
neighbours, a merge counts the smaller chain's liberties that the larger one does not have, and a capture gives its
points back as liberties to the chains beside them.

The board enforces simple ko through ``state[KO]``. It knows no superko, no turns and no passes in a row: those are
history, and history is :class:`gogame.game.Game`'s. No kernel allocates; ``new_board`` and ``copy_board`` do.
See :mod:`gogame.geometry` for the points.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gogame.geometry import MAX_SIZE, PASS, geometry
from gogame.kernel import kernel

EMPTY, BLACK, WHITE, BORDER = 0, 1, 2, 3

# Indices into Board.state.
STRIDE = 0  # size + 2
KO = 1  # the point that simple ko forbids, or 0
KO_COLOR = 2  # the colour that may not play there
CAPTURED_BLACK = 3  # black stones taken off the board so far
CAPTURED_WHITE = 4  # white stones taken off the board so far
TAKEN = 5  # from here on, TAKEN_WORDS words a colour: bits of the points that stones were taken from, see was_taken
TAKEN_WORDS = 4


def _zobrist_keys() -> np.ndarray:
    """uint64 [4, (MAX_SIZE + 2)²]: fixed for all time, so that hashes can be stored."""
    rng = np.random.Generator(np.random.PCG64(20161127))
    keys = rng.integers(1, 2**64 - 1, size=(4, (MAX_SIZE + 2) ** 2), dtype=np.uint64)
    keys[EMPTY] = 0
    keys[BORDER] = 0
    return keys


ZOBRIST = _zobrist_keys()


class Board(NamedTuple):
    """Stones and chains on N = (size + 2)² points. Copying a board is copying these arrays."""

    color: np.ndarray  # int8 [N] EMPTY, BLACK, WHITE or BORDER
    head: np.ndarray  # int16 [N] head point of the chain that a stone belongs to; 0 where there is no stone
    next_stone: np.ndarray  # int16 [N] next stone of the chain, circular
    stones: np.ndarray  # int16 [N] at a head: stones in the chain
    liberties: np.ndarray  # int16 [N] at a head: exact number of liberties
    state: np.ndarray  # int64 [13] STRIDE, KO, KO_COLOR, CAPTURED_BLACK, CAPTURED_WHITE, TAKEN
    hash: np.ndarray  # uint64 [1] positional Zobrist hash; 0 for the empty board


def new_board(size: int) -> Board:
    """An empty board. Raises ValueError for a size outside 2..25."""
    points = geometry(size).points
    n = (size + 2) ** 2
    color = np.full(n, BORDER, np.int8)
    color[points] = EMPTY
    state = np.zeros(TAKEN + 2 * TAKEN_WORDS, np.int64)
    state[STRIDE] = size + 2
    head, next_stone, stones, liberties = (np.zeros(n, np.int16) for _ in range(4))
    return Board(color, head, next_stone, stones, liberties, state, np.zeros(1, np.uint64))


def copy_board(board: Board) -> Board:
    """An independent copy."""
    return Board(*(array.copy() for array in board))


@kernel
def copy_into(dst, src):
    """Makes ``dst`` equal to ``src``; both of one size."""
    for i in range(src.color.size):
        dst.color[i] = src.color[i]
    for i in range(src.head.size):
        dst.head[i] = src.head[i]
        dst.next_stone[i] = src.next_stone[i]
        dst.stones[i] = src.stones[i]
        dst.liberties[i] = src.liberties[i]
    for i in range(src.state.size):
        dst.state[i] = src.state[i]
    dst.hash[0] = src.hash[0]


@kernel
def board_size(board):
    """Points on a side."""
    return board.state[STRIDE] - 2


@kernel
def _touches(board, point, chain, stride):
    """Whether ``point`` is beside a stone of the chain with this head."""
    head = board.head
    return (
        head[point - stride] == chain
        or head[point - 1] == chain
        or head[point + 1] == chain
        or head[point + stride] == chain
    )


@kernel
def _merge(board, a, b, stride):
    """Joins two chains of one colour, given by their heads; returns the head of the joined chain."""
    if board.stones[a] < board.stones[b]:
        a, b = b, a
    added = 0
    color, head, next_stone = board.color, board.head, board.next_stone
    # Count the liberties of b that a lacks. A counted point is marked BORDER so that it counts once.
    stone = b
    while True:
        for k in range(4):
            point = stone + (-stride, -1, 1, stride)[k]
            if color[point] == EMPTY and not _touches(board, point, a, stride):
                color[point] = BORDER
                added += 1
        stone = next_stone[stone]
        if stone == b:
            break
    if added > 0:
        while True:
            for k in range(4):
                point = stone + (-stride, -1, 1, stride)[k]
                if color[point] == BORDER and _is_inside(point, stride):
                    color[point] = EMPTY
            stone = next_stone[stone]
            if stone == b:
                break
    while True:
        head[stone] = a
        stone = next_stone[stone]
        if stone == b:
            break
    next_stone[a], next_stone[b] = next_stone[b], next_stone[a]
    board.stones[a] += board.stones[b]
    board.liberties[a] += added
    return a


@kernel
def _is_inside(point, stride):
    """Whether a point of the padded array is on the board."""
    col = point % stride
    return stride <= point < stride * (stride - 1) and 0 < col < stride - 1


@kernel
def _remove_chain(board, chain, stride):
    """Takes a chain off the board and gives its points to the chains beside it; returns the number of stones."""
    color, head, next_stone, liberties = board.color, board.head, board.next_stone, board.liberties
    owner = color[chain]
    key = board.hash[0]
    stone = chain
    while True:
        board.state[_taken_word(stone, owner)] |= np.int64(1) << (stone & 63)
        color[stone] = EMPTY
        head[stone] = 0
        key ^= ZOBRIST[owner, stone]
        stone = next_stone[stone]
        if stone == chain:
            break
    board.hash[0] = key
    while True:
        up, left = head[stone - stride], head[stone - 1]
        right, down = head[stone + 1], head[stone + stride]
        if up != 0:
            liberties[up] += 1
        if left != 0 and left != up:
            liberties[left] += 1
        if right != 0 and right != up and right != left:
            liberties[right] += 1
        if down != 0 and down != up and down != left and down != right:
            liberties[down] += 1
        stone = next_stone[stone]
        if stone == chain:
            break
    board.state[CAPTURED_BLACK if owner == BLACK else CAPTURED_WHITE] += board.stones[chain]
    return np.int64(board.stones[chain])


@kernel
def _taken_word(point, color):
    """Where in ``state`` the bit of a point lies; points 256 apart share one, on boards from 15x15 on."""
    return TAKEN + TAKEN_WORDS * (color - 1) + ((point >> 6) & (TAKEN_WORDS - 1))


@kernel
def was_taken(board, point, color):
    """False only if no stone of ``color`` was ever taken off this point, or off one that shares its bit."""
    return (board.state[_taken_word(point, color)] >> (point & 63)) & 1 != 0


@kernel
def _place(board, point, color, stride):
    """Puts a stone down as a chain of its own and takes the point from the liberties of its neighbours."""
    free = 0
    board.color[point] = color
    board.hash[0] ^= ZOBRIST[color, point]
    h0, h1 = board.head[point - stride], board.head[point - 1]
    h2, h3 = board.head[point + 1], board.head[point + stride]
    liberties = board.liberties
    if h0 != 0:
        liberties[h0] -= 1
    elif board.color[point - stride] == EMPTY:
        free += 1
    if h1 != 0:
        if h1 != h0:
            liberties[h1] -= 1
    elif board.color[point - 1] == EMPTY:
        free += 1
    if h2 != 0:
        if h2 != h0 and h2 != h1:
            liberties[h2] -= 1
    elif board.color[point + 1] == EMPTY:
        free += 1
    if h3 != 0:
        if h3 != h0 and h3 != h1 and h3 != h2:
            liberties[h3] -= 1
    elif board.color[point + stride] == EMPTY:
        free += 1
    board.head[point] = point
    board.next_stone[point] = point
    board.stones[point] = 1
    liberties[point] = free


@kernel
def play(board, point, color):
    """Plays a stone, or passes with point 0, and returns the number of opponent's stones captured.

    A suicide returns minus the number of own stones taken off. The point must be empty; nothing else is checked
    (see :func:`is_legal`), no turn is kept, and a pass only lifts the ko.
    """
    state = board.state
    state[KO] = PASS
    if point == PASS:
        return 0
    stride = state[STRIDE]
    _place(board, point, color, stride)
    captured = 0
    taken = 0
    for k in range(4):
        beside = point + (-stride, -1, 1, stride)[k]
        chain = board.head[beside]
        if chain != 0 and board.color[beside] == 3 - color and board.liberties[chain] == 0:
            captured += _remove_chain(board, np.int64(chain), stride)
            taken = beside
    own = np.int64(point)
    for k in range(4):
        beside = point + (-stride, -1, 1, stride)[k]
        if board.color[beside] == color and board.head[beside] != own:
            own = np.int64(_merge(board, own, np.int64(board.head[beside]), stride))
    if board.liberties[own] == 0:
        return -_remove_chain(board, np.int64(own), stride)
    if captured == 1 and board.stones[own] == 1 and board.liberties[own] == 1:
        state[KO] = taken
        state[KO_COLOR] = 3 - color
    return captured


@kernel
def is_legal(board, point, color, suicide):
    """Whether the move is legal but for superko: the point empty, no simple ko, no suicide unless ``suicide``."""
    if point == PASS:
        return True
    if board.color[point] != EMPTY:
        return False
    if point == board.state[KO] and color == board.state[KO_COLOR]:
        return False
    stride = board.state[STRIDE]
    for k in range(4):
        beside = point + (-stride, -1, 1, stride)[k]
        other = board.color[beside]
        if other == EMPTY:
            return True
        if other == BORDER:
            continue
        last_liberty = board.liberties[board.head[beside]] == 1
        if (other == color) != last_liberty:
            return True
    return suicide


@kernel
def legal_points(board, color, suicide, out):
    """Fills ``out`` (uint8 [N]) with 1 at each legal point, as :func:`is_legal`; returns how many there are."""
    stride = board.state[STRIDE]
    count = 0
    out[:] = 0
    for row in range(1, stride - 1):
        for point in range(row * stride + 1, (row + 1) * stride - 1):
            if board.color[point] == EMPTY and is_legal(board, point, color, suicide):
                out[point] = 1
                count += 1
    return count


@kernel
def hash_after(board, point, color):
    """The positional hash after a legal move, without playing it (what superko compares)."""
    key = board.hash[0]
    if point == PASS:
        return key
    stride = board.state[STRIDE]
    key ^= ZOBRIST[color, point]
    alive = False
    for k in range(4):
        beside = point + (-stride, -1, 1, stride)[k]
        other = board.color[beside]
        if other == EMPTY:
            alive = True
        elif other != BORDER and (other == color) == (board.liberties[board.head[beside]] > 1):
            alive = True
            if other != color:
                key ^= _chain_hash(board, beside, k, point, stride)
    if not alive:  # suicide: the stone and the chains it joins leave the board
        key ^= ZOBRIST[color, point]
        for k in range(4):
            beside = point + (-stride, -1, 1, stride)[k]
            if board.color[beside] == color:
                key ^= _chain_hash(board, beside, k, point, stride)
    return key


@kernel
def _chain_hash(board, beside, k, point, stride):
    """Hash of the chain at ``beside``, the k-th neighbour of ``point``; 0 if an earlier neighbour is of that chain."""
    chain = board.head[beside]
    key = np.uint64(0)
    for j in range(k):
        if board.head[point + (-stride, -1, 1, stride)[j]] == chain:
            return key
    owner = board.color[chain]
    stone = chain
    while True:
        key ^= ZOBRIST[owner, stone]
        stone = board.next_stone[stone]
        if stone == chain:
            return key


@kernel
def is_simple_eye(board, point, color):
    """Whether an empty point is an eye that a random player should not fill: own stones on all sides, and at most
    one diagonal (none at the edge) in the opponent's hands. A heuristic for random games, not a proof of life."""
    stride = board.state[STRIDE]
    for k in range(4):
        other = board.color[point + (-stride, -1, 1, stride)[k]]
        if other != color and other != BORDER:
            return False
    bad, edge = 0, 0
    for k in range(4):
        other = board.color[point + (-stride - 1, -stride + 1, stride - 1, stride + 1)[k]]
        if other == 3 - color:
            bad += 1
        elif other == BORDER:
            edge = 1
    return bad + edge < 2
