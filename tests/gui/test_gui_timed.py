"""The clocks of a game that is played, and in its files: no pygame, no process, nobody waits."""

import pytest

from gogame.board import BLACK, WHITE
from gogame.player import TimeSettings
from gui.app import _make_session
from gui.clocks import GRACE, fresh
from gui.describe import cards, sgf_name
from gui.files import load_record, sgf_of
from gui.store import Settings, Store
from tests.gui.played import Link
from tests.gui.timed import ABSOLUTE, BYOYOMI, CANADIAN, FISCHER, Timed


def test_the_side_to_move_runs_and_its_move_starts_the_other():
    p = Timed()
    p.play("E5", 10)
    assert p.left == (50, 60)
    p.play("C3", 4)
    p.wait(1)
    assert p.left == (49, 56)
    runs = [card.clock_runs for card in cards(p.session)]
    assert runs == [True, False]


def test_a_clock_is_drawn_when_it_shows_something_else_and_not_before():
    p = Timed(clock_minutes=0.2)
    p.wait(0)
    assert not p.wait(0) and p.wait(p.session.patience + 1e-4)
    assert not p.wait(0.4) and 0.5 < p.session.patience < 0.61
    p.wait(2)
    assert p.session.patience <= 0.1, "tenths, from ten seconds on"
    p.session.pause()
    p.wait(0)
    assert p.session.patience > 1e9 and not p.wait(60)


def test_moves_of_each_system():
    p = Timed(**FISCHER)
    p.play("E5", 10)
    assert p.left == (60, 65), "five seconds at the start, and with the move"
    p = Timed(**BYOYOMI)
    p.play("E5", 25)
    assert (p.left, p.periods) == ((10, 10), (1, 3))
    p = Timed(**CANADIAN)
    p.play("E5", 25)
    assert (p.left, p.periods) == ((35, 60), (4, 5))


@pytest.mark.parametrize("how", ["tick", "click", "review"])
def test_a_side_whose_time_is_up_loses(how):
    p = Timed()
    p.play("E5", 1)
    if how == "review":
        p.session.go(-1)
    p.wait(0)
    p.seconds += 60.5
    if how == "click":
        p.click("C3")
    else:
        assert p.session.tick()
    assert p.session.phase == "over" and p.session.result == "B+T" and p.moves == p.points("E5")
    assert p.left == (59, 0) and "on time" in p.status and not p.session.reviewing
    assert b"RE[B+T]" in sgf_of(p.session)
    p.wait(100)
    assert p.left == (59, 0)


@pytest.mark.parametrize("ask", ["hint", "estimate", "analyse", "analyse_game", "engine_move"])
def test_an_error_of_the_engine_does_not_stop_a_persons_clock(ask):
    p = Timed()
    getattr(p.session, ask)()
    p.wait(1)
    left = p.left
    p.session.receive(("error", len(p.link.asked), "out of memory"))
    p.wait(4)
    assert not p.session.paused and p.left == (left[0] - 4, 60) and "out of memory" in p.status


def test_undo_takes_a_loss_on_time_back_and_the_turn_begins_anew():
    p = Timed()
    p.play("E5", 15)
    p.play("C3", 20)
    p.wait(50)
    assert p.session.result == "W+T"
    p.session.undo()
    assert p.session.phase == "play" and p.moves == p.points("E5", "C3") and p.left == (45, 40)
    p.wait(5)
    assert p.left == (40, 40)


def test_a_game_that_is_over_is_played_on_without_a_clock():
    p = Timed()
    p.play("E5", 15)
    p.wait(61)
    p.session.branch()
    p.wait(1000)
    assert p.session.phase == "play" and not p.session.clocks.there
    p.play("C3", 1000)
    assert p.moves == p.points("E5", "C3")
    assert all(name not in sgf_of(p.session) for name in (b"TM[", b"BL[", b"WL["))


def test_undo_redo_and_playing_on_give_the_clocks_back_as_they_were():
    p = Timed()
    for vertex, seconds in (("E5", 5), ("C3", 10), ("G7", 20)):
        p.play(vertex, seconds)
    p.wait(7)
    p.session.undo()
    assert p.left == (55, 50)
    p.session.redo()
    assert p.left == (35, 50)
    p.session.go(-2)
    p.wait(3)
    assert p.left == (35, 47), "looking back changes nothing"
    p.session.branch()
    assert p.left == (55, 60)
    p.wait(2)
    assert p.left == (55, 58)


def test_looking_and_trying_out_do_not_stop_the_clock():
    p = Timed()
    p.play("E5")
    p.play("C3")
    p.session.go(-1)
    p.play("G7", 3)
    assert p.session.is_tried(p.session.shown)
    p.wait(4)
    assert p.left == (53, 60)
    p.session.branch()
    assert p.left == (60, 60) and p.session.game.to_move == BLACK, "a move that was tried out took no time"


def test_a_past_position_of_a_game_that_is_over_shows_what_was_left_there():
    p = Timed()
    p.play("E5", 5)
    p.play("C3", 9)
    p.session.resign()
    p.session.go(-1)
    assert p.left == (55, 60)
    p.session.go(-1)
    assert p.left == (60, 60)


def test_the_clock_stands_while_the_game_is_counted_and_goes_back_with_it():
    p = Timed()
    p.play("E5", 5)
    for _ in range(2):
        p.session.pass_()
        p.wait(6)
    assert p.session.phase == "scoring" and p.left == (49, 60)
    p.wait(100)
    assert p.left == (49, 60)
    p.session.resume()
    p.wait(1)
    assert p.session.phase == "play" and p.left == (55, 59)


def test_a_person_can_stop_the_clock():
    p = Timed()
    p.wait(5)
    saves = p.saves
    p.session.pause()
    p.wait(500)
    assert p.left == (55, 60) and "stands still" in p.status
    p.session.keep()
    assert p.saves == saves + 1, "what has run off is kept at the end"
    p.session.pause()
    p.wait(5)
    assert p.left == (50, 60)
    p.session.pause()
    p.play("E5", 50)
    p.wait(1)
    assert p.left == (50, 59), "a move lets it go on"


def test_the_clock_stands_while_the_window_holds_it():
    p = Timed()
    p.wait(1)
    p.session.held = True
    p.wait(100)
    p.session.held = False
    p.wait(1)
    assert p.left == (58, 60)


# -- the engine ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["loading", "error", "off"])
def test_nobody_loses_time_while_the_engine_is_not_ready(state):
    p = Timed(white="engine")
    p.link.state = state
    p.wait(30)
    assert p.left == (60, 60)
    p.link.state = "idle"
    p.wait(3)
    assert p.left == (57, 60)


def test_the_engines_clock_begins_with_its_search():
    p = Timed(white="engine")
    p.play("E5")
    p.wait(20)  # another network is loaded
    assert p.left == (60, 60)
    p.begun()
    p.wait(6)
    assert p.left == (60, 54)
    p.engine_plays("C3", 6.0)
    p.wait(1)
    assert p.left == (59, 54)
    p.play("G7")
    p.begun()
    p.session.stop()
    p.wait(20)
    assert p.left == (59, 54), "stopped"
    p.session.engine_move()
    p.wait(20)
    p.begun()
    p.wait(1)
    assert p.left == (59, 53)


def test_the_windows_lag_is_not_the_engines_time():
    p = Timed(white="engine", clock_minutes=0.1)
    p.play("E5")
    p.begun()
    p.wait(6 + GRACE - 0.1)
    assert p.session.phase == "play" and p.left[1] == 0
    p.engine_plays("C3", 5.5)
    assert p.left == (6, 0.5)
    p.play("G7")
    p.begun()
    p.engine_plays("C4", 0.6)
    assert p.left == (6, 0.5), "it cannot have taken longer than there was"
    p.play("G6")
    p.begun()
    p.seconds += 0.7  # the window is busy elsewhere
    p.engine_plays("C5", 0.6)
    assert p.session.result == "B+T", "it took too long by its own watch"
    p = Timed(white="engine", clock_minutes=0.1)
    p.play("E5")
    p.begun()
    p.wait(6 + GRACE + 0.1)
    assert p.session.result == "B+T", "nothing has come"


def test_the_engine_is_told_its_clock_and_how_to_limit_itself():
    p = Timed(white="engine", visits=50, **BYOYOMI)
    p.play("E5")
    assert p.link.asked[-1][2:] == (50, 0.0, "", ("byoyomi", 0.0, 10.0, 3, 10.0, 3))
    assert "50 visits" in sgf_name(p.session, WHITE)
    p = Timed(white="engine", visits=50, by_clock=True, **FISCHER)
    p.play("E5")
    assert p.link.asked[-1][2:] == (0, 0.0, "", ("fischer", 60.0, 5.0, 0, 65.0, 0))
    p.begun()
    p.engine_plays("C3", 0.1)
    assert "clock" in cards(p.session)[1].detail and "clock" in sgf_name(p.session, WHITE)
    p.session.hint()
    assert p.link.asked[-1][2:] == (50, 0.0), "a hint has its visits, and no clock"
    p = Timed(white="engine", visits=50, by_clock=True, clock="none")
    p.play("E5")
    assert p.link.asked[-1][2:] == (50, 0.0, ""), "there is no clock to go by"


def test_a_move_that_a_person_asks_for_is_the_persons_time():
    p = Timed()
    p.wait(5)
    p.session.engine_move()
    p.begun()
    p.wait(3)
    p.engine_plays("E5", 1.0)
    assert p.left == (52, 60)


# -- files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [ABSOLUTE, BYOYOMI, CANADIAN, FISCHER])
def test_a_restart_goes_on_with_what_was_left(tmp_path, settings):
    store = Store(tmp_path / "data", tmp_path / "config")
    p = Timed(**settings)
    for vertex, seconds in (("E5", 3), ("C3", 12), ("G7", 1.25), ("C7", 2)):
        p.play(vertex, seconds)
    p.wait(2.5)
    left, periods = p.left, p.periods
    store.autosave(sgf_of(p.session))
    session = _make_session(Link(), Settings(), store, fresh=False)
    assert session.record.time == p.session.record.time
    p.session = session
    assert session.paused and "stands still" in p.status, "nobody loses time before having looked"
    assert (p.left, p.periods) == (left, periods)
    session.undo()
    assert session.live.number == 3
    played = session.record.root.children[0].clocks
    assert played == p.session.record.root.children[0].clocks and played[WHITE] == fresh(session.record.time)[WHITE]


def test_what_is_written_is_what_other_programs_read():
    p = Timed(**BYOYOMI | {"clock_minutes": 1.0})
    for vertex, seconds in (("E5", 65), ("C3", 12.3456)):
        p.play(vertex, seconds)
    text = sgf_of(p.session).decode().replace("\n", "")
    assert "TM[60]" in text and "OT[3x10 byo-yomi]" in text
    first, second = text.split(";")[2:4]
    assert "BL[10]" in first and "OB[3]" in first and "WL" not in first
    assert "WL[47.654]" in second and "OW" not in second and "BL" not in second


def test_times_of_other_programs_are_no_clock():
    data = b"(;SZ[9]PB[Lee]TM[600]OT[5x30 byo-yomi];B[ee]BL[598];W[cc]WL[3]OW[2])"
    loaded = load_record(data)
    assert loaded.record.time.system == "none" and loaded.record.info["OT"] == "5x30 byo-yomi"
    p = Timed(clock="none")
    p.session.load(loaded.record, loaded.live)
    saved = sgf_of(p.session)
    assert load_record(saved).record.time.system == "none", "nor are they after they were saved"
    for written in (b"TM[600]", b"OT[5x30 byo-yomi]", b"BL[598]", b"WL[3]", b"OW[2]"):
        assert saved.count(written) == 1, "but they are in the file as they were"


def test_times_of_this_program_are_written_once_and_go_with_the_clock():
    p = Timed(**BYOYOMI | {"clock_minutes": 1.0})
    p.play("E5", 65)
    loaded = load_record(sgf_of(p.session))
    assert loaded.record.time.system == "byoyomi" and not any(node.kept for node in (loaded.record.root, loaded.live))
    p.session.load(loaded.record, loaded.live)
    p.session.record.time = TimeSettings()
    p.session.load(p.session.record, loaded.live)
    assert all(name not in sgf_of(p.session) for name in (b"TM[", b"OT[", b"BL[", b"OB[", b"GZCLOCK"))


@pytest.mark.parametrize(
    ("root", "system"),
    [
        ("TM[600]OT[5x30 byo-yomi]", "byoyomi"),
        ("TM[600]OT[15/300 Canadian]", "canadian"),
        ("TM[600]", "absolute"),
        ("TM[x]", "none"),
        ("TM[nan]", "none"),
        ("TM[-5]", "none"),
        ("TM[1e300]", "none"),
        ("TM[600]OT[five periods]", "none"),
        ("TM[600]OT[0x30 byo-yomi]", "none"),
        ("TM[600]OT[5x. byo-yomi]", "none"),
        ("TM[600]OT[" + "9" * 5000 + "x30 byo-yomi]", "none"),
        ("OT[5x30 byo-yomi]", "none"),
    ],
)
@pytest.mark.parametrize(
    "left", ["BL[550]", "BL[x]", "BL[nan]", "BL[-1]", "BL[1e400]", "OB[3]", "BL[20]OB[zwei]", "BL[20]OB[-2]"]
)
def test_malformed_times_break_nothing(root, system, left):
    loaded = load_record(f"(;SZ[9]GZPLAY[human human]GZCLOCK[1]{root};B[ee]{left};W[cc]WL[])".encode())
    assert loaded.record.time.system == system and loaded.live.number == 2
    p = Timed()
    p.session.load(loaded.record, loaded.live)
    assert [card.clock is None for card in cards(p.session)] == [system == "none"] * 2
    if system != "none":
        assert p.left == ((550 if left == "BL[550]" else 600), 600)
    load_record(sgf_of(p.session))
