"""What chance may change in self-play and what it may not: turned boards, values, exploration, openings."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nets.evaluator import Evaluation
from selfplay.arena import Arena
from selfplay.games import GamePool
from tests.mcts.local_net import Local
from tests.selfplay.fake_net import FakeNet
from tests.selfplay.test_games import CONFIG, SIZE, some_games

pytestmark = pytest.mark.usefixtures("needs_jit")


def begun(symmetries: bool) -> GamePool:
    config = dataclasses.replace(CONFIG, symmetries=symmetries, prefix_share=0.0)
    pool = GamePool(SIZE, 8, Local(SIZE), config, seed=1)
    assert pool.advance(40 * 8) == [], "no game has ended: after that other chance is drawn"
    return pool


def test_how_a_position_is_turned_changes_no_game() -> None:
    plain, turned = begun(False)._games, begun(True)._games
    assert plain.count[:, 0].min() > 3 and np.array_equal(plain.count, turned.count)
    assert np.array_equal(plain.actions, turned.actions) and np.array_equal(plain.policy, turned.policy)
    assert np.array_equal(plain.value, turned.value)


def test_how_a_position_is_turned_changes_no_match() -> None:
    class Upright:
        def integers(self, low: int, high: int, count: int) -> np.ndarray:
            return np.zeros(count, np.int64)

    boards = []
    for upright in (False, True):
        arena = Arena(Local(SIZE, 1), Local(SIZE, 2), 6, 4, seed=1)
        if upright:
            arena._rng = Upright()  # type: ignore[assignment]
        arena.play()
        boards.append(arena._games.root.board.color.copy())
    assert np.array_equal(*boards)


def test_values_are_the_movers() -> None:
    """A network that calls every position won for its mover: with two replies seen, a root is worth (1 - 1 - 1) / 3."""

    class Mine(FakeNet):
        def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
            answer = super().evaluate(planes, globals)
            answer.value[:] = (40, -40, -40)
            return answer

    config = dataclasses.replace(
        CONFIG, simulations=2, considered=2, opening_mean=2.0, prefix_share=0.0, remember=False
    )
    pool = GamePool(SIZE, 8, Mine(SIZE, pass_logit=-90.0), config, seed=1)
    games = [game for _ in range(10) for game in pool.advance(1000)]
    searched = [game.value[game.opening : -4] for game in games]
    assert sum(map(len, searched)) > 100
    for game in games:
        assert np.allclose(game.value[: game.opening], 1)
    assert np.median([np.abs(v + 1 / 3).max(initial=0) for v in searched]) < 1e-6


def test_without_exploration_all_games_are_one() -> None:
    config = dataclasses.replace(
        CONFIG, explore_moves=0.0, opening_mean=0.0, prefix_share=0.0, komi_spread=0.0, symmetries=False, fast_share=0.0
    )
    games = some_games(12, config=config)
    assert len({game.actions.tobytes() for game in games}) == 1
    others = some_games(12, config=dataclasses.replace(config, explore_moves=1.0))
    assert len({game.actions.tobytes() for game in others}) > 6


def test_an_opening_is_no_longer_than_a_quarter_of_a_game() -> None:
    config = dataclasses.replace(CONFIG, opening_mean=500.0, prefix_share=0.0)
    assert max(game.opening for game in some_games(30, config=config)) == int(CONFIG.length * SIZE**2) // 4
