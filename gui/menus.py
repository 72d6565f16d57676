"""The menu bar and its drop-down lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame

from gui import theme as look
from gui.theme import Theme


@dataclass(frozen=True)
class Item:
    """One line of a menu; an empty label draws a separator."""

    label: str = ""
    action: str = ""
    key: str = ""  # shown at the right


SEPARATOR = Item()

MENUS: tuple[tuple[str, tuple[Item, ...]], ...] = (
    (
        "File",
        (
            Item("New game…", "new", "Ctrl+N"),
            Item("Set up a position…", "set up", "Ctrl+U"),
            Item("Open SGF…", "open", "Ctrl+O"),
            Item("Save SGF", "save", "Ctrl+S"),
            Item("Save SGF as…", "save as", "Ctrl+Shift+S"),
            SEPARATOR,
            Item("Copy SGF", "copy", "Ctrl+C"),
            Item("Paste SGF", "paste", "Ctrl+V"),
            SEPARATOR,
            Item("Game info…", "game info", "Ctrl+I"),
            SEPARATOR,
            Item("Quit", "quit", "Ctrl+Q"),
        ),
    ),
    (
        "Game",
        (
            Item("Undo", "undo", "Ctrl+Z"),
            Item("Redo", "redo", "Ctrl+Y"),
            Item("Pass", "pass", "P"),
            Item("Resign", "resign"),
            Item("Play at…", "coordinate", "Ctrl+G"),
            SEPARATOR,
            Item("Accept the count", "accept", "Enter"),
            Item("Resume", "resume"),
            SEPARATOR,
            Item("Players…", "players", "Ctrl+P"),
            Item("Engine plays now", "engine move", "Shift+Enter"),
            Item("Stop the engine", "stop", "Esc"),
            Item("Stop the clock", "pause", "S"),
        ),
    ),
    (
        "Analyse",
        (
            Item("Hint", "hint", "H"),
            Item("Territory (estimate)", "estimate", "T"),
            SEPARATOR,
            Item("Analyse position", "analysis", "A"),
            Item("Analyse whole game", "analyse game", "Ctrl+A"),
            Item("Next mistake", "next mistake", "N"),
            Item("Previous mistake", "mistake before", "Shift+N"),
            SEPARATOR,
            Item("Networks", "networks", "V"),
            Item("Comment…", "comment", "Ctrl+E"),
            SEPARATOR,
            Item("Next variation", "next variation", "↓"),
            Item("Previous variation", "variation before", "↑"),
            Item("Play on from here", "branch", "B"),
            Item("Remove variation", "remove variation", "Ctrl+Del"),
        ),
    ),
    (
        "View",
        (
            Item("Coordinates", "coordinates", "K"),
            Item("Move numbers", "numbers", "M"),
            Item("Show next moves", "continuations"),
            Item("Estimates while playing", "estimates"),
            Item("Sound", "sound"),
            Item("Training…", "training", "L"),
            SEPARATOR,
            Item("Larger", "larger", "Ctrl++"),
            Item("Smaller", "smaller", "Ctrl+−"),
            Item("Automatic size", "scale auto", "Ctrl+0"),
            Item("Full screen", "full screen", "F11"),
        ),
    ),
    ("Help", (Item("How to play", "how to play"), Item("Keys", "keys", "F1"), Item("About", "about"))),
)


class MenuBar:
    """Draws the bar and the open menu; answers which action a click chose."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.area = pygame.Rect(0, 0, 0, 0)
        self.open: int | None = None

    def place(self, area: pygame.Rect) -> None:
        self.area = area

    def titles(self) -> list[pygame.Rect]:
        """The areas of the menu titles."""
        left = self.area.left + self.theme.px(6)
        result = []
        for title, _ in MENUS:
            width = self.theme.width(title, 13.5) + self.theme.px(22)
            result.append(pygame.Rect(left, self.area.top + 2, width, self.area.height - 4))
            left += width
        return result

    def _rows(self, menu: int) -> list[pygame.Rect]:
        items = MENUS[menu][1]
        width = max(self.theme.width(i.label, 13.5) + self.theme.width(i.key, 12.5) for i in items)
        width += self.theme.px(22 + 26 + 30)
        left = self.titles()[menu].left
        top = self.area.bottom + self.theme.px(4)
        heights = [self.theme.px(28) if item.label else self.theme.px(9) for item in items]
        room = pygame.display.get_surface().get_height() - top - self.theme.px(5)
        squeezed = min(1.0, max(0.5, room / sum(heights)))  # in a low window, so that nothing is cut off
        rows = []
        for height in (int(height * squeezed) for height in heights):
            rows.append(pygame.Rect(left, top, width, height))
            top += height
        return rows

    def draw(
        self,
        surface: pygame.Surface,
        mouse: tuple[int, int],
        enabled: Callable[[str], bool],
        checked: Callable[[str], bool],
    ) -> None:
        pygame.draw.rect(surface, look.PANEL, self.area)
        for index, ((title, _), area) in enumerate(zip(MENUS, self.titles(), strict=True)):
            if index == self.open or area.collidepoint(mouse):
                self.theme.panel(surface, area, look.CARD, radius=5)
            self.theme.text(surface, title, area, 13.5, look.TEXT, align="center")
        if self.open is not None:
            self._draw_list(surface, self.open, mouse, enabled, checked)

    def _draw_list(
        self,
        surface: pygame.Surface,
        menu: int,
        mouse: tuple[int, int],
        enabled: Callable[[str], bool],
        checked: Callable[[str], bool],
    ) -> None:
        rows = self._rows(menu)
        frame = rows[0].unionall(rows[1:]).inflate(0, self.theme.px(8))
        self.theme.panel(surface, frame, look.PANEL, look.LINE, radius=7)
        for item, row in zip(MENUS[menu][1], rows, strict=True):
            if not item.label:
                y = row.centery
                pygame.draw.line(surface, look.LINE, (row.left + 8, y), (row.right - 8, y))
                continue
            usable = enabled(item.action)
            if usable and row.collidepoint(mouse):
                self.theme.panel(surface, row.inflate(-self.theme.px(8), 0), look.ACCENT_DARK, radius=5)
            inside = row.inflate(-self.theme.px(22), 0)
            if checked(item.action):
                tick = pygame.Rect(inside.left, inside.top, self.theme.px(16), inside.height)
                self.theme.text(surface, "✓", tick, 13.5, look.ACCENT)
            label = inside.copy()
            label.left += self.theme.px(20)
            label.width -= self.theme.px(20)
            self.theme.text(surface, item.label, label, 13.5, look.TEXT if usable else look.DIM)
            self.theme.text(surface, item.key, inside, 12.5, look.MUTED if usable else look.DIM, align="right")

    def mouse_down(self, at: tuple[int, int]) -> bool:
        """Open, switch or close menus; True if the press was for the menu."""
        for index, area in enumerate(self.titles()):
            if area.collidepoint(at):
                self.open = None if self.open == index else index
                return True
        if self.open is None:
            return False
        if not any(row.collidepoint(at) for row in self._rows(self.open)):
            self.open = None
        return True

    def mouse_move(self, at: tuple[int, int]) -> None:
        """With a menu open, passing over another title opens that one."""
        if self.open is not None:
            for index, area in enumerate(self.titles()):
                if area.collidepoint(at):
                    self.open = index

    def mouse_up(self, at: tuple[int, int]) -> str | None:
        """The action under the mouse; the menu closes."""
        if self.open is None:
            return None
        items: Sequence[Item] = MENUS[self.open][1]
        for item, row in zip(items, self._rows(self.open), strict=True):
            if item.label and row.collidepoint(at):
                self.open = None
                return item.action
        return None
