"""The side column (tabs in a narrow window) and the status line. They read a Session, never
change it."""

from __future__ import annotations

import pygame

from gui import describe, textures
from gui import theme as look
from gui.bar import draw_bar
from gui.candidate_list import Rows, draw_candidate_list
from gui.clock_view import draw_clock
from gui.comment_view import LEAST, CommentView
from gui.comments import comment_of
from gui.graph import GraphView
from gui.layout import GRAPH, Layout, graph_and_list, list_height
from gui.networks_panel import LOWEST, SQUARE_FROM, TALLEST, NetworksPanel
from gui.session import Session
from gui.theme import Theme
from gui.tree_view import TreeView
from gui.widgets import Button
from gui.wrapping import whole

TABS = (("graph", "Graph"), ("moves", "Moves"), ("count", "Count"), ("comment", "Comment"))
NETWORKS_TAB = ("networks", "Networks")  # while they are looked at
LISTED = 112  # design units of a list of candidates that is worth its room beside the networks: three


class Panels:
    """Draws what surrounds the board. ``buttons`` are the ones that were drawn last."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.tab = "graph"
        self.graph = GraphView(theme)
        self.graph_area = pygame.Rect(0, 0, 0, 0)
        self.comment = CommentView(theme)
        self.tree = TreeView(theme)
        self.scrolled = (self.comment, self.tree)  # that take the wheel and the mouse
        self.rows: Rows = []  # of the candidates
        self.buttons: list[Button] = []
        self.networks: NetworksPanel | None = None  # put there by the window

    # -- the column ------------------------------------------------------------------------------------------

    def draw_column(self, surface: pygame.Surface, layout: Layout, session: Session, pulse: float) -> None:
        """Players, facts, graph and candidates; ``pulse`` 0..1 moves the thinking dots."""
        self.graph_area = self.comment.area = self.tree.area = pygame.Rect(0, 0, 0, 0)
        self.rows = []
        if self.networks is not None:
            self.networks.clear()
        if not layout.wide:
            self._draw_narrow(surface, layout, session, pulse)
            return
        theme = self.theme
        pygame.draw.rect(surface, look.PANEL, layout.column)
        area = layout.column.inflate(-theme.px(28), -theme.px(20))
        gap = theme.px(10)
        top = area.top
        for card in describe.cards(session):
            place = pygame.Rect(area.left, top, area.width, theme.px(66))
            self._draw_card(surface, place, card, pulse)
            top = place.bottom + gap
        facts = pygame.Rect(area.left, top, area.width, self._facts_height(session))
        self._draw_facts(surface, facts, session)
        top = facts.bottom + gap
        rest = pygame.Rect(area.left, top, area.width, area.bottom - top)
        if session.count is not None:
            height = self._count_height(session)
            self._draw_count(surface, pygame.Rect(rest.left, rest.top, rest.width, height), session)
            rest.top += height + gap
            rest.height = area.bottom - rest.top
        searched = bool(session.candidates) or session.analysing
        steady = session.analysing or session.recalled  # nothing jumps from move to move
        rows = 6 if steady else min(6, max(2, len(session.candidates)))
        candidates = list_height(rows, theme.scale)
        graph = theme.px(141) if searched else max(theme.px(141), min(theme.px(GRAPH), rest.height * 2 // 5))
        others = graph + (candidates if searched else 0)
        if not self._networks_open():
            claimed = self.tree.claim(session, rest.height - others - gap - theme.px(LEAST))
            rest = self.comment.beside(rest, session.shown, others + claimed)
            rest = self.tree.beside(rest, session, others + theme.px(270 - 141), others)
            self.tree.draw(surface, session)
        elif rest.height >= theme.px(LOWEST) + gap + theme.px(LEAST):  # else the networks go first: they were asked for
            others += theme.px(TALLEST) + gap
            if rest.height < others + gap + theme.px(LEAST):
                others = max(theme.px(SQUARE_FROM), rest.height * 3 // 5 - gap)
                both = theme.px(SQUARE_FROM) + gap + theme.px(LISTED)
                if searched and rest.height >= both + gap + theme.px(LEAST):
                    others = max(others, both)
            rest = self.comment.beside(rest, session.shown, others)
        if self.comment.area.height:
            self.buttons.append(self.comment.draw(surface, self.comment.area, session.shown, None))
        if self._networks_open():
            listed = min(candidates, rest.height - theme.px(SQUARE_FROM) - gap) if searched else 0
            listed = listed if listed >= theme.px(LISTED) else 0
            upper = pygame.Rect(rest.left, rest.top, rest.width, rest.height - (listed + gap if listed else 0))
            top = self._draw_networks(surface, upper).top
            rest = pygame.Rect(rest.left, top, rest.width, max(0, rest.bottom - top))
            if listed and rest.height < candidates + theme.px(141):  # they go before the graph: they were asked for
                rest.height = min(candidates, rest.height)
                self._draw_candidates(surface, rest, session)
                return
            if rest.height < theme.px(140):
                return
        graph, listed = graph_and_list(rest.height, rows if searched else 0, theme.scale)
        if session.recalled and not graph:  # a list that nobody asked for does not go before it
            graph, listed = graph_and_list(rest.height, 0, theme.scale)
        if listed:
            top = rest.top + graph + (gap if graph else 0)
            self._draw_candidates(surface, pygame.Rect(rest.left, top, rest.width, listed), session)
        if graph:
            self._draw_graph(surface, pygame.Rect(rest.left, rest.top, rest.width, graph), session)

    def _draw_narrow(self, surface: pygame.Surface, layout: Layout, session: Session, pulse: float) -> None:
        theme = self.theme
        gap = theme.px(8)
        cards = describe.cards(session)
        width = (layout.strip.width - gap) // 2
        for i, card in enumerate(cards):
            place = pygame.Rect(layout.strip.left + i * (width + gap), layout.strip.top, width, layout.strip.height)
            self._draw_card(surface, place.inflate(0, -theme.px(6)), card, pulse)
        facts = describe.facts_line(session, lambda line: theme.width(line, 13) <= layout.facts.width)
        theme.text(surface, facts, layout.facts, 13, look.MUTED, align="center")
        if not layout.tabs.height:
            return
        tabs = (*TABS, NETWORKS_TAB) if self._networks_open() else TABS
        width = layout.tabs.width // len(tabs)
        for i, (name, label) in enumerate(tabs):
            place = pygame.Rect(layout.tabs.left + i * width, layout.tabs.top, width - 4, layout.tabs.height)
            if name == "comment" and comment_of(session.shown):
                label = "Comment •"
            button = Button(f"tab {name}", label, place.inflate(0, -theme.px(8)), on=self.tab == name)
            self.buttons.append(button)
            button.draw(surface, theme, None, False)
        area = layout.column.inflate(-theme.px(20), -theme.px(8))
        if self.tab == "networks" and self._networks_open():
            self._draw_networks(surface, area)
        elif self.tab in ("graph", "networks"):
            self._draw_graph(surface, area, session)
        elif self.tab == "moves":
            self._draw_candidates(surface, area, session)
        elif self.tab == "comment":
            self.buttons.append(self.comment.draw(surface, area, session.shown, None))
        elif session.count is not None:
            height = min(area.height, self._count_height(session))
            self._draw_count(surface, pygame.Rect(*area.topleft, area.width, height), session)
        else:
            theme.text(surface, "The game is counted after two passes", area, 13, look.MUTED, align="center")

    def _networks_open(self) -> bool:
        return self.networks is not None and self.networks.networks.open

    def _draw_networks(self, surface: pygame.Surface, area: pygame.Rect) -> pygame.Rect:
        """The networks' view; returns what it leaves of ``area``."""
        if self.networks is None:
            return area
        rest = self.networks.draw(surface, area)
        self.buttons += self.networks.buttons
        return rest

    def _draw_card(self, surface: pygame.Surface, area: pygame.Rect, card: describe.PlayerCard, pulse: float) -> None:
        theme = self.theme
        theme.panel(surface, area, look.CARD_ACTIVE if card.to_move else look.CARD, radius=8)
        if card.to_move:
            bar = pygame.Rect(area.left, area.top + theme.px(10), theme.px(4), area.height - theme.px(20))
            theme.panel(surface, bar, look.ACCENT, radius=2)
        diameter = min(theme.px(38), area.height - theme.px(18)) | 1
        center = (area.left + theme.px(16) + diameter // 2, area.centery)
        shade, shift = textures.shadow(diameter), textures.shadow_offset(diameter)
        surface.blit(shade, shade.get_rect(center=(center[0] + shift, center[1] + shift)))
        image = textures.stone(card.color, diameter)
        surface.blit(image, image.get_rect(center=center))
        left = center[0] + diameter // 2 + theme.px(14)
        room = area.right - theme.px(14) - left
        upper = pygame.Rect(left, area.centery - theme.px(22), room, theme.px(22))
        lower = pygame.Rect(left, area.centery, room, theme.px(20))
        if card.clock is not None:
            line = pygame.Rect(left, area.top + theme.px(4), area.right - theme.px(10) - left, theme.px(30))
            name = theme.width(card.name, 15, True)
            upper.width = draw_clock(surface, theme, line, card.clock, card.clock_runs, name)
            upper.centery, lower.top = line.centery, line.bottom + (area.bottom - line.bottom - lower.height) // 2
        theme.text(surface, card.name, upper, 15, bold=True)
        captures, detail = f"{card.captures} captured", theme.width(card.detail, 13) + card.thinking * theme.px(32)
        if room < theme.px(200) or detail + theme.width(captures, 13) + theme.px(12) > room:
            captures = f"×{card.captures}"
        taken = theme.text(surface, captures, lower, 13, look.MUTED, align="right")
        lower.width = taken.left - theme.px(10) - lower.left
        if card.thinking:
            self._draw_thinking(surface, lower, card.detail, pulse)
        else:
            theme.text(surface, card.detail, lower, 13, look.MUTED)

    def _draw_thinking(self, surface: pygame.Surface, area: pygame.Rect, text: str, pulse: float) -> None:
        theme = self.theme
        for i in range(3):
            near = max(0.0, 1.0 - abs(pulse * 4 - i - 0.5))
            color = look.mixed(look.DIM, look.TEXT, near)
            x = area.left + theme.px(3) + i * theme.px(9)
            theme.disc(surface, (x, area.centery), 2.6 * theme.scale, color)
        rest = pygame.Rect(area.left + theme.px(32), area.top, area.width - theme.px(32), area.height)
        theme.text(surface, text, rest, 13, look.MUTED)

    def _facts_height(self, session: Session) -> int:
        return self.theme.px(20) + self.theme.px(23) * ((len(describe.facts(session)) + 1) // 2)

    def _draw_facts(self, surface: pygame.Surface, area: pygame.Rect, session: Session) -> None:
        theme = self.theme
        theme.panel(surface, area, look.CARD, radius=8)
        inside = area.inflate(-theme.px(28), -theme.px(20))
        facts = describe.facts(session)
        labels = [max(theme.width(label, 13) for label, _ in facts[side::2]) + theme.px(10) for side in (0, 1)]
        least = labels[0] + max(theme.width(describe.short_fact(value), 13.5) for _, value in facts[::2]) + theme.px(8)
        starts = (inside.left, inside.left + max(least, inside.width * 2 // 5))
        ends = (starts[1] - theme.px(8), inside.right)
        for i, (label, value) in enumerate(facts):
            side, top = i % 2, inside.top + (i // 2) * theme.px(23)
            cell = pygame.Rect(starts[side], top, ends[side] - starts[side], theme.px(23))
            theme.text(surface, label, cell, 13, look.MUTED)
            cell.left += labels[side]
            cell.width -= labels[side]
            fits = theme.width(value, 13.5) <= cell.width
            theme.text(surface, value if fits else describe.short_fact(value), cell, 13.5, look.TEXT)

    def _count_height(self, session: Session) -> int:
        return self.theme.px(62) + self.theme.px(23) * len(session.count.rows) if session.count else 0

    def _draw_count(self, surface: pygame.Surface, area: pygame.Rect, session: Session) -> None:
        """The counted points, side by side."""
        theme, count = self.theme, session.count
        if count is None:
            return
        theme.panel(surface, area, look.CARD, radius=8)
        inside = area.inflate(-theme.px(28), -theme.px(16))
        column, high = theme.px(64), min(theme.px(23), inside.height // (len(count.rows) + 2))

        def line(top: int, cells: tuple[str, str, str], bold: bool, color: look.Color) -> None:
            row = pygame.Rect(inside.left, top, inside.width, high)
            theme.text(surface, cells[0], row, 13.5, color, bold)
            for k, text in enumerate(cells[1:]):
                place = pygame.Rect(inside.right - column * (2 - k), top, column, high)
                theme.text(surface, text, place, 13.5, color, bold, align="right")

        line(inside.top, (count.title, "Black", "White"), False, look.MUTED)
        top = inside.top + high
        for row in count.rows:
            line(top, row, False, look.TEXT)
            top += high
        pygame.draw.line(surface, look.LINE, (inside.left, top + 1), (inside.right, top + 1))
        line(top + theme.px(2), count.total, True, look.TEXT)

    def _draw_graph(self, surface: pygame.Surface, area: pygame.Rect, session: Session) -> None:
        if area.height < self.theme.px(70):
            return
        self.theme.panel(surface, area, look.CARD, radius=8)
        self.graph_area = self.graph.draw(surface, area, describe.graph(session))

    def _draw_candidates(self, surface: pygame.Surface, area: pygame.Rect, session: Session) -> None:
        self.rows = draw_candidate_list(surface, self.theme, area, session)

    # -- bars ------------------------------------------------------------------------------------------------

    def draw_status(self, surface: pygame.Surface, area: pygame.Rect, session: Session) -> None:
        """The line under the board."""
        pygame.draw.rect(surface, look.BACKGROUND, area)
        draw_told(surface, self.theme, area, *describe.status_line(session))

    def draw_bar(
        self, surface: pygame.Surface, layout: Layout, session: Session, mouse: tuple[int, int], pressed: str | None
    ) -> None:
        """Navigation, actions and the engine's lamp."""
        self.buttons += draw_bar(surface, self.theme, layout, session, mouse, pressed)


def draw_told(surface: pygame.Surface, theme: Theme, area: pygame.Rect, text: str, kind: str) -> None:
    """A line of a kind "info", "warn" or "error"; two of smaller letters where it is too long."""
    color = {"error": look.BAD, "warn": look.WARN, "info": look.MUTED}[kind]
    inside = area.inflate(-theme.px(8), 0)
    if theme.width(text, 14) <= inside.width:
        theme.text(surface, text, inside, 14, color, align="center")
        return
    first, *rest = theme.wrap(text, 12, False, inside.width) or [""]
    for row, line in enumerate((first, whole(" ".join(rest), inside.width, lambda text: theme.width(text, 12)))):
        half = pygame.Rect(inside.left, inside.top + row * inside.height // 2, inside.width, inside.height // 2)
        theme.text(surface, line, half, 12, color, align="center")
