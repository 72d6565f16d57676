"""The window with SDL's dummy driver: posted events in, pictures and the session's state out."""

import pygame
import pytest

from gogame.coords import from_gtp
from gui import theme as look
from gui.candidates import Candidate
from gui.describe import status_line
from gui.files import sgf_of
from gui.keys_dialog import KeysDialog
from gui.layout import arrange
from gui.menus import MENUS
from gui.new_game import make_record
from gui.theme import Theme
from gui.window import ENGINE_EVENT
from tests.gui.hands import at, button, click, mouse, moves, opened, press


def test_a_click_plays_and_a_drag_does_not(window):
    w = window()
    click(w, at(w, "E5"))
    assert moves(w) == [from_gtp("E5", 9)]
    mouse(w, pygame.MOUSEBUTTONDOWN, at(w, "C3"))
    mouse(w, pygame.MOUSEBUTTONUP, at(w, "C4"))
    assert len(moves(w)) == 1


def test_between_two_points_is_a_dead_zone(window):
    w = window()
    (x1, y), (x2, _) = at(w, "C3"), at(w, "D3")
    click(w, ((x1 + x2) // 2, y))
    assert moves(w) == []
    click(w, (x1 + (x2 - x1) * 4 // 10, y))
    assert moves(w) == [from_gtp("C3", 9)]


@pytest.mark.parametrize("size", [7, 9, 13, 19])
@pytest.mark.parametrize("coordinates", [True, False])
def test_every_point_is_hit_at_its_centre(window, size, coordinates):
    w = window(coordinates=coordinates)
    w.settings.size = size
    w.session.load(make_record(w.settings))
    w.draw()
    for row in range(1, size + 1):
        for column in "ABCDEFGHJKLMNOPQRST"[:size]:
            assert w.board.point_at(*at(w, f"{column}{row}")) == from_gtp(f"{column}{row}", size)
    assert w.board.point_at(w.board.wood.left - 5, w.board.wood.top - 5) is None


def test_the_ghost_and_the_stone_are_drawn(window):
    w = window()
    x, y = at(w, "E5")
    spot = (x - 20, y + 8)  # beside the mark of the last move

    def brightness():
        return sum(pygame.display.get_surface().get_at(spot)[:3])

    empty = brightness()
    mouse(w, pygame.MOUSEMOTION, (x, y))
    ghost = brightness()
    click(w, (x, y))
    stone = brightness()
    assert stone < ghost < empty


def test_keys(window):
    w = window()
    for vertex in ("E5", "C3", "G7"):
        click(w, at(w, vertex))
    press(w, pygame.K_LEFT)
    assert w.session.shown.number == 2
    press(w, pygame.K_LEFT, pygame.KMOD_CTRL)
    assert w.session.shown.number == 0
    press(w, pygame.K_END)
    assert not w.session.reviewing
    press(w, pygame.K_z, pygame.KMOD_CTRL)
    assert len(moves(w)) == 2
    press(w, pygame.K_k)
    assert not w.settings.coordinates
    press(w, pygame.K_m)
    assert w.settings.numbers
    press(w, pygame.K_p)
    assert len(moves(w)) == 3 and w.session.game.passes == 1
    press(w, pygame.K_SLASH, pygame.KMOD_SHIFT, "?")
    assert isinstance(w.dialog, KeysDialog)
    press(w, pygame.K_ESCAPE)
    assert w.dialog is None
    press(w, pygame.K_q, pygame.KMOD_CTRL)
    assert not w.running


def test_a_held_key_passes_once_but_walks_on(window):
    w = window()
    for vertex in ("E5", "C3", "G7"):
        click(w, at(w, vertex))
    for _ in range(3):
        w.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_LEFT, mod=0))
    assert w.session.shown.number == 0
    press(w, pygame.K_END)
    for _ in range(3):
        w.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_p, mod=0))
    assert w.session.game.passes == 1


@pytest.mark.parametrize("vertex", ["T1", "A19", "T19"])
def test_a_smaller_board_comes_under_the_mouse(window, tmp_path, vertex):
    w = window()
    w.settings.size = 19
    w.session.load(make_record(w.settings))
    w.draw()
    mouse(w, pygame.MOUSEMOTION, at(w, vertex))
    assert w.ghost == from_gtp(vertex, 19)
    small = tmp_path / "small.sgf"
    small.write_text("(;SZ[9])")
    w.handle(pygame.event.Event(pygame.DROPFILE, file=str(small)))
    w.draw()
    assert w.session.size == 9 and w.ghost == w.board.point_at(*w.mouse)


def test_keys_walk_through_the_variations(window):
    w = window()
    click(w, at(w, "E5"))
    for vertex in ("C3", "G7", "C7"):
        click(w, at(w, vertex))
        press(w, pygame.K_z, pygame.KMOD_CTRL)
    press(w, pygame.K_RIGHT)
    assert w.session.shown.point == from_gtp("C7", 9)
    seen = []
    for _ in range(3):
        press(w, pygame.K_DOWN)
        seen.append(w.session.shown.point)
        assert "of 3" in status_line(w.session)[0]
    assert seen == [from_gtp(v, 9) for v in ("G7", "C3", "C7")]
    press(w, pygame.K_UP)
    assert w.session.shown.point == from_gtp("C3", 9)
    press(w, pygame.K_RIGHT, pygame.KMOD_CTRL)
    assert not w.session.reviewing, "the same as End: back to the game, even from the end of a variation"
    press(w, pygame.K_LEFT, pygame.KMOD_CTRL)
    assert w.session.shown.number == 0


def test_scoring_by_mouse(window):
    w = window()
    for row in range(1, 10):
        click(w, at(w, f"E{row}"))
        click(w, at(w, f"F{row}"))
    click(w, at(w, "B5"))
    press(w, pygame.K_p)
    press(w, pygame.K_p)
    assert w.session.phase == "scoring"
    click(w, button(w, "accept"))
    assert w.session.phase == "scoring", "the engine looks for dead stones"
    w.handle(pygame.event.Event(ENGINE_EVENT, message=("score", len(w.session.link.asked), (), ())))
    w.draw()
    click(w, at(w, "J5"))  # an empty point: nothing
    click(w, button(w, "accept"))
    assert w.session.phase == "over" and w.session.result == "B+2"


def test_the_graph_jumps(window):
    w = window()
    for i, vertex in enumerate(("E5", "C3", "G7", "C7")):
        click(w, at(w, vertex))
        w.session.live.winrate, w.session.live.score = 0.5 + i / 10, float(i)
    w.draw()
    area = w.panels.graph_area
    click(w, (area.left + 1, area.centery))
    assert w.session.shown.number == 0
    click(w, (area.right - 1, area.centery))
    assert w.session.shown.number == 4


def test_every_menu_line_does_something(window):
    w = window()
    known = {item.action for _, items in MENUS for item in items if item.label}
    assert known <= set(w.actions._table)
    for index, (_, items) in enumerate(MENUS):
        click(w, w.menu.titles()[index].center)
        assert w.menu.open == index
        rows = w.menu._rows(index)
        assert len(rows) == len(items)
        click(w, (990, 300))
        assert w.menu.open is None
    click(w, w.menu.titles()[3].center)
    click(w, w.menu._rows(3)[0].center)
    assert not w.settings.coordinates


@pytest.mark.parametrize("size", [(1000, 740), (640, 480), (360, 360)])
def test_a_menu_fits_into_a_low_window(window, size):
    w = window(size)
    for index, (_, items) in enumerate(MENUS):
        rows = w.menu._rows(index)
        assert rows[-1].bottom <= size[1] and all(
            row.height >= 15 for row, item in zip(rows, items, strict=True) if item.label
        )


@pytest.mark.parametrize(
    "size", [(360, 360), (480, 800), (640, 480), (1900, 400), (300, 900), (200, 1300), (1280, 1000)]
)
@pytest.mark.parametrize("scale", [0.75, 1.0, 2.5])
def test_no_size_of_the_window_breaks_it(window, size, scale):
    w = window(size, scale=scale)
    click(w, at(w, "E5"))
    w.session.record.root.children[0].winrate = 0.5
    for action in ("", "new", "keys", "save as", "open", "players"):
        if action:
            w.actions.run(action)
        w.draw()
        w.dialog = None
    w.menu.open = 0
    w.draw()


def test_buttons_lie_inside_the_bar(window):
    for size in ((480, 800), (640, 480), (1000, 740), (1900, 1000)):
        w = window(size)
        bar = arrange(*size, 1.0).bar
        areas = [b.area for b in w.panels.buttons if not b.action.startswith("tab")]
        assert all(bar.contains(area) for area in areas), size
        assert not any(a.colliderect(b) for i, a in enumerate(areas) for b in areas[:i]), size


def test_an_engine_message_reaches_the_session(window):
    w = window(white="engine", mode="engine")
    click(w, at(w, "E5"))
    assert w.session.busy_with == "move"
    w.handle(pygame.event.Event(ENGINE_EVENT, message=("move", 1, from_gtp("C3", 9))))
    w.draw()
    assert len(moves(w)) == 2


def test_text_is_cut_and_wrapped_to_its_room(window):
    window()
    theme = Theme(1.0)
    text = "The engine's process has ended because of something long"
    assert theme.width(theme.fit(text, 14, False, 100), 14) <= 100
    lines = theme.wrap(text, 14, False, 120)
    assert len(lines) > 2 and all(theme.width(line, 14) <= 120 for line in lines)
    assert theme.fit("", 14, False, 0) == ""


def test_the_window_is_drawn_before_it_waits(window, monkeypatch):
    """The events of the start were taken while the rules were compiled: none may come."""
    w = window()
    drawn = []
    monkeypatch.setattr(w, "draw", lambda: drawn.append(True))

    def wait(patience):
        assert drawn
        return pygame.event.Event(pygame.QUIT)

    monkeypatch.setattr(pygame.event, "wait", wait)
    w.run()


def test_a_resting_mouse_shows_one_candidates_variation(window):
    """The engine changes their order meanwhile."""
    w = window()
    click(w, at(w, "E5"))
    first, second = (Candidate(from_gtp(v, 9), 10, 0.5, 1.0) for v in ("C3", "G7"))
    w.session.candidates = (first, second)
    w.draw()
    for place in (at(w, "C3"), w.panels.rows[0][0].center):
        w.session.candidates = (first, second)
        mouse(w, pygame.MOUSEMOTION, place)
        assert w.session.preview is first
        w.session.candidates = (second, first)
        assert w.session.preview is first
    w.session.candidates = (second,)
    assert w.session.preview is None
    mouse(w, pygame.MOUSEMOTION, at(w, "A1"))
    assert w.session.pointed_at is None


def test_who_owns_what_is_drawn(window):
    w = window()
    click(w, at(w, "E5"))
    press(w, pygame.K_t)
    assert w.session.link.asked[-1][0] == "estimate" and not w.actions.checked("estimate")
    owned = [1.0] * 40 + [0.9] + [0.0] * 9 + [-0.6] + [-1.0] * 30
    for message in (("info", 1, 0.8, 3.3, 200, ()), ("estimate", 1, tuple(owned))):
        w.handle(pygame.event.Event(ENGINE_EVENT, message=message))
    w.draw()
    assert w.actions.checked("estimate") and "Black leads by 3.3" in status_line(w.session)[0]

    def brightness(vertex):
        x, y = at(w, vertex)
        return sum(pygame.display.get_surface().get_at((x + 2, y + 3))[:3])  # beside the lines

    marked = {vertex: brightness(vertex) for vertex in ("B8", "B2", "E4", "D4")}
    press(w, pygame.K_t)
    wood = {vertex: brightness(vertex) for vertex in marked}
    assert not w.session.ownership
    assert marked["B8"] < wood["B8"] and marked["B2"] > wood["B2"] and marked["D4"] == wood["D4"]


def test_a_narrow_window_keeps_the_engines_state(window, monkeypatch):
    w = window((700, 500))
    w.session.link.name = "a-long-name-of-an-engine"
    shown = []
    text = w.theme.text
    monkeypatch.setattr(
        w.theme, "text", lambda surface, line, *a, **k: shown.append(line) or text(surface, line, *a, **k)
    )
    w.draw()
    assert any("idle" in line for line in shown)


def test_keys_of_the_analyses(window):
    w = window()
    click(w, at(w, "E5"))
    press(w, pygame.K_a)
    assert w.session.busy_with == "analysis" and w.actions.checked("analysis")
    press(w, pygame.K_a, pygame.KMOD_CTRL)
    assert w.session.busy_with == "game" and w.actions.checked("analyse game")
    assert "move 0 of 1" in status_line(w.session)[0]
    press(w, pygame.K_ESCAPE)
    assert not (w.session.thinking or w.actions.checked("analysis") or w.actions.checked("analyse game"))


def test_the_column_stays_where_it_is_during_an_analysis(window):
    w = window((1120, 800))
    click(w, at(w, "E5"))
    press(w, pygame.K_a)
    graphs = [w.panels.graph_area.copy()]
    for count in (1, 2, 8):
        w.session.candidates = tuple(Candidate(from_gtp(f"{c}5", 9), 10, 0.5, 1.0) for c in "ABCDFGHJ"[:count])
        w.draw()
        graphs.append(w.panels.graph_area.copy())
    press(w, pygame.K_LEFT)
    assert not w.panels.rows and graphs == [w.panels.graph_area] * 4


def test_what_an_analysis_has_found_is_kept_with_the_game_that_is_left(window, tmp_path):
    w = window()
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    click(w, at(w, "E5"))
    press(w, pygame.K_a)
    w.handle(pygame.event.Event(ENGINE_EVENT, message=("info", 1, 0.75, 3.0, 100, ())))
    assert b"SBKV" not in w.store.load_autosave()
    other = tmp_path / "other.sgf"
    other.write_text("(;SZ[9])")
    assert w.actions.open_file(other) is None
    (kept,) = (w.store.data / "games").iterdir()
    assert b"SBKV[75.00]" in kept.read_bytes()
    assert w.session.busy_with == "analysis"


def test_six_candidates_have_six_rows(window):
    w = window((1120, 800))
    points = [from_gtp(f"{c}5", 9) for c in "ABCDEFGH"]
    w.session.candidates = tuple(Candidate(p, 10, 0.5, 1.0) for p in points)
    w.draw()
    assert len(w.panels.rows) == 6


@pytest.mark.parametrize("place, prior", [((1120, 800), ("Prior", "87%", "<1%")), ((800, 600), ())])
def test_a_candidate_says_what_was_expected_and_what_was_found(window, monkeypatch, place, prior):
    w = window(place)
    told: list[tuple[str, bool]] = []
    text = w.theme.text
    monkeypatch.setattr(w.theme, "text", lambda surface, line, area, size=14, *rest, **more: (
        told.append((line, w.theme.width(line, size) <= area.width)), text(surface, line, area, size, *rest, **more)
    )[1])  # fmt: skip
    points = [from_gtp(f"{c}9", 9) for c in "EG"]
    w.session.candidates = (Candidate(points[0], 4999, 1.0, -12.3, 0.874), Candidate(points[1], 1, 0.5, -24.6, 0.001))
    w.draw()
    for cell in ("1 E9", "100.0%", "−12.3", "4999", "2 G9", "Loses", "0.0", "12.3", "Score B", "Visits", *prior):
        assert (cell, True) in told, f"{cell} is there, and whole"
    assert bool(prior) == ("Prior" in [text for text, _ in told])


def test_a_long_line_under_the_board_takes_two(window, monkeypatch):
    w = window((640, 480))
    drawn, text = [], w.theme.text
    monkeypatch.setattr(w.theme, "text", lambda surface, told, area, *rest, **more: (
        drawn.append((told, w.theme.fit(told, rest[0], False, area.width), area.copy()))
        or text(surface, told, area, *rest, **more)
    ))  # fmt: skip
    for vertex in ("E5", "C3", "G5"):
        click(w, at(w, vertex))
    press(w, pygame.K_LEFT)
    drawn.clear()
    w.draw()
    area = w.layout().status
    lines = [told for told, shown, place in drawn if area.contains(place) and told == shown]
    assert len(lines) == 2 and " ".join(lines) == status_line(w.session)[0]
    for long in ("a" * 300, "/a/path/of/a/file " + "b" * 300, "word " * 100):
        w.session.say(long)
        w.draw()


@pytest.mark.parametrize("action", ["", "keys", "about", "open"])
def test_a_dropped_file_is_opened(window, tmp_path, action):
    w = window()
    file = tmp_path / "a.sgf"
    file.write_text("(;SZ[13];B[aa])")
    if action:
        w.actions.run(action)
        w.draw()
    w.handle(pygame.event.Event(pygame.DROPFILE, file=str(file)))
    w.draw()
    assert w.dialog is None and w.session.size == 13


@pytest.mark.parametrize("action", ["comment", "new", "set up", "save as"])
def test_a_dropped_file_takes_no_dialog_away(window, tmp_path, action):
    """It was not opened either, and nothing said so."""
    w = window()
    file = tmp_path / "a.sgf"
    file.write_text("(;SZ[13];B[aa])")
    w.actions.run(action)
    w.draw()
    dialog = w.dialog
    w.handle(pygame.event.Event(pygame.DROPFILE, file=str(file)))
    w.draw()
    told = dialog.told if action == "set up" else dialog.error
    assert w.dialog is dialog and "dropped" in told and w.session.size == 9


def test_the_wheel_over_an_open_menu_stays_there(window):
    w = opened(window(), ";B[ee];W[cc]")
    click(w, w.menu.titles()[1].center)
    for open_menu in (True, False):
        assert (w.menu.open is not None) == open_menu
        w.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=1))
        assert w.session.shown.number == (2 if open_menu else 1)
        press(w, pygame.K_ESCAPE)


@pytest.mark.parametrize("ground", [look.CARD, look.PANEL, look.BACKGROUND])
@pytest.mark.parametrize("color", [look.TEXT, look.MUTED, look.FAINT])
def test_a_text_can_be_read(color, ground):
    """WCAG's contrast."""

    def light(color):
        parts = [v / 255 / 12.92 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in color]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    assert (light(color) + 0.05) / (light(ground) + 0.05) >= 4.5
