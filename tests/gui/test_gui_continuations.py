"""What follows the position shown is drawn on the board, and a click steps onto it."""

from dataclasses import replace

import pygame
import pytest

from gogame.board import WHITE
from gogame.coords import from_gtp
from gui.candidates import Candidate
from gui.describe import picture, status_line
from gui.menus import MENUS
from gui.store import Settings
from tests.gui.hands import at, click, mouse, opened, press, seen
from tests.gui.played import Play, two

FORK = ";B[ee](;W[cc];B[gg])(;W[dd];B[dc])(;W[gc])"  # W C7, D6 and G7


def ahead(p):
    """(vertex's point, whether it is the main line's) of what is drawn, in order."""
    return [(c.point, c.main) for c in picture(p.session, None).continuations]


def test_looking_back_shows_what_was_played_next():
    p = two()
    p.click("E5", "C3", "G5")
    assert ahead(p) == []
    p.session.go(-2)
    assert ahead(p) == [(from_gtp("C3", 9), True)]
    assert [c.color for c in picture(p.session, None).continuations] == [WHITE]
    p.click("D4")
    assert ahead(p) == []
    p.session.go(-1)
    assert ahead(p) == [(from_gtp("C3", 9), True), (from_gtp("D4", 9), False)]


def test_where_it_is_played_only_several_are_shown():
    p = two()
    p.click("E5", "C3")
    p.session.undo()
    assert ahead(p) == [], "what was just taken back needs no ring"
    p.click("D4")
    p.session.undo()
    assert ahead(p) == [(from_gtp("D4", 9), True), (from_gtp("C3", 9), False)]
    before = list(p.session.live.children)
    p.click("C3")
    assert p.session.live is before[1] and len(p.session.live.parent.children) == 2, "the same one goes on"


def test_a_pass_has_no_place_and_an_engine_no_variations():
    p = two()
    p.click("E5")
    p.session.pass_()
    p.session.go(-1)
    assert ahead(p) == []
    p = Play()
    p.click("E5")
    p.answer("C3")
    p.session.go(-1)
    assert ahead(p) == [(from_gtp("C3", 9), True)]


def test_a_click_steps_onto_it(window):
    w = opened(window(), FORK)
    w.session.go_number(1)
    node, count = w.session.shown, 3
    for vertex in ("G7", "D6", "C7"):
        saves = w.session.record.root.line()
        click(w, at(w, vertex))
        assert w.session.shown.parent is node and w.session.shown.point == from_gtp(vertex, 9)
        assert len(node.children) == count and not w.session.is_tried(w.session.shown)
        assert w.session.record.root.line() == saves and w.session.sounds[-1] == "stone"
        w.session.go_to(node)
    click(w, at(w, "A1"))
    assert len(node.children) == count + 1 and w.session.is_tried(w.session.shown)


@pytest.mark.parametrize(
    "moves",
    [
        ";B[ee];B[cc];B[gg]",  # out of turn
        ";B[ba];W[aa];B[ab];W[ii];B[hi];W[aa];B[cc]",  # suicide, which these rules refuse
    ],
)
def test_as_a_file_has_it_whatever_the_rules_say(window, moves):
    w = opened(window(), f"RU[Japanese]{moves}")
    live = w.session.live
    for number in range(live.number):
        w.session.go_number(number)
        (found,) = picture(w.session, None).continuations
        w.session.click(found.point)
        assert w.session.shown is live.path()[number]
    assert len(live.path()) == live.number and not any(len(n.children) > 1 for n in live.path())


def test_the_rings_are_on_their_points_and_can_be_hidden(window):
    w = opened(window(), FORK)
    w.session.go_number(1)
    w.draw()
    cells = [w.board.cell_rect(from_gtp(v, 9)) for v in ("C7", "D6", "G7", "F3")]
    shown = [seen(c) for c in cells]
    items = [item for title, items in MENUS for item in items if title == "View" and item.action == "continuations"]
    assert len(items) == 1 and w.actions.checked("continuations") and Settings().continuations
    w.actions.run("continuations")
    w.draw()
    hidden = [seen(c) for c in cells]
    assert [a != b for a, b in zip(shown, hidden, strict=True)] == [True, True, True, False]
    assert not w.actions.checked("continuations")
    w.store.save_settings(w.settings)
    assert not w.store.load_settings().continuations
    w.actions.run("continuations")
    w.draw()
    assert [seen(c) for c in cells] == shown

    def strength(i):
        return sum(abs(a - b) for a, b in zip(shown[i], hidden[i], strict=True))

    assert strength(0) > 1.3 * strength(1) > 0, "the main line's is the stronger"


def test_everything_else_goes_before_them(window):
    """Marks, territory and the stone under the mouse look as if nothing followed, candidates' discs stand within."""
    w = opened(window(), ";B[ee](;W[cc];B[gg])(;W[dd]TR[gg];B[dc])(;W[gc])")
    node = w.session.live.path()[0]
    w.session.go_to(node)
    marked = {"TR": b"cc", "LB": b"dd:A", "TB": b"gc"}
    points = [from_gtp(v, 9) for v in ("C7", "D6", "G7")]
    area = w.board.wood

    def same():
        w.draw()
        with_them = seen(area)
        w.settings.continuations = False
        w.draw()
        without = seen(area)
        w.settings.continuations = True
        return with_them == without

    assert not same()
    node.kept = marked
    assert same()
    node.kept = None
    w.session.candidates = tuple(Candidate(p, 10, 0.5, 0.0) for p in points)
    assert not same(), "they are around the discs"
    discs = [w.board.cell_rect(p).inflate(*[-round(0.75 * w.board.cell)] * 2) for p in points]
    w.draw()
    with_them = [seen(disc) for disc in discs]
    w.settings.continuations = False
    w.draw()
    assert with_them == [seen(disc) for disc in discs], "and cover nothing of them"
    w.settings.continuations = True
    w.session.candidates = ()
    w.session.ownership = tuple([0.9] * 81)
    assert same() and not picture(w.session, None).continuations
    w.session.ownership = ()
    found = picture(w.session, None)
    w.board.draw(pygame.display.get_surface(), replace(found, heat=((points[0], 0.5),)))
    heat = seen(area)
    w.board.draw(pygame.display.get_surface(), replace(found, heat=((points[0], 0.5),), continuations=()))
    assert seen(area) == heat
    node.children[1:] = []
    mouse(w, pygame.MOUSEMOTION, at(w, "C7"))
    assert picture(w.session, w.ghost).ghost == (points[0], WHITE) and same()


def test_the_line_under_the_board_counts_variations_in_the_game_too(window):
    p = two()
    p.click("E5", "C3")
    assert "variation" not in p.status
    p.session.undo()
    p.click("D4")
    assert p.status == "Black to move. Move 2 is variation 1 of 2: ↑ ↓"
    p.session.variation(1)
    assert "variation 2 of 2" in p.status
    p.session.go_to(p.session.live)
    p.session.resign()
    assert "over" in p.status and p.status.endswith("variation 1 of 2: ↑ ↓")
    p.session.undo()
    p.session.say("")
    p.session.notice = "something to be read"
    assert p.status == p.session.notice
    w = opened(window(), FORK)
    press(w, pygame.K_HOME)
    press(w, pygame.K_RIGHT)
    press(w, pygame.K_RIGHT)
    press(w, pygame.K_DOWN)
    assert "move 2, variation 2 of 3" in status_line(w.session)[0]
