"""Positions of recorded games: a game replayed up to any move, as planes and targets.

Games lie in memory as two bytes a move. A position is had by replaying its game up to it, which costs less than its
input planes; so any position can be drawn at any time, and nothing is shuffled but numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gogame.board import BLACK, EMPTY, WHITE, Board, copy_into, is_legal, new_board, play
from gogame.geometry import PASS, geometry
from gogame.kernel import kernel
from gogame.rules import POSITIONAL, RuleSet
from gogame.score import komi_shown
from nets.config import GLOBALS, PLANES
from nets.planes import HISTORY, PlaneScratch, fill_planes, new_plane_scratch

COLOR_BIT = 9  # a stored word: action | (1 << COLOR_BIT where White plays)
COUNTED, OWNED = 1, 2  # flags: the score is known, the ownership is


class GameTable(NamedTuple):
    """G games of one board size, T words of them all; the positions before each move are what is learned from."""

    words: np.ndarray  # uint16 [T] action and colour, stones set up before the game first
    start: np.ndarray  # int64 [G + 1] where each game's words begin
    setup: np.ndarray  # int16 [G] words that are stones set up
    komi: np.ndarray  # float32 [G] points for White
    territory: np.ndarray  # uint8 [G] 1 under territory scoring
    result: np.ndarray  # int8 [G] 1 Black won, -1 White, 0 a draw
    score: np.ndarray  # float32 [G] Black's lead in points, where COUNTED
    flags: np.ndarray  # uint8 [G] COUNTED, OWNED
    owned: np.ndarray  # int32 [G] row of ``owners``, where OWNED
    owners: np.ndarray  # int8 [K, S * S] whose each point was at the end: BLACK, WHITE or EMPTY

    @property
    def games(self) -> int:
        return len(self.setup)

    @property
    def positions(self) -> int:
        """Moves to predict."""
        return int(len(self.words) - self.setup.astype(np.int64).sum())

    def select(self, games: np.ndarray) -> GameTable:
        """A table of these games alone (int64 [K], in this order)."""
        lengths = np.diff(self.start)[games]
        start = np.concatenate([[0], np.cumsum(lengths)])
        at = np.repeat(self.start[games] - start[:-1], lengths) + np.arange(start[-1])
        chosen = {name: getattr(self, name)[games] for name in self._fields[2:-1]}
        return GameTable(self.words[at], start, **chosen, owners=self.owners)


@kernel
def replay(board: Board, empty: Board, points: np.ndarray, words: np.ndarray, count: int, setup: int) -> int:
    """Plays the first ``count`` words on ``board``; returns how many were legal one after the other.

    Legal but for superko and suicide, which some rules allow; ``setup`` stones at the beginning are set down.
    """
    copy_into(board, empty)
    for i in range(count):
        action = words[i] & 511
        color = WHITE if words[i] >> COLOR_BIT else BLACK
        point = PASS if action == points.size else np.int64(points[action])
        if not is_legal(board, point, color, True):
            return i
        play(board, point, color)
    return count


class Work(NamedTuple):
    """What one thread writes into while it fills positions of one board size."""

    board: Board
    empty: Board
    points: np.ndarray  # int16 [A]
    forbidden: np.ndarray  # uint8 [N] zeros: superko is not looked at
    recent: np.ndarray  # int16 [HISTORY]
    flat: np.ndarray  # uint8 [PLANES, S, S]
    planes: PlaneScratch


def new_work(size: int) -> Work:
    """The work space for a board size."""
    n = (size + 2) ** 2
    return Work(
        new_board(size), new_board(size), geometry(size).points.copy(), np.zeros(n, np.uint8),
        np.zeros(HISTORY, np.int16), np.zeros((PLANES, size, size), np.uint8), new_plane_scratch(size),
    )  # fmt: skip


class Batch(NamedTuple):
    """B positions, mover's view; A = S * S + 1 actions."""

    planes: np.ndarray  # uint8 [B, PLANES, S, S]
    globals: np.ndarray  # float32 [B, GLOBALS]
    action: np.ndarray  # int16 [B] the move played
    reply: np.ndarray  # int16 [B] the opponent's answer, -1 if the game ended
    value: np.ndarray  # float32 [B] 1 the mover won, -1 lost, 0 a draw
    score: np.ndarray  # float32 [B] the mover's lead
    ownership: np.ndarray  # float32 [B, S, S]
    flags: np.ndarray  # uint8 [B] COUNTED, OWNED


def new_batch(size: int, count: int) -> Batch:
    """Room for ``count`` positions."""
    return Batch(
        np.zeros((count, PLANES, size, size), np.uint8), np.zeros((count, GLOBALS), np.float32),
        np.zeros(count, np.int16), np.zeros(count, np.int16), np.zeros(count, np.float32),
        np.zeros(count, np.float32), np.zeros((count, size, size), np.float32), np.zeros(count, np.uint8),
    )  # fmt: skip


@kernel
def fill_positions(
    table: GameTable, first: np.ndarray, picks: np.ndarray, symmetry: np.ndarray, turn: np.ndarray, shift: np.ndarray,
    begin: int, end: int, work: Work, out: Batch,
) -> None:  # fmt: skip
    """Fills the rows begin..end-1 of ``out`` with the positions numbered ``picks`` int64 [B].

    ``first`` int64 [G + 1]: number of each game's first position (:func:`first_positions`); row b is turned by
    ``symmetry[turn[b]]``. ``shift`` float32 [B]: points added to the komi where the score is known, and with it who
    would have won then.
    """
    area = work.points.size
    board = work.board
    for b in range(begin, end):
        g = np.searchsorted(first, picks[b], "right") - 1
        words, setup = table.words[table.start[g] : table.start[g + 1]], np.int64(table.setup[g])
        ply = setup + picks[b] - first[g]
        replay(board, work.empty, work.points, words, ply, setup)
        white = words[ply] >> COLOR_BIT
        color = WHITE if white else BLACK
        for k in range(HISTORY):
            work.recent[k] = -1
            if ply - 1 - k >= setup:
                action = words[ply - 1 - k] & 511
                work.recent[k] = PASS if action == area else work.points[action]
        lead, result = np.float64(table.score[g]), np.float64(table.result[g])
        komi = np.float64(table.komi[g])
        if table.flags[g] & COUNTED:
            komi += shift[b]
            lead -= shift[b]
            result = np.sign(lead)
        territory = np.int64(table.territory[g])
        passes = 1 if work.recent[0] == PASS else 0
        komi = komi_shown(board, np.int64(color), RuleSet(POSITIONAL, 0, territory, komi), passes)  # as in a search
        ruleset = RuleSet(POSITIONAL, 0, territory, komi)
        fill_planes(
            board,
            color,
            work.recent,
            ruleset,
            work.forbidden,
            work.planes,
            work.planes.upright,
            work.flat,
            out.globals[b],
        )
        turned = symmetry[turn[b]]
        for plane in range(work.flat.shape[0]):
            shown, to = work.flat[plane].reshape(area), out.planes[b, plane].reshape(area)
            for action in range(area):
                to[turned[action]] = shown[action]
        sign = -1 if white else 1
        out.action[b] = turned[words[ply] & 511]
        out.reply[b] = -1
        if ply + 1 < words.size and words[ply + 1] >> COLOR_BIT != white:
            out.reply[b] = turned[words[ply + 1] & 511]
        out.value[b], out.score[b], out.flags[b] = sign * result, sign * lead, table.flags[g]
        owned = out.ownership[b].reshape(area)
        owned[:] = 0.0
        if table.flags[g] & OWNED:
            for action in range(area):
                owner = table.owners[table.owned[g], action]
                if owner != EMPTY:
                    owned[turned[action]] = 1.0 if owner == color else -1.0


def first_positions(table: GameTable) -> np.ndarray:
    """int64 [G + 1]: the number of each game's first position, and of all positions."""
    return np.concatenate([[0], np.cumsum(np.diff(table.start) - table.setup)]).astype(np.int64)
