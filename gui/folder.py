"""A folder as the browser of files shows it, and paths as people type them. No pygame here."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

MOST = 100_000  # names of a folder that are looked at
TURN = 0.03  # seconds of reading at a time
UP = ".."


@dataclass(frozen=True)
class Entry:
    """A folder, or an SGF file."""

    name: str
    is_folder: bool
    size: int | None = None  # bytes; None where that cannot be told
    when: float | None = None  # of the last change


class Folder:
    """Read a bit at a time: neither thousands of files nor a slow disk freeze the window. Hidden ones are left out."""

    def __init__(self, path: Path):
        self.path = Path(os.path.abspath(path))
        self.entries: list[Entry] = []  # once all is read: folders by name, then files, the newest first
        self.seen = 0  # names so far
        self.problem = ""  # why not all is there, in one line
        self._scan: Iterator[os.DirEntry[str]] | None = None
        try:
            self._scan = os.scandir(self.path)
        except (OSError, ValueError) as error:  # ValueError: no file can have that name
            self._finish(error)

    @property
    def reading(self) -> bool:
        """There is more to read."""
        return self._scan is not None

    def read(self, seconds: float = TURN) -> None:
        """Read on, for a while."""
        end = time.monotonic() + seconds
        try:
            while self._scan is not None:
                found = next(self._scan, None)
                if found is None or self.seen >= MOST:
                    self.problem = f"only the first {MOST} names are shown" if found else ""
                    self._finish()
                    return
                self.seen += 1
                entry = _entry(found)
                if entry is not None:
                    self.entries.append(entry)
                if time.monotonic() > end:
                    return
        except OSError as error:
            self._finish(error)

    def _finish(self, error: OSError | ValueError | None = None) -> None:
        self._scan = None
        if error is not None:
            self.problem = f"This folder cannot be read: {getattr(error, 'strerror', '') or error}"
        self.entries.sort(key=lambda e: (not e.is_folder, 0.0 if e.is_folder else -(e.when or 0.0), e.name.casefold()))
        if self.path.parent != self.path:
            self.entries.insert(0, Entry(UP, True))

    def matching(self, text: str, folders: bool = False) -> list[Entry]:
        """The entries with all these words in their names; with ``folders`` all folders, too."""
        words = text.casefold().split()
        return [
            e
            for e in self.entries
            if e.name == UP or (folders and e.is_folder) or all(word in e.name.casefold() for word in words)
        ]


def _entry(found: os.DirEntry[str]) -> Entry | None:
    """None for what is not shown: neither a folder nor an SGF file, or hidden."""
    if found.name.startswith("."):
        return None
    try:
        if found.is_dir():
            return Entry(found.name, True)
        if not found.name.lower().endswith(".sgf"):
            return None
        told = found.stat()
    except OSError:  # a link to nothing
        return Entry(found.name, False) if found.name.lower().endswith(".sgf") else None
    return Entry(found.name, False, told.st_size, told.st_mtime) if stat.S_ISREG(told.st_mode) else None


def typed_path(text: str) -> Path:
    """The file that was typed, or pasted: in quotes, as Windows copies a path, or as a file's URL. Raises ValueError
    for what can be none."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    if text.lower().startswith("file://"):
        url = urlsplit(text)
        try:
            text = url2pathname(url.path if url.netloc.lower() in ("", "localhost") else f"//{url.netloc}{url.path}")
        except (OSError, IndexError):  # on Windows, of what is no path there
            raise ValueError(f"{text}: no path of a file") from None
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise ValueError(f"{text}: there is no such home folder") from None
    if not path.parts:
        raise ValueError("Choose a file, or type its name")
    return path


def is_path(text: str) -> bool:
    """Whether more than a part of a name was typed."""
    marks = ("/", os.sep, ":") if os.name == "nt" else ("/",)
    return text in (".", "..") or text.startswith(("~", '"', "'")) or any(mark in text for mark in marks)


def shown_name(text: str) -> str:
    """A name or path without halves of characters, which names in another encoding have."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def shown_size(size: int | None) -> str:
    """ "1.2 kB"; empty where the size is unknown."""
    if size is None:
        return ""
    if size < 1000:
        return f"{size} B"
    for unit in ("kB", "MB", "GB"):
        size_in = size / 1000 ** (1 + ("kB", "MB", "GB").index(unit))
        if size_in < 999.5 or unit == "GB":
            break
    return f"{size_in:.1f} {unit}" if size_in < 10 else f"{size_in:.0f} {unit}"


def shown_time(when: float | None) -> str:
    """ "2026-05-30 16:05"; empty for no time, or one that is none."""
    try:
        return "" if when is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
    except (OSError, OverflowError, ValueError):
        return ""
