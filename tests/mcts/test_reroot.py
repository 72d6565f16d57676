"""A tree begun anew below a node, its evaluations kept; against an oracle that walks the tree as nested dicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gogame.board import BLACK
from gogame.geometry import PASS
from mcts.arrays import EDGES, EXPANDED, NEW, NODES, TERMINAL, Root, Tree, new_root, new_tree
from mcts.reroot import keep_evaluated, reset_tree
from mcts.tree import add_pending, backup, expand, mark_terminal, open_edge

SIZE, STRIDE = 3, 5
NODE_LIMIT = 40


def grow(tree: Tree, root: Root, seed: int, simulations: int) -> None:
    """Simulations as self-play has them, one leaf at a time, down random edges; some games end."""
    rng = np.random.default_rng(seed)
    legal = np.zeros(STRIDE**2, np.uint8)
    for _ in range(simulations):
        node = 0
        while tree.node[node].kind == EXPANDED and tree.node[node].visits > 0:
            edge = int(tree.node[node].first) + int(rng.integers(tree.node[node].edges))
            child = int(tree.edge[edge].child)
            node = child if child >= 0 else int(open_edge(tree, node, edge))
        add_pending(tree, node, 1)
        if tree.node[node].kind == NEW and tree.node[node].passes < 2:
            grid = legal.reshape(STRIDE, STRIDE)
            grid[1:-1, 1:-1] = rng.integers(0, 2, (SIZE, SIZE))
            policy, owned = rng.normal(size=SIZE**2 + 1).astype(np.float32), np.zeros(SIZE**2, np.float32)
            value, score = np.float32(rng.uniform(-1, 1)), np.float32(rng.uniform(-9, 9))
            expand(tree, node, legal, STRIDE, policy, value, score, owned)
            continue
        if tree.node[node].kind == NEW:
            mark_terminal(tree, node, 1.5)
        backup(tree, node, float(tree.node[node].own_value), float(tree.node[node].own_score))


def children(tree: Tree, node: int) -> dict[int, int]:
    """Move -> child, of those that were opened."""
    first, opened = int(tree.node[node].first), int(tree.node[node].opened)
    return {int(tree.edge[e].point): int(tree.edge[e].child) for e in range(first, first + opened)}


def said(tree: Tree, node: int) -> dict[str, Any]:
    """What the network said of a node, and whose turn it is there."""
    row, first = tree.node[node], int(tree.node[node].first)
    edges = sorted((int(tree.edge[e].point), float(tree.edge[e].prior)) for e in range(first, first + int(row.edges)))
    return {"edges": edges, "own": (float(row.own_value), float(row.own_score), int(row.to_move), int(row.passes))}


def evaluated(tree: Tree, node: int) -> dict[str, Any]:
    """The nodes that were evaluated and visited, from this one down."""
    below = {move: child for move, child in children(tree, node).items() if tree.node[child].kind == EXPANDED}
    below = {move: child for move, child in below.items() if tree.node[child].visits > 0}
    return said(tree, node) | {"below": {move: evaluated(tree, child) for move, child in below.items()}}


def remembered(tree: Tree, node: int) -> dict[str, Any]:
    """The same, of a tree in which nothing has been searched."""
    first, found = int(tree.node[node].first), {}
    for e in range(first, first + int(tree.node[node].edges)):
        child = -2 - int(tree.edge[e].child)
        if child >= 0:
            assert tree.node[child].parent == node < child and tree.node[child].move == tree.edge[e].point
            assert tree.node[child].visits == tree.node[child].pending == tree.node[child].value == 0
            assert tree.node[child].kind == EXPANDED and tree.node[child].opened == 0
            found[int(tree.edge[e].point)] = remembered(tree, child)
        else:
            assert child == -1
    points = tree.edge.point[first : first + int(tree.node[node].edges)].astype(int)
    assert points[-1] == PASS and (np.diff(points[:-1]) > 0).all(), "as they are laid at first"
    return said(tree, node) | {"below": found}


def count(tree: dict[str, Any]) -> int:
    return 1 + sum(map(count, tree["below"].values()))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 30), min_size=1, max_size=4))
def test_what_was_evaluated_below_a_move_is_kept_and_found_again(seed: int, searches: list[int]) -> None:
    tree, root = new_tree(SIZE, 2 * NODE_LIMIT, 2 * NODE_LIMIT * (SIZE**2 + 1)), new_root(SIZE)
    index = np.zeros(2 * NODE_LIMIT, np.int32)
    root.info[0] = BLACK
    reset_tree(tree, root)
    for number, simulations in enumerate(searches):
        grow(tree, root, seed + number, simulations)
        below = [c for c in children(tree, 0).values() if tree.node[c].kind == EXPANDED and tree.node[c].visits > 0]
        if not below:
            return
        child = max(below, key=lambda c: tree.node[c].visits)
        expected = evaluated(tree, child)
        keep_evaluated(tree, child, 1, index)
        assert remembered(tree, 0) == expected
        assert tree.counters[NODES] == count(expected)
        assert tree.counters[EDGES] == sum(int(tree.node[n].edges) for n in range(count(expected)))
        top = tree.node[0]
        assert (top.visits, top.pending, top.parent) == (1, 0, -1)
        assert (top.value, top.score, top.square) == (top.own_value, top.own_score, float(top.own_value) ** 2)


@pytest.mark.parametrize("seed", range(5))
def test_without_memory_the_root_alone_is_kept(seed: int) -> None:
    tree, root = new_tree(SIZE, NODE_LIMIT, NODE_LIMIT * (SIZE**2 + 1)), new_root(SIZE)
    root.info[0] = BLACK
    reset_tree(tree, root)
    grow(tree, root, seed, 30)
    child = next(c for c in children(tree, 0).values() if tree.node[c].kind not in (NEW, TERMINAL))
    expected = said(tree, child)
    keep_evaluated(tree, child, 0, np.zeros(NODE_LIMIT, np.int32))
    assert remembered(tree, 0) == expected | {"below": {}}
    assert tree.counters[NODES] == 1 and tree.counters[EDGES] == len(expected["edges"])
