"""The slow, obvious oracle of the search: objects, dictionaries and recursion over Game. Compare mcts.tree."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from gogame.board import BLACK
from gogame.game import Game
from gogame.geometry import PASS, geometry
from gogame.score import score_game


def fake_answer(key: int, to_move: int, passes: int, area: int) -> tuple[np.ndarray, float, float]:
    """Logits, value and score lead (mover's view) that depend on the position alone, as if by a network."""
    rng = np.random.default_rng([key, to_move, min(passes, 1)])
    logits = rng.normal(0, 2, area + 1).astype(np.float32)
    return logits, float(np.float32(rng.uniform(-1, 1))), float(np.float32(rng.normal(0, 10)))


class FakeEvaluator:
    """The same answers for the array search."""

    def __init__(self, size: int, batch: int = 1) -> None:
        self.size, self.batch, self.calls = size, batch, 0

    def evaluate(self, leaves, count, average=False):
        from mcts.arrays import Evaluation

        self.calls += count
        area = self.size**2
        out = Evaluation(
            np.zeros((count, area + 1), np.float32), np.zeros(count, np.float32),
            np.zeros(count, np.float32), np.zeros((count, area), np.float32),
        )  # fmt: skip
        for row in range(count):
            passes = int(leaves.recent[row, 0] == PASS)
            key, to_move = int(leaves.board.hash[row, 0]), int(leaves.info.to_move[row])
            out.policy[row], out.value[row], out.score[row] = fake_answer(key, to_move, passes, area)
            out.ownership[row] = out.value[row]
        return out


class NaiveNode:
    """A position of the tree. Sums are in Black's view."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.n, self.pending = 0, 0
        self.value = self.score = 0.0
        self.priors: dict[int, np.float32] | None = None  # point -> P, when expanded
        self.children: dict[int, NaiveNode] = {}  # in the order of opening

    @property
    def sign(self) -> float:
        return 1.0 if self.game.to_move == BLACK else -1.0


class NaiveSearch:
    """PUCT with batches and virtual losses, as written down in mcts.tree, without any of its devices."""

    def __init__(self, game: Game, params) -> None:
        self.root = NaiveNode(game.copy())
        self.p = params
        self.area = game.size**2

    def utility(self, node: NaiveNode, sign: float) -> float:
        lead = sign * (node.score / node.n - self.p.score_center)
        return sign * node.value / node.n + self.p.score_weight * lead / (self.p.score_scale + abs(lead))

    def select(self, node: NaiveNode) -> int:
        total = node.n + node.pending
        c = self.p.c_puct + self.p.c_puct_log * math.log((total + self.p.c_puct_base) / self.p.c_puct_base)
        scale = c * math.sqrt(total)
        best, best_point, tried = -1e30, None, 0.0
        for point, child in node.children.items():
            q = 0.0 if child.n == 0 else child.n * self.utility(child, node.sign)
            q = (q - self.p.virtual_loss * child.pending) / (child.n + child.pending)
            prior = float(node.priors[point])
            tried += prior
            u = q + scale * prior / (1 + child.n + child.pending)
            if u > best:
                best, best_point = u, point
        left = [p for p in node.priors if p not in node.children]
        if left:
            point = min(left, key=lambda p: (-node.priors[p], p if p != PASS else 32767))
            q = self.utility(node, node.sign) - self.p.fpu_reduction * math.sqrt(tried)
            if q + scale * float(node.priors[point]) > best:
                best_point = point
        return best_point

    def descend(self) -> list[NaiveNode]:
        path = [self.root]
        while path[-1].priors is not None:
            node = path[-1]
            point = self.select(node)
            if point not in node.children:
                game = node.game.copy()
                game.play(point)
                node.children[point] = NaiveNode(game)
            path.append(node.children[point])
        return path

    def backup(self, path: list[NaiveNode], value: float, score: float) -> None:
        for node in path:
            node.n += 1
            node.pending -= 1
            node.value += value
            node.score += score

    def collect(self, want: int, visits: int) -> list[list[NaiveNode]]:
        """The paths to at most so many leaves, until one is met that waits already."""
        waiting: list[list[NaiveNode]] = []
        while len(waiting) < want and self.root.n + self.root.pending < visits:
            path = self.descend()
            leaf = path[-1]
            if leaf.pending > 0:
                break
            for node in path:
                node.pending += 1
            if leaf.game.passes >= 2:
                lead = score_game(leaf.game).lead
                self.backup(path, float(np.sign(lead)), lead)
            else:
                waiting.append(path)
        return waiting

    def run(self, visits: int, batch: int = 1) -> None:
        while self.root.n < visits:
            for path in self.collect(batch, visits):
                self.expand(path)

    def run_requests(self, visits: int, law: Callable[[int], tuple[int, int]]) -> None:
        """With several requests under way, of which the oldest is answered first. ``law``: how many there may be, and
        the leaves of each, by the visits."""
        requests: list[list[list[NaiveNode]]] = []
        while self.root.n < visits:
            most, want = law(self.root.n)
            while len(requests) < most:
                found = self.collect(want, visits)
                requests += [found] if found else []
                if len(found) < want:
                    break
            for path in requests.pop(0) if requests else []:
                self.expand(path)

    def expand(self, path: list[NaiveNode]) -> None:
        leaf = path[-1]
        game = leaf.game
        key = int(game.board.hash[0])
        logits, value, score = fake_answer(key, game.to_move, game.passes, self.area)
        points = [int(p) for p in geometry(game.size).points if game.is_legal(int(p))] + [PASS]
        actions = [int(geometry(game.size).action[p]) for p in points]
        top = max(logits[a] for a in actions)
        weights = [math.exp(np.float32(logits[a] - top)) for a in actions]
        weights = [float(np.float32(w)) for w in np.exp(np.array([logits[a] - top for a in actions], np.float32))]
        total = sum(weights)
        leaf.priors = {p: np.float32(np.float32(w) / total) for p, w in zip(points, weights, strict=True)}
        self.backup(path, leaf.sign * value, leaf.sign * score)
