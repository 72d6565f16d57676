"""Finished games on disk: append-only shards, each with a header, checksums and a number of its own.

    8 bytes   MAGIC
    4 bytes   length of the header, little endian
    4 bytes   crc32 of the header; not in shards that begin with MAGIC_1, which are read, too
    header    JSON: size, games, positions, bytes and crc32 of the payload, and the writer's own ``note``
    payload   the fields of :data:`FIELDS`, one after the other, compressed with zlib

A shard is written under a temporary name, synced and renamed, and never touched again: a kill at any instant leaves
whole shards. One that is damaged later (disk, copy) is passed over, with a word on it.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gogame.disk import check_file, read_file, write_atomically
from gogame.geometry import MAX_SIZE, MIN_SIZE
from gogame.rules import RuleSet
from selfplay.samples import FinishedGame

MAGIC, MAGIC_1 = b"GOSHARD2", b"GOSHARD1"
MAX_HEADER_BYTES = 1 << 16
MAX_PAYLOAD_BYTES = 1 << 31
MOST_GAMES = 4096  # of a shard: half a gigabyte on 19x19
MAX_NUMBER = 10**15  # of a header, and its note
MAX_POINTS = 10_000.0  # of a komi or a score
MOST_MOVES = 8  # of a game, a point of the board: selfplay.length goes no further
SUFFIX = ".shard"
BASE = "base.json"  # numbers of the games that a packed run left behind

# (name, type) in the order of the payload. G games, T moves of them all, A = S*S + 1.
FIELDS = (
    ("moves", "<i4"),  # [G] moves of each game
    ("opening", "<i4"),  # [G]
    ("score", "<f8"),  # [G]
    ("resigned", "u1"),  # [G]
    ("rules", "<f8"),  # [G, 4] superko, suicide, territory, komi
    ("ownership", "i1"),  # [G, S*S]
    ("actions", "<i2"),  # [T]
    ("value", "<f4"),  # [T]
    ("policy", "u1"),  # [T, A]
)
# (field, least, most): what a damaged or foreign shard may not teach
BOUNDS = (
    ("score", -MAX_POINTS, MAX_POINTS),
    ("rules", np.array([0, 0, 0, -MAX_POINTS]), np.array([2, 1, 1, MAX_POINTS])),
    ("ownership", -1, 1),
    ("value", -1.001, 1.001),
)


class ShardError(ValueError):
    """A shard that cannot be read; one line for the user."""


@dataclass(frozen=True)
class Header:
    """What a shard says about itself."""

    size: int  # board size
    games: int
    positions: int  # moves that are learned from
    bytes: int  # of the compressed payload
    crc32: int
    note: dict[str, float]  # the writer's counters at the time


def learned_positions(game: FinishedGame) -> int:
    """The moves of a game that have a policy target, and so are learned from."""
    return int(np.count_nonzero(game.policy[game.opening :].any(axis=1)))


def _columns(games: list[FinishedGame]) -> dict[str, np.ndarray]:
    return {
        "moves": np.array([len(g.actions) for g in games]),
        "opening": np.array([g.opening for g in games]),
        "score": np.array([g.score for g in games]),
        "resigned": np.array([g.resigned for g in games]),
        "rules": np.array([tuple(g.ruleset) for g in games]),
        "ownership": np.stack([g.ownership for g in games]),
        "actions": np.concatenate([g.actions for g in games]),
        "value": np.concatenate([g.value for g in games]),
        "policy": np.concatenate([g.policy for g in games]),
    }


def write_shard(path: Path, games: list[FinishedGame], note: dict[str, Any] | None = None) -> None:
    """Writes games of one size, at least one, all or nothing."""
    size = games[0].size
    if any(game.size != size for game in games):
        raise ValueError("a shard holds games of one board size")
    columns = _columns(games)
    raw = b"".join(np.ascontiguousarray(columns[name]).astype(kind).tobytes() for name, kind in FIELDS)
    payload = zlib.compress(raw, 1)
    header = {
        "size": size,
        "games": len(games),
        "positions": sum(map(learned_positions, games)),
        "bytes": len(payload),
        "crc32": zlib.crc32(payload),
        "note": note or {},
    }
    text = json.dumps(header).encode()
    write_atomically(path, MAGIC + struct.pack("<II", len(text), zlib.crc32(text)) + text + payload)


def read_header(path: Path) -> Header:
    """A shard's header; ShardError if it is none, or if the file is shorter than it says."""
    try:
        check_file(path)
        with open(path, "rb") as file:
            header, start = _parse_header(path, file.read(len(MAGIC) + 8 + MAX_HEADER_BYTES))
        there = path.stat().st_size
    except OSError as error:
        raise ShardError(f"{path}: cannot be read ({error.strerror})") from None
    if there != start + header.bytes:
        raise ShardError(f"{path}: {there} bytes long, not {start + header.bytes}")
    return header


def _parse_header(path: Path, data: bytes) -> tuple[Header, int]:
    """(header, where the payload starts)."""
    begin = len(MAGIC) + (4 if data.startswith(MAGIC_1) else 8)
    if not data.startswith((MAGIC, MAGIC_1)) or len(data) < begin:
        raise ShardError(f"{path}: not a shard of games")
    length, *checksum = struct.unpack_from("<I" if data.startswith(MAGIC_1) else "<II", data, len(MAGIC))
    end = begin + length
    if checksum and checksum != [zlib.crc32(data[begin:end])]:
        raise ShardError(f"{path}: the header's checksum is wrong")
    try:
        header = Header(**json.loads(data[begin:end]))
        numbers = (header.size, header.games, header.positions, header.bytes, header.crc32)
        good = all(type(n) is int and 0 <= n <= MAX_NUMBER for n in numbers) and isinstance(header.note, dict)
        good = good and all(type(n) in (int, float) and 0 <= n <= MAX_NUMBER for n in header.note.values())
    except (ValueError, TypeError, RecursionError):
        good = False
    if not good or not MIN_SIZE <= header.size <= MAX_SIZE or not header.games:
        raise ShardError(f"{path}: corrupt header")
    return header, end


def read_shard(path: Path) -> list[FinishedGame]:
    """The games of a shard. ShardError unless the checksums and every field are right."""
    try:
        check_file(path)
        data = path.read_bytes()
    except OSError as error:
        raise ShardError(f"{path}: cannot be read ({error.strerror})") from None
    header, start = _parse_header(path, data[: len(MAGIC) + 8 + MAX_HEADER_BYTES])
    payload = data[start:]
    if len(payload) != header.bytes or zlib.crc32(payload) != header.crc32:
        raise ShardError(f"{path}: checksum wrong")
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(payload, MAX_PAYLOAD_BYTES)
        if not unpacker.eof:
            raise ValueError("too long")
        games = _games(header, raw)
        if sum(map(learned_positions, games)) != header.positions:
            raise ValueError("not as many positions as its header says")
        return games
    except (zlib.error, ValueError, IndexError, OverflowError) as error:
        raise ShardError(f"{path}: corrupt ({' '.join(str(error).split())[:80]})") from None


def _games(header: Header, raw: bytes) -> list[FinishedGame]:
    count, area = header.games, header.size**2
    widths = {"rules": 4, "ownership": area, "policy": area + 1}
    columns: dict[str, np.ndarray] = {}
    at, total = 0, 0
    for name, kind in FIELDS:
        width = widths.get(name, 1)
        rows = total if name in ("actions", "value", "policy") else count
        array = np.frombuffer(raw, kind, rows * width, at)
        at += array.nbytes
        columns[name] = array.reshape(rows, width) if name in widths else array
        if name == "moves":
            if (array < 0).any():
                raise ValueError("a negative number of moves")
            total = int(array.sum())
    if at != len(raw):
        raise ValueError("its length is not that of its fields")
    if columns["moves"].max() > MOST_MOVES * area:
        raise ValueError("a game of too many moves")
    actions, opening = columns["actions"], columns["opening"]
    if total and not 0 <= actions.min() <= actions.max() <= area:
        raise ValueError("a move off the board")
    if (opening < 0).any() or (opening > columns["moves"]).any():
        raise ValueError("an opening longer than its game")
    for name, low, high in BOUNDS:
        if not (low <= columns[name]).all() or not (columns[name] <= high).all():  # false for what is no number, too
            raise ValueError(f"{name} out of bounds")
    ends = np.cumsum(columns["moves"])
    return [_game(header.size, columns, g, int(end)) for g, end in enumerate(ends)]


def _game(size: int, columns: dict[str, np.ndarray], g: int, end: int) -> FinishedGame:
    moves = slice(end - int(columns["moves"][g]), end)
    superko, suicide, territory, komi = columns["rules"][g]
    return FinishedGame(
        size=size,
        ruleset=RuleSet(int(superko), int(suicide), int(territory), float(komi)),
        actions=columns["actions"][moves].astype(np.int16),
        policy=columns["policy"][moves].copy(),
        value=columns["value"][moves].astype(np.float32),
        opening=int(columns["opening"][g]),
        score=float(columns["score"][g]),
        ownership=columns["ownership"][g].copy(),
        resigned=bool(columns["resigned"][g]),
    )


def write_base(folder: Path, games: int, positions: int) -> None:
    """Notes that so many games and positions came before the first shard of a folder."""
    write_atomically(folder / BASE, json.dumps({"games": games, "positions": positions}).encode())


def read_base(folder: Path) -> tuple[int, int]:
    """(games, positions) that came before the first shard; ShardError for a file that is not :func:`write_base`'s."""
    path = folder / BASE
    if not path.exists():
        return 0, 0
    try:
        values = json.loads(read_file(path, 1000))
        numbers = values["games"], values["positions"]
        good = all(type(n) is int and 0 <= n < 1 << 60 for n in numbers)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good:
        raise ShardError(f"{path}: cannot be read; without it a packed run does not know its age")
    return numbers


def _number(path: Path) -> int:
    """The number of a shard; -1 for a name that is none."""
    return int(path.stem) if path.stem.isdecimal() and len(path.stem) < 16 else -1


class GameStore:
    """The shards of one run's folder, numbered from 0 without end."""

    def __init__(self, folder: Path, sizes: Sequence[int], say: Callable[[str], None]) -> None:
        """Reads every header, writes nothing; ``say`` hears, in one line each, of the shards that are passed over, such
        as those of other board sizes than ``sizes``."""
        self.folder, self.sizes, self._say = folder, tuple(sizes), say
        self.headers: dict[Path, Header] = {}
        for path in sorted(folder.glob("*" + SUFFIX)):
            try:
                header = read_header(path)
                if header.size not in self.sizes:
                    wanted = " or ".join(map(str, self.sizes))
                    raise ShardError(f"{path}: of board size {header.size}, not {wanted}")
                self.headers[path] = header
            except ShardError as error:
                say(f"passed over: {error}")
        self._base = read_base(folder)
        self._next = max(map(_number, folder.glob("*" + SUFFIX)), default=-1) + 1

    @property
    def games(self) -> int:
        """Games in all shards that can be read, and those that were left behind."""
        return self._base[0] + sum(header.games for header in self.headers.values())

    @property
    def positions(self) -> int:
        """Positions to learn from in all shards that can be read, and those that were left behind."""
        return self._base[1] + sum(header.positions for header in self.headers.values())

    @property
    def last_note(self) -> dict[str, float]:
        """The note of the newest shard; {} where there is none."""
        return next((self.headers[path].note for path in self._newest_first()), {})

    def _newest_first(self) -> list[Path]:
        """The shards that can be read, by number; those that somebody has renamed come last."""
        return sorted(self.headers, key=lambda path: (_number(path), path.name), reverse=True)

    def append(self, games: list[FinishedGame], note: dict[str, Any] | None = None) -> None:
        """Stores games of one size for good, so many in a shard that it can be read again. Nothing is written for
        none."""
        for begin in range(0, len(games), MOST_GAMES):
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{self._next:08}{SUFFIX}"
            write_shard(path, games[begin : begin + MOST_GAMES], note)
            self.headers[path] = read_header(path)
            self._next += 1

    def sizes_of_newest(self, positions: int) -> dict[int, int]:
        """How many of so many newest positions (or of all there are) lie on each board size."""
        found = dict.fromkeys(self.sizes, 0)
        for path in self._newest_first():
            header = self.headers[path]
            taken = min(header.positions, positions - sum(found.values()))
            found[header.size] += taken
            if not taken and header.positions:
                break
        return found

    def newest(self, positions: int) -> Iterator[FinishedGame]:
        """The newest games, oldest of them first, that hold at least so many positions (or all there are).

        A shard that turns out to be corrupt is passed over, and no longer counts.
        """
        chosen: list[list[FinishedGame]] = []
        held = 0
        for path in self._newest_first():
            if held >= positions:
                break
            try:
                chosen.append(read_shard(path))
                held += self.headers[path].positions
            except ShardError as error:
                self._say(f"passed over: {error}")
                del self.headers[path]
        for games in reversed(chosen):
            yield from games
