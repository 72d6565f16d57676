"""The panel of the networks' view: the slider over the networks, what the chosen one says of the position, and how one
move's prior and the value of the position changed over the training. What it shows comes from :mod:`gui.networks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from gogame.coords import to_gtp
from gui import theme as look
from gui.networks import Networks
from gui.theme import Theme
from gui.widgets import Button

MOVES = 5
TALLEST = 440  # design units; a graph follows below where there is more room
LOWEST = 84
LINE = 20  # a move
SQUARE_FROM, TALL_FROM = 215, 320  # height from which the moves stand under the slider, and the curves under the moves
CEILINGS = (0.05, 0.1, 0.2, 0.5, 1.0)  # of a curve
FACTOR = 2  # supersampling of the curves
KINDS = {"info": look.MUTED, "error": look.BAD}


@dataclass(frozen=True)
class Curve:
    """Numbers 0..1 by network; None where one is not known."""

    title: str
    short: str  # where there is no room for the title
    now: str
    values: Sequence[float | None]
    ceiling: float = 1.0


class NetworksPanel:
    """Draws the panel and takes the mouse. ``buttons`` and ``rows`` (area, point) are those that were drawn last."""

    def __init__(self, theme: Theme, networks: Networks):
        self.theme = theme
        self.networks = networks
        self.buttons: list[Button] = []
        self.rows: list[tuple[pygame.Rect, int]] = []
        self._slides: list[tuple[pygame.Rect, int, int]] = []  # area, x of the first and of the last network
        self._held: tuple[int, int] | None = None  # the ends of the slide that is dragged

    def clear(self) -> None:
        """Nothing is drawn any more."""
        self.buttons, self.rows, self._slides = [], [], []

    # -- the mouse -------------------------------------------------------------------------------------------

    def point_at(self, at: tuple[int, int]) -> int | None:
        """The move of the list under the mouse."""
        return next((point for area, point in self.rows if area.collidepoint(at)), None)

    def mouse_down(self, at: tuple[int, int]) -> bool:
        """Choose the network at this place of the slider, or of a curve; True if there is one."""
        found = next(((left, right) for area, left, right in self._slides if area.collidepoint(at)), None)
        if any(button.area.collidepoint(at) for button in self.buttons) or found is None:
            return False
        self._held = found
        return self.mouse_move(at)

    def mouse_move(self, at: tuple[int, int]) -> bool:
        """Drag; True while the slider is held."""
        if self._held is None:
            return False
        left, right = self._held
        self.networks.choose(round((at[0] - left) / max(1, right - left) * (len(self.networks.nets) - 1)))
        return True

    def mouse_up(self) -> None:
        """The slider is let go."""
        self._held = None

    # -- drawing ---------------------------------------------------------------------------------------------

    def draw(self, surface: pygame.Surface, area: pygame.Rect) -> pygame.Rect:
        """Draw into the upper part of ``area``; returns what is left below."""
        theme = self.theme
        height = min(area.height, theme.px(TALLEST))
        if height < theme.px(LOWEST):
            return area
        card = pygame.Rect(area.left, area.top, area.width, height)
        theme.panel(surface, card, look.CARD, radius=8)
        inside = card.inflate(-theme.px(24), -theme.px(14))
        if height >= theme.px(SQUARE_FROM):
            self._draw_high(surface, inside, height >= theme.px(TALL_FROM))
        else:
            self._draw_flat(surface, inside)
        below = card.bottom + theme.px(10)
        return pygame.Rect(area.left, below, area.width, max(0, area.bottom - below))

    def _draw_high(self, surface: pygame.Surface, area: pygame.Rect, tall: bool) -> None:
        theme = self.theme
        head, facts, slider, value, rest = self._cut(area, (22, 18, 36, 28))
        self._draw_head(surface, head, facts)
        if not self.networks.nets:
            return
        self._draw_slider(surface, slider)
        self._draw_value(surface, value)
        gap = theme.px(14)
        if tall:
            lines = pygame.Rect(rest.left, rest.top + theme.px(2), rest.width, MOVES * theme.px(LINE))
            top = lines.bottom + theme.px(10)
            width = (rest.width - gap) // 2
            first = pygame.Rect(rest.left, top, width, rest.bottom - top)
            second = first.move(width + gap, 0)
        else:
            lines = pygame.Rect(rest.left, rest.top, rest.width * 42 // 100, rest.height)
            left, half = lines.right + gap, (rest.height - theme.px(6)) // 2
            first = pygame.Rect(left, rest.top, rest.right - left, half)
            second = first.move(0, half + theme.px(6))
        self._draw_moves(surface, lines)
        self._draw_curves(surface, first, second)

    def _draw_flat(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        """In a low area: the slider at the left, the curves at the right if there is room."""
        theme = self.theme
        gap = theme.px(14)
        left = area.copy()
        if area.width >= theme.px(400):
            left.width = area.width * 56 // 100
        head, slider, value, rest = self._cut(left, (20, 34, 24))
        self._draw_head(surface, head, None)
        if not self.networks.nets:
            return
        self._draw_slider(surface, slider)
        self._draw_value(surface, value)
        if rest.height >= theme.px(12):
            moves = "   ".join(f"{self._vertex(p)} {_percent(prior)}" for p, prior in self.networks.top(4))
            failed = self._failed()
            theme.text(surface, failed or moves, rest, 12.5, KINDS["error" if failed else "info"])
        width = (area.right - left.right - 2 * gap) // 2
        if width > 0:
            first = pygame.Rect(left.right + gap, area.top, width, area.height)
            self._draw_curves(surface, first, first.move(width + gap, 0))

    def _cut(self, area: pygame.Rect, heights: tuple[int, ...]) -> list[pygame.Rect]:
        """Rows from the top on, of so many design units, and the rest."""
        rows, top = [], area.top
        for height in heights:
            rows.append(pygame.Rect(area.left, top, area.width, self.theme.px(height)))
            top = rows[-1].bottom
        return [*rows, pygame.Rect(area.left, top, area.width, max(0, area.bottom - top))]

    def _failed(self) -> str:
        """Why the chosen network says nothing."""
        told, kind = self.networks.told()
        return told if kind == "error" and self.networks.view is None else ""

    def _draw_head(self, surface: pygame.Surface, row: pygame.Rect, below: pygame.Rect | None) -> None:
        """The chosen network; its Elo and training in the line below, or in the same one."""
        theme, net = self.theme, self.networks.net
        close = pygame.Rect(0, 0, theme.px(22), theme.px(22))
        close.midright = (row.right + theme.px(4), row.centery)
        self._button(surface, "networks", "×", close)
        line = pygame.Rect(row.left, row.top, close.left - row.left - theme.px(6), row.height)
        told, kind = self.networks.told()
        if net is None:
            self._draw_wrapped(surface, told, pygame.Rect(line.left, line.bottom, row.width, theme.px(54)), kind)
            theme.text(surface, "Networks", line, 14.5, bold=True)
            return
        if self._failed():
            told = ""  # it stands where the moves would
        name = theme.text(surface, net.name, line, 14.5, bold=True)
        if below is None:
            left = name.right + theme.px(10)
            below = pygame.Rect(left, line.top, line.right - left, line.height)
            text = told or net.facts(self.networks.size).partition(" · ")[0]
        else:
            text = told or net.facts(self.networks.size)
        theme.text(surface, text, below, 12.5, KINDS[kind] if told else look.MUTED)

    def _draw_wrapped(self, surface: pygame.Surface, text: str, area: pygame.Rect, kind: str) -> None:
        height = self.theme.px(18)
        for i, line in enumerate(self.theme.wrap(text, 12.5, False, area.width)[: area.height // height]):
            row = pygame.Rect(area.left, area.top + i * height, area.width, height)
            self.theme.text(surface, line, row, 12.5, KINDS[kind])

    def _button(self, surface: pygame.Surface, action: str, label: str, area: pygame.Rect, on: bool = False) -> None:
        button = Button(action, label, area, on=on)
        button.draw(surface, self.theme, None, False)
        self.theme.panel(surface, area, None, look.LINE, radius=6)  # it stands on a card of its own colour
        self.buttons.append(button)

    def _draw_slider(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        theme, networks = self.theme, self.networks
        nets, views = networks.nets, networks.views()
        y = area.top + theme.px(10)
        left, right = area.left + theme.px(12), area.right - theme.px(12)
        spots = _spread(left, right, len(nets))
        self._slides.append((area.inflate(theme.px(8), theme.px(2)), left, right))
        track = pygame.Rect(left, y - theme.px(2) // 2, right - left, theme.px(2))
        pygame.draw.rect(surface, look.LINE, track)
        for i, x in enumerate(spots):
            if i == networks.chosen:
                theme.disc(surface, (x, y), 8 * theme.scale, look.TEXT)
                theme.disc(surface, (x, y), 6 * theme.scale, look.ACCENT_DARK)
            elif isinstance(views[i], str):
                theme.text(surface, "×", pygame.Rect(x - 20, y - 10, 40, 20), 15, look.BAD, True, "center")
            else:
                theme.disc(surface, (x, y), 4 * theme.scale, look.MUTED if views[i] is not None else look.DIM)
        self._draw_labels(surface, pygame.Rect(area.left, y + theme.px(8), area.width, theme.px(16)), spots)

    def _draw_labels(self, surface: pygame.Surface, row: pygame.Rect, spots: list[int]) -> None:
        """As many as there is room for; the chosen network's in any case."""
        theme, nets, chosen = self.theme, self.networks.nets, self.networks.chosen
        taken: list[pygame.Rect] = []
        for i in dict.fromkeys((chosen, 0, len(nets) - 1, *range(len(nets)))):
            width = theme.width(nets[i].label, 12, i == chosen)
            place = pygame.Rect(0, row.top, width + 2, row.height)
            place.centerx = spots[i]
            place.clamp_ip(row)
            if place.inflate(theme.px(8), 0).collidelist(taken) < 0:
                taken.append(place)
                theme.text(surface, nets[i].label, place, 12, look.TEXT if i == chosen else look.MUTED, i == chosen)

    def _draw_value(self, surface: pygame.Surface, row: pygame.Rect) -> None:
        """Black's win rate and lead without a search, and the button for the points' owners."""
        theme, view = self.theme, self.networks.view
        wide, high = theme.width("Territory", 13.5) + theme.px(18), min(theme.px(22), row.height - theme.px(4))
        button = pygame.Rect(0, 0, wide, high)
        button.midright = (row.right + theme.px(4), row.centery)
        self._button(surface, "networks territory", "Territory", button, self.networks.territory)
        if view is None:
            return
        line = pygame.Rect(row.left, row.top, button.left - row.left - theme.px(6), row.height)
        lead = f"{'B' if view.lead >= 0 else 'W'}+{abs(view.lead):.1f}"
        place = theme.text(surface, f"Black {100 * view.winrate:.0f}%   {lead}", line, 13.5, bold=True)
        room = pygame.Rect(place.right + theme.px(12), line.top, line.right - place.right - theme.px(12), line.height)
        if theme.width("without search", 12.5) <= room.width:
            theme.text(surface, "without search", room, 12.5, look.MUTED)

    def _draw_moves(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        """The likeliest moves, each over a bar as long as it is likely."""
        theme = self.theme
        if failed := self._failed():
            self._draw_wrapped(surface, failed, area, "error")
            return
        height = min(theme.px(LINE), area.height // MOVES)
        for i, (point, prior) in enumerate(self.networks.top(MOVES)):
            row = pygame.Rect(area.left, area.top + i * height, area.width, height)
            bar = pygame.Rect(row.left, row.top + 1, max(theme.px(3), round(row.width * min(1.0, prior))), height - 2)
            theme.panel(surface, bar, look.mixed(look.CARD, look.ACCENT_DARK, 0.75), radius=3)
            if point == self.networks.subject():
                theme.panel(surface, row.inflate(0, -2), None, look.DIM, radius=3)
            text = row.inflate(-theme.px(12), 0)
            theme.text(surface, f"{i + 1}", text, 12, look.MUTED)
            text.left, text.width = text.left + theme.px(16), text.width - theme.px(16)
            theme.text(surface, self._vertex(point), text, 13, bold=i == 0)
            theme.text(surface, _percent(prior), text, 13, align="right")
            self.rows.append((row, point))

    def _draw_curves(self, surface: pygame.Surface, first: pygame.Rect, second: pygame.Rect) -> None:
        networks, point = self.networks, self.networks.subject()
        view = networks.view
        if point is not None and view is not None:
            priors = networks.priors(point)
            most = max((p for p in priors if p is not None), default=0.0)
            ceiling = next((c for c in CEILINGS if most <= c), 1.0)
            vertex, now = self._vertex(point), _percent(view.prior(point, networks.size))
            self._draw_curve(surface, first, Curve(f"Prior of {vertex}", vertex, now, priors, ceiling))
        won = f"{100 * view.winrate:.0f}%" if view is not None else ""
        self._draw_curve(surface, second, Curve("Black wins", "Black", won, networks.winrates()))

    def _draw_curve(self, surface: pygame.Surface, area: pygame.Rect, curve: Curve) -> None:
        """One curve over the networks, in their order; the chosen one is marked."""
        theme, networks = self.theme, self.networks
        head, rest = self._cut(area, (17,))
        if rest.height < theme.px(14):
            return
        now = theme.text(surface, curve.now, head, 12.5, bold=True, align="right")
        room = pygame.Rect(head.left, head.top, now.left - head.left - theme.px(4), head.height)
        title = curve.title if theme.width(curve.title, 12.5) <= room.width else curve.short
        theme.text(surface, title, room, 12.5, look.MUTED)
        scale = theme.width("100%", 10.5) + theme.px(4)
        plot = pygame.Rect(rest.left + scale, rest.top + theme.px(6), rest.width - scale - theme.px(5), 1)
        plot.height = max(4, rest.bottom - plot.top - theme.px(5))
        spots = _spread(plot.left, plot.right, len(networks.nets))
        self._slides.append((area, plot.left, plot.right))
        for share in (0.0, 0.5, 1.0):
            y = plot.bottom - round(plot.height * share)
            pygame.draw.line(surface, look.LINE, (plot.left, y), (plot.right, y))
            if share != 0.5 or plot.height > theme.px(44):
                label = pygame.Rect(rest.left, y - theme.px(7), scale - theme.px(4), theme.px(14))
                theme.text(surface, _scale_text(curve.ceiling * share), label, 10.5, look.FAINT, align="right")
        x = spots[networks.chosen]
        pygame.draw.line(surface, look.DIM, (x, plot.top), (x, plot.bottom))
        dots = [
            (x, plot.bottom - plot.height * min(1.0, value / curve.ceiling), i == networks.chosen)
            for i, (x, value) in enumerate(zip(spots, curve.values, strict=True))
            if value is not None
        ]
        self._draw_dots(surface, plot, dots)

    def _draw_dots(self, surface: pygame.Surface, plot: pygame.Rect, dots: list[tuple[int, float, bool]]) -> None:
        if not dots:
            return
        frame = plot.inflate(self.theme.px(14), self.theme.px(14))
        layer = pygame.Surface((frame.width * FACTOR, frame.height * FACTOR), pygame.SRCALPHA)
        layer.fill((*look.ACCENT, 0))
        line = [((x - frame.left) * FACTOR, (y - frame.top) * FACTOR) for x, y, _ in dots]
        thick = max(1, round(1.6 * self.theme.scale)) * FACTOR
        if len(line) > 1:
            pygame.draw.lines(layer, look.ACCENT, False, line, thick)
        for at, (_, _, chosen) in zip(line, dots, strict=True):
            pygame.draw.circle(layer, look.TEXT if chosen else look.ACCENT, at, thick * (1.9 if chosen else 1.2))
        surface.blit(pygame.transform.smoothscale(layer, frame.size), frame)

    def _vertex(self, point: int) -> str:
        return to_gtp(point, self.networks.size)


def _spread(left: int, right: int, count: int) -> list[int]:
    """x of so many places from ``left`` to ``right``."""
    return [left + round((right - left) * i / max(1, count - 1)) for i in range(count)]


def _percent(share: float) -> str:
    """0.3127 -> "31%", 0.031 -> "3.1%"."""
    return f"{100 * share:.0f}%" if share >= 0.0995 else f"{100 * share:.1f}%"


def _scale_text(share: float) -> str:
    return f"{100 * share:g}%"
