"""What a run tells: a live table on a terminal or plain lines elsewhere, tensorboard, and a log of JSON lines.

A log that cannot be written does not stop the run: it is tried again each time, and its first failure is told.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from nets.append import Lines
from nets.curves import Curves
from nets.failures import reason


class Progress:
    """Reports one run. Everything it writes lies in the run's folder."""

    title = "progress"
    shown: tuple[tuple[str, str, str], ...] = ()  # (name in the figures, heading, format) of the live table
    bold = ""  # the name in bold

    def __init__(self, folder: Path, quiet: bool = False) -> None:
        self._folder = folder
        self._quiet = quiet
        self._log: Lines | None = None
        self._curves: Curves | None = None
        self._lost: set[str] = set()  # what could not be written the last time
        self._console = Console()
        self.on_unread: Callable[[str], Any] | None = None  # called once, with the reason, if nobody reads the lines
        self._live: Live | None = None  # from the first figures on: what fails before leaves the terminal as it is

    def figures(self, figures: Mapping[str, Any]) -> None:
        """The state after a slice of the run; ``steps`` and ``minutes`` are among the figures."""
        self._write({"kind": "slice", **figures})
        with self._as_it_goes("tensorboard"):
            if self._curves is None:
                self._curves = Curves(self._folder / "tensorboard")
            numbers = {n: v for n, v in figures.items() if isinstance(v, (int, float)) and n != "steps"}
            self._curves.add(int(figures["steps"]), numbers)
        if self._quiet or not self._console.is_terminal or self._console.is_dumb_terminal:  # which shows no live table
            self._print(self.line(figures))
            return
        with self._on_terminal():
            live = self._live  # a signal may end the table on the way
            if live is None:
                live = self._live = Live(console=self._console, refresh_per_second=2)
                live.start()
            live.update(self.table(figures))

    def event(self, text: str, **values: Any) -> None:
        """Something worth a line, such as a checkpoint that was rolled back to, with what belongs to it."""
        self._write({"kind": "event", "text": text, **values})
        if (live := self._live) is not None:
            with self._on_terminal():
                live.console.print(text, markup=False, highlight=False)
        else:
            self._print(text)

    def close(self) -> None:
        """Ends the table and closes the files."""
        if (live := self._live) is not None:
            with self._on_terminal():
                live.stop()
        for file in (self._curves, self._log):
            if file is not None:
                file.close()

    @contextlib.contextmanager
    def _on_terminal(self) -> Iterator[None]:
        """A terminal that is gone, since its window was closed, is told nothing more."""
        try:
            yield
        except OSError:
            live, self._live, self._quiet = self._live, None, True
            if live is not None:
                with contextlib.suppress(OSError):
                    live.stop()

    def _print(self, text: str) -> None:
        if self._quiet:
            return
        try:
            print(text, flush=True)
        except OSError as error:
            unread = isinstance(error, BrokenPipeError)
            if unread and self.on_unread is None:
                raise
            self._quiet = True
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - what it has buffered would fail again at the end
            if unread and self.on_unread is not None:
                self.on_unread("nobody reads standard output any more")
                return
            # A file on a disk that is full.
            _try_to_say(f"standard output: no more lines from here on ({reason(error)}); the run goes on")

    def _write(self, record: Mapping[str, Any]) -> None:
        with self._as_it_goes("log.jsonl"):
            if self._log is None:
                self._log = Lines(self._folder / "log.jsonl")
            self._log.write_line(json.dumps({"time": round(time.time(), 1), **record}))

    @contextlib.contextmanager
    def _as_it_goes(self, name: str) -> Iterator[None]:
        """The run goes on if this file of its folder cannot be written; that is told once, until it can be again."""
        try:
            yield
        except OSError as error:
            if name not in self._lost:
                _try_to_say(
                    f"{self._folder / name}: cannot be written ({reason(error)}); the run goes on, with gaps in it"
                )
            self._lost.add(name)
        else:
            self._lost.discard(name)

    def line(self, figures: Mapping[str, Any]) -> str:
        """The figures as one plain line."""
        return "  ".join(f"{h} {f.format(figures[n])}" for n, h, f in self.shown if figures.get(n) is not None)

    def table(self, figures: Mapping[str, Any]) -> Table:
        """The figures as a table."""
        table = Table(title=self.title, show_header=False)
        for name, heading, form in self.shown:
            if figures.get(name) is not None:
                table.add_row(heading, form.format(figures[name]), style="bold" if name == self.bold else None)
        return table


def say(text: str) -> None:
    """One line to standard error."""
    print(f"gogame: {text}", file=sys.stderr, flush=True)


def _try_to_say(text: str) -> None:
    with contextlib.suppress(OSError):
        say(text)
