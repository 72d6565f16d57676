"""Which stones are dead, alive or in seki, and what follows for the count and for the move."""

from __future__ import annotations

import numpy as np
import pytest

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import from_gtp, to_gtp
from gogame.game import Game
from gogame.geometry import PASS, geometry
from mcts.finish import (
    certain_ownership,
    pass_alive_owner,
    stone_status,
)
from tests.mcts.endings import DEAD_STONE, SETTLED, engine, position


def test_dead_stones_and_the_final_count():
    game = position(DEAD_STONE)
    player = engine()
    dead = player.dead_stones(game)
    assert [to_gtp(p, 7) for p in dead] == ["B5"]
    assert game.result() == "W+0.5" and game.result(dead) == "B+6.5"
    status = player.stone_status(game)
    assert status.dead == dead and not status.seki
    stones = {int(p) for p in geometry(7).points if game.board.color[p] != EMPTY}
    assert status.alive | status.dead == stones


# The chains in the middle of the top share D7 and D6: whoever plays there is captured.
SEKI = """
    . X O . X O .
    X X O . X O O
    . X O O X O .
    X X X X O O O
    . . . X O . .
    X X X X O O O
    . X . X O . O
"""

STATUS = [(DEAD_STONE, "B5"), (SETTLED, "")]


@pytest.mark.parametrize(("diagram", "dead"), STATUS)
def test_pass_alive_areas_decide_who_is_dead(diagram, dead):
    game = position(diagram)
    owned = certain_ownership(game, np.zeros(49, np.float32), pass_alive_owner(game))
    status = stone_status(game, owned)
    assert sorted(to_gtp(p, 7) for p in status.dead) == dead.split()
    assert not status.seki


def stones_owned(game: Game) -> np.ndarray:
    """Ownership that gives each stone its point, and nobody the empty ones."""
    colors = game.board.color[geometry(game.size).points]
    return np.where(colors == BLACK, 1.0, np.where(colors == WHITE, -1.0, 0.0)).astype(np.float32)


def test_seki_is_found_by_its_shared_liberties():
    game = position(SEKI)
    status = stone_status(game, certain_ownership(game, stones_owned(game), pass_alive_owner(game)))
    assert {to_gtp(p, 7) for p in status.seki} == {"C7", "C6", "C5", "D5", "E7", "E6", "E5"}
    assert not status.dead and from_gtp("B7", 7) in status.alive


def test_an_unfinished_game_is_no_seki():
    game = Game(7)
    for vertex in ("C4", "E4", "C3", "E5"):
        game.play(from_gtp(vertex, 7))
    status = stone_status(game, stones_owned(game))
    assert not status.seki and not status.dead and len(status.alive) == 4


def test_nobody_plays_into_a_seki():
    game = position(SEKI, BLACK, "tromp-taylor", 0.5)
    assert engine().genmove(game) == PASS
    assert engine().genmove(position(SEKI, WHITE, "japanese", 0.5)) == PASS
