"""Talking to a GTP program: answers and refusals come through; one that fails in any way is ended, with a reason."""

from __future__ import annotations

import sys
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from selfplay.gtp_client import MOST_CHARACTERS, GtpError, GtpProgram, GtpRefusal, words_of
from tests.selfplay.gtp_programs import commands, program

ECHO = """
import sys
for line in sys.stdin:
    sys.stdout.write(eval(line)); sys.stdout.flush()
"""


@contextmanager
def running(command: str, timeout: float = 30.0) -> Iterator[GtpProgram]:
    opened = GtpProgram(command, timeout)
    try:
        yield opened
    finally:
        opened.kill()
        assert opened._process.poll() is not None
        for thread in opened._threads:
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[GtpProgram]:
    """A program that answers with the Python string it is sent."""
    (tmp_path / "echo.py").write_text(ECHO)
    with running(f'"{sys.executable}" -S -E "{tmp_path / "echo.py"}"') as opened:
        yield opened


@pytest.mark.parametrize(
    "sent, answer",
    [
        ("= D4\n\n", "D4"),
        ("=\n\n", ""),
        ("=12 D4\n\n", "D4"),
        ("= 3.5\n\n", "3.5"),
        ("=D4\r\n\r\n", "D4"),
        ("\n\n= A1\n\n\n", "A1"),
        ("= A1 B2\nC3\n  D4\n\n", "A1 B2\nC3\n  D4"),
        ("=\nA1\nB2\n\n", "A1\nB2"),
    ],
)
def test_answers_come_without_their_frame(echo: GtpProgram, sent: str, answer: str) -> None:
    for _ in range(2):
        assert echo.ask(repr(sent)) == answer


def test_a_refusal_is_told_and_the_program_goes_on(echo: GtpProgram) -> None:
    with pytest.raises(GtpRefusal, match="^unknown command really$"):
        echo.ask(repr("?3 unknown\ncommand   really\n\n"))
    assert echo.ask(repr("= yes\n\n")) == "yes"


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bytes.py"
    path.write_text("import sys\nsys.stdin.readline()\nsys.stdout.buffer.write(b'= \\xff\\xfe\\n\\n')\n")
    with running(f'"{sys.executable}" -S -E "{path}"') as opened:
        assert opened.ask("name") == "\ufffd\ufffd"


@pytest.mark.parametrize(
    "how, reason",
    [
        ("crash", r"ended at genmove \(exit status 3; last words: out of luck\)"),
        ("silence", r"ended at genmove \(exit status -9"),
        ("hang", r"no answer to genmove in time \(exit status -9"),
        ("babble", r"an answer to genmove without an end"),
        ("garbage", r"no GTP answer to genmove: 'good morning'"),
    ],
)
def test_a_failing_program_is_ended_with_a_reason(tmp_path: Path, how: str, reason: str) -> None:
    with running(program(tmp_path, how)) as opened:
        assert opened.ask("name") == f"passer [{how}]"
        with pytest.raises(GtpError, match=reason) as caught:
            opened.ask("genmove b", timeout=1.0 if how == "hang" else None)
        assert "\n" not in str(caught.value)
        assert opened._process.poll() is not None
        with pytest.raises(GtpError, match="gone at name"):
            opened.ask("name")


def test_an_answer_that_drips_is_cut_off(tmp_path: Path) -> None:
    """The time is for the whole answer, not for each line."""
    path = tmp_path / "drip.py"
    path.write_text(
        "import sys, time\nsys.stdin.readline()\nprint('= A1', flush=True)\n"
        "while True:\n    time.sleep(0.1); print('B2', flush=True)\n"
    )
    with (
        running(f'"{sys.executable}" -S -E "{path}"', timeout=1.0) as opened,
        pytest.raises(GtpError, match="no answer to name in time"),
    ):
        opened.ask("name")


def test_an_answer_of_long_lines_does_not_fill_the_memory(tmp_path: Path) -> None:
    """Ten thousand lines of 65,536 characters were three quarters of a gigabyte."""
    path = tmp_path / "long.py"
    path.write_text(
        "import os, sys\nsys.stdin.readline()\nos.write(1, b'= ')\n"
        "while True:\n    os.write(1, b'x' * 65535 + b'\\n')\n"
    )
    with running(f'"{sys.executable}" -S -E "{path}"') as opened:
        tracemalloc.start()
        try:
            with pytest.raises(GtpError, match="an answer to name without an end"):
                opened.ask("name")
            assert tracemalloc.get_traced_memory()[1] < 5 * MOST_CHARACTERS
        finally:
            tracemalloc.stop()


def test_a_program_that_talks_unasked_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "flood.py"
    path.write_text("import os\nwhile True:\n    os.write(1, b'x' * 65536)\n")
    with running(f'"{sys.executable}" -S -E "{path}"') as opened:
        with pytest.raises(GtpError, match="no GTP answer to name: 'xxx"):
            opened.ask("name")
        assert opened._lines.qsize() <= opened._lines.maxsize


@pytest.mark.parametrize(
    "command, reason",
    [("", "empty"), ("   ", "empty"), ("no-such-program", "cannot start"), ("a 'b", "quotation")],
)
def test_what_cannot_be_started_is_one_line(command: str, reason: str) -> None:
    with pytest.raises(GtpError, match=reason) as caught:
        GtpProgram(command)
    assert "\n" not in str(caught.value)


def test_closing_asks_the_program_to_quit(tmp_path: Path) -> None:
    opened = GtpProgram(program(tmp_path))
    opened.ask("name")
    opened.close()
    assert opened._process.returncode == 0 and commands(tmp_path) == ["name", "quit"]
    opened.close()  # once more does no harm


def test_what_a_program_started_sees_the_end_of_its_input(tmp_path: Path) -> None:
    """A wrapper is killed; the engine behind it ends too, since nobody holds its input open."""
    path, inner = tmp_path / "wrapper.py", tmp_path / "inner.py"
    path.write_text(f"import subprocess, sys\nsubprocess.run([sys.executable, '-S', '-E', {str(inner)!r}])\n")
    inner.write_text(
        "import sys\nfor line in sys.stdin:\n    print('= inner\\n', flush=True)\nopen(sys.argv[0] + '.ended', 'w')\n"
    )
    with running(f'"{sys.executable}" -S -E "{path}"') as opened:
        assert opened.ask("name") == "inner"
        opened.kill()
        opened._threads[0].join(20)  # until the last holder of its output is gone
    assert (tmp_path / "inner.py.ended").exists()


def test_a_command_is_split_as_its_system_does() -> None:
    line = r'"C:\Program Files\GNU Go\gnugo.exe" --mode gtp'
    assert words_of(line, windows=True) == line, "the system's own business"
    assert words_of("'/opt/GNU Go/gnugo' --mode gtp", windows=False) == ["/opt/GNU Go/gnugo", "--mode", "gtp"]
    assert words_of(["a b", "c"]) == ["a b", "c"]
    assert not words_of("  ", windows=True)


def test_no_threads_are_left_behind(tmp_path: Path) -> None:
    before = threading.active_count()
    for _ in range(3):
        opened = GtpProgram(program(tmp_path, "crash"))
        with pytest.raises(GtpError):
            opened.ask("genmove b")
        opened._threads[0].join(10)
    assert threading.active_count() <= before
