"""A session of the window played by hand: no pygame, no process."""

import time

from gogame.coords import from_gtp
from gui.describe import status_line
from gui.new_game import make_record
from gui.session import Session
from gui.store import Settings


class Link:
    """Records the questions; the tests give the answers."""

    def __init__(self):
        self.state, self.detail, self.name, self.given_net = "idle", "", "fake", ""
        self.nets = {}
        self.asked, self.sent, self.cancelled, self.stopped = [], [], [], []

    def start(self):
        pass

    def usual_net(self, size):
        return self.nets.get(size, "")

    def ask(self, kind, *arguments):
        self.asked.append((kind, *arguments))
        return len(self.asked)

    def aside(self, kind, *arguments):
        self.sent.append((kind, *arguments))
        return 1000 + len(self.sent)

    def cancel(self, question):
        if question is not None:
            self.cancelled.append(question)

    def stop(self, question):
        self.stopped.append(question)

    def receive(self, message):
        return message

    def retry(self):
        self.state = "idle"


class Play:
    """A session with helpers that speak GTP coordinates."""

    def __init__(self, black="human", white="engine", size=9, now=time.monotonic, **settings):
        self.settings = Settings(size=size, black=black, white=white, **settings)
        self.link = Link()
        self.saves = 0
        self.session = Session(self.link, make_record(self.settings), self.settings, self._save, now)
        self.session.begin()

    def _save(self, session):
        self.saves += 1

    def click(self, *vertices):
        for vertex in vertices:
            self.session.click(from_gtp(vertex, self.settings.size))

    def answer(self, vertex):
        point = vertex if isinstance(vertex, int) else from_gtp(vertex, self.settings.size)
        self.session.receive(("move", len(self.link.asked), point))

    @property
    def moves(self):
        return [n.point for n in self.session.live.path()]

    def points(self, *vertices):
        return [from_gtp(v, self.settings.size) for v in vertices]

    @property
    def status(self):
        return status_line(self.session)[0]


def two(**settings):
    return Play("human", "human", **settings)
