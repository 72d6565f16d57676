"""A result that is taken back, and restored."""

from __future__ import annotations

from dataclasses import dataclass

from gogame.player import Clock
from gui.record import Node
from gui.timed import Timed


@dataclass(frozen=True)
class Ending:
    """How a game had ended."""

    node: Node  # the position in which it did
    result: str  # as RE says it
    dead: frozenset[int]
    dead_known: bool
    clocks: dict[int, Clock]


class Endings(Timed):
    """The part of a :class:`gui.session.Session` that takes results back."""

    _taken: Ending | None  # the result that was taken back last

    @property
    def restorable(self) -> Ending | None:
        """The result that Redo restores: it was taken back, and nothing was played since."""
        taken = self._taken
        return taken if taken is not None and self.phase != "over" and self.live is taken.node else None

    @property
    def kept_result(self) -> str:
        """What a file says of the game: its result, also one that Redo restores."""
        return self.restorable.result if self.restorable is not None else self.result

    def may_end(self) -> bool:
        """The other side has passed, and a person is to move: another pass ends the game."""
        return self.phase == "play" and self.game.passes == 1 and not self.engine_turn()

    def _take_result_back(self) -> None:
        """A resignation, an accepted count or a loss on time: the moves stay, and the turn begins anew."""
        self._taken = Ending(self.live, self.result, frozenset(self.dead), self.dead_known, self.clocks.both())
        self.result = ""
        self._take_clocks()
        self.phase = "scoring" if self._two_passes() else "play"
        self.paused = self.engine_turn()
        self.go_to(self.live)
        self._clear_looks()  # also where that is shown already: they would cover the count
        self.say(f"The result {self._taken.result} is taken back: Ctrl+Y restores it")
        self._changed()
        self._advance()

    def _result_restored(self) -> bool:
        """The game is over again, as it was. False where nothing was to be restored."""
        ending = self.restorable
        if ending is None:
            return False
        self.question.drop()
        self.go_to(self.live)
        self.phase, self.result, self._taken = "over", ending.result, None
        self.dead, self.dead_known = set(ending.dead), ending.dead_known
        self.clocks.set(ending.clocks)
        self.say("")
        self._changed()
        self._look_on()
        return True

    def _is_played(self, node: Node) -> None:
        super()._is_played(node)
        taken = self._taken
        if taken is not None and node is not taken.node and taken.node in (self.record.root, *node.path()):
            self._taken = None  # the game went on

    def _forget_tries(self) -> None:
        super()._forget_tries()
        self._taken = None
