"""Moves that are tried out while a past position is looked at."""

import random

import pygame
import pytest

from gogame.coords import from_gtp
from gui.describe import graph, picture, status_line
from gui.files import load_record, sgf_of
from tests.gui.hands import at, click, mouse, moves, press
from tests.gui.played import Play, two


def looking(*vertices, back=1, **settings):
    """Two people's game, some moves back."""
    p = two(**settings)
    p.click(*vertices)
    p.session.go(-back)
    return p


def test_a_click_on_a_past_position_tries_a_move_out():
    p = looking("E5", "C3", "G5", back=2)
    live, before, saves = p.session.live, p.moves, p.saves
    p.click("D4")
    shown = p.session.shown
    assert p.session.live is live and p.moves == before and p.saves == saves + 1
    assert (shown.point, shown.parent, shown.number) == (from_gtp("D4", 9), live.path()[0], 2)
    assert shown.parent.children == [live.path()[1], shown], "the game stays the main line"
    assert "White D4 tried out" in p.status and p.session.sounds[-1] == "stone"
    p.click("D5")
    assert p.session.shown.parent is shown and p.session.line()[-1] is p.session.shown
    assert p.session.shown_game.board.color[from_gtp("D5", 9)] != 0
    p.session.go_to(live)
    assert [n for n in p.session.line()][1:] == live.path() and "to move" in p.status


@pytest.mark.parametrize("over", [False, True])
def test_a_typed_point_is_tried_out_too(over):
    """It played in the running game."""
    p = looking("E5", "C3", "G5", back=2)
    if over:
        p.session.resign()
        p.session.go(-2)
    live, before = p.session.live, p.moves
    assert p.session.enabled("coordinate") and p.session.type_move("E5").startswith("E5 is not possible")
    assert "End goes back" in p.session.type_move("pass")
    assert p.session.type_move("C3") is None and p.session.shown is live.path()[1], "what is there is gone to"
    p.session.go(-1)
    assert p.session.type_move("G5") is None, "which is free here"
    assert p.session.live is live and p.moves == before and p.session.is_tried(p.session.shown)
    p.session.go_to(live)
    assert p.session.enabled("coordinate") is not over


def test_a_move_that_is_there_already_is_gone_to():
    p = looking("E5", "C3", "G5", back=3)
    saves = p.saves
    p.click("E5")
    assert p.session.shown is p.session.live.path()[0] and p.saves == saves and "Looking at move 1" in p.status
    p.click("D4")
    p.session.go(-1)
    p.click("D4")
    assert len(p.session.shown.parent.children) == 2
    p.session.variation(1)
    assert p.session.shown.point == from_gtp("C3", 9)


def test_undo_removes_what_was_only_tried_out():
    p = looking("E5", "C3", "G5", back=2)
    first, before = p.session.shown, p.moves
    p.click("D4", "D5", "D6")
    tried = p.session.shown.parent
    p.session.go_to(tried)
    p.session.undo()
    assert p.session.shown is tried and "follow" in p.status and p.moves == before
    p.session.go(1)
    for _ in range(3):
        assert p.session.enabled("undo")
        p.session.undo()
        assert p.moves == before
    assert p.session.shown is first and len(first.children) == 1
    p.session.undo()
    assert p.moves == before and "End goes back" in p.status, "the game's own are taken back where it is"


def test_what_is_played_on_from_is_part_of_the_game():
    p = looking("E5", "C3", "G5", back=2)
    p.click("D4", "D5")
    p.session.branch()
    assert p.moves == p.points("E5", "D4", "D5") and not p.session.reviewing
    p.session.undo()
    assert p.moves == p.points("E5", "D4")
    p.session.go(1)
    assert p.session.reviewing and p.session.shown.point == from_gtp("D5", 9)
    p.session.undo()
    assert p.moves == p.points("E5", "D4"), "looking changes nothing"
    assert [n.point for n in p.session.live.children] == p.points("D5"), "taken back, not removed"


def test_a_tried_move_that_is_played_after_all_stays():
    p = looking("E5", "C3", back=0)
    p.session.undo()  # E5 is played
    p.session.go(1)
    p.click("G5")  # after C3, which was taken back
    tried = p.session.shown
    p.session.redo()
    p.click("G5")
    assert p.session.live is tried and not p.session.is_tried(tried)
    p.session.undo()
    p.session.go_to(tried)
    assert "Looking" in p.status
    p.session.undo()
    assert tried.parent.children == [tried]


def test_a_try_must_be_legal():
    p = looking("E5", "C3", "G5")
    before = len(p.session.shown.children)
    p.click("E5")
    assert "occupied" in p.status and len(p.session.shown.children) == before
    # White D4 takes part of a ko; Black may not take back at once.
    p = looking("D5", "E5", "C4", "F4", "D3", "E3", "E4", "A1", back=1)
    p.click("D4")
    assert p.session.sounds[-1] == "capture"
    p.click("E4")
    assert "ko" in p.status and p.session.shown.point == from_gtp("D4", 9)


def test_the_engine_plays_on_while_moves_are_tried_out():
    p = Play()
    p.click("E5")
    p.session.go(-1)
    p.click("D4")
    tried = p.session.shown
    p.answer("C3")
    assert p.moves == p.points("E5", "C3") and p.session.shown is tried
    p.session.say("")
    p.session.undo()
    assert p.moves == p.points("E5", "C3") and p.session.shown is p.session.record.root
    assert len(p.session.record.root.children) == 1


def test_the_analysis_goes_on_with_what_is_tried_out():
    p = looking("E5", "C3")
    p.session.analyse()
    p.session.receive(("info", len(p.link.asked), 0.6, 4.0, 50, ()))
    p.click("D4")
    assert p.session.busy_with == "analysis" and p.link.asked[-1][1] != p.link.asked[-2][1]
    p.session.receive(("info", len(p.link.asked), 0.7, 6.0, 50, ()))
    p.session.say("")
    assert "White D4 tried out: 2.0 points, 10% lost" in p.status
    assert graph(p.session).points[-1][0] == 2
    p.session.undo()
    assert p.session.busy_with == "analysis" and len(p.link.asked[-1][1][-1]) == 1


def test_a_walk_along_what_is_removed_ends():
    p = looking("E5", "C3")
    p.click("D4")
    p.session.analyse_game()
    assert p.session.walk.line[-1] is p.session.shown
    p.session.undo()
    assert p.session.walk is None and not p.session.thinking


@pytest.mark.parametrize("phase", ["over", "scoring"])
def test_in_a_game_that_has_stopped_too(phase):
    p = two()
    p.click("E5", "C3")
    if phase == "over":
        p.session.resign()
    else:
        p.session.pass_()
        p.session.pass_()
    p.click("G7")
    assert len(p.session.live.children) == 0 and p.session.phase == phase
    p.session.go_number(1)
    p.click("D4")
    assert "tried out" in p.status and p.session.phase == phase and len(p.session.dead) == 0
    result = p.session.result
    p.session.undo()
    assert (p.session.phase, p.session.result, p.session.shown.number) == (phase, result, 1)


def test_tries_are_variations_in_the_file():
    p = looking("E5", "C3", "G5", back=2)
    p.click("D4", "D5")
    loaded = load_record(sgf_of(p.session))
    assert [n.point for n in loaded.live.path()] == p.points("E5", "C3", "G5")
    tried = loaded.record.root.children[0].children[1]
    assert [n.point for n in tried.line()] == p.points("E5", "D4", "D5")
    p.session.load(loaded.record, loaded.live)
    p.session.go_to(tried)
    assert "Looking" in p.status, "of another time"
    p.session.undo()
    assert len(p.moves) == 3 and len(loaded.record.root.children[0].children) == 2


def test_undo_of_a_try_too_many_leaves_a_result_alone():
    p = looking("E5", "C3", "G5", back=0)
    p.session.resign()
    p.session.go(-2)
    p.click("D4")
    for _ in range(3):
        p.session.undo()
    assert p.session.result and p.session.phase == "over" and len(p.moves) == 3


def test_the_window_shows_where_a_stone_would_go(window):
    w = window()
    for vertex in ("E5", "C3"):
        click(w, at(w, vertex))
    press(w, pygame.K_LEFT)
    mouse(w, pygame.MOUSEMOTION, at(w, "G7"))
    assert picture(w.session, w.ghost).ghost == (from_gtp("G7", 9), 2)
    click(w, at(w, "G7"))
    assert len(moves(w)) == 2 and "White G7 tried out" in status_line(w.session)[0]
    press(w, pygame.K_z, pygame.KMOD_CTRL)
    assert w.session.shown.number == 1 and len(moves(w)) == 2
    press(w, pygame.K_END)
    assert not w.session.reviewing


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_tried_the_game_stays(seed):
    rng = random.Random(seed)
    p = two()
    p.click("E5", "C3", "G5", "C5", "G3")
    before = p.moves
    for _ in range(150):
        match rng.randrange(5):
            case 4:
                if p.session.reviewing:
                    p.session.redo()
            case 0:
                p.session.go(rng.choice((-3, -1, 1, 2)))
            case 1:
                p.session.variation(1)
            case 2 if p.session.reviewing:
                p.session.click(rng.choice(list(p.session.game.legal_points())) or 1)
            case 3 if p.session.is_tried(p.session.shown):
                p.session.undo()
        assert p.moves == before
        assert load_record(sgf_of(p.session)).live.number == 5
    record = p.session.record
    assert [n.point for n in record.root.end().path()] == before, "it is the main line"


def test_redo_brings_back_what_was_removed_with_all_that_was_written():
    p = looking("E5", "C3", "G5", back=2)
    begin, before = p.session.shown, p.moves
    p.click("D4")
    p.session.write(p.session.shown, "better")
    p.session.shown.kept = {"TR": b"ee"}
    p.click("D5")
    tried = p.session.shown.path()[1:]
    for _ in range(2):
        p.session.undo()
    assert "White D4 is removed. Ctrl+Y" in p.status and p.session.enabled("redo")
    p.session.go(1)
    assert not p.session.enabled("redo"), "nothing was removed here"
    p.session.go_to(begin)
    saves = p.saves
    p.session.redo()
    assert p.session.shown is tried[0] and p.session.is_tried(tried[0]) and p.saves == saves + 1
    assert "C[better]" in sgf_of(p.session).decode() and "TR[ee]" in sgf_of(p.session).decode()
    p.session.redo()
    assert p.session.shown is tried[1] and not p.session.enabled("redo") and p.moves == before
    for _ in range(2):
        p.session.undo()
    p.click("D4")
    assert p.session.shown is tried[0] and p.session.shown.comment == "better", "the same move again"
    p.session.redo()
    assert p.session.shown is tried[1] and begin.children[1:] == [tried[0]]


def test_redo_of_the_game_goes_before_what_was_tried():
    p = looking("E5", "C3", "G5", back=2)
    p.click("D4")
    tried = p.session.shown
    p.session.go_to(p.session.live)
    p.session.undo()
    p.session.undo()
    p.session.go_to(tried)
    p.session.undo()
    assert not p.session.reviewing
    p.session.redo()
    assert p.moves == p.points("E5", "C3")
    p.session.undo()
    p.session.branch()
    p.session.redo()
    assert p.moves == p.points("E5", "C3")
    p.session.go(-1)
    p.session.redo()
    assert p.session.shown is tried and p.moves == p.points("E5", "C3")


def test_what_was_removed_is_not_brought_back_beside_the_same_move_or_into_another_game():
    p = looking("E5", "C3", "G5", back=2)
    p.click("D4")
    p.session.undo()
    p.session.branch()
    p.click("D4")
    assert len(p.session.live.parent.children) == 2
    p.session.go(-1)
    assert not p.session.enabled("redo")
    p.session.redo()
    assert len(p.session.live.parent.children) == 2
    p.click("D5")
    p.session.undo()
    assert p.session.enabled("redo")
    p.session.resign()
    p.session.go_number(1)
    assert p.session.enabled("redo"), "also after the game"
    p.session.load(p.session.record, p.session.live)
    p.session.go(-1)
    assert not p.session.enabled("redo")
