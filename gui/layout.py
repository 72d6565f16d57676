"""Where everything goes, from the window's size alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pygame

COLUMN = 320  # narrowest side column, design units
COLUMN_WIDEST = 600
MENU = 30
STATUS = 30
BAR = 54  # one row of buttons with its margins
ROW = 46  # a further row
STRIP = 64  # the two players side by side in a narrow window
LINE = 24  # komi, rules and move number in one line there
TABS = 36
TAB, LEAST_TAB = 120, 84  # the area of a tab, for which the board gives way, and what will do
LEAST_BOARD = 0.75  # of the side that it could have
GRAPH, LEAST_GRAPH = 270, 84  # it is no higher than that, or than two fifths of what there is for it and the list
LEAST_LISTED = 3  # candidates that are worth a graph above them
TOOLS = 66  # the tools of a set-up under the board
TOOLS_BESIDE = 200  # beside it, with the buttons of the bar


@dataclass(frozen=True)
class Layout:
    """Pixel areas. In a narrow window the column is under the board: players, then tabs, then the chosen
    tab."""

    wide: bool
    menu: pygame.Rect
    board: pygame.Rect
    status: pygame.Rect
    column: pygame.Rect  # wide: the whole column; narrow: the area of the chosen tab (height 0 where no room is left)
    strip: pygame.Rect  # narrow: players side by side
    facts: pygame.Rect  # narrow: one line
    tabs: pygame.Rect  # narrow: the row of tabs
    bar: pygame.Rect


def arrange(width: int, height: int, scale: float) -> Layout:
    """Lay out a window of ``width`` x ``height`` pixels at an interface scale."""

    def px(units: float) -> int:
        return round(units * scale)

    menu = pygame.Rect(0, 0, width, px(MENU))
    gap = px(10)
    # Whichever gives the larger board, as long as the bottom bar fits into one row; above tabs it may have to give way.
    beside = min(width - px(COLUMN) - 2 * gap, height - px(MENU + BAR + STATUS) - gap)
    above, tabs_there = _above_tabs(width - gap, height - px(MENU + BAR + ROW + STATUS + STRIP + LINE) - gap, scale)
    if width >= px(620) and beside >= (above if tabs_there else above * LEAST_BOARD):
        bar = pygame.Rect(0, height - px(BAR), width, px(BAR))
        room = bar.top - menu.bottom - px(STATUS) - gap
        column_width = max(px(COLUMN), min(px(COLUMN_WIDEST), width - room - 2 * gap))
        left = width - column_width
        board = pygame.Rect(gap, menu.bottom + gap // 2, left - 2 * gap, room)
        status = pygame.Rect(gap, bar.top - px(STATUS) - gap // 2, left - 2 * gap, px(STATUS))
        column = pygame.Rect(left, menu.bottom, column_width, bar.top - menu.bottom)
        none = pygame.Rect(0, 0, 0, 0)
        return Layout(True, menu, board, status, column, none, none, none, bar)
    bar_height = px(BAR + ROW)
    bar = pygame.Rect(0, height - bar_height, width, bar_height)
    strip_height = px(STRIP)
    line = px(LINE)
    room = bar.top - menu.bottom - px(STATUS) - strip_height - line - gap
    board_side = max(px(120), above)
    spare = room - board_side
    tabs_height = px(TABS) if tabs_there else 0
    board = pygame.Rect(gap // 2, menu.bottom + gap // 2, width - gap, board_side)
    status = pygame.Rect(gap, board.bottom, width - 2 * gap, px(STATUS))
    strip = pygame.Rect(gap, status.bottom, width - 2 * gap, strip_height)
    facts = pygame.Rect(gap, strip.bottom, width - 2 * gap, line)
    tabs = pygame.Rect(gap, facts.bottom, width - 2 * gap, tabs_height)
    column = pygame.Rect(0, tabs.bottom, width, max(0, bar.top - tabs.bottom) if tabs_height else 0)
    if not tabs_height and spare > 0:  # centre what is there
        board.height += spare
        status.top += spare
        strip.top += spare
        facts.top += spare
    return Layout(False, menu, board, status, column, strip, facts, tabs, bar)


def _above_tabs(width: int, room: int, scale: float) -> tuple[int, bool]:
    """The side of the board in a narrow window, with ``room`` pixels for it and the tabs; whether there are any."""
    side = min(width, room)
    smaller = min(side, max(math.ceil(side * LEAST_BOARD), room - round((TABS + TAB) * scale)))
    tabs = room - smaller >= round((TABS + LEAST_TAB) * scale) and smaller >= round(120 * scale)
    return (smaller if tabs else side), tabs


def arrange_setup(width: int, height: int, scale: float) -> Layout:
    """The same while a position is set up. In a low window, where there is no room for the tools under the board or the
    board is larger without them, they are in the column beside it, with the bar's buttons: ``bar`` and ``menu`` have no
    height then."""
    layout = arrange(width, height, scale)
    gap, status_height = round(6 * scale), round(STATUS * scale)
    beside = max(min(round(TOOLS_BESIDE * scale), width * 6 // 10), width - height + status_height)
    column = pygame.Rect(width - beside, 0, beside, height)
    board = pygame.Rect(gap // 2, gap // 2, column.left - gap, max(1, height - status_height - gap))
    fits = layout.bar.top - layout.strip.top >= round(TOOLS * scale)
    if layout.wide or (fits and min(layout.board.size) >= min(board.size)):
        return layout
    status = pygame.Rect(board.left, board.bottom, board.width, status_height)
    none = pygame.Rect(0, 0, 0, 0)
    return Layout(False, none, board, status, column, none, none, none, pygame.Rect(0, height, width, 0))


def list_height(rows: int, scale: float) -> int:
    """Pixels of a list of so many candidates with its head."""
    return round(12 * scale) + round(25 * scale) * (1 + rows)


def graph_and_list(height: int, rows: int, scale: float) -> tuple[int, int]:
    """Pixels of the graph and of the list below it with up to ``rows`` candidates (0: without one). Where there is no
    room for both the list goes first: it was asked for."""
    gap, least = round(10 * scale), round(LEAST_GRAPH * scale)
    most = max(round(GRAPH * scale), height * 2 // 5)
    if not rows:
        return (min(height, most) if height >= least else 0), 0
    both = next(
        (n for n in range(rows, min(rows, LEAST_LISTED) - 1, -1) if list_height(n, scale) + gap + least <= height), 0
    )
    listed = min(height, list_height(both or rows, scale))
    if listed < list_height(0, scale):
        return 0, 0
    return (min(height - listed - gap, most) if both else 0), listed
