"""The PUCT root of self-play: noise of the right distribution, forced playouts and their pruning against an oracle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gogame.board import BLACK, WHITE
from mcts.arrays import Params, Tree, new_tree
from mcts.playouts import draw_dirichlet, draw_edge, forced_edge, heaviest, visited_policy
from mcts.root import visit_schedule

SIZE = 5
PARAMS = Params(1.1, 0.0, 500.0, 0.2, 1.0, 0.0, float(SIZE), 0.0)


def a_root(priors: list[float], visits: list[int], q: list[float], to_move: int = BLACK) -> Tree:
    """A root with an edge of each prior, the first ones opened with these visits; q in the mover's view."""
    tree = new_tree(SIZE, len(priors) + 2, len(priors) + 1)
    sign = 1 if to_move == BLACK else -1
    tree.node[0].edges, tree.node[0].opened, tree.node[0].to_move = len(priors), len(visits), to_move
    tree.node[0].visits = 1 + sum(visits)
    for k, prior in enumerate(priors):
        tree.edge[k].point, tree.edge[k].prior, tree.edge[k].child = 8 + k, prior, -1
    for k, (n, mean) in enumerate(zip(visits, q, strict=True)):
        tree.edge[k].child = k + 1
        tree.node[k + 1].visits, tree.node[k + 1].value = n, sign * n * mean
    return tree


roots = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.01, 1), min_size=n, max_size=n),
        st.lists(st.tuples(st.integers(0, 40), st.floats(-0.9, 0.9)), min_size=1, max_size=n),
        st.sampled_from([BLACK, WHITE]),
    )
)


def build(parts: tuple) -> tuple[Tree, np.ndarray, list[int], list[float]]:
    priors, children, to_move = parts
    visits, q = [n for n, _ in children], [value for _, value in children]
    tree = a_root((np.array(priors) / sum(priors)).tolist(), visits, q, to_move)
    return tree, tree.edge.prior[: len(priors)].astype(float), visits, q


def pruned(priors: np.ndarray, visits: list[int], q: list[float], factor: float) -> np.ndarray:
    """KataGo's rule (arXiv:1902.10565, section 3.2), word by word, without a tree."""
    total, best = sum(visits), int(np.argmax(visits))

    def puct(k: int, n: int) -> float:
        return q[k] + PARAMS.c_puct * priors[k] * math.sqrt(total) / (1 + n)

    kept = np.zeros(len(priors))
    for k, n in enumerate(visits):
        kept[k] = n
        if k == best or n == 0 or factor == 0:
            continue
        for fewer in range(n - 1, max(n - int(math.sqrt(factor * priors[k] * total)), 0) - 1, -1):
            if puct(k, fewer) >= puct(best, visits[best]):
                break
            kept[k] = fewer
        if kept[k] <= 1:
            kept[k] = 0
    return kept


@given(roots, st.sampled_from([0.0, 0.5, 2.0, 8.0]))
@settings(max_examples=150, deadline=None)
def test_targets_are_the_visits_less_what_was_forced(parts: tuple, factor: float) -> None:
    tree, priors, visits, q = build(parts)
    out = np.zeros(len(priors), np.float32)
    visited_policy(tree, PARAMS, factor, out)
    kept = pruned(priors, visits, q, factor)
    expected = kept / kept.sum() if kept.sum() else np.full(len(priors), 1 / len(priors))
    assert np.allclose(out, expected, atol=1e-4)


def test_a_bad_forced_move_loses_its_visits_and_a_good_one_keeps_them() -> None:
    tree = a_root([0.4, 0.3, 0.3], [60, 8, 20], [0.5, -0.8, 0.49])
    out = np.zeros(3, np.float32)
    visited_policy(tree, PARAMS, 2.0, out)
    assert out[1] < 8 / 88 and out[0] > 60 / 88
    visited_policy(tree, PARAMS, 0.0, out)
    assert np.allclose(out, np.array([60, 8, 20]) / 88)


@given(roots, st.sampled_from([0.5, 2.0, 8.0]))
@settings(max_examples=150, deadline=None)
def test_the_first_move_that_was_visited_too_seldom_is_forced(parts: tuple, factor: float) -> None:
    tree, priors, visits, _ = build(parts)
    total = sum(visits)
    wanted = [k for k, n in enumerate(visits) if 0 < n < math.sqrt(factor * priors[k] * total)]
    assert forced_edge(tree, factor) == (wanted[0] if wanted else -1)


@pytest.mark.parametrize("concentration", [0.5, 10.83, 100.0])
def test_noise_has_the_moments_of_the_dirichlet_distribution(concentration: float) -> None:
    n, draws = 20, 4000
    tree, random, out = a_root([1 / n] * n, [], []), np.array([7], np.uint64), np.zeros(n, np.float32)
    seen = np.empty((draws, n))
    for i in range(draws):
        draw_dirichlet(tree, concentration, random, 0, out)
        seen[i] = out
    assert (seen >= 0).all() and np.allclose(seen.sum(1), 1, atol=1e-5)
    variance = (1 / n) * (1 - 1 / n) / (concentration + 1)  # of each share
    assert np.allclose(seen.mean(0), 1 / n, atol=5 * math.sqrt(variance / draws))
    assert seen.var(axis=0).mean() == pytest.approx(variance, rel=0.1)


def test_moves_are_drawn_by_their_weights() -> None:
    weights = np.array([0.5, 0.0, 0.3, 0.2], np.float32)
    drawn = [draw_edge(weights, 4, u) for u in np.linspace(0, 1, 1000, endpoint=False)]
    assert np.allclose(np.bincount(drawn, minlength=4) / 1000, weights, atol=0.002)
    assert draw_edge(weights, 4, 1.0) == 3 and heaviest(weights, 4) == 0 and heaviest(weights[1:], 3) == 1


def test_a_short_schedule_is_as_long_as_asked() -> None:
    for considered in range(1, 17):
        assert len(visit_schedule(considered, 2)) == 2
