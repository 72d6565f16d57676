"""The markup of a position: marks and letters that a file puts on points. No pygame here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gogame.board import BLACK, WHITE
from gogame.coords import from_sgf
from gogame.geometry import PASS, point_of, row_col
from gui.kept import text_of, values_of
from gui.record import Node

MOST = 16 * 1024  # bytes of a property that are looked at
POINTS = 1000  # of a property that are looked at: rectangles may overlap
LONGEST = 12  # characters of a label
SHAPES = {"MA": "cross", "TR": "triangle", "SQ": "square", "CR": "circle", "M": "cross"}  # M: before FF[4], as L
SIDES = {"TB": BLACK, "TW": WHITE}


@dataclass(frozen=True)
class Markup:
    """What is marked, by point. A point with a label has no shape."""

    labels: Mapping[int, str] = field(default_factory=dict)
    shapes: Mapping[int, str] = field(default_factory=dict)  # "cross", "triangle", "square" or "circle"
    territory: Mapping[int, int] = field(default_factory=dict)  # colour it counts for


NONE = Markup()


def markup_of(node: Node, size: int) -> Markup:
    """The markup of a position; what is malformed counts for nothing."""
    if not node.kept:
        return NONE
    labels = dict(zip(_points(node, "L", size), "abcdefghijklmnopqrstuvwxyz", strict=False))
    for value in values_of(node, "LB", MOST):
        place, _, written = value.partition(b":")
        label = " ".join(text_of(written).split())[:LONGEST]
        point = _point(place, size)
        if point != PASS and label:
            labels[point] = label
    shapes = {point: shape for name, shape in SHAPES.items() for point in _points(node, name, size)}
    territory = {point: color for name, color in SIDES.items() for point in _points(node, name, size)}
    return Markup(labels, {point: shape for point, shape in shapes.items() if point not in labels}, territory)


def _points(node: Node, name: str, size: int) -> Iterator[int]:
    """The points of a list, with those of its rectangles, which are written ``aa:cc``."""
    left = POINTS
    for value in values_of(node, name, MOST):
        first, _, last = value.partition(b":")
        a, b = _point(first, size), _point(last or first, size)
        if a == PASS or b == PASS:
            continue
        (top, left_most), (bottom, right_most) = row_col(a, size), row_col(b, size)
        for row in range(min(top, bottom), max(top, bottom) + 1):
            for col in range(min(left_most, right_most), max(left_most, right_most) + 1):
                yield point_of(row, col, size)
                left -= 1
                if not left:
                    return


def _point(value: bytes, size: int) -> int:
    """PASS for what is no point."""
    try:
        return from_sgf(value.decode("ascii").strip(), size)
    except ValueError:
        return PASS
