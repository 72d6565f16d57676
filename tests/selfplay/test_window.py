"""The replay windows of several board sizes, drawn from as one."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from typing import Any

import numba
import numpy as np
import pytest

from selfplay import buffer
from selfplay.buffer import ReplayBuffer
from selfplay.config import ConfigError
from selfplay.samples import FinishedGame
from selfplay.window import Window
from tests.selfplay.test_buffer import random_game


def passes(size: int, moves: int, score: float = 1.0) -> FinishedGame:
    """A game of passes, each with a target."""
    area = size * size
    return FinishedGame(
        size, random_game(0, 4)[0].ruleset, np.full(moves, area, np.int16), np.ones((moves, area + 1), np.uint8),
        np.zeros(moves, np.float32), 0, score, np.zeros(area, np.int8), False,
    )  # fmt: skip


def sizes_of(window: Window, draws: int) -> Counter[int]:
    return Counter(window.sample(2)["planes"].shape[-1] for _ in range(draws))


def test_each_position_of_any_size_is_as_likely() -> None:
    window = Window((7, 9, 13), 1000, seed=1)
    with pytest.raises(ValueError, match="empty"):
        window.sample(2)
    assert window.add(passes(7, 30)) == 30 and window.add(passes(9, 90)) == 90
    assert len(window) == 120
    found = sizes_of(window, 2000)
    assert set(found) == {7, 9} and 400 < found[7] < 600, "a quarter of 2,000 but for five standard deviations"
    window.resize({7: 30, 9: 0, 13: 5})
    assert len(window) == 30 and set(sizes_of(window, 50)) == {7}


def test_the_newest_of_each_size_are_drawn() -> None:
    window = Window((7, 9), 1000, seed=1)
    for score in (1.0, 2.0, 3.0):
        for size in (7, 9):
            window.add(passes(size, 10, score))
    window.resize({7: 10, 9: 20})
    seen: dict[int, set[float]] = {7: set(), 9: set()}
    for _ in range(50):
        batch = window.sample(16)
        seen[batch["planes"].shape[-1]] |= {abs(float(score)) for score in batch["score"]}
    assert seen == {7: {3.0}, 9: {2.0, 3.0}}


def test_one_size_draws_as_its_buffer() -> None:
    """... and so goes on from states of programs that knew one alone."""
    game = random_game(1)[0]
    window, buffer = Window((7,), 1000, seed=3), ReplayBuffer(7, 1000 + 4 * 49, seed=3)
    window.add(game), buffer.add(game)
    for _ in range(2):
        a, b = window.sample(8), buffer.sample(8)
        assert all(np.array_equal(a[key], b[key]) for key in a)
        assert window.state() == buffer.state()


def test_random_states_resume() -> None:
    a, b = Window((7, 9), 500, seed=1), Window((7, 9), 500, seed=2)
    for window in (a, b):
        window.add(passes(7, 20)), window.add(passes(9, 20))
    for _ in range(5):
        a.sample(4)
    b.load_state(json.loads(json.dumps(a.state())))
    for _ in range(10):
        x, y = a.sample(4), b.sample(4)
        assert all(np.array_equal(x[key], y[key]) for key in x)
    for bad in ({}, ReplayBuffer(7, 500).state(), {"sizes": {}, "windows": {}}, {"sizes": 1, "windows": 2}):
        with pytest.raises((LookupError, TypeError, ValueError)):
            b.load_state(bad)


@pytest.mark.parametrize("sizes", [(7,), (7, 9)])
def test_batches_made_ahead_are_those_drawn_one_by_one(sizes: tuple[int, ...]) -> None:
    """... and what was made for nobody is drawn again, also after an error."""
    plain, ahead = (Window(sizes, 1000, seed=3) for _ in range(2))
    for window in (plain, ahead):
        window.add(random_game(1)[0])
        for size in sizes[1:]:
            window.add(passes(size, 90))
    for count in (0, 1, 3):
        with contextlib.suppress(ZeroDivisionError), ahead.drawing(8, ahead=True) as draw:
            for _ in range(count):
                want, got = plain.sample(8), draw()
                assert all(np.array_equal(got[key], want[key]) for key in want)
            raise ZeroDivisionError
        assert ahead.state() == plain.state()
    with plain.drawing(8, ahead=False) as draw:
        assert np.array_equal(draw()["planes"], ahead.sample(8)["planes"])
    assert ahead.state() == plain.state()


def test_warming_up_compiles_what_games_need_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    window = Window((7, 9), 500, seed=1)
    before, seen = json.dumps(window.state()), {name: [] for name in ("expand_game", "gather")}
    for name, calls in seen.items():
        kernel = getattr(buffer, name)

        def noted(*given: Any, kernel: Any = kernel, calls: list[Any] = calls) -> Any:
            calls.append([numba.typeof(value) for value in given])
            return kernel(*given)

        monkeypatch.setattr(buffer, name, noted)
    window.warm_up()
    assert len(window) == 0 and json.dumps(window.state()) == before
    assert all(buffer.rejected == buffer.count == 0 for buffer in window.buffers.values())
    window.add(random_game(1)[0])
    window.sample(2)
    for calls in seen.values():
        first, _, real = calls
        assert first == real, "else the first game of a run would compile on its clock"


def test_no_memory_for_a_window_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise MemoryError

    monkeypatch.setattr(buffer, "new_samples", full)
    with pytest.raises(ConfigError, match="learn.window_most: no memory for a window of 1,000 positions"):
        Window((7,), 1000)
