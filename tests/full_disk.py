"""A disk without room for some files, as far as this process is concerned."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from gogame import disk
from nets import append


class FullDisk:
    """Writing a file whose path holds ``name`` fails with this error, after half of the bytes, as on a real disk.

    It has room again when ``name`` is set to None.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str | None, number: int = errno.ENOSPC) -> None:
        self.name, self.number, self.failed = name, number, 0
        self._open = open
        for module in (append, disk):
            monkeypatch.setattr(module, "open", self._opened, raising=False)

    def _opened(self, path: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        file = self._open(path, mode, *rest, **named)
        return _Checked(self, file, str(path)) if mode[0] in "wa" else file

    def write(self, file: Any, path: str, data: bytes) -> int:
        if self.name is None or self.name not in path:
            return int(file.write(data))
        if len(data) > 1:
            file.write(data[: len(data) // 2])
        self.failed += 1
        raise OSError(self.number, os.strerror(self.number))


class _Checked:
    """A file whose writes the disk is asked about."""

    def __init__(self, disk: FullDisk, file: Any, path: str) -> None:
        self._disk, self._file, self._path = disk, file, path

    def write(self, data: bytes) -> int:
        return self._disk.write(self._file, self._path, data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Checked:
        return self

    def __exit__(self, *_: Any) -> None:
        self._file.close()


def hidden(folder: Path) -> list[Path]:
    """What a write that was not finished would have left."""
    return sorted(folder.rglob(".*"))
