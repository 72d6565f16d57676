"""What ends the program from outside."""

import os
import signal
import sys
import time

import pytest

from gui.signals import ENDING, EndSignals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process cannot signal itself so there")


@pytest.fixture
def ending():
    """Makes what listens; what it is told is in a list."""
    usual = {name: signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL for name in ENDING}
    ours = {name: signal.signal(getattr(signal, name), usual[name]) for name in ENDING}  # may be ignored: nohup, a job
    made, told = [], []

    def make():
        made.append(EndSignals(lambda: told.append(True)))
        return told

    yield make
    for one in made:
        one.let_go()
    assert {name: signal.signal(getattr(signal, name), ours[name]) for name in ENDING} == usual


@pytest.mark.parametrize("name", ENDING)
def test_a_signal_is_told_in_a_thread(ending, name):
    told = ending()
    os.kill(os.getpid(), getattr(signal, name))
    deadline = time.monotonic() + 20
    while not told and time.monotonic() < deadline:
        time.sleep(0.01)
    assert told


def test_under_nohup_a_closed_terminal_ends_nothing(ending):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        ending()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
