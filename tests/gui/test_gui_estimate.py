"""Whose the points of a position will be, as the engine sees it: asked, shown, put away. No pygame, no process."""

from gui.describe import graph, picture
from tests.gui.played import two


def estimate(p, owned, score):
    """The engine's answer to an estimate."""
    p.session.receive(("info", len(p.link.asked), 0.9, score, 200, ()))
    p.session.receive(("estimate", len(p.link.asked), owned))


def test_an_estimate_is_of_the_position_shown_and_lasts_until_the_next():
    p = two()
    p.click("E5", "C3")
    p.session.go(-1)
    p.session.estimate()
    kind, position = p.link.asked[-1]
    assert (kind, len(position[-1])) == ("estimate", 1) and p.session.busy_with == "estimate"
    owned = (0.5,) * 81
    estimate(p, owned, 33.46)
    assert picture(p.session, None).ownership == owned
    assert "Black leads by 33.5" in p.status and graph(p.session).points[0][0] == 1
    p.session.go(1)
    assert p.session.ownership == ()
    p.session.estimate()
    p.session.estimate()
    assert not p.session.thinking, "a second time before the answer"
    estimate(p, owned, 1.0)
    assert p.session.ownership == ()
    p.session.estimate()
    p.session.stop()
    assert p.link.stopped == [len(p.link.asked)] and p.session.busy_with == "estimate", "what there is will come"
    estimate(p, owned, -1.0)
    assert "White leads by 1.0" in p.status
    p.session.hint()
    assert p.session.ownership == () and p.session.busy_with == "hint", "the one takes the other's place"
    p.session.estimate()
    assert p.session.busy_with == "estimate"
    p.click("G3")
    assert not p.session.thinking


def test_an_estimate_does_not_disturb_the_count():
    p = two()
    p.click("E5", "C3")
    p.session.pass_()
    p.session.pass_()
    assert p.session.busy_with == "score" and not p.session.enabled("estimate")
    p.session.go(-3)
    p.session.estimate()
    estimate(p, (0.0,) * 81, 0.04)
    assert not p.session.dead_known and "even" in p.status
    p.session.go(3)
    assert p.session.busy_with == "score"
