"""``gogame measure``: how well a network predicts the moves and the results of recorded games."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from gogame.options import json_option, net_option, threads_option
from nets.batches import Positions
from nets.config import NetError
from nets.evaluator import default_threads, make_evaluator
from nets.record_cache import SAY_EVERY, open_records
from nets.records import RecordsError

PHASES = (("opening", 0.0, 0.25), ("middle game", 0.25, 0.6), ("endgame", 0.6, 9.9))  # moves played / points
BATCH = 64


def value_of(logits: np.ndarray) -> np.ndarray:
    """float32 [B]: win probability minus loss probability, of logits [B, 3]."""
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return np.asarray(p[:, 0] - p[:, 1], np.float32)


def measure(
    net: Any, positions: Positions, picks: np.ndarray, average: bool = False,
    say: Callable[[str], object] = lambda text: None,
) -> dict[str, np.ndarray]:  # fmt: skip
    """For each position: ``rank`` of the move played (0: predicted), ``value`` expected and ``result`` in [-1, 1].

    ``net``: an evaluator. ``average``: over the eight symmetries, probabilities for the move, values as they are.
    ``say`` hears how far it is, every SAY_EVERY seconds.
    """
    said = time.perf_counter()
    turns = range(8) if average else range(1)
    symmetry = positions.symmetry
    ranks, values, results = [], [], []
    for begin in range(0, len(picks), BATCH):
        part = picks[begin : begin + BATCH]
        area = positions.size**2
        policy, value = np.zeros((len(part), area + 1)), np.zeros(len(part))
        for turn in turns:
            batch = positions.fill(part, np.full(len(part), turn, np.int64))
            answer = net.evaluate(batch.planes, batch.globals)
            p = np.exp(answer.policy - answer.policy.max(axis=1, keepdims=True))
            policy += (p / p.sum(axis=1, keepdims=True))[:, symmetry[turn]]
            value += value_of(answer.value) / len(turns)
            if turn == 0:
                played = batch.action.astype(np.int64)
                results.append(batch.value)
        chosen: np.ndarray = policy[np.arange(len(part)), played][:, None]
        ranks.append((policy > chosen).sum(axis=1))
        values.append(value)
        if time.perf_counter() - said >= SAY_EVERY:
            said = time.perf_counter()
            say(f"{begin + len(part):,} of {len(picks):,} positions" + (", each turned eight times" if average else ""))
    return {"rank": np.concatenate(ranks), "value": np.concatenate(values), "result": np.concatenate(results)}


def summary(found: dict[str, np.ndarray]) -> dict[str, float]:
    """The figures of some positions."""
    rank, error = found["rank"], (found["value"] - found["result"]) ** 2
    return {
        "top1": float((rank < 1).mean()),
        "top5": float((rank < 5).mean()),
        "value_mse": float(error.mean()),
        "positions": len(rank),
    }


def calibration(found: dict[str, np.ndarray], bins: int = 5) -> list[tuple[float, float, int]]:
    """(mean winrate expected, share of games won, positions) in bins of equal width."""
    winrate, won = 0.5 + 0.5 * found["value"], 0.5 + 0.5 * found["result"]
    number = np.minimum((winrate * bins).astype(int), bins - 1)
    rows = [(winrate[number == b], won[number == b]) for b in range(bins)]
    return [(float(w.mean()), float(r.mean()), len(w)) for w, r in rows if len(w)]


def phases(found: dict[str, np.ndarray], moves: np.ndarray, area: int) -> dict[str, dict[str, float]]:
    """:func:`summary` by the phase of the game; ``moves`` int64 [B]: moves played before each position."""
    share = moves / area
    rows = {name: (share >= low) & (share < high) for name, low, high in PHASES}
    return {name: summary({k: v[at] for k, v in found.items()}) for name, at in rows.items() if at.any()}


@click.command()
@click.argument("records", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@net_option
@click.option("--size", type=click.IntRange(7, 19), default=19, show_default=True, help="Of the games measured on.")
@click.option("--limit", type=click.IntRange(1), default=10_000, show_default=True, help="Positions, drawn at random.")
@click.option("--average/--single", default=True, show_default=True, help="Also averaged over the 8 symmetries.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@threads_option
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of the positions drawn.")
@json_option
def command(
    records: tuple[Path, ...],
    net: str | None,
    size: int,
    limit: int,
    average: bool,
    device: str,
    threads: int | None,
    seed: int,
    as_json: bool,
) -> None:
    """Move prediction and value error of a network on game records.

    \b
    Example:
      gogame measure games.sgf.xz --net runs/records/net.safetensors --limit 20000
    """
    threads = threads or default_threads()
    tell = functools.partial(click.echo, err=True)
    try:
        evaluator = make_evaluator(net, size, device, BATCH, threads)
        table = open_records(list(records), size, None, tell)
    except (NetError, RecordsError) as error:
        raise click.ClickException(str(error)) from None
    positions = Positions(table, size, threads)
    rng = np.random.default_rng(seed)
    picks = rng.choice(positions.total, min(limit, positions.total), replace=False)
    found = measure(evaluator, positions, picks, say=tell)
    moves = picks - positions.first[np.searchsorted(positions.first, picks, "right") - 1]
    by_phase = phases(found, moves, size * size)
    averaged = summary(measure(evaluator, positions, picks, average=True, say=tell)) if average else None
    if as_json:
        shown: dict[str, Any] = dict(summary(found)) | {"phases": by_phase, "calibration": calibration(found)}
        click.echo(json.dumps(shown | ({"average": averaged} if averaged else {})))
        return
    click.echo(f"{evaluator.name}; {len(picks):,} of {positions.total:,} positions, seed {seed}")
    rows = {"single": summary(found), **by_phase} | ({"average of 8 symmetries": averaged} if averaged else {})
    click.echo(f"{'':<24} {'top-1':>7} {'top-5':>7} {'value error':>12} {'positions':>10}")
    for name, row in rows.items():
        click.echo(
            f"{name:<24} {row['top1']:7.1%} {row['top5']:7.1%} {row['value_mse']:12.3f} {row['positions']:10,.0f}"
        )
    click.echo("winrate expected -> games won: " + ", ".join(f"{w:.0%} -> {r:.0%}" for w, r, _ in calibration(found)))
