"""What this machine does in a second: the figures behind ``gogame bench``.

Each function runs for about ``seconds`` and returns a rate. The kernels are compiled before the clock starts. What
runs on one core is timed by the thread's own clock, so that other programs do not spoil it.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from gogame import random_games
from gogame.board import new_board
from gogame.game import Game
from gogame.geometry import geometry
from mcts.free import FreeEvaluator
from mcts.search import Search, SearchConfig


class Figure(NamedTuple):
    """One line of the table."""

    name: str
    size: int
    value: float  # per second


def random_moves(size: int, seconds: float = 1.0) -> float:
    """Moves per second of random games from the empty board, on one core."""
    start, board, seed = new_board(size), new_board(size), np.array([random_games.FIRST_SEED], np.uint64)
    empty, moves = geometry(size).points.copy(), np.zeros(2 * size * size, np.int16)

    def some_games() -> int:
        return int(random_games.random_moves(board, start, empty, 50_000, seed, moves))

    return _rate(some_games, seconds, time.thread_time)


def _rate(work: Callable[[], int], seconds: float, clock: Callable[[], float] = time.perf_counter) -> float:
    """Units of work per second of the clock; the first call, which may compile, is not timed."""
    work()
    done, began = 0, clock()
    while (elapsed := clock() - began) < seconds:
        done += work()
    return done / elapsed


def simulations(size: int, seconds: float = 1.0) -> float:
    """Search simulations per second on one core with an evaluator that costs nothing."""
    search = Search(FreeEvaluator(size), size, SearchConfig(), seed=0)
    game = Game(size)

    def one_search() -> int:
        search.clear()
        search.set_position(game)
        return search.run(visits=4000).visits

    return _rate(one_search, seconds, time.thread_time)


def evaluations(net: Any, size: int, batch: int, seconds: float = 1.0) -> float:
    """Positions per second of a network's evaluator (:class:`nets.evaluator.Evaluator`) at one batch size.

    An evaluator of several ``streams`` is asked by as many threads. Of the largest batch several are asked for at once,
    so that a GPU has the next one when one is done.
    """
    from nets.config import GLOBALS, PLANES

    count = batch * (8 if batch == net.batch else 1)
    rng = np.random.default_rng(0)
    planes = rng.integers(0, 2, (count, PLANES, size, size)).astype(np.uint8)
    planes[:, 0] = 1
    inputs = np.zeros((count, GLOBALS), np.float32)

    def some() -> int:
        net.evaluate(planes, inputs)
        return count

    some()
    with ThreadPoolExecutor(net.streams) as threads:
        return sum(threads.map(lambda _: _rate(some, seconds), range(net.streams)))


def search_visits(net: Any, size: int, visits: int = 400, seconds: float = 2.0) -> float:
    """Visits per second of a game played by the search with a network: tree reuse and cache are counted.

    The visits that a move begins with, kept from the last one, count as well: they need not be searched again.
    """
    play = _game(net, None, size, visits)
    return _rate(lambda: play()[0], seconds)


def search_evaluations(net: Any, beside: Any, size: int, visits: int = 2000, seconds: float = 2.0) -> float:
    """Evaluations per second of such a game, with several requests under way in ``beside`` (see
    :func:`nets.evaluator.beside`), or with None one batch after the other."""
    play = _game(net, beside, size, visits)
    return _rate(lambda: play()[1], seconds)


def _game(net: Any, beside: Any, size: int, visits: int) -> Callable[[], tuple[int, int]]:
    """Plays the next move of a game, or the first of another, and returns its (visits, evaluations)."""
    from mcts.leaves import NetEvaluator

    game = Game(size)
    search = Search(NetEvaluator(net, game.rule_set(), beside=beside), size, SearchConfig(), seed=0)

    def one_move() -> tuple[int, int]:
        nonlocal game
        if game.is_over or game.move_number > size * size // 2:
            game = Game(size)
            search.clear()  # or the next game, much like the last one, would be found in the cache
        search.set_position(game)
        done = search.run(visits=visits)
        found = search.visits, done.evaluations
        game.play(search.best_move())
        return found

    return one_move


def figures(
    net: str | None, sizes: tuple[int, ...], device: str, threads: int | None, seconds: float
) -> Iterator[Figure]:
    """All figures, one by one as they are measured."""
    from nets.evaluator import make_evaluator

    for size in sizes:
        yield Figure("random moves", size, random_moves(size, seconds))
    for size in sizes:
        yield Figure("simulations, free evaluator", size, simulations(size, seconds))
    for size in sizes:
        evaluator = make_evaluator(net, size, device, batch=32, threads=threads)
        for batch in (1, 8, 32):
            yield Figure(f"evaluations, batch {batch}", size, evaluations(evaluator, size, batch, seconds))
        yield Figure("search visits", size, search_visits(evaluator, size, seconds=2 * seconds))


def machine() -> str:
    """The processor, in words."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
        name = f"{len(models)} x {models[0]}" if models else name
    except OSError:
        pass
    return name
