"""The other end of GTP: a program that is started, asked and, when it hangs or dies, given up on with a reason."""

from __future__ import annotations

import contextlib
import os
import queue
import shlex
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence

MOST_LINES = 10_000  # of one answer; a program that says more is given up on
MOST_CHARACTERS = 1 << 24  # of one answer, too
WAITING = 100  # lines that are read before they are asked for
LONGEST_LINE = 1 << 16  # characters that are read as one line


class GtpError(RuntimeError):
    """The program is gone, or does not answer in time or in GTP; one line."""


class GtpRefusal(ValueError):
    """The program answered ``?``; the text is what it said, to ``command``."""

    def __init__(self, text: str, command: str) -> None:
        super().__init__(text)
        self.command = command


def words_of(command: str | Sequence[str], windows: bool = os.name == "nt") -> str | list[str]:
    """What a program is started with. Windows takes a line as it is: each program splits its own, quotes and all.
    ValueError for quotes without an end."""
    if not isinstance(command, str):
        return list(command)
    return command.strip() if windows else shlex.split(command)


class Program:
    """A child process that is told lines and says lines. Its standard error is kept for the reason of a failure."""

    def __init__(self, command: str | Sequence[str], timeout: float = 120.0) -> None:
        """Starts the program, whose words may stand in one string; GtpError if that cannot be. ``timeout``: seconds
        that an answer may take."""
        self.timeout = timeout
        try:
            words = words_of(command)
        except ValueError as error:
            raise GtpError(f"a GTP command that cannot be read: {error}") from None
        if not words:
            raise GtpError("an empty GTP command")
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            first = words if isinstance(words, str) else words[0]
            raise GtpError(f"cannot start {first!r}: {error.strerror or error}") from None
        self._killed = False
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        self._said: deque[str] = deque(maxlen=5)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        out = self._process.stdout
        assert out is not None
        with contextlib.suppress(OSError, ValueError):
            while line := out.readline(LONGEST_LINE):
                self._put(line.rstrip("\r\n"))
        self._put(None)

    def _put(self, line: str | None) -> None:
        """Hands a line over; a program that talks faster than it is asked has to wait."""
        while not self._killed:
            with contextlib.suppress(queue.Full):
                self._lines.put(line, timeout=0.2)
                return

    def _read_errors(self) -> None:
        errors = self._process.stderr
        assert errors is not None
        with contextlib.suppress(OSError, ValueError):
            while line := errors.readline(LONGEST_LINE):
                self._said.append(line.strip())

    def tell(self, line: str, word: str) -> None:
        """Sends a line; ``word`` names it in a GtpError."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise self._gone(f"gone at {word}", ended=True) from None

    def line(self, word: str, deadline: float) -> str:
        """The next line, of the answer to ``word``; GtpError if there is none in time (of the monotonic clock)."""
        left = deadline - time.monotonic()
        try:
            if left <= 0:
                raise queue.Empty
            line = self._lines.get(timeout=left)
        except queue.Empty:
            raise self._gone(f"no answer to {word} in time") from None
        if line is None:
            raise self._gone(f"ended at {word}", ended=True)
        return line

    def _gone(self, reason: str, ended: bool = False) -> GtpError:
        if ended:  # let it come to its own exit status
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)
        self.kill()
        self._threads[1].join(1.0)
        last = [line for line in list(self._said) if line]
        status = self._process.returncode
        detail = f"; last words: {last[-1][:100]}" if last else ""
        return GtpError(f"{reason} (exit status {status}{detail})")

    def kill(self) -> None:
        """Ends the program at once; from another thread, too: whoever waits for an answer hears of it."""
        self._killed = True
        with contextlib.suppress(queue.Full):  # where it is full, nobody waits
            self._lines.put_nowait(None)
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(OSError, ValueError):  # whatever it started itself sees the end of its input
            assert self._process.stdin is not None
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)


class GtpProgram(Program):
    """A GTP engine as a child process."""

    def ask(self, command: str, timeout: float | None = None) -> str:
        """The answer to a command, without ``=``. GtpRefusal for ``?``; GtpError ends the program."""
        self.tell(command, command.split()[0])
        return self._answer(command, time.monotonic() + (timeout or self.timeout))

    def watch(self, command: str, count: int, then: str) -> tuple[list[str], str]:
        """The first ``count`` lines of an answer that ends with the next command (an analysis), and the answer to that
        command, ``then``. Fails as :meth:`ask` does."""
        word, deadline = command.split()[0], time.monotonic() + self.timeout
        self.tell(command, word)
        first = self.line(word, deadline)
        if first.startswith("?"):
            self.line(word, deadline)
            raise GtpRefusal(first[1:].strip()[:200], command)
        if not first.startswith("="):
            raise self._gone(f"no GTP answer to {word}: {first[:60]!r}")
        lines = [self.line(word, deadline) for _ in range(count)]
        self.tell(then, then.split()[0])
        while self.line(word, deadline):
            pass
        return lines, self._answer(then, deadline)

    def _answer(self, command: str, deadline: float) -> str:
        word = command.split()[0]
        lines: list[str] = []
        characters = 0
        while True:
            line = self.line(word, deadline)
            characters += len(line)
            if lines and not line:
                break
            if not lines and line and line[0] not in "=?":
                raise self._gone(f"no GTP answer to {word}: {line[:60]!r}")
            if len(lines) > MOST_LINES or characters > MOST_CHARACTERS:
                raise self._gone(f"an answer to {word} without an end")
            if line or lines:
                lines.append(line)
        first = lines[0]
        text = "\n".join([first[1:].lstrip("0123456789").strip(), *lines[1:]]).strip()
        if first.startswith("?"):
            raise GtpRefusal(" ".join(text.split())[:200], command)
        return text

    def close(self) -> None:
        """Asks the program to quit, and sees to it that it does."""
        with contextlib.suppress(GtpError, GtpRefusal, subprocess.TimeoutExpired):
            self.ask("quit", timeout=2.0)
            self._process.wait(2.0)
        self.kill()
