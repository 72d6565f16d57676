"""Ratings against values worked out by hand, and recovered from games drawn at known strengths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfplay.elo import SCALE, Result, Sprt, elo_interval, elo_of_score, linked, ratings, table

counts = st.integers(0, 300)


def expected(difference: float) -> float:
    return 1 / (1 + 10 ** (-difference / 400))


@pytest.mark.parametrize(
    "score, elo",
    [(0.5, 0.0), (0.75, 190.85), (0.25, -190.85), (0.64, 99.95), (10 / 11, 400.0), (1.0, math.inf), (0.0, -math.inf)],
)
def test_known_scores_have_their_elo(score: float, elo: float) -> None:
    assert elo_of_score(score) == pytest.approx(elo, abs=0.01)


@given(st.floats(-1500, 1500))
def test_elo_is_the_inverse_of_the_expected_score(difference: float) -> None:
    assert elo_of_score(expected(difference)) == pytest.approx(difference, abs=1e-6)


def test_the_interval_is_that_of_wilson() -> None:
    """8 of 10, worked out by hand: (0.8 + 0.19208 -+ 1.96 sqrt(0.016 + 0.009604)) / 1.38416 = 0.4902 and 0.9433."""
    elo, low, high = elo_interval(8, 2)
    assert elo == pytest.approx(240.82, abs=0.01)
    assert 1 / (1 + 10 ** (-low / 400)) == pytest.approx(0.49016, abs=1e-4)
    assert 1 / (1 + 10 ** (-high / 400)) == pytest.approx(0.94332, abs=1e-4)
    assert elo_interval(50, 30, 20) == pytest.approx(elo_interval(60, 40))


def test_a_clean_sweep_has_one_finite_end() -> None:
    elo, low, high = elo_interval(20, 0)
    assert elo == high == math.inf
    assert expected(low) == pytest.approx(20 / (20 + 1.96**2), abs=1e-6)  # Wilson's lower end at p = 1
    assert elo_interval(0, 20) == (-math.inf, -math.inf, pytest.approx(-low))
    assert elo_interval(0, 0) == (0.0, -math.inf, math.inf)


@given(counts, counts, counts)
def test_the_interval_holds_the_difference_and_is_mirrored(wins: int, losses: int, draws: int) -> None:
    elo, low, high = elo_interval(wins, losses, draws)
    assert low <= elo <= high
    mirrored = elo_interval(losses, wins, draws)
    assert (-mirrored[0], -mirrored[2], -mirrored[1]) == pytest.approx((elo, low, high), abs=1e-6)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = sum(low <= 150 <= high for _, low, high in _intervals(rng.binomial(60, expected(150), 2000), 60))
    assert 0.93 < covered / 2000 < 0.97


def _intervals(wins: np.ndarray, games: int) -> list[tuple[float, float, float]]:
    return [elo_interval(int(w), games - int(w)) for w in wins]


def test_two_players_are_rated_by_their_score() -> None:
    found = ratings([Result("a", "b", 75, 25)], "b", prior=0.0)
    assert found["b"] == (0.0, 0.0)
    elo, error = found["a"]
    assert elo == pytest.approx(190.85, abs=0.01)
    assert error == pytest.approx(SCALE / math.sqrt(100 * 0.75 * 0.25), rel=1e-3)
    assert ratings([Result("a", "b", 60, 10, 30)], "b", prior=0.0)["a"][0] == pytest.approx(190.85, abs=0.01)


def test_strengths_are_recovered_from_simulated_games() -> None:
    """Only neighbours meet, as in a run; the truth lies within the errors that are told."""
    rng = np.random.default_rng(2)
    truth = {"n0": 0.0, "n1": 250.0, "n2": 380.0, "n3": 330.0, "n4": 600.0, "n5": 700.0}
    names = list(truth)
    results = []
    for i, a in enumerate(names):
        for b in names[max(0, i - 2) : i]:
            wins = int(rng.binomial(2000, expected(truth[a] - truth[b])))
            results.append(Result(a, b, wins, 2000 - wins))
    found = ratings(results, "n0")
    for name, (elo, error) in found.items():
        assert abs(elo - truth[name]) <= 3.5 * error
        assert error < 30 and (error > 5 or name == "n0")
    assert [name for name, _, _ in table(found)] == ["n5", "n4", "n2", "n3", "n1", "n0"]
    errors = [found[name][1] for name in names]
    assert errors[5] > errors[2] > errors[0] == 0  # further from the anchor, less certain


def test_an_unbeaten_player_has_a_finite_rating_that_grows_with_the_games() -> None:
    few, many = (ratings([Result("a", "b", n, 0)], "b")["a"][0] for n in (10, 100))
    assert 200 < few < many < 2000


def test_ratings_of_nobody_and_of_strangers() -> None:
    assert ratings([], "a") == {"a": (0.0, 0.0)}
    found = ratings([Result("a", "b", 5, 5), Result("c", "d", 9, 1)], "a")  # no game links the two pairs
    assert all(math.isfinite(elo) for elo, _ in found.values()) and found["c"][0] > found["d"][0]


def test_only_what_has_to_do_with_the_anchor_is_linked_to_it() -> None:
    a, b, c = Result("a", "b", 5, 5), Result("c", "b", 9, 1), Result("d", "e", 9, 1)
    assert linked([c, b, a], "a") == [b, a] and linked([a, b, c], "e") == [c] and linked([a], "z") == []


@given(st.lists(st.tuples(counts, counts, counts), min_size=3, max_size=3))
def test_the_anchor_shifts_all_ratings_alike(scores: list[tuple[int, int, int]]) -> None:
    results = [Result(a, b, *score) for (a, b), score in zip(("ab", "bc", "ca"), scores, strict=True)]
    by_a, by_b = ratings(results, "a"), ratings(results, "b")
    shift = by_b["a"][0]
    for name in "abc":
        assert by_b[name][0] == pytest.approx(by_a[name][0] + shift, abs=0.1)


def test_the_result_is_seen_from_a() -> None:
    result = Result("a", "b", 3, 1, 4)
    assert (result.games, result.score) == (8, 0.625)
    assert Result("a", "b", 0, 0).score == 0.5


def test_the_sequential_test_says_yes_no_or_nothing_yet() -> None:
    sprt = Sprt(0.0, 50.0)
    won, lost = math.log(expected(50) / 0.5), math.log((1 - expected(50)) / 0.5)
    assert sprt.log_ratio(7, 4, 2) == pytest.approx(8 * won + 5 * lost)
    assert sprt.verdict(0, 0) is None
    bound = math.log(0.95 / 0.05)  # both thresholds, for these error rates
    enough, few = math.ceil(bound / won), math.ceil(bound / -lost)
    assert sprt.verdict(enough, 0) is True and sprt.verdict(enough - 1, 0) is None
    assert sprt.verdict(0, few) is False and sprt.verdict(0, few - 1) is None


@pytest.mark.parametrize("elo, answer", [(0.0, False), (100.0, True)])
def test_the_sequential_test_errs_as_seldom_as_it_says(elo: float, answer: bool) -> None:
    rng, sprt, wrong, tests = np.random.default_rng(3), Sprt(0.0, 100.0), 0, 300
    for _ in range(tests):
        wins = losses = 0
        while (found := sprt.verdict(wins, losses)) is None:
            won = rng.random() < expected(elo)
            wins, losses = wins + won, losses + (not won)
        wrong += found is not answer
    assert wrong / tests < 0.08
