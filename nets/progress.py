"""What a run tells: a live table on a terminal or plain lines elsewhere, tensorboard, and a log of JSON lines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table


class Progress:
    """Reports one run. Everything it writes lies in the run's folder."""

    title = "progress"
    shown: tuple[tuple[str, str, str], ...] = ()  # (name in the figures, heading, format) of the live table
    bold = ""  # the name in bold

    def __init__(self, folder: Path, quiet: bool = False) -> None:
        self._folder = folder
        self._quiet = quiet
        self._log = open(folder / "log.jsonl", "a", encoding="utf-8")  # noqa: SIM115 - closed by close()
        self._board: Any = None
        self._console = Console()
        self._live = None
        if self._console.is_terminal and not quiet:
            self._live = Live(console=self._console, refresh_per_second=2)
            self._live.start()

    def figures(self, figures: Mapping[str, Any]) -> None:
        """The state after a slice of the run; ``steps`` and ``minutes`` are among the figures."""
        self._write({"kind": "slice", **figures})
        self._tensorboard(figures)
        if self._live is not None:
            self._live.update(self.table(figures))
        elif not self._quiet:
            print(self.line(figures), flush=True)

    def event(self, text: str, **values: Any) -> None:
        """Something worth a line, such as a checkpoint that was rolled back to, with what belongs to it."""
        self._write({"kind": "event", "text": text, **values})
        if self._live is not None:
            self._live.console.print(text)
        elif not self._quiet:
            print(text, flush=True)

    def close(self) -> None:
        """Ends the table and closes the files."""
        if self._live is not None:
            self._live.stop()
        if self._board is not None:
            self._board.close()
        self._log.close()

    def _write(self, record: Mapping[str, Any]) -> None:
        self._log.write(json.dumps({"time": round(time.time(), 1), **record}) + "\n")
        self._log.flush()

    def _tensorboard(self, figures: Mapping[str, Any]) -> None:
        if self._board is None:
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(self._folder / "tensorboard"))
        for name, value in figures.items():
            if isinstance(value, (int, float)) and name != "steps":
                self._board.add_scalar(name, value, int(figures["steps"]))

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
