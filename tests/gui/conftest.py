"""Headless: no test of this folder but the Xvfb one needs a display."""

import os
import sys
from pathlib import Path

import pytest

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
# The engine's process (spawned) imports fake_engine by its name, too.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def window(tmp_path):
    """Makes windows, of a size and with settings, whose sessions ask a stand-in for the engine."""
    import pygame

    from gui.new_game import make_record
    from gui.session import Session
    from gui.store import Settings, Store
    from gui.window import Window
    from tests.gui.played import Link

    pygame.display.init()
    pygame.font.init()

    def make(size=(1000, 740), **settings):
        chosen = Settings(**({"scale": 1.0, "black": "human", "white": "human", "mode": "two"} | settings))
        pygame.display.set_mode(size)
        session = Session(Link(), make_record(chosen), chosen, lambda _: None)
        session.begin()
        made = Window(session, chosen, Store(tmp_path / "data", tmp_path / "config"))
        made.draw()
        return made

    yield make
    pygame.quit()


@pytest.fixture
def looking(window):
    """Makes windows in which the networks' view is open and answered."""
    import pygame

    from gui.new_game import make_record
    from gui.store import Settings
    from gui.window import ENGINE_EVENT
    from tests.gui.hands import press
    from tests.gui.looking import answer, found

    def make(pixels=(1120, 800), lines=9):
        w = window(pixels)
        w.session.load(make_record(Settings(size=lines)))
        press(w, pygame.K_v)
        what = found if lines == 9 else found(lines, "Q4")
        w.handle(pygame.event.Event(ENGINE_EVENT, message=answer(w.networks, w.session.link, what)))
        w.draw()
        return w

    return make
