"""Looking at a game: which position is shown, and what the engine says of it. Nothing here changes the game.

``live`` is the position that is being played, ``shown`` the one that is looked at.
"""

from __future__ import annotations

from typing import Any

from gogame.game import Game
from gui.board_view import Candidate
from gui.question import Link, Question
from gui.record import Node, Record
from gui.store import Settings

LOOKS = ("hint", "estimate")  # questions about the position shown


class Review:
    """The half of a :class:`gui.session.Session` that looks and asks; that one plays."""

    def __init__(self, link: Link, settings: Settings):
        self.link = link
        self.settings = settings
        self.question = Question(link)

    def _open(self, record: Record, live: Node) -> None:
        """Another game is looked at."""
        self.question.drop()
        self.record = record
        self._set_live(live)

    def _set_live(self, node: Node) -> None:
        """Another position is played on, and shown."""
        self.live = self.shown = node
        self.game: Game = self.record.game_at(node)
        self._shown_game = self.game
        self._clear_looks()
        self.say("")

    # -- what is to be seen ----------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        return self.record.size

    @property
    def reviewing(self) -> bool:
        """A past position, or one off the game, is shown."""
        return self.shown is not self.live

    @property
    def shown_game(self) -> Game:
        return self._shown_game

    @property
    def thinking(self) -> bool:
        return self.question.kind != ""

    @property
    def busy_with(self) -> str:
        """The kind of the open question: "move", "hint", "estimate" or "score"; empty without one."""
        return self.question.kind

    @property
    def preview(self) -> Candidate | None:
        """The candidate whose variation is shown: the one at the point that is pointed at, in the order of now."""
        return next((c for c in self.candidates if c.point == self.pointed_at), None)

    def enabled(self, action: str) -> bool:
        """Whether a button or menu line does anything now."""
        raise NotImplementedError

    def say(self, text: str, kind: str = "info") -> None:
        """Put a line into the status line until the next action."""
        self.message: tuple[str, str] = (text, kind)

    # -- another position ------------------------------------------------------------------------------------

    def go(self, steps: int) -> None:
        """Look ``steps`` moves on along the line shown, or back, as far as it goes."""
        self.go_number(self.shown.number + steps)

    def go_number(self, number: int) -> None:
        """Look at a move number of the line shown."""
        line = self.line()
        self.go_to(line[max(0, min(number, len(line) - 1))])

    def go_to(self, node: Node) -> None:
        """Look at a position. The game itself is not touched."""
        if node is self.shown:
            return
        if self.busy_with in LOOKS:
            self.question.drop()
        self.shown = node
        self._shown_game = self.game if node is self.live else self.record.game_at(node)
        self._clear_looks()
        self.say("")
        if not self.reviewing:
            self._back_at_the_game()

    def _back_at_the_game(self) -> None:
        """The position that is being played is looked at again."""

    def line(self) -> list[Node]:
        """The nodes of the line shown: through the live position as long as that is on it."""
        path = self.live.path()
        if self.shown in path or self.shown is self.record.root:
            return [self.record.root, *path, *self.live.line()[len(path) :]]
        return [self.record.root, *self.shown.line()]

    def siblings(self) -> list[Node]:
        """What was played in place of the move shown, itself included, in the order of the tree."""
        return self.shown.parent.children if self.shown.parent is not None else [self.shown]

    def variation(self, step: int) -> None:
        """Look at the next move that was played in place of the one shown, or the one before."""
        siblings = self.siblings()
        self.go_to(siblings[(siblings.index(self.shown) + step) % len(siblings)])

    # -- the engine's view of it -----------------------------------------------------------------------------

    def hint(self) -> None:
        """Show the engine's candidates for the position shown; a second time hides them."""
        if not self.enabled("hint"):
            return
        self.say("")
        if self.busy_with == "hint":
            self.question.stop()
        elif self.candidates:
            self._clear_looks()
        else:
            self._clear_looks()
            self._ask("hint", self.settings.visits, self.settings.seconds)

    def estimate(self) -> None:
        """Show who will own which point, as the engine sees it; a second time hides it."""
        if not self.enabled("estimate"):
            return
        self.say("")
        asked = self.busy_with == "estimate"
        if asked:
            self.question.drop()
        hide = asked or bool(self.ownership)
        self._clear_looks()
        if not hide:
            self._ask("estimate")

    def _ask(self, kind: str, *limits: Any) -> None:
        node, game = (self.shown, self._shown_game) if kind in LOOKS else (self.live, self.game)
        self.question.ask(kind, node, game, *limits)
        if self.link.state == "error":
            self.say(f"The engine: {self.link.detail}", "error")

    def _clear_looks(self) -> None:
        self.candidates: tuple[Candidate, ...] = ()
        self.pointed_at: int | None = None  # the point of the candidate whose variation is wanted
        self.ownership: tuple[float, ...] = ()  # [S*S] by row: 1 Black's .. -1 White's; empty: not shown
