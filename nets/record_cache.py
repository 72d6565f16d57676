"""Game records read once: a :class:`nets.positions.GameTable` in a file, ten bits a move and two an owned point.

A safetensors file whose header names the sources (path, bytes, time of change), the board size, the state of the
program's own readers and a CRC-32 of the tensors. When any of them differs, or the file is damaged, the sources are
read again; so they are while one of them cannot be read.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from gogame import board, coords, dead, game, geometry, rules, score, sgf, sgf_text
from gogame.board import BLACK, WHITE
from gogame.disk import write_atomically
from nets import positions, records
from nets.failures import disk_line
from nets.positions import COLOR_BIT, OWNED, GameTable
from nets.records import RecordsError, TableBuilder, UnreadableError, raw_games, read_bytes, sources

FORMAT = "gogame-records-6"
READERS = (board, coords, dead, game, geometry, positions, records, rules, score, sgf, sgf_text)
SAY_EVERY = 10.0  # seconds between two lines of progress
LARGE = 5_000_000  # bytes of a file whose reading is told
ACTION_BITS = COLOR_BIT
PLAIN = tuple(name for name in GameTable._fields if name not in ("words", "owners"))  # stored as they are
COLORS = (("black", BLACK), ("white", WHITE))


def open_records(paths: Sequence[Path], size: int, cache: Path | None, say: Callable[[str], None]) -> GameTable:
    """The games of one board size in these files and folders; from ``cache`` where it holds the very same.

    ``say`` hears of the progress, of games that are left out, of sources that cannot be read, and of a cache that
    cannot be written, without which the games are returned all the same. RecordsError if no game is left.
    """
    files = sources(paths)
    stamp = json.dumps([size, _readers(), [[str(f.resolve()), f.stat().st_size, f.stat().st_mtime_ns] for f in files]])
    if cache is not None and cache.exists():
        try:
            return _load(cache, stamp)
        except RecordsError as error:
            say(str(error))
    table, whole = _read(files, size, say)
    if cache is not None and whole:
        try:
            cache.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(cache, _packed(table, stamp))
        except OSError as error:
            say(f"{disk_line(error, cache)}; until then the records are read at each start")
    return table


def _readers() -> int:
    """A number that is another one when the program reads records otherwise."""
    crc = 0
    for module in READERS:
        crc = zlib.crc32(Path(str(module.__file__)).read_bytes(), crc)
    return crc


def _read(files: Sequence[Path], size: int, say: Callable[[str], None]) -> tuple[GameTable, bool]:
    """(the games, whether all files could be read)."""
    builder, seen, said = TableBuilder(size), 0, time.perf_counter()
    unread: list[RecordsError] = []
    for number, file in enumerate(files):
        if file.stat().st_size > LARGE:
            say(f"reading {file.name}, {file.stat().st_size / 1e6:.0f} MB")
        try:
            for name, data in read_bytes(file):
                for game in raw_games(name, data):
                    builder.add(game, name)
                    seen += 1
                    if time.perf_counter() - said > SAY_EVERY:
                        said = time.perf_counter()
                        say(f"reading records: {seen:,} games, file {number + 1} of {len(files)}")
        except RecordsError as error:
            unread.append(error)
    for problem in unread[:5]:
        say(f"left out: {problem}")
    if len(unread) > 5:
        say(f"left out: {len(unread) - 5} more files")
    for reason, count in builder.left_out.most_common(10):
        say(f"left out: {count:,} games, {reason} (first in {builder.examples[reason]})")
    table = builder.table()
    say(f"{table.games:,} games of {size}x{size}, {table.positions:,} positions, of {seen:,} games read")
    return table, not any(isinstance(problem, UnreadableError) for problem in unread)


def _packed(table: GameTable, stamp: str) -> bytes:
    actions, colors = table.words & ((1 << ACTION_BITS) - 1), table.words >> COLOR_BIT
    low, high = (actions & 255).astype(np.uint8), np.packbits((actions >> 8).astype(np.uint8))
    arrays = {"low": low, "high": high, "colors": np.packbits(colors.astype(np.uint8))}
    arrays |= {f"{name}_owners": np.packbits(table.owners == color) for name, color in COLORS}
    arrays |= {name: getattr(table, name) for name in PLAIN}
    meta = {"format": FORMAT, "stamp": stamp, "crc32": str(_checksum(arrays))}
    return bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, meta))


def _checksum(arrays: dict[str, np.ndarray]) -> int:
    crc = 0
    for name in sorted(arrays):
        crc = zlib.crc32(np.ascontiguousarray(arrays[name]).tobytes(), crc)
    return crc


def _load(path: Path, stamp: str) -> GameTable:
    """The table in a cache file; RecordsError if it is damaged or of other sources."""
    try:
        with safe_open(path, framework="numpy") as file:
            meta = file.metadata() or {}
            if meta.get("format") != FORMAT or meta.get("stamp") != stamp:
                raise RecordsError(f"{path}: the records have changed, they are read again")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise RecordsError(
            f"{path}: damaged ({' '.join(str(error).split())[:80]}), the records are read again"
        ) from None
    if str(_checksum(arrays)) != meta.get("crc32"):
        raise RecordsError(f"{path}: damaged (checksum wrong), the records are read again")
    total = len(arrays["low"])
    high, colors = (np.unpackbits(arrays.pop(name), count=total).astype(np.uint16) for name in ("high", "colors"))
    words = arrays.pop("low").astype(np.uint16) | high << 8 | colors << COLOR_BIT
    rows, area = int(np.count_nonzero(arrays["flags"] & OWNED)), json.loads(stamp)[0] ** 2
    owners = np.zeros((rows, area), np.int8)
    for name, color in COLORS:
        owners[np.unpackbits(arrays[f"{name}_owners"], count=rows * area).reshape(rows, area) == 1] = color
    return GameTable(words, **{name: arrays[name] for name in PLAIN}, owners=owners)
