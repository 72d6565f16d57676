"""SGF as bare text: where the games of a collection begin and end, and their main lines, without a library.

:func:`main_lines` reads nothing but main lines, and is fast: training collections go through it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from gogame.board import BLACK, WHITE
from gogame.coords import to_sgf
from gogame.geometry import MAX_SIZE, MIN_SIZE, PASS, geometry

MOST_UNBALANCED = 20  # games of a collection whose end is looked for in all that follows
MAX_NODES = 500_000  # of one game, with all its variations: each takes a kilobyte

_GAME_START = re.compile(rb"\(\s*;")
_LINE_START = re.compile(rb"^[ \t]*\([ \t]*;", re.MULTILINE)
_TOKEN = re.compile(rb"\s+|(?P<sign>[();])|(?P<name>[A-Za-z]+)|\[(?P<value>[^\]\\]*(?:\\.[^\]\\]*)*)\]", re.DOTALL)


class SgfError(ValueError):
    """A record that cannot be read; one line that says what is wrong and where."""


def place(raw: bytes, position: int) -> str:
    """A position in words: line and column."""
    line = raw.count(b"\n", 0, position) + 1
    column = position - raw.rfind(b"\n", 0, position)
    return f"line {line}, column {column}"


def extents(raw: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each game, its parentheses balanced; SgfError at the first thing that is no SGF."""
    position = found = 0
    while start := _GAME_START.search(raw, position):
        position = _end_of_game(raw, start.start())
        yield start.start(), position
        found += 1
    if not found:
        raise SgfError("there is no game in the data: it has no '(;'")


def _end_of_game(raw: bytes, start: int) -> int:
    """Where the game ends that begins there, its parentheses balanced; SgfError at the first thing that is no SGF."""
    depth, position, named, nodes = 0, start, True, 0
    while True:
        token = _TOKEN.match(raw, position)
        if token is None:
            raise SgfError(_misplaced(raw, position, start))
        kind = token.lastgroup
        if kind == "value" and not named:
            raise SgfError(f"a value without a property at {place(raw, position)}")
        if kind:
            named = kind != "sign"
        position = token.end()
        sign = token["sign"]
        depth += (sign == b"(") - (sign == b")")
        nodes += sign == b";"
        if nodes > MAX_NODES:
            raise SgfError(f"the game at {place(raw, start)} has more than {MAX_NODES} nodes")
        if depth == 0:
            return position


def split_collection(raw: bytes) -> Iterator[bytes]:
    """The text of each game of a collection. One whose parentheses do not balance comes whole, for its error to be
    told, and the next begins where a line does with "(;".

    A search for the end of a game that has none goes through all that follows: after MOST_UNBALANCED of them each game
    is what lies up to the next line that begins with "(;".
    """
    position = unbalanced = 0
    lines_left = True  # that begin with "(;"
    while start := _GAME_START.search(raw, position):
        try:
            if unbalanced >= MOST_UNBALANCED and lines_left:
                raise SgfError("not looked for")
            position = _end_of_game(raw, start.start())
        except SgfError:
            unbalanced += 1
            again = _LINE_START.search(raw, start.end()) if lines_left else None
            lines_left = again is not None
            position = again.start() if again else len(raw)
        yield raw[start.start() : position]


def _misplaced(raw: bytes, position: int, start: int) -> str:
    if position >= len(raw):
        return f"the data ends within the game that begins at {place(raw, start)}: a ')' is missing"
    if raw[position : position + 1] == b"[":
        return f"the value that begins at {place(raw, position)} has no end: a ']' is missing"
    return f"unexpected {chr(raw[position])!r} at {place(raw, position)}"


def board_size(text: bytes) -> int:
    """The value of SZ; ValueError for what this program cannot play."""
    sides = text.strip().split(b":")
    if not all(re.fullmatch(rb"\d{1,4}", side) for side in sides) or len(sides) > 2:
        raise ValueError(f"bad board size SZ[{shown(text)}]")
    if len({int(side) for side in sides}) > 1:
        raise ValueError(f"rectangular boards are not supported (SZ[{shown(text)}])")
    size = int(sides[0])
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"board size {size} is not between {MIN_SIZE} and {MAX_SIZE}")
    return size


def shown(text: bytes) -> str:
    """The beginning of a value, for a line to the user."""
    short = text if len(text) <= 20 else text[:20] + b"..."
    return ascii(short.decode("latin-1"))[1:-1]


# --- main lines, fast ----------------------------------------------------------------------------------------------


class MainLine(NamedTuple):
    """What :func:`main_lines` reads of one game."""

    size: int
    root: dict[str, bytes]  # raw value of each of the root's properties, the first of several; escapes kept
    moves: list[tuple[int, int]]  # (colour, point or PASS)


# A property, a sign, a "[" that is in its place nowhere or never closed, with all that follows, or a character that has
# nothing to do there. No text is looked at twice, whatever it is.
_LINE = re.compile(
    rb"(?<![A-Za-z])([A-Za-z]++)\s*+((?:\[[^\]\\]*+(?:\\.[^\]\\]*+)*+\]\s*+)++)|([();])|(\[).*+|\S", re.DOTALL
)
_VALUE = re.compile(rb"\[([^\]\\]*(?:\\.[^\]\\]*)*)\]", re.DOTALL)
_MOVES = {b"B": BLACK, b"W": WHITE}
_SETUP = {b"AB", b"AW", b"AE", b"PL"}


def main_lines(data: bytes) -> Iterator[MainLine | None]:
    """The main lines of a collection, one game after another; legality is not looked at.

    None stands for a game that is not plain: with stones set up, a handicap, names in small letters (as before FF[4]),
    two moves in a node, a property twice or without a value, or a size or point that is none. Raises SgfError for data
    that are not balanced.
    """
    depth, number, nodes, moved = 0, 0, 0, 0
    open_line = plain = False  # still on the main line: no ")" since the game began; nothing out of the way on it
    root: dict[str, bytes] = {}
    found: list[tuple[int, bytes]] = []
    for match in _LINE.finditer(data):  # all at once they would take many times the memory of the data
        name, values, sign, astray = match.groups()
        if sign:
            if sign == b";":
                nodes += 1
            elif sign == b"(":
                depth += 1
                if depth == 1:
                    number, nodes, moved, root, found, open_line, plain = number + 1, 0, 0, {}, [], True, True
            elif depth:  # one too many means nothing
                depth -= 1
                open_line = False
                if depth == 0:
                    yield _main_line(root, found) if plain and nodes else None
        elif astray:
            raise SgfError(f"a value without an end or a property in game {number}")
        elif name is None:
            plain = False
        elif open_line and depth:
            color = _MOVES.get(name)
            if color:
                plain &= moved != nodes
                moved = nodes
                found.append((color, values.strip()[1:-1]))
            else:
                plain &= name not in _SETUP and name.isupper()
                if nodes == 1:
                    plain &= name.decode() not in root
                    first = _VALUE.match(values)
                    root[name.decode()] = first[1] if first else b""
    if depth > 0 or number == 0:
        raise SgfError(f"the data ends within game {number}" if number else "there is no game in the data")


def _main_line(root: dict[str, bytes], found: list[tuple[int, bytes]]) -> MainLine | None:
    handicap, kind = root.get("HA", b"0").strip(), root.get("GM", b"1").strip()
    if handicap.strip(b"0") or kind != b"1" or any(b"\\" in root.get(name, b"") for name in ("RE", "RU", "KM")):
        return None
    if "CA" in root and not _is_charset(root["CA"]):
        return None
    try:
        size = board_size(root.get("SZ", b"19"))
        table = _point_table(size)
        return MainLine(size, root, [(color, table[text]) for color, text in found])
    except (ValueError, KeyError):
        return None


@cache
def _is_charset(name: bytes) -> bool:
    try:
        codecs.lookup(name.decode("ascii").strip())
    except (LookupError, ValueError):
        return False
    return True


_TABLES: dict[int, dict[bytes, int]] = {}


def _point_table(size: int) -> dict[bytes, int]:
    """SGF text of each point and of the pass -> point."""
    if size not in _TABLES:
        table = {to_sgf(point, size).encode(): point for point in map(int, geometry(size).points)}
        table[b""] = PASS
        if size <= 19:
            table[b"tt"] = PASS
        _TABLES[size] = table
    return _TABLES[size]
