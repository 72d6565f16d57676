"""The buttons of the bar: those that make sense, with room for their labels."""

import pygame
import pytest

from gogame.geometry import PASS
from gui.candidates import Candidate
from gui.choices import choices
from gui.layout import arrange
from tests.gui.hands import button, click, opened, press
from tests.gui.played import Play, two

REVIEWING = ["last", "branch", "hint", "analyse game", "next mistake"]


def actions(session, enabled=None):
    return [c.action for c in choices(session) if enabled is None or c.enabled == enabled]


def primary(session):
    return [c.action for c in choices(session) if c.primary]


def estimate(session, *winrates):
    for node, winrate in zip(session.line(), winrates, strict=True):
        node.winrate, node.score, node.visits = winrate, 0.0, 200
        node.candidates = (Candidate(PASS, 200, winrate, 0.0),)


def test_a_past_position_has_the_buttons_of_looking():
    p = two()
    p.click("E5", "C3", "G5")
    assert "undo" in actions(p.session)
    p.session.go(-2)
    assert actions(p.session) == REVIEWING and actions(p.session, False) == ["next mistake"]
    estimate(p.session, 0.5, 0.5, 0.5, 0.1)
    assert actions(p.session, False) == ["analyse game"], "all is searched, and G5 was a mistake"
    p.click("A1")
    assert actions(p.session)[-1] == "undo", "it was tried out"
    p.session.resign()
    p.session.go(-1)
    assert actions(p.session) == REVIEWING and primary(p.session) == []


def test_the_buttons_tell_no_mistake_that_is_hidden():
    p = Play(estimates=False)
    p.click("E5")
    p.answer("C3")
    estimate(p.session, 0.5, 0.1, 0.1)
    p.session.go(-2)
    assert "next mistake" in actions(p.session, False)
    p.session.settings.estimates = True
    assert "next mistake" in actions(p.session, True)


def test_a_game_that_is_over_asks_for_its_analysis():
    p = two()
    p.click("E5", "C3", "G5")
    p.session.resign()
    assert actions(p.session) == ["analyse game", "hint", "save", "new"] and primary(p.session) == ["analyse game"]
    p.session.analyse_game()
    assert choices(p.session)[0].label == "Stop analysis"
    p.session.stop()
    estimate(p.session, 0.5, 0.5, 0.5, 0.5)
    assert primary(p.session) == ["new"] and actions(p.session, False) == ["analyse game"]
    estimate(p.session, 0.5, 0.5, 0.9, 0.5)
    assert primary(p.session) == ["first mistake"]


def test_a_pass_of_the_engine_is_explained():
    p = Play()
    p.click("E5")
    p.answer(PASS)
    assert p.status == "White passed. P passes too: then the game is counted" and primary(p.session) == ["pass"]
    p.session.pass_()
    assert p.session.phase == "scoring"
    p.session.undo()
    p.click("C3")
    p.answer("G3")
    assert primary(p.session) == [] and "passes" not in p.status
    p.session.pass_()
    assert "passes too" not in p.status and primary(p.session) == [], "the engine is to move"


def test_help_tells_how_to_play(window):
    for size in ((360, 360), (480, 800), (1280, 800)):
        w = window(size)
        w.actions.run("how to play")
        w.draw()
        assert w.dialog.area.height <= size[1] and w.dialog.text.count("\n") == 7
        press(w, pygame.K_RETURN)
        assert w.dialog is None


def test_the_first_mistake_is_gone_to(window):
    w = opened(window(), "RE[B+R];B[ee];W[cc];B[gg];W[gc]")
    estimate(w.session, 0.5, 0.5, 0.9, 0.5, 0.9)
    w.draw()
    click(w, button(w, "first mistake"))
    assert w.session.shown.number == 2
    click(w, button(w, "next mistake"))
    assert w.session.shown.number == 3
    click(w, button(w, "last"))
    assert not w.session.reviewing and w.session.result == "B+R"


@pytest.mark.parametrize("state", ["idle", "error"])
@pytest.mark.parametrize("size", [(360, 500), (480, 800), (620, 500), (640, 480), (800, 600), (1920, 1000)])
def test_buttons_of_every_state_lie_inside_the_bar_with_their_labels(window, size, state):
    w = opened(window(size), "RE[B+R];B[ee];W[cc];B[gg]")
    w.session.link.state = state
    for number, known in ((3, False), (3, True), (1, True)):
        if known:
            estimate(w.session, 0.5, 0.5, 0.9, 0.5)
        w.session.go_number(number)
        w.draw()
        bar = arrange(*size, 1.0).bar
        there = [b for b in w.panels.buttons if bar.colliderect(b.area)]
        areas = [b.area for b in there]
        assert len(there) >= 8 and all(bar.contains(area) for area in areas)
        assert not any(a.colliderect(b) for i, a in enumerate(areas) for b in areas[:i])
        assert all(w.theme.width(b.label, 13.5) <= b.area.width - 8 for b in there)
