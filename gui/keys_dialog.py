"""The list of keys."""

from __future__ import annotations

import pygame

from gui import theme as look
from gui.dialogs import Dialog
from gui.scroll_bar import Scrolled
from gui.theme import Theme

KEYS: tuple[tuple[str, str], ...] = (
    ("← →   Z X   wheel", "one move back, forward"),
    ("Shift + ← →", "ten moves"),
    ("Home End   Ctrl + ← →", "first, last move"),
    ("↑ ↓", "another move played in its place"),
    ("Space   ← → ↑ ↓   Esc", "show a cursor or click there, move, hide it"),
    ("N   Shift+N", "next mistake, the one before"),
    ("B", "play on from the position shown"),
    ("P   S", "pass; stop the clock, let it go on"),
    ("Enter", "let the engine move; accept the count"),
    ("Shift+Enter", "let it play a person's move"),
    ("H   T", "hint: candidates; estimate: territory"),
    ("A   Ctrl+A", "analyse the position, the whole game"),
    ("Ctrl+Z   Ctrl+Y  Ctrl+Shift+Z", "undo, redo; also of a move tried out"),
    ("Ctrl+Del", "remove a variation; redo brings it back"),
    ("Ctrl+G   Ctrl+E", "type a coordinate; write a comment"),
    ("Page Up   Page Down", "scroll the comment"),
    ("Shift + ← → ↑ ↓", "select while a comment is written"),
    ("Ctrl + A C X V Z Y", "all, copy, cut, paste, undo, redo there"),
    ("Ctrl+Enter", "keep the comment"),
    ("Esc", "end all searches, close a dialog"),
    ("V   Shift + ← →", "the networks' view, another network"),
    ("L", "watch a training run"),
    ("K   M", "coordinates, move numbers"),
    ("Ctrl+P   Ctrl+U", "players and strength; set up a position"),
    ("Ctrl+N   Ctrl+O", "new game, open SGF"),
    ("Ctrl+I", "names, ranks, event, date of the game"),
    ("Ctrl+S   Ctrl+Shift+S", "save, save as"),
    ("Ctrl+C   Ctrl+V", "copy the game as SGF, paste one"),
    ("Ctrl + + − 0", "larger, smaller, by the screen"),
    ("F11   Ctrl+Q   ?  F1", "full screen, quit, this list"),
)
LINE, LEAST_LINE = 25, 20  # design units
BESIDE = 400  # width from which what a key does stands beside it


class KeyList(Scrolled):
    """The keys and what they do; it scrolls where there is no room for all."""

    def __init__(self) -> None:
        super().__init__()
        self.line = LINE  # pixels
        self._lines = len(KEYS)

    def _rows(self) -> int:
        return max(1, self.area.height // self.line)

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        beside = self.area.width >= theme.px(BESIDE)
        self._lines = len(KEYS) * (1 if beside else 2)
        self.scroll(0)
        rows, hidden = self._rows(), self._lines > self._rows()
        width = self.area.width - (theme.px(16) if hidden else 0)
        split = round(self.area.width * 0.42) if beside else 0
        letters = min(13.5, 0.62 * self.line / theme.scale)
        for row, line in enumerate(range(self.first, min(self._lines, self.first + rows))):
            keys, meaning = KEYS[line if beside else line // 2]
            place = pygame.Rect(self.area.left, self.area.top + row * self.line, width, self.line)
            if beside or line % 2 == 0:
                theme.text(surface, keys, pygame.Rect(place.topleft, (split or width, self.line)), letters, bold=True)
            if beside or line % 2:
                place.left, place.width = place.left + split, width - split
                theme.text(surface, meaning, place, letters, look.MUTED)
        bar = pygame.Rect(self.area.right - theme.px(10), self.area.top, theme.px(14), rows * self.line)
        self.draw_bar(surface, theme, bar, mouse)

    def extent(self) -> tuple[int, int]:
        return self._rows(), self._lines

    def key(self, event: pygame.event.Event) -> bool:
        page = max(1, self._rows() - 1)
        ways = {pygame.K_UP: -1, pygame.K_DOWN: 1, pygame.K_PAGEUP: -page, pygame.K_PAGEDOWN: page}
        ways |= {pygame.K_HOME: -self._lines, pygame.K_END: self._lines}
        self.scroll(ways.get(event.key, 0))
        return event.key in ways


class KeysDialog(Dialog):
    """The list of keys. A low window gets lower lines; where that does not do, they scroll."""

    def __init__(self) -> None:
        self.list = KeyList()
        super().__init__("Keys", [("", self.list)], "Close", None, cancel_label="", width=520)

    def _place(self, window: pygame.Rect, theme: Theme) -> None:
        super()._place(window, theme)
        head, foot = theme.px(16 + 28 + 8), theme.px(14 + 36 + 16)
        room = window.height - 8 - head - foot
        beside = self.area.width - theme.px(44) >= theme.px(BESIDE)
        lines = len(KEYS) if beside else 2 * len(KEYS)
        self.list.line = max(theme.px(LEAST_LINE), min(theme.px(LINE if beside else LEAST_LINE), room // lines))
        height = min(room, self.list.line * lines)
        self.area.height = head + height + foot
        self.area.center = window.center
        self.area.top = max(4, self.area.top)
        top, width = self.area.top + head, self.area.width - theme.px(44)
        self.list.area = pygame.Rect(self.area.left + theme.px(22), top, width, max(self.list.line, height))
        for button in self.buttons:
            button.area.bottom = self.area.bottom - theme.px(16)
