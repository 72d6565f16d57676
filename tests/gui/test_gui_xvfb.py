"""The real window on a virtual screen, driven with a real mouse and keyboard by xdotool."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pygame
import pytest

from gogame.coords import from_gtp
from gui.board_view import BoardView
from gui.layout import arrange
from gui.theme import Theme

HERE = Path(__file__).parent
SIZE = (1000, 740)
missing = [tool for tool in ("Xvfb", "xdotool") if not shutil.which(tool)]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="module")
def screen():
    """The number of a virtual screen, as in ":7"."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as numbers:
        number = numbers.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


class RealWindow:
    """A window in a process of its own, and the hands that play on it."""

    def __init__(self, screen, home, engine, color):
        self.home = home
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("SDL_", "XDG_"))}
        self.env |= {"DISPLAY": screen, "HOME": str(home), "SDL_AUDIODRIVER": "dummy"}
        settings = home / ".config/gogame/settings.json"
        settings.unlink(missing_ok=True)  # the window writes it when it is ready
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "start_window.py"), engine, "9", color],
            env=self.env,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.id = self._find()
        self._wait(settings.exists, "the window does not get ready")
        pygame.font.init()
        self.view = BoardView(Theme(1.0))
        self.view.place(arrange(*SIZE, 1.0).board, 9, True)
        self.xdotool("windowfocus", self.id)  # there is no window manager that would do it
        time.sleep(0.5)  # SDL swallows a key that goes down together with the focus

    def _find(self):
        def search():
            return self.xdotool("search", "--onlyvisible", "--class", "gogame", check=False).split()

        self._wait(search, "no window has appeared")
        return search()[0]

    def _wait(self, condition, complaint):
        for _ in range(400):
            if condition():
                return
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.1)
        raise AssertionError(complaint)

    def xdotool(self, *args, check=True):
        done = subprocess.run(["xdotool", *args], env=self.env, capture_output=True, text=True, timeout=20)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def move_to(self, vertex):
        x, y = self.view.center(from_gtp(vertex, 9))
        self.xdotool("mousemove", "--window", self.id, str(x), str(y))

    def click(self, vertex):
        self.move_to(vertex)
        self.xdotool("click", "1")

    def press(self, *keys):
        self.xdotool("key", *keys)

    @property
    def sgf(self):
        path = self.home / ".local/share/gogame/autosave.sgf"
        return path.read_text() if path.exists() else ""

    def wait_for(self, *parts):
        """Until the autosaved game contains these texts."""
        self._wait(lambda: all(part in "".join(self.sgf.split()) for part in parts), f"{parts} are not in the file")
        return "".join(self.sgf.split())

    def quit(self):
        self.press("ctrl+q")
        assert self.process.wait(15) == 0
        assert "Traceback" not in self.process.stderr.read()


@pytest.fixture
def real_window(screen, tmp_path):
    made = []

    def make(engine="player", color="black"):
        made.append(RealWindow(screen, tmp_path, engine, color))
        return made[-1]

    yield make
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def test_a_person_plays_against_the_engine(real_window):
    w = real_window()
    w.click("E5")
    w.wait_for(";B[ee]", ";W[aa]")  # the fake engine takes the first free point
    w.click("E5")  # occupied: nothing happens
    w.click("C3")
    text = w.wait_for(";B[cg]", ";W[ba]")
    assert text.count(";B[") == 2
    # A press on one point that is let go over another is no move.
    w.move_to("G7")
    w.xdotool("mousedown", "1")
    w.move_to("G3")
    w.xdotool("mouseup", "1")
    w.click("G5")
    text = w.wait_for(";B[ge]", ";W[ca]")
    assert text.count(";B[") == 3
    w.quit()
    again = real_window()  # the game goes on where it was
    again.press("p")
    again.wait_for(";B[ge]", ";B[]", ";W[]")  # the fake engine answers a pass with a pass
    again.quit()


def test_two_people_pass_and_count(real_window):
    w = real_window(color="both")
    w.click("E5")
    w.wait_for(";B[ee]")
    w.press("p")
    w.wait_for(";W[]")
    w.press("p")
    w.wait_for(";W[];B[]")
    layout = arrange(*SIZE, 1.0)
    x, y = layout.bar.left + 12 + 4 * 46 + 10 + 30, layout.bar.centery
    for _ in range(40):  # scoring: the engine's process starts, and only then can its count be accepted
        w.xdotool("mousemove", "--window", w.id, str(x), str(y), "click", "1")
        time.sleep(1.0)
        if "RE[" in w.sgf:
            break
    w.wait_for("RE[")
    w.quit()


WAITING = """
import pygame
pygame.init()
pygame.display.set_mode((1000, 740))
print("ready", flush=True)
while True:
    pygame.event.wait(30_000)
"""


def test_a_window_that_has_nothing_to_do_rests(real_window):
    w = real_window(color="both")
    w.click("E5")
    w.wait_for(";B[ee]")
    bare = subprocess.Popen([sys.executable, "-c", WAITING], env=w.env, stdout=subprocess.PIPE, text=True)
    try:
        while bare.stdout.readline().strip() != "ready":
            assert bare.poll() is None
        time.sleep(1.5)

        def seconds(pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        before = seconds(w.process.pid), seconds(bare.pid)
        time.sleep(4)
        ours, least = (seconds(pid) - began for pid, began in zip((w.process.pid, bare.pid), before, strict=True))
    finally:
        bare.kill()
        bare.wait()
    # SDL looks for events a thousand times a second, which takes some hundredths of a core.
    assert ours < 1.5 * least + 0.06, "as a window that only waits"
    w.xdotool("windowfocus", w.id)  # which the other one took
    time.sleep(0.5)
    w.quit()


def test_the_window_lives_on_when_the_engine_crashes(real_window):
    w = real_window("crashing")
    w.click("E5")
    w.wait_for(";B[ee]")
    time.sleep(1)
    w.press("ctrl+z")  # takes the move back: the window still answers
    time.sleep(0.5)
    w.quit()


def test_a_comment_is_edited_with_selections_and_kept_by_ctrl_q(real_window):
    w = real_window(color="both")
    w.click("E5")
    w.wait_for(";B[ee]")
    w.press("ctrl+e")
    w.xdotool("type", "--delay", "30", "one two")
    w.press("ctrl+a", "ctrl+c", "End", "ctrl+v", "shift+ctrl+Left", "ctrl+x", "X", "ctrl+v")
    w.press("ctrl+z", "ctrl+y")
    w.quit()  # the dialog is still open
    assert "C[one twoone Xtwo]" in w.sgf


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_ctrl_c_and_a_closed_terminal_lose_nothing(real_window, name):
    """They ended it after up to 30 s with a KeyboardInterrupt, or at once, and what was half written was lost."""
    w = real_window(color="both")
    w.click("E5")
    w.wait_for(";B[ee]")
    w.press("ctrl+e")
    w.xdotool("type", "--delay", "30", "half a thought")
    time.sleep(0.5)
    w.process.send_signal(getattr(signal, name))
    assert w.process.wait(12) == 0
    assert not w.process.stderr.read() and "C[half a thought]" in w.sgf
