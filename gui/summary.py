"""What an SGF file says of its first game, from its first bytes: enough for a line in a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HEAD = 64 * 1024  # bytes of a file that are read
START = re.compile(rb"\(\s*;")
TOKEN = re.compile(rb"\s*(?:(?P<sign>[();])|(?P<name>[A-Za-z]+)|\[(?P<value>[^\]\\]*(?:\\.[^\]\\]*)*)\])", re.DOTALL)
OWN = "gogame-zero, "  # how this program's engine begins its name


@dataclass(frozen=True)
class Summary:
    """A game in a few words."""

    date: str
    size: str  # "9×9"
    players: str
    result: str
    moves: str  # of the main line; "300+": and more, that were not read


def summary_of(path: Path) -> Summary | None:
    """None for what cannot be read, or is no SGF."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except (OSError, ValueError):
        return None
    return summary_of_head(head)


def summary_of_head(head: bytes) -> Summary | None:
    """The same of a file's first bytes."""
    start = START.search(head)
    if start is None:
        return None
    root: dict[bytes, bytes] = {}
    nodes = moves = moved = 0
    name, position, ended = b"", start.start(), False
    while not ended and (token := TOKEN.match(head, position)):
        position = token.end()
        if token["sign"]:
            ended = token["sign"] == b")"  # the main line is what comes before the first one
            nodes += token["sign"] == b";"
        elif token["name"]:
            name = bytes(c for c in token["name"] if 65 <= c <= 90)  # old files write CoPyright
        elif nodes == 1:
            root.setdefault(name, token["value"])
        if token["value"] is not None and name in (b"B", b"W") and moved != nodes:
            moves, moved = moves + 1, nodes
    more = not ended and len(head) == HEAD
    text = {key.decode(): _text(value, root.get(b"CA", b"")) for key, value in root.items()}
    black, white = (text.get(key, "").removeprefix(OWN) for key in ("PB", "PW"))
    players = f"{black or '?'} – {white or '?'}" if black or white else ""
    return Summary(text.get("DT", ""), _size(text.get("SZ", "19")), players, text.get("RE", ""), f"{moves}{'+' * more}")


def _size(text: str) -> str:
    columns, _, rows = text.partition(":")
    columns, rows = columns.strip(), rows.strip() or columns.strip()
    sound = all(side.isascii() and side.isdigit() and len(side) < 3 for side in (columns, rows))
    return f"{int(columns)}×{int(rows)}" if sound else "?"


def _text(value: bytes, charset: bytes) -> str:
    """A property's value in one line."""
    text = ""
    for name in (charset.decode("ascii", "replace").strip(), "utf-8", "latin-1"):
        try:
            text = value.decode(name or "utf-8")
            break
        except (LookupError, ValueError):
            continue
    return " ".join(re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL).split())
