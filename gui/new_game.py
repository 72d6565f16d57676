"""The new-game dialog, and a Record made from its choices."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from gogame.board import BLACK, WHITE
from gogame.coords import fixed_handicap_points
from gogame.rules import DEFAULT_PRESET, PRESETS, default_komi, rules_named
from gui.clock_fields import ClockFields
from gui.describe import RULE_LABELS
from gui.opponents import EngineDialog
from gui.record import Record
from gui.store import KOMI_BOUND, Settings
from gui.widgets import Choice, Dropdown, Field, Stepper

MIN_SIZE, MAX_SIZE = 7, 19  # what the networks play
OTHER = 0  # "another size" in the choice of sizes


def most_handicap(size: int) -> int:
    """The largest fixed handicap on a board."""
    for stones in range(9, 1, -1):
        try:
            fixed_handicap_points(size, stones)
        except ValueError:
            continue
        return stones
    return 0


def usual_komi(size: int, rules: str, handicap: int) -> float:
    """What the komi field suggests."""
    if handicap >= 2:
        return 0.5
    return default_komi(size, rules_named(rules).scoring)


def choose_colors(mode: str, color: str, rng: random.Random | None = None) -> tuple[str, str]:
    """(who plays Black, who plays White) of a mode of :data:`gui.store.MODES` and a wished colour."""
    if mode == "two":
        return "human", "human"
    if mode == "watch":
        return "engine", "engine"
    if color == "random":
        color = (rng or random.Random()).choice(["black", "white"])
    return ("human", "engine") if color == "black" else ("engine", "human")


def _described(name: str) -> str:
    """A preset's line in the list of rules."""
    rules = PRESETS[name]
    ko = "simple ko" if rules.ko == "simple" else f"{rules.ko} superko"
    return f"{RULE_LABELS.get(name, name)}: {rules.scoring}, {ko}{', suicide' if rules.suicide else ''}"


def make_record(settings: Settings) -> Record:
    """A game before its first move. Raises ValueError for conditions that do not go together."""
    if abs(settings.komi) >= KOMI_BOUND:
        raise ValueError(f"a komi of {settings.komi:g} is too large: less than {KOMI_BOUND} points")
    rules = rules_named(settings.rules or DEFAULT_PRESET).replace(komi=settings.komi)
    black: tuple[int, ...] = ()
    if settings.handicap >= 2:
        black = tuple(fixed_handicap_points(settings.size, settings.handicap))
    record = Record(settings.size, rules, len(black), black, (), WHITE if black else BLACK)
    record.time = settings.time
    return record


class NewGameDialog(EngineDialog):
    """Calls ``start`` with new settings."""

    def __init__(self, settings: Settings, start: Callable[[Settings], None], given_net: str = ""):
        """``given_net``: the network of the command line, if there is one."""
        self.start = start
        self.clock = ClockFields(settings, self._clock_changed)
        self.choose_engine(settings, settings.size, given_net, self.clock.there)
        usual = settings.size in (9, 13, 19)
        sizes = [(9, "9×9"), (13, "13×13"), (19, "19×19"), (OTHER, "Other")]
        self.size = Choice(sizes, settings.size if usual else OTHER, self._size_changed)
        self.lines = Stepper(settings.size, range(MIN_SIZE, MAX_SIZE + 1), "lines", on_change=self._conditions_changed)
        self.mode = Choice(
            [("engine", "Against the engine"), ("two", "Two people"), ("watch", "Engine – engine")],
            settings.mode,
            self._mode_changed,
        )
        self.color = Choice([("black", "Black"), ("white", "White"), ("random", "Random")], settings.color)
        self.handicap = Stepper(
            settings.handicap,
            [0, *range(2, most_handicap(settings.size) + 1)],
            "stones",
            on_change=self._conditions_changed,
        )
        self.rules = Dropdown(
            [(name, _described(name)) for name in PRESETS],
            settings.rules or DEFAULT_PRESET,
            self._conditions_changed,
        )
        self.komi = Stepper(settings.komi, [k / 2 for k in range(-40, 81)], "points", "0123456789.-", self._komi_typed)
        self._komi_own = settings.komi != usual_komi(settings.size, self.rules.value, settings.handicap)
        super().__init__("New game", self._rows(), "Start", self._start, width=580)
        self._mode_changed()
        self.lines.enabled = not usual

    def _rows(self) -> list[tuple[str, Field]]:
        return [
            ("Board", self.size),
            ("Lines", self.lines),
            ("Players", self.mode),
            ("You play", self.color),
            *self.clock.rows(),
            *self.engine_rows(),
            ("Handicap", self.handicap),
            ("Komi", self.komi),
            ("Rules", self.rules),
        ]

    @property
    def chosen_size(self) -> int:
        """The board's size, or 0 while none is typed."""
        return int(self.size.value or self.lines.number or 0)

    def _size_changed(self) -> None:
        self.lines.enabled = self.size.value == OTHER
        if self.size.value != OTHER:
            self.lines.set(self.size.value)
        self._conditions_changed()

    def _mode_changed(self) -> None:
        self.color.enabled = self.mode.value == "engine"
        self.enable_engine(self.mode.value != "two")

    def _clock_changed(self) -> None:
        self.rows = self._rows()
        self.offer_clock(self.clock.there)

    def _komi_typed(self) -> None:
        self._komi_own = True

    def _conditions_changed(self) -> None:
        if not MIN_SIZE <= self.chosen_size <= MAX_SIZE:
            return
        self.fit_opponents(self.chosen_size)
        most = most_handicap(self.chosen_size)
        self.handicap.steps = [0, *range(2, most + 1)]
        if (self.handicap.number or 0) > most:
            self.handicap.set(most)
        if not self._komi_own:
            self.komi.set(usual_komi(self.chosen_size, self.rules.value, int(self.handicap.number or 0)))

    def _start(self) -> str | None:
        size, komi = self.chosen_size, self.komi.number
        handicap = int(self.handicap.number or 0)
        if not MIN_SIZE <= size <= MAX_SIZE:
            return f"The board has {MIN_SIZE} to {MAX_SIZE} lines"
        if handicap not in self.handicap.steps:
            return f"Handicap on {size}×{size}: 0, or 2 to {self.handicap.steps[-1]:g} stones"
        if komi is None or abs(komi) >= KOMI_BOUND or (2 * komi) % 1:
            return f"Komi is a number of points or half points, less than {KOMI_BOUND}"
        if problem := self.clock.problem() or self.engine_problem():
            return problem
        black, white = choose_colors(self.mode.value, self.color.value)
        self.start(
            replace(
                self.clock.put(self.with_engine()),
                size=size,
                komi=komi,
                handicap=handicap,
                rules=self.rules.value,
                mode=self.mode.value,
                color=self.color.value,
                black=black,
                white=white,
            )
        )
        return None
