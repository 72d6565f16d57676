"""The bar at the right of what is longer than its room."""

from __future__ import annotations

import pygame

from gui import theme as look
from gui.theme import Theme

SHORTEST = 16  # design units of the thumb
THICK = 5


class ScrollBar:
    """Its thumb is dragged; a click beside the thumb brings it there. ``press`` and ``drag`` return the line that is to
    be the first in sight, None where they are not for the bar."""

    def __init__(self) -> None:
        self.area = pygame.Rect(0, 0, 0, 0)  # that takes the mouse; empty where all is in sight
        self.thumb = pygame.Rect(0, 0, 0, 0)
        self._hidden = 0  # lines that are out of sight
        self._grip: int | None = None  # pixels from the thumb's top to the mouse that holds it

    @property
    def held(self) -> bool:
        return self._grip is not None

    def place(self, theme: Theme, area: pygame.Rect, first: int, rows: int, lines: int) -> None:
        """Put it into ``area`` for so many lines, of which so many rows from the first on are in sight."""
        self._hidden = max(0, lines - rows)
        if not self._hidden or area.height <= 0:
            self.area = self.thumb = pygame.Rect(area.left, area.top, 0, 0)
            self._grip = None
            return
        self.area = area.copy()
        height = min(area.height, max(theme.px(SHORTEST), area.height * rows // lines))
        self.thumb = pygame.Rect(0, 0, min(area.width, theme.px(THICK)), height)
        self.thumb.centerx = area.centerx
        self.thumb.top = area.top + (area.height - height) * max(0, min(first, self._hidden)) // self._hidden

    def draw(self, surface: pygame.Surface, theme: Theme, mouse: tuple[int, int] | None) -> None:
        """The thumb; lighter where the mouse is on the bar or holds it."""
        if self.area.width:
            near = self.held or (mouse is not None and self.area.collidepoint(mouse))
            theme.panel(surface, self.thumb, look.MUTED if near else look.FAINT, radius=THICK / 2)

    def press(self, at: tuple[int, int]) -> int | None:
        """The button went down."""
        if not self.area.collidepoint(at):
            return None
        on = self.thumb.top <= at[1] < self.thumb.bottom
        self._grip = at[1] - self.thumb.top if on else self.thumb.height // 2
        return self.drag(at)

    def drag(self, at: tuple[int, int]) -> int | None:
        """The mouse has moved."""
        way = self.area.height - self.thumb.height
        if self._grip is None or way <= 0:
            return None
        down = max(0, min(way, at[1] - self._grip - self.area.top))
        return (down * self._hidden + way // 2) // way

    def release(self) -> None:
        """The button went up."""
        self._grip = None
