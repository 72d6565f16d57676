"""Game records for learning: SGF collections -> games packed at ten bits a move -> batches at any position.

Sources are .sgf files, .sgf.xz, .zip archives and folders of them. Each game is read once: plain main lines on a fast
path, everything else through sgfmill; it is replayed once, and left out, with its reason counted, if it cannot be
used. What was read is kept in a cache file (:mod:`nets.record_cache`).

What is known of a game: the result from RE, never from counting; the score where RE says points; ownership only where
the last position, without the stones that playouts find dead (:mod:`gogame.dead`), counts to that score within a point.
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gogame.board import BLACK, WHITE, new_board
from gogame.dead import new_playouts, owners_of_score
from gogame.geometry import geometry
from gogame.rules import Rules, default_rules
from gogame.score import stones_beyond
from gogame.sgf import game_before_setup, komi_of, komi_written, read_sgf, rules_of, rules_written, text_of
from gogame.sgf_text import MainLine, SgfError, main_lines, split_collection
from nets.config import MAX_SIZE, MIN_SIZE
from nets.positions import COLOR_BIT, COUNTED, OWNED, GameTable, replay

MAX_FILE_BYTES = 1 << 31
MAX_MOVES = 2000  # of one game


class RecordsError(ValueError):
    """Records that cannot be used; one line for the user."""


class UnreadableError(RecordsError):
    """A file that cannot be read now, damaged or not: a disk, a network or a right may come back."""


# --- reading -------------------------------------------------------------------------------------------------------


def sources(paths: Iterable[Path]) -> list[Path]:
    """The files that these files and folders stand for, each once, sorted within a folder. RecordsError if there is
    none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.is_file() and p.name.lower().endswith(ENDINGS))
        elif path.is_file():
            found.append(path)
        else:
            raise RecordsError(f"{path}: no such file or folder")
    if not found:
        raise RecordsError(f"no game records ({', '.join(ENDINGS)}) in {', '.join(str(p) for p in paths)[:200]}")
    once: dict[Path, Path] = {}
    for path in found:
        once.setdefault(path.resolve(), path)
    return list(once.values())


ENDINGS = (".sgf", ".sgf.xz", ".zip")


def read_bytes(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, SGF data) of a file, or of each SGF in an archive. RecordsError for one that cannot be read."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise RecordsError(f"{path}: larger than {MAX_FILE_BYTES >> 20} MB")
        if path.name.lower().endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist():
                    if info.filename.lower().endswith(".sgf") and info.file_size <= MAX_FILE_BYTES:
                        yield f"{path}/{info.filename}", archive.read(info)
        elif path.name.lower().endswith(".xz"):
            data = bytearray()
            with lzma.open(path) as file:
                while part := file.read(1 << 20):
                    data += part
                    if len(data) > MAX_FILE_BYTES:
                        raise RecordsError(f"{path}: larger than {MAX_FILE_BYTES >> 20} MB unpacked")
            yield str(path), bytes(data)
        else:
            yield str(path), path.read_bytes()
    except RecordsError:
        raise
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror or _line(error)})") from None
    # ValueError: the name of a member is not in the character set that the archive says
    except (EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, RuntimeError, ValueError) as error:
        raise RecordsError(f"{path}: cannot be read ({_line(error)})") from None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:100]


class RawGame(NamedTuple):
    """One game as read."""

    size: int
    komi: float
    territory: bool
    result: str
    setup: list[tuple[int, int]]  # (colour, point)
    moves: list[tuple[int, int]]  # (colour, point or PASS)
    has_komi: bool = True  # that its points were counted with: not the usual one, for want of a word about it


def raw_games(name: str, data: bytes) -> Iterator[RawGame | SgfError]:
    """The games of some SGF data; an SgfError in the place of one that cannot be read.

    What is not plain goes through sgfmill, game by game.
    """
    try:
        lines = list(main_lines(data))
    except SgfError:
        lines = []
    if lines and all(lines):
        yield from (_of_main_line(line) for line in lines if line)
        return
    parts = list(split_collection(data)) or [data]  # without a game the reader says so
    if len(parts) != len(lines) or None in lines:  # which of them is which is not known for sure
        lines = list(map(_main_line_alone, parts))
    for line, part in zip(lines, parts, strict=True):
        yield _of_main_line(line) if line else _read_with_care(part)


def _main_line_alone(part: bytes) -> MainLine | None:
    try:
        (line,) = main_lines(part)
    except ValueError:  # an SgfError is one
        return None
    return line


def _read_with_care(part: bytes) -> RawGame | SgfError:
    try:
        record = read_sgf(part)
        game, whole = game_before_setup(record, rules_of(record, _default_rules))
        root = record.get_root()
        result, has_komi = text_of(root, "RE"), komi_of(root) is not None
        if not whole and "+" in result:  # the points are those of another position
            result = result.partition("+")[0] + "+R"
        black, white, _ = game.setup_stones
        setup = [(BLACK, p) for p in black] + [(WHITE, p) for p in white]
        territory = game.rules.scoring == "territory"
        # A handicap game that does not name its komi has none.
        komi = game.komi if has_komi or game.handicap < 2 else float(game.white_bonus)
        return RawGame(game.size, komi, territory, result, setup, list(game.moves), whole and has_komi)
    except (ValueError, OverflowError, LookupError) as error:
        return SgfError(" ".join(str(error).split())[:120])


def _default_rules(size: int) -> Rules:
    """Of a game that names none: no points for handicap stones, which KM may hold already."""
    return default_rules(size).replace(handicap_bonus="none")


def _of_main_line(line: MainLine) -> RawGame:
    def first(name: str) -> str:
        return line.root.get(name, b"").decode("latin-1").strip()

    rules, komi = rules_written(first("RU"), line.size), komi_written(first("KM"))
    territory, has_komi = rules.scoring == "territory", komi is not None
    return RawGame(line.size, rules.komi if komi is None else komi, territory, first("RE"), [], line.moves, has_komi)


def parse_result(text: str) -> tuple[int, float | None] | None:
    """(winner as 1, -1, 0 for Black, White, a draw; Black's lead in points or None) of RE; None if nobody won."""
    text = text.strip().upper()
    if text in ("0", "DRAW", "JIGO"):
        return 0, 0.0
    match = re.fullmatch(r"([BW])\+(.*)", text)
    if not match:
        return None
    sign, number = 1 if match[1] == "B" else -1, re.fullmatch(r"\d+(?:[.,]\d+)?", match[2].strip())
    points = float(number[0].replace(",", ".")) if number else 0.0
    return sign, sign * points if 0 < points <= 1000 else None


class TableBuilder:
    """Collects games of one board size, and counts those that are left out, by reason."""

    def __init__(self, size: int) -> None:
        if not MIN_SIZE <= size <= MAX_SIZE:
            raise RecordsError(f"board size {size}: networks play {MIN_SIZE} to {MAX_SIZE}")
        self.size = size
        self.left_out: Counter[str] = Counter()
        self.examples: dict[str, str] = {}  # reason -> where it was first met
        self._other_sizes: Counter[int] = Counter()
        self._columns: dict[str, list] = {name: [] for name in GameTable._fields if name != "owners"}
        self._owners: list[np.ndarray] = []
        self._seen: set[int] = set()
        self._action = geometry(size).action.tolist()
        self._board, self._empty = new_board(size), new_board(size)
        self._playouts = new_playouts(size)

    def add(self, game: RawGame | SgfError, where: str = "") -> bool:
        """Takes a game in, unless it cannot be learned from."""
        reason = re.sub(r"\d+", "N", str(game))[:80] if isinstance(game, SgfError) else self._add(game)
        if reason:
            self.left_out[reason] += 1
            self.examples.setdefault(reason, where)
        return not reason

    def _add(self, game: RawGame) -> str:
        """Empty, or why the game is left out."""
        if game.size != self.size:
            self._other_sizes[game.size] += 1
            return f"board size {game.size}, not {self.size}"
        result = parse_result(game.result)
        if result is None:
            return "no result"
        if len(game.moves) < 2:
            return "fewer than two moves"
        if len(game.moves) > MAX_MOVES:
            return "too many moves"
        komi, action = game.komi, self._action
        words = [action[p] | (color == WHITE) << COLOR_BIT for color, p in (*game.setup, *game.moves)]
        packed, setup = np.array(words, np.uint16), len(game.setup)
        points = geometry(self.size).points
        if replay(self._board, self._empty, points, packed, len(packed), setup) != len(packed):
            return "an illegal move"
        same = hash((packed.tobytes(), setup, komi, game.territory, result))
        if same in self._seen:  # in overlapping collections; else it could be learned from and held out
            return "the same as another game"
        self._seen.add(same)
        winner, lead = result
        flags = 0
        points_led = (lead or 0.0) + komi  # on the board
        bound = (2 if game.territory else 1) * self.size**2  # prisoners may be many
        if lead is not None and game.has_komi and float(points_led).is_integer() and abs(points_led) <= bound:
            flags = COUNTED
            area = points_led + (int(stones_beyond(self._board)) if game.territory else 0)
            # A point beside it: records seldom say whether area or territory was counted.
            owners = owners_of_score(self._board, area, 1.0, self._playouts)
            if owners is not None:
                flags |= OWNED
                self._owners.append(owners[points])
        row = (packed, 0, setup, komi, game.territory, winner, lead or 0.0, flags, len(self._owners) - 1)
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)
        return ""

    def table(self) -> GameTable:
        """What was collected. RecordsError if nothing was."""
        c = self._columns
        if not c["words"]:
            why = ", ".join(f"{n} x {reason}" for reason, n in self.left_out.most_common(3))
            usable = sorted(size for size in self._other_sizes if MIN_SIZE <= size <= MAX_SIZE)
            remedy = f"; --size {usable[0]} takes those" if len(usable) == 1 else ""
            raise RecordsError(
                f"no game of size {self.size} that can be learned from ({why or 'no game at all'}){remedy}"
            )
        return GameTable(
            np.concatenate(c["words"]),
            np.concatenate([[0], np.cumsum([len(words) for words in c["words"]])]).astype(np.int64),
            np.array(c["setup"], np.int16),
            np.array(c["komi"], np.float32),
            np.array(c["territory"], np.uint8),
            np.array(c["result"], np.int8),
            np.array(c["score"], np.float32),
            np.array(c["flags"], np.uint8),
            np.array(c["owned"], np.int32),
            np.array(self._owners, np.int8).reshape(-1, self.size**2),
        )
