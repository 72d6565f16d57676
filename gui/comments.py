"""What is written at a position, in words and lines. No pygame here."""

from __future__ import annotations

from dataclasses import dataclass

from gogame.coords import to_gtp
from gogame.geometry import PASS
from gui.annotations import Annotation, annotation_of
from gui.kept import heading_of
from gui.record import NAMES, Node
from gui.wrapping import Width, wrap
from gui.writing import LONGEST

NOTHING = Annotation()
MOST_WORDS = 20_000  # whose widths are remembered


@dataclass(frozen=True)
class Comment:
    """What is shown of what is written at a position."""

    heading: str  # the position's name; empty without one
    text: str
    annotation: Annotation = NOTHING


def comment_of(node: Node) -> Comment | None:
    """None where nothing is written that could be seen."""
    heading, text, annotation = heading_of(node), node.comment, annotation_of(node)
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…\n\n(The rest is too long to be shown. It is saved with the game.)"
    if not heading and not text.strip() and annotation == NOTHING:
        return None
    return Comment(heading, text.rstrip(), annotation)


def place_of(node: Node, size: int) -> str:
    """A position in words, for a title: "move 12, White D4"."""
    if node.parent is None:
        return "the start"
    return f"move {node.number}, {NAMES[node.color]} {'passes' if node.point == PASS else to_gtp(node.point, size)}"


class Measure:
    """Widths of words, each measured once."""

    def __init__(self, width: Width):
        self._width = width
        self._known: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        found = self._known.get(text)
        if found is None:
            if len(self._known) > MOST_WORDS:
                self._known.clear()
            found = self._known[text] = self._width(text)
        return found


class Wrapped:
    """The lines of the text that was asked for last: a text is broken once, not at every picture."""

    def __init__(self, width: Width):
        self.measure = Measure(width)
        self._of: tuple[str, int] = ("", 0)
        self._lines: list[tuple[int, int]] = [(0, 0)]

    def lines(self, text: str, room: int) -> list[tuple[int, int]]:
        """Begin and end of each line."""
        if self._of != (text, room):
            self._of, self._lines = (text, room), wrap(text, room, self.measure)
        return self._lines
