"""The figures that self-play shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nets.progress import Progress

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


class SelfPlayProgress(Progress):
    """The figures of the learning loop."""

    title, shown, bold = "self-play", SHOWN, "elo"

    def line(self, figures: Mapping[str, Any]) -> str:
        f = figures
        text = (
            f"{f['minutes']:6.1f} min  {f['games']} games  {f['moves_per_s']:.0f} moves/s  "
            f"{f['evaluations_per_s']:.0f} evaluations/s  window {f['window']}  n={f['simulations']}"
        )
        if f.get("loss") is not None:
            text += f"  lr {f['lr']:.4g}  loss {f['loss']:.3f} (policy {f['policy']:.3f}, value {f['value']:.3f})"
        if f.get("elo") is not None:
            text += f"  Elo {f['elo']:+.0f}"
        return text + f"  {f['minutes_left']:.1f} min left"
