"""The ends of games in the window: two passes, counting, resigning, and going on after all."""

import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gogame.geometry import PASS
from gogame.player import RESIGN
from gogame.text import stones_of
from gui.describe import result_text
from gui.files import load_record, sgf_of
from gui.record import Record
from tests.gogame.test_game import TRIPLE_KO
from tests.gui.hands import at, click
from tests.gui.played import Play, two


def small_finished_game():
    """Two walls: Black owns the left five columns, White the rest; a white stone is dead inside Black's
    area."""
    p = two(komi=7.0)
    for row in range(1, 10):
        p.click(f"E{row}", f"F{row}")
    p.click("J1", "B5")
    p.session.pass_()
    p.session.pass_()
    return p


def test_two_passes_lead_to_scoring_with_the_engines_dead_stones():
    p = small_finished_game()
    s = p.session
    assert s.phase == "scoring" and p.link.asked[-1][0] == "score"
    dead = p.points("B5", "J1")
    s.receive(("score", len(p.link.asked), tuple(dead), (0.0,) * 81))
    assert s.dead == set(dead)
    # Black 45 points, White 36 + 7.
    assert s.count.result == "B+2"
    assert s.count.territory[from_gtp("A1", 9)] == BLACK and s.count.territory[from_gtp("B5", 9)] == BLACK
    assert s.count.territory[from_gtp("H9", 9)] == WHITE
    assert not s.enabled("pass") and s.enabled("accept")
    p.click("B5")
    assert s.dead == set(p.points("J1")), "a click brings the stone back to life"
    assert s.count.result != "B+2"
    p.click("B5")
    p.session.accept()
    assert (s.phase, s.result) == ("over", "B+2")
    assert "Black wins by 2" in p.status
    p.session.undo()
    assert (s.phase, s.result, s.dead) == ("scoring", "", set(dead)), "the count is open again"


def test_the_count_waits_for_the_engine_and_asks_again_what_was_dropped():
    p = small_finished_game()
    s = p.session
    s.accept()
    assert s.phase == "scoring" and not s.enabled("accept"), "with every stone alive, before the engine has answered"
    s.go(-1)
    s.hint()
    assert p.link.asked[-1][0] == "hint" and not s.enabled("accept"), "it is not asked what is dead"
    s.go_to(s.live)
    assert p.link.asked[-1][0] == "score" and not s.enabled("accept"), "the hint had dropped the question"
    s.stop()
    assert s.enabled("accept"), "Esc: without the engine"
    s.accept()
    assert s.phase == "over" and s.count is not None
    s.undo()
    assert s.phase == "scoring"


def test_a_count_from_a_file_is_not_counted_anew_with_every_stone_alive():
    p = small_finished_game()
    s = p.session
    s.receive(("score", len(p.link.asked), tuple(p.points("B5", "J1")), (0.0,) * 81))
    s.accept()
    loaded = load_record(sgf_of(s))
    s.load(loaded.record, loaded.live, loaded.result)
    s.begin()
    assert (s.phase, s.result, s.count) == ("over", "B+2", None)
    asked = len(p.link.asked)
    s.undo()
    assert s.phase == "scoring" and [q[0] for q in p.link.asked[asked:]] == ["score"]


def test_a_game_without_result_goes_on_before_its_last_move():
    p = two(size=7, rules="japanese")
    _, black, white = stones_of(TRIPLE_KO)
    p.session.load(Record(7, p.session.record.rules, black=black, white=white))
    p.session.begin()
    p.click(*("C6 B2 C4 B6 C2 B4 " * 2).split())
    assert (p.session.phase, p.session.result) == ("over", "Void"), p.status
    loaded = load_record(sgf_of(p.session))
    p.session.undo()
    assert (p.session.phase, p.session.result, p.session.live.number) == ("play", "", 11)
    p.session.load(loaded.record, loaded.live)
    p.session.begin()
    assert (p.session.phase, p.session.result) == ("over", "Void"), "also where no file says so"
    p.session.go(-2)
    p.session.branch()
    p.click("A1")
    assert p.session.phase == "play" and p.session.live.number == 11


def test_a_click_before_the_engines_answer_wins_over_it():
    p = small_finished_game()
    p.click("B5")
    p.session.receive(("score", len(p.link.asked), tuple(p.points("J1")), (0.0,) * 81))
    assert p.session.dead == set(p.points("B5"))


def test_resume_goes_back_before_the_passes():
    p = small_finished_game()
    p.session.resume()
    assert p.session.phase == "play" and p.moves[-1] == from_gtp("B5", 9)
    p.click("A1")
    assert p.moves[-1] == from_gtp("A1", 9)


def test_undo_from_scoring_takes_the_pass_back():
    p = small_finished_game()
    p.session.undo()
    assert p.session.phase == "play" and p.moves[-1] == PASS and p.session.game.passes == 1


def test_territory_counts_prisoners():
    p = two(komi=6.5, rules="japanese")
    for row in range(1, 10):
        p.click(f"E{row}", f"F{row}")
    p.click("J1", "B5")
    p.session.pass_()
    p.session.pass_()
    p.session.receive(("score", len(p.link.asked), tuple(p.points("B5", "J1")), (0.0,) * 81))
    # Black: 36 points and a prisoner; White: 27 points, a prisoner and komi.
    assert p.session.count.result == "B+2.5"
    totals = [float(x) for x in p.session.count.total[1:]]
    assert totals == [37.0, 34.5]


def test_resigning_ends_the_game_and_undo_goes_on():
    p = Play()
    p.click("E5")
    p.answer("C3")
    p.session.resign()
    assert (p.session.phase, p.session.result) == ("over", "W+R")
    assert "White wins by resignation" in p.status
    p.click("A1")
    assert len(p.moves) == 2
    p.session.undo()
    assert p.session.phase == "play" and len(p.moves) == 2 and p.session.result == ""


def test_redo_restores_a_result_that_was_taken_back_and_a_file_has_it_meanwhile():
    p = Play()
    p.click("E5")
    p.answer("C3")
    p.session.resign()
    p.session.undo()
    assert "W+R" in p.status and "Ctrl+Y" in p.status
    assert p.session.kept_result == "W+R" and b"RE[" not in sgf_of(p.session), "the next start goes on with the game"
    p.session.undo()
    assert p.session.kept_result == "" and p.moves == []
    p.session.redo()
    p.session.redo()
    assert (p.session.phase, p.session.result) == ("over", "W+R") and not p.session.enabled("redo")
    p.session.undo()
    p.click("G5")
    p.answer("G3")
    p.session.undo()
    assert p.session.live.number == 2 and p.session.kept_result == "", "the game went on"
    p.session.redo()
    assert p.session.phase == "play" and p.session.live.number == 4


def test_redo_restores_a_count_with_its_dead_stones():
    p = small_finished_game()
    s = p.session
    s.receive(("score", len(p.link.asked), tuple(p.points("B5", "J1")), (0.0,) * 81))
    s.accept()
    s.undo()
    p.click("B5")
    assert "Click on dead stones" in p.status
    s.go(-3)
    s.redo()
    assert (s.phase, s.result, s.dead) == ("over", "B+2", set(p.points("B5", "J1"))) and not s.reviewing


def test_a_game_whose_result_was_taken_back_is_kept_with_it(window, tmp_path):
    w = window()
    w.session.on_save = lambda session: w.store.autosave(sgf_of(session))
    click(w, at(w, "E5"))
    w.session.resign()
    w.session.undo()
    assert w.actions._write(tmp_path / "game.sgf") is None
    assert b"RE[B+R]" in (tmp_path / "game.sgf").read_bytes() and "B+R" in w.session.message[0]
    w.actions.open_file(tmp_path / "game.sgf")
    (kept,) = w.store.games.iterdir()
    assert b"RE[B+R]" in kept.read_bytes()


def test_the_engine_resigns():
    p = Play()
    p.click("E5")
    p.answer(RESIGN)
    assert (p.session.phase, p.session.result) == ("over", "B+R")


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("B+R", "Black wins by resignation"),
        ("W+3.5", "White wins by 3.5"),
        ("0", "a draw"),
        ("Void", "no result"),
    ],
)
def test_results_in_words(result, text):
    assert result_text(result) == text


def test_engines_that_play_each_other_go_on_when_the_count_is_refused():
    p = Play("engine", "engine")
    for vertex in ("E5", "C3", PASS, PASS):
        p.answer(vertex)
    assert p.session.phase == "scoring"
    p.session.resume()
    assert p.session.phase == "play" and p.link.asked[-1][0] == "move"
