"""Input planes against drawn positions, and under the board's symmetries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gogame.board import BLACK, WHITE, Board, copy_board, is_simple_eye, legal_points, new_board, play
from gogame.geometry import PASS, geometry, point_of
from gogame.rules import RuleSet
from gogame.text import board_of
from nets.config import GLOBALS, PLANES
from nets.planes import GLOBALS_TABLE, HISTORY, PLANES_TABLE, fill_planes, komi_wave, new_plane_scratch

AREA = RuleSet(superko=1, suicide=0, territory=0, komi=7.0)
NOTHING = (-1,) * HISTORY
INDEX = {name: i for i, (name, _, _) in enumerate(PLANES_TABLE)}
GLOBAL = {name: i for i, (name, _, _) in enumerate(GLOBALS_TABLE)}


def planes_of(
    board: Board,
    to_move: int,
    recent: tuple[int, ...] = NOTHING,
    rules: RuleSet = AREA,
    forbidden: tuple[int, ...] = (),
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """The planes and globals by name; what the arrays held before must not matter."""
    size = int(board.state[0]) - 2
    marks = np.zeros(board.color.size, np.uint8)
    marks[list(forbidden)] = 1
    planes = np.full((PLANES, size, size), 255, np.uint8)
    values = np.full(GLOBALS, np.nan, np.float32)
    before = copy_board(board)
    recent_points = np.array(recent, np.int16)
    scratch = new_plane_scratch(size)
    fill_planes(board, to_move, recent_points, rules, marks, scratch, scratch.upright, planes, values)
    for now, was in zip(board, before, strict=True):
        assert np.array_equal(now, was), "the position is left as it was"
    named = {name: planes[i] for name, i in INDEX.items()}
    return named, {name: float(values[i]) for name, i in GLOBAL.items()}


def drawn(diagram: str) -> np.ndarray:
    """A plane from a drawing: ``1`` marked, anything else not."""
    return np.array([[int(sign == "1") for sign in row.split()] for row in diagram.strip().splitlines()], np.uint8)


def random_game(size: int, moves: int, seed: int) -> list[tuple[int, int]]:
    """(colour, point) of a random game without passes that fills no eyes."""
    rng = np.random.default_rng(seed)
    board, color, game = new_board(size), BLACK, []
    legal = np.zeros(board.color.size, np.uint8)
    for _ in range(moves):
        legal_points(board, color, False, legal)
        points = [p for p in np.flatnonzero(legal) if not is_simple_eye(board, p, color)]
        if not points:
            break
        point = int(rng.choice(points))
        play(board, point, color)
        game.append((color, point))
        color = 3 - color
    return game


def test_the_tables_name_every_input():
    assert len(INDEX) == PLANES and len(GLOBAL) == GLOBALS
    assert [name for name in INDEX if name.startswith("last")] == [f"last_{k + 1}" for k in range(HISTORY)]


POSITION = """
    . . . . . . .
    . X O . . . .
    . X O . . . .
    . . X X . . .
    O O . . . . .
    X O . . . . .
    . X . . . . O
"""


def test_stones_and_liberties():
    planes, _ = planes_of(board_of(POSITION), WHITE)
    assert planes["on_board"].all()
    assert np.array_equal(planes["own"], drawn(POSITION.replace("O", "1")))
    assert np.array_equal(planes["opponent"], drawn(POSITION.replace("X", "1")))
    # A2 (Black, left, second row from below) has one liberty, A1; B1 has A1 and C1; G1 has F1 and G2.
    one, two, three = (planes[f"liberties_{n}"] for n in (1, 2, 3))
    assert np.array_equal(one, drawn("\n".join(["0 0 0 0 0 0 0"] * 5 + ["1 0 0 0 0 0 0", "0 0 0 0 0 0 0"])))
    assert np.array_equal(two, drawn("\n".join(["0 0 0 0 0 0 0"] * 6 + ["0 1 0 0 0 0 1"])))
    # The white pair in the upper half: C7, D6, D5.
    assert np.array_equal(three[:4], drawn("0 0 0 0 0 0 0\n0 0 1 0 0 0 0\n0 0 1 0 0 0 0\n0 0 0 0 0 0 0"))


def test_the_same_position_with_colours_changed_looks_the_same():
    game = random_game(9, 50, seed=4)
    board, other = new_board(9), new_board(9)
    for color, point in game:
        play(board, point, color)
        play(other, point, 3 - color)
    recent = tuple(point for _, point in game[:-6:-1])
    planes, values = planes_of(board, BLACK, recent, AREA._replace(komi=6.5))
    mirrored, mirrored_values = planes_of(other, WHITE, recent, AREA._replace(komi=-6.5))
    assert all(np.array_equal(planes[name], mirrored[name]) for name in INDEX)
    assert values == mirrored_values


def test_ko_forbids_the_one_who_would_retake():
    board = board_of("""
        . . . . . . .
        . . X O . . .
        . X . X O . .
        . . X O . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
    """)
    play(board, point_of(2, 2, 7), WHITE)  # takes the stone at row 2, column 3
    ko = np.zeros((7, 7), np.uint8)
    ko[2, 3] = 1
    assert np.array_equal(planes_of(board, BLACK)[0]["ko"], ko)
    assert not planes_of(board, WHITE)[0]["ko"].any()
    play(board, point_of(6, 6, 7), BLACK)
    assert not planes_of(board, BLACK)[0]["ko"].any()


def test_superko_points_are_marked_where_the_board_is_empty():
    board = board_of(POSITION)
    planes, _ = planes_of(board, BLACK, forbidden=(point_of(0, 0, 7), point_of(1, 1, 7)))
    ko = np.zeros((7, 7), np.uint8)
    ko[0, 0] = 1
    assert np.array_equal(planes["ko"], ko)


def test_history_and_passes():
    points = [point_of(0, 0, 9), PASS, point_of(8, 8, 9), point_of(0, 8, 9), -1]
    planes, values = planes_of(new_board(9), BLACK, tuple(points))
    assert planes["last_1"].sum() == planes["last_1"][0, 0] == 1
    assert planes["last_2"].sum() == 0
    assert planes["last_3"].sum() == planes["last_3"][8, 8] == 1
    assert planes["last_4"].sum() == planes["last_4"][0, 8] == 1
    assert planes["last_5"].sum() == 0
    assert (values["opponent_passed"], values["mover_passed"]) == (0, 1)
    _, values = planes_of(new_board(9), BLACK, (PASS, points[0], -1, -1, -1))
    assert (values["opponent_passed"], values["mover_passed"]) == (1, 0)
    _, values = planes_of(new_board(9), BLACK)
    assert (values["opponent_passed"], values["mover_passed"]) == (0, 0)


def test_pass_alive_areas():
    board = board_of("""
        . X . X O . .
        X X X X O . .
        O O O O O . .
        . . . . . . .
        . . . . . . .
        . . . . . O O
        . . . . . O .
    """)
    black = drawn("1 1 1 1 0 0 0\n1 1 1 1 0 0 0" + "\n0 0 0 0 0 0 0" * 5)
    planes, _ = planes_of(board, BLACK)
    assert np.array_equal(planes["own_alive"], black) and not planes["opponent_alive"].any()
    planes, _ = planes_of(board, WHITE)
    assert np.array_equal(planes["opponent_alive"], black) and not planes["own_alive"].any()


LADDER = """
    . . . . . . .
    . . . . . . .
    . . X X . . .
    . X O . . . .
    . . X . . . .
    . . . . . . .
    . . . . . . .
"""


def test_ladders():
    """The white stone has one liberty. Its flight ends at the edge, unless a white stone stands in the way."""
    stone = np.zeros((7, 7), np.uint8)
    stone[3, 2] = 1
    for to_move in (BLACK, WHITE):
        planes, _ = planes_of(board_of(LADDER), to_move)
        assert np.array_equal(planes["ladder_stones"], stone)
        assert not planes["ladder_moves"].any(), "it is in atari already: a capture, not a ladder"
    rows = LADDER.strip("\n").splitlines()
    rows[5] = "    . . . . . O ."
    planes, _ = planes_of(board_of("\n".join(rows)), WHITE)
    assert not planes["ladder_stones"].any()


def test_ladder_moves_are_the_attackers():
    """With two liberties, D4 and C3, the stone at C4 is caught from C3 only: from D4 it would run down."""
    board = board_of(LADDER.replace(". . X . . . .", ". . . . . . ."))
    planes, _ = planes_of(board, BLACK)
    assert planes["ladder_stones"].sum() == planes["ladder_stones"][3, 2] == 1
    assert planes["ladder_moves"].sum() == planes["ladder_moves"][4, 2] == 1
    planes, _ = planes_of(board, WHITE)
    assert planes["ladder_stones"][3, 2] == 1
    assert not planes["ladder_moves"].any()


def test_rules_and_komi():
    rules = RuleSet(superko=0, suicide=1, territory=1, komi=6.5)
    _, white = planes_of(new_board(9), WHITE, rules=rules)
    _, black = planes_of(new_board(9), BLACK, rules=rules)
    assert white["komi"] == pytest.approx(6.5 / 15) and black["komi"] == pytest.approx(-6.5 / 15)
    assert white["komi_wave"] == 0, "no parity under territory scoring"
    assert (white["territory"], white["suicide"], white["simple_ko"], white["situational_ko"]) == (1, 1, 1, 0)
    _, values = planes_of(new_board(9), WHITE, rules=AREA._replace(superko=2))
    assert (values["territory"], values["suicide"], values["simple_ko"], values["situational_ko"]) == (
        0,
        0,
        0,
        1,
    )


@pytest.mark.parametrize(
    ("size", "komi", "wave"),
    [
        # On an odd board the score is odd, when no point is neutral: komi 7 can draw, 6 and 8 cannot.
        (9, 7.0, 0.0), (9, 7.25, 0.25), (9, 7.5, 0.5), (9, 8.0, 0.0), (9, 8.5, -0.5), (9, 8.75, -0.25), (9, 9.0, 0.0),
        (9, -7.0, 0.0), (9, -7.5, -0.5), (9, -6.5, 0.5),
        (8, 6.0, 0.0), (8, 6.5, 0.5), (8, 7.0, 0.0), (8, 7.5, -0.5), (8, 8.0, 0.0),
    ],
)  # fmt: skip
def test_komi_wave(size, komi, wave):
    assert komi_wave(size, komi) == pytest.approx(wave)


@pytest.mark.parametrize("size", [7, 9, 19])
def test_the_symmetries_of_the_board_are_those_of_the_planes(size):
    """A game turned move by move gives the planes turned, for the eight maps of the geometry."""
    shapes = geometry(size)
    for seed in range(3):
        game = random_game(size, size * size // 2 + 10 * seed, seed)
        pictures = []
        for k in range(8):
            board = new_board(size)
            for color, point in game:
                play(board, int(shapes.points[shapes.symmetry[k, shapes.action[point]]]), color)
            recent = [int(shapes.points[shapes.symmetry[k, shapes.action[p]]]) for _, p in game[:-6:-1]]
            planes, values = planes_of(board, 3 - game[-1][0], tuple(recent))
            stack = np.stack([planes[name] for name in INDEX]).reshape(PLANES, -1)
            pictures.append((stack[:, shapes.symmetry[k, :-1]], values))
        for stack, values in pictures[1:]:
            assert np.array_equal(stack, pictures[0][0]) and values == pictures[0][1]


def arrays_in(value: object) -> int:
    """How many arrays a nested tuple holds."""
    if isinstance(value, tuple):
        return sum(arrays_in(item) for item in value)
    return int(isinstance(value, np.ndarray))


def test_the_kernel_allocates_nothing():
    """Entering from Python costs one record an array; the kernel itself adds none."""
    if not hasattr(fill_planes, "signatures"):
        pytest.skip("the JIT is off")
    from numba.core.runtime import _nrt_python, rtsys

    board = new_board(9)
    for color, point in random_game(9, 40, seed=1):
        play(board, point, color)
    planes, values = np.zeros((PLANES, 9, 9), np.uint8), np.zeros(GLOBALS, np.float32)
    recent, marks = np.array(NOTHING, np.int16), np.zeros(121, np.uint8)
    scratch = new_plane_scratch(9)
    arguments = (board, BLACK, recent, AREA, marks, scratch, scratch.upright, planes, values)
    fill_planes(*arguments)
    _nrt_python.memsys_enable_stats()
    before = rtsys.get_allocation_stats().alloc
    for _ in range(10):
        fill_planes(*arguments)
    assert rtsys.get_allocation_stats().alloc - before <= 10 * arrays_in(arguments)


def test_the_documentation_names_every_input():
    page = (Path(__file__).parents[2] / "docs" / "network.md").read_text(encoding="utf-8")
    for name in [*INDEX, *GLOBAL]:
        if name not in ("last_2", "last_3", "last_4"):
            assert f"`{name}`" in page, name
