"""Rule presets: those that are there, those that are refused, and bad values."""

from __future__ import annotations

import pytest

from gogame.rules import POSITIONAL, PRESETS, REFUSED, SIMPLE, SITUATIONAL, default_rules, rules_named

# https://lightvector.github.io/KataGo/rules.html
TABLE = {
    "tromp-taylor": ("positional", "area", True, "none"),
    "chinese": ("simple", "area", False, "stones"),
    "chinese-ogs": ("positional", "area", False, "stones"),
    "chinese-kgs": ("positional", "area", False, "stones"),
    "japanese": ("simple", "territory", False, "none"),
    "korean": ("simple", "territory", False, "none"),
    "aga": ("situational", "area", False, "stones-1"),
    "bga": ("situational", "area", False, "stones-1"),
    "new-zealand": ("situational", "area", True, "none"),
}


def test_the_presets_are_those_of_the_table():
    assert {r.name: (r.ko, r.scoring, r.suicide, r.handicap_bonus) for r in PRESETS.values()} == TABLE


@pytest.mark.parametrize("name", ["Tromp-Taylor", "tromp_taylor", " TROMP TAYLOR "])
def test_names_are_read_generously(name):
    assert rules_named(name) is PRESETS["tromp-taylor"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_played_is_refused_by_name(name):
    with pytest.raises(ValueError, match=name):
        rules_named(name)


@pytest.mark.parametrize("name", ["", "go", "x" * 5000, "chinese\n"[:-1] + "!"])
def test_unknown_names_get_one_short_line(name):
    with pytest.raises(ValueError, match="unknown rules") as error:
        rules_named(name)
    assert len(str(error.value)) < 250
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "change",
    [{"ko": "x"}, {"scoring": "stones"}, {"handicap_bonus": "all"}, {"komi": 7.25}, {"komi": float("nan")},
     {"komi": float("inf")}, {"komi": 1e9}],
)  # fmt: skip
def test_bad_values_are_refused(change):
    with pytest.raises(ValueError):
        PRESETS["chinese"].replace(**change)


@pytest.mark.parametrize(("name", "bonus"), [("chinese", 4), ("aga", 3), ("japanese", 0)])
def test_handicap_bonus(name, bonus):
    rules = rules_named(name)
    assert rules.bonus(4) == bonus
    assert rules.bonus(0) == rules.bonus(1) == 0


def test_numbers_for_the_kernels():
    assert rules_named("new-zealand").kernel(2) == (SITUATIONAL, 1, 0, 9.5)
    assert rules_named("japanese").kernel() == (SIMPLE, 0, 1, 6.5)
    assert default_rules(19).kernel() == (POSITIONAL, 0, 0, 7.5)
    assert default_rules(9).komi == 7
