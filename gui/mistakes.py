"""What a move has cost, by the engine's view of the positions before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gogame.board import BLACK, WHITE
from gogame.coords import to_gtp
from gui.record import NAMES, Node

POINTS, WINRATE = 3.0, 0.1  # a move that lost more of either is a mistake
LITTLE = (1.0, 0.03)  # points and win rate: who loses no more than both is nearly as good


class Estimate(Protocol):
    """What is thought of a move. Both are Black's."""

    @property
    def winrate(self) -> float: ...
    @property
    def score(self) -> float: ...


@dataclass(frozen=True)
class Loss:
    """What the mover lost; 0 where the move has gained."""

    points: float
    winrate: float  # 0..1


def loss_of(node: Node) -> Loss | None:
    """What the move of a node has cost; None as long as one of the two positions has no estimate."""
    before = node.parent
    if before is None or before.winrate is None or node.winrate is None:
        return None
    side = 1 if node.color == BLACK else -1
    known = before.score is not None and node.score is not None  # not all files have it
    points = side * ((before.score or 0.0) - (node.score or 0.0)) if known else 0.0
    return Loss(max(0.0, points), max(0.0, side * (before.winrate - node.winrate)))


def is_mistake(node: Node) -> bool:
    """The move of a node has cost much."""
    loss = loss_of(node)
    return loss is not None and is_large(loss)


def is_large(loss: Loss) -> bool:
    """Who loses so much has made a mistake."""
    return loss.points > POINTS or loss.winrate > WINRATE


def is_small(loss: Loss) -> bool:
    return loss.points <= LITTLE[0] and loss.winrate <= LITTLE[1]


def loss_beside(best: Estimate, other: Estimate, color: int) -> Loss:
    """What a move loses against the best one, for the side that plays them; 0 where it gains."""
    side = 1 if color == BLACK else -1
    return Loss(max(0.0, side * (best.score - other.score)), max(0.0, side * (best.winrate - other.winrate)))


def move_text(node: Node, size: int) -> str:
    """ "Move 34, Black D4"."""
    return f"Move {node.number}, {NAMES[node.color]} {to_gtp(node.point, size)}"


def loss_text(loss: Loss) -> str:
    """ "2.3 points, 11% lost"."""
    parts = []
    if f"{loss.points:.1f}" != "0.0":
        parts.append(f"{loss.points:.1f} points")
    if f"{100 * loss.winrate:.0f}" != "0":
        parts.append(f"{100 * loss.winrate:.0f}%")
    return f"{', '.join(parts) or 'nothing'} lost"


def tally_text(line: Sequence[Node]) -> str:
    """ "Black: 2 mistakes, 0.8 points lost a move; White: none, 0.1": of the moves whose loss is known."""
    sides: list[str] = []
    for color in (BLACK, WHITE):
        moves = [n for n in line if n.color == color and loss_of(n) is not None]
        if not moves:
            continue
        mistakes, first = sum(map(is_mistake, moves)), not sides
        noun = f" mistake{'s' * (mistakes != 1)}" if first else ""
        text = f"{NAMES[color]}: {mistakes or ('no' if first else 'none')}{noun}"
        if (mean := _mean_points(moves)) is not None:
            text += f", {mean:.1f}{' points lost a move' if first else ''}"
        sides.append(text)
    return "; ".join(sides)


def _mean_points(moves: Sequence[Node]) -> float | None:
    """What a move has cost in the mean; None where no score is known."""
    lost = []
    for node in moves:
        loss, before = loss_of(node), node.parent
        if loss and before and before.score is not None and node.score is not None:
            lost.append(loss.points)
    return sum(lost) / len(lost) if lost else None
