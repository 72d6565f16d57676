"""Writing TOML: flat tables of plain values, as the configs of runs are. Reading is the standard library's tomllib."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def dump(tables: Mapping[str, Mapping[str, Any]], comment: str) -> str:
    """The text of a file with these tables, under a line of comment."""
    lines = [f"# {comment}"]
    for name, values in tables.items():
        lines += ["", f"[{name}]"] + [f"{key} = {value_text(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def value_text(value: Any) -> str:
    """One value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(value_text(v) for v in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON's escapes are TOML's
    return repr(value)


def as_float(value: Any) -> Any:
    """A whole number as the float it stands for, infinite where it is too large; anything else as it is."""
    if type(value) is not int:
        return value
    return float(value) if abs(value) < 1 << 1000 else math.inf
