"""Inter, and for what it has no glyphs for (Chinese, Japanese, Korean names) a font of the system, if there is one.

Text is measured and rendered in runs of one font each, on one base line, so that widths add up.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from itertools import groupby

import pygame

REGULAR, BOLD = "Inter-Regular.otf", "Inter-SemiBold.otf"
# How the names of suitable fonts begin, as pygame writes them; the first that has a glyph draws it.
FALLBACKS = (
    "notosanscjk sourcehansans microsoftyahei yugothic meiryo malgungothic pingfang hiraginosans applesdgothic "
    "wenquanyi droidsansfallback ipagothic takaogothic nanumgothic simsun msgothic arialunicode unifont "
    "notosans segoeui dejavusans"
).split()
NO_CHARACTER = "\uffff"  # no font has a glyph for it
MOST = 10_000  # characters that fonts are looked for
PROBE = 24  # pixels at which glyphs are compared

Run = tuple[pygame.font.Font, str]


def clean(text: str) -> str:
    """``text`` without what cannot be drawn: control characters and halves of characters become spaces."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


@lru_cache(maxsize=4)
def _own_file(name: str) -> bytes:
    return files("gui.assets").joinpath(name).read_bytes()


@lru_cache(maxsize=1)
def _system_files() -> list[str]:
    """The fonts to look for glyphs in, best first. Asks the system, which can take a moment."""
    try:
        names = sorted(pygame.font.get_fonts())
        chosen = [name for begin in FALLBACKS for name in names if name.startswith(begin)]
        found = [pygame.font.match_font(name) for name in dict.fromkeys(chosen)]
    except (OSError, ValueError, pygame.error):
        return []
    return list(dict.fromkeys(path for path in found if path))


class Fonts:
    """Fonts by pixel height and weight. Needs ``pygame.font`` to be initialised."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[str, int], pygame.font.Font] = {}
        self._file_of: dict[tuple[str, bool], str] = {}  # of a character: a system font's path; empty: Inter's

    def font(self, pixels: int, bold: bool = False) -> pygame.font.Font:
        """Inter at an exact pixel height."""
        name = BOLD if bold else REGULAR
        if (name, pixels) not in self._fonts:
            self._fonts[name, pixels] = pygame.font.Font(BytesIO(_own_file(name)), pixels)
        return self._fonts[name, pixels]

    def width(self, text: str, pixels: int, bold: bool = False) -> int:
        """Pixels that ``text`` takes."""
        return sum(font.size(part)[0] for font, part in self._runs(clean(text), pixels, bold))

    def render(self, text: str, pixels: int, bold: bool, color: tuple[int, int, int]) -> pygame.Surface:
        """One line, its base line where Inter's is in a surface of Inter's height."""
        own = self.font(pixels, bold)
        runs = self._runs(clean(text), pixels, bold)
        if len(runs) == 1 and runs[0][0] is own:
            return own.render(runs[0][1], True, color)
        images = [(font.render(part, True, color), font.get_ascent()) for font, part in runs]
        line = pygame.Surface((sum(image.get_width() for image, _ in images), own.get_height()), pygame.SRCALPHA)
        left = 0
        for image, ascent in images:
            line.blit(image, (left, own.get_ascent() - ascent))
            left += image.get_width()
        return line

    def _runs(self, text: str, pixels: int, bold: bool) -> list[Run]:
        if text.isascii():
            return [(self.font(pixels, bold), text)]
        parts = groupby(text, lambda c: "" if c.isascii() else self._find(c, bold))
        return [(self._at(path, pixels, bold), "".join(part)) for path, part in parts]

    def _at(self, path: str, pixels: int, bold: bool) -> pygame.font.Font:
        """The font of a file; Inter for the empty path."""
        if not path:
            return self.font(pixels, bold)
        if (path, pixels) not in self._fonts:
            self._fonts[path, pixels] = pygame.font.Font(path, pixels)
        return self._fonts[path, pixels]

    def _find(self, character: str, bold: bool) -> str:
        key = character, bold
        if key not in self._file_of:
            if len(self._file_of) > MOST:
                return ""
            self._file_of[key] = ""
            if not _has(self.font(PROBE, bold), character):
                self._file_of[key] = next((path for path in _system_files() if self._usable(path, character)), "")
        return self._file_of[key]

    def _usable(self, path: str, character: str) -> bool:
        try:
            return _has(self._at(path, PROBE, False), character)
        except (OSError, pygame.error):  # a file that this pygame cannot read
            return False


def _has(font: pygame.font.Font, character: str) -> bool:
    """Whether a font has a glyph. ``Font.metrics`` does not tell: it measures the box that stands for none."""
    try:
        drawn, box = (font.render(c, True, (0, 0, 0)) for c in (character, NO_CHARACTER))
    except (UnicodeError, ValueError, pygame.error):
        return False
    return drawn.get_size() != box.get_size() or pygame.image.tobytes(drawn, "RGBA") != pygame.image.tobytes(
        box, "RGBA"
    )
