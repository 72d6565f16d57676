"""The ladder reader: which chains with one or two liberties are caught in a ladder, and which moves start one.

What is read. The attacker plays only on the two liberties of the chain, so that it is left with one; the owner then
extends on that liberty or captures an attacking chain beside his own that is in atari. Three liberties are an escape;
one liberty with the owner's move spent is a capture. All of the attacker's and owner's choices among these are tried,
depth first. Simple ko is obeyed, and an attacker who would have to retake a ko does not capture; superko is not
looked at. Nets, loose ladders and ataris on attacking chains with two liberties are not read. A reading of more than
``NODE_LIMIT`` moves, or with more than ``SAVED`` open choices, is given up and counts as an escape.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gogame.board import (
    EMPTY,
    KO,
    KO_COLOR,
    STRIDE,
    Board,
    copy_into,
    is_legal,
    new_board,
    play,
)
from gogame.kernel import kernel

NODE_LIMIT = 400  # moves tried in one reading; a ladder across a 19x19 board takes about 150
SAVED = 48  # positions with an untried choice at a time
# As numbers of numba's plain types: a literal would have every kernel that it is passed to compiled once more.
NO, ONE, TWO = np.bool_(False), np.int64(1), np.int64(2)
MAX_CAPTURES = 8  # the owner's captures looked at in one position

# Indices into LadderScratch.counters.
ENTRIES = 0  # untried choices on the stack
SLOTS = 1  # saved positions in use
NODES = 2  # moves tried


class LadderScratch(NamedTuple):
    """What one reading writes into, N = (size + 2)². One per thread."""

    work: Board  # the position being read
    saved: np.ndarray  # int16 [SAVED, 5 N + 2] positions to come back to: Board's arrays one after another, and the ko
    slot: np.ndarray  # int16 [E] which saved position an untried choice belongs to
    point: np.ndarray  # int16 [E] the untried move
    attacks: np.ndarray  # uint8 [E] 1 if it is the attacker's
    points: np.ndarray  # int16 [2 + MAX_CAPTURES] liberties, or the owner's moves
    counters: np.ndarray  # int64 [3] ENTRIES, SLOTS, NODES


def new_ladder_scratch(size: int) -> LadderScratch:
    """Scratch for boards of this size."""
    entries = SAVED * (MAX_CAPTURES + 1)
    return LadderScratch(
        new_board(size),
        np.zeros((SAVED, 5 * (size + 2) ** 2 + 2), np.int16),
        np.zeros(entries, np.int16),
        np.zeros(entries, np.int16),
        np.zeros(entries, np.uint8),
        np.zeros(2 + MAX_CAPTURES, np.int16),
        np.zeros(3, np.int64),
    )


@kernel
def ladder_planes(
    board: Board, to_move: int, scratch: LadderScratch, stones_out: np.ndarray, moves_out: np.ndarray
) -> None:
    """Marks what ladders decide; both outputs are uint8 [N] and are overwritten.

    ``stones_out``: the stones, of either colour, of each chain with two liberties that a ladder captures when the
    attacker moves first, and of each chain with one liberty that is captured though its owner moves first.
    ``moves_out``: the points where ``to_move`` starts a ladder that captures an opponent's chain with two liberties.
    """
    stones_out[:] = 0
    moves_out[:] = 0
    work = scratch.work
    stride = board.state[STRIDE]
    for row in range(1, stride - 1):
        for point in range(row * stride + 1, (row + 1) * stride - 1):
            if board.head[point] != point or board.liberties[point] > 2:
                continue
            theirs = board.color[point] != to_move
            works = _caught(board, point, work, scratch, theirs)
            if works == 0:
                continue
            stone = point
            while True:
                stones_out[stone] = 1
                stone = np.int64(board.next_stone[stone])
                if stone == point:
                    break
            if theirs and board.liberties[point] == 2:
                _liberties(board, point, TWO, scratch.points)
                for k in range(2):
                    if works & (1 << k):
                        moves_out[scratch.points[k]] = 1


@kernel
def ladder_captures(board: Board, point: int, scratch: LadderScratch) -> bool:
    """Whether the chain at ``point`` is caught: with two liberties if the attacker moves, with one if its owner does.

    Chains with more liberties are not caught. The board is left as it is.
    """
    chain = np.int64(board.head[point])
    return chain != 0 and board.liberties[chain] <= 2 and _caught(board, chain, scratch.work, scratch, False) != 0


@kernel
def _caught(board: Board, chain: int, work: Board, scratch: LadderScratch, every: bool) -> int:
    """0 if the chain is not caught. With two liberties: bits 1 and 2 for the liberties (in the order of
    :func:`_liberties`) on which the attacker starts a working ladder, only one of them unless ``every``."""
    if board.liberties[chain] == 1:
        copy_into(work, board)
        return 1 if _read(work, scratch, chain, NO) else 0
    attacker = 3 - board.color[chain]
    _liberties(board, chain, TWO, scratch.points)
    first, second = np.int64(scratch.points[0]), np.int64(scratch.points[1])
    works = 0
    for k in range(2):
        move, other = (first, second) if k == 0 else (second, first)
        if _escapes(board, chain, other, move) or not is_legal(board, move, attacker, NO):
            continue
        copy_into(work, board)
        play(work, move, attacker)
        if _read(work, scratch, chain, NO):
            works |= 1 << k
            if not every:
                break
    return works


@kernel
def _liberties(board: Board, start: int, count: int, out: np.ndarray) -> None:
    """Writes ``count`` (1 or 2) different liberties of the chain of ``start`` into ``out``."""
    stride = board.state[STRIDE]
    found = 0
    stone = start
    while True:
        for k in range(4):
            point = stone + (-stride, -1, 1, stride)[k]
            if board.color[point] == EMPTY and (found == 0 or out[0] != point):
                out[found] = point
                found += 1
                if found == count:
                    return
        stone = np.int64(board.next_stone[stone])
        if stone == start:
            return


@kernel
def _escapes(board: Board, chain: int, extension: int, attack: int) -> bool:
    """Whether, after the attacker's move, the owner's extension surely has three liberties (a bound, not a reading).

    The points beside the extension count, or the liberties of one chain that it joins.
    """
    stride = board.state[STRIDE]
    free = 0
    for k in range(4):
        point = extension + (-stride, -1, 1, stride)[k]
        if board.color[point] == EMPTY:
            free += point != attack
        elif board.color[point] == board.color[chain] and board.head[point] != board.head[chain]:
            if board.liberties[board.head[point]] >= 5:
                return True
    return free >= 3


@kernel
def _owner_moves(board: Board, target: int, start: int, out: np.ndarray) -> int:
    """The owner's moves for a chain in atari: captures of chains beside it, then the extension. Returns how many."""
    stride = board.state[STRIDE]
    owner = np.int64(board.color[target])
    _liberties(board, start, ONE, out)
    extension = np.int64(out[0])
    count = 0
    stone = start
    while True:
        for k in range(4):
            point = stone + (-stride, -1, 1, stride)[k]
            other = board.color[point]
            if other == 3 - owner and board.liberties[board.head[point]] == 1 and count < MAX_CAPTURES:
                _liberties(board, point, ONE, out[count:])
                capture = np.int64(out[count])
                fresh = capture != extension
                for i in range(count):
                    fresh = fresh and out[i] != capture
                if fresh and is_legal(board, capture, owner, NO):
                    count += 1
        stone = np.int64(board.next_stone[stone])
        if stone == start:
            break
    out[count] = extension
    if is_legal(board, extension, owner, NO):
        count += 1
    return count


@kernel
def _attacker_moves(board: Board, start: int, out: np.ndarray) -> int:
    """The attacker's moves against a chain with two liberties that may work, the better looking last."""
    attacker = 3 - board.color[start]
    _liberties(board, start, TWO, out)
    first, second = np.int64(out[0]), np.int64(out[1])
    good_first = not _escapes(board, start, second, first) and is_legal(board, first, attacker, NO)
    good_second = not _escapes(board, start, first, second) and is_legal(board, second, attacker, NO)
    if good_first and good_second:
        # The owner is better kept from the side with more room.
        if _room(board, first) > _room(board, second):
            out[0], out[1] = second, first
        return 2
    out[0] = first if good_first else second
    return 1 if good_first or good_second else 0


@kernel
def _room(board: Board, point: int) -> int:
    """Empty points beside a point."""
    stride = board.state[STRIDE]
    room = 0
    for k in range(4):
        room += board.color[point + (-stride, -1, 1, stride)[k]] == EMPTY
    return room


@kernel
def _can_capture(board: Board, target: int, out: np.ndarray) -> bool:
    """Whether the attacker may take the chain of ``target``, which has one liberty."""
    _liberties(board, target, ONE, out)
    return is_legal(board, np.int64(out[0]), np.int64(3 - board.color[target]), NO)


@kernel
def _read(work: Board, scratch: LadderScratch, target: int, attack: bool) -> bool:
    """Whether the chain of ``target`` on ``work`` is captured; ``attack`` says that the attacker moves.

    An and-or search with an explicit stack of untried choices. A line that ends in a capture leaves the owner's
    untried choices open, and one that ends in an escape the attacker's; when none is left, the end is the result.
    """
    counters, points = scratch.counters, scratch.points
    owner = np.int64(work.color[target])
    counters[:] = 0
    start = target  # where the walk along the chain begins: the liberties are near the last stone
    while True:
        count = _attacker_moves(work, start, points) if attack else 0
        if not attack:
            count = _owner_moves(work, target, start, points)
        move = _choose(work, scratch, count, attack)
        captured = not attack  # the line's end if the side to move has no move
        while True:
            if counters[NODES] > NODE_LIMIT or move < 0:
                return False
            if move > 0:
                play(work, move, 3 - owner if attack else owner)
                if attack:
                    attack = False
                    break
                left = work.liberties[work.head[target]]
                if left == 2:
                    attack = True
                    if work.head[move] == work.head[target]:
                        start = move
                    break
                captured = left == 1 and _can_capture(work, target, points)
            move = _back_up(work, scratch, captured)
            if move == 0:
                return captured
            attack = not captured
            start = target


@kernel
def _choose(work: Board, scratch: LadderScratch, count: int, attack: bool) -> int:
    """The last of ``count`` moves, the others put on the stack; 0 without a move, -1 if the stack is full."""
    counters = scratch.counters
    if count == 0:
        return 0
    if count > 1:
        slot = counters[SLOTS]
        if slot == SAVED:
            return -1
        _save(work, scratch.saved, slot)
        for i in range(count - 1):
            entry = counters[ENTRIES]
            scratch.slot[entry] = slot
            scratch.point[entry] = scratch.points[i]
            scratch.attacks[entry] = attack
            counters[ENTRIES] += 1
        counters[SLOTS] += 1
    counters[NODES] += 1
    return np.int64(scratch.points[count - 1])


@kernel
def _back_up(work: Board, scratch: LadderScratch, captured: bool) -> int:
    """Goes back to the latest untried choice of the side that a line went against, and returns it; 0 if none is."""
    counters = scratch.counters
    entry = counters[ENTRIES] - 1
    while entry >= 0 and (scratch.attacks[entry] == 1) == captured:
        entry -= 1
    counters[ENTRIES] = max(entry, 0)
    if entry < 0:
        return 0
    slot = np.int64(scratch.slot[entry])
    shared = entry > 0 and scratch.slot[entry - 1] == slot
    counters[SLOTS] = slot + 1 if shared else slot
    counters[NODES] += 1
    _restore(work, scratch.saved, slot)
    return np.int64(scratch.point[entry])


@kernel
def _save(board: Board, saved: np.ndarray, slot: int) -> None:
    """Keeps what reading changes of a board: stones, chains and the ko."""
    n = board.color.size
    for i in range(n):
        saved[slot, i] = board.color[i]
        saved[slot, n + i] = board.head[i]
        saved[slot, 2 * n + i] = board.next_stone[i]
        saved[slot, 3 * n + i] = board.stones[i]
        saved[slot, 4 * n + i] = board.liberties[i]
    saved[slot, 5 * n] = board.state[KO]
    saved[slot, 5 * n + 1] = board.state[KO_COLOR]


@kernel
def _restore(board: Board, saved: np.ndarray, slot: int) -> None:
    """The inverse of :func:`_save`."""
    n = board.color.size
    for i in range(n):
        board.color[i] = saved[slot, i]
        board.head[i] = saved[slot, n + i]
        board.next_stone[i] = saved[slot, 2 * n + i]
        board.stones[i] = saved[slot, 3 * n + i]
        board.liberties[i] = saved[slot, 4 * n + i]
    board.state[KO] = saved[slot, 5 * n]
    board.state[KO_COLOR] = saved[slot, 5 * n + 1]
