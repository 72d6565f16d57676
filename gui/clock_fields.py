"""The rows of a dialog that choose a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gui.clocks import SYSTEMS, time_settings
from gui.store import Settings
from gui.widgets import Dropdown, Field, Stepper

MINUTES = (0, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120)
SECONDS = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30)
MEANING = {
    "absolute": "one time for the whole game",
    "byoyomi": "then periods, one for each move",
    "canadian": "then periods for several moves",
    "fischer": "each move gains seconds",
}


class ClockFields:
    """The system, and what it has of main time, periods and stones. ``changed`` is called when it is another system:
    there are other rows then."""

    def __init__(self, settings: Settings, changed: Callable[[], None]):
        self._settings = settings
        self._changed = changed
        named = [(key, f"{name}: {MEANING[key]}" if key in MEANING else name) for key, (name, *_) in SYSTEMS.items()]
        self.system = Dropdown(named, settings.clock, self._system_changed)
        self.minutes = Stepper(settings.clock_minutes, MINUTES, "minutes", "0123456789.")
        self.seconds = Stepper(settings.clock_seconds, SECONDS, "seconds", "0123456789.")
        self.count = Stepper(settings.clock_count, COUNTS)

    @property
    def there(self) -> bool:
        """Whether there is to be a clock."""
        return bool(self.system.value != "none")

    def rows(self) -> list[tuple[str, Field]]:
        """What is to be asked for this system."""
        rows: list[tuple[str, Field]] = [("Clock", self.system)]
        if not self.there:
            return rows
        rows.append(("Main time", self.minutes))
        if self.system.value == "fischer":
            rows.append(("Increment", self.seconds))
        elif self.system.value != "absolute":
            canadian = self.system.value == "canadian"
            rows += [("Stones" if canadian else "Periods", self.count), ("Period", self.seconds)]
        return rows

    def problem(self) -> str | None:
        """What is wrong with the fields."""
        if None in (number for _, field in self.rows() if isinstance(field, Stepper) for number in (field.number,)):
            return "Clock: a number is missing"
        try:
            time_settings(*self._chosen())
        except ValueError as error:
            return str(error)
        return None

    def put(self, settings: Settings) -> Settings:
        """The settings with what the fields say."""
        system, minutes, seconds, count = self._chosen()
        return replace(settings, clock=system, clock_minutes=minutes, clock_seconds=seconds, clock_count=count)

    def _chosen(self) -> tuple[str, float, float, int]:
        minutes, seconds, count = (field.number or 0.0 for field in (self.minutes, self.seconds, self.count))
        return self.system.value, minutes, seconds, int(count)

    def _system_changed(self) -> None:
        """Another system begins with its usual times, the one of last time with its own."""
        last = self._settings
        if self.system.value == last.clock:
            times = (last.clock_minutes, last.clock_seconds, last.clock_count)
        else:
            times = SYSTEMS[self.system.value][1:]
        if self.there:
            for field, number in zip((self.minutes, self.seconds, self.count), times, strict=True):
                field.set(number)
        self._changed()
