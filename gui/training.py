"""A training run as it is watched: its log, ratings, config and games, read a bit at a time. No pygame here.

Everything in a run's folder may come from a stranger: what is not as it should be is left out, and said in one line.
"""

from __future__ import annotations

import heapq
import os
import stat
import time
import tomllib
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gui.folder import Entry, shown_name
from gui.run_elo import MOST_NETS, RATINGS, Rated, rated_nets
from nets.log_tail import Tail, number, small_file

LOG = "log.jsonl"
GAMES = "sgf"  # the folder of its games
TURN = 0.03  # seconds of reading at a time
MOST_POINTS = 600  # of a curve: from there on neighbours are averaged
MOST_EVENTS = 100
MOST_GAMES = 100  # of the list
MOST_NAMES = 20_000  # of a folder of games that are looked at
LONGEST = 400  # characters of an event
QUIET = (30.0, 600.0)  # seconds without a line after which a run counts as not running: at least, at most
SMOOTHED = 8  # slices over which the games a minute are counted
GAPS = 30  # newest lines whose distance tells how long this run is silent at times
WARNINGS = ("passed over", "cannot", "damaged", "not finite", "collapsed", "no match", "the run goes on", "fewer than")


class Curve:
    """A figure over the minutes of the run; of a long run each point is the mean of several."""

    def __init__(self) -> None:
        self.now: float | None = None  # the newest one
        self._points: list[tuple[float, float]] = []
        self._waiting: list[tuple[float, float]] = []
        self._each = 1  # figures of a point

    def add(self, minute: float, value: float) -> None:
        """The next one."""
        self.now = value
        self._waiting.append((minute, value))
        if len(self._waiting) == self._each:
            self._points.append(_mean(self._waiting))
            self._waiting = []
        if len(self._points) >= MOST_POINTS:
            self._points = [_mean(self._points[i : i + 2]) for i in range(0, len(self._points), 2)]
            self._each *= 2

    def cut(self, minute: float) -> None:
        """Forget what came after a minute: the run has gone back."""
        while self._points and self._points[-1][0] > minute:
            self._points.pop()
        while self._waiting and self._waiting[-1][0] > minute:
            self._waiting.pop()

    @property
    def points(self) -> list[tuple[float, float]]:
        """(minute, value), in order."""
        return [*self._points, _mean(self._waiting)] if self._waiting else self._points


def _mean(points: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


@dataclass(frozen=True)
class Told:
    """An event of the log."""

    when: str  # on the clock; empty where it is not told
    text: str
    kind: str  # "info", "warn", "measured"


class Training:
    """One run's folder. :meth:`refresh` reads what is new."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder))
        self.version = 0  # of what there is to draw
        self._tail = Tail(self.folder / LOG)
        self._stamps: dict[str, tuple[int, int] | None] = {}  # of the other files, when they were read
        self._total: float | None = None  # minutes of the plan
        self._rated: list[Rated] = []  # by ratings.json
        self.games: list[Entry] = []  # SGF files, the newest first
        self._begun = 0  # of the log's beginnings: see Tail
        self._begin()

    def _begin(self) -> None:
        self.figures: dict[str, float] = {}  # of the newest slice
        self.curves = {name: Curve() for name in ("policy", "value", "games")}
        self.events: deque[Told] = deque(maxlen=MOST_EVENTS)
        self._in_log: deque[Rated] = deque(maxlen=MOST_NETS)  # as the log tells it
        self._gaps: deque[float] = deque(maxlen=GAPS)
        self._last: float | None = None  # when the newest line was written
        self._ended = False  # it says that the call is over
        self._counts: deque[tuple[float, float]] = deque(maxlen=SMOOTHED)  # (minute, games) of the newest slices

    @property
    def games_folder(self) -> Path:
        """Where the games lie."""
        return self.folder / GAMES

    @property
    def behind(self) -> bool:
        """There is more to read at once."""
        return self._tail.behind

    # -- reading ---------------------------------------------------------------------------------------------

    def refresh(self, seconds: float = TURN) -> None:
        """Read what is new, for a while."""
        for line in self._tail.read(seconds):
            self._begin_with(self._tail.begun)
            self._take(line)
        self._begin_with(self._tail.begun)  # the other log may be empty
        if not self._tail.behind:
            self._read_config()
            self._read_ratings()
            self._list_games()
        self.version += 1

    def _begin_with(self, begun: int) -> None:
        """Forget all if the log is another one."""
        if begun != self._begun:
            self._begun = begun
            self._begin()

    def _take(self, line: dict[str, Any]) -> None:
        when = number(line.get("time"), 1e11)
        text = str(line.get("text", ""))
        self._ended = text.startswith("stopped")
        if when is not None:
            if self._last is not None and not text.startswith(("begun", "resumed")):
                self._gaps.append(when - self._last)
            self._last = when
        if line.get("kind") == "slice":
            self._take_slice(line)
        elif line.get("kind") == "event" and text:
            warned = "lr_scale" in line or any(word in text for word in WARNINGS)
            kind = "warn" if warned else "measured" if "elo" in line else "info"
            self.events.append(Told(_clock(when), shown_name(" ".join(text[:LONGEST].split())), kind))

    def _take_slice(self, line: dict[str, Any]) -> None:
        found = {name: value for name, v in line.items() if (value := number(v)) is not None}
        minute, before = found.get("minutes"), self.figures
        if minute is None or minute < 0:
            return
        if minute < before.get("minutes", 0.0):  # it went on from a checkpoint, or began anew
            for curve in self.curves.values():
                curve.cut(minute)
            while self._in_log and self._in_log[-1].minute > minute:
                self._in_log.pop()
            self._counts.clear()
        for name in ("policy", "value"):
            if name in found:
                self.curves[name].add(minute, found[name])
        if "games" in found:
            self._counts.append((minute, found["games"]))
            (since, first), (_, last) = self._counts[0], self._counts[-1]
            if minute > since and last >= first:
                self.curves["games"].add(minute, (last - first) / (minute - since))
        if "elo" in found and found["elo"] != before.get("elo"):
            self._in_log.append(Rated(minute, found["elo"], None))
        kept = {name: before[name] for name in ("game_length", "black_wins") if name in before}  # a slice may have none
        self.figures = kept | found

    def _is_new(self, name: str) -> bool:
        """Whether a file of the folder is another one than when it was read."""
        try:
            told = os.stat(self.folder / name)
            stamp = told.st_mtime_ns, told.st_size
        except (OSError, ValueError):
            stamp = None
        known = name in self._stamps and self._stamps[name] == stamp
        self._stamps[name] = stamp
        return not known

    def _read_config(self) -> None:
        if not self._is_new("config.toml"):
            return
        self._total = None
        data = small_file(self.folder / "config.toml", 1 << 20)
        try:
            run = tomllib.loads((data or b"").decode("utf-8")).get("run")
        except (ValueError, RecursionError):
            return
        if isinstance(run, dict):
            self._total = number(run.get("total_minutes"))

    def _read_ratings(self) -> None:
        if self._is_new(RATINGS):  # without it, the log's are still there
            self._rated = sorted(rated_nets(self.folder).values(), key=lambda rated: rated.minute)

    def _list_games(self) -> None:
        if not self._is_new(GAMES):
            return
        try:
            with os.scandir(self.games_folder) as scan:
                names = [found.name for _, found in zip(range(MOST_NAMES), scan, strict=False)]
            names = [name for name in names if name.endswith(".sgf") and not name.startswith(".")]
        except (OSError, ValueError):
            names = []
        newest = heapq.nlargest(MOST_GAMES, names)
        self.games = [entry for name in newest if (entry := _entry(self.games_folder / name)) is not None]

    # -- what there is to see --------------------------------------------------------------------------------

    @property
    def rated(self) -> list[Rated]:
        """The measured networks: by ratings.json, or else what the log told as they were measured."""
        return self._rated or list(self._in_log)

    def state(self, now: float | None = None) -> tuple[str, str]:
        """(what the run is doing in one line, "good", "info" or "error")."""
        tail = self._tail
        age = tail.age(time.time() if now is None else now)
        if tail.problem:
            there = os.path.isdir(self.folder)
            return (f"{LOG}: {tail.problem}" if there else "There is no such folder"), "error"
        if tail.behind:
            return f"reading the log: {tail.position / 1e6:.0f} of {tail.size / 1e6:.0f} MB", "info"
        if age is None or not (self.figures or self.events):
            return f"nothing in {LOG} can be read" if tail.damaged else "nothing has happened yet", "info"
        least, most = QUIET
        if not self._ended and age <= max(least, min(most, 2 * max(self._gaps, default=0.0))):
            return f"running · last line {_span(age)} ago", "good"
        done, total = self.figures.get("minutes", 0.0), self._total
        if total is not None and done >= total > 0:
            return f"the plan is fulfilled · {_span(age)} ago", "info"
        return f"not running · last line {_span(age)} ago", "info"

    @property
    def damaged(self) -> str:
        """What of the log could not be read; "" where all could."""
        count = self._tail.damaged
        return f"{count:,} line{'s' * (count != 1)} of the log cannot be read" if count else ""

    def facts(self) -> list[tuple[str, str]]:
        """(what, how much), the most important ones first."""
        f, total = self.figures, self._total
        minutes = f.get("minutes")
        of = f" of {total:,.4g}" if total and minutes is not None else ""
        written = [
            ("minute", None if minutes is None else f"{minutes:,.1f}{of}"),
            ("games", _count(f.get("games"))),
            ("positions", _count(f.get("positions"))),
            ("evaluations/s", _count(f.get("evaluations_per_s"))),
            ("learning rate", f"{f['lr']:.3g}" if "lr" in f else None),
            ("steps", _count(f.get("steps"))),
            ("moves a game", _count(f.get("game_length"))),
            ("simulations", _count(f.get("simulations"))),
        ]
        return [(name, text) for name, text in written if text is not None]


def _count(value: float | None) -> str | None:
    return None if value is None else f"{value:,.0f}" if abs(value) < 1e10 else f"{value:.3g}"


def _entry(path: Path) -> Entry | None:
    """A file of the list; None for what is no file (a pipe would never end)."""
    try:
        told = os.stat(path)
    except (OSError, ValueError):
        return None
    return Entry(path.name, False, told.st_size, told.st_mtime) if stat.S_ISREG(told.st_mode) else None


def _clock(when: float | None) -> str:
    try:
        return "" if when is None else time.strftime("%H:%M", time.localtime(when))
    except (OSError, OverflowError, ValueError):
        return ""


def _span(seconds: float) -> str:
    """ "12 s", "5 min", "3 h", "2 days"."""
    for unit, length, most in (("s", 1, 120), ("min", 60, 120 * 60), ("h", 3600, 48 * 3600)):
        if seconds < most:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:,.0f} days"


def is_run(folder: Path) -> bool:
    """Whether a folder has the log of a training."""
    return os.path.isfile(folder / LOG)


def is_games_folder(folder: Path) -> bool:
    """Whether a run writes its games there: it removes all but the newest, whoever has written them."""
    return folder.name == GAMES and is_run(folder.parent)
