"""The pool of self-play games: whatever it hands over is a legal game with fitting targets, and can be had again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gogame.board import BLACK, WHITE, new_board, play
from gogame.game import Game
from gogame.geometry import action_of, geometry, point_of, point_of_action
from gogame.pass_alive import new_pass_alive_scratch, pass_alive
from gogame.rules import Rules
from gogame.score import score_game
from nets.evaluator import Evaluation
from nets.planes import KOMI_SCALE, OPPONENT, OWN
from selfplay.games import GamePool, SelfPlayConfig
from selfplay.kernels import MOVES
from selfplay.samples import FinishedGame
from selfplay.shards import read_shard, write_shard
from tests.selfplay.fake_net import FakeNet, SteadyNet

SIZE = 7
AREA = SIZE * SIZE
CONFIG = SelfPlayConfig(simulations=4, opening_mean=4.0, length=1.4)

pytestmark = pytest.mark.usefixtures("needs_jit")


def some_games(count: int = 40, seed: int = 1, threads: int = 1, config: SelfPlayConfig = CONFIG) -> list[FinishedGame]:
    pool = GamePool(SIZE, 16, FakeNet(SIZE, pass_logit=-4.0), config, seed=seed, threads=threads)
    games: list[FinishedGame] = []
    while len(games) < count:
        games += pool.advance(200)
    return games


@pytest.fixture(scope="module")
def games() -> list[FinishedGame]:
    return some_games()


def new_game(finished: FinishedGame) -> Game:
    return Game(SIZE, Rules("self-play", "positional", "area", False, finished.ruleset.komi, "none"))


def replay(finished: FinishedGame) -> Iterator[tuple[int, Game]]:
    """(move number, the position before it), and the final position last. An illegal move raises."""
    game = new_game(finished)
    for t, action in enumerate(finished.actions):
        yield t, game
        assert not game.is_over
        game.play(point_of_action(int(action), SIZE))
    yield len(finished.actions), game


def settled(game: Game) -> np.ndarray:
    """bool [S * S]: the points that are pass-alive for one side."""
    owned = np.zeros(game.board.color.size, bool)
    for color in (BLACK, WHITE):
        alive = np.zeros(owned.size, np.uint8)
        pass_alive(game.board, color, alive, new_pass_alive_scratch(SIZE))
        owned |= alive > 0
    return owned[geometry(SIZE).points]


def owners_at_the_end(game: Game) -> np.ndarray:
    """int8 [S * S]: 1, 0, -1 by area, with what is pass-alive wholly its owner's."""
    owners = score_game(game).owners[geometry(SIZE).points]
    expected = np.select([owners == BLACK, owners == WHITE], [1, -1], 0)
    for color, sign in ((BLACK, 1), (WHITE, -1)):
        alive = np.zeros(game.board.color.size, np.uint8)
        pass_alive(game.board, color, alive, new_pass_alive_scratch(SIZE))
        expected[alive[geometry(SIZE).points] > 0] = sign
    return expected


def test_every_game_is_legal_and_is_scored_with_what_is_pass_alive_settled(games: list[FinishedGame]) -> None:
    captures, dead = 0, 0
    for finished in games:
        *_, (_, game) = replay(finished)
        assert finished.ruleset == game.rule_set()
        assert np.array_equal(finished.ownership, owners_at_the_end(game))
        dead += finished.score != score_game(game).lead
        assert finished.ownership.sum() - finished.ruleset.komi == finished.score
        assert not finished.resigned
        captures += game.captures(BLACK) + game.captures(WHITE)
    assert captures > 100  # the games are no mere placing of stones
    assert dead > 0  # somewhere a stone was left that nothing could save


def test_policy_targets_stand_on_legal_moves_that_are_not_settled(games: list[FinishedGame]) -> None:
    for finished in games:
        for t, game in replay(finished):
            if t == len(finished.actions) or t < finished.opening:
                continue
            legal = {action_of(p, SIZE) for p in game.legal_points()} | {AREA}
            legal -= set(np.flatnonzero(settled(game)).tolist())
            target = finished.policy[t]
            assert set(np.flatnonzero(target).tolist()) <= legal
            assert int(finished.actions[t]) in legal
            assert abs(int(target.sum()) - 255) <= len(legal) / 2  # each is rounded by half a unit at most


def test_the_shapes_and_ranges_are_those_of_a_shard(games: list[FinishedGame], tmp_path: Path) -> None:
    for finished in games:
        moves = len(finished.actions)
        assert finished.policy.shape == (moves, AREA + 1) and finished.policy.dtype == np.uint8
        assert finished.value.shape == (moves,) and np.abs(finished.value).max() <= 1
        assert 0 <= finished.opening <= moves <= int(CONFIG.length * AREA)
    assert len({round(float(v), 4) for finished in games for v in finished.value}) > 100  # searched, not constant
    write_shard(tmp_path / "a.shard", games)
    back = read_shard(tmp_path / "a.shard")
    assert all(np.array_equal(a.policy, b.policy) and a.score == b.score for a, b in zip(games, back, strict=True))


def test_openings_vary_and_have_no_target(games: list[FinishedGame]) -> None:
    assert len({finished.opening for finished in games}) >= 4
    assert len({tuple(finished.actions[:6]) for finished in games}) > len(games) // 2
    for finished in games:
        assert not finished.policy[: finished.opening].any()
        assert (finished.policy[finished.opening :].sum(axis=1) > 0).all()


def test_some_games_begin_with_the_moves_of_an_earlier_one() -> None:
    every = some_games(80, config=dataclasses.replace(CONFIG, opening_mean=0.0, prefix_share=1.0))
    for number, finished in enumerate(every):
        begun = finished.actions[: finished.opening].tolist()
        assert AREA not in begun and not finished.policy[: finished.opening].any()
        assert not begun or any(game.actions[: len(begun)].tolist() == begun for game in every[:number])
        *_, (_, game) = replay(finished)
        assert np.array_equal(finished.ownership, owners_at_the_end(game))
    assert sum(finished.opening > 0 for finished in every) > 40
    never = some_games(80, config=dataclasses.replace(CONFIG, opening_mean=0.0, prefix_share=0.0))
    assert all(finished.opening == 0 for finished in never)


def test_komi_is_spread_in_half_points_around_its_mean(games: list[FinishedGame]) -> None:
    komi = np.array([finished.ruleset.komi for finished in games])
    assert (2 * komi % 1 == 0).all() and len(set(komi)) >= 6
    assert abs(komi.mean() - CONFIG.komi) < 4 * CONFIG.komi_spread / np.sqrt(len(komi))
    assert 0.5 * CONFIG.komi_spread < komi.std() < 1.6 * CONFIG.komi_spread
    still = some_games(20, config=SelfPlayConfig(simulations=4, komi=5.5, komi_spread=0.0))
    assert {finished.ruleset.komi for finished in still} == {5.5}


def test_a_share_of_the_games_has_a_komi_far_out() -> None:
    config = dataclasses.replace(CONFIG, komi_spread=0.0, wide_share=0.3, wide_spread=20.0)
    komi = np.array([finished.ruleset.komi for finished in some_games(200, config=config)])
    wide = komi[komi != config.komi]
    assert 0.15 < len(wide) / len(komi) < 0.45
    assert abs(wide.mean() - config.komi) < 4 * 20 / np.sqrt(len(wide)) and 12 < wide.std() < 30


def test_a_game_ends_when_and_only_when_it_is_over(games: list[FinishedGame]) -> None:
    """By two passes, by its length, or as soon as every point is pass-alive for one side."""
    ends = np.zeros(3, int)
    for finished in games:
        for t, game in replay(finished):
            over = [game.passes >= 2, t >= int(CONFIG.length * AREA), bool(settled(game).all())]
            assert any(over) == (t == len(finished.actions)), (t, len(finished.actions))
        ends += over
    assert ends.all()


def test_a_new_game_has_no_past() -> None:
    config = dataclasses.replace(CONFIG, opening_mean=0.0, prefix_share=0.0)
    pool = GamePool(SIZE, 8, FakeNet(SIZE), config, seed=1)
    ended = 0
    while ended < 8:
        games = len(pool.advance(1))
        ended += games
        fresh = pool._games.count[:, MOVES] == 0
        assert fresh.sum() >= games and (pool._games.root.recent[fresh] == -1).all()


class SumOfMoves(SteadyNet):
    """Black leads by 20 and what the stones are worth; the first three points are the likely moves."""

    WORTH = (1, -1, 1)
    LOGITS = (4, 4, 3)

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        answer = super().evaluate(planes, globals)
        own, opponent = planes[:, OWN].reshape(len(planes), -1), planes[:, OPPONENT].reshape(len(planes), -1)
        to_move = np.where(own.sum(1) == opponent.sum(1), 1, -1)  # there are no captures
        answer.policy[:, :3] = self.LOGITS
        answer.score[:, 0] = to_move * 20 + (own.astype(int) - opponent)[:, :3] @ self.WORTH
        return answer


def test_leads_count_from_where_the_root_stands() -> None:
    """The targets of the first two moves, one of each colour, by the formulas: utilities around three quarters of the
    root's lead, and sigma (Danihelka et al. 2022, equation 8)."""
    config = SelfPlayConfig(
        simulations=2, considered=2, explore_moves=0.0, opening_mean=0.0, prefix_share=0.0, score_weight=0.5,
        symmetries=False,
    )  # fmt: skip
    pool = GamePool(SIZE, 1, SumOfMoves(SIZE, 0.0), config)
    while pool._games.count[0, MOVES] < 2:
        pool.advance(1)

    def utility(lead: float, root: float) -> float:
        above = lead - 0.75 * root
        return 0.5 * above / (SIZE + abs(above))

    assert pool._games.actions[0, 0] == 0
    for move, (a, b), root, leads, gap in ((0, (0, 1), 20, (21, 19), 0), (1, (1, 2), -21, (-22, -20), 1)):
        target = pool._games.policy[0, move].astype(float)
        steps = [utility(lead, root) for lead in leads]
        expected = gap + (config.c_visit + 1) * config.c_scale * 0.5 * (steps[0] - steps[1])
        assert np.log(target[a] / target[b]) == pytest.approx(expected, abs=0.1)


def test_a_decided_game_ends_at_once() -> None:
    """Every point is pass-alive for Black from the start: there is nothing to play for."""
    pool = GamePool(SIZE, 4, SteadyNet(SIZE, -30.0), SelfPlayConfig(simulations=2, opening_mean=0.0), seed=1)
    board = new_board(SIZE)
    eyes = {(0, 0), (0, 2)}
    for row in range(SIZE):
        for col in range(SIZE):
            if (row, col) not in eyes:
                play(board, point_of(row, col, SIZE), BLACK)
    pool._empty = board
    for g in range(pool.games):
        pool._start(pool._groups[0], g)
    finished = pool.advance(200)
    assert len(finished) > 40 and all(len(game.actions) == 0 and (game.ownership == 1).all() for game in finished)


def same(a: FinishedGame, b: FinishedGame) -> bool:
    arrays = ("actions", "policy", "value", "ownership")
    return (a.ruleset, a.opening, a.score) == (b.ruleset, b.opening, b.score) and all(
        np.array_equal(getattr(a, name), getattr(b, name)) for name in arrays
    )


@pytest.mark.parametrize("threads", [1, 3])
def test_the_same_seed_plays_the_same_games_with_any_threads(games: list[FinishedGame], threads: int) -> None:
    again = some_games(threads=threads)
    assert len(again) == len(games) and all(map(same, games, again))


def test_another_seed_plays_other_games(games: list[FinishedGame]) -> None:
    assert not any(map(same, games, some_games(seed=2)))


class KomiNet(FakeNet):
    """Sees a lead of Black's that grows with the stones, less the komi; as long as nothing is captured."""

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        policy, value, score, ownership = super().evaluate(planes, globals)
        stones = planes.reshape(len(planes), len(planes[0]), -1)[:, 1:3].sum((1, 2)).astype(np.float32)
        black = np.where(stones % 2 == 0, 1, -1)  # to move
        score[:, 0] = black * (3 + 1.25 * stones) + KOMI_SCALE * globals[:, 0]
        return Evaluation(policy, value, score, ownership)


@pytest.mark.parametrize(("opening", "drawn"), [(0, 0.0), (2, 0.0), (5, 0.0), (2, 3.5), (3, -2.0)])
def test_the_komi_is_set_when_the_opening_is_over(opening: int, drawn: float, monkeypatch: pytest.MonkeyPatch) -> None:
    config = dataclasses.replace(CONFIG, even_share=1.0, prefix_share=0.0, opening_mean=opening)
    pool = GamePool(SIZE, 8, KomiNet(SIZE, pass_logit=-90.0), config, seed=1)
    for group in pool._groups:
        monkeypatch.setattr(group, "rng", Exactly(opening, drawn))
    for g in range(pool.games):
        pool._start(pool._groups[0], g)
    found: list[FinishedGame] = []
    while len(found) < 12:
        found += pool.advance(500)
    for finished in found:
        assert finished.opening == opening
        assert finished.ruleset.komi == np.round(2 * (3 + 1.25 * opening + drawn)) / 2
        *_, (_, game) = replay(finished)  # in whose search, too, the rules had this komi
        assert finished.score == owners_at_the_end(game).sum() - finished.ruleset.komi


def test_what_is_searched_after_the_opening_has_the_new_komi() -> None:
    """The root, which was evaluated with the old one, too."""
    net, asked = KomiNet(SIZE, pass_logit=-90.0), []
    evaluate = net.evaluate

    def heard(planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        asked.append(-KOMI_SCALE * float(globals[0, 0]))  # White's points; Black is to move on an empty board
        return evaluate(planes, globals)

    net.evaluate = heard  # type: ignore[method-assign]
    config = dataclasses.replace(CONFIG, even_share=1.0, prefix_share=0.0, opening_mean=0.0, komi_spread=0.0)
    pool = GamePool(SIZE, 1, net, config, seed=1)
    pool.advance(3)
    assert asked[:2] == pytest.approx([config.komi, 3.0]) and asked[2] == pytest.approx(-3.0), "White is to move then"


class Exactly:
    """Draws for a game: an opening of so many moves, and so much more than the usual komi."""

    def __init__(self, opening: int, drawn: float) -> None:
        self._rng, self._opening, self._drawn = np.random.default_rng(1), opening, drawn

    def __getattr__(self, name: str) -> object:
        return getattr(self._rng, name)

    def exponential(self, mean: float) -> float:
        return float(self._opening)

    def normal(self, mean: float, spread: float) -> float:
        return mean + self._drawn


def test_a_share_of_the_games_gets_an_even_komi() -> None:
    """The komi of the others is drawn as before; a lead beyond the board is given away as far as the board goes."""

    class Far(KomiNet):
        def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
            answer = super().evaluate(planes, globals)
            answer.score[:, 0] = 1000.0
            return answer

    config = dataclasses.replace(CONFIG, even_share=0.5, opening_mean=0.0)
    pool = GamePool(SIZE, 64, Far(SIZE, pass_logit=-4.0), config, seed=1)
    komi = np.array([finished.ruleset.komi for _ in range(20) for finished in pool.advance(3000)])
    share = np.mean(np.abs(komi) == AREA)
    assert len(komi) > 200 and 0.4 < share < 0.6 and np.abs(komi[np.abs(komi) != AREA] - 7).max() < 9
