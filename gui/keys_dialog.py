"""The list of keys."""

from __future__ import annotations

import pygame

from gui import theme as look
from gui.dialogs import Dialog
from gui.scroll_bar import Scrolled
from gui.theme import Theme

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Moving",
        (
            ("← →   Z X   wheel", "one move back, forward"),
            ("Shift + ← →", "ten moves"),
            ("Home End   Ctrl + ← →", "first, last move"),
            ("↑ ↓", "another move played in its place"),
            ("Space   ← → ↑ ↓   Esc", "show a cursor or click there, move, hide it"),
            ("Ctrl+Del", "remove a variation; redo brings it back"),
        ),
    ),
    (
        "Playing",
        (
            ("P   S", "pass; stop the clock, let it go on"),
            ("Ctrl+G", "type a coordinate"),
            ("Ctrl+Z   Ctrl+Y  Ctrl+Shift+Z", "undo, redo; also of a move tried out"),
            ("B", "play on from the position shown"),
            ("Enter", "let the engine move; accept the count"),
            ("Shift+Enter", "let it play a person's move"),
            ("Esc", "end all searches, close a dialog"),
            ("Ctrl+N   Ctrl+P", "new game; players and strength"),
        ),
    ),
    (
        "Studying",
        (
            ("H   T", "hint: candidates; estimate: territory"),
            ("A   Ctrl+A", "analyse the position, the whole game"),
            ("N   Shift+N", "next mistake, previous mistake"),
            ("V   Shift + ← →", "the networks' view, another network"),
            ("Ctrl+E", "write a comment"),
            ("Page Up   Page Down", "scroll the comment"),
            ("Shift + ← → ↑ ↓", "select while a comment is written"),
            ("Ctrl + A C X V Z Y", "all, copy, cut, paste, undo, redo there"),
            ("Ctrl+Enter", "keep the comment"),
            ("L", "watch a training run"),
        ),
    ),
    (
        "Files and the window",
        (
            ("Ctrl+O   Ctrl+U", "open SGF; set up a position"),
            ("Ctrl+S   Ctrl+Shift+S", "save, save as"),
            ("Ctrl+C   Ctrl+V", "copy the game as SGF, paste one"),
            ("Ctrl+I", "names, ranks, event, date of the game"),
            ("K   M", "coordinates, move numbers"),
            ("Ctrl + + − 0", "larger, smaller, automatic size"),
            ("F11   Ctrl+Q   ?  F1", "full screen, quit, this list"),
        ),
    ),
)
KEYS = tuple(line for _, lines in GROUPS for line in lines)
LINE, LEAST_LINE = 25, 20  # design units
BESIDE = 400  # width from which what a key does stands beside it
WIDTH, WIDE = 520, 1024  # of the dialog, in one column or two
GAP = 32  # between the columns


def _lines(groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], beside: bool) -> list[tuple[str, str | None]]:
    """A column's lines: (heading, None), or keys and what they do, ``beside`` them or in the next line."""
    lines: list[tuple[str, str | None]] = []
    for heading, pairs in groups:
        lines += [("", ""), (heading, None)] if lines else [(heading, None)]
        for keys, meaning in pairs:
            lines += [(keys, meaning)] if beside else [(keys, ""), ("", meaning)]
    return lines


class KeyList(Scrolled):
    """The keys and what they do; it scrolls where there is no room for all."""

    def __init__(self) -> None:
        super().__init__()
        self.line = LINE  # pixels
        self.lay_out(beside=True, wide=False)

    def lay_out(self, beside: bool, wide: bool) -> None:
        """What a key does stands ``beside`` it, or below; in a ``wide`` dialog the groups are in two columns."""
        parts = (GROUPS[:2], GROUPS[2:]) if wide else (GROUPS,)
        self.beside, self.columns = beside, [_lines(part, beside) for part in parts]
        self.lines = max(map(len, self.columns))

    def _rows(self) -> int:
        return max(1, self.area.height // self.line)

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        self.scroll(0)
        rows, gap = self._rows(), theme.px(GAP)
        room = self.area.width - (theme.px(16) if self.lines > rows else 0)
        width = (room - gap * (len(self.columns) - 1)) // len(self.columns)
        for i, lines in enumerate(self.columns):
            column = pygame.Rect(self.area.left + i * (width + gap), self.area.top, width, self.line)
            self._draw_column(surface, theme, column, lines[self.first : self.first + rows])
        bar = pygame.Rect(self.area.right - theme.px(10), self.area.top, theme.px(14), rows * self.line)
        self.draw_bar(surface, theme, bar, mouse)

    def _draw_column(
        self, surface: pygame.Surface, theme: Theme, place: pygame.Rect, lines: list[tuple[str, str | None]]
    ) -> None:
        """The lines, from the one at ``place`` on."""
        letters = min(13.5, 0.62 * self.line / theme.scale)
        split = round(place.width * 0.42) if self.beside else 0
        for keys, meaning in lines:
            if meaning is None:
                theme.text(surface, keys, place, letters, look.ACCENT, bold=True)
            else:
                theme.text(
                    surface, keys, pygame.Rect(place.topleft, (split or place.width, self.line)), letters, bold=True
                )
                rest = pygame.Rect(place.left + split, place.top, place.width - split, self.line)
                theme.text(surface, meaning, rest, letters, look.MUTED)
            place = place.move(0, self.line)

    def extent(self) -> tuple[int, int]:
        return self._rows(), self.lines

    def key(self, event: pygame.event.Event) -> bool:
        page = max(1, self._rows() - 1)
        ways = {pygame.K_UP: -1, pygame.K_DOWN: 1, pygame.K_PAGEUP: -page, pygame.K_PAGEDOWN: page}
        ways |= {pygame.K_HOME: -self.lines, pygame.K_END: self.lines}
        self.scroll(ways.get(event.key, 0))
        return event.key in ways


class KeysDialog(Dialog):
    """The list of keys. A low window gets lower lines; where that does not do, they scroll."""

    def __init__(self) -> None:
        self.list = KeyList()
        super().__init__("Keys", [("", self.list)], "Close", None, cancel_label="", width=WIDTH)

    def _place(self, window: pygame.Rect, theme: Theme) -> None:
        wide = window.width >= theme.px(WIDE + 16)
        self.width = WIDE if wide else WIDTH
        super()._place(window, theme)
        head, foot = theme.px(16 + 28 + 8), theme.px(14 + 36 + 16)
        room = window.height - 8 - head - foot
        beside = self.area.width - theme.px(44) >= theme.px(BESIDE)
        self.list.lay_out(beside, wide)
        lines = self.list.lines
        self.list.line = max(theme.px(LEAST_LINE), min(theme.px(LINE if beside else LEAST_LINE), room // lines))
        height = min(room, self.list.line * lines)
        self.area.height = head + height + foot
        self.area.center = window.center
        self.area.top = max(4, self.area.top)
        top, width = self.area.top + head, self.area.width - theme.px(44)
        self.list.area = pygame.Rect(self.area.left + theme.px(22), top, width, max(self.list.line, height))
        for button in self.buttons:
            button.area.bottom = self.area.bottom - theme.px(16)
