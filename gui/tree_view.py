"""The card with the tree of a game that has variations: a disc for every move, lines between them."""

from __future__ import annotations

import pygame

from gogame.board import BLACK
from gogame.geometry import PASS
from gui import theme as look
from gui.record import Node, Record
from gui.review import Review
from gui.theme import Theme, disc_image
from gui.tree import Tree, lay_out, says_something

LEAST = 90  # design units of a card that is worth its room
CELL = 18
DISC = 5.6  # radius
RING = 8.6
PAD = 7
RULER = 15  # the move numbers above
EACH = 5  # moves between two numbers
AHEAD = 4  # columns that are seen beside the shown one
SLIP = 4  # so far a click may slip before it drags
STONES: dict[bool, look.Color] = {True: (17, 17, 18), False: (240, 238, 232)}  # whether it is Black's


class TreeView:
    """Draws as much of the tree as there is room for, and scrolls it: with the position shown, the wheel, the mouse."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.area = pygame.Rect(0, 0, 0, 0)  # of the card, as drawn last; empty where there is none
        self._body = pygame.Rect(0, 0, 0, 0)  # of the cells
        self._cell = theme.px(CELL)
        self._tree = Tree()
        self._of: tuple[Record, int] | None = None  # the game whose tree it is, and how often that had changed
        self._seen: tuple[Node, int, tuple[int, int]] | None = None  # what was brought into sight: row, room for it
        self._left = self._top = 0  # pixels that are out of sight
        self._grip: tuple[tuple[int, int], int, int] | None = None  # where the mouse went down, left and top there
        self._dragged = False

    def claim(self, session: Review, room: int) -> int:
        """Pixels of ``room`` that a tree should have before a comment that is as long."""
        need = self.theme.px(LEAST) + self.theme.px(10)
        return need if self._laid_out(session).height > 1 and room >= need else 0

    def beside(self, rest: pygame.Rect, session: Review, others: int, least: int) -> pygame.Rect:
        """What remains of a part of the column when the card has been put at its foot, where there is a tree to be
        seen: ``others`` is what else likes to have, ``least`` what it needs. The card's ``area`` is set."""
        theme = self.theme
        self.area = pygame.Rect(rest.left, rest.bottom, rest.width, 0)
        room = rest.height - theme.px(10)
        tree = self._laid_out(session)
        if tree.height < 2 or room - theme.px(LEAST) < least:
            return rest
        wanted = tree.height * self._cell + theme.px(2 * PAD + RULER)
        height = max(theme.px(LEAST), min(wanted, room - others))
        self.area = pygame.Rect(rest.left, rest.bottom - height, rest.width, height)
        return pygame.Rect(rest.left, rest.top, rest.width, room - height)

    def _laid_out(self, session: Review) -> Tree:
        """The cells of the game's tree, found anew when that has changed."""
        record, changes = session.record, session.changes
        same = self._of is not None and self._of[0] is record and self._of[1] == changes
        if not same or session.shown not in self._tree.row_of:
            self._of, self._tree = (record, changes), lay_out(record.root)
        return self._tree

    # -- drawing ---------------------------------------------------------------------------------------------

    def draw(self, surface: pygame.Surface, session: Review) -> None:
        """Draw the card into its ``area``."""
        if not self.area.height:
            return
        theme, tree, cell = self.theme, self._laid_out(session), self._cell
        theme.panel(surface, self.area, look.CARD, radius=8)
        inside = self.area.inflate(-theme.px(2 * PAD), -theme.px(2 * PAD))
        ruler = pygame.Rect(inside.topleft, (inside.width, theme.px(RULER)))
        self._body = pygame.Rect(inside.left, ruler.bottom, inside.width, inside.bottom - ruler.bottom)
        now = (session.shown, tree.row_of[session.shown], self._body.size)
        if now != self._seen:  # else it stays where it was scrolled to
            self._seen = now
            self._bring(session.shown)
        self._scroll(0, 0)
        columns = range(self._left // cell, min(len(tree.columns), (self._left + self._body.width) // cell + 2))
        rows = (self._top // cell, (self._top + self._body.height) // cell)
        clip = surface.get_clip()
        surface.set_clip(ruler)
        for column in columns:
            if column % EACH == 0:
                place = pygame.Rect(0, ruler.top, 2 * cell, ruler.height - theme.px(3))
                place.centerx = self._center(column, 0)[0]
                theme.text(surface, f"{column}", place, 10.5, look.FAINT, align="center")
        surface.set_clip(self._body)
        path = {session.record.root, *session.shown.path()}
        nodes = [node for column in columns for node in tree.columns[column].within(*rows)]
        forks = [node for column in columns for node in tree.branching(column, *rows)]
        for strong in (False, True):  # over the rest
            for node in nodes:
                if (node in path) == strong:
                    self._draw_way_to(surface, node, strong)
            for node in forks:
                self._draw_branches(surface, node, path if strong else None)
        for node in nodes:
            self._draw_node(surface, node, session)
        surface.set_clip(clip)

    def _draw_way_to(self, surface: pygame.Surface, node: Node, strong: bool) -> None:
        """The line to a node from the one before in its row, or from the branch that runs down there."""
        if node.parent is not None:
            x, y = self._center(node.number, self._tree.row_of[node])
            first = node is node.parent.children[0]
            self._line(surface, (x - (self._cell if first else self._cell // 2), y), (x, y), strong)

    def _draw_branches(self, surface: pygame.Surface, node: Node, path: set[Node] | None) -> None:
        """What runs down beside a node; with a ``path``, to that one of its children that is on it."""
        ends = (
            [self._tree.feet[node]]
            if path is None
            else [self._tree.row_of[child] for child in node.children[1:] if node in path and child in path]
        )
        x, y = self._center(node.number, self._tree.row_of[node])
        for row in ends:
            corner = x + self._cell - self._cell // 2
            self._line(surface, (x, y), (corner, y), path is not None)
            self._line(surface, (corner, y), (corner, self._center(0, row)[1]), path is not None)

    def _line(self, surface: pygame.Surface, start: tuple[int, int], end: tuple[int, int], strong: bool) -> None:
        """A level or a plumb line, as much of it as is in sight."""
        width = round((2.4 if strong else 1.0) * self.theme.scale) | 1
        sight = self._body.inflate(2 * self._cell, 2 * self._cell)
        area = pygame.Rect(start, (end[0] - start[0] + 1, end[1] - start[1] + 1)).inflate(width - 1, width - 1)
        pygame.draw.rect(surface, look.TEXT if strong else look.DIM, area.clip(sight))

    def _draw_node(self, surface: pygame.Surface, node: Node, session: Review) -> None:
        theme, scale = self.theme, self.theme.scale
        center = self._center(node.number, self._tree.row_of[node])
        black = node.color == BLACK
        color, rim = STONES[black], look.MUTED if black else look.DIM
        if node.parent is None:
            self._draw_start(surface, center, bool(session.record.black or session.record.white))
        elif node.point == PASS:
            side = round(2 * (DISC - 0.6) * scale) | 1
            place = pygame.Rect(0, 0, side, side)
            place.center = center
            theme.panel(surface, place, color, rim, radius=1.5)
        else:
            theme.disc(surface, center, DISC * scale, rim)
            theme.disc(surface, center, (DISC - 1.1) * scale, color)
        if says_something(node):
            theme.disc(surface, center, 2.3 * scale, look.ACCENT if black or node.parent is None else look.ACCENT_DARK)
        if node is session.shown:
            self._ring(surface, center, look.ACCENT, 2.2)
        elif node is session.live:
            self._ring(surface, center, look.MUTED, 1.0)

    def _draw_start(self, surface: pygame.Surface, center: tuple[int, int], stones: bool) -> None:
        """The position before the first move: of both colours where it has stones."""
        theme, scale = self.theme, self.theme.scale
        if not stones:
            theme.disc(surface, center, (DISC - 1.1) * scale, look.DIM)
            return
        theme.disc(surface, center, DISC * scale, look.MUTED)
        theme.disc(surface, center, (DISC - 1.1) * scale, STONES[True])
        image = disc_image((DISC - 1.1) * scale, STONES[False])
        place, half = image.get_rect(center=center), image.get_width() // 2
        surface.blit(image, place.move(half, 0), (half, 0, image.get_width() - half, image.get_height()))

    def _ring(self, surface: pygame.Surface, center: tuple[int, int], color: look.Color, width: float) -> None:
        image = disc_image(RING * self.theme.scale, color, width * self.theme.scale)
        surface.blit(image, image.get_rect(center=center))

    def _center(self, column: int, row: int) -> tuple[int, int]:
        """Of a cell, in the window."""
        half = self._cell // 2
        return (
            self._body.left - self._left + column * self._cell + half,
            self._body.top - self._top + row * self._cell + half,
        )

    # -- scrolling, and what is clicked on -------------------------------------------------------------------

    def _hidden(self) -> tuple[int, int]:
        """Pixels of the tree for which there is no room: sideways, down."""
        wide, high = len(self._tree.columns) * self._cell, self._tree.height * self._cell
        return max(0, wide - self._body.width), max(0, high - self._body.height)

    def _scroll(self, x: int, y: int) -> None:
        """So many pixels on, as far as it goes."""
        wide, high = self._hidden()
        self._left = max(0, min(wide, self._left + x))
        self._top = max(0, min(high, self._top + y))

    def _bring(self, node: Node) -> None:
        """Scroll no further than needed for a node to be in sight, with what is near."""

        def moved(first: int, place: int, room: int, around: int) -> int:
            around = max(0, min(around, (room - self._cell) // 2))
            return max(min(first, place - around), place + self._cell + around - room)

        body, cell = self._body, self._cell
        self._left = moved(self._left, node.number * cell, body.width, AHEAD * cell)
        self._top = moved(self._top, self._tree.row_of[node] * cell, body.height, cell)

    def _node_at(self, at: tuple[int, int]) -> Node | None:
        if not self.area.height or not self._body.collidepoint(at):
            return None
        x, y = at[0] - self._body.left + self._left, at[1] - self._body.top + self._top
        column = x // self._cell
        return self._tree.columns[column].at(y // self._cell) if column < len(self._tree.columns) else None

    def wheel(self, at: tuple[int, int], notches: int) -> bool:
        """The wheel was turned over ``at``; True where it was for the tree: its rows, or, where all are in sight, its
        columns."""
        if not self.area.collidepoint(at) or not any(self._hidden()):
            return False
        step = -2 * self._cell * notches
        self._scroll(*((0, step) if self._hidden()[1] else (2 * step, 0)))
        return True

    def mouse_down(self, at: tuple[int, int]) -> bool:
        """True where the tree was meant, which is held now."""
        if not self.area.collidepoint(at):
            return False
        self._grip, self._dragged = (at, self._left, self._top), False
        return True

    def mouse_move(self, at: tuple[int, int]) -> bool:
        """Drag; True while the tree is held."""
        if self._grip is None:
            return False
        (x, y), left, top = self._grip
        self._dragged = self._dragged or max(abs(at[0] - x), abs(at[1] - y)) > self.theme.px(SLIP)
        if self._dragged:
            self._scroll(left + x - at[0] - self._left, top + y - at[1] - self._top)
        return True

    def mouse_up(self, at: tuple[int, int]) -> Node | None:
        """The tree is let go; returns the node that was clicked on."""
        grip, self._grip = self._grip, None
        if grip is None or self._dragged:
            return None
        node = self._node_at(at)
        return node if node is self._node_at(grip[0]) else None
