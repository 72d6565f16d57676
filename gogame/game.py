"""A game of Go: whose turn it is, what was played, what superko forbids, how it ended.

    >>> from gogame import Game, from_gtp
    >>> game = Game(9)
    >>> game.play(from_gtp("E5", 9))
    >>> game.undo()
    True

The kernels of :mod:`gogame.board` play on arrays; here is what arrays do not know. Every move makes a new board, so
earlier boards (and copies of a game, which share them) stay as they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from gogame import board as kernels
from gogame.board import BLACK, CAPTURED_BLACK, CAPTURED_WHITE, EMPTY, KO, KO_COLOR, WHITE, Board
from gogame.coords import fixed_handicap_points, to_gtp
from gogame.geometry import PASS
from gogame.rules import Rules, RuleSet, default_rules
from gogame.score import score_game

Move = tuple[int, int]  # (colour, point or PASS)
MAX_MOVES = 10_000  # of a game that comes from elsewhere; each keeps its board


class IllegalMove(ValueError):
    """A move that the rules forbid; ``reason`` is one of the reasons of :meth:`Game.why_illegal`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def free_handicap(moves: Iterable[Move]) -> int:
    """Black's moves before White's first, passes aside, which are handicap stones if they are more than one."""
    count = 0
    for color, point in moves:
        if color == WHITE and point != PASS:
            break
        count += color == BLACK and point != PASS
    return count if count > 1 else 0


class _Before(NamedTuple):
    """What a move changes, for taking it back."""

    board: Board
    to_move: int
    passes: int


class Game:
    """A game under way. Read its attributes freely; change them through the methods, ``rules`` excepted."""

    def __init__(self, size: int = 9, rules: Rules | None = None) -> None:
        """An empty board of this size (ValueError outside 2..25), Black to move; see ``default_rules``."""
        self.size = size
        self.rules = rules or default_rules(size)
        self.handicap = 0  # handicap stones that Black was given
        self._start(kernels.new_board(size), BLACK, (), ())

    def _start(self, board: Board, to_move: int, black: Sequence[int], white: Sequence[int]) -> None:
        """Begins at a position, with no moves before it."""
        self.board = board
        self.to_move = to_move
        self.moves: list[Move] = []
        self.passes = 0  # passes in a row at the end; a game that goes on after two begins again at 0
        self.resigned = 0  # the colour that gave up, or 0
        self.hashes: list[Move] = []  # (positional hash, colour to move) of every position so far, this one included
        self._black, self._white, self._first = tuple(black), tuple(white), to_move
        self._before: list[_Before] = []
        self._seen: Counter[Move] = Counter()
        self._seen_positions: Counter[int] = Counter()
        self._resumed = 0  # number of moves at which the game was last resumed
        self._note_position()

    # --- moves -----------------------------------------------------------------------------------------------------

    def play(self, point: int, color: int | None = None) -> None:
        """Plays a stone or a pass, for ``color`` or for the side to move; raises :class:`IllegalMove`.

        A colour may move twice in a row. A move after two passes resumes the game.
        """
        color = self.to_move if color is None else color
        reason = self.why_illegal(point, color)
        if reason:
            raise IllegalMove(reason)
        self._before.append(_Before(self.board, self.to_move, self.passes))
        self.board = kernels.copy_board(self.board)
        kernels.play(self.board, point, color)
        self.moves.append((color, int(point)))
        self.passes = 0 if point != PASS else 1 if self.passes >= 2 else self.passes + 1
        self.to_move = BLACK + WHITE - color
        self._note_position()

    def replay(self, point: int, color: int | None = None) -> None:
        """Plays a move of a game that was played elsewhere: superko and suicide do not refuse it, whatever the rules,
        and a game that is over goes on. Raises :class:`IllegalMove` for what no rules allow."""
        rules = self.rules
        self.rules = rules.replace(ko="simple", suicide=True)
        try:
            if self.resigned or self.is_void:
                self.resume(color)
            self.play(point, color)
        finally:
            self.rules = rules

    def pass_(self, color: int | None = None) -> None:
        """Plays a pass."""
        self.play(PASS, color)

    def undo(self) -> bool:
        """Takes the last move, or a resignation, back; False if there is none."""
        if self.resigned:
            self.resigned = 0
            return True
        if not self.moves:
            return False
        key = self.hashes.pop()
        self._seen[key] -= 1
        self._seen_positions[key[0]] -= 1
        self.moves.pop()
        self.board, self.to_move, self.passes = self._before.pop()
        self._resumed = min(self._resumed, len(self.moves))
        return True

    def resign(self, color: int | None = None) -> None:
        """``color``, or the side to move, gives the game up."""
        self.resigned = self.to_move if color is None else color

    def resume(self, to_move: int | None = None) -> None:
        """Lets a game go on that is over by passes or by repetition, if ``to_move`` is given with that side."""
        self.passes = 0
        self._resumed = len(self.moves)
        self.resigned = 0
        if to_move is not None:
            self.to_move = to_move

    def _note_position(self) -> None:
        key = (int(self.board.hash[0]), self.to_move)
        self.hashes.append(key)
        self._seen[key] += 1
        self._seen_positions[key[0]] += 1

    # --- legality --------------------------------------------------------------------------------------------------

    def why_illegal(self, point: int, color: int | None = None) -> str | None:
        """None for a legal move, else why it is none: "game over", "off the board", "occupied", "ko", "suicide" or
        "superko". A game that two passes ended can be resumed by any legal move."""
        color = self.to_move if color is None else color
        if self.resigned or self.is_void:
            return "game over"
        if point == PASS:
            return None
        if not 0 < point < self.board.color.size or self.board.color[point] == kernels.BORDER:
            return "off the board"
        if self.board.color[point] != EMPTY:
            return "occupied"
        if not kernels.is_legal(self.board, point, color, self.rules.suicide):
            ko = self.board.state[KO] == point and self.board.state[KO_COLOR] == color
            return "ko" if ko else "suicide"
        return "superko" if self._repeats(point, color) else None

    def is_legal(self, point: int, color: int | None = None) -> bool:
        """Whether :meth:`play` would accept the move."""
        return self.why_illegal(point, color) is None

    def legal_points(self, color: int | None = None) -> list[int]:
        """The points where ``color`` may play, in board order; the pass is not among them."""
        if self.resigned or self.is_void:
            return []
        color = self.to_move if color is None else color
        marks = np.zeros(self.board.color.size, np.uint8)
        kernels.legal_points(self.board, color, self.rules.suicide, marks)
        return [p for p in map(int, np.flatnonzero(marks)) if not self._repeats(p, color)]

    def _repeats(self, point: int, color: int) -> bool:
        """Whether superko forbids a move that is legal otherwise."""
        if self.rules.ko == "simple":
            return False
        key = int(kernels.hash_after(self.board, point, color))
        if self.rules.ko == "positional":
            return self._seen_positions[key] > 0
        return self._seen[key, BLACK + WHITE - color] > 0

    # --- the start -------------------------------------------------------------------------------------------------

    def setup(self, black: Iterable[int] = (), white: Iterable[int] = (), to_move: int = BLACK) -> None:
        """Begins anew from a position of these stones, without earlier moves; ValueError for an impossible one."""
        black, white = [int(p) for p in black], [int(p) for p in white]
        board = kernels.new_board(self.size)
        for color, points in ((BLACK, black), (WHITE, white)):
            for point in points:
                if not 0 < point < board.color.size or board.color[point] != EMPTY:
                    raise ValueError(f"a stone cannot be set up twice at one point, or off the board: {point}")
                kernels.play(board, point, color)
        # A stone that a setup captures belongs to a chain without liberties.
        for color, points in ((BLACK, black), (WHITE, white)):
            for point in points:
                if board.color[point] != color:
                    raise ValueError(f"the stone set up at {to_gtp(point, self.size)} has no liberty")
        board.state[KO] = PASS
        self.handicap = 0
        self._start(board, to_move, black, white)

    def place_handicap(self, stones: int | Iterable[int]) -> list[int]:
        """Gives Black handicap stones, at GTP's fixed points for a number, else at these points; returns them.

        White moves first, and is compensated as the rules say. ValueError for a number or points that cannot be, or
        when stones are on the board already.
        """
        points = fixed_handicap_points(self.size, stones) if isinstance(stones, int) else list(map(int, stones))
        if self.moves or self._black or self._white:
            raise ValueError("handicap stones are placed on the empty board")
        if not points:
            raise ValueError("a handicap has stones")
        self.setup(points, (), WHITE)
        self.handicap = len(points)
        return points

    @property
    def setup_stones(self) -> tuple[list[int], list[int], int]:
        """Black's and White's stones before the first move, handicap included, and who moved first."""
        return list(self._black), list(self._white), self._first

    def setup_key(self) -> tuple[object, ...]:
        """Equal for games that began at the same position."""
        return (self.size, frozenset(self._black), frozenset(self._white), self._first)

    # --- what there is to know -------------------------------------------------------------------------------------

    @property
    def move_number(self) -> int:
        """Moves played, passes included."""
        return len(self.moves)

    def recent_moves(self, n: int = 5) -> list[int]:
        """Up to ``n`` last points played, newest first, PASS among them."""
        return [point for _, point in self.moves[: -n - 1 : -1]]

    def captures(self, color: int) -> int:
        """The opponent's stones that were taken off so far: the prisoners of ``color``."""
        return int(self.board.state[CAPTURED_WHITE if color == BLACK else CAPTURED_BLACK])

    @property
    def white_bonus(self) -> int:
        """White's points for Black's handicap stones."""
        return self.rules.bonus(self.handicap)

    @property
    def komi(self) -> float:
        """White's points: the komi of the rules and the compensation for handicap stones."""
        return self.rules.komi + self.white_bonus

    def rule_set(self) -> RuleSet:
        """The rules for the kernels, White's compensation included in the komi."""
        return self.rules.kernel(self.white_bonus)

    @property
    def is_void(self) -> bool:
        """Whether a game under simple ko ended without a result, by the third appearance of one position with the
        same side to move. Only a cycle without a pass counts."""
        key = self.hashes[-1]
        if self.rules.ko != "simple" or self._seen[key] < 3:
            return False
        start = len(self.moves)
        while start > self._resumed and self.moves[start - 1][1] != PASS:
            start -= 1
        return self.hashes[start:].count(key) >= 3

    @property
    def is_over(self) -> bool:
        """Whether the game has ended: two passes in a row, a resignation, or no result."""
        return bool(self.resigned) or self.passes >= 2 or self.is_void

    def result(self, dead: Iterable[int] = ()) -> str:
        """``B+R`` or ``W+R``, ``Void``, else the count as ``B+3.5`` or ``0``: the board as it stands, less ``dead``."""
        if self.resigned:
            return "W+R" if self.resigned == BLACK else "B+R"
        if self.is_void:
            return "Void"
        return str(score_game(self, dead))

    def copy(self) -> Game:
        """An independent game. The boards are shared, since no move changes one."""
        other = Game.__new__(Game)
        other.__dict__.update(self.__dict__)
        other.moves, other.hashes, other._before = self.moves[:], self.hashes[:], self._before[:]
        other._seen, other._seen_positions = self._seen.copy(), self._seen_positions.copy()
        return other

    def __str__(self) -> str:
        from gogame.text import picture

        return picture(self)
