"""Clocks of a game: both sides', one of which runs; what a person may choose, and how it is written.

No pygame here, and no time of its own: a :class:`Clocks` is given its time source. What one clock does is
:class:`gogame.player.Clock`'s business.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from gogame.board import BLACK, WHITE
from gogame.player import Clock, TimeSettings

# system -> (its name, main minutes, seconds of a period, or gained with a move, periods or stones) at first
SYSTEMS: dict[str, tuple[str, float, float, int]] = {
    "none": ("None", 0.0, 0.0, 0),
    "absolute": ("Absolute", 10.0, 0.0, 0),
    "byoyomi": ("Byo-yomi", 10.0, 30.0, 5),
    "canadian": ("Canadian", 10.0, 180.0, 10),
    "fischer": ("Fischer", 5.0, 10.0, 0),
}
MOST_MINUTES, MOST_SECONDS, MOST_COUNT = 1000.0, 3600.0, 100
LEAST_MINUTES = 0.1  # of an absolute clock
ROUNDING = 1e-6  # seconds: what was subtracted from a full second may be this much too little
LOW = 10.0  # seconds: from here on tenths are shown
GRACE = 2.0  # seconds that the answer of an engine may be on its way: the window's lag is not the engine's time
WRITTEN = re.compile(r"(\d+(?:\.\d+)?)(?:\+(?:(\d+)([x/]))?(\d+(?:\.\d+)?))?")


def time_settings(system: str, minutes: float, seconds: float, count: int) -> TimeSettings:
    """A time control, of what its system has of these: main minutes, seconds of a period or gained with a move,
    periods or stones. Raises ValueError for what cannot be played with."""
    if system not in SYSTEMS:
        raise ValueError(f"there is no clock {system!r}")
    if system == "none":
        return TimeSettings()
    if not (LEAST_MINUTES if system == "absolute" else 0) <= minutes <= MOST_MINUTES:
        least = f"{LEAST_MINUTES:g}" if system == "absolute" else "0"
        raise ValueError(f"Main time is {least} to {MOST_MINUTES:g} minutes")
    if system == "absolute":
        return TimeSettings("absolute", 60 * minutes)
    if not 1 <= seconds <= MOST_SECONDS:
        what = "Each move gains" if system == "fischer" else "A period is"
        raise ValueError(f"{what} 1 to {MOST_SECONDS:g} seconds")
    if system == "fischer":
        return TimeSettings("fischer", 60 * minutes, seconds)
    if not 1 <= count <= MOST_COUNT:
        raise ValueError(f"There are 1 to {MOST_COUNT} {'periods' if system == 'byoyomi' else 'stones'}")
    return TimeSettings("byoyomi" if system == "byoyomi" else "canadian", 60 * minutes, seconds, count)


def parse_time(text: str) -> tuple[str, float, float, int]:
    """(system, minutes, seconds, count) of "none", "10" (minutes), "10+5x30" (byo-yomi), "10+15/300" (Canadian) or
    "5+10" (Fischer). Raises ValueError."""
    if text == "none":
        return "none", 0.0, 0.0, 0
    found = WRITTEN.fullmatch(text.replace(" ", ""))
    if found is None:
        raise ValueError(f"no clock is written {text!r}: none, 10 (minutes), 10+5x30, 10+15/300 or 5+10")
    minutes, count, sign, seconds = found.groups()
    system = {"x": "byoyomi", "/": "canadian"}.get(sign, "fischer" if seconds else "absolute")
    chosen = (system, float(minutes), float(seconds or 0), int(count or 0))
    time_settings(*chosen)
    return chosen


def clock_text(clock: Clock) -> str:
    """What it shows: minutes and seconds, hours too where there are any, below ten seconds tenths."""
    seconds = max(0.0, clock.seconds)
    if seconds < LOW:
        return f"{math.floor(10 * (seconds + ROUNDING)) / 10:.1f}"
    whole = math.floor(seconds + ROUNDING)
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def overtime_text(clock: Clock, short: bool = False) -> str:
    """The periods or stones that are left; empty in main time, and where there are none."""
    if not clock.count:
        return ""
    if clock.settings.system == "canadian":
        return f"/{clock.count}" if short else f"{clock.count} stone{'s' * (clock.count > 1)}"
    return f"({clock.count})" if short else f"{clock.count} period{'s' * (clock.count > 1)}"


def is_low(clock: Clock) -> bool:
    """The last seconds before the game is lost, or a period."""
    return clock.seconds < LOW and not (clock.settings.count and not clock.count)


def until_another_text(clock: Clock) -> float:
    """Seconds until a clock that runs shows something else."""
    return math.fmod(max(0.0, clock.seconds) + ROUNDING, 0.1 if clock.seconds < LOW else 1.0)


class Clocks:
    """The clocks of both sides, of which at most one runs. Without time settings there are none."""

    def __init__(self, now: Callable[[], float]):
        """``now``: seconds, from whenever on."""
        self._now = now
        self._left: dict[int, Clock] = {}  # at the time of _since
        self._since = 0.0
        self.running = 0  # BLACK, WHITE or 0

    @property
    def there(self) -> bool:
        return bool(self._left)

    def set(self, left: dict[int, Clock]) -> None:
        """Both sides have this left, and no clock runs; an empty one: there are no clocks."""
        self._left, self.running = dict(left), 0

    def run(self, color: int) -> None:
        """This side's clock runs from now on, the other's stands; 0: both stand."""
        if color != self.running:
            if self.running:
                self._left[self.running] = self.left(self.running)
            self.running, self._since = color if self._left else 0, self._now()

    def left(self, color: int) -> Clock:
        """What a side has left; nothing if its time is up."""
        clock = self._left[color]
        return clock.spent(self._spent(color)) or _empty(clock)

    def both(self) -> dict[int, Clock]:
        """What both sides have left; empty without clocks."""
        return {color: self.left(color) for color in self._left}

    def is_up(self, took: float = math.inf, grace: float = 0.0) -> bool:
        """The time of the side whose clock runs is up; ``took``: its move has used no more than these seconds.
        ``grace``: seconds too late."""
        if not self.running:
            return False
        return self._left[self.running].spent(max(0.0, min(took, self._spent(self.running)) - grace)) is None

    def press(self, color: int, took: float = math.inf) -> None:
        """A side has moved, in time: both clocks stand. ``took``: it used no more than these seconds for it."""
        if self._left:
            clock = self._left[color]
            self._left[color] = clock.after(min(took, self._spent(color))) or _empty(clock)
            self.running = 0

    def patience(self) -> float:
        """Seconds until a clock shows something else."""
        if not self.running:
            return math.inf
        now = self._left[self.running].spent(self._spent(self.running))
        return until_another_text(now) if now is not None else 0.1

    def _spent(self, color: int) -> float:
        return max(0.0, self._now() - self._since) if color == self.running else 0.0


def _empty(clock: Clock) -> Clock:
    """The clock when the time is up."""
    return Clock(clock.settings, 0.0, 1 if clock.settings.count else 0)


def fresh(settings: TimeSettings) -> dict[int, Clock]:
    """Both sides' clocks before the first move; empty without a time control."""
    return {color: settings.start() for color in (BLACK, WHITE)} if settings.system != "none" else {}
