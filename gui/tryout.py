"""Trying out moves while another position than the game's is looked at: they become variations, and the game waits."""

from __future__ import annotations

from gogame.coords import to_gtp
from gogame.game import Game
from gui.record import Node
from gui.review import Review


class Tryout(Review):
    """The part of a :class:`gui.session.Session` that plays beside the game."""

    sounds: list[str]
    _tried: list[Node]  # moves that were only tried out, in the order in which they were added

    def is_tried(self, node: Node) -> bool:
        """The move of a node was only tried out, since the game was opened."""
        return node in self._tried

    def _try_out(self, point: int) -> None:
        """Play a move in the position shown, beside what followed there, and show it."""
        game, node = self.shown_game, self.shown
        reason = game.why_illegal(point)
        if reason:
            self.say(f"{to_gtp(point, self.size)} is not possible: {reason}", "warn")
            return
        color, taken = game.to_move, game.captures(game.to_move)
        child = next((c for c in node.children if (c.color, c.point) == (color, point)), None)
        new = child is None
        if child is None:
            child = Node(node, color, point, node.number + 1)
            node.children.append(child)  # the first one is what was played
            self._tried.append(child)
        self.go_to(child)
        self.sounds.append(stone_sound(self.shown_game, color, taken))
        if new:
            self._changed()

    def _taken_out(self) -> bool:
        """Remove the move shown, if it was only tried out. False where it was not, and nothing has been said or
        done."""
        node = self.shown
        if not self.is_tried(node) or node.parent is None:
            return False
        if node.children:
            self.say("Other moves follow this one: → goes to the last of them, which Ctrl+Z removes first", "warn")
            return True
        self._tried.remove(node)
        if self.walk is not None and node in self.walk.line:
            if self.busy_with == "game":
                self.question.drop()
            self._end_walk()
        node.parent.children.remove(node)
        self.go_to(node.parent)
        self._changed()
        return True

    def _set_live(self, node: Node) -> None:
        super()._set_live(node)
        self._is_played(node)

    def _is_played(self, node: Node) -> None:
        """The moves to a node belong to the game: they are no tries any more."""
        if self._tried:
            path = node.path()
            self._tried = [tried for tried in self._tried if tried not in path]


def stone_sound(game: Game, color: int, taken: int) -> str:
    """The sound of the last move of ``game``, before which ``color`` had taken so many stones."""
    return "capture" if game.captures(color) > taken else "stone"
