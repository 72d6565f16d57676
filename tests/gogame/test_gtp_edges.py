"""Odd corners of a GTP session that clients have run into: ends, files, komi, and failures after an answer."""

from __future__ import annotations

import io

import pytest

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
