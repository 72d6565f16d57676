"""The engine's process: answers, errors, crashes. Each test starts real processes with the spawn method."""

import queue
import time

import fake_engine
import pytest

from gogame.board import BLACK
from gogame.game import Game
from gogame.geometry import PASS, point_of
from gui.engine_link import ERROR, IDLE, LOADING, OFF, THINKING, EngineLink
from gui.engine_worker import game_of, position_of


class Window:
    """The main thread of the tests: takes posted messages in order."""

    def __init__(self, target, options=None):
        self.inbox = queue.Queue()
        self.link = EngineLink(options or {}, self.inbox.put, target)

    def wait(self, kind, seconds=30.0):
        """The next message of this kind that is of interest."""
        end = time.monotonic() + seconds
        while True:
            message = self.link.receive(self.inbox.get(timeout=max(0.01, end - time.monotonic())))
            if message is not None and message[0] == kind:
                return message


@pytest.fixture
def window():
    made = []

    def make(target, options=None):
        made.append(Window(target, options))
        return made[-1]

    yield make
    for one in made:
        one.link.close()


def test_a_position_survives_the_pipe():
    game = Game(9)
    game.place_handicap(3)
    for text_point in (point_of(0, 0, 9), PASS, point_of(4, 4, 9)):
        game.play(text_point)
    copy = game_of(position_of(game))
    assert (copy.board.color == game.board.color).all()
    assert (copy.to_move, copy.moves, copy.rules, copy.handicap) == (
        game.to_move,
        game.moves,
        game.rules,
        game.handicap,
    )
    assert copy.white_bonus == game.white_bonus


def test_move_hint_and_score(window):
    w = window(fake_engine.player)
    assert w.link.state == OFF
    position = position_of(Game(9))
    number = w.link.ask("move", position, 10, 0.0)
    assert w.link.state == LOADING
    assert w.wait("ready") == ("ready", "fake", "", 9)
    assert w.link.state == THINKING
    assert w.wait("info")[1] == number
    assert w.wait("move") == ("move", number, point_of(0, 0, 9))
    assert w.link.state == IDLE
    number = w.link.ask("hint", position, 10, 0.0)
    kind, _, winrate, score, visits, candidates = w.wait("info")
    assert (winrate, score, visits) == (pytest.approx(0.6), pytest.approx(2.5), 10)
    assert candidates[0][0] == point_of(0, 0, 9)
    assert w.wait("hint") == ("hint", number)
    game = Game(9)
    game.play(point_of(4, 4, 9))
    number = w.link.ask("score", position_of(game))
    assert w.wait("score")[:3] == ("score", number, (point_of(4, 4, 9),))


def test_moves_may_be_another_networks(window, tmp_path):
    loaded = tmp_path / "loaded"
    w = window(fake_engine.several_nets, {"loaded": str(loaded)})
    position = position_of(Game(9))

    def move(net):
        number = w.link.ask("move", position, 10, 0.0, net)
        answer = w.wait("move")
        assert answer[1] == number
        return answer[2]

    assert move("") == point_of(0, 0, 9)
    assert move("weak") == point_of(1, 1, 9)
    w.link.ask("hint", position, 10, 0.0)
    assert w.wait("info")[5][0][0] == point_of(0, 0, 9), "hints are the usual network's"
    assert w.wait("hint")
    assert move("weak") == point_of(1, 1, 9)
    assert move("weaker") == point_of(2, 2, 9)
    assert w.link.usual_net(9) == "usual", "what moves unless another is chosen"
    assert move("") == point_of(0, 0, 9)
    assert loaded.read_text().split() == ["usual", "weak", "weaker"]
    number = w.link.ask("move", position, 10, 0.0, "nonsense")
    assert w.wait("error") == ("error", number, "no network 'nonsense'")
    assert w.link.state == IDLE and move("weak") == point_of(1, 1, 9)


def test_a_hint_that_was_stopped_before_it_began_searches_nothing(window):
    w = window(fake_engine.player)
    position = position_of(Game(9))
    first, second, third = (w.link.ask("hint", position, 0, 0.0) for _ in range(3))
    w.link.stop(second)
    w.link.cancel(third)
    assert w.wait("info")[1] == first
    w.link.stop(first)
    assert w.wait("hint") == ("hint", first)
    assert w.link.receive(w.inbox.get(timeout=30)) == ("hint", second), "without a report"
    fourth = w.link.ask("hint", position, 10, 0.0)
    assert w.wait("hint") == ("hint", fourth) and w.link.state == IDLE


def test_win_rate_and_score_are_blacks(window):
    w = window(fake_engine.player)
    game = Game(9)
    game.play(point_of(4, 4, 9))  # White to move: the fake player says 60 % for the side to move
    assert game.to_move != BLACK
    w.link.ask("move", position_of(game), 10, 0.0)
    _, _, winrate, score, _, candidates = w.wait("info")
    assert winrate == pytest.approx(0.4) and score == pytest.approx(-2.5)
    assert candidates[0][2] == pytest.approx(0.4) and candidates[0][3] == pytest.approx(-2.5)


def test_an_estimate_tells_blacks_points(window):
    w = window(fake_engine.player)
    game = Game(9)
    for owned in (0.25, -0.25):  # the stand-in's is that of the side to move
        number = w.link.ask("estimate", position_of(game))
        assert w.wait("info")[3] == 10 * owned
        assert w.wait("estimate")[1:] == (number, (owned,) * 81)
        game.pass_()


def test_a_cancelled_search_ends_and_is_forgotten(window):
    w = window(fake_engine.slow_player)
    position = position_of(Game(9))
    w.link.start()
    w.wait("ready")
    first = w.link.ask("move", position, 10, 0.0)
    time.sleep(0.2)
    w.link.cancel(first)
    assert w.link.state == IDLE
    began = time.monotonic()
    second = w.link.ask("score", position)
    assert w.wait("score")[1] == second, "the answer to the cancelled question was not handed on"
    assert time.monotonic() - began < 10, "the search of a minute was not waited for"


def test_a_stopped_search_still_answers(window):
    w = window(fake_engine.slow_player)
    w.link.start()
    w.wait("ready")
    number = w.link.ask("move", position_of(Game(9)), 10, 0.0)
    w.link.stop(number)
    assert w.wait("move", 10) == ("move", number, point_of(0, 0, 9))


def test_a_net_that_is_not_there_is_one_line(window):
    w = window(fake_engine.broken_net)
    w.link.ask("move", position_of(Game(9)), 10, 0.0)
    assert w.wait("error") == ("error", None, "no network named nonsense")
    assert (w.link.state, w.link.detail) == (ERROR, "no network named nonsense")
    time.sleep(0.3)  # the end of the process must not hide the reason
    while not w.inbox.empty():
        w.link.receive(w.inbox.get())
    assert w.link.detail == "no network named nonsense"


def test_a_crash_is_noticed_and_retried(window, tmp_path):
    w = window(fake_engine.failing_once, {"marker": str(tmp_path / "crashed")})
    w.link.ask("move", position_of(Game(9)), 10, 0.0)
    assert "exit code 7" in w.wait("down")[1]
    assert w.link.state == ERROR
    w.link.retry()
    assert w.link.state == LOADING
    number = w.link.ask("move", position_of(Game(9)), 10, 0.0)
    assert w.wait("move")[1] == number


def test_close_leaves_no_process(window):
    w = window(fake_engine.slow_player)
    w.link.ask("move", position_of(Game(9)), 10, 0.0)
    w.wait("ready")
    process = w.link._process
    w.link.close()
    assert not process.is_alive() and w.link.state == OFF


def test_a_hint_by_time_ends_by_itself(window):
    w = window(fake_engine.player)  # without visits it would think until it is stopped
    number = w.link.ask("hint", position_of(Game(9)), 0, 0.3)
    assert w.wait("hint") == ("hint", number)
    number = w.link.ask("hint", position_of(Game(9)), 0, 30.0)
    w.wait("info")
    w.link.stop(number)
    assert w.wait("hint", 10) == ("hint", number)
