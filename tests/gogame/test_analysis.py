"""The JSON analysis protocol with a scripted searcher: what is read, answered, and searched first."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gogame.analysis import turns_of
from gogame.analysis_server import MOST_OPEN, PATIENCE, QUANTUM, SLICE, SOON, Server, run
from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp, to_gtp
from gogame.game import Game
from gogame.geometry import PASS
from tests.gogame.gtp_scripted import Info, Move

BASE = {"boardXSize": 9, "boardYSize": 9, "moves": []}


class ScriptedLook:
    """Finds a visit a millisecond, on a clock of its own."""

    def __init__(self, analyst: ScriptedAnalyst, game: Game, avoid: Any, allow: Any) -> None:
        self.analyst, self.game, self.avoid, self.allow = analyst, game, avoid, allow
        self.visits, self.open = 0, True

    def run(self, visits: int, seconds: float, stop: threading.Event) -> bool:
        assert self.open and seconds <= SLICE
        self.analyst.searched.append(self.game.move_number)
        if self.analyst.fails:
            raise self.analyst.fails
        self.visits = min(visits, self.visits + 1 + round(1000 * seconds))
        self.analyst.wait(seconds)
        return self.visits >= visits

    def info(self, pv: int) -> Info | None:
        points = [p for p in self.game.legal_points() if p not in self.avoid][:3]
        moves = [Move(p, visits=3 - i, winrate=0.7, lcb=0.6, pv=[p] * pv, order=i) for i, p in enumerate(points)]
        owned = np.linspace(-1, 1, self.game.size**2)
        return Info(moves, self.game.to_move, owned, visits=self.visits, winrate=0.7, score_lead=2.5)

    def policy(self) -> np.ndarray:
        return np.full(self.game.size**2 + 1, 0.01)


class ScriptedAnalyst:
    sizes, version = range(7, 20), "3.2"

    def __init__(self) -> None:
        self.searched: list[int] = []
        self.looks: list[ScriptedLook] = []
        self.fails: Exception | None = None
        self.wait = lambda seconds: None

    def open(self, game: Game, avoid: Any, allow: Any) -> ScriptedLook:
        self.looks.append(ScriptedLook(self, game, avoid, allow))
        return self.looks[-1]

    def close(self, look: ScriptedLook) -> None:
        look.open = False

    def ownership_after(self, game: Game, point: int) -> np.ndarray:
        return np.full(game.size**2, 0.25)

    def clear(self) -> None:
        self.searched.append(-1)


def talk(*queries: Any, analyst: ScriptedAnalyst | None = None) -> list[dict[str, Any]]:
    """The answers to some queries; text goes as it is."""
    lines = [query if isinstance(query, str) else json.dumps(BASE | query) for query in queries]
    out = io.BytesIO()
    text = "".join(line + "\n" for line in lines).encode()
    run(analyst or ScriptedAnalyst(), io.BytesIO(text), out, rules="chinese-ogs", log=lambda text: None)
    return [json.loads(line) for line in out.getvalue().decode().splitlines()]


def test_an_answer_holds_what_was_asked_for() -> None:
    moves = [["B", "D4"], ["W", "E5"]]
    query = {"id": "a", "moves": moves, "includeOwnership": True, "includePolicy": True, "analysisPVLen": 2}
    (found,) = talk(query | {"includeMovesOwnership": True, "maxVisits": 7})
    assert found["id"] == "a" and found["isDuringSearch"] is False and found["turnNumber"] == 2
    assert found["rootInfo"]["visits"] == 7 and found["rootInfo"]["currentPlayer"] == "B"
    assert len(found["ownership"]) == 81 and found["ownership"][0] == -1
    policy = np.array(found["policy"])
    assert policy.shape == (82,) and policy[4 * 9 + 4] == policy[5 * 9 + 3] == -1 and (policy >= 0).sum() == 80
    first = found["moveInfos"][0]
    assert first["move"] == "A9" and first["pv"] == ["A9", "A9"] and first["order"] == 0
    assert first["ownership"] == [0.25] * 81
    (plain,) = talk({"id": "b"})
    assert not {"ownership", "policy"} & set(plain) and "ownership" not in plain["moveInfos"][0]


@pytest.mark.parametrize(
    ("view", "moves", "rate", "lead"),
    [(None, 0, 0.7, 2.5), (None, 1, 0.3, -2.5), ("BLACK", 1, 0.3, -2.5), ("WHITE", 1, 0.7, 2.5),
     ("white", 0, 0.3, -2.5), ("SIDETOMOVE", 0, 0.7, 2.5), ("SIDETOMOVE", 1, 0.7, 2.5)],
)  # fmt: skip
def test_whose_winrate(view: str | None, moves: int, rate: float, lead: float) -> None:
    query: dict[str, Any] = {"id": "a", "moves": [["B", "D4"]] * moves, "includeOwnership": True}
    if view:
        query["overrideSettings"] = {"reportAnalysisWinratesAs": view}
    (found,) = talk(query)
    assert found["rootInfo"]["winrate"] == found["moveInfos"][0]["winrate"] == pytest.approx(rate)
    assert found["rootInfo"]["scoreLead"] == pytest.approx(lead)
    assert found["ownership"][0] == (-1 if rate > 0.5 else 1)


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
    analyst.open = lambda game, avoid, allow: Full(analyst, game, avoid, allow)  # type: ignore[method-assign]
    warning, found, other = talk({"id": "a", "maxVisits": 5000}, {"id": "b", "maxVisits": 5000}, analyst=analyst)
    assert warning["field"] == "maxVisits" and "500 visits" in warning["warning"]
    assert found["rootInfo"]["visits"] == other["rootInfo"]["visits"] == 500


def test_an_answer_that_fails_is_an_answer() -> None:
    analyst = ScriptedAnalyst()

    def fails(game: Game, point: int) -> np.ndarray:
        raise MemoryError("no room")

    analyst.ownership_after = fails  # type: ignore[method-assign]
    bad, good = talk({"id": "a", "includeMovesOwnership": True, "maxVisits": 5}, {"id": "b"}, analyst=analyst)
    assert bad == {"id": "a", "error": "no room"} and good["id"] == "b" and good["moveInfos"]


@pytest.mark.parametrize(
    ("query", "komi", "to_move"),
    [
        ({"initialStones": [["B", "C3"], ["B", "G7"]]}, 2.5, WHITE),
        ({"initialStones": [["B", "C3"], ["B", "G7"]], "initialPlayer": "B"}, 2.5, BLACK),
        ({"initialStones": [["B", "C3"]]}, 0.5, BLACK),
        ({"moves": [["B", "C3"], ["B", "G7"], ["B", "G3"], ["W", "C7"]]}, 3.5, BLACK),
        ({"moves": [["B", "C3"], ["W", "pass"], ["B", "G7"], ["W", "C7"]]}, 2.5, BLACK),
        ({"moves": [["B", "C3"], ["W", "C7"], ["B", "G7"], ["B", "G3"]]}, 0.5, WHITE),
        ({"initialStones": [["B", "C3"], ["W", "G7"]], "moves": [["B", "C7"], ["B", "G3"]]}, 0.5, WHITE),
    ],
)
def test_handicap_stones_are_paid_for(query: dict[str, Any], komi: float, to_move: int) -> None:
    analyst = ScriptedAnalyst()
    talk({"id": "a", "rules": "chinese", "komi": 0.5} | query, analyst=analyst)
    game = analyst.looks[-1].game
    assert (game.komi, game.to_move) == (komi, to_move)


def test_moves_that_were_played_are_taken_whatever_the_rules() -> None:
    """A suicide of two stones, and a capture that repeats the board."""
    analyst = ScriptedAnalyst()
    wall = [["W", "C9"], ["W", "B8"], ["W", "A8"]]
    dead = {"initialStones": wall, "moves": [["B", "B9"], ["B", "A9"], ["W", "E5"]], "rules": "chinese"}
    send_two = {"initialStones": [["W", "C9"], ["W", "A8"], ["W", "B8"], ["B", "E5"]], "rules": "tromp-taylor"}
    cycle = [["B", "B9"], ["W", "E6"], ["B", "A9"], ["W", "pass"], ["B", "B9"], ["W", "pass"]]
    found = talk({"id": "a", **dead}, {"id": "b", **send_two, "moves": cycle}, analyst=analyst)
    assert [f["id"] for f in found] == ["a", "b"] and all("moveInfos" in f for f in found)
    first, second = (look.game for look in analyst.looks)
    assert not first.rules.suicide and not first.board.color[from_gtp("A9", 9)]
    assert second.rules.ko == "positional" and second.why_illegal(from_gtp("A9", 9), BLACK) == "superko"


def test_rules_are_katagos() -> None:
    analyst = ScriptedAnalyst()
    chinese = {"friendlyPassOk": True, "hasButton": False, "ko": "SIMPLE", "scoring": "AREA", "suicide": False}
    chinese |= {"tax": "NONE", "whiteHandicapBonus": "N"}
    some = [chinese, {"ko": "SIMPLE", "score": "AREA"}, {"scoring": "TERRITORY"}, "tromptaylor", json.dumps(chinese)]
    talk(*({"id": "a", "rules": rules} for rules in some), analyst=analyst)
    found = [look.game.rules for look in analyst.looks]
    assert [(r.ko, r.scoring, r.suicide, r.komi, r.handicap_bonus) for r in found] == [
        ("simple", "area", False, 7.5, "stones"),
        ("simple", "area", True, 7.5, "none"),
        ("positional", "territory", True, 6.5, "none"),
        ("positional", "area", True, 7.5, "none"),
        ("simple", "area", False, 7.5, "stones"),
    ]


def test_a_byte_order_mark_and_a_null_are_nothing() -> None:
    (found,) = talk("\ufeff" + json.dumps(BASE | {"id": "a", "action": None, "includePVVisits": False}))
    assert found["id"] == "a" and found["moveInfos"]


def test_it_can_end_with_its_input() -> None:
    out, line = io.BytesIO(), json.dumps(BASE | {"id": "a", "maxVisits": 10**9}).encode() + b"\n"
    run(ScriptedAnalyst(), io.BytesIO(line), out, rules="chinese", log=print, wait=False)
    assert b"moveInfos" not in out.getvalue()


def test_the_time_of_a_turn_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    analyst = ScriptedAnalyst()
    Clock(monkeypatch, analyst)
    (found,) = talk({"id": "a", "maxVisits": 10**6, "overrideSettings": {"maxTime": 1.5}}, analyst=analyst)
    assert 1500 <= found["rootInfo"]["visits"] <= 1520


def test_moves_can_be_kept_out() -> None:
    analyst = ScriptedAnalyst()
    avoid = [{"moves": ["A9", "B9"], "player": "B", "untilDepth": 1}, {"moves": ["C9"], "player": "W", "untilDepth": 1}]
    (found,) = talk({"id": "a", "avoidMoves": avoid}, analyst=analyst)
    assert [move["move"] for move in found["moveInfos"]] == ["C9", "D9", "E9"]
    talk({"id": "a", "allowMoves": [{"moves": ["D4", "pass"], "player": "B", "untilDepth": 1}]}, analyst=analyst)
    assert analyst.looks[-1].allow == {from_gtp("D4", 9), PASS}


def test_a_position_is_as_it_was_told() -> None:
    analyst = ScriptedAnalyst()
    query = {"initialStones": [["B", "C3"], ["B", "G7"]], "initialPlayer": "W", "rules": "chinese", "komi": 6.5}
    talk({"id": "a", **query}, {"id": "b", **query, "whiteHandicapBonus": "0", "moves": [["W", "D4"]]}, analyst=analyst)
    first, second = (look.game for look in analyst.looks)
    assert first.to_move != BLACK and first.komi == 8.5 and first.rules.ko == "simple"
    assert second.to_move == BLACK and second.komi == 6.5
    assert second.board.color[from_gtp("D4", 9)] and second.board.color[from_gtp("G7", 9)]
    talk({"id": "d", **query, "initialStones": [["B", "C3"], ["B", "G7"], ["W", "E5"]]}, analyst=analyst)
    assert analyst.looks[-1].game.komi == 6.5, "no handicap"
    rules = {"ko": "SITUATIONAL", "scoring": "TERRITORY", "tax": "SEKI", "suicide": True}
    talk({"id": "c", "rules": rules, "initialPlayer": None, "moves": [["W", "pass"], ["B", "pass"]]}, analyst=analyst)
    game = analyst.looks[-1].game
    assert (game.rules.ko, game.rules.scoring, game.rules.suicide) == ("situational", "territory", True)
    assert not game.is_over, "a finished game is analysed as if it went on"


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"moves": [["B", "D4"], ["W", "D4"]]}, "moves", "Illegal move 1: D4"),
        ({"moves": [["B", "D4x"]]}, "moves", "vertex"),
        ({"moves": [["B", "K10"]]}, "moves", "board"),
        ({"moves": [["X", "D4"]]}, "moves", "pairs"),
        ({"moves": [[["B"], "D4"]]}, "moves", "pairs"),
        ({"moves": "D4"}, "moves", "list"),
        ({"moves": [["B", 4]]}, "moves", "text"),
        ({"boardXSize": 10}, "boardYSize", "square"),
        ({"boardXSize": 25}, "boardXSize", "7 to 19"),
        ({"boardXSize": 9.0}, "boardXSize", "whole"),
        ({"boardXSize": True}, "boardXSize", "whole"),
        ({"maxVisits": 0}, "maxVisits", "whole"),
        ({"maxVisits": 10**30}, "maxVisits", "whole"),
        ({"komi": 6.3}, "komi", "0.5"),
        ({"komi": 1000}, "komi", "150"),
        ({"komi": "6"}, "komi", "number"),
        ({"rules": "go"}, "rules", "unknown"),
        ({"rules": "stone_scoring"}, "rules", "not supported"),
        ({"rules": 7}, "rules", "name"),
        ({"rules": {"tax": "ALL"}}, "rules", "tax"),
        ({"whiteHandicapBonus": "2"}, "whiteHandicapBonus", "N-1"),
        ({"initialStones": [["B", "D4"], ["W", "D4x"]]}, "initialStones", "vertex"),
        ({"initialStones": [["B", "B9"], ["B", "A8"], ["W", "A9"]]}, "initialStones", "A9 has no liberty"),
        ({"initialStones": [["B", "pass"]]}, "initialStones", "pass"),
        ({"initialPlayer": "X"}, "initialPlayer", "B or W"),
        ({"analyzeTurns": [1]}, "analyzeTurns", "0 to 0"),
        ({"analyzeTurns": []}, "analyzeTurns", "list"),
        ({"priorities": [1, 2]}, "priorities", "turns"),
        ({"priority": 0.5}, "priority", "whole"),
        ({"includePolicy": "yes"}, "includePolicy", "true or false"),
        ({"overrideSettings": []}, "overrideSettings", "object"),
        ({"overrideSettings": {"reportAnalysisWinratesAs": "ME"}}, "overrideSettings", "BLACK"),
        ({"overrideSettings": {"maxTime": 0}}, "overrideSettings", "maxTime"),
        ({"overrideSettings": {"maxTime": "soon"}}, "overrideSettings", "maxTime"),
        ({"overrideSettings": {"maxVisits": True}}, "overrideSettings", "maxVisits"),
        ({"avoidMoves": [{"moves": ["D4"], "player": "?"}]}, "avoidMoves", "player"),
        ({"avoidMoves": ["D4"]}, "avoidMoves", "objects"),
        ({"allowMoves": [{"moves": [], "player": "B"}]}, "allowMoves", "name a move"),
        ({"moves": [["B", "D4"], ["W", "D4"]], "analyzeTurns": [0]}, "moves", "Illegal move 1: D4"),
        ({"action": "terminate_all", "turnNumbers": [0.5]}, "turnNumbers", "whole"),
        ({"action": "sing"}, "action", "sing"),
        ({"action": "terminate"}, "terminateId", "string"),
    ],
)
def test_what_is_wrong_is_told(change: dict[str, Any], field: str, text: str) -> None:
    bad, good = talk({"id": "a"} | change, {"id": "b", "maxVisits": 1})
    assert bad["id"] == "a" and bad["field"] == field and text in bad["error"]
    assert good["id"] == "b" and good["moveInfos"]


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        "7",
        '{"id":7}',
        "{}",
        "[" * 100_000,
        '{"id":"a","x":NaN}',
        '{"id":"a","x":1e999}',
        '{"id":"' + "x" * 5000 + '"}',
    ],
)
def test_a_line_that_is_no_query_is_told(line: str) -> None:
    bad, good = talk(line, {"id": "b", "maxVisits": 1})
    assert bad["error"] and good["id"] == "b"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["B", "D4", "pass"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(
            "moves initialStones initialPlayer rules komi boardXSize boardYSize whiteHandicapBonus analyzeTurns "
            "maxVisits priority priorities reportDuringSearchEvery includeOwnership includePolicy "
            "analysisPVLen avoidMoves allowMoves overrideSettings action terminateId turnNumbers foo".split()
        ),
        json_values,
        max_size=4,
    )
)
def test_no_query_however_odd_is_an_internal_error(fields: dict[str, Any]) -> None:
    fields["maxVisits"] = fields.get("maxVisits") if isinstance(fields.get("maxVisits"), str) else 3
    *first, last = talk({"id": "a"} | fields, {"id": "z", "moves": [["B", "E5"]], "maxVisits": 1})
    assert last["id"] == "z" and last["moveInfos"]
    assert first and all("internal" not in found.get("error", "") for found in first)


def test_what_has_no_effect_is_told_once() -> None:
    odd = {"overrideSettings": {"wideRootNoise": 0.04}, "includePVVisits": True}
    found = talk({"id": "a", **odd}, {"id": "b", **odd})
    assert [(f["field"], "warning" in f) for f in found[:2]] == [("includePVVisits", True), ("overrideSettings", True)]
    assert [f["id"] for f in found[2:]] == ["a", "b"]


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
    assert found == {"id": "a", "error": "no room"} and not analyst.looks[0].open


def test_a_long_game_is_kept_once() -> None:
    """Every turn of a game of thousands of moves may be asked for: memory must not grow with its square."""
    moves = [["BW"[n % 2], "pass" if n else "D4"] for n in range(3000)]
    fields = BASE | {"id": "a", "moves": moves, "analyzeTurns": list(range(3001))}
    turns = turns_of(fields, range(7, 20))
    game = turns[7].position()
    assert (
        len(turns) == 3001 and len({id(turn.moves) for turn in turns}) == len({id(turn.start) for turn in turns}) == 1
    )
    assert game.move_number == 7 and not game.is_over and turns[7].start.move_number == 0
    assert not any(isinstance(value, Game) and value is not turns[0].start for value in vars(turns[7]).values())


def test_the_vertices_are_those_of_gtp() -> None:
    assert to_gtp(from_gtp("J9", 9), 9) == "J9"
    (found,) = talk({"id": "a", "moves": [["b", "j9"]], "maxVisits": 1})
    assert found["rootInfo"]["currentPlayer"] == "W"
