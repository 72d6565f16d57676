"""The bar at the right of what is longer than its room, and fields that have one."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from gui import theme as look
from gui.theme import Theme
from gui.widgets import Field

NOTCH = 3  # lines of the wheel
SHORTEST = 16  # design units of the thumb
THICK = 5


class ScrollBar:
    """Its thumb is dragged; a click beside the thumb brings it there. ``press`` and ``drag`` return the line that is to
    be the first in sight, None where they are not for the bar."""

    def __init__(self) -> None:
        self.area = pygame.Rect(0, 0, 0, 0)  # that takes the mouse; empty where all is in sight
        self.thumb = pygame.Rect(0, 0, 0, 0)
        self._first, self._hidden = 0, 0  # line that is seen at the top, and how many are out of sight
        self._grip: tuple[int, int] | None = None  # where the mouse has taken the thumb, and the first line there

    @property
    def held(self) -> bool:
        return self._grip is not None

    def place(self, theme: Theme, area: pygame.Rect, first: int, rows: int, lines: int) -> None:
        """Put it into ``area`` for so many lines, of which so many rows from the first on are in sight."""
        self._hidden = max(0, lines - rows)
        self._first = max(0, min(first, self._hidden))
        if not self._hidden or area.height <= 0:
            self.area = self.thumb = pygame.Rect(area.left, area.top, 0, 0)
            self._grip = None
            return
        self.area = area.copy()
        height = min(area.height, max(theme.px(SHORTEST), area.height * rows // lines))
        self.thumb = pygame.Rect(0, 0, min(area.width, theme.px(THICK)), height)
        self.thumb.centerx = area.centerx
        self.thumb.top = area.top + (area.height - height) * self._first // self._hidden

    def draw(self, surface: pygame.Surface, theme: Theme, mouse: tuple[int, int] | None) -> None:
        """The thumb; lighter where the mouse is on the bar or holds it."""
        if self.area.width:
            near = self.held or (mouse is not None and self.area.collidepoint(mouse))
            theme.panel(surface, self.thumb, look.MUTED if near else look.DIM, radius=THICK / 2)

    def press(self, at: tuple[int, int]) -> int | None:
        """The button went down."""
        if not self.area.collidepoint(at):
            return None
        first, way = self._first, self._way()
        if not self.thumb.top <= at[1] < self.thumb.bottom:
            first = self._line((at[1] - self.thumb.height // 2 - self.area.top) * self._hidden / way)
        self._grip = at[1], first
        return first

    def drag(self, at: tuple[int, int]) -> int | None:
        """The mouse has moved."""
        if self._grip is None:
            return None
        y, first = self._grip
        return self._line(first + (at[1] - y) * self._hidden / self._way())

    def _way(self) -> int:
        """Pixels that the thumb can go."""
        return max(1, self.area.height - self.thumb.height)

    def _line(self, number: float) -> int:
        return max(0, min(self._hidden, round(number)))

    def release(self) -> None:
        """The button went up."""
        self._grip = None


class Scrolled(Field):
    """A field that may be longer than its room. Letting the bar go over a line does not choose that."""

    def __init__(self, on_change: Callable[[], None] | None = None):
        super().__init__(on_change)
        self.bar = ScrollBar()
        self.first = 0  # line in sight
        self._on_bar = False  # the button went down there

    def extent(self) -> tuple[int, int]:
        """(lines that are in sight, all lines)."""
        return 1, 1

    def scroll(self, lines: int) -> None:
        """So many lines on."""
        rows, all_lines = self.extent()
        self.first = max(0, min(self.first + lines, all_lines - rows))

    def draw_bar(self, surface: pygame.Surface, theme: Theme, area: pygame.Rect, mouse: tuple[int, int]) -> None:
        """The bar, where not all is in sight."""
        self.bar.place(theme, area, self.first, *self.extent())
        self.bar.draw(surface, theme, mouse)

    def press(self, at: tuple[int, int]) -> None:
        """Hold the bar."""
        first = self.bar.press(at)
        self._on_bar = first is not None
        self._to(first)

    def drag(self, at: tuple[int, int]) -> None:
        """Scroll."""
        self._to(self.bar.drag(at))

    def _to(self, first: int | None) -> None:
        if first is not None:
            self.scroll(first - self.first)

    def release(self) -> None:
        self.bar.release()

    def click(self, at: tuple[int, int]) -> None:
        if not self._on_bar:
            self.pick(at)

    def pick(self, at: tuple[int, int]) -> None:
        """The button went down and up beside the bar."""
