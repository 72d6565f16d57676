"""The figures that self-play shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nets.progress import Progress
from selfplay.samples import FinishedGame
from selfplay.schedule import simulations

if TYPE_CHECKING:
    from selfplay.loop import Run

SHOWN = (  # (name in the figures, heading, format) of the live table
    ("minutes", "minutes", "{:.1f}"),
    ("minutes_left", "minutes left in this call", "{:.1f}"),
    ("size", "board of the last games", "{0}x{0}"),
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
    ("new_policy", "policy, games not yet learned from", "{:.3f}"),
    ("new_value", "value, the same", "{:.3f}"),
    ("elo", "Elo above the first net", "{:+.0f}"),
)


class SelfPlayProgress(Progress):
    """The figures of the learning loop."""

    title, shown, bold = "self-play", SHOWN, "elo"

    def line(self, figures: Mapping[str, Any]) -> str:
        f = figures
        text = (
            f"{f['minutes']:6.1f} min  {f['games']} games  {f['moves_per_s']:.0f} moves/s  "
            f"{f['evaluations_per_s']:.0f} evaluations/s  window {f['window']}  "
            f"{f['size']}x{f['size']} n={f['simulations']}"
        )
        if f.get("loss") is not None:
            text += f"  lr {f['lr']:.4g}  loss {f['loss']:.3f} (policy {f['policy']:.3f}, value {f['value']:.3f})"
        if f.get("elo") is not None:
            text += f"  Elo {f['elo']:+.0f}"
        return text + f"  {f['minutes_left']:.1f} min left"


def slice_figures(
    run: Run,
    until: float,
    size: int,
    games: list[FinishedGame],
    evaluations: int,
    played: float,
    steps: int,
    training: float,
    losses: Mapping[str, float],
) -> dict[str, Any]:
    """What a slice of the run came to: ``games`` ended in it, on boards of ``size``, with so many evaluations in
    ``played`` seconds; so many steps in ``training`` seconds. ``until``: the end of the call on the run's clock.
    """
    lengths = [len(game.actions) for game in games]
    return {
        "minutes": round(run.seconds / 60, 3),
        "minutes_left": round(max(until - run.seconds, 0) / 60, 2),
        "games": run.store.games,
        "positions": run.store.positions,
        "window": len(run.window),
        "size": size,
        "evaluations": run.evaluations,
        "moves_per_s": round(sum(lengths) / (played + training), 1),
        "evaluations_per_s": round(evaluations / max(played, 1e-9), 1),
        "played_s": round(played, 2),
        "trained_s": round(training, 2),
        "simulations": simulations(run.config, run.seconds),
        "game_length": round(float(np.mean(lengths)), 1) if lengths else None,
        "black_wins": round(float(np.mean([game.score > 0 for game in games])), 3) if games else None,
        "steps": run.trainer.steps,
        "samples_per_s": round(steps * run.config.learn.batch / training, 1) if steps else None,
        "lr": run.trainer.lr,
        "elo": run.ratings.newest_elo,
        **{name: round(value, 4) for name, value in losses.items()},
    }
