"""Stand-ins for the engine: a player that needs no network, and processes that misbehave."""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from gogame.geometry import PASS, point_of
from gui.engine_worker import game_of, serve


@dataclass
class FakeMove:
    point: int
    visits: int = 10
    winrate: float = 0.6
    score_lead: float = 2.5
    prior: float = 0.3
    lcb: float = 0.5
    utility: float = 0.1
    pv: tuple[int, ...] = ()
    order: int = 0


@dataclass
class FakeAnalysis:
    to_move: int
    moves: list[FakeMove]
    visits: int = 10
    winrate: float = 0.6
    score_lead: float = 2.5
    ownership: Any = None


class FakePlayer:
    """Plays the first legal point of the board; answers a pass with a pass. The first black stone counts as
    dead."""

    name = "fake"
    version = "1"
    sizes = range(7, 20)
    visits: int | None = None
    seconds: float | None = None

    strength = ""

    def __init__(self, delay: float = 0.0):
        self.delay = delay

    def warm_up(self, size: int) -> None: ...

    def _choice(self, game: Any) -> int:
        if game.moves and game.moves[-1][1] == PASS:
            return PASS
        return next(iter(p for p in game.legal_points() if p != PASS), PASS)

    def genmove(self, game: Any, clock: Any = None, *, stop: threading.Event, on_info: Any, **_: Any) -> int:
        point = self._choice(game)
        end = time.monotonic() + self.delay
        while time.monotonic() < end and not stop.is_set():
            time.sleep(0.01)
        on_info(FakeAnalysis(game.to_move, [FakeMove(point, pv=(point,))]))
        return point

    def analyse(self, game: Any, on_info: Any, stop: threading.Event, *, interval: float, visits: int | None) -> None:
        point = self._choice(game)
        owned = np.full(game.size**2, 0.25, np.float32)
        on_info(FakeAnalysis(game.to_move, [FakeMove(point, pv=(point,))], ownership=owned))
        while visits is None and not stop.is_set():
            time.sleep(0.01)

    def dead_stones(self, game: Any) -> set[int]:
        black = [p for p in range(len(game.board.color)) if game.board.color[p] == 1]
        return set(black[:1])

    def ownership(self, game: Any) -> np.ndarray:
        return np.zeros(game.size**2, np.float32)


def player(pipe: Any, options: dict[str, Any]) -> None:
    """A process with a player that answers at once."""
    serve(pipe, lambda log, net: FakePlayer())


def slow_player(pipe: Any, options: dict[str, Any]) -> None:
    """Takes a minute for a move unless it is stopped."""
    serve(pipe, lambda log, net: FakePlayer(60))


def broken_net(pipe: Any, options: dict[str, Any]) -> None:
    """Cannot load its network."""

    def load(log: Any, net: str) -> Any:
        raise ValueError("no network named nonsense")

    serve(pipe, load)


class NamedPlayer(FakePlayer):
    """Moves to a point that its network's name tells; what is loaded is written to a file."""

    def __init__(self, net: str, size: int, loaded: Any):
        super().__init__()
        self.strength = f"{net or 'usual'}, 10 visits a move"
        self.points = {"": (0, 0), "weak": (1, 1), "weaker": (2, 2)}
        self.net, self.size = net, size
        with open(loaded, "a") as file:
            file.write(f"{net or 'usual'}\n")

    def _choice(self, game: Any) -> int:
        return point_of(*self.points[self.net], game.size)


def several_nets(pipe: Any, options: dict[str, Any]) -> None:
    """Has the networks "weak" and "weaker", beside the usual one."""

    def load(log: Any, net: str) -> Any:
        if net not in ("", "weak", "weaker"):
            raise ValueError(f"no network {net!r}")
        return NamedPlayer(net, 9, options["loaded"])

    serve(pipe, load)


class ClockedPlayer(FakePlayer):
    """Its move tells the clock: periods left in the row, seconds in the column."""

    def genmove(self, game: Any, clock: Any = None, **rest: Any) -> int:
        point = super().genmove(game, **rest)
        return point if clock is None else point_of(clock.count, int(clock.seconds), game.size)


def clocked_player(pipe: Any, options: dict[str, Any]) -> None:
    """Plays by what it is told of its clock."""
    serve(pipe, lambda log, net: ClockedPlayer())


def crashing(pipe: Any, options: dict[str, Any]) -> None:
    """Ends without a word at the first question."""
    pipe.send(("ready", "crashing", "", 9))
    pipe.recv()
    sys.stderr.flush()
    os._exit(7)


def failing_once(pipe: Any, options: dict[str, Any]) -> None:
    """Crashes the first time it is started, plays the second time."""
    marker = options["marker"]
    if not os.path.exists(marker):
        open(marker, "w").close()
        crashing(pipe, options)
    player(pipe, options)


__all__ = ["broken_net", "crashing", "failing_once", "game_of", "player", "slow_player"]
