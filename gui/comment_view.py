"""The card with the comment of the position shown, and the dialog in which it is written."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from gui import theme as look
from gui.annotations import Annotation
from gui.clipboard import clipboard
from gui.comments import Comment, Wrapped, comment_of, place_of
from gui.dialogs import Dialog
from gui.keys import control
from gui.record import Node
from gui.scroll_bar import NOTCH, ScrollBar
from gui.text_area import LINE, SIZE, TextArea
from gui.theme import Theme
from gui.widgets import Button

LEAST = 92  # design units of a card that is worth its room


COLORS = {"BM": look.BAD, "DO": look.WARN, "IT": look.ACCENT, "TE": look.GOOD}  # of the signs beside a move


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
        self._bar = ScrollBar()

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
        lines = len(self._wrapped.lines(comment.text, self._room(rest))) + _rows_above(comment)
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
        button = Button("comment", "Edit" if comment and (comment.text or comment.heading) else "Write", edit)
        button.draw(surface, theme, mouse, False)
        head = pygame.Rect(inside.left, inside.top, edit.left - theme.px(8) - inside.left, edit.height)
        body = pygame.Rect(inside.left, edit.bottom + theme.px(5), inside.width, 0)
        body.height = inside.bottom - body.top
        if comment is None or not (comment.heading or comment.annotation.words):
            theme.text(surface, "Comment", head, SIZE, look.MUTED)
        elif comment.heading:
            theme.text(surface, comment.heading, head, SIZE, bold=True)
        else:
            self._draw_annotation(surface, head, comment.annotation)
        if comment is None:
            theme.text(surface, "Nothing is written here. Ctrl+E does", body, 13, look.FAINT)
        elif _rows_above(comment):
            row = pygame.Rect(body.left, body.top, body.width, theme.px(LINE))
            self._draw_annotation(surface, row, comment.annotation)
            body.top, body.height = row.bottom, body.height - row.height
        self._draw_text(surface, body, comment or Comment("", ""), mouse)
        return button

    def _draw_annotation(self, surface: pygame.Surface, row: pygame.Rect, annotation: Annotation) -> None:
        """The usual signs, coloured, and what they mean."""
        theme, rest = self.theme, row.copy()
        if annotation.signs:
            place = theme.text(surface, annotation.signs, row, SIZE, COLORS[annotation.kind], bold=True)
            rest.left = place.right + theme.px(8)
            rest.width = row.right - rest.left
        theme.text(surface, annotation.words, rest, SIZE)

    def _inside(self, area: pygame.Rect) -> pygame.Rect:
        theme = self.theme
        wide = area.width - theme.px(14 + 18)
        return pygame.Rect(area.left + theme.px(14), area.top + theme.px(8), wide, area.height - theme.px(16))

    def _room(self, area: pygame.Rect) -> int:
        return max(20, self._inside(area).width)

    def _draw_text(
        self, surface: pygame.Surface, body: pygame.Rect, comment: Comment, mouse: tuple[int, int] | None
    ) -> None:
        theme, high = self.theme, self.theme.px(LINE)
        lines = self._wrapped.lines(comment.text, max(20, body.width))
        self._lines, self._rows = len(lines), max(1, body.height // high)
        self.scroll(0)
        for row, (begin, end) in enumerate(lines[self._first : self._first + self._rows]):
            place = pygame.Rect(body.left, body.top + row * high, body.width + 2, high)
            theme.text(surface, comment.text[begin:end].rstrip(), place, SIZE)
        bar = pygame.Rect(body.right + theme.px(2), body.top, theme.px(13), self._rows * high)
        self._bar.place(theme, bar, self._first, self._rows, self._lines)
        self._bar.draw(surface, theme, mouse)

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

    def mouse_down(self, at: tuple[int, int]) -> bool:
        """True where the bar was meant, which is held now."""
        return self._to(self._bar.press(at)) if self.area.height else False

    def mouse_move(self, at: tuple[int, int]) -> bool:
        """Drag; True while the bar is held."""
        return self._to(self._bar.drag(at))

    def mouse_up(self) -> None:
        """The bar is let go."""
        self._bar.release()

    def _to(self, first: int | None) -> bool:
        if first is not None:
            self._first = first
        return first is not None


def _rows_above(comment: Comment) -> int:
    """Lines between the head of the card and the text: the annotation has one beside a name, else it stands for it."""
    return int(bool(comment.heading and comment.annotation.words))


class CommentDialog(Dialog):
    """Writes the comment of a position: Enter makes a new line, Ctrl+Enter or the button keeps the text."""

    def __init__(self, node: Node, size: int, keep: Callable[[Node, str], None]):
        self.field = TextArea(node.comment)
        self._node = node
        self._given_up: str | None = None  # the text for which that was asked once

        def accept() -> None:
            keep(node, self._text)

        super().__init__(f"Comment on {place_of(node, size)}", [("", self.field)], "Keep", accept, width=620)

    @property
    def _text(self) -> str:
        """What would be kept."""
        return self.field.value if self.field.value.strip() else ""

    def cancel(self) -> None:
        """Leave the comment as it was; what was written is only given up when that was asked twice."""
        self.closed = self._text in (self._node.comment, self._given_up)
        if not self.closed:
            self._given_up, self.error = self._text, "Once more gives up what you have written"

    def _place(self, window: pygame.Rect, theme: Theme) -> None:
        if self._given_up not in (None, self._text):
            self.error, self._given_up = "", None
        super()._place(window, theme)
        height = min(theme.px(430), window.height - 8)
        self.area.height = height
        self.area.center = window.center
        for button in self.buttons:
            button.area.bottom = self.area.bottom - theme.px(16)
        left, top = self.area.left + theme.px(22), self.area.top + theme.px(16 + 28 + 8)
        bottom = self.buttons[0].area.top - theme.px(34 if self.error else 12)
        self.field.area = pygame.Rect(left, top, self.area.width - theme.px(44), max(theme.px(30), bottom - top))

    def draw(self, surface: pygame.Surface, theme: Theme, mouse: tuple[int, int]) -> None:
        super().draw(surface, theme, mouse)
        left = self.area.left + theme.px(22)
        keys = pygame.Rect(left, self.buttons[0].area.top, self.buttons[-1].area.left - left - 8, theme.px(36))
        if theme.width("Ctrl+Enter keeps it", 12.5) < keys.width:
            theme.text(surface, "Ctrl+Enter keeps it", keys, 12.5, look.FAINT)

    def key_down(self, event: pygame.event.Event) -> None:
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER) and not control(event.mod):
            self.field.key(event)
        elif event.key == pygame.K_v and control(event.mod):
            self.typed(clipboard())
        else:
            super().key_down(event)

    def left(self) -> None:
        self.submit()  # nobody has said that the text is not wanted
