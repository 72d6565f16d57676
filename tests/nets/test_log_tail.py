"""Reading a log that grows, that is damaged, and that is another one all of a sudden."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from nets import log_tail
from nets.log_tail import Tail, number, small_file


def lines(tail: Tail, seconds: float = 60.0) -> list[object]:
    return [line.get("n") for line in tail.read(seconds)]


def append(path: Path, *texts: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write("".join(texts))


def test_only_what_was_appended_is_read(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "log")
    assert lines(tail) == [] and "No such file" in tail.problem and tail.age(0.0) is None
    append(tail.path, '{"n": 1}\n{"n": 2}\n{"n": ')
    assert lines(tail) == [1, 2] and not tail.problem
    assert lines(tail) == [], "a line that is still being written waits"
    append(tail.path, "3}\n")
    assert lines(tail) == [3] and tail.damaged == 0 and tail.begun == 1
    assert tail.age(os.stat(tail.path).st_mtime + 5) == 5


def test_what_is_no_line_is_counted_and_passed_over(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "log")
    deep, digits = "[" * 100_000, '{"n": ' + "9" * 5000 + "}"
    append(tail.path, '{"n": 1}\n', "\n", "}{\n", "[1]\n", f"{deep}\n", f"{digits}\n", '{"n": 2}\n')
    with open(tail.path, "ab") as file:
        file.write(b'\xff\x00\n{"n": 3}\n')
    assert lines(tail) == [1, 2, 3] and tail.damaged == 5


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_tail, "CHUNK", 100)
    tail = Tail(tmp_path / "log")
    append(tail.path, '{"n": 1}\n', "x" * 1000)
    assert lines(tail) == [1] and tail.position > 900
    append(tail.path, "x" * 150 + '\n{"n": 2}\n', "".join(f'{{"n": {i}}}\n' for i in range(3, 40)))
    assert lines(tail) == [*range(2, 40)] and tail.damaged == 1


def test_reading_stops_when_its_time_is_over_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_tail, "CHUNK", 100)
    tail = Tail(tmp_path / "log")
    append(tail.path, *(f'{{"n": {i}}}\n' for i in range(100)))
    first = lines(tail, -1.0)
    assert 0 < len(first) < 20 and tail.behind and tail.position < tail.size
    assert first + lines(tail) == [*range(100)] and not tail.behind and tail.position == tail.size


def test_another_file_is_read_from_its_beginning(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "log")
    append(tail.path, '{"n": 1}\n{"n": 2}\n')
    assert lines(tail) == [1, 2]
    (tmp_path / "new").write_text('{"n": 7}\n{"n": 8}\n{"n": 9}\n')
    os.replace(tmp_path / "new", tail.path)
    assert lines(tail) == [7, 8, 9] and tail.begun == 2
    tail.path.write_text('{"n": 5}\n')
    assert lines(tail) == [5] and tail.begun == 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX's")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    tail = Tail(tmp_path / "log")
    assert lines(tail) == [] and tail.problem == "not a file"
    assert small_file(tmp_path / "log", 100) is None


def test_numbers_of_strangers() -> None:
    good: list[object] = [0, 1.5, -2, 10**15]
    assert [number(value) for value in good] == [0.0, 1.5, -2.0, 1e15]
    bad: list[object] = [True, "1", None, [], math.nan, math.inf, -math.inf, 10**400, json.loads("1e999")]
    assert [number(value) for value in bad] == [None] * len(bad)


def test_small_files(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    found = [small_file(path, 3), small_file(path, 2), small_file(tmp_path, 9), small_file(tmp_path / "none", 9)]
    assert found == [b"abc", None, None, None]
