"""``gogame doctor`` and the dialogues that it holds: they pass with this engine, and a broken one is told from it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import numba
import pytest
from click.testing import CliRunner
from numba.core.caching import NullCache

import gogame.kernel
import nets.weights
from gogame import DIST_NAME
from selfplay import doctor, handshakes
from selfplay.gtp_client import GtpError
from selfplay.handshakes import CLIENTS, HandshakeError, Step, replay, replay_flash, replay_katrain
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
    assert found.keys() == {"Sabaki", "Lizzie", "LizzieYzy", "GoGui", "Kigo", "CGOS", "KGS", "KaTrain"} | {
        "LizzieYzy's whole games"
    }
    assert all(lines >= 3 for lines, _ in found.values())


def test_the_engine_is_this_one_wherever_the_user_stands(tmp_path: Path) -> None:
    (tmp_path / "gogame").mkdir()
    (tmp_path / "gogame" / "__init__.py").write_text("raise SystemExit('another one')")
    words = [*handshakes.own_command(), "--version"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and version(DIST_NAME) in done.stdout, done.stderr


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
        (
            Step("analyze", handshakes.INFO, 1),
            "=\ninfo move E5 visits 1 winrate 1 pv E5",
            "protocol_version: refused, no",
        ),
        (Step("list_commands", CLIENTS[0].steps[3].hear), "= undo\nkomi", "list_commands: answered 'undo komi'"),
    ],
)
def test_an_answer_that_a_client_cannot_use_is_told(tmp_path: Path, step: Step, answer: str, told: str) -> None:
    protocol = "? no" if step.say == "analyze" else "= 2"
    start = engine(tmp_path, {step.say.split()[0]: answer, "protocol_version": protocol})
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


FLASH = """
import json, sys
for line in sys.stdin:
    query = json.loads(line)
    for turn in query["analyzeTurns"]:
        print(json.dumps({"id": query["id"], "turnNumber": turn} | ANSWERS), flush=True)
"""


@pytest.mark.parametrize(
    ("missing", "told"), [("", ""), ("scoreStdev", "no scoreStdev"), ("turnNumber", "not every turn")]
)
def test_a_whole_game_of_lizzieyzys(tmp_path: Path, missing: str, told: str) -> None:
    """It throws where a key is missing, and waits for ever for the turn."""
    move = {key: 0 for key in handshakes.FLASH_KEYS if key != missing}
    whole = look(moveInfos=[move]) | ({"turnNumber": 1} if missing == "turnNumber" else {})
    start = engine(tmp_path, whole, FLASH)
    if not told:
        assert replay_flash(start) == 3
        return
    with pytest.raises(HandshakeError, match=told):
        replay_flash(start)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"look": {"error": "no"}}, "error"),
        ({"look": look(moveInfos=[])}, "missing"),
        ({"look": look(moveInfos=[{"move": "E5"}])}, "no visits"),
        ({"look": look(rootInfo={"visits": 20})}, "no winrate"),
        ({"look": look(policy=[])}, "missing"),
        ({"look": look(policy=None, ownership=None)}, "missing"),
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
    monkeypatch.setattr(doctor, "SEARCHES", {})
    monkeypatch.setitem(doctor.CHECKS, "kernels", lambda: doctor.Finding("kernels", doctor.GOOD, "tried below"))
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
    assert (found.state, found.remedy) == (doctor.BAD, f'{doctor.PIP} "no-such-package>=1"')
    quick.setattr(doctor, "requires", lambda name: ["numpy>=99", "click", "what; sys_platform == 'nowhere'"])
    assert doctor.packages().detail.startswith("numpy ") and doctor.packages().remedy.endswith(' install "numpy>=99"')
    quick.setattr("nets.weights.DATA", tmp_path)
    assert doctor.networks().state == doctor.BAD
    quick.setattr(doctor.shutil, "which", lambda name, path=None: None)
    assert doctor.command_path().state == doctor.NOTE and doctor.PYTHON in doctor.command_path().remedy
    file = tmp_path / "file"
    file.write_text("")
    quick.setattr(doctor, "user_data_dir", lambda *a, **k: str(file / "games"))
    assert doctor.games_folder().state == doctor.BAD
    done = CliRunner().invoke(doctor.command)
    assert done.exit_code == 1 and '-m pip install "numpy>=99"' in done.output
    assert done.output.splitlines()[-1] == "Does not work: packages, games, networks."


@pytest.mark.skipif(sys.platform == "win32", reason="programs have another form there")
def test_the_path_of_this_installation_is_told_and_of_another_that_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "gogame").write_text("#!/bin/sh\n")
        (tmp_path / name / "gogame").chmod(0o755)
    monkeypatch.setattr(doctor.sysconfig, "get_path", lambda name, scheme="": str(tmp_path / ("here" * (not scheme))))
    monkeypatch.setenv("PATH", str(tmp_path / "here"))
    assert doctor.command_path().state == doctor.GOOD
    monkeypatch.setenv("PATH", str(tmp_path / "there"))
    found = doctor.command_path()
    assert found.state == doctor.NOTE and str(tmp_path / "there") in found.detail
    assert str(tmp_path / "here") in found.remedy


@pytest.mark.usefixtures("needs_jit")
def test_whether_kernels_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.kernels().state == doctor.GOOD
    monkeypatch.setattr(gogame.kernel.copy_values, "_cache", NullCache())
    assert doctor.kernels().state == doctor.NOTE and "NUMBA_CACHE_DIR" in doctor.kernels().remedy
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
    assert doctor.kernels().state == doctor.BAD


@pytest.mark.parametrize("size", [0, 10, 3000])
def test_a_damaged_network_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: int) -> None:
    whole = next(iter(nets.weights.shipped_nets())).path
    (tmp_path / whole.name).write_bytes(whole.read_bytes()[:size])
    monkeypatch.setattr("nets.weights.DATA", tmp_path)
    found = doctor.networks()
    assert found.state == doctor.BAD and whole.name in found.detail and "reinstall" in found.remedy


@pytest.mark.parametrize("error", [ImportError("libcudart.so: not found"), OSError("[WinError 126]"), KeyError("x\ny")])
def test_a_check_that_fails_is_a_finding(quick: pytest.MonkeyPatch, error: Exception) -> None:
    def fails() -> doctor.Finding:
        raise error

    quick.setattr(doctor, "SEARCHES", {"engine 9x9": fails})
    quick.setattr(doctor, "handshakes", lambda: pytest.fail("nothing to talk to"))
    done = CliRunner().invoke(doctor.command)
    assert done.exit_code == 1 and f"BAD   engine 9x9   {type(error).__name__}: " in done.output
    assert done.output.splitlines()[-1] == "Does not work: engine 9x9."
    shown = json.loads(CliRunner().invoke(doctor.command, ["--json"]).output)
    assert shown["findings"][-1]["state"] == "BAD" and not shown["works"]
    quick.setitem(doctor.CHECKS, "packages", fails)
    quick.setattr(doctor, "SEARCHES", {"engine 9x9": lambda: pytest.fail("no search without its packages")})
    assert CliRunner().invoke(doctor.command).output.splitlines()[-1] == "Does not work: packages."


def test_a_window_needs_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert doctor.window().state == doctor.NOTE
    monkeypatch.setenv("SDL_VIDEODRIVER", "nonsense")
    assert doctor.window().state == doctor.NOTE and "no display" in doctor.window().detail
    monkeypatch.setattr(doctor, "WINDOW", f"print({doctor.LOADED!r}); print('x11', 1920, 1080)")
    assert doctor.window() == doctor.Finding("window", doctor.GOOD, "a display of 1920x1080 (x11)")


def test_a_pygame_that_cannot_be_loaded_is_no_missing_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "WINDOW", "import no_such_sdl")
    found = doctor.window()
    assert found.state == doctor.BAD and "no_such_sdl" in found.detail and found.remedy.endswith("pygame")


def test_a_display_is_there_where_the_board_s_window_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a text console SDL may find a way to draw; the board's window wants X or Wayland."""
    for name in doctor.DISPLAYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    monkeypatch.setattr(doctor, "WINDOW", f"print({doctor.LOADED!r}); print('KMSDRM', 1920, 1080)")
    assert doctor.window().detail == "no display"
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert doctor.window().state == doctor.GOOD


def test_an_answer_of_a_strange_kind_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*words: object) -> int:
        raise TypeError("'<' not supported")

    monkeypatch.setattr(handshakes, "replay", fails)
    monkeypatch.setattr(handshakes, "replay_katrain", fails)
    monkeypatch.setattr(handshakes, "replay_flash", fails)
    assert all("TypeError" in wrong for _, _, wrong, _ in handshakes.handshakes())
