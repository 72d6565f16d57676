"""SGF of the window's game: the whole tree, with what the engine thought of each position.

The engine's estimates go into V (score, Black's) and SBKV (Black's win rate in percent, as Sabaki and Lizzie
write it). A private property, GZLIVE, marks the position that is being played where that is not the end of
the main line.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sgfmill import sgf

from gogame.board import BLACK, WHITE
from gogame.coords import from_sgf, to_sgf
from gogame.game import Game
from gogame.rules import Rules, default_rules, rules_named
from gogame.sgf import application
from gui.describe import sgf_name
from gui.record import LETTERS, Node, Record
from gui.session import Session
from gui.store import write_atomic

LIVE = "GZLIVE"
MIN_SIZE, MAX_SIZE = 2, 25


@dataclass(frozen=True)
class Loaded:
    """A game that was read."""

    record: Record
    live: Node  # the position to go on from
    result: str  # as RE says it; empty: not finished


def save_record(path: Path, session: Session) -> str | None:
    """Write the game; returns what is wrong, in one line."""
    try:
        write_atomic(path, sgf_of(session))
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return None


def sgf_of(session: Session) -> bytes:
    """The game as SGF."""
    record = session.record
    game = sgf.Sgf_game(size=record.size, encoding="UTF-8")
    root = game.get_root()
    root.set("AP", application())
    root.set("DT", time.strftime("%Y-%m-%d"))
    root.set_raw("KM", f"{record.rules.komi:g}".encode())
    root.set("RU", record.rules.name)
    root.set("PB", sgf_name(session, BLACK))
    root.set("PW", sgf_name(session, WHITE))
    if record.handicap:
        root.set("HA", record.handicap)
    for name, points in (("AB", record.black), ("AW", record.white)):
        if points:
            root.set_raw_list(name, [to_sgf(p, record.size).encode() for p in points])
    if record.first == WHITE or record.white:
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
    """The comment, the estimates and the mark of the live position."""
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
    handicap = _number(root, "HA")
    record = Record(
        size,
        _rules(root, size),
        len(black) if black and not white and handicap == len(black) else 0,
        black,
        white,
        first,
    )
    try:
        start = record.new_game()
    except ValueError as error:
        raise ValueError(f"the stones at the start of this game are not possible: {error}") from None
    live = _read_tree(record, root, start)
    result = _text(root, "RE")
    return Loaded(record, live or record.root.end(), "" if live else result)


def _read_tree(record: Record, root: Any, start: Game) -> Node | None:
    """Read all moves into the record; returns the node marked as live. Impossible variations are left out."""
    live = None
    # (written node, the node it belongs to, the game there, whether it is on the main line)
    todo = [(root, record.root, start, True)]
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
            if child is None:
                if on_main:
                    raise ValueError(f"move {node.number + 1} of this game cannot be played: {problem}")
                continue
            todo.append((step, child, after, on_main))
    return live


def _read_move(record: Record, step: Any, node: Node, game: Game) -> tuple[str, Node | None, Game]:
    """(what is wrong, the node with the move, the game after it)."""
    if any(step.has_property(name) for name in ("AB", "AW", "AE")):
        return "stones are put on or taken off in the middle of the game", None, game
    color = BLACK if step.has_property("B") else WHITE if step.has_property("W") else 0
    if not color:
        return "", node, game  # a comment without a move
    try:
        point = from_sgf(step.get_raw(LETTERS[color]).decode("ascii", "replace").strip(), record.size)
        after = game.copy()
        after.play(point, color)
    except ValueError as error:
        return str(error), None, game
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
    for step in root[:1]:  # the first move knows better
        if step.has_property("B") or step.has_property("W"):
            first = BLACK if step.has_property("B") else WHITE
    return points[0], points[1], first


def _rules(root: Any, size: int) -> Rules:
    rules = default_rules(size)
    with contextlib.suppress(ValueError):
        rules = rules_named({"nz": "new-zealand"}.get(_text(root, "RU").lower(), _text(root, "RU")))
    if root.has_property("KM"):
        with contextlib.suppress(ValueError, OverflowError):
            rules = rules.replace(komi=round(2 * float(_text(root, "KM"))) / 2)
    return rules


def _number(root: Any, name: str) -> int:
    try:
        return int(_text(root, name) or 0)
    except ValueError:
        return 0


def _text(node: Any, name: str) -> str:
    try:
        return str(node.get(name)).strip() if node.has_property(name) else ""
    except (ValueError, UnicodeError):
        return node.get_raw(name).decode("utf-8", "replace").strip()
