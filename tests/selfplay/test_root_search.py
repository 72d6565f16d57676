"""Each way of searching in self-play: PUCT with noise, forced playouts, fast searches, without symmetries."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from selfplay.buffer import ReplayBuffer
from selfplay.config import ConfigError, RunConfig, with_settings
from selfplay.games import GamePool, SelfPlayConfig
from selfplay.samples import FinishedGame
from selfplay.shards import learned_positions, read_header, write_shard
from tests.selfplay.fake_net import FakeNet
from tests.selfplay.test_games import AREA, CONFIG, SIZE, owners_at_the_end, replay, same, some_games

PUCT = dataclasses.replace(CONFIG, search="puct", simulations=16)
WAYS = {
    "puct": PUCT,
    "forced": dataclasses.replace(PUCT, forced=2.0),
    "quiet": dataclasses.replace(PUCT, noise=0.0),
    "fast": dataclasses.replace(PUCT, fast_share=0.75),
    "gumbel, fast": dataclasses.replace(CONFIG, simulations=16, fast_share=0.75),
}

pytestmark = pytest.mark.usefixtures("needs_jit")


@pytest.mark.parametrize("way", WAYS)
def test_games_are_legal_and_their_targets_stand_on_legal_moves(way: str) -> None:
    config = WAYS[way]
    games = some_games(20, config=config)
    learned = searched = 0
    for finished in games:
        *_, (_, game) = replay(finished)
        assert np.array_equal(finished.ownership, owners_at_the_end(game))
        sums = finished.policy[finished.opening :].sum(axis=1).astype(int)
        assert (np.abs(sums[sums > 0] - 255) < AREA).all()
        learned += int((sums > 0).sum())
        searched += len(sums)
    if config.fast_share:
        spread = 4 * np.sqrt(0.25 * 0.75 / searched)
        assert learned / searched == pytest.approx(1 - config.fast_share, abs=spread)
    else:
        assert learned == searched
    assert all(map(same, games, some_games(20, config=config, threads=3)))


@pytest.mark.parametrize("search", ["gumbel", "puct"])
def test_moves_of_decided_games_alone_are_fast(search: str) -> None:
    """Decided: the last two searches gave the same side a value beyond the mark."""
    config = dataclasses.replace(CONFIG, search=search, simulations=16, decided_share=0.75, decided_value=0.1)
    learned, moves = np.zeros(2, int), np.zeros(2, int)  # of games in the balance, and of decided ones
    for game in some_games(40, config=config):
        black = game.value * np.where(np.arange(len(game.value)) % 2, -1, 1)
        for t in range(max(game.opening, 2), len(game.actions)):
            decided = int(min(black[t - 2 : t]) > 0.1 or max(black[t - 2 : t]) < -0.1)
            moves[decided] += 1
            learned[decided] += game.policy[t].any()
    assert min(moves) > 200 and learned[0] == moves[0]
    assert learned[1] / moves[1] == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / moves[1]))


def test_without_noise_the_move_drawn_last_is_the_most_visited() -> None:
    for finished in some_games(10, config=dataclasses.replace(PUCT, noise=0.0, drawn_moves=0.0)):
        for t in range(finished.opening, len(finished.actions)):
            assert finished.policy[t, finished.actions[t]] == finished.policy[t].max()


def visited(config: SelfPlayConfig) -> float:
    """Mean number of moves with a share of the target."""
    rows = [game.policy[game.opening :] for game in some_games(20, config=config)]
    return float(np.mean([(policy > 0).sum(1).mean() for policy in rows]))


def test_noise_widens_the_search_and_pruning_narrows_the_targets() -> None:
    loud = dataclasses.replace(PUCT, noise_weight=0.9)
    assert visited(loud) > 1.15 * visited(PUCT) and visited(loud) > 1.2 * visited(WAYS["quiet"])
    assert visited(WAYS["forced"]) < 0.9 * visited(PUCT)


def test_a_fast_search_takes_fewer_evaluations() -> None:
    moves = {}
    for name in ("puct", "fast"):
        config = dataclasses.replace(WAYS[name], remember=False)
        pool = GamePool(SIZE, 16, FakeNet(SIZE, pass_logit=-4.0), config, seed=1)
        moves[name] = sum(len(game.actions) for game in pool.advance(20_000))
    # 16 a move against 0.25 * 16 + 0.75 * 4 = 7
    assert 1.5 * moves["puct"] < moves["fast"] < 3 * moves["puct"]


@pytest.mark.parametrize(
    "way, simulations, most", [("gumbel", 64, 0.95), ("gumbel, fast", 64, 1), ("forced", 16, 0.75), ("puct", 3, 1)]
)
def test_what_is_remembered_changes_no_game_and_saves_evaluations(way: str, simulations: int, most: float) -> None:
    """The network answers by the position alone here; so a search that asks it again finds what another remembers."""
    games, evaluations = {}, {}
    for remember in (False, True):
        config = dataclasses.replace(
            WAYS.get(way, CONFIG), simulations=simulations, remember=remember, symmetries=False
        )
        pool = GamePool(SIZE, 1, FakeNet(SIZE, pass_logit=-4.0), config, seed=1)
        games[remember] = [game for _ in range(30) for game in one_game(pool)]
        evaluations[remember] = pool.evaluations
    assert len(games[True]) == 30 and all(map(same, games[False], games[True]))
    assert evaluations[True] < most * evaluations[False]


def one_game(pool: GamePool) -> list[FinishedGame]:
    """Plays on until a game ends."""
    while not (ended := pool.advance(1)):
        pass
    return ended


def test_what_was_searched_fast_is_not_learned_from(tmp_path: Path) -> None:
    games = some_games(5, config=WAYS["gumbel, fast"])
    buffer = ReplayBuffer(SIZE, 5000, symmetries=False)
    for game in games:
        full = np.flatnonzero(game.policy.any(axis=1))
        before = buffer.count
        assert buffer.add(game) == len(full) == learned_positions(game)
        batch = buffer.batch_of(np.arange(before, buffer.count), np.zeros(len(full), np.int64))
        assert np.allclose(batch["policy"], game.policy[full] / game.policy[full].sum(1, keepdims=True), atol=1e-6)
        answered = np.isin(full + 1, full)
        assert np.array_equal(batch["reply_weight"] > 0, answered)
        following = game.policy[np.minimum(full + 1, len(game.policy) - 1)][answered]
        assert np.allclose(batch["reply"][answered], following / following.sum(1, keepdims=True), atol=1e-6)
    write_shard(tmp_path / "a.shard", games)
    assert read_header(tmp_path / "a.shard").positions == buffer.count


def test_symmetries_can_be_left_out() -> None:
    buffers = [ReplayBuffer(SIZE, 5000, symmetries=on) for on in (True, False)]
    game = some_games(1)[0]
    for buffer in buffers:
        buffer.add(game)
    plain = buffers[1].sample(64)["planes"]
    stored = buffers[1].batch_of(np.arange(buffers[1].count), np.zeros(buffers[1].count, np.int64))["planes"]
    assert all((stored == row).all(axis=(1, 2, 3)).any() for row in plain)
    assert not all((stored == row).all(axis=(1, 2, 3)).any() for row in buffers[0].sample(64)["planes"])
    pool = GamePool(SIZE, 4, FakeNet(SIZE), dataclasses.replace(CONFIG, symmetries=False), seed=1)
    pool.advance(500)
    assert not pool._turn.any()


@pytest.mark.parametrize(
    "setting",
    [
        "selfplay.search=alphabeta", "selfplay.forced=2", "selfplay.fast_share=1.0", "selfplay.fast_fraction=0.0",
        "selfplay.noise=-1", "selfplay.opening_mean=inf", "selfplay.explore_moves=inf", "selfplay.c_puct=nan",
        "run.checkpoint_seconds=nan", "selfplay.noise_weight=1.0", "selfplay.drawn_moves=-0.1",
    ],
)  # fmt: skip
def test_a_way_that_makes_no_sense_is_refused(setting: str) -> None:
    with pytest.raises(ConfigError, match=setting.split("=")[0]):
        with_settings(RunConfig(), (setting,))
    assert with_settings(RunConfig(), ("selfplay.search=puct", "selfplay.forced=2")).selfplay.forced == 2.0
