"""Odd corners of a GTP session that clients have run into: ends, files, komi, and failures after an answer."""

from __future__ import annotations

import io
import json
import os

import pytest

from gogame.board import BLACK
from gogame.gtp_commands import run
from gogame.gtp_session import COMMANDS, QUIET, Session
from gogame.player import PlayerError
from tests.full_disk import FullDisk, hidden
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
    assert ask("loadsgf /dev/zero") == "? cannot load file: a pipe or a device, not a file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX's")
@pytest.mark.timeout(100)
def test_a_pipe_that_nobody_is_at_keeps_nobody_waiting(tmp_path):
    os.mkfifo(pipe := tmp_path / "pipe")
    for command, what in (("loadsgf", "load file"), ("printsgf", "write the file")):
        assert ask(f"{command} {pipe}") == f"? cannot {what}: a pipe or a device, not a file"


def test_a_game_has_an_end(monkeypatch):
    monkeypatch.setattr("gogame.gtp_session.MAX_MOVES", 4)
    answers = talk("gogui-play_sequence b pass w pass b pass\nplay b e5\nplay w e4\ngenmove w\nundo\nplay w e4\n")
    assert answers == ["=", "=", *2 * ["? the game has 4 moves: clear_board begins another"], "=", "="]
    assert ask("gogui-play_sequence" + " b pass" * 5, "move_history") == "="  # nothing of it was played


def test_a_record_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    path, link = tmp_path / "a.sgf", tmp_path / "link.sgf"
    path.write_text("before")
    path.chmod(0o600)
    link.symlink_to(path)
    disk = FullDisk(monkeypatch, "a.sgf")
    assert ask("play b e5", f"printsgf {link}") == "? cannot write the file: No space left on device"
    assert path.read_text() == "before" and not hidden(tmp_path)
    disk.name = None
    assert ask("play b e5", f"printsgf {link}") == "="
    assert ";B[ee]" in path.read_text() and path.stat().st_mode & 0o777 == 0o600 and link.is_symlink()
    assert ask("printsgf " + "x" * 250) == "? cannot write the file: File name too long"
    assert ask("printsgf /") == "? cannot write the file: no file can have that name"
    assert ask(f"printsgf {tmp_path}") == "? cannot write the file: Is a directory"


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


def test_a_counted_game_is_written_as_it_is_counted():
    """Dead stones and all; before its end there is no result, and after a resignation its own."""
    moves = ("play b e5", "play w a1", "play b pass", "play w pass")
    for rules in ("japanese", "chinese"):
        player = Scripted(dead="A1")
        counted = ask(f"kata-set-rules {rules}", *moves, "final_score", player=player).removeprefix("= ")
        assert f"RE[{counted}]" in ask(f"kata-set-rules {rules}", *moves, "printsgf", player=player)
        assert f"RE[{counted}]" not in ask(f"kata-set-rules {rules}", *moves, "printsgf"), "nothing is dead here"
    assert "RE[" not in ask(*moves[:3], "printsgf")


def test_rules_and_komi_that_a_file_does_not_name_stay(tmp_path):
    path = tmp_path / "game.sgf"
    for text, scoring, komi in (
        ("", "TERRITORY", "5.5"), ("KM[0.5]", "TERRITORY", "0.5"), ("RU[custom]", "TERRITORY", "5.5"),
        ("RU[Chinese]", "AREA", "7.5"), ("RU[Chinese]KM[6.5]", "AREA", "6.5"),
    ):  # fmt: skip
        path.write_text(f"(;GM[1]SZ[9]{text};B[ee])")
        commands = ("kata-set-rules japanese", "komi 5.5", f"loadsgf {path}")
        assert json.loads(ask(*commands, "kata-get-rules").removeprefix("= "))["scoring"] == scoring, text
        assert ask(*commands, "get_komi") == f"= {komi}", text


def test_the_first_game_of_a_file_is_all_that_is_read(tmp_path):
    path = tmp_path / "games.sgf"
    path.write_text("(;SZ[9];B[aa])(;SZ[13:9])")
    assert ask(f"loadsgf {path}", "move_history") == "= black A9"


def test_a_game_without_end_is_refused(tmp_path):
    path = tmp_path / "long.sgf"
    path.write_text("(;SZ[9]" + ";B[];W[]" * 5001 + ")")
    assert ask(f"loadsgf {path}") == "? cannot load file: the game has more than 10000 moves"


def test_a_limit_is_lifted_as_with_katago():
    """Which answers 1e+20 where there is none, and takes that back."""
    assert ask("kata-set-param maxTime 4", "kata-get-param maxTime") == "= 4"
    assert ask("kata-set-param maxTime 4", "kata-set-param maxTime 1e20", "kata-get-param maxTime") == "= 1e+20"
    assert ask("kata-set-param maxTime 0").startswith("? maxTime is out of range")
    assert ask("kata-get-param maxVisits") == "= 400"
    for timed in ("kata-set-param maxTime 4", "time_settings 600 0 0", "time_left b 60 0"):
        assert ask(timed, "kata-get-param maxVisits") == "= 1000000000", "no number of visits is the limit"
    assert ask("kata-set-param maxVisits 50", "time_settings 600 0 0", "kata-get-param maxVisits") == "= 50"


def test_katagos_switches_are_taken():
    assert ask("lz-analyze 10 movesOwnershipStdev true ownershipStdev true", "name").endswith("scripted")


def test_handicap_stones_that_come_as_moves_pay_white() -> None:
    session = Session(Scripted())
    for text, komi in (("b c3", 7), ("b g7", 9), ("w e5", 9), ("b e6", 9)):
        COMMANDS["play"](session, text.split(), None)
        assert session.game.komi == komi
    for komi in (9, 9, 7, 7):
        session.undo()
        assert session.game.komi == komi


def test_a_move_of_its_own_is_legal() -> None:
    stones = [f"play w {vertex}" for vertex in ("b1", "b2", "a3")]
    assert ask(*stones, "play b a1", "genmove b", player=Scripted("a2")) == "? illegal move: suicide"


QUIET_LINES = {  # what a command needs to be answered
    "color": "a9", "list_stones": "b", "captures": "b", "time_settings": "60 0 0", "time_left": "w 50 0",
    "kgs-time_settings": "none", "kata-time_settings": "fischer 60 5", "kata-get-param": "maxVisits",
}  # fmt: skip


class Thinking(Scripted):
    """Is busy with one thing at a time, as the protocol of players has it."""

    def __init__(self) -> None:
        super().__init__()
        self.thinks, self.stops = False, 0

    def ponder(self, game):
        self.thinks = True

    def stop(self):
        self.thinks, self.stops = False, self.stops + 1

    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        allowed = {"ponder", "stop", "thinks", "stops", "visits", "seconds", "version", "name", "wide_root", "resign"}
        if not name.startswith("_") and name not in allowed and super().__getattribute__("thinks"):
            raise AssertionError(f"{name} was asked beside pondering")
        return found


def test_questions_that_need_no_player_leave_pondering_alone() -> None:
    player = Thinking()
    session = Session(player, ponder=True)
    lines = ["genmove b", *(f"{name} {QUIET_LINES.get(name, '')}" for name in sorted(QUIET)), "stop", "name"]
    stops: dict[str, int] = {}
    answered = session.answered
    session.answered = lambda name: (answered(name), stops.update({name: player.stops}))  # type: ignore[method-assign]
    out = io.BytesIO()
    run(session, io.BytesIO("\n".join(lines).encode()), out)
    assert out.getvalue().decode().count("\n\n") == len(lines) and "?" not in out.getvalue().decode()
    assert {stops[name] for name in QUIET - {"name"}} == {stops["genmove"]} and stops["stop"] == stops["genmove"] + 1


def test_an_output_that_fails_leaves_no_search_behind() -> None:
    class Full(io.BytesIO):
        def write(self, data) -> int:  # type: ignore[override]
            if b"name" in bytes(data) or player.thinks:
                raise OSError(28, "No space left on device")
            return super().write(data)

    player = Thinking()
    with pytest.raises(OSError, match="No space"):
        run(Session(player, ponder=True), io.BytesIO(b"genmove b\nname\n"), Full())
    assert not player.thinks


@pytest.mark.parametrize("lines", ["genmove b\n# interrupt\nname\n", "reg_genmove b\n# interrupt\nname\n"])
def test_an_interrupt_that_comes_with_its_move_ends_it(lines: str) -> None:
    player = Scripted()
    player.wait_for_stop = True
    assert talk(lines, player) == ["= A9", "= scripted"]


def test_an_interrupt_ends_no_later_move() -> None:
    stopped = []

    class Watching(Scripted):
        def genmove(self, game, clock=None, *, stop=None, **options):
            stopped.append(stop.wait(0 if stopped else 5))  # the reading thread may not be so far yet
            return super().genmove(game, clock, stop=stop, **options)

    talk("# interrupt\ngenmove b\n# interrupt\nname\ngenmove w\n", Watching())
    assert stopped == [True, False]
