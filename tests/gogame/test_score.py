"""Counting and pass-alive regions: against the naive oracle, and as tables of positions."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gogame import board as kernels
from gogame.board import BLACK, EMPTY, WHITE, new_board
from gogame.coords import from_gtp, to_gtp
from gogame.game import Game
from gogame.geometry import geometry, row_col
from gogame.pass_alive import new_pass_alive_scratch, pass_alive
from gogame.rules import PRESETS
from gogame.score import (
    area_owners,
    area_score,
    remove_dead,
    score_game,
    settled_owners,
    territory_owners,
)
from gogame.text import board_of, stones_of
from tests.naive import NaiveBoard

JIT = not numba.config.DISABLE_JIT
SIZES = (2, 3, 4, 5, 6, 7) if JIT else (3, 5)


def random_board(size: int, moves: int, seed: int):
    """A position of a random game that leaves eyes alone, so that living chains come about."""
    rng, board, color = np.random.default_rng(seed), new_board(size), BLACK
    for _ in range(moves):
        choice = [
            p for p in map(int, geometry(size).points)
            if kernels.is_legal(board, p, color, False) and not kernels.is_simple_eye(board, p, color)
        ]  # fmt: skip
        if choice:
            kernels.play(board, int(rng.choice(choice)), color)
        color = 3 - color
    return board


def naive_of(board) -> NaiveBoard:
    size = int(kernels.board_size(board))
    points = map(int, geometry(size).points)
    return NaiveBoard(size, {row_col(p, size): int(board.color[p]) for p in points if board.color[p]})


def alive_points(board, color: int, suicide: bool = False) -> set[tuple[int, int]]:
    size = int(kernels.board_size(board))
    marks = np.full(board.color.size, 7, np.uint8)
    count = pass_alive(board, color, marks, new_pass_alive_scratch(size), suicide)
    found = {row_col(int(p), size) for p in np.flatnonzero(marks)}
    assert count == len(found)
    return found


@given(size=st.sampled_from(SIZES), fill=st.floats(0.2, 3), seed=st.integers(0, 2**32 - 1), suicide=st.booleans())
def test_agrees_with_the_oracle(size, fill, seed, suicide):
    board = random_board(size, int(fill * size * size), seed)
    naive = naive_of(board)
    assert area_score(board) == naive.area_score()
    owners = np.zeros(board.color.size, np.int8)
    area_owners(board, owners)
    assert np.sum(owners == BLACK) - np.sum(owners == WHITE) == naive.area_score()
    for color in (BLACK, WHITE):
        assert alive_points(board, color, suicide) == naive.pass_alive(color, suicide)


def test_living_chains_occur_among_the_random_boards():
    boards = [random_board(5, 60, seed) for seed in range(10)]
    assert any(alive_points(board, color) for board in boards for color in (BLACK, WHITE))


def test_scratch_may_be_used_again():
    scratch = new_pass_alive_scratch(5)
    marks = np.zeros(49, np.uint8)
    for seed in range(20):
        board = random_board(5, 60, seed)
        pass_alive(board, BLACK, marks, scratch)
        assert {row_col(int(p), 5) for p in np.flatnonzero(marks)} == naive_of(board).pass_alive(BLACK)


# Black's pass-alive area: the position, then the same board with * where it is expected.
BENSON = {
    "two one-point eyes in the corner": (
        """. X . X O
           X X X X O
           O O O O O
           . . . . .
           . . . . .""",
        """* * * * .
           * * * * .
           . . . . .
           . . . . .
           . . . . .""",
    ),
    "one eye is not alive": (
        """. X O . .
           X X O . .
           O O O . .
           . . . . .
           . . . . .""",
        """. . . . .
           . . . . .
           . . . . .
           . . . . .
           . . . . .""",
    ),
    "two chains share two eyes": (
        """. X . X O
           X . X X O
           X X . X O
           . X X . O
           O O O O O""",
        """* * * * .
           * * * * .
           * * * * .
           . * * . .
           . . . . .""",
    ),
    "a false eye does not count": (
        """. X . X O
           X O X O O
           X O O O .
           O O . . .
           . . . . .""",
        """. . . . .
           . . . . .
           . . . . .
           . . . . .
           . . . . .""",
    ),
    "opponent's stones inside are dead": (
        """. X . O X
           X X X X X
           . . . . .
           O O O O O
           . . . . .""",
        """* * * * *
           * * * * *
           . . . . .
           . . . . .
           . . . . .""",
    ),
    "a large empty room may not be filled yet": (
        """. X . X .
           X X X X .
           . . . . .
           . . . . .
           . . . . .""",
        """* * * * .
           * * * * .
           . . . . .
           . . . . .
           . . . . .""",
    ),
    "a region with one inner point is territory too": (
        """. X . X . .
           X X X X X X
           X . . . X .
           X . . . X .
           X . . . X .
           X X X X X .""",
        """* * * * * *
           * * * * * *
           * * * * * *
           * * * * * *
           * * * * * *
           * * * * * *""",
    ),
    "a region with two inner points has room for two eyes": (
        """. X . X X X .
           X X X X X X X
           X . . . . X .
           X . . . . X .
           X . . . . X .
           X X X X X X .
           . . . . . . .""",
        """* * * * * * *
           * * * * * * *
           * . . . . * *
           * . . . . * *
           * . . . . * *
           * * * * * * *
           * * * * * * *""",
    ),
}


@pytest.mark.parametrize("case", BENSON)
def test_benson(case):
    position, expected = BENSON[case]
    rows = ["".join(line.split()) for line in expected.splitlines()]
    want = {(r, c) for r, row in enumerate(rows) for c, sign in enumerate(row) if sign == "*"}
    assert alive_points(board_of(position), BLACK) == want


def test_suicide_can_undo_life():
    """Both points under the white stones are no liberties: where suicide is legal they may be emptied."""
    board = board_of(
        """. X . O O
           X X X X .
           . . . X X
           . . . . .
           . . . . ."""
    )
    assert alive_points(board, BLACK) == naive_of(board).pass_alive(BLACK)
    assert alive_points(board, BLACK, True) == naive_of(board).pass_alive(BLACK, True)
    assert alive_points(board, BLACK)
    assert not alive_points(board, BLACK, True)


# position, komi 0: area lead, territory lead (no prisoners), both from Black's view
COUNTS = {
    "empty board": (
        """. . .
           . . .
           . . .""", 0, 0,
    ),
    "one stone owns all": (
        """. . .
           . X .
           . . .""", 9, 8,
    ),
    "two walls": (
        """. X O . .
           . X O . .
           . X O . .
           . X O . .
           . X O . .""", -5, -5,
    ),
    "a neutral point between": (
        """. X . O .
           . X . O .
           . X . O .
           . X . O .
           . X . O .""", 0, 0,
    ),
    "seki, one eye each: the eyes are no territory": (
        """. X . O . O X
           X X O O O O X
           O O O X X X X
           X X X X . . .
           . . . . . . .
           . . . . . . .
           . . . . . . .""", 38 - 10, 24,
    ),
}  # fmt: skip


def game_of(diagram: str, rules: str = "tromp-taylor", komi: float = 0) -> Game:
    size, black, white = stones_of(diagram)
    game = Game(size, PRESETS[rules].replace(komi=komi))
    game.setup(black, white)
    return game


@pytest.mark.parametrize("case", COUNTS)
def test_counts(case):
    diagram, area, territory = COUNTS[case]
    assert score_game(game_of(diagram)).lead == area
    assert score_game(game_of(diagram, "japanese")).lead == territory


def test_an_eye_in_seki_is_no_territory():
    """A7 and E7 are the eyes, and who plays at C7 is captured."""
    owners = territory_owners(board_of(COUNTS["seki, one eye each: the eyes are no territory"][0]))
    for vertex, owner in (("A7", 0), ("C7", 0), ("E7", 0), ("A1", BLACK), ("G4", BLACK)):
        assert owners[from_gtp(vertex, 7)] == owner, vertex


def test_a_neutral_point_costs_a_living_group_nothing():
    owners = territory_owners(
        board_of(
            """. . X . O . .
               . . X O O . .
               . . X O . . .
               . . X O . . .
               . . X O . . .
               . . X O . . .
               . . X O . . ."""
        )
    )
    assert np.sum(owners == BLACK) == 14
    assert np.sum(owners == WHITE) == 19


DEAD = """. X O . .
          O X O . .
          . X O . .
          X X O X .
          . X O . ."""


def test_dead_stones_are_taken_off():
    board = board_of(DEAD)
    dead = np.zeros(board.color.size, np.uint8)
    dead[[from_gtp("A4", 5), from_gtp("D2", 5)]] = 1
    clean = remove_dead(board, dead)
    assert clean.color[from_gtp("A4", 5)] == 0
    assert kernels.board_size(clean) == 5
    game = game_of(DEAD)
    assert score_game(game, [from_gtp("D2", 5)]).lead == 7 - 16
    assert score_game(game, [from_gtp("D2", 5), from_gtp("A4", 5)]).lead == 10 - 15


def test_territory_counts_prisoners_and_dead_stones():
    dead = [from_gtp("A4", 5), from_gtp("D2", 5)]
    score = score_game(game_of(DEAD, "japanese", 0.5), dead)
    assert (score.black, score.white) == (4 + 1, 10 + 1 + 0.5)
    assert str(score) == "W+6.5"


def test_bent_four_in_the_corner_is_the_callers_word():
    """Under area rules the count leaves bent four on the board, unless it is named dead; then it is territory."""
    game = game_of(
        """. X O O . . .
           X X O . . . .
           X O O . . . .
           X O . . . . .
           O O . . . . .
           . . . . . . .
           . . . . . . ."""
    )
    bent_four = [from_gtp(v, 7) for v in ("B7", "A6", "B6", "A5", "A4")]
    assert score_game(game).lead == 6 - 43
    assert score_game(game, bent_four).lead == -49


def test_handicap_compensation_is_in_the_score():
    for rules, bonus in (("chinese", 3), ("aga", 2), ("japanese", 0), ("tromp-taylor", 0)):
        game = Game(9, PRESETS[rules].replace(komi=0.5))
        game.place_handicap(3)
        assert score_game(game).white == 0.5 + bonus, rules


def test_the_result_is_the_score():
    game = game_of(DEAD, komi=0.5)
    dead = [from_gtp("A4", 5)]
    assert game.result() == str(score_game(game))
    assert game.result(dead) == str(score_game(game, dead))
    assert [to_gtp(int(p), 5) for p in np.flatnonzero(score_game(game, dead).owners == BLACK)][0] == "A5"


@pytest.mark.parametrize(("lead", "text"), [(0, "0"), (3.5, "B+3.5"), (-12, "W+12")])
def test_results_are_written_as_in_gtp(lead, text):
    score = score_game(Game(3, PRESETS["tromp-taylor"].replace(komi=-lead)))
    assert str(score) == text


def test_pass_alive_areas_are_their_owners_with_the_dead_stones_in_them() -> None:
    board = board_of("""
        . X O . X
        X X X X X
        . . . . .
        O O O O O
        . O . X O
    """)
    owners, alive = np.zeros(board.color.size, np.int8), np.zeros(board.color.size, np.uint8)
    lead = settled_owners(board, owners, alive, new_pass_alive_scratch(5))
    points, points_of_dead = owners[geometry(5).points], geometry(5).points[[2, 23]]
    assert (points[:10] == BLACK).all(), "the white stone inside Black's area is dead"
    assert (points[10:15] == EMPTY).all()
    assert (points[15:25] == WHITE).all()
    assert lead == 0
    area_owners(board, owners)
    assert (owners[points_of_dead] == (WHITE, BLACK)).all(), "as the board stands, they count"


def test_prisoners_count_under_territory_rules() -> None:
    game = Game(5, PRESETS["japanese"].replace(komi=0))
    for vertex in "B5 A5 A4 C5 B4 C4 D3 C3 E1 C2 A1 C1 pass pass".split():
        game.play(from_gtp(vertex, 5))
    assert game.captures(BLACK) == 1 and game.captures(WHITE) == 0
    score = score_game(game)
    owned = score.owners
    assert score.black == (owned == BLACK).sum() + 1 and score.white == (owned == WHITE).sum()


def test_four_points_in_a_square_are_one_eye() -> None:
    board = board_of("""
        . . X . O . .
        . . X . O . .
        X X X . O O O
        O O O . O . .
        . . O O O . .
        . . . . . . .
        . . . . . . .
    """)
    owners = territory_owners(board)
    assert owners[from_gtp("A7", 7)] == 0
