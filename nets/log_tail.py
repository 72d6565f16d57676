"""Reading a file of JSON lines while it grows, a bit at a time: the other end of :class:`nets.progress.Progress`.

Such a file may come from anywhere: what is no line of JSON is counted and passed over, and no line, however long,
fills the memory.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHUNK = 1 << 17  # bytes that are read at a time; a longer line is passed over


def number(value: object, most: float = 1e15) -> float | None:
    """A number of a strange file: finite, and at most so far from zero; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -most <= value <= most:
        return None
    return float(value)


def small_file(path: Path, most: int) -> bytes | None:
    """A file's content; None for what is no regular file, cannot be read, or is larger than ``most`` bytes."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe might never end
            return None
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError):  # ValueError: no file can have that name
        return None
    return data if len(data) <= most else None


class Tail:
    """A file of JSON lines. Where it is replaced or cut, it is read anew (``begun`` counts the beginnings)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""  # why it cannot be read, in a few words
        self.changed: float | None = None  # when it was written to last
        self.size = self.position = 0  # bytes there, bytes read
        self.begun = 0
        self.damaged = 0  # lines passed over
        self.behind = True  # there is more to read than the last call had time for
        self._file: tuple[int, int] | None = None  # which one it is
        self._inside = False  # the position lies within a line that is too long

    def read(self, seconds: float) -> Iterator[dict[str, Any]]:
        """The lines that have come since the last call, for so many seconds; all else waits for the next call."""
        end = time.monotonic() + seconds
        self.behind = False
        try:
            told = os.stat(self.path)
            if not stat.S_ISREG(told.st_mode):
                raise OSError("not a file")
            if (told.st_dev, told.st_ino) != self._file or told.st_size < self.position:
                self._file, self.position, self.damaged, self._inside = (told.st_dev, told.st_ino), 0, 0, False
                self.begun += 1
            self.size, self.changed, self.problem = told.st_size, told.st_mtime, ""
            with open(self.path, "rb") as file:
                while True:
                    file.seek(self.position)
                    data = file.read(CHUNK)
                    yield from self._lines(data)
                    if len(data) < CHUNK:
                        break
                    if time.monotonic() > end:
                        self.behind = True
                        break
        except (OSError, ValueError) as error:
            self.problem = getattr(error, "strerror", "") or str(error)

    def _lines(self, data: bytes) -> Iterator[dict[str, Any]]:
        whole = data.rfind(b"\n") + 1
        if not whole:
            if len(data) == CHUNK:
                self.position += len(data)
                self._inside = True
            return  # a line that is still being written waits
        self.position += whole
        for text in data[:whole].split(b"\n")[:-1]:
            line = None if self._inside else _line(text)
            self._inside = False
            if line is not None:
                yield line
            elif text.strip():
                self.damaged += 1
        # What follows the last end of a line is read again with what comes after it.

    def age(self, now: float) -> float | None:
        """Seconds since the file was written to; None where there is none."""
        return None if self.changed is None else max(0.0, now - self.changed)


def _line(text: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
