"""The root of a tree: begun anew, moved to a child with its subtree kept, restricted to some moves."""

from __future__ import annotations

import numpy as np

from gogame.board import play
from gogame.geometry import PASS
from gogame.kernel import kernel
from mcts.arrays import EDGES, EXPANDED, NEW, NODES, OWNED, PASSES, SEEN, TO_MOVE
from mcts.superko import note_seen, superko_key
from mcts.tree import add_edge, edge_rank

KEPT_OWNERSHIP = 100  # leaves: as so many of the new tree's own counts what the one before saw, at most


@kernel
def reset_tree(tree, root):
    """A tree of one unexpanded node, the root."""
    tree.counters[:] = 0
    tree.counters[NODES] = 1
    tree.ownership[:] = 0.0
    tree.node[0].visits = tree.node[0].pending = 0
    tree.node[0].value = tree.node[0].square = tree.node[0].score = 0.0
    tree.node[0].parent, tree.node[0].move = -1, -1
    tree.node[0].to_move, tree.node[0].passes = root.info[TO_MOVE], root.info[PASSES]
    tree.node[0].kind = NEW
    tree.node[0].edges = tree.node[0].opened = tree.node[0].ordered = 0


@kernel
def find_child(tree, node, point):
    """The child of a node by a move, or -1."""
    for e in range(tree.node[node].first, tree.node[node].first + tree.node[node].opened):
        if tree.edge[e].point == point:
            return np.int64(tree.edge[e].child)
    return -1


@kernel
def copy_subtree(src, top, dst):
    """Copies the tree below node ``top`` into ``dst``, where it becomes the root. Nothing may be pending.

    The ownership of each leaf is not kept, so the mean of the whole tree stands in for that of the kept part until
    new leaves outweigh it; without, a tree that needs no search any more would see no owners at all.
    """
    dst.counters[:] = 0
    _copy_node(src, top, dst, 0)
    dst.node[0].parent = -1
    nodes, done, edges = 1, 0, 0
    while done < nodes:  # breadth first; dst.first still points into src until the node's turn comes
        begin = dst.node[done].first
        dst.node[done].first = edges
        for k in range(dst.node[done].edges):
            e = begin + k
            dst.edge[edges].point = src.edge[e].point
            dst.edge[edges].prior = src.edge[e].prior
            dst.edge[edges].child = -1
            if k < dst.node[done].opened:
                _copy_node(src, src.edge[e].child, dst, nodes)
                dst.node[nodes].parent = done
                dst.edge[edges].child = nodes
                nodes += 1
            edges += 1
        done += 1
    dst.counters[NODES], dst.counters[EDGES] = nodes, edges
    owned = src.counters[OWNED]
    kept = min(owned, nodes, KEPT_OWNERSHIP)
    for k in range(dst.ownership.size):
        dst.ownership[k] = src.ownership[k] * kept / owned if owned > 0 else 0.0
    dst.counters[OWNED] = kept


@kernel
def _copy_node(src, a, dst, b):
    x, y = src.node[a], dst.node[b]
    y.visits, y.pending = x.visits, 0
    y.value, y.square, y.score = x.value, x.square, x.score
    y.own_value, y.own_score = x.own_value, x.own_score
    y.move, y.to_move, y.passes, y.kind = x.move, x.to_move, x.passes, x.kind
    y.first, y.edges, y.opened, y.ordered = x.first, x.edges, x.opened, x.ordered


@kernel
def keep_evaluated(tree, top, remember, index):
    """Makes an expanded node the root of a tree in which nothing has been searched: its evaluation is its one visit.

    ``remember`` (0 or 1): whether the nodes below it that were visited keep their evaluations and become children
    again, without visits, as soon as a simulation comes to them; so what the network said of them is not asked for a
    second time. Works in place and lays the edges as :func:`mcts.tree.expand` does. Wants children and their edges
    behind their parents, as a tree of one leaf at a time has them. ``index`` int32 [M]: scratch.
    """
    nodes, edges = 0, 0
    for n in range(top, tree.counters[NODES] if remember else top + 1):
        index[n] = -1
        node, above = tree.node[n], np.int64(tree.node[n].parent)
        if n != top and (node.kind != EXPANDED or node.visits == 0 or above < top or index[above] < 0):
            continue
        index[n] = nodes
        first, count = np.int64(node.first), np.int64(node.edges)
        _copy_node(tree, n, tree, nodes)
        kept = tree.node[nodes]
        kept.first, kept.opened, kept.ordered = edges, 0, 0
        kept.visits, kept.value, kept.square, kept.score = 0, 0.0, 0.0, 0.0
        for k in range(count):
            _insert_edge(tree, edges, k, np.int64(tree.edge[first + k].point), tree.edge[first + k].prior)
        if n != top:
            kept.parent = index[above]
            tree.edge[_edge_to(tree, index[above], kept.move)].child = -2 - nodes
        nodes, edges = nodes + 1, edges + count
    root = tree.node[0]
    root.parent, root.visits = -1, 1
    root.value, root.score = root.own_value, root.own_score
    root.square = root.value * root.value
    tree.counters[NODES], tree.counters[EDGES] = nodes, edges


@kernel
def _insert_edge(tree, first, count, point, prior):
    """Adds an edge without a child to the ``count`` edges from ``first`` on, which are in order."""
    e = first + count
    while e > first and edge_rank(tree.edge[e - 1].point) > edge_rank(point):
        tree.edge[e].point, tree.edge[e].prior = tree.edge[e - 1].point, tree.edge[e - 1].prior
        tree.edge[e].child = tree.edge[e - 1].child
        e -= 1
    add_edge(tree, e, point, prior)


@kernel
def _edge_to(tree, node, point):
    """The edge of a node by a move that it has."""
    e = np.int64(tree.node[node].first)
    while tree.edge[e].point != point:
        e += 1
    return e


@kernel
def restrict_root(tree, allowed, allow_pass):
    """Drops the root's edges to points where ``allowed`` (uint8 [N]) is 0, and the pass unless ``allow_pass``.

    Their subtrees become unreachable; priors are not rescaled. If nothing would be left, nothing is dropped.
    """
    first, keep, opened = tree.node[0].first, 0, 0
    for e in range(first, first + tree.node[0].edges):
        point = tree.edge[e].point
        keep += allow_pass if point == PASS else allowed[point] != 0
    if keep == 0 or keep == tree.node[0].edges:
        return
    to = first
    for k in range(tree.node[0].edges):
        e = first + k
        point = tree.edge[e].point
        if allow_pass if point == PASS else allowed[point] != 0:
            tree.edge[to].point, tree.edge[to].prior = point, tree.edge[e].prior
            tree.edge[to].child = tree.edge[e].child
            opened += k < tree.node[0].opened
            to += 1
    tree.node[0].edges = to - first
    tree.node[0].opened = tree.node[0].ordered = opened


@kernel
def play_root(root, point, rules):
    """Plays a move at the root position and remembers it for superko."""
    color = root.info[TO_MOVE]
    play(root.board, point, color)
    for k in range(4, 0, -1):
        root.recent[k] = root.recent[k - 1]
    root.recent[0] = point
    root.info[TO_MOVE] = 3 - color
    root.info[PASSES] = root.info[PASSES] + 1 if point == PASS else 0
    if note_seen(root.seen, superko_key(root.board.hash[0], 3 - color, rules.superko)) >= 0:
        root.info[SEEN] += 1
