"""Which engine plays: the networks of a board, the fields that choose one, and the players of a running game."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gui.dialogs import Dialog
from gui.store import Settings
from gui.widgets import Choice, Dropdown, Field, Note, Stepper
from nets.config import NetError
from nets.weights import NetInfo, default_net, shipped_nets

TIMES = (0.5, 1, 2, 3, 5, 10, 20, 30, 60)
LIMITS = [("visits", "Visits"), ("seconds", "Seconds"), ("clock", "Clock")]
ALIKE = 100  # Elo from GNU Go's within which a network is about as strong
STRENGTHS = (1, 2, 4, 8, 16, 32, 64, 100, 200, 400, 800, 1600, 3200, 6400, 12800)


def opponents(size: int, given: str = "") -> list[tuple[str, str]]:
    """(name, line in the list) of the networks that can be played against on a board; "" is the usual one: the network
    ``given`` on the command line, or the strongest. Where a network's Elo was measured the line begins with what that
    means; there it is an opponent, whatever board it learned on."""
    try:
        best, nets = default_net(size), shipped_nets()
    except NetError:  # the engine will say so, if there is to be one
        return [("", Path(given).name or "the engine's")]
    nets = [net for net in nets if size in (*net.sizes, *net.best_on) or net.elo(size) is not None]
    fitting = [net for net in nets if given or net.name != best.name]
    fitting.sort(key=lambda net: (net.elo(size) is None, -(net.elo(size) or 0.0)))  # what was not measured comes last
    measured = [elo for net in nets if (elo := net.elo(size)) is not None]
    strongest = "Strongest" if size in (*best.sizes, *best.best_on) else ""
    usual = f"{Path(given).name} (--net)" if given else _line(best, size, strongest)
    return [
        ("", usual),
        *((net.name, _line(net, size, _strength_in_words(net.elo(size), measured))) for net in fitting),
    ]


def elo_note(size: int) -> str:
    """What the numbers in the list of a board's networks mean."""
    try:
        visits = {net.elo_visits(size) for net in shipped_nets() if net.elo(size) is not None}
    except NetError:
        return ""
    if not visits:
        return f"No Elo was measured on {size}×{size}. Fewer visits: weaker"
    each = f" Measured at {visits.pop()} visits; fewer: weaker" if len(visits) == 1 and None not in visits else ""
    return f"Elo 0: GNU Go 3.8, level 10.{each or ' Fewer visits: weaker'}"


def _strength_in_words(elo: float | None, others: list[float]) -> str:
    """An Elo in words, beside those that were measured on the same board."""
    if elo is None:
        return ""
    if elo == min(others) < max(others):
        return "Easiest"
    if abs(elo) <= ALIKE and abs(elo) == min(map(abs, others)):
        return "About GNU Go"
    return "Stronger" if elo > 0 else "Easier"


def _line(net: NetInfo, size: int, words: str) -> str:
    elo = net.elo(size)
    if elo is None:
        return net.name
    return f"{words}{': ' if words else ''}{net.name}, Elo {elo:+.0f}".replace(" -", " −")


class EngineDialog(Dialog):
    """A dialog that asks, among other things, which network moves and how long it searches."""

    def choose_engine(self, settings: Settings, size: int, given_net: str, clocked: bool) -> None:
        """Make the fields, for a board; ``given_net``: the network of the command line, if there is one; ``clocked``:
        the game has a clock, which the engine can go by."""
        self.settings = settings
        self._given_net = given_net
        self.opponent = Dropdown([], settings.net)
        self.note = Note()
        self.fit_opponents(size)
        usual = "seconds" if settings.seconds > 0 else "visits"
        self.limit = Choice(LIMITS[:2], "clock" if clocked and settings.by_clock else usual, self._limit_changed)
        self.strength = self._strength()
        self.offer_clock(clocked)

    def engine_rows(self) -> list[tuple[str, Field]]:
        return [("Engine", self.opponent), ("", self.note), ("Strength", self.limit), ("Each move", self.strength)]

    def enable_engine(self, enabled: bool) -> None:
        self.limit.enabled = self.opponent.enabled = self.note.shown = enabled
        self.strength.enabled = enabled and not self.by_clock

    def offer_clock(self, clocked: bool) -> None:
        """The engine can go by the game's clock, or there is none."""
        self.limit.options = LIMITS if clocked else LIMITS[:2]
        if self.by_clock and not clocked:
            self.limit.value = "seconds" if self.settings.seconds > 0 else "visits"
            self.strength.enabled = self.limit.enabled

    def fit_opponents(self, size: int) -> None:
        """Lists the networks of a size."""
        self.opponent.options = opponents(size, self._given_net)
        if self.opponent.value not in dict(self.opponent.options):
            self.opponent.value = ""
        self.note.text = elo_note(size)

    @property
    def by_time(self) -> bool:
        """Whether the engine's strength is a time."""
        return bool(self.limit.value == "seconds" or (self.by_clock and self.settings.seconds > 0))

    @property
    def by_clock(self) -> bool:
        """Whether the engine goes by the game's clock."""
        return bool(self.limit.value == "clock")

    def engine_problem(self) -> str | None:
        """What is wrong with the fields."""
        limit = self.strength.number
        if not limit or limit < (0.01 if self.by_time else 1):
            return None if self.by_clock else "Strength: at least 1 visit, or some time"
        return None

    def with_engine(self) -> Settings:
        """The settings with what the fields say."""
        if self.by_clock:  # its visits or seconds stay those of hints
            return replace(self.settings, by_clock=True, net=self.opponent.value, net_size=0)
        limit = self.strength.number or 1
        kept = self.settings.visits if self.settings.seconds else 0  # beside a time only where both were given before
        return replace(
            self.settings,
            visits=kept if self.by_time else int(limit),
            seconds=limit if self.by_time else 0.0,
            by_clock=False,
            net=self.opponent.value,
            net_size=0,
        )

    def _strength(self) -> Stepper:
        """The field for the engine's visits or seconds a move."""
        if self.by_time:
            return Stepper(self.settings.seconds or 5.0, TIMES, "seconds", "0123456789.")
        return Stepper(self.settings.visits or Settings.visits, STRENGTHS, "visits")

    def _limit_changed(self) -> None:
        row = [field for _, field in self.rows].index(self.strength)
        self.strength = self._strength()
        self.strength.enabled = not self.by_clock
        self.rows[row] = ("Each move", self.strength)


class PlayersDialog(EngineDialog):
    """Who goes on with a game: calls ``seat`` with new settings."""

    def __init__(
        self,
        settings: Settings,
        size: int,
        net: str,
        seat: Callable[[Settings], None],
        given_net: str = "",
        clocked: bool = False,
    ):
        """``size``: of the game's board; ``net``: the network that moves in it; ``clocked``: it has a clock."""
        self.size, self.net, self.seat = size, net, seat
        self._kept = {"net": settings.net, "net_size": settings.net_size}  # it may be for another board
        self.choose_engine(replace(settings, net=net), size, given_net, clocked)
        seats = [("human", "You"), ("engine", "Engine")]
        self.black = Choice(seats, settings.black, self._seats_changed)
        self.white = Choice(seats, settings.white, self._seats_changed)
        rows: list[tuple[str, Field]] = [("Black", self.black), ("White", self.white), *self.engine_rows()]
        super().__init__("Players", rows, "OK", self._seat, width=580)
        self._seats_changed()

    def _seats_changed(self) -> None:
        self.enable_engine("engine" in (self.black.value, self.white.value))

    def _seat(self) -> str | None:
        if problem := self.engine_problem():
            return problem
        chosen = replace(self.with_engine(), black=self.black.value, white=self.white.value, net_size=self.size)
        self.seat(replace(chosen, **self._kept) if self.opponent.value == self.net else chosen)  # type: ignore[arg-type]
        return None
