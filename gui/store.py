"""What the window remembers: settings, the autosaved game, and where files go.

Everything is written to a temporary name, fsynced and renamed. A folder that cannot be written is no error of
the game: what failed comes back as one line to show.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import IO

import platformdirs

from gogame.coords import fixed_handicap_points
from gogame.disk import place, write_atomically
from gogame.locks import lock
from gogame.player import TimeSettings
from gogame.rules import DEFAULT_PRESET, default_komi, rules_named
from gogame.sgf import KOMI_BOUND
from gui.clocks import time_settings

MODES = ("engine", "two", "watch")  # against the engine, two people, engine against engine
COLORS = ("black", "white", "random")
MOST = 1e9  # of any number in a settings file
WINDOWS = 100  # that keep a game each
LONGEST = 4096  # characters of a folder's path


@dataclass
class Settings:
    """The last choices. Values that a broken or foreign file holds are replaced by these defaults."""

    size: int = 9  # lines, 7..19
    komi: float = 7.0
    handicap: int = 0
    rules: str = ""  # a preset's name; empty: the default rules
    mode: str = "engine"
    color: str = "black"  # what the person asked for
    black: str = "human"  # who plays in the current game: "human" or "engine"
    white: str = "engine"
    visits: int = 200  # of the engine, per move
    seconds: float = 0.0  # per move; 0: by visits alone
    by_clock: bool = False  # in a game with a clock it deals out its time, without these limits
    clock: str = "none"  # of gui.clocks.SYSTEMS
    clock_minutes: float = 10.0  # of the main time
    clock_seconds: float = 30.0  # of a period, or gained with each move
    clock_count: int = 5  # periods, or stones of a period
    net: str = ""  # that the engine plays with, by name; empty: that of --net, or the strongest for the board
    net_size: int = 0  # lines of the board it was chosen for; 0: the size of above
    folder: str = ""  # that files were last looked for in; empty: none yet
    opened: str = ""  # the folder of the file last opened
    run: str = ""  # the folder of the training run last watched
    coordinates: bool = True
    numbers: bool = False
    estimates: bool = True  # the engine's view is shown in a game against it, before that is over
    continuations: bool = True  # what follows the position shown is drawn on the board
    sound: bool = True
    scale: float = 0.0  # of the interface; 0: chosen from the screen
    width: int = 0  # of the window, pixels; 0: chosen from the screen
    height: int = 0

    @property
    def time(self) -> TimeSettings:
        """The clock of a new game."""
        return time_settings(self.clock, self.clock_minutes, self.clock_seconds, self.clock_count)

    @classmethod
    def from_dict(cls, data: object) -> Settings:
        """Take over what is valid."""
        result = cls()
        if not isinstance(data, dict):
            return result
        for item in fields(cls):
            old, new = getattr(result, item.name), data.get(item.name)
            if isinstance(old, float) and isinstance(new, (int, float)) and not isinstance(new, bool):
                new = float(new) if abs(new) <= MOST else None  # NaN is not
            if type(new) is type(old):
                setattr(result, item.name, new)
        result._make_sound()
        return result

    def _make_sound(self) -> None:
        """Replaces values that are out of bounds, or that do not go together, by the defaults."""
        default = Settings()
        if not 7 <= self.size <= 19:
            self.size = default.size
        if self.mode not in MODES:
            self.mode = default.mode
        if self.color not in COLORS:
            self.color = default.color
        if len(self.net) > 200:
            self.net = default.net
        if not 7 <= self.net_size <= 19:
            self.net_size = default.net_size
        self.folder, self.opened, self.run = (
            f if len(f) <= LONGEST and "\0" not in f else "" for f in (self.folder, self.opened, self.run)
        )
        if {self.black, self.white} - {"human", "engine"}:
            self.black, self.white = default.black, default.white
        self.seconds = self.seconds if 0 <= self.seconds <= 86_400 else default.seconds
        self.visits = max(0 if self.seconds > 0 else 1, min(100_000_000, self.visits))
        self.width, self.height = (x if 0 <= x <= 32_767 else 0 for x in (self.width, self.height))
        try:
            if self.handicap:
                fixed_handicap_points(self.size, self.handicap)
        except ValueError:
            self.handicap = default.handicap
        try:
            rules_named(self.rules or DEFAULT_PRESET)
        except ValueError:
            self.rules = default.rules
        try:
            time_settings(self.clock, self.clock_minutes, self.clock_seconds, self.clock_count)
        except ValueError:
            for name in ("clock", "clock_minutes", "clock_seconds", "clock_count"):
                setattr(self, name, getattr(default, name))
        if abs(self.komi) >= KOMI_BOUND or (2 * self.komi) % 1:
            self.komi = default_komi(self.size)


class Store:
    """The folders of one user."""

    def __init__(self, data: Path | None = None, config: Path | None = None):
        self.data = data or place(partial(platformdirs.user_data_dir, "gogame", appauthor=False))
        self.config = config or place(partial(platformdirs.user_config_dir, "gogame", appauthor=False))
        self.number = 1  # of the windows that are open
        self._warned = False  # that settings are not kept
        self._lock: IO[str] | None = None

    def claim(self) -> None:
        """Makes this window's the first autosaved game that no other open window has; as long as the process lives."""
        with contextlib.suppress(OSError):  # a folder that cannot be written is told when a game cannot be
            self.data.mkdir(parents=True, exist_ok=True)
            for number in range(1, WINDOWS):
                self._lock = lock(self.data / f".window-{number}.lock")
                if self._lock is not None:
                    self.number = number
                    return

    def put_others_away(self, is_empty: Callable[[bytes | None], bool]) -> str:
        """The games of windows that have been closed, but for this one's, go to the past ones: no start would show
        them. Returns a line for the user where there were some."""
        count = 0
        for number in range(1, WINDOWS):
            file = self._autosave(number)
            if number == self.number or not os.path.isfile(file):
                continue
            with contextlib.suppress(OSError):
                held = lock(self.data / f".window-{number}.lock")
                if held is None:  # that window is open
                    continue
                with held:
                    if is_empty(file.read_bytes()):
                        file.unlink()
                    else:
                        count += self._archive(file)[0] is not None
        games = "The game of another window, since closed, is" if count == 1 else f"{count} games of closed windows are"
        return f"{games} among the past games" if count else ""

    @property
    def autosave_file(self) -> Path:
        return self._autosave(self.number)

    def _autosave(self, number: int) -> Path:
        return self.data / ("autosave.sgf" if number == 1 else f"autosave-{number}.sgf")

    @property
    def games(self) -> Path:
        """The folder of past games."""
        return self.data / "games"

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.json"

    def load_settings(self) -> Settings:
        """The settings of last time; the defaults where there are none that can be read."""
        try:
            return Settings.from_dict(json.loads(self.settings_file.read_text("utf-8")))
        except (OSError, ValueError, RecursionError):
            return Settings()

    def save_settings(self, settings: Settings) -> str | None:
        """Returns a line for the user when it could not be done, once."""
        data = json.dumps(asdict(settings), indent=1).encode()
        problem = self._write(self.settings_file, data, "Settings are not kept")
        told, self._warned = self._warned, self._warned or problem is not None
        return None if told else problem

    def autosave(self, sgf: bytes) -> str | None:
        """Keep the running game. Returns a line for the user when it could not be done."""
        return self._write(self.autosave_file, sgf, "Games are not saved automatically")

    def load_autosave(self) -> bytes | None:
        """The game of last time."""
        try:
            return self.autosave_file.read_bytes()
        except OSError:
            return None

    def archive_autosave(self) -> str | None:
        """Keep the last game under its date before a new one takes its place. Returns a line for the user when that is
        not where it should be."""
        try:
            kept, problem = self._archive(self.autosave_file)
        except OSError:
            return None  # there is none
        if kept is None:
            return f"The last game cannot be kept: {problem}"
        return f"The last game is kept as {kept} ({problem})" if problem else None

    def _archive(self, file: Path) -> tuple[Path | None, str]:
        """Put an autosaved game among the past ones, by one renaming; as :meth:`_put_away`. OSError if it is gone."""
        return self._put_away(file.stat().st_mtime, lambda path: os.replace(file, path))

    def keep(self, sgf: bytes) -> tuple[bool, str]:
        """Put a game among the past ones. Returns whether it is there, and a line for the user that says where."""
        kept, problem = self._put_away(time.time(), lambda path: write_atomically(path, sgf))
        return (True, f"it is kept as {kept}") if kept else (False, f"it cannot be kept: {problem}")

    def _put_away(self, when: float, put: Callable[[Path], None]) -> tuple[Path | None, str]:
        """(where a game was put under its date: into the folder of past games, else beside it; what was wrong)."""
        problem = ""
        for folder in (self.games, self.data):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                kept = free_name(folder / f"{time.strftime('%Y-%m-%d-%H%M%S', time.localtime(when))}.sgf")
                put(kept)
            except OSError as error:
                problem = problem or f"{folder}: {error.strerror or error}"
                continue
            return kept, problem
        return None, problem

    def keeps(self, folder: Path) -> bool:
        """Whether the program keeps its own games in a folder."""
        return folder in (self.data, self.games)

    def discard_autosave(self) -> None:
        """Forget the game that is kept."""
        with contextlib.suppress(OSError):
            self.autosave_file.unlink()

    def suggest_name(self, size: int) -> Path:
        """Where "save as" starts: the documents folder when there is one, else the home or data folder."""
        for folder in (place(platformdirs.user_documents_dir), place(Path.home), self.data):
            if os.path.isdir(folder) and os.access(folder, os.W_OK):  # Path.is_dir raises for some folders
                break
        else:
            folder = self.data
        return free_name(folder / f"go-{size}x{size}-{time.strftime('%Y-%m-%d')}.sgf")

    def _write(self, path: Path, data: bytes, complaint: str) -> str | None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
        except OSError as error:
            return f"{complaint}: {path.parent}: {error.strerror or error}"
        return None


def free_name(path: Path) -> Path:
    """``path``, or the first of path-2, path-3, ... that is not there yet."""
    number = 2
    result = path
    while os.path.exists(result):  # Path.exists raises for names that no file can have
        result = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return result
