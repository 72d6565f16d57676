"""Odd corners of a GTP session that clients have run into: ends, files, komi, and failures after an answer."""

from __future__ import annotations

import io

import pytest

from gogame.board import BLACK
from gogame.gtp_commands import run
from gogame.gtp_session import Session
from gogame.player import PlayerError
from tests.gogame.gtp_scripted import Scripted, ask, talk


@pytest.mark.parametrize("name", ["quit", "exit"])
def test_quit_and_exit_end_the_session(name):
    assert talk(f"1 {name}\n2 name\n") == ["=1"]


@pytest.mark.parametrize("zero", ["-0", "-0.0", "0"])
def test_a_komi_of_zero_has_no_sign(zero):
    assert ask(f"komi {zero}", "get_komi") == "= 0"
    assert "KM[0]" in ask(f"komi {zero}", "printsgf")


def test_rules_set_after_a_file_was_loaded_keep_the_komi_of_the_file(tmp_path):
    path = tmp_path / "game.sgf"
    path.write_text("(;GM[1]SZ[9]KM[0.5];B[ee])")
    assert ask("komi 7.5", f"loadsgf {path}", "kata-set-rules japanese", "get_komi") == "= 0.5"
    # ... and the named komi is in force again on the next board.
    assert ask("komi 7.5", f"loadsgf {path}", "kata-set-rules japanese", "clear_board", "get_komi") == "= 7.5"


def test_rules_alone_name_no_komi_for_later_games(tmp_path):
    path = tmp_path / "game.sgf"
    path.write_text("(;GM[1]SZ[9]KM[0.5];B[ee])")
    assert ask("kata-set-rules japanese", "get_komi") == "= 7", "this game keeps its own"
    assert ask("kata-set-rules japanese", "boardsize 19", "get_komi") == "= 6.5"
    assert ask("kata-set-rules chinese", "boardsize 19", "get_komi") == "= 7.5"
    assert ask(f"loadsgf {path}", "kata-set-rules chinese", "clear_board", "get_komi") == "= 7"


def test_a_file_that_the_player_cannot_get_ready_for_is_one_line(tmp_path, capsys):
    class Unready(Scripted):
        def warm_up(self, size):
            raise PlayerError("no network for this size")

    path = tmp_path / "game.sgf"
    path.write_text("(;GM[1]SZ[13];B[dd])")
    answers = talk(f"loadsgf {path}\nquery_boardsize", Unready())
    assert answers == ["? cannot load file: no network for this size", "= 9"]
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_without_end_is_refused():
    assert ask("loadsgf /dev/zero").startswith("? cannot load file: ")


def test_what_fails_after_an_answer_is_no_second_answer(capsys):
    class NoPonder(Scripted):
        def ponder(self, game):
            raise MemoryError("no room to ponder")

    out = io.BytesIO()
    run(Session(NoPonder(), ponder=True), io.BytesIO(b"1 genmove b\n2 name\n"), out)
    assert out.getvalue() == b"=1 A9\n\n=2 scripted\n\n"
    assert "no room to ponder" in capsys.readouterr().err


def test_after_a_resignation_a_controller_may_go_on() -> None:
    assert ask("play b e5", "play w resign", "play w c3", "list_stones w") == "= C3"
    assert ask("play w resign", "play b e5", "final_score").startswith("= B+7")


def test_genmove_after_two_passes_sees_a_game_that_goes_on() -> None:
    seen = []

    class Watching(Scripted):
        def genmove(self, game, *args, **kwargs):
            seen.append((game.is_over, game.to_move, game.passes))
            return super().genmove(game, *args, **kwargs)

    assert ask("play b pass", "play w pass", "genmove b", player=Watching()) == "= A9"
    assert seen == [(False, BLACK, 0)]


@pytest.mark.parametrize("lines", ["reg_genmove b\n", "play b pass\ngenmove w\n"])
def test_no_pondering_after_a_question_or_at_the_end(lines: str) -> None:
    player = Scripted("pass")
    talk(lines + "name\n", player, ponder=True)
    assert "ponder" not in player.calls


def test_time_left_of_an_absolute_clock_has_no_stones() -> None:
    player = Scripted()
    talk("time_settings 300 0 0\ntime_left b 100 5\ngenmove b\n", player)
    assert (player.clocks[0].seconds, player.clocks[0].count) == (100, 0)
