"""Two clocks, what they show and what may be chosen, with a time that the tests turn: no pygame, nobody waits."""

import json

import pytest

from gogame.board import BLACK, WHITE
from gogame.player import Clock, TimeSettings
from gui.clock_sgf import read_time, write_time
from gui.clocks import (
    Clocks,
    clock_text,
    fresh,
    is_low,
    overtime_text,
    parse_time,
    time_settings,
    until_another_text,
)
from gui.store import Settings


@pytest.mark.parametrize(
    ("settings", "seconds", "count", "elapsed", "expected"),
    [
        (TimeSettings("fischer", 60, 5), 60, 0, 10, (50, 0)),  # what a move gains comes with the move
        (TimeSettings("byoyomi", 60, 10, 3), 5, 0, 9, (6, 3)),
        (TimeSettings("byoyomi", 60, 10, 3), 10, 3, 25, (5, 1)),
        (TimeSettings("byoyomi", 60, 10, 3), 10, 1, 10.1, None),
        (TimeSettings("canadian", 60, 100, 20), 50, 2, 20, (30, 2)),
        (TimeSettings("canadian", 60, 100, 20), 10, 0, 30, (80, 20)),
        (TimeSettings("canadian", 60, 100, 20), 10, 0, 111, None),
        (TimeSettings("absolute", 60), 10, 0, 10.5, None),
        (TimeSettings(), 0, 0, 1000, (0, 0)),
    ],
)
def test_a_clock_in_the_middle_of_a_move(settings, seconds, count, elapsed, expected):
    now = Clock(settings, seconds, count).spent(elapsed)
    assert expected == (now and (pytest.approx(now.seconds), now.count))


@pytest.mark.parametrize(
    ("seconds", "text", "wait"),
    [
        (600, "10:00", 0),
        (599.75, "9:59", 0.75),
        (3661.5, "1:01:01", 0.5),
        (10, "0:10", 0),
        (9.99, "9.9", 0.09),
        (0.05, "0.0", 0.05),
        (0, "0.0", 0),
    ],
)
def test_what_a_clock_shows_and_for_how_long(seconds, text, wait):
    clock = Clock(TimeSettings("absolute", 600), seconds)
    assert clock_text(clock) == text and until_another_text(clock) == pytest.approx(wait, abs=1e-5)
    if seconds > 1:
        later = clock.spent(wait + 1e-4)
        assert clock_text(later) != text, "then it shows something else"


def test_periods_and_stones_are_told_and_low_is_what_is_about_to_be_lost():
    byoyomi, canadian = TimeSettings("byoyomi", 60, 30, 3), TimeSettings("canadian", 60, 30, 8)
    assert overtime_text(Clock(byoyomi, 30, 1)) == "1 period" and overtime_text(Clock(byoyomi, 30, 2), True) == "(2)"
    assert overtime_text(Clock(canadian, 30, 8)) == "8 stones" and overtime_text(Clock(canadian, 30, 8), True) == "/8"
    assert overtime_text(Clock(byoyomi, 30)) == ""
    assert is_low(Clock(byoyomi, 9.9, 3)) and not is_low(Clock(byoyomi, 10, 3))
    assert not is_low(Clock(byoyomi, 5)), "the main time: the periods are still to come"
    assert is_low(Clock(TimeSettings("fischer", 60, 5), 5))


@pytest.mark.parametrize(
    "impossible",
    [
        ("sundial", 1, 1, 1),
        ("absolute", 0, 0, 0),
        ("absolute", 1e6, 0, 0),
        ("byoyomi", -1, 30, 3),
        ("byoyomi", 1, 0, 3),
        ("byoyomi", 1, 30, 0),
        ("canadian", 1, 30, 1000),
        ("fischer", 1, 0.2, 0),
    ],
)
def test_a_clock_that_cannot_be_is_refused(impossible):
    with pytest.raises(ValueError):
        time_settings(*impossible)
    data = dict(zip(("clock", "clock_minutes", "clock_seconds", "clock_count"), impossible, strict=True))
    kept = Settings.from_dict({"size": 13, **json.loads(json.dumps(data))})
    assert kept == Settings(size=13), "the default, and the rest as it was"
    assert Settings.from_dict({"clock": "absolute", "clock_minutes": float("nan")}).time.main == 600


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("none", ("none", 0, 0, 0)),
        ("10", ("absolute", 10, 0, 0)),
        ("10+5x30", ("byoyomi", 10, 30, 5)),
        ("0+15/300", ("canadian", 0, 300, 15)),
        ("0.5 + 2.5", ("fischer", 0.5, 2.5, 0)),
    ],
)
def test_a_clock_can_be_written(text, chosen):
    assert parse_time(text) == chosen
    settings = time_settings(*chosen)
    assert read_time(lambda name: write_time(settings).get(name, "")) == settings


@pytest.mark.parametrize("text", ["", "ten", "0", "10+", "10+0x30", "10+5y30", "-3", "9" * 400, "10+5x30+2"])
def test_what_is_no_clock_is_told(text):
    with pytest.raises(ValueError) as told:
        parse_time(text)
    assert "\n" not in str(told.value)


def test_two_clocks():
    seconds = [0.0]
    clocks = Clocks(lambda: seconds[0])
    clocks.run(BLACK)
    clocks.press(BLACK)
    assert not clocks.there and clocks.both() == {} and not clocks.is_up() and clocks.running == 0
    clocks.set(fresh(TimeSettings("absolute", 60)))
    clocks.run(BLACK)
    seconds[0] += 10
    clocks.run(BLACK)
    seconds[0] += 10
    clocks.run(0)
    seconds[0] += 100
    assert clocks.left(BLACK).seconds == 40 and clocks.left(WHITE).seconds == 60
    clocks.run(BLACK)
    seconds[0] += 41
    assert clocks.is_up() and not clocks.is_up(grace=2) and not clocks.is_up(took=39)
    assert clocks.left(BLACK).seconds == 0
