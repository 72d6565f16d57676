"""The queue of the analysis server: which position is searched first, for how long, and what becomes of failures."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gogame.analysis_server import MOST_OPEN, PATIENCE, QUANTUM, SOON, Server, run
from gogame.game import Game
from tests.gogame.analysis_scripted import BASE, ScriptedAnalyst, ScriptedLook, talk


def test_turns_are_searched_by_priority_then_in_order() -> None:
    analyst = ScriptedAnalyst()
    moves = [["B", "D4"], ["W", "E5"], ["B", "F6"]]
    found = talk(
        {"id": "slow", "moves": moves, "analyzeTurns": [0, 1], "maxVisits": 5},
        {"id": "soon", "moves": moves, "analyzeTurns": [3, 2], "priorities": [1, 2], "maxVisits": 5},
        analyst=analyst,
    )
    assert [(f["id"], f["turnNumber"]) for f in found] == [("soon", 2), ("soon", 3), ("slow", 0), ("slow", 1)]
    assert not any(look.open for look in analyst.looks)


class Clock:
    """Time that passes only in searches."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, analyst: ScriptedAnalyst) -> None:
        self.now = 0.0
        monkeypatch.setattr("gogame.analysis_server.time.perf_counter", lambda: self.now)
        analyst.wait = self.advance

    def advance(self, seconds: float) -> None:
        self.now += seconds


def test_an_endless_query_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    analyst, sent = ScriptedAnalyst(), []
    clock = Clock(monkeypatch, analyst)
    server = Server(analyst, lambda text: sent.append(json.loads(text)), rules="chinese", log=print)
    endless = {"id": "ponder", "maxVisits": 10_000_000, "reportDuringSearchEvery": 0.5}
    server.hear(json.dumps(BASE | endless))
    while clock.now < QUANTUM:
        server.work(threading.Event())
    assert len(sent) == int(QUANTUM / 0.5) and all(found["isDuringSearch"] for found in sent)
    sent.clear()
    server.hear(json.dumps(BASE | {"id": "next", "moves": [["B", "D4"]], "maxVisits": 600}))
    began = clock.now
    while not sent:
        server.work(threading.Event())
    assert sent[0]["id"] == "next" and sent[0]["rootInfo"]["visits"] == 600 and clock.now - began < 1
    server.work(threading.Event())
    assert analyst.looks[0].open and analyst.looks[0].visits > 1000, "the first search went on where it was"
    server.hear('{"id":"t","action":"terminate","terminateId":"ponder"}')
    last, echo = sent[-2:]
    assert last["id"] == "ponder" and last["isDuringSearch"] is False and last["rootInfo"]["visits"] > 1000
    assert echo == {"id": "t", "action": "terminate", "terminateId": "ponder"}
    assert not any(look.open for look in analyst.looks)


def test_so_many_searches_are_kept_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    analyst, sent = ScriptedAnalyst(), []
    Clock(monkeypatch, analyst)
    server = Server(analyst, lambda text: sent.append(json.loads(text)), rules="chinese", log=print)
    for number in range(3 * MOST_OPEN):
        server.hear(json.dumps(BASE | {"id": str(number), "maxVisits": 10**6, "priority": number}))
        server.work(threading.Event())
        assert sum(look.open for look in analyst.looks) <= MOST_OPEN
    server.hear('{"id":"t","action":"terminate_all"}')
    found = [f["id"] for f in sent if "moveInfos" in f]
    assert found == [str(n) for n in range(3 * MOST_OPEN)], "those whose search was closed tell what it found, too"


def waiting_for(monkeypatch: pytest.MonkeyPatch, count: int, **query: Any) -> tuple[Server, Clock, list[dict]]:
    """A server with so many queries, named by their numbers."""
    analyst, sent = ScriptedAnalyst(), []
    clock = Clock(monkeypatch, analyst)

    def write(text: str) -> None:
        sent.append(json.loads(text) | {"at": clock.now})

    server = Server(analyst, write, rules="chinese", log=print)
    for number in range(count):
        server.hear(json.dumps(BASE | {"id": str(number)} | query))
    return server, clock, sent


def answers(server: Server, sent: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Works until so many answers are there."""
    for _ in range(1_000_000):
        if len(sent) == count:
            return sent
        server.work(threading.Event())
    raise AssertionError(f"{len(sent)} answers")


def test_long_searches_of_one_priority_are_answered_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    server, clock, sent = waiting_for(monkeypatch, 50, maxVisits=int(1000 * 1.5 * QUANTUM))
    found = answers(server, sent, 50)
    assert [f["id"] for f in found] == [str(n) for n in range(50)]
    assert clock.now < 50 * 1.5 * QUANTUM + 1, "no search is done twice"
    assert found[0]["at"] < 1.5 * QUANTUM + 0.1


def test_very_long_searches_take_turns_but_none_is_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    visits = int(1000 * (SOON + 4 * QUANTUM))
    server, clock, sent = waiting_for(monkeypatch, 3 * MOST_OPEN, maxVisits=visits)
    found = answers(server, sent, 3 * MOST_OPEN)
    assert clock.now < 1.02 * 3 * MOST_OPEN * visits / 1000
    assert all(f["rootInfo"]["visits"] == visits for f in found)


def test_endless_searches_make_room_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    server, clock, sent = waiting_for(monkeypatch, MOST_OPEN, maxVisits=10**7)
    while clock.now < 2 * PATIENCE:
        server.work(threading.Event())
    server.hear(json.dumps(BASE | {"id": "late", "maxVisits": 100}))
    (late,) = answers(server, sent, 1)
    assert late["id"] == "late" and late["at"] < MOST_OPEN * PATIENCE + 3 * QUANTUM
    while clock.now < 10 * PATIENCE:
        server.work(threading.Event())
    server.hear('{"id":"t","action":"terminate_all"}')
    assert min(f["rootInfo"]["visits"] for f in sent[1:-1]) > 1000 * PATIENCE, "what was closed tells what it found"


def test_the_time_of_each_turn_is_kept_when_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    server, _, sent = waiting_for(monkeypatch, 10, maxVisits=10**7, overrideSettings={"maxTime": "8"})
    for found in answers(server, sent, 10):
        assert 8000 <= found["rootInfo"]["visits"] < 8100


def test_a_first_report_can_come_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    query = {"maxVisits": 3000, "firstReportDuringSearchAfter": 0.1, "reportDuringSearchEvery": 1}
    server, _, sent = waiting_for(monkeypatch, 1, **query)
    times = [found["at"] for found in answers(server, sent, 4)]
    assert times == pytest.approx([0.1, 1.1, 2.1, 3.0], abs=0.15)


def test_memory_that_is_full_ends_a_search_and_is_told() -> None:
    class Full(ScriptedLook):
        def run(self, visits: int, seconds: float, stop: threading.Event) -> bool:
            return super().run(min(visits, 500), seconds, stop)

    analyst = ScriptedAnalyst()
    analyst.open = lambda game, avoid, allow, wide: Full(analyst, game, avoid, allow)  # type: ignore[method-assign]
    warning, found, other = talk({"id": "a", "maxVisits": 5000}, {"id": "b", "maxVisits": 5000}, analyst=analyst)
    assert warning["field"] == "maxVisits" and "500 visits" in warning["warning"]
    assert found["rootInfo"]["visits"] == other["rootInfo"]["visits"] == 500


def test_a_client_that_ends_a_query_does_not_wait_for_the_ownership_after_its_moves() -> None:
    analyst, sent = ScriptedAnalyst(), []
    server = Server(analyst, lambda text: sent.append(json.loads(text)), rules="chinese", log=print)
    server.hear(json.dumps(BASE | {"id": "a", "maxVisits": 10**6, "includeMovesOwnership": True}))
    server.work(threading.Event())
    server.hear('{"id":"t","action":"terminate","terminateId":"a"}')
    assert sent[0]["id"] == "a" and sent[0]["moveInfos"] and "ownership" not in sent[0]["moveInfos"][0]
    assert analyst.owners == 0


def test_an_answer_that_fails_is_an_answer() -> None:
    analyst = ScriptedAnalyst()

    def fails(game: Game, points: Sequence[int]) -> list[np.ndarray]:
        raise MemoryError("no room")

    analyst.ownerships_after = fails  # type: ignore[method-assign]
    bad, good = talk({"id": "a", "includeMovesOwnership": True, "maxVisits": 5}, {"id": "b"}, analyst=analyst)
    assert bad == {"id": "a", "turnNumber": 0, "error": "no room"} and good["id"] == "b" and good["moveInfos"]


def test_an_answer_that_is_no_number_is_an_error_and_the_engine_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    info, sick = ScriptedLook.info, [True]

    def spoiled(self: ScriptedLook, pv: int) -> Any:
        found = info(self, pv)
        if sick:
            sick.pop()
            found.winrate = float("nan")
        return found

    monkeypatch.setattr(ScriptedLook, "info", spoiled)
    found = talk({"id": "sick", "maxVisits": 5}, {"id": "well", "maxVisits": 5})
    assert found[0]["id"] == "sick" and "no numbers" in found[0]["error"] and found[0]["turnNumber"] == 0
    assert found[1]["id"] == "well" and found[1]["rootInfo"]["visits"] == 5


def test_it_can_end_with_its_input() -> None:
    out, line = io.BytesIO(), json.dumps(BASE | {"id": "a", "maxVisits": 10**9}).encode() + b"\n"
    run(ScriptedAnalyst(), io.BytesIO(line), out, rules="chinese", log=print, wait=False)
    assert b"moveInfos" not in out.getvalue()


def test_the_time_of_a_turn_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    analyst = ScriptedAnalyst()
    Clock(monkeypatch, analyst)
    (found,) = talk({"id": "a", "maxVisits": 10**6, "overrideSettings": {"maxTime": 1.5}}, analyst=analyst)
    assert 1500 <= found["rootInfo"]["visits"] <= 1520


def test_actions() -> None:
    analyst = ScriptedAnalyst()
    version, cleared, bare = talk(
        '{"id":"v","action":"query_version"}', '{"id":"c","action":"clear_cache"}',
        '{"id":"t","action":"terminate","terminateId":"none","tag":17}', analyst=analyst,
    )  # fmt: skip
    assert version == {"id": "v", "action": "query_version", "version": "3.2", "git_hash": ""}
    assert cleared["action"] == "clear_cache" and analyst.searched == [-1]
    assert bare == {"id": "t", "action": "terminate", "terminateId": "none", "tag": 17}


def test_a_search_that_fails_is_an_answer() -> None:
    analyst = ScriptedAnalyst()
    analyst.fails = MemoryError("no room")
    (found,) = talk({"id": "a"}, analyst=analyst)
    assert found == {"id": "a", "turnNumber": 0, "error": "no room"} and not analyst.looks[0].open
