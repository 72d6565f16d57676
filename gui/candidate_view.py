"""Draws the engine's candidates on the board: what they lose against the best, in numbers and by their rings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pygame

from gogame.board import BLACK, EMPTY
from gui.candidates import Candidate
from gui.mark_view import Board
from gui.mistakes import Loss, is_large, is_small
from gui.theme import ACCENT, Color, image_of

DISC: Color = (236, 226, 205)
INK: Color = (32, 30, 26)
DASH = 0.6  # of a dash and its gap
LEAST = 5  # pixels of both
TEN = 9.95  # points: from there they are written without tenths
PALE = 0.4  # how strong the gaps are
WRITTEN_FROM = 28  # pixels of a cell: smaller discs have room for a rank alone


@dataclass(frozen=True)
class Ring:
    """How a candidate's ring looks: not by its colour alone."""

    color: Color
    dashes: int  # 0: it is whole


BEST = Ring(ACCENT, 0)
GOOD, FAIR, BAD = Ring((0, 132, 98), 0), Ring((206, 118, 0), 4), Ring((196, 52, 30), 12)
UNKNOWN = Ring((150, 132, 100), 0)


def ring_of(rank: int, loss: Loss | None) -> Ring:
    """The ring of the candidate of a rank, 0 the best, by what it loses; large losses are those of the graph's dots."""
    if rank == 0:
        return BEST
    if loss is None:
        return UNKNOWN
    return BAD if is_large(loss) else GOOD if is_small(loss) else FAIR


def text_of(rank: int, candidate: Candidate, losses: Sequence[Loss], to_move: int, cell: int) -> str:
    """What stands on a disc: the best one's win rate, of the side to move, and the others' loss in points; where there
    is no room for it, or no loss is known, the rank."""
    if cell < WRITTEN_FROM or rank >= len(losses):
        return f"{rank + 1}"
    if rank == 0:
        return f"{100 * (candidate.winrate if to_move == BLACK else 1 - candidate.winrate):.0f}%"
    points = losses[rank].points
    lost = f"{points:.1f}" if points < TEN else f"{points:.0f}"
    return "0.0" if lost == "0.0" else f"−{lost}"


def draw_candidates(
    surface: pygame.Surface,
    board: Board,
    candidates: Sequence[Candidate],
    losses: Sequence[Loss],
    stones: Sequence[int],
    diameter: int,
    to_move: int,
) -> None:
    """Draw them on free points, best first; ``losses``, in the same order, may be missing. The more visits, the larger
    a disc."""
    least = 0.43 if losses and board.cell >= WRITTEN_FROM else 0.30
    total = sum(c.visits for c in candidates) or 1
    for rank, candidate in enumerate(candidates):
        if not candidate.point or stones[candidate.point] != EMPTY:
            continue
        radius = diameter * (least + (0.48 - least) * math.sqrt(candidate.visits / total))
        center = board.center(candidate.point)
        board.theme.disc(surface, center, radius, DISC)
        ring = ring_of(rank, losses[rank] if rank < len(losses) else None)
        image = ring_image(radius, ring, max(1.5, board.cell * 0.06))
        surface.blit(image, image.get_rect(center=center))
        text = text_of(rank, candidate, losses, to_move, board.cell)
        height = max(9, round(board.cell * 0.32))
        while (image := board.theme.label(text, height, INK, rank == 0)).get_width() > 1.62 * radius and height > 7:
            height -= 1
        surface.blit(image, image.get_rect(center=center))


@lru_cache(maxsize=200)
def ring_image(radius: float, ring: Ring, width: float) -> pygame.Surface:
    """A smooth ring, of dashes or whole."""
    side = int(np.ceil(radius)) * 2 + 3
    axis = np.arange(side) - (side - 1) / 2
    distance = np.hypot(axis[:, None], axis[None, :])
    alpha = np.clip(radius - distance + 0.5, 0, 1) * np.clip(distance - (radius - width) + 0.5, 0, 1)
    if ring.dashes:
        around = 2 * np.pi * radius
        dashes = max(1, min(ring.dashes, round(around / LEAST)))
        turn = np.arctan2(axis[:, None], axis[None, :]) / (2 * np.pi) * dashes
        middle = np.abs(turn - np.round(turn))  # of the nearest dash: how far it is; the first is where a line is met
        dash = np.clip((DASH / 2 - middle) * around / dashes + 0.5, 0, 1)
        alpha *= PALE + (1 - PALE) * dash
    return image_of(ring.color, alpha)
