"""The question that is open to the engine: one at a time, about one position.

A newer question drops the one before, and whatever still comes of a dropped one is ignored. What the search thinks
of the position is noted in its node here; what an answer does to the game is :mod:`gui.session`'s business.
"""

from __future__ import annotations

from typing import Any, Protocol

from gogame.game import Game
from gui.candidates import kept_of
from gui.engine_worker import position_of
from gui.record import Node

SENT_AS = {"analysis": "hint", "game": "hint"}  # the same to the engine


class Link(Protocol):
    """What the session, its question and the networks' view need of :class:`gui.engine_link.EngineLink`."""

    state: str
    detail: str
    name: str
    given_net: str

    def start(self) -> None: ...
    def usual_net(self, size: int) -> str: ...
    def ask(self, kind: str, *arguments: Any) -> int: ...
    def aside(self, kind: str, *arguments: Any) -> int: ...
    def cancel(self, question: int | None) -> None: ...
    def stop(self, question: int | None) -> None: ...
    def receive(self, message: tuple[Any, ...]) -> tuple[Any, ...] | None: ...
    def retry(self) -> None: ...


class Question:
    """The open question, or none. It outlives its questions: a session has one."""

    def __init__(self, link: Link):
        self._link = link
        self.kind = ""  # "move", "hint", "estimate", "score", "analysis" or "game"; empty while no question is open
        self.begun = False  # the search for a move with a clock has begun
        self.noted = False  # a node has other numbers than when the game was saved
        self.visits = 0  # of the search so far
        self._number: int | None = None  # the link's
        self._about: Node | None = None
        self._foreign = False  # a chosen opponent answers, which sees things otherwise than the usual network

    def ask(self, kind: str, about: Node, game: Game, *limits: Any) -> None:
        """Ask about the position of a node, reached by ``game``. Nothing is open afterwards if the engine cannot
        be asked: the link's state is "error" then."""
        self.drop()
        self._about, self.visits, self.begun = about, 0, False
        self._foreign = kind == "move" and any(isinstance(limit, str) and limit for limit in limits)
        number = self._link.ask(SENT_AS.get(kind, kind), position_of(game), *limits)
        if self._link.state != "error":
            self._number, self.kind = number, kind

    def drop(self) -> None:
        """The answer is not wanted any more."""
        self._link.cancel(self._number)
        self._close()

    def stop(self) -> None:
        """End the search early; its answer so far is still wanted."""
        self._link.stop(self._number)

    def receive(self, posted: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Take a message of the engine; every answer but "began" and "info" closes the question. Returns the answers
        to the open question, without its number and by the kind that was asked, and "error" and "down" as they come;
        None for the rest."""
        message = self._link.receive(posted)
        if message is None:
            return None
        kind = message[0]
        if kind in ("error", "down"):
            self._close()
            return message
        if kind not in ("began", "info", "move", "hint", "estimate", "score") or message[1] != self._number:
            return None
        if kind == "began":
            self.begun = True
            return (kind,)
        if kind == "info":
            self._note(*message[2:6])
            return (kind, *message[2:])
        asked = self.kind
        self._close()
        return (asked, *message[2:])

    def _note(self, winrate: float, score: float, visits: int, told: tuple[tuple[Any, ...], ...]) -> None:
        self.visits = visits
        node = self._about
        if node is not None and told and visits >= node.searched and not self._foreign:
            node.candidates, node.searched = kept_of(told), visits
        if self._foreign:
            visits = 0  # whatever the usual network finds takes its place
        if node is not None and visits >= node.visits:
            self.noted = self.noted or (node.winrate, node.score, node.visits) != (winrate, score, visits)
            node.winrate, node.score, node.visits = winrate, score, visits

    def _close(self) -> None:
        self._number, self.kind = None, ""
