"""The kernels of self-play: each game is advanced until it needs the network, or has ended.

A game is a row of the stacked arrays in :class:`Games`; a thread owns a slice of rows. The root is searched by Gumbel
sequential halving (:mod:`mcts.root`) or by PUCT with noise (:mod:`mcts.playouts`), the tree below by PUCT
(:mod:`mcts.tree`); the same kernels as in play. A share of the moves can be searched fast, without Dirichlet noise,
forced playouts and a policy target (playout-cap randomisation; Wu 2019, arXiv:1902.10565, section 3.1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gogame.board import BLACK, WHITE, copy_into
from gogame.geometry import PASS
from gogame.kernel import kernel
from gogame.pass_alive import new_pass_alive_scratch, pass_alive
from gogame.rules import RuleSet
from gogame.score import settled_owners
from mcts.arrays import EXPANDED, PASSES, TERMINAL, TO_MOVE, Params, Root, Tree, Work, new_work
from mcts.playouts import draw_dirichlet, draw_edge, forced_edge, heaviest, visited_policy
from mcts.reroot import keep_evaluated, play_root, reset_tree, restrict_root
from mcts.root import draw_gumbel, gumbel_choice, gumbel_edge, improved_policy, mix_noise, next_random
from mcts.superko import note_seen, superko_key
from mcts.tree import add_pending, backup, board_row, descend, expand, export_leaf, mark_terminal, open_edge

LEAF, ENDED = 0, 1  # what advance_game answers
MOVES, SIMS, BUDGET, CONSIDERED, OPENING, READY, EVALUATED, FAST, EVEN = 0, 1, 2, 3, 4, 5, 6, 7, 8  # Games.count


class RootSearch(NamedTuple):
    """How the root of a move is searched."""

    gumbel: int  # 1 Gumbel sequential halving, 0 PUCT
    c_visit: float  # of Gumbel, see mcts.root.sigma
    c_scale: float
    doubt: float  # of Gumbel, see mcts.root.improved_policy
    explore_moves: int  # moves of a game with noise: Gumbel's in every search, Dirichlet's in full ones
    noise: float  # PUCT: sum of the Dirichlet distribution's parameters; 0 = no noise
    noise_weight: float
    forced: float  # PUCT: k of the forced playouts; 0 = none
    drawn_moves: int  # PUCT: moves of a game drawn by their visits; after them the most visited is played
    remember: int  # 1: evaluations below the move that was played are kept for the next search
    fast_share: float  # of the moves: searched with ``budget[1]`` simulations, not learned from
    decided_share: float  # the same, where the game is decided
    decided_value: float  # it is where the values of the last two searches lie beyond this one
    considered: int  # Gumbel: most moves compared
    budget: np.ndarray  # int64 [2] simulations of a full and of a fast search
    schedules: np.ndarray  # int32 [2, K + 1, n] Gumbel: row m is :func:`mcts.root.visit_schedule` of m moves


class Games(NamedTuple):
    """G games side by side."""

    tree: Tree  # arrays with a leading axis G
    root: Root  # likewise
    gumbel: np.ndarray  # float32 [G, N] Gumbel + log P of this move's considered points
    random: np.ndarray  # uint64 [G] state of each game's own generator
    count: np.ndarray  # type: ignore[assignment] # int64 [G, 9] MOVES, SIMS, BUDGET, CONSIDERED, OPENING, READY (root prepared), EVALUATED, FAST, EVEN (komi is still to be set)
    komi: np.ndarray  # float64 [G]
    actions: np.ndarray  # int16 [G, T] action of each move
    policy: np.ndarray  # uint8 [G, T, A] policy target, sums to about 255; all 0 where there is none
    value: np.ndarray  # float32 [G, T] value of the root after its search, mover's view


class Scratch(NamedTuple):
    """Work space of one thread."""

    work: Work
    alive: np.ndarray  # uint8 [N]
    allowed: np.ndarray  # uint8 [N]
    region: np.ndarray  # scratch of pass_alive
    owners: np.ndarray  # int8 [N]
    target: np.ndarray  # float32 [A]
    places: np.ndarray  # int32 [nodes of a tree]


def new_scratch(size: int, nodes: int = 0) -> Scratch:
    """The work space of one thread for a board size, and trees of at most so many nodes."""
    points = (size + 2) ** 2
    return Scratch(
        new_work(size),
        np.zeros(points, np.uint8),
        np.zeros(points, np.uint8),
        new_pass_alive_scratch(size),
        np.zeros(points, np.int8),
        np.zeros(size**2 + 1, np.float32),
        np.zeros(nodes, np.int32),
    )


@kernel
def tree_row(trees, g):
    """One tree of the stack, as views."""
    return Tree(trees.node[g], trees.edge[g], trees.ownership[g], trees.counters[g])


@kernel
def root_row(roots, g):
    """One root position of the stack, as views."""
    return Root(board_row(roots.board, g), roots.recent[g], roots.info[g], roots.seen[g])


@kernel
def start_game(games, g, empty, komi, opening, even, superko):
    """An empty board, with this komi, whose first ``opening`` moves are drawn from the policy alone.

    ``even``: whether the komi becomes what the network calls even after them (:func:`make_even`).
    """
    root = root_row(games.root, g)
    copy_into(root.board, empty)
    root.recent[:] = -1
    root.info[:] = 0
    root.info[TO_MOVE] = BLACK
    root.seen[:] = 0
    note_seen(root.seen, superko_key(root.board.hash[0], BLACK, superko))
    games.komi[g] = komi
    games.count[g, :] = 0
    games.count[g, OPENING] = opening
    games.count[g, EVEN] = even
    reset_tree(tree_row(games.tree, g), root)


@kernel
def play_prefix(games, g, actions, points, rules):
    """Begins a started game with these moves (int16 [L]), none of them a pass, as part of its opening.

    ``points`` int16 [S*S]: action -> point.
    """
    root = root_row(games.root, g)
    for move in range(actions.size):
        games.actions[g, move] = actions[move]
        games.policy[g, move, :] = 0
        games.value[g, move] = 0.0
        play_root(root, np.int64(points[actions[move]]), rules)
    games.count[g, MOVES] += actions.size
    games.count[g, OPENING] += actions.size
    reset_tree(tree_row(games.tree, g), root)


@kernel
def advance_game(games, g, scratch, leaves, rules, params, searches):
    """Goes on with one game until a leaf stands in row g of ``leaves`` (LEAF) or the game is over (ENDED).

    ``searches``: two :class:`RootSearch`; the first is Black's in games of even numbers, White's in the others.
    """
    tree, root, count = tree_row(games.tree, g), root_row(games.root, g), games.count
    own = RuleSet(rules.superko, rules.suicide, rules.territory, games.komi[g])
    own_params = centred(params, 0.0)
    while True:
        search = searches[0] if (root.info[TO_MOVE] == BLACK) == (g % 2 == 0) else searches[1]
        if tree.node[0].kind == EXPANDED and count[g, EVEN] and count[g, MOVES] >= count[g, OPENING]:
            make_even(games, g, tree, root, rules.komi)
            own = RuleSet(rules.superko, rules.suicide, rules.territory, games.komi[g])
        if tree.node[0].kind == EXPANDED:
            own_params = centred(params, 0.75 * tree.node[0].own_score)
        if tree.node[0].kind == EXPANDED and count[g, READY] == 0:
            if prepare_root(games, g, tree, root, scratch, search):
                return ENDED
        forced = -1
        if tree.node[0].kind == EXPANDED:
            if count[g, MOVES] < count[g, OPENING] or count[g, SIMS] >= count[g, BUDGET]:
                if make_move(games, g, tree, root, scratch, own, own_params, search):
                    return ENDED
                continue
            if search.gumbel:
                visits = search.schedules[count[g, FAST], count[g, CONSIDERED], count[g, SIMS]]
                forced = gumbel_edge(
                    tree, games.gumbel[g], count[g, CONSIDERED], visits, own_params, search.c_visit, search.c_scale,
                    search.doubt,
                )  # fmt: skip
            elif search.forced > 0 and count[g, FAST] == 0:
                forced = forced_edge(tree, search.forced)
            count[g, SIMS] += 1
            if search.gumbel and forced < 0:
                continue
            if forced >= tree.node[0].first + tree.node[0].opened:
                at = tree.node[0].first + tree.node[0].opened
                open_edge(tree, 0, forced)
                forced = at
        if simulate(tree, root, scratch, own, own_params, forced, leaves, g):
            return LEAF


@kernel
def make_even(games, g, tree, root, usual):
    """Gives the lead that the network sees at the root away as komi, to half a point, once in a game; the root is then
    evaluated anew. (KataGo's compensateAfterPolicyInitProb, there with a search for the komi.)

    What was drawn beyond the ``usual`` komi stays beside it: who sees even games alone forgets what komi is worth.
    """
    most = np.float64((root.board.state[0] - 2) ** 2)
    drawn = games.komi[g] - usual
    fair = np.round(2 * (games.komi[g] + np.float64(tree.node[0].own_score) + drawn)) / 2
    games.komi[g] = min(max(fair, -most), most)
    games.count[g, EVEN] = 0
    reset_tree(tree, root)


@kernel
def simulate(tree, root, scratch, rules, params, forced, leaves, g):
    """One simulation, by way of the root's edge ``forced`` (-1: any). True if its leaf now waits in row g of
    ``leaves``; otherwise it is backed up."""
    depth = descend(tree, root, scratch.work, rules, params, forced)
    node = np.int64(scratch.work.path[depth])
    add_pending(tree, node, 1)
    if tree.node[node].kind == TERMINAL or tree.node[node].passes >= 2:
        finish_settled(tree, node, scratch, rules.komi)
    elif tree.node[node].kind == EXPANDED:
        backup(tree, node, np.float64(tree.node[node].own_value), np.float64(tree.node[node].own_score))
    else:
        export_leaf(tree, root, scratch.work, depth, rules.komi, leaves, g, g)
        return True
    return False


@kernel
def finish_settled(tree, node, scratch, komi):
    """Backs up a position after two passes, counted as the games are (:func:`game_end`)."""
    if tree.node[node].kind != TERMINAL:
        lead = settled_owners(scratch.work.board, scratch.owners, scratch.alive, scratch.region) - komi
        mark_terminal(tree, node, lead)
    backup(tree, node, np.float64(tree.node[node].own_value), np.float64(tree.node[node].own_score))


@kernel
def centred(params, center):
    """The same parameters with another centre of the score utility."""
    return Params(
        params.c_puct, params.c_puct_log, params.c_puct_base, params.fpu_reduction, params.virtual_loss,
        params.score_weight, params.score_scale, center,
    )  # fmt: skip


@kernel
def drop_settled(tree, root, scratch):
    """Takes the moves inside pass-alive areas from the root; True when every point lies in one, so that the game is
    decided to the last point."""
    board, open_points = root.board, 0
    scratch.allowed[:] = 1
    for color in (BLACK, WHITE):
        pass_alive(board, color, scratch.alive, scratch.region)
        for point in range(scratch.alive.size):
            if scratch.alive[point]:
                scratch.allowed[point] = 0
    for point in range(scratch.allowed.size):
        if scratch.allowed[point] and board.color[point] <= WHITE:
            open_points += 1
    if open_points == 0:
        return True
    restrict_root(tree, scratch.allowed, True)
    return False


@kernel
def prepare_root(games, g, tree, root, scratch, search):
    """Before a move's search: drops the settled moves, draws whether the search is fast, and the noise.

    Returns True when there is nothing left to play for (:func:`drop_settled`).
    """
    count = games.count
    if drop_settled(tree, root, scratch):
        return True
    share = search.decided_share if is_decided(games, g, search.decided_value) else search.fast_share
    fast = 1 if share > 0 and next_random(games.random, g) < share else 0
    explores = count[g, MOVES] < search.explore_moves
    m = min(search.considered, search.budget[fast], np.int64(tree.node[0].edges))
    if search.gumbel:
        draw_gumbel(tree, games.gumbel[g], m, explores, games.random, g, scratch.target)
    elif explores and fast == 0 and search.noise > 0 and count[g, MOVES] >= count[g, OPENING]:
        draw_dirichlet(tree, search.noise, games.random, g, scratch.target)
        mix_noise(tree, scratch.target, search.noise_weight)
    count[g, SIMS], count[g, BUDGET], count[g, CONSIDERED], count[g, READY] = 0, search.budget[fast], m, 1
    count[g, FAST] = fast
    return False


@kernel
def is_decided(games, g, beyond):
    """Whether the last two searches both gave the same side a value beyond this one."""
    move = games.count[g, MOVES]
    if move < 2:
        return False
    last, before = games.value[g, move - 1], -games.value[g, move - 2]
    return min(last, before) > beyond or max(last, before) < -beyond


@kernel
def make_move(games, g, tree, root, scratch, rules, params, search):
    """Records the search, plays its move and makes the position after it the root; returns whether the game ended."""
    count, target = games.count, scratch.target
    move = count[g, MOVES]
    sign = 1.0 if tree.node[0].to_move == BLACK else -1.0
    games.value[g, move] = sign * tree.node[0].value / tree.node[0].visits
    games.policy[g, move, :] = 0
    size = root.board.state[0] - 2
    first, n = tree.node[0].first, np.int64(tree.node[0].edges)
    if move < count[g, OPENING]:
        edge = first + draw_prior(tree, next_random(games.random, g))
    else:
        if search.gumbel:
            edge = gumbel_choice(
                tree, games.gumbel[g], count[g, CONSIDERED], params, search.c_visit, search.c_scale, search.doubt
            )
            improved_policy(tree, params, search.c_visit, search.c_scale, search.doubt, target)
        else:
            visited_policy(tree, params, search.forced if count[g, FAST] == 0 else 0.0, target)
            drawn = move < search.drawn_moves
            edge = first + (draw_edge(target, n, next_random(games.random, g)) if drawn else heaviest(target, n))
        if count[g, FAST] == 0:
            for k in range(n):
                action = action_at(tree.edge[first + k].point, size)
                games.policy[g, move, action] = np.uint8(255.0 * target[k] + 0.5)
    point = np.int64(tree.edge[edge].point)
    games.actions[g, move] = action_at(point, size)
    count[g, MOVES], count[g, READY] = move + 1, 0
    child = tree.edge[edge].child
    play_root(root, point, rules)
    if root.info[PASSES] >= 2 or move + 1 >= games.actions.shape[1]:
        return True
    if child >= 0 and tree.node[child].kind == EXPANDED:
        keep_evaluated(tree, np.int64(child), search.remember, scratch.places)
    else:
        reset_tree(tree, root)
    return False


@kernel
def action_at(point, size):
    """Action index of a point; the pass is size * size."""
    if point == PASS:
        return size * size
    stride = size + 2
    return (point // stride - 1) * size + point % stride - 1


@kernel
def draw_prior(tree, u):
    """Index of a root edge drawn by prior."""
    total, first = 0.0, tree.node[0].first
    for k in range(tree.node[0].edges):
        total += tree.edge[first + k].prior
    mass = 0.0
    for k in range(tree.node[0].edges):
        mass += tree.edge[first + k].prior
        if mass >= u * total:
            return k
    return np.int64(tree.node[0].edges) - 1


@kernel
def advance_slice(games, begin, end, scratch, leaves, rules, params, searches, status):
    """:func:`advance_game` for the games begin..end-1; the answers go into ``status`` (uint8 [G])."""
    for g in range(begin, end):
        status[g] = advance_game(games, g, scratch, leaves, rules, params, searches)


@kernel
def absorb_slice(games, begin, end, leaves, status, policy, value, score, ownership):
    """Expands and backs up the leaves of the games begin..end-1 whose status is LEAF."""
    stride = np.int64(leaves.board.state[0, 0])
    for g in range(begin, end):
        if status[g] == LEAF:
            tree = tree_row(games.tree, g)
            node = np.int64(leaves.info[g].node)
            expand(tree, node, leaves.legal[g], stride, policy[g], value[g], score[g], ownership[g])
            games.count[g, EVALUATED] += 1


@kernel
def game_end(games, g, scratch):
    """Whose each point is (into ``scratch.owners``), and Black's lead: area, what is pass-alive wholly its owner's."""
    board = root_row(games.root, g).board
    return settled_owners(board, scratch.owners, scratch.alive, scratch.region) - games.komi[g]
