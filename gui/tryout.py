"""Trying out moves while another position than the game's is looked at: they become variations, and the game waits."""

from __future__ import annotations

from abc import abstractmethod

from gogame.coords import to_gtp
from gogame.game import Game
from gogame.geometry import PASS
from gui.mistakes import move_text
from gui.record import Node
from gui.review import Review


class Tryout(Review):
    """The part of a :class:`gui.session.Session` that plays beside the game."""

    sounds: list[str]
    _tried: list[Node]  # moves that were only tried out, in the order in which they were added
    _removed: list[Node]  # those of them that were removed again, with what was written at them

    def is_tried(self, node: Node) -> bool:
        """The move of a node was only tried out, since the game was opened."""
        return node in self._tried

    def _try_out(self, point: int) -> None:
        """Play a move in the position shown, beside what followed there, and show it; or go to what followed."""
        game, node = self.shown_game, self.shown
        color = game.to_move
        there = [child for child in node.children if child.point == point]
        if there:  # as a file has it, whatever the rules say and whosever turn it is
            child = next((child for child in there if child.color == color), there[0])
            taken = game.captures(child.color)
            self.go_to(child)
            self.sounds.append(stone_sound(self.shown_game, child.color, taken))
            return
        reason = game.why_illegal(point)
        if reason:
            self.say(f"{to_gtp(point, self.size)} is not possible: {reason}", "warn")
            return
        again = next(
            (c for c in reversed(self._removed) if c.parent is node and (c.color, c.point) == (color, point)), None
        )
        self._add_try(again or Node(node, color, point, node.number + 1))

    @abstractmethod
    def click(self, point: int) -> None:
        """A point of the board was clicked."""

    def choose(self, point: int, listed: bool) -> None:
        """A candidate's row was clicked, or a point: where it would have been better than the move shown, it is tried
        out in place of that."""
        before = self.shown.parent
        if point == PASS:
            self.say("P passes" if self.enabled("pass") else "That is a pass")
        elif listed or before is None or not self._is_better(point):
            self.click(point)
        else:
            self.go_to(before)
            self._try_out(point)

    def _add_try(self, child: Node) -> None:
        """Show a move that its position does not have yet."""
        if child.parent is None:
            return
        if child in self._removed:
            self._removed.remove(child)
        self._put_back(child)
        taken = self.shown_game.captures(child.color)
        self.go_to(child)
        self.sounds.append(stone_sound(self.shown_game, child.color, taken))
        self._changed()

    def _put_back(self, child: Node) -> None:
        """Give a move to its position."""
        if child.parent is not None:
            child.parent.children.append(child)  # the first one is what was played
            self._tried.append(child)

    def _remove(self, node: Node) -> None:
        """Take the move shown, and what follows it, out of the tree, and show the position before it."""
        if node.parent is None:
            return
        if self.walk is not None and node in self.walk.line:
            if self.busy_with == "game":
                self.question.drop()
            self._end_walk()
        node.parent.children.remove(node)
        self._removed.append(node)
        self.go_to(node.parent)

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
        self._remove(node)
        self.say(f"{move_text(node, self.size)} is removed. Ctrl+Y brings it back")
        self._changed()
        return True

    def _try_to_redo(self) -> Node | None:
        """What was removed last at the position shown, and has not been played there since. None where the game itself
        goes forward from here."""
        if self._game_goes_forward():
            return None
        there = {(child.color, child.point) for child in self.shown.children}
        here = [n for n in self._removed if n.parent is self.shown and (n.color, n.point) not in there]
        return here[-1] if here else None

    def _game_goes_forward(self) -> bool:
        """Redo plays moves of the game again."""
        return not self.reviewing and self._can_go_forward_again()

    def _brought_back(self) -> bool:
        """Bring back what was removed last here. False where nothing was."""
        node = self._try_to_redo()
        if node is not None:
            self._add_try(node)
        return node is not None

    @abstractmethod
    def _can_go_forward_again(self) -> bool:
        """Moves of the game were taken back, and can be played again."""

    def _forget_tries(self) -> None:
        """Another game is looked at."""
        self._tried, self._removed = [], []

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
