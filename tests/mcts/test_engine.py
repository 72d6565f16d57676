"""The engine with a real (if untrained) network: limits, interrupts, pondering, reuse, analysis, errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gogame.game import Game
from gogame.geometry import PASS
from gogame.player import Clock, Player, PlayerError, TimeSettings
from gogame.rules import rules_named
from mcts.closing import LOOK_VISITS, Closing, place
from mcts.engine import Engine
from mcts.search import SearchConfig
from mcts.steps import collect
from nets.config import NetError
from nets.weights import load_net, save_net

NO_EARLY_STOP = SearchConfig(early_stop=False)


@pytest.fixture
def engine(tiny_net):
    player = Engine(str(tiny_net), visits=60, log=lambda text: None, config=NO_EARLY_STOP)
    player.warm_up(9)
    yield player
    player.stop()


def test_it_is_a_player(engine):
    player: Player = engine
    assert player.name and player.version and 9 in player.sizes and 5 not in player.sizes


def test_moves_are_legal_on_every_size(tiny_net):
    player = Engine(str(tiny_net), visits=8, log=lambda text: None)
    for size in (7, 10, 13):
        game = Game(size)
        for _ in range(6):
            game.play(player.genmove(game))
        assert game.move_number == 6


def test_a_game_comes_to_its_end(tiny_net):
    player = Engine(str(tiny_net), visits=12, log=lambda text: None)
    game = Game(7, rules_named("tromp-taylor").replace(komi=0.5))
    while not game.is_over and game.move_number < 300:
        point = player.genmove(game)
        if point < 0:
            break
        game.play(point)
    assert game.move_number < 300
    status = player.stone_status(game)
    stones = {int(p) for p in np.flatnonzero((game.board.color == BLACK) | (game.board.color == WHITE))}
    assert status.alive | status.seki | status.dead == stones


def test_same_seed_same_move(tiny_net):
    moves = []
    for _ in range(2):
        player = Engine(str(tiny_net), visits=40, seed=5, log=lambda text: None)
        game = Game(9)
        for _ in range(5):
            game.play(player.genmove(game))
        moves.append(game.moves)
    assert moves[0] == moves[1]


def test_visits_limit(engine):
    infos = []
    engine.genmove(Game(9), on_info=infos.append)
    assert infos[-1].visits == 60


def test_400_visits_when_nothing_is_said(engine):
    engine.visits, infos = None, []
    engine.genmove(Game(9), on_info=infos.append)
    assert infos[-1].visits == 400


def least(measure: Callable[[], float], limit: float, tries: int = 20) -> float:
    """The least of some measured times, at most until one is below ``limit``: other programs may hold the cores."""
    taken: list[float] = []
    while len(taken) < tries and min(taken, default=limit) >= limit:
        taken.append(measure())
    return min(taken)


def seconds_of_a_move(engine: Engine, clock: Clock | None = None) -> float:
    began = time.perf_counter()
    engine.genmove(Game(9), clock)
    return time.perf_counter() - began


def test_seconds_limit(engine):
    engine.visits, engine.seconds = None, 0.4
    assert 0.2 < least(lambda: seconds_of_a_move(engine), 0.5) < 0.5


def test_clock_limit(engine):
    engine.visits = None
    clock = Clock(TimeSettings("byoyomi", 0, 0.8, 1), 0.8, 1)
    assert 0.2 < least(lambda: seconds_of_a_move(engine, clock), 0.8) < 0.8


def interrupted_after(engine: Engine, game: Game) -> float:
    """Seconds that a move still takes when it is told to stop."""
    stop = threading.Event()
    stopped: list[float] = []

    def interrupt() -> None:
        time.sleep(0.3)
        stopped.append(time.perf_counter())
        stop.set()

    threading.Thread(target=interrupt).start()
    point = engine.genmove(game, stop=stop)
    assert point == PASS or game.is_legal(point)
    return time.perf_counter() - stopped[0]


def test_a_move_is_interrupted_within_50_ms(engine):
    engine.visits = 10_000_000
    assert least(lambda: interrupted_after(engine, Game(9)), 0.05) < 0.05


def test_a_stop_is_heard_before_the_next_batch(engine, monkeypatch):
    stop, batches = threading.Event(), []
    evaluator = engine._search.evaluator
    evaluate = evaluator.evaluate

    def noting(*words):
        batches.append(words)
        if len(batches) == 5:
            stop.set()
        return evaluate(*words)

    monkeypatch.setattr(evaluator, "evaluate", noting)
    engine.visits = 10_000_000
    engine.genmove(Game(9), stop=stop)
    assert len(batches) == 5


def test_pondering_is_used_and_ends_within_50_ms(engine):
    game = Game(9)
    game.play(engine.genmove(game))
    search = engine._search

    def stopped_after() -> float:
        wanted = search.visits + 200
        engine.ponder(game)
        while search.visits < wanted:
            time.sleep(0.01)
        began = time.perf_counter()
        engine.stop()
        return time.perf_counter() - began

    assert least(stopped_after, 0.05) < 0.05
    pondered = search.visits
    game.play(search.best_move())
    search.set_position(game)
    assert 0 < search.visits < pondered  # the subtree of the opponent's move is kept


def test_pondering_looks_at_its_own_copy(engine):
    game = Game(9)
    engine.ponder(game)
    game.play(from_gtp("E5", 9))
    engine.stop()
    assert engine._search._root.board.hash[0] == Game(9).board.hash[0] != game.board.hash[0]
    assert engine._search._moves == []


def test_stop_from_another_thread_ends_an_analysis(engine):
    infos, never = [], threading.Event()
    thread = threading.Thread(
        target=engine.analyse, args=(Game(9), infos.append, never), kwargs={"interval": 0.05}, daemon=True
    )
    thread.start()
    while len(infos) < 3:
        time.sleep(0.01)
    engine.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert [i.visits for i in infos] == sorted(i.visits for i in infos)
    assert infos[-1].visits > infos[0].visits
    assert abs(infos[-1].ownership).max() <= 1 and len(infos[-1].ownership) == 81


def test_analysis_of_chosen_moves(engine):
    wanted = {from_gtp(v, 9) for v in ("C3", "E5")}
    for restriction in ({"allow": wanted}, {"avoid": {p for p in [*Game(9).legal_points(), PASS]} - wanted}):
        infos = []
        engine.analyse(Game(9), infos.append, threading.Event(), visits=50, **restriction)
        assert {m.point for m in infos[-1].moves} == wanted
    infos = []
    engine.analyse(Game(9), infos.append, threading.Event(), visits=200)
    assert len(infos[-1].moves) > 2  # the restriction is over


def test_a_move_among_chosen_ones(engine):
    game, wanted = Game(9), {from_gtp(v, 9) for v in ("A1", "J9")}
    others = {p for p in [*game.legal_points(), PASS]} - wanted
    assert engine.genmove(game, allow=wanted) in wanted and engine.genmove(game, avoid=others) in wanted
    assert engine.genmove(game) not in wanted, "the restriction is over"
    game.play(from_gtp("E5", 9))
    game.play(PASS)
    assert engine.genmove(game, avoid={PASS}) != PASS
    assert game.is_legal(engine.genmove(game, allow=set())), "what leaves nothing restricts nothing"


def test_an_analysis_looks_wider_where_asked_and_a_move_is_not_chosen_by_it(engine, monkeypatch):
    asked, game = [], Game(9)
    monkeypatch.setattr("mcts.search.collect", lambda *words: asked.append(words[9]) or collect(*words))
    engine.wide_root = 0.5
    infos = []
    engine.analyse(game, infos.append, threading.Event(), visits=200)
    assert set(asked) == {0.5} and infos[-1].visits == 200
    asked.clear()
    engine.visits = 50
    engine.genmove(game, on_info=infos.append)
    assert asked and set(asked) == {0.0} and infos[-1].visits <= 50, "it began anew"


def test_a_full_tree_waits_for_the_stop(tiny_net):
    said = []
    player = Engine(str(tiny_net), log=said.append, config=SearchConfig(max_nodes=4096, early_stop=False))
    player.warm_up(7)
    stop, infos, reported = threading.Event(), [], []

    def report(info):
        infos.append(info)
        if any("memory is full" in line for line in said):
            reported.append(info)
        if len(reported) == 3:
            stop.set()

    began = time.perf_counter()
    player.analyse(Game(7), report, stop, interval=0.2)
    assert len(reported) == 3 and time.perf_counter() - began > 0.4, "it waits between reports that bring nothing new"
    player.visits = 10_000
    player.genmove(Game(7))
    assert [line for line in said if "memory is full" in line] == [
        f"a search ended at {infos[-1].visits} visits: its memory is full"
    ]


def test_stop_from_another_thread_ends_an_analysis_whose_tree_is_full(tiny_net):
    player = Engine(str(tiny_net), log=lambda text: None, config=SearchConfig(max_nodes=512))
    player.warm_up(7)

    def stopped_after() -> float:
        infos = []
        words = {"target": player.analyse, "args": (Game(7), infos.append, threading.Event()), "daemon": True}
        thread = threading.Thread(kwargs={"interval": 30.0}, **words)
        thread.start()
        while not infos:
            time.sleep(0.01)
        time.sleep(0.1)  # it waits
        began = time.perf_counter()
        player.stop()
        thread.join(10)
        assert not thread.is_alive()
        return time.perf_counter() - began

    assert least(stopped_after, 0.05) < 0.05


def test_short_searches_at_the_end_and_chosen_moves_leave_the_evaluations(engine):
    game, evaluated, search = Game(9), [], engine._search
    evaluate = search.evaluator.evaluate
    search.evaluator.evaluate = lambda leaves, count, *a: evaluated.append(count) or evaluate(leaves, count, *a)

    def evaluations(**restriction):
        evaluated.clear()
        engine.analyse(game, lambda info: None, threading.Event(), visits=60, **restriction)
        return sum(evaluated)

    first = evaluations()
    assert first > 50 and evaluations(avoid={PASS}) < 20 and evaluations() < 20
    info = search.root_info()
    closing = Closing(search, game, info, 60, None, threading.Event())
    assert closing._among([info.moves[0].point]) and closing._pass_is_free() in (True, False)
    assert evaluations() < 20


def test_ownership_is_blacks_view(engine):
    game = Game(9)
    for vertex in ("A2", "B2", "C2", "D2", "D1", "B1"):  # bounds hold, whoever moves
        game.play(from_gtp(vertex, 9), BLACK)
        owned = engine.ownership(game)
        assert owned.shape == (81,) and np.abs(owned).max() <= 1
    assert owned[72] == 1.0 == owned[74]  # A1 and C1: two eyes in the corner


def test_the_owners_are_known_after_a_move_of_the_engines(engine):
    """Whose tree is kept, with as many visits as the question needs."""
    game, engine.visits = Game(9), 20_000
    game.play(engine.genmove(game))
    place(engine._search, game)
    assert engine._search.visits >= LOOK_VISITS, "the question needs no search"
    assert np.abs(engine.ownership(game)).min() > 0
    engine.ponder(game)
    end = time.perf_counter() + 30
    while engine._search.visits < 2000 and time.perf_counter() < end:
        time.sleep(0.01)
    engine.stop()
    infos = []
    game.play(engine._search.root_info().moves[0].point)
    engine.visits = 10
    engine.genmove(game, on_info=infos.append)
    assert infos[-1].visits > 10 and np.abs(infos[-1].ownership).min() > 0, "the tree that was kept was enough"


def test_what_cannot_be_done_is_said_in_one_line(tiny_net, tmp_path):
    with pytest.raises(PlayerError, match="7 to 19"):
        Engine(str(tiny_net)).genmove(Game(5))
    with pytest.raises(PlayerError, match="no-such-net"):
        Engine("no-such-net").warm_up(9)
    config, arrays, meta = load_net(tiny_net)
    save_net(tmp_path / "huge.safetensors", {k: np.full_like(v, 1e30) for k, v in arrays.items()}, meta, config)
    with pytest.raises(PlayerError, match="not finite"):
        Engine(str(tmp_path / "huge.safetensors")).warm_up(9)
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(tiny_net.read_bytes()[:-100])
    with pytest.raises(PlayerError) as error:
        Engine(str(broken)).warm_up(9)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("limit", [{"seconds": float("nan")}, {"seconds": -1.0}, {"temperature": float("inf")}])
def test_a_limit_that_is_no_number_is_refused(tiny_net, limit):
    with pytest.raises(PlayerError, match=next(iter(limit))):
        Engine(str(tiny_net), **limit)


def test_strength_names_the_limit_and_the_net(engine, tiny_net):
    assert "60 visits" in engine.strength and "tiny" in engine.strength


def test_the_shorter_of_two_limits_holds() -> None:
    clock = Clock(TimeSettings("absolute", 600), 600.0)
    assert Engine(seconds=0.5)._limits(Game(9), clock) == (None, 0.5)
    assert Engine(seconds=500.0)._limits(Game(9), clock)[1] < 100


def test_an_analysis_to_more_visits_than_the_tree_holds_ends(tiny_net):
    said, infos = [], []
    player = Engine(str(tiny_net), log=said.append, config=SearchConfig(max_nodes=4096, early_stop=False))
    player.analyse(Game(7), infos.append, threading.Event(), visits=10**9)
    assert 1000 < infos[-1].visits < 10_000 and any("memory is full" in line for line in said)


def test_what_the_network_cannot_do_is_said_by_the_player(engine, monkeypatch):
    """Out of memory even for one position, for instance, long after the start."""
    said = []
    monkeypatch.setattr(engine, "_log", said.append)

    def fail(*words):
        raise NetError("GPU: out of memory")

    monkeypatch.setattr(engine._search.evaluator.net, "evaluate", fail)
    for asked in (engine.genmove, engine.ownership, engine.stone_status, engine.raw):
        with pytest.raises(PlayerError, match="GPU: out of memory"):
            asked(Game(9))
    with pytest.raises(PlayerError, match="GPU: out of memory"):
        engine.analyse(Game(9), said.append, threading.Event(), visits=5)
    engine.ponder(Game(9))
    engine._ponder.join(10)
    assert said == ["pondering ended: GPU: out of memory"]
