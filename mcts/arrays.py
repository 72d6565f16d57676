"""The search tree and what goes in and out of it, as arrays: the layout that every kernel of the search works in.

Sums are kept in Black's view, so that a backup adds one number along the whole path. Besides the value in [-1, 1] a
node sums the score lead in points. The edges of a node lie side by side; the first ``opened`` of them have children.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gogame.board import BLACK, Board, new_board

NEW, PENDING, EXPANDED, TERMINAL = 0, 1, 2, 3  # Tree.kind
NODES, EDGES, OWNED = 0, 1, 2  # Tree.counters
TO_MOVE, PASSES, SEEN = 0, 1, 2  # Root.info
MAX_DEPTH = 512


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
        ("child", np.int32),  # -1 where there is no child yet; -2 - n: none, but node n has its evaluation
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
    """Evaluations by position (see :func:`mcts.tree.cache_key`; not by the order of moves), one slot a key."""

    key: np.ndarray  # uint64 [C], C a power of two; 0 is a free slot
    answer: np.ndarray  # float32 [C, 2*S*S + 4] policy (S*S + 1), value, score, ownership (S*S), 1 if of all symmetries


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
    return Cache(np.zeros(slots, np.uint64), np.zeros((slots, 2 * size * size + 4), np.float32))


def new_work(size: int) -> Work:
    """Scratch for one searching thread."""
    points = (size + 2) ** 2
    return Work(
        new_board(size), np.zeros(MAX_DEPTH + 1, np.int32), np.zeros(points, np.uint8), np.zeros(points, np.uint8)
    )
