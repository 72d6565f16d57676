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

SHOWN = (  # (name in the figures, heading, format) of the live table
    ("minutes", "minutes", "{:.1f}"),
    ("minutes_left", "minutes left in this call", "{:.1f}"),
    ("games", "games", "{:,d}"),
    ("positions", "positions", "{:,d}"),
    ("window", "window", "{:,d}"),
    ("moves_per_s", "moves/s", "{:,.0f}"),
    ("evaluations_per_s", "evaluations/s while playing", "{:,.0f}"),
    ("simulations", "simulations a move", "{:d}"),
    ("game_length", "moves a game", "{:.0f}"),
    ("black_wins", "Black wins", "{:.0%}"),
    ("steps", "training steps", "{:,d}"),
    ("samples_per_s", "samples/s while training", "{:,.0f}"),
    ("lr", "learning rate", "{:.4g}"),
    ("loss", "loss", "{:.3f}"),
    ("policy", "  policy", "{:.3f}"),
    ("value", "  value", "{:.3f}"),
    ("ownership", "  ownership", "{:.3f}"),
    ("elo", "Elo above the untrained net", "{:+.0f}"),
)


class Progress:
    """Reports one run. Everything it writes lies in the run's folder."""

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
            self._live.update(_table(figures))
        elif not self._quiet:
            print(_line(figures), flush=True)

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


def _table(figures: Mapping[str, Any]) -> Table:
    table = Table(title="self-play", show_header=False)
    for name, heading, form in SHOWN:
        if figures.get(name) is not None:
            table.add_row(heading, form.format(figures[name]), style="bold" if name == "elo" else None)
    return table


def _line(f: Mapping[str, Any]) -> str:
    text = (
        f"{f['minutes']:6.1f} min  {f['games']} games  {f['moves_per_s']:.0f} moves/s  "
        f"{f['evaluations_per_s']:.0f} evaluations/s  window {f['window']}  n={f['simulations']}"
    )
    if f.get("loss") is not None:
        text += f"  lr {f['lr']:.4g}  loss {f['loss']:.3f} (policy {f['policy']:.3f}, value {f['value']:.3f})"
    if f.get("elo") is not None:
        text += f"  Elo {f['elo']:+.0f}"
    return text + f"  {f['minutes_left']:.1f} min left"


def say(text: str) -> None:
    """One line to standard error."""
    print(f"gogame: {text}", file=sys.stderr, flush=True)
