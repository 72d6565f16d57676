"""The kernels that walk the tree of :mod:`mcts.arrays`: descend, expand, back up.

Symbols are those of the AlphaGo papers: N visits, W sum of values, Q = W / N, P prior (Silver et al. 2017, Methods,
"Search algorithm"). Sums are in Black's view; selection turns them to the side to move.

Of a node's edges the first ``opened`` have children; of the others only the one with the highest prior can be chosen
next (all share the same first-play-urgency value), so the rest is never sorted: the next best is brought forward when
it is needed, by one scan. One tree belongs to one thread.

Nothing here knows a network: leaves go out as positions in :class:`mcts.arrays.Leaves` and come back as
:class:`mcts.arrays.Evaluation`.
"""

from __future__ import annotations

import numpy as np

from gogame.board import BLACK, KO, KO_COLOR, WHITE, Board, copy_into, play
from gogame.geometry import PASS
from gogame.kernel import copy_values, kernel
from gogame.score import area_score
from mcts.arrays import EDGES, EXPANDED, MAX_DEPTH, NEW, NODES, OWNED, TERMINAL
from mcts.superko import MIX, TURN_KEY, bar_repeats, fill_legal, note_seen, superko_key
from mcts.territory import territory_lead

PASS_KEY = np.uint64(0xC2B2AE3D27D4EB4F)
BEFORE_KEY = np.uint64(0x165667B19E3779F9)
KOMI_KEY = np.uint64(0x27D4EB2F165667C5)
RULES_KEY = np.uint64(0x9FB21C651E98DF25)


@kernel
def child_utility(tree, node, sign, params):
    """Q of a visited node for the side ``sign`` (+1 Black, -1 White): value plus the squashed score lead."""
    n = tree.node[node].visits
    lead = sign * (tree.node[node].score / n - params.score_center)
    return sign * tree.node[node].value / n + params.score_weight * lead / (params.score_scale + abs(lead))


@kernel
def bring_next(tree, node):
    """Makes the first edge without a child the one of highest prior (the lowest point among equals)."""
    first = tree.node[node].first
    begin = first + tree.node[node].opened
    if tree.node[node].ordered > tree.node[node].opened:
        return
    best = begin
    for e in range(begin + 1, first + tree.node[node].edges):
        more = tree.edge[e].prior - tree.edge[best].prior
        if more > 0 or (more == 0 and edge_rank(tree.edge[e].point) < edge_rank(tree.edge[best].point)):
            best = e
    swap_edges(tree, begin, best)
    tree.node[node].ordered = tree.node[node].opened + 1


@kernel
def edge_rank(point):
    """The order in which :func:`expand` lays edges: by point, the pass last. Among equal priors it decides."""
    return point if point != PASS else 32767


@kernel
def swap_edges(tree, a, b):
    """Lets two edges change places."""
    x, y = tree.edge[a], tree.edge[b]
    x.point, y.point = y.point, x.point
    x.prior, y.prior = y.prior, x.prior
    x.child, y.child = y.child, x.child


@kernel
def select_edge(tree, node, params):
    """PUCT: the edge that maximises Q + U (Silver et al. 2017; c_puct growing with log N as in AlphaZero 2018).

    U = c(N) P sqrt(N) / (1 + n). An edge without a child has the parent's Q, less ``fpu_reduction`` times the root
    of the prior already tried.
    """
    sign = 1.0 if tree.node[node].to_move == BLACK else -1.0
    total = tree.node[node].visits + tree.node[node].pending
    grow = params.c_puct_log * np.log((total + params.c_puct_base) / params.c_puct_base)
    scale = (params.c_puct + grow) * np.sqrt(np.float64(total))
    first, opened = tree.node[node].first, tree.node[node].opened
    best, best_edge, tried = -1e30, first, 0.0
    for e in range(first, first + opened):
        child = np.int64(tree.edge[e].child)
        n, waiting = tree.node[child].visits, tree.node[child].pending
        sum_q = 0.0 if n == 0 else n * child_utility(tree, child, sign, params)
        q = (sum_q - params.virtual_loss * waiting) / (n + waiting)
        prior = np.float64(tree.edge[e].prior)
        tried += prior
        u = q + scale * prior / (1 + n + waiting)
        if u > best:
            best, best_edge = u, e
    if opened < tree.node[node].edges:
        bring_next(tree, node)
        e = first + opened
        q = child_utility(tree, node, sign, params) - params.fpu_reduction * np.sqrt(tried)
        if q + scale * np.float64(tree.edge[e].prior) > best:
            best_edge = e
    return best_edge


@kernel
def open_edge(tree, node, edge):
    """Gives an edge its child, moving it among the opened ones; returns the child's index.

    The child is NEW; one that :func:`mcts.reroot.keep_evaluated` remembers is EXPANDED and has no visits.
    """
    begin = tree.node[node].first + tree.node[node].opened
    if edge != begin:
        swap_edges(tree, begin, edge)
    tree.node[node].opened += 1
    tree.node[node].ordered = (
        max(tree.node[node].ordered, tree.node[node].opened) if edge == begin else tree.node[node].opened
    )
    child = -2 - np.int64(tree.edge[begin].child)
    if child >= 0:
        tree.edge[begin].child = child
        return child
    child = tree.counters[NODES]
    tree.counters[NODES] = child + 1
    tree.edge[begin].child = child
    point = tree.edge[begin].point
    tree.node[child].visits = tree.node[child].pending = 0
    tree.node[child].value = tree.node[child].square = tree.node[child].score = 0.0
    tree.node[child].parent, tree.node[child].move = node, point
    tree.node[child].to_move = 3 - tree.node[node].to_move
    tree.node[child].passes = tree.node[node].passes + 1 if point == PASS else 0
    tree.node[child].kind = NEW
    tree.node[child].edges = tree.node[child].opened = tree.node[child].ordered = 0
    return child


@kernel
def descend(tree, root, work, rules, params, forced):
    """Walks from the root to a node without visits or expansion, playing the moves on ``work.board``.

    ``forced``: the edge to take at the root, or -1. Returns the depth; ``work.path[depth]`` is the node, for which
    ``work.legal`` and ``work.forbidden`` are filled if it is NEW and the game goes on there.
    """
    board, seen, path = work.board, root.seen, work.path
    copy_into(board, root.board)
    node, depth = np.int64(0), 0  # not a literal, which would have what it is passed to compiled twice
    path[0] = 0
    while tree.node[node].kind == EXPANDED and tree.node[node].visits > 0 and depth < MAX_DEPTH:
        edge = forced if depth == 0 and forced >= 0 else select_edge(tree, node, params)
        child = tree.edge[edge].child
        if child < 0:
            child = open_edge(tree, node, edge)
        play(board, np.int64(tree.node[child].move), np.int64(tree.node[node].to_move))
        node = np.int64(child)
        depth += 1
        path[depth] = node
    if tree.node[node].kind == NEW and tree.node[node].passes < 2:
        to_move = np.int64(tree.node[node].to_move)
        if fill_legal(board, to_move, rules, work.legal, work.forbidden) > 0:
            marks = _mark_path(tree, root, work, rules, depth)
            bar_repeats(board, to_move, seen, rules, work.legal, work.forbidden)
            _unmark_path(seen, work, marks)
    return depth


@kernel
def _mark_path(tree, root, work, rules, depth):
    """Adds the positions of the path to the superko set; returns how many slots were taken.

    The slots are kept at the end of ``work.path``. The positions are played again from the root, which happens only
    where a move may repeat one.
    """
    board, marks = work.board, 0
    copy_into(board, root.board)
    for d in range(1, depth + 1):
        node = work.path[d]
        play(board, np.int64(tree.node[node].move), 3 - np.int64(tree.node[node].to_move))
        if marks + depth < MAX_DEPTH:
            slot = note_seen(root.seen, superko_key(board.hash[0], np.int64(tree.node[node].to_move), rules.superko))
            if slot >= 0:
                work.path[MAX_DEPTH - marks] = slot
                marks += 1
    return marks


@kernel
def _unmark_path(seen, work, marks):
    """Takes the path's positions out again, the last first."""
    for m in range(marks - 1, -1, -1):
        seen[work.path[MAX_DEPTH - m]] = np.uint64(0)


@kernel
def backup(tree, node, value, score):
    """Adds one result (Black's view) to a node and all above it, and takes their virtual losses back."""
    while node >= 0:
        tree.node[node].visits += 1
        tree.node[node].pending -= 1
        tree.node[node].value += value
        tree.node[node].square += value * value
        tree.node[node].score += score
        node = tree.node[node].parent


@kernel
def add_pending(tree, node, amount):
    """Virtual losses from a node up to the root."""
    while node >= 0:
        tree.node[node].pending += amount
        node = tree.node[node].parent


@kernel
def finish_terminal(tree, node, board, rules):
    """Scores a finished game and backs it up: by area exactly, as it stands on the board."""
    if tree.node[node].kind == NEW:
        if rules.territory != 0:
            mark_terminal(tree, node, territory_lead(tree, node, board, rules))
        else:
            mark_terminal(tree, node, area_score(board) - rules.komi)
    backup(tree, node, np.float64(tree.node[node].own_value), np.float64(tree.node[node].own_score))


@kernel
def mark_terminal(tree, node, lead):
    """Makes a node the end of the game, with this lead of Black's."""
    tree.node[node].own_score = lead
    tree.node[node].own_value = np.sign(lead)
    tree.node[node].kind = TERMINAL


@kernel
def cache_key(board, to_move, passes, before, komi, rules):
    """Key of a position in the evaluation cache, of all that a network is shown but where the last moves went; never 0.

    ``before``: the move before the last; ``komi``: as it is shown, which prisoners change under territory rules; the
    komi of ``rules`` does not count.
    """
    key = board.hash[0]
    if to_move == WHITE:
        key ^= TURN_KEY
    if passes > 0:
        key ^= PASS_KEY
    if before == PASS:
        key ^= BEFORE_KEY
    key ^= KOMI_KEY * np.uint64(np.int64(2.0 * komi) + 4096)
    key ^= RULES_KEY * np.uint64(np.int64(rules.superko + 3 * rules.suicide + 6 * rules.territory))
    if board.state[KO] != PASS and board.state[KO_COLOR] == to_move:
        key ^= MIX * np.uint64(board.state[KO])
    return key if key != np.uint64(0) else MIX


@kernel
def board_row(boards, row):
    """One of a stack of boards, as a view."""
    return Board(
        boards.color[row], boards.head[row], boards.next_stone[row], boards.stones[row],
        boards.liberties[row], boards.state[row], boards.hash[row],
    )  # fmt: skip


@kernel
def recent_move(tree, root, work, depth, k):
    """The last move but ``k`` before the position that :func:`descend` reached; -1 where there is none."""
    return tree.node[work.path[depth - k]].move if k < depth else root.recent[k - depth]


@kernel
def export_leaf(tree, root, work, depth, komi, leaves, row, game):
    """Writes the position that :func:`descend` reached into a row of the batch."""
    node = work.path[depth]
    copy_into(board_row(leaves.board, row), work.board)
    leaves.info[row].to_move = tree.node[node].to_move
    for k in range(5):
        leaves.recent[row, k] = recent_move(tree, root, work, depth, k)
    copy_values(leaves.legal[row], work.legal)
    copy_values(leaves.forbidden[row], work.forbidden)
    leaves.info[row].komi = komi
    leaves.info[row].node = node
    leaves.info[row].game = game


@kernel
def add_edge(tree, e, point, prior):
    """Sets an edge without a child; returns its prior."""
    tree.edge[e].point = point
    tree.edge[e].prior = prior
    tree.edge[e].child = -1
    return prior


@kernel
def expand(tree, node, legal, stride, policy, value, score, ownership):
    """Gives a node its edges with P = softmax of the legal logits, and backs its evaluation up.

    ``legal`` uint8 [N]; ``policy`` float32 [S*S+1] logits; value, score and ownership in the view of its side to move.
    """
    first = tree.counters[EDGES]
    size = stride - 2
    area = size * size
    top = policy[area]
    for row in range(size):
        for col in range(size):
            if legal[(row + 1) * stride + col + 1]:
                top = max(top, policy[row * size + col])
    e, total = first, np.float64(0.0)
    for row in range(size):
        for col in range(size):
            point = (row + 1) * stride + col + 1
            if legal[point]:
                total += add_edge(tree, e, point, np.exp(policy[row * size + col] - top))
                e += 1
    total += add_edge(tree, e, np.int64(PASS), np.exp(policy[area] - top))
    e += 1
    for k in range(first, e):
        tree.edge[k].prior = tree.edge[k].prior / total
    tree.counters[EDGES] = e
    tree.node[node].first, tree.node[node].edges = first, e - first
    tree.node[node].opened = tree.node[node].ordered = 0
    tree.node[node].kind = EXPANDED
    sign = 1.0 if tree.node[node].to_move == BLACK else -1.0
    tree.node[node].own_value, tree.node[node].own_score = sign * value, sign * score
    for action in range(area):
        tree.ownership[action] += sign * ownership[action]
    tree.counters[OWNED] += 1
    backup(tree, node, sign * value, sign * score)
