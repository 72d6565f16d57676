"""What is written at a position, and the text that is being written there. No pygame here."""

from __future__ import annotations

from dataclasses import dataclass

from gogame.coords import to_gtp
from gogame.geometry import PASS
from gui.kept import heading_of
from gui.record import NAMES, Node
from gui.wrapping import Width, wrap

LONGEST = 50_000  # characters of a comment that are shown; a longer one cannot be edited
MOST_WORDS = 20_000  # whose widths are remembered


@dataclass(frozen=True)
class Comment:
    """What is shown of what is written at a position."""

    heading: str  # the position's name; empty without one
    text: str


def comment_of(node: Node) -> Comment | None:
    """None where nothing is written that could be seen."""
    heading, text = heading_of(node), node.comment
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…\n\n(The rest is too long to be shown. It is saved with the game.)"
    if not heading and not text.strip():
        return None
    return Comment(heading, text.rstrip())


def place_of(node: Node, size: int) -> str:
    """A position in words, for a title: "move 12, White D4"."""
    if node.parent is None:
        return "the start"
    return f"move {node.number}, {NAMES[node.color]} {'passes' if node.point == PASS else to_gtp(node.point, size)}"


def cleaned(text: str) -> str:
    """A text as it is edited: line breaks as "\\n", tabulators as blanks, no other control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "".join(c for c in text if c == "\n" or c >= " " and not "\x7f" <= c <= "\x9f")


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


class Writing:
    """A text and the cursor in it. Lines are spans, as :func:`gui.wrapping.wrap` makes them."""

    def __init__(self, text: str, most: int = LONGEST):
        self.text = text
        self.cursor = len(text)
        self.most = most  # characters

    def insert(self, text: str) -> None:
        """Put in what fits."""
        text = cleaned(text)[: max(0, self.most - len(self.text))]
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def erase(self, step: int) -> None:
        """Take out the character before the cursor (-1), or the one after it (1)."""
        begin = self.cursor + min(0, step)
        if 0 <= begin < len(self.text):
            self.text = self.text[:begin] + self.text[begin + 1 :]
            self.cursor = begin

    def go(self, step: int, word: bool = False) -> None:
        """One character on, or back; to the next begin of a word with ``word``."""
        at, text = self.cursor + step, self.text
        while word and 0 < at < len(text) and not (text[at - 1].isspace() and not text[at].isspace()):
            at += step
        self.cursor = max(0, min(len(text), at))

    def line_of(self, lines: list[tuple[int, int]]) -> int:
        """The index of the line that the cursor is in: the later one of two that meet there."""
        low, high = 0, len(lines) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if lines[middle][0] <= self.cursor:
                low = middle
            else:
                high = middle - 1
        return low

    def ends(self, lines: list[tuple[int, int]], index: int) -> tuple[int, int]:
        """The first and the last place of the cursor in a line: where the next line goes on without a break, its
        begin is not one of them."""
        begin, end = lines[index]
        goes_on = index + 1 < len(lines) and lines[index + 1][0] == end
        return begin, max(begin, end - 1) if goes_on else end
