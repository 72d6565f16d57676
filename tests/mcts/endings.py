"""Settled boards, a judge that is right about them, and findings made up for tests of how games end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gogame.board import BLACK, WHITE, Board
from gogame.game import Game
from gogame.geometry import geometry
from gogame.rules import rules_named
from gogame.text import stones_of
from mcts.engine import Engine
from mcts.finish import (
    pass_alive_owner,
)
from mcts.leaves import new_evaluation
from mcts.search import Search, SearchConfig


def position(diagram: str, to_move: int = BLACK, rules: str = "tromp-taylor", komi: float = 0.5) -> Game:
    size, black, white = stones_of(diagram)
    game = Game(size, rules_named(rules).replace(komi=komi))
    game.setup(black, white, to_move)
    return game


class Judge:
    """An evaluator that knows whose each point is on boards made of pass-alive areas, and nothing about moves."""

    batch = 8

    def __init__(self, size: int) -> None:
        self.size = size
        self.rules = None
        self._out = new_evaluation(size, 8)

    def evaluate(self, leaves, count, average=False):
        out = self._out
        for row in range(count):
            board = Board(*(part[row] for part in leaves.board))
            game = Game(self.size)
            game.board = board
            by_point = pass_alive_owner(game)[geometry(self.size).points]
            owned = np.where(by_point == BLACK, 1.0, np.where(by_point == WHITE, -1.0, 0.0))
            sign = 1.0 if leaves.info.to_move[row] == BLACK else -1.0
            lead = sign * (owned.sum() - leaves.info.komi[row])
            out.policy[row] = 0.0
            out.value[row] = np.tanh(lead)
            out.score[row] = lead
            out.ownership[row] = sign * owned
        return out


class Judging(Engine):
    """The engine with the judge in place of a network."""

    def warm_up(self, size):
        if self._search is None or self._search.size != size:
            self._search = Search(Judge(size), size, self._config or SearchConfig())


# Black owns four columns, White three; every stone is pass-alive.
SETTLED = """
    . X . X O . O
    X X X X O O O
    . . . X O . .
    . . . X O . .
    X X X X O O O
    . X . X O O .
    X X X X O . O
"""
# The same with a white stone in Black's area: as it stands on the board, the count is even.
DEAD_STONE = """
    . X . X O . O
    X X X X O O O
    . O . X O . .
    . . . X O . .
    X X X X O O O
    . X . X O O .
    X X X X O . O
"""
# A point between them is open, and worth a point to either.
OPEN = """
    . X . X O . O
    X X X X O O O
    . . . X O . .
    . . . . O . .
    X X X X O O O
    . X . X O O .
    X X X X O . O
"""


def engine(visits: int = 100, **options) -> Judging:
    return Judging(visits=visits, log=lambda text: None, **options)


@dataclass
class Chosen:
    point: int


@dataclass
class Found:
    winrate: float
    score_lead: float
    to_move: int = BLACK
    visits: int = 100
    moves: list[object] = field(default_factory=list)
    ownership: np.ndarray = field(default_factory=lambda: np.zeros(81, np.float32))
