"""What every long run needs around it: one process a folder, and an end by signal that loses nothing."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from gogame.locks import lock
from nets.checkpoint import has_state, load_state

LEFTOVER = re.compile(r"\..+\.\d+\.(new|tmp)")  # see nets.checkpoint.save_state and gogame.disk.write_atomically
# What a run writes at its beginning, and its config, which may lie there before.
OWN = frozenset("checkpoint config.toml good log.jsonl net.safetensors ratings.json records.cache".split())
MOST_ROLLBACKS = 3  # diverged trainings in a row before a run gives up


@contextlib.contextmanager
def stopping_by_signal(ask: Callable[[str], bool]) -> Iterator[None]:
    """SIGINT and SIGTERM call ``ask`` with their name; where that says "asked before", the run ends at once.

    So does SIGHUP, of a terminal that was closed, unless it is ignored (``nohup``); it may come twice, and asks once.
    """
    hangup = getattr(signal, "SIGHUP", None)  # not on Windows

    def handle(number: int, _frame: Any) -> None:
        if ask(signal.Signals(number).name) and number != hangup:
            raise KeyboardInterrupt

    numbers = [signal.SIGINT, signal.SIGTERM]
    if hangup is not None and signal.getsignal(hangup) != signal.SIG_IGN:
        numbers.append(hangup)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def made_and_locked(folder: Path) -> Iterator[None]:
    """:func:`locked`, in a folder that is made if it is not there. ClickException for one of other things."""
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        yield


def check_folder(folder: Path) -> None:
    """ClickException, in one line, for a folder that holds something and nothing of a run: it is another one that was
    meant. Hidden and empty files, logs, and games that were laid in, may be there before."""
    names = {entry.name for entry in _entries(folder)}
    others = sorted(name for name in names - {"games", "lost+found"} if not name.endswith((".log", ".out")))
    if not others or names & OWN or any(entry.name.endswith(".shard") for entry in _entries(folder / "games")):
        return
    raise click.ClickException(f"{folder}: holds {others[0]} and no run; a run begins in a folder that is new or empty")


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, without what is hidden, and empty files; [] for none."""
    if not os.path.isdir(folder):
        return []
    with os.scandir(folder) as found:
        seen = [entry for entry in found if not entry.name.startswith(".")]
    return [entry for entry in seen if entry.is_dir() or entry.is_symlink() or _size(entry)]


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except FileNotFoundError:  # by another process, since it was listed
        return 0


def clear_leftovers(folder: Path) -> None:
    """Removes what a kill has left half-written in a run's folder, its networks and games, by the names that this
    program gives. Only under the lock."""
    for place in (folder, folder / "nets", folder / "games"):
        _clear(place)
    with contextlib.suppress(OSError):  # games to be looked at: the run does not need the folder
        _clear(folder / "sgf")


def _clear(place: Path) -> None:
    for leftover in place.glob(".*"):
        if LEFTOVER.fullmatch(leftover.name) and not leftover.is_symlink():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps two processes out of one run. The lock goes with the process, however it ends."""
    file = lock(folder / "lock")
    if file is None:
        raise click.ClickException(f"{folder}: another process is at work in this run")
    with file:
        yield


class Rollbacks:
    """Diverged trainings of a call: each goes back to a state on disk, until there were too many in a row."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.in_a_row = folder, 0

    @property
    def is_last(self) -> bool:
        """Whether the next one is the last that may be made in a row."""
        return self.in_a_row + 1 >= MOST_ROLLBACKS

    def next_state(self, why: str, name: str) -> dict[str, Any]:
        """The state to go back to. ClickException, in one line, if that would not help."""
        self.in_a_row += 1
        if self.in_a_row > MOST_ROLLBACKS:
            raise click.ClickException(f"{why}; going back to the checkpoint did not help")
        if not has_state(self.folder / name):
            raise click.ClickException(f"{why}; there is no checkpoint to go back to")
        return load_state(self.folder / name)
