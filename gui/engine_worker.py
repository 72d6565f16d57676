"""What runs in the engine's process: takes questions from the pipe, answers them with a Player.

See :mod:`gui.engine_link` for the messages. A thread reads the pipe, so that "stop" is heard during a search,
and the process ends when the window is gone.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import astuple
from multiprocessing.connection import Connection
from typing import Any

from gogame.board import BLACK
from gogame.game import Game
from gogame.player import Analysis, Clock, Player, TimeSettings
from gogame.rules import Rules
from gui.networks_worker import Looker

INTERVAL = 0.25  # seconds between two reports of a search
CANDIDATES = 10  # moves in a report
ESTIMATE_VISITS = 200  # of an estimate, however long the engine thinks about its moves

Position = tuple[Any, ...]


def position_of(game: Game) -> Position:
    """A game as a plain tuple: (size, rules, handicap, black stones, white stones, to_move at the start,
    moves)."""
    black, white, first = game.setup_stones
    return (
        game.size,
        astuple(game.rules),
        game.handicap,
        tuple(map(int, black)),
        tuple(map(int, white)),
        int(first),
        tuple((int(c), int(p)) for c, p in game.moves),
    )


def game_of(position: Position) -> Game:
    """The inverse of :func:`position_of`."""
    size, rules, handicap, black, white, first, moves = position
    game = Game(size=size, rules=Rules(*rules))
    if black or white or first != game.to_move:
        game.setup(black, white, first)
    game.handicap = handicap  # also of stones that were Black's first moves
    for color, point in moves:
        game.replay(point, color)  # a file's moves need not obey the rules that were guessed for it
    return game


Log = Callable[[str], None]
Load = Callable[[Log, str], Player]  # with a network's name, or "" for the usual one; ValueError if it cannot be had


def engine_main(pipe: Connection, options: dict[str, Any]) -> None:
    """The process: loads the engine, then answers until the window closes the pipe or asks it to quit."""
    serve(pipe, lambda log, net: _load(options, log, net), options.get("size", 9))


def _load(options: dict[str, Any], log: Log, net: str) -> Player:
    from mcts.engine import Engine  # imported here: what is slow or broken belongs to this process

    size = options.get("size", 9)
    chosen = {k: options[k] for k in ("net", "device", "threads", "seed") if options.get(k) is not None}
    engine = Engine(**chosen | ({"net": net} if net else {}), log=log)
    engine.warm_up(size)
    return engine


def serve(pipe: Connection, load: Load, size: int = 9) -> None:
    """Answer the questions that come through ``pipe`` with the players that ``load`` makes; the usual one comes ready
    for a board of ``size`` lines."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal ends the window, and that ends us
    worker = _Worker(pipe, load)
    try:
        player = worker.player("")
    except Exception as error:
        worker.send("error", None, reason(error))
        return
    worker.announce(player, size)
    worker.run()


def reason(error: Exception) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())
    return text if text and isinstance(error, (ValueError, OSError)) else f"{type(error).__name__}: {text}"


class _Worker:
    def __init__(self, pipe: Connection, load: Load):
        self._pipe = pipe
        self._load = load
        self._players: dict[str, Player] = {}  # by network: the usual one, and at most one other
        self._announced: dict[int, tuple[str, str]] = {}
        self._lock = threading.Lock()
        self._questions: queue.Queue[tuple[Any, ...]] = queue.Queue()
        self._stopped: set[int] = set()  # questions that need not go on
        self._current = 0
        self._stop = threading.Event()
        self._looker = Looker(self.send, game_of)
        threading.Thread(target=self._read, name="questions", daemon=True).start()

    def send(self, *message: Any) -> None:
        with self._lock:
            try:
                self._pipe.send(message)
            except OSError:
                os._exit(0)  # the window is gone

    def player(self, net: str) -> Player:
        """The player with a network; the usual one stays loaded, for hints and counts."""
        if net not in self._players:
            self._players = {name: player for name, player in self._players.items() if name == ""}
            self._players[net] = self._load(lambda text: self.send("log", text), net)
        return self._players[net]

    def announce(self, player: Player, size: int) -> None:
        """Says which is the usual network of a board, where that is news."""
        # An Engine says more than the protocol asks for: "net, limit of a move, how it was measured".
        known = player.name, str(getattr(player, "strength", "")).split(",")[0]
        if known != self._announced.get(size):
            self._announced[size] = known
            self.send("ready", *known, size)

    def run(self) -> None:
        """Answers questions for ever."""
        self._looker.begin()
        while True:
            kind, number, *arguments = self._questions.get()
            with self._lock:
                self._current = number
                self._stop.clear()
                if number in self._stopped:
                    self._stop.set()
            try:
                self._answer(kind, number, *arguments)
            except Exception as error:
                self.send("error", number, reason(error))

    def _read(self) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            if message[0] == "quit":
                os._exit(0)
            if message[0] == "stop":
                self._end(message[1])
            elif message[0] in ("views", "views end"):
                self._looker.put(message)
            else:
                self._questions.put(message)

    def _end(self, number: int) -> None:
        """That question need not go on, nor begin."""
        with self._lock:
            self._stopped.add(number)
            if self._current == number:
                self._stop.set()

    def _answer(
        self,
        kind: str,
        number: int,
        position: Position,
        visits: int = 0,
        seconds: float = 0.0,
        net: str = "",
        clock: tuple[Any, ...] = (),
    ) -> None:
        if kind == "hint" and self._stop.is_set():  # somebody has gone on already: the search stays where it is
            self.send("hint", number)
            return
        game, player = game_of(position), self.player(net)
        if kind == "score":
            self.send("score", number, *self._score(player, game))
            return
        if kind == "estimate":
            self._estimate(player, number, game)
            return
        player.visits, player.seconds = visits or None, seconds or None

        def report(analysis: Analysis) -> None:
            self.send("info", number, *info_of(analysis))

        player.warm_up(game.size)  # another size may have another network; it takes nothing of a hint's time
        if kind == "move":
            if not net:
                self.announce(player, game.size)
            left = None
            if clock:
                left = Clock(TimeSettings(*clock[:4]), *clock[4:])
                self.send("began", number)
            began = time.monotonic()
            move = player.genmove(game, left, stop=self._stop, on_info=report, interval=INTERVAL)
            self.send("move", number, int(move), *([time.monotonic() - began] if clock else []))
        else:
            if seconds:
                timer = threading.Timer(seconds, self._end, [number])
                timer.daemon = True
                timer.start()
            player.analyse(game, report, self._stop, interval=INTERVAL, visits=visits or None)
            self.send("hint", number)

    def _estimate(self, player: Player, number: int, game: Game) -> None:
        owned: tuple[float, ...] = ()

        def report(analysis: Analysis) -> None:
            nonlocal owned
            sign = 1.0 if analysis.to_move == BLACK else -1.0
            owned = tuple(round(sign * float(v), 3) for v in analysis.ownership)
            self.send("info", number, *info_of(analysis))

        player.warm_up(game.size)
        player.analyse(game, report, self._stop, interval=INTERVAL, visits=ESTIMATE_VISITS)
        self.send("estimate", number, owned)

    def _score(self, player: Player, game: Game) -> tuple[tuple[int, ...], tuple[float, ...]]:
        dead = tuple(sorted(int(p) for p in player.dead_stones(game)))
        return dead, tuple(round(float(v), 3) for v in player.ownership(game))


def info_of(analysis: Analysis) -> tuple[Any, ...]:
    """(win rate, score, visits, candidates) of an analysis, from Black's view, as plain numbers."""
    black = analysis.to_move == BLACK

    def win(value: float) -> float:
        return float(value) if black else 1.0 - float(value)

    def lead(value: float) -> float:
        return float(value) if black else -float(value)

    candidates = tuple(
        (
            int(move.point),
            int(move.visits),
            win(move.winrate),
            lead(move.score_lead),
            float(move.prior),
            tuple(int(p) for p in move.pv),
        )
        for move in list(analysis.moves)[:CANDIDATES]
    )
    return win(analysis.winrate), lead(analysis.score_lead), int(analysis.visits), candidates
