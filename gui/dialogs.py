"""Dialogs inside the window: a title, rows of fields, buttons. Enter accepts, Esc closes, Tab walks."""

from __future__ import annotations

import math
from collections.abc import Callable

import pygame

from gui import theme as look
from gui.clipboard import clipboard_text
from gui.keys import control
from gui.scroll_bar import NOTCH, Scrolled
from gui.theme import MIN_SCALE, Theme
from gui.widgets import Button, Dropdown, Field


class Dialog:
    """A modal panel. ``accept`` returns None when it is satisfied, or a line saying what is wrong."""

    whole = False  # it takes the place of the board and of all that surrounds it
    in_play = False  # it is opened in the course of playing: the game's clock does not wait for it

    def __init__(
        self,
        title: str,
        rows: list[tuple[str, Field]],
        accept_label: str = "OK",
        accept: Callable[[], str | None] | None = None,
        text: str = "",
        cancel_label: str = "Cancel",
        width: int = 500,
    ):
        self.title = title
        self.rows = rows
        self.text = text
        self.accept = accept
        self.width = width
        self.closed = False
        self.error = ""
        self.focus = 0
        self.accept_label = accept_label
        self.cancel_label = cancel_label
        self.buttons: list[Button] = []
        self._pressed: str | Field | None = None
        self.area = pygame.Rect(0, 0, 1, 1)
        self._smaller: dict[float, Theme] = {}  # by the scale
        if rows:
            rows[0][1].focused(True)

    @property
    def busy(self) -> bool:
        """It is to be drawn again and again."""
        return False

    @property
    def patience(self) -> float:
        """Seconds until :meth:`tick` has something to do."""
        return math.inf

    def tick(self) -> bool:
        """Time goes by; True if it is to be drawn again."""
        return False

    # -- drawing ---------------------------------------------------------------------------------------------

    def draw(self, surface: pygame.Surface, theme: Theme, mouse: tuple[int, int]) -> None:
        """Veil the window and draw the panel in its middle."""
        veil = pygame.Surface(surface.get_size(), pygame.SRCALPHA)
        veil.fill((10, 11, 12, 150))
        surface.blit(veil, (0, 0))
        theme = self._fitting(surface.get_rect(), theme)
        theme.panel(surface, self.area, look.PANEL, look.LINE, radius=10)
        inside = self.area.inflate(-theme.px(44), -theme.px(32))
        title = pygame.Rect(inside.left, inside.top, inside.width, theme.px(28))
        theme.text(surface, self.title, title, 18, bold=True)
        self._draw_body(surface, theme, inside, title.bottom, mouse)
        labels = theme.px(104)
        for index, (label, field) in enumerate(self.rows):
            place = pygame.Rect(inside.left, field.area.top, labels, field.area.height)
            theme.text(surface, label, place, 14, look.MUTED if field.enabled else look.DIM)
            field.draw(surface, theme, index == self.focus, mouse)
        if self.error:
            line = pygame.Rect(inside.left, self.buttons[0].area.top - theme.px(32), inside.width, theme.px(22))
            theme.text(surface, self.error, line, 13, look.BAD)
        for button in self.buttons:
            button.draw(surface, theme, mouse, self._pressed == button.action)
        for _, field in self.rows:
            if isinstance(field, Dropdown) and field.open:
                field.draw_list(surface, theme, mouse)

    def _fitting(self, window: pygame.Rect, theme: Theme) -> Theme:
        """Place everything; by a smaller scale where the window is too low for the rows, so that no button lies
        outside. Returns the look of that scale."""
        self._place(window, theme)
        scale = theme.scale
        while self.area.height > window.height - 8 and scale > MIN_SCALE:
            scale = max(MIN_SCALE, scale - 0.05)
            theme = self._smaller.setdefault(scale, Theme(scale))
            self._place(window, theme)
        return theme

    def _draw_body(
        self, surface: pygame.Surface, theme: Theme, inside: pygame.Rect, top: int, mouse: tuple[int, int]
    ) -> None:
        for i, line in enumerate(self._lines(theme)):
            place = pygame.Rect(inside.left, top + theme.px(8) + i * theme.px(21), inside.width, theme.px(21))
            theme.text(surface, line, place, 13.5, look.MUTED)

    def _lines(self, theme: Theme) -> list[str]:
        room = self.area.width - theme.px(44)
        return [line for part in self.text.split("\n") for line in (theme.wrap(part, 13.5, False, room) or [""])]

    def body_height(self, theme: Theme) -> int:
        """Pixels between the title and the first row."""
        return theme.px(21) * len(self._lines(theme)) + theme.px(10) if self.text else theme.px(6)

    def _place(self, window: pygame.Rect, theme: Theme) -> None:
        width = min(theme.px(self.width), window.width - theme.px(16))
        self.area.width = width
        head = theme.px(16 + 28) + self.body_height(theme)
        foot = theme.px(36 + 16 + 18) + (theme.px(26) if self.error else 0)
        count = sum(field.share for _, field in self.rows)
        # A low window gets lower rows before anything is cut off.
        row = min(theme.px(44), max(theme.px(22), int((window.height - head - foot - 8) / max(1.0, count))))
        height = head + round(row * count) + foot
        self.area = pygame.Rect(0, 0, width, height)
        self.area.center = window.center
        self.area.top = max(4, self.area.top)
        left = self.area.left + theme.px(22)
        labels = theme.px(112)
        before = 0.0  # rows
        for label, field in self.rows:
            start = left + (labels if label or field.share < 1 else 0)
            top = self.area.top + head + round(before * row)
            high = min(round(row * field.share) - min(6, theme.px(6)), theme.px(34))
            field.area = pygame.Rect(start, top, self.area.right - theme.px(22) - start, high)
            before += field.share
        wide, high = theme.px(110), theme.px(36)  # of a button
        bottom = self.area.bottom - theme.px(16) - high
        right = self.area.right - theme.px(22)
        self.buttons = [
            Button("accept", self.accept_label, pygame.Rect(right - wide, bottom, wide, high), primary=True)
        ]
        if self.cancel_label:
            left_of = right - 2 * wide - theme.px(10)
            self.buttons.append(Button("cancel", self.cancel_label, pygame.Rect(left_of, bottom, wide, high)))

    # -- events ----------------------------------------------------------------------------------------------

    def mouse_down(self, at: tuple[int, int]) -> None:
        self._pressed = self._under(at)
        if isinstance(self._pressed, Field):
            self._focus([field for _, field in self.rows].index(self._pressed))
            if self._pressed.enabled:
                self._pressed.press(at)

    def mouse_move(self, at: tuple[int, int]) -> None:
        """The mouse is somewhere else."""
        if isinstance(self._pressed, Field) and self._pressed.enabled:
            self._pressed.drag(at)

    def right_button(self, at: tuple[int, int], down: bool) -> None:
        """The right button went down, or up."""

    def mouse_up(self, at: tuple[int, int]) -> None:
        pressed, self._pressed = self._pressed, None
        under = self._under(at)
        if isinstance(pressed, Field):
            pressed.release()
        if under != pressed:
            return
        if isinstance(under, Field):
            if under.enabled:
                under.click(at)
        elif under == "accept":
            self.submit()
        elif under == "cancel":
            self.cancel()
        elif self._open_list():
            self._close_lists()

    def key_down(self, event: pygame.event.Event) -> None:
        if event.key == pygame.K_ESCAPE:
            if self._open_list():
                self._close_lists()
            else:
                self.cancel()
        elif event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            if self._open_list():
                self._close_lists()
            else:
                self.submit()
        elif event.key == pygame.K_TAB and self.rows:
            self._walk(-1 if event.mod & pygame.KMOD_SHIFT else 1)
        elif event.key == pygame.K_v and control(event.mod):
            self.typed(clipboard_text())
        elif self.rows and self.rows[self.focus][1].enabled:
            self.rows[self.focus][1].key(event)

    @property
    def gives_way(self) -> bool:
        """There is nothing to be lost in it: a file that is dropped on the window is opened."""
        return self.accept is None

    def tell(self, text: str) -> None:
        """Say something in a line of its own."""
        self.error = text

    def typed(self, text: str) -> None:
        if self.rows and self.rows[self.focus][1].enabled:
            self.rows[self.focus][1].typed(text)

    def wheel(self, notches: int) -> None:
        """The wheel was turned, up for positive numbers: what scrolls does."""
        for _, field in self.rows:
            if isinstance(field, Scrolled):
                field.scroll(-NOTCH * notches)

    def left(self) -> None:
        """The window is closed while the dialog is open."""

    def cancel(self) -> None:
        """Esc, or its button."""
        self.closed = True

    def submit(self) -> None:
        """Accept: closes unless something is wrong."""
        self.error = (self.accept() if self.accept else None) or ""
        self.closed = not self.error

    def _under(self, at: tuple[int, int]) -> str | Field | None:
        listed = self._open_list()
        if listed and any(row.collidepoint(at) for row in listed.rows()):
            return listed
        for button in self.buttons:
            if button.area.collidepoint(at):
                return button.action
        for _, field in self.rows:
            if field.area.collidepoint(at):
                return field
        return None

    def _open_list(self) -> Dropdown | None:
        for _, field in self.rows:
            if isinstance(field, Dropdown) and field.open:
                return field
        return None

    def _close_lists(self) -> None:
        for _, field in self.rows:
            if isinstance(field, Dropdown):
                field.open = False

    def _focus(self, index: int) -> None:
        if index != self.focus:
            self.rows[self.focus][1].focused(False)
            self.focus = index
            self.rows[index][1].focused(True)

    def _walk(self, step: int) -> None:
        index = self.focus
        for _ in self.rows:
            index = (index + step) % len(self.rows)
            if self.rows[index][1].enabled:
                break
        self._focus(index)
