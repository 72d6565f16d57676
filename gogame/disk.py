"""Files, read and written with care: nothing is destroyed by a failure, and nothing waits for what never ends."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

NOWHERE = Path(os.devnull, "gogame")  # a folder that is not there and cannot be made


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file under a temporary name, syncs and renames it: no reader ever sees a part of it. One that was there
    leaves its permissions to it.

    OSError, with ``path`` as its filename, if it cannot be done; nothing is left behind then.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            with open(temporary, "wb") as file:
                with contextlib.suppress(OSError):
                    if os.name == "posix":  # on Windows a read-only file could not be taken away again
                        os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise named(error, path) from None


def named(error: OSError, path: Path) -> OSError:
    """The error of the system as one of this path: writing tells none, and a temporary name would say little."""
    return OSError(error.errno, error.strerror or str(error), str(path))


def sync_folder(folder: Path) -> None:
    """Makes renames in the folder durable, where the system can (not on Windows, nor on every network's disks)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(handle)


def place(find: Callable[[], str | Path]) -> Path:
    """A folder of the user's that the system knows; :data:`NOWHERE` where it knows no home of this user."""
    try:
        folder = Path(find())
    except RuntimeError:
        return NOWHERE
    return folder if folder.is_absolute() else NOWHERE


def check_file(path: Path) -> None:
    """OSError for a pipe or a device, at which reading and writing may wait for ever, and for what is not there."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # the system has its own words for a folder
        raise OSError(errno.EINVAL, "a pipe or a device, not a file", str(path))


def read_file(path: Path, most: int) -> bytes:
    """A file's content. OSError, also for a pipe, a device, and more than ``most`` bytes."""
    check_file(path)
    with open(path, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"larger than {most:,} bytes", str(path))
    return data
