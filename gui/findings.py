"""What the engine has found of the position shown, and of the one before: asked for now, or kept from before.

Candidates are kept in the positions' nodes, of whatever search was the longest there. They are shown again where a
game is looked back at, and where the analysis is on; never in a running game that nobody asks about.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from gogame.coords import to_gtp
from gogame.game import Game
from gui.candidates import Candidate
from gui.mistakes import Loss, is_mistake, is_small, loss_beside, loss_of
from gui.question import Question
from gui.record import Node, Record
from gui.store import Settings


class Findings(ABC):
    """The part of a :class:`gui.session.Session` that knows what is to be seen of them."""

    settings: Settings
    record: Record
    question: Question
    shown: Node
    phase: str  # "play", "scoring" or "over"
    analysing: bool
    ownership: tuple[float, ...]  # [S*S] by row: 1 Black's .. -1 White's; empty: not shown
    recalling: bool  # what was found before is shown again, until candidates are hidden
    networks_shown: bool  # the networks' view is open, which earlier candidates would cover
    pointed_at: int | None  # the point of the candidate whose variation is wanted
    pointed_back: bool  # instead that of what would have been better than the move shown
    telling: bool  # the line under the board is about that, as nothing was said since
    _asked_for: tuple[Candidate, ...]  # of the search that was asked for here
    _searched: bool  # the analysis of the position shown has come to its end

    @property
    @abstractmethod
    def reviewing(self) -> bool:
        """A past position, or one off the game, is shown."""

    @property
    @abstractmethod
    def estimates_hidden(self) -> bool:
        """The engine's view is not told in this game."""

    @property
    @abstractmethod
    def shown_game(self) -> Game:
        """The game up to the position shown."""

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The best moves here, as far as they are to be seen."""
        return self._asked_for or (self.shown.candidates if self._recalls() else ())

    @candidates.setter
    def candidates(self, found: tuple[Candidate, ...]) -> None:
        self._asked_for = found

    @property
    def recalled(self) -> bool:
        """The candidates to be seen are those of an earlier search, which nobody asks for now."""
        return not self._asked_for and not self.analysing and bool(self.candidates)

    @property
    def better(self) -> Candidate | None:
        """What would have been better than the move shown, where the game is looked back at."""
        if not (self.reviewing or self.phase == "over") or self.estimates_hidden or self._covered():
            return None
        return better_than(self.shown)

    @property
    def preview(self) -> Candidate | None:
        """The candidate whose variation is shown: the one at the point that is pointed at, in the order of now."""
        if self.pointed_back:
            return self.better
        return next((c for c in self.candidates if c.point == self.pointed_at), None)

    def preview_game(self) -> Game:
        """A game that its variation can be played in."""
        if self.pointed_back and self.shown.parent is not None:
            return self.record.game_at(self.shown.parent)
        return self.shown_game.copy()

    def point_to(self, row: int | None, point: int | None) -> None:
        """The mouse or the cursor is at a row of the list, told by its point, or at a point of the board."""
        before = self.pointed_at, self.pointed_back
        self.pointed_back = row is None and self._is_better(point)
        self.pointed_at = row
        if row is None and not self.pointed_back and any(c.point == point for c in self.candidates):
            self.pointed_at = point
        self.telling = self.telling or before != (self.pointed_at, self.pointed_back)

    def _is_better(self, point: int | None) -> bool:
        """Whether a point of the board stands for what would have been better, and not for a move played next."""
        better = self.better
        return better is not None and better.point == point and all(c.point != point for c in self.shown.children)

    def _recalls(self) -> bool:
        if not self.recalling or self.networks_shown or self.estimates_hidden or self._covered():
            return False
        if not self.reviewing:
            return self.phase == "over" or (self.analysing and self.phase == "play" and self.question.kind != "move")
        playing = self.phase == "play" and "engine" in (self.settings.black, self.settings.white)
        return self.analysing or not playing

    def _covered(self) -> bool:
        """Something else is to be seen on the board."""
        return bool(self.ownership) or self.question.kind == "estimate" or self._counted()

    @abstractmethod
    def _counted(self) -> bool:
        """The board shows the count."""

    def _clear_looks(self) -> None:
        self._asked_for, self.ownership, self._searched = (), (), False
        self.pointed_at, self.pointed_back, self.telling = None, False, True


def losses_beside(candidates: Sequence[Candidate], color: int) -> tuple[Loss, ...]:
    """What each loses against the first."""
    return tuple(loss_beside(candidates[0], c, color) for c in candidates)


def better_than(node: Node) -> Candidate | None:
    """What the engine would have played in place of a node's move, where that has lost more than a little."""
    before, loss = node.parent, loss_of(node)
    if before is None or loss is None or is_small(loss) or not before.candidates:
        return None
    best = before.candidates[0]
    return None if best.point == node.point or before.color == node.color else best


def unexplained(line: list[Node]) -> list[Node]:
    """Positions before mistakes whose estimates came from a file, so that nothing is known of what was better."""
    return [node for node, then in zip(line, line[1:], strict=False) if is_mistake(then) and not node.candidates]


def better_text(node: Node, size: int) -> str:
    """ ". Better: G7", or nothing."""
    better = better_than(node)
    return f". Better: {to_gtp(better.point, size)}" if better is not None else ""
