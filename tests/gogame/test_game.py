"""Games: turns, superko, passes, undo, handicap, the end."""

from __future__ import annotations

import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp, to_gtp
from gogame.game import Game, IllegalMove
from gogame.geometry import PASS
from gogame.rules import PRESETS, default_rules
from gogame.text import diagram_of, stones_of


def game_of(diagram: str, ko: str = "positional", suicide: bool = False, to_move: int = BLACK) -> Game:
    size, black, white = stones_of(diagram)
    game = Game(size, default_rules(size).replace(ko=ko, suicide=suicide))
    game.setup(black, white, to_move)
    return game


def play(game: Game, moves: str) -> None:
    """Plays vertices one after another, each by the side to move."""
    for vertex in moves.split():
        game.play(from_gtp(vertex, game.size))


def why(game: Game, vertex: str, color: int | None = None) -> str | None:
    return game.why_illegal(from_gtp(vertex, game.size), color)


KO = """. X O . .
        X O . O .
        . X O . .
        . . . . .
        . . . . ."""


@pytest.mark.parametrize("rules", ["simple", "positional", "situational"])
def test_ko(rules):
    game = game_of(KO, rules)
    play(game, "C4")
    assert why(game, "B4") == "ko"
    with pytest.raises(IllegalMove, match="ko") as error:
        play(game, "B4")
    assert error.value.reason == "ko"
    play(game, "A1 E1")
    assert why(game, "B4", WHITE) is None


# Black takes one at B5, White takes two back at C5, Black throws in at A5: the first position again, White to move.
SENDING_TWO = """X . O X .
                 O O X . .
                 . . . . .
                 . . . . .
                 . . . . ."""


def test_sending_two_returning_one():
    game = game_of(SENDING_TWO)
    play(game, "B5 C5")
    assert (game.captures(BLACK), game.captures(WHITE)) == (1, 2)
    assert why(game, "A5") == "superko"
    with pytest.raises(IllegalMove, match="superko"):
        play(game, "A5")


def test_sending_two_returning_one_when_the_side_to_move_counts():
    game = game_of(SENDING_TWO, "situational")
    play(game, "B5 C5 A5 pass")
    assert why(game, "B5") == "superko"


def test_sending_two_returning_one_under_simple_ko():
    game = game_of(SENDING_TWO, "simple")
    play(game, "B5 C5 A5 pass " * 4)
    assert not game.is_over  # White's passes make it no endless cycle
    assert (game.captures(BLACK), game.captures(WHITE)) == (4, 8)


TRIPLE_KO = """. X O . . . .
               X O . O . . .
               . X O . . . .
               X O . O . . .
               . X O . . . .
               X . X O . . .
               . X O . . . ."""


@pytest.mark.parametrize("ko", ["positional", "situational"])
def test_triple_ko_ends_at_superko(ko):
    game = game_of(TRIPLE_KO, ko)
    play(game, "C6 B2 C4 B6 C2")
    assert why(game, "B4") == "superko"
    assert from_gtp("B4", 7) not in game.legal_points()


def test_triple_ko_has_no_result_under_simple_ko():
    game = game_of(TRIPLE_KO, "simple")
    cycle = "C6 B2 C4 B6 C2 B4"
    play(game, cycle)
    assert not game.is_over
    play(game, cycle)
    assert game.is_over
    assert game.result() == "Void"
    assert why(game, "C6") == "game over"
    game.resume()
    play(game, "C6")
    assert not game.is_over


def test_passes_end_the_game_and_a_move_resumes_it():
    game = Game(9)
    play(game, "E5 pass")
    assert not game.is_over
    play(game, "pass")
    assert game.is_over
    assert game.passes == 2
    assert game.result() == "B+74"
    play(game, "C3")
    assert not game.is_over
    play(game, "pass")
    assert (game.passes, game.is_over) == (1, False)


def test_resume_lets_the_game_go_on_with_either_side():
    game = Game(9)
    play(game, "E5 pass pass")
    game.resume(BLACK)
    assert (game.is_over, game.to_move, game.passes) == (False, BLACK, 0)


def test_resignation():
    game = Game(9)
    play(game, "E5")
    game.resign()
    assert game.is_over
    assert game.result() == "B+R"
    assert why(game, "A1") == "game over"
    assert why(game, "pass") == "game over"
    assert game.legal_points() == []
    assert game.undo()
    assert not game.is_over
    assert game.move_number == 1


def test_reasons():
    game = game_of(
        """. O . . .
           O O . . .
           . . . . .
           . . . . .
           . . . . X"""
    )
    assert why(game, "A4") == "occupied"
    assert why(game, "A5") == "suicide"
    assert why(game, "A5", WHITE) is None
    assert game.why_illegal(3) == game.why_illegal(-1) == game.why_illegal(10_000) == "off the board"
    assert why(game, "pass") is None


def test_suicide_of_several_stones_where_the_rules_allow_it():
    diagram = """X . O . .
                 O O O . .
                 . . . . .
                 . . . . .
                 . . . . ."""
    assert why(game_of(diagram), "B5") == "suicide"
    game = game_of(diagram, suicide=True)
    play(game, "B5")
    assert game.captures(WHITE) == 2
    assert game.board.color[from_gtp("A5", 5)] == 0


def test_suicide_of_one_stone_repeats_the_position():
    diagram = """. O . . .
                 O . . . .
                 . . . . .
                 . . . . .
                 . . . . ."""
    assert why(game_of(diagram, suicide=True), "A5") == "superko"


def test_legal_points_are_the_legal_points():
    game = game_of(KO)
    play(game, "C4")
    assert game.legal_points() == [p for p in range(49) if p != PASS and game.is_legal(p)]
    assert from_gtp("B4", 5) not in game.legal_points()
    assert from_gtp("B4", 5) in game.legal_points(BLACK)


def test_undo_takes_everything_back():
    game = game_of(KO)
    play(game, "C4 A1 E1")
    states = []
    while game.moves:
        states.append((diagram_of(game.board), game.to_move, game.passes, list(game.hashes), game.captures(BLACK)))
        assert game.undo()
    assert not game.undo()
    for vertex, state in zip("C4 A1 E1".split(), reversed(states), strict=True):
        play(game, vertex)
        assert state == (diagram_of(game.board), game.to_move, game.passes, list(game.hashes), game.captures(BLACK))


def test_superko_forgets_what_was_taken_back():
    game = game_of(KO)
    play(game, "C4 A1 E1")
    game.undo()
    assert why(game, "E1") is None
    play(game, "E1 B4")
    assert game.captures(WHITE) == 1


def test_a_copy_is_independent():
    game = Game(9)
    play(game, "E5 C3")
    other = game.copy()
    play(other, "G7")
    other.undo()
    other.undo()
    assert game.move_number == 2
    assert game.board.color[from_gtp("C3", 9)] == WHITE
    assert other.move_number == 1
    assert [game.is_legal(p) for p in range(121)].count(True) == 80


def test_moves_out_of_turn():
    game = Game(9)
    game.play(from_gtp("E5", 9), WHITE)
    game.play(from_gtp("E6", 9), WHITE)
    assert game.to_move == BLACK
    assert game.moves == [(WHITE, from_gtp("E5", 9)), (WHITE, from_gtp("E6", 9))]


def test_recent_moves_are_newest_first():
    game = Game(9)
    assert game.recent_moves() == []
    play(game, "A1 B2 pass D4 E5 F6")
    assert [to_gtp(p, 9) for p in game.recent_moves()] == ["F6", "E5", "D4", "pass", "B2"]
    assert game.recent_moves(2) == [from_gtp("F6", 9), from_gtp("E5", 9)]


def test_fixed_handicap():
    game = Game(9, PRESETS["chinese"].replace(komi=0.5))
    assert [to_gtp(p, 9) for p in game.place_handicap(3)] == ["C3", "G7", "C7"]
    assert (game.to_move, game.handicap, game.white_bonus, game.komi) == (WHITE, 3, 3, 3.5)
    assert game.rule_set().komi == 3.5
    assert game.setup_stones == ([from_gtp(v, 9) for v in ("C3", "G7", "C7")], [], WHITE)
    with pytest.raises(ValueError, match="empty board"):
        game.place_handicap(2)


def test_free_handicap():
    game = Game(9, PRESETS["aga"])
    game.place_handicap([from_gtp("A1", 9), from_gtp("J9", 9)])
    assert (game.handicap, game.white_bonus) == (2, 1)
    assert game.board.color[from_gtp("J9", 9)] == BLACK
    for bad in ([], [12, 12], [5], [-3]):
        with pytest.raises(ValueError):
            Game(9).place_handicap(bad)


def test_setup_refuses_impossible_positions():
    with pytest.raises(ValueError, match="A3 has no liberty"):
        Game(3).setup([from_gtp("A2", 3), from_gtp("B3", 3)], [from_gtp("A3", 3)])
    with pytest.raises(ValueError, match="twice"):
        Game(3).setup([6], [6])


def test_games_from_the_same_start_have_the_same_key():
    a, b = Game(9), Game(9)
    a.setup([12, 13], [20], WHITE)
    b.setup([13, 12], [20], WHITE)
    assert a.setup_key() == b.setup_key() != Game(9).setup_key()
    assert hash(a.setup_key()) == hash(b.setup_key())


def test_rules_may_change_during_a_game():
    game = Game(9)
    play(game, "E5")
    game.rules = game.rules.replace(komi=100.5)
    assert game.result() == "W+19.5"


def test_a_copy_plays_without_telling_the_first() -> None:
    game = game_of(KO)
    play(game, "C4")
    other = game.copy()
    play(other, "A1 E1 B4")  # White retakes in the copy ...
    before = [game._seen.copy(), game._seen_positions.copy()]
    other.undo()
    assert [game._seen, game._seen_positions] == before
    third = game.copy()
    play(third, "A1 E1")
    assert why(third, "B4", WHITE) is None  # ... which does not forbid it elsewhere


def test_undo_forgets_under_situational_superko() -> None:
    game = game_of(KO, "situational")
    play(game, "C4 A1 E1")
    game.undo()
    assert why(game, "E1") is None


def test_undo_before_a_resumption_forgets_it() -> None:
    game = game_of(TRIPLE_KO, "simple")
    cycle = "C6 B2 C4 B6 C2 B4"
    play(game, cycle + " " + cycle)
    assert game.is_void
    game.resume()
    for _ in range(12):
        game.undo()
    play(game, cycle + " " + cycle)
    assert game.is_void


def test_a_replayed_move_after_two_passes_is_taken_back_to_the_end() -> None:
    for way in (Game.play, Game.replay):
        game = game_of(KO)
        play(game, "C4 pass pass")
        way(game, from_gtp("A1", game.size))
        game.undo()
        assert game.is_over and game.passes == 2
