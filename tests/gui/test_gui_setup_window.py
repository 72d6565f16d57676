"""Setting up a position in the window: mouse and keys in, pictures and the game out."""

import pygame
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gui.files import load_record, sgf_of
from gui.menus import MENUS
from gui.new_game import make_record
from gui.setup_panel import BY_KEY, TOOLS
from gui.setup_view import SetupView
from gui.theme import BAD
from gui.window import ENGINE_EVENT
from tests.gui.hands import click, mouse, moves, press, seen


def opened(window, *args, **settings):
    """A window in which a position is being set up, with its games kept."""
    w = window(*args, **settings)
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    press(w, pygame.K_u, pygame.KMOD_CTRL)
    assert isinstance(w.dialog, SetupView)
    return w


def place(w, vertex):
    return w.dialog._board.center(from_gtp(vertex, w.session.size))


def stones(w):
    return w.dialog.setup.now.stones


def points(w, *vertices):
    return {from_gtp(v, w.session.size) for v in vertices}


def area(w, action):
    return next(b for b in w.dialog.buttons if b.action == action).area


def right(w, vertex):
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        w.handle(pygame.event.Event(kind, pos=place(w, vertex), button=3))
    w.draw()


def line(w):
    return w.dialog._line((-1, -1))[0]


def test_left_right_shift_and_a_drag(window):
    w = opened(window)
    empty = seen(w.layout().board)
    assert w.mouse == (-1, -1)
    click(w, place(w, "E5"))
    right(w, "C3")
    pygame.key.set_mods(pygame.KMOD_SHIFT)
    click(w, place(w, "D3"))
    pygame.key.set_mods(0)
    assert stones(w) == {from_gtp("E5", 9): BLACK, from_gtp("C3", 9): WHITE, from_gtp("D3", 9): WHITE}
    assert seen(w.layout().board) != empty
    mouse(w, pygame.MOUSEBUTTONDOWN, place(w, "A1"))
    for vertex in ("A2", "A3", "B3"):
        mouse(w, pygame.MOUSEMOTION, place(w, vertex))
    mouse(w, pygame.MOUSEBUTTONUP, place(w, "B3"))
    mouse(w, pygame.MOUSEMOTION, place(w, "J9"))
    assert {p for p, c in stones(w).items() if c == BLACK} == points(w, "E5", "A1", "A2", "A3", "B3")
    press(w, pygame.K_z, pygame.KMOD_CTRL)
    assert len(stones(w)) == 3
    press(w, pygame.K_y, pygame.KMOD_CTRL)
    assert len(stones(w)) == 7
    for _ in range(4):
        click(w, area(w, "undo").center)
    assert not stones(w)
    assert seen(w.layout().board) == empty


def test_a_point_under_a_dialog_button_is_no_stone(window):
    w = opened(window)
    for button in list(w.dialog.buttons):
        if button.action not in ("cancel", "done", "empty"):
            click(w, button.area.center)
            assert not stones(w)
            assert button.action not in TOOLS or w.dialog.setup.tool == button.action


def test_every_tool_has_a_key(window):
    w = opened(window)
    assert len(BY_KEY) == len(TOOLS) == 9
    for key, tool in BY_KEY.items():
        press(w, key, text=pygame.key.name(key))
        assert w.dialog.setup.tool == tool


def test_by_keyboard_alone(window):
    w = opened(window, black="human", white="engine", mode="engine")
    press(w, pygame.K_UP)  # to the middle
    press(w, pygame.K_SPACE)
    press(w, pygame.K_LEFT)
    press(w, pygame.K_SPACE, pygame.KMOD_SHIFT)
    press(w, pygame.K_w)
    press(w, pygame.K_g, pygame.KMOD_CTRL)
    w.handle(pygame.event.Event(pygame.TEXTINPUT, text="c3 c4"))
    press(w, pygame.K_RETURN)
    assert w.dialog.child is None
    assert {p for p, c in stones(w).items() if c == WHITE} == points(w, "D5", "C3", "C4")
    assert {p for p, c in stones(w).items() if c == BLACK} == points(w, "E5")
    press(w, pygame.K_n)
    press(w, pygame.K_TAB)
    press(w, pygame.K_TAB)
    for _ in range(5):
        press(w, pygame.K_BACKSPACE)
    for digit in "-2.5":
        press(w, ord(digit), text=digit)
    press(w, pygame.K_RETURN)
    assert w.dialog is None and w.session.game.to_move == WHITE and w.session.record.rules.komi == -2.5
    assert w.session.game.board.color[from_gtp("C4", 9)] == WHITE
    assert not w.session.link.asked and "Enter lets it move" in w.session.message[0]
    press(w, pygame.K_RETURN)
    assert w.session.busy_with == "move"


def test_the_arrows_stay_on_the_board(window):
    w = opened(window)
    for _ in range(12):
        press(w, pygame.K_DOWN)
        press(w, pygame.K_LEFT)
    press(w, pygame.K_SPACE)
    assert set(stones(w)) == points(w, "A1")


def test_a_wrong_point_is_told_and_nothing_lost(window):
    w = opened(window)
    press(w, pygame.K_g, pygame.KMOD_CTRL)
    w.handle(pygame.event.Event(pygame.TEXTINPUT, text="z9"))
    press(w, pygame.K_RETURN)
    assert w.dialog.child.error and not stones(w)
    press(w, pygame.K_ESCAPE)
    assert w.dialog is not None and w.dialog.child is None


def test_done_puts_the_game_away_as_a_new_game_does(window):
    w = window()
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    click(w, w.board.center(from_gtp("E5", 9)))
    click(w, w.board.center(from_gtp("C3", 9)))
    press(w, pygame.K_LEFT)
    press(w, pygame.K_u, pygame.KMOD_CTRL)
    assert set(stones(w)) == points(w, "E5") and w.dialog.setup.now.to_move == WHITE, "the past position"
    click(w, area(w, "empty").center)
    click(w, place(w, "G7"))
    click(w, area(w, "done").center)
    assert w.dialog is None and moves(w) == [] and w.session.record.black == (from_gtp("G7", 9),)
    (past,) = w.store.games.iterdir()
    assert [n.point for n in load_record(past.read_bytes()).live.path()] == [from_gtp(v, 9) for v in ("E5", "C3")]
    saved = load_record(w.store.load_autosave())
    assert saved.record.black == (from_gtp("G7", 9),) and saved.record.root.children == []
    press(w, pygame.K_u, pygame.KMOD_CTRL)  # a position without a move is worth keeping too
    click(w, place(w, "A1"))
    press(w, pygame.K_RETURN)
    assert len(list(w.store.games.iterdir())) == 2


def test_cancel_goes_back_and_asks_once_where_something_was_set_up(window):
    w = opened(window, clock="absolute", clock_minutes=1.0)
    before = sgf_of(w.session)
    w.tick()
    assert w.session.clocks.running == 0, "the clocks stand"
    click(w, area(w, "cancel").center)
    assert w.dialog is None and sgf_of(w.session) == before
    w.tick()
    assert w.session.clocks.running == BLACK
    press(w, pygame.K_u, pygame.KMOD_CTRL)
    click(w, place(w, "E5"))
    press(w, pygame.K_ESCAPE)
    assert w.dialog is not None and "Once more" in line(w)
    click(w, place(w, "D5"))
    assert "Once more" not in line(w)
    press(w, pygame.K_ESCAPE)
    assert w.dialog is not None
    press(w, pygame.K_ESCAPE)
    assert w.dialog is None and not w.session.record.black and not w.store.games.exists()


def test_without_liberties_there_are_red_rings_and_no_game(window):
    w = opened(window)
    w.dialog.setup.type("A2 B1")
    press(w, pygame.K_w)
    around = w.dialog._board.cell_rect(from_gtp("A1", 9))
    click(w, place(w, "A1"))
    mouse(w, pygame.MOUSEMOTION, (2, 2))
    assert "White A1" in line(w)
    surface = pygame.display.get_surface()
    spots = [(x, y) for x in range(around.left, around.right) for y in range(around.top, around.bottom)]
    assert sum(surface.get_at(spot)[:3] == BAD for spot in spots) > 50
    press(w, pygame.K_RETURN)
    assert w.dialog is not None
    click(w, place(w, "A1"))
    assert "White A1" not in line(w)
    press(w, pygame.K_RETURN)
    assert w.dialog is None


def test_a_komi_that_is_none_is_told(window):
    w = opened(window)
    click(w, w.dialog.komi.area.center)
    for text in ("7.3", "-", "500"):
        press(w, pygame.K_END)
        for _ in range(5):
            press(w, pygame.K_BACKSPACE)
        w.handle(pygame.event.Event(pygame.TEXTINPUT, text=text))
        press(w, pygame.K_RETURN)
        assert w.dialog is not None and "Komi" in line(w)
    click(w, area(w, "empty").center)
    assert "Komi" not in line(w)
    press(w, pygame.K_RETURN)
    assert w.dialog is None


def test_a_warning_goes_with_what_it_warned_of(window):
    w = opened(window)
    click(w, w.dialog.komi.area.center)
    w.handle(pygame.event.Event(pygame.TEXTINPUT, text="7.3"))
    press(w, pygame.K_RETURN)
    assert "Komi" in line(w)
    press(w, pygame.K_BACKSPACE)
    w.handle(pygame.event.Event(pygame.TEXTINPUT, text="5"))
    assert w.dialog.setup.now.komi == 7.5 and "Komi" not in line(w)
    press(w, pygame.K_ESCAPE)
    assert "Once more" in line(w)
    press(w, pygame.K_UP)
    press(w, pygame.K_ESCAPE)
    assert w.dialog is not None, "something was changed after it had been asked"
    press(w, pygame.K_ESCAPE)
    assert w.dialog is None


def test_a_stroke_ends_where_points_are_typed(window):
    w = opened(window)
    mouse(w, pygame.MOUSEBUTTONDOWN, place(w, "C3"))
    press(w, pygame.K_g, pygame.KMOD_CTRL)
    mouse(w, pygame.MOUSEBUTTONUP, (1, 1))
    press(w, pygame.K_ESCAPE)
    mouse(w, pygame.MOUSEMOTION, place(w, "D4"))
    assert set(stones(w)) == points(w, "C3"), "no button is down"
    click(w, place(w, "E5"))
    assert set(stones(w)) == points(w, "C3", "E5")


def test_komi_typed_in_a_stroke_is_a_step_of_its_own(window):
    w = opened(window)
    click(w, w.dialog.komi.area.center)
    w.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=place(w, "C3"), button=3))
    w.handle(pygame.event.Event(pygame.TEXTINPUT, text="5"))
    w.handle(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=place(w, "C3"), button=3))
    assert w.dialog.setup.now.komi == 5
    press(w, pygame.K_z, pygame.KMOD_CTRL)
    assert w.dialog.setup.now.komi == 7 and set(stones(w)) == points(w, "C3")
    press(w, pygame.K_z, pygame.KMOD_CTRL)
    assert not stones(w) and not w.dialog.setup.can_undo


@pytest.mark.parametrize("what", ["a mark", "White to move"])
def test_an_empty_board_that_was_set_up_is_kept_as_well(window, what):
    w = opened(window)
    if what == "a mark":
        press(w, pygame.K_t)
        click(w, place(w, "C3"))
    else:
        press(w, pygame.K_n)
    press(w, pygame.K_RETURN)
    assert w.dialog is None and not w.session.record.is_bare
    w.actions.start_game(w.settings)
    kept = [load_record(path.read_bytes()).record for path in w.store.games.glob("*.sgf")]
    assert len(kept) == 1
    assert kept[0].first == WHITE if what != "a mark" else "TR" in kept[0].root.kept


def test_who_moves_next_is_clicked(window):
    w = opened(window)
    field = w.dialog.turn.area
    click(w, (field.right - 20, field.centery))
    assert w.dialog.setup.now.to_move == WHITE
    press(w, pygame.K_z, pygame.KMOD_CTRL)
    assert w.dialog.turn.value == BLACK


@pytest.mark.parametrize(
    ("size", "scale"),
    [((360, 480), 1), ((500, 900), 1), ((800, 600), 1), ((1120, 800), 1), ((620, 460), 1)]
    + [((1120, 800), 1.5), ((600, 900), 1.5), ((1600, 1200), 2.5)]
    + [((360, 256), 1), ((360, 360), 1), ((320, 200), 1), ((300, 300), 1), ((640, 256), 1), ((900, 640), 2.5)],
)
def test_everything_is_in_the_window_and_nothing_over_another(window, size, scale):
    w = opened(window, size, scale=scale)
    screen = pygame.Rect(0, 0, *size)
    areas = [b.area for b in w.dialog.buttons] + [w.dialog.turn.area, w.dialog.komi.area]
    assert all(screen.contains(a) for a in areas)
    assert not any(a.colliderect(w.dialog._board.wood) for a in areas)
    for i, one in enumerate(areas):
        assert one.collidelist(areas[i + 1 :]) == -1 and min(one.size) >= 10
    click(w, place(w, "E5"))
    assert set(stones(w)) == points(w, "E5")
    for action, left in (("undo", ""), ("redo", "E5"), ("empty", ""), ("white", "")):
        click(w, next(b for b in w.dialog.buttons if b.action == action).area.center)
        assert set(stones(w)) == points(w, *left.split())
    click(w, place(w, "C3"))
    click(w, next(b for b in w.dialog.buttons if b.action == "done").area.center)
    assert w.dialog is None and len(w.session.record.white) == 1


@pytest.mark.parametrize("lines", range(7, 20))
def test_every_size(window, lines):
    w = opened(window, komi=7.0)
    press(w, pygame.K_ESCAPE)
    w.settings.size = lines
    w.session.load(make_record(w.settings))
    w.draw()
    press(w, pygame.K_u, pygame.KMOD_CTRL)
    corner = f"{'ABCDEFGHJKLMNOPQRST'[lines - 1]}{lines}"
    click(w, place(w, corner))
    right(w, "A1")
    press(w, pygame.K_RETURN)
    again = load_record(sgf_of(w.session)).record
    assert (again.size, again.black, again.white) == (lines, (from_gtp(corner, lines),), (from_gtp("A1", lines),))


def test_larger_and_coordinates_while_it_is_set_up(window):
    w = opened(window)
    click(w, place(w, "E5"))
    press(w, pygame.K_PLUS, pygame.KMOD_CTRL)
    assert w.theme.scale == 1.25 and w.dialog._board.theme is w.theme
    press(w, pygame.K_k)
    assert not w.settings.coordinates and set(stones(w)) == points(w, "E5")


def test_the_engine_speaks_meanwhile(window):
    w = window(black="engine", white="human", mode="engine")
    assert w.session.busy_with == "move"
    press(w, pygame.K_u, pygame.KMOD_CTRL)
    w.handle(pygame.event.Event(ENGINE_EVENT, message=("move", 1, from_gtp("E5", 9))))
    w.draw()
    assert moves(w) == [] and isinstance(w.dialog, SetupView)
    press(w, pygame.K_ESCAPE)
    assert w.session.busy_with == "move"


def test_the_menu_has_it():
    assert any(item.action == "set up" and item.key == "Ctrl+U" for _, items in MENUS for item in items)
