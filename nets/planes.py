"""Input planes: what the network sees of a position, always from the side to move.

PLANES_TABLE and GLOBALS_TABLE name the inputs; :func:`fill_planes` is the kernel, which allocates nothing.
The choice follows KataGo (arXiv:1902.10565, appendix A.1), with pass-alive areas from Benson's algorithm.
Planes are bytes 0 or 1, so that a batch travels compactly; the symmetries of the board act on them through
``gogame.geometry`` alone, because every plane is a map of the board.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gogame.board import EMPTY, KO, KO_COLOR, STRIDE, WHITE, Board
from gogame.geometry import PASS
from gogame.kernel import kernel
from gogame.ladders import LadderScratch, ladder_planes, new_ladder_scratch
from gogame.rules import RuleSet
from gogame.score import new_pass_alive_scratch, pass_alive
from nets.config import GLOBALS, PLANES

HISTORY = 5  # last moves shown
KOMI_SCALE = 15.0  # points of komi per unit of its input

# (name, meaning, source); the mover is the side to move.
PLANES_TABLE = (
    ("on_board", "1 everywhere: shows the edge against the zeros of the padding", "AlphaGo"),
    ("own", "stones of the mover", "AlphaGo"),
    ("opponent", "stones of the opponent", "AlphaGo"),
    ("liberties_1", "stones of either side whose chain has 1 liberty", "AlphaGo"),
    ("liberties_2", "... 2 liberties", "AlphaGo"),
    ("liberties_3", "... 3 liberties", "AlphaGo"),
    ("ko", "empty points that ko or superko forbids the mover", "KataGo"),
    ("last_1", "the opponent's last move", "KataGo"),
    ("last_2", "the mover's move before it", "KataGo"),
    ("last_3", "the move before that, and so on", "KataGo"),
    ("last_4", "", "KataGo"),
    ("last_5", "", "KataGo"),
    ("own_alive", "pass-alive stones and territory of the mover", "Benson 1976, KataGo"),
    ("opponent_alive", "pass-alive stones and territory of the opponent", "Benson 1976, KataGo"),
    ("ladder_stones", "stones that a working ladder captures", "KataGo"),
    ("ladder_moves", "moves of the mover that start a working ladder", "KataGo"),
)
GLOBALS_TABLE = (
    ("komi", "komi from the mover's view / 15: positive for White", "KataGo"),
    ("komi_wave", "area scoring: -0.5..0.5, how near komi is to a change of the result's parity", "KataGo"),
    ("opponent_passed", "1 if the last move was a pass", "KataGo"),
    ("mover_passed", "1 if the move before it was a pass", "KataGo"),
    ("territory", "1 under territory scoring", "KataGo"),
    ("suicide", "1 if suicide is allowed", "KataGo"),
    ("simple_ko", "1 under simple ko (no superko)", "KataGo"),
    ("situational_ko", "1 under situational superko", "KataGo"),
)
assert len(PLANES_TABLE) == PLANES and len(GLOBALS_TABLE) == GLOBALS

ON_BOARD, OWN, OPPONENT, LIBERTIES, KO_PLANE, LAST, OWN_ALIVE, OPPONENT_ALIVE, LADDER_STONES, LADDER_MOVES = (
    0,
    1,
    2,
    3,
    6,
    7,
    12,
    13,
    14,
    15,
)


class PlaneScratch(NamedTuple):
    """Work space of :func:`fill_planes` for one board size, N = (size + 2)²; one for each thread."""

    alive: np.ndarray  # uint8 [N]
    stones: np.ndarray  # uint8 [N]
    moves: np.ndarray  # uint8 [N]
    region: np.ndarray  # scratch of pass_alive
    ladder: LadderScratch


def new_plane_scratch(size: int) -> PlaneScratch:
    """The work space for a board size."""
    n = (size + 2) ** 2
    alive, stones, moves = (np.zeros(n, np.uint8) for _ in range(3))
    return PlaneScratch(alive, stones, moves, new_pass_alive_scratch(size), new_ladder_scratch(size))


@kernel
def fill_planes(
    board: Board,
    to_move: int,
    recent: np.ndarray,
    ruleset: RuleSet,
    forbidden: np.ndarray,
    scratch: PlaneScratch,
    planes_out: np.ndarray,
    globals_out: np.ndarray,
) -> None:
    """Fills the inputs of one position.

    recent int16 [HISTORY]: the last moves, newest first, as points; PASS for a pass, -1 for none (before the
    game, or not to be shown). forbidden uint8 [N]: points that superko forbids the mover; simple ko is read
    from the board. planes_out uint8 [PLANES, S, S], globals_out float32 [GLOBALS]: overwritten.
    """
    planes_out[:] = 0
    _stones(board, to_move, forbidden, planes_out)
    stride = board.state[STRIDE]
    for k in range(HISTORY):
        if recent[k] > PASS:
            planes_out[LAST + k, recent[k] // stride - 1, recent[k] % stride - 1] = 1
    pass_alive(board, to_move, scratch.alive, scratch.region, ruleset.suicide != 0)
    _copy_marks(scratch.alive, stride, planes_out[OWN_ALIVE])
    pass_alive(board, 3 - to_move, scratch.alive, scratch.region, ruleset.suicide != 0)
    _copy_marks(scratch.alive, stride, planes_out[OPPONENT_ALIVE])
    ladder_planes(board, to_move, scratch.ladder, scratch.stones, scratch.moves)
    _copy_marks(scratch.stones, stride, planes_out[LADDER_STONES])
    _copy_marks(scratch.moves, stride, planes_out[LADDER_MOVES])
    _globals(stride - 2, to_move, recent, ruleset, globals_out)


@kernel
def _stones(board: Board, to_move: int, forbidden: np.ndarray, planes_out: np.ndarray) -> None:
    """Planes 0..6: the board, stones by owner and by liberties, ko."""
    stride = board.state[STRIDE]
    for row in range(stride - 2):
        for col in range(stride - 2):
            point = (row + 1) * stride + col + 1
            color = board.color[point]
            planes_out[ON_BOARD, row, col] = 1
            if color == EMPTY:
                planes_out[KO_PLANE, row, col] = forbidden[point]
            else:
                planes_out[OWN if color == to_move else OPPONENT, row, col] = 1
                liberties = board.liberties[board.head[point]]
                if liberties <= 3:
                    planes_out[LIBERTIES + liberties - 1, row, col] = 1
    ko = board.state[KO]
    if ko != PASS and board.state[KO_COLOR] == to_move:
        planes_out[KO_PLANE, ko // stride - 1, ko % stride - 1] = 1


@kernel
def _copy_marks(marks: np.ndarray, stride: int, plane: np.ndarray) -> None:
    """Marks by point into one plane."""
    for row in range(stride - 2):
        for col in range(stride - 2):
            plane[row, col] = marks[(row + 1) * stride + col + 1]


@kernel
def komi_wave(size: int, komi: float) -> float:
    """KataGo's parity wave of the mover's komi: under area scoring the score has the parity of the area.

    0 where a draw is possible, then up to 0.5, down through 0 to -0.5 and up to 0 at the next such komi.
    """
    parity = size % 2
    floor = np.floor((komi - parity) / 2) * 2 + parity
    above = min(max(komi - floor, 0.0), 2.0)
    if above < 0.5:
        return above
    return 1.0 - above if above < 1.5 else above - 2.0


@kernel
def _globals(size: int, to_move: int, recent: np.ndarray, ruleset: RuleSet, globals_out: np.ndarray) -> None:
    komi = ruleset.komi if to_move == WHITE else -ruleset.komi
    globals_out[0] = komi / KOMI_SCALE
    globals_out[1] = 0.0 if ruleset.territory else komi_wave(size, komi)
    globals_out[2] = 1.0 if recent[0] == PASS else 0.0
    globals_out[3] = 1.0 if recent[1] == PASS else 0.0
    globals_out[4] = 1.0 if ruleset.territory else 0.0
    globals_out[5] = 1.0 if ruleset.suicide else 0.0
    globals_out[6] = 1.0 if ruleset.superko == 0 else 0.0
    globals_out[7] = 1.0 if ruleset.superko == 2 else 0.0
