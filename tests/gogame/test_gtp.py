"""GTP sessions with a player that answers from a list: what goes in, what comes out."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import to_gtp
from gogame.gtp_commands import run
from gogame.gtp_kata import PARAMETERS
from gogame.gtp_session import COMMANDS, Session
from tests.gogame.gtp_scripted import Scripted, ask, talk

SUICIDE = [f"play w {vertex}" for vertex in ("b1", "b2", "a3")] + ["play b a1"]  # ... and Black A2
KO = ["d5", "e5", "e4", "f4", "e6", "f6", "g1", "g5", "f5"]  # Black takes E5
SUPERKO = [f"play {'bw'[n % 2]} {vertex}" for n, vertex in enumerate([*KO, "pass", "pass"])]  # ... and White E5
SIMPLE = [
    (["protocol_version"], "= 2"),
    (["name"], "= scripted"),
    (["8 version"], "=8 3.2"),
    (["known_command play"], "= true"),
    (["known_command jump"], "= false"),
    (["known_command"], "= false"),
    (["jump"], "? unknown command"),
    # boards
    (["boardsize 13", "query_boardsize"], "= 13"),
    (["boardsize 9 9", "query_boardsize"], "= 9"),
    (["boardsize 9 13"], "? unacceptable size: rectangular boards are not supported"),
    (["rectangular_boardsize 9 13"], "? unacceptable size: rectangular boards are not supported"),
    (["boardsize 4"], "? unacceptable size"),
    (["boardsize 25"], "? unacceptable size"),
    (["boardsize -9"], "? unacceptable size"),
    (["boardsize " + "9" * 400], "? size is not an integer"),
    (["boardsize 9.5"], "? size is not an integer"),
    (["boardsize"], "? syntax error: expected a size"),
    (["boardsize 99", "query_boardsize"], "= 9"),
    # komi
    (["get_komi"], "= 7"),
    (["boardsize 19", "get_komi"], "= 7.5"),
    (["komi 6.5", "boardsize 19", "clear_board", "get_komi"], "= 6.5"),
    (["komi -3", "get_komi"], "= -3"),
    (["komi nan"], "? komi is out of range (-1000 to 1000)"),
    (["komi 1e300"], "? komi is out of range (-1000 to 1000)"),
    (["komi much"], "? komi is not a number"),
    # moves
    (["play b e5", "list_stones black"], "= E5"),
    (["play B E5", "play w e5"], "? illegal move: occupied"),
    (["play b j10"], "? invalid vertex"),
    (["play b i5"], "? invalid vertex"),
    (["play green e5"], "? invalid color"),
    (["play b"], "? syntax error: expected a color and a vertex"),
    (["play b e5", "play b e6", "list_stones b"], "= E6 E5"),
    (["play b pass", "play w pass", "play b e5", "list_stones b"], "= E5"),
    (["play b e5", "undo", "list_stones b"], "="),
    (["undo"], "? cannot undo"),
    (["play b e5", "play w e6", "gg-undo 2", "list_stones w"], "="),
    (["play b e5", "gg-undo 2"], "? cannot undo"),
    (["genmove b"], "= A9"),
    (["genmove b", "list_stones b"], "= A9"),
    (["reg_genmove w"], "= A9"),
    (["reg_genmove w", "list_stones w"], "="),
    (["genmove"], "? syntax error: expected a color"),
    (["genmove x"], "? invalid color"),
    (["last_move"], "? no previous move known"),
    (["play b e5", "play w pass", "last_move"], "= white pass"),
    (["play b e5", "play w c3", "move_history"], "= white C3\nblack E5"),
    ([*SUICIDE, "play b a2", "list_stones b"], "="),
    ([*SUICIDE, "gogui-play_sequence b a2 w a2", "list_stones w"], "= A3 A2 B2 B1"),
    ([*SUICIDE, "is_legal b a2"], "= 0"),
    ([*SUPERKO, "play w e5", "last_move"], "= white E5"),
    ([*SUPERKO, "is_legal w e5"], "= 0"),
    ([*SUPERKO[:-2], "play w e5"], "? illegal move: ko"),
    # GNU Go's
    (["play b a1", "play w a2", "play b e5", "play w b1", "captures w"], "= 1"),
    (["play b a1", "play w a2", "play b e5", "play w b1", "captures b"], "= 0"),
    (["play b a1", "play w a2", "play b e5", "play w b1", "is_legal b a1"], "= 0"),
    (["is_legal w e5"], "= 1"),
    (["is_legal w pass"], "= 1"),
    (["color e5"], "= empty"),
    (["play w e5", "color e5"], "= white"),
    (["level 10"], "="),
    (["level 99"], "? level is out of range (0 to 20)"),
    # handicap
    (["fixed_handicap 0"], "="),
    (["fixed_handicap 1"], "="),
    (["fixed_handicap 2"], "= C3 G7"),
    (["fixed_handicap 2", "list_stones b"], "= G7 C3"),
    (["fixed_handicap 10"], "? invalid number of stones"),
    (["fixed_handicap -2"], "? invalid number of stones"),
    (["boardsize 8", "fixed_handicap 5"], "? invalid number of stones"),
    (["play b e5", "fixed_handicap 2"], "? board not empty"),
    (["fixed_handicap 3", "get_handicap"], "= 3"),
    (["play b c3", "get_handicap"], "= 0"),
    (["play b c3", "play b g7", "get_handicap"], "= 2"),
    (["play b c3", "play w pass", "play b g7", "genmove w", "play b e5", "get_handicap"], "= 2"),
    (["play b c3", "play w g7", "play b e5", "play b d5", "get_handicap"], "= 0"),
    (["play b c3", "play b g7", "play b e5", "play w d5", "undo", "undo", "get_handicap"], "= 2"),
    (["play b c3", "play b g7", "gg-undo 1", "play w g7", "get_handicap"], "= 0"),
    (["fixed_handicap 2", "play b e5", "play b e6", "undo", "get_handicap"], "= 2"),
    (["place_free_handicap 40"], "= C3 G7 C7 G3 C5 G5 E7 E3 E5"),
    (["place_free_handicap 1"], "? number of stones is out of range (2 to 80)"),
    (["set_free_handicap a1 b2 c3", "list_stones b"], "= C3 B2 A1"),
    (["set_free_handicap a1 a1"], "? bad vertex list"),
    (["set_free_handicap a1 pass"], "? invalid vertex"),
    (["set_free_handicap a1"], "? syntax error: expected at least two vertices"),
    # time
    (["time_settings 300 0 0"], "="),
    (["time_settings 300 30 -1"], "? number of stones is out of range (0 to 1000000)"),
    (["time_settings a b c"], "? time is not a number"),
    (["time_left b 12.5 0"], "="),
    (["time_left b"], "? syntax error: expected a color, seconds and stones"),
    (["kgs-time_settings none"], "="),
    (["kgs-time_settings byoyomi 60 30 5"], "="),
    (["kgs-time_settings byoyomi 60"], "? syntax error: expected 3 figures after byoyomi"),
    (["kgs-time_settings sundial 60"], "? unknown time system: expected none, absolute, byoyomi, canadian"),
    (["kata-list_time_settings"], "= none absolute byoyomi canadian fischer fischer-capped"),
    (["kata-time_settings fischer 60 5"], "="),
    (["kata-time_settings fischer-capped 60 5 120"], "? syntax error: expected 4 figures after fischer-capped"),
    (["kgs-time_settings fischer-capped 60 5 120 -1"], None),
    (["time_settings -3 30 1"], "="),
    (["time_settings 3 -30 1"], "? time is out of range (0 to 1e+07)"),
    (["kgs-time_settings canadian -2598 3600 1"], "="),
    # rules
    (["kata-set-rules japanese", "get_komi"], "= 7"),
    (["kata-set-rules japanese", "boardsize 19", "get_komi"], "= 6.5"),
    (["kata-set-rules japanese", "kata-set-rule suicide false", "boardsize 19", "get_komi"], "= 6.5"),
    (['kata-set-rules {"scoring":"TERRITORY","tax":"SEKI"}', "boardsize 13", "get_komi"], "= 6.5"),
    (["kata-set-rules japanese", "komi 3", "kata-set-rule suicide false", "boardsize 19", "get_komi"], "= 3"),
    (["\ufeffkomi 3", "get_komi"], "= 3"),
    (["play b D4", "play b resign", "play w D4", "final_score"], "= W+R"),
    (["kata-set-rules stone-scoring"], "? rules stone-scoring are not supported: it has a group tax"),
    (["kata-set-rules calvinball"], None),
    (['kata-set-rules {"ko":"SIMPLE","tax":"ALL"}'], "? unsupported rule tax ALL"),
    (['kata-set-rules {"hasButton":true}'], "? unsupported rule hasButton TRUE"),
    (["kata-set-rules [1, 2]"], None),
    (["kata-set-rule suicide true"], "="),
    (["kgs-rules chinese"], "="),
    (["kgs-rules ing"], "? unknown rules: expected chinese, aga, japanese or new_zealand"),
    # others
    (["gogui-play_sequence b e5 w e6 b pass", "list_stones w"], "= E6"),
    (["gogui-play_sequence b e5 w e5"], "? illegal move: occupied"),
    (["gogui-play_sequence b e5 w e5", "list_stones b"], "="),
    (["gogui-play_sequence b"], "? syntax error: expected pairs of a color and a vertex"),
    (["gogui-interrupt"], "="),
    (["kgs-game_over"], "="),
    (["clear_cache"], "="),
    (["stop"], "="),
    (
        ["final_status_list maybe"],
        "? invalid status: expected alive, seki, dead, white_territory, black_territory, dame",
    ),
    (["kata-get-param maxVisits"], "= 400"),
    (["kata-set-param maxVisits 50", "kata-get-param maxVisits"], "= 50"),
    (["kata-set-param maxVisits -1"], "? maxVisits is out of range (1 to 1000000000)"),
    (["kata-get-param analysisWideRootNoise"], "= 0"),
    (["kata-set-param analysisWideRootNoise 0.04", "kata-get-param analysisWideRootNoise"], "= 0.04"),
    (["kata-set-param analysisWideRootNoise -1"], "? analysisWideRootNoise is out of range (0 to 5)"),
    (["kata-list-params"], "= allowResignation analysisWideRootNoise maxTime maxVisits"),
    (["kata-get-param playoutDoublingAdvantage"], None),
    (["kata-set-param allowResignation false", "kata-get-param allowResignation"], "= false"),
    (["kata-set-param allowResignation 7"], "? allowResignation is true or false"),
    (
        ['kata-set-params {"maxVisits": 50, "maxTime": "2.5"}', "kata-get-params"],
        '= {"allowResignation":true,"analysisWideRootNoise":0.0,"maxTime":2.5,"maxVisits":50}',
    ),
    (['kata-set-params {"maxVisits": 50, "maxTime": -1}', "kata-get-param maxVisits"], "= 400"),
    (['kata-set-params {"maxVisits": 50, "speed": 9}', "kata-get-param maxVisits"], "= 400"),
    (["kata-set-params [1]"], "? syntax error: expected a JSON object of parameters"),
    (["boardsize 13", "kata-get-models"], '= [{"name":"net 13"}]'),
    # positions and searches
    (["play w a1", "set_position b c3 w g7 b e5", "list_stones b"], "= E5 C3"),
    (["set_position b c3 w g7", "reg_genmove b", "undo"], "? cannot undo"),
    (["set_position b c3 b g7", "get_handicap"], "= 2"),
    (["set_position b c3 w g7 b e5", "get_handicap"], "= 0"),
    (["play b e5", "set_position", "list_stones b"], "="),
    (["play b e5", "set_position b c3 w c3", "list_stones b"], "= E5"),
    (["set_position b pass"], "? invalid vertex"),
    (["set_position b"], "? syntax error: expected pairs of a color and a vertex"),
    (["set_position b a1 w a2 w b1"], "? illegal position: the stone set up at A1 has no liberty"),
    (["kata-search b"], "= A9"),
    (["kata-search b", "list_stones b"], "="),
    (["kata-search"], "? syntax error: expected a color"),
    (["kata-search_cancellable b"], "= cancelled"),  # by the end of the input
    (["loadsgf /no/such/file.sgf"], "? cannot load file: No such file or directory"),
    (["lz-analyze b 10 frobnicate"], "? syntax error: expected a value after frobnicate"),
    (["lz-analyze avoid b"], "? syntax error: expected a color and vertices after avoid"),
    (["quit"], "="),
]


@pytest.mark.parametrize(
    ("commands", "expected"), SIMPLE, ids=lambda v: " / ".join(v)[:60] if isinstance(v, list) else ""
)
def test_answers(commands, expected):
    got = ask(*commands)
    if expected is None:
        assert got.startswith("? ") and "\n" not in got
    else:
        assert got == expected


def test_every_listed_command_is_known_and_answers_something(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # printsgf writes a file
    listed = talk("list_commands\n")[0].removeprefix("= ").split("\n")
    assert listed == sorted(COMMANDS) and len(listed) > 60
    required = """protocol_version name version known_command list_commands quit boardsize clear_board komi
        fixed_handicap place_free_handicap set_free_handicap play genmove undo time_settings time_left final_score
        final_status_list loadsgf reg_genmove showboard lz-analyze kata-analyze kata-genmove_analyze lz-genmove_analyze
        printsgf kata-set-rules kata-get-rules clear_cache list_stones is_legal all_legal captures gogui-play_sequence
        gogui-interrupt gogui-analyze_commands cgos-genmove_analyze kgs-genmove_cleanup kgs-rules kgs-time_settings
        kgs-game_over cputime kata-get-param kata-set-param rectangular_boardsize level"""
    assert set(required.split()) <= set(listed)
    for name in listed:
        if name not in ("quit", "exit"):
            answers = talk(f"{name}\n1 {name} \x00 {'9' * 50} zz\n2 protocol_version\n")
            assert answers[-1] == "=2 2", name


def test_the_documentation_names_every_command():
    page = (Path(__file__).parents[2] / "docs" / "gtp.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w-]+)`", page[page.index("## Commands") :])) - set(PARAMETERS)
    assert named == set(COMMANDS)


def test_garbage_gets_question_marks_and_the_engine_lives_on():
    player = Scripted()
    out = io.BytesIO()
    blob = np.random.default_rng(7).integers(0, 256, 5000, dtype=np.uint8).tobytes()
    run(Session(player), io.BytesIO(blob + b"\n77 genmove b\n"), out)
    blocks = out.getvalue().decode().split("\n\n")
    assert blocks[-2] == "=77 A9"
    assert all(block.startswith("?") for block in blocks[:-2])


def test_resignation_and_passes():
    player = Scripted("resign pass pass")
    answers = talk("genmove b\nlist_stones b\ngenmove b\ngenmove w\nfinal_score\n", player)
    assert answers[0] == "= resign" and answers[2:4] == ["= pass", "= pass"]
    assert answers[4] == "= W+7"


def test_a_resigned_game_has_that_result():
    assert ask("play b e5", "play w resign", "final_score") == "= B+R"


def test_final_score_takes_the_dead_stones_off_and_agrees_with_the_list():
    setup = ["play b e5", "play w a1"]
    assert ask(*setup, "final_score") == "= W+7"  # both colours see everything: nothing but komi
    dead = Scripted(dead="a1")
    assert ask(*setup, "final_score", player=dead) == "= B+74"
    assert ask(*setup, "final_status_list dead", player=dead) == "= A1"
    assert ask(*setup, "final_status_list alive", player=dead) == "= E5"
    assert ask(*setup, "final_status_list seki", player=dead) == "="


def test_dead_chains_are_listed_one_a_line():
    player = Scripted(dead="a1 b1 d1")
    assert ask("gogui-play_sequence w a1 w b1 w d1", "final_status_list dead", player=player) == "= A1 B1\nD1"


def test_the_player_is_ready_before_a_new_board_is_answered():
    player = Scripted()
    talk("boardsize 13\nclear_board\n", player)
    assert player.calls == ["warm_up 13", "warm_up 13"]


def test_genmove_out_of_turn_and_cleanup():
    player = Scripted()
    talk("genmove w\nkgs-genmove_cleanup w\n", player)
    assert player.calls == ["genmove 2", "genmove 2 cleanup"]


def test_options_of_the_session():
    assert ask("get_komi", komi=5.5) == "= 5.5"
    assert ask("boardsize 19", "get_komi", komi=5.5) == "= 5.5"
    assert ask("name", name="KataGo") == "= KataGo"
    assert ask("query_boardsize", size=13) == "= 13"


def test_pondering_begins_after_a_move_and_ends_with_the_next_line():
    player = Scripted()
    talk("genmove b\nplay w e5\n", player, ponder=True)
    assert player.calls == ["genmove 1", "ponder", "stop"]
    player = Scripted("resign")
    talk("genmove b\nname\n", player, ponder=True)
    assert player.calls == ["genmove 1"], "it has given up"


CLOCKS = [
    ("", ("none", 0, 0)),
    ("time_settings 300 0 0", ("absolute", 300, 0)),
    ("time_settings 0 30 0", ("none", 0, 0)),
    ("time_settings 60 30 5", ("canadian", 60, 0)),
    ("time_settings 0 30 5", ("canadian", 30, 5)),
    ("time_settings 60 30 5\ntime_left b 12 0", ("canadian", 12, 0)),
    ("time_settings 60 30 5\ntime_left b 12 3", ("canadian", 12, 3)),
    ("time_settings 60 30 5\ntime_left w 12 3", ("canadian", 60, 0)),
    ("kgs-time_settings byoyomi 60 30 5\ntime_left b 20 2", ("byoyomi", 20, 2)),
    ("kgs-time_settings canadian -9 3600 1", ("canadian", 3600, 1)),
    ("kata-time_settings fischer-capped 60 5 62 -1", ("fischer", 62, 0)),
    ("kata-time_settings fischer-capped 60 5 -1 -1", ("fischer", 65, 0)),
    ("kgs-time_settings absolute 60", ("absolute", 60, 0)),
    ("kgs-time_settings canadian 60 30 5", ("canadian", 60, 0)),
    ("kata-time_settings fischer 60 5", ("fischer", 65, 0)),
    ("time_left b 12 0", ("absolute", 12, 0)),
    ("time_left b 0 0", ("none", 0, 0)),
    ("time_settings 0 1 0\ntime_left b 0 0", ("none", 0, 0)),  # the protocol's way to say: no limit
    ("kgs-time_settings none\ntime_left b 0 0", ("none", 0, 0)),
    ("time_settings 300 0 0\ntime_left b 0 0", ("absolute", 0, 0)),
    ("time_settings 60 30 5\ntime_left b 0 0", ("canadian", 0, 0)),
    ("time_settings 300 0 0\ntime_left b -5 0", ("absolute", 0, 0)),
    ("time_settings 300 0 0\ntime_left b 7 0\nclear_board", ("absolute", 300, 0)),
]


@pytest.mark.parametrize(("commands", "expected"), CLOCKS)
def test_clock_given_to_the_player(commands, expected):
    player = Scripted()
    answers = talk(f"{commands}\ngenmove b\n", player)
    assert all(answer.startswith("=") for answer in answers)
    clock = player.clocks[0]
    assert (clock.settings.system, clock.seconds, clock.count) == expected


def test_the_clock_runs_where_the_controller_is_silent():
    player = Scripted()
    session = Session(player)
    run(session, io.BytesIO(b"time_settings 300 0 0\ngenmove b\n"), io.BytesIO())
    assert session.clocks[BLACK].seconds < 300 and session.clocks[WHITE].seconds == 300


RULES = [
    (
        "tromp-taylor",
        {"ko": "POSITIONAL", "scoring": "AREA", "suicide": True, "tax": "NONE", "whiteHandicapBonus": "0"},
    ),
    ("chinese", {"ko": "SIMPLE", "scoring": "AREA", "suicide": False, "tax": "NONE", "whiteHandicapBonus": "N"}),
    ("japanese", {"ko": "SIMPLE", "scoring": "TERRITORY", "suicide": False, "tax": "SEKI", "whiteHandicapBonus": "0"}),
    ("aga", {"ko": "SITUATIONAL", "scoring": "AREA", "suicide": False, "tax": "NONE", "whiteHandicapBonus": "N-1"}),
]


@pytest.mark.parametrize(("name", "fields"), RULES)
def test_rules_round_trip_as_json(name, fields):
    text = ask(f"kata-set-rules {name}", "kata-get-rules").removeprefix("= ")
    assert fields.items() <= json.loads(text).items()
    assert ask(f"kata-set-rules {text}", "kata-get-rules") == f"= {text}"


def test_set_rules_keeps_the_komi():
    assert ask("komi 5.5", "kata-set-rules japanese", "get_komi") == "= 5.5"


def test_showboard_and_sgf(tmp_path):
    board = ask("play b e5", "play w g3", "showboard")
    assert board.startswith("=\n") and len(board.split("\n")) > 10
    path = tmp_path / "a game.sgf"
    assert ask("play b e5", "play w pass", "play b a1", f"printsgf {path}") == "="
    assert ask(f"loadsgf {path}", "move_history") == "= black A1\nwhite pass\nblack E5"
    assert ask(f"loadsgf {path} 2", "move_history") == "= black E5"
    text = ask("play b e5", "printsgf")
    assert text.startswith("= (;") and "B[ee]" in text
    path.write_text("(;SZ[9]B[zz])")
    broken = ask(f"loadsgf {path}")
    assert broken.startswith("? cannot load file: ") and "\n" not in broken
    path.write_bytes(b"\x00\xff garbage")
    assert ask(f"loadsgf {path}").startswith("? cannot load file: ")
    path.write_text("(;SZ[21])")
    assert ask(f"loadsgf {path}").startswith("? cannot load file: ")


def test_all_legal_counts():
    assert len(ask("all_legal b").split()) - 1 == 81
    assert len(ask("play b e5", "all_legal w").split()) - 1 == 80


def test_a_player_that_fails_is_an_error_and_no_end(capsys):
    class Failing(Scripted):
        def genmove(self, *args, **kwargs):
            raise RuntimeError("the GPU is on fire")

    answers = talk("1 genmove b\n2 name\n", Failing())
    assert answers == ["?1 internal error: RuntimeError: the GPU is on fire", "=2 scripted"]
    assert "Traceback" in capsys.readouterr().err  # the reason is told, on standard error


def test_coordinates_of_the_fake_are_those_of_the_board():
    assert to_gtp(12, 9) == "A9"
