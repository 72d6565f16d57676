"""Removing a variation, a move off the game with all that follows it, and bringing it back."""

from __future__ import annotations

from abc import abstractmethod

from gui.mistakes import move_text
from gui.record import Node
from gui.tryout import Tryout


class Pruning(Tryout):
    """The part of a :class:`gui.session.Session` that removes variations."""

    _cuts: dict[Node, tuple[int, list[Node]]]  # of those in _removed that had what follows: their place, tries in them
    _cut_at: Node | None  # the position that is shown since a variation was removed there: Redo brings it back first

    def remove_variation(self) -> None:
        """Remove the move shown and all that follows it, unless it belongs to the game."""
        node = self.shown
        if node.parent is None or node in self.live.path():
            self.say("The moves of the game itself stay. Undo takes them back", "warn")
            return
        if node in self._forward_again():
            self.say("This move was taken back, and Redo plays it again: it stays until another one is played", "warn")
            return
        nodes = below(node)
        tried = [one for one in self._tried if one in nodes]
        self._tried = [one for one in self._tried if one not in nodes]
        self._cuts[node] = (node.parent.children.index(node), tried)
        self._remove(node)
        self._cut_at = node.parent
        more = len(nodes) - 1
        what = f" and {more} more move{'s' * (more > 1)} are" if more else " is"
        self.say(f"{move_text(node, self.size)}{what} removed. Ctrl+Y brings {'them' if more else 'it'} back")
        self._changed()

    def _put_back(self, child: Node) -> None:
        if child not in self._cuts or child.parent is None:
            super()._put_back(child)
            return
        place, tried = self._cuts.pop(child)
        children = child.parent.children
        played = bool(children) and children[0] in self.live.path()  # since then, too: it stays the main line
        children.insert(max(place, int(played)), child)
        self._tried += tried

    def _game_goes_forward(self) -> bool:
        return super()._game_goes_forward() and self._cut_at is not self.shown

    def go_to(self, node: Node) -> None:
        if node is not self.shown:
            self._cut_at = None
        super().go_to(node)

    def _set_live(self, node: Node) -> None:
        self._cut_at = None
        super()._set_live(node)

    def _forget_tries(self) -> None:
        super()._forget_tries()
        self._cuts = {}

    @abstractmethod
    def _forward_again(self) -> list[Node]:
        """The moves of the game that were taken back, and can be played again."""


def below(node: Node) -> set[Node]:
    """A node and all that follow it."""
    found, todo = {node}, [node]
    while todo:
        children = todo.pop().children
        found.update(children)
        todo += children
    return found
