"""What superko bars in a search, against the rules of :class:`gogame.game.Game`, which asks of every move."""

from __future__ import annotations

import dataclasses

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gogame.board import BLACK, KO, KO_COLOR, WHITE, is_legal, was_taken
from gogame.game import Game
from gogame.geometry import PASS, geometry
from gogame.rules import Rules
from mcts.superko import bar_repeats, can_repeat, fill_legal, note_seen, superko_key

JIT = not numba.config.DISABLE_JIT
MODES = {"positional": 1, "situational": 2}


def random_game(size: int, moves: int, rules: Rules, seed: int) -> Game:
    """Random legal moves; on these boards stones are taken and come back all the time."""
    rng, game = np.random.default_rng(seed), Game(size, rules)
    for _ in range(moves):
        if game.is_over:
            game.resume()
        legal = game.legal_points()
        game.play(int(rng.choice(legal)) if legal else PASS)
    return game


def legal_in_search(game: Game, color: int) -> tuple[set[int], set[int], int]:
    """(legal points, points that ko or superko bars, moves that were looked up) as a search finds them."""
    rules = game.rule_set()
    seen = np.zeros(1 << 12, np.uint64)
    for key, to_move in game.hashes:
        note_seen(seen, np.uint64(superko_key(np.uint64(key), to_move, rules.superko)))
    legal, forbidden = (np.full(game.board.color.size, 7, np.uint8) for _ in range(2))
    doubtful = int(fill_legal(game.board, color, rules, legal, forbidden))
    assert doubtful == (legal == 2).sum()
    bar_repeats(game.board, color, seen, rules, legal, forbidden)
    assert set(legal.tolist()) <= {0, 1} and set(forbidden.tolist()) <= {0, 1}
    return set(np.flatnonzero(legal).tolist()), set(np.flatnonzero(forbidden).tolist()), doubtful


@given(
    size=st.sampled_from((2, 3, 4, 5)),
    moves=st.integers(0, 120 if JIT else 30),
    ko=st.sampled_from(tuple(MODES)),
    suicide=st.booleans(),
    color=st.sampled_from((BLACK, WHITE)),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_legal_moves_are_those_of_the_rules(size, moves, ko, suicide, color, seed):
    rules = dataclasses.replace(Rules("test", ko, "area", suicide, 0.5, "none"))
    game = random_game(size, moves, rules, seed)
    legal, forbidden, _ = legal_in_search(game, color)
    assert legal == set(game.legal_points(color))
    would_be = {p for p in map(int, geometry(size).points) if is_legal(game.board, p, color, suicide)}
    ko = {int(game.board.state[KO])} if game.board.state[KO] and game.board.state[KO_COLOR] == color else set()
    assert forbidden == (would_be - legal) | ko


def test_repetitions_occur_among_the_random_games_and_few_moves_are_looked_up():
    rules = Rules("test", "positional", "area", False, 0.5, "none")
    barred = 0
    for seed in range(10):
        for moves in range(5, 60, 1 if JIT else 2):
            game = random_game(3, moves, rules, seed)
            _, forbidden, _ = legal_in_search(game, game.to_move)
            barred += len(forbidden - {int(game.board.state[KO])})
    assert barred > (5 if JIT else 0)  # not counting simple ko
    game = random_game(9, 50, rules, 1)
    assert can_repeat(game.board, game.rule_set())
    legal, _, doubtful = legal_in_search(game, game.to_move)
    assert 0 < doubtful < len(legal) / 2


@pytest.mark.parametrize("size", [3, 5, 19, 25])
def test_points_that_stones_were_taken_from_are_remembered(size):
    """By colour, over captures and suicides; on the largest boards points share bits."""
    rng, game = np.random.default_rng(size), Game(size, Rules("test", "simple", "area", True, 0.5, "none"))
    taken: set[tuple[int, int]] = set()
    for _ in range(600 if JIT else 60):
        if game.is_over:
            game.resume()
        before = game.board.color.copy()
        legal = game.legal_points()
        color = game.to_move
        point = int(rng.choice(legal)) if legal else PASS
        game.play(point)
        after = game.board.color
        gone = [(int(p), int(before[p])) for p in np.flatnonzero((before != 0) & (after == 0))]
        if point != PASS and after[point] == 0:
            gone.append((point, color))
        taken.update(gone)
        for p in map(int, geometry(size).points):
            for c in (BLACK, WHITE):
                twins = {(q, c) for q in (p - 512, p - 256, p, p + 256, p + 512)}
                assert bool(was_taken(game.board, p, c)) == bool(twins & taken)
    assert taken or not JIT
