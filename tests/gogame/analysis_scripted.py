"""A searcher of analysis queries that answers by a script, and conversations with it."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from gogame.analysis_server import SLICE, run
from gogame.game import Game
from gogame.player import RawAnswer
from tests.gogame.gtp_scripted import Info, Move

BASE = {"boardXSize": 9, "boardYSize": 9, "moves": []}


class ScriptedLook:
    """Finds a visit a millisecond, on a clock of its own."""

    def __init__(self, analyst: ScriptedAnalyst, game: Game, avoid: Any, allow: Any) -> None:
        self.analyst, self.game, self.avoid, self.allow = analyst, game, avoid, allow
        self.visits, self.open, self.wide = 0, True, 0.0

    def run(self, visits: int, seconds: float, stop: threading.Event) -> bool:
        assert self.open and seconds <= SLICE
        self.analyst.searched.append(self.game.move_number)
        if self.analyst.fails:
            raise self.analyst.fails
        self.visits = min(visits, self.visits + 1 + round(1000 * seconds))
        self.analyst.wait(seconds)
        return self.visits >= visits

    def info(self, pv: int) -> Info | None:
        points = [p for p in self.game.legal_points() if p not in self.avoid][:3]
        moves = [
            Move(p, visits=3 - i, winrate=0.7, lcb=0.6, pv=[p] * pv, pv_visits=[3 - i] * pv, order=i)
            for i, p in enumerate(points)
        ]
        owned = np.linspace(-1, 1, self.game.size**2)
        return Info(moves, self.game.to_move, owned, visits=self.visits, winrate=0.7, score_lead=2.5)

    def policy(self) -> np.ndarray:
        return np.full(self.game.size**2 + 1, 0.01)

    def raw(self) -> RawAnswer:
        none = np.zeros(0)
        return RawAnswer(0.5, 0.25, 0.25, 3.0, 4.5, none, none, self.game.to_move)


class ScriptedAnalyst:
    sizes, version = range(7, 20), "3.2"

    def __init__(self) -> None:
        self.searched: list[int] = []
        self.looks: list[ScriptedLook] = []
        self.fails: Exception | None = None
        self.owners = 0  # moves whose ownership was asked for
        self.wait = lambda seconds: None

    def open(self, game: Game, avoid: Any, allow: Any, wide: float) -> ScriptedLook:
        self.looks.append(ScriptedLook(self, game, avoid, allow))
        self.looks[-1].wide = wide
        return self.looks[-1]

    def close(self, look: ScriptedLook) -> None:
        look.open = False

    def ownerships_after(self, game: Game, points: Sequence[int]) -> list[np.ndarray]:
        self.owners += len(points)
        return [np.full(game.size**2, 0.25 + 0.001 * point) for point in points]

    def models(self) -> list[dict[str, object]]:
        return [{"name": "net"}]

    def clear(self) -> None:
        self.searched.append(-1)


def talk(*queries: Any, analyst: ScriptedAnalyst | None = None) -> list[dict[str, Any]]:
    """The answers to some queries; text goes as it is."""
    lines = [query if isinstance(query, str) else json.dumps(BASE | query) for query in queries]
    out = io.BytesIO()
    text = "".join(line + "\n" for line in lines).encode()
    run(analyst or ScriptedAnalyst(), io.BytesIO(text), out, rules="chinese-ogs", log=lambda text: None)
    return [json.loads(line) for line in out.getvalue().decode().splitlines()]
