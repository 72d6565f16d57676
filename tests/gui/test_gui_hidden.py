"""The engine's view is not told in a game against it, where that was chosen."""

import pytest

from gui.describe import graph
from gui.menus import MENUS
from gui.store import Settings
from tests.gui.played import Play

HIDDEN = "hidden until the game is over"


def played(**settings):
    """A game in which Black has lost 4 points, as the engine sees it."""
    p = Play(**settings)
    for vertex, answer in (("E5", "C3"), ("G5", "C5")):
        p.click(vertex)
        if settings.get("white") != "human":
            p.answer(answer)
        else:
            p.click(answer)
    for node, score in zip(p.session.line(), (0.0, 0.0, 0.0, -4.0, -4.0), strict=True):
        node.winrate, node.score, node.visits = 0.5 + score / 40, score, 200
    return p


def test_a_game_against_the_engine_tells_nothing_unasked():
    p = played(estimates=False)
    assert graph(p.session).points == () and graph(p.session).empty == HIDDEN and not graph(p.session).mistakes
    p.session.go(-1)
    assert p.session.shown.number == 3 and p.status.startswith("Looking at move 3") and "lost" not in p.status
    p.session.mistake(-1)
    assert p.session.shown.number == 3 and "hidden until the game is over" in p.status
    p.click("A1")
    assert "tried out" in p.status and "lost" not in p.status
    p.session.go_to(p.session.live)
    p.session.resign()
    p.session.go(-1)
    assert len(graph(p.session).points) == 5 and graph(p.session).mistakes and "4.0 points, 10% lost" in p.status


@pytest.mark.parametrize("ask", ["hint", "estimate", "analyse"])
def test_what_is_asked_for_is_told(ask):
    p = played(estimates=False)
    getattr(p.session, ask)()
    assert len(graph(p.session).points) == 5
    if ask == "analyse":
        p.session.analyse()
    else:
        p.session.stop()
        p.session.receive((ask, len(p.link.asked), ()))
    assert graph(p.session).empty == HIDDEN and not graph(p.session).points


def test_everything_is_told_at_first_and_between_people():
    assert len(graph(played().session).points) == 5
    assert len(graph(played(estimates=False, white="human").session).points) == 5


def test_the_menu_switches_it_and_it_is_kept(window):
    w = window()
    assert w.actions.checked("estimates") and Settings().estimates
    assert [title for title, items in MENUS for item in items if item.action == "estimates"] == ["View"]
    w.actions.run("estimates")
    assert not w.actions.checked("estimates")
    w.store.save_settings(w.settings)
    assert not w.store.load_settings().estimates
