"""Setting up a position: stones, marks, turn, komi, undo, and the game that begins with it. No pygame, no process."""

import pytest

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import from_gtp, to_gtp
from gui.app import _make_session
from gui.describe import status_line
from gui.files import is_empty, load_record, sgf_of
from gui.markup import markup_of
from gui.setup import Setup, begin_with, hold
from gui.store import Settings, Store
from tests.gui.played import Link, Play, two
from tests.gui.timed import Timed


def setup_of(session):
    return Setup(session.record, session.shown, session.shown_game)


def stones(setup, color):
    return " ".join(to_gtp(p, setup.size) for p, c in sorted(setup.now.stones.items()) if c == color)


def use(setup, tool, *vertices, other=False):
    setup.tool = tool
    for vertex in vertices:
        setup.put(from_gtp(vertex, setup.size), other)


def drag(setup, tool, *vertices, other=False):
    setup.tool = tool
    first, *rest = (from_gtp(v, setup.size) for v in vertices)
    setup.press(first, other)
    for point in rest:
        setup.drag(point)
    setup.release()


def read(session):
    return load_record(sgf_of(session))


def test_it_begins_with_the_position_shown():
    p = two()
    p.click("E5", "D5", "F6", "C3")
    s = setup_of(p.session)
    assert (stones(s, BLACK), stones(s, WHITE), s.now.to_move) == ("F6 E5", "D5 C3", BLACK)
    p.session.go(-1)
    s = setup_of(p.session)
    assert (stones(s, BLACK), stones(s, WHITE), s.now.to_move) == ("F6 E5", "D5", WHITE)
    use(s, "erase", "E5")
    assert p.session.shown_game.board.color[from_gtp("E5", 9)] == BLACK, "the game is as it was"


@pytest.mark.parametrize(
    ("tool", "other", "before", "after"),
    [
        ("black", False, EMPTY, BLACK),
        ("black", False, BLACK, EMPTY),
        ("black", False, WHITE, BLACK),
        ("black", True, EMPTY, WHITE),
        ("black", True, WHITE, EMPTY),
        ("white", False, EMPTY, WHITE),
        ("white", False, WHITE, EMPTY),
        ("white", True, EMPTY, BLACK),
        ("turns", False, EMPTY, BLACK),
        ("turns", False, WHITE, EMPTY),
        ("turns", True, EMPTY, WHITE),
        ("erase", False, BLACK, EMPTY),
        ("erase", False, EMPTY, EMPTY),
        ("circle", True, BLACK, EMPTY),
    ],
)
def test_what_a_click_does(tool, other, before, after):
    s = setup_of(two().session)
    if before:
        use(s, "black" if before == BLACK else "white", "E5")
    use(s, tool, "E5", other=other)
    assert s.now.stones.get(from_gtp("E5", 9), EMPTY) == after


def test_in_turn_the_sides_alternate():
    s = setup_of(two().session)
    assert s.now.to_move == BLACK
    use(s, "turns", "E5", "D5", "F5")
    assert (stones(s, BLACK), stones(s, WHITE), s.now.to_move) == ("E5 F5", "D5", WHITE)
    s.undo()
    assert (stones(s, BLACK), s.now.to_move) == ("E5", BLACK)
    assert s.ghost(from_gtp("A1", 9)) == BLACK and s.ghost(from_gtp("E5", 9)) == EMPTY
    use(s, "turns", "E5")
    assert (stones(s, BLACK), s.now.to_move) == ("", BLACK), "taking off is nobody's turn"


def test_a_drag_does_the_same_everywhere_and_is_one_step():
    s = setup_of(two().session)
    drag(s, "black", "A1", "B1", "B1", "A1", "C1")
    assert stones(s, BLACK) == "A1 B1 C1"
    drag(s, "black", "B1", "C1", "D1")
    assert stones(s, BLACK) == "A1", "it began by taking off"
    s.undo()
    assert stones(s, BLACK) == "A1 B1 C1"
    s.undo()
    assert not s.now.stones and not s.can_undo
    s.redo()
    s.redo()
    assert stones(s, BLACK) == "A1" and not s.can_redo


def test_undo_and_redo_of_everything():
    s = setup_of(two().session)
    states = [s.now]
    for step in (
        lambda: use(s, "white", "E5"),
        lambda: s.turn(WHITE),
        lambda: s.set_komi(-3.5),
        lambda: use(s, "triangle", "E5"),
        lambda: use(s, "letter", "A1"),
        s.clear,
    ):
        step()
        states.append(s.now)
    assert len({str(state) for state in states}) == 7
    for state in states[-2::-1]:
        s.undo()
        assert s.now == state
    s.undo()
    for state in states[1:]:
        s.redo()
        assert s.now == state
    s.undo()
    use(s, "erase", "A1")
    assert not s.can_redo


def test_what_changes_nothing_is_no_step_and_typed_digits_are_one():
    s = setup_of(two().session)
    use(s, "erase", "E5")
    s.turn(BLACK)
    s.set_komi(s.now.komi)
    assert not s.can_undo
    before = s.now
    for komi in (1.0, 12.0, 12.5):
        s.set_komi(komi)
    assert s.now.komi == 12.5
    s.undo()
    assert s.now == before


def test_marks_and_letters():
    s = setup_of(two().session)
    use(s, "letter", "A1", "B1", "C1")
    use(s, "letter", "B1")
    use(s, "letter", "D1")
    a1, b1, c1, d1 = (from_gtp(v, 9) for v in ("A1", "B1", "C1", "D1"))
    assert s.now.labels == {a1: "A", c1: "C", d1: "B"}, "the first letter that is free"
    use(s, "square", "A1", "B1")
    assert s.now.labels == {c1: "C", d1: "B"} and s.now.shapes == {a1: "square", b1: "square"}
    use(s, "square", "B1")
    use(s, "cross", "A1")
    assert s.now.shapes == {a1: "cross"}
    use(s, "erase", "A1", "C1")
    assert s.now.shapes == {} and s.now.labels == {d1: "B"}


def test_points_are_typed():
    s = setup_of(two().session)
    s.tool = "white"
    assert s.type("d4 E5,f6") is None and stones(s, WHITE) == "F6 E5 D4"
    for wrong in ("", "pass", "D4 Z9", "K10"):
        before = s.now
        assert s.type(wrong) and s.now == before


def test_groups_without_liberties_are_told():
    s = setup_of(two().session)
    use(s, "black", "A1", "B1", "C2", "D1")
    use(s, "white", "A2", "B2", "C1")
    assert [[to_gtp(p, 9) for p in group] for group in s.trapped()] == [["A1", "B1"], ["C1"]]
    assert "Black A1 and 1 more, White C1" in s.problem()
    with pytest.raises(ValueError, match="liberties"):
        s.record()
    use(s, "erase", "C1")
    assert not s.trapped() and s.problem() == "" and s.record()


@pytest.mark.parametrize("size", range(7, 20))
def test_what_has_no_liberties_is_what_the_rules_refuse(size):
    """A board full but for one point, corner by corner."""
    s = setup_of(two(size=size).session)
    corner, beside = from_gtp("A1", size), from_gtp("B1", size)
    whole = Setup(s._of, s._of.root, s._of.new_game())
    drag(whole, "black", *(f"{c}{r}" for c in "ABCDEFGHJKLMNOPQRST"[:size] for r in range(1, size + 1)))
    assert len(whole.trapped()) == 1 and len(whole.trapped()[0]) == size * size and "more" in whole.problem()
    use(whole, "white", "A1")
    assert len(whole.trapped()) == 2
    use(whole, "erase", "B1")
    assert whole.now.stones[corner] == WHITE and beside not in whole.now.stones
    assert not whole.trapped() and whole.record().new_game().board.color[corner] == WHITE


def test_the_game_begins_with_the_position_and_is_saved():
    p = Play("human", "engine", rules="japanese", komi=6.5)
    p.session.record.info = {"PB": "Anna", "EV": "Cup", "DT": "2001-01-01"}
    s = setup_of(p.session)
    use(s, "black", "E5", "D5")
    use(s, "white", "C3")
    use(s, "letter", "F6")
    use(s, "triangle", "E5")
    s.turn(WHITE)
    s.set_komi(0.5)
    saves, asked = p.saves, len(p.link.asked)
    begin_with(p.session, s.record())
    session = p.session
    assert p.saves > saves and len(p.link.asked) == asked, "the engine waits"
    assert session.engine_turn() and "Enter lets it move" in p.status
    text = sgf_of(session)
    for part in (b"AB[", b"AW[", b"PL[W]", b"KM[0.5]", b"PB[Anna]", b"LB[ff:A]".replace(b"ff", b"fd")):
        assert part in text, part
    for part in (b"HA[", b"EV[", b"2001", b"RE["):
        assert part not in text, part
    again = read(session)
    assert (set(again.record.black), set(again.record.white)) == (set(p.points("D5", "E5")), set(p.points("C3")))
    assert (again.record.first, again.record.rules) == (WHITE, session.record.rules)
    assert again.players == ("human", "engine") and not again.problem
    marks = markup_of(again.record.root, 9)
    assert marks.labels == {from_gtp("F6", 9): "A"} and marks.shapes == {from_gtp("E5", 9): "triangle"}
    session.engine_move()
    assert p.link.asked[-1][0] == "move"
    p.answer("G7")
    assert p.moves == p.points("G7") and session.live.color == WHITE
    p.click("A1")
    assert p.link.asked[-1][0] == "move" and len(p.link.asked) == asked + 2, "and then it answers at once"


def test_one_can_look_before_the_engine_moves():
    p = Play("engine", "human")
    s = setup_of(p.session)
    use(s, "white", "C3")
    begin_with(p.session, s.record())
    for look in (p.session.hint, p.session.estimate):
        look()
        assert p.session.busy_with in ("hint", "estimate")
        p.session.stop()
    p.session.question.drop()
    p.session.analyse()
    assert p.session.busy_with == "analysis" and "move" not in [asked[0] for asked in p.link.asked[1:]]


def test_white_moves_first_on_an_empty_board():
    p = two()
    s = setup_of(p.session)
    s.turn(WHITE)
    begin_with(p.session, s.record())
    p.click("E5")
    again = read(p.session)
    assert b"PL[W]" in sgf_of(p.session) and again.record.first == WHITE and again.live.color == WHITE


def test_handicap_stays_one_only_where_nothing_was_changed():
    p = two(handicap=4, komi=0.5, rules="chinese")
    s = setup_of(p.session)
    assert s.now.komi == 4.5, "with White's points for the stones"
    begin_with(p.session, s.record())
    assert b"HA[4]" in sgf_of(p.session) and p.session.game.komi == 4.5 and p.session.record.rules.komi == 0.5
    s = setup_of(p.session)
    s.turn(BLACK)
    begin_with(p.session, s.record())
    assert b"HA[" not in sgf_of(p.session) and p.session.game.komi == 4.5
    p = two(handicap=4, komi=0.5, rules="chinese")
    p.click("E5")
    s = setup_of(p.session)
    begin_with(p.session, s.record())
    assert b"HA[" not in sgf_of(p.session) and p.session.game.komi == 4.5 and read(p.session).record.handicap == 0


def test_marks_of_an_opened_file_stay_as_they_are():
    loaded = load_record(b"(;SZ[9]AB[ee]LB[aa:a\\:b\\]][bb:\xc3\xa4]TR[ee][cc:dd]MA[ff];B[gg])")
    p = two()
    p.session.load(loaded.record)
    marks = markup_of(loaded.record.root, 9)
    assert set(marks.labels.values()) == {"a:b]", "\xe4"} and len(marks.shapes) == 6
    s = setup_of(p.session)
    begin_with(p.session, s.record())
    again = markup_of(read(p.session).record.root, 9)
    assert (again.labels, again.shapes) == (marks.labels, marks.shapes)


@pytest.mark.parametrize(("rules", "komi"), [("japanese", 5.5), ("chinese", 6.5)])
def test_prisoners_count_where_territory_does(rules, komi):
    p = two(rules=rules, komi=6.5)
    p.click("A2", "A1", "B1")  # Black takes one
    s = setup_of(p.session)
    assert p.session.game.captures(BLACK) == 1 and s.now.komi == komi
    s.clear()
    assert s.now.komi == 6.5 and not s.now.stones and s.now.to_move == BLACK
    s.undo()
    s.set_komi(1.0)
    s.clear()
    assert s.now.komi == 1.0, "chosen by hand"


def test_the_engine_waits_while_a_position_is_set_up_and_goes_on():
    p = Play("human", "engine")
    p.click("E5")
    assert p.session.busy_with == "move"
    go_on = hold(p.session)
    assert p.session.busy_with == "" and p.link.cancelled
    p.session.receive(("move", len(p.link.asked), from_gtp("A1", 9)))
    assert p.moves == p.points("E5"), "too late"
    go_on()
    assert p.session.busy_with == "move"
    p.answer("C3")
    assert p.moves == p.points("E5", "C3")
    p.session.engine_move()  # for the person
    hold(p.session)()
    assert p.session.busy_with == "move"
    p.session.go(-1)
    looked_at = p.session.shown
    hold(p.session)()
    assert p.session.busy_with == "move" and p.session.shown is looked_at, "and looks at where they did"
    p.session.stop()
    hold(p.session)()
    assert p.session.busy_with == "" and p.session.paused, "stopped before"


def test_clocks_begin_anew_with_the_new_game():
    p = Timed("human", "engine")
    p.play("E5", 10)
    p.begun()
    p.wait(5)
    p.session.held = True
    hold(p.session)
    p.wait(100)
    assert p.left == (50, 55)
    p.session.held = False
    s = setup_of(p.session)
    use(s, "white", "C3")
    begin_with(p.session, s.record())
    p.wait(100)
    assert p.left == (60, 60) and b"TM[60]" in sgf_of(p.session), "nobody has moved yet"


def test_a_position_is_worth_keeping_a_handicap_is_not(tmp_path):
    p = two(handicap=2)
    assert p.session.record.is_bare and is_empty(sgf_of(p.session))
    s = setup_of(p.session)
    use(s, "black", "E5")
    begin_with(p.session, s.record())
    assert not p.session.record.is_bare and not is_empty(sgf_of(p.session))


@pytest.mark.parametrize("first", [BLACK, WHITE])
def test_after_a_restart_the_engine_still_waits(tmp_path, first):
    store = Store(tmp_path / "data", tmp_path / "config")
    p = Play("human", "engine")
    p.session.on_save = lambda session: store.autosave(sgf_of(session))
    s = setup_of(p.session)
    use(s, "black", "E5")
    use(s, "white", "C3")
    s.turn(first)
    begin_with(p.session, s.record())
    link = Link()
    session = _make_session(link, Settings(), store, False)
    session.begin()
    assert session.game.board.color[from_gtp("E5", 9)] == BLACK and session.game.to_move == first
    assert not link.asked
    assert ("Enter lets it move" in status_line(session)[0]) == (first == WHITE)
    if first == BLACK:
        session.click(from_gtp("G7", 9))
    else:
        session.engine_move()
    assert link.asked[-1][0] == "move"
