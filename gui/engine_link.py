"""The engine in its own process, so that neither a crash nor a compilation freezes the window.

Both directions carry plain tuples over a pipe. Questions from the window:

    ("move", id, position, visits, seconds, net) choose a move; net: a name, or empty for that of the options
    ("move", ..., net, clock)                    ... in a game with a clock: (system, main, period, count; seconds and
                                                 count that are left)
    ("hint", id, position, visits, seconds)      the same search, but only its candidates are wanted
    ("estimate", id, position)                   a short search, for who will own what
    ("score", id, position)                      which stones are dead, and who owns what
    ("views", id, position, ((key, path), ...))  what these networks alone say of it, beside all else
    ("views end", id)                            nobody looks at them any more
    ("stop", id)                                 end that question early; its answer may still come
    ("quit",)

Answers of the engine (win rate and score are Black's, ownership too):

    ("ready", name, net, size)                   loaded; on a board of that size the usual network is this one
    ("log", text)                                a line about what takes long
    ("began", id)                                a move with a clock: what has to be loaded or compiled for it is
    ("info", id, winrate, score, visits, candidates)
                                                 candidates: ((point, visits, winrate, score, prior, pv), ...)
    ("move", id, point)                          -1: resigns, 0: passes
    ("move", id, point, seconds)                 ... with a clock: how long it took since it began
    ("hint", id)                                 the search is over
    ("estimate", id, ownership)                  ownership [S*S] in -1..1, by row
    ("score", id, dead points, ownership)        the same
    ("views", id, loading, ((key, found), ...))  of some of them; so many are yet to be loaded. found: (win rate, score,
                                                 policy [S*S+1], ownership [S*S]), or why there is none
    ("error", id or None, reason)                that question failed, or (None) the engine as a whole
    ("down", reason)                             added by the link: the process has ended by itself

A position is the tuple that :func:`gui.engine_worker.position_of` makes, with the points of
:mod:`gogame.geometry`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from gui.engine_worker import engine_main

Message = tuple[Any, ...]
Target = Callable[[Connection, dict[str, Any]], None]

OFF, LOADING, IDLE, THINKING, ERROR = "off", "loading", "idle", "thinking", "error"


class EngineLink:
    """Starts the process, sends questions and hands every answer to ``post`` (called from a reader thread).

    ``post`` must only carry the message over to the main thread; the main thread then calls :meth:`receive`,
    which keeps ``state`` up to date and tells whether the message is still of interest.
    """

    def __init__(self, options: dict[str, Any], post: Callable[[Message], None], target: Target = engine_main):
        self.options = options
        self.state = OFF
        self.detail = ""
        self.name = ""
        self._nets: dict[int, str] = {}  # by board size
        self.given_net = str(options.get("net") or "")  # asked for on the command line
        self._post = post
        self._target = target
        self._process: Any = None
        self._pipe: Connection | None = None
        self._generation = 0
        self._next = 0
        self._open: dict[int, str] = {}  # questions without an answer yet

    def start(self) -> None:
        """Start the process unless it runs. Loading goes on in the background."""
        if self._process is not None and self.state != ERROR:
            return
        self.close()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._generation += 1
        self.state, self.detail = LOADING, "loading the engine"
        try:
            self._process = context.Process(target=self._target, args=(theirs, self.options), daemon=True)
            self._process.start()
        except OSError as error:
            self._process = None
            self.state, self.detail = ERROR, f"the engine's process could not be started: {error}"
            return
        finally:
            theirs.close()
        self._pipe = ours
        reader = threading.Thread(target=self._read, args=(ours, self._generation), name="engine reader", daemon=True)
        reader.start()

    def usual_net(self, size: int) -> str:
        """The network that moves on a board unless another is chosen; empty while the engine has not said."""
        return self._nets.get(size, "")

    def ask(self, kind: str, *arguments: Any) -> int:
        """Send a question; starts the engine when it is not there. Returns the id that its answers carry."""
        self.start()
        self._next += 1
        self._open[self._next] = kind
        self._send((kind, self._next, *arguments))
        if self.state == IDLE:
            self.state = THINKING
        return self._next

    def aside(self, kind: str, *arguments: Any) -> int:
        """Send what is answered beside the questions, not in their order. Its answers pass by :meth:`receive`."""
        self.start()
        self._next += 1
        self._send((kind, self._next, *arguments))
        return self._next

    def cancel(self, question: int | None) -> None:
        """The answer is not wanted any more."""
        if question is not None and self._open.pop(question, ""):
            self._send(("stop", question))
            self._settle()

    def stop(self, question: int | None) -> None:
        """End a question early; its answer so far is still wanted."""
        if question in self._open:
            self._send(("stop", question))

    def receive(self, message: Message) -> Message | None:
        """Take a posted message on the main thread. Returns it without the link's bookkeeping if it still
        matters."""
        generation, *rest = message
        kind = rest[0]
        if generation != self._generation:
            return None
        if kind == "ready":
            self.name, self.detail = rest[1], ""
            self._nets[rest[3]] = rest[2]
            self.state = THINKING if self._open else IDLE
        elif kind == "log":
            if self.state != IDLE:
                self.detail = rest[1]
        elif kind == "down" or (kind == "error" and rest[1] is None):
            if kind == "down":
                if self.state == ERROR:
                    return None  # the reason is already there
                # Only the main thread touches the process: two that wait for it would steal the exit code.
                self._process.join(1)
                rest[-1] = f"the engine's process has ended (exit code {self._process.exitcode})"
            self.state, self.detail = ERROR, rest[-1]
            self._open.clear()
        elif rest[1] not in self._open:
            return None
        elif kind not in ("began", "info"):
            del self._open[rest[1]]
            self._settle()
        return tuple(rest)

    def retry(self) -> None:
        """Start again after an error."""
        self.state = ERROR
        self.start()

    def close(self) -> None:
        """End the process; does not wait for a search."""
        self._generation += 1
        self._open.clear()
        process, self._process = self._process, None
        if self._pipe is not None:
            self._send(("quit",))
            self._pipe = None  # the reader closes it: closing it here, under its feet, could hit another file
        if process is not None:
            process.join(0.3)
            if process.is_alive():
                process.kill()
                process.join(2)
        self.state = OFF

    def _settle(self) -> None:
        if self.state == THINKING and not self._open:
            self.state, self.detail = IDLE, ""

    def _send(self, message: Message) -> None:
        # A dead process is noticed by the reader, with its reason.
        if self._pipe is not None:
            with contextlib.suppress(OSError):
                self._pipe.send(message)

    def _read(self, pipe: Connection, generation: int) -> None:
        with pipe, contextlib.suppress(EOFError, OSError):
            while True:
                self._post((generation, *pipe.recv()))
        self._post((generation, "down", ""))
