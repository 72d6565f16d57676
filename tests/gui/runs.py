"""Folders of training runs, as they are watched."""

import json

from gui.training import Training
from tests.gui.played import Link


class QuietLink(Link):
    """A link to no engine."""

    def __init__(self):
        super().__init__()
        self.options = {}

    def close(self):
        pass


GAME = "(;SZ[7]KM[7]RE[{result}];B[cc];W[dd]SBKV[40.00];B[ee])"


def figures(minutes, **more):
    usual = {"games": 100 * minutes, "positions": 5000 * minutes, "evaluations_per_s": 9876.5, "lr": 0.0064}
    losses = {"policy": 3.5 - 0.1 * minutes, "value": 0.7 - 0.01 * minutes, "elo": None}
    return {"time": 1e9 + 60 * minutes, "kind": "slice", "minutes": minutes, **usual, **losses, **more}


def run_of(folder, *lines, games=0, config="[run]\ntotal_minutes = 30.0\n"):
    """A run's folder with these lines in its log."""
    (folder / "sgf").mkdir(parents=True)
    (folder / "config.toml").write_text(config)
    append(folder, *lines)
    for number in range(1, games + 1):
        (folder / "sgf" / f"{number:08}-7x7.sgf").write_text(GAME.format(result=f"B+{number}"))
    return folder


def append(folder, *lines):
    with open(folder / "log.jsonl", "a") as file:
        file.write("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))


def read(folder):
    run = Training(folder)
    while True:
        run.refresh()
        if not run.behind:
            return run


def event(text, **more):
    return {"time": 1e9, "kind": "event", "text": text, **more}
