"""Draws the list of the engine's candidates in the column. A dot beside each has the colour of its ring on the board,
and the column beside that tells what it loses against the best."""

from __future__ import annotations

import pygame

from gogame.coords import to_gtp
from gui import theme as look
from gui.board_view import BoardView
from gui.candidate_view import ring_of
from gui.findings import losses_beside
from gui.session import Session
from gui.theme import Theme
from gui.wrapping import whole

COLUMNS = {"Move": 62, "Loses": 44, "Win B": 54, "Score B": 56, "Prior": 38, "Visits": 44}  # design units
THEN = 44  # that the rest of the variation needs
DOT = 12  # of the ring's colour before the move
ROW = 25  # of a line

Rows = list[tuple[pygame.Rect, int]]  # what was drawn of the list: each candidate's area and point


def row_at(rows: Rows, at: tuple[int, int]) -> int | None:
    """The point of the candidate whose row is there."""
    return next((point for area, point in rows if area.collidepoint(at)), None)


def target_at(rows: Rows, board: BoardView, at: tuple[int, int]) -> tuple[int, bool] | None:
    """What a click there means: a point, and whether it is that of a row."""
    row = row_at(rows, at)
    point = board.point_at(*at) if row is None else row
    return None if point is None else (point, row is not None)


def draw_candidate_list(surface: pygame.Surface, theme: Theme, area: pygame.Rect, session: Session) -> Rows:
    """Draw it, or what stands in for it; the row of the candidate that is pointed at is filled."""
    theme.panel(surface, area, look.CARD, radius=8)
    inside = area.inflate(-theme.px(24), -theme.px(12))
    if not session.candidates:
        text = "searching…" if session.analysing else "H asks the engine for its candidates"
        theme.text(surface, text, inside, 13, look.MUTED, align="center")
        return []
    height = theme.px(ROW)
    cells = columns_of(theme, inside)
    for head, (left, width) in cells.items():
        theme.text(surface, head, pygame.Rect(left, inside.top, width, height), 12.5, look.MUTED)
    losses = losses_beside(session.candidates, session.shown_game.to_move)
    rows: Rows = []
    for i, (c, loss) in enumerate(zip(session.candidates, losses, strict=True)):
        row = pygame.Rect(inside.left, inside.top + height * (i + 1), inside.width, height)
        if row.bottom > inside.bottom + 2:
            break
        rows.append((row, c.point))
        if c is session.preview:
            theme.panel(surface, row.inflate(theme.px(12), 0), look.CARD_ACTIVE, radius=5)
        theme.disc(surface, (row.left + theme.px(3), row.centery), 3.5 * theme.scale, ring_of(i, loss).color)
        texts = {
            "Move": f"{i + 1} {to_gtp(c.point, session.size)}",
            "Loses": f"{loss.points:.1f}",
            "Win B": f"{100 * c.winrate:.1f}%",
            "Score B": f"{c.score:+.1f}".replace("-", "−"),
            "Prior": f"{100 * c.prior:.0f}%" if c.prior >= 0.005 else "<1%",
            "Visits": f"{c.visits}",
            "Then": " ".join(to_gtp(p, session.size) for p in c.variation[1:]),
        }
        for head, (left, width) in cells.items():
            indent = theme.px(DOT) if head == "Move" else 0
            place = pygame.Rect(left + indent, row.top, width - indent, height)
            text = whole(texts[head], width, lambda text: theme.width(text, 13)) if head == "Then" else texts[head]
            color = look.MUTED if head == "Then" else look.TEXT
            theme.text(surface, text, place, 13, color, bold=i == 0 and head == "Move")
    return rows


def columns_of(theme: Theme, area: pygame.Rect) -> dict[str, tuple[int, int]]:
    """Left edge and width of each column. Where there is no room, first the prior goes, then the variation."""
    widths = {head: theme.px(width) for head, width in COLUMNS.items()}
    if sum(widths.values()) + theme.px(THEN) > area.width:
        del widths["Prior"]
    rest = area.width - sum(widths.values())
    if rest >= theme.px(THEN):
        widths["Then"] = rest
    else:
        widths = {head: width + max(0, rest) // len(widths) for head, width in widths.items()}
    lefts = [area.left]
    for width in widths.values():
        lefts.append(lefts[-1] + width)
    return {head: (left, width - theme.px(4)) for (head, width), left in zip(widths.items(), lefts, strict=False)}
