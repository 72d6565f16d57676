"""The JSON analysis protocol with a scripted searcher: what is read, and what an answer holds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gogame.analysis import turns_of
from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp, to_gtp
from gogame.game import Game
from gogame.geometry import PASS
from tests.gogame import analysis_scripted
from tests.gogame.analysis_scripted import BASE, ScriptedAnalyst, talk


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
    assert first["move"] == "A9" and first["pv"] == ["A9"] * 3 and first["order"] == 0
    for info in found["moveInfos"]:
        assert info["ownership"] == [pytest.approx(0.25 + 0.001 * from_gtp(info["move"], 9))] * 81
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
    turned = rate < 0.5
    root, move = found["rootInfo"], found["moveInfos"][0]
    assert root["rawWinrate"] == (0.375 if turned else 0.625) and root["rawLead"] == (-3 if turned else 3)
    assert root["scoreStdev"] == move["scoreStdev"] == 4.5, "LizzieYzy reads it of every move"
    assert root["lcb"] == pytest.approx(0.48 if turned else 0.52)
    assert move["utilityLcb"] == (-0.03 if turned else 0.03)


@pytest.mark.parametrize(("view", "told"), [("BLACK", 0.0), ("WHITE", 1.0)])
def test_a_bound_below_every_rate_is_told_within_them(view: str, told: float, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = analysis_scripted.Move
    monkeypatch.setattr(analysis_scripted, "Move", lambda point, **values: usual(point, **(values | {"lcb": -0.5})))
    (found,) = talk({"id": "a", "moves": [], "overrideSettings": {"reportAnalysisWinratesAs": view}})
    assert {move["lcb"] for move in found["moveInfos"]} == {told}


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
    some = [
        chinese,
        {"ko": "SIMPLE", "score": "AREA"},
        {"scoring": "TERRITORY"},
        "tromptaylor",
        json.dumps(chinese),
        {},
    ]
    talk(*({"id": "a", "rules": rules} for rules in some), analyst=analyst)
    found = [look.game.rules for look in analyst.looks]
    assert [(r.ko, r.scoring, r.suicide, r.komi, r.handicap_bonus) for r in found] == [
        ("simple", "area", False, 7.5, "stones"),
        ("simple", "area", True, 7.5, "none"),
        ("positional", "territory", True, 6.5, "none"),
        ("positional", "area", True, 7.5, "none"),
        ("simple", "area", False, 7.5, "stones"),
        ("positional", "area", True, 7.5, "none"),
    ]


@pytest.mark.parametrize("rest", ['"action":"clear_cache","x":', '"action":', '"rules":', '"moves":', '"x":'])
def test_a_line_that_is_nested_too_deep_is_none(rest: str) -> None:
    """Some can be read and not repeated."""
    for depth in (*range(900, 1000), 20_000):
        (answer,) = [a for a in talk(f'{{"id":"a",{rest}{"[" * depth}{"]" * depth}}}') if "warning" not in a]
        assert "internal" not in answer.get("error", "") and ("error" in answer or depth < 1000), depth


def test_a_byte_order_mark_and_a_null_are_nothing() -> None:
    (found,) = talk("\ufeff" + json.dumps(BASE | {"id": "a", "action": None, "includePVVisits": False}))
    assert found["id"] == "a" and found["moveInfos"]


def test_visits_of_the_variation_and_a_wide_root() -> None:
    analyst = ScriptedAnalyst()
    first, second = talk({"id": "a", "analysisPVLen": 2}, {"id": "b", "includePVVisits": True, "analysisPVLen": 2,
                         "overrideSettings": {"wideRootNoise": "0.04"}}, analyst=analyst)  # fmt: skip
    assert all("pvVisits" not in move for move in first["moveInfos"])
    assert [move["pvVisits"] for move in second["moveInfos"]] == [[3] * 3, [2] * 3, [1] * 3], "two after the first"
    assert [look.wide for look in analyst.looks] == [0, 0.04]
    assert {type(look.wide) for look in analyst.looks} == {float}, "another type is compiled anew"
    (found,) = talk({"id": "a", "overrideSettings": {"wideRootNoise": 6}})
    assert found["error"] == "wideRootNoise must be a number from 0 to 5"


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
        ({"overrideSettings": {"humanSLProfile": "rank_3d"}}, "overrideSettings", "humanSLProfile needs"),
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


def test_the_networks_are_named() -> None:
    assert talk({"id": "m", "action": "query_models"})[0]["models"] == [{"name": "net"}]


def test_what_has_no_effect_is_told_once() -> None:
    odd = {"overrideSettings": {"rootPolicyTemperature": 1.1}, "includeNoResultValue": True}
    found = talk({"id": "a", **odd}, {"id": "b", **odd})
    assert [(f["field"], "warning" in f) for f in found[:2]] == [
        ("includeNoResultValue", True),
        ("overrideSettings", True),
    ]
    assert [f["id"] for f in found[2:]] == ["a", "b"]


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
