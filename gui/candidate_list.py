"""Draws the list of the engine's candidates in the column."""

from __future__ import annotations

import pygame

from gogame.coords import to_gtp
from gui import theme as look
from gui.session import Session
from gui.theme import Theme

STARTS = (0.0, 0.145, 0.335, 0.515, 0.645, 0.785)  # of the columns, in the list's width
HEADS = ("Move", "Win B", "Score B", "Prior", "Visits", "Then")
ROW = 25  # design units of a line

Rows = list[tuple[pygame.Rect, int]]  # what was drawn of the list: each candidate's area and point


def row_at(rows: Rows, at: tuple[int, int]) -> int | None:
    """The point of the candidate whose row is there."""
    return next((point for area, point in rows if area.collidepoint(at)), None)


def draw_candidate_list(surface: pygame.Surface, theme: Theme, area: pygame.Rect, session: Session) -> Rows:
    """Draw it, or what stands in for it; the row of the candidate that is pointed at is filled."""
    theme.panel(surface, area, look.CARD, radius=8)
    inside = area.inflate(-theme.px(24), -theme.px(12))
    if not session.candidates:
        text = "searching…" if session.analysing else "H asks the engine for its candidates"
        theme.text(surface, text, inside, 13, look.MUTED, align="center")
        return []
    height = theme.px(ROW)
    spots = [inside.left + round(inside.width * start) for start in STARTS] + [inside.right]

    def cell(top: int, column: int) -> pygame.Rect:
        return pygame.Rect(spots[column], top, spots[column + 1] - spots[column] - 4, height)

    for k, head in enumerate(HEADS):
        theme.text(surface, head, cell(inside.top, k), 12.5, look.MUTED)
    rows: Rows = []
    for i, c in enumerate(session.candidates):
        row = pygame.Rect(inside.left, inside.top + height * (i + 1), inside.width, height)
        if row.bottom > inside.bottom + 2:
            break
        rows.append((row, c.point))
        if c is session.preview:
            theme.panel(surface, row.inflate(theme.px(12), 0), look.CARD_ACTIVE, radius=5)
        texts = (
            f"{i + 1} {to_gtp(c.point, session.size)}",
            f"{100 * c.winrate:.1f}%",
            f"{c.score:+.1f}".replace("-", "−"),
            f"{100 * c.prior:.0f}%" if c.prior >= 0.005 else "<1%",
            f"{c.visits}",
            " ".join(to_gtp(p, session.size) for p in c.variation[1:5]),
        )
        for k, text in enumerate(texts):
            color = look.TEXT if k < 5 else look.MUTED
            theme.text(surface, text, cell(row.top, k), 13, color, bold=i == 0 and k == 0)
    return rows
