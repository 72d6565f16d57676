"""When the engine gives a game up."""

from __future__ import annotations

import numpy as np
import pytest

from gogame.game import Game
from gogame.player import RESIGN
from mcts.finish import Resignation
from tests.mcts.endings import DEAD_STONE, Found, engine, position


def play_on(game: Game, moves: int) -> None:
    rng = np.random.default_rng(game.move_number)
    for _ in range(moves):
        points = game.legal_points()
        game.play(points[int(rng.integers(len(points)))])


def rounds(winrates: list[float], lead: float = -20.0, start: int = 30, handicap: int = 0) -> list[bool]:
    """What resignation says at the moves of one colour, from move ``start`` on."""
    game = Game(9)
    if handicap:
        game.place_handicap(handicap)
    play_on(game, start)
    resignation, answers = Resignation(), []
    for winrate in winrates:
        answers.append(resignation.is_due(game, Found(winrate, lead, game.to_move)))
        play_on(game, 2)
    return answers


RESIGNING = [
    (dict(winrates=[0.01, 0.01, 0.01]), [False, False, True]),
    (dict(winrates=[0.01, 0.01, 0.2, 0.01, 0.01, 0.01]), [False] * 5 + [True]),
    (dict(winrates=[0.04] * 4), [False] * 4),
    (dict(winrates=[0.01] * 4, lead=-2.0), [False] * 4),  # behind by a little: the count may still be wrong
    (dict(winrates=[0.01] * 4, start=4), [False] * 4),  # too early
    (dict(winrates=[0.01] * 4, start=31, handicap=4), [False, False, True, True]),  # Black gives up as ever
    (dict(winrates=[0.01] * 4, start=30, handicap=4), [False] * 4),  # White waits for longer
]


@pytest.mark.parametrize(("case", "expected"), RESIGNING)
def test_resigns_only_when_sure(case, expected):
    assert rounds(**case) == expected


def test_a_second_look_at_a_move_counts_in_the_place_of_the_first():
    """``kata-search`` or ``reg_genmove`` before ``genmove``: the engine never gave up."""
    for looks, expected in (([0.01, 0.01], [False, False, True]), ([0.01, 0.2], [False] * 3), ([0.2, 0.01], None)):
        game, resignation, answers = Game(9), Resignation(), []
        play_on(game, 30)
        for _ in range(3):
            for look in looks:
                due = resignation.is_due(game, Found(look, -20.0, game.to_move))
            answers.append(due)
            play_on(game, 2)
        assert answers == (expected or [False, False, True])


def test_another_game_begins_at_none():
    resignation, game = Resignation(), Game(9)
    play_on(game, 40)
    for _ in range(2):
        assert not resignation.is_due(game, Found(0.0, -50.0, game.to_move))
        play_on(game, 2)
    other = Game(9)
    play_on(other, 30)
    assert not resignation.is_due(other, Found(0.0, -50.0, other.to_move))


def test_a_cleared_engine_begins_at_none() -> None:
    """The same game again, from a point within it: hopeless moves before do not count."""
    game, player = Game(9), engine()
    play_on(game, 40)
    for _ in range(2):
        assert not player._resignation.is_due(game, Found(0.0, -50.0, game.to_move))
        play_on(game, 2)
    player.clear()
    assert not player._resignation.is_due(game, Found(0.0, -50.0, game.to_move))


def test_an_engine_that_never_resigns_and_one_that_does(monkeypatch: pytest.MonkeyPatch) -> None:
    game = position(DEAD_STONE)
    for resign in (True, False):
        player = engine(resign=resign)
        monkeypatch.setattr(player._resignation, "is_due", lambda *_: True)
        assert (player.genmove(game) == RESIGN) is resign
