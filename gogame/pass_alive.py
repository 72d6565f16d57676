"""Pass-alive areas (Benson 1976, "Life in the game of Go"): what cannot be captured though its owner always passes.

The board is read as rows of bits, so that whole regions grow at once, and only the regions that could be eyes are
looked at one by one. Bit ``col`` of row ``row`` is the point row * stride + col.
"""

from __future__ import annotations

import numpy as np

from gogame.board import EMPTY, STRIDE, Board
from gogame.kernel import kernel

SETS = 7  # sets of points in the scratch, each of a word for every row of the padded board


def new_pass_alive_scratch(size: int) -> np.ndarray:
    """int64 [SETS * (size + 2) + 6 N]: what one call of :func:`pass_alive` writes into. N = (size + 2)²."""
    return np.zeros(SETS * (size + 2) + 6 * (size + 2) ** 2, np.int64)


@kernel
def pass_alive(board: Board, color: int, out: np.ndarray, scratch: np.ndarray, suicide: bool = False) -> int:
    """Marks the pass-alive area of ``color`` in ``out`` (uint8 [N], overwritten); returns the number of points.

    Marked are (a) the stones of the chains that Benson's algorithm finds unconditionally alive: the greatest set of
    chains of which each has two vital regions among the regions enclosed by the set alone; a region (a connected set
    of points without a stone of ``color``) is vital to a chain if all its empty points are liberties of the chain;
    (b) all points, opponent's stones included, of the regions that touch chains of that set alone and have at most
    one point that is not beside a stone of ``color``: the opponent has no room for two eyes there.

    Where multi-stone suicide is legal, pass ``suicide=True``: then the points under opponent's stones must be beside
    the chain too, since a suicide can empty them. ``scratch`` is from :func:`new_pass_alive_scratch`.
    """
    out[:] = 0
    stride = board.state[STRIDE]
    stones, tested = scratch[:stride], scratch[stride : 2 * stride]
    others, inner = scratch[2 * stride : 3 * stride], scratch[3 * stride : 4 * stride]
    rest, region = scratch[4 * stride : 5 * stride], scratch[5 * stride : 6 * stride]
    _read_rows(board, color, suicide, stones, tested, others)
    _not_beside(stones, others, inner)
    # A region with a tested point that is beside no stone of the colour is vital to no chain.
    for row in range(stride):
        rest[row] = inner[row] & tested[row]
    _flood(rest, others)
    left = 0
    for row in range(stride):
        rest[row] = others[row] & ~rest[row]
        left |= rest[row]
    if left == 0 or not _benson(board, color, rest, tested, region, scratch[SETS * stride :]):
        return 0
    eyes = scratch[SETS * stride :]
    # Regions beside a chain that is not alive are nobody's.
    dead = scratch[6 * stride : 7 * stride]
    marked = 0
    for row in range(1, stride - 1):
        bits = 0
        for point in range((row + 1) * stride - 2, row * stride, -1):
            bits <<= 1
            if board.color[point] == color:
                if eyes[board.head[point]] >= 2:
                    out[point] = 1
                    marked += 1
                else:
                    bits |= 1
        dead[row] = bits << 1
    dead[0] = dead[stride - 1] = 0
    for row in range(1, stride - 1):
        rest[row] = _beside(dead, row) & others[row]
    rest[0] = rest[stride - 1] = 0
    _flood(rest, others)
    for row in range(stride):
        rest[row] = others[row] & ~rest[row]
        dead[row] = inner[row] & rest[row]
    _flood(dead, rest)
    for row in range(stride):  # all regions without an inner point at once
        region[row] = rest[row] & ~dead[row]
    marked += _mark(region, out)
    for row in range(1, stride - 1):
        while dead[row] != 0:
            _take_region(dead, row, region)
            if _at_most_one(region, inner):
                marked += _mark(region, out)
    return marked


@kernel
def _read_rows(
    board: Board, color: int, suicide: bool, stones: np.ndarray, tested: np.ndarray, others: np.ndarray
) -> None:
    """The stones of ``color``, the points that a vital region needs as liberties, and all points but those stones."""
    stride = board.state[STRIDE]
    for row in range(1, stride - 1):
        own, empty = 0, 0
        for point in range((row + 1) * stride - 2, row * stride, -1):
            value = board.color[point]
            own = (own << 1) | np.int64(value == color)
            empty = (empty << 1) | np.int64(value == EMPTY)
        whole = (np.int64(1) << (stride - 2)) - 1
        stones[row] = own << 1
        others[row] = (whole & ~own) << 1
        tested[row] = others[row] if suicide else empty << 1
    for row in (0, stride - 1):
        stones[row] = tested[row] = others[row] = 0


@kernel
def _beside(bits: np.ndarray, row: int) -> int:
    """The points of a row that are beside a set, or in it."""
    here = bits[row]
    return here | (here << 1) | (here >> 1) | bits[row - 1] | bits[row + 1]


@kernel
def _not_beside(stones: np.ndarray, others: np.ndarray, out: np.ndarray) -> None:
    """The points of ``others`` that are beside no stone."""
    out[0] = out[out.size - 1] = 0
    for row in range(1, out.size - 1):
        out[row] = others[row] & ~_beside(stones, row)


@kernel
def _flood(bits: np.ndarray, within: np.ndarray) -> None:
    """Lets a set grow inside ``within``, downwards and upwards in turn, until it has filled all that it touches."""
    last = bits.size - 2
    changed = True
    while changed:
        grown = 0
        for row in range(1, last + 1):
            before = bits[row]
            bits[row] = _beside(bits, row) & within[row]
            grown |= bits[row] ^ before
        if grown == 0:
            return
        grown = 0
        for row in range(last, 0, -1):
            before = bits[row]
            bits[row] = _beside(bits, row) & within[row]
            grown |= bits[row] ^ before
        changed = grown != 0


@kernel
def _take_region(rest: np.ndarray, row: int, region: np.ndarray) -> None:
    """Moves the region of the lowest point of a row from ``rest``, whose rows above are empty, to ``region``."""
    region[:] = 0
    region[row] = rest[row] & -rest[row]
    if _beside(region, row) & rest[row] == region[row] and rest[row + 1] & region[row] == 0:
        rest[row] &= ~region[row]
        return
    _flood(region, rest)
    for r in range(row, rest.size):
        rest[r] &= ~region[r]


@kernel
def _at_most_one(region: np.ndarray, inner: np.ndarray) -> bool:
    """Whether a region has no more than one point of ``inner``."""
    found = 0
    for row in range(region.size):
        bits = region[row] & inner[row]
        if bits != 0:
            found += 1 if bits & (bits - 1) == 0 else 2
    return found < 2


@kernel
def _mark(region: np.ndarray, out: np.ndarray) -> int:
    """Marks the points of a region; returns how many there are."""
    stride, count = region.size, 0
    for row in range(1, stride - 1):
        bits, point = region[row], row * stride
        while bits != 0:
            if bits & 1:
                out[point] = 1
                count += 1
            bits >>= 1
            point += 1
    return count


@kernel
def _benson(
    board: Board, color: int, rest: np.ndarray, tested: np.ndarray, region: np.ndarray, scratch: np.ndarray
) -> bool:
    """Benson's algorithm on the regions of ``rest``, which it uses up; whether a chain is alive.

    The alive chains have two eyes or more in ``scratch[:N]``, by head.
    """
    n = board.color.size
    eyes, stamp, beside = scratch[:n], scratch[n : 2 * n], scratch[2 * n : 3 * n]
    pairs, first = scratch[3 * n : 5 * n], scratch[5 * n : 6 * n]
    eyes[:] = 0
    stamp[:] = 0
    regions, end, candidates = 0, 0, 0
    first[1] = 0
    for row in range(1, rest.size - 1):
        while rest[row] != 0:
            _take_region(rest, row, region)
            regions += 1
            begin = end
            end = _pairs(board, color, regions, region, tested, stamp, beside, pairs, begin)
            first[regions + 1] = end
            for i in range(begin, end):
                eyes[pairs[i] >> 1] += pairs[i] & 1
                candidates += (pairs[i] & 1) != 0 and eyes[pairs[i] >> 1] == 2
    # Takes away each region beside a chain with fewer than two vital regions, until none is left to take.
    while candidates > 0:
        changed = False
        for label in range(1, regions + 1):
            taken = False
            for i in range(first[label], first[label + 1]):
                taken = taken or eyes[pairs[i] >> 1] < 2
            if not taken:
                continue
            for i in range(first[label], first[label + 1]):
                if pairs[i] & 1:
                    changed = True
                    pairs[i] -= 1
                    eyes[pairs[i] >> 1] -= 1
                    candidates -= eyes[pairs[i] >> 1] == 1
        if not changed:
            return True
    return False


@kernel
def _pairs(
    board: Board,
    color: int,
    label: int,
    region: np.ndarray,
    tested: np.ndarray,
    stamp: np.ndarray,
    beside: np.ndarray,
    pairs: np.ndarray,
    end: int,
) -> int:
    """Appends 2 * head + vital for each chain beside a region, from ``end`` on; returns the new end.

    ``stamp``, by head: the last region seen to touch the chain; ``beside``: how many of its tested points do.
    """
    stride, begin, points = region.size, end, 0
    for row in range(1, stride - 1):
        bits, point = region[row], row * stride
        while bits != 0:
            if bits & 1:
                counts = (tested[row] >> (point - row * stride)) & 1
                points += counts
                h0 = _chain_at(board, point - stride, color)
                h1 = _chain_at(board, point - 1, color)
                h2 = _chain_at(board, point + 1, color)
                h3 = _chain_at(board, point + stride, color)
                if h1 == h0:
                    h1 = 0
                if h2 == h0 or h2 == h1:
                    h2 = 0
                if h3 == h0 or h3 == h1 or h3 == h2:
                    h3 = 0
                for k in range(4):
                    head = (h0, h1, h2, h3)[k]
                    if head == 0:
                        continue
                    if stamp[head] != label:
                        stamp[head] = label
                        beside[head] = 0
                        pairs[end] = 2 * head
                        end += 1
                    beside[head] += counts
            bits >>= 1
            point += 1
    for i in range(begin, end):
        if beside[pairs[i] >> 1] == points:
            pairs[i] += 1
    return end


@kernel
def _chain_at(board: Board, point: int, color: int) -> int:
    """The head of the chain of ``color`` at a point, or 0."""
    return np.int64(board.head[point]) if board.color[point] == color else 0
