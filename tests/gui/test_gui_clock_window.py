"""Clocks in the window: the dialogs that choose them, the cards that show them, the loop that sleeps between."""

import fake_engine
import pygame
import pytest
from click.testing import CliRunner

from gogame.board import BLACK, WHITE
from gogame.game import Game
from gogame.geometry import point_of
from gogame.player import Clock, TimeSettings
from gui.app import command
from gui.clock_fields import ClockFields
from gui.clocks import SYSTEMS, clock_text, overtime_text
from gui.describe import status_line
from gui.engine_worker import position_of
from gui.files import load_record, sgf_of
from gui.session import Session
from gui.store import Settings
from tests.gui.hands import at, click, press
from tests.gui.test_gui_engine_link import Window as Pipe

TIMES = {"clock": "absolute", "clock_minutes": 1.0}


class Seconds:
    """A time source that a test turns."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds(monkeypatch):
    made = Seconds()
    monkeypatch.setattr(Session.__init__, "__defaults__", (made,))
    return made


def choose(w, system):
    """The clock of an open New game, with the mouse."""
    field = w.dialog.clock.system
    click(w, field.area.center)
    click(w, field.rows()[list(SYSTEMS).index(system)].center)
    w.draw()


def left(w, color):
    return round(w.session.clock_of(color).seconds, 3)


def test_new_game_has_a_clock(window):
    w = window()
    for system, expected in (
        ("absolute", TimeSettings("absolute", 600)),
        ("byoyomi", TimeSettings("byoyomi", 600, 30, 5)),
        ("canadian", TimeSettings("canadian", 600, 180, 10)),
        ("fischer", TimeSettings("fischer", 300, 10)),
        ("none", TimeSettings()),
    ):
        w.actions.run("new")
        w.draw()
        choose(w, system)
        press(w, pygame.K_RETURN)
        assert w.dialog is None and w.session.record.time == expected
        kept = w.store.load_settings()
        assert kept.time == expected
        assert ClockFields(kept, print).put(Settings()).time == expected, "the next time it is offered again"


def test_the_times_can_be_set_and_are_those_of_the_next_time(window):
    w = window()
    w.actions.run("new")
    w.draw()
    choose(w, "byoyomi")
    d = w.dialog
    assert [label for label, _ in d.clock.rows()] == ["Clock", "Main time", "Periods", "Period"]
    d.clock.minutes.value, d.clock.count.value = "0.5", "2"
    click(w, d.clock.seconds._ends()[0].center)
    press(w, pygame.K_RETURN)
    assert w.session.record.time == TimeSettings("byoyomi", 30, 20, 2)
    w.actions.run("new")
    w.draw()
    choose(w, "fischer")
    assert [label for label, _ in w.dialog.clock.rows()] == ["Clock", "Main time", "Increment"]
    assert w.dialog.clock.seconds.value == "10", "another system begins with usual times"
    choose(w, "byoyomi")
    assert (w.dialog.clock.minutes.value, w.dialog.clock.seconds.value) == ("0.5", "20")


def test_a_clock_that_cannot_be_is_told(window):
    w = window()
    w.actions.run("new")
    w.draw()
    choose(w, "byoyomi")
    for name, value, word in (
        ("minutes", "", "missing"),
        ("minutes", "5000", "Main time is"),
        ("seconds", "0", "A period is"),
        ("count", "0", "periods"),
    ):
        field = getattr(w.dialog.clock, name)
        good, field.value = field.value, value
        press(w, pygame.K_RETURN)
        assert word in w.dialog.error and not w.session.clocks.there
        field.value = good


def test_the_engine_can_go_by_its_clock_where_there_is_one(window):
    w = window(mode="engine", white="engine")
    w.actions.run("new")
    w.draw()
    assert len(w.dialog.limit._segments()) == 2
    choose(w, "fischer")
    click(w, w.dialog.limit._segments()[2].center)
    assert w.dialog.by_clock and not w.dialog.strength.enabled
    choose(w, "none")
    assert w.dialog.limit.value == "visits" and w.dialog.strength.enabled
    choose(w, "absolute")
    click(w, w.dialog.limit._segments()[2].center)
    press(w, pygame.K_RETURN)
    kept = w.store.load_settings()
    assert kept.by_clock and kept.visits == 200, "what hints search"
    press(w, pygame.K_p, pygame.KMOD_CTRL)
    assert w.dialog.by_clock
    click(w, w.dialog.limit._segments()[0].center)
    press(w, pygame.K_RETURN)
    assert not w.settings.by_clock and not w.store.load_settings().by_clock
    w.session.record.time = TimeSettings()
    w.session.load(w.session.record)
    press(w, pygame.K_p, pygame.KMOD_CTRL)
    assert len(w.dialog.limit._segments()) == 2, "this game has none"


@pytest.mark.parametrize("size", [(1120, 800), (500, 900), (640, 480)])
def test_the_longest_dialog_fits(window, size):
    w = window(size, mode="engine", white="engine", clock="byoyomi")
    w.actions.run("new")
    for error in ("", "There are 1 to 100 periods"):
        w.dialog.error = error
        w.draw()
        areas = [field.area for _, field in w.dialog.rows]
        assert len(areas) == 15 and pygame.Rect((0, 0), size).contains(w.dialog.area)
        assert all(a.bottom <= b.top for a, b in zip(areas, areas[1:], strict=False)) and areas[0].height >= 15
        assert areas[-1].bottom < w.dialog.buttons[0].area.top


@pytest.mark.parametrize("size", [(1120, 800), (800, 600), (500, 900), (360, 640)])
def test_clocks_are_shown_whole(window, monkeypatch, size):
    w = window(size, white="engine")
    drawn, fit = [], w.theme.fit
    monkeypatch.setattr(w.theme, "fit", lambda text, *room: drawn.append(fit(text, *room)) or drawn[-1])
    for clock in (
        Clock(TimeSettings("absolute", 36_000), 35_999),
        Clock(TimeSettings("absolute", 60), 4.2),
        Clock(TimeSettings("byoyomi", 600, 60, 10), 59, 10),
        Clock(TimeSettings("canadian", 600, 600, 25), 599, 25),
    ):
        w.session.clocks.set({BLACK: clock, WHITE: clock})
        drawn.clear()
        w.draw()
        assert drawn.count(clock_text(clock)) == 2, drawn
        rest = {overtime_text(clock), overtime_text(clock, short=True)} - {""}
        assert not rest or sum(map(drawn.count, rest)) == 2


def test_the_last_seconds_look_otherwise_than_by_colour_alone(window, seconds):
    w = window((1120, 800), **TIMES)
    w.tick()

    def shown():
        w.tick()
        w.draw()
        card = pygame.Rect(w.layout().column.left, w.layout().column.top, w.layout().column.width, 80)
        pixels = pygame.surfarray.array3d(pygame.display.get_surface().subsurface(card)).astype(int)
        return int((pixels[..., 0] > pixels[..., 2] + 60).sum()), clock_text(w.session.clock_of(BLACK))

    seconds.now += 45
    red, text = shown()
    assert red == 0 and text == "0:15"
    seconds.now += 6
    red, text = shown()
    assert red > 500 and text == "9.0"


def run(w, seconds, monkeypatch, until):
    """The window's loop, where nothing happens but that time passes. Returns (how often it woke, how often it
    drew)."""
    count = {"waits": 0, "draws": 0}
    draw = w.draw

    def wait(timeout):
        count["waits"] += 1
        assert timeout > 0 and count["waits"] < 10_000
        seconds.now += timeout / 1000
        return pygame.event.Event(pygame.QUIT if seconds.now >= until else pygame.NOEVENT)

    def drawn():
        count["draws"] += 1
        draw()

    monkeypatch.setattr(pygame.event, "wait", wait)
    monkeypatch.setattr(w, "draw", drawn)
    pygame.event.clear()
    w.running = True
    w.run()
    return count["waits"], count["draws"]


def test_the_window_sleeps_from_second_to_second(window, monkeypatch, seconds):
    w = window(**TIMES)
    w.dirty = False
    waits, draws = run(w, seconds, monkeypatch, seconds.now + 45)
    assert 40 <= draws <= 50 and waits <= 60
    waits, draws = run(w, seconds, monkeypatch, seconds.now + 13)
    assert 70 <= draws <= 110 and waits <= 120, "tenths, in the last ten seconds"
    waits, draws = run(w, seconds, monkeypatch, seconds.now + 120)
    assert w.session.result == "W+T" and draws <= 30, "and then nothing runs"


def test_a_window_without_a_clock_sleeps_as_ever(window, monkeypatch, seconds):
    w = window()
    waits, draws = run(w, seconds, monkeypatch, seconds.now + 120)
    assert waits <= 6 and draws <= 1


@pytest.mark.parametrize(("action", "stands"), [("new", True), ("open", True), ("keys", True), ("coordinate", False)])
def test_the_clock_waits_for_a_dialog_that_is_not_part_of_playing(window, seconds, action, stands):
    w = window(**TIMES)
    w.tick()
    w.actions.run(action)
    w.tick()
    seconds.now += 10
    w.tick()
    assert left(w, BLACK) == (60 if stands else 50)
    press(w, pygame.K_ESCAPE)
    w.tick()
    seconds.now += 10
    w.tick()
    assert left(w, BLACK) == (50 if stands else 40)


def test_s_stops_the_clock_and_the_menu_shows_it(window, seconds):
    w = window()
    assert not w.actions.enabled("pause"), "there is none"
    w = window(**TIMES)
    w.tick()
    press(w, pygame.K_s)
    assert w.actions.checked("pause")
    w.tick()
    seconds.now += 10
    w.tick()
    assert left(w, BLACK) == 60
    click(w, at(w, "E5"))
    w.tick()
    assert not w.actions.checked("pause") and w.session.clocks.running == WHITE


def test_a_game_of_ones_own_that_is_opened_waits(window, seconds, tmp_path):
    w = window(**TIMES)
    w.tick()
    seconds.now += 7
    click(w, at(w, "E5"))
    file = tmp_path / "own.sgf"
    file.write_bytes(sgf_of(w.session))
    w = window()
    assert w.actions.open_file(file) is None
    w.tick()
    seconds.now += 30
    w.tick()
    assert (left(w, BLACK), left(w, WHITE)) == (53, 60) and w.session.record.time.main == 60
    w.session.say("")
    assert "stands still" in status_line(w.session)[0]
    click(w, at(w, "C3"))
    w.tick()
    seconds.now += 1
    assert (left(w, BLACK), left(w, WHITE)) == (52, 60)
    theirs = tmp_path / "theirs.sgf"
    theirs.write_text("(;SZ[9]TM[600]OT[5x30 byo-yomi];B[ee]BL[3])")
    assert w.actions.open_file(theirs) is None
    w.tick()
    seconds.now += 1000
    w.tick()
    assert w.session.phase == "play" and not w.session.clocks.there


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10+5x30", TimeSettings("byoyomi", 600, 30, 5)), ("none", TimeSettings()), ("ten", None)],
)
def test_the_command_line_has_a_clock(tmp_path, monkeypatch, text, expected):
    opened = []
    monkeypatch.setattr("gui.app.run", lambda settings, *rest, fresh, **more: opened.append((settings.time, fresh)))
    monkeypatch.setattr("gui.store.Store.load_settings", lambda store: Settings(clock="absolute"))
    result = CliRunner().invoke(command, ["--time", text])
    if expected is None:
        assert result.exit_code == 1 and len(result.output.splitlines()) == 1 and not opened
    else:
        assert opened == [(expected, True)], result.output


def test_visits_on_the_command_line_are_the_engines_limit(monkeypatch):
    opened = []
    monkeypatch.setattr("gui.app.run", lambda settings, *rest, fresh, **more: opened.append(settings))
    monkeypatch.setattr("gui.store.Store.load_settings", lambda store: Settings(clock="absolute", by_clock=True))
    for words, by_clock in ((["--visits", "50"], False), (["--time", "10"], True)):
        assert CliRunner().invoke(command, words).exit_code == 0 and opened.pop().by_clock == by_clock


def test_the_engines_process_is_told_the_clock_and_says_how_long_it_took():
    pipe = Pipe(fake_engine.clocked_player)
    try:
        number = pipe.link.ask("move", position_of(Game(9)), 10, 0.0, "", ("byoyomi", 60.0, 10.0, 3, 7.0, 2))
        kinds = []
        while "move" not in kinds:
            message = pipe.link.receive(pipe.inbox.get(timeout=30))
            kinds.append(message[0])
        assert kinds.index("began") < kinds.index("info")
        assert message[:3] == ("move", number, point_of(2, 7, 9)) and message[3] >= 0
        number = pipe.link.ask("move", position_of(Game(9)), 10, 0.0)
        assert pipe.wait("move") == ("move", number, point_of(0, 0, 9)), "without one as ever"
    finally:
        pipe.link.close()


def test_a_finished_game_keeps_its_times_and_result(window, seconds):
    w = window(**TIMES)
    w.tick()
    seconds.now += 10
    click(w, at(w, "E5"))
    w.tick()
    seconds.now += 61
    w.tick()
    loaded = load_record(sgf_of(w.session))
    assert loaded.result == "B+T" and loaded.live.clocks[BLACK].seconds == 50
