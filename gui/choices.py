"""Which buttons stand below the board, by what there is to be done."""

from __future__ import annotations

from dataclasses import dataclass

from gui.findings import unexplained
from gui.mistakes import is_mistake
from gui.review import WALK_VISITS
from gui.session import Session


@dataclass(frozen=True)
class Choice:
    """A button: what it does and is called."""

    action: str
    label: str
    short: str = ""  # where there is no room for the label
    primary: bool = False
    enabled: bool = True


def choices(session: Session) -> tuple[Choice, ...]:
    """The buttons, the first ones first."""
    if session.reviewing:
        found = _reviewing(session)
    elif session.phase == "scoring":
        found = (Choice("accept", "Accept", primary=True), Choice("resume", "Resume"), _new())
    elif session.phase == "over":
        found = _over(session)
    else:
        found = (
            Choice("undo", "Undo"),
            Choice("pass", "Pass", primary=session.may_end()),
            Choice("resign", "Resign"),
            _hint(),
            _new(),
        )
    return found


def _reviewing(session: Session) -> tuple[Choice, ...]:
    line, number = session.line(), session.shown.number
    further = not session.estimates_hidden and any(is_mistake(node) for node in line if node.number > number)
    tried = session.is_tried(session.shown)
    return (
        Choice("last", "Back to game", "Back", session.phase != "over"),
        Choice("branch", "Play from here", "Play on"),
        _hint(),
        _walk(session),
        Choice("undo", "Undo") if tried else Choice("next mistake", "Next mistake", "Mistake", enabled=further),
    )


def _over(session: Session) -> tuple[Choice, ...]:
    line = session.line()
    unknown = any(node.winrate is None for node in line)
    known = any(is_mistake(node) for node in line)
    first = (Choice("first mistake", "First mistake", "Mistake", not unknown),) if known else ()
    return (_walk(session, unknown), *first, _hint(), Choice("save", "Save"), _new(not unknown and not known))


def _walk(session: Session, primary: bool = False) -> Choice:
    """The analysis of the line shown; disabled where all of it has been searched, and it is known what was
    better than its mistakes."""
    if session.walk is not None:
        return Choice("analyse game", "Stop analysis", "Stop")
    least, most = WALK_VISITS
    wanted = max(least, min(most, session.settings.visits or most))
    line = session.line()
    missing = any(node.visits < wanted for node in line) or (not session.estimates_hidden and unexplained(line))
    return Choice("analyse game", "Analyse game", "Analyse", primary, bool(missing) and session.link.state != "error")


def _hint() -> Choice:
    return Choice("hint", "Hint")


def _new(primary: bool = False) -> Choice:
    return Choice("new", "New game", "New", primary)
