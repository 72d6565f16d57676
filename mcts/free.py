"""An evaluator that costs next to nothing: its answers are pseudo-random numbers drawn from the position's hash.

It measures the search alone (``gogame bench``) and fixes its behaviour (:func:`fingerprint`), as chess engines do with
their bench signature. It knows nothing about Go.
"""

from __future__ import annotations

import zlib

import numpy as np

from gogame.kernel import kernel
from mcts.arrays import Evaluation, Leaves
from mcts.leaves import new_evaluation
from mcts.superko import TURN_KEY


@kernel
def _answer(leaves, count, out):
    """Fills the first ``count`` rows of ``out`` from the hashes: logits in [0, 4), value in [-1, 1), score in +-16."""
    area = out.ownership.shape[1]
    step, spread = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
    for row in range(count):
        z = leaves.board.hash[row, 0] ^ (np.uint64(leaves.info[row].to_move) * TURN_KEY)
        for action in range(area + 1):
            z += step
            mixed = (z ^ (z >> np.uint64(29))) * spread
            out.policy[row, action] = np.float32(mixed >> np.uint64(40)) * np.float32(4.0 / 16777216.0)
        mixed = (z ^ (z >> np.uint64(31))) * spread
        value = np.float32(mixed >> np.uint64(40)) * np.float32(2.0 / 16777216.0) - np.float32(1.0)
        out.value[row] = value
        out.score[row] = value * np.float32(16.0)
        for action in range(area):
            out.ownership[row, action] = value


class FreeEvaluator:
    """Stands in for a network where only the search is looked at."""

    def __init__(self, size: int, batch: int = 8) -> None:
        self.size, self.batch = size, batch
        self._out = new_evaluation(size, batch)

    def evaluate(self, leaves: Leaves, count: int, average: bool = False) -> Evaluation:
        """See :class:`mcts.flights.PositionEvaluator`."""
        _answer(leaves, count, self._out)
        return self._out


def fingerprint(visits: int = 2000) -> str:
    """A checksum over the trees of fixed positions: it changes whenever the search, the rules or the hash do.

    Each line: board size, moves played before, visits, nodes, best move, CRC-32 of the visits of all nodes.
    """
    from gogame.game import Game
    from mcts.search import Search

    lines = []
    for size, plies in ((5, 0), (9, 0), (9, 30), (13, 40), (19, 0), (19, 120)):
        game, rng = Game(size), np.random.default_rng(size * 1000 + plies)
        while game.move_number < plies:
            points = game.legal_points()
            game.play(int(points[rng.integers(len(points))]))
        search = Search(FreeEvaluator(size), size)
        search.set_position(game)
        search.run(visits, one_move=True)
        nodes = int(search._tree.counters[0])
        crc = zlib.crc32(search._tree.node.visits[:nodes].astype("<i4").tobytes())
        lines.append(f"{size} {plies} {search.visits} {nodes} {search.best_move()} {crc:08x}")
    return "\n".join(lines)
