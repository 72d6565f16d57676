"""Getting an engine's search ready: the network's graphs, the kernels, and a word where that takes long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from gogame.game import Game
from mcts.arrays import EDGE, NODE
from mcts.finish import judge
from mcts.search import Search, SearchConfig
from nets.config import GLOBALS, PLANES, NetError

if TYPE_CHECKING:
    from nets.evaluator import Evaluator
    from nets.weights import NetInfo

TREE_BYTES = 600_000_000  # most memory of a search tree; one that goes on from move to move fills a second one, too
CACHE_SLOTS = 1 << 16  # evaluations; an undo drops the tree, and stepping back lives from them. 2.9 kB each on 19x19
GPU_BATCH = 32  # most leaves of an evaluation on a GPU; not measured


def default_config(size: int, device: str) -> SearchConfig:
    """The search's knobs, for this memory and device."""
    from nets.evaluator import choose_device

    node = NODE.itemsize + EDGE.itemsize * (size * size + 1)
    batch = GPU_BATCH if choose_device(device) == "cuda" else SearchConfig.batch
    return SearchConfig(batch=batch, max_nodes=min(1_000_000, TREE_BYTES // node), cache_slots=CACHE_SLOTS)


def built_search(
    info: NetInfo, size: int, config: SearchConfig | None, *, device: str, threads: int | None, seed: int
) -> tuple[Search, str]:
    """(a search over this network, the network's back end and precision), with nothing of the network's left to be
    compiled. NetError where it cannot be."""
    from mcts.leaves import NetEvaluator
    from nets.evaluator import beside, make_evaluator

    config = config or default_config(size, device)
    net = make_evaluator(str(info.path), size, device, batch=max(8, config.batch), threads=threads)
    least, most = config.least_request, config.largest_request(size)
    streams = beside(net, least, most)
    with ThreadPoolExecutor(1) as another:  # one core compiles for the streams, the other the rest
        asked = another.submit(_evaluate_once, streams, size, least, most)
        _evaluate_once(net, size, 1, max(8, config.batch))
        asked.result()
    evaluator = NetEvaluator(net, Game(size).rule_set(), seed=seed, beside=streams)
    return Search(evaluator, size, config, seed), net.name


def search_once(search: Search) -> None:
    """Whatever a game needs, so that it is compiled: two moves, the second in the tree of the first and restricted."""
    game = Game(search.size)
    for _ in range(2):
        search.set_position(game)
        search.run(visits=8, one_move=True)
        judge(game, search.root_info())
        game.play(search.best_move())
    search.restrict(np.ones(game.board.color.size, np.uint8), allow_pass=False)
    game.legal_points()
    search.clear()


def _evaluate_once(net: Evaluator | None, size: int, least: int, most: int) -> None:
    """One evaluation at every batch size that the search uses, so that none is compiled later."""
    rows = max(least, 1)
    while net is not None and rows <= most:
        planes = np.zeros((rows, PLANES, size, size), np.uint8)
        planes[:, 0] = 1
        answer = net.evaluate(planes, np.zeros((rows, GLOBALS), np.float32))
        if not all(np.isfinite(part).all() for part in answer):
            raise NetError("the network's answers are not finite numbers: its weights are beyond all bounds")
        rows *= 2


@contextmanager
def told_if_slow(size: int, what: str, log: Callable[[str], None]) -> Iterator[None]:
    """Says what goes on if it takes more than a second."""
    began = time.perf_counter()
    told = threading.Event()

    def tell() -> None:
        told.set()
        log(f"starting on {size}x{size}: {what} ...")

    timer = threading.Timer(1.0, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if told.is_set():
        log(f"ready after {time.perf_counter() - began:.0f} s")
