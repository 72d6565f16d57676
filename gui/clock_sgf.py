"""The clock in an SGF file: TM and OT of the root, BL, WL, OB and OW of the nodes.

OT is written as KGS and OGS do: "5x30 byo-yomi", "15/300 Canadian", "10 fischer". OB and OW are the periods or the
stones that are left, once the main time is over.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gogame.player import Clock, TimeSettings
from gui.clocks import MOST_COUNT, MOST_MINUTES, time_settings
from gui.record import LETTERS, Node

OVERTIME = re.compile(
    r"(?:(\d+)\s*x\s*([\d.]+)\s*byo-?yomi|(\d+)\s*/\s*([\d.]+)\s*canadian|([\d.]+)\s*fischer)", re.IGNORECASE
)
TIMES = frozenset("TM OT BL WL OB OW".split())
Text = Callable[[str], str]  # a property's value by its name; empty where there is none


def write_time(settings: TimeSettings) -> dict[str, str]:
    """TM and OT of a time control; nothing without one."""
    if settings.system == "none":
        return {}
    overtime = {
        "byoyomi": f"{settings.count}x{settings.period:g} byo-yomi",
        "canadian": f"{settings.count}/{settings.period:g} Canadian",
        "fischer": f"{settings.period:g} fischer",
    }.get(settings.system, "")
    return {"TM": _number(settings.main)} | ({"OT": overtime} if overtime else {})


def read_time(text: Text) -> TimeSettings:
    """The time control of TM and OT; none where they are not both understood."""
    found = OVERTIME.fullmatch(text("OT"))
    try:
        minutes = float(text("TM")) / 60
        if not text("OT"):
            return time_settings("absolute", minutes, 0, 0)
        if found is None:
            return TimeSettings()
        periods, period, stones, together, gained = found.groups()
        if periods:
            return time_settings("byoyomi", minutes, float(period), int(periods))
        if stones:
            return time_settings("canadian", minutes, float(together), int(stones))
        return time_settings("fischer", minutes, float(gained), 0)
    except ValueError:
        return TimeSettings()


def left_at(node: Node | None, start: dict[int, Clock]) -> dict[int, Clock]:
    """What both sides had left at a position: as the last one says before it, else what they started with."""
    while node is not None and not node.clocks:
        node = node.parent
    return node.clocks if node is not None else start


def write_clocks(clocks: dict[int, Clock], node: Node, start: dict[int, Clock]) -> dict[str, str]:
    """BL, WL, OB and OW of a node at which both sides have so much left: that of the side that moved, and what is
    another than before."""
    before = left_at(node.parent, start) if node.parent is not None else start
    written = {}
    for color, clock in clocks.items():
        if color == node.color or clock != before.get(color):
            written[f"{LETTERS[color]}L"] = _number(clock.seconds)
            if clock.count:
                written[f"O{LETTERS[color]}"] = f"{clock.count}"
    return written


def read_clocks(text: Text, node: Node, start: dict[int, Clock]) -> dict[int, Clock]:
    """What both sides have left at a node, as far as it says so; empty where it says nothing that can be."""
    before = left_at(node.parent, start) if node.parent is not None else start
    said = {}
    for color, clock in before.items():
        try:
            seconds = float(text(f"{LETTERS[color]}L"))
            count = int(text(f"O{LETTERS[color]}") or 0)
        except ValueError:
            continue
        overtime = clock.settings.count > 0 and count > 0
        most = clock.settings.period if overtime else 120 * MOST_MINUTES  # Fischer: what was gained, too
        if 0 <= seconds <= most and 0 <= count <= MOST_COUNT:
            said[color] = Clock(clock.settings, seconds, count if overtime else 0)
    return before | said if said else {}


def _number(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")
