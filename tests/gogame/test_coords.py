"""Coordinates: the corners by hand, and every point there and back."""

from __future__ import annotations

import pytest

from gogame.coords import (
    all_points,
    fixed_handicap_points,
    from_gtp,
    from_sgf,
    star_points,
    to_gtp,
    to_sgf,
)
from gogame.geometry import PASS, action_of, point_of_action, row_col

CORNERS = [((0, 0), 12, 0, "A9", "aa"), ((0, 8), 20, 8, "J9", "ia"), ((8, 0), 100, 72, "A1", "ai"),
           ((8, 8), 108, 80, "J1", "ii")]  # fmt: skip


@pytest.mark.parametrize(("place", "point", "action", "gtp", "sgf"), CORNERS)
def test_the_corners(place, point, action, gtp, sgf):
    assert row_col(point, 9) == place
    assert action_of(point, 9) == action
    assert to_gtp(point, 9) == gtp
    assert to_sgf(point, 9) == sgf


@pytest.mark.parametrize("size", [2, 9, 19, 25])
def test_there_and_back(size):
    for point in [PASS, *all_points(size)]:
        assert from_gtp(to_gtp(point, size), size) == point
        assert from_gtp(to_gtp(point, size).lower(), size) == point
        assert from_sgf(to_sgf(point, size), size) == point
        assert point_of_action(action_of(point, size), size) == point


def test_no_column_is_called_i():
    assert to_gtp(from_sgf("ia", 9), 9) == "J9"
    with pytest.raises(ValueError, match="not a vertex"):
        from_gtp("I5", 9)


@pytest.mark.parametrize("text", ["", "A", "A0", "A10", "K1", "Z1", "5A", "A-1", "A1000", "AA1", "²A", "A1 B2", "\0"])
def test_bad_vertices(text):
    with pytest.raises(ValueError, match="vertex|on the 9x9 board"):
        from_gtp(text, 9)


@pytest.mark.parametrize("text", ["a", "ja", "AA", "a1", "aaa", "  "])
def test_bad_sgf_points(text):
    with pytest.raises(ValueError, match="not a point"):
        from_sgf(text, 9)


def test_tt_is_a_pass_on_boards_up_to_19():
    assert from_sgf("tt", 19) == from_sgf("tt", 9) == PASS
    assert from_sgf("tt", 25) != PASS


@pytest.mark.parametrize(
    ("size", "count"), [(2, 0), (5, 1), (7, 5), (8, 4), (9, 5), (13, 9), (18, 4), (19, 9), (25, 9)]
)
def test_star_points(size, count):
    stars = {row_col(p, size) for p in star_points(size)}
    assert len(stars) == count
    assert {(size - 1 - r, c) for r, c in stars} == stars == {(c, r) for r, c in stars}


def test_fixed_handicap_is_as_the_protocol_says():
    def vertices(size, stones):
        return " ".join(to_gtp(p, size) for p in fixed_handicap_points(size, stones))

    assert vertices(19, 2) == "D4 Q16"
    assert vertices(19, 4) == "D4 Q16 D16 Q4"
    assert vertices(19, 5) == "D4 Q16 D16 Q4 K10"
    assert vertices(19, 6) == "D4 Q16 D16 Q4 D10 Q10"
    assert vertices(19, 9) == "D4 Q16 D16 Q4 D10 Q10 K16 K4 K10"
    assert vertices(9, 4) == "C3 G7 C7 G3"
    for size, stones in ((19, 1), (19, 10), (8, 5), (7, 5), (6, 2)):
        with pytest.raises(ValueError, match="handicap"):
            fixed_handicap_points(size, stones)
