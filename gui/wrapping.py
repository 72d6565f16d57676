"""Lines for a text of any length: broken at blanks, between Chinese and Japanese characters, and within what is longer
than a line. No pygame here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

# Between these a line can be broken, but for signs that do not begin a line, or do not end one.
_WIDE = (
    "\u2e80-\u2fff\u3003-\u3007\u3012\u3013\u3020-\u30ff\u3105-\u312f\u3190-\u31ff\u3200-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9d\U00020000-\U0003ffff"
)
_BEGIN = "「『（【《〈〔［｛“‘"
_END = "」』）】》〉〕］｝”’、。，．・：；？！…—ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
_PIECE = re.compile(
    rf"\s+|[{_BEGIN}]{{0,4}}+(?:(?![{_END}])[{_WIDE}][{_END}]*+|(?:(?![{_WIDE}])[^\s{_BEGIN}])++)|\S", re.DOTALL
)

Width = Callable[[str], int]  # pixels of a text


def wrap(text: str, room: int, width: Width) -> list[tuple[int, int]]:
    """Begin and end of each line of ``text``, at most ``room`` pixels wide. Together they are all of it but its line
    breaks; blanks at the end of a line may lie beyond it."""
    lines: list[tuple[int, int]] = []
    begin = 0
    for paragraph in text.split("\n"):
        lines += [(begin + a, begin + b) for a, b in _lines(paragraph, room, width)]
        begin += len(paragraph) + 1
    return lines


def _lines(paragraph: str, room: int, width: Width) -> Iterator[tuple[int, int]]:
    begin, x = 0, 0
    for piece in _PIECE.finditer(paragraph):
        start, end = piece.span()
        if piece[0].isspace():
            x += width(" ") * (end - start)
            continue
        wide = width(piece[0]) if end - start <= room else room + 1
        if wide <= room < x + wide + room // 16:  # kerning counts: near the end the line is measured as a whole
            x = width(paragraph[begin:end]) - wide
        if x + wide > room and start > begin:
            yield begin, start
            begin, x = start, 0
        while wide > room and end - begin > 1:
            fits = _fitting(paragraph, begin, end, room, width)
            if begin + fits >= end:
                wide = width(paragraph[begin:end])
                break
            yield begin, begin + fits
            begin += fits
            wide = width(paragraph[begin:end]) if end - begin <= room else room + 1
        x += wide
    yield begin, len(paragraph)


def _fitting(text: str, begin: int, end: int, room: int, width: Width) -> int:
    """How many characters fit into a line, at least one."""
    low, high = 1, min(end - begin, max(1, room))
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[begin : begin + middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def whole(text: str, room: int, width: Width) -> str:
    """``text`` without the words at its end that there is no room for: of half a point's name one sees another."""
    words = text.split()
    while len(words) > 1 and width(" ".join(words)) > room:
        words[-2:] = ["…"]
    return " ".join(words)
