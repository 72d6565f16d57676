"""The graph of win rate and score over the game. Both are Black's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pygame

from gogame.board import BLACK, WHITE
from gui import theme as look
from gui.theme import Theme

FACTOR = 2  # supersampling of the lines
EDGE = 0.05  # of the win rate: nearer to 0 or 1 its line hides what happens, and mistakes stand on the score's
PAD = 8  # pixels around the lines, for dots at their ends
CORES = {BLACK: (24, 25, 27), WHITE: (240, 240, 238)}  # of the mistakes' dots


@dataclass(frozen=True)
class Graph:
    """What the graph shows. ``points``: (move number, win rate 0..1, score in points or None), in order."""

    points: tuple[tuple[int, float, float | None], ...]
    length: int  # moves of the line that is shown
    shown: int  # the move number that is looked at
    mistakes: Mapping[int, int] = field(default_factory=dict)  # move numbers, and who played
    empty: str = "no estimates yet"  # what stands there without points
    forks: tuple[int, ...] = ()  # moves in whose place others were played, too


class GraphView:
    """Draws a :class:`Graph` and finds the move under the mouse."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self._plot = pygame.Rect(0, 0, 0, 0)
        self._length = 1

    def draw(self, surface: pygame.Surface, area: pygame.Rect, graph: Graph) -> pygame.Rect:
        """Draw within ``area``; returns the part that reacts to clicks."""
        theme = self.theme
        inside = area.inflate(-theme.px(28), -theme.px(18))
        head = pygame.Rect(inside.left, inside.top, inside.width, theme.px(20))
        self._draw_head(surface, head, graph)
        scale = theme.width("100%", 11.5) + theme.px(6)
        score_scale = theme.width("+99", 11.5) + theme.px(6)
        plot = pygame.Rect(
            inside.left + scale,
            head.bottom + theme.px(8),
            inside.width - scale - score_scale,
            inside.bottom - head.bottom - theme.px(14),
        )
        self._plot, self._length = plot, max(1, graph.length)
        if plot.width < 1 or plot.height < 1:
            return pygame.Rect(area.topleft, (0, 0))
        limit = max([10.0] + [abs(score) for _, _, score in graph.points if score is not None])
        limit = 10.0 * -(-limit // 10)
        for share, text in ((1.0, "100%"), (0.5, "50%"), (0.0, "0%")):
            y = plot.bottom - round(plot.height * share)
            pygame.draw.line(surface, look.LINE, (plot.left, y), (plot.right, y))
            label = pygame.Rect(inside.left, y - theme.px(8), scale - theme.px(6), theme.px(16))
            theme.text(surface, text, label, 11.5, look.MUTED, align="right")
            value = f"{limit * (2 * share - 1):+.0f}".replace("-", "−") if share != 0.5 else "0"
            label = pygame.Rect(plot.right + theme.px(6), label.top, score_scale - theme.px(6), label.height)
            theme.text(surface, value, label, 11.5, look.WARN, align="left")
        self._draw_lines(surface, plot, graph, limit)
        for number in graph.forks:
            x = plot.left + round(plot.width * number / self._length)
            pygame.draw.rect(surface, look.MUTED, (x, plot.bottom + theme.px(3), theme.px(1), theme.px(5)))
        x = plot.left + round(plot.width * min(1.0, graph.shown / self._length))
        top = plot.top if graph.points else plot.centery  # where there are words instead, under them
        pygame.draw.line(surface, look.DIM, (x, top), (x, plot.bottom))
        return plot.inflate(theme.px(12), theme.px(12))

    def _draw_head(self, surface: pygame.Surface, head: pygame.Rect, graph: Graph) -> None:
        theme = self.theme
        now = [p for p in graph.points if p[0] <= graph.shown]
        place = theme.text(surface, "Black's win rate", head, 13, look.ACCENT)
        legend = pygame.Rect(place.right + theme.px(10), head.top, head.width, head.height)
        legend = theme.text(surface, "score", legend, 13, look.WARN)
        text, score = (f"{100 * now[-1][1]:.0f}%", now[-1][2]) if now else ("", None)
        if score is not None:
            text += f"   {'B' if score >= 0 else 'W'}+{abs(score):.1f}"
        room = head.right - legend.right - theme.width(text, 13.5, True) - theme.px(18)
        if graph.mistakes and theme.width("mistakes", 13) < room:
            place = pygame.Rect(legend.right + theme.px(10), head.top, room, head.height)
            legend = theme.text(surface, "mistakes", place, 13, look.BAD)
        if text:
            rest = pygame.Rect(legend.right + 8, head.top, head.right - legend.right - 8, head.height)
            theme.text(surface, text, rest, 13.5, look.TEXT, bold=True, align="right")

    def _draw_lines(self, surface: pygame.Surface, plot: pygame.Rect, graph: Graph, limit: float) -> None:
        if not graph.points:
            upper = pygame.Rect(plot.left, plot.top, plot.width, plot.height // 2)
            self.theme.text(surface, graph.empty, upper, 13, look.FAINT, align="center")
            return
        width = max(2, round(2.0 * self.theme.scale)) * FACTOR
        scores = {n: 0.5 + s / (2 * limit) for n, _, s in graph.points if s is not None}
        rates = {n: w for n, w, _ in graph.points}
        for color, values in ((look.WARN, scores), (look.ACCENT, rates)):
            if not values:
                continue
            layer = self._layer(plot, color)
            line = [self._spot(plot, n, v) for n, v in values.items()]
            if len(line) > 1:
                pygame.draw.lines(layer, color, False, line, width)
            pygame.draw.circle(layer, color, line[-1], width * 1.1)
            self._lay(surface, layer, plot)
        if graph.mistakes:
            layer = self._layer(plot, look.BAD)
            for n, side in graph.mistakes.items():
                decided = not EDGE <= rates[n] <= 1 - EDGE
                spot = self._spot(plot, n, scores.get(n, rates[n]) if decided else rates[n])
                for color, radius in ((look.CARD, 2.7), (look.BAD, 2.25), (CORES[side], 1.35)):
                    pygame.draw.circle(layer, color, spot, width * radius)
            self._lay(surface, layer, plot)

    def _spot(self, plot: pygame.Rect, number: int, value: float) -> tuple[float, float]:
        """Where a move's value, 0..1, is on a layer."""
        x = PAD + plot.width * number / self._length
        return x * FACTOR, (PAD + plot.height * (1 - min(1.0, max(0.0, value)))) * FACTOR

    def _layer(self, plot: pygame.Rect, color: look.Color) -> pygame.Surface:
        """A transparent picture, in which nothing but this color is at the edges of what is drawn."""
        size = ((plot.width + 2 * PAD) * FACTOR, (plot.height + 2 * PAD) * FACTOR)
        layer = pygame.Surface(size, pygame.SRCALPHA)
        layer.fill((*color, 0))
        return layer

    def _lay(self, surface: pygame.Surface, layer: pygame.Surface, plot: pygame.Rect) -> None:
        small = pygame.transform.smoothscale(layer, (plot.width + 2 * PAD, plot.height + 2 * PAD))
        surface.blit(small, (plot.left - PAD, plot.top - PAD))

    def move_at(self, x: int) -> int:
        """The move number at a pixel column."""
        share = (x - self._plot.left) / max(1, self._plot.width)
        return max(0, min(self._length, round(share * self._length)))
