"""The analysis engine with a real (if untrained) network: in the process, and as a client sees it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from gogame.analysis_server import Analyst
from gogame.board import WHITE
from gogame.coords import from_gtp
from gogame.fields import QueryError
from gogame.game import Game
from gogame.geometry import PASS
from gogame.rules import rules_named
from mcts.analyst import EngineAnalyst
from mcts.engine import Engine
from mcts.steps import collect


@pytest.fixture
def analyst(tiny_net: Path) -> Iterator[EngineAnalyst]:
    engine = Engine(str(tiny_net), log=lambda text: None)
    yield EngineAnalyst(engine)
    engine.stop()


def search(
    analyst: EngineAnalyst, game: Game, visits: int, avoid: Any = (), allow: Any = None, wide: float = 0.0
) -> Any:
    look = analyst.open(game, avoid, allow, wide)
    while not look.run(visits, 0.01, threading.Event()):
        pass
    return look


def test_it_is_an_analyst(analyst: EngineAnalyst) -> None:
    found: Analyst = analyst
    assert 9 in found.sizes and found.version


def test_the_network_is_named_before_and_after_it_is_loaded(analyst: EngineAnalyst, tiny_net: Path) -> None:
    (before,) = analyst.models()
    look = search(analyst, Game(9), 1)
    assert analyst.models() == [before] and before["internalName"] == before["name"] and before["maxBatchSize"] == 8
    own = analyst._engine._search
    assert own is not None and look.search is not own and look.search._cache is own._cache


def test_a_position_is_searched_as_long_as_asked(analyst: EngineAnalyst) -> None:
    look = search(analyst, Game(9), 50)
    info = look.info(3)
    assert info.visits == 50 and sum(move.visits for move in info.moves) == 49
    assert all(1 <= len(move.pv) <= 3 for move in info.moves)
    assert look.policy().sum() == pytest.approx(1, abs=1e-3)
    assert analyst.open(Game(9), (), None).info(3) is None


def test_a_wide_root(analyst: EngineAnalyst, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr("mcts.search.collect", lambda *words: asked.append(words[9]) or collect(*words))
    look = search(analyst, Game(9), 50)
    assert set(asked) == {0.0} and all(move.pv_visits[0] == move.visits for move in look.info(3).moves)
    asked.clear()
    search(analyst, Game(9), 50, wide=0.5)
    assert set(asked) == {0.5}


def test_searches_that_take_turns_do_not_disturb_each_other(analyst: EngineAnalyst) -> None:
    """Of other rules, komi and sizes, in slices: each ends as it does alone, but for the symmetry of the moment."""
    games = [Game(9), Game(9, rules_named("japanese")), Game(9, rules_named("chinese").replace(komi=40.5)), Game(7)]
    looks = [analyst.open(game, (), None) for game in games]
    left = list(looks)
    while left:
        left = [look for look in left if not look.run(200, 0.002, threading.Event())]
    infos = [look.info(1) for look in looks]
    assert [info.visits for info in infos] == [200] * 4
    for look, game in zip(looks, games, strict=True):
        assert look.search.size == game.size and look.search._rules == game.rule_set()
        analyst.close(look)


@pytest.mark.usefixtures("needs_jit")
def test_what_one_query_evaluated_serves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next positions of a game, the same one with more visits or without a move, one that others came between."""
    engine = Engine(log=lambda text: None, threads=1)
    analyst, game, evaluated = EngineAnalyst(engine), Game(9), []
    engine.warm_up(9)
    evaluator = cast(Any, engine._search).evaluator
    evaluate = evaluator.evaluate
    monkeypatch.setattr(evaluator, "evaluate", lambda *words: evaluated.append(words[1]) or evaluate(*words))

    def evaluations(game: Game, visits: int, **restriction: Any) -> tuple[int, int]:
        evaluated.clear()
        look = search(analyst, game, visits, **restriction)
        assert look.info(1).visits == visits
        analyst.close(look)
        return sum(evaluated), look.info(1).moves[0].point

    first, point = evaluations(game, 100)
    assert first > 80 > evaluations(game, 150)[0] and evaluations(game, 100)[0] < 20
    assert evaluations(game, 100, avoid={PASS})[0] < 20
    japanese = Game(9, rules_named("japanese").replace(komi=game.rules.komi))
    assert evaluations(japanese, 100)[0] > 80 and evaluations(game, 100)[0] < 20, "other rules leave it as it is"
    found = 0
    for _ in range(10):
        game.play(point)
        count, point = evaluations(game, 100)
        found += count
    assert found < 500
    analyst.clear()
    assert evaluations(Game(9), 100)[0] > 80


def test_a_closed_search_leaves_its_memory(analyst: EngineAnalyst) -> None:
    look = search(analyst, Game(9), 20)
    tree = weakref.ref(look.search)
    analyst.close(look)
    del look
    assert tree() is None


def test_first_moves_can_be_kept_out(analyst: EngineAnalyst) -> None:
    game = Game(9)
    best = search(analyst, game, 60).info(1).moves[0].point
    look = search(analyst, game, 60, avoid={best})
    assert best not in [move.point for move in look.info(1).moves] and look.policy().sum() == pytest.approx(1, abs=1e-3)
    two = {from_gtp("C3", 9), PASS}
    assert {move.point for move in search(analyst, game, 60, allow=two).info(1).moves} == two
    game.play(from_gtp("C3", 9))
    for avoid, allow, field in (
        ((), {from_gtp("C3", 9)}, "allowMoves"),
        ({*game.legal_points(), PASS}, None, "avoidMoves"),
    ):
        with pytest.raises(QueryError, match="no legal move") as refused:
            analyst.open(game, avoid, allow)
        assert refused.value.field == field


def test_what_the_network_says_is_told_once_and_leaves_the_search_alone(analyst: EngineAnalyst) -> None:
    game = Game(9)
    game.play(from_gtp("D4", 9))
    look, alone = search(analyst, game, 30), search(analyst, game, 60)
    raw = look.raw()
    assert raw.to_move == WHITE and raw.score_spread > 0 and look.raw() is raw
    while not look.run(60, 0.01, threading.Event()):
        pass
    assert look.info(1).visits == alone.info(1).visits == 60


def test_bounds_lie_below_what_they_bound(analyst: EngineAnalyst) -> None:
    """Far ahead, too, where the score is worth more than the winrate can be."""
    for komi in (0.5, -60.5):
        info = search(analyst, Game(9, rules_named("chinese").replace(komi=komi)), 200).info(1)
        for move in info.moves:
            assert move.lcb <= move.winrate <= 1 and move.utility_bound <= move.utility
        assert 0 < info.lcb < info.winrate if komi == 0.5 else info.lcb < info.winrate
        below = sum(move.visits * move.utility for move in info.moves) / (info.visits - 1)
        assert info.utility == pytest.approx(below, abs=0.1)


def test_ownership_after_a_move_is_from_the_side_to_move_now(analyst: EngineAnalyst) -> None:
    game = Game(9)
    game.play(from_gtp("D4", 9))
    point = from_gtp("E5", 9)
    after = game.copy()
    after.play(point)
    expected = -analyst._engine.raw(after).ownership
    size = np.abs(expected).max()
    others = game.legal_points()[:20]
    for number in range(21):
        found = analyst.ownerships_after(game, [*others[:number], point])
        assert len(found) == number + 1
        np.testing.assert_allclose(found[number], expected, atol=size / 4)  # in bfloat16 the batch's size counts
    game.play(PASS)
    # The second pass ends the game: it is looked at as if it went on.
    assert len(analyst.ownerships_after(game, [PASS])) == 1


def test_a_client_over_pipes(tiny_net: Path) -> None:
    """Answers come while the input is open; a query that would take for ever is ended by its client."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gogame", "analysis", "--net", str(tiny_net), "--threads", "1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin and process.stdout

    def send(**fields: Any) -> None:
        process.stdin.write(json.dumps({"boardXSize": 9, "boardYSize": 9, "moves": []} | fields).encode() + b"\n")
        process.stdin.flush()

    def answer(name: str) -> dict[str, Any]:
        while True:
            found = json.loads(process.stdout.readline())
            if found["id"] == name and not found.get("isDuringSearch"):
                return found

    try:
        send(id="ponder", maxVisits=10_000_000, reportDuringSearchEvery=0.05, includeOwnership=True)
        for _ in range(3):
            found = json.loads(process.stdout.readline())
            assert found["isDuringSearch"] and len(found["ownership"]) == 81
        moves = [["B", "D4"], ["W", "E5"]]
        send(id="next", moves=moves, maxVisits=20, priority=1, includeMovesOwnership=True, analyzeTurns=[2, 0])
        assert answer("next")["turnNumber"] == 2
        found = answer("next")
        assert found["turnNumber"] == 0 and len(found["moveInfos"][0]["ownership"]) == 81
        send(id="stop", action="terminate", terminateId="ponder")
        assert answer("ponder")["rootInfo"]["visits"] > 20 and answer("stop")["action"] == "terminate"
        send(id="seven", boardXSize=7, boardYSize=7, maxVisits=5)
        process.stdin.close()
        assert answer("seven")["rootInfo"]["visits"] == 5, "what was asked before the end is answered"
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_starts_as_katago_does(tiny_net: Path) -> None:
    """With the options that KaTrain and others add, and the line that some wait for."""
    katago = "-model b18.bin.gz -config a.cfg -override-config homeDataDir=x -override-config y=1 -human-model h.gz"
    command = [sys.executable, "-m", "gogame", "analysis", *katago.split(), "--net", str(tiny_net)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, input='{"id":"a"}\n')
    assert done.returncode == 0 and json.loads(done.stdout)["id"] == "a"
    told = done.stderr.splitlines()
    for name in ("-model", "-config", "-override-config", "-human-model"):
        assert told.count(f"gogame: {name} is KataGo's and has no effect here") == 1
    assert "gogame: Started, ready to begin handling requests" in told


@pytest.mark.parametrize("spelling", ["-quit-without-waiting", "--quit-without-waiting"])
def test_it_can_end_without_waiting_however_that_is_spelt(tiny_net: Path, spelling: str) -> None:
    command = [sys.executable, "-m", "gogame", "analysis", spelling, "--net", str(tiny_net)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, input="")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [("--net", "nope"), ("--rules", "bogus"), ("--net", __file__)])
def test_what_cannot_start_says_why_at_once(words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "gogame", "analysis", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, input='{"id":"a"}\n')
    assert done.returncode != 0 and not done.stdout
    assert len(done.stderr.strip().splitlines()) == 1 and words[1] in done.stderr
