"""TOML: writing flat tables of plain values, as the configs of runs are. Reading is the standard library's tomllib."""

from __future__ import annotations

import dataclasses
import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from gogame.disk import read_file

T = TypeVar("T")
MAX_BYTES = 1 << 20  # of a file


def load(path: Path) -> dict[str, Any]:
    """The tables of a file. OSError, ValueError or RecursionError for one that cannot be read."""
    return tomllib.loads(read_file(path, MAX_BYTES).decode())


def knob(default: T, meaning: str) -> T:
    """A field of a frozen dataclass that is written as a table, with what it means."""
    return dataclasses.field(default=default, metadata={"meaning": meaning})


def meanings(table: Any) -> dict[str, tuple[Any, str]]:
    """By key the default and the meaning of each :func:`knob` of a dataclass, or of an object of it."""
    return {f.name: (f.default, f.metadata["meaning"]) for f in dataclasses.fields(table) if "meaning" in f.metadata}


def dump(
    tables: Mapping[str, Mapping[str, Any]], comment: str, told: Mapping[str, Mapping[str, tuple[Any, str]]]
) -> str:
    """The text of a file with these tables, under a line of comment; ``told``: the :func:`meanings` of their keys,
    which are written beside them, and of keys that a table leaves at their defaults, which are written as comments."""
    lines = [f"# {comment}"]
    for name, values in tables.items():
        known = told.get(name, {})
        lines += ["", f"[{name}]"]
        for key, value in values.items():
            lines.append(f"{key} = {value_text(value)}" + (f"  # {known[key][1]}" if key in known else ""))
        lines += [f"# {key} = {value_text(d)}  # {text}" for key, (d, text) in known.items() if key not in values]
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
