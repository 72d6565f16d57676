"""The command line: it answers at once, and every mistake is one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import click
import pytest

from gogame import cli


def gogame(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gogame", *args],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        env=os.environ | env,
    )


def test_help_is_quick_and_imports_nothing_heavy():
    began = time.perf_counter()
    done = gogame("--help")
    elapsed = time.perf_counter() - began
    assert done.returncode == 0 and done.stderr == ""
    for name, entry in cli.COMMANDS.items():
        assert name in done.stdout
        assert entry.help.split()[0] in done.stdout
    code = "import sys, gogame.cli; print([m for m in ('numpy', 'numba', 'torch', 'pygame') if m in sys.modules])"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert imported.stdout.strip() == "[]"
    assert elapsed < 2.0  # a generous bound for a busy machine; .ci/run measures the real one


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_exists_and_shows_an_example(name):
    command = cli.load(cli.COMMANDS[name])
    assert isinstance(command, click.Command)
    done = gogame(name, "--help")
    assert done.returncode == 0, done.stderr
    assert "gogame" in done.stdout


def test_an_output_without_the_letters_is_no_error():
    code = (
        "from gogame.cli import main\ntry:\n    main(['--version'])\nexcept SystemExit:\n    print('Elo 5 ± 3, 囲碁')"
    )
    environment = os.environ | {"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0 and "Elo 5 ? 3, ??" in done.stdout, done.stderr


def test_what_a_file_says_gives_no_order_to_the_terminal(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        cli._fail("a.net: unknown trunk '\x1b[31m\x07red'\nhere, ± 囲", 1)
    assert capsys.readouterr().err == "gogame: a.net: unknown trunk ' [31m red' here, ± 囲\n"


def test_version():
    from importlib.metadata import version

    assert gogame("--version").stdout == f"gogame {version('gogame-zero')}\n"


MISTAKES = [
    (["nonsense"], "No such command"),
    (["gtp", "--nonsense"], "No such option"),
    (["gtp", "--rules", "calvinball"], "unknown rules"),
    (["gtp", "--rules", "stone-scoring"], "stone-scoring"),
    (["gtp", "--net", "no-such-net"], "no-such-net"),
    (["gtp", "--net", "/no/such/file.safetensors"], "/no/such/file.safetensors"),
    (["gtp", "--net", ""], "an empty name"),
    (["gtp", "--size", "4"], "7 to 19"),
    (["gtp", "--visits", "0"], "--visits"),
    (["gtp", "--visits", "many"], "--visits"),
    (["gtp", "--komi", "1e99"], "--komi"),
    (["gtp", "--device", "toaster"], "--device"),
    (["gtp", "--seconds", "nan"], "not a number"),
    (["match", "random", "random", "--timeout", "nan"], "not a number"),
    (["bench", "--size", "300"], "300"),
]


@pytest.mark.parametrize(("args", "said"), MISTAKES, ids=lambda v: " ".join(v) if isinstance(v, list) else "")
def test_a_mistake_is_one_line(args, said):
    done = gogame(*args)
    assert done.returncode != 0
    assert done.stdout == ""
    assert said in done.stderr
    assert done.stderr.startswith("gogame: ") and done.stderr.count("\n") == 1, done.stderr


def test_a_foreign_file_is_not_a_network(tmp_path):
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(os.urandom(5000))
    done = gogame("gtp", "--net", str(path))
    assert done.returncode != 0 and done.stderr.count("\n") == 1 and "foreign.safetensors" in done.stderr


RAISED = [
    (ValueError("bad\nvalue"), 1, "gogame: bad value\n"),
    (
        FileNotFoundError(2, "No such file or directory", "x.sgf"),
        1,
        "gogame: [Errno 2] No such file or directory: 'x.sgf'\n",
    ),
    (KeyboardInterrupt(), 130, "gogame: interrupted\n"),
    (MemoryError(), 1, "gogame: out of memory\n"),
    (
        ModuleNotFoundError("No module named 'x'"),
        1,
        "gogame: a part of the installation is missing: No module named 'x'\n",
    ),
    (ZeroDivisionError("oops"), 1, "gogame: internal error: ZeroDivisionError: oops (GOGAME_DEBUG=1 shows where)\n"),
    (click.ClickException("no net"), 1, "gogame: no net\n"),
]


@pytest.mark.parametrize(("error", "status", "said"), RAISED, ids=lambda v: type(v).__name__)
def test_errors_become_one_line(error, status, said, monkeypatch, capsys):
    def fail(**_):
        raise error

    monkeypatch.delenv("GOGAME_DEBUG", raising=False)
    monkeypatch.setattr(cli.cli, "main", fail)
    with pytest.raises(SystemExit) as exit_info:
        cli.main([])
    assert exit_info.value.code == status
    assert capsys.readouterr().err == said


def test_the_board_opens_without_a_command(monkeypatch):
    opened = []
    monkeypatch.setattr(cli, "load", lambda entry: click.Command("board", callback=lambda: opened.append(entry)))
    with pytest.raises(SystemExit) as exit_info:
        cli.main([])
    assert exit_info.value.code == 0 and opened == [cli.BOARD]


def test_nets_tells_the_elo_of_each_board():
    done = gogame("nets", "--json")
    found = {net["name"]: net for net in json.loads(done.stdout)}
    assert found["zero-9x9"]["meta"]["elo"].keys() >= {"9"}
    text = gogame("nets").stdout
    for name, net in found.items():
        assert name in text
        for size, elo in net["meta"].get("elo", {}).items():
            assert f"{size}x{size} {elo:+}" in text
