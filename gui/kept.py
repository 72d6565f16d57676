"""What is written in a file beside its moves, kept as it came: comments, markup, times, annotations, what other
programs add.

A node keeps each property as the UTF-8 text between its outermost brackets, escapes and all: ``b"aa][bb"`` for
TR[aa][bb]. So a million points are one object, and what is malformed is written again as it was.
"""

from __future__ import annotations

import codecs
import contextlib
import re
import sys
from typing import Any

from sgfmill import sgf_grammar

from gui.record import Node

MOST = 16 * 2**20  # bytes of one game that are kept: each move saves them
COPIES = 32 * 2**20  # bytes that are copied to join what nodes without a move say
STATED = 1000  # bytes of the komi and the rules as they are written
HEADING = 200  # characters of a node's name that are shown
FILE = frozenset("FF GM CA SZ AP".split())  # of the file itself, which is written anew
OWN = frozenset("B W C AB AW AE GZVISITS GZLIVE GZPLAY GZCLOCK".split())  # read and written elsewhere, in every node
ROOT = frozenset("KM RU PB PW RE PL".split())  # the same of the first node

_VALID = re.compile(r"[^\\\]]*+(?:\\.[^\\\]]*+)*+", re.DOTALL)
_SPECIAL = re.compile(r"\\(\r\n|\n\r|.)|\r\n|\n\r|[\r\t\f\v]", re.DOTALL)
_VALUE = re.compile(rb"([^\]\\]*+(?:\\.[^\]\\]*+)*+)(\]\[|\Z)", re.DOTALL)
_PLAIN = b"B[aa] (;:09-z"  # what every character set of such files has in common


class Keeper:
    """Takes over what the nodes of one file say, up to MOST bytes. ``info``: properties of its first node that are read
    elsewhere; ``own``: such properties of every node."""

    def __init__(self, root: Any, info: frozenset[str], own: frozenset[str] = frozenset()):
        self.left_out = 0  # properties for which there was no room
        self._root, self._info, self._own = root, info, OWN | own
        self._room = MOST
        self._copies = COPIES
        self._encoding = "utf-8"
        with contextlib.suppress(ValueError, LookupError):
            encoding = codecs.lookup(root.get_encoding()).name
            if encoding != "ascii" and _PLAIN.decode(encoding) == _PLAIN.decode():  # not so "hex" or "punycode"
                self._encoding = encoding

    def take(self, written: Any, node: Node, start: bool) -> None:
        """Add what ``written`` says to the node it is read into, which has something already where ``written`` has no
        move. ``start``: its stones and turn are read with the start of the game."""
        properties: dict[str, list[bytes]] = written.get_raw_property_map()
        top = node.parent is None or written is self._root
        heading = b""  # of what comes below the text that is there
        if node.comment or (node.kept and "N" in node.kept):
            heading = self._utf8(properties.get("N", []))
        self._comment(node, heading, [self._utf8([value]) for value in properties.get("C", [])])
        for name, values in properties.items():
            if name in self._own or name in FILE or (top and name in ROOT) or (start and name == "PL"):
                continue
            if (written is self._root and name in self._info) or (node.winrate is not None and name in ("SBKV", "V")):
                continue
            if name == "N" and heading:
                continue
            if not sgf_grammar.is_valid_property_identifier(name):  # old files' names may be of small letters alone
                continue
            value = self._utf8(values)
            if self._has_room(len(name) + len(value), (node.kept or {}).get(name, b"")):
                _add(node, name, value)

    def stated(self) -> dict[str, bytes]:
        """Komi and rules as they stand in the first node, which may name neither."""
        properties = self._root.get_raw_property_map()
        found = {name: self._utf8(properties[name][:1]) for name in ("KM", "RU") if name in properties}
        return {name: value for name, value in found.items() if len(value) <= STATED}

    def _comment(self, node: Node, heading: bytes, comments: list[bytes]) -> None:
        parts = [heading, *comments]
        if any(parts) and self._has_room(sum(map(len, parts)), node.comment):
            text = "\n\n".join(text_of(value) for value in comments if value)
            said = "\n".join(filter(None, (text_of(heading), text)))
            node.comment = f"{node.comment}\n\n{said}" if node.comment else said

    def _has_room(self, size: int, before: str | bytes) -> bool:
        """Whether so many bytes more can be kept, after ``before``, which is copied."""
        if size > self._room or len(before) > self._copies:
            self.left_out += 1
            return False
        self._room -= size
        self._copies -= len(before)
        return True

    def _utf8(self, values: list[bytes]) -> bytes:
        """The values of a property in one. Bytes that are no UTF-8, though the file says so, stay as they are."""
        joined = b"][".join(values)
        if self._encoding == "utf-8" or joined.isascii():
            return joined
        return b"][".join(self._converted(value) for value in values)

    def _converted(self, value: bytes) -> bytes:
        """A value in UTF-8. In some character sets the second byte of a character looks like a backslash or bracket:
        some programs escape it, others do not."""
        try:
            text = value.decode(self._encoding)
        except ValueError:
            text = value.decode(self._encoding, "replace")
        if not _VALID.fullmatch(text):
            text = _escaped(sgf_grammar.text_value(value).decode(self._encoding, "replace"))
        return text.encode("utf-8", "replace")


def _add(node: Node, name: str, value: bytes) -> None:
    """Add values to those that a property has."""
    kept = node.kept = {} if node.kept is None else node.kept
    if name in kept:
        before = set(_values(kept[name]))
        new = [one for one in _values(value) if one not in before]
        kept[name] = b"][".join([kept[name], *new])
    else:
        kept[sys.intern(name)] = value


def put(node: Node, written: Any) -> None:
    """Write what a node has kept, and its comment."""
    properties = written.get_raw_property_map()
    for name, value in (node.kept or {}).items():
        properties[name] = [value]  # the library writes brackets around it
    if node.comment:
        properties["C"] = [raw_of(node.comment)]


def text_of(value: bytes) -> str:
    """The text of a value: without escapes, its line breaks "\\n", its other blanks spaces."""
    return _SPECIAL.sub(_meant, value.decode("utf-8", "surrogateescape"))


def _meant(found: re.Match[str]) -> str:
    escaped: str | None = found[1]
    if escaped is None:
        return " " if found[0] in "\t\f\v" else "\n"
    if escaped[0] in "\r\n":
        return ""
    return " " if escaped in "\t\f\v" else escaped


def raw_of(text: str) -> bytes:
    """A text as a value."""
    escaped = _escaped(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        return escaped.encode("utf-8", "surrogateescape")  # bytes that were no UTF-8 when they were read
    except UnicodeEncodeError:
        return escaped.encode("utf-8", "replace")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("]", "\\]")


def values_of(node: Node, name: str, most: int) -> list[bytes]:
    """The values of a kept property, as far as they stand in its first ``most`` bytes."""
    value = (node.kept or {}).get(name)
    if value is None:
        return []
    return _values(value) if len(value) <= most else _values(value[:most])[:-1]


def _values(joined: bytes) -> list[bytes]:
    """Each of some values; the last may be cut, or left out where it is cut after half an escape."""
    found: list[bytes] = []
    position = 0
    while match := _VALUE.match(joined, position):
        found.append(match[1])
        position = match.end()
        if not match[2]:
            return found
    return [*found, b""]


def heading_of(node: Node) -> str:
    """A node's name, in one line."""
    value = (node.kept or {}).get("N", b"")[: 4 * HEADING]
    return " ".join(text_of(value).split())[:HEADING]
