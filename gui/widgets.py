"""Buttons, fields and choices. They draw themselves and react to events; what they mean is their owner's
business."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pygame

from gui import theme as look
from gui.theme import Theme


@dataclass
class Button:
    """Something to click: ``action`` names what happens."""

    action: str
    label: str
    area: pygame.Rect
    enabled: bool = True
    primary: bool = False
    icon: str = ""  # "first", "back", "forward", "last": drawn instead of the label
    on: bool = False  # a toggle or tab that is switched on

    def draw(self, surface: pygame.Surface, theme: Theme, mouse: tuple[int, int] | None, pressed: bool) -> None:
        hover = self.enabled and mouse is not None and self.area.collidepoint(mouse)
        if self.primary and self.enabled:
            fill = look.ACCENT if hover else look.ACCENT_DARK
        elif not self.enabled:
            fill = look.PANEL
        else:
            fill = look.LINE if hover or self.on else look.CARD
        if pressed and hover:
            fill = look.mixed(fill, look.BACKGROUND, 0.25)
        border = None if self.enabled else look.CARD
        theme.panel(surface, self.area, fill, border, radius=6)
        color = (look.TEXT if not self.primary else (255, 255, 255)) if self.enabled else look.DIM
        if self.icon:
            self._draw_icon(surface, theme, color)
        else:
            theme.text(surface, self.label, self.area.inflate(-theme.px(8), 0), 13.5, color, align="center")

    def _draw_icon(self, surface: pygame.Surface, theme: Theme, color: look.Color) -> None:
        left = self.icon in ("first", "back")
        high, wide, bar = theme.px(12), theme.px(9), theme.px(2.4)
        area = pygame.Rect(0, 0, wide, high)
        area.center = self.area.center
        if self.icon in ("first", "last"):
            area.x += bar // 2 + 1 if left else -(bar // 2 + 1)
            stop = pygame.Rect(0, 0, bar, high)
            stop.centery = area.centery
            if left:
                stop.right = area.left - 1
            else:
                stop.left = area.right + 1
            pygame.draw.rect(surface, color, stop)
        theme.triangle(surface, area, "left" if left else "right", color)


class Field:
    """Base of the controls of a dialog. ``value`` is what the dialog reads."""

    value: Any
    enabled = True
    share = 1.0  # of a row's height

    def __init__(self, on_change: Callable[[], None] | None = None):
        self.area = pygame.Rect(0, 0, 1, 1)
        self.on_change = on_change

    def changed(self) -> None:
        if self.on_change:
            self.on_change()

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        """Paints the control into its ``area``: here the outline that all share."""
        self._outline(surface, theme, focus)

    def press(self, at: tuple[int, int]) -> None:
        """The left button went down on the control."""

    def drag(self, at: tuple[int, int]) -> None:
        """The mouse has moved while the button is down."""

    def release(self) -> None:
        """The button went up, wherever the mouse is."""

    def click(self, at: tuple[int, int]) -> None:
        """The left button was released over the control."""

    def key(self, event: pygame.event.Event) -> bool:
        """A key went down while the control has the focus; True if it was used."""
        return False

    def typed(self, text: str) -> None:
        """Text was entered."""

    def focused(self, focus: bool) -> None:
        """The keyboard focus came or went."""

    def _outline(self, surface: pygame.Surface, theme: Theme, focus: bool) -> None:
        theme.panel(surface, self.area, look.BACKGROUND, look.ACCENT if focus else look.LINE, radius=6)


class Note(Field):
    """A line under the field above; nothing to choose."""

    enabled = False
    share = 0.6

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.shown = True  # not dimmed

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        place = self.area.inflate(-theme.px(22), 0)
        place.bottom -= min(theme.px(5), self.area.height // 5)  # nearer to the field that it belongs to
        theme.text(surface, self.text, place, 12.5, look.MUTED if self.shown else look.DIM)


class Choice(Field):
    """A row of segments, one of them chosen. Left and Right choose too."""

    def __init__(self, options: Sequence[tuple[Any, str]], value: Any, on_change: Callable[[], None] | None = None):
        super().__init__(on_change)
        self.options = list(options)
        self.value = value

    def _segments(self) -> list[pygame.Rect]:
        count = len(self.options)
        edges = [self.area.left + round(self.area.width * i / count) for i in range(count + 1)]
        return [
            pygame.Rect(a, self.area.top, b - a, self.area.height).inflate(-4, -4)
            for a, b in zip(edges, edges[1:], strict=False)
        ]

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        self._outline(surface, theme, focus and self.enabled)
        for (value, label), area in zip(self.options, self._segments(), strict=True):
            chosen = value == self.value
            color = look.MUTED
            if chosen:
                theme.panel(surface, area, look.ACCENT_DARK if self.enabled else look.CARD, radius=5)
                color = (255, 255, 255) if self.enabled else look.DIM
            elif not self.enabled:
                color = look.DIM
            elif area.collidepoint(mouse):
                theme.panel(surface, area, look.CARD, radius=5)
                color = look.TEXT
            theme.text(surface, label, area.inflate(-4, 0), 13.5, color, align="center")

    def click(self, at: tuple[int, int]) -> None:
        for (value, _), area in zip(self.options, self._segments(), strict=True):
            if area.collidepoint(at):
                self.value = value
                self.changed()

    def key(self, event: pygame.event.Event) -> bool:
        step = {pygame.K_LEFT: -1, pygame.K_RIGHT: 1}.get(event.key)
        if step is None:
            return False
        values = [value for value, _ in self.options]
        self.value = values[(values.index(self.value) + step) % len(values)]
        self.changed()
        return True


class TextField(Field):
    """One line of text. ``accept`` filters what may be typed."""

    def __init__(
        self, value: str = "", accept: str = "", limit: int = 300, on_change: Callable[[], None] | None = None
    ):
        super().__init__(on_change)
        self.value = value
        self.accept = accept
        self.limit = limit
        self.cursor = len(value)
        self.fresh = True  # the first key after the focus came replaces everything
        self._shift = 0  # pixels of the text that are out of sight at the left
        self._edges: list[int] = []  # x of the cursor before each character and after the last, as drawn

    def focused(self, focus: bool) -> None:
        self.fresh = focus
        self.cursor = len(self.value)

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        self._outline(surface, theme, focus)
        inside = self.area.inflate(-theme.px(18), -theme.px(6))
        self._draw_line(surface, theme, inside, focus)

    def _draw_line(self, surface: pygame.Surface, theme: Theme, inside: pygame.Rect, focus: bool) -> None:
        widths = [theme.width(self.value[:i], 14) for i in range(len(self.value) + 1)]
        before, total, room = widths[min(self.cursor, len(self.value))], widths[-1], inside.width - 2
        self._shift = max(min(self._shift, before, max(0, total - room)), before - room)  # the cursor stays in sight
        shift = self._shift if focus else 0
        clip = surface.get_clip()
        surface.set_clip(inside.clip(clip))
        place = pygame.Rect(inside.left - shift, inside.top, total + 2, inside.height)
        if focus and self.fresh and self.value:
            pygame.draw.rect(surface, look.ACCENT_DARK, (place.left, inside.top + 3, total, inside.height - 6))
        theme.text(surface, self.value, place, 14, look.TEXT if self.enabled else look.DIM)
        surface.set_clip(clip)
        self._edges = [inside.left - shift + width for width in widths]
        if focus:
            x = inside.left - shift + before
            pygame.draw.line(surface, look.TEXT, (x, inside.top + 4), (x, inside.bottom - 5))

    def click(self, at: tuple[int, int]) -> None:
        """The cursor goes where the mouse is, and nothing is replaced."""
        self.fresh = False
        if self._edges:
            self.cursor = min(range(len(self._edges)), key=lambda i: abs(self._edges[i] - at[0]))

    def typed(self, text: str) -> None:
        text = "".join(c for c in text if c.isprintable() and (not self.accept or c in self.accept))
        if not text:
            return
        if self.fresh:
            self.value, self.cursor = "", 0
        self.fresh = False
        self.value = (self.value[: self.cursor] + text + self.value[self.cursor :])[: self.limit]
        self.cursor = min(len(self.value), self.cursor + len(text))
        self.changed()

    def key(self, event: pygame.event.Event) -> bool:
        if event.key in (pygame.K_BACKSPACE, pygame.K_DELETE):
            if self.fresh:
                self.value, self.cursor = "", 0
            elif event.key == pygame.K_BACKSPACE and self.cursor:
                self.value = self.value[: self.cursor - 1] + self.value[self.cursor :]
                self.cursor -= 1
            elif event.key == pygame.K_DELETE:
                self.value = self.value[: self.cursor] + self.value[self.cursor + 1 :]
            self.changed()
        elif event.key in (pygame.K_LEFT, pygame.K_RIGHT):
            self.cursor = max(0, min(len(self.value), self.cursor + (1 if event.key == pygame.K_RIGHT else -1)))
        elif event.key in (pygame.K_HOME, pygame.K_END):
            self.cursor = 0 if event.key == pygame.K_HOME else len(self.value)
        else:
            return False
        self.fresh = False
        return True


class Stepper(TextField):
    """A number with minus and plus at its sides; ``steps`` are the values they walk through. It can be typed
    too."""

    def __init__(
        self,
        value: float,
        steps: Sequence[float],
        unit: str = "",
        accept: str = "0123456789",
        on_change: Callable[[], None] | None = None,
    ):
        super().__init__(_written(value), accept, 10, on_change)
        self.steps = list(steps)
        self.unit = unit

    @property
    def number(self) -> float | None:
        """The value, or None while it is not a number."""
        try:
            return float(self.value)
        except ValueError:
            return None

    def typed(self, text: str) -> None:
        """A comma is a point, where the number may have one."""
        super().typed(text.replace(",", ".") if "." in self.accept else text)

    def set(self, number: float) -> None:
        self.value = _written(number)
        self.cursor = len(self.value)

    def _ends(self) -> tuple[pygame.Rect, pygame.Rect]:
        side = self.area.height
        edge = min(6, side // 4)
        minus = pygame.Rect(self.area.left, self.area.top, side, side).inflate(-edge, -edge)
        plus = pygame.Rect(self.area.right - side, self.area.top, side, side).inflate(-edge, -edge)
        return minus, plus

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        self._outline(surface, theme, focus and self.enabled)
        for area, sign in zip(self._ends(), "−+", strict=True):
            hover = self.enabled and area.collidepoint(mouse)
            theme.panel(surface, area, look.LINE if hover else look.CARD, radius=5)
            theme.text(surface, sign, area, 16, look.TEXT if self.enabled else look.DIM, align="center")
        inside = self.area.inflate(-2 * self.area.height - theme.px(12), -theme.px(6))
        unit = theme.width(" " + self.unit, 13.5) if self.unit else 0
        wide = theme.width(self.value, 14) + 3
        start = inside.centerx - (wide + unit) // 2
        self._draw_line(surface, theme, pygame.Rect(start, inside.top, wide, inside.height), focus and self.enabled)
        if self.unit:
            place = pygame.Rect(start + wide, inside.top, unit + 2, inside.height)
            theme.text(surface, " " + self.unit, place, 13.5, look.MUTED if self.enabled else look.DIM)

    def _walk(self, step: int) -> None:
        now = self.number if self.number is not None else self.steps[0]
        if step > 0:
            self.set(min((s for s in self.steps if s > now + 1e-9), default=self.steps[-1]))
        else:
            self.set(max((s for s in self.steps if s < now - 1e-9), default=self.steps[0]))
        self.fresh = True
        self.changed()

    def click(self, at: tuple[int, int]) -> None:
        """Walks at the ends; between them the whole number stays chosen until a key changes it."""
        minus, plus = self._ends()
        if minus.collidepoint(at):
            self._walk(-1)
        elif plus.collidepoint(at):
            self._walk(1)
        elif not self.fresh:
            super().click(at)

    def key(self, event: pygame.event.Event) -> bool:
        step = {pygame.K_UP: 1, pygame.K_DOWN: -1}.get(event.key)
        if step is None:
            return super().key(event)
        self._walk(step)
        return True


def _written(number: float) -> str:
    """A number without an exponent."""
    return f"{number:.12g}"


class Dropdown(Field):
    """A closed list: a click opens it, Left and Right walk through it."""

    ROW = 27  # design units

    def __init__(self, options: Sequence[tuple[Any, str]], value: Any, on_change: Callable[[], None] | None = None):
        super().__init__(on_change)
        self.options = list(options)
        self.value = value
        self.open = False
        self._row = self.ROW

    def focused(self, focus: bool) -> None:
        self.open = self.open and focus

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        self._row = theme.px(self.ROW)
        self._outline(surface, theme, focus and self.enabled)
        label = dict(self.options).get(self.value, str(self.value))
        inside = self.area.inflate(-theme.px(22), 0)
        arrow = pygame.Rect(0, 0, theme.px(9), theme.px(6))
        arrow.midright = inside.midright
        theme.triangle(surface, arrow, "down", look.MUTED if self.enabled else look.DIM)
        inside.width -= theme.px(16)
        theme.text(surface, label, inside, 14, look.TEXT if self.enabled else look.DIM)

    def rows(self) -> list[pygame.Rect]:
        """The areas of the open list's lines; the list goes upwards, over the rows that are done, as far as there is
        room."""
        top = max(4, self.area.top - self._row * len(self.options) - 4)
        return [
            pygame.Rect(self.area.left, top + i * self._row, self.area.width, self._row)
            for i in range(len(self.options))
        ]

    def draw_list(self, surface: pygame.Surface, theme: Theme, mouse: tuple[int, int]) -> None:
        """The open list, to be drawn over everything else."""
        rows = self.rows()
        theme.panel(surface, rows[0].unionall(rows[1:]).inflate(6, 6), look.BACKGROUND, look.ACCENT, radius=6)
        for (value, label), area in zip(self.options, rows, strict=True):
            if area.collidepoint(mouse):
                theme.panel(surface, area, look.ACCENT_DARK, radius=5)
            color = look.TEXT if value == self.value or area.collidepoint(mouse) else look.MUTED
            theme.text(surface, label, area.inflate(-theme.px(20), 0), 13.5, color)

    def click(self, at: tuple[int, int]) -> None:
        if self.open:
            for (value, _), area in zip(self.options, self.rows(), strict=True):
                if area.collidepoint(at):
                    self.value = value
                    self.changed()
        self.open = not self.open

    def key(self, event: pygame.event.Event) -> bool:
        step = {pygame.K_LEFT: -1, pygame.K_UP: -1, pygame.K_RIGHT: 1, pygame.K_DOWN: 1}.get(event.key)
        if step is None:
            return False
        values = [value for value, _ in self.options]
        here = values.index(self.value) if self.value in values else 0
        self.value = values[(here + step) % len(values)]
        self.changed()
        return True
