"""Who searches for the analysis server: an :class:`gogame.analysis_server.Analyst` over the engine's network."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from typing import cast

import numpy as np

from gogame.analysis_server import Look
from gogame.fields import QueryError
from gogame.game import Game
from gogame.geometry import PASS
from gogame.player import RawAnswer
from mcts.closing import allowed_points, place
from mcts.engine import Engine
from mcts.findings import RootInfo
from mcts.leaves import NetEvaluator
from mcts.raw import raw_answer
from mcts.search import Search


class SearchLook:
    """One position and its tree (see :class:`gogame.analysis_server.Look`)."""

    def __init__(
        self, search: Search, game: Game, avoid: Collection[int], allow: Collection[int] | None, wide: float
    ) -> None:
        self.search, self.game, self.wide = search, game, wide
        self._policy: np.ndarray | None = None
        self._raw: RawAnswer | None = None
        if avoid or allow is not None:
            place(search, game)
            search.run(visits=1)
            self._policy = search.root_policy()
            points, passes = allowed_points(game, avoid, allow), PASS not in avoid and (allow is None or PASS in allow)
            if not passes and not points[game.legal_points()].any():
                raise QueryError("allowMoves" if allow is not None else "avoidMoves", "no legal move is left")
            search.restrict(points, passes)

    @property
    def visits(self) -> int:
        return self.search.visits

    def run(self, visits: int, seconds: float, stop: threading.Event) -> bool:
        place(self.search, self.game)  # another position may have been searched by other rules
        if self.search.visits < visits:
            done = self.search.run(visits, time.perf_counter() + seconds, stop, wide=self.wide)
            if not done.visits:  # the tree is full
                return True
        return self.search.visits >= visits

    def info(self, pv: int) -> RootInfo | None:
        return self.search.root_info(pv) if self.search.visits else None

    def policy(self) -> np.ndarray:
        return self.search.root_policy() if self._policy is None else self._policy

    def raw(self) -> RawAnswer:
        if self._raw is None:
            self._raw = raw_answer(cast(NetEvaluator, self.search.evaluator), self.game, 0)
        return self._raw


class EngineAnalyst:
    """Opens searches that share the engine's evaluator and what was evaluated. One call at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.sizes = engine.sizes
        self.version = engine.version

    def open(self, game: Game, avoid: Collection[int], allow: Collection[int] | None, wide: float = 0.0) -> SearchLook:
        self._engine.warm_up(game.size)
        return SearchLook(self._engine.another_search(), game, avoid, allow, wide)

    def close(self, look: Look) -> None:
        """Nothing is kept: a new tree costs less than a millisecond, an old one its memory."""

    def ownerships_after(self, game: Game, points: Sequence[int]) -> Sequence[np.ndarray]:
        """The network's own view of the position after each of these moves."""
        return self._engine.ownerships_after(game, points)

    def models(self) -> list[dict[str, object]]:
        return self._engine.models()

    def clear(self) -> None:
        self._engine.clear()
