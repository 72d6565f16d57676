"""The program's icon: the corner of a board with two stones."""

from __future__ import annotations

import pygame

from gui.theme import INK, Color

SIDE = 64  # pixels
FACTOR = 4  # supersampling
WOOD: Color = (226, 183, 117)
LINES = (19, 46)  # of the corner, in both directions
RADIUS = 13
STONES: tuple[tuple[tuple[int, int], Color, Color], ...] = (  # crossing, stone, its light
    ((46, 19), (26, 27, 30), (92, 95, 101)),
    ((19, 46), (240, 238, 230), (255, 255, 255)),
)


def icon() -> pygame.Surface:
    """Drawn without a display."""
    big = pygame.Surface((SIDE * FACTOR, SIDE * FACTOR), pygame.SRCALPHA)
    pygame.draw.rect(big, WOOD, big.get_rect(), border_radius=11 * FACTOR)
    width = 3 * FACTOR
    for at in LINES:
        start, end = LINES[0] * FACTOR - width // 2, SIDE * FACTOR
        pygame.draw.rect(big, INK, (start, at * FACTOR - width // 2, end - start, width))
        pygame.draw.rect(big, INK, (at * FACTOR - width // 2, start, width, end - start))
    for (x, y), stone, light in STONES:
        center = (x * FACTOR, y * FACTOR)
        pygame.draw.circle(big, (*INK, 255), (center[0] + FACTOR, center[1] + FACTOR), (RADIUS + 0.5) * FACTOR)
        pygame.draw.circle(big, stone, center, RADIUS * FACTOR)
        pygame.draw.circle(big, light, (center[0] - 4 * FACTOR, center[1] - 5 * FACTOR), 3 * FACTOR)
    return pygame.transform.smoothscale(big, (SIDE, SIDE))
