"""Matches of two evaluators inside a run: who moves when, what is counted, and that a match can be had again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mcts.leaves import fill_rows
from selfplay.arena import Arena, ArenaResult
from tests.selfplay.fake_net import FakeNet, SteadyNet

SIZE = 7
BUILDER, PASSER = SteadyNet(SIZE, -30.0), SteadyNet(SIZE, 30.0)  # one never passes, the other does nothing else

pytestmark = pytest.mark.usefixtures("needs_jit")


def play(a: FakeNet, b: FakeNet, games: int = 10, **options: float) -> ArenaResult:
    found = Arena(a, b, games, 4, **options).play()  # type: ignore[arg-type]
    assert found is not None and found.wins + found.losses + found.draws == games
    return found


def test_whoever_plays_beats_whoever_passes_with_either_colour() -> None:
    """So each net answers for its own moves alone; a mix-up of sides or colours would show."""
    won = play(BUILDER, PASSER)
    assert (won.wins, won.losses, won.draws) == (10, 0, 0)
    lost = play(PASSER, BUILDER)
    assert (lost.wins, lost.losses, lost.draws) == (0, 10, 0)
    assert won.moves > 100 and lost.moves > 100


@pytest.mark.parametrize("komi, score", [(None, (5, 6, 0)), (7.0, (5, 6, 0)), (-2.5, (6, 5, 0)), (0.0, (0, 0, 11))])
def test_an_empty_board_is_worth_the_komi(komi: float | None, score: tuple[int, int, int]) -> None:
    """Two passes end each of 11 games; A is Black in the even ones, 6 of them."""
    found = play(PASSER, PASSER, 11, komi=komi)
    assert (found.wins, found.losses, found.draws) == score and found.moves == 22


def test_equal_nets_score_about_even() -> None:
    found = play(FakeNet(SIZE), FakeNet(SIZE), 60, opening=12.0)
    assert 12 < found.wins + found.draws / 2 < 48


def test_the_same_seed_gives_the_same_match() -> None:
    nets = FakeNet(SIZE, 1, -4.0), FakeNet(SIZE, 2, -4.0)
    first = play(*nets, seed=5)
    assert play(*nets, seed=5) == first
    assert any(play(*nets, seed=seed) != first for seed in (6, 7, 8))


def test_openings_make_the_games_differ() -> None:
    arena = Arena(FakeNet(SIZE, 1, -4.0), FakeNet(SIZE, 2, -4.0), 12, 4, seed=1)
    arena.play()
    assert len({tuple(board) for board in arena._games.root.board.color}) > 6


@pytest.mark.parametrize("turned", [(False, True), (True, False), (False, False), (True, True)])
def test_a_side_may_be_shown_positions_upright(turned: tuple[bool, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[np.ndarray, np.ndarray]] = []

    def spy(*words: Any) -> None:
        seen.append((arena._a_moves(), words[6].copy()))
        fill_rows(*words)

    monkeypatch.setattr("selfplay.arena.fill_rows", spy)
    arena = Arena(FakeNet(SIZE, 1, -4.0), FakeNet(SIZE, 2, -4.0), 12, 4, seed=1, turned=turned)
    arena.play()
    for side in (0, 1):
        turns = np.concatenate([turn[a_moves == (side == 0)] for a_moves, turn in seen])
        assert set(turns.tolist()) == (set(range(8)) if turned[side] else {0})


def test_a_stop_ends_the_match_without_a_result() -> None:
    a, b = FakeNet(SIZE, 1), FakeNet(SIZE, 2)
    asked = iter((False, False, True))
    assert Arena(a, b, 4, 4).play(lambda: next(asked)) is None
    assert a.calls + b.calls <= 4


@pytest.mark.parametrize("visits", [2, 40])
def test_any_number_of_visits_ends(visits: int) -> None:
    found = Arena(FakeNet(SIZE, 1, -4.0), FakeNet(SIZE, 2), 6, visits).play()
    assert found is not None and found.moves >= 6 * 2
