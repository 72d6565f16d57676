"""A network that sees the board's points and nothing of their order: turn the board, and its answers turn."""

from __future__ import annotations

import numpy as np

from nets.evaluator import Evaluation


class Local:
    """A network whose answers turn with the board: whole-numbered sums over a point and its neighbours."""

    name, streams, batch = "local", 1, 64

    def __init__(self, size: int, seed: int = 0) -> None:
        self.size = size
        self._own, self._near = np.random.default_rng(seed).integers(-40, 41, (2, 16))

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        x = planes.astype(np.int64)
        near = np.zeros_like(x)
        near[:, :, 1:] += x[:, :, :-1]
        near[:, :, :-1] += x[:, :, 1:]
        near[..., 1:] += x[..., :-1]
        near[..., :-1] += x[..., 1:]
        by_point = np.einsum("k,bkij->bij", self._own, x) + np.einsum("k,bkij->bij", self._near, near)
        total = (by_point**2).sum((1, 2)) % 97
        policy = np.concatenate([by_point.reshape(len(x), -1), np.full((len(x), 1), -400)], 1) / 100
        value = np.stack([total / 50, np.ones(len(x)), np.full(len(x), -20.0)], 1)
        score = np.stack([total / 10, np.ones(len(x))], 1)
        found = (policy, value, score, np.tanh(by_point / 100))
        return Evaluation(*(part.astype(np.float32) for part in found))

    def submit(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        return self.evaluate(planes, globals)

    def result(self, handle: Evaluation) -> Evaluation:
        return handle
