"""Draws the markup of a position on the board: letters, triangles, squares, circles and crosses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Protocol

import pygame

from gogame.board import BLACK, WHITE
from gui import textures
from gui.markup import Markup
from gui.theme import Color, Theme

FACTOR = 4  # supersampling
ON_BLACK: Color = (245, 243, 238)
ON_WHITE: Color = (28, 28, 30)
ON_WOOD: Color = (34, 22, 10)


class Board(Protocol):
    """What the marks need to know of the board they are drawn on."""

    theme: Theme
    cell: int
    wood: pygame.Rect

    def center(self, point: int) -> tuple[int, int]:
        """Pixel of a crossing."""


def draw_markup(
    surface: pygame.Surface, board: Board, markup: Markup, stones: Sequence[int], taken: Collection[int]
) -> None:
    """Draw the marks of all points but those that are ``taken`` by something else. Stones stay to be seen."""
    for point, shape in markup.shapes.items():
        if point not in taken:
            image = shape_image(shape, max(7, round(board.cell * 0.54)), _ink(stones[point]))
            _put(surface, board, point, image, stones, round(board.cell * 0.3))
    for point, label in markup.labels.items():
        if point not in taken:
            image = _label(board, label, _ink(stones[point]))
            _put(surface, board, point, image, stones, max(round(board.cell * 0.62), image.get_width() + 2))


def _ink(stone: int) -> Color:
    return ON_BLACK if stone == BLACK else ON_WHITE if stone == WHITE else ON_WOOD


def _put(
    surface: pygame.Surface, board: Board, point: int, image: pygame.Surface, stones: Sequence[int], clear: int
) -> None:
    """Draw a mark; at a free point on wood without lines, ``clear`` pixels wide."""
    center = board.center(point)
    if stones[point] not in (BLACK, WHITE):
        patch = pygame.Rect(0, 0, clear | 1, min(clear, round(board.cell * 0.62)) | 1)
        patch.center = center
        patch = patch.clip(board.wood)
        surface.blit(textures.wood_surface(board.wood.width), patch, patch.move(-board.wood.left, -board.wood.top))
    surface.blit(image, image.get_rect(center=center))


def _label(board: Board, label: str, color: Color) -> pygame.Surface:
    """The label in letters that a cell has room for, cut where they would be too small."""
    room = round(board.cell * 0.88)
    height = max(8, round(board.cell * 0.5))
    image = board.theme.label(label, height, color, True)
    while image.get_width() > room and height > max(8, board.cell // 4):
        height -= 1
        image = board.theme.label(label, height, color, True)
    while image.get_width() > room and len(label) > 1:
        label = label[:-1]
        image = board.theme.label(f"{label}…", height, color, True)
    return image


@lru_cache(maxsize=100)
def shape_image(shape: str, side: int, color: Color) -> pygame.Surface:
    """A mark in a square of ``side`` pixels."""
    full, width = side * FACTOR, max(FACTOR, round(side * FACTOR * 0.115))
    big = pygame.Surface((full, full), pygame.SRCALPHA)
    big.fill((*color, 0))
    edge, middle = width, full / 2
    if shape == "circle":
        pygame.draw.circle(big, color, (middle, middle), middle - edge / 2, width)
    elif shape == "square":
        pygame.draw.rect(big, color, big.get_rect().inflate(-2 * edge, -2 * edge), width)
    elif shape == "triangle":
        reach = middle - edge / 4
        corners = [(middle, middle - reach), (middle + 0.866 * reach, middle + 0.5 * reach)]
        corners.append((full - corners[1][0], corners[1][1]))
        inner = [(middle + (x - middle) * 0.62, middle + (y - middle) * 0.62) for x, y in corners]
        pygame.draw.polygon(big, color, corners)
        pygame.draw.polygon(big, (*color, 0), inner)
    else:
        for a, b in (((edge, edge), (full - edge, full - edge)), ((edge, full - edge), (full - edge, edge))):
            _thick_line(big, color, a, b, width * 1.2)
    return pygame.transform.smoothscale(big, (side, side))


def _thick_line(
    surface: pygame.Surface, color: Color, a: tuple[float, float], b: tuple[float, float], width: float
) -> None:
    along = pygame.Vector2(b) - pygame.Vector2(a)
    across = along.normalize().rotate(90) * (width / 2)
    pygame.draw.polygon(surface, color, [a + across, b + across, b - across, a - across])
