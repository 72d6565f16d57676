"""Analysis over GTP: the lines that clients read, and what ends them."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from functools import partial

import pytest

from gogame.coords import from_gtp
from gogame.gtp_commands import run
from gogame.gtp_session import Session
from tests.gogame import gtp_scripted
from tests.gogame.gtp_scripted import Scripted, ask, talk


def test_lz_analyze_format_and_its_end():
    answers = talk("play b e5\n4 lz-analyze 10\n5 name\n")
    first, *lines = answers[1].split("\n")
    assert first == "=4" and lines
    assert re.fullmatch(
        r"info move A9 visits 10 winrate 5312 prior 2500 lcb 5000 order 0 pv A9 A9 "
        r"info move B9 visits 9 winrate 5312 prior 2500 lcb 5000 order 1 pv B9 A9 info move C9 .*",
        lines[0],
    )
    assert answers[2] == "=5 scripted"


def test_kata_analyze_format():
    keys = "maxmoves 1 ownership true rootInfo true"
    line = talk(f"kata-analyze w 10 {keys}\nname\n")[0].split("\n")[1]
    assert line.startswith(
        "info move A9 visits 10 utility 0.060000 winrate 0.531200 scoreMean 1.250 scoreStdev 4.000 scoreLead 1.250 "
        "prior 0.250000 lcb 0.500000 utilityLcb 0.030000 order 0 pv A9 A9 "
    )
    assert " rootInfo visits 40 utility 0.080000 winrate 0.531200 scoreStdev 4.000 scoreLead 1.250 ownership " in line
    assert line.count("info move") == 1
    assert len(line.split("ownership ")[1].split()) == 81


def test_a_bound_below_every_rate_is_told_as_0(monkeypatch):
    monkeypatch.setattr(gtp_scripted, "Move", partial(gtp_scripted.Move, lcb=-0.5))
    assert " lcb 0.000000 utilityLcb " in talk("kata-analyze w 10\nname\n")[0]
    assert " lcb 0 order " in talk("lz-analyze w 10\nname\n")[0]


def test_the_ownership_after_each_move_is_told_where_asked_for(live):
    pipe, out, player = live
    pipe.send("kata-analyze b 2 maxmoves 2 movesOwnership true ownership true\n")
    out.wait_for("-1.000 ")
    out.wait_for("ownership", 10)
    while out.getvalue().count(b"\n") < 5:
        time.sleep(0.01)
    pipe.send("name\n")
    out.wait_for("scripted")
    line = out.getvalue().decode().split("\n")[1]
    assert re.search(
        r" pv A9 A9 movesOwnership (0\.500 ){81}info move B9 .* movesOwnership (0\.500 ){81}ownership -1", line
    )
    assert [call for call in player.calls if call.startswith("ownerships")][0] == "ownerships 1 [12, 13]"
    asked = [call for call in player.calls if call.startswith("ownerships") and "[]" not in call]
    assert len(asked) == 1, "a move is looked at once"


@pytest.mark.parametrize("dialect", ["kata", "lz"])
def test_the_visits_of_a_variation_are_told_where_asked_for(dialect):
    line = talk(f"{dialect}-analyze b 10 maxmoves 2 pvVisits true\nname\n")[0].split("\n")[1]
    assert re.search(r"order 0 pv A9 A9 pvVisits 10 4 info move B9 .* pv B9 A9 pvVisits 9 4$", line)
    assert "pvVisits" not in talk(f"{dialect}-analyze b 10 pvVisits false\nname\n")[0]


ANALYSES = [
    ("lz-analyze", "analyse 1 1 [] None"),
    ("lz-analyze 50", "analyse 1 0.5 [] None"),
    ("lz-analyze w 50", "analyse 2 0.5 [] None"),
    ("lz-analyze w interval 20", "analyse 2 0.2 [] None"),
    ("lz-analyze b 0", "analyse 1 0.02 [] None"),
    ("kata-analyze b 10 avoid b a9,b9 1 avoid w c9 1", "analyse 1 0.1 [12, 13] None"),
    ("kata-analyze b allow b a9,pass 1 interval 10", "analyse 1 0.1 [] {0, 12}"),
    ("lz-analyze 10 minmoves 3", "analyse 1 0.1 [] None"),
    ("kata-analyze b noResultValue true frobnicate 3 interval 20", "analyse 1 0.2 [] None"),
]


def test_an_unknown_key_is_told_and_skipped(capsys):
    answers = talk("kata-analyze b 10 noResultValue true frobnicate 3 maxmoves 1\n" * 2 + "name\n")
    assert answers[0].count("info move") == 1
    assert [line for line in capsys.readouterr().err.splitlines() if "key" in line] == [
        "gogame: analysis key 'frobnicate' is not known, and ignored"
    ]


def test_a_search_for_a_move_that_is_not_played():
    player = Scripted("e5 c3")
    answers = talk("kata-search_analyze b 20 maxmoves 1\nkata-search w\nlist_stones b\n", player, ponder=True)
    assert re.fullmatch(r"=\ninfo move A9 .*\nplay E5", answers[0]) and answers[1:] == ["= C3", "="]
    assert "ponder" not in player.calls


def test_such_a_search_is_cancelled_by_a_line(live):
    pipe, out, player = live
    player.wait_for_stop = True
    pipe.send("kata-search_analyze_cancellable b 20\n")
    out.wait_for("info move")
    assert "play" not in out.getvalue().decode()
    pipe.send("list_stones b\n")
    out.wait_for("play cancelled\n\n=\n\n")


def test_such_a_search_that_nobody_cancels_names_its_move(live):
    pipe, out, player = live
    pipe.send("kata-search_cancellable b\n")
    out.wait_for("= A9\n\n")
    pipe.send("kata-search_analyze_cancellable b 20\n")
    out.wait_for("play A9\n\n")


@pytest.mark.parametrize("dialect", ["lz", "kata"])
def test_a_move_can_be_restricted(dialect):
    player = Scripted()
    talk(f"{dialect}-genmove_analyze b 10 avoid b a9,b9 1\n{dialect}-genmove_analyze w allow w c3,pass 1\n", player)
    moves = [call for call in player.calls if call.startswith("genmove")]
    assert moves == ["genmove 1 avoid [12, 13] allow None", f"genmove 2 avoid [] allow {[0, from_gtp('C3', 9)]}"]


@pytest.mark.parametrize(("text", "call"), ANALYSES)
def test_analysis_arguments(text, call):
    player = Scripted()
    talk(f"{text}\nname\n", player)
    assert [made for made in player.calls if not made.startswith("raw")] == [call]


class Pipe(io.RawIOBase):
    """Standard input under the test's control."""

    def __init__(self) -> None:
        self._data = b""
        self._changed = threading.Condition()
        self._closed = False

    def send(self, text: str) -> None:
        with self._changed:
            self._data += text.encode()
            self._changed.notify()

    def end(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[override]
        with self._changed:
            self._changed.wait_for(lambda: self._data or self._closed, timeout=20)
            count = min(len(buffer), len(self._data))
            buffer[:count] = self._data[:count]
            self._data = self._data[count:]
            return count


class Output(io.BytesIO):
    """Standard output that can be waited for."""

    def wait_for(self, text: str, timeout: float = 10.0) -> float:
        began = time.perf_counter()
        while text not in self.getvalue().decode():
            assert time.perf_counter() - began < timeout, f"no {text!r} in {self.getvalue().decode()!r}"
            time.sleep(0.002)
        return time.perf_counter() - began


@pytest.fixture
def live():
    """(standard input, standard output, player) of a session in another thread."""
    pipe, out, player = Pipe(), Output(), Scripted()
    thread = threading.Thread(target=run, args=(Session(player), io.BufferedReader(pipe), out), daemon=True)
    thread.start()
    yield pipe, out, player
    pipe.end()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("line", ["name", "", "# a comment", "\x00"])
def test_any_line_ends_an_analysis(live, line):
    pipe, out, _ = live
    pipe.send("1 kata-analyze b 6000\n")  # the next report would come after a minute
    out.wait_for("info move")
    pipe.send(line + "\n")
    out.wait_for("\n\n")
    pipe.send("2 protocol_version\n")
    out.wait_for("=2 2\n\n")


def test_an_analysis_reports_again_and_again(live):
    pipe, out, _ = live
    pipe.send("1 kata-analyze b 5\n")
    out.wait_for("info move")
    while out.getvalue().decode().count("info move A9") < 3:
        time.sleep(0.01)


def test_the_end_of_the_input_ends_an_analysis(live):
    pipe, out, _ = live
    pipe.send("1 lz-analyze b 5\n")
    out.wait_for("info move")
    pipe.end()
    out.wait_for("\n\n")


def test_genmove_analyze_is_not_ended_by_lines_but_by_an_interrupt(live):
    pipe, out, player = live
    player.wait_for_stop = True
    pipe.send("1 lz-genmove_analyze b 10\n")
    out.wait_for("info move")
    pipe.send("2 name\n")
    time.sleep(0.1)
    assert "play" not in out.getvalue().decode() and "=2" not in out.getvalue().decode()
    pipe.send("# interrupt\n")
    out.wait_for("\nplay A9\n\n=2 scripted\n\n")


def test_genmove_analyze_answers():
    lines = talk("7 kata-genmove_analyze b 100\nlist_stones b\n")
    assert re.fullmatch(r"=7\ninfo move A9 .*\nplay A9", lines[0]) and lines[1] == "= A9"
    assert ask("lz-genmove_analyze w 100", player=Scripted("resign")).endswith("\nplay resign")


def test_cgos_genmove_analyze():
    first, analysis, move = ask("cgos-genmove_analyze b").split("\n")
    assert first == "=" and move == "play A9"
    data = json.loads(analysis)
    assert data["winrate"] == 0.5312 and data["visits"] == 40 and data["score"] == 1.25
    assert data["moves"][0]["move"] == "A9" and data["moves"][0]["pv"] == "A9"
    assert len(data["ownership"]) == 81 and data["ownership"][0] == "A" and data["ownership"][-1] == "+"


def test_ownership_for_gogui():
    rows = ask("gogame-ownership").removeprefix("=\n").split("\n")
    assert len(rows) == 9 and all(len(row.split()) == 9 for row in rows)
    assert rows[0].startswith("1.00") and rows[8].endswith("-1.00")


def raw_keys(text: str) -> dict[str, list[str]]:
    """key -> its values, of an answer to kata-raw-nn, as clients read it: by its words."""
    found: dict[str, list[str]] = {}
    for word in text.removeprefix("=").split():
        if word[0].isalpha() and word != "NAN":
            values = found[word] = []
        else:
            values.append(word)
    return found


def test_kata_raw_nn_is_whites_view():
    player = Scripted()
    white, black = talk("kata-raw-nn w 3\nkata-raw-nn 0\n", player)
    assert player.calls == ["raw 2 3", "raw 1 0"]
    one, other = raw_keys(white), raw_keys(black)
    assert " ".join(f"{k} {v[0]}" for k, v in one.items() if len(v) == 1) == (
        "symmetry 3 whiteWin 0.500000 whiteLoss 0.250000 noResult 0.250000 whiteLead 3.000 whiteScoreSelfplay 3.000 "
        "whiteScoreSelfplaySq 25.000 varTimeLeft -1.000 shorttermWinlossError -1.000 shorttermScoreError -1.000 "
        "policyPass 0.250000"
    )
    assert other["whiteWin"] == ["0.250000"] and other["whiteLoss"] == ["0.500000"] and other["whiteLead"] == ["-3.000"]
    assert one["policy"] == other["policy"] == ["NAN"] * 78 + ["0.250000"] * 3
    assert float(one["whiteOwnership"][0]) == -1.0 == -float(other["whiteOwnership"][0])
    assert [len(line.split()) for line in white.split("\n")].count(9) == 18


def test_kata_raw_nn_of_all_symmetries_and_of_none():
    player = Scripted()
    answers = talk("kata-raw-nn all\nkata-raw-nn 8\nkata-raw-nn b\nkata-raw-nn x\nname\n", player)
    assert [line for line in answers[0].removeprefix("= ").split("\n") if "symmetry" in line] == [
        f"symmetry {k}" for k in range(8)
    ]
    assert answers[1].startswith("? ") and answers[3].startswith("? ") and answers[4] == "= scripted"
    assert player.calls == [f"raw 1 {k}" for k in range(8)] + ["raw 1 0"]
