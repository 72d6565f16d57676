"""The search tree as arrays, and the kernels that walk it: descend, expand, back up.

Symbols are those of the AlphaGo papers: N visits, W sum of values, Q = W / N, P prior (Silver et al. 2017, Methods,
"Search algorithm"). Sums are kept in Black's view, so that a backup adds one number along the whole path; selection
turns them to the side to move. Besides the value in [-1, 1] a node sums the score lead in points.

The edges of a node lie side by side. The first ``opened`` of them have children; of the others only the one with the
highest prior can be chosen next (all share the same first-play-urgency value), so the rest is never sorted: the
next best is brought forward when it is needed, by one scan. One tree belongs to one thread.

Nothing here knows a network: leaves go out as positions in :class:`Leaves` and come back as :class:`Evaluation`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gogame.board import (
    BLACK,
    CAPTURED_BLACK,
    CAPTURED_WHITE,
    KO,
    KO_COLOR,
    WHITE,
    Board,
    copy_into,
    new_board,
    play,
)
from gogame.geometry import PASS
from gogame.kernel import copy_values, kernel
from gogame.score import area_score
from mcts.superko import MIX, TURN_KEY, bar_repeats, fill_legal, note_seen, superko_key

NEW, PENDING, EXPANDED, TERMINAL = 0, 1, 2, 3  # Tree.kind
NODES, EDGES, OWNED = 0, 1, 2  # Tree.counters
TO_MOVE, PASSES, SEEN = 0, 1, 2  # Root.info
MAX_DEPTH = 512
PASS_KEY = np.uint64(0xC2B2AE3D27D4EB4F)


class Params(NamedTuple):
    """What selection depends on; see :class:`mcts.search.SearchConfig` for the meaning and the defaults."""

    c_puct: float
    c_puct_log: float
    c_puct_base: float
    fpu_reduction: float
    virtual_loss: float
    score_weight: float
    score_scale: float  # points at which half of the score utility is reached
    score_center: float  # Black's lead in points that counts as utility 0


NODE = np.dtype(
    [
        ("visits", np.int32),  # N
        ("pending", np.int32),  # simulations under way below this node (virtual losses)
        ("value", np.float64),  # W, sum of values, Black's view, each in [-1, 1]
        ("square", np.float64),  # sum of squared values
        ("score", np.float64),  # sum of score leads, Black's view, points
        ("own_value", np.float32),  # this node's own evaluation, Black's view
        ("own_score", np.float32),
        ("parent", np.int32),  # -1 at the root
        ("first", np.int32),  # its first edge
        ("move", np.int16),  # the point played to come here
        ("edges", np.int16),  # number of edges
        ("opened", np.int16),  # edges with a child
        ("ordered", np.int16),  # edges known to be in order
        ("to_move", np.int8),
        ("passes", np.int8),  # consecutive passes that led here; 2 ends the game
        ("kind", np.int8),  # NEW, PENDING, EXPANDED or TERMINAL
    ],
    align=True,
)  # 64 bytes: one cache line
EDGE = np.dtype(
    [
        ("prior", np.float32),  # P
        ("child", np.int32),  # -1 where there is no child yet
        ("point", np.int16),
    ],
    align=True,
)
LEAF_INFO = np.dtype(
    [
        ("komi", np.float64),  # White's points
        ("node", np.int32),
        ("game", np.int32),  # which tree, where there are many
        ("to_move", np.int8),
    ],
    align=True,
)


class Tree(NamedTuple):
    """M nodes and E edges as records, so that a kernel reads ``tree.node[n].visits``; node 0 is the root.

    Few arrays, because numba's compilation grows with the number of arrays that a function is given.
    """

    node: np.recarray  # NODE [M]
    edge: np.recarray  # EDGE [E]
    ownership: np.ndarray  # float64 [S*S] sum over the evaluated leaves, Black's view
    counters: np.ndarray  # int64 [4] NODES, EDGES, OWNED (leaves summed in ownership)


class Root(NamedTuple):
    """The position that is searched, with what superko needs to know of the past."""

    board: Board
    recent: np.ndarray  # int16 [5] last moves, newest first; PASS for a pass, -1 before the first move
    info: np.ndarray  # int64 [4] TO_MOVE, PASSES, SEEN (entries in `seen`)
    seen: np.ndarray  # uint64 [power of two] open-addressing set of superko keys; 0 is a free slot


class Leaves(NamedTuple):
    """A batch of B positions on their way to the evaluator."""

    board: Board  # arrays with a leading axis of B
    info: np.ndarray  # LEAF_INFO [B]
    recent: np.ndarray  # int16 [B, 5]
    legal: np.ndarray  # uint8 [B, N] by point; the pass is always legal
    forbidden: np.ndarray  # uint8 [B, N] empty points that ko or superko forbids


class Evaluation(NamedTuple):
    """What an evaluator answers, from the side to move's view. On an S x S board:"""

    policy: np.ndarray  # float32 [B, S*S+1] logits; the last is the pass
    value: np.ndarray  # float32 [B] expected result in [-1, 1]
    score: np.ndarray  # float32 [B] expected lead in points, komi included
    ownership: np.ndarray  # float32 [B, S*S] in [-1, 1]


class Cache(NamedTuple):
    """Evaluations by position (stones, side to move, ko, passes; not the order of moves), one slot a key."""

    key: np.ndarray  # uint64 [C], C a power of two; 0 is a free slot
    answer: np.ndarray  # float32 [C, 2*S*S + 3] policy (S*S + 1), value, score, ownership (S*S)


class Work(NamedTuple):
    """Scratch of one thread."""

    board: Board
    path: np.ndarray  # int32 [MAX_DEPTH + 1] nodes from the root
    legal: np.ndarray  # uint8 [N]
    forbidden: np.ndarray  # uint8 [N]


def new_tree(size: int, nodes: int, edges: int, lead: tuple[int, ...] = ()) -> Tree:
    """Empty arrays for ``nodes`` nodes and ``edges`` edges (``lead``: leading axes, for many trees)."""
    return Tree(
        node=np.zeros((*lead, nodes), NODE).view(np.recarray),
        edge=np.zeros((*lead, edges), EDGE).view(np.recarray),
        ownership=np.zeros((*lead, size * size), np.float64),
        counters=np.zeros((*lead, 4), np.int64),
    )


def stacked_boards(size: int, count: int) -> Board:
    """``count`` empty boards as one Board whose arrays have a leading axis."""
    return Board(*(np.repeat(array[None], count, axis=0) for array in new_board(size)))


def new_root(size: int, moves: int = 0) -> Root:
    """An empty root whose superko table holds at least ``moves`` positions and a search path."""
    slots = 1 << int(np.ceil(np.log2(2 * (moves + MAX_DEPTH + 8))))
    recent = np.full(5, -1, np.int16)
    return Root(new_board(size), recent, np.array([BLACK, 0, 0, 0]), np.zeros(slots, np.uint64))


def new_leaves(size: int, batch: int) -> Leaves:
    """Room for ``batch`` positions."""
    points = (size + 2) ** 2
    info = np.zeros(batch, LEAF_INFO).view(np.recarray)
    info.to_move = BLACK
    return Leaves(
        board=stacked_boards(size, batch),
        info=info,
        recent=np.full((batch, 5), -1, np.int16),
        legal=np.zeros((batch, points), np.uint8),
        forbidden=np.zeros((batch, points), np.uint8),
    )


def new_cache(size: int, slots: int) -> Cache:
    """A cache of ``slots`` evaluations (a power of two; 1 switches it off in effect)."""
    return Cache(np.zeros(slots, np.uint64), np.zeros((slots, 2 * size * size + 3), np.float32))


def new_work(size: int) -> Work:
    """Scratch for one searching thread."""
    points = (size + 2) ** 2
    return Work(
        new_board(size), np.zeros(MAX_DEPTH + 1, np.int32), np.zeros(points, np.uint8), np.zeros(points, np.uint8)
    )


# --- one simulation --------------------------------------------------------------------------------------------------


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
        if more > 0 or (more == 0 and _rank(tree.edge[e].point) < _rank(tree.edge[best].point)):
            best = e
    swap_edges(tree, begin, best)
    tree.node[node].ordered = tree.node[node].opened + 1


@kernel
def _rank(point):
    """Order among equal priors: by point, the pass last."""
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
    """Gives an edge its child, moving it among the opened ones; returns the child's index."""
    begin = tree.node[node].first + tree.node[node].opened
    if edge != begin:
        swap_edges(tree, begin, edge)
    child = tree.counters[NODES]
    tree.counters[NODES] = child + 1
    tree.node[node].opened += 1
    tree.node[node].ordered = (
        max(tree.node[node].ordered, tree.node[node].opened) if edge == begin else tree.node[node].opened
    )
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
    """Walks from the root to a node that is not expanded, playing the moves on ``work.board``.

    ``forced``: the edge to take at the root, or -1. Returns the depth; ``work.path[depth]`` is the node, for which
    ``work.legal`` and ``work.forbidden`` are filled if it is NEW and the game goes on there.
    """
    board, seen, path = work.board, root.seen, work.path
    copy_into(board, root.board)
    node, depth = np.int64(0), 0  # not a literal, which would have what it is passed to compiled twice
    path[0] = 0
    while tree.node[node].kind == EXPANDED and depth < MAX_DEPTH:
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
    """Scores a finished game exactly, as it stands on the board, and backs it up."""
    if tree.node[node].kind == NEW:
        mark_terminal(tree, node, final_lead(board, rules))
    backup(tree, node, np.float64(tree.node[node].own_value), np.float64(tree.node[node].own_score))


@kernel
def mark_terminal(tree, node, lead):
    """Makes a node the end of the game, with this lead of Black's."""
    tree.node[node].own_score = lead
    tree.node[node].own_value = np.sign(lead)
    tree.node[node].kind = TERMINAL


@kernel
def final_lead(board, rules):
    """Black's lead in points when nobody plays on: area (Tromp-Taylor) less komi.

    Under territory rules the difference in prisoners and stones replaces the stones on the board; both counts agree
    to a point where play was even.
    """
    lead = area_score(board) - rules.komi
    if rules.territory != 0:
        black, white = 0, 0
        for point in range(board.color.size):
            black += board.color[point] == BLACK
            white += board.color[point] == WHITE
        lead -= black - white
        lead += board.state[CAPTURED_WHITE] - board.state[CAPTURED_BLACK]
    return lead


@kernel
def cache_key(board, to_move, passes):
    """Key of a position in the evaluation cache; never 0."""
    key = board.hash[0]
    if to_move == WHITE:
        key ^= TURN_KEY
    if passes > 0:
        key ^= PASS_KEY
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
def export_leaf(tree, root, work, depth, komi, leaves, row, game):
    """Writes the position that :func:`descend` reached into a row of the batch."""
    node = work.path[depth]
    copy_into(board_row(leaves.board, row), work.board)
    leaves.info[row].to_move = tree.node[node].to_move
    for k in range(5):
        leaves.recent[row, k] = tree.node[work.path[depth - k]].move if k < depth else root.recent[k - depth]
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
