"""A player that answers from a list, and GTP sessions with it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gogame.gtp_commands import run
from gogame.gtp_session import Session
from gogame.player import RESIGN, RawAnswer, StoneStatus


@dataclass
class Move:
    point: int
    visits: int = 10
    winrate: float = 0.5312
    score_lead: float = 1.25
    prior: float = 0.25
    lcb: float = 0.5
    utility: float = 0.06
    utility_bound: float = 0.03
    pv: list[int] = field(default_factory=list)
    pv_visits: list[int] = field(default_factory=list)
    order: int = 0


@dataclass
class Info:
    moves: list[Move]
    to_move: int
    ownership: np.ndarray
    visits: int = 40
    winrate: float = 0.5312
    score_lead: float = 1.25
    utility: float = 0.08
    lcb: float = 0.52


class Scripted:
    """A player that plays given moves, else the first legal point."""

    name, version, sizes = "scripted", "3.2", range(5, 20)

    def __init__(self, moves: str = "", dead: str = "") -> None:
        self.visits: int | None = None
        self.seconds: float | None = None
        self.wide_root = 0.0
        self.resign = True
        self.moves, self.dead = moves.split(), dead.split()
        self.calls: list[str] = []
        self.clocks: list[object] = []
        self.wait_for_stop = False

    def models(self, size=None):
        return [{"name": f"net {size}"}]

    def warm_up(self, size):
        self.calls.append(f"warm_up {size}")

    def _info(self, game, allow=None):
        points = [p for p in game.legal_points() if p and (allow is None or p in allow)][:3]
        moves = [
            Move(p, visits=10 - i, pv=[p, points[0]], pv_visits=[10 - i, 4], order=i) for i, p in enumerate(points)
        ]
        return Info(moves, game.to_move, np.linspace(-1, 1, game.size**2, dtype=np.float32))

    def genmove(self, game, clock=None, *, stop=None, on_info=None, interval=1.0, cleanup=False, avoid=(), allow=None):
        told = f" avoid {sorted(avoid)} allow {allow and sorted(allow)}" if avoid or allow is not None else ""
        self.calls.append(f"genmove {game.to_move}{' cleanup' if cleanup else ''}{told}")
        self.clocks.append(clock)
        if on_info:
            on_info(self._info(game))
        if self.wait_for_stop:
            assert stop.wait(10)
        text = self.moves.pop(0) if self.moves else ""
        if text == "resign":
            return RESIGN
        return from_gtp(text, game.size) if text else next(p for p in game.legal_points() if p)

    def analyse(self, game, on_info, stop, *, interval=1.0, visits=None, avoid=(), allow=None):
        self.calls.append(f"analyse {game.to_move} {interval:g} {sorted(avoid)} {allow}")
        while True:
            on_info(self._info(game, allow))
            if visits is not None or stop.wait(interval):
                return

    def raw(self, game, symmetry=0):
        self.calls.append(f"raw {game.to_move} {symmetry}")
        area = game.size**2
        policy = np.full(area + 1, 0.25)
        policy[:-4] = np.nan
        return RawAnswer(0.5, 0.25, 0.25, 3.0, 4.0, policy, np.linspace(-1, 1, area, dtype=np.float32), game.to_move)

    def ownerships_after(self, game, points):
        self.calls.append(f"ownerships {game.to_move} {list(points)}")
        return [np.full(game.size**2, 0.5, np.float32) for _ in points]

    def ownership(self, game):
        return np.linspace(1, -1, game.size**2, dtype=np.float32)

    def stone_status(self, game):
        dead = {from_gtp(v, game.size) for v in self.dead}
        stones = {int(p) for p in np.flatnonzero((game.board.color == BLACK) | (game.board.color == WHITE))}
        return StoneStatus(frozenset(stones - dead), frozenset(), frozenset(dead & stones))

    def dead_stones(self, game):
        return set(self.stone_status(game).dead)

    def ponder(self, game):
        self.calls.append("ponder")

    def stop(self):
        if self.calls and self.calls[-1] == "ponder":
            self.calls.append("stop")

    def clear(self):
        self.calls.append("clear")


def talk(text: str, player: Scripted | None = None, **options) -> list[str]:
    """The answers to some lines, without their last newlines."""
    out = io.BytesIO()
    run(Session(player or Scripted(), **options), io.BytesIO(text.encode()), out)
    answers = out.getvalue().decode().split("\n\n")
    assert answers.pop() == ""
    return answers


def ask(*commands: str, player: Scripted | None = None, **options) -> str:
    """The answer to the last of some commands."""
    return talk("\n".join(commands), player, **options)[-1]
