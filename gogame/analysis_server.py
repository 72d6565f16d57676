"""Serves analysis queries: a queue of positions, one search under way, the most urgent first.

Positions of one priority are searched in the order in which they came. A search that will not be done soon, as that of
a client that ponders with ten million visits, is left after :data:`QUANTUM` seconds for those behind it and taken up
again; so it keeps nobody waiting.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import math
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np

from gogame.analysis import MAX_TEXT, Turn, answer, legal_policy, parse, turns_of, warnings_of
from gogame.fields import QueryError
from gogame.game import Game
from gogame.gtp import LineSource, OutputError, writer
from gogame.player import Analysis, PlayerError, RawAnswer

QUANTUM = 2.0  # seconds that a long search goes on before others of its priority come first
SOON = 10.0  # seconds; a search that will be done in so many goes on to its end
SLICE = 0.25  # seconds of search between two looks at the queue
MOST_OPEN = 4  # searches under way at once; what comes after them waits, if it is not more urgent ...
PATIENCE = 60.0  # ... unless one of them has gone on for so long; that begins anew later, with twice the time
MOST_TURNS = 100_000  # positions that may wait
MOST_WARNINGS = 1000  # different ones


class Look(Protocol):
    """The search of one position."""

    @property
    def visits(self) -> int:
        """Of the root so far."""
        ...

    def run(self, visits: int, seconds: float, stop: threading.Event) -> bool:
        """Searches on until the root has so many visits, or for ``seconds``; returns whether it is at its end, which
        is where no more fits into the memory, at the latest."""
        ...

    def info(self, pv: int) -> Analysis | None:
        """What was found, None before the first visit; ``pv``: most moves of a variation."""
        ...

    def policy(self) -> np.ndarray:
        """The network's priors, float [S*S+1] by action."""
        ...

    def raw(self) -> RawAnswer:
        """What the network alone says of the position."""
        ...


class Analyst(Protocol):
    """Who searches. One call at a time."""

    sizes: range
    version: str

    def open(self, game: Game, avoid: Collection[int], allow: Collection[int] | None, wide: float) -> Look:
        """A position's search. ``avoid`` and ``allow`` restrict its first move; ``wide``: KataGo's wideRootNoise."""
        ...

    def close(self, look: Look) -> None: ...

    def ownerships_after(self, game: Game, points: Sequence[int]) -> Sequence[np.ndarray]:
        """After each of these moves: float [S*S] in [-1, 1], from the view of the side to move in ``game``."""
        ...

    def models(self) -> list[dict[str, object]]:
        """The networks, as KataGo describes its own."""
        ...

    def clear(self) -> None:
        """Forgets what was evaluated."""
        ...


class Found(NamedTuple):
    """What a search found, as an answer needs it."""

    analysis: Analysis
    raw: RawAnswer
    policy: np.ndarray | None  # float [S*S+1] by action, -1 where illegal; None where nobody asked


@dataclass(eq=False)
class Task:
    """A turn that waits or is searched."""

    turn: Turn
    number: int
    order: int  # in which it waits: that of arrival, and of its return where its search was closed
    spent: float = 0.0  # seconds of search, the query's maxTime counts them
    reported: float = 0.0  # of ``spent``, at the last report
    opened: float = 0.0  # ... and when the look was opened
    given_up: int = 0  # looks that were closed for others
    look: Look | None = None
    game: Game | None = None  # the position, while there is a look
    kept: Found | None = None  # by a look that was closed

    @property
    def rank(self) -> tuple[int, int, int]:
        """The least one comes first."""
        turns = 0 if self.left <= SOON else int((self.spent - self.opened) / QUANTUM)
        return (-self.turn.priority, turns, self.order)

    @property
    def left(self) -> float:
        """Seconds that its search will take yet, as far as can be seen; 0 where it was not begun."""
        query, found = self.turn.query, self.spent - self.opened
        if self.look is None or found <= 0:
            return 0.0
        rate = self.look.visits / found
        most = (query.visits - self.look.visits) / rate if rate > 0 else math.inf
        return min(most, query.seconds - self.spent)

    @property
    def overdue(self) -> bool:
        """Whether its search has been under way for so long that others may take its place."""
        return self.left > SOON and self.spent - self.opened >= PATIENCE * 2 ** min(self.given_up, 20)


class Server:
    """One client's conversation."""

    def __init__(
        self, analyst: Analyst, write: Callable[[str], None], *, rules: str, log: Callable[[str], None]
    ) -> None:
        """``rules``: for queries that name none."""
        self._analyst = analyst
        self._write = write
        self._rules = rules
        self._log = log
        self._tasks: dict[int, Task] = {}  # by number
        self._waiting: list[tuple[int, int, int]] = []  # a heap: (-priority, order, number) without a search, some gone
        self._open: list[Task] = []  # with a search
        self._number = 0  # of the last task or order
        self._ignored: set[str] = set()

    def serve(self, source: LineSource, wait: bool = True) -> None:
        """Answers until the input is at its end and nothing waits any more; without ``wait``, until the former."""
        open_ = True
        while open_ or (self._tasks and wait):
            while open_ and (source.waiting.is_set() or not self._tasks):
                line = source.take()
                if line is None:
                    open_ = False
                elif line.strip():
                    self.hear(line)
            if self._tasks and (open_ or wait):
                self.work(source.waiting if open_ else threading.Event())

    # --- lines -------------------------------------------------------------------------------------------------------

    def hear(self, line: str) -> None:
        """Takes one line in. Whatever is wrong with it is answered with an error, and nothing else."""
        fields: dict[str, Any] = {}
        try:
            fields = parse(line)
            if fields.get("action") is not None:
                self._act(fields)
                return
            turns = turns_of(fields, self._analyst.sizes, self._rules)
            if len(self._tasks) + len(turns) > MOST_TURNS:
                raise QueryError("analyzeTurns", f"more than {MOST_TURNS} positions would wait")
        except QueryError as error:
            self._fail(fields, error.field, str(error))
            return
        except (BrokenPipeError, OutputError):
            raise
        except RecursionError:  # of an object too deep to be repeated
            self._fail(fields, "", "not a line of JSON")
            return
        except Exception as error:  # the engine must live on, and say why
            traceback.print_exc(file=sys.stderr)
            self._fail(fields, "", f"internal error: {type(error).__name__}: {error}"[:300])
            return
        for name, text in warnings_of(fields):
            self._warn(fields["id"], name, text)
        for turn in turns:
            self._number += 1
            self._tasks[self._number] = Task(turn, self._number, self._number)
            self._queue(self._tasks[self._number])

    def _queue(self, task: Task) -> None:
        heapq.heappush(self._waiting, (-task.turn.priority, task.order, task.number))

    def _warn(self, name: str, field_: str, text: str) -> None:
        """Once is enough."""
        if field_ + text not in self._ignored and len(self._ignored) < MOST_WARNINGS:
            self._ignored.add(field_ + text)
            self._send({"id": name, "field": field_, "warning": text})

    def _fail(self, fields: dict[str, Any], name: str, reason: str) -> None:
        found = {"error": reason} | ({"field": name} if name else {})
        if isinstance(fields.get("id"), str):
            found["id"] = fields["id"]
        self._send(found)

    def _act(self, fields: dict[str, Any]) -> None:
        action, out = fields["action"], dict(fields)
        _line(out)  # what cannot be repeated is refused before anything is done
        if action == "query_version":
            out |= {"version": self._analyst.version, "git_hash": ""}
        elif action == "query_models":
            out |= {"models": self._analyst.models()}
        elif action == "clear_cache":
            self._analyst.clear()
        elif action in ("terminate", "terminate_all"):
            name = fields.get("terminateId")
            if action == "terminate" and not isinstance(name, str):
                raise QueryError("terminateId", "must be a string")
            turns = fields.get("turnNumbers")
            if turns is not None and (not isinstance(turns, list) or any(type(turn) is not int for turn in turns)):
                raise QueryError("turnNumbers", "must be a list of whole numbers")
            wanted = None if turns is None else set(turns)
            for task in list(self._tasks.values()):
                if (action == "terminate_all" or task.turn.query.id == name) and (
                    wanted is None or task.turn.number in wanted
                ):
                    self._conclude(task, ended=True)
        else:
            raise QueryError("action", f"unknown: {str(action)[:MAX_TEXT]}")
        self._send(out)

    # --- search ------------------------------------------------------------------------------------------------------

    def work(self, stop: threading.Event) -> None:
        """Searches the most urgent position for a while; ``stop`` ends it early."""
        task = self._next()
        query = task.turn.query
        try:
            if task.look is None:
                self._begin(task)
            assert task.look is not None
            due = query.first if task.reported == 0 else task.reported + query.every
            began = time.perf_counter()
            left = min(SLICE, query.seconds - task.spent, due - task.spent)
            done = task.look.run(query.visits, max(left, 0.001), stop)
            task.spent += time.perf_counter() - began
            report = None
            if not done and due <= task.spent < query.seconds:
                task.reported = task.spent
                found = self._found(task)
                report = None if found is None else self._answer(task, found, during=True)
        except Exception as error:
            self._give_up(task, error)
            return
        if done and task.look.visits < query.visits:
            self._warn(query.id, "maxVisits", f"a search ends at {task.look.visits} visits here: its memory is full")
        if done or task.spent >= query.seconds:
            self._conclude(task)
        elif report is not None:
            self._write(report)

    def _next(self) -> Task:
        """The task to go on with: of those that are open and, where there is a place for it, the first that waits."""
        while self._waiting and self._waiting[0][2] not in self._tasks:
            heapq.heappop(self._waiting)
        best = min(self._open, key=lambda task: task.rank, default=None)
        if not self._waiting:
            assert best is not None
            return best
        first = self._tasks[self._waiting[0][2]]
        if best is not None and (best.rank < first.rank or not self._makes_room(first)):
            return best
        heapq.heappop(self._waiting)
        return first

    def _makes_room(self, task: Task) -> bool:
        """Whether a search can be begun; closes another for it, if need be and if that may be."""
        if len(self._open) < MOST_OPEN:
            return True
        last = max(self._open, key=lambda t: (-t.turn.priority, t.overdue, t.rank))
        if last.turn.priority >= task.turn.priority and not last.overdue:
            return False
        self._close(last)
        return True

    def _begin(self, task: Task) -> None:
        query, game = task.turn.query, task.turn.position()
        color = game.to_move
        task.look = self._analyst.open(game, query.avoid.get(color, ()), query.allow.get(color), query.wide)
        task.game, task.opened = game, task.spent
        self._open.append(task)

    def _close(self, task: Task) -> None:
        """Closes a search for another's sake, and keeps what it found; the task waits behind all that wait."""
        assert task.look is not None
        with contextlib.suppress(MemoryError):
            task.kept = self._found(task)
        self._end_search(task)
        self._number += 1
        task.order, task.given_up = self._number, task.given_up + 1
        self._queue(task)

    def _end_search(self, task: Task) -> None:
        if task.look is not None:
            self._open.remove(task)
            self._analyst.close(task.look)
            task.look = task.game = None

    def _found(self, task: Task) -> Found | None:
        """What was found so far, by the look that got furthest."""
        query, kept = task.turn.query, task.kept
        if task.look is None or task.game is None or (kept is not None and kept.analysis.visits > task.look.visits):
            return kept
        analysis = task.look.info(query.pv)
        if analysis is None:
            return kept
        policy = legal_policy(task.game, task.look.policy()) if query.policy else None
        return Found(analysis, task.look.raw(), policy)

    def _conclude(self, task: Task, ended: bool = False) -> None:
        """Answers with what was found, and forgets the turn. ``ended``: by its client, which is about to ask for the
        next one; nothing is evaluated for it any more."""
        try:
            out = self._answer(task, self._found(task), during=False, ended=ended)
        except Exception as error:
            self._give_up(task, error)
            return
        self._drop(task)
        self._write(out)

    def _give_up(self, task: Task, error: Exception) -> None:
        """Answers with an error. The engine must live on, and say why."""
        if not isinstance(error, (PlayerError, QueryError, OSError, MemoryError, RuntimeError, ValueError)):
            traceback.print_exc(file=sys.stderr)
        self._log(str(error))
        self._drop(task)
        where = {"field": error.field} if isinstance(error, QueryError) and error.field else {}
        said = {"error": str(error) or type(error).__name__, **where}
        self._send({"id": task.turn.query.id, "turnNumber": task.turn.number, **said})

    def _answer(self, task: Task, found: Found | None, during: bool, ended: bool = False) -> str:
        """The answer's line. ValueError where a figure is no number."""
        if found is None:
            return _line(answer(task.turn, None, during=during))
        owners = None
        if task.turn.query.moves_ownership and not during and not ended:
            points = [move.point for move in found.analysis.moves]
            owners = self._analyst.ownerships_after(task.game or task.turn.position(), points)
        return _line(answer(task.turn, found.analysis, found.raw, during=during, policy=found.policy, owners=owners))

    def _drop(self, task: Task) -> None:
        del self._tasks[task.number]
        self._end_search(task)

    def _send(self, message: dict[str, Any]) -> None:
        self._write(_line(message))


def _line(message: dict[str, Any]) -> str:
    try:
        return json.dumps(message, separators=(",", ":"), allow_nan=False) + "\n"
    except ValueError:
        raise ValueError("the network's answers are no numbers: its weights have grown beyond bounds") from None


def run(
    analyst: Analyst, stdin: BinaryIO, stdout: BinaryIO, *, rules: str, log: Callable[[str], None], wait: bool = True
) -> None:
    """Serves a client over two binary streams until it goes away and, with ``wait``, what it asked is answered."""
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        Server(analyst, writer(stdout), rules=rules, log=log).serve(LineSource(stdin), wait)
