"""Decisions at the root: exploration noise, Gumbel sequential halving, the final move, and policy targets.

Gumbel: Danihelka et al. 2022, "Policy improvement by planning with Gumbel", sections 3 to 5. With n simulations the
root considers m moves (in the paper min(n, 16)) drawn without replacement by Gumbel + log P, halves them by Gumbel +
log P + sigma(Q), and learns from the softmax of log P + sigma(completed Q).

Not in the paper: with a ``doubt`` of k a move's Q counts as if k of its visits had found the mixed value, so that one
visit is not believed as eleven are. 0 is the paper's.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from gogame.board import BLACK
from gogame.kernel import kernel
from mcts.tree import bring_next, child_utility, swap_edges

WORTHY = 0.2  # of the most visits: what a move needs to be chosen by its lower bound


@cache
def visit_schedule(considered: int, simulations: int) -> np.ndarray:
    """int32 [simulations]: simulation i takes a considered move that has been visited exactly so often.

    Sequential halving (Karnin et al. 2013) over ``considered`` moves, in the stateless form: each phase gives every
    move still considered the same number of visits.
    """
    if considered <= 1:
        return np.arange(simulations, dtype=np.int32)
    phases = int(np.ceil(np.log2(considered)))
    visits = np.zeros(considered, np.int64)
    sequence: list[int] = []
    left = considered
    while len(sequence) < simulations:
        for _ in range(max(1, simulations // (phases * left))):
            sequence.extend(visits[:left])
            visits[:left] += 1
        left = max(2, left // 2)
    return np.array(sequence[:simulations], np.int32)


@kernel
def sigma(q, most_visits, c_visit, c_scale):
    """The paper's monotone map of a Q in [0, 1] to the scale of logits (equation 8)."""
    return (c_visit + most_visits) * c_scale * q


@kernel
def next_random(random, g):
    """A float in [0, 1) from generator ``g`` of ``random`` (uint64 states; splitmix64, Steele et al. 2014)."""
    random[g] += np.uint64(0x9E3779B97F4A7C15)
    z = random[g]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.float64(z >> np.uint64(11)) / 9007199254740992.0


@kernel
def draw_gumbel(tree, gumbel, considered, explore, random, g, scratch):
    """Draws ``considered`` of the root's edges without replacement, by the highest Gumbel + log P, and puts them first;
    their Gumbel + log P goes into ``gumbel`` (float32 by point). No edge may have a child yet.

    ``explore`` = False leaves the noise out: then the highest priors are considered. ``scratch`` float32 [edges].
    A Gumbel number is -log E with E exponential, so that Gumbel + log P is -log(E / P): the smallest E / P are sought.
    """
    first, n = np.int64(tree.node[0].first), np.int64(tree.node[0].edges)
    for k in range(n):
        noise = 1e-12 - np.log(1.0 - next_random(random, g)) if explore else 1.0
        scratch[k] = noise / (np.float64(tree.edge[first + k].prior) + 1e-12)
    for k in range(considered):
        best = k
        for other in range(k + 1, n):
            if scratch[other] < scratch[best]:
                best = other
        if best != k:
            swap_edges(tree, first + k, first + best)
        gumbel[tree.edge[first + k].point] = -np.log(np.float64(scratch[best]))
        scratch[best] = scratch[k]
    tree.node[0].ordered = 0


@kernel
def gumbel_edge(tree, gumbel, considered, count, params, c_visit, c_scale, doubt):
    """The root edge that sequential halving visits next: of the first ``considered`` edges that have been visited
    ``count`` times (see :func:`visit_schedule`), that of the highest Gumbel + log P + sigma(Q); else -1.

    ``gumbel`` float32 by point, from :func:`draw_gumbel`. ``doubt`` takes from sigma's share: all that are compared
    have as many visits and the same mixed value.
    """
    sign = 1.0 if tree.node[0].to_move == BLACK else -1.0
    first, opened = tree.node[0].first, tree.node[0].opened
    most = most_visits(tree)
    best, best_edge = -1e30, -1
    for k in range(considered):
        e = first + k
        n = tree.node[tree.edge[e].child].visits if k < opened else 0
        if n != count:
            continue
        score = np.float64(gumbel[tree.edge[e].point])
        if n > 0:
            q = 0.5 + 0.5 * child_utility(tree, np.int64(tree.edge[e].child), sign, params)
            score += sigma(q, most, c_visit, c_scale) * n / (n + doubt)
        if score > best:
            best, best_edge = score, e
    return best_edge


@kernel
def most_visits(tree):
    """The visits of the most visited child of the root."""
    most = 0
    for e in range(tree.node[0].first, tree.node[0].first + tree.node[0].opened):
        most = max(most, tree.node[tree.edge[e].child].visits)
    return most


@kernel
def gumbel_choice(tree, gumbel, considered, params, c_visit, c_scale, doubt):
    """The edge to play after the simulations: the best of the most visited by Gumbel + log P + sigma(Q)."""
    return gumbel_edge(tree, gumbel, considered, most_visits(tree), params, c_visit, c_scale, doubt)


@kernel
def improved_policy(tree, params, c_visit, c_scale, doubt, out):
    """Fills ``out`` (float32 by edge, from 0) with softmax(log P + sigma(completed Q)) (equations 10 and 11).

    Moves without a visit get the mixed value: the root's own evaluation weighed with the prior-weighted Q of the
    visited ones (appendix D). With a ``doubt`` above 0 the Q of n visits is averaged with ``doubt`` times that value.
    """
    sign = 1.0 if tree.node[0].to_move == BLACK else -1.0
    first, opened, n = tree.node[0].first, tree.node[0].opened, tree.node[0].edges
    most, total, mass, mean = 0, 0, 0.0, 0.0
    for e in range(first, first + opened):
        child = tree.edge[e].child
        visits = tree.node[child].visits
        if visits > 0:
            most = max(most, visits)
            total += visits
            mass += tree.edge[e].prior
            mean += tree.edge[e].prior * child_utility(tree, np.int64(child), sign, params)
    lead = sign * (tree.node[0].own_score - params.score_center)
    own = sign * tree.node[0].own_value + params.score_weight * lead / (params.score_scale + abs(lead))
    mixed = own if mass <= 0 else (own + total * mean / mass) / (1 + total)
    top = -1e30
    for k in range(n):
        e = first + k
        q = mixed
        visits = tree.node[tree.edge[e].child].visits if k < opened else 0
        if visits > 0:
            found = child_utility(tree, np.int64(tree.edge[e].child), sign, params)
            q = (visits * found + doubt * mixed) / (visits + doubt)
        out[k] = np.log(np.float64(tree.edge[e].prior) + 1e-12) + sigma(0.5 + 0.5 * q, most, c_visit, c_scale)
        top = max(top, out[k])
    norm = 0.0
    for k in range(n):
        out[k] = np.exp(out[k] - top)
        norm += out[k]
    for k in range(n):
        out[k] /= norm


@kernel
def wide_edge(tree, params, wide, random):
    """The root edge to take where an analysis looks wider than a game does (KataGo's wideRootNoise; ``wide`` > 0).

    PUCT as in :func:`mcts.tree.select_edge`, but P to the power 1 / (1 + 4 wide), and half of the moves have their Q
    raised by wide * abs(z), z normal, drawn anew each time from generator 0 of ``random``.
    """
    sign = 1.0 if tree.node[0].to_move == BLACK else -1.0
    total = tree.node[0].visits + tree.node[0].pending
    grow = params.c_puct_log * np.log((total + params.c_puct_base) / params.c_puct_base)
    scale = (params.c_puct + grow) * np.sqrt(np.float64(total))
    if tree.node[0].opened < tree.node[0].edges:
        bring_next(tree, np.int64(0))
    first, opened = tree.node[0].first, tree.node[0].opened
    best, best_edge, tried = -1e30, first, 0.0
    for e in range(first, first + min(opened + 1, tree.node[0].edges)):
        prior = np.float64(tree.edge[e].prior)
        n, waiting = 0, 0
        if e < first + opened:
            child = np.int64(tree.edge[e].child)
            n, waiting = tree.node[child].visits, tree.node[child].pending
            sum_q = 0.0 if n == 0 else n * child_utility(tree, child, sign, params)
            q = (sum_q - params.virtual_loss * waiting) / (n + waiting)
            tried += prior
        else:
            q = child_utility(tree, np.int64(0), sign, params) - params.fpu_reduction * np.sqrt(tried)
        if next_random(random, 0) < 0.5:  # a normal deviate (Box & Muller)
            radius = np.sqrt(-2.0 * np.log(1.0 - next_random(random, 0)))
            q += wide * abs(radius * np.cos(2.0 * np.pi * next_random(random, 0)))
        u = q + scale * prior ** (1.0 / (1.0 + 4.0 * wide)) / (1 + n + waiting)
        if u > best:
            best, best_edge = u, e
    return best_edge


@kernel
def mix_noise(tree, noise, weight):
    """Dirichlet exploration (AlphaGo Zero: weight 0.25): P becomes (1 - weight) P + weight noise[k], by root edge."""
    first = tree.node[0].first
    for k in range(tree.node[0].edges):
        e = first + k
        tree.edge[e].prior = (1 - weight) * tree.edge[e].prior + weight * noise[k]
    tree.node[0].ordered = tree.node[0].opened


@kernel
def lower_bound(mean, square, visits, z=1.96):
    """Lower confidence bound of a mean value in [-1, 1] from its sums' averages (Leela Zero's and KataGo's LCB).

    ``mean`` and ``square`` are the averages of the values and of their squares. One prior observation of variance 1
    keeps the bound honest at few visits.
    """
    if visits < 2:
        return -2.0
    variance = max(square - mean * mean, 0.0)
    return mean - z * float(np.sqrt((variance * visits + 1.0) / (visits * (visits - 1.0) + 1.0)))


def choose(visits: np.ndarray, bounds: np.ndarray, temperature: float, rng: np.random.Generator) -> int:
    """Index of the move to play.

    Temperature 0: the best lower bound among the moves with at least :data:`WORTHY` of the most visits. Otherwise drawn
    in proportion to visits^(1/temperature). ``visits`` int [n], ``bounds`` float [n].
    """
    if temperature > 0:
        weights = (visits / visits.max()) ** (1.0 / temperature)
        return int(rng.choice(len(visits), p=weights / weights.sum()))
    worthy = visits >= max(1.0, WORTHY * visits.max())
    return int(np.argmax(np.where(worthy, bounds, -np.inf)))
