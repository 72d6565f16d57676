"""The Go Text Protocol, version 2 (draft 2): lines in, answers out. It knows no Go.

    "12 play b q16  # comment"  ->  Line("12", "play", ["b", "q16"])  ->  handler  ->  "=12\\n\\n"

A thread reads standard input, so that a command that runs for long (an analysis) hears of the next line at once, on
every operating system. Nothing but answers reaches standard output: :func:`claim_streams` hands its file descriptor
to the protocol and points whatever else prints at standard error.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from typing import BinaryIO, NamedTuple

MAX_LINE = 1 << 20  # bytes; what is longer is answered with an error
MAX_ID_DIGITS = 18
ENDS = frozenset(("quit", "exit"))  # the commands that end the session once they are answered

_CONTROL = {code: None for code in [*range(32), 127] if code != 9} | {9: " "}


class GtpError(Exception):
    """A command failed; the text is the answer after ``?``."""


class OutputError(OSError):
    """The answers cannot be written; one line for the user."""


class Line(NamedTuple):
    """One command."""

    id: str  # its digits, or ""
    name: str
    args: list[str]


def parse(raw: str) -> Line | None:
    """A command line, or None where there is none (empty, or only a comment). Raises GtpError for a bad id."""
    tokens = raw.removeprefix("\ufeff").translate(_CONTROL).split("#", 1)[0].split()
    if not tokens:
        return None
    number = ""
    if tokens[0].isascii() and tokens[0].isdigit():
        number = tokens.pop(0)
        if len(number) > MAX_ID_DIGITS:
            raise GtpError("the command's id is too large")
    return Line(number, tokens[0], tokens[1:]) if tokens else Line(number, "", [])


def answer(number: str, text: str, ok: bool = True) -> str:
    """The protocol's form of an answer. Empty lines, which would end it, are taken out of the text."""
    lines = [line.rstrip() for line in text.split("\n")]
    body = "\n".join(line for i, line in enumerate(lines) if line or i == 0)
    space = " " if body and not body.startswith("\n") else ""
    return f"{'=' if ok else '?'}{number}{space}{body}\n\n"


class LineSource:
    """Lines of a stream, read by a thread of its own. ``waiting`` is set while a line (or the end) is there."""

    def __init__(self, stream: BinaryIO, on_line: Callable[[str, int], None] | None = None) -> None:
        """``on_line`` is called from the reading thread with every line as it comes in, and the number of those before
        it."""
        self.waiting = threading.Event()
        self.taken = 0  # lines that were taken, the one under way included
        self.ended = False  # the stream is at its end (lines may still be queued)
        self._lines: deque[str | None] = deque()
        self._ready = threading.Condition()
        self._on_line = on_line
        threading.Thread(target=self._read, args=(stream,), name="gtp-input", daemon=True).start()

    def _read(self, stream: BinaryIO) -> None:
        try:
            count = 0
            while raw := stream.readline(MAX_LINE + 1):
                too_long = len(raw) > MAX_LINE
                while too_long and not raw.endswith(b"\n") and (more := stream.readline(MAX_LINE)):
                    raw = raw[:16] + more
                line = "line-too-long" if too_long else raw.decode("utf-8", errors="replace")
                if self._on_line:
                    self._on_line(line, count)
                count += 1
                self._put(line)
        except (OSError, ValueError):
            pass  # the stream was closed: the same as its end
        self.ended = True
        self._put(None)

    def _put(self, line: str | None) -> None:
        with self._ready:
            self._lines.append(line)
            self.waiting.set()
            self._ready.notify()

    def take(self) -> str | None:
        """The next line, waiting for it; None at the end of the stream."""
        with self._ready:
            while not self._lines:
                # A wait without limit cannot be interrupted from the keyboard on Windows.
                self._ready.wait(timeout=1.0)
            line = self._lines.popleft()
            self.taken += 1
            if not self._lines:
                self.waiting.clear()
            return line


class Reply:
    """The answer under way. A handler that streams calls :meth:`line`; what it returns is then the last line."""

    def __init__(self, number: str, write: Callable[[str], None]) -> None:
        self.started = False
        self._number = number
        self._write = write

    def start(self) -> None:
        """Opens a streamed answer."""
        if not self.started:
            self.started = True
            self._write(f"={self._number}\n")

    def line(self, text: str) -> None:
        """Sends one line of a streamed answer at once."""
        self.start()
        self._write(" ".join(text.split("\n")) + "\n")

    def finish(self, text: str) -> None:
        """Ends the answer."""
        if self.started:
            self._write((text + "\n" if text else "") + "\n")
        else:
            self._write(answer(self._number, text))

    def fail(self, text: str) -> None:
        """Ends the answer with an error. A streamed one has begun as a success: it just ends."""
        self._write("\n" if self.started else answer(self._number, " ".join(text.split()), ok=False))


Handler = Callable[[list[str], Reply], str]


def serve(
    commands: Mapping[str, Handler],
    source: LineSource,
    write: Callable[[str], None],
    before: Callable[[str], None] = lambda name: None,
    after: Callable[[str], None] = lambda name: None,
) -> None:
    """Answers commands until ``quit`` (or ``exit``) or the end of the input. No line, however odd, ends it.

    ``before`` is called with the name of each command before it is answered (pondering ends there), ``after`` with that
    of each that was answered with success (pondering begins there)."""
    while (raw := source.take()) is not None:
        try:
            line = parse(raw)
        except GtpError as error:
            write(answer("", str(error), ok=False))
            continue
        if line is None:
            continue
        reply = Reply(line.id, write)
        handler = commands.get(line.name)
        if handler is None:
            reply.fail("line too long" if line.name == "line-too-long" else "unknown command")
            continue
        try:
            before(line.name)
            reply.finish(handler(line.args, reply))
        except GtpError as error:
            reply.fail(str(error))
        except (BrokenPipeError, OutputError):
            raise
        except Exception as error:  # the engine must live on, and say why
            traceback.print_exc(file=sys.stderr)
            reply.fail(f"internal error: {type(error).__name__}: {error}"[:300])
        else:
            try:
                after(line.name)
            except Exception:  # the answer is out: a second one would put the client out of step
                traceback.print_exc(file=sys.stderr)
        if line.name in ENDS:
            return


def claim_streams() -> tuple[BinaryIO, BinaryIO]:
    """(standard input, standard output) for the protocol alone. OSError, in one line, where one is closed; a closed
    standard error is none to hear, and no other file takes its place."""
    for stream, name in ((sys.stdin, "input"), (sys.stdout, "output")):
        if stream is None:
            raise OSError(f"standard {name} is closed: the client's program has to hold it open")
    if sys.stderr is None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if nowhere != 2:
            os.dup2(nowhere, 2)
            os.close(nowhere)
        sys.stderr = open(2, "w")  # noqa: SIM115 (for as long as the process lives)
    return _claim_stdin(), _claim_stdout()


def _claim_stdin() -> BinaryIO:
    """Standard input as a stream of its own: the interpreter, when it ends, waits for nobody who reads it."""
    return os.fdopen(os.dup(sys.stdin.fileno()), "rb")


def _claim_stdout() -> BinaryIO:
    """Returns standard output as a stream, and points file descriptor 1 at 2."""
    sys.stdout.flush()
    own = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(own, os.O_BINARY)
    return os.fdopen(own, "wb", buffering=0)


def writer(stream: BinaryIO) -> Callable[[str], None]:
    """A function that writes text to a stream at once. OutputError where that cannot be done; BrokenPipeError where the
    reader has gone."""

    def write(text: str) -> None:
        data = memoryview(text.encode("utf-8", errors="replace"))
        try:
            while data:
                data = data[stream.write(data) or 0 :]
            stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"standard output cannot be written: {error.strerror or error}") from None

    return write
