"""The count after two passes: which stones are dead, and what the result is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from gogame.board import EMPTY
from gui.count import Count, count_of, same_region
from gui.pruning import Pruning
from gui.record import Node


class Scoring(Pruning):
    """The part of a :class:`gui.session.Session` that counts."""

    result: str  # as RE says it; empty: not finished
    dead: set[int]  # points of stones that the count takes off
    dead_known: bool  # the engine has answered, or somebody has clicked

    @property
    def count(self) -> Count | None:
        """The counted points, once the game has stopped with two passes."""
        return count_of(self.game, self.dead) if self._counted() else None

    def _counted(self) -> bool:
        if self.phase == "play" or self.reviewing or "+R" in self.result or not self._two_passes():
            return False
        return self.phase != "over" or self.dead_known  # else the result came with a file, which dead stones did not

    def accept(self) -> None:
        """The count is right: the game is over."""
        if not self.enabled("accept"):
            return
        self.phase, self.result, self.dead_known = "over", count_of(self.game, self.dead).result, True
        self.say("")
        self._changed()

    def _enter_scoring(self) -> None:
        self.phase, self.dead, self.dead_known = "scoring", set(), False
        self._advance()

    def _toggle_dead(self, point: int) -> None:
        if self.game.board.color[point] == EMPTY:
            return
        self.say("")
        stones = same_region(self.game, point)
        if point in self.dead:
            self.dead -= stones
        else:
            self.dead |= stones
        self.dead_known = True
        if self.busy_with == "score":
            self.question.drop()
            self._look_on()

    def _told_dead(self, dead: Iterable[int]) -> None:
        """The engine says which stones are dead; too late where somebody has clicked."""
        if self.phase == "scoring" and not self.dead_known:
            self.dead = {p for p in dead if self.game.board.color[p] != EMPTY}
            self.dead_known = True

    def _set_live(self, node: Node) -> None:
        super()._set_live(node)
        self.dead, self.dead_known = set(), False

    def _back_at_the_game(self) -> None:
        if self.phase == "scoring":
            self._advance()  # a hint elsewhere may have dropped the question about dead stones

    def _two_passes(self) -> bool:
        return self.game.passes >= 2

    @abstractmethod
    def _advance(self) -> None:
        """Ask what is due."""
