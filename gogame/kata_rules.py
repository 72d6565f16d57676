"""Rules as KataGo spells them, by name or as JSON: over GTP and in analysis queries."""

from __future__ import annotations

import json
from typing import Any

from gogame.rules import Rules, rules_named

_KO = {"simple": "SIMPLE", "positional": "POSITIONAL", "situational": "SITUATIONAL"}
_BONUS = {"none": "0", "stones": "N", "stones-1": "N-1"}


def rules_dict(rules: Rules) -> dict[str, Any]:
    """The rules as KataGo spells them."""
    return {
        "friendlyPassOk": False,
        "hasButton": False,
        "ko": _KO[rules.ko],
        "scoring": rules.scoring.upper(),
        "suicide": rules.suicide,
        "tax": "SEKI" if rules.scoring == "territory" else "NONE",
        "whiteHandicapBonus": _BONUS[rules.handicap_bonus],
    }


def rules_of(text: str, base: Rules) -> Rules:
    """Rules from a preset's name, or from KataGo's JSON. ValueError for what is not supported, naming it."""
    if not text.lstrip().startswith("{"):
        return rules_named(text)
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the rules are not a JSON object") from None
    return rules_from(fields, base)


def rules_from(fields: dict[str, Any], base: Rules) -> Rules:
    """``base`` with KataGo's fields changed. ValueError for what is not supported, naming it."""
    rules = base
    for key in sorted(fields, key=lambda k: k == "tax"):  # the tax is judged by the scoring
        rules = with_rule(rules, key, fields[key])
    return rules.replace(name="custom")


def with_rule(rules: Rules, key: str, value: object) -> Rules:
    """The rules with one of KataGo's fields changed."""
    text = str(value).upper()
    scoring = rules.scoring
    if key == "ko" and text in _KO.values():
        return rules.replace(ko=text.lower())
    if key in ("scoring", "score") and text in ("AREA", "TERRITORY"):
        return rules.replace(scoring=text.lower())
    if key == "suicide" and text in ("TRUE", "FALSE"):
        return rules.replace(suicide=text == "TRUE")
    if key == "whiteHandicapBonus" and text in _BONUS.values():
        return rules.replace(handicap_bonus=next(k for k, v in _BONUS.items() if v == text))
    if key == "tax" and (text == ("SEKI" if scoring == "territory" else "NONE")):
        return rules
    if (key == "hasButton" and text == "FALSE") or (key == "friendlyPassOk" and text in ("TRUE", "FALSE")):
        return rules  # dead stones are taken off with any rules here
    raise ValueError(f"unsupported rule {key[:40]} {text[:40]}")
