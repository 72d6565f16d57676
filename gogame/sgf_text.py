"""SGF as bare text: where the games of a collection begin and end, and their main lines, without a library.

:func:`main_lines` reads nothing but main lines, and is fast: training collections go through it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gogame.board import BLACK, WHITE
from gogame.coords import to_sgf
from gogame.geometry import MAX_SIZE, MIN_SIZE, PASS, geometry

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
    told, and the next begins where a line does with "(;"."""
    position = 0
    while start := _GAME_START.search(raw, position):
        try:
            position = _end_of_game(raw, start.start())
        except SgfError:
            again = _LINE_START.search(raw, start.end())
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
    root: dict[str, list[bytes]]  # raw values of the root's properties, escapes kept
    moves: list[tuple[int, int]]  # (colour, point or PASS)


_LINE = re.compile(rb"([A-Za-z]+)\s*((?:\[[^\]\\]*(?:\\.[^\]\\]*)*\]\s*)+)|([();])", re.DOTALL)
_VALUES = re.compile(rb"\[([^\]\\]*(?:\\.[^\]\\]*)*)\]", re.DOTALL)
_MOVES = {b"B": BLACK, b"W": WHITE}


def main_lines(data: bytes) -> Iterator[MainLine]:
    """The main lines of a collection, one game after another; setup after the root and legality are not looked at.

    Raises SgfError with the game's number for a bad size or point, and for data that ends within a game.
    """
    depth, number, nodes = 0, 0, 0
    open_line = False  # still on the main line: no ")" since the game began
    root: dict[str, list[bytes]] = {}
    found: list[tuple[int, bytes]] = []
    for name, values, sign in _LINE.findall(data):
        if sign:
            if sign == b";":
                nodes += 1
            elif sign == b"(":
                depth += 1
                if depth == 1:
                    number, nodes, root, found, open_line = number + 1, 0, {}, [], True
            elif depth:  # one too many means nothing
                depth -= 1
                open_line = False
                if depth == 0:
                    yield _main_line(number, root, found)
        elif open_line and depth:
            color = _MOVES.get(name)
            if color:
                found.append((color, values.strip()[1:-1]))
            elif nodes == 1:
                root[name.decode()] = _VALUES.findall(values)
    if depth > 0 or number == 0:
        raise SgfError(f"the data ends within game {number}" if number else "there is no game in the data")


def _main_line(number: int, root: dict[str, list[bytes]], found: list[tuple[int, bytes]]) -> MainLine:
    try:
        size = board_size(root.get("SZ", [b"19"])[0])
        table = _point_table(size)
        moves = [(color, table[text]) for color, text in found]
    except ValueError as error:
        raise SgfError(f"{error}, in game {number}") from None
    except KeyError as error:
        raise SgfError(f"{shown(error.args[0])!r} is no point of the board, in game {number}") from None
    return MainLine(size, root, moves)


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
