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
from gogame.analysis_server import MOST_OPEN, QUANTUM, SLICE, Server, run
from gogame.board import BLACK
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
    nothing = [f["id"] for f in sent if "noResults" in f]
    assert sorted(found + nothing, key=int) == [str(n) for n in range(3 * MOST_OPEN)]
    assert len(found) == MOST_OPEN and found[-1] == str(3 * MOST_OPEN - 1)


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
        ({"initialStones": [["B", "D4"], ["W", "D4"]]}, "initialStones", "twice"),
        ({"initialStones": [["B", "pass"]]}, "initialStones", "pass"),
        ({"initialPlayer": "X"}, "initialPlayer", "B or W"),
        ({"analyzeTurns": [1]}, "analyzeTurns", "0 to 0"),
        ({"analyzeTurns": []}, "analyzeTurns", "list"),
        ({"priorities": [1, 2]}, "priorities", "turns"),
        ({"priority": 0.5}, "priority", "whole"),
        ({"includePolicy": "yes"}, "includePolicy", "true or false"),
        ({"overrideSettings": []}, "overrideSettings", "object"),
        ({"overrideSettings": {"reportAnalysisWinratesAs": "ME"}}, "overrideSettings", "BLACK"),
        ({"overrideSettings": {"maxTime": 0}}, "maxTime", "number"),
        ({"avoidMoves": [{"moves": ["D4"], "player": "?"}]}, "avoidMoves", "player"),
        ({"avoidMoves": ["D4"]}, "avoidMoves", "objects"),
        ({"action": "sing"}, "action", "sing"),
        ({"action": "terminate"}, "terminateId", "string"),
    ],
)
def test_what_is_wrong_is_told(change: dict[str, Any], field: str, text: str) -> None:
    bad, good = talk({"id": "a"} | change, {"id": "b", "maxVisits": 1})
    assert bad["id"] == "a" and bad["field"] == field and text in bad["error"]
    assert good["id"] == "b" and good["moveInfos"]


@pytest.mark.parametrize(
    "line", ["nonsense", "[]", "7", '{"id":7}', "{}", "[" * 100_000, '{"id":"' + "x" * 5000 + '"}']
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
        '{"id":"t","action":"terminate","terminateId":"none"}', analyst=analyst,
    )  # fmt: skip
    assert version == {"id": "v", "action": "query_version", "version": "3.2", "git_hash": ""}
    assert cleared["action"] == "clear_cache" and analyst.searched == [-1]
    assert bare == {"id": "t", "action": "terminate", "terminateId": "none"}


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
    assert len(turns) == 3001 and sum("game" in turn.__dict__ for turn in turns) == 1
    assert turns[7].game.move_number == 7 and not turns[7].game.is_over


def test_the_vertices_are_those_of_gtp() -> None:
    assert to_gtp(from_gtp("J9", 9), 9) == "J9"
    (found,) = talk({"id": "a", "moves": [["b", "j9"]], "maxVisits": 1})
    assert found["rootInfo"]["currentPlayer"] == "W"
