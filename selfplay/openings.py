"""The first moves of a match's games: drawn from a network's policy and judged even, at random, or none.

A match plays each opening twice with the colours changed, so that no opening favours a side. It still matters which
ones they are: two random stones make positions that nobody would play, and what a network is worth there is not what it
is worth in a game.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gogame.game import Game
from gogame.geometry import geometry, point_of
from gogame.rules import Rules
from mcts.closing import place
from mcts.engine import Engine

KINDS = ("policy", "random", "none")
MOVES = {"policy": 6, "random": 2, "none": 0}  # of an opening, where nothing else is asked for
EVEN = 0.2  # most that an opening's winrate may differ from one half ...
VISITS = 100  # ... in a search of so many visits
TRIES = 20  # after so many uneven openings the most even one will do, after so many known ones they get a move longer


class Openings(Protocol):
    """Where a match takes its openings from."""

    def draw(self, rng: np.random.Generator) -> list[int]:
        """The first moves of two games, as points."""
        ...

    def close(self) -> None:
        """No more openings."""
        ...


class RandomOpenings:
    """Stones on the third line or higher and not next to each other, which hurts neither side much."""

    def __init__(self, size: int, moves: int) -> None:
        """Fewer than ``moves`` stones where no more fit."""
        self._size, self._moves = size, moves

    def draw(self, rng: np.random.Generator) -> list[int]:
        size, edge = self._size, 2 if self._size >= 7 else 1
        points: list[tuple[int, int]] = []
        for _ in range(1000):
            if len(points) == self._moves:
                break
            row, col = (int(v) for v in rng.integers(edge, size - edge, 2))
            if all(abs(row - r) + abs(col - c) > 1 for r, c in points):
                points.append((row, col))
        return [point_of(row, col, size) for row, col in points]

    def close(self) -> None:
        """Nothing to end."""


class PolicyOpenings:
    """Moves drawn from the policy of the network shipped for the size, as long as its search calls the position even.

    No opening comes twice, not even turned, mirrored or in another order. Where the policy knows but few openings, they
    get longer.
    """

    def __init__(
        self, size: int, rules: Rules, moves: int, *, device: str = "auto", threads: int | None = None
    ) -> None:
        """Loads the network. Raises PlayerError if there is none for the size."""
        self._size, self._rules, self._moves = size, rules, moves
        self._engine = Engine(device=device, threads=threads, log=lambda text: None)
        self._engine.warm_up(size)
        self._search = self._engine.another_search()
        self._known: set[tuple[tuple[int, ...], ...]] = set()

    def draw(self, rng: np.random.Generator) -> list[int]:
        best: list[int] = []
        least = np.inf
        for _ in range(TRIES):
            game = self._new_game(rng)
            place(self._search, game)
            self._search.run(visits=VISITS)
            off = abs(self._search.root_info(pv_length=1).winrate - 0.5)
            if off < least:
                best, least = [point for _, point in game.moves], off
            if off <= EVEN:
                break
        return best

    def _new_game(self, rng: np.random.Generator) -> Game:
        """A game that was not drawn before."""
        while True:
            for _ in range(TRIES):
                game = self._game(rng)
                form = _form(game)
                if form not in self._known:
                    self._known.add(form)
                    return game
            if len(game.moves) < self._moves:  # nothing but a pass is left: any game will do
                return game
            self._moves += 1

    def _game(self, rng: np.random.Generator) -> Game:
        """A game of so many moves, none of them a pass."""
        game = Game(self._size, self._rules)
        for _ in range(self._moves):
            place(self._search, game)
            self._search.run(visits=1)
            policy = self._search.root_policy()[:-1].astype(np.float64)
            if not policy.any():
                break
            action = int(rng.choice(policy.size, p=policy / policy.sum()))
            game.play(int(geometry(self._size).points[action]))
        return game

    def close(self) -> None:
        self._engine.stop()


def _form(game: Game) -> tuple[tuple[int, ...], ...]:
    """The moves of each side, the same in whatever order they were played, and for all turned and mirrored forms."""
    board = geometry(game.size)
    actions = board.action[[point for _, point in game.moves]]
    turned = (board.symmetry[k][actions] for k in range(8))
    return min(tuple(tuple(sorted(moves[side::2].tolist())) for side in (0, 1)) for moves in turned)


def openings(
    kind: str, size: int, rules: Rules, moves: int | None = None, *, device: str = "auto", threads: int | None = None
) -> Openings:
    """Openings of one of :data:`KINDS`. Raises PlayerError if there is no network to draw them from."""
    moves = MOVES[kind] if moves is None else moves
    if kind == "policy" and moves > 0:
        return PolicyOpenings(size, rules, moves, device=device, threads=threads)
    return RandomOpenings(size, moves if kind == "random" else 0)
