"""The fields of a query's JSON object, each read as what it must be, or refused in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp

COLORS = {"b": BLACK, "black": BLACK, "w": WHITE, "white": WHITE}


class QueryError(ValueError):
    """A query that cannot be answered: the reason, and the field that it lies in ("" for none)."""

    def __init__(self, field_: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field_


def stone_of(pair: Any, key: str, size: int) -> tuple[int, int]:
    """(colour, point) of a pair such as ["B","Q16"]; ``key``: the field that it stands in, for the error."""
    if not isinstance(pair, list) or len(pair) != 2 or str(pair[0]).lower() not in COLORS:
        raise QueryError(key, 'must be pairs such as ["B","Q16"]')
    return COLORS[pair[0].lower()], vertex_of(pair[1], key, size)


def vertex_of(text: Any, key: str, size: int) -> int:
    """The point of a vertex such as Q16; PASS for pass."""
    if not isinstance(text, str):
        raise QueryError(key, "a vertex must be text such as Q16 or pass")
    try:
        return from_gtp(text, size)
    except ValueError as error:
        raise QueryError(key, str(error)) from None


def list_of(fields: Mapping[str, Any], key: str) -> list[Any]:
    """A list; empty where there is none."""
    value = fields.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise QueryError(key, "must be a list")
    return value


def flag_of(fields: Mapping[str, Any], key: str) -> bool:
    """A truth value; False where there is none."""
    value = fields.get(key)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise QueryError(key, "must be true or false")
    return value


def integer_of(fields: Mapping[str, Any], key: str, least: int, most: int, usual: int | None = None) -> int:
    """A whole number; ``usual`` where there is none, and with None for that it must be there."""
    value = fields.get(key)
    if value is None:
        value = usual
    if type(value) is not int or not least <= value <= most:
        raise QueryError(key, f"must be a whole number from {least} to {most}")
    return value


def setting_of(settings: Mapping[str, Any], key: str, least: float, most: float, usual: float) -> float:
    """A number of ``overrideSettings``, which may be written as text there."""
    value = settings.get(key)
    try:
        number = usual if value is None else float(value) if not isinstance(value, bool) else math.nan
    except (ValueError, TypeError, OverflowError):
        number = math.nan
    if not least <= number <= most and number != usual:
        raise QueryError("overrideSettings", f"{key} must be a number from {least:g} to {most:g}")
    return number


def number_of(fields: Mapping[str, Any], key: str, least: float, most: float, usual: float) -> float:
    """A number; ``usual`` where there is none."""
    value = fields.get(key)
    if value is None:
        return usual
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise QueryError(key, f"must be a number from {least:g} to {most:g}")
    return float(value)
