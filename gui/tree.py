"""Where the nodes of a game's tree are drawn: columns are moves, rows are lines of play. No pygame here.

0 ── 1 ┬─ 2 ── 3 ┬─ 4          a line goes on in its row; what else was played begins in a row below, and its
       ├─ 2      └─ 4 ── 5     branch runs down between the columns, where no node is and no other branch of
       └─ 2 ── 3               these two columns
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

from gui.annotations import MOVES, POSITIONS
from gui.markup import SHAPES, SIDES
from gui.record import Node

NEAR = 5  # rows down to a line that need no shorter way
TRIED = 40  # rows that are looked at for one
SAYING = frozenset(("N", "L", "LB", *SHAPES, *SIDES, *MOVES, *POSITIONS))  # kept properties that are seen at a position


@dataclass(eq=False)
class Column:
    """The nodes of one move number, from the top, and which rows they are in."""

    nodes: list[Node] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def add(self, node: Node, row: int) -> None:
        """A node in a row that is free."""
        i = bisect_left(self.rows, row)
        self.nodes.insert(i, node)
        self.rows.insert(i, row)

    def at(self, row: int) -> Node | None:
        """What is in a cell."""
        i = bisect_left(self.rows, row)
        return self.nodes[i] if i < len(self.rows) and self.rows[i] == row else None

    def within(self, top: int, bottom: int) -> Sequence[Node]:
        """What is in these rows."""
        return self.nodes[bisect_left(self.rows, top) : bisect_right(self.rows, bottom)]

    def last_above(self, row: int) -> Sequence[Node]:
        """The lowest one above a row, if there is any."""
        i = bisect_left(self.rows, row)
        return self.nodes[max(0, i - 1) : i]


@dataclass
class Tree:
    """The cells of a tree's nodes."""

    columns: list[Column] = field(default_factory=list)
    forks: list[Column] = field(default_factory=list)  # those of them from which branches run down
    row_of: dict[Node, int] = field(default_factory=dict)
    feet: dict[Node, int] = field(default_factory=dict)  # of each fork: the row down to which its branches run
    height: int = 0  # rows; 1 without a variation

    def branching(self, column: int, top: int, bottom: int) -> list[Node]:
        """The nodes of a column whose branches are in these rows, or may be."""
        forks = self.forks[column]
        return [*forks.last_above(top), *forks.within(top, bottom)]


def lay_out(root: Node) -> Tree:
    """Give every node a cell. The branches of a line are laid from its end to its beginning, each into the first row
    below all that is there from the position it leaves to its own end: so the later ones are nearer, a row is used
    again where it is free, and lines do not cross. Where that would be far below, as in files with a variation at every
    move, a line without branches of its own goes into the first row that has room for it, and is crossed by what runs
    down to others. Takes little more than as many steps as there are nodes."""
    tree = Tree()
    taken: list[int] = []  # of each column: the lowest row with something in it
    spans: list[list[tuple[int, int]]] = []  # of each row: the columns of its lines, (first, after the last)
    todo = [root]
    while todo:
        line = [todo.pop()]
        while line[-1].children:
            line.append(line[-1].children[0])
        left, right = max(0, line[0].number - 1), line[-1].number + 1
        for _ in range(len(taken), right):
            taken.append(-1)
            tree.columns.append(Column())
            tree.forks.append(Column())
        row = 1 + max(taken[left:right])
        parent = line[0].parent
        if parent is not None:
            above = tree.feet.get(parent, tree.row_of[parent])
            if row - above > NEAR and all(len(node.children) < 2 for node in line):
                nearer = range(above + 1, min(row, above + TRIED))
                row = next((r for r in nearer if _is_free(spans[r], left, right)), row)
            tree.feet[parent] = row
        for column in range(left, right):
            taken[column] = max(taken[column], row)
        if row == tree.height:
            tree.height += 1
            spans.append([])
        insort(spans[row], (left, right))
        for node in line:
            tree.row_of[node] = row
            tree.columns[node.number].add(node, row)
            if len(node.children) > 1:
                tree.forks[node.number].add(node, row)
                todo += node.children[:0:-1]
    return tree


def _is_free(spans: list[tuple[int, int]], left: int, right: int) -> bool:
    """None of the lines of a row is in these columns."""
    i = bisect_left(spans, (left, 0))
    return (i == 0 or spans[i - 1][1] <= left) and (i == len(spans) or spans[i][0] >= right)


def says_something(node: Node) -> bool:
    """A comment, a mark or an annotation is to be seen at a position."""
    return bool(node.comment.strip()) or not SAYING.isdisjoint(node.kept or ())
