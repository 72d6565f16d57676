"""The clock on a player's card."""

from __future__ import annotations

import pygame

from gogame.player import Clock
from gui import theme as look
from gui.clocks import clock_text, is_low, overtime_text
from gui.theme import Theme

HEIGHT = 28  # design units
SIZE, SMALL = 19, 13  # of the letters


def draw_clock(surface: pygame.Surface, theme: Theme, area: pygame.Rect, clock: Clock, runs: bool, name: int) -> int:
    """Draw a clock into the right of ``area`` (a line), beside a name ``name`` pixels wide if there is room for both.
    Returns the pixels that are left for the name. A frame says that it runs; in the last seconds it is filled, with
    tenths."""
    low = is_low(clock)
    time, inside, gap = clock_text(clock), theme.px(9), theme.px(6)
    # Nothing moves from second to second: the figures are as wide as the widest.
    wide = theme.width("".join("0" if c.isdigit() else c for c in time), SIZE, True)
    rest = overtime_text(clock)
    if rest and wide + theme.width(rest, SMALL) + 2 * inside + 2 * gap + name > area.width:
        rest = overtime_text(clock, short=True)
    more = theme.width(rest, SMALL) + gap if rest else 0
    box = pygame.Rect(0, 0, min(area.width, wide + more + 2 * inside), theme.px(HEIGHT))
    box.midright = area.midright
    fill = look.mixed(look.BAD, look.BACKGROUND, 0.35 if runs else 0.7) if low else look.BACKGROUND
    theme.panel(surface, box, fill, look.TEXT if runs and low else look.ACCENT if runs else None, radius=6)
    color = look.TEXT if runs or low else look.MUTED
    figures = pygame.Rect(box.left + inside, box.top, wide + 2, box.height)
    theme.text(surface, time, figures, SIZE, color, bold=True)
    if rest:
        beside = pygame.Rect(figures.right + gap - 2, box.top, box.right - figures.right, box.height)
        theme.text(surface, rest, beside, SMALL, color)
    return area.width - box.width - gap
