"""Counting: area and territory, pass-alive regions, dead-stone removal.

:func:`score_game` decides every game but those of self-play, which nobody looks at: :func:`settled_owners`.

Area (Tromp-Taylor): a colour's stones and the empty regions that touch that colour alone.

Territory (Japanese style), after the dead stones that the caller names are taken off as prisoners: the empty regions
that touch one colour alone, plus prisoners. A group in seki has no territory: chains that share such regions form a
group, and a group beside a neutral point whose territory cannot hold two eyes (one region of one or two points, or
of four in a square) is counted as seki. A neutral point that nobody filled costs a group with room for two eyes
nothing. There is no search in this: whether stones are dead is the caller's word, from the players or the network.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gogame.board import (
    BLACK,
    CAPTURED_BLACK,
    CAPTURED_WHITE,
    EMPTY,
    STRIDE,
    WHITE,
    Board,
    board_size,
    new_board,
    play,
)
from gogame.geometry import geometry
from gogame.kernel import kernel
from gogame.pass_alive import pass_alive
from gogame.rules import RuleSet

if TYPE_CHECKING:
    from gogame.game import Game


# --- area ------------------------------------------------------------------------------------------------------


@kernel
def _root(parent: np.ndarray, point: int) -> int:
    """The first point of an empty region, with the way to it halved."""
    while parent[point] != point:
        parent[point] = parent[parent[point]]
        point = parent[point]
    return point


@kernel
def _join_regions(board: Board) -> None:
    """Union-find of the empty regions, kept in the entries of empty points, which hold nothing else: afterwards
    next_stone leads to the region's root, whose liberties hold the colours it touches (bits 1 Black, 2 White) and
    whose stones hold its number of points."""
    color, parent = board.color, board.next_stone
    stride = board.state[STRIDE]
    for row in range(1, stride - 1):
        for point in range(row * stride + 1, (row + 1) * stride - 1):
            if color[point] != EMPTY:
                continue
            parent[point] = point
            board.liberties[point] = 0
            board.stones[point] = 0
            above = color[point - stride]
            root = point
            if above == EMPTY:
                root = _root(parent, point - stride)
                parent[point] = root
            before = color[point - 1]
            if before == EMPTY:
                other = _root(parent, point - 1)
                parent[max(root, other)] = min(root, other)
    for row in range(1, stride - 1):
        for point in range(row * stride + 1, (row + 1) * stride - 1):
            if color[point] == EMPTY:
                root = _root(parent, point)
                board.stones[root] += 1
                for k in range(4):
                    beside = color[point + (-stride, -1, 1, stride)[k]]
                    if beside == BLACK or beside == WHITE:
                        board.liberties[root] |= beside


@kernel
def area_score(board: Board) -> float:
    """Black's area minus White's, without komi; every stone on the board counts as alive (Tromp-Taylor).

    Allocates nothing: the unused entries of the empty points are its scratch, so one board must not be scored by two
    threads at once.
    """
    _join_regions(board)
    stride = board.state[STRIDE]
    lead = 0
    for row in range(1, stride - 1):
        for point in range(row * stride + 1, (row + 1) * stride - 1):
            color = board.color[point]
            if color == EMPTY:
                if board.next_stone[point] != point:
                    continue
                color = board.liberties[point]
                count = np.int64(board.stones[point])
            else:
                count = 1
            if color == BLACK:
                lead += count
            elif color == WHITE:
                lead -= count
    return np.float64(lead)


@kernel
def area_owners(board: Board, out: np.ndarray) -> None:
    """Fills ``out`` (int8 [N]) with the owner of each point by area: BLACK, WHITE, or EMPTY for neutral points."""
    _join_regions(board)
    stride = board.state[STRIDE]
    out[:] = EMPTY
    for row in range(1, stride - 1):
        for point in range(row * stride + 1, (row + 1) * stride - 1):
            color = board.color[point]
            if color == EMPTY:
                touched = board.liberties[_root(board.next_stone, point)]
                out[point] = touched if touched != BLACK + WHITE else EMPTY
            else:
                out[point] = color


@kernel
def lead_of(owners: np.ndarray) -> int:
    """How many points are Black's less how many are White's."""
    lead = 0
    for point in range(owners.size):
        if owners[point] == BLACK:
            lead += 1
        elif owners[point] == WHITE:
            lead -= 1
    return lead


@kernel
def settled_owners(board: Board, out: np.ndarray, alive: np.ndarray, scratch: np.ndarray) -> int:
    """:func:`area_owners` with every pass-alive area wholly its owner's; returns Black's points minus White's.

    So a game can end without the capture of stones that nothing can save (KataGo, arXiv:1902.10565, appendix D).
    ``out`` int8 [N]; ``alive`` uint8 [N] and ``scratch`` (of :func:`new_pass_alive_scratch`) are written over.
    """
    area_owners(board, out)
    for color in (BLACK, WHITE):
        if pass_alive(board, color, alive, scratch) > 0:
            for point in range(out.size):
                if alive[point]:
                    out[point] = color
    return lead_of(out)


@kernel
def stones_beyond(board: Board) -> int:
    """Black's stones, those on the board and those captured, less White's: what area gives beyond territory."""
    return lead_of(board.color) + board.state[CAPTURED_BLACK] - board.state[CAPTURED_WHITE]


@kernel
def komi_shown(board: Board, to_move: int, rules: RuleSet, passes: int) -> float:
    """The komi that a network is shown, which sees stones and no prisoners.

    Under territory rules a handicap stone, or a stone where the other side passed, is worth a point less than by area:
    that is added to the komi (as KataGo's ``whiteBonusScore``). The stone that Black is ahead while White is to move
    is not: it belongs to every even game, whose komi is shown as it is. After a pass it is: what is left to play is
    over, and a pass in White's stead would seem to gain a point that the count does not know.
    """
    if rules.territory == 0:
        return np.float64(rules.komi)
    usual = 1 if to_move == WHITE and passes == 0 else 0
    return np.float64(rules.komi) + stones_beyond(board) - usual


# --- dead stones and the final count ---------------------------------------------------------------------------


def remove_dead(board: Board, dead: np.ndarray) -> Board:
    """A new board without the stones marked in ``dead`` (uint8 [N]); they count as captured. The ko is lifted."""
    size = int(board_size(board))
    clean = new_board(size)
    clean.state[CAPTURED_BLACK] = board.state[CAPTURED_BLACK]
    clean.state[CAPTURED_WHITE] = board.state[CAPTURED_WHITE]
    for point in map(int, geometry(size).points):
        color = int(board.color[point])
        if color == EMPTY:
            continue
        if dead[point]:
            clean.state[CAPTURED_BLACK if color == BLACK else CAPTURED_WHITE] += 1
        else:
            play(clean, point, color)  # part of a legal position: no chain is without a liberty on the way
    return clean


def territory_owners(board: Board) -> np.ndarray:
    """int8 [N]: the owner of each empty point by territory (see the module's text), EMPTY for neutral points and in
    seki. All stones of the board count as alive: take the dead ones off first."""
    size = int(board_size(board))
    owners = np.zeros(board.color.size, np.int8)
    regions = _empty_regions(board, size)
    own = [(points, chains) for points, chains in regions if len({int(board.color[c]) for c in chains}) == 1]
    neutral = [chains for _, chains in regions if len({int(board.color[c]) for c in chains}) == 2]
    beside_neutral = set().union(*neutral) if neutral else set()
    while own:
        points, group = own.pop()
        spaces = [points]
        # Gather the regions of the group: those that share a chain with it.
        while shared := [i for i, (_, chains) in enumerate(own) if chains & group]:
            for i in reversed(shared):
                more, chains = own.pop(i)
                spaces.append(more)
                group = group | chains
        if group & beside_neutral and len(spaces) == 1 and not _has_room_for_two_eyes(spaces[0], size):
            continue
        color = int(board.color[next(iter(group))])
        for space in spaces:
            owners[list(space)] = color
    return owners


def _empty_regions(board: Board, size: int) -> list[tuple[frozenset[int], frozenset[int]]]:
    """The empty regions, each as (its points, heads of the chains around it)."""
    neighbors = geometry(size).neighbors
    left = {int(p) for p in geometry(size).points if board.color[p] == EMPTY}
    regions = []
    while left:
        stack = [left.pop()]
        points, chains = set(stack), set()
        while stack:
            for beside in map(int, neighbors[stack.pop()]):
                if board.color[beside] in (BLACK, WHITE):
                    chains.add(int(board.head[beside]))
                elif beside in left:
                    left.remove(beside)
                    points.add(beside)
                    stack.append(beside)
        regions.append((frozenset(points), frozenset(chains)))
    return regions


def _has_room_for_two_eyes(points: frozenset[int], size: int) -> bool:
    """Three points in a row make two eyes; one or two do not, nor do four in a square."""
    corner = min(points)
    square = {corner, corner + 1, corner + size + 2, corner + size + 3}
    return len(points) >= 3 and points != square


@dataclass(frozen=True)
class Score:
    """A counted game. ``str()`` is the result as GTP and SGF write it: ``B+3.5``, ``W+12``, ``0``."""

    black: float  # points: area, or territory and prisoners
    white: float  # the same, with komi and handicap compensation
    owners: np.ndarray  # int8 [N] whose each point is, BLACK, WHITE or EMPTY; dead stones are taken off

    @property
    def lead(self) -> float:
        """Black's points minus White's."""
        return self.black - self.white

    def __str__(self) -> str:
        if self.lead == 0:
            return "0"
        return f"{'B' if self.lead > 0 else 'W'}+{abs(self.lead):g}"


def score_game(game: Game, dead: Iterable[int] = ()) -> Score:
    """Counts the position of a game by its rules, with the stones at the points ``dead`` taken off first.

    The one function behind ``Game.result`` and GTP's final_score. Without ``dead`` the board counts as it stands.
    Points of ``dead`` without a stone are of no effect.
    """
    marks = np.zeros(game.board.color.size, np.uint8)
    marks[[int(p) for p in dead]] = 1
    board = remove_dead(game.board, marks)
    if game.rules.scoring == "area":
        owners = np.zeros(board.color.size, np.int8)
        area_owners(board, owners)
        black, white = float(np.sum(owners == BLACK)), float(np.sum(owners == WHITE))
    else:
        owners = territory_owners(board)
        black = float(np.sum(owners == BLACK) + board.state[CAPTURED_WHITE])
        white = float(np.sum(owners == WHITE) + board.state[CAPTURED_BLACK])
    return Score(black, white + game.komi, owners)
