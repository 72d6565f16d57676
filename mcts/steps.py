"""What a search does in one crossing into compiled code: collects leaves, takes in their evaluations, is surveyed."""

from __future__ import annotations

import numpy as np

from gogame.board import BLACK
from gogame.kernel import kernel
from gogame.score import komi_shown
from mcts.arrays import EDGES, EXPANDED, NODES, PENDING, TERMINAL
from mcts.root import lower_bound, most_visits, wide_edge
from mcts.territory import lift_pass
from mcts.tree import (
    add_pending,
    backup,
    board_row,
    cache_key,
    child_utility,
    descend,
    expand,
    export_leaf,
    finish_terminal,
    recent_move,
)

MOST_STEPS = 1000  # simulations of one crossing: clock and stop are looked at between two


@kernel
def collect(tree, root, work, cache, leaves, rules, params, want, limit, wide, random, average):
    """Descends until ``want`` leaves wait for the evaluator; finished games and cached positions are backed up at once.

    Stops early at ``limit`` root visits, when the arrays are full, on running into a leaf that waits already, and
    after :data:`MOST_STEPS`, since some searches meet nothing but finished games.
    ``wide`` > 0 looks wider at the root, see :func:`mcts.root.wide_edge`. ``average``: of the root an evaluation under
    all symmetries is wanted, and none under one of them taken from the cache. Leaves of earlier calls may still wait.
    Returns the number of rows filled in ``leaves``.
    """
    rows, game = np.int64(0), np.int64(0)  # not literals, which would have export_leaf compiled twice
    most_edges = tree.ownership.size + 1
    steps = 0
    while rows < want and steps < MOST_STEPS and tree.node[0].visits + tree.node[0].pending < limit:
        steps += 1
        room = tree.edge.size - tree.counters[EDGES] - (tree.node[0].pending + 1) * most_edges  # for all that wait
        if room < 0 or tree.counters[NODES] >= tree.node.size:
            break
        forced = np.int64(-1)
        if wide > 0.0 and tree.node[0].kind == EXPANDED and tree.node[0].visits > 0:
            forced = np.int64(wide_edge(tree, params, wide, random))
        depth = descend(tree, root, work, rules, params, forced)
        node = np.int64(work.path[depth])
        kind = tree.node[node].kind
        if kind == PENDING:
            break
        add_pending(tree, node, 1)
        if kind == EXPANDED:  # deeper than any real game
            backup(tree, node, np.float64(tree.node[node].own_value), np.float64(tree.node[node].own_score))
        elif kind == TERMINAL or tree.node[node].passes >= 2:
            finish_terminal(tree, node, work.board, rules)
        else:
            komi = komi_shown(work.board, np.int64(tree.node[node].to_move), rules, np.int64(tree.node[node].passes))
            before = recent_move(tree, root, work, depth, 1)
            if not expand_cached(tree, node, work, cache, before, komi, rules, average and node == 0):
                tree.node[node].kind = PENDING
                export_leaf(tree, root, work, depth, komi, leaves, rows, game)
                rows += 1
    return rows


@kernel
def expand_cached(tree, node, work, cache, before, komi, rules, average):
    """Expands a leaf from the cache, if its position is there, with ``average`` only under all symmetries;
    ``before``, ``komi`` and ``rules`` as in :func:`cache_key`."""
    key = cache_key(work.board, tree.node[node].to_move, tree.node[node].passes, before, komi, rules)
    slot = np.int64(key & np.uint64(cache.key.size - 1))
    answer, area = cache.answer[slot], tree.ownership.size
    if cache.key[slot] != key or (average and answer[2 * area + 3] == 0.0):
        return False
    stride = np.int64(work.board.state[0])
    expand(tree, node, work.legal, stride, answer[: area + 1], answer[area + 1], answer[area + 2], answer[area + 3 :])
    if rules.territory != 0:
        lift_pass(tree, node)
    return True


@kernel
def absorb(tree, cache, leaves, rules, rows, policy, value, score, ownership, average):
    """Expands the evaluated leaves, backs them up and remembers them in the cache. ``average``: whether they were
    evaluated under all symmetries."""
    boards = leaves.board
    stride = np.int64(boards.state[0, 0])
    for row in range(rows):
        node = np.int64(leaves.info[row].node)
        expand(tree, node, leaves.legal[row], stride, policy[row], value[row], score[row], ownership[row])
        if rules.territory != 0:
            lift_pass(tree, node)
        info = leaves.info[row]
        key = cache_key(
            board_row(boards, row), info.to_move, tree.node[node].passes, leaves.recent[row, 1], np.float64(info.komi),
            rules,
        )  # fmt: skip
        slot = np.int64(key & np.uint64(cache.key.size - 1))
        cache.key[slot] = key
        area = ownership.shape[1]
        answer = cache.answer[slot]
        for k in range(area):
            answer[k], answer[area + 3 + k] = policy[row, k], ownership[row, k]
        answer[area], answer[area + 1], answer[area + 2] = policy[row, area], value[row], score[row]
        answer[2 * area + 3] = average


@kernel
def survey_root(tree, points, counts, figures, lines, line_visits):
    """Reads the root's visited edges into tables and returns their number.

    ``points`` int16 [A], ``counts`` int32 [A] visits, ``figures`` float64 [A, 4] mean value, mean square and mean
    score lead in Black's view, and prior; ``lines`` int16 [A, L] variations: the move and the most visited replies,
    -1 after their end; ``line_visits`` int32 [A, L] how often each was visited. A: moves of the board and the pass.
    """
    rows = 0
    for e in range(tree.node[0].first, tree.node[0].first + tree.node[0].opened):
        child = np.int64(tree.edge[e].child)
        n = tree.node[child].visits
        if n == 0:
            continue
        points[rows], counts[rows] = tree.edge[e].point, n
        figures[rows, 0] = tree.node[child].value / n
        figures[rows, 1] = tree.node[child].square / n
        figures[rows, 2] = tree.node[child].score / n
        figures[rows, 3] = tree.edge[e].prior
        fill_variation(tree, child, lines[rows], line_visits[rows])
        rows += 1
    return rows


@kernel
def fill_variation(tree, node, line, visits):
    """Writes the move to ``node`` and the most visited replies after it, -1 after their end, with their visits."""
    line[:] = -1
    line[0], visits[0] = tree.node[node].move, tree.node[node].visits
    for i in range(1, line.size):
        best, most = -1, 0
        if tree.node[node].kind == EXPANDED:
            for e in range(tree.node[node].first, tree.node[node].first + tree.node[node].opened):
                child = tree.edge[e].child
                if tree.node[child].visits > most:
                    best, most = child, tree.node[child].visits
        if best < 0:
            return
        node = np.int64(best)
        line[i], visits[i] = tree.node[node].move, tree.node[node].visits


@kernel
def lead_of_the_first(tree):
    """Visits of the root's most visited move beyond those of the second; -1 before any move was visited."""
    most, second = -1, 0
    for e in range(tree.node[0].first, tree.node[0].first + tree.node[0].opened):
        n = tree.node[tree.edge[e].child].visits
        if n > most:
            most, second = n, max(most, 0)
        elif n > second:
            second = n
    return most - second if most > 0 else -1


@kernel
def choice_stands(tree, params, left, worthy):
    """Whether the root's most visited move is the one to play, however ``left`` more visits fall.

    No other may come to as many visits, nor have a mean utility from the first's lower bound on if it can come to the
    share ``worthy`` of the first's visits, with which it is chosen by its own bound (see :func:`mcts.root.choose`). The
    means are taken as they are now, and moves without a visit as worse.
    """
    lead = lead_of_the_first(tree)
    if lead < 0 or tree.node[0].edges == 1:
        return lead >= 0
    if lead <= left:
        return False
    sign = 1.0 if tree.node[0].to_move == BLACK else -1.0
    most, first, last = most_visits(tree), tree.node[0].first, tree.node[0].first + tree.node[0].opened
    bound = 0.0
    for e in range(first, last):
        child = np.int64(tree.edge[e].child)
        if tree.node[child].visits == most:
            value, square = sign * tree.node[child].value / most, tree.node[child].square / most
            bound = lower_bound(value, square, np.int64(most)) + child_utility(tree, child, sign, params) - value
    for e in range(first, last):
        child = np.int64(tree.edge[e].child)
        n = tree.node[child].visits
        if 0 < n < most and n + left >= worthy * most and child_utility(tree, child, sign, params) >= bound:
            return False
    return True
