"""The engine's move where a game comes to its end: what :mod:`mcts.finish` decides, carried out with short searches."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from gogame.game import Game
from gogame.geometry import PASS, geometry
from mcts.findings import RootInfo
from mcts.finish import (
    GAIN,
    LOSS,
    Ending,
    Situation,
    capturing_points,
    decide,
    judge,
    pass_alive_owner,
    purposeful,
)
from mcts.search import Search

LOOK_VISITS = 100  # for ownership and for the price of a pass


def place(search: Search, game: Game) -> None:
    """Puts a search to a position, and its evaluator to the game's rules."""
    cast(Any, search.evaluator).rules = game.rule_set()
    search.set_position(game)


def allowed_points(game: Game, avoid: Collection[int], allow: Collection[int] | None) -> np.ndarray:
    """uint8 [N]: 1 where the first move may go."""
    allowed = np.zeros(game.board.color.size, np.uint8)
    allowed[geometry(game.size).points if allow is None else [p for p in allow if p != PASS]] = 1
    allowed[[p for p in avoid if p != PASS]] = 0
    return allowed


@contextmanager
def restricted(search: Search, game: Game, avoid: Collection[int], allow: Collection[int] | None) -> Iterator[bool]:
    """Has the search look at certain first moves alone, from the start, and forgets it afterwards; yields whether
    any move was left out."""
    if not avoid and allow is None:
        yield False
        return
    points = allowed_points(game, avoid, allow)
    try:
        search.forget_tree()
        place(search, game)
        yield search.restrict(points, PASS not in avoid and (allow is None or PASS in allow))
    finally:
        search.forget_tree()


def draw_early(search: Search, game: Game, info: RootInfo, temperature: float) -> int:
    """A move drawn from a search whose best one is no end of the game: then a pass, or a stone where all is decided,
    is not drawn either."""
    owner = pass_alive_owner(game)
    return search.draw([move for move in info.moves if move.point != PASS and owner[move.point] == 0], temperature)


@dataclass
class Closing:
    """One move, whose search is over."""

    search: Search
    game: Game
    info: RootInfo  # what the search found
    visits: int  # of that search
    deadline: float | None  # of perf_counter(), for the questions that are left
    signal: threading.Event  # ends them

    def move(self, cleanup: bool, temperature: float) -> int:
        """The search's move, or what the end of the game asks for instead."""
        situation = judge(self.game, self.info)
        ending = decide(self.game, self.info, situation, cleanup)
        if ending is Ending.PASS:
            return PASS
        if ending is Ending.SETTLE:
            return self._settle(situation)
        if ending is Ending.CAPTURE:
            point = self._capture(situation)
            if point is not None:
                return point
        if ending is Ending.TRY_PASS and self._pass_is_free():
            return PASS
        moves = purposeful(self.game, self.info, situation)
        if not moves:
            return PASS if ending is not Ending.CAPTURE else self.info.moves[0].point
        if temperature > 0:  # the search itself may stand elsewhere by now
            return self.search.draw([move for move in self.info.moves if move.point in moves], temperature)
        return moves[0]

    def _settle(self, situation: Situation) -> int:
        """The best last liberty if taking it keeps the winrate and the score that the search found, else a pass."""
        moves = [move for move in self.info.moves if move.point in situation.last_liberties]
        if not moves:  # the search has looked at none of them
            found = self._among(situation.last_liberties)
            moves = [] if found is None else list(found.moves)
        for move in moves[:1]:
            if move.winrate >= self.info.winrate - LOSS and move.score_lead >= self.info.score_lead - GAIN:
                return move.point
        return PASS

    def _pass_is_free(self) -> bool:
        """Whether passing keeps the winrate and the score of the best other move, as far as a short search sees.

        Under territory rules, where a move of one's own may cost a point, it is asked what the opponent could gain by
        playing on.
        """
        others = [move for move in self.info.moves if move.point != PASS]
        if not others:
            return True
        after = self.game.copy()
        after.play(PASS)
        territory = self.game.rules.scoring == "territory"
        if territory:
            self.search.forget_tree()
        place(self.search, after)
        if territory:
            self.search.restrict(allowed_points(self.game, (), None), allow_pass=False)
        self.search.run(max(LOOK_VISITS, self.search.visits), self.deadline, self.signal)
        answer = self.search.root_info(pv_length=1)
        if territory:
            self.search.forget_tree()  # the tree misses moves now
        if not answer.moves:
            return False
        best = others[0]
        return best.winrate - (1.0 - answer.winrate) <= LOSS and best.score_lead + answer.score_lead <= GAIN

    def _capture(self, situation: Situation) -> int | None:
        """A move that goes after dead stones, or None if there is none that is worth it."""
        points = [p for p in capturing_points(self.game, self.game.to_move, situation) if self.game.is_legal(p)]
        found = self._among(points, one_move=True)
        return None if found is None else found.moves[0].point if found.moves else min(points)

    def _among(self, points: Iterable[int], one_move: bool = False) -> RootInfo | None:
        """What a search of these moves alone finds, of their values or only which is best; None if none is legal."""
        legal = [point for point in points if self.game.is_legal(point)]
        if not legal:
            return None
        self.search.forget_tree()
        place(self.search, self.game)
        self.search.restrict(allowed_points(self.game, (), legal), allow_pass=False)
        self.search.run(max(self.visits // 2, LOOK_VISITS), self.deadline, self.signal, one_move=one_move)
        found = self.search.root_info(pv_length=1)
        self.search.forget_tree()  # the tree misses moves now
        return found
