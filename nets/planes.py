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
from gogame.geometry import PASS, geometry
from gogame.kernel import kernel
from gogame.ladders import LadderScratch, ladder_planes, new_ladder_scratch
from gogame.pass_alive import new_pass_alive_scratch, pass_alive
from gogame.rules import RuleSet
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

    own_alive: np.ndarray  # uint8 [N]
    opponent_alive: np.ndarray  # uint8 [N]
    ladder_stones: np.ndarray  # uint8 [N]
    ladder_moves: np.ndarray  # uint8 [N]
    region: np.ndarray  # scratch of pass_alive
    ladder: LadderScratch
    upright: np.ndarray  # int16 [S*S] action -> the same action


def new_plane_scratch(size: int) -> PlaneScratch:
    """The work space for a board size."""
    n = (size + 2) ** 2
    own, opponent, stones, moves = (np.zeros(n, np.uint8) for _ in range(4))
    region, ladder, upright = new_pass_alive_scratch(size), new_ladder_scratch(size), geometry(size).symmetry[0]
    return PlaneScratch(own, opponent, stones, moves, region, ladder, upright)


@kernel
def fill_planes(
    board: Board,
    to_move: int,
    recent: np.ndarray,
    ruleset: RuleSet,
    forbidden: np.ndarray,
    scratch: PlaneScratch,
    turned: np.ndarray,
    planes_out: np.ndarray,
    globals_out: np.ndarray,
) -> None:
    """Fills the inputs of one position, turned: ``turned`` int16 [S*S] is the action that each action becomes, as a row
    of ``Geometry.symmetry`` or ``scratch.upright``.

    recent int16 [HISTORY]: the last moves, newest first, as points; PASS for a pass, -1 for none (before the
    game, or not to be shown). forbidden uint8 [N]: points that superko forbids the mover; simple ko is read
    from the board. planes_out uint8 [PLANES, S, S], globals_out float32 [GLOBALS]: overwritten.
    """
    suicide = ruleset.suicide != 0
    pass_alive(board, to_move, scratch.own_alive, scratch.region, suicide)
    pass_alive(board, 3 - to_move, scratch.opponent_alive, scratch.region, suicide)
    ladder_planes(board, to_move, scratch.ladder, scratch.ladder_stones, scratch.ladder_moves)
    stride = board.state[STRIDE]
    area = (stride - 2) ** 2
    planes_out[:] = 0
    planes_out[ON_BOARD] = 1
    out = planes_out.reshape(PLANES * area)
    action = 0
    for row in range(1, stride - 1):
        for point in range(row * stride + 1, (row + 1) * stride - 1):
            to = np.int64(turned[action])
            action += 1
            color = board.color[point]
            out[OWN_ALIVE * area + to] = scratch.own_alive[point]
            out[OPPONENT_ALIVE * area + to] = scratch.opponent_alive[point]
            if color == EMPTY:
                out[KO_PLANE * area + to] = forbidden[point]
                out[LADDER_MOVES * area + to] = scratch.ladder_moves[point]
                continue
            out[(OWN if color == to_move else OPPONENT) * area + to] = 1
            out[LADDER_STONES * area + to] = scratch.ladder_stones[point]
            liberties = np.int64(board.liberties[board.head[point]])
            if liberties <= 3:
                out[(LIBERTIES + liberties - 1) * area + to] = 1
    ko = board.state[KO]
    if ko != PASS and board.state[KO_COLOR] == to_move:
        out[KO_PLANE * area + turned[_action_at(ko, stride)]] = 1
    for k in range(HISTORY):
        if recent[k] > PASS:
            out[(LAST + k) * area + turned[_action_at(np.int64(recent[k]), stride)]] = 1
    _globals(stride - 2, to_move, recent, ruleset, globals_out)


@kernel
def _action_at(point: int, stride: int) -> int:
    """The action of a point that is on the board."""
    return (point // stride - 1) * (stride - 2) + point % stride - 1


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
