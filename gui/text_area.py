"""A field with several lines of text."""

from __future__ import annotations

import pygame

from gui import theme as look
from gui.clipboard import to_clipboard
from gui.comments import Wrapped
from gui.keys import control
from gui.scroll_bar import Scrolled
from gui.theme import Theme
from gui.writing import Writing

SIZE = 13.5  # of the letters
LINE = 19  # design units
TWICE = 400  # ms between the clicks of a double click


class TextArea(Scrolled):
    """Several lines of text. The mouse, and Shift with the keys that move the cursor, select."""

    def __init__(self, text: str):
        super().__init__()
        self.writing = Writing(text)
        self._theme: Theme | None = None
        self._wrapped: Wrapped | None = None
        self._rows = 1
        self._aim: int | None = None  # x that Up and Down keep to
        self._follow = True  # the cursor stays in sight
        self._selecting = False  # the mouse is
        self._clicked = (-1, 0)  # place of the last click in the text, and its time

    @property
    def value(self) -> str:
        return self.writing.text

    def extent(self) -> tuple[int, int]:
        return self._rows, len(self._lines())

    def _inside(self, theme: Theme) -> pygame.Rect:
        return self.area.inflate(-theme.px(24), -theme.px(14))

    def _lines(self) -> list[tuple[int, int]]:
        if self._theme is None or self._wrapped is None:
            return [(0, len(self.value))]
        return self._wrapped.lines(self.value, max(20, self._inside(self._theme).width))

    # -- drawing ---------------------------------------------------------------------------------------------

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        if theme is not self._theme:
            self._theme, self._wrapped = theme, Wrapped(lambda text: theme.width(text, SIZE))
        self._outline(surface, theme, focus)
        inside, high = self._inside(theme), theme.px(LINE)
        lines, text = self._lines(), self.value
        self._rows = max(1, inside.height // high)
        here = self.writing.line_of(lines)
        if self._follow:
            self.first = max(min(self.first, here), here - self._rows + 1)
        self.first = max(0, min(self.first, len(lines) - self._rows))
        for row, (begin, end) in enumerate(lines[self.first : self.first + self._rows]):
            place = pygame.Rect(inside.left, inside.top + row * high, inside.width + 2, high)
            self._draw_selected(surface, place, begin, end)
            theme.text(surface, text[begin:end].rstrip(), place, SIZE)
            if focus and self.first + row == here:
                x = min(inside.right + 2, place.left + self._x(begin, self.writing.cursor))
                pygame.draw.line(surface, look.TEXT, (x, place.top + 1), (x, place.bottom - 2))
        bar = pygame.Rect(inside.right + theme.px(2), inside.top, theme.px(10), self._rows * high)
        self.draw_bar(surface, theme, bar, mouse)

    def _draw_selected(self, surface: pygame.Surface, row: pygame.Rect, begin: int, end: int) -> None:
        """The ground of what is selected in a line; a line's end that is selected is a little of it."""
        first, last = self.writing.span
        if self._theme is None or first == last or last < begin or first > end:
            return
        left = row.left + self._x(begin, max(begin, first))
        right = row.left + self._x(begin, min(end, last))
        if last > end and self.value[end : end + 1] == "\n":
            right += self._theme.px(5)
        right = min(row.right, right)
        if left < right:
            pygame.draw.rect(surface, look.ACCENT_DARK, (left, row.top, right - left, row.height))

    def _x(self, begin: int, end: int) -> int:
        return self._theme.width(self.value[begin:end], SIZE) if self._theme else 0

    # -- the mouse -------------------------------------------------------------------------------------------

    def press(self, at: tuple[int, int]) -> None:
        """The cursor goes where the mouse is; with Shift all up to there is selected, with a second click the word."""
        super().press(at)
        if self.bar.held:
            self._follow = False
        elif self._theme is not None:
            self._selecting = True
            self._go_to(at, bool(pygame.key.get_mods() & pygame.KMOD_SHIFT))
            place, when = self._clicked
            now = pygame.time.get_ticks()
            self._clicked = self.writing.cursor, now
            if place == self.writing.cursor and now - when <= TWICE:
                self.writing.select_word()
                self._selecting = False

    def drag(self, at: tuple[int, int]) -> None:
        """Select up to the mouse; above and below the field line by line."""
        super().drag(at)
        if self._selecting:
            self._go_to(at, True)

    def release(self) -> None:
        super().release()
        self._selecting = False

    def _go_to(self, at: tuple[int, int], select: bool) -> None:
        if self._theme is None:
            return
        inside = self._inside(self._theme)
        row = max(-1 if select else 0, min(self._rows, (at[1] - inside.top) // self._theme.px(LINE)))
        if not select:
            row = min(row, self._rows - 1)
        index = max(0, min(len(self._lines()) - 1, self.first + row))
        self._go_in_line(index, at[0] - inside.left, select)
        self._moved()

    def scroll(self, lines: int) -> None:
        """So many lines on; the cursor stays where it is."""
        super().scroll(lines)
        self._follow = False

    # -- keys ------------------------------------------------------------------------------------------------

    def typed(self, text: str) -> None:
        self.writing.insert(text)
        self._moved()

    def _moved(self, aim: int | None = None) -> None:
        self._aim, self._follow = aim, True

    def _go_in_line(self, index: int, x: int, select: bool) -> None:
        """The cursor goes to the place of a line that is nearest to a pixel column."""
        low, high = begin, _ = self.writing.ends(self._lines(), index)
        while low < high:
            middle = (low + high) // 2
            if (self._x(begin, middle) + self._x(begin, middle + 1)) / 2 < x:
                low = middle + 1
            else:
                high = middle
        self.writing.move(low, select)

    def key(self, event: pygame.event.Event) -> bool:
        writing, lines = self.writing, self._lines()
        held = control(event.mod)
        shift = bool(event.mod & pygame.KMOD_SHIFT)
        here = writing.line_of(lines)
        rows = {
            pygame.K_UP: -1,
            pygame.K_DOWN: 1,
            pygame.K_PAGEUP: 1 - self._rows,
            pygame.K_PAGEDOWN: self._rows - 1,
        }.get(event.key)
        if rows is not None:
            aim = self._x(lines[here][0], writing.cursor) if self._aim is None else self._aim
            self._go_in_line(max(0, min(len(lines) - 1, here + rows)), aim, shift)
            self._moved(aim)
            return True
        match event.key:
            case pygame.K_LEFT | pygame.K_RIGHT:
                writing.go(1 if event.key == pygame.K_RIGHT else -1, held, shift)
            case pygame.K_HOME | pygame.K_END:
                begin, end = (0, len(writing.text)) if held else writing.ends(lines, here)
                writing.move(begin if event.key == pygame.K_HOME else end, shift)
            case pygame.K_BACKSPACE | pygame.K_DELETE:
                writing.erase(1 if event.key == pygame.K_DELETE else -1, held)
            case pygame.K_RETURN | pygame.K_KP_ENTER:
                writing.insert("\n")
            case _:
                return held and self._command(event.key, shift)
        self._moved()
        return True

    def _command(self, key: int, shift: bool) -> bool:
        """A key with Ctrl; True if it was used."""
        writing = self.writing
        match key:
            case pygame.K_a:
                writing.select_all()
                return True  # what is in sight stays so
            case pygame.K_c:
                if writing.selected:
                    to_clipboard(writing.selected)
                return True
            case pygame.K_x:
                if writing.selected and to_clipboard(writing.selected):  # else it would be lost
                    writing.cut()
            case pygame.K_y:
                writing.redo()
            case pygame.K_z:
                writing.redo() if shift else writing.undo()
            case _:
                return False
        self._moved()
        return True
