"""Colours, fonts and smooth shapes: everything that gives the window one look.

A :class:`Theme` belongs to one interface scale. Lengths in the code are in units of the design (1 unit = 1 px
at scale 1.0); ``theme.px`` turns them into pixels. Rendered text and shapes are cached, because most of a
frame repeats.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pygame

from gui.fonts import Fonts, clean

Color = tuple[int, int, int]

# A dark, slightly warm grey, so that the wood is the brightest thing in the window.
BACKGROUND: Color = (32, 34, 37)
PANEL: Color = (43, 46, 50)
CARD: Color = (53, 56, 61)
CARD_ACTIVE: Color = (66, 70, 77)
LINE: Color = (78, 82, 89)
TEXT: Color = (238, 236, 231)
MUTED: Color = (170, 173, 178)
FAINT: Color = (158, 162, 167)  # of text that matters less: 4.5 to 1 on all of the above but CARD_ACTIVE and LINE
DIM: Color = (118, 122, 129)  # of what is disabled, and of lines and small shapes
ACCENT: Color = (86, 156, 214)  # blue of the Okabe-Ito family: told apart by every kind of colour vision
ACCENT_DARK: Color = (44, 110, 166)
WARN: Color = (230, 159, 0)
BAD: Color = (229, 105, 82)
GOOD: Color = (70, 182, 137)
INK: Color = (52, 36, 18)  # lines and coordinates on the wood

CAPITAL = 0.727  # height of a capital, of the font's size
MIN_SCALE, MAX_SCALE = 0.75, 2.5


def mixed(a: Color, b: Color, share: float) -> Color:
    """A colour between two, ``share`` of the second."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


class Theme:
    """Fonts and shapes at one interface scale (0.75 to 2.5). Needs ``pygame.font`` to be initialised."""

    def __init__(self, scale: float = 1.0):
        self.scale = min(MAX_SCALE, max(MIN_SCALE, scale))
        self._fonts = Fonts()
        self._text = lru_cache(maxsize=600)(self._fonts.render)

    def px(self, units: float) -> int:
        """Pixels of a length in design units; at least 1 for a positive length."""
        return max(1, round(units * self.scale)) if units > 0 else round(units * self.scale)

    def width(self, text: str, size: float, bold: bool = False) -> int:
        """Pixels that ``text`` takes."""
        return self._fonts.width(text, self.px(size), bold)

    def fit(self, text: str, size: float, bold: bool, room: int) -> str:
        """``text``, cut with an ellipsis to ``room`` pixels."""
        text = clean(text)
        if self.width(text, size, bold) <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + "…", size, bold) <= room:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…" if low else ""

    def wrap(self, text: str, size: float, bold: bool, room: int) -> list[str]:
        """``text`` broken at spaces into lines of at most ``room`` pixels."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(longer, size, bold) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return [self.fit(line, size, bold, room) for line in lines]

    def text(
        self,
        surface: pygame.Surface,
        text: str,
        area: pygame.Rect,
        size: float = 14,
        color: Color = TEXT,
        bold: bool = False,
        align: str = "left",
    ) -> pygame.Rect:
        """Draw one line in ``area``: vertically centred, cut with an ellipsis. Returns where it was drawn."""
        shown = self.fit(text, size, bold, area.width)
        image = self._text(shown, self.px(size), bold, color)
        place = image.get_rect()
        # By the capitals, not by the surface, whose height depends on the letters that hang below the line.
        ascent = self._fonts.font(self.px(size), bold).get_ascent()
        place.top = area.centery + round(CAPITAL * self.px(size) / 2) - ascent
        if align == "left":
            place.left = area.left
        elif align == "right":
            place.right = area.right
        else:
            place.centerx = area.centerx
        surface.blit(image, place)
        return place

    def label(self, text: str, pixels: int, color: Color, bold: bool = False) -> pygame.Surface:
        """A rendered line of an exact pixel height (board coordinates, numbers on stones)."""
        return self._text(text, pixels, bold, color)

    def panel(
        self,
        surface: pygame.Surface,
        area: pygame.Rect,
        fill: Color | None,
        border: Color | None = None,
        radius: float = 7,
        border_width: float = 1.2,
    ) -> None:
        """A rounded rectangle with smooth corners."""
        if area.width <= 0 or area.height <= 0:
            return
        edge = max(1.0, border_width * self.scale) if border else 0.0
        surface.blit(_rounded(area.width, area.height, self.px(radius), fill, border, edge), area)

    def disc(self, surface: pygame.Surface, center: tuple[int, int], radius: float, color: Color) -> None:
        """A smooth filled circle; ``radius`` in pixels."""
        image = disc_image(radius, color)
        surface.blit(image, image.get_rect(center=center))

    def triangle(self, surface: pygame.Surface, area: pygame.Rect, direction: str, color: Color) -> None:
        """A smooth triangle filling ``area``: direction "left", "right", "up" or "down"."""
        surface.blit(_triangle(area.width, area.height, direction, color), area)


def image_of(color: np.ndarray | Color, alpha: np.ndarray) -> pygame.Surface:
    """A surface from alpha float [H, W] in 0..1 and a colour: one, or uint8-like [H, W, 3]."""
    height, width = alpha.shape
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = color
    pixels[..., 3] = np.clip(alpha * 255 + 0.5, 0, 255)
    return pygame.image.frombuffer(pixels.tobytes(), (width, height), "RGBA").convert_alpha()


@lru_cache(maxsize=400)
def disc_image(radius: float, color: Color, ring: float = 0.0) -> pygame.Surface:
    """A smooth disc; with ``ring`` > 0 only a ring of that width (pixels)."""
    side = int(np.ceil(radius)) * 2 + 3
    axis = np.arange(side) - (side - 1) / 2
    distance = np.hypot(axis[:, None], axis[None, :])
    alpha = np.clip(radius - distance + 0.5, 0, 1)
    if ring > 0:
        alpha *= np.clip(distance - (radius - ring) + 0.5, 0, 1)
    return image_of(color, alpha)


@lru_cache(maxsize=300)
def _rounded(
    width: int, height: int, radius: int, fill: Color | None, border: Color | None, edge: float
) -> pygame.Surface:
    radius = min(radius, width // 2, height // 2)
    x = np.abs(np.arange(width) - (width - 1) / 2) - ((width - 1) / 2 - radius + 0.5)
    y = np.abs(np.arange(height) - (height - 1) / 2) - ((height - 1) / 2 - radius + 0.5)
    x, y = x[None, :], y[:, None]
    # Signed distance to the outline, negative inside.
    distance = np.hypot(np.maximum(x, 0), np.maximum(y, 0)) + np.minimum(np.maximum(x, y), 0) - radius
    outer = np.clip(0.5 - distance, 0, 1)
    if border is None:
        return image_of(fill or (0, 0, 0), outer if fill else outer * 0)
    inner = np.clip(0.5 - (distance + edge), 0, 1)
    if fill is None:
        return image_of(border, outer - inner)
    color = np.array(border) * (1 - inner[..., None]) + np.array(fill) * inner[..., None]
    return image_of(color, outer)


@lru_cache(maxsize=100)
def _triangle(width: int, height: int, direction: str, color: Color) -> pygame.Surface:
    factor = 4
    w, h = width * factor, height * factor
    corners = {
        "left": [(w, 0), (w, h), (0, h // 2)],
        "right": [(0, 0), (0, h), (w, h // 2)],
        "up": [(0, h), (w, h), (w // 2, 0)],
        "down": [(0, 0), (w, 0), (w // 2, h)],
    }[direction]
    big = pygame.Surface((w, h), pygame.SRCALPHA)
    big.fill((*color, 0))
    pygame.draw.polygon(big, color, corners)
    return pygame.transform.smoothscale(big, (width, height))
