"""A few finished games of a run as SGF, to be looked at: ``sgf/`` in its folder, the newest of them only.

The run does not need them: what cannot be written is told in one line, and the run goes on.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gogame.disk import write_atomically
from gogame.game import Game
from gogame.geometry import point_of_action
from gogame.rules import PRESETS, Rules, RuleSet, rules_named
from gogame.sgf import record_of_game
from nets.failures import reason
from selfplay.samples import FinishedGame

FOLDER = "sgf"  # in the run's
MOST_FILES = 100  # kept
NAME = re.compile(r"(\d{8,15})-\d{1,2}x\d{1,2}\.sgf")  # of this program's files: no other one is ever removed


def sgf_of(game: FinishedGame, number: int, minutes: float) -> bytes:
    """A game as SGF, ``number`` and ``minutes`` of the run when it ended. SBKV is Black's winrate by the search of
    the position that a node leads to, as the board writes it; a position that was not searched has none."""
    played = Game(game.size, rules_of(game.ruleset))
    for action in game.actions:
        played.replay(point_of_action(int(action), game.size))
    opening = f"; its first {game.opening} moves were not searched" if game.opening else ""
    comment = f"Game {number} of a training run, ended in minute {minutes:.1f}{opening}."
    side = f"minute {minutes:.1f}"
    record = record_of_game(played, result_of(game), side, side, {0: comment})
    record.get_root().set("DT", time.strftime("%Y-%m-%d"))
    record.get_root().set("GN", f"game {number}")
    nodes = record.get_main_sequence()
    for move in range(game.opening, len(game.actions)):
        value = float(game.value[move]) * (1 if move % 2 == 0 else -1)
        nodes[move].set_raw("SBKV", f"{50 + 50 * min(1.0, max(-1.0, value)):.2f}".encode())
    data: bytes = record.serialise()
    return data


def result_of(game: FinishedGame) -> str:
    """RE of a game."""
    if game.score == 0:
        return "0"
    return f"{'B' if game.score > 0 else 'W'}+{'R' if game.resigned else format(abs(game.score), 'g')}"


def rules_of(ruleset: RuleSet) -> Rules:
    """The preset that plays like these numbers; without one, the usual one of that scoring."""
    alike = (r for r in PRESETS.values() if r.handicap_bonus != "stones-1" and r.kernel()[:3] == tuple(ruleset)[:3])
    rules = next(alike, None) or rules_named("japanese" if ruleset.territory else "chinese")
    return rules.replace(komi=ruleset.komi)


class GameFiles:
    """Writes the files, and removes the oldest. Nothing is read or written before the first game comes."""

    def __init__(self, run: Path, a_slice: int, say: Callable[[str], None]) -> None:
        """``a_slice``: games of each slice that are written; ``say`` hears what goes wrong, once until it is mended."""
        self.folder, self._a_slice, self._say = run / FOLDER, a_slice, say
        self._names: list[str] | None = None  # of the files there, the oldest first
        self._failed = False

    def keep(self, games: Sequence[FinishedGame], number: int, minutes: float) -> None:
        """Writes some of a slice's games, evenly spread over them; ``number``: of the last of them in the run."""
        if not games or self._a_slice < 1:
            return
        count = min(self._a_slice, len(games))
        chosen = [(i + 1) * len(games) // count - 1 for i in range(count)]  # the last one among them
        try:
            self.folder.mkdir(exist_ok=True)  # somebody may have removed it
            names = self._there()
            for i in chosen:
                own = number - (len(games) - 1 - i)
                newest = NAME.fullmatch(names[-1]) if names else None
                own = max(own, int(newest[1]) + 1 if newest else 0)  # after a damaged shard numbers come again
                name = f"{own:08}-{games[i].size}x{games[i].size}.sgf"
                write_atomically(self.folder / name, sgf_of(games[i], own, minutes))
                names.append(name)
            while len(names) > MOST_FILES:
                oldest = names.pop(0)  # also where it cannot be removed: the ones after it can
                (self.folder / oldest).unlink(missing_ok=True)
            self._failed = False
        except OSError as error:
            if not self._failed:
                self._say(f"{self.folder}: no games as SGF ({reason(error)}); the run goes on without them")
            self._failed = True

    def _there(self) -> list[str]:
        if self._names is None:
            found = (path.name for path in self.folder.iterdir())
            self._names = sorted((n for n in found if NAME.fullmatch(n)), key=lambda n: int(n.partition("-")[0]))
        return self._names
