"""Serves analysis queries: a queue of positions, one search under way, the most urgent first.

The search of a position can be left and taken up again, so that a query that asks for ten million visits, as a client
that ponders does, keeps nobody waiting: what has run for :data:`QUANTUM` seconds stands back behind what has not.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

import numpy as np

from gogame.analysis import MAX_TEXT, QueryError, Turn, answer, legal_policy, parse, turns_of, warnings_of
from gogame.game import Game
from gogame.gtp import LineSource, writer
from gogame.player import Analysis, PlayerError

QUANTUM = 2.0  # seconds that a turn is searched before others of its priority come first
SLICE = 0.25  # seconds of search between two looks at the queue
MOST_OPEN = 4  # searches that are kept while others go on; the least urgent one of more begins anew later
MOST_TURNS = 100_000  # positions that may wait


class Look(Protocol):
    """The search of one position."""

    def run(self, visits: int, seconds: float, stop: threading.Event) -> bool:
        """Searches on until the root has so many visits, or for ``seconds``; returns whether it is at its end."""
        ...

    def info(self, pv: int) -> Analysis | None:
        """What was found, None before the first visit; ``pv``: most moves of a variation."""
        ...

    def policy(self) -> np.ndarray:
        """The network's priors, float [S*S+1] by action."""
        ...


class Analyst(Protocol):
    """Who searches. One call at a time."""

    sizes: range
    version: str

    def open(self, game: Game, avoid: Collection[int], allow: Collection[int] | None) -> Look: ...

    def close(self, look: Look) -> None: ...

    def ownership_after(self, game: Game, point: int) -> np.ndarray:
        """Float [S*S] in [-1, 1], from the view of the side to move in ``game``."""
        ...

    def clear(self) -> None:
        """Forgets what was evaluated."""
        ...


@dataclass
class Task:
    """A turn that waits or is searched."""

    turn: Turn
    number: int  # in order of arrival
    spent: float = 0.0  # seconds of search
    reported: float = 0.0  # of ``spent``, at the last report
    look: Look | None = field(default=None, repr=False)

    @property
    def rank(self) -> tuple[int, int, int]:
        """The least one comes first."""
        return (-self.turn.priority, int(self.spent / QUANTUM), self.number)


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
        self._tasks: list[Task] = []
        self._number = 0
        self._ignored: set[str] = set()

    def serve(self, source: LineSource) -> None:
        """Answers until the input is at its end and nothing waits any more."""
        open_ = True
        while open_ or self._tasks:
            while open_ and (source.waiting.is_set() or not self._tasks):
                line = source.take()
                if line is None:
                    open_ = False
                elif line.strip():
                    self.hear(line)
            if self._tasks:
                self.work(source.waiting if open_ else threading.Event())

    # --- lines -------------------------------------------------------------------------------------------------------

    def hear(self, line: str) -> None:
        """Takes one line in. Whatever is wrong with it is answered with an error, and nothing else."""
        fields: dict[str, Any] = {}
        try:
            fields = parse(line)
            if "action" in fields:
                self._act(fields)
                return
            turns = turns_of(fields, self._analyst.sizes, self._rules)
            if len(self._tasks) + len(turns) > MOST_TURNS:
                raise QueryError("analyzeTurns", f"more than {MOST_TURNS} positions would wait")
        except QueryError as error:
            self._fail(fields, error.field, str(error))
            return
        except BrokenPipeError:
            raise
        except Exception as error:  # the engine must live on, and say why
            traceback.print_exc(file=sys.stderr)
            self._fail(fields, "", f"internal error: {type(error).__name__}: {error}"[:300])
            return
        for name, text in warnings_of(fields):
            if name + text not in self._ignored:  # once is enough
                self._ignored.add(name + text)
                self._send({"id": fields["id"], "field": name, "warning": text})
        for turn in turns:
            self._number += 1
            self._tasks.append(Task(turn, self._number))

    def _fail(self, fields: dict[str, Any], name: str, reason: str) -> None:
        found = {"error": reason} | ({"field": name} if name else {})
        if isinstance(fields.get("id"), str):
            found["id"] = fields["id"]
        self._send(found)

    def _act(self, fields: dict[str, Any]) -> None:
        action = fields["action"]
        out: dict[str, Any] = {
            key: fields[key] for key in ("id", "action", "terminateId", "turnNumbers") if key in fields
        }
        if action == "query_version":
            out |= {"version": self._analyst.version, "git_hash": ""}
        elif action == "clear_cache":
            self._analyst.clear()
        elif action in ("terminate", "terminate_all"):
            if action == "terminate" and not isinstance(fields.get("terminateId"), str):
                raise QueryError("terminateId", "must be a string")
            turns = fields.get("turnNumbers")
            if turns is not None and not isinstance(turns, list):
                raise QueryError("turnNumbers", "must be a list")
            for task in [
                t for t in self._tasks if action == "terminate_all" or t.turn.query.id == fields["terminateId"]
            ]:
                if turns is None or task.turn.number in turns:
                    self._finish(task)
        else:
            raise QueryError("action", f"unknown: {str(action)[:MAX_TEXT]}")
        self._send(out)

    # --- search ------------------------------------------------------------------------------------------------------

    def work(self, stop: threading.Event) -> None:
        """Searches the most urgent position for a while; ``stop`` ends it early."""
        task = min(self._tasks, key=lambda t: t.rank)
        query = task.turn.query
        try:
            if task.look is None:
                self._begin(task)
            assert task.look is not None
            began = time.perf_counter()
            left = min(SLICE, query.seconds - task.spent, task.reported + query.every - task.spent)
            done = task.look.run(query.visits, max(left, 0.001), stop)
            task.spent += time.perf_counter() - began
        except (PlayerError, OSError, MemoryError, RuntimeError, ValueError) as error:
            self._log(str(error))
            self._drop(task)
            self._send({"id": query.id, "error": str(error) or type(error).__name__})
            return
        if done or task.spent >= query.seconds:
            self._finish(task)
        elif task.spent - task.reported >= query.every:
            task.reported = task.spent
            found = task.look.info(query.pv)
            if found is not None:
                self._send(self._answer(task, found, during=True))

    def _begin(self, task: Task) -> None:
        open_ = sorted((t for t in self._tasks if t.look is not None), key=lambda t: t.rank)
        for late in open_[MOST_OPEN - 1 :]:
            assert late.look is not None
            self._analyst.close(late.look)
            late.look = None
        turn = task.turn
        color = turn.game.to_move
        task.look = self._analyst.open(turn.game, turn.query.avoid.get(color, ()), turn.query.allow.get(color))

    def _finish(self, task: Task) -> None:
        """Answers with what was found, and forgets the turn."""
        found = task.look.info(task.turn.query.pv) if task.look is not None else None
        out = self._answer(task, found, during=False)
        self._drop(task)
        self._send(out)

    def _answer(self, task: Task, found: Analysis | None, during: bool) -> dict[str, Any]:
        turn, query = task.turn, task.turn.query
        policy = owners = None
        if found is not None and task.look is not None:
            if query.policy:
                policy = legal_policy(turn.game, task.look.policy())
            if query.moves_ownership and not during:
                game = turn.game

                def owners(point: int) -> np.ndarray:
                    return self._analyst.ownership_after(game, point)

        return answer(turn, found, during=during, policy=policy, owners=owners)

    def _drop(self, task: Task) -> None:
        self._tasks.remove(task)
        if task.look is not None:
            self._analyst.close(task.look)

    def _send(self, message: dict[str, Any]) -> None:
        self._write(json.dumps(message, separators=(",", ":")) + "\n")


def run(analyst: Analyst, stdin: BinaryIO, stdout: BinaryIO, *, rules: str, log: Callable[[str], None]) -> None:
    """Serves a client over two binary streams until it goes away and what it asked is answered."""
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        Server(analyst, writer(stdout), rules=rules, log=log).serve(LineSource(stdin))
