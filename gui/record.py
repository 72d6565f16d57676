"""The game as a tree: what was played, what was taken back, and what the engine thought of it.

Taking a move back and playing another one leaves the old line as a variation; the newest line that was played is
always the first child. Only what is no part of the game can be removed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gogame.board import BLACK, WHITE
from gogame.game import Game
from gogame.geometry import PASS
from gogame.player import Clock, TimeSettings
from gogame.rules import Rules
from gui.candidates import Candidate

NAMES = {BLACK: "Black", WHITE: "White"}
LETTERS = {BLACK: "B", WHITE: "W"}
MARKS = ("LB", "TR", "SQ", "CR", "MA")  # in a node's kept properties


@dataclass(eq=False)
class Node:
    """A position, reached by a move. The root has no move."""

    parent: Node | None = None
    color: int = 0
    point: int = PASS
    number: int = 0  # moves from the root
    children: list[Node] = field(default_factory=list)
    winrate: float | None = None  # Black's, 0..1, of the position after the move
    score: float | None = None  # Black's lead in points
    visits: int = 0  # of the search that said so
    candidates: tuple[Candidate, ...] = ()  # the best moves after it, of the longest search since the start
    searched: int = 0  # its visits
    comment: str = ""
    kept: dict[str, bytes] | None = None  # what else its file says of it: see gui.kept
    clocks: dict[int, Clock] = field(default_factory=dict)  # what both sides had left; empty: as before the move

    def path(self) -> list[Node]:
        """The nodes from the first move to this one."""
        nodes: list[Node] = []
        node: Node | None = self
        while node is not None and node.parent is not None:
            nodes.append(node)
            node = node.parent
        return nodes[::-1]

    def end(self) -> Node:
        """The last node of the main line below."""
        node = self
        while node.children:
            node = node.children[0]
        return node

    def line(self) -> list[Node]:
        """The line through this node: its path and the main line below it."""
        nodes = self.path()
        node = self
        while node.children:
            node = node.children[0]
            nodes.append(node)
        return nodes


class Record:
    """A game with its conditions and its tree of moves."""

    def __init__(
        self,
        size: int,
        rules: Rules,
        handicap: int = 0,
        black: tuple[int, ...] = (),
        white: tuple[int, ...] = (),
        first: int = BLACK,
        info: dict[str, str] | None = None,
    ):
        self.size = size
        self.rules = rules
        self.handicap = handicap
        self.black = tuple(black)  # stones on the board before the first move
        self.white = tuple(white)
        self.first = first  # who moves first
        self.time = TimeSettings()  # the game's clock
        self.info = info or {}  # of the file it came from: SGF's root properties such as PB, EV, DT
        self.stated: dict[str, bytes] | None = None  # KM and RU as its file has them; None: it came from no file
        self.root = Node()

    @property
    def is_set_up(self) -> bool:
        """It begins with stones that are no handicap, or with White on an empty board."""
        if not self.black and not self.white:
            return self.first == WHITE
        return bool(self.white) or len(self.black) != self.handicap

    @property
    def is_bare(self) -> bool:
        """Nothing in it is worth keeping: no move, no comment or mark at the start, no position that was set up."""
        root = self.root
        marked = any(name in MARKS for name in root.kept or ())
        return not (root.children or root.comment or marked or self.is_set_up)

    def play(self, node: Node, color: int, point: int) -> Node:
        """The child of ``node`` with this move: a new one or the old one, now on the main line. Checks no
        rules."""
        for child in node.children:
            if (child.color, child.point) == (color, point):
                node.children.remove(child)
                break
        else:
            child = Node(node, color, point, node.number + 1)
        node.children.insert(0, child)
        return child

    def new_game(self) -> Game:
        """A Game before the first move."""
        game = Game(self.size, self.rules)
        if self.black or self.white or self.first != game.to_move:
            game.setup(self.black, self.white, self.first)
            game.handicap = self.handicap
        return game

    def game_at(self, node: Node) -> Game:
        """A Game with the moves up to ``node``, as they were played: no repetition is refused."""
        game = self.new_game()
        for step in node.path():
            game.replay(step.point, step.color)
        game.handicap = self.handicap_of(node)
        return game

    def handicap_of(self, node: Node) -> int:
        """The handicap on the line to ``node``: stones set up, or Black's first moves, once they are all played."""
        if self.black or self.white:
            return self.handicap
        stones = node.path()[: self.handicap]
        given = len(stones) == self.handicap and all(s.color == BLACK and s.point != PASS for s in stones)
        return self.handicap if given else 0

    def to_move_at(self, node: Node) -> int:
        """Whose turn it is after the move of ``node``."""
        return self.first if node.parent is None else opposite(node.color)

    def promote(self, node: Node) -> None:
        """Make the line through ``node`` the main line."""
        child = node
        while child.parent is not None:
            child.parent.children.remove(child)
            child.parent.children.insert(0, child)
            child = child.parent


def opposite(color: int) -> int:
    return WHITE if color == BLACK else BLACK
