"""Dead stones of a finished game by random playouts, checked against the recorded score.

Random games from the last position tell which stones stay on the board (the idea of Monte Carlo Go, Brügmann 1993).
They misjudge seki and odd shapes, so nobody should take their word; but where taking off the stones that they find
dead counts to the score that both players signed, the ownership is known.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gogame.board import BLACK, WHITE, Board, copy_into, new_board, play
from gogame.geometry import geometry
from gogame.kernel import kernel
from gogame.random_games import FIRST_SEED, random_game
from gogame.score import area_owners, lead_of

PLAYOUTS = 32
ALIVE_ABOVE = (0.0, -0.4)  # mean owner of a living chain's stones, 1 always theirs: tried one after the other


class Playouts(NamedTuple):
    """Work space for one board size; N = (size + 2)² points."""

    board: Board
    bare: Board
    empty: np.ndarray  # int16 [A] the points in any order
    moves: np.ndarray  # int16 [L]
    owners: np.ndarray  # int8 [N]
    kept: np.ndarray  # int32 [N] playouts in which a point was Black's, minus those in which it was White's
    seed: np.ndarray  # uint64 [1]


def new_playouts(size: int) -> Playouts:
    """The work space for a board size."""
    n, points = (size + 2) ** 2, geometry(size).points
    return Playouts(
        new_board(size), new_board(size), points.astype(np.int16), np.zeros(3 * points.size, np.int16),
        np.zeros(n, np.int8), np.zeros(n, np.int32), np.array([FIRST_SEED], np.uint64),
    )  # fmt: skip


@kernel
def playout_owners(start: Board, playouts: int, work: Playouts) -> None:
    """Fills ``work.kept`` from random games that begin with Black and with White in turn."""
    work.kept[:] = 0
    for number in range(playouts):
        copy_into(work.board, start)
        random_game(work.board, work.empty, np.int64(BLACK + (number & 1)), work.moves.size, work.seed, work.moves)
        area_owners(work.board, work.owners)
        for point in range(work.kept.size):
            if work.owners[point] == BLACK:
                work.kept[point] += 1
            elif work.owners[point] == WHITE:
                work.kept[point] -= 1


@kernel
def count_without_dead(start: Board, alive_above: float, playouts: int, work: Playouts) -> int:
    """Takes off the chains whose stones were theirs less often, and counts the area.

    Fills ``work.owners`` (int8 [N]); returns Black's points minus White's. ``work.kept`` is :func:`playout_owners`'.
    """
    copy_into(work.board, work.bare)
    for point in range(work.kept.size):
        color = start.color[point]
        if color == BLACK or color == WHITE:
            kept, stones, at = 0, 0, np.int64(point)
            while True:
                kept += work.kept[at]
                stones += 1
                at = np.int64(start.next_stone[at])
                if at == point:
                    break
            mean = kept / (stones * playouts) if color == BLACK else -kept / (stones * playouts)
            if mean > alive_above:  # a part of a chain has the liberties of the rest, so nothing is captured on the way
                play(work.board, point, color)
    area_owners(work.board, work.owners)
    return lead_of(work.owners)


def owners_of_score(board: Board, lead: float, tolerance: float, work: Playouts) -> np.ndarray | None:
    """The owners (int8 [N] view into ``work``) of a last position that count to this score; None if none are found.

    ``lead``: Black's area minus White's, points, without komi; ``tolerance`` points are allowed beside it: 0 under
    area scoring, 1 where it may have been territory that was counted, which differs by who played last.
    """
    playout_owners(board, PLAYOUTS, work)
    for alive_above in ALIVE_ABOVE:
        if abs(count_without_dead(board, alive_above, PLAYOUTS, work) - lead) <= tolerance + 0.01:
            return work.owners
    return None
