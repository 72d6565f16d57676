"""The networks' view in the window."""

import pygame
import pytest

from gogame.coords import from_gtp
from gui.candidates import Candidate
from gui.checkpoints import shipped
from gui.networks import Networks, View, run_source
from gui.networks_panel import NetworksPanel
from gui.window import ENGINE_EVENT
from nets.weights import find_net
from tests.gui.hands import at, click, mouse, moves, press
from tests.gui.looking import NETS, answer, run_of


def slider(w):
    return w.panels.networks._slides[0]


def test_v_opens_and_closes(looking):
    w = looking()
    assert w.networks.open and w.actions.checked("networks") and not w.panels.graph_area.height
    press(w, pygame.K_v)
    assert not w.networks.open and w.panels.graph_area.height and w.session.link.sent[-1] == ("views end",)
    press(w, pygame.K_v)
    button = next(b for b in w.panels.buttons if b.action == "networks")
    click(w, button.area.center)
    assert not w.networks.open


def test_shift_and_arrows_choose_a_network_only_while_it_is_open(looking):
    w = looking()
    for vertex in ("E5", "C3", "G7"):
        click(w, at(w, vertex))
    press(w, pygame.K_LEFT, pygame.KMOD_SHIFT)
    assert w.networks.net.name == NETS[-2] and w.session.shown.number == 3
    press(w, pygame.K_RIGHT, pygame.KMOD_SHIFT)
    press(w, pygame.K_RIGHT, pygame.KMOD_SHIFT)
    assert w.networks.net.name == NETS[-1]
    press(w, pygame.K_v)
    press(w, pygame.K_LEFT, pygame.KMOD_SHIFT)
    assert w.session.shown.number == 0 and w.networks.net.name == NETS[-1]


def test_the_slider_is_clicked_and_dragged(looking):
    w = looking()
    area, left, right = slider(w)
    mouse(w, pygame.MOUSEBUTTONDOWN, (left, area.top + 12))
    assert w.networks.chosen == 0
    mouse(w, pygame.MOUSEMOTION, (left + (right - left) * 3 // 7, area.bottom + 90))
    assert w.networks.chosen == 3
    mouse(w, pygame.MOUSEMOTION, (right + 500, 0))
    mouse(w, pygame.MOUSEBUTTONUP, (right + 500, 0))
    assert w.networks.chosen == 7
    mouse(w, pygame.MOUSEMOTION, (left, area.top + 12))
    assert w.networks.chosen == 7 and moves(w) == []


def test_a_click_on_a_curve_chooses_a_network(looking):
    w = looking()
    area, left, right = w.panels.networks._slides[1]
    click(w, (left + (right - left) * 2 // 7, area.centery))
    assert w.networks.chosen == 2


def test_the_mouse_chooses_the_move_that_is_followed(looking):
    w = looking()
    mouse(w, pygame.MOUSEMOTION, at(w, "C3"))
    assert w.networks.subject() == from_gtp("C3", 9) and w.dirty
    area, point = w.panels.networks.rows[2]
    mouse(w, pygame.MOUSEMOTION, area.center)
    assert w.networks.subject() == point
    mouse(w, pygame.MOUSEMOTION, (area.left, 2))
    assert w.networks.subject() == from_gtp("E5", 9)


def test_the_heat_and_the_percentage_are_drawn(looking):
    w = looking()

    def around(vertex):
        x, y = at(w, vertex)
        part = pygame.Rect(0, 0, w.board.diameter, w.board.diameter)
        part.center = (x, y)
        return pygame.surfarray.array3d(pygame.display.get_surface().subsurface(part)).astype(int)

    hot, cold = around("E5"), around("F6")
    assert (hot[..., 2] > hot[..., 0] + 40).sum() > 3 * (cold[..., 2] > cold[..., 0] + 40).sum()
    assert (hot.min(axis=2) > 250).sum() > 20  # the number and the ring
    w.actions.run("networks territory")
    w.draw()
    assert not (around("E5")[..., 2] > around("E5")[..., 0] + 40).any()


@pytest.mark.parametrize("size", [(1120, 800), (800, 600), (500, 900), (1600, 1300)])
@pytest.mark.parametrize("board", [9, 19])
def test_nothing_is_cut_off(looking, size, board):
    w = looking(size, board)
    column = w.layout().column
    panel = w.panels.networks
    assert len(panel._slides) == 3 and column.height
    for area in (*(area for area, _, _ in panel._slides), *(b.area for b in panel.buttons)):
        assert column.contains(area), (area, column)
    assert [point for _, point in panel.rows] == ([] if size[0] == 500 else [p for p, _ in w.networks.top(5)])
    for upper, lower in zip(panel.rows, panel.rows[1:], strict=False):
        assert upper[0].bottom <= lower[0].top and column.contains(lower[0])


def test_a_narrow_window_has_a_tab(looking):
    w = looking((500, 900))
    tab = next(b for b in w.panels.buttons if b.action == "tab networks")
    graph = next(b for b in w.panels.buttons if b.action == "tab graph")
    assert tab.on
    click(w, graph.area.center)
    assert w.networks.open and w.panels.graph_area.height and not w.panels.networks.rows
    press(w, pygame.K_v)
    assert all(b.action != "tab networks" for b in w.panels.buttons)


def test_labels_never_overlap(window, monkeypatch, tmp_path):
    """Of many networks only some are labelled, the chosen one among them."""
    w = window()
    panel = NetworksPanel(w.theme, Networks(w.session, run_source(run_of(tmp_path, *range(1000, 1024)))))
    panel.networks.toggle()
    panel.networks.choose(11)
    drawn = []
    monkeypatch.setattr(type(w.theme), "text", lambda self, surface, text, area, *_: drawn.append((text, area)))
    panel._draw_labels(pygame.display.get_surface(), pygame.Rect(0, 0, 290, 16), [10 + 12 * i for i in range(24)])
    assert 4 < len(drawn) < 12 and "1011" in [text for text, _ in drawn]
    areas = sorted((area for _, area in drawn), key=lambda area: area.left)
    assert all(a.right < b.left for a, b in zip(areas, areas[1:], strict=False))


def test_stepping_through_a_game_asks_about_each_position(looking):
    w = looking()
    for vertex in ("E5", "C3"):
        click(w, at(w, vertex))
    asked = [s[1] for s in w.session.link.sent]
    assert len(asked) == 3 and len(set(asked)) == 3
    press(w, pygame.K_LEFT)
    w.handle(pygame.event.Event(ENGINE_EVENT, message=answer(w.networks, w.session.link)))
    assert w.networks.view is not None and isinstance(w.networks.view, View) and len(moves(w)) == 2


def test_find_net_and_the_view_agree():
    """What the view lists is a file that loads."""
    for net in (*shipped(9), *shipped(19)):
        assert str(find_net(net.name, 9).path) == net.path


def test_a_picture_waits_a_moment_for_the_answer(looking, monkeypatch):
    """Else the panel would be empty for an instant at every step."""
    w = looking()
    assert not w.networks.awaited()
    click(w, at(w, "E5"))
    assert w.networks.awaited()
    drawn = []
    monkeypatch.setattr(w, "draw", lambda: drawn.append(w.networks.view is not None))
    events = [
        pygame.event.Event(pygame.NOEVENT),
        pygame.event.Event(ENGINE_EVENT, message=answer(w.networks, w.session.link)),
        pygame.event.Event(pygame.QUIT),
    ]
    monkeypatch.setattr(pygame.event, "wait", lambda patience: events.pop(0))
    w.run()
    assert drawn == [True]
    press(w, pygame.K_HOME)
    monkeypatch.setattr("gui.networks.MOMENT", 0.0)
    w.session.click(from_gtp("C3", 9))
    w.networks.follow()
    assert w.networks.view is None and not w.networks.awaited()  # it has been long enough


def test_a_low_and_narrow_place_has_no_curves_and_a_tiny_one_nothing(looking):
    w = looking()
    panel, surface = w.panels.networks, pygame.display.get_surface()
    panel.clear()
    low = pygame.Rect(10, 10, 290, 110)
    assert panel.draw(surface, low).height == 0
    assert len(panel._slides) == 1 and all(low.contains(b.area) for b in panel.buttons)
    panel.clear()
    tiny = pygame.Rect(10, 10, 290, 60)
    assert panel.draw(surface, tiny) == tiny and not panel.buttons


@pytest.mark.parametrize(
    ("pixels", "comment", "listed", "written"),
    [
        ((1120, 800), "", 6, False),
        ((1000, 740), "", 5, False),
        ((1120, 1000), "", 6, False),
        ((1600, 1200), "", 6, False),
        ((1120, 800), "short", 3, True),
        ((1120, 800), "long\n" * 60, 3, True),
        ((1000, 740), "short", 0, True),
        ((1000, 640), "", 0, False),
    ],
)
def test_the_candidates_have_room_beside_the_networks(looking, pixels, comment, listed, written):
    w = looking(pixels)
    panel = w.panels.networks
    w.session.shown.comment = comment
    w.draw()
    alone = [area.copy() for area, _ in panel.rows]
    w.session.candidates = tuple(
        Candidate(from_gtp(v, 9), 9, 0.5, 0.0) for v in ("C3", "G3", "C7", "G7", "E3", "E7", "C5", "G5")
    )
    w.draw()
    assert len(w.panels.rows) == listed and (w.panels.comment.area.height > 0) == written
    assert len(panel.rows) == 5, "the networks' moves are all there"
    areas = [area for area, _ in panel.rows] + [area for area, _ in w.panels.rows] + [w.panels.comment.area]
    column = w.layout().column
    for i, area in enumerate(areas):
        assert not area.height or (column.contains(area) and area.collidelist(areas[i + 1 :]) < 0)
    if w.panels.rows:
        mouse(w, pygame.MOUSEMOTION, w.panels.rows[1][0].center)
        assert w.session.pointed_at == from_gtp("G3", 9)
    w.session.candidates = ()
    w.draw()
    assert [area for area, _ in panel.rows] == alone
