"""The end of the networks' view that runs in the engine's process: bare evaluations, beside the engine's searches.

A thread of its own, of lower priority where the system knows such threads, with networks of its own: what the engine is
asked for neither waits for it nor is waited for. Each evaluation takes one core some milliseconds, and loading a
network some tenths of a second. A newer question ends the one before, between two networks.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from gogame.board import BLACK
from gogame.game import Game

KEEP = 60.0  # seconds that the networks stay loaded after the view was closed
MOST_LOADED = 32  # networks
BUNDLE = 0.1  # seconds of evaluations that go into one message
NICER = 5  # than the engine's threads, in the system's steps

Found = tuple[float, float, Any, Any]  # Black's win rate and lead, policy [S*S+1], ownership [S*S] (see gui.networks)
Look = Callable[[Game], Found]
LoadLook = Callable[[str, int], Look]  # of a file, for a board size


def load_look(path: str, size: int) -> Look:
    """Loads a network. ValueError or OSError if it cannot be had."""
    import numpy as np

    from mcts.leaves import NetEvaluator
    from mcts.raw import raw_answer
    from nets.evaluator import make_evaluator

    net = make_evaluator(path, size, "cpu", batch=1, threads=1)
    evaluator = NetEvaluator(net, Game(size).rule_set(), "none")

    def look(game: Game) -> Found:
        answer = raw_answer(evaluator, game, 0)
        win, lead = answer.win + answer.no_result / 2, answer.score_lead
        if not (math.isfinite(win) and math.isfinite(lead)):
            raise ValueError("the network's answers are not finite numbers")
        sign, black = (1, win) if answer.to_move == BLACK else (-1, 1 - win)
        policy = np.nan_to_num(answer.policy).astype(np.float32)
        return black, sign * lead, policy, (sign * answer.ownership).astype(np.float32)

    return look


class Looker:
    """Answers the questions of the view. ``send`` is called from its thread."""

    def __init__(
        self, send: Callable[..., None], game_of: Callable[[Any], Game], load: LoadLook = load_look, keep: float = KEEP
    ):
        self._send, self._game_of, self._load, self._keep = send, game_of, load, keep
        self._news = threading.Condition()
        self._question: tuple[Any, ...] | None = None  # the newest, not yet begun
        self._closed = False  # nobody looks
        self._loaded: dict[str, Look] = {}  # by key, the one used last at the end
        self._size = 0  # that they are made for
        self._thread: threading.Thread | None = None

    def put(self, message: tuple[Any, ...]) -> None:
        """A message of the window has come, see :mod:`gui.engine_link`. May come before :meth:`begin`."""
        with self._news:
            self._closed = message[0] == "views end"
            self._question = None if self._closed else message[1:]
            self._news.notify()

    def begin(self) -> None:
        """The engine is ready: answer from now on."""
        self._thread = threading.Thread(target=self._run, name="networks", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        _be_nice()
        while True:
            with self._news:
                while self._question is None:
                    leave = self._closed and self._loaded
                    if not self._news.wait(self._keep if leave else None) and leave and self._question is None:
                        self._loaded.clear()
                number, position, networks = self._question
                self._question = None
            try:
                self._answer(number, self._game_of(position), networks)
            except Exception as error:
                self._send("views", number, 0, tuple((key, _line(error)) for key, _ in networks))

    def _answer(self, number: int, game: Game, networks: tuple[tuple[str, str], ...]) -> None:
        if game.size != self._size:
            self._loaded.clear()
            self._size = game.size
        found: list[tuple[str, Found | str]] = []
        sent = 0.0
        left = sum(key not in self._loaded for key, _ in networks)
        for i, (key, path) in enumerate(networks):
            if self._question is not None or self._closed:
                return
            left -= key not in self._loaded
            found.append((key, self._look(key, path, game)))
            if i == len(networks) - 1 or time.monotonic() > sent + BUNDLE:  # the first one goes at once
                self._send("views", number, left, tuple(found))
                found.clear()
                sent = time.monotonic()

    def _look(self, key: str, path: str, game: Game) -> Found | str:
        """What the network says of a position, or why it says nothing."""
        try:
            look = self._loaded.pop(key, None) or self._load(path, game.size)
            self._loaded[key] = look
            if len(self._loaded) > MOST_LOADED:
                del self._loaded[next(iter(self._loaded))]
            return look(game)
        except Exception as error:  # whatever a strange file does: the others are shown
            self._loaded.pop(key, None)
            return _line(error).removeprefix(f"{path}: ")


def _line(error: Exception) -> str:
    """An exception in one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _be_nice() -> None:
    """The system prefers other threads to this one, and to those that it starts. On Linux alone: elsewhere it would be
    the whole process."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICER)
