"""Files that grow: each piece is in the file as a whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Appended:
    """A file that is only appended to, without a buffer: a kill loses nothing that was written before it.

    A piece that finds no room is taken back, and OSError is raised with the path as its filename.
    """

    def __init__(self, path: Path) -> None:
        """Goes on after what the file holds."""
        self.path = path
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - closed by close()

    def write(self, data: bytes) -> None:
        """Appends a piece."""
        end = os.fstat(self._file.fileno()).st_size
        try:
            written = 0
            while written < len(data):
                written += self._file.write(data[written:]) or 0
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(end)
            raise OSError(error.errno, error.strerror, str(self.path)) from None

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


class Lines(Appended):
    """A file of lines. A last line without an end, which a system that went down may leave, is cut off."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with open(path, "rb") as file:
            held = file.read()
        if held and not held.endswith(b"\n"):
            self._file.truncate(held.rfind(b"\n") + 1)

    def write_line(self, text: str) -> None:
        """Appends a line."""
        self.write(text.encode() + b"\n")
