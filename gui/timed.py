"""Whose turn it is, and the game's clocks: when which one runs, and what happens when a time is up.

A clock runs as long as its side is to move and can: not while the engine loads or compiles, nor in a game that is
paused, counted or over, nor while the window holds it. :meth:`Timed.tick` lets the clocks follow the game, so that
nothing else has to start or stop them; a move presses the clock.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import astuple

from gogame.board import BLACK
from gogame.player import Clock
from gui.clock_sgf import left_at
from gui.clocks import GRACE, Clocks, clock_text, fresh, overtime_text
from gui.question import Link
from gui.record import LETTERS, Node, opposite
from gui.scoring import Scoring
from gui.store import Settings


class Timed(Scoring):
    """The part of a :class:`gui.session.Session` that has the clocks."""

    paused: bool
    held = False  # by the window: a dialog is open

    def __init__(self, link: Link, settings: Settings, now: Callable[[], float]):
        super().__init__(link, settings)
        self.clocks = Clocks(now)
        self._shown_clocks: tuple[str, ...] = ()

    def player(self, color: int) -> str:
        """ "human" or "engine"."""
        return self.settings.black if color == BLACK else self.settings.white

    def engine_turn(self) -> bool:
        """The engine is to move in the live position."""
        return self.phase == "play" and self.player(self.game.to_move) == "engine"

    # -- what is to be seen ----------------------------------------------------------------------------------

    def clock_of(self, color: int) -> Clock | None:
        """What the clock of a side shows; None without one. Of a game that is over, what it was at the position
        shown."""
        if not self.clocks.there:
            return None
        if self.phase == "over" and self.reviewing:
            return left_at(self.shown, self._fresh()).get(color)
        return self.clocks.left(color)

    @property
    def patience(self) -> float:
        """Seconds until a clock shows something else."""
        return self.clocks.patience()

    # -- the clocks follow the game --------------------------------------------------------------------------

    def tick(self) -> bool:
        """Let the clock run whose turn it is, or none; a side whose time is up loses. To be called after everything
        that has happened, and when :attr:`patience` is over. Returns whether there is something else to be seen."""
        self.clocks.run(self._whose_clock())
        up = self._time_is_up()
        clocks = self.clocks.both().values()
        shown = tuple(clock_text(c) + overtime_text(c) for c in clocks) + (f"{self.clocks.running}",)
        before, self._shown_clocks = self._shown_clocks, shown
        return up or shown != before

    def pause(self) -> None:
        """Stop the clock, and the engine if it is its turn, or let them go on."""
        if not self.enabled("pause"):
            return
        if not self.engine_turn():
            self.paused = not self.paused
            self.say("")
        elif self.busy_with == "move":
            self.stop()
        else:
            self.engine_move()

    @abstractmethod
    def stop(self) -> None:
        """End the engine's searches."""

    @abstractmethod
    def engine_move(self) -> None:
        """The engine plays the move that is due."""

    def keep(self) -> None:
        """Save the game if the engine's view of a position has changed since it was saved, or a clock has run."""
        ran = self.phase == "play" and self.clocks.there and self.clocks.both() != left_at(self.live, self._fresh())
        if self.question.noted or ran:
            self._changed()

    def _whose_clock(self) -> int:
        """The side whose clock runs; 0: none does."""
        if not self.clocks.there or self.phase != "play" or self.paused or self.held:
            return 0
        if "engine" in (self.settings.black, self.settings.white) and self.link.state not in ("idle", "thinking"):
            return 0
        if self.busy_with == "move":
            return self.game.to_move if self.question.begun else 0
        return 0 if self.engine_turn() else self.game.to_move

    def _time_is_up(self, took: float = math.inf) -> bool:
        """The side to move loses if its time is up. ``took``: seconds that the engine says its move has taken."""
        grace = GRACE if self.engine_turn() and took == math.inf else 0.0
        if not self.clocks.is_up(took, grace):
            return False
        self._lose(self.clocks.running, "T")
        return True

    def _lose(self, color: int, how: str) -> None:
        """A side has resigned ("R") or its time is up ("T")."""
        self.clocks.run(0)
        self.question.drop()
        self.go_to(self.live)
        self.phase, self.result = "over", f"{LETTERS[opposite(color)]}+{how}"
        self.say("")
        self._changed()
        self._look_on()

    def _pressed(self, color: int, took: float) -> None:
        """A side has moved, and the live position is the one after it."""
        self.clocks.press(color, took)
        self.live.clocks = self.clocks.both()

    @property
    def by_clock(self) -> bool:
        """The engine deals out the time of its clock, with neither visits nor seconds as a limit."""
        return self.settings.by_clock and self.clocks.there

    def _clock_limit(self) -> tuple[tuple[object, ...], ...]:
        """What the engine is told of the clock of the side to move, if there is one; no limit lets it lose on time."""
        if not self.clocks.there:
            return ()
        clock = self.clocks.left(self.game.to_move)
        return ((*astuple(clock.settings), clock.seconds, clock.count),)

    def _take_clocks(self) -> None:
        """Both sides have left what they had in the live position."""
        self.clocks.set(left_at(self.live, self._fresh()) if self.record.time.system != "none" else {})

    def _fresh(self) -> dict[int, Clock]:
        return fresh(self.record.time)

    def _set_live(self, node: Node) -> None:
        super()._set_live(node)
        self._take_clocks()
