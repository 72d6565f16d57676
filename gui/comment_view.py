"""The card with the comment of the position shown, and the dialog in which it is written."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from gui import theme as look
from gui.comments import Comment, Wrapped, Writing, comment_of, place_of
from gui.dialogs import Dialog, clipboard
from gui.record import Node
from gui.theme import Theme
from gui.widgets import Button, Field

SIZE = 13.5  # of the letters
LINE = 19  # design units
NOTCH = 3  # lines of the wheel
LEAST = 92  # design units of a card that is worth its room


class CommentView:
    """Draws a comment, as much as there is room for, and scrolls it."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.area = pygame.Rect(0, 0, 0, 0)  # of the card, as drawn last; empty where there is none
        self._wrapped = Wrapped(lambda text: theme.width(text, SIZE))
        self._node: Node | None = None
        self._first = 0  # line that is seen at the top
        self._lines = 0  # of the text
        self._rows = 1  # that there is room for

    def beside(self, rest: pygame.Rect, node: Node, others: int) -> pygame.Rect:
        """What remains of a part of the column when the card has been put at its foot, where there is a comment:
        ``others`` is what else needs. The card's ``area`` is set; short comments have one height, long ones another,
        so that little jumps from move to move."""
        theme = self.theme
        comment = comment_of(node)
        self.area = pygame.Rect(rest.left, rest.bottom, rest.width, 0)
        if comment is None or rest.height < theme.px(LEAST):
            return rest
        gap = theme.px(10)
        most = rest.height - others - gap
        if most < theme.px(LEAST):
            most = rest.height * 2 // 5
        if rest.height - most - gap < theme.px(LEAST):
            most = rest.height  # nothing else would fit beside it
        short = theme.px(32) + theme.px(LINE) * 4
        lines = len(self._wrapped.lines(comment.text, self._room(rest)))
        height = min(most, short) if lines <= 3 else most
        height = max(height, theme.px(LEAST))
        self.area = pygame.Rect(rest.left, rest.bottom - height, rest.width, height)
        return pygame.Rect(rest.left, rest.top, rest.width, max(0, rest.height - height - gap))

    def draw(self, surface: pygame.Surface, area: pygame.Rect, node: Node, mouse: tuple[int, int] | None) -> Button:
        """Draw the card into ``area``; returns its button."""
        theme, comment = self.theme, comment_of(node)
        self.area = area
        if node is not self._node:
            self._node, self._first = node, 0
        theme.panel(surface, area, look.CARD, radius=8)
        inside = self._inside(area)
        edit = pygame.Rect(0, inside.top, theme.px(50), theme.px(24))
        edit.right = area.right - theme.px(8)
        button = Button("comment", "Edit" if comment else "Write", edit)
        button.draw(surface, theme, mouse, False)
        head = pygame.Rect(inside.left, inside.top, edit.left - theme.px(8) - inside.left, edit.height)
        heading = comment.heading if comment else ""
        theme.text(surface, heading or "Comment", head, SIZE, look.TEXT if heading else look.MUTED, bold=bool(heading))
        body = pygame.Rect(inside.left, edit.bottom + theme.px(5), inside.width, 0)
        body.height = inside.bottom - body.top
        if comment is None:
            theme.text(surface, "Nothing is written here. Ctrl+E does", body, 13, look.FAINT)
        self._draw_text(surface, body, comment or Comment("", ""))
        return button

    def _inside(self, area: pygame.Rect) -> pygame.Rect:
        theme = self.theme
        wide = area.width - theme.px(14 + 18)
        return pygame.Rect(area.left + theme.px(14), area.top + theme.px(8), wide, area.height - theme.px(16))

    def _room(self, area: pygame.Rect) -> int:
        return max(20, self._inside(area).width)

    def _draw_text(self, surface: pygame.Surface, body: pygame.Rect, comment: Comment) -> None:
        theme, high = self.theme, self.theme.px(LINE)
        lines = self._wrapped.lines(comment.text, max(20, body.width))
        self._lines, self._rows = len(lines), max(1, body.height // high)
        self.scroll(0)
        for row, (begin, end) in enumerate(lines[self._first : self._first + self._rows]):
            place = pygame.Rect(body.left, body.top + row * high, body.width + 2, high)
            theme.text(surface, comment.text[begin:end].rstrip(), place, SIZE)
        bar = pygame.Rect(body.right + theme.px(6), body.top, theme.px(4), self._rows * high)
        draw_thumb(surface, theme, bar, self._first, self._rows, self._lines)

    # -- scrolling -------------------------------------------------------------------------------------------

    def scroll(self, lines: int) -> None:
        """So many lines on."""
        self._first = max(0, min(self._lines - self._rows, self._first + lines))

    def page(self, step: int) -> None:
        """A page on, or back."""
        self.scroll(step * max(1, self._rows - 1))

    def wheel(self, at: tuple[int, int], notches: int) -> bool:
        """The wheel was turned over ``at``; True where it was for the comment, which is longer than its card."""
        if not self.area.collidepoint(at) or self._lines <= self._rows:
            return False
        self.scroll(-NOTCH * notches)
        return True


def draw_thumb(surface: pygame.Surface, theme: Theme, bar: pygame.Rect, first: int, rows: int, lines: int) -> None:
    """What part of a text is seen; nothing where it is all of it."""
    if lines <= rows:
        return
    height = max(theme.px(14), bar.height * rows // lines)
    top = bar.top + (bar.height - height) * first // (lines - rows)
    theme.panel(surface, pygame.Rect(bar.left, top, bar.width, height), look.FAINT, radius=2)


class TextArea(Field):
    """Several lines of text."""

    def __init__(self, text: str):
        super().__init__()
        self.writing = Writing(text)
        self._theme: Theme | None = None
        self._wrapped: Wrapped | None = None
        self._first = 0  # line that is seen at the top
        self._rows = 1
        self._aim: int | None = None  # x that Up and Down keep to
        self._follow = True  # the cursor stays in sight

    @property
    def value(self) -> str:
        return self.writing.text

    def _inside(self, theme: Theme) -> pygame.Rect:
        return self.area.inflate(-theme.px(24), -theme.px(14))

    def _lines(self) -> list[tuple[int, int]]:
        if self._theme is None or self._wrapped is None:
            return [(0, len(self.value))]
        return self._wrapped.lines(self.value, max(20, self._inside(self._theme).width))

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        if theme is not self._theme:
            self._theme, self._wrapped = theme, Wrapped(lambda text: theme.width(text, SIZE))
        self._outline(surface, theme, focus)
        inside, high = self._inside(theme), theme.px(LINE)
        lines, text = self._lines(), self.value
        self._rows = max(1, inside.height // high)
        here = self.writing.line_of(lines)
        if self._follow:
            self._first = max(min(self._first, here), here - self._rows + 1)
        self._first = max(0, min(self._first, len(lines) - self._rows))
        for row, (begin, end) in enumerate(lines[self._first : self._first + self._rows]):
            place = pygame.Rect(inside.left, inside.top + row * high, inside.width + 2, high)
            theme.text(surface, text[begin:end].rstrip(), place, SIZE)
            if focus and self._first + row == here:
                x = min(inside.right + 2, place.left + self._x(begin, self.writing.cursor))
                pygame.draw.line(surface, look.TEXT, (x, place.top + 1), (x, place.bottom - 2))
        bar = pygame.Rect(self.area.right - theme.px(8), inside.top, theme.px(4), self._rows * high)
        draw_thumb(surface, theme, bar, self._first, self._rows, len(lines))

    def _x(self, begin: int, end: int) -> int:
        return self._theme.width(self.value[begin:end], SIZE) if self._theme else 0

    # -- events ----------------------------------------------------------------------------------------------

    def typed(self, text: str) -> None:
        self.writing.insert(text)
        self._moved()

    def click(self, at: tuple[int, int]) -> None:
        """The cursor goes where the mouse is."""
        if self._theme is None:
            return
        inside = self._inside(self._theme)
        row = max(0, min(self._rows - 1, (at[1] - inside.top) // self._theme.px(LINE)))
        self._go_in_line(min(len(self._lines()) - 1, self._first + row), at[0] - inside.left)
        self._moved()

    def scroll(self, lines: int) -> None:
        """So many lines on; the cursor stays where it is."""
        self._first += lines
        self._follow = False

    def _moved(self, aim: int | None = None) -> None:
        self._aim, self._follow = aim, True

    def _go_in_line(self, index: int, x: int) -> None:
        """The cursor goes to the place of a line that is nearest to a pixel column."""
        low, high = begin, _ = self.writing.ends(self._lines(), index)
        while low < high:
            middle = (low + high) // 2
            if (self._x(begin, middle) + self._x(begin, middle + 1)) / 2 < x:
                low = middle + 1
            else:
                high = middle
        self.writing.cursor = low

    def key(self, event: pygame.event.Event) -> bool:
        writing, lines = self.writing, self._lines()
        control = bool(event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META))
        here = writing.line_of(lines)
        rows = {
            pygame.K_UP: -1,
            pygame.K_DOWN: 1,
            pygame.K_PAGEUP: 1 - self._rows,
            pygame.K_PAGEDOWN: self._rows - 1,
        }.get(event.key)
        if rows is not None:
            aim = self._x(lines[here][0], writing.cursor) if self._aim is None else self._aim
            self._go_in_line(max(0, min(len(lines) - 1, here + rows)), aim)
            self._moved(aim)
            return True
        match event.key:
            case pygame.K_LEFT | pygame.K_RIGHT:
                writing.go(1 if event.key == pygame.K_RIGHT else -1, control)
            case pygame.K_HOME | pygame.K_END:
                begin, end = (0, len(writing.text)) if control else writing.ends(lines, here)
                writing.cursor = begin if event.key == pygame.K_HOME else end
            case pygame.K_BACKSPACE | pygame.K_DELETE:
                writing.erase(1 if event.key == pygame.K_DELETE else -1)
            case pygame.K_RETURN | pygame.K_KP_ENTER:
                writing.insert("\n")
            case _:
                return False
        self._moved()
        return True


class CommentDialog(Dialog):
    """Writes the comment of a position: Enter makes a new line, Ctrl+Enter or the button keeps the text."""

    def __init__(self, node: Node, size: int, keep: Callable[[Node, str], None]):
        self.field = TextArea(node.comment)

        def accept() -> None:
            text = self.field.value
            keep(node, text if text.strip() else "")

        super().__init__(f"Comment on {place_of(node, size)}", [("", self.field)], "Keep", accept, width=620)

    def _place(self, window: pygame.Rect, theme: Theme) -> None:
        super()._place(window, theme)
        height = min(theme.px(430), window.height - 8)
        self.area.height = height
        self.area.center = window.center
        for button in self.buttons:
            button.area.bottom = self.area.bottom - theme.px(16)
        left, top = self.area.left + theme.px(22), self.area.top + theme.px(16 + 28 + 8)
        bottom = self.buttons[0].area.top - theme.px(12)
        self.field.area = pygame.Rect(left, top, self.area.width - theme.px(44), max(theme.px(30), bottom - top))

    def draw(self, surface: pygame.Surface, theme: Theme, mouse: tuple[int, int]) -> None:
        super().draw(surface, theme, mouse)
        left = self.area.left + theme.px(22)
        keys = pygame.Rect(left, self.buttons[0].area.top, self.buttons[-1].area.left - left - 8, theme.px(36))
        if theme.width("Ctrl+Enter keeps it", 12.5) < keys.width:
            theme.text(surface, "Ctrl+Enter keeps it", keys, 12.5, look.FAINT)

    def key_down(self, event: pygame.event.Event) -> None:
        control = event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META)
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER) and not control:
            self.field.key(event)
        elif event.key == pygame.K_v and control:
            self.typed(clipboard())
        else:
            super().key_down(event)

    def wheel(self, notches: int) -> None:
        self.field.scroll(-NOTCH * notches)

    def left(self) -> None:
        self.submit()  # nobody has said that the text is not wanted
