"""SGF of the window's game: the whole tree, with what the engine thought of each position, and what else an opened file
says of it (:mod:`gui.kept`).

The engine's estimates go into V (score, Black's) and SBKV (Black's win rate in percent, as Sabaki and Lizzie
write it). Private properties are GZVISITS, the visits behind them, GZLIVE, which marks the position that is being
played where that is not the end of the main line, and GZPLAY, who plays Black and White: "human" or "engine".
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sgfmill import sgf

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import from_sgf, to_sgf
from gogame.disk import write_atomically
from gogame.game import MAX_MOVES, Game
from gogame.geometry import PASS, point_of
from gogame.player import Clock
from gogame.sgf import (
    MAX_BYTES,
    application,
    handicap_of,
    player_of,
    read_sgf,
    rules_of,
    text_of,
    whole,
)
from gui.clock_sgf import TIMES, read_clocks, read_time, write_clocks, write_time
from gui.clocks import fresh
from gui.describe import sgf_name
from gui.kept import Keeper, put
from gui.record import LETTERS, Node, Record
from gui.session import Session

LIVE = "GZLIVE"
VISITS = "GZVISITS"
PLAYERS = "GZPLAY"
CLOCK = "GZCLOCK"  # TM, OT and the times of the moves are this program's own
INFO = tuple("PB PW BR WR BT WT EV RO PC DT GN GC SO US AN CP ON OT".split())  # kept as they are in a file
MOST = 1000.0  # points of a lead; more is none
RESULT = re.compile(r"([BW])\+(?:([RTF])|(\d+(?:[.,]\d+)?))?", re.IGNORECASE)


@dataclass(frozen=True)
class Loaded:
    """A game that was read."""

    record: Record
    live: Node  # the position to go on from
    result: str  # as RE says it; empty: not finished
    players: tuple[str, str] | None = None  # who plays Black and White, where this program has written it
    problem: str = ""  # what of the file is not in the record, in one line


def save_record(path: Path, session: Session) -> str | None:
    """Write the game; returns what is wrong, in one line."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(Path(os.path.realpath(path)), sgf_of(session, session.kept_result))  # a link stays one
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    except ValueError:  # UnicodeError too
        return f"{ascii(str(path))}: no file can have that name"
    return None


def read_file(path: Path) -> bytes:
    """The bytes of a file to open. Raises OSError, or ValueError for what is no file or too large to be a game."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):  # a device or a pipe may never end
        raise ValueError(f"{path} is no file")
    if found.st_size > MAX_BYTES:
        raise ValueError(f"{path}: larger than {MAX_BYTES // 2**20} MiB")
    return path.read_bytes()


def is_empty(data: bytes | None) -> bool:
    """Whether an SGF file holds a game without a move, a position that was set up, or a comment on its start."""
    try:
        loaded = load_record(data or b"")
    except ValueError:
        return False
    return loaded.record.is_bare and not loaded.problem


def sgf_of(session: Session, result: str | None = None) -> bytes:
    """The game as SGF, with its own result unless another one is given."""
    record = session.record
    game = sgf.Sgf_game(size=record.size, encoding="UTF-8")
    root = game.get_root()
    put(record.root, root)  # what is known better comes over it
    root.set("AP", application())
    new = record.stated is None  # else it says no more of the game than its file did
    for name, text in {**({"DT": time.strftime("%Y-%m-%d")} if new else {}), **record.info}.items():
        root.set(name, text)
    if record.time.system != "none":
        root.set_raw(CLOCK, b"1")
    for name, text in write_time(record.time).items():
        root.set_raw(name, text.encode())
    if record.stated is None:
        root.set_raw("KM", f"{record.rules.komi:g}".encode())
        root.set("RU", record.rules.name)
    else:
        root.get_raw_property_map().update({name: [value] for name, value in record.stated.items()})
    for name, color in (("PB", BLACK), ("PW", WHITE)):
        if new or session.player(color) == "engine" or name in record.info:
            root.set(name, whole(sgf_name(session, color)))
    root.set_raw(PLAYERS, f"{session.player(BLACK)} {session.player(WHITE)}".encode())
    if handicap := record.handicap_of(record.root.end()):
        root.set("HA", handicap)
    for name, points in (("AB", record.black), ("AW", record.white)):
        if points:
            root.set_raw_list(name, [to_sgf(p, record.size).encode() for p in points])
    if record.first == WHITE or record.black or record.white:
        root.set_raw("PL", LETTERS[record.first].encode())
    if result := session.result if result is None else result:
        root.set("RE", result)
    _note(root, record.root, session)
    todo = [(root, record.root)]
    while todo:
        written, node = todo.pop()
        for child in node.children:
            step = written.new_child()
            put(child, step)
            step.set_raw(LETTERS[child.color], to_sgf(child.point, record.size).encode())
            _note(step, child, session)
            todo.append((step, child))
    return game.serialise()


def _note(written: Any, node: Node, session: Session) -> None:
    """The estimates and the mark of the position that is being played."""
    if node.winrate is not None:
        written.set_raw("SBKV", f"{100 * node.winrate:.2f}".encode())
        if node.score is not None:
            written.set_raw("V", f"{node.score:.2f}".encode())
        if node.visits:
            written.set_raw(VISITS, f"{node.visits}".encode())
    if node is session.live and node.children:
        written.set_raw(LIVE, b"1")
    if session.clocks.there:
        clocks = session.clocks.both() if node is session.live and session.phase == "play" else node.clocks
        for name, text in write_clocks(clocks, node, fresh(session.record.time)).items():
            written.set_raw(name, text.encode())


def load_record(data: bytes | str) -> Loaded:
    """Read the first game of an SGF file, or of a text, with its variations. A line ends before what cannot be played,
    which is told as the ``problem``. Raises ValueError with one clear line for what is no game of Go."""
    game = _first_game(data)
    size, root = game.get_size(), game.get_root()
    start = _start(root)
    black, white, first = _setup(start, size)
    result = text_of(root, "RE")
    info = {name: text for name in INFO if (text := text_of(root, name))}
    players = _players(text_of(root, PLAYERS))
    for name, seat in zip(("PB", "PW"), players or (), strict=False):
        if seat == "engine":  # a person who takes the side over has a name of their own
            info.pop(name, None)
    if result and not _result(result):
        info["RE"] = result  # written again as long as the game has no result of its own
    record = Record(size, rules_of(game), _handicap(start, size, black, white), black, white, first, info)
    if root.has_property(CLOCK):  # those of other programs are kept, but not played on with
        record.time = read_time(lambda name: text_of(root, name))
    if record.time.system != "none":
        info.pop("OT", None)
    try:
        position = record.new_game()
    except ValueError as error:
        raise ValueError(f"the stones at the start of this game are not possible: {error}") from None
    reader = _Reader(position, start, fresh(record.time))
    record.stated = reader.stated
    reader.read(root, record.root)
    live = reader.live or reader.stopped or record.root.end()
    return Loaded(record, live, _result(result), players, reader.problem)


def _first_game(data: bytes | str) -> Any:
    """The first game of a file. ValueError with one clear line for none."""
    try:
        return read_sgf(data)
    except ValueError as error:
        raise ValueError(f"this is no SGF game that can be read: {error}") from None


def _start(root: Any) -> list[Any]:
    """The nodes of the main line that set up its start: up to the last one with stones, before or at the first move."""
    nodes = [root]
    while not _color(nodes[-1]) and len(nodes[-1]):
        nodes.append(nodes[-1][0])
    while len(nodes) > 1 and not nodes[-1].has_setup_stones():
        nodes.pop()
    return nodes


class _Reader:
    """Reads the nodes of a file below those of a record: depth first, with one game that goes forward and back."""

    def __init__(self, game: Game, start: list[Any], clocks: dict[int, Clock]):
        self.live: Node | None = None  # marked in the file as the position that is being played
        self.stopped: Node | None = None  # where the main line cannot be followed
        self.problem = ""  # the first thing that was left out
        self._game, self._clocks = game, clocks
        self._last = start[-1]
        self._start = {id(node) for node in start}  # their stones are on the board already
        self._keeper = Keeper(start[0], frozenset(INFO), TIMES if clocks else frozenset())
        self.stated = self._keeper.stated()

    def read(self, root: Any, top: Node) -> None:
        """Read everything from ``root`` on."""
        # (written node, the node it hangs from, whether it is on the main line); without a written node: one move back
        todo: list[tuple[Any, Node, bool]] = [(root, top, True)]
        left_out = 0
        while todo:
            written, node, main = todo.pop()
            if written is None:
                self._game.undo()
                continue
            problem, child = self._move(written, node)
            if problem and main:
                self.stopped, self.problem = node, f"move {node.number + 1} of this game cannot be played: {problem}"
            if problem:
                left_out += not main
                continue
            if child is not node:
                todo.append((None, node, False))
            self._note(written, child)
            steps = list(written)
            if id(written) in self._start and written is not self._last:
                left_out += len(steps) - 1  # they begin without the stones that come
                steps = steps[:1]
            todo += [(step, child, main and step is steps[0]) for step in reversed(steps)]
        if left_out:
            some = "a variation is" if left_out == 1 else f"{left_out} variations are"
            self.problem = self.problem or f"{some} left out of this game: what cannot be played"
        if self._keeper.left_out:
            self.problem = self.problem or "comments or markup of this game are left out: they are too long"

    def _move(self, written: Any, node: Node) -> tuple[str, Node]:
        """(what is wrong, the node with the move): for a node without a move, the one above."""
        if written.has_setup_stones() and id(written) not in self._start:
            return "stones are put on or taken off in the middle of the game", node
        color = _color(written)
        if not color:
            return "", node
        if node.number == MAX_MOVES:
            return f"there are more than {MAX_MOVES}", node
        try:
            point = _point(written, color, self._game.size)
            self._game.replay(point, color)
        except ValueError as error:
            return str(error), node
        child = Node(node, color, point, node.number + 1)
        node.children.append(child)
        return "", child

    def _note(self, written: Any, node: Node) -> None:
        """What is said of the position: the estimates, whether it is being played, all the rest."""
        if written.has_property("SBKV"):
            with contextlib.suppress(ValueError):
                lead = text_of(written, "V")  # not every program writes it
                win, points = float(text_of(written, "SBKV")) / 100, float(lead or 0.0)
                if math.isfinite(win + points):
                    node.winrate = min(1.0, max(0.0, win))
                    node.score = min(MOST, max(-MOST, points)) if lead else None
                    node.visits = max(0, int(text_of(written, VISITS) or 0))
        if written.has_property(LIVE):
            self.live = node
        self._keeper.take(written, node, id(written) in self._start)
        if self._clocks:
            node.clocks = read_clocks(lambda name: text_of(written, name), node, self._clocks) or node.clocks


def _color(step: Any) -> int:
    """Whose move a written node has; 0 without one."""
    return BLACK if step.has_property("B") else WHITE if step.has_property("W") else 0


def _point(step: Any, color: int, size: int) -> int:
    """The point of a written move. Raises ValueError."""
    return from_sgf(step.get_raw(LETTERS[color]).decode("ascii", "replace").strip(), size)


def _setup(start: list[Any], size: int) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """(Black's stones, White's stones, who moves first) of the start's nodes together."""
    stones: dict[int, int] = {}
    turn = EMPTY
    for node in start:
        try:
            sides = node.get_setup_stones()
        except (ValueError, KeyError):
            raise ValueError("the stones at the start of this game cannot be read: bad AB, AW or AE") from None
        for color, crossings in zip((BLACK, WHITE, EMPTY), sides, strict=True):
            # sgfmill counts rows from the bottom.
            stones |= {point_of(size - 1 - row, col, size): color for row, col in crossings}
        turn = player_of(node) or turn
    black, white = (tuple(sorted(p for p, c in stones.items() if c == color)) for color in (BLACK, WHITE))
    first = turn or (WHITE if black and not white else BLACK)
    node = start[-1]
    while not _color(node) and len(node):
        node = node[0]
    return black, white, _color(node) or first  # the first move knows better


def _handicap(start: list[Any], size: int, black: tuple[int, ...], white: tuple[int, ...]) -> int:
    """The number of HA, where as many stones were set up, or are Black's first moves; else 0."""
    said = next((number for node in reversed(start) if (number := handicap_of(node))), 0)
    if black or white:
        return said if not white and said == len(black) else 0
    if not 2 <= said <= size**2:
        return 0
    node, found = start[0], 0
    while True:
        if color := _color(node):
            stone = False
            with contextlib.suppress(ValueError):
                stone = color == BLACK and _point(node, color, size) != PASS
            if not stone:
                return 0
            found += 1
            if found == said:
                return said
        if not len(node):
            return 0
        node = node[0]


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
