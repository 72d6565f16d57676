"""What depends on the board size alone: points, neighbours and the eight symmetries.

Points live on a padded ``(size + 2)²`` array, so that every neighbour of a point is an index of the array:

    stride = size + 2          point = (row + 1) * stride + (col + 1)          row 0 is the top, column 0 the left

Networks and policies count *actions* instead: ``action = row * size + col`` and ``size * size`` for the pass.
Point 0 is a corner of the border, which no stone can take: it stands for the pass.

    size 9:  A9 (top left)  = point 12, action 0        J1 (bottom right) = point 108, action 80
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

MIN_SIZE = 2
MAX_SIZE = 25
PASS = 0


class Geometry(NamedTuple):
    """Tables of one board size S, with N = (S + 2)² points and A = S² board actions. Shared: never write to them."""

    size: int
    points: np.ndarray  # int16 [A] action -> point
    action: np.ndarray  # int16 [N] point -> action; -1 on the border, A for the pass (point 0)
    neighbors: np.ndarray  # int16 [N, 4] up, left, right, down; 0 for border points
    symmetry: np.ndarray  # int16 [8, A + 1] action a is carried to symmetry[k, a]; the pass stays
    inverse: np.ndarray  # int8 [8] symmetry[inverse[k]] undoes symmetry[k]


def point_of(row: int, col: int, size: int) -> int:
    """The point at ``row`` (from the top) and ``col`` (from the left)."""
    return (row + 1) * (size + 2) + col + 1


def row_col(point: int, size: int) -> tuple[int, int]:
    """The inverse of :func:`point_of`."""
    row, col = divmod(point, size + 2)
    return row - 1, col - 1


def action_of(point: int, size: int) -> int:
    """The action index of a point or of the pass."""
    if point == PASS:
        return size * size
    row, col = row_col(point, size)
    return row * size + col


def point_of_action(action: int, size: int) -> int:
    """The point of an action index; the pass is ``size * size``."""
    if action == size * size:
        return PASS
    return point_of(*divmod(action, size), size)


@cache
def geometry(size: int) -> Geometry:
    """The tables of one board size. Raises ValueError outside 2..25."""
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"board size {size} is not between {MIN_SIZE} and {MAX_SIZE}")
    stride, area = size + 2, size * size
    rows, cols = np.divmod(np.arange(area), size)
    points = ((rows + 1) * stride + cols + 1).astype(np.int16)
    action = np.full(stride * stride, -1, np.int16)
    action[points] = np.arange(area)
    action[PASS] = area
    neighbors = np.zeros((stride * stride, 4), np.int16)
    neighbors[points] = points[:, None] + np.array([-stride, -1, 1, stride], np.int16)
    symmetry = np.full((8, area + 1), area, np.int16)
    for k in range(8):
        r, c = (rows, cols) if k < 4 else (cols, rows)
        r = size - 1 - r if k & 1 else r
        c = size - 1 - c if k & 2 else c
        symmetry[k, :area] = r * size + c
    inverse = np.zeros(8, np.int8)
    for k in range(8):
        back = np.argsort(symmetry[k])
        inverse[k] = next(j for j in range(8) if np.array_equal(symmetry[j], back))
    for table in (points, action, neighbors, symmetry, inverse):
        table.setflags(write=False)
    return Geometry(size, points, action, neighbors, symmetry, inverse)
