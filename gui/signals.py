"""Ctrl+C in the terminal, its end and ``kill`` close the window as its button does, so that nothing is lost."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # as far as the system has them


class EndSignals:
    """Until it is let go, a signal that asks the program to end calls ``close``, in a thread of its own: the main one
    waits within SDL, where no handler of Python's runs. What is ignored stays so (SIGHUP under ``nohup``). To be made
    on the main thread."""

    def __init__(self, close: Callable[[], None]):
        self._close = close
        self._before = {}
        for name in ENDING:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._before[number] = signal.signal(number, lambda *_: None)
        self._told, self._tells = socket.socketpair()
        self._tells.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(self._tells.fileno(), warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._listen, name="signals", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while numbers := self._told.recv(64):  # a byte for each signal
            if any(number in self._before for number in numbers):
                self._close()

    def let_go(self) -> None:
        """The handlers are those of before again."""
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._tells.close()
        self._thread.join(1)
        self._told.close()
