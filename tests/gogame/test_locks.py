"""One process at a time: what a lock says of others, and of disks that know none."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gogame.locks import lock

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")


def test_a_file_is_held_by_one_until_it_is_closed(tmp_path: Path) -> None:
    held = lock(tmp_path / "lock")
    assert held and lock(tmp_path / "lock") is None
    held.close()
    again = lock(tmp_path / "lock")
    assert again
    again.close()
    with pytest.raises(OSError):
        lock(tmp_path / "nowhere" / "lock")


@pytest.mark.parametrize(
    ("number", "others"), [(errno.ENOLCK, False), (errno.ENOSYS, False), (errno.ENOTSUP, False), (errno.EAGAIN, True)]
)
def test_a_disk_without_locks_has_nobody_else_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, others: bool
) -> None:
    def refuse(file: object, how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuse)
    file = lock(tmp_path / "lock")
    assert (file is None) == others
    if file:
        file.close()
