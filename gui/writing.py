"""A text that is being written: the cursor, what is selected, and the steps back. No pygame here."""

from __future__ import annotations

LONGEST = 50_000  # characters of a comment that are shown; a longer one cannot be edited
STEPS = 100  # that can be undone
KINDS = ("letter", "sign", "blank", "")  # of characters: what belongs together when a word is selected


def cleaned(text: str) -> str:
    """A text as it is edited: line breaks as "\\n", tabulators as blanks, no other control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "".join(c for c in text if c == "\n" or c >= " " and not "\x7f" <= c <= "\x9f")


class Writing:
    """A text and the cursor in it. What lies between ``anchor`` and the cursor is selected; whatever is put in replaces
    it. Lines are spans, as :func:`gui.wrapping.wrap` makes them."""

    def __init__(self, text: str, most: int = LONGEST):
        self.text = text
        self.most = most  # characters
        self.cursor = len(text)
        self._done: list[tuple[str, int]] = []  # texts before each change, with the cursor
        self._undone: list[tuple[str, int]] = []
        self._run = ("", 0)  # kind of the last change and the cursor after it: letter by letter is one step

    @property
    def cursor(self) -> int:
        return self._cursor

    @cursor.setter
    def cursor(self, place: int) -> None:
        """To another place, with nothing selected."""
        self._cursor = self.anchor = place

    def move(self, place: int, select: bool) -> None:
        """To another place; with ``select`` everything between there and the anchor is selected."""
        if select:
            self._cursor = place
        else:
            self.cursor = place

    # -- what is selected ------------------------------------------------------------------------------------

    @property
    def span(self) -> tuple[int, int]:
        """Begin and end of what is selected; the cursor twice where nothing is."""
        return min(self.anchor, self._cursor), max(self.anchor, self._cursor)

    @property
    def selected(self) -> str:
        begin, end = self.span
        return self.text[begin:end]

    def select_all(self) -> None:
        """All of the text."""
        self.anchor, self._cursor = 0, len(self.text)

    def select_word(self) -> None:
        """The letters, the blanks or the signs around the cursor, within its line."""
        text = self.text
        begin = end = self._cursor
        beside = [_kind(c) for c in (text[end : end + 1], text[max(0, begin - 1) : begin])]
        kind = min(beside, key=KINDS.index)
        if kind == KINDS[-1]:
            return
        while begin > 0 and _kind(text[begin - 1]) == kind:
            begin -= 1
        while end < len(text) and _kind(text[end]) == kind:
            end += 1
        self.anchor, self._cursor = begin, end

    # -- changes ---------------------------------------------------------------------------------------------

    def insert(self, text: str) -> None:
        """Put in what fits, in place of what is selected."""
        begin, end = self.span
        text = cleaned(text)[: max(0, self.most - len(self.text) + end - begin)]
        if text:
            self._change(begin, end, text, "typed" if len(text) == 1 and not text.isspace() else "")

    def erase(self, step: int, word: bool = False) -> None:
        """Take out what is selected; else the character before the cursor (-1), or the one after it (1), or with
        ``word`` all to the next begin of a word."""
        begin, end = self.span
        if begin == end:
            to = self._beyond(step, word)
            begin, end = min(to, end), max(to, end)
        if begin < end:
            self._change(begin, end, "", f"erased {step}" if end == begin + 1 else "")

    def cut(self) -> str:
        """Take out what is selected, and return it."""
        text = self.selected
        if text:
            self._change(*self.span, "", "")
        return text

    def _change(self, begin: int, end: int, text: str, kind: str) -> None:
        if not kind or self._run != (kind, self._cursor) or (text and begin < end):
            self._done = [*self._done[-STEPS + 1 :], (self.text, self._cursor)]
        self._undone = []
        self.text = self.text[:begin] + text + self.text[end:]
        self.cursor = begin + len(text)
        self._run = (kind, self.cursor)

    def undo(self) -> None:
        """One step back."""
        self._step(self._done, self._undone)

    def redo(self) -> None:
        """The step again that was taken back."""
        self._step(self._undone, self._done)

    def _step(self, source: list[tuple[str, int]], kept: list[tuple[str, int]]) -> None:
        if source:
            kept.append((self.text, self._cursor))
            self.text, self.cursor = source.pop()
            self._run = ("", 0)

    # -- the cursor ------------------------------------------------------------------------------------------

    def go(self, step: int, word: bool = False, select: bool = False) -> None:
        """One character on, or back; to the next begin of a word with ``word``. From what is selected: to its end, or
        its begin."""
        begin, end = self.span
        if begin < end and not select and not word:
            self.cursor = end if step > 0 else begin
        else:
            self.move(self._beyond(step, word), select)

    def _beyond(self, step: int, word: bool) -> int:
        at, text = self._cursor + step, self.text
        while word and 0 < at < len(text) and not (text[at - 1].isspace() and not text[at].isspace()):
            at += step
        return max(0, min(len(text), at))

    def line_of(self, lines: list[tuple[int, int]]) -> int:
        """The index of the line that the cursor is in: the later one of two that meet there."""
        low, high = 0, len(lines) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if lines[middle][0] <= self._cursor:
                low = middle
            else:
                high = middle - 1
        return low

    def ends(self, lines: list[tuple[int, int]], index: int) -> tuple[int, int]:
        """The first and the last place of the cursor in a line: where the next line goes on without a break, its
        begin is not one of them."""
        begin, end = lines[index]
        goes_on = index + 1 < len(lines) and lines[index + 1][0] == end
        return begin, max(begin, end - 1) if goes_on else end


def _kind(character: str) -> str:
    """One of KINDS; the last for a line's end."""
    if character in ("", "\n"):
        return ""
    return "blank" if character.isspace() else "letter" if character.isalnum() or character in "_'’" else "sign"
