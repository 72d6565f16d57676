"""The replay window against a slow, obvious way of making the same samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gogame.game import Game
from gogame.geometry import action_of, geometry, point_of_action
from gogame.rules import Rules, RuleSet
from nets.config import PLANES
from nets.planes import fill_planes, new_plane_scratch
from selfplay.buffer import ReplayBuffer, window_size
from selfplay.expand import value_targets
from selfplay.samples import FinishedGame

SIZE = 7
AREA = SIZE * SIZE


def rules(komi: float = 7.0) -> Rules:
    return Rules("test", "positional", "area", False, komi, "none")


def random_game(seed: int, moves: int = 90, opening: int = 0) -> tuple[FinishedGame, Game]:
    """A random legal game, long enough for captures and kos."""
    rng = np.random.default_rng(seed)
    game = Game(SIZE, rules(6.5 + seed % 2))
    actions = []
    for _ in range(moves):
        legal = game.legal_points()
        point = int(rng.choice(legal)) if legal and rng.random() > 0.02 else 0
        actions.append(action_of(point, SIZE))
        game.play(point)
    policy = rng.integers(0, 6, (moves, AREA + 1)).astype(np.uint8)
    policy[opening + 3] = 0
    finished = FinishedGame(
        SIZE, game.rule_set(), np.array(actions, np.int16), policy, rng.uniform(-1, 1, moves).astype(np.float32),
        opening, float(rng.choice([-3.5, 2.5])), rng.integers(-1, 2, AREA).astype(np.int8), False,
    )  # fmt: skip
    return finished, game


def inputs(finished: FinishedGame, t: int) -> tuple[np.ndarray, np.ndarray]:
    """Planes and globals before move t, by way of Game."""
    game = Game(SIZE, rules(finished.ruleset.komi))
    for action in finished.actions[:t]:
        game.play(point_of_action(int(action), SIZE))
    recent = np.full(5, -1, np.int16)
    past = [point for _, point in reversed(game.moves[-5:])]
    recent[: len(past)] = past
    forbidden = np.zeros(game.board.color.size, np.uint8)
    for point in map(int, geometry(SIZE).points):
        if game.why_illegal(point) in ("ko", "superko"):
            forbidden[point] = 1
    planes, globals_ = np.zeros((PLANES, SIZE, SIZE), np.uint8), np.zeros(8, np.float32)
    scratch, rule_set = new_plane_scratch(SIZE), game.rule_set()
    fill_planes(game.board, game.to_move, recent, rule_set, forbidden, scratch, scratch.upright, planes, globals_)
    return planes, globals_


def turned(board: np.ndarray, k: int) -> np.ndarray:
    """[..., S, S] under symmetry k, without the tables: flips and a transposition."""
    if k >= 4:
        board = np.swapaxes(board, -1, -2)
    if k & 1:
        board = board[..., ::-1, :]
    return board[..., ::-1] if k & 2 else board


@pytest.mark.parametrize("seed", range(3))
def test_samples_are_those_of_the_game(seed: int) -> None:
    opening = 4 * seed
    finished, _ = random_game(seed, opening=opening)
    buffer = ReplayBuffer(SIZE, 500, value_mix=0.0, seed=1)
    moves = [t for t in range(opening, len(finished.actions)) if finished.policy[t].any()]
    count = len(moves)
    assert buffer.add(finished) == count == len(buffer) == len(finished.actions) - opening - 1
    turn = np.arange(count) % 8
    batch = buffer.batch_of(np.arange(count), turn)
    for row, t in enumerate(moves):
        k = int(turn[row])
        color = BLACK if t % 2 == 0 else WHITE
        sign = 1 if color == BLACK else -1
        planes, globals_ = inputs(finished, t)
        assert np.array_equal(batch["planes"][row], turned(planes, k)), (t, k)
        assert np.array_equal(batch["globals"][row], globals_)
        target = finished.policy[t].astype(float)
        assert batch["policy_weight"][row] == 1
        target /= target.sum()
        shown = turned(target[:-1].reshape(SIZE, SIZE), k)
        assert np.allclose(batch["policy"][row, :-1].reshape(SIZE, SIZE), shown, atol=1e-6)
        assert batch["policy"][row, -1] == pytest.approx(target[-1])
        assert batch["value"][row].tolist() == ([1, 0, 0] if sign * finished.score > 0 else [0, 1, 0])
        assert batch["score"][row] == pytest.approx(sign * finished.score)
        own = turned(sign * finished.ownership.reshape(SIZE, SIZE), k)
        assert np.array_equal(batch["ownership"][row], own)
        last = t + 1 == len(finished.actions)
        known = not last and finished.policy[t + 1].sum() > 0
        assert batch["reply_weight"][row] == known
        if known:
            reply = finished.policy[t + 1] / finished.policy[t + 1].sum()
            assert np.allclose(batch["reply"][row, :-1].reshape(SIZE, SIZE), turned(reply[:-1].reshape(SIZE, SIZE), k))
    assert batch["score_weight"].min() == batch["ownership_weight"].min() == 1.0


def test_superko_is_seen() -> None:
    """A ko: the point that may not be retaken is marked, and is free again after moves elsewhere."""
    game = Game(SIZE, rules())
    line = "D5 D4 C4 C3 E4 E3 A1 D2 D3".split()  # D3 takes D4; White may not retake at once
    for vertex in line:
        game.play(from_gtp(vertex, SIZE))
    assert game.why_illegal(from_gtp("D4", SIZE)) == "ko"
    actions = [action_of(from_gtp(v, SIZE), SIZE) for v in (*line, "A7", "G7")]
    policy = np.full((len(actions), AREA + 1), 5, np.uint8)
    finished = FinishedGame(
        SIZE, game.rule_set(), np.array(actions, np.int16), policy, np.zeros(len(actions), np.float32), 0, 1.0,
        np.zeros(AREA, np.int8), False,
    )  # fmt: skip
    buffer = ReplayBuffer(SIZE, 500)
    buffer.add(finished)
    batch = buffer.batch_of(np.arange(len(actions)), np.zeros(len(actions), np.int64))
    ko = batch["planes"][:, 6].reshape(-1, AREA)
    at = action_of(from_gtp("D4", SIZE), SIZE)
    assert ko[len(line)].nonzero()[0].tolist() == [at]
    assert ko.sum() == 1


def test_value_targets_mix_result_and_search() -> None:
    value = np.array([0.2, -0.4, 0.6], np.float32)  # Black, White, Black to move
    # From Black's view the searched values are 0.2, 0.4, 0.6 and the result is 1.
    returns = [0.5 * 0.4 + 0.5 * (0.5 * 0.6 + 0.5), 0.5 * 0.6 + 0.5 * 1.0, 1.0]
    expected = [0.5 + 0.5 * returns[0], -(0.5 + 0.5 * returns[1]), 0.5 + 0.5 * returns[2]]
    assert np.allclose(value_targets(value, 1.0, 0.5, 0.5), expected)
    assert np.allclose(value_targets(value, -1.0, 0.0, 0.5), [-1, 1, -1])
    assert np.allclose(value_targets(value, 0.0, 0.0, 0.5), 0)


def test_the_ring_forgets_the_oldest_and_links_replies_within_a_game() -> None:
    games = [random_game(seed, moves=30)[0] for seed in range(5)]
    buffer = ReplayBuffer(SIZE, 100, seed=3)
    for game in games:
        buffer.add(game)
    assert len(buffer) == 100 and buffer.count == 5 * 29  # one move of each game has no target
    # Slots of the last game: positions 116..144 of the ring of 100.
    slots = np.arange(4 * 29, 5 * 29) % 100
    batch = buffer.batch_of(slots, np.zeros(29, np.int64))
    moves = np.flatnonzero(games[4].policy.any(axis=1))
    for row, t in enumerate(moves):
        assert np.array_equal(batch["planes"][row], inputs(games[4], int(t))[0])
    assert batch["reply_weight"][28] == 0


def test_only_the_window_is_drawn() -> None:
    buffer = ReplayBuffer(SIZE, 1000, seed=3)
    for seed in range(10):
        game, _ = random_game(seed, moves=20)
        game.score = float(seed + 1)
        buffer.add(game)
    buffer.window = 2 * 19  # of 20 moves one has no target
    seen = {abs(float(s)) for _ in range(20) for s in buffer.sample(64)["score"]}
    assert seen == {9.0, 10.0}


def test_random_state_resumes() -> None:
    game, _ = random_game(0)
    a, b = ReplayBuffer(SIZE, 500, seed=1), ReplayBuffer(SIZE, 500, seed=2)
    a.add(game), b.add(game)
    a.sample(32)
    b.load_state(a.state())
    x, y = a.sample(32), b.sample(32)
    assert all(np.array_equal(x[key], y[key]) for key in x)


def test_a_draw_is_half_a_win() -> None:
    game, _ = random_game(0)
    game.score = 0.0
    buffer = ReplayBuffer(SIZE, 500, value_mix=0.0)
    buffer.add(game)
    assert np.allclose(buffer.batch_of(np.arange(5), np.zeros(5, np.int64))["value"], [0.5, 0.5, 0.0])


def test_a_spread_is_even_and_draws_nothing() -> None:
    game, _ = random_game(0)
    buffer = ReplayBuffer(SIZE, 500)
    assert len(buffer.spread(9)["planes"]) == 0
    count = buffer.add(game)
    state = buffer.state()
    whole = buffer.spread(10_000)
    assert len(whole["planes"]) == count and buffer.state() == state
    newest_first = np.arange(count - 1, -1, -1)
    assert np.array_equal(whole["planes"], buffer.batch_of(newest_first, np.zeros(count, np.int64))["planes"])
    some = buffer.spread(5)["planes"]
    assert len(some) == 5
    assert np.array_equal(some[0], whole["planes"][0]) and np.array_equal(some[-1], whole["planes"][-1])
    assert np.array_equal(buffer.spread(9, newest=3)["planes"], whole["planes"][:3])


def test_resigned_games_teach_no_score() -> None:
    game, _ = random_game(0)
    game.resigned = True
    buffer = ReplayBuffer(SIZE, 500)
    buffer.add(game)
    batch = buffer.sample(16)
    assert batch["score_weight"].max() == 0 and batch["ownership_weight"].max() == 0


def test_an_illegal_game_is_counted_not_learned() -> None:
    game, _ = random_game(0)
    occupied = int(game.actions[np.flatnonzero(game.actions < AREA)[0]])
    game.actions[1:3] = occupied
    buffer = ReplayBuffer(SIZE, 500)
    assert buffer.add(game) == 0 and buffer.rejected == 1 and len(buffer) == 0
    with pytest.raises(ValueError, match="empty"):
        buffer.sample(4)


def test_games_that_do_not_fit_are_errors() -> None:
    game, _ = random_game(0)
    with pytest.raises(ValueError, match="size"):
        ReplayBuffer(9, 500).add(game)
    with pytest.raises(ValueError, match="window"):
        ReplayBuffer(SIZE, 20).add(game)


def test_a_long_game_is_replayed_whole() -> None:
    """More moves than a board has points, with passes between."""
    actions = np.full(6 * AREA, AREA, np.int16)
    actions[::2] = [a % AREA if a < 30 else AREA for a in range(len(actions[::2]))]
    game = FinishedGame(
        SIZE, RuleSet(1, 0, 0, 7.0), actions, np.full((len(actions), AREA + 1), 5, np.uint8),
        np.zeros(len(actions), np.float32), 0, 1.0, np.zeros(AREA, np.int8), False,
    )  # fmt: skip
    assert ReplayBuffer(SIZE, 500).add(game) == len(actions)


def test_window_grows_sublinearly() -> None:
    """KataGo's own figures: c = 250 k, and about 22 M positions of a window after 241 M (its appendix C)."""
    assert window_size(1000, 250_000, 0.4, 0.75) == 1000
    assert window_size(250_000, 250_000, 0.4, 0.75) == 250_000
    assert 21e6 < window_size(241_000_000, 250_000, 0.4, 0.75) < 24e6
    sizes = [window_size(n, 20_000, 0.4, 0.75) for n in range(20_000, 400_000, 1000)]
    steps = np.diff(sizes)
    assert (steps > 0).all() and (np.diff(steps) <= 1).all() and steps[0] <= math.ceil(0.4 * 1000)
