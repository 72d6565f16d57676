"""Games that go to the clipboard and come from there, as SGF."""

from __future__ import annotations

from gui.clipboard import clipboard, to_clipboard
from gui.files import Loaded, load_record, sgf_of
from gui.folder import shown_name
from gui.session import Session


def copy_game(session: Session) -> None:
    """Put the game with its variations into the clipboard."""
    if to_clipboard(sgf_of(session, session.kept_result).decode("utf-8", "replace")):
        session.say("The game is in the clipboard, as SGF")
    else:
        session.say("There is no clipboard that can be written to", "error")


def pasted_game() -> tuple[Loaded | None, str]:
    """The clipboard's game, or None and what is wrong with it, in one line."""
    text = clipboard()
    if "(" not in text:
        return None, "There is no SGF game in the clipboard"
    try:
        return load_record(text), ""
    except ValueError as error:
        return None, " ".join(shown_name(f"The clipboard: {error}").split())
