"""The network's bare answers, beside those of the search's root."""

from __future__ import annotations

import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gogame.game import Game
from gogame.geometry import action_of, geometry, point_of_action
from gogame.rules import rules_named
from mcts.engine import Engine
from mcts.leaves import NetEvaluator
from nets.evaluator_torch import TorchEvaluator
from nets.weights import load_net

KO = ["d5", "e5", "e4", "f4", "e6", "f6", "g1", "g5", "f5"]  # Black takes E5; White may not take back at once


@pytest.fixture(scope="module")
def engine(tiny_net):
    player = Engine(str(tiny_net), log=lambda text: None, device="cpu", threads=1)
    player.warm_up(9)
    yield player
    player.stop()


def ko_game() -> Game:
    game = Game(9, rules_named("chinese").replace(komi=5.5))
    for vertex in KO:
        game.play(from_gtp(vertex, 9))
    return game


def turned(game: Game, k: int) -> Game:
    """The same game with every move turned by a symmetry."""
    other, table = Game(game.size, game.rules), geometry(game.size).symmetry[k]
    for _, point in game.moves:
        other.play(point_of_action(int(table[action_of(point, game.size)]), game.size))
    return other


def test_it_is_what_the_search_begins_with(engine, tiny_net):
    game = ko_game()
    engine._at(game)
    net = engine._search.evaluator
    config, arrays, _ = load_net(tiny_net)
    # In float32: the two evaluate batches of different sizes, which in bfloat16 differ in the third digit.
    exact = TorchEvaluator(config, arrays, 9, 8, 1, "f32")
    engine._search.evaluator = NetEvaluator(exact, game.rule_set(), "none")
    engine._search.clear()
    engine._at(game)
    engine._search.run(visits=1)
    info, answer = engine._search.root_info(), engine.raw(game)
    engine._search.evaluator = net
    assert answer.to_move == info.to_move == WHITE
    assert 0.5 + 0.5 * (answer.win - answer.loss) == pytest.approx(info.winrate, abs=1e-5)
    assert answer.win + answer.loss + answer.no_result == pytest.approx(1)
    assert answer.score_lead == pytest.approx(info.score_lead, abs=1e-4) and answer.score_spread > 0
    np.testing.assert_allclose(np.nan_to_num(answer.policy), engine._search.root_policy(), atol=1e-5)
    np.testing.assert_allclose(answer.ownership, info.ownership, atol=1e-5)


def test_illegal_moves_have_no_probability(engine):
    game = ko_game()
    answer = engine.raw(game)
    legal = {action_of(point, 9) for point in game.legal_points()} | {81}
    assert set(np.flatnonzero(~np.isnan(answer.policy)).tolist()) == legal
    assert np.isnan(answer.policy[action_of(from_gtp("e5", 9), 9)]) and game.why_illegal(from_gtp("e5", 9)) == "ko"
    assert np.nansum(answer.policy) == pytest.approx(1)


@pytest.mark.parametrize("k", range(8))
def test_a_symmetry_is_that_of_the_turned_game(engine, k):
    game, table = ko_game(), geometry(9).symmetry[k]
    one, other = engine.raw(game, k), engine.raw(turned(game, k))
    assert one.score_lead == pytest.approx(other.score_lead, abs=1e-4)
    np.testing.assert_allclose(one.policy[:-1], other.policy[table[:-1]], atol=1e-5)
    np.testing.assert_allclose(one.ownership, other.ownership[table[:-1]], atol=1e-5)


def test_the_search_and_pondering_go_on_where_they_were(engine):
    game = ko_game()
    engine._at(game)
    engine._search.run(visits=50)
    visits = engine._search.visits
    engine.raw(game)
    other = game.copy()
    other.resume(BLACK)  # a question about the other side, too
    assert engine.raw(other).to_move == BLACK and engine._search.visits == visits
    engine._at(game)
    assert engine._search.visits == visits
    engine.ponder(game)
    assert engine.raw(game, 5).to_move == WHITE
    game.play(game.legal_points()[0])
    assert engine.raw(game).to_move == BLACK
