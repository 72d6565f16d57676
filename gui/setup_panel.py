"""What surrounds the board while a position is set up: the tools, who moves next, komi, the keys, and the bar."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from gogame.board import BLACK, WHITE
from gui import textures
from gui import theme as look
from gui.describe import RULE_LABELS
from gui.layout import Layout
from gui.mark_view import shape_image
from gui.setup import LETTERS, STONES, Setup
from gui.theme import Theme
from gui.widgets import Button, Field


@dataclass(frozen=True)
class Tool:
    """A button, its key, and what a click does with it."""

    name: str
    label: str
    key: int
    told: str


STONE_TOOLS = (
    Tool("black", "Black", pygame.K_b, "A click puts Black, Shift or the right button White"),
    Tool("white", "White", pygame.K_w, "A click puts White, Shift or the right button Black"),
    Tool("turns", "In turn", pygame.K_a, "A click puts a stone of the side to move, and the other one is next"),
    Tool("erase", "Erase", pygame.K_e, "A click takes off what is there"),
)
MARK_TOOLS = (
    Tool("letter", "", pygame.K_l, "A click puts the next letter"),
    Tool("triangle", "", pygame.K_t, "A click puts a triangle"),
    Tool("square", "", pygame.K_s, "A click puts a square"),
    Tool("circle", "", pygame.K_c, "A click puts a circle"),
    Tool("cross", "", pygame.K_x, "A click puts a cross"),
)
TOOLS = {tool.name: tool for tool in (*STONE_TOOLS, *MARK_TOOLS)}
BY_KEY = {tool.key: tool.name for tool in TOOLS.values()}
LEFT = (("undo", "Undo"), ("redo", "Redo"), ("empty", "Empty board"))  # of the bar
RIGHT = (("cancel", "Cancel"), ("done", "Done"))
HELP = (
    ("B W A E", "black, white, in turn, erase"),
    ("L T S C X", "letters and marks"),
    ("drag", "does the same to more points"),
    ("N   Tab", "the other side moves next; komi"),
    ("↑ ↓ ← →   Space", "go to a point, use it"),
    ("Ctrl+G", "type points"),
    ("Ctrl+Z   Ctrl+Y", "undo, redo"),
    ("Enter   Esc", "begin the game; give it up"),
)


class SetupPanel:
    """Draws itself; ``buttons`` are the ones that were drawn last. ``fields``: who moves next, and komi."""

    def __init__(self, setup: Setup, fields: tuple[Field, Field]):
        self.setup = setup
        self.fields = fields
        self.buttons: list[Button] = []

    def draw(
        self,
        surface: pygame.Surface,
        theme: Theme,
        layout: Layout,
        mouse: tuple[int, int],
        pressed: object,
        focused: Field | None,
    ) -> None:
        """The tools in place of the column; in a wide window, or where there is room, the keys too; the bar.
        ``pressed``: the action of the button that is held down."""
        self.buttons = []
        gap = theme.px(6)
        low = not layout.bar.height
        if layout.wide or low:
            pygame.draw.rect(surface, look.PANEL, layout.column)
            edge = theme.px(8 if low else 28)
            area = layout.column.inflate(-edge, -theme.px(6 if low else 24))
            rows: tuple[tuple[Tool, ...], ...] = (STONE_TOOLS[:2], STONE_TOOLS[2:], MARK_TOOLS)
            high = max(theme.px(16), min(theme.px(38), (area.height + gap) // (7 if low else 5)))
        else:
            under = layout.bar.top - layout.strip.top
            area = pygame.Rect(layout.strip.left, layout.strip.top, layout.strip.width, under)
            rows = (STONE_TOOLS, MARK_TOOLS)
            high = max(theme.px(20), min(theme.px(44), under // 3))
        top = area.top
        for tools in rows:
            self._draw_row(surface, theme, pygame.Rect(area.left, top, area.width, high - gap), tools, mouse, pressed)
            top += high
        if layout.wide or low:
            places = [pygame.Rect(area.left, top + i * high, area.width, high - gap) for i in range(2)]
            top += high
        else:
            komi = area.width * 2 // 5
            places = [pygame.Rect(area.left, top, area.width - komi - gap, high - gap)]
            places.append(pygame.Rect(area.right - komi, top, komi, high - gap))
        for field, place in zip(self.fields, places, strict=True):
            field.area = place
            field.draw(surface, theme, field is focused, mouse)
        top += high
        if low:
            for names in (LEFT, RIGHT):
                wide = (area.width + gap) // len(names)
                spots = [pygame.Rect(area.left + i * wide, top, wide - gap, high - gap) for i in range(len(names))]
                self._draw_buttons(surface, theme, names, spots, mouse, pressed)
                top += high
            return
        top += gap
        self._draw_notes(surface, theme, pygame.Rect(area.left, top, area.width, area.bottom - top))
        self._draw_bar(surface, theme, layout, mouse, pressed)

    def _draw_notes(self, surface: pygame.Surface, theme: Theme, area: pygame.Rect) -> None:
        now, of = self.setup.now, self.setup.rules
        counts = [list(now.stones.values()).count(color) for color in (BLACK, WHITE)]
        size = self.setup.size
        facts = f"{size}×{size}, {RULE_LABELS.get(of.name, of.name)}: {counts[0]} black, {counts[1]} white"
        line = pygame.Rect(area.left, area.top, area.width, theme.px(22))
        if line.bottom > area.bottom:
            return
        theme.text(surface, facts, line, 13.5, look.TEXT)
        line.top += theme.px(28)
        keys = max(theme.width(name, 12.5, True) for name, _ in HELP) + theme.px(12)
        for name, meaning in HELP:
            if line.bottom > area.bottom:
                return
            theme.text(surface, name, line, 12.5, look.TEXT, bold=True)
            theme.text(surface, meaning, pygame.Rect(line.left + keys, line.top, line.width - keys, line.height), 12.5)
            line.top += theme.px(22)

    def _draw_row(
        self,
        surface: pygame.Surface,
        theme: Theme,
        area: pygame.Rect,
        tools: tuple[Tool, ...],
        mouse: tuple[int, int],
        pressed: object,
    ) -> None:
        gap = theme.px(6)
        wide = (area.width + gap) // len(tools) - gap
        for i, tool in enumerate(tools):
            place = pygame.Rect(area.left + i * (wide + gap), area.top, wide, area.height)
            label = tool.label
            if tool.name == "letter":
                used = self.setup.now.labels.values()
                label = next(letter for letter in LETTERS if letter not in used)
            button = Button(tool.name, label, place, primary=self.setup.tool == tool.name)
            button.draw(surface, theme, mouse, pressed == tool.name)
            self.buttons.append(button)
            if not label:
                image = shape_image(tool.name, min(theme.px(17), place.height - 4), look.TEXT)
                surface.blit(image, image.get_rect(center=place.center))
            color = STONES.get(tool.name)
            if color and wide > theme.px(96):
                image = textures.stone(color, min(theme.px(19), place.height - 4) | 1)
                surface.blit(image, image.get_rect(center=(place.left + theme.px(20), place.centery)))

    def _draw_bar(
        self, surface: pygame.Surface, theme: Theme, layout: Layout, mouse: tuple[int, int], pressed: object
    ) -> None:
        pygame.draw.rect(surface, look.BACKGROUND, layout.bar)
        pygame.draw.line(surface, look.PANEL, layout.bar.topleft, layout.bar.topright)
        rows = ((*LEFT, *RIGHT),) if layout.wide else (LEFT, RIGHT)
        gap, side, edge = theme.px(6), theme.px(36), theme.px(12)
        high = layout.bar.height // len(rows)
        for row, names in enumerate(rows):
            room = layout.bar.width - 2 * edge
            wide = min(theme.px(112), room // 5 - gap) if layout.wide else (room + gap) // len(names) - gap
            spots = []
            for i in range(len(names)):
                x = layout.bar.left + edge + i * (wide + gap)
                if layout.wide and i >= len(LEFT):
                    x = layout.bar.right - edge - (len(names) - i) * (wide + gap) + gap
                spots.append(pygame.Rect(x, layout.bar.top + row * high + (high - side) // 2, wide, side))
            self._draw_buttons(surface, theme, names, spots, mouse, pressed)

    def _draw_buttons(
        self,
        surface: pygame.Surface,
        theme: Theme,
        names: tuple[tuple[str, str], ...],
        spots: list[pygame.Rect],
        mouse: tuple[int, int],
        pressed: object,
    ) -> None:
        can = {"undo": self.setup.can_undo, "redo": self.setup.can_redo}
        for (name, label), place in zip(names, spots, strict=True):
            if theme.width(label, 13.5) > place.width - theme.px(8):
                label = label.split()[0]
            self.buttons.append(Button(name, label, place, can.get(name, True), name == "done"))
            self.buttons[-1].draw(surface, theme, mouse, pressed == name)
