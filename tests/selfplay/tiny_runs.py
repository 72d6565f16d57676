"""Runs on the smallest scale, in this process and by their command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from selfplay.config import RunConfig, with_settings
from selfplay.loop import Run

TINY = (
    "run.size=7",
    "run.net=1x8",
    "run.games=16",
    "run.slice_seconds=0.3",
    "run.checkpoint_seconds=0.5",
    "learn.batch=32",
    "learn.reuse=0.5",
    "learn.first_positions=200",
    "learn.window_start=2000",
    "learn.window_most=5000",
    "selfplay.length=1.2",
    "schedule.simulations=[2, 4]",
    "schedule.simulations_at=[0.0, 0.5]",
    "measure.minutes=0",
)


def open_run(folder: Path, *settings: str) -> Run:
    folder.mkdir(exist_ok=True)
    return Run(folder, with_settings(RunConfig(), (*TINY, *settings)), threads=1, device="cpu", quiet=True)


def log(folder: Path, kind: str) -> list[dict]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [line for line in lines if line["kind"] == kind]


def command(folder: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "gogame", "selfplay", "--run", str(folder), "--threads", "1", *more]


TINY_WORDS = [word for setting in TINY for word in ("--set", setting)]
