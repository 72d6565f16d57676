"""The logic of the window, driven by hand: no pygame, no process."""

import random

import pytest

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import from_gtp
from gogame.geometry import PASS
from gui.describe import cards, facts, graph, picture, status_line
from gui.new_game import choose_colors, most_handicap, usual_komi
from tests.gui.played import Play, two


def test_the_engine_is_asked_after_the_persons_move_and_answers():
    p = Play()
    assert p.link.asked == []
    p.click("E5")
    assert p.link.asked[-1][0] == "move" and p.session.thinking
    p.answer("C3")
    assert p.moves == p.points("E5", "C3") and not p.session.thinking
    assert p.saves == 2


def test_moves_are_the_chosen_networks_and_hints_the_strongest_ones():
    p = Play()
    p.session.settings.net = "weak"
    p.click("E5")
    assert p.link.asked[-1][-1] == "weak"
    p.answer("C3")
    p.session.hint()
    assert p.link.asked[-1][0] == "hint" and "weak" not in p.link.asked[-1]
    p.session.receive(("hint", len(p.link.asked)))
    p.session.settings.size = 13  # what is on the board was opened from a file: the choice was for another size
    p.session.click(from_gtp("D5", 9))
    assert p.link.asked[-1][0] == "move" and p.link.asked[-1][-1] == ""


def test_the_card_tells_the_network_that_will_move():
    p = Play()
    p.link.nets = {9: "strong"}
    p.session.settings.net = "weak"
    assert cards(p.session)[1].detail.startswith("weak,")
    p.session.settings.net = ""  # a new game, against the usual network again
    assert cards(p.session)[1].detail.startswith("strong,")
    p.link.nets = {}  # nothing is known yet
    assert cards(p.session)[1].detail == "200 visits"


def test_the_engine_begins_as_black():
    p = Play("engine", "human")
    assert p.link.asked[-1][0] == "move"
    p.answer("E5")
    assert p.session.game.to_move == WHITE and not p.session.thinking


def test_clicks_during_the_engines_turn_change_nothing():
    p = Play()
    p.click("E5", "E4")
    assert p.moves == p.points("E5") and "engine" in p.status


def test_an_answer_to_an_old_question_is_ignored():
    p = Play()
    p.click("E5")
    p.session.undo()
    assert p.moves == []
    p.session.receive(("move", 1, from_gtp("C3", 9)))
    assert p.moves == []


@pytest.mark.parametrize(
    ("moves", "bad", "word"),
    [
        (["E5"], "E5", "occupied"),
        # White D4 takes part of a ko; Black may not take back at once.
        (["D5", "E5", "C4", "F4", "D3", "E3", "E4", "D4"], "E4", "ko"),
        (["B9", "J1", "A8", "J2", "B8", "J3", "C9"], "A9", "suicide"),
    ],
)
def test_an_illegal_move_says_why(moves, bad, word):
    p = two()
    p.click(*moves)
    before = p.moves
    assert len(before) == len(moves), p.status
    p.click(bad)
    assert p.moves == before
    assert word in p.status and bad in p.status


def test_ghost_only_on_legal_points():
    p = two()
    p.click("E5")
    assert picture(p.session, from_gtp("E5", 9)).ghost is None
    assert picture(p.session, from_gtp("E4", 9)).ghost == (from_gtp("E4", 9), WHITE)


def test_undo_takes_back_both_moves_against_the_engine():
    p = Play()
    p.click("E5")
    p.answer("C3")
    p.click("G5")
    p.answer("C5")
    p.session.undo()
    assert p.moves == p.points("E5", "C3") and p.session.game.to_move == BLACK
    p.click("G3")
    assert p.moves == p.points("E5", "C3", "G3")
    # What was taken back is still there, as a variation behind the new line.
    node = p.session.live.parent
    assert [c.point for c in node.children] == p.points("G3", "G5")


def test_undo_while_the_engine_thinks_takes_back_one():
    p = Play()
    p.click("E5")
    p.session.undo()
    assert p.moves == [] and not p.session.thinking and p.link.cancelled == [1]


def test_undo_at_the_engines_first_move_waits():
    p = Play("engine", "human")
    p.answer("E5")
    p.session.undo()
    assert p.moves == [] and not p.session.thinking and "Enter" in p.status
    p.session.engine_move()
    p.answer("C3")
    assert p.moves == p.points("C3")


def test_undo_with_two_people_takes_back_one():
    p = two()
    p.click("E5", "C3", "G5")
    p.session.undo()
    assert p.moves == p.points("E5", "C3")


def test_navigation_never_destroys():
    p = two()
    p.click("E5", "C3", "G5", "C5", "G3")
    before = p.moves
    rng = random.Random(1)
    for _ in range(200):
        p.session.go(rng.choice([-10, -3, -1, 1, 2, 10, -1000, 1000]))
        p.session.go_number(rng.randrange(-1, 8))
        assert p.moves == before
    p.session.go(-1000)
    assert not (p.session.shown_game.board.color == BLACK).any()
    p.click("E5")
    assert p.moves == before and p.session.shown.number == 1
    p.session.go(1000)
    assert p.session.shown is p.session.live


def test_the_engines_move_comes_while_a_past_position_is_shown():
    p = Play()
    p.click("E5")
    p.session.go(-1)
    p.answer("C3")
    assert p.moves == p.points("E5", "C3") and p.session.reviewing
    assert not (p.session.shown_game.board.color == BLACK).any()
    p.session.go_to(p.session.live)
    assert picture(p.session, None).last == from_gtp("C3", 9)


def test_play_on_from_a_past_position_keeps_the_old_line():
    p = two()
    p.click("E5", "C3", "G5")
    p.session.go(-2)
    p.session.branch()
    p.click("D4")
    assert p.moves == p.points("E5", "D4")
    first = p.session.record.root.children[0]
    assert [c.point for c in first.children] == p.points("D4", "C3")
    p.session.go(-1)
    assert picture(p.session, None).last == from_gtp("E5", 9)


def test_a_move_made_again_is_no_second_variation():
    p = two()
    p.click("E5", "C3")
    p.session.undo()
    p.click("C3")
    assert len(p.session.live.parent.children) == 1


def test_win_rates_are_kept_in_the_node_and_shown():
    p = Play()
    p.click("E5")
    p.session.receive(("info", 1, 0.75, 3.5, 120, ()))
    assert cards(p.session)[1].thinking and "120" in cards(p.session)[1].detail
    p.answer("C3")
    seen = graph(p.session)
    assert seen.points == ((1, 0.75, 3.5),) and seen.length == 2


def test_hint_shows_candidates_and_a_second_one_hides_them():
    p = two()
    p.click("E5")
    p.session.hint()
    number = len(p.link.asked)
    candidate = (from_gtp("C3", 9), 50, 0.4, -1.0, 0.2, tuple(p.points("C3", "G3")))
    p.session.receive(("info", number, 0.4, -1.0, 60, (candidate,)))
    p.session.receive(("hint", number))
    assert [c.point for c in picture(p.session, None).candidates] == p.points("C3")
    p.session.pointed_at = from_gtp("C3", 9)
    shown = picture(p.session, None)
    assert shown.numbers == dict(zip(p.points("C3", "G3"), (1, 2), strict=True))
    assert shown.stones[from_gtp("C3", 9)] == WHITE and shown.stones[from_gtp("G3", 9)] == BLACK
    assert p.session.game.board.color[from_gtp("C3", 9)] == EMPTY, "a preview plays nothing"
    p.session.pointed_at = None
    p.session.hint()
    assert p.session.candidates == ()


def test_stop_pauses_the_engine_and_enter_lets_it_move():
    p = Play()
    p.click("E5")
    p.session.stop()
    assert not p.session.thinking
    p.session.engine_move()
    assert p.session.thinking
    p.answer("C3")
    assert p.moves == p.points("E5", "C3")


def test_watching_goes_on_by_itself_and_undo_pauses():
    p = Play("engine", "engine")
    p.answer("E5")
    p.answer("C3")
    assert p.session.thinking and len(p.moves) == 2
    p.session.undo()
    assert len(p.moves) == 1 and not p.session.thinking


def test_an_engine_error_is_told_and_the_game_stays():
    p = Play()
    p.click("E5")
    p.session.receive(("down", "the engine's process has ended (exit code -9)"))
    p.link.state = "error"
    assert "exit code -9" in p.status and status_line(p.session)[1] == "error"
    assert p.moves == p.points("E5")
    p.session.retry_engine()
    assert p.session.thinking and len(p.link.asked) == 2


def test_a_nonsense_move_of_the_engine_is_refused():
    p = Play()
    p.click("E5")
    p.answer("E5")
    assert p.moves == p.points("E5") and "illegal" in p.status and p.session.paused


def test_typed_coordinates():
    p = two()
    assert p.session.type_move("d4") is None and p.moves == p.points("D4")
    assert "occupied" in p.session.type_move("D4")
    assert p.session.type_move("Z99")
    assert p.session.type_move("pass") is None and p.moves[-1] == PASS


def test_handicap_makes_white_begin():
    p = Play("human", "engine", handicap=4)
    assert p.session.game.to_move == WHITE and p.link.asked[-1][0] == "move"
    assert int((p.session.game.board.color == BLACK).sum()) == 4
    assert ("Handicap", "4") in facts(p.session)


def test_captures_and_their_sound():
    p = two()
    p.click("E5", "E6", "A1", "D5", "A2", "F5", "A3")
    p.session.sounds.clear()
    p.click("E4")
    assert p.session.sounds == ["capture"]
    assert [card.captures for card in cards(p.session)] == [0, 1]


def test_choices():
    assert choose_colors("engine", "white") == ("engine", "human")
    assert choose_colors("two", "white") == ("human", "human")
    assert choose_colors("watch", "white") == ("engine", "engine")
    assert {choose_colors("engine", "random", random.Random(i)) for i in range(20)} == {
        ("human", "engine"),
        ("engine", "human"),
    }
    assert most_handicap(7) == 4 and most_handicap(9) == 9
    assert usual_komi(9, "chinese-ogs", 0) == 7.0 and usual_komi(19, "japanese", 0) == 6.5
    assert usual_komi(19, "chinese", 4) == 0.5


def test_superko_is_named():
    # A random game in which the last capture at G5 may not be answered at G3: that board was there before.
    moves = (
        "F4 G3 D2 C2 E2 A1 D5 G7 C1 F2 F3 E6 E7 E4 D7 C7 B7 C5 D1 A3 D6 D3 E3 F6 F1 C4 B3 G6 B6 A5 B2 A6 G2 F5 B1 A7"
    )
    p = two(size=7)
    p.click(*moves.split(), "G5", "B5", "G1", "E5", "B4", "G4", "G5")
    assert len(p.moves) == 43, p.status
    p.click("G3")
    assert "superko" in p.status and len(p.moves) == 43


def test_end_goes_back_to_the_game_from_the_end_of_what_was_taken_back():
    p = two()
    p.click("E5", "C3", "G5")
    p.session.undo()
    p.session.go(1)
    assert p.session.reviewing and "End" in p.status and p.session.enabled("last")


def test_a_hint_takes_the_last_complaint_away():
    p = two()
    p.click("E5", "E5")
    assert "occupied" in p.status
    p.session.hint()
    assert "occupied" not in p.status


def test_a_variation_is_shown_after_two_passes_too():
    p = two()
    p.click("E5", "C3")
    p.session.pass_()
    p.session.pass_()
    p.session.receive(("score", len(p.link.asked), (), (0.0,) * 81))
    p.session.accept()
    p.session.hint()
    candidate = (from_gtp("G3", 9), 50, 0.4, -1.0, 0.2, tuple(p.points("G3", "G5")))
    p.session.receive(("info", len(p.link.asked), 0.4, -1.0, 60, (candidate,)))
    p.session.pointed_at = from_gtp("G3", 9)
    assert picture(p.session, None).numbers == dict(zip(p.points("G3", "G5"), (1, 2), strict=True))
    assert p.session.phase == "over"


def test_redo_goes_forward_along_what_was_taken_back():
    p = two()
    p.click("E5", "C3", "G5")
    assert not p.session.enabled("redo")
    p.session.undo()
    p.session.undo()
    p.session.redo()
    assert p.moves == p.points("E5", "C3") and p.session.enabled("redo")
    p.click("G5")
    assert p.moves == p.points("E5", "C3", "G5") and not p.session.enabled("redo")
    for _ in range(3):
        p.session.undo()
    assert p.moves == []
    p.click("E5")
    assert p.session.enabled("redo"), "the same move as before"
    p.click("A1")
    assert not p.session.enabled("redo"), "another one"
    p.session.redo()
    assert p.moves == p.points("E5", "A1")
    p.session.undo()
    p.session.redo()
    assert p.moves == p.points("E5", "A1"), "the newest"
    assert p.session.record.root.end() is p.session.live, "the main line"


def test_redo_against_the_engine_plays_its_answer_too():
    p = Play()
    for mine, its in (("E5", "C3"), ("G5", "C5")):
        p.click(mine)
        p.answer(its)
    p.click("G3")
    asked = len(p.link.asked)
    p.session.undo()
    p.session.undo()
    assert p.moves == p.points("E5", "C3")
    p.session.redo()
    assert p.moves == p.points("E5", "C3", "G5", "C5") and len(p.link.asked) == asked
    p.session.redo()
    assert p.moves[-1:] == p.points("G3") and p.session.busy_with == "move", "it had not answered"


def test_redo_takes_no_result_away_and_no_abandoned_line():
    p = two()
    p.click("E5", "C3", "G5")
    p.session.undo()
    p.session.resign()
    p.session.redo()
    assert p.session.result and not p.session.enabled("redo")
    p.session.undo()
    p.click("D4")
    p.session.go(-10)
    p.session.branch()
    assert not p.session.enabled("redo"), "another move was played since"


def test_redo_of_a_pass_comes_to_the_count_again():
    p = two()
    p.click("E5")
    p.session.pass_()
    p.session.pass_()
    p.session.undo()
    p.session.redo()
    assert p.session.phase == "scoring" and p.session.busy_with == "score"
