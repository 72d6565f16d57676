"""What a player is: the protocol between a game's host (GTP, the board window, a match) and whoever finds the moves.

A host knows no search. It keeps the game and the clock, and asks; a player answers with points of the padded board
(see :mod:`gogame.geometry`), :data:`~gogame.geometry.PASS` or :data:`RESIGN`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np

    from gogame.game import Game

RESIGN = -1  # a move of genmove that is no point
MAX_WIDE = 5.0  # of a wide root, as KataGo has it
DEFAULT_VISITS = 400  # of a move, where neither visits nor seconds nor a clock limit it

TimeSystem = Literal["none", "absolute", "byoyomi", "canadian", "fischer"]


class PlayerError(ValueError):
    """The player cannot do what was asked; the text says why in one line."""


@dataclass(frozen=True)
class TimeSettings:
    """The time control of a game, the same for both colours."""

    system: TimeSystem = "none"
    main: float = 0.0  # seconds
    period: float = 0.0  # seconds of a byo-yomi or Canadian period; Fischer: seconds gained with each move
    count: int = 0  # byo-yomi: periods; Canadian: stones of a period

    def start(self) -> Clock:
        """The clock before the first move."""
        if self.main <= 0 and self.system in ("byoyomi", "canadian"):
            return Clock(self, self.period, self.count)
        if self.system == "fischer":
            return Clock(self, self.gained(self.main))
        return Clock(self, self.main)

    def gained(self, seconds: float) -> float:
        """Fischer: what a clock that shows ``seconds`` shows once a move is made."""
        return seconds + self.period

    @property
    def most(self) -> float:
        """Seconds that a move may take, whatever the clock shows."""
        return math.inf


@dataclass(frozen=True)
class CappedFischer(TimeSettings):
    """KataGo's ``fischer-capped``: a clock that never shows more than ``main_limit`` seconds after a move, and moves
    that never take more than ``move_limit``. The system is "fischer"."""

    main_limit: float = math.inf
    move_limit: float = math.inf

    def gained(self, seconds: float) -> float:
        return min(super().gained(seconds), self.main_limit)

    @property
    def most(self) -> float:
        return self.move_limit


@dataclass(frozen=True)
class Clock:
    """One colour's clock at the moment when it is asked for a move."""

    settings: TimeSettings
    seconds: float  # left of the main time, or of the period under way
    count: int = 0  # in overtime: periods or stones left, this one included; 0: still in main time

    def spent(self, elapsed: float) -> Clock | None:
        """The clock in the middle of a move, ``elapsed`` seconds on; None if the time ran out."""
        settings = self.settings
        if settings.system == "none":
            return self
        count, left = self.count, self.seconds - elapsed
        if left >= 0:
            return replace(self, seconds=left)
        if settings.system in ("absolute", "fischer"):
            return None
        if not count:  # the main time ran out during this move
            count, left = settings.count, left + settings.period
        while settings.system == "byoyomi" and left < 0 and count > 1:
            count, left = count - 1, left + settings.period
        return Clock(settings, left, count) if left >= 0 and count > 0 else None

    def after(self, elapsed: float) -> Clock | None:
        """The clock after a move that took ``elapsed`` seconds; None if the time ran out."""
        clock = self.spent(elapsed)
        if clock is None or clock.settings.system in ("none", "absolute"):
            return clock
        if clock.settings.system == "fischer":
            return replace(clock, seconds=clock.settings.gained(clock.seconds))
        if not clock.count:
            return clock
        if clock.settings.system == "canadian":
            return replace(clock, count=clock.count - 1) if clock.count > 1 else self._new_period()
        return replace(clock, seconds=clock.settings.period)

    def _new_period(self) -> Clock:
        return Clock(self.settings, self.settings.period, self.settings.count)


class Candidate(Protocol):
    """One move that a search considers, from the view of the side to move."""

    @property
    def point(self) -> int: ...
    @property
    def visits(self) -> int: ...
    @property
    def winrate(self) -> float: ...  # 0..1
    @property
    def score_lead(self) -> float: ...  # points
    @property
    def prior(self) -> float: ...  # 0..1
    @property
    def lcb(self) -> float: ...  # lower confidence bound of the winrate
    @property
    def utility(self) -> float: ...
    @property
    def utility_bound(self) -> float: ...  # lower confidence bound of the utility
    @property
    def pv(self) -> Sequence[int]: ...  # principal variation in points, this move first
    @property
    def pv_visits(self) -> Sequence[int]: ...  # ... and the visits of each
    @property
    def order(self) -> int: ...  # 0 is the best


class Analysis(Protocol):
    """What a search found about a position, from the view of the side to move."""

    @property
    def visits(self) -> int: ...
    @property
    def winrate(self) -> float: ...
    @property
    def lcb(self) -> float: ...  # lower confidence bound of the winrate
    @property
    def score_lead(self) -> float: ...
    @property
    def utility(self) -> float: ...  # value in [-1, 1], plus what the score lead is worth beside it
    @property
    def ownership(self) -> np.ndarray: ...  # float32 [S*S] in [-1, 1], by action
    @property
    def moves(self) -> Sequence[Candidate]: ...  # best first
    @property
    def to_move(self) -> int: ...


@dataclass(frozen=True)
class RawAnswer:
    """What a network alone says of a position, from the view of the side to move."""

    win: float  # probabilities, 0..1
    loss: float
    no_result: float
    score_lead: float  # points
    score_spread: float  # standard deviation of the final score, points
    policy: np.ndarray  # float64 [S*S+1] by action, the pass last; NaN where a move is illegal, 1 in sum
    ownership: np.ndarray  # float32 [S*S] in [-1, 1], by action
    to_move: int

    @property
    def winrate(self) -> float:
        """0..1; a game without a result is half a win."""
        return self.win + 0.5 * self.no_result


OnInfo = Callable[[Analysis], None]


@dataclass(frozen=True)
class StoneStatus:
    """The stones of a finished game, as points."""

    alive: frozenset[int]
    seki: frozenset[int]
    dead: frozenset[int]


class Player(Protocol):
    """Finds moves. Methods that take a game read it and never change it.

    One call at a time: no method but :meth:`stop` may be called while another runs. ``stop`` events end a call
    within 50 ms, with the best answer found so far.
    """

    name: str  # what it calls itself
    sizes: range  # the board sizes that it plays
    visits: int | None  # limit of a move; None with no seconds and no clock: DEFAULT_VISITS
    seconds: float | None  # limit of a move
    resign: bool  # whether it may give a game up
    wide_root: float  # how much more widely than for a move an analysis looks: KataGo's wideRootNoise, 0: not at all

    @property
    def version(self) -> str:
        """Of the program."""
        ...

    def models(self, size: int | None = None) -> list[dict[str, object]]:
        """The network for a board size (None: the one it is at), as KataGo's ``kata-get-models`` describes its own."""
        ...

    def warm_up(self, size: int) -> None:
        """Gets ready for boards of this size, so that no later call has to compile anything."""
        ...

    def genmove(
        self,
        game: Game,
        clock: Clock | None = None,
        *,
        stop: threading.Event | None = None,
        on_info: OnInfo | None = None,
        interval: float = 1.0,
        cleanup: bool = False,
        avoid: Collection[int] = (),
        allow: Collection[int] | None = None,
    ) -> int:
        """The move for ``game.to_move``. ``on_info`` hears of the search every ``interval`` seconds and at its end;
        ``cleanup``: dead opponent's stones are to be captured before it passes. ``avoid`` and ``allow`` restrict the
        move, unless they leave none."""
        ...

    def analyse(
        self,
        game: Game,
        on_info: OnInfo,
        stop: threading.Event,
        *,
        interval: float = 1.0,
        visits: int | None = None,
        avoid: Collection[int] = (),
        allow: Collection[int] | None = None,
    ) -> None:
        """Searches until ``stop`` is set (or ``visits`` are reached) and reports every ``interval`` seconds.

        ``avoid`` and ``allow`` restrict the first move."""
        ...

    def raw(self, game: Game, symmetry: int = 0) -> RawAnswer:
        """What its network says before any search, of the board turned by one of the symmetries 0 to 7."""
        ...

    def ownerships_after(self, game: Game, points: Sequence[int]) -> Sequence[np.ndarray]:
        """After each of these moves of the side to move, as that side sees it: float32 [S*S] by action, as its network
        says before any search. The one method, beside :meth:`stop`, that ``on_info`` may call."""
        ...

    def ownership(self, game: Game) -> np.ndarray:
        """float32 [S*S] by action: who will own each point, 1 Black .. -1 White."""
        ...

    def stone_status(self, game: Game) -> StoneStatus:
        """Which stones are alive, in seki or dead, if the game ends here."""
        ...

    def dead_stones(self, game: Game) -> set[int]:
        """The dead stones alone."""
        ...

    def ponder(self, game: Game) -> None:
        """Thinks about ``game`` in the background until any other method is called."""
        ...

    def stop(self) -> None:
        """Ends pondering, or a call that runs in another thread. Returns within 50 ms."""
        ...

    def clear(self) -> None:
        """Forgets everything that it found out about positions."""
        ...
