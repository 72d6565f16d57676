"""What stands in the window's frame: who plays, the file, and which of several windows it is."""

from __future__ import annotations

from pathlib import Path

from gui.describe import cards
from gui.fonts import clean
from gui.record import NAMES
from gui.session import Session

LONGEST = 60  # characters of each part


def title(session: Session, file: Path | None, number: int) -> str:
    """ "Anna – Ben · game.sgf · gogame"; ``number``: of the window."""
    names = [card.name for card in cards(session)]
    players = "" if names == list(NAMES.values()) else " – ".join(map(_short, names))
    parts = [players, _short(file.name) if file is not None else "", "gogame", f"window {number}" * (number > 1)]
    return " · ".join(filter(None, parts))


def _short(text: str) -> str:
    text = " ".join(clean(text).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
