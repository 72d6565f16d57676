"""The engine: weights -> evaluator -> search -> a :class:`gogame.player.Player`.

It keeps one search, for the board size last asked for, and its tree from move to move. Everything that takes long the
first time (kernels, the network's graph) happens in :meth:`Engine.warm_up`, which says so if it is felt.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from functools import wraps
from importlib.metadata import version
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import numpy as np

from gogame import DIST_NAME
from gogame.board import BLACK
from gogame.game import Game
from gogame.player import DEFAULT_VISITS, RESIGN, Analysis, Clock, OnInfo, PlayerError, RawAnswer, StoneStatus
from mcts import cold
from mcts.clock import seconds_for_move
from mcts.closing import LOOK_VISITS, Closing, draw_early, place, restricted
from mcts.findings import RootInfo, SearchStats
from mcts.finish import Resignation, certain_ownership, may_end, pass_alive_owner, stone_status
from mcts.free import FreeEvaluator
from mcts.ready import built_search, search_once, told_if_slow
from mcts.search import Search, SearchConfig
from nets.config import MAX_SIZE, MIN_SIZE, NetError

if TYPE_CHECKING:
    from mcts.leaves import NetEvaluator
    from nets.weights import NetInfo

LISTEN = 0.02  # seconds between two looks at a stop event
FINISH_SHARE = 0.15  # of the time of a move: kept for questions about the end of the game, until that is seen to be far
LITTLE = 0.05  # seconds for them, where the end comes in sight by the last of a move's time


def say(text: str) -> None:
    """Tells the person, on standard error."""
    print(f"gogame: {text}", file=sys.stderr, flush=True)


class _Either:
    """A stop event that is set when any of two is."""

    def __init__(self, own: threading.Event, other: threading.Event | None) -> None:
        self._own, self._other = own, other

    def is_set(self) -> bool:
        return self._own.is_set() or (self._other is not None and self._other.is_set())

    def wait(self, seconds: float) -> None:
        """For so long, or until one is set."""
        end = time.perf_counter() + seconds
        while not self.is_set() and (left := end - time.perf_counter()) > 0:
            (self._other or self._own).wait(min(left, LISTEN))

    def as_event(self) -> threading.Event:
        """The search asks for nothing but ``is_set``."""
        return cast(threading.Event, self)


P = ParamSpec("P")
T = TypeVar("T")


def _told(method: Callable[P, T]) -> Callable[P, T]:
    """What the network cannot do is the player's error, in the network's words."""

    @wraps(method)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except NetError as error:
            raise PlayerError(str(error)) from None

    return asked


class Engine:
    """A :class:`gogame.player.Player`: a network and a search. See the protocol for the methods that hosts call."""

    sizes = range(MIN_SIZE, MAX_SIZE + 1)

    def __init__(
        self,
        net: str | None = None,
        *,
        visits: int | None = None,
        seconds: float | None = None,
        device: str = "auto",
        threads: int | None = None,
        seed: int = 0,
        temperature: float = 0.0,
        resign: bool = True,
        config: SearchConfig | None = None,
        log: Callable[[str], None] = say,
    ) -> None:
        """``net``: a shipped network or a file (None: the best for each size); ``visits`` and ``seconds`` limit a
        move; ``temperature`` > 0 draws the move by visits (weaker, more varied). Loads nothing yet."""
        for what, value in (("seconds", seconds), ("temperature", temperature)):
            if value is not None and not 0 <= value < math.inf:
                raise PlayerError(f"{what} {value} is not a number from 0")
        self.name = "gogame-zero"
        self.visits = visits
        self.seconds = seconds
        self.wide_root = 0.0
        self.temperature = temperature
        self.resign = resign
        self._net = net
        self._device = device
        self._threads = threads
        self._seed = seed
        self._config = config
        self._log = log
        self._search: Search | None = None
        self._info: NetInfo | None = None
        self._resignation = Resignation()
        self._halt = threading.Event()
        self._ponder: threading.Thread | None = None
        self._full = False  # whether it was told
        self.where = ""  # back end and precision, once it is known

    @property
    def version(self) -> str:
        """The version of the distribution."""
        return version(DIST_NAME)

    @property
    def strength(self) -> str:
        """In words: which network, how it was measured, and the limit of a move."""
        net = self._info.name if self._info else (self._net or "no network yet")
        measured = self._info.meta.get("strength") if self._info else None
        limit = f"{self.seconds:g} s a move" if self.seconds else f"{self.visits or DEFAULT_VISITS} visits a move"
        return ", ".join(str(part) for part in (net, limit, measured) if part)

    # --- getting ready -----------------------------------------------------------------------------------------------

    def check(self, size: int) -> NetInfo:
        """The network for a board size, without loading it. Raises PlayerError if it or the device is not there."""
        from nets.evaluator import choose_device
        from nets.weights import find_net

        try:
            if self._device != "auto":
                choose_device(self._device)
            return find_net(self._net, size)
        except NetError as error:
            raise PlayerError(str(error)) from None

    def warm_up(self, size: int) -> None:
        """Loads the network and compiles what has to be compiled. Does nothing where that is done."""
        self._end_pondering()
        if self._search is not None and self._search.size == size:
            return
        from nets.evaluator import default_threads

        info = self.check(size)
        is_cold = cold.is_cold()
        with told_if_slow(size, "compiling, kept for later starts" if is_cold else "getting ready", self._log):
            if is_cold and default_threads() > 1:
                cold.while_planes_compile(lambda: search_once(Search(FreeEvaluator(size), size)))
            self._search = self._build(info, size)
            self._info = info
            search_once(self._search)

    def models(self, size: int | None = None) -> list[dict[str, object]]:
        """See :class:`gogame.player.Player`."""
        info = self._info if size is None and self._info is not None else self.check(size or MAX_SIZE)
        config = self._search.config if self._search is not None else self._config or SearchConfig()
        batch = max(8, config.batch)
        return [{"name": info.name, "internalName": info.name, "maxBatchSize": batch, "usesHumanSLProfile": False}]

    def _build(self, info: NetInfo, size: int) -> Search:
        try:
            search, where = built_search(
                info, size, self._config, device=self._device, threads=self._threads, seed=self._seed
            )
        except NetError as error:
            raise PlayerError(str(error)) from None
        if where != self.where:
            self.where = where
            self._log(f"network {info.name} on {where}")
        return search

    def another_search(self) -> Search:
        """One of the size last warmed up, beside the engine's; see :meth:`mcts.search.Search.another`."""
        return cast(Search, self._search).another(self._seed)

    def _begin(self, size: int) -> None:
        """Gets ready for a call, which :meth:`stop` ends from here on."""
        self._end_pondering()
        self._halt.clear()
        self.warm_up(size)

    def _at(self, game: Game, stop: threading.Event | None = None) -> tuple[Search, threading.Event]:
        """The search, put to this position, and its stop signal."""
        search = cast(Search, self._search)
        place(search, game)
        return search, _Either(self._halt, stop).as_event()

    # --- moves -------------------------------------------------------------------------------------------------------

    @_told
    def genmove(
        self,
        game: Game,
        clock: Clock | None = None,
        *,
        stop: threading.Event | None = None,
        on_info: OnInfo | None = None,
        interval: float = 1.0,
        cleanup: bool = False,
        avoid: Collection[int] = (),
        allow: Collection[int] | None = None,
    ) -> int:
        """See :class:`gogame.player.Player`."""
        self._begin(game.size)
        began = time.perf_counter()
        search, signal = self._at(game, stop)
        with restricted(search, game, avoid, allow) as chosen:
            visits, seconds = self._limits(game, clock)
            report = _reporter(search, on_info, interval)

            def look(deadline: float | None) -> RootInfo:
                self._tell_if_full(search.run(visits, deadline, signal, report, one_move=True), search)
                if search.visits < 2 and not signal.is_set():  # the end is judged by a move's searched value
                    search.run(visits=2)
                return search.root_info()

            rest = None if seconds is None else began + seconds
            first = None if seconds is None or chosen else began + (1 - FINISH_SHARE) * seconds
            info = look(first or rest)
            ends = cleanup or bool(info.moves and may_end(game, info))
            if rest and first and not ends and first <= time.perf_counter() and not signal.is_set():
                info = look(rest)  # the end is far, and the move has all of its time
                ends = bool(info.moves and may_end(game, info))
                rest = max(rest, time.perf_counter() + min(LITTLE, rest - first))
            if on_info is not None:
                on_info(info)
            if not info.moves:  # stopped before anything was searched
                return search.best_move()
            if self._resignation.is_due(game, info) and self.resign and not cleanup:
                return RESIGN
            if chosen:
                return search.best_move(self.temperature)
            if not ends:
                return search.best_move() if self.temperature == 0 else draw_early(search, game, info, self.temperature)
            return Closing(search, game, info, visits or DEFAULT_VISITS, rest, signal).move(cleanup, self.temperature)

    def _tell_if_full(self, done: SearchStats, search: Search) -> None:
        """Says once that a search ended before its limit."""
        if done.full and not self._full:
            self._full = True
            self._log(f"a search ended at {search.visits} visits: its memory is full")

    def _limits(self, game: Game, clock: Clock | None) -> tuple[int | None, float | None]:
        """(visits, seconds) of this move."""
        limits = [self.seconds] if self.seconds else []
        if clock is not None:
            given = seconds_for_move(clock, game.size, game.move_number)
            limits += [] if given is None else [given]
        seconds = min(limits, default=None)
        visits = self.visits
        if visits is None and seconds is None:
            visits = DEFAULT_VISITS
        return visits, seconds

    # --- analysis ----------------------------------------------------------------------------------------------------

    @_told
    def analyse(
        self,
        game: Game,
        on_info: OnInfo,
        stop: threading.Event,
        *,
        interval: float = 1.0,
        visits: int | None = None,
        avoid: Collection[int] = (),
        allow: Collection[int] | None = None,
    ) -> None:
        """See :class:`gogame.player.Player`."""
        self._begin(game.size)
        search, signal = self._at(game, stop)
        with restricted(search, game, avoid, allow):
            report = _reporter(search, on_info, interval)
            self._tell_if_full(search.run(visits, None, signal, report, wide=self.wide_root), search)
            on_info(search.root_info())
            # No more fits in, but an analysis goes on until it is stopped.
            while visits is None and not signal.is_set():
                signal.wait(interval)
                on_info(search.root_info())

    @_told
    def raw(self, game: Game, symmetry: int = 0) -> RawAnswer:
        """See :class:`gogame.player.Player`."""
        self.warm_up(game.size)
        self.stop()
        from mcts.raw import raw_answer

        return raw_answer(cast("NetEvaluator", cast(Search, self._search).evaluator), game, symmetry)

    @_told
    def ownerships_after(self, game: Game, points: Sequence[int]) -> list[np.ndarray]:
        """See :class:`gogame.player.Player`."""
        if self._ponder is not None or self._search is None or self._search.size != game.size:
            self.warm_up(game.size)
        from mcts.raw import ownerships_after

        return ownerships_after(cast("NetEvaluator", cast(Search, self._search).evaluator), game, points)

    @_told
    def ownership(self, game: Game) -> np.ndarray:
        """See :class:`gogame.player.Player`."""
        self._begin(game.size)
        search, signal = self._at(game)
        search.run(LOOK_VISITS, None, signal)
        info = search.root_info(pv_length=1)
        owned = (1.0 if info.to_move == BLACK else -1.0) * info.ownership
        return certain_ownership(game, owned, pass_alive_owner(game))

    def stone_status(self, game: Game) -> StoneStatus:
        """See :class:`gogame.player.Player`."""
        return stone_status(game, self.ownership(game))

    def dead_stones(self, game: Game) -> set[int]:
        """See :class:`gogame.player.Player`."""
        return set(self.stone_status(game).dead)

    # --- pondering ---------------------------------------------------------------------------------------------------

    def ponder(self, game: Game) -> None:
        """See :class:`gogame.player.Player`. ``game`` must not change before :meth:`stop`: a copy is taken."""
        self._begin(game.size)
        search, signal = self._at(game.copy())
        self._ponder = threading.Thread(target=self._think_on, args=(search, signal), name="pondering", daemon=True)
        self._ponder.start()

    def _think_on(self, search: Search, signal: threading.Event) -> None:
        try:
            search.run(stop=signal)
        except (NetError, RuntimeError, OSError, MemoryError) as error:
            self._log(f"pondering ended: {' '.join(str(error).split())}")

    def stop(self) -> None:
        """See :class:`gogame.player.Player`."""
        self._halt.set()
        self._end_pondering()

    def _end_pondering(self) -> None:
        thread, self._ponder = self._ponder, None
        if thread is not None:
            self._halt.set()
            thread.join()

    def clear(self) -> None:
        """See :class:`gogame.player.Player`."""
        self.stop()
        self._resignation = Resignation()
        self._full = False
        if self._search is not None:
            self._search.clear()


def _reporter(search: Search, on_info: OnInfo | None, interval: float) -> Callable[[], None] | None:
    """Calls ``on_info`` from within a search, every ``interval`` seconds."""
    if on_info is None:
        return None
    due = time.perf_counter() + interval

    def report() -> None:
        nonlocal due
        if time.perf_counter() >= due:
            due = time.perf_counter() + interval
            on_info(cast(Analysis, search.root_info()))

    return report
