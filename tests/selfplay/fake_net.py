"""Evaluators for self-play and the arena whose answers a test can foretell."""

from __future__ import annotations

import numpy as np

from nets.evaluator import Evaluation


class FakeNet:
    """Answers that depend on the position alone, as if by a network: whole-numbered sums, the same in any batch."""

    name = "fake"
    streams = 1

    def __init__(self, size: int, seed: int = 0, pass_logit: float = 0.0) -> None:
        """``pass_logit``: added to that of the pass; below 0 games last longer."""
        self.size, self.batch, self.pass_logit, self.calls = size, 64, pass_logit, 0
        rng = np.random.default_rng(seed)
        self._weights = rng.integers(-40, 41, (16 * size * size, size * size + 4)).astype(float)  # exact, and fast

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        self.calls += 1
        sums = (np.trunc(planes.reshape(len(planes), -1)).astype(float) @ self._weights) / 100
        policy, rest = sums[:, : self.size**2 + 1], sums[:, self.size**2 + 1 :]
        policy[:, -1] += self.pass_logit
        value = np.stack([rest[:, 0], rest[:, 1], np.full(len(planes), -20.0)], axis=1)
        score = np.stack([rest[:, 2], np.ones(len(planes))], axis=1)
        ownership = np.tanh(policy[:, :-1]).reshape(-1, self.size, self.size)
        return Evaluation(*(part.astype(np.float32) for part in (policy, value, score, ownership)))

    def submit(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        return self.evaluate(planes, globals)

    def result(self, handle: Evaluation) -> Evaluation:
        return handle


class SteadyNet(FakeNet):
    """One policy and an even result, whatever the position."""

    def __init__(self, size: int, pass_logit: float) -> None:
        super().__init__(size, 0, pass_logit)

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        self.calls += 1
        count = len(planes)
        policy = np.zeros((count, self.size**2 + 1), np.float32)
        policy[:, -1] = self.pass_logit
        value = np.tile(np.array([0, 0, -20], np.float32), (count, 1))
        zeros = np.zeros((count, self.size, self.size), np.float32)
        return Evaluation(policy, value, np.zeros((count, 2), np.float32), zeros)
