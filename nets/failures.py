"""What can go wrong around a long run, in one line each: a disk that is full or broken, a GPU that is too small.

The rule: what a run cannot go on without (games, checkpoint, networks, ratings) ends it, with its path, the reason and
the remedy; a mere log or picture is given up, with a word on it.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

import click

_FULL = {errno.ENOSPC, errno.EFBIG} | {getattr(errno, name) for name in ("EDQUOT",) if hasattr(errno, name)}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}


def reason(error: OSError) -> str:
    """The system's words for an error, without its number and path."""
    return error.strerror or " ".join(str(error).split()) or type(error).__name__


def remedy(error: OSError) -> str:
    """What to do about an error of the disk, as a sentence that follows it."""
    if error.errno in _FULL:
        return "free some space there, and the same command goes on"
    if error.errno in _CLOSED:
        return "make it writable, and the same command goes on"
    if error.errno == errno.EIO:
        return "look after the disk; the same command goes on from what is there"
    return "once that is mended, the same command goes on"


def disk_line(error: OSError, folder: Path) -> str:
    """An error of the disk in one line; ``folder`` stands for the path where the error names none."""
    return f"{error.filename or folder}: cannot be written or read ({reason(error)}); {remedy(error)}"


@contextlib.contextmanager
def told_in_one_line(folder: Path) -> Iterator[None]:
    """Errors of the disk, and a GPU whose memory is too small for any batch, end a run in ``folder`` with one line."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.ClickException(disk_line(error, folder)) from None
    except RuntimeError as error:
        from nets.memory import is_out_of_memory

        if not is_out_of_memory(error):
            raise
        raise click.ClickException(
            "GPU: out of memory; end other programs on it, or choose a smaller network, a smaller batch or "
            "--device cpu; the same command goes on"
        ) from None
