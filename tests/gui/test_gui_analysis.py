"""Searches that go on by themselves: of the position shown, and of a whole game. No pygame, no process."""

import random

import pytest

from gogame.coords import from_gtp
from gogame.geometry import PASS
from gui.describe import graph, picture, status_line
from gui.new_game import make_record
from gui.review import ANALYSIS_VISITS, LOOKS, WALK_VISITS
from tests.gui.played import Play, two


def info(p, vertex="G3", winrate=0.4, score=-1.0, visits=60, number=None):
    """What the engine has found so far."""
    point = from_gtp(vertex, p.settings.size)
    candidate = (point, visits, winrate, score, 0.2, (point,))
    p.session.receive(("info", number or len(p.link.asked), winrate, score, visits, (candidate,)))


def ended(p):
    """A search has come to its end."""
    p.session.receive(("hint", len(p.link.asked)))


def asked(p):
    """The last question's kind and the number of moves before its position."""
    return p.link.asked[-1][0], len(p.link.asked[-1][1][-1])


def shown(p):
    return [c.point for c in picture(p.session, None).candidates]


def test_an_analysis_begins_anew_with_every_move_and_step():
    p = two()
    p.session.analyse()
    assert p.link.asked[-1][2:] == (ANALYSIS_VISITS,) and p.session.busy_with == "analysis"
    info(p)
    assert shown(p) == p.points("G3") and graph(p.session).points == ((0, 0.4, -1.0),)
    p.click("E5", "C3")
    assert asked(p) == ("hint", 2) and len(p.link.asked) == 3 and p.link.cancelled == [1, 2]
    p.session.go(-1)
    assert asked(p) == ("hint", 1) and p.session.busy_with == "analysis"
    p.session.go(-1)
    p.session.go(-1)
    assert asked(p) == ("hint", 0) and len(p.link.asked) == 5, "there was no step left"
    p.session.go(2)
    p.session.undo()
    assert asked(p) == ("hint", 1)
    p.session.redo()
    p.session.go(-1)
    p.session.branch()
    assert asked(p) == ("hint", 1) and p.session.busy_with == "analysis" and not p.session.reviewing
    p.session.analyse()
    assert not p.session.thinking and p.link.cancelled[-1] == len(p.link.asked)
    p.click("D4")
    assert not p.session.thinking


def test_candidates_of_another_position_are_never_shown():
    p = two()
    p.click("E5", "C3")
    p.session.analyse()
    info(p, "G3")
    p.session.go(-1)
    assert shown(p) == []
    info(p, "G7", number=len(p.link.asked) - 1)  # the engine had not heard yet
    assert shown(p) == [] and len(graph(p.session).points) == 1
    info(p, "D4")
    assert shown(p) == p.points("D4")


def test_an_analysis_has_an_end_and_starts_again_elsewhere():
    p = two()
    p.click("E5", "C3")
    p.session.analyse()
    info(p, visits=ANALYSIS_VISITS)
    ended(p)
    assert not p.session.thinking and shown(p) == p.points("G3") and len(p.link.asked) == 1
    p.session.go_to(p.session.shown)
    assert not p.session.thinking
    p.session.go(-1)
    p.session.go(1)
    assert len(p.link.asked) == 3 and p.session.busy_with == "analysis", "its candidates are to be seen again"


def test_the_engines_move_goes_first():
    p = Play()
    p.session.analyse()
    p.click("E5")
    assert p.session.busy_with == "move"
    p.session.go(-1)
    assert p.session.busy_with == "move", "looking around disturbs no move"
    p.answer("C3")
    assert asked(p) == ("hint", 0) and p.session.busy_with == "analysis", "of what is shown"
    p.session.go(2)
    assert asked(p) == ("hint", 2) and p.status == "Black to move"
    p.session.engine_move()
    assert p.session.busy_with == "move"
    p.answer("G5")
    assert p.session.busy_with == "move", "White's"
    p.session.stop()
    assert not p.session.thinking and not p.session.analysing, "Esc ends them all"
    p.session.analyse()
    p.click("D4")
    assert p.session.busy_with == "analysis" and "Enter lets it move" in p.status
    assert p.session.enabled("engine move")


def test_the_count_goes_first_and_is_not_covered():
    p = two()
    p.session.analyse()
    p.click("E5", "C3")
    p.session.pass_()
    p.session.pass_()
    assert p.session.busy_with == "score" and asked(p) == ("score", 4)
    p.session.go(-1)
    assert p.session.busy_with == "score"
    p.session.receive(("score", len(p.link.asked), (), (0.0,) * 81))
    assert asked(p) == ("hint", 3) and p.session.busy_with == "analysis"
    p.session.go(1)
    assert not p.session.thinking
    p.session.accept()
    assert p.session.phase == "over" and not p.session.thinking
    p.session.go(-2)
    assert asked(p) == ("hint", 2), "a game that is over is looked through"
    p.session.go(2)
    p.session.undo()
    assert p.session.phase == "scoring" and not p.session.thinking


def test_after_a_resignation_the_analysis_goes_on():
    p = Play()
    p.session.analyse()
    p.click("E5")
    p.answer("C3")
    p.session.resign()
    assert p.session.phase == "over" and p.session.busy_with == "analysis"


def test_the_game_is_saved_when_an_analysis_ends_or_its_position_is_left():
    p = two()
    p.click("E5", "C3")
    p.session.analyse()
    before = p.saves
    for visits in (50, 100, 150):
        info(p, visits=visits)
    assert p.saves == before
    p.session.go(-1)
    assert p.saves == before + 1
    p.session.go(1)
    assert p.saves == before + 1, "nothing was found there"
    info(p, visits=100)
    p.session.go(-1)
    assert p.saves == before + 1, "nor does less than before count"
    info(p, visits=ANALYSIS_VISITS)
    ended(p)
    assert p.saves == before + 2
    p.session.go(1)
    info(p, visits=300)
    p.session.stop()
    assert p.saves == before + 3


def test_hints_and_estimates_are_asked_as_ever_while_an_analysis_is_on():
    p = two(visits=20000)
    p.click("E5")
    p.session.analyse()
    info(p, "G3")
    p.session.hint()
    assert p.link.asked[-1][2] == 20000 and p.session.busy_with == "hint" and shown(p) == p.points("G3")
    p.session.hint()
    assert p.link.stopped == [len(p.link.asked)]
    info(p, "G7", visits=70)
    ended(p)
    assert p.session.busy_with == "analysis" and shown(p) == p.points("G7")
    p.session.estimate()
    assert p.session.busy_with == "estimate" and shown(p) == p.points("G7")
    p.session.receive(("estimate", len(p.link.asked), (0.5,) * 81))
    assert p.session.ownership and p.session.busy_with == "analysis"
    p.session.estimate()
    assert not p.session.ownership and p.session.busy_with == "analysis" and shown(p) == p.points("G7")


def test_esc_keeps_what_was_found_and_a_hides_it():
    p = two()
    p.session.analyse()
    info(p)
    p.session.stop()
    assert not p.session.analysing and not p.session.thinking and shown(p) == p.points("G3")
    p.session.analyse()
    assert p.session.busy_with == "analysis" and shown(p) == p.points("G3")
    p.session.analyse()
    assert shown(p) == [] and not p.session.enabled("stop")


def test_a_whole_game_is_analysed_from_its_start():
    p = two(visits=300)
    p.click("E5", "C3", "G5")
    p.session.live.parent.visits = 300  # was searched before
    p.session.go(-2)
    p.session.analyse_game()
    for number in (0, 1, 3):
        assert asked(p) == ("hint", number) and p.link.asked[-1][2] == 300
        assert p.status == f"Analysing the game: move {number} of 3. Esc ends it"
        info(p, winrate=0.1 * number, visits=300)
        assert shown(p) == ([] if number == 0 else p.points("G3")), "of the position shown, once it was searched"
        before = p.saves
        ended(p)
        assert p.saves == before + 1
    assert not p.session.thinking and p.session.walk is None and "Analysed. Black: " in p.status
    assert [n for n, _, _ in graph(p.session).points] == [0, 1, 3]
    asked_before = len(p.link.asked)
    p.session.go(1)
    p.session.analyse_game()
    assert len(p.link.asked) == asked_before and "Analysed. Black: " in p.status


def test_the_analysis_of_a_game_goes_on_where_it_stopped():
    p = two(visits=1)
    p.click("E5", "C3", "G5")
    p.session.analyse_game()
    assert p.link.asked[-1][2] == WALK_VISITS[0], "one visit says nothing"
    info(p, visits=100)
    ended(p)
    info(p, visits=20)
    p.session.go(-2)
    p.session.go(1)
    assert asked(p) == ("hint", 1) and len(p.link.asked) == 2, "looking around changes nothing"
    before = p.saves
    p.session.stop()
    assert not p.session.thinking and "stopped at move 1" in p.status and p.saves == before + 1
    p.session.analyse_game()
    assert asked(p) == ("hint", 1) and p.link.cancelled[-1] == 2
    p.session.analyse_game()
    assert not p.session.thinking and p.session.walk is None


def test_a_position_that_cannot_be_searched_so_far_is_asked_once():
    p = two()
    p.click("E5")
    p.session.analyse_game()
    for _ in range(2):
        info(p, visits=3)
        ended(p)
    assert not p.session.thinking and len(p.link.asked) == 2 and "Analysed. Black: " in p.status


def test_everything_else_goes_before_the_analysis_of_a_game():
    p = Play()
    p.click("E5")
    p.answer("C3")
    p.session.analyse_game()
    p.session.hint()
    assert p.session.busy_with == "hint"
    ended(p)
    assert p.session.busy_with == "game" and asked(p) == ("hint", 0)
    p.click("G5")
    assert p.session.busy_with == "move" and "thinking" in p.status
    p.answer("C5")
    assert p.session.busy_with == "game"
    p.session.analyse()
    assert p.session.busy_with == "game", "first what ends by itself"
    for _ in range(3):
        assert p.session.busy_with == "game"
        info(p, visits=200)
        ended(p)
    assert p.session.busy_with == "analysis" and asked(p) == ("hint", 4)
    p.session.analyse_game()
    assert asked(p) == ("hint", 3), "what was played meanwhile"


def test_the_count_goes_before_the_analysis_of_a_game():
    p = two()
    p.click("E5")
    p.session.analyse_game()
    p.session.pass_()
    p.session.pass_()
    assert p.session.busy_with == "score"
    p.session.receive(("score", len(p.link.asked), (), (0.0,) * 81))
    assert p.session.busy_with == "game" and "Click on dead stones" in p.status
    p.session.accept()
    assert p.session.busy_with == "game" and "Analysing" in p.status


def test_another_game_ends_the_analysis_of_the_last():
    p = two()
    p.click("E5")
    p.session.analyse_game()
    p.session.load(make_record(p.settings))
    p.session.begin()
    assert p.session.walk is None and not p.session.thinking
    p.session.analyse()
    p.session.load(make_record(p.settings))
    p.session.begin()
    assert p.session.busy_with == "analysis", "that of what is shown goes on"


def test_an_error_ends_the_analysis():
    p = two()
    p.session.analyse()
    p.session.receive(("error", len(p.link.asked), "no network"))
    assert not p.session.analysing and len(p.link.asked) == 1 and "no network" in p.status
    p.link.state, p.link.detail = "error", "gone"
    p.session.analyse()
    assert not p.session.analysing and "gone" in p.status
    p.session.analyse_game()
    assert p.session.walk is None and "gone" in p.status


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_the_right_thing_is_searched(seed):
    rng = random.Random(seed)
    p = Play(*rng.choice([("human", "human"), ("human", "engine"), ("engine", "engine")]), size=7, visits=100)
    s = p.session
    about = {1: s.record.root} if p.link.asked else {}  # the node of each question

    def answer(number):
        kind, node = p.link.asked[number - 1][0], about[number]
        if rng.random() < 0.5 and kind != "score":
            visits = rng.choice([10, 100, ANALYSIS_VISITS])
            s.receive(("info", number, rng.random(), rng.uniform(-9, 9), visits, ((PASS, number, 0.5, 0.0, 0.1, ()),)))
            return
        game = s.record.game_at(node)
        move = rng.choice([p for p in game.legal_points() if p != PASS] or [PASS]) if rng.random() < 0.9 else PASS
        rest = {"move": (move,), "hint": (), "estimate": ((0.5,) * 49,), "score": ((), ())}[kind]
        s.receive((kind, number, *rest))

    actions = [
        lambda: s.click(rng.choice(list(s.game.legal_points()) or [PASS])),
        lambda: s.go(rng.choice([-3, -1, 1, 3])),
        lambda: s.variation(1),
        lambda: s.mistake(rng.choice([-1, 1])),
        *(s.analyse, s.analyse_game, s.hint, s.estimate, s.pass_, s.undo, s.redo, s.stop, s.engine_move, s.branch),
        *(s.accept, s.resume, s.resign, lambda: s.go_to(s.live)),
    ]
    for _ in range(400):
        if p.link.asked and rng.random() < 0.6:
            answer(max(1, len(p.link.asked) - rng.choice([0, 0, 0, 0, 1, 2])))
        else:
            rng.choice(actions)()
        for number in range(len(about) + 1, len(p.link.asked) + 1):
            moves = p.link.asked[number - 1][1][-1]
            nodes = [n for n in everything(s.record.root) if [(x.color, x.point) for x in n.path()] == list(moves)]
            (about[number],) = nodes
        if s.thinking and s.busy_with != "game":
            assert about[len(p.link.asked)] is (s.shown if s.busy_with in LOOKS else s.live)
        assert all(about[c.visits] is s.shown for c in s.candidates)
        if s.engine_turn() and not s.paused:
            assert s.busy_with == "move"
        elif s.walk is not None:
            assert s.thinking and s.busy_with != "analysis"
        elif s.analysing and s.enabled("estimate"):
            assert s.thinking or s._searched
        assert status_line(s)[0] and graph(s).length >= 0


def everything(node):
    """A node and all below it."""
    yield node
    for child in node.children:
        yield from everything(child)


def test_a_chosen_opponents_view_is_no_analysis():
    """The walk searches its positions, too, and what it finds takes the place of that view."""
    p = Play(visits=200, net="zero-9x9-minute-05")
    p.click("E5")
    info(p, winrate=0.9, score=12.0, visits=200)
    p.answer("C3")
    p.session.analyse_game()
    places = []
    for _ in range(3):
        places.append(asked(p)[1])
        info(p, winrate=0.4, score=-1.0, visits=200)
        ended(p)
    assert places == [0, 1, 2] and {point[1] for point in graph(p.session).points} == {0.4}
