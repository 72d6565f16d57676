"""What a file says of a move and a position beside the comment: SGF's annotations of both, in words. No pygame here."""

from __future__ import annotations

from dataclasses import dataclass

from gui.kept import values_of
from gui.record import Node

# Property: what it says plainly and emphasised, with the signs that are usual beside a move; in the order of the line.
MOVES = {
    "BM": (("?", "bad move"), ("??", "very bad move")),
    "DO": (("?!", "doubtful move"),) * 2,
    "IT": (("!?", "interesting move"),) * 2,
    "TE": (("!", "tesuji"), ("!!", "excellent tesuji")),
}
POSITIONS = {
    "GB": ("good for Black", "very good for Black"),
    "GW": ("good for White", "very good for White"),
    "DM": ("even", "certainly even"),
    "UC": ("unclear", "very unclear"),
    "HO": ("a key moment", "a decisive moment"),
}
BYTES = 16  # of a value that are looked at


@dataclass(frozen=True)
class Annotation:
    """``signs``, and ``kind`` (the property that colours them), are empty where nothing is said of the move."""

    signs: str = ""
    words: str = ""
    kind: str = ""


def annotation_of(node: Node) -> Annotation:
    """What is said of the move and of the position after it, in one line; empty where nothing is."""
    kept = node.kept or {}
    of_move = [name for name in MOVES if name in kept] if node.parent is not None else []
    of_position = [name for name in POSITIONS if name in kept]
    moves = [MOVES[name][_strength(node, name)] for name in of_move]
    words = [text for _, text in moves] + [POSITIONS[name][_strength(node, name)] for name in of_position]
    line = ", ".join(words)
    kind = of_move[0] if of_move else ""
    return Annotation(" ".join(signs for signs, _ in moves), line[:1].upper() + line[1:], kind)


def _strength(node: Node, name: str) -> int:
    """1 where a property is emphasised, else 0."""
    values = values_of(node, name, BYTES)
    return int(bool(values) and values[0].strip() == b"2")
