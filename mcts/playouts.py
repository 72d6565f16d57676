"""A PUCT root for self-play: Dirichlet noise, forced playouts, and policy targets that the forced ones are taken from.

The alternative to Gumbel sequential halving (:mod:`mcts.root`). Noise: Silver et al. 2017, "Mastering the game of Go
without human knowledge", Methods. Forced playouts and target pruning: Wu 2019, arXiv:1902.10565, section 3.2.
"""

from __future__ import annotations

import numpy as np

from gogame.board import BLACK
from gogame.kernel import kernel
from mcts.root import next_random
from mcts.tree import child_utility


@kernel
def draw_gamma(shape, random, g):
    """A draw of the gamma distribution of this shape, above 0, and scale 1 (Marsaglia & Tsang 2000, with their step
    from shape + 1 down for shapes below 1), from generator ``g`` of ``random``."""
    boost = next_random(random, g) ** (1.0 / shape)
    d = shape + 1.0 - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    while True:
        radius = np.sqrt(-2.0 * np.log(1.0 - next_random(random, g)))
        x = radius * np.cos(2.0 * np.pi * next_random(random, g))  # a normal deviate (Box & Muller)
        v = (1.0 + c * x) ** 3
        if v > 0.0 and np.log(1.0 - next_random(random, g)) < 0.5 * x * x + d - d * v + d * np.log(v):
            return d * v * boost


@kernel
def share_out(weights, n, total):
    """Divides ``weights`` (float32 [n], not negative) by their sum ``total``; all alike where that is 0."""
    for k in range(n):
        weights[k] = weights[k] / total if total > 0 else 1.0 / n


@kernel
def draw_dirichlet(tree, concentration, random, g, out):
    """Fills ``out`` (float32 by root edge, from 0) with a draw of the symmetric Dirichlet distribution whose
    parameters add up to ``concentration`` (AlphaGo Zero: 0.03 for each of 361 points)."""
    n, total = tree.node[0].edges, 0.0
    for k in range(n):
        drawn = draw_gamma(concentration / n, random, g)
        out[k] = drawn
        total += drawn
    share_out(out, n, total)


@kernel
def forced_playouts(factor, prior, total):
    """Playouts that a root move gets once it has one: sqrt(k P N) (section 3.2; k = 2 there)."""
    return np.sqrt(factor * prior * total)


@kernel
def forced_edge(tree, factor):
    """The first root edge that has been visited, but less often than :func:`forced_playouts`; -1 if there is none."""
    first, total = tree.node[0].first, np.float64(tree.node[0].visits - 1)
    for e in range(first, first + tree.node[0].opened):
        n = tree.node[tree.edge[e].child].visits
        if 0 < n < forced_playouts(factor, np.float64(tree.edge[e].prior), total):
            return e
    return -1


@kernel
def visited_policy(tree, params, factor, out):
    """Fills ``out`` (float32 by root edge, from 0) with the visits' shares, less what was forced.

    ``factor`` 0 takes nothing off. Otherwise every move but the most visited loses up to :func:`forced_playouts` of
    its visits, as long as its PUCT value stays below that one's, and those left with one visit lose it. That value is
    :func:`mcts.tree.select_edge`'s for ``c_puct_log`` 0, as in self-play, and the visits of the children alone.
    """
    sign = 1.0 if tree.node[0].to_move == BLACK else -1.0
    first, opened, n = tree.node[0].first, tree.node[0].opened, tree.node[0].edges
    total, most = 0, first
    for e in range(first, first + opened):
        visits = tree.node[tree.edge[e].child].visits
        total += visits
        if visits > tree.node[tree.edge[most].child].visits:
            most = e
    scale = params.c_puct * np.sqrt(np.float64(total))
    bound = -1e30
    if opened > 0:
        visits = tree.node[tree.edge[most].child].visits
        bound = child_utility(tree, np.int64(tree.edge[most].child), sign, params) if visits > 0 else -1e30
        bound += scale * np.float64(tree.edge[most].prior) / (1 + visits)
    kept_of_all = 0.0
    for k in range(n):
        e = first + k
        kept = tree.node[tree.edge[e].child].visits if k < opened else 0
        if factor > 0 and kept > 0 and e != most:
            prior = np.float64(tree.edge[e].prior)
            q = child_utility(tree, np.int64(tree.edge[e].child), sign, params)
            spare = np.int64(forced_playouts(factor, prior, np.float64(total)))
            while spare > 0 and kept > 0 and q + scale * prior / kept < bound:  # 1 + (kept - 1) visits
                kept -= 1
                spare -= 1
            if kept <= 1:
                kept = 0
        out[k] = kept
        kept_of_all += kept
    share_out(out, n, kept_of_all)


@kernel
def draw_edge(weights, n, u):
    """Index of an edge drawn by ``weights`` (float32 [n], not negative, sum 1), with ``u`` in [0, 1)."""
    mass, last = 0.0, 0
    for k in range(n):
        if weights[k] > 0:
            mass += weights[k]
            last = k
            if mass > u:
                return k
    return last


@kernel
def heaviest(weights, n):
    """Index of the largest of ``weights`` (float32 [n])."""
    best = 0
    for k in range(1, n):
        if weights[k] > weights[best]:
            best = k
    return best
