"""The clock, as tables: what is given for a move, how it is used up, and that no time control is ever lost."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gogame.player import CappedFischer, Clock, TimeSettings
from mcts.clock import LAG, moves_left, seconds_for_move

NONE = TimeSettings()
ABSOLUTE = TimeSettings("absolute", 300)
BYOYOMI = TimeSettings("byoyomi", 60, 10, 3)
CANADIAN = TimeSettings("canadian", 60, 100, 20)
FISCHER = TimeSettings("fischer", 60, 5)
CAPPED = CappedFischer("fischer", 60, 5, 0, 62, 1)

# settings, seconds left, count, elapsed -> seconds left, count (None: lost on time)
AFTER = [
    (NONE, 0, 0, 1000, (0, 0)),
    (ABSOLUTE, 300, 0, 10, (290, 0)),
    (ABSOLUTE, 5, 0, 5.1, None),
    (BYOYOMI, 60, 0, 20, (40, 0)),
    (BYOYOMI, 5, 0, 9, (10, 3)),  # 4 seconds into the first period: it starts anew
    (BYOYOMI, 5, 0, 17, (10, 2)),  # 12 seconds of byo-yomi: one period gone
    (BYOYOMI, 10, 3, 9.9, (10, 3)),
    (BYOYOMI, 10, 3, 25, (10, 1)),
    (BYOYOMI, 10, 1, 10.1, None),
    (BYOYOMI, 5, 0, 36, None),
    (CANADIAN, 60, 0, 30, (30, 0)),
    (CANADIAN, 10, 0, 30, (80, 19)),
    (CANADIAN, 50, 2, 20, (30, 1)),
    (CANADIAN, 50, 1, 20, (100, 20)),
    (CANADIAN, 50, 1, 51, None),
    (FISCHER, 60, 0, 10, (55, 0)),
    (FISCHER, 3, 0, 3.5, None),
    (CAPPED, 60, 0, 1, (62, 0)),
    (CAPPED, 30, 0, 1, (34, 0)),
]


@pytest.mark.parametrize(("settings", "seconds", "count", "elapsed", "expected"), AFTER)
def test_clock_after_a_move(settings, seconds, count, elapsed, expected):
    after = Clock(settings, seconds, count).after(elapsed)
    if expected is None:
        assert after is None
    else:
        assert after is not None and (after.seconds, after.count) == (pytest.approx(expected[0]), expected[1])


STARTS = [
    (ABSOLUTE, (300, 0)),
    (BYOYOMI, (60, 0)),
    (TimeSettings("byoyomi", 0, 10, 3), (10, 3)),
    (TimeSettings("canadian", 0, 100, 20), (100, 20)),
    (FISCHER, (65, 0)),
]


@pytest.mark.parametrize(("settings", "expected"), STARTS)
def test_start_of_the_clock(settings, expected):
    clock = settings.start()
    assert (clock.seconds, clock.count) == expected


# settings, seconds left, count, size, move number -> least and most seconds that make sense
GIVEN = [
    (ABSOLUTE, 300, 0, 9, 0, (10, 13)),
    (ABSOLUTE, 300, 0, 19, 0, (2, 3)),
    (ABSOLUTE, 300, 0, 19, 250, (6, 9)),
    (ABSOLUTE, 2, 0, 19, 250, (0.01, 0.1)),
    (ABSOLUTE, 0, 0, 9, 50, (0, 0.01)),
    (BYOYOMI, 60, 0, 9, 0, (14, 16)),  # the period is there anyway, and half as much again of the main time
    (BYOYOMI, 3, 0, 9, 0, (12, 13)),  # into the first period, not out of it
    (TimeSettings("byoyomi", 600, 30, 5), 600, 0, 19, 0, (44, 48)),
    (TimeSettings("byoyomi", 3600, 30, 5), 3600, 0, 19, 0, (44, 48)),
    (BYOYOMI, 0, 0, 9, 0, (9, 10)),
    (BYOYOMI, 10, 3, 9, 0, (9, 10)),
    (BYOYOMI, 0.2, 1, 9, 0, (0, 0.06)),
    (TimeSettings("byoyomi", 1800, 10, 3), 1800, 0, 19, 0, (15, 18)),
    (TimeSettings("byoyomi", 100, 0.2, 3), 100, 0, 9, 0, (3, 5)),  # an overtime that is none
    (CANADIAN, 60, 0, 19, 0, (6, 7)),
    (CANADIAN, 1, 0, 19, 0, (5, 6)),
    (CANADIAN, 100, 20, 19, 0, (4, 5)),
    (CANADIAN, 30, 1, 19, 0, (27, 30)),
    (FISCHER, 60, 0, 9, 0, (6, 8)),
    (FISCHER, 6, 0, 9, 60, (2, 3)),
]


@pytest.mark.parametrize(("settings", "seconds", "count", "size", "number", "expected"), GIVEN)
def test_seconds_for_a_move(settings, seconds, count, size, number, expected):
    dealt = seconds_for_move(Clock(settings, seconds, count), size, number)
    assert dealt is not None and expected[0] <= dealt <= expected[1]


def test_no_clock_is_no_limit():
    assert seconds_for_move(NONE.start(), 19, 0) is None


LONG_GAMES = [
    *(TimeSettings("absolute", main) for main in (60, 300, 1800)),
    *(TimeSettings("byoyomi", main, period, n) for main in (0, 30, 600) for period in (1, 5, 30) for n in (1, 5)),
    *(
        TimeSettings("canadian", main, period, n)
        for main in (0, 30, 600)
        for period, n in ((30, 25), (300, 25), (9, 1))
    ),
    *(TimeSettings("fischer", main, period) for main in (5, 60, 600) for period in (1, 5)),
]


@pytest.mark.parametrize("size", [9, 19])
@pytest.mark.parametrize("settings", LONG_GAMES, ids=str)
def test_never_loses_on_time(settings, size):
    """Every move takes longer than it was given, for a game of average length (absolute) or a very long one."""
    late = 0.1 if settings.system == "absolute" and settings.main < 300 else 0.9 * LAG
    clock: Clock | None = settings.start()
    length = round((0.75 if settings.system == "absolute" else 3) * size * size)
    for number in range(0, length, 2):
        assert clock is not None
        dealt = seconds_for_move(clock, size, number)
        assert dealt is not None and dealt > 0
        clock = clock.after(dealt + late)
        assert clock is not None, f"lost on time at move {number}"


def test_an_absolute_clock_survives_twice_the_usual_length():
    clock: Clock | None = TimeSettings("absolute", 600).start()
    for number in range(0, round(1.5 * 361), 2):
        assert clock is not None
        clock = clock.after((seconds_for_move(clock, 19, number) or 0.0) + 0.03)
    assert clock is not None and clock.seconds > 0


def left_after(settings: TimeSettings, size: int, own_moves: int) -> float:
    """Seconds of main time that so many moves leave."""
    clock: Clock | None = settings.start()
    for number in range(0, 2 * own_moves, 2):
        assert clock is not None
        clock = clock.after((seconds_for_move(clock, size, number) or 0.0) + 0.05)
    assert clock is not None
    return 0.0 if clock.count else clock.seconds


@pytest.mark.parametrize(("size", "main", "moves"), [(19, 300, 125), (19, 600, 125), (19, 3600, 125), (9, 300, 28)])
def test_a_usual_game_uses_an_absolute_clock(size, main, moves):
    """But for the reserve, and what a longer game would need."""
    assert 0.04 * main < left_after(TimeSettings("absolute", main), size, moves) < 0.16 * main


@pytest.mark.parametrize("main", [600, 1800, 3600])
@pytest.mark.parametrize(("system", "period", "count"), [("byoyomi", 30, 5), ("canadian", 600, 20)])
def test_main_time_is_used_up_on_top_of_the_overtime(system, main, period, count):
    settings = TimeSettings(system, main, period, count)
    assert left_after(settings, 19, 130) == 0
    assert left_after(settings, 19, round(0.8 * main / 30)) == 0, "sooner than by moves as long as those of overtime"
    assert left_after(settings, 19, round(0.5 * main / 30)) > 0, "not all of it in the opening"


def share_of_overtime(system: str) -> st.SearchStrategy[TimeSettings]:
    """Byo-yomi or Canadian time with at least a second a move."""
    return st.builds(
        lambda main, each, count: TimeSettings(system, main, each * (count if system == "canadian" else 1), count),
        st.floats(0, 7200), st.floats(1, 90), st.integers(1, 30),
    )  # fmt: skip


CONTROLS = st.one_of(
    st.builds(TimeSettings, st.just("absolute"), st.floats(60, 7200)),
    st.builds(TimeSettings, st.just("fischer"), st.floats(0, 7200), st.floats(1, 90)),
    share_of_overtime("byoyomi"),
    share_of_overtime("canadian"),
)


@given(settings=CONTROLS, size=st.sampled_from([9, 13, 19]), used=st.floats(0, 1), seed=st.integers(0, 99))
def test_no_control_is_lost_by_moves_that_are_late_by_the_lag(settings, size, used, seed):
    """Some of them end early: then others have more."""
    clock: Clock | None = settings.start()
    rng = random.Random(seed)
    for number in range(0, round((0.75 if settings.system == "absolute" else 2) * size * size), 2):
        assert clock is not None
        seconds = seconds_for_move(clock, size, number)
        assert seconds is not None and seconds > 0
        clock = clock.after(seconds * rng.uniform(used, 1) + LAG)
    assert clock is not None


@given(settings=CONTROLS, size=st.sampled_from([9, 19]), number=st.integers(0, 400), left=st.floats(0, 7200))
def test_more_main_time_never_gives_less(settings, size, number, left):
    dealt = [seconds_for_move(Clock(settings, seconds), size, number) for seconds in (left, left + 0.5, 1.1 * left + 1)]
    assert dealt == sorted(dealt) and dealt[0] >= 0
    longer = TimeSettings(settings.system, settings.main + left, settings.period, settings.count)
    dealt = [seconds_for_move(control.start(), size, number) for control in (settings, longer)]
    assert dealt[0] <= dealt[1] + 1e-9


def test_a_move_may_be_limited_beside_the_clock():
    assert CAPPED.start().seconds == 62 and FISCHER.start().seconds == 65
    assert seconds_for_move(FISCHER.start(), 9, 0) > 1
    assert seconds_for_move(CAPPED.start(), 9, 0) == pytest.approx(1 - LAG)
    assert seconds_for_move(CappedFischer("fischer", 60, 5).start(), 9, 0) == seconds_for_move(FISCHER.start(), 9, 0)


def test_moves_left_never_ends():
    assert moves_left(9, 0) == 30
    assert moves_left(19, 10_000) == 43
    assert all(moves_left(s, n) >= 6 for s in (7, 9, 19) for n in range(0, 900, 50))
