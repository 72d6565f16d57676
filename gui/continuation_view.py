"""Draws what follows a position on the board: the outline of each stone that was played next."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

import pygame

from gogame.board import BLACK
from gui.mark_view import Board
from gui.theme import Color, disc_image

OUTLINE: dict[bool, Color] = {True: (20, 16, 10), False: (255, 253, 246)}  # whether the stone is Black's

AROUND = 0.53  # cells to the outer edge of a ring around a disc


class Continuation(NamedTuple):
    """A move that was played in the position shown."""

    point: int
    color: int
    main: bool  # the main line goes on with it


def draw_continuations(
    surface: pygame.Surface,
    board: Board,
    continuations: Iterable[Continuation],
    taken: Collection[int],
    discs: Collection[int],
) -> None:
    """Draw thin rings, the main line's stronger, around the ``discs`` of candidates, but at points that are ``taken``
    by something else."""
    for point, color, main in continuations:
        if point not in taken:
            radius = board.cell * (AROUND if point in discs else 0.43)
            image = _ring(radius, max(1.2, board.cell * (0.055 if main else 0.035)), color == BLACK, main)
            surface.blit(image, image.get_rect(center=board.center(point)))


@lru_cache(maxsize=40)
def _ring(radius: float, width: float, black: bool, strong: bool) -> pygame.Surface:
    image = disc_image(radius, OUTLINE[black], width).copy()
    image.set_alpha(220 if strong else 175)
    return image
