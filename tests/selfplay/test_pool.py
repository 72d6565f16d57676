"""The pool of self-play games as a machine: groups, threads and cores, what it counts, and what changes under way."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from nets.evaluator import Evaluation
from selfplay.games import GamePool, SelfPlayConfig, evaluator_options
from selfplay.kernels import MOVES, OPENING
from selfplay.samples import FinishedGame
from tests.selfplay.fake_net import FakeNet, SteadyNet
from tests.selfplay.test_games import AREA, CONFIG, SIZE, owners_at_the_end, replay, same

pytestmark = pytest.mark.usefixtures("needs_jit")


def test_simulations_and_network_change_while_games_go_on() -> None:
    pool = GamePool(SIZE, 8, FakeNet(SIZE), CONFIG, seed=3)
    found: list[FinishedGame] = []
    for step, simulations in enumerate((2, 64, 3, 16, 8)):
        pool.set_simulations(simulations)
        pool.set_evaluator(FakeNet(SIZE, seed=step))
        found += pool.advance(1500)
    assert len(found) > 4
    for finished in found:
        *_, (_, game) = replay(finished)
        assert np.array_equal(finished.ownership, owners_at_the_end(game))
    for bad in (1, 65, 0, -3):
        with pytest.raises(ValueError, match="simulations"):
            pool.set_simulations(bad)


class Counting(FakeNet):
    """Counts what is under way."""

    under_way = most = 0

    def submit(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        return super().submit(planes, globals)

    def result(self, handle: Evaluation) -> Evaluation:
        self.under_way -= 1
        return super().result(handle)


def test_asking_whether_the_network_answers_disturbs_nothing() -> None:
    """No more is under way than ever, and the games are those that would have been played."""
    net = Counting(SIZE)
    asked, other = (GamePool(SIZE, 8, n, CONFIG, seed=3) for n in (net, FakeNet(SIZE)))
    assert asked.is_answered()
    found: list[FinishedGame] = []
    expected: list[FinishedGame] = []
    for step in range(6):
        found += asked.advance(400)
        expected += other.advance(400)
        if step % 2:
            assert asked.is_answered() and asked.is_answered()
        assert asked.evaluations == other.evaluations
    assert len(found) > 1 and len(found) == len(expected) and all(map(same, found, expected))
    assert net.most == len(asked._groups) == 2


def test_evaluations_are_counted() -> None:
    pool = GamePool(SIZE, 8, FakeNet(SIZE), CONFIG, seed=3)
    assert pool.evaluations == pool.in_flight == 0
    assert pool.advance(30) == []
    assert 30 <= pool.evaluations == pool.in_flight < 30 + pool.games  # whole batches


def test_searched_moves_are_counted() -> None:
    config = dataclasses.replace(CONFIG, prefix_share=1.0, opening_mean=6.0, remember=False)
    pool = GamePool(SIZE, 8, FakeNet(SIZE, pass_logit=-4.0), config, seed=3)
    assert pool.moves == 0
    handed = openings = before = 0
    for _ in range(40):
        ended = pool.advance(100)
        assert pool.moves >= before
        before = pool.moves
        handed += sum(len(game.actions) - game.opening for game in ended)
        openings += sum(game.opening for game in ended)
    under_way = np.maximum(pool._games.count[:, MOVES] - pool._games.count[:, OPENING], 0).sum()
    assert pool.moves == handed + under_way and openings > 0
    assert pool.moves <= pool.evaluations


def test_two_passes_end_a_game_that_white_wins_by_komi() -> None:
    pool = GamePool(SIZE, 4, SteadyNet(SIZE, 30.0), SelfPlayConfig(simulations=2, komi=7.0), seed=1)
    games = pool.advance(300)
    assert len(games) > 40
    for finished in games:
        assert finished.actions.tolist() == [AREA, AREA]
        assert finished.score == -finished.ruleset.komi and not finished.ownership.any()


class Placed(GamePool):
    """Tells the places that its games had."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.places: list[int] = []

    def _hand_over(self, group: Any, g: int, scratch: Any) -> FinishedGame:
        game = super()._hand_over(group, g, scratch)
        self.places.append(g)
        return game


def test_a_rival_searches_one_side() -> None:
    """Whose moves are all fast but for chance, and so have no targets: Black in every other place of the pool."""
    config = dataclasses.replace(CONFIG, opening_mean=0.0, prefix_share=0.0, remember=False)
    rival = dataclasses.replace(config, fast_share=1 - 1e-9, simulations=8)
    for threads in (1, 2):
        pool = GamePool(SIZE, 8, FakeNet(SIZE, pass_logit=-4.0), config, seed=1, threads=threads, rival=rival)
        pool.set_simulations(8)
        sides = {BLACK: 0, WHITE: 0}
        for game in pool.advance(6000 * threads):
            searched = game.policy.any(1)
            learned = BLACK if searched[0] else WHITE
            assert np.array_equal(searched, (np.arange(len(searched)) % 2 == 0) == (learned == BLACK))
            sides[learned] += 1
        assert min(sides.values()) > 2


@pytest.mark.parametrize("games", [1, 2])
def test_the_first_player_has_black_in_even_places(games: int) -> None:
    config = dataclasses.replace(CONFIG, opening_mean=0.0, prefix_share=0.0, remember=False)
    rival = dataclasses.replace(config, fast_share=1 - 1e-9, simulations=8)
    pool = Placed(SIZE, games, FakeNet(SIZE, pass_logit=-4.0), config, seed=1, rival=rival)
    pool.set_simulations(8)
    seen: set[int] = set()
    while seen != set(range(games)):
        ended = pool.advance(1)
        for game, place in zip(ended, pool.places[-len(ended) :], strict=bool(ended)):
            assert game.policy.any(1)[0] == (place % 2 == 0)
            seen.add(place)


@pytest.mark.parametrize("games, groups, threads", [(8, 2, 8), (1, 2, 3), (5, 3, 2), (64, 4, 2), (7, 16, 1)])
def test_the_evaluators_batch_suits_the_pools_groups(
    games: int, groups: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for backend in ("torch", "openvino"):
        monkeypatch.setattr("selfplay.games.choose_device", lambda device, backend=backend: backend)
        options = evaluator_options("auto", games, groups, threads)
        net = FakeNet(SIZE, pass_logit=-4.0)
        net.streams = threads if options["side_by_side"] else 1
        config = dataclasses.replace(CONFIG, groups=groups)
        pool = GamePool(SIZE, games, net, config, seed=1, threads=threads)
        sizes = [group.end - group.begin for group in pool._groups]
        assert sum(sizes) == games and max(sizes) == options["batch"] and min(sizes) > 0


class Streams(FakeNet):
    """Is asked by three threads, each for its own games."""

    streams = 3

    def __init__(self) -> None:
        super().__init__(SIZE, pass_logit=-4.0)
        self.asked: dict[int, set[int]] = {}  # thread -> sizes of its batches

    def submit(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        self.asked.setdefault(threading.get_ident(), set()).add(len(planes))
        return super().submit(planes, globals)


def test_every_core_goes_round_with_games_of_its_own() -> None:
    def some(advances: tuple[int, ...]) -> tuple[GamePool, list[FinishedGame]]:
        pool = GamePool(SIZE, 16, Streams(), CONFIG, seed=1, threads=2)
        return pool, [game for evaluations in advances for game in pool.advance(evaluations)]

    pool, found = some((6400,))
    assert sorted(size for sizes in pool.evaluator.asked.values() for size in sizes) == [5, 5, 6]
    assert pool.evaluations == 6400 > pool.in_flight > 0
    assert len(found) > 10
    for finished in found:
        *_, (_, game) = replay(finished)
        assert np.array_equal(finished.ownership, owners_at_the_end(game))
    _, again = some((6400,))
    assert len(again) == len(found) and all(map(same, found, again))
    _, parts = some((1600, 3200, 1600))
    assert sorted(game.actions.tobytes() for game in parts) == sorted(game.actions.tobytes() for game in found)
