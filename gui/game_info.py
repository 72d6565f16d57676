"""The dialog that tells of a game: who plays, where and when. It stands in the game's file."""

from __future__ import annotations

import time

from gogame.board import BLACK, WHITE
from gui.describe import HUMAN, RULE_LABELS, result_text, sgf_name
from gui.dialogs import Dialog
from gui.fonts import clean
from gui.session import Session
from gui.widgets import Field, TextField

FIELDS = (
    ("Black", "PB"),
    ("Rank", "BR"),
    ("White", "PW"),
    ("Rank", "WR"),
    ("Game name", "GN"),
    ("Event", "EV"),
    ("Date", "DT"),
    ("Place", "PC"),
)
SIDES = {"PB": BLACK, "BR": BLACK, "PW": WHITE, "WR": WHITE}
LONGEST = 300  # characters of a text that is edited; a longer one of a file stays as it is


class GameInfoDialog(Dialog):
    """Shows and edits what the file's first node tells of a game. The engine's name is its own."""

    def __init__(self, session: Session):
        self.session = session
        self._fields: dict[str, TextField] = {}
        self._before: dict[str, str] = {}
        rows: list[tuple[str, Field]] = []
        for label, name in FIELDS:
            text = self._written(name)
            field = self._fields[name] = TextField(text[: LONGEST + 1], limit=LONGEST)
            engine = name in SIDES and session.player(SIDES[name]) == "engine"
            field.enabled = len(text) <= LONGEST and not engine
            self._before[name] = field.value
            rows.append((label, field))
        super().__init__("Game info", rows, "OK", self._accept, _facts(session), width=520)
        if not rows[0][1].enabled:
            self._walk(1)

    def _written(self, name: str) -> str:
        """A property's text in one line."""
        record, info = self.session.record, self.session.record.info
        if name in ("PB", "PW") and self.session.player(SIDES[name]) == "engine":
            return sgf_name(self.session, SIDES[name])
        today = time.strftime("%Y-%m-%d") if name == "DT" and record.stated is None else ""  # as Save writes it
        text = info.get(name, today)
        return "" if text == HUMAN and name in ("PB", "PW") else " ".join(clean(text).split())

    def _accept(self) -> str | None:
        info = dict(self.session.record.info)
        for name, field in self._fields.items():
            text = " ".join(field.value.split())
            if field.value == self._before[name]:
                continue
            if text:
                info[name] = text
            else:
                info.pop(name, None)
        self.session.inform(info)
        return None


def _facts(session: Session) -> str:
    """What is not edited here."""
    rules, size = session.record.rules, session.size
    result = session.result or session.record.info.get("RE", "")
    ended = result_text(session.result) if session.result else result or "not finished"
    return (
        f"{size}×{size}, komi {rules.komi:g}, {RULE_LABELS.get(rules.name, rules.name)}. {ended[:1].upper()}{ended[1:]}"
    )
