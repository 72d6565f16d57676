"""A game with clocks whose seconds pass when a test tells them to."""

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from tests.gui.played import Play

ABSOLUTE = {"clock": "absolute", "clock_minutes": 1.0}
BYOYOMI = {"clock": "byoyomi", "clock_minutes": 0.0, "clock_seconds": 10.0, "clock_count": 3}
CANADIAN = {"clock": "canadian", "clock_minutes": 0.0, "clock_seconds": 60.0, "clock_count": 5}
FISCHER = {"clock": "fischer", "clock_minutes": 1.0, "clock_seconds": 5.0}


class Timed(Play):
    """A game whose seconds pass when they are told to."""

    def __init__(self, black="human", white="human", **settings):
        self.seconds = 1000.0
        super().__init__(black, white, now=lambda: self.seconds, **(ABSOLUTE | settings))

    def wait(self, seconds):
        self.session.tick()  # as the window does, after everything that happens
        self.seconds += seconds
        return self.session.tick()

    def play(self, vertex, seconds=0.0):
        self.wait(seconds)
        self.click(vertex)

    def begun(self):
        self.session.receive(("began", len(self.link.asked)))

    def engine_plays(self, vertex, took):
        self.session.receive(("move", len(self.link.asked), from_gtp(vertex, 9), took))

    @property
    def left(self):
        return tuple(round(self.session.clock_of(color).seconds, 3) for color in (BLACK, WHITE))

    @property
    def periods(self):
        return tuple(self.session.clock_of(color).count for color in (BLACK, WHITE))
