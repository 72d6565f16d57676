"""What a search has found: the root's winrate, score lead and ownership, and its candidates."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mcts import root as root_choice
from mcts.arrays import OWNED, Params, Tree
from mcts.steps import survey_root


@dataclass
class MoveInfo:
    """One candidate move, from the view of the side to move at the root."""

    point: int
    visits: int
    winrate: float  # 0..1
    score_lead: float  # points
    prior: float
    lcb: float  # lower confidence bound of the winrate; below 0 where little is known
    utility: float  # value plus score utility
    utility_bound: float  # its lower confidence bound, by which moves are ordered and chosen
    pv: list[int] = field(default_factory=list)  # principal variation, points, this move first
    pv_visits: list[int] = field(default_factory=list)  # ... and the visits of each
    order: int = 0


@dataclass
class RootInfo:
    """The search's findings, from the view of the side to move at the root."""

    visits: int
    winrate: float
    score_lead: float
    ownership: np.ndarray  # float32 [S*S] in [-1, 1]
    moves: list[MoveInfo]  # best first
    to_move: int
    utility: float  # value plus score utility
    lcb: float  # lower confidence bound of the winrate; below 0 where little is known


@dataclass
class SearchStats:
    """What one call of :meth:`Search.run` did."""

    visits: int  # new root visits
    evaluations: int  # positions sent to the evaluator
    batches: int
    seconds: float
    full: bool = False  # the tree had no room for more


def read_root(tree: Tree, params: Params, pv_length: int) -> RootInfo:
    """See :meth:`mcts.search.Search.root_info`."""
    sign = 1.0 if tree.node[0].to_move == 1 else -1.0
    n = max(int(tree.node[0].visits), 1)
    infos = _candidates(tree, params, sign, pv_length)
    most = max((m.visits for m in infos), default=0)
    infos.sort(
        key=lambda m: (True, m.utility_bound) if m.visits >= root_choice.WORTHY * most else (False, m.visits),
        reverse=True,
    )
    for order, info in enumerate(infos):
        info.order = order
    owned = max(int(tree.counters[OWNED]), 1)
    value, lead = sign * float(tree.node[0].value) / n, sign * float(tree.node[0].score) / n
    return RootInfo(
        visits=int(tree.node[0].visits),
        winrate=0.5 + 0.5 * value,
        score_lead=lead,
        ownership=(sign * tree.ownership / owned).astype(np.float32),
        moves=infos,
        to_move=int(tree.node[0].to_move),
        utility=value + _score_utility(params, lead - sign * params.score_center),
        lcb=0.5 + 0.5 * root_choice.lower_bound(value, float(tree.node[0].square) / n, n),
    )


def _score_utility(params: Params, above: float) -> float:
    """What a lead adds to the value that is so many points above the search's centre."""
    return params.score_weight * above / (params.score_scale + abs(above))


def _candidates(tree: Tree, params: Params, sign: float, pv_length: int) -> list[MoveInfo]:
    """The visited moves, in no order. ``sign``: +1 where Black is to move at the root."""
    area = tree.ownership.size + 1
    points, counts = np.zeros(area, np.int16), np.zeros(area, np.int32)
    figures, lines = np.zeros((area, 4)), np.zeros((area, max(pv_length, 1)), np.int16)
    visits = np.zeros(lines.shape, np.int32)
    rows = survey_root(tree, points, counts, figures, lines, visits)
    infos = []
    for row in range(rows):
        n, prior = int(counts[row]), float(figures[row, 3])
        value, square, lead = sign * float(figures[row, 0]), float(figures[row, 1]), sign * float(figures[row, 2])
        utility = value + _score_utility(params, lead - sign * params.score_center)
        lcb = root_choice.lower_bound(value, square, n)
        bound = lcb + (utility - value)  # the score's share has no spread of its own
        pv = [p for p in lines[row].tolist() if p >= 0]
        winrate, lcb = 0.5 + 0.5 * value, 0.5 + 0.5 * lcb
        trodden = visits[row, : len(pv)].tolist()
        infos.append(MoveInfo(int(points[row]), n, winrate, lead, prior, lcb, utility, bound, pv, trodden))
    return infos
