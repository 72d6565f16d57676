"""Every coordinate system in one table.

    the corners of a 9x9 board   row, col   point   action   GTP   SGF
    top left                     0, 0        12        0     A9    aa
    top right                    0, 8        20        8     J9    ia
    bottom left                  8, 0       100       72     A1    ai
    bottom right                 8, 8       108       80     J1    ii
    the pass                                  0       81     pass  "" (also tt on boards up to 19x19)

GTP letters skip I, and its rows count from the bottom; SGF counts both from the top left. Points and actions are
explained in :mod:`gogame.geometry`.
"""

from __future__ import annotations

import re

from gogame.geometry import PASS, action_of, geometry, point_of, point_of_action, row_col

__all__ = [
    "PASS",
    "action_of",
    "columns",
    "fixed_handicap_points",
    "from_gtp",
    "from_sgf",
    "point_of",
    "point_of_action",
    "row_col",
    "star_points",
    "to_gtp",
    "to_sgf",
]

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"

_VERTEX = re.compile(r"([A-Za-z])([0-9]{1,3})\Z")


def columns(size: int) -> str:
    """The column letters of a board, left to right."""
    return LETTERS[:size]


def to_gtp(point: int, size: int) -> str:
    """The GTP vertex, as ``Q16``, or ``pass``."""
    if point == PASS:
        return "pass"
    row, col = row_col(point, size)
    return f"{LETTERS[col]}{size - row}"


def from_gtp(text: str, size: int) -> int:
    """The point of a GTP vertex, in either case. ValueError if it is none, or not on the board."""
    text = text.strip()
    if text.lower() == "pass":
        return PASS
    match = _VERTEX.match(text)
    col = LETTERS.find(match[1].upper()) if match else -1
    if match is None or col < 0:
        raise ValueError(f"{_shown(text)} is not a vertex")
    row = size - int(match[2])
    if col >= size or not 0 <= row < size:
        raise ValueError(f"{text} is not on the {size}x{size} board")
    return point_of(row, col, size)


def to_sgf(point: int, size: int) -> str:
    """The SGF point, as ``pd``; the pass is empty."""
    if point == PASS:
        return ""
    row, col = row_col(point, size)
    return chr(ord("a") + col) + chr(ord("a") + row)


def from_sgf(text: str, size: int) -> int:
    """The point of an SGF point; empty is the pass, and so is ``tt`` on boards up to 19x19. ValueError otherwise."""
    if text == "" or (text == "tt" and size <= 19):
        return PASS
    col, row = (ord(c) - ord("a") for c in text) if len(text) == 2 else (-1, -1)
    if not (0 <= row < size and 0 <= col < size):
        raise ValueError(f"{_shown(text)} is not a point of the {size}x{size} board")
    return point_of(row, col, size)


def star_points(size: int) -> list[int]:
    """The star points drawn on a board, sorted: corners, sides and the middle, as far as the size has them."""
    if size < 5:
        return []
    edge = 2 if size < 12 else 3
    middle = size // 2
    lines = {edge, size - 1 - edge}
    crossings = {(r, c) for r in lines for c in lines} if size > 6 else set()
    if size % 2:
        crossings.add((middle, middle))
        if size >= 13:
            crossings |= {(r, middle) for r in lines} | {(middle, c) for c in lines}
    return sorted(point_of(r, c, size) for r, c in crossings)


def fixed_handicap_points(size: int, stones: int) -> list[int]:
    """Where GTP's fixed_handicap puts 2 to 9 stones, in its order. ValueError where the size has no such handicap.

    Even sizes and 7x7 have at most four stones, smaller boards none (GTP 2, section 4.1.1).
    """
    most = 0 if size < 7 else 4 if size % 2 == 0 or size == 7 else 9
    if not 2 <= stones <= most:
        allowed = f"2 to {most}" if most else "no handicap stones"
        raise ValueError(f"a handicap of {stones} stones is not possible on {size}x{size}: {allowed}")
    near, middle, far = (3 if size > 12 else 2), size // 2, size - 1 - (3 if size > 12 else 2)
    # Rows count from the top: the first stones are bottom left and top right.
    order = [(far, near), (near, far), (near, near), (far, far)]
    if stones >= 6:
        order += [(middle, near), (middle, far)]
    if stones >= 8:
        order += [(near, middle), (far, middle)]
    if stones in (5, 7, 9):
        order.append((middle, middle))
    return [point_of(r, c, size) for r, c in order[:stones]]


def all_points(size: int) -> list[int]:
    """All points of the board, row by row from the top left."""
    return [int(p) for p in geometry(size).points]


def _shown(text: str) -> str:
    """A piece of foreign text, short and printable, for an error message."""
    return repr(text if len(text) <= 20 else text[:20] + "...")
