"""SGF of the window's game: the whole tree, with what the engine thought of each position.

The engine's estimates go into V (score, Black's) and SBKV (Black's win rate in percent, as Sabaki and Lizzie
write it). Private properties are GZLIVE, which marks the position that is being played where that is not the end of
the main line, and GZPLAY, who plays Black and White: "human" or "engine".
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sgfmill import sgf

from gogame.board import BLACK, WHITE
from gogame.coords import from_sgf, to_sgf
from gogame.game import Game
from gogame.geometry import PASS
from gogame.rules import Rules
from gogame.sgf import application, komi_written, rules_written
from gui.describe import sgf_name
from gui.record import LETTERS, Node, Record
from gui.session import Session
from nets.weights import write_atomically

LIVE = "GZLIVE"
PLAYERS = "GZPLAY"
MIN_SIZE, MAX_SIZE = 2, 25
INFO = tuple("PB PW BR WR BT WT EV RO PC DT GN GC SO US AN CP ON OT".split())  # kept as they are in a file
RESULT = re.compile(r"([BW])\+(?:([RTF])|(\d+(?:[.,]\d+)?))?", re.IGNORECASE)


@dataclass(frozen=True)
class Loaded:
    """A game that was read."""

    record: Record
    live: Node  # the position to go on from
    result: str  # as RE says it; empty: not finished
    players: tuple[str, str] | None = None  # who plays Black and White, where this program has written it


def save_record(path: Path, session: Session) -> str | None:
    """Write the game; returns what is wrong, in one line."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(Path(os.path.realpath(path)), sgf_of(session))  # a link stays one
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    except ValueError:  # UnicodeError too
        return f"{ascii(str(path))}: no file can have that name"
    return None


def is_empty(data: bytes | None) -> bool:
    """Whether an SGF file holds a game in which no move was played."""
    try:
        return bool(data) and not load_record(data or b"").record.root.children
    except ValueError:
        return False


def sgf_of(session: Session) -> bytes:
    """The game as SGF."""
    record = session.record
    game = sgf.Sgf_game(size=record.size, encoding="UTF-8")
    root = game.get_root()
    root.set("AP", application())
    for name, text in {"DT": time.strftime("%Y-%m-%d"), **record.info}.items():
        root.set(name, text)
    root.set_raw("KM", f"{record.rules.komi:g}".encode())
    root.set("RU", record.rules.name)
    root.set("PB", sgf_name(session, BLACK))
    root.set("PW", sgf_name(session, WHITE))
    root.set_raw(PLAYERS, f"{session.player(BLACK)} {session.player(WHITE)}".encode())
    if handicap := record.handicap_of(record.root.end()):
        root.set("HA", handicap)
    for name, points in (("AB", record.black), ("AW", record.white)):
        if points:
            root.set_raw_list(name, [to_sgf(p, record.size).encode() for p in points])
    if record.first == WHITE or record.black or record.white:
        root.set_raw("PL", LETTERS[record.first].encode())
    if session.result:
        root.set("RE", session.result)
    _note(root, record.root, session)
    todo = [(root, record.root)]
    while todo:
        written, node = todo.pop()
        for child in node.children:
            step = written.new_child()
            step.set_raw(LETTERS[child.color], to_sgf(child.point, record.size).encode())
            _note(step, child, session)
            todo.append((step, child))
    return game.serialise()


def _note(written: Any, node: Node, session: Session) -> None:
    """The comment, the estimates and the mark of the position that is being played."""
    if node.comment:
        written.set("C", node.comment)
    if node.winrate is not None:
        written.set_raw("SBKV", f"{100 * node.winrate:.2f}".encode())
        written.set_raw("V", f"{node.score or 0.0:.2f}".encode())
    if node is session.live and node.children:
        written.set_raw(LIVE, b"1")


def load_record(data: bytes) -> Loaded:
    """Read the first game of an SGF file with its variations. Raises ValueError with one clear line."""
    try:
        game = sgf.Sgf_game.from_bytes(data)
    except ValueError as error:
        raise ValueError(f"this is no SGF game that can be read: {error}") from None
    size = game.get_size()
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"a board of {size} lines is not possible: {MIN_SIZE} to {MAX_SIZE}")
    root = game.get_root()
    black, white, first = _setup(root, size)
    record = Record(
        size,
        _rules(game),
        _handicap(root, size, black, white),
        black,
        white,
        first,
        {name: text for name in INFO if (text := _text(root, name))},
    )
    try:
        start = record.new_game()
    except ValueError as error:
        raise ValueError(f"the stones at the start of this game are not possible: {error}") from None
    live = _read_tree(record, root, start)
    return Loaded(record, live or record.root.end(), _result(_text(root, "RE")), _players(_text(root, PLAYERS)))


def _read_tree(record: Record, root: Any, start: Game) -> Node | None:
    """Read all moves into the record; returns the node marked as live. Impossible variations are left out."""
    live, node, problem = None, record.root, ""
    if _color(root):  # a first move beside the conditions
        problem, node, start = _play(record, root, node, start)
        if problem:
            raise ValueError(f"move 1 of this game cannot be played: {problem}")
    # (written node, the node it belongs to, the game there, whether it is on the main line)
    todo = [(root, node, start, True)]
    while todo:
        written, node, game, main = todo.pop()
        node.comment = node.comment or _text(written, "C")
        if written.has_property("SBKV"):
            with contextlib.suppress(ValueError):
                node.winrate = min(1.0, max(0.0, float(_text(written, "SBKV")) / 100))
                node.score = float(_text(written, "V") or 0.0)
        if written.has_property(LIVE):
            live = node
        for index, step in enumerate(written):
            on_main = main and index == 0
            problem, child, after = _read_move(record, step, node, game)
            if not problem:
                todo.append((step, child, after, on_main))
            elif on_main:
                raise ValueError(f"move {node.number + 1} of this game cannot be played: {problem}")
    return live


def _read_move(record: Record, step: Any, node: Node, game: Game) -> tuple[str, Node, Game]:
    """(what is wrong, the node with the move, the game after it)."""
    if any(step.has_property(name) for name in ("AB", "AW", "AE")):
        return "stones are put on or taken off in the middle of the game", node, game
    return _play(record, step, node, game) if _color(step) else ("", node, game)  # else a comment without a move


def _color(step: Any) -> int:
    """Whose move a written node has; 0 without one."""
    return BLACK if step.has_property("B") else WHITE if step.has_property("W") else 0


def _play(record: Record, step: Any, node: Node, game: Game) -> tuple[str, Node, Game]:
    """The move of a written node, see :func:`_read_move`."""
    color = _color(step)
    try:
        point = from_sgf(step.get_raw(LETTERS[color]).decode("ascii", "replace").strip(), record.size)
        after = game.copy()
        after.play(point, color)
    except ValueError as error:
        return str(error), node, game
    child = Node(node, color, point, node.number + 1)
    node.children.append(child)
    return "", child, after


def _setup(root: Any, size: int) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    try:
        black, white, empty = root.get_setup_stones()
    except (ValueError, KeyError) as error:
        raise ValueError(f"the stones at the start of this game cannot be read: {error}") from None
    # sgfmill counts rows from the bottom.
    points = [tuple(sorted((size - row) * (size + 2) + col + 1 for row, col in side)) for side in (black, white)]
    first = WHITE if points[0] and not points[1] else BLACK
    turn = _text(root, "PL").lower()
    if turn[:1] in ("b", "w"):
        first = BLACK if turn[0] == "b" else WHITE
    moves = [color for color in map(_color, [root, *root[:1]]) if color]
    return points[0], points[1], (moves or [first])[0]  # the first move knows better


def _handicap(root: Any, size: int, black: tuple[int, ...], white: tuple[int, ...]) -> int:
    """The number of HA, where as many stones were set up, or are Black's first moves; else 0."""
    said = _number(root, "HA")
    if black or white:
        return said if not white and said == len(black) else 0
    if not 2 <= said <= size**2:
        return 0
    node, found = root, 0
    while True:
        if color := _color(node):
            stone, text = False, node.get_raw(LETTERS[color]).decode("ascii", "replace").strip()
            with contextlib.suppress(ValueError):
                stone = color == BLACK and from_sgf(text, size) != PASS
            if not stone:
                return 0
            found += 1
            if found == said:
                return said
        if not len(node):
            return 0
        node = node[0]


def _rules(game: Any) -> Rules:
    """The rules of a file, as :func:`gogame.sgf.rules_of`; a komi that is none, or has other fractions than halves, is
    no reason not to show it."""
    root = game.get_root()
    rules = rules_written(_text(root, "RU"), game.get_size())
    if root.has_property("KM"):
        with contextlib.suppress(ValueError, OverflowError):
            rules = rules.replace(komi=round(2 * komi_written(_text(root, "KM"))) / 2)
    return rules


def _result(text: str) -> str:
    """RE as this program writes it; empty for an unfinished game or an unknown result."""
    if text.lower() in ("0", "draw", "jigo"):
        return "0"
    if text.lower() == "void":
        return "Void"
    found = RESULT.match(text)
    return f"{found[1].upper()}+{(found[2] or found[3] or '').upper().replace(',', '.')}" if found else ""


def _players(text: str) -> tuple[str, str] | None:
    """Who plays Black and White, as GZPLAY says it."""
    match text.split():
        case [("human" | "engine") as black, ("human" | "engine") as white]:
            return black, white
    return None


def _number(root: Any, name: str) -> int:
    try:
        return int(_text(root, name) or 0)
    except ValueError:
        return 0


def _text(node: Any, name: str) -> str:
    try:
        text = str(node.get(name)).strip() if node.has_property(name) else ""
    except (ValueError, LookupError):  # LookupError: CA names no character set
        text = node.get_raw(name).decode("utf-8", "replace").strip()
    return text.encode("utf-8", "replace").decode()  # UTF-7 can bring halves of characters, which cannot be drawn
