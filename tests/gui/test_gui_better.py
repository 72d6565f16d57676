"""What would have been better than a move that was played: kept by every search, told, marked, shown and tried out."""

from dataclasses import replace

import pygame
import pytest

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import from_gtp
from gogame.geometry import PASS
from gui.candidates import KEPT, LONGEST
from gui.choices import choices
from gui.describe import picture, status_line
from gui.networks import Networks
from tests.gui.hands import at, click, mouse, press, seen
from tests.gui.played import Play, two

# Score after each move of `MOVES`, and the best move there: C5 is a mistake, E7 and then G7 would have been better.
MOVES = ("E5", "C3", "G5", "C5", "G3")
SCORES = (0.0, 0.3, 0.1, 0.2, 6.0, 5.0)
BEST = ("E5", "C3", "G5", "E7", "G7", "C7")


def told(session, vertex, score, visits=200, others=2):
    """The engine's message about the position that is asked about, and the end of its search."""
    size, number = session.size, len(session.link.asked)
    points = [from_gtp(v, size) for v in (vertex, *("A1", "B1", "C1", "D1", "E1", "F1", "G1")[:others])]
    found = tuple((p, visits // (i + 1), 0.5 + score / 50, score, 0.2, (p,) * 30) for i, p in enumerate(points))
    session.receive(("info", number, 0.5 + score / 50, score, visits, found))


def walked(session):
    """The whole game is searched."""
    session.analyse_game()
    while session.busy_with == "game":
        number = session.walk.todo[0].number
        told(session, BEST[number], SCORES[number])
        session.receive(("hint", len(session.link.asked)))


def button(session):
    return next(choice for choice in choices(session) if choice.action == "analyse game")


def shown(p):
    return [c.point for c in picture(p.session, None).candidates]


@pytest.fixture
def looked():
    p = two()
    p.click(*MOVES)
    walked(p.session)
    return p


def test_the_walk_keeps_what_would_have_been_better(looked):
    p = looked
    p.session.mistake(-1)
    assert p.status == "Move 4, White C5: 5.8 points, 12% lost. Better: E7. End goes back"
    assert picture(p.session, None).better == (from_gtp("E7", 9), WHITE)
    assert shown(p) == p.points("G7", "A1", "B1"), "the position's own moves are there as well"
    p.session.go(-1)
    assert picture(p.session, None).better is None and "Better" not in p.status, "little was lost"
    assert shown(p) == p.points("E7", "A1", "B1") and len(p.link.asked) == 6, "nothing was asked again"


def test_the_engines_own_choice_is_not_better(looked):
    node = looked.session.live.parent
    node.parent.candidates = node.parent.candidates[1:]
    looked.session.go(-1)
    assert "Better: A1" in looked.status
    node.point = from_gtp("A1", 9)
    assert "lost. End" in looked.status
    node.parent.candidates = (replace(node.parent.candidates[0], point=PASS),)
    assert "Better: pass" in looked.status and picture(looked.session, None).better is None


def test_pointing_at_it_shows_its_variation_from_the_position_before(looked):
    p = looked
    p.session.go(-1)
    before = p.session.shown.parent
    before.candidates = (replace(before.candidates[0], variation=tuple(p.points("E7", "G7"))),)
    p.session.point_to(None, p.points("E7")[0])
    found = picture(p.session, None)
    e7, g7, c5 = p.points("E7", "G7", "C5")
    assert (found.stones[e7], found.stones[g7], found.stones[c5]) == (WHITE, BLACK, EMPTY)
    assert found.numbers == {e7: 1, g7: 2} and found.better is None and found.last == from_gtp("G5", 9)
    assert p.session.game.board.color[c5] == WHITE, "it plays nothing"
    p.session.point_to(None, g7)
    assert p.session.preview is p.session.shown.candidates[0], "a candidate's is that of the position shown"
    p.session.point_to(None, p.points("J9")[0])
    assert p.session.preview is None


def test_it_is_tried_out_in_place_of_the_move(looked):
    p = looked
    p.session.go(-1)
    played = p.session.shown
    p.session.choose(from_gtp("E7", 9), listed=True)
    assert p.session.shown.parent is played, "a row of the list is a move of the position shown"
    p.session.undo()
    p.session.choose(from_gtp("E7", 9), listed=False)
    assert p.session.shown.parent is played.parent and p.session.shown.color == WHITE
    assert p.session.is_tried(p.session.shown) and p.moves == p.points(*MOVES)


def test_a_running_game_is_given_no_hints():
    p = two()
    p.click(*MOVES)
    walked(p.session)
    assert shown(p) == [] and picture(p.session, None).better is None
    p.session.resign()
    assert shown(p) == p.points("C7", "A1", "B1")
    p.session.undo()
    assert shown(p) == []
    p = Play("human", "engine")
    p.click("E5")
    told(p.session, "C3", 0.1)
    p.answer("C3")
    p.session.go(-1)
    assert p.session.shown.candidates and shown(p) == [], "it would tell what the engine expects"
    p.session.analyse()
    assert shown(p) == p.points("C3", "A1", "B1"), "now they are asked for"


def test_hidden_candidates_stay_hidden_until_they_are_asked_for(looked):
    p = looked
    p.session.go(-2)
    assert shown(p)
    p.session.estimate()
    assert shown(p) == [], "the territory is to be seen"
    p.session.estimate()
    p.session.hint()
    assert p.link.asked[-1][0] == "hint" and shown(p) == p.points("E7", "A1", "B1")
    told(p.session, "D7", 0.0, visits=100)
    assert shown(p)[0] == from_gtp("D7", 9), "asked for, they are the new ones"
    p.session.receive(("hint", len(p.link.asked)))
    p.session.hint()
    assert shown(p) == []
    p.session.go(-1)
    assert shown(p) == []
    p.session.analyse()
    p.session.go(1)
    assert shown(p)[0] == from_gtp("E7", 9), "a shorter search does not replace a longer one's"


def test_the_networks_view_is_not_covered(looked):
    networks = Networks(looked.session)
    looked.session.go(-1)
    counts = []
    for _ in range(2):
        networks.toggle()
        counts.append(len(shown(looked)))
    assert counts == [0, 3]


def test_the_networks_view_neither_brings_back_what_was_hidden_nor_is_covered_by_what_is_asked_for(looked):
    p = looked
    networks = Networks(p.session)
    p.session.go(-1)
    p.session.recalling = False  # by a second H
    networks.toggle()
    p.session.hint()
    told(p.session, "D7", 0.0, visits=100)
    p.session.receive(("hint", len(p.link.asked)))
    p.session.go(-1)
    assert shown(p) == [], "of the hint's position alone"
    p.session.recalling = False
    networks.toggle()
    assert shown(p) == []


def test_a_point_that_was_played_next_is_that_move_and_not_what_would_have_been_better(looked):
    p = looked
    p.session.go(-1)
    mistake, then = p.session.shown, p.session.shown.children[0]
    assert then.point == from_gtp("G3", 9)
    mistake.parent.candidates = (replace(mistake.parent.candidates[0], point=then.point),)
    p.session.point_to(None, then.point)
    assert not p.session.pointed_back
    p.session.choose(then.point, listed=False)
    assert p.session.shown is then


def test_hidden_estimates_are_hidden_while_the_game_is_counted():
    p = Play("human", "engine", estimates=False)
    p.click("E5")
    told(p.session, "C3", 0.1)
    p.answer("C3")
    p.session.pass_()
    p.answer("pass")
    assert p.session.phase == "scoring"
    p.session.go(-3)
    assert p.session.shown.candidates and shown(p) == []


def test_little_is_kept():
    p = two()
    p.session.hint()
    told(p.session, "E5", 0.0, others=7)
    kept = p.session.shown.candidates
    assert len(kept) == KEPT and max(len(c.variation) for c in kept) == LONGEST
    assert len(p.session.candidates) == 8 and len(p.session.candidates[0].variation) == 30


def test_a_weaker_opponents_ideas_are_not_kept():
    p = Play("human", "engine", net="weak", net_size=9)
    p.click("E5")
    told(p.session, "C3", 0.1)
    assert not p.session.shown.candidates


def test_estimates_of_a_file_are_explained_by_another_walk(looked):
    """Its positions are searched already, but what was found there is not in it."""
    p = looked
    for node in p.session.line():
        node.candidates, node.searched = (), 0
    asked = len(p.link.asked)
    p.session.go(-1)
    assert button(p.session).enabled
    walked(p.session)
    assert not button(p.session).enabled
    assert len(p.link.asked) == asked + 1 and "White: 1, 2.9" in p.status
    p.session.go(1)
    p.session.mistake(-1)
    assert "Better: E7" in p.status
    p.session.shown.parent.candidates = ()
    p.session.analyse_game()
    p.session.receive(("hint", len(p.link.asked)))
    assert p.session.walk is None and "White: 1" in p.status, "what the engine says nothing about is asked once"


def test_the_window_marks_it_and_plays_it(window):
    w = window((1120, 800))
    for vertex in MOVES:
        click(w, at(w, vertex))
    walked(w.session)
    press(w, pygame.K_n, pygame.KMOD_SHIFT)
    cell = w.board.cell_rect(from_gtp("E7", 9))
    w.session.shown.candidates = ()
    w.draw()
    marked = seen(cell)
    w.session.shown.parent.candidates = ()
    w.draw()
    assert seen(cell) != marked
    walked(w.session)
    mouse(w, pygame.MOUSEMOTION, at(w, "E7"))
    assert w.session.pointed_back and picture(w.session, w.ghost).numbers
    mouse(w, pygame.MOUSEMOTION, at(w, "J9"))
    press(w, pygame.K_SPACE)
    for _ in range(2):
        press(w, pygame.K_UP)
        press(w, pygame.K_RIGHT)
    assert w.session.pointed_back, "the keys' cursor is there, too"
    click(w, at(w, "E7"))
    assert w.session.shown.point == from_gtp("E7", 9) and "tried out" in status_line(w.session)[0]


def test_a_list_that_was_not_asked_for_does_not_take_the_graphs_place(window):
    w = window((800, 520))
    for vertex in MOVES:
        click(w, at(w, vertex))
    walked(w.session)
    areas = []
    for _ in range(2):
        press(w, pygame.K_LEFT)
        areas.append(w.panels.graph_area.copy())
    assert areas[0].height and areas[0] == areas[1], "nor does it move it"
    w.session.candidates = w.session.candidates
    w.draw()
    assert len(w.panels.rows) == 3 and not w.panels.graph_area.height
