"""Drawing of the board. It knows no game: it is given a :class:`Picture` and draws it.

The wood with its lines is one cached image, the stones are cached sprites, and a change of the ghost stone
redraws two cells. Points are the padded points of :mod:`gogame.geometry`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pygame

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import star_points, to_gtp
from gogame.geometry import geometry, point_of, row_col
from gui import textures
from gui.better_view import Better, draw_better
from gui.candidate_view import draw_candidates
from gui.candidates import Candidate
from gui.continuation_view import Continuation, draw_continuations
from gui.heat import draw_heat
from gui.mark_view import draw_markup
from gui.markup import NONE, Markup
from gui.mistakes import Loss
from gui.theme import BACKGROUND, INK, Color, Theme, disc_image

DEAD_ZONE = 0.45  # cells: farther than this from every point, a click means nothing
BLACK_MARK: Color = (245, 243, 238)
WHITE_MARK: Color = (28, 28, 30)

TERRITORY: dict[int, tuple[Color, Color]] = {  # of a square that marks it: fill, rim
    BLACK: ((22, 22, 24), (120, 118, 112)),
    WHITE: ((250, 249, 245), (92, 84, 74)),
}
UNSURE = 0.1  # |ownership| below which a point is nobody's


@dataclass(frozen=True)
class Picture:
    """What is to be seen on the board."""

    size: int
    stones: Sequence[int]  # [N] colour of every padded point
    last: int = 0  # last move's point; 0: none, or a pass
    ghost: tuple[int, int] | None = None  # (point, colour) under the mouse
    numbers: Mapping[int, int] = field(default_factory=dict)  # point -> move number shown on the stone
    ko: int = 0  # point that ko forbids, 0 none
    dead: frozenset[int] = frozenset()
    territory: Mapping[int, int] = field(default_factory=dict)  # point -> colour it counts for
    ownership: Sequence[float] = ()  # [S*S] by row: 1 Black's .. -1 White's; empty: not shown
    candidates: tuple[Candidate, ...] = ()  # best first
    losses: tuple[Loss, ...] = ()  # theirs against the best
    to_move: int = BLACK
    better: Better | None = None  # what would have been better than the last move
    markup: Markup = NONE  # of the file: drawn where nothing else is
    continuations: tuple[Continuation, ...] = ()  # what was played next; not drawn where a network's view is
    heat: tuple[tuple[int, float], ...] = ()  # (point, prior 0..1) of a network's moves, the likeliest first
    coordinates: bool = True
    active: bool = True  # False: a past position is being looked at


class BoardView:
    """The board inside ``area``; call :meth:`place` when the window, the size or the coordinates change."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.size = 9
        self.coordinates = True
        self.area = pygame.Rect(0, 0, 1, 1)
        self.wood = pygame.Rect(0, 0, 1, 1)
        self.cell = 1
        self.margin = 1
        self._base: pygame.Surface | None = None

    def place(self, area: pygame.Rect, size: int, coordinates: bool) -> None:
        """Fit a board of ``size`` lines into ``area``, centred, on whole pixels."""
        if (area, size, coordinates) == (self.area, self.size, self.coordinates) and self._base:
            return
        self.area, self.size, self.coordinates = area.copy(), size, coordinates
        edge = 1.12 if coordinates else 0.74  # cells from the outermost line to the edge of the wood
        room = max(40, min(area.width, area.height))
        self.cell = max(4, int(room / (size - 1 + 2 * edge)))
        self.margin = round(self.cell * edge)
        side = self.cell * (size - 1) + 2 * self.margin + 1
        self.wood = pygame.Rect(0, 0, side, side)
        self.wood.center = area.center
        self._base = None

    @property
    def diameter(self) -> int:
        """Pixels of a stone, odd so that it has a middle pixel on the crossing."""
        return max(3, int(self.cell * 0.965)) | 1

    def center(self, point: int) -> tuple[int, int]:
        """Pixel of a crossing."""
        row, col = row_col(point, self.size)
        return (
            self.wood.left + self.margin + col * self.cell,
            self.wood.top + self.margin + row * self.cell,
        )

    def point_at(self, x: int, y: int) -> int | None:
        """The point under a pixel, or None outside the board and in the dead zone between points."""
        col = (x - self.wood.left - self.margin) / self.cell
        row = (y - self.wood.top - self.margin) / self.cell
        r, c = round(row), round(col)
        if not (0 <= r < self.size and 0 <= c < self.size) or math.hypot(row - r, col - c) > DEAD_ZONE:
            return None
        return point_of(r, c, self.size)

    def cell_rect(self, point: int) -> pygame.Rect:
        """What a redraw of this point may touch."""
        side = round(self.cell * 1.3)
        area = pygame.Rect(0, 0, side, side)
        area.center = self.center(point)
        return area

    def draw(self, surface: pygame.Surface, picture: Picture, clip: pygame.Rect | None = None) -> None:
        """Draw everything, or what lies within ``clip``."""
        area = clip.clip(self.area) if clip else self.area
        before = surface.get_clip()
        surface.set_clip(area)
        surface.fill(BACKGROUND, area)
        if self._base is None:
            self._base = self._make_base()
        pad = (self._base.get_width() - self.wood.width) // 2
        surface.blit(self._base, (self.wood.left - pad, self.wood.top - pad))
        self._draw_stones(surface, picture)
        self._draw_territory(surface, picture)
        self._draw_ownership(surface, picture)
        draw_heat(surface, self, picture)
        taken = {c.point for c in picture.candidates} | {*picture.numbers, *(picture.ghost or ())[:1]}
        draw_markup(surface, self, picture.markup, picture.stones, taken)
        if not (picture.heat or len(picture.ownership)):
            marked = {*picture.markup.labels, *picture.markup.shapes, *picture.territory}
            other, discs = {*(picture.ghost or ())[:1]} | marked, {c.point for c in picture.candidates}
            draw_continuations(surface, self, picture.continuations, other, discs)
        candidates, losses, to_move = picture.candidates, picture.losses, picture.to_move
        draw_candidates(surface, self, candidates, losses, picture.stones, self.diameter, to_move)
        if picture.better is not None:
            draw_better(surface, self, picture.better, self.diameter, [c.point for c in picture.candidates])
        self._draw_marks(surface, picture)
        if not picture.active:
            # A cool veil tells a past position from the live one.
            veil = pygame.Surface(self.wood.size, pygame.SRCALPHA)
            veil.fill((30, 50, 80, 34))
            surface.blit(veil, self.wood)
        surface.set_clip(before)

    # -- layers ----------------------------------------------------------------------------------------------

    def _make_base(self) -> pygame.Surface:
        """Wood, its shadow on the table, lines, star points and coordinates."""
        pad = max(3, self.wood.width // 70)
        side = self.wood.width
        base = pygame.Surface((side + 2 * pad, side + 2 * pad))
        base.fill(BACKGROUND)
        for i in range(pad):
            strength = (i + 1) / pad
            shade = tuple(round(c * (1 - 0.55 * strength)) for c in BACKGROUND)
            pygame.draw.rect(base, shade, base.get_rect().inflate(-2 * i, -2 * i), border_radius=pad - i + 2)
        base.blit(textures.wood_surface(side), (pad, pad))
        first = pad + self.margin
        last = first + self.cell * (self.size - 1)
        width = max(1, round(self.cell / 38))
        for i in range(self.size):
            at = first + i * self.cell
            thick = width + (1 if i in (0, self.size - 1) and self.cell > 24 else 0)
            extra = thick // 2
            pygame.draw.rect(base, INK, (first - extra, at - thick // 2, last - first + thick, thick))
            pygame.draw.rect(base, INK, (at - thick // 2, first - extra, thick, last - first + thick))
        dot = max(1.8, self.cell * 0.085)
        offset = (pad - self.wood.left, pad - self.wood.top)
        for point in star_points(self.size):
            x, y = self.center(point)
            self.theme.disc(base, (x + offset[0], y + offset[1]), dot, INK)
        if self.coordinates:
            self._draw_coordinates(base, pad)
        return base

    def _draw_coordinates(self, base: pygame.Surface, pad: int) -> None:
        height = max(8, min(round(self.cell * 0.28), self.theme.px(15)))
        gap = (self.margin - self.diameter // 2) / 2  # the middle between the stones' rim and the edge of the wood
        near, far = pad + gap, pad + self.wood.width - gap
        ink: Color = (96, 66, 32)
        for i in range(self.size):
            at = pad + self.margin + i * self.cell
            column = to_gtp(point_of(0, i, self.size), self.size)[0]
            row = str(self.size - i)
            for text, place in (
                (column, (at, near)),
                (column, (at, far)),
                (row, (near, at)),
                (row, (far, at)),
            ):
                image = self.theme.label(text, height, ink, True)
                base.blit(image, image.get_rect(center=(round(place[0]), round(place[1]))))

    def _draw_stones(self, surface: pygame.Surface, picture: Picture) -> None:
        d = self.diameter
        clip = surface.get_clip()
        shown = [
            (point, int(picture.stones[point]))
            for point in map(int, geometry(self.size).points)
            if picture.stones[point] in (BLACK, WHITE) and self.cell_rect(point).colliderect(clip)
        ]
        shade, shift = textures.shadow(d), textures.shadow_offset(d)
        for point, _ in shown:
            if point not in picture.dead:
                x, y = self.center(point)
                surface.blit(shade, shade.get_rect(center=(x + shift, y + shift)))
        for point, color in shown:
            self._stone(surface, point, color, 0.42 if point in picture.dead else 1.0)
        if picture.ghost and picture.stones[picture.ghost[0]] == EMPTY:
            self._stone(surface, *picture.ghost, 0.55)

    def _stone(self, surface: pygame.Surface, point: int, color: int, alpha: float) -> None:
        variant = 0 if color == BLACK else (point * 7) % textures.SHELLS
        image = textures.stone(color, self.diameter, variant, alpha)
        surface.blit(image, image.get_rect(center=self.center(point)))

    def _draw_territory(self, surface: pygame.Surface, picture: Picture) -> None:
        side = max(4, round(self.cell * 0.30))
        for point, color in picture.territory.items():
            if picture.stones[point] == color and point not in picture.dead:
                continue
            square = pygame.Rect(0, 0, side, side)
            square.center = self.center(point)
            fill, rim = TERRITORY[color]
            self.theme.panel(surface, square, fill, rim, radius=2, border_width=1)

    def _draw_ownership(self, surface: pygame.Surface, picture: Picture) -> None:
        """Squares, the larger and the less transparent the surer; none on a stone that stays its owner's."""
        for point, owned in zip(map(int, geometry(self.size).points), picture.ownership, strict=False):
            color, sure = BLACK if owned > 0 else WHITE, min(1.0, abs(owned))
            if sure < UNSURE or picture.stones[point] == color:
                continue
            side = max(3, round(self.cell * (0.16 + 0.26 * sure)))
            fill, rim = TERRITORY[color]
            square = pygame.Surface((side, side), pygame.SRCALPHA)
            self.theme.panel(square, square.get_rect(), fill, rim, radius=2, border_width=1)
            square.set_alpha(round(255 * (0.35 + 0.65 * sure)))
            surface.blit(square, square.get_rect(center=self.center(point)))

    def _draw_marks(self, surface: pygame.Surface, picture: Picture) -> None:
        for point, number in picture.numbers.items():
            self._number(surface, picture, point, number)
        if picture.last and picture.stones[picture.last] != EMPTY and picture.last not in picture.dead:
            mark = self._mark_color(picture.stones[picture.last])
            inside = (picture.numbers, picture.markup.shapes, picture.markup.labels)
            radius = self.diameter * (0.47 if any(picture.last in marks for marks in inside) else 0.26)
            image = disc_image(radius, mark, max(1.5, self.cell * 0.055))
            surface.blit(image, image.get_rect(center=self.center(picture.last)))
        if picture.ko:
            square = pygame.Rect(0, 0, round(self.cell * 0.42), round(self.cell * 0.42))
            square.center = self.center(picture.ko)
            self.theme.panel(surface, square, None, INK, radius=1, border_width=max(1.0, self.cell / 32))

    def _mark_color(self, stone: int) -> Color:
        return BLACK_MARK if stone == BLACK else WHITE_MARK

    def _number(self, surface: pygame.Surface, picture: Picture, point: int, number: int) -> None:
        if picture.stones[point] == EMPTY:
            return
        text = str(number)
        height = max(7, round(self.cell * (0.42 if len(text) < 3 else 0.34)))
        image = self.theme.label(text, height, self._mark_color(picture.stones[point]), True)
        surface.blit(image, image.get_rect(center=self.center(point)))
