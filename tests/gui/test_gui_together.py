"""Clocks, comments, markup and the networks' view in one window: what one does while another is there."""

import shutil

import pygame
import pytest

from gogame.coords import from_gtp
from gui.describe import picture
from gui.engine_worker import position_of
from gui.markup import NONE
from gui.networks import run_source
from gui.store import Settings
from gui.window import ENGINE_EVENT
from tests.gui.hands import at, click, mouse, moves, opened, press
from tests.gui.looking import answer, found, run_of
from tests.gui.test_gui_clock_window import TIMES, seconds  # noqa: F401 (a fixture)


def answered(w, *what):
    """The networks say what they see of the position shown."""
    w.handle(pygame.event.Event(ENGINE_EVENT, message=answer(w.networks, w.session.link, *what)))
    w.draw()


def another_board(w, size):
    w.actions.start_game(Settings(size=size, black="human", white="human", mode="two", scale=1.0))
    press(w, pygame.K_ESCAPE)


# -- the networks' view ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [(19, 9), (9, 19)])
def test_another_board_begins_under_the_mouse(looking, before, after):  # noqa: F811
    w = looking((1120, 800), before)
    mouse(w, pygame.MOUSEMOTION, at(w, "A1"))
    assert w.networks.subject() == from_gtp("A1", before)
    another_board(w, after)
    answered(w, found(after, "C3"))
    here = w.board.point_at(*w.mouse)
    assert w.board.size == after and w.networks.subject() == (from_gtp("C3", after) if here is None else here)
    w.networks.pointed = from_gtp("A1", 19) if after == 9 else from_gtp("J9", 9)  # as it is before anything is drawn
    assert w.networks.subject() is not None


def test_the_move_under_the_mouse_is_followed_from_the_start(window):
    w = window()
    mouse(w, pygame.MOUSEMOTION, at(w, "C3"))
    press(w, pygame.K_v)
    answered(w)
    assert w.networks.subject() == from_gtp("C3", 9)


def test_another_board_begins_when_the_run_is_gone(window, tmp_path):
    w = window()
    run = run_of(tmp_path, 0, 10)
    w.networks._source = run_source(run)
    press(w, pygame.K_v)
    shutil.rmtree(run / "nets")
    another_board(w, 13)
    assert not w.networks.awaited() and "no networks" in w.networks.told()[0]


def test_a_game_lost_on_time_while_another_position_is_looked_at(window, seconds):  # noqa: F811
    w = window(**TIMES)
    press(w, pygame.K_v)
    click(w, at(w, "E5"))
    w.tick()
    press(w, pygame.K_LEFT)
    seconds.now += 100
    w.tick()
    assert w.session.result == "B+T" and w.session.shown is w.session.live
    assert w.networks._position == position_of(w.session.shown_game), "nor does the board show the moves of the other"


def test_positions_that_pass_faster_than_the_networks_answer_are_shown(window, monkeypatch):
    """A held arrow key, on a busy computer."""
    now, draws = [10.0], []
    monkeypatch.setattr("gui.networks.time.monotonic", lambda: now[0])
    w = window()
    for vertex in ("E5", "C3", "G7", "C7", "G3", "E7", "E3", "C5", "G5"):
        click(w, at(w, vertex))
    press(w, pygame.K_v)
    draw, keys = w.draw, iter([pygame.K_LEFT] * 8 + [pygame.K_RIGHT] * 8)
    monkeypatch.setattr(w, "draw", lambda: draws.append(now[0]) or draw())
    due = [now[0] + 0.04]

    def wait(timeout):
        now[0] = min(now[0] + timeout / 1000, due[0])
        if now[0] < due[0]:
            return pygame.event.Event(pygame.NOEVENT)
        due[0] += 0.04
        key = next(keys, None)
        return pygame.event.Event(pygame.QUIT) if key is None else pygame.event.Event(pygame.KEYDOWN, key=key, mod=0)

    monkeypatch.setattr(pygame.event, "wait", wait)
    pygame.event.clear()
    w.run()
    assert len(draws) >= 5 and max(b - a for a, b in zip(draws, draws[1:], strict=False)) < 0.15


def test_what_a_file_marks_does_not_look_like_what_a_network_sees(window):
    w = opened(window(), ";B[ee]TB[aa][bb]TW[cc]LB[dd:x]TR[ee]")
    plain = picture(w.session, None)
    assert plain.territory and plain.markup.labels and w.networks.on_board(plain) is plain
    press(w, pygame.K_v)
    answered(w)
    for w.networks.territory in (False, True):
        shown = w.networks.on_board(plain)
        assert shown.territory == {} and shown.markup is NONE and (shown.heat or shown.ownership)


@pytest.mark.parametrize("size", [(1120, 800), (800, 600), (1300, 1000), (1600, 1300)])
@pytest.mark.parametrize("text", ["Short.", "A long comment. " * 100])
@pytest.mark.parametrize("count", [False, True])
def test_a_comment_stands_below_the_networks(window, size, text, count):
    passes = f";W[];B[]C[{text}]" if count else ""
    w = opened(window(size), f";B[ee]C[{text}]{passes}")
    w.session.begin()
    if count:
        w.session.receive(("score", len(w.session.link.asked), (), (0.0,) * 81))
    press(w, pygame.K_v)
    answered(w)
    column, comment = w.layout().column, w.panels.comment.area
    slides = [area for area, _, _ in w.panels.networks._slides]
    assert slides and column.contains(slides[0])
    if size == (800, 600) and count:
        assert not comment.height, "there is no room for both: the networks were asked for"
        return
    assert column.contains(comment) and comment.height >= w.theme.px(92)
    assert all(area.bottom < comment.top for area in slides)
    click(w, next(b.area.center for b in w.panels.buttons if b.action == "comment"))
    assert w.dialog is not None


@pytest.mark.parametrize("height", [195, 215, 320])
def test_a_low_panel_draws_no_number_over_another(looking, monkeypatch, height):  # noqa: F811
    w = looking()
    drawn, text = [], w.theme.text

    def draw(*args, **more):
        place = text(*args, **more)
        drawn.append((args[1], place.inflate(0, -w.theme.px(4))))
        return place

    monkeypatch.setattr(w.theme, "text", draw)
    w.panels.networks.clear()
    w.panels.networks.draw(pygame.display.get_surface(), pygame.Rect(10, 10, 380, height))
    numbers = [place for written, place in drawn if written.endswith("%")]
    assert len(numbers) >= 9 or height < 215
    assert all(place.collidelist(numbers[i + 1 :]) < 0 for i, place in enumerate(numbers))


# -- comments ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [False, True])
def test_a_window_that_is_closed_keeps_the_comment_that_is_being_written(window, key):
    w = window()
    saves = []
    w.session.on_save = saves.append
    press(w, pygame.K_e, pygame.KMOD_CTRL)
    w.handle(pygame.event.Event(pygame.TEXTINPUT, text="half a thought"))
    if key:
        press(w, pygame.K_q, pygame.KMOD_CTRL)
    else:
        w.handle(pygame.event.Event(pygame.QUIT))
    assert not w.running and w.session.shown.comment == "half a thought" and saves


@pytest.mark.parametrize("control", [pygame.KMOD_CTRL, pygame.KMOD_META])
@pytest.mark.parametrize("action", "keys new open save coordinate training about comment".split() + ["set up"])
def test_ctrl_q_closes_the_window_whatever_dialog_is_open(window, action, control):
    w = window()
    click(w, at(w, "E5"))
    w.actions.run(action)
    w.draw()
    assert w.dialog is not None
    press(w, pygame.K_q, text="q")
    assert w.running
    press(w, pygame.K_q, control)
    assert not w.running and len(moves(w)) == 1


def test_ctrl_q_while_points_are_typed_in_a_set_up(window):
    w = window()
    press(w, pygame.K_u, pygame.KMOD_CTRL)
    press(w, pygame.K_g, pygame.KMOD_CTRL)
    assert w.dialog.child is not None
    press(w, pygame.K_q, pygame.KMOD_CTRL)
    assert not w.running
