"""Diagrams: a board as text, for people and for tests.

X . O       X Black   O White   . empty; anything else is ignored between them, so spaces are free
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gogame.board import BLACK, EMPTY, WHITE, Board, board_size, new_board, play
from gogame.coords import columns, star_points
from gogame.geometry import PASS, point_of

if TYPE_CHECKING:
    from gogame.game import Game

SIGNS = {EMPTY: ".", BLACK: "X", WHITE: "O"}
_COLORS = {".": EMPTY, "+": EMPTY, "X": BLACK, "x": BLACK, "#": BLACK, "O": WHITE, "o": WHITE}


def stones_of(diagram: str) -> tuple[int, list[int], list[int]]:
    """(size, Black's points, White's points) of a diagram; ValueError if it is not square.

    Rows are lines. Signs of stones: ``X x #`` and ``O o``; ``. +`` are empty; blanks are skipped.
    """
    rows = ["".join(line.split()) for line in diagram.splitlines() if line.strip()]
    size = len(rows)
    black: list[int] = []
    white: list[int] = []
    for r, row in enumerate(rows):
        if len(row) != size:
            raise ValueError(f"row {r + 1} of the diagram has {len(row)} points, not {size}")
        for c, sign in enumerate(row):
            if sign not in _COLORS:
                raise ValueError(f"the diagram has a {sign!r} in row {r + 1}")
            if _COLORS[sign] != EMPTY:
                (black if _COLORS[sign] == BLACK else white).append(point_of(r, c, size))
    return size, black, white


def board_of(diagram: str) -> Board:
    """The board of a diagram; ValueError for a chain without a liberty."""
    size, black, white = stones_of(diagram)
    board = new_board(size)
    for color, points in ((BLACK, black), (WHITE, white)):
        for point in points:
            play(board, point, color)
    if any(board.color[p] != BLACK for p in black) or any(board.color[p] != WHITE for p in white):
        raise ValueError("the diagram has a chain without a liberty")
    board.state[1:] = 0
    return board


def diagram_of(board: Board) -> str:
    """The bare diagram: one line a row, no coordinates. The inverse of :func:`board_of`."""
    size = int(board_size(board))
    return "\n".join(" ".join(SIGNS[int(board.color[point_of(r, c, size)])] for c in range(size)) for r in range(size))


def picture(game: Game) -> str:
    """The board with coordinates, star points, the last move in brackets, prisoners and whose turn it is."""
    size = game.size
    stars = set(star_points(size))
    last = game.moves[-1][1] if game.moves else PASS
    head = "   " + " ".join(columns(size))
    lines = [head]
    for r in range(size):
        cells = ""
        for c in range(size):
            point = point_of(r, c, size)
            color = int(game.board.color[point])
            sign = "+" if color == EMPTY and point in stars else SIGNS[color]
            before = "(" if point == last and last != PASS else ")" if c and point - 1 == last else " "
            cells += before + sign
        end = ")" if point_of(r, size - 1, size) == last else " "
        lines.append(f"{size - r:2d}{cells}{end}{size - r}")
    lines.append(head)
    turn = "Black" if game.to_move == BLACK else "White"
    lines.append(f"{turn} to move, move {game.move_number + 1}; komi {game.komi:g}")
    lines.append(f"prisoners: Black {game.captures(BLACK)}, White {game.captures(WHITE)}")
    return "\n".join(lines)
