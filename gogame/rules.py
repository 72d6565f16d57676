"""Rule sets: what differs between the rules of Go, and the named presets that Go clients know.

A :class:`Rules` is frozen; change one with ``rules.replace(komi=6.5)``. The presets follow KataGo's table of the same
names (https://lightvector.github.io/KataGo/rules.html). A preset with a rule that this program does not play (group
tax, the button) is refused by name, never approximated.

Under simple ko a position may come back after a longer cycle; at its third appearance with the same side to move, no
pass in between, the game ends without a result. Positional superko forbids every move that recreates an earlier
whole-board position, situational superko only if the same side is to move.

When nothing is said, :func:`default_rules`: area, positional superko, no suicide, handicap compensation of one point
a stone ("chinese-ogs"), with komi 7 on boards up to 9x9 and 7.5 on larger ones.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, NamedTuple

SIMPLE, POSITIONAL, SITUATIONAL = 0, 1, 2  # values of RuleSet.superko

MAX_KOMI = 1000.0  # an empty 25x25 board is worth 625 points


class RuleSet(NamedTuple):
    """The rules as numbers, for kernels and for stored games."""

    superko: int  # SIMPLE, POSITIONAL or SITUATIONAL
    suicide: int  # 1 if a move may take off the own chain
    territory: int  # 1 for territory scoring, 0 for area
    komi: float  # White's points, compensation for handicap stones included


@dataclasses.dataclass(frozen=True)
class Rules:
    """One set of rules. Bad values raise ValueError."""

    name: str
    ko: Literal["simple", "positional", "situational"]
    scoring: Literal["area", "territory"]
    suicide: bool  # whether a move may take off one's own chain
    komi: float  # points for White
    handicap_bonus: Literal["none", "stones", "stones-1"]  # points for White for Black's handicap stones

    def __post_init__(self) -> None:
        if self.ko not in _SUPERKO:
            raise ValueError(f"ko rule {self.ko!r} is none of: {', '.join(_SUPERKO)}")
        if self.scoring not in ("area", "territory"):
            raise ValueError(f"scoring {self.scoring!r} is none of: area, territory")
        if self.handicap_bonus not in ("none", "stones", "stones-1"):
            raise ValueError(f"handicap bonus {self.handicap_bonus!r} is none of: none, stones, stones-1")
        if not abs(self.komi) <= MAX_KOMI or (2 * self.komi) % 1:
            raise ValueError(f"komi {self.komi} is not a multiple of 0.5 between -{MAX_KOMI:g} and {MAX_KOMI:g}")

    def replace(self, **changes: Any) -> Rules:
        """These rules with some fields changed."""
        return dataclasses.replace(self, **changes)

    def bonus(self, handicap: int) -> int:
        """White's compensation in points for so many handicap stones; one stone is no handicap."""
        if handicap < 2 or self.handicap_bonus == "none":
            return 0
        return handicap if self.handicap_bonus == "stones" else handicap - 1

    def kernel(self, extra_komi: float = 0.0) -> RuleSet:
        """The numbers for the kernels; ``extra_komi`` is the handicap compensation."""
        return RuleSet(
            _SUPERKO[self.ko],
            int(self.suicide),
            int(self.scoring == "territory"),
            float(self.komi + extra_komi),
        )


_SUPERKO = {"simple": SIMPLE, "positional": POSITIONAL, "situational": SITUATIONAL}

# fmt: off
PRESETS: dict[str, Rules] = {
    rules.name: rules
    for rules in (
        #     name            ko             scoring      suicide komi handicap bonus
        Rules("tromp-taylor", "positional",  "area",      True,   7.5, "none"),
        Rules("chinese",      "simple",      "area",      False,  7.5, "stones"),
        Rules("chinese-ogs",  "positional",  "area",      False,  7.5, "stones"),
        Rules("chinese-kgs",  "positional",  "area",      False,  7.5, "stones"),
        Rules("japanese",     "simple",      "territory", False,  6.5, "none"),
        Rules("korean",       "simple",      "territory", False,  6.5, "none"),
        Rules("aga",          "situational", "area",      False,  7.5, "stones-1"),
        Rules("bga",          "situational", "area",      False,  7.5, "stones-1"),
        Rules("new-zealand",  "situational", "area",      True,   7.5, "none"),
    )
}
# fmt: on

REFUSED = {
    "stone-scoring": "it has a group tax",
    "aga-button": "it is played with a button",
    "ancient-territory": "it has a group tax",
}

ALIASES = {"tromptaylor": "tromp-taylor", "newzealand": "new-zealand", "nz": "new-zealand", "french": "bga"}

DEFAULT_PRESET = "chinese-ogs"


def rules_named(name: str) -> Rules:
    """The preset of this name; case and underscores do not matter. ValueError for an unknown or a refused one."""
    key = name.strip().lower().replace("_", "-").replace(" ", "-")
    key = ALIASES.get(key, key)
    if key in PRESETS:
        return PRESETS[key]
    if key in REFUSED:
        raise ValueError(f"rules {key} are not supported: {REFUSED[key]}")
    shown = key if len(key) <= 40 else key[:40] + "..."
    raise ValueError(f"unknown rules {shown!r}; known: {', '.join(PRESETS)}")


def default_komi(size: int, scoring: str = "area") -> float:
    """Komi when nothing is said: area scoring 7 on small boards (the fair value on 9x9), 7.5 on larger ones; territory
    6.5."""
    if scoring == "territory":
        return PRESETS["japanese"].komi
    return 7.0 if size <= 9 else 7.5


def default_rules(size: int) -> Rules:
    """The rules when nothing is said."""
    return PRESETS[DEFAULT_PRESET].replace(komi=default_komi(size))
