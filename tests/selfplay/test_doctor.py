"""``gogame doctor`` and the dialogues that it holds: they pass with this engine, and a broken one is told from it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numba
import pytest
from click.testing import CliRunner

from selfplay import doctor, handshakes
from selfplay.gtp_client import GtpError
from selfplay.handshakes import CLIENTS, HandshakeError, Step, replay, replay_katrain
from tests.mcts.conftest import tiny_net

__all__ = ["tiny_net"]

ENGINE = """
import sys
for line in sys.stdin:
    word = line.split()[0]
    if word == "quit":
        break
    print(ANSWERS.get(word, "= 9"), end="\\n\\n", flush=True)
"""


def engine(tmp_path: Path, answers: Mapping[str, object], code: str = ENGINE) -> list[str]:
    """A program that gives these answers to these commands."""
    path = tmp_path / "engine.py"
    path.write_text(f"ANSWERS = {answers!r}\n{code}")
    return [sys.executable, str(path)]


@pytest.mark.usefixtures("needs_jit")
def test_this_engine_is_what_real_clients_need(tiny_net: Path) -> None:
    found = {name: (lines, wrong) for name, lines, wrong, _ in handshakes.handshakes(("--net", str(tiny_net)))}
    assert all(wrong == "" for _, wrong in found.values()), found
    assert found.keys() == {"Sabaki", "Lizzie", "LizzieYzy", "GoGui", "CGOS", "KGS", "KaTrain"}
    assert all(lines >= 4 for lines, _ in found.values())


def client(*steps: Step) -> handshakes.Client:
    return handshakes.Client("test", (), steps)


@pytest.mark.parametrize(
    ("step", "answer", "told"),
    [
        (Step("boardsize 9"), "= 9", "boardsize 9: answered '9'"),
        (Step("boardsize 9"), "? unacceptable size", "boardsize 9: refused, unacceptable size"),
        (Step("genmove b", handshakes.VERTEX), "= I9", "genmove b: answered 'I9'"),
        (
            Step("kata-analyze b 10", handshakes.INFO, 1),
            "=\ninfo nothing",
            "kata-analyze b 10: answered 'info nothing'",
        ),
        (Step("kata-analyze b 10", handshakes.INFO, 1), "? unknown command", "refused, unknown command"),
        (Step("list_commands", CLIENTS[0].steps[3].hear), "= undo\nkomi", "list_commands: answered 'undo komi'"),
    ],
)
def test_an_answer_that_a_client_cannot_use_is_told(tmp_path: Path, step: Step, answer: str, told: str) -> None:
    start = engine(tmp_path, {step.say.split()[0]: answer, "protocol_version": "= 2"})
    with pytest.raises(HandshakeError, match=told):
        replay(client(step), start)


def test_what_a_client_can_use_passes(tmp_path: Path) -> None:
    info = "info move E5 visits 3 utility 0 winrate 0.5 prior 0.1 pv E5 C3"
    start = engine(tmp_path, {"kata-analyze": f"=\n{info}\n{info}", "name": "= x", "protocol_version": "= 2"})
    steps = (Step("name", r"\S"), Step("kata-analyze b 10", handshakes.INFO, 2), Step("boardsize 9", "9"))
    assert replay(client(*steps), start) == 3
    assert replay(client(*steps[:2]), start) == 2  # an analysis at the end is ended, too


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "print('hello', flush=True); input()"])
def test_a_program_that_ends_or_is_no_engine(tmp_path: Path, code: str) -> None:
    with pytest.raises(GtpError, match="exit status|no GTP answer"):
        replay(CLIENTS[0], engine(tmp_path, {}, code))
    with pytest.raises((GtpError, HandshakeError), match="exit status|not JSON"):
        replay_katrain(engine(tmp_path, {}, code))


ANALYSIS = """
import json, sys
for line in sys.stdin:
    query = json.loads(line)
    print(json.dumps({"id": query["id"]} | ANSWERS.get(query["id"], {})), flush=True)
"""


def look(**changes: object) -> dict[str, object]:
    """An answer that KaTrain can read, but for these changes."""
    move = {"move": "E5", "visits": 9, "order": 0, "winrate": 0.5, "scoreLead": 0, "prior": 0.1, "pv": ["E5"]}
    root = {"visits": 20, "winrate": 0.5, "scoreLead": 0.0}
    whole = {"isDuringSearch": False, "moveInfos": [move], "rootInfo": root, "ownership": [0] * 81, "policy": [0] * 82}
    return whole | changes


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"look": {"error": "no"}}, "error"),
        ({"look": look(moveInfos=[])}, "missing"),
        ({"look": look(moveInfos=[{"move": "E5"}])}, "no visits"),
        ({"look": look(rootInfo={"visits": 20})}, "no winrate"),
        ({"look": look(policy=[])}, "missing"),
        ({"look": look(isDuringSearch=True)}, "a query: answered"),
        ({"ponder": look()}, "reportDuringSearchEvery"),
        ({"end": {}}, "terminate"),
        ({"v": {}}, "query_version"),
    ],
)
def test_katrain(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    answers = {
        "v": {"version": "1"}, "look": look(), "ponder": look(isDuringSearch=True), "end": {"terminateId": "ponder"},
    }  # fmt: skip
    start = engine(tmp_path, answers | changes, ANALYSIS)
    if not told:
        assert replay_katrain(start) == 4
        return
    with pytest.raises(HandshakeError, match=told):
        replay_katrain(start)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Only what needs no search; the dialogues are tried above."""
    checks = (doctor.packages, doctor.command_path, doctor.kernels, doctor.networks, doctor.window, doctor.games_folder)
    monkeypatch.setattr(doctor, "CHECKS", checks)
    return monkeypatch


def dialogues(wrong: str) -> Iterator[tuple[str, int, str, float]]:
    yield "Sabaki", 3, wrong, 0.1


@pytest.mark.parametrize("wrong", ["", "komi 7: refused"])
def test_the_exit_status_and_the_last_line_tell_whether_it_works(quick: pytest.MonkeyPatch, wrong: str) -> None:
    quick.setattr(doctor, "handshakes", lambda: dialogues(wrong))
    done = CliRunner().invoke(doctor.command)
    lines = done.output.splitlines()
    assert done.exit_code == (1 if wrong else 0), done.output
    assert lines[-1] == ("Does not work: Sabaki." if wrong else "Everything works.")
    assert (wrong in done.output) and any(line.startswith("ok    packages") for line in lines)
    shown = json.loads(CliRunner().invoke(doctor.command, ["--json"]).output)
    assert shown["works"] is not bool(wrong) and shown["findings"][-1]["check"] == "Sabaki"


@pytest.mark.usefixtures("needs_jit")
def test_the_engine_is_tried() -> None:
    found = doctor.evaluation(9)
    assert found.state == doctor.GOOD and "a move of 100 visits in" in found.detail


def test_what_is_missing_is_told_with_a_remedy(quick: pytest.MonkeyPatch, tmp_path: Path) -> None:
    quick.setattr(doctor, "handshakes", lambda: pytest.fail("nothing to talk to"))
    quick.setattr(doctor, "requires", lambda name: ["no-such-package>=1", "numpy", "what; extra == 'test'"])
    found = doctor.packages()
    assert (found.state, found.remedy) == (doctor.BAD, "pip install no-such-package")
    quick.setattr("nets.weights.DATA", tmp_path)
    assert doctor.networks().state == doctor.BAD
    quick.setattr(doctor.shutil, "which", lambda name: None)
    assert doctor.command_path().state == doctor.NOTE and sys.executable in doctor.command_path().remedy
    quick.setattr(numba.config, "CACHE_DIR", "")
    if not numba.config.DISABLE_JIT:
        assert doctor.kernels().state == doctor.NOTE and "NUMBA_CACHE_DIR" in doctor.kernels().remedy
    file = tmp_path / "file"
    file.write_text("")
    quick.setattr(doctor, "user_data_dir", lambda *a, **k: str(file / "games"))
    assert doctor.games_folder().state == doctor.BAD
    done = CliRunner().invoke(doctor.command)
    assert done.exit_code == 1 and "-> pip install no-such-package" in done.output
    assert done.output.splitlines()[-1].startswith("Does not work: packages,")


def test_a_window_needs_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert doctor.window().state == doctor.NOTE
    monkeypatch.setenv("SDL_VIDEODRIVER", "nonsense")
    assert doctor.window().state == doctor.NOTE and "no display" in doctor.window().detail
    monkeypatch.setattr(doctor, "WINDOW", "print('x11', 1920, 1080)")
    assert doctor.window() == doctor.Finding("window", doctor.GOOD, "a display of 1920x1080 (x11)")
