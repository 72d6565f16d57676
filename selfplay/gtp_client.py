"""The other end of GTP: a program that is started, asked and, when it hangs or dies, given up on with a reason."""

from __future__ import annotations

import contextlib
import os
import queue
import shlex
import subprocess
import threading
from collections import deque


class GtpError(RuntimeError):
    """The program is gone, or does not answer in time or in GTP; one line."""


class GtpRefusal(ValueError):
    """The program answered ``?``; the text is what it said."""


class GtpProgram:
    """A GTP engine as a child process. Its standard error is kept for the reason of a failure."""

    def __init__(self, command: str, timeout: float = 120.0) -> None:
        """Starts the program; GtpError if that cannot be. ``timeout``: seconds that an answer may take."""
        self.command, self.timeout = command, timeout
        words = shlex.split(command, posix=os.name != "nt")
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
            raise GtpError(f"cannot start {words[0]!r}: {error.strerror or error}") from None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._said: deque[str] = deque(maxlen=5)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in self._process.stdout:
                self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        with contextlib.suppress(OSError, ValueError):
            for line in self._process.stderr:
                self._said.append(line.strip())

    def ask(self, command: str, timeout: float | None = None) -> str:
        """The answer to a command, without ``=``. GtpRefusal for ``?``; GtpError ends the program."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise self._gone(f"gone at {command.split()[0]}") from None
        lines: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=timeout or self.timeout)
            except queue.Empty:
                raise self._gone(f"no answer to {command.split()[0]} in time") from None
            if line is None:
                raise self._gone(f"ended at {command.split()[0]}")
            if lines and not line:
                break
            if line or lines:
                lines.append(line)
        first = lines[0]
        text = "\n".join([first[1:].lstrip("0123456789").strip(), *lines[1:]]).strip()
        if first.startswith("="):
            return text
        if first.startswith("?"):
            raise GtpRefusal(" ".join(text.split())[:200])
        raise self._gone(f"no GTP answer to {command.split()[0]}: {first[:60]!r}")

    def _gone(self, reason: str) -> GtpError:
        self.kill()
        self._threads[1].join(1.0)
        last = [line for line in self._said if line]
        status = self._process.returncode
        detail = f"; last words: {last[-1][:100]}" if last else ""
        return GtpError(f"{reason} (exit status {status}{detail})")

    def kill(self) -> None:
        """Ends the program at once."""
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)

    def close(self) -> None:
        """Asks the program to quit, and sees to it that it does."""
        with contextlib.suppress(GtpError, GtpRefusal):
            self.ask("quit", timeout=2.0)
        self.kill()
