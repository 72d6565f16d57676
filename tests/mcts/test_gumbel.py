"""Gumbel's root: draws without replacement by prior, sequential halving by score, against their definitions."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from mcts.arrays import Tree
from mcts.root import draw_gumbel, gumbel_choice, gumbel_edge
from tests.mcts.test_playouts import PARAMS, a_root

PRIORS = [0.4, 0.3, 0.15, 0.1, 0.05]
POINTS = [8, 9, 10, 11, 12]
C_VISIT, C_SCALE = 50.0, 1.0
DRAWS = 20_000 if not numba.config.DISABLE_JIT else 2_000


def draw(tree: Tree, considered: int, explore: bool, state: np.ndarray) -> tuple[list[int], list[float]]:
    """The points in the order of the edges, and Gumbel + log P of those considered."""
    gumbel, scratch = np.full(49, np.nan, np.float32), np.zeros(26, np.float32)
    draw_gumbel(tree, gumbel, considered, explore, state, 0, scratch)
    points = [int(p) for p in tree.edge.point[: len(PRIORS)]]
    values = [float(gumbel[p]) for p in points[:considered]]
    assert all(np.isnan(gumbel[p]) for p in points[considered:])
    return points, values


def test_the_draws_are_without_replacement_and_by_prior() -> None:
    """P(first = a) = P_a, P(second = b | a) = P_b / (1 - P_a) (Kool et al. 2019), and the largest is a Gumbel one."""
    first, pairs, largest = np.zeros(5), np.zeros((5, 5)), []
    state = np.array([12345], np.uint64)
    for _ in range(DRAWS):
        tree = a_root(PRIORS, [], [])
        points, values = draw(tree, 3, True, state)
        assert sorted(points) == POINTS and values == sorted(values, reverse=True)
        assert [round(float(p), 6) for p in tree.edge.prior[:5]] == [PRIORS[p - 8] for p in points]
        first[points[0] - 8] += 1
        pairs[points[0] - 8, points[1] - 8] += 1
        largest.append(values[0])
    slack = 4 / np.sqrt(DRAWS)  # four standard errors, at most
    p = np.array(PRIORS)
    assert np.abs(first / DRAWS - p).max() < slack
    expected = p[:, None] * p[None, :] / (1 - p[:, None])
    np.fill_diagonal(expected, 0)
    assert np.abs(pairs / DRAWS - expected).max() < slack
    assert abs(np.mean(largest) - 0.5772) < 4 * 1.2825 / np.sqrt(DRAWS)


def test_without_noise_the_highest_priors_are_considered() -> None:
    points, values = draw(a_root([0.1, 0.4, 0.05, 0.3, 0.15], [], []), 3, False, np.zeros(1, np.uint64))
    assert points[:3] == [9, 11, 12]
    assert np.allclose(values, np.log([0.4, 0.3, 0.15]), atol=1e-6)


@pytest.mark.parametrize("doubt", [0.0, 1.5])
@pytest.mark.parametrize("to_move", [BLACK, WHITE])
def test_the_next_visit_and_the_choice_are_by_gumbel_log_p_and_sigma_of_q(to_move: int, doubt: float) -> None:
    rng = np.random.default_rng(to_move)
    for _ in range(200):
        visits = [int(n) for n in rng.integers(0, 3, 3)]
        q = [float(v) for v in rng.uniform(-1, 1, 3)]
        tree, gumbel = a_root(PRIORS, visits, q, to_move), rng.normal(size=49).astype(np.float32)
        most = max(visits)
        scores = [float(gumbel[8 + k]) for k in range(4)]  # four of the five are considered, three have a child
        for k in range(3):
            if visits[k]:
                scores[k] += (C_VISIT + most) * C_SCALE * (0.5 + 0.5 * q[k]) * visits[k] / (visits[k] + doubt)
        counts = [*visits, 0]
        for wanted in range(4):
            fitting = [k for k in range(4) if counts[k] == wanted]
            best = max(fitting, key=lambda k: scores[k]) if fitting else -1
            assert gumbel_edge(tree, gumbel, 4, wanted, PARAMS, C_VISIT, C_SCALE, doubt) == best
        best = max((k for k in range(4) if counts[k] == most), key=lambda k: scores[k])
        assert gumbel_choice(tree, gumbel, 4, PARAMS, C_VISIT, C_SCALE, doubt) == best
