"""Draws what would have been better than the move shown: a diamond, with a small stone of the side that missed it."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pygame

from gui import textures
from gui.mark_view import Board
from gui.theme import ACCENT, Color, image_of

REACH = 0.62  # cells from the middle of the diamond to its corners
RIM: Color = (22, 40, 62)
STONE = 0.52  # of a stone on the board


class Better(NamedTuple):
    """A move that was not played."""

    point: int
    color: int


def draw_better(surface: pygame.Surface, board: Board, better: Better, diameter: int, taken: Collection[int]) -> None:
    """Draw it; at a point that is ``taken`` by a candidate's disc around that."""
    center = board.center(better.point)
    if better.point not in taken:
        small = max(3, round(diameter * STONE)) | 1
        stone = textures.stone(better.color, small)
        surface.blit(stone, stone.get_rect(center=center))
    image = _diamond(max(5.0, board.cell * REACH), max(1.6, board.cell * 0.07))
    surface.blit(image, image.get_rect(center=center))


@lru_cache(maxsize=20)
def _diamond(reach: float, width: float) -> pygame.Surface:
    """The best one's blue, with a dark rim, so that it is seen on wood and beside stones."""
    rim = max(1.0, width * 0.4)
    side = int(np.ceil(reach + rim)) * 2 + 3
    axis = np.abs(np.arange(side) - (side - 1) / 2)
    outside = (axis[:, None] + axis[None, :] - reach) / np.sqrt(2)  # pixels from the outline, negative inside
    middle = np.abs(outside + width / 2)

    def band(half: float) -> np.ndarray:
        return np.clip(half - middle + 0.5, 0, 1)

    line, both = band(width / 2), band(width / 2 + rim)
    share = (line / np.maximum(both, 1e-6))[..., None]
    return image_of(np.array(RIM) * (1 - share) + np.array(ACCENT) * share, both)
