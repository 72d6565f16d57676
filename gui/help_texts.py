"""What Help tells in a few lines."""

from __future__ import annotations

from gui.dialogs import Dialog

ABOUT = "A Go board with an engine that learned the game by itself. Font: Inter, SIL OFL 1.1."
HOW_TO_PLAY = (
    "Black and White take turns: a click on a point puts a stone there, where it stays.",
    "A group that has no free point beside it any more is captured, and leaves the board.",
    "Ko: a stone that has just captured a single one may not be captured back at once.",
    "When there is nothing left to gain, pass (P): after two passes in a row the game is counted.",
    "Stones that cannot be saved are dead: in the count a click marks them, and Accept ends the game.",
    "Undo (Ctrl+Z) takes back your move and the answer to it.",
    "Hint (H) shows what the engine would play.",
    "Too strong? New game (Ctrl+N) has easier opponents: weaker networks, fewer visits, handicap stones.",
)


def about() -> Dialog:
    """What this is."""
    return Dialog("gogame", [], "Close", None, ABOUT, cancel_label="", width=420)


def how_to_play() -> Dialog:
    """The game in a few lines, for those who have not played it."""
    return Dialog(
        "How to play", [], "Close", None, "\n".join(f"•  {line}" for line in HOW_TO_PLAY), cancel_label="", width=720
    )
