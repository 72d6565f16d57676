"""A file that one process at a time can hold."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import IO

NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}


def lock(path: Path) -> IO[str] | None:
    """The file, opened (and made, if need be) and locked until it is closed or the process ends, however it does;
    None if another process holds it. OSError if it cannot be opened. Some network disks know no locks: nobody else is
    noticed there."""
    file = open(path, "a")  # noqa: SIM115 (the caller holds it)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in NO_LOCKS:
            return file
        file.close()
        return None
    return file
