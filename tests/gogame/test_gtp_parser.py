"""The GTP parser and loop, without any Go."""

from __future__ import annotations

import io
import os
import threading

import pytest

from gogame.gtp import MAX_LINE, GtpError, Line, LineSource, Reply, answer, parse, serve, writer

LINES = [
    ("name", Line("", "name", [])),
    ("12 name", Line("12", "name", [])),
    ("  7\tplay\tb\tq16  \r\n", Line("7", "play", ["b", "q16"])),
    ("play b q16 # a comment", Line("", "play", ["b", "q16"])),
    ("pl\x00ay\x07 w \x7fa1", Line("", "play", ["w", "a1"])),
    ("007 name", Line("007", "name", [])),
    ("12", Line("12", "", [])),
    ("", None),
    ("   \t ", None),
    ("# only a comment", None),
    ("\x00\x01\x02", None),
]


@pytest.mark.parametrize(("raw", "expected"), LINES)
def test_parse(raw, expected):
    assert parse(raw) == expected


@pytest.mark.parametrize("raw", ["9" * 100 + " name", "9" * 10_000])
def test_parse_refuses(raw):
    with pytest.raises(GtpError):
        parse(raw)


ANSWERS = [
    (("", ""), "=\n\n"),
    (("3", ""), "=3\n\n"),
    (("3", "A1"), "=3 A1\n\n"),
    (("", "a\n\nb\n"), "= a\nb\n\n"),  # an empty line would end the answer
    (("5", "\nboard\nboard"), "=5\nboard\nboard\n\n"),
]


@pytest.mark.parametrize(("args", "expected"), ANSWERS)
def test_answer(args, expected):
    assert answer(*args) == expected


def converse(text: bytes, commands=None) -> str:
    out: list[str] = []

    def stream(args: list[str], reply: Reply) -> str:
        reply.line("one\ntwo")
        if args:
            raise GtpError("too late")
        return "last"

    def broken(args: list[str], reply: Reply) -> str:
        raise ZeroDivisionError("by\nzero")

    table = commands or {
        "hello": lambda args, reply: " ".join(args),
        "quit": lambda args, reply: "",
        "stream": stream,
        "broken": broken,
    }
    serve(table, LineSource(io.BytesIO(text)), out.append)
    return "".join(out)


CONVERSATIONS = [
    (b"hello a b\n", "= a b\n\n"),
    (b"3 hello\n\n\n4 nothing\n", "=3\n\n?4 unknown command\n\n"),
    (b"1 stream\n2 stream x\n", "=1\none two\nlast\n\n=2\none two\n\n"),
    (b"1 broken\n2 hello\n", "?1 internal error: ZeroDivisionError: by zero\n\n=2\n\n"),
    (b"17\n", "?17 unknown command\n\n"),
    (b"1 quit\n2 hello\n", "=1\n\n"),
    (b"1 hello", "=1\n\n"),  # the end of the input without a newline
    (b"\xff\xfe\x80 hello\n5 hello\n", "? unknown command\n\n=5\n\n"),
    (b"99999999999999999999 hello\n", "? the command's id is too large\n\n"),
]


@pytest.mark.parametrize(("text", "expected"), CONVERSATIONS)
def test_serve(text, expected):
    assert converse(text) == expected


def test_a_huge_line_is_one_error():
    answers = converse(b"x" * (3 * MAX_LINE) + b"\n6 hello\n")
    assert answers == "? line too long\n\n=6\n\n"


def test_random_bytes_never_end_the_loop():
    blob = bytes(os.urandom(20_000))
    answers = converse(blob + b"\nhello still here\n")
    assert answers.endswith("= still here\n\n")
    for block in answers.removesuffix("\n\n").split("\n\n"):
        assert block[0] in "=?" and "\n" not in block


def test_waiting_is_set_while_lines_are_there():
    read, write = os.pipe()
    with os.fdopen(read, "rb") as stream, os.fdopen(write, "wb", buffering=0) as feed:
        source = LineSource(stream)
        assert not source.waiting.wait(0.05)
        feed.write(b"one\ntwo\n")
        assert source.waiting.wait(5)
        assert source.take() == "one\n"
        assert source.take() == "two\n"
        assert not source.waiting.is_set()
        feed.close()
        assert source.waiting.wait(5)
        assert source.take() is None


def test_lines_are_heard_by_the_reading_thread():
    heard: list[tuple[str, int]] = []
    done = threading.Event()

    def hear(line: str, before: int) -> None:
        heard.append((line, before))
        if before:
            done.set()

    source = LineSource(io.BytesIO(b"genmove b\n# interrupt\n"), hear)
    assert done.wait(5) and heard == [("genmove b\n", 0), ("# interrupt\n", 1)]
    assert source.take() == "genmove b\n" and source.taken == 1


def test_writer_writes_everything_to_a_slow_stream():
    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:  # type: ignore[override]
            self.data += bytes(data[:3])
            return min(3, len(data))

    slow = Slow()
    writer(slow)("= é, and more\n\n")  # type: ignore[arg-type]
    assert slow.data.decode() == "= é, and more\n\n"
