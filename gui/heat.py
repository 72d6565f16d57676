"""The heat map of a network's policy on the board: the likelier a move, the larger and the less transparent its disc;
the best few say how likely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pygame

from gogame.board import EMPTY
from gui.theme import Color, disc_image

if TYPE_CHECKING:
    from gui.board_view import BoardView, Picture

WRITTEN = 5  # moves whose percentage is written
LEAST_WRITTEN = 0.01  # prior of such a move
HEAT: Color = (24, 92, 150)
RIM: Color = (226, 240, 250)


def draw_heat(surface: pygame.Surface, view: BoardView, picture: Picture) -> None:
    """Draw it over a board, but for the points of the engine's candidates."""
    taken = {candidate.point for candidate in picture.candidates}
    for rank, (point, prior) in reversed(list(enumerate(picture.heat))):
        if picture.stones[point] != EMPTY or point in taken:
            continue
        written = rank < WRITTEN and prior >= LEAST_WRITTEN
        share = min(1.0, prior) ** 0.5
        radius = view.diameter * (0.10 + 0.38 * share)
        if written:
            radius = max(radius, view.diameter * 0.36)
        center = view.center(point)
        disc = disc_image(round(radius * 2) / 2, HEAT).copy()
        disc.set_alpha(round(255 * (0.30 + 0.65 * share)))
        surface.blit(disc, disc.get_rect(center=center))
        if rank == 0:
            ring = disc_image(round(radius * 2) / 2, RIM, max(1.5, view.cell * 0.05))
            surface.blit(ring, ring.get_rect(center=center))
        if written:
            _write(surface, view, prior, center)


def _write(surface: pygame.Surface, view: BoardView, prior: float, center: tuple[int, int]) -> None:
    """The percentage, over its own shade, which tells it from the lines of the board where the disc is pale."""
    height = max(8, round(view.cell * 0.30))
    text = f"{100 * prior:.0f}"
    shade = view.theme.label(text, height, HEAT, True)
    place = shade.get_rect(center=center)
    for shift in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        surface.blit(shade, place.move(shift))
    surface.blit(view.theme.label(text, height, (255, 255, 255), True), place)
