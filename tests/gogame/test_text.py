"""Diagrams and pictures of boards."""

from __future__ import annotations

import pytest

from gogame.coords import from_gtp
from gogame.game import Game
from gogame.text import board_of, diagram_of, stones_of

PICTURE = """\
   A B C D E F G H J
 9 . . . . . . . . . 9
 8 . . . . . . . . . 8
 7 . . + . . . + . . 7
 6 . . . . . . . . . 6
 5 . . . . X . . . . 5
 4 . . . . . . . . . 4
 3 . . + . . .(O). . 3
 2 . . . . . . . . . 2
 1 . . . . . . . . . 1
   A B C D E F G H J
Black to move, move 3; komi 7
prisoners: Black 0, White 0"""


def test_a_game_prints_as_a_board():
    game = Game(9)
    game.play(from_gtp("E5", 9))
    game.play(from_gtp("G3", 9))
    assert str(game) == PICTURE


@pytest.mark.parametrize(("vertex", "row"), [("J5", " 5 . . . . + . . .(X)5"), ("A5", " 5(X). . . + . . . . 5")])
def test_the_last_move_at_the_edges(vertex, row):
    game = Game(9)
    game.play(from_gtp(vertex, 9))
    assert row in str(game)


def test_there_and_back():
    diagram = "X . O\n. X .\nO . X"
    assert diagram_of(board_of(diagram)) == diagram
    assert diagram_of(board_of("#.o\n+x.\nO . X")) == diagram


@pytest.mark.parametrize("bad", ["X", "..\n...", "..\n.?", "", "OX.\nXX.\n..."])
def test_bad_diagrams(bad):
    with pytest.raises(ValueError):
        board_of(bad)


def test_stones_of_a_diagram():
    assert stones_of("X .\n. O") == (2, [5], [10])
