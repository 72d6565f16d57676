"""The engine's end of the networks' view: what a network says, whose question is answered, what stays loaded."""

import queue
import threading
import time

import fake_engine
import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gogame.game import Game
from gogame.geometry import PASS
from gui.engine_link import EngineLink
from gui.engine_worker import game_of, position_of
from gui.networks_worker import MOST_LOADED, Looker, load_look
from nets.weights import DATA, shipped_nets

WEAK = str(DATA / "zero-9x9-minute-05.safetensors")


class Nets:
    """Networks that say how many moves there were; each evaluation waits for ``go``."""

    def __init__(self):
        self.loaded, self.looked = [], []
        self.go = threading.Event()
        self.go.set()
        self.entered = threading.Event()

    def load(self, path, size):
        if path == "broken":
            raise ValueError("corrupt\n  network")
        self.loaded.append((path, size))

        def look(game):
            self.entered.set()
            assert self.go.wait(10)
            self.looked.append((path, len(game.moves)))
            return 0.5, float(len(game.moves)), np.zeros(82, np.float32), np.zeros(81, np.float32)

        return look


class Asked:
    """A looker and what it has sent."""

    def __init__(self, nets, keep=60.0):
        self.inbox = queue.Queue()
        self.looker = Looker(lambda *message: self.inbox.put(message), game_of, nets.load, keep)
        self.looker.begin()

    def ask(self, number, game, *paths):
        self.looker.put(("views", number, position_of(game), tuple((f"key {p}", p) for p in paths)))

    def answers(self, number, count):
        """So many answers to a question, by key; other messages must not come."""
        result, loading = {}, []
        while len(result) < count:
            kind, about, left, found = self.inbox.get(timeout=10)
            assert (kind, about) == ("views", number)
            result.update(found)
            loading.append(left)
        return result, loading


def after(*vertices, size=9):
    game = Game(size)
    for vertex in vertices:
        game.play(from_gtp(vertex, size))
    return game


def test_networks_are_loaded_once_and_the_first_one_answers_at_once():
    nets = Nets()
    asked = Asked(nets)
    asked.ask(1, after("E5"), "a", "b", "c")
    found, loading = asked.answers(1, 3)
    assert list(found) == ["key a", "key b", "key c"] and found["key a"][1] == 1.0
    assert loading[0] == 2 and loading[-1] == 0
    asked.ask(2, after("E5", "C3"), "a", "b", "c")
    assert asked.answers(2, 3)[0]["key c"][1] == 2.0
    assert nets.loaded == [("a", 9), ("b", 9), ("c", 9)]


def test_a_newer_question_ends_the_one_before():
    nets = Nets()
    asked = Asked(nets)
    nets.go.clear()
    asked.ask(1, after("E5"), "a", "b", "c")
    assert nets.entered.wait(10)
    asked.ask(2, after("E5", "C3"), "a", "b", "c")
    asked.ask(3, after("E5", "C3", "G7"), "a", "b", "c")
    nets.go.set()
    assert asked.inbox.get(timeout=10)[1] == 1  # what was under way
    asked.answers(3, 3)
    assert nets.looked == [("a", 1), ("a", 3), ("b", 3), ("c", 3)]


def test_a_broken_network_is_a_line_and_the_others_answer():
    asked = Asked(Nets())
    asked.ask(1, after("E5"), "broken", "a")
    found, _ = asked.answers(1, 2)
    assert found["key broken"] == "corrupt network" and found["key a"][1] == 1.0


def test_a_position_that_cannot_be_had_is_a_line_too():
    asked = Asked(Nets())
    asked.looker.put(("views", 1, ("nonsense",), (("key a", "a"),)))
    assert isinstance(asked.answers(1, 1)[0]["key a"], str)
    asked.ask(2, after("E5"), "a")
    asked.answers(2, 1)


def test_closed_the_networks_are_unloaded_after_a_while():
    nets = Nets()
    asked = Asked(nets, keep=0.1)
    asked.ask(1, after("E5"), "a", "b")
    asked.answers(1, 2)
    time.sleep(0.3)
    assert len(asked.looker._loaded) == 2  # open, however long nobody asks
    asked.looker.put(("views end", 2))
    end = time.monotonic() + 10
    while asked.looker._loaded and time.monotonic() < end:
        time.sleep(0.02)
    assert not asked.looker._loaded
    asked.ask(3, after("E5"), "a")
    asked.answers(3, 1)
    assert nets.loaded == [("a", 9), ("b", 9), ("a", 9)]


def test_another_board_and_many_networks_do_not_pile_up():
    nets = Nets()
    asked = Asked(nets)
    asked.ask(1, after("E5"), "a", "b")
    asked.answers(1, 2)
    asked.ask(2, after("E5", size=13), "a")
    asked.answers(2, 1)
    assert nets.loaded == [("a", 9), ("b", 9), ("a", 13)] and list(asked.looker._loaded) == ["key a"]
    asked.ask(3, after("E5", size=13), *map(str, range(MOST_LOADED + 5)))
    asked.answers(3, MOST_LOADED + 5)
    assert len(asked.looker._loaded) == MOST_LOADED and "key a" not in asked.looker._loaded


def test_nothing_is_answered_before_the_engine_is_ready():
    nets = Nets()
    inbox = queue.Queue()
    looker = Looker(lambda *message: inbox.put(message), game_of, nets.load)
    looker.put(("views", 1, position_of(after("E5")), (("key", "a"),)))
    with pytest.raises(queue.Empty):
        inbox.get(timeout=0.1)
    looker.begin()
    assert inbox.get(timeout=10)[1] == 1


@pytest.fixture(scope="module")
def best():
    """The strongest 9x9 network alone."""
    return load_look(str(next(net.path for net in shipped_nets() if net.name == "zero-9x9")), 9)


@pytest.mark.parametrize("color", [BLACK, WHITE])
def test_numbers_are_blacks_whoever_moves(best, color):
    """Black has a wall across the board, and White one stone."""
    game = Game(9)
    black = [from_gtp(f"{c}{row}", 9) for c in "ABCDEFGHJ" for row in (3, 7)]
    game.setup(black, [from_gtp("E5", 9)], color)
    winrate, lead, policy, ownership = best(game)
    assert winrate > 0.9 and lead > 20 and ownership.mean() > 0.5
    assert policy.sum() == pytest.approx(1, abs=1e-4)
    occupied = np.flatnonzero(game.board.color.reshape(11, 11)[1:-1, 1:-1].ravel())
    assert (policy[occupied] == 0).all()


def test_a_game_that_has_ended_is_seen_too(best):
    game = after("E5", "C3")
    game.play(PASS)
    game.play(PASS)
    assert np.isfinite(best(game)[2]).all()


def test_a_stranger_file_does_not_load(tmp_path):
    stranger = tmp_path / "net.safetensors"
    stranger.write_bytes(b"\xff" * 100)
    with pytest.raises(ValueError, match="not a network"):
        load_look(str(stranger), 9)


def test_the_engines_process_answers_beside_its_search():
    inbox = queue.Queue()
    link = EngineLink({}, inbox.put, fake_engine.slow_player)
    try:
        move = link.ask("move", position_of(Game(9)), 0, 0.0, "")
        number = link.aside("views", position_of(after("E5")), (("weak", WEAK), ("none", "/no/such")))
        found, end = {}, time.monotonic() + 60
        while len(found) < 2 and time.monotonic() < end:
            message = inbox.get(timeout=60)
            assert message[1] != "move"  # that takes a minute
            if message[1] == "views" and message[2] == number:
                found.update(message[4])
            elif message[1] != "views":
                link.receive(message)
        assert link.state == "thinking" and 0 < found["weak"][0] < 1 and found["weak"][2].shape == (82,)
        assert "cannot read" in found["none"]
        link.stop(move)
        while link.receive(inbox.get(timeout=20)) is None or link.state == "thinking":
            pass
    finally:
        link.close()
