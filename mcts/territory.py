"""The end of a game under territory rules, of which the networks, who learned by area, know nothing: nobody captures
dead stones, and a pass may cost less than any move."""

from __future__ import annotations

import numpy as np

from gogame.board import BLACK, EMPTY, STRIDE, WHITE
from gogame.kernel import kernel
from gogame.score import area_score, stones_beyond
from mcts.arrays import OWNED

DEAD = -0.3  # a chain whose stones are its owner's by less than this, on the average, is dead
SETTLED = 0.8  # mean sureness of the ownership from which on the game may end
PASS_PRIOR = 0.05  # then, and after a pass, of a pass at least


@kernel
def territory_lead(tree, node, board, rules):
    """Black's lead in points where two passes have led to a node; ``board``, its position, is written over.

    Counted in stones and prisoners, which agrees with territory to a point where play was even: once with every stone
    alive, once without the chains that the tree's ownership calls dead. It is the one that comes nearer to what the
    network said of the same stones after the first pass: so no side can bet on the other's passing while dead stones
    stand, and none that lives where the root expects no life is taken off.
    """
    rest = rules.komi + stones_beyond(board)  # a dead stone is one of the stones, on the board or captured
    standing = area_score(board) - rest
    parent = tree.node[node].parent
    if parent < 0 or tree.counters[OWNED] == 0 or not take_dead(tree, board):
        return standing
    settled = area_score(board) - rest
    said = tree.node[parent].own_score
    return settled if abs(settled - said) < abs(standing - said) else standing


@kernel
def take_dead(tree, board):
    """Empties the points of the dead chains, and nothing else: the board is good for counting its area alone.
    Returns whether there are any."""
    stride = board.state[STRIDE]
    size = stride - 2
    found = False
    for row in range(size):
        for col in range(size):
            head = (row + 1) * stride + col + 1
            color = board.color[head]
            if (color != BLACK and color != WHITE) or board.head[head] != head:
                continue
            owned, stone, stones = 0.0, head, 0
            while stones == 0 or stone != head:
                owned += tree.ownership[(stone // stride - 1) * size + stone % stride - 1]
                stones += 1
                stone = board.next_stone[stone]
            owned /= stones * tree.counters[OWNED]
            if (owned if color == BLACK else -owned) < DEAD:
                found = True
                for _ in range(stones):
                    board.color[stone] = EMPTY
                    stone = board.next_stone[stone]
    return found


@kernel
def lift_pass(tree, node):
    """Sees to it that a newly expanded node looks at a pass where the game may end.

    By area, to which the networks are used, a pass gives away what dead stones stand for, and costs nothing less than
    filling one's own points: they hardly ever think of it as long as there is anything of either.
    """
    if tree.node[node].passes == 0:
        sure = 0.0
        for action in range(tree.ownership.size):
            sure += abs(tree.ownership[action])
        if sure < SETTLED * tree.ownership.size * tree.counters[OWNED]:
            return
    last = tree.node[node].first + tree.node[node].edges - 1
    tree.edge[last].prior = max(tree.edge[last].prior, np.float32(PASS_PRIOR))
