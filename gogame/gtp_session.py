"""What a GTP session remembers between commands (game, rules, komi, clocks), and how arguments are read.

The session is given a :class:`~gogame.player.Player` and knows no search. Komi and rules survive ``boardsize`` and
``clear_board``; until a komi is named it follows the board size.
"""

from __future__ import annotations

import math
import re
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable
from functools import wraps

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp, to_gtp
from gogame.game import MAX_MOVES, Game, IllegalMove, free_handicap
from gogame.geometry import PASS
from gogame.gtp import GtpError, LineSource, Reply
from gogame.player import RESIGN, Clock, OnInfo, Player, PlayerError, TimeSettings, TimeSystem
from gogame.rules import Rules, default_komi, default_rules

MAX_KOMI = 1000.0  # points
MAX_SECONDS = 1e7
MOST_TOLD = 100  # different things that are told once
# Commands that read the session or set its clocks, and ask the player nothing: pondering, which has a copy of the game,
# goes on beside them.
QUIET = frozenset(
    (
        "protocol_version name version known_command list_commands help query_boardsize get_komi get_handicap "
        "last_move move_history list_stones color captures showboard cputime time_settings time_left kgs-time_settings "
        "kata-time_settings kata-list_time_settings kata-get-rules kata-list-params kata-get-param kata-get-params "
        "gogui-analyze_commands gogui-interrupt"
    ).split()
)


class Session:
    """One controller's conversation with one player."""

    def __init__(
        self,
        player: Player,
        *,
        size: int = 9,
        rules: Rules | None = None,
        komi: float | None = None,
        name: str | None = None,
        ponder: bool = False,
    ) -> None:
        """``rules`` and ``komi`` hold for every game until a command changes them; ``name`` is answered to ``name``
        in place of the player's own; ``ponder``: think on while the opponent does."""
        self.player = player
        self.name = name or player.name
        self.preset = rules
        self.komi = komi
        self.source: LineSource | None = None  # set by the loop, so that an analysis hears of the next line
        self._interrupt = threading.Event()  # "# interrupt" came in: the move under way is to end
        self._interrupted = 0  # lines that had come in when it did: it is meant for them, and for none after it
        self._ponder = ponder
        self._told: set[str] = set()
        self._gave_up = False  # the last move asked for was a resignation
        self.clocks: dict[int, Clock] = {}
        self.game = Game(size, self.rules_for(size))
        self.set_time(TimeSettings())

    def rules_for(self, size: int) -> Rules:
        """The rules in force on a board size, with their komi."""
        rules = self.preset or default_rules(size)
        if self.komi is not None:
            return rules.replace(komi=self.komi)
        return rules.replace(komi=default_komi(size, rules.scoring))

    def log(self, text: str) -> None:
        """Tells the person, on standard error."""
        print(f"gogame: {text}", file=sys.stderr, flush=True)

    def log_once(self, text: str) -> None:
        """Tells the person what is true of every line that a client sends."""
        if text not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(text)
            self.log(text)

    # --- the game ----------------------------------------------------------------------------------------------------

    def new_game(self, size: int) -> None:
        """An empty board. The player gets ready before it is answered, so that no clock runs meanwhile."""
        if size not in self.player.sizes:
            raise GtpError("unacceptable size")
        try:
            self.player.warm_up(size)
        except (PlayerError, ValueError, OSError, RuntimeError) as error:
            self.log(str(error))
            raise GtpError(f"unacceptable size: {error}") from None
        self.game = Game(size, self.rules_for(size))
        self.clocks = {color: clock.settings.start() for color, clock in self.clocks.items()}

    def set_rules(self, rules: Rules) -> None:
        """Other rules from the next move on; the board stays as it is, and this game's komi too."""
        komi = self.game.rules.komi  # of a loaded file perhaps, and not the one that was named
        self.preset = rules  # whose komi is this game's, if they were put together from its; later ones have the usual
        self.game.rules = rules.replace(komi=komi)

    def set_komi(self, komi: float) -> None:
        """Another komi, in this game and in all later ones."""
        try:
            self.game.rules = self.game.rules.replace(komi=komi)
        except ValueError as error:
            raise GtpError(str(error)) from None
        self.komi = komi

    def play(self, color: int, point: int) -> None:
        """Plays a move of either colour that the controller says was played: superko and suicide do not refuse it. A
        second move in a row by one colour is allowed."""
        self._play(Game.replay, color, point)

    def _play(self, how: Callable[[Game, int, int], None], color: int, point: int) -> None:
        """Plays a move, strictly (:meth:`Game.play`) or not (:meth:`Game.replay`)."""
        self._check_length()
        game = self.game
        if game.resigned or game.is_void:  # when a game is over the controller decides; an illegal move leaves it so
            game = game.copy()
            game.resume(color)
        try:
            how(game, point, color)
        except IllegalMove as error:
            raise GtpError(f"illegal move: {error}") from None
        self.game = game
        self._count_handicap()

    def _check_length(self) -> None:
        """GtpError for a game with as many moves as it may have."""
        if len(self.game.moves) >= MAX_MOVES:
            raise GtpError(f"the game has {MAX_MOVES} moves: clear_board begins another")

    def undo(self) -> None:
        """Takes the last move, or a resignation, back."""
        if not self.game.undo():
            raise GtpError("cannot undo")
        self._count_handicap()

    def _count_handicap(self) -> None:
        """Before White's first stone, Black's are a handicap where they are more than one and none was set up: servers
        and their clients send handicap stones as moves."""
        game = self.game
        if len(game.moves) > 2 * game.size**2:  # passes of a long game: it would be counted anew after each
            return
        black, white, _ = game.setup_stones
        if not black and not white and all(color == BLACK or point == PASS for color, point in game.moves):
            game.handicap = free_handicap(game.moves)

    def position(self, color: int) -> Game:
        """The game with ``color`` to move: the session's own where it is that colour's turn, else a copy."""
        if self.game.to_move == color and not self.game.is_over:
            return self.game
        game = self.game.copy()
        game.resume(color)
        return game

    def interrupt_line(self, before: int) -> None:
        """Called from the reading thread: "# interrupt" came in after so many lines."""
        self._interrupted = before
        self._interrupt.set()

    def interruptible(self) -> threading.Event:
        """The stop signal of the command under way, set already where its interrupt came in with it."""
        self._interrupt.clear()
        if self.source is not None and self._interrupted >= self.source.taken:
            self._interrupt.set()
        return self._interrupt

    @property
    def is_timed(self) -> bool:
        """Whether a move's time is limited, by the player's seconds or by a clock."""
        return bool(self.player.seconds) or any(c.settings.system != "none" for c in self.clocks.values())

    # --- the player --------------------------------------------------------------------------------------------------

    def genmove(
        self,
        color: int,
        *,
        on_info: OnInfo | None = None,
        interval: float = 1.0,
        cleanup: bool = False,
        avoid: Collection[int] = (),
        allow: Collection[int] | None = None,
        played: bool = True,
        stop: threading.Event | None = None,
    ) -> int:
        """The player's move for ``color``; if it is to be ``played``, on the board, and its clock is charged. RESIGN is
        not played. ``stop`` ends it in place of an interrupt."""
        if played:
            self._check_length()
        position = self.position(color)
        began = time.monotonic()
        point = self.player.genmove(
            position,
            self.clocks[color],
            stop=stop or self.interruptible(),
            on_info=on_info,
            interval=interval,
            cleanup=cleanup,
            avoid=avoid,
            allow=allow,
        )
        if not played:
            return point
        self._gave_up = point == RESIGN
        if not self._gave_up:
            self._play(Game.play, color, point)
        clock = self.clocks[color]
        # This keeps count where the controller sends no time_left; whether time ran out is for it to say.
        self.clocks[color] = clock.after(time.monotonic() - began) or clock
        return point

    def asked(self, name: str) -> None:
        """Called when a command is about to be answered: pondering ends, unless the command leaves it alone."""
        if name not in QUIET:
            self.player.stop()

    def answered(self, name: str) -> None:
        """Called when a command has been answered: pondering begins after a move was generated."""
        over = self._gave_up or self.game.is_over
        if self._ponder and "genmove" in name and name != "reg_genmove" and not over:
            self.player.ponder(self.game)

    def set_clock(self, color: int, seconds: float, stones: int) -> None:
        """What the controller says a clock shows; ``stones`` is 0 in main time, else the periods or stones left.

        Without time settings before it, it is an absolute clock; one that has no time is none, since some controllers
        send zeros where there is no limit."""
        settings = self.clocks[color].settings
        if settings.system == "none":
            if seconds <= 0 and stones == 0:
                return
            system: TimeSystem = "canadian" if stones else "absolute"
            settings = TimeSettings(system, 0.0 if stones else seconds, seconds if stones else 0.0, stones)
        if settings.system in ("absolute", "fischer"):
            stones = 0
        self.clocks[color] = Clock(settings, seconds, stones)

    def set_time(self, settings: TimeSettings) -> None:
        """The same time control for both, from its start."""
        self.clocks = {color: settings.start() for color in (BLACK, WHITE)}


Command = Callable[[Session, list[str], Reply], str]
COMMANDS: dict[str, Command] = {}


def command(*names: str) -> Callable[[Command], Command]:
    """Puts a handler ``(session, args, reply) -> answer`` into the table under these names. What the player cannot do
    is the command's error."""

    def register(handler: Command) -> Command:
        @wraps(handler)
        def told(session: Session, args: list[str], reply: Reply) -> str:
            try:
                return handler(session, args, reply)
            except PlayerError as error:
                raise GtpError(str(error)) from None

        for name in names:
            if name in COMMANDS:
                raise ValueError(f"two handlers for the command {name}")
            COMMANDS[name] = told
        return handler

    return register


# --- arguments -------------------------------------------------------------------------------------------------------


def need(args: list[str], least: int, what: str) -> None:
    """Refuses too few arguments."""
    if len(args) < least:
        raise GtpError(f"syntax error: expected {what}")


def integer(text: str, what: str, least: int, most: int) -> int:
    """A whole number within bounds."""
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise GtpError(f"{what} is not an integer")
    value = int(text)
    if not least <= value <= most:
        raise GtpError(f"{what} is out of range ({least} to {most})")
    return value


def number(text: str, what: str, least: float, most: float) -> float:
    """A finite number within bounds."""
    try:
        value = float(text)
    except ValueError:
        raise GtpError(f"{what} is not a number") from None
    if not math.isfinite(value) or not least <= value <= most:
        raise GtpError(f"{what} is out of range ({least:g} to {most:g})")
    return value + 0.0  # -0 is 0


def main_time(text: str) -> float:
    """Seconds of main time; what is below 0, as some clients' arithmetic has it, is 0."""
    return max(number(text, "time", -MAX_SECONDS, MAX_SECONDS), 0.0)


def color_of(text: str) -> int:
    """b, black, w or white in any case."""
    colors = {"b": BLACK, "black": BLACK, "w": WHITE, "white": WHITE}
    if text.lower() not in colors:
        raise GtpError("invalid color")
    return colors[text.lower()]


def is_color(text: str) -> bool:
    """Whether an argument names a colour."""
    return text.lower() in ("b", "black", "w", "white")


def vertex_of(text: str, size: int) -> int:
    """A point, or PASS."""
    try:
        return from_gtp(text, size)
    except ValueError:
        raise GtpError("invalid vertex") from None


def vertices_text(points: Iterable[int], size: int) -> str:
    """Points as the protocol spells them, one after the other."""
    return " ".join(to_gtp(int(point), size) for point in points)


def move_text(session: Session, point: int) -> str:
    """A generated move as the protocol spells it."""
    return "resign" if point == RESIGN else to_gtp(point, session.game.size)


def stone_of(text: str, size: int) -> int:
    """A point on the board."""
    point = vertex_of(text, size)
    if point == PASS:
        raise GtpError("invalid vertex")
    return point
