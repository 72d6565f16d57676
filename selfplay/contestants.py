"""Who plays in a match: a network with a search, any GTP program, or a random player.

All keep to one small protocol. A contestant may fail with ContestantError at any time; the match counts that as a
loss of the game, and asks for a fresh start with :meth:`begin`.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Protocol

import numpy as np

from gogame.board import BLACK, is_simple_eye
from gogame.coords import from_gtp, to_gtp
from gogame.game import Game
from gogame.geometry import PASS
from gogame.player import RESIGN, PlayerError
from nets.config import NetError
from selfplay.gtp_client import GtpError, GtpProgram, GtpRefusal

if TYPE_CHECKING:
    from mcts.search import SearchConfig


class ContestantError(RuntimeError):
    """A contestant crashed, hung or cannot play on; one line."""


class Contestant(Protocol):
    """One side of a match."""

    name: str

    def begin(self, game: Game) -> None:
        """A new game; ``game`` holds size, komi and the moves of the opening."""
        ...

    def genmove(self, game: Game) -> int:
        """The move for ``game.to_move``: a point, PASS or RESIGN."""
        ...

    def played(self, game: Game, point: int) -> None:
        """The other side has played ``point``; ``game`` is the position after it."""
        ...

    def dead_stones(self, game: Game) -> set[int] | None:
        """The dead stones of a finished game; None if it cannot tell."""
        ...

    def abort(self) -> None:
        """Ends the move under way; called from another thread. Only :meth:`close` comes after it."""
        ...

    def close(self) -> None:
        """No more games."""
        ...


class RandomContestant:
    """Plays any legal move that does not fill an own eye; passes when there is none."""

    name = "random"

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)

    def begin(self, game: Game) -> None:
        """Nothing to get ready."""

    def genmove(self, game: Game) -> int:
        points = [p for p in game.legal_points() if not is_simple_eye(game.board, p, game.to_move)]
        return int(self._rng.choice(points)) if points else PASS

    def played(self, game: Game, point: int) -> None:
        """Nothing to remember."""

    def dead_stones(self, game: Game) -> set[int] | None:
        return None

    def abort(self) -> None:
        """Its moves take no time."""

    def close(self) -> None:
        """Nothing to end."""


class NetContestant:
    """A network with this program's search."""

    def __init__(
        self, net: str, size: int, *, visits: int, device: str = "auto", threads: int | None = None, seed: int = 0,
        config: SearchConfig | None = None,
    ) -> None:  # fmt: skip
        """``net``: a shipped network or a file. Raises PlayerError or NetError if it cannot play this size."""
        from mcts.engine import Engine

        self._engine = Engine(
            net, visits=visits, device=device, threads=threads, seed=seed, config=config, log=lambda text: None
        )
        self.name = f"{self._engine.check(size).name}@{visits}"
        self._engine.warm_up(size)
        self._halted = threading.Event()

    def begin(self, game: Game) -> None:
        self._engine.clear()

    def genmove(self, game: Game) -> int:
        try:
            return self._engine.genmove(game, stop=self._halted)
        except (PlayerError, NetError) as error:
            raise ContestantError(str(error)) from None

    def played(self, game: Game, point: int) -> None:
        """The engine follows the game itself."""

    def dead_stones(self, game: Game) -> set[int] | None:
        with contextlib.suppress(PlayerError, NetError):
            return self._engine.dead_stones(game)
        return None

    def abort(self) -> None:
        self._halted.set()

    def close(self) -> None:
        self._engine.stop()


class GtpContestant:
    """A GTP program; started anew after it failed."""

    def __init__(self, command: str, timeout: float = 120.0) -> None:
        self._command, self._timeout = command, timeout
        self._program: GtpProgram | None = None
        self._aborted = False
        self._told_rules: tuple[GtpProgram | None, str] = (None, "")
        try:
            self.name = self._start().ask("name").split("\n")[0][:40] or command
        except (GtpError, GtpRefusal) as error:
            self.close()
            raise ContestantError(f"{command or 'gtp:'}: {error}") from None

    def _start(self) -> GtpProgram:
        self._program = program = GtpProgram(self._command, self._timeout)
        if self._aborted:  # while it started
            program.kill()
        return program

    def _ask(self, command: str) -> str:
        try:
            return (self._program or self._start()).ask(command)
        except GtpError as error:
            self._program = None
            raise ContestantError(str(error)) from None
        except GtpRefusal as error:
            raise ContestantError(f"it refused {command!r}: {error}") from None

    def begin(self, game: Game) -> None:
        self._ask(f"boardsize {game.size}")
        self._ask("clear_board")
        self._ask(f"komi {game.komi:g}")
        self._tell_rules(game.rules.name)
        for color, point in game.moves:
            self._play(game.size, color, point)

    def _tell_rules(self, name: str) -> None:
        """KataGo's command; a program that does not know it, or not these rules, plays by its own."""
        if self._told_rules == (self._program, name):
            return
        self._told_rules = self._program, name
        try:
            (self._program or self._start()).ask(f"kata-set-rules {name}")
        except GtpRefusal:
            pass
        except GtpError as error:
            self._program = None
            raise ContestantError(str(error)) from None

    def _play(self, size: int, color: int, point: int) -> None:
        self._ask(f"play {'B' if color == BLACK else 'W'} {to_gtp(point, size)}")

    def genmove(self, game: Game) -> int:
        answer = self._ask(f"genmove {'B' if game.to_move == BLACK else 'W'}")
        if answer.lower() == "resign":
            return RESIGN
        try:
            return from_gtp(answer, game.size)
        except ValueError:
            self.close()
            raise ContestantError(f"it answered genmove with {answer[:40]!r}") from None

    def played(self, game: Game, point: int) -> None:
        self._play(game.size, game.moves[-1][0], point)

    def dead_stones(self, game: Game) -> set[int] | None:
        if self._program is None:  # it failed just now: a fresh one knows nothing of this game
            return None
        with contextlib.suppress(ContestantError, ValueError):
            return {from_gtp(word, game.size) for word in self._ask("final_status_list dead").split()} - {PASS}
        return None

    def final_score(self) -> str | None:
        """The program's own count of the game, as ``B+3.5``; None if it has none."""
        if self._program is None:
            return None
        with contextlib.suppress(ContestantError):
            return next(iter(self._ask("final_score").split()), None)
        return None

    def abort(self) -> None:
        self._aborted, program = True, self._program
        if program is not None:
            program.kill()

    def close(self) -> None:
        program, self._program = self._program, None
        if program is not None:
            program.close()


def contestant(
    text: str, size: int, *, visits: int, device: str = "auto", threads: int | None = None, seed: int = 0,
    timeout: float = 120.0, config: SearchConfig | None = None,
) -> Contestant:  # fmt: skip
    """The contestant that a command-line word names: ``random``, ``gtp:COMMAND``, a shipped network or a file.
    ``config``: of a network's search."""
    if text == "random":
        return RandomContestant(seed)
    if text.startswith("gtp:"):
        return GtpContestant(text[4:], timeout)
    return NetContestant(text, size, visits=visits, device=device, threads=threads, seed=seed, config=config)
