"""Small plots over the minutes of a training run: a line, or points with their errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from gui import theme as look
from gui.theme import Theme

FACTOR = 2  # supersampling
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)  # between two lines of the grid, times a power of ten
BEYOND = 0.4  # of the points' range: so far the axis reaches for the ends of errors
LABEL = 10.5  # size of the numbers
MOST_DIGITS = 7  # after the point


@dataclass(frozen=True)
class Plot:
    """What one plot shows."""

    title: str
    now: str  # the newest value, in words
    points: Sequence[tuple[float, float]]  # (minute, value), in order
    errors: Sequence[float] = ()  # half of a bar at each point; none: a line without points
    color: look.Color = look.ACCENT
    end: float = 0.0  # the last minute of the axis, at least
    short: str = ""  # the title where there is no room for it


def draw_plot(surface: pygame.Surface, theme: Theme, area: pygame.Rect, plot: Plot) -> None:
    """One plot within ``area``: its title and newest value, the axes, the curve."""
    theme.panel(surface, area, look.CARD, radius=7)
    inside = area.inflate(-theme.px(18), -theme.px(10))
    head = pygame.Rect(inside.left, inside.top, inside.width, theme.px(18))
    now = theme.text(surface, plot.now, head, 13, bold=True, align="right")
    room = pygame.Rect(head.left, head.top, max(0, now.left - head.left - theme.px(6)), head.height)
    title = plot.title if theme.width(plot.title, 12.5) <= room.width else plot.short or plot.title
    theme.text(surface, title, room, 12.5, look.MUTED)
    foot = theme.px(14)
    high = inside.bottom - foot - head.bottom - theme.px(6)
    if high < theme.px(20):
        return
    if not plot.points:
        place = pygame.Rect(inside.left, head.bottom, inside.width, high + foot)
        theme.text(surface, "nothing yet", place, 12.5, look.FAINT, align="center")
        return
    low, top = _range(plot)
    marks = ticks(low, top, 2 if high < theme.px(60) else 4 if high < theme.px(130) else 6)
    low, top = min([low, *marks]), max([top, *marks])
    names = [_written(mark, marks) for mark in marks]
    scale = max((theme.width(name, LABEL) for name in names), default=0) + theme.px(6)
    box = pygame.Rect(inside.left + scale, head.bottom + theme.px(5), inside.width - scale - theme.px(4), high)
    if box.width < theme.px(20):
        return
    for mark, name in zip(marks, names, strict=True):
        y = box.bottom - round(box.height * (mark - low) / (top - low))
        pygame.draw.line(surface, look.mixed(look.CARD, look.LINE, 0.6), (box.left, y), (box.right, y))
        label = pygame.Rect(inside.left, y - theme.px(7), scale - theme.px(6), theme.px(14))
        theme.text(surface, name, label, LABEL, look.MUTED, align="right")
    first = min(0.0, plot.points[0][0])
    last = max(plot.end, plot.points[-1][0], first + 1e-3)
    _draw_minutes(surface, theme, pygame.Rect(box.left, box.bottom + 1, box.width, foot), first, last)
    spots = [
        (box.width * (x - first) / (last - first), box.height * (1 - (y - low) / (top - low))) for x, y in plot.points
    ]
    bars = [box.height * error / (top - low) for error in plot.errors]
    _draw_curve(surface, theme, box, spots, bars, plot)


def _range(plot: Plot) -> tuple[float, float]:
    """The least and the greatest value that the axis holds; different ones."""
    values = [value for _, value in plot.points]
    low, top = min(values), max(values)
    reach = BEYOND * max(top - low, 1e-9)
    if plot.errors:
        both = list(zip(values, plot.errors, strict=True))
        ends = min(v - e for v, e in both), max(v + e for v, e in both)
        if len(values) == 1:
            reach = max(1.0, ends[1] - top)
        low, top = max(ends[0], low - reach), min(ends[1], top + reach)
    if top - low < 1e-6 * max(1.0, abs(top)):
        half = max(0.5, 0.05 * abs(top))
        low, top = low - half, top + half
    return low, top


def ticks(low: float, top: float, most: int) -> list[float]:
    """Round numbers from ``low`` to ``top``, as many as fit, at most so many."""
    for power in range(math.floor(math.log10(top - low)) - 1, 20):
        for step in STEPS:
            each = step * 10.0**power
            first, last = math.ceil(low / each - 1e-9), math.floor(top / each + 1e-9)
            if last - first + 1 <= most:
                return [each * i for i in range(first, last + 1)]
    return []


def _written(mark: float, marks: Sequence[float]) -> str:
    """A number of the axis, with the digits that its neighbours need."""
    if abs(mark) >= 1e5:
        return f"{mark:.3g}"
    apart = min((b - a for a, b in zip(marks, marks[1:], strict=False)), default=abs(mark) or 1.0)
    exact = (d for d in range(MOST_DIGITS) if abs(round(apart, d) - apart) < 1e-3 * apart)
    digits = next(exact, MOST_DIGITS)
    text = f"{mark:,.{digits}f}"
    return text.replace("-", "−") if float(f"{mark:.{digits}f}") else f"{0:.{digits}f}"


def _draw_minutes(surface: pygame.Surface, theme: Theme, row: pygame.Rect, first: float, last: float) -> None:
    marks = ticks(first, last, max(2, row.width // theme.px(56)))
    taken = row.left - theme.px(20)
    for i, mark in enumerate(marks):
        name = _written(mark, marks) + (" min" if i == len(marks) - 1 else "")
        place = pygame.Rect(0, row.top, theme.width(name, LABEL) + 1, row.height)
        place.centerx = row.left + round(row.width * (mark - first) / (last - first))
        place.left = max(place.left, row.left)
        place.right = min(place.right, row.right + theme.px(4))
        if place.left > taken:
            theme.text(surface, name, place, LABEL, look.MUTED)
            taken = place.right + theme.px(6)


def _draw_curve(
    surface: pygame.Surface,
    theme: Theme,
    box: pygame.Rect,
    spots: list[tuple[float, float]],
    bars: list[float],
    plot: Plot,
) -> None:
    """Drawn larger, then made small: smooth. What lies beyond the box is cut off."""
    pad = theme.px(4)
    size = box.width + 2 * pad, box.height + 2 * pad
    layer = pygame.Surface((size[0] * FACTOR, size[1] * FACTOR), pygame.SRCALPHA)
    layer.fill((*plot.color, 0))
    line = [((pad + x) * FACTOR, (pad + y) * FACTOR) for x, y in spots]
    width = max(2, round(1.6 * theme.scale * FACTOR))
    limits = 0.0, float(size[1] * FACTOR)
    for (x, y), bar in zip(line, bars, strict=False):
        ends = [min(limits[1], max(limits[0], y + sign * bar * FACTOR)) for sign in (-1, 1)]
        pygame.draw.line(layer, (*plot.color, 130), (x, ends[0]), (x, ends[1]), max(2, width // 2))
        for end, sign in zip(ends, (-1, 1), strict=True):
            if abs(end - (y + sign * bar * FACTOR)) < 1:
                cap = 3 * theme.scale * FACTOR
                pygame.draw.line(layer, (*plot.color, 130), (x - cap, end), (x + cap, end), max(2, width // 2))
    if len(line) > 1:
        pygame.draw.lines(layer, plot.color, False, line, width)
    for at in line if bars else line[-1:]:
        pygame.draw.circle(layer, plot.color, at, (2.0 if bars else 1.3) * width)
    surface.blit(pygame.transform.smoothscale(layer, size), (box.left - pad, box.top - pad))
