"""The keys' cursor on the board: Space shows it, arrows move it, and Space again is a click on its point."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from gogame.coords import to_gtp
from gogame.geometry import PASS, point_of, row_col
from gui import theme as look
from gui.mark_view import Board
from gui.session import Session
from gui.theme import Color, Theme

ARROWS = {pygame.K_UP: (-1, 0), pygame.K_DOWN: (1, 0), pygame.K_LEFT: (0, -1), pygame.K_RIGHT: (0, 1)}
OTHERS = pygame.KMOD_CTRL | pygame.KMOD_SHIFT | pygame.KMOD_ALT | pygame.KMOD_META  # with them a key is another one
TOLD = "Arrows move the cursor, Space is a click there, Esc puts it away"
LIGHT: Color = (255, 255, 255)
DARK: Color = (16, 14, 12)
NAME = 46  # design units that a point's name takes


class Cursor:
    """The cursor of one window, hidden at first."""

    def __init__(self, session: Session, click: Callable[[int], None]):
        """``click``: what a click of the mouse on a point does."""
        self._session = session
        self._click = click
        self._point: int | None = None
        self._size = 0  # of the board that it is on

    @property
    def point(self) -> int | None:
        """Where it is; None while it is hidden, as after a change to a board of another size."""
        return self._point if self._size == self._session.size else None

    def key(self, key: int, mod: int) -> bool:
        """A key was pressed. Returns whether it was the cursor's."""
        point = self._point = self.point  # for good, if the board is another one
        if mod & OTHERS or (point is None and key != pygame.K_SPACE):
            return False
        if point is None:
            self._show()
        elif key == pygame.K_SPACE:
            self._click(point)
        elif key == pygame.K_ESCAPE:
            self.hide()
        elif key in ARROWS:
            self._untell()
            self._point = stepped(point, key, self._size)
        else:
            return False
        return True

    def hide(self) -> None:
        """Put it away: the arrows go through the game again."""
        if self._point is not None:
            self._point = None
            self._untell()

    def _show(self) -> None:
        """At the last stone played, or in the middle."""
        session = self._session
        self._size = session.size
        played = (node.point for node in reversed(session.shown.path()) if node.point != PASS)
        self._point = next(played, middle(session.size))
        session.say(TOLD)

    def _untell(self) -> None:
        if self._session.message[0] == TOLD:
            self._session.say("")


def middle(size: int) -> int:
    """The point in the middle of a board."""
    return point_of(size // 2, size // 2, size)


def stepped(point: int, arrow: int, size: int) -> int:
    """The point beside another, or itself at the edge of the board."""
    row, col = row_col(point, size)
    down, right = ARROWS[arrow]
    return point_of(min(size - 1, max(0, row + down)), min(size - 1, max(0, col + right)), size)


def draw_cursor(surface: pygame.Surface, board: Board, point: int) -> None:
    """Four corners around a point, light with a dark rim, so that they are seen on wood and beside either stone."""
    x, y = board.center(point)
    half, arm = round(board.cell * 0.5), round(board.cell * 0.26)
    thick = max(2, round(board.cell * 0.06))
    rim = max(1, round(thick / 2))
    box = pygame.Rect(x - half, y - half, 2 * half + 1, 2 * half + 1)
    bars: list[pygame.Rect] = []
    for corner in ("topleft", "topright", "bottomleft", "bottomright"):
        for size in ((arm, thick), (thick, arm)):
            bar = pygame.Rect((0, 0), size)
            setattr(bar, corner, getattr(box, corner))
            bars.append(bar)
    for bar in bars:
        surface.fill(DARK, bar.inflate(2 * rim, 2 * rim))
    for bar in bars:
        surface.fill(LIGHT, bar)


def draw_name(surface: pygame.Surface, theme: Theme, area: pygame.Rect, point: int, size: int) -> pygame.Rect:
    """Write a point's name at the right end of a line. Returns what is left of the line."""
    width = min(theme.px(NAME), area.width)
    place = pygame.Rect(area.right - width, area.top, width, area.height)
    theme.panel(surface, place.inflate(0, -theme.px(4)), look.CARD)
    theme.text(surface, to_gtp(point, size), place, 14, bold=True, align="center")
    return pygame.Rect(area.left, area.top, area.width - width, area.height)
