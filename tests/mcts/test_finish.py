"""When the engine passes, and what it plays instead, on settled boards with a judge that is right."""

from __future__ import annotations

import dataclasses
import threading
import time

import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp, to_gtp
from gogame.game import Game
from gogame.geometry import PASS, geometry
from mcts.clock import LAG
from mcts.closing import Closing, draw_early, place
from mcts.engine import FINISH_SHARE, LITTLE, Engine
from mcts.finish import (
    Ending,
    decide,
    judge,
    pass_alive_owner,
)
from mcts.search import Search, SearchConfig
from tests.mcts.endings import DEAD_STONE, OPEN, SETTLED, Chosen, Found, Judge, engine, position

SETTLED_CASES = [
    # diagram, to move, rules, komi, opponent passed, expected
    (SETTLED, BLACK, "tromp-taylor", 0.5, False, "pass"),
    (SETTLED, BLACK, "tromp-taylor", 0.5, True, "pass"),
    (SETTLED, WHITE, "tromp-taylor", 0.5, False, "pass"),  # lost, and nothing to gain
    (SETTLED, WHITE, "tromp-taylor", 0.5, True, "pass"),
    (SETTLED, BLACK, "japanese", 0.5, False, "pass"),
    (SETTLED, WHITE, "japanese", 0.5, True, "pass"),
    (DEAD_STONE, BLACK, "japanese", 0.5, False, "pass"),
    (DEAD_STONE, BLACK, "japanese", 0.5, True, "pass"),
    (DEAD_STONE, BLACK, "tromp-taylor", 0.5, False, "capture"),
    (DEAD_STONE, BLACK, "tromp-taylor", 0.5, True, "capture"),
    (DEAD_STONE, BLACK, "tromp-taylor", -3.5, True, "pass"),  # wins with the stone alive, too
    (DEAD_STONE, BLACK, "tromp-taylor", -3.5, False, "pass"),
    (DEAD_STONE, WHITE, "tromp-taylor", 0.5, True, "pass"),  # wins as the board stands
    (OPEN, BLACK, "tromp-taylor", 0.5, False, "D4"),
]


@pytest.mark.parametrize(("diagram", "to_move", "rules", "komi", "passed", "expected"), SETTLED_CASES)
def test_passes_as_a_person_would_accept(diagram, to_move, rules, komi, passed, expected):
    game = position(diagram, 3 - to_move if passed else to_move, rules, komi)
    if passed:
        game.pass_()
    point = engine(resign=False).genmove(game)
    if expected == "capture":
        assert to_gtp(point, 7) in ("A5", "C5", "A4", "B4", "C4")
    else:
        assert to_gtp(point, 7) == expected


@pytest.mark.parametrize(("winrate", "ending"), [(0.99, Ending.PLAY), (0.9, Ending.PASS)])
def test_a_dispute_is_played_out_only_where_the_game_is_safe(winrate, ending):
    game = position(OPEN, WHITE, "tromp-taylor", -3.5)
    game.pass_()
    search = Search(Judge(7), 7, SearchConfig())
    search.set_position(game)
    search.run(100)
    analysis = dataclasses.replace(search.root_info(), winrate=winrate)
    situation = judge(game, analysis)
    assert situation.disputed and situation.board_margin > 0 and situation.clean_margin > 0
    assert decide(game, analysis, situation) == ending


# White has passed. Black's D7 saves the stone on D8, which White takes for dead: two ways to count it.
THROWN_IN = """
    . . O O . . . . .
    O O O X O O . . .
    X X X . X O . . .
    . . . X X O . . .
    . . X X O O O O O
    . . . . X X X X O
    . . . X . . . X X
    . . . . . . . . .
    . . . . . . . . .
"""


def thrown_in(passed: bool = True) -> Game:
    game = position(THROWN_IN, WHITE if passed else BLACK, komi=7.0)
    if passed:
        game.pass_()
    return game


def test_last_liberties_are_settled_before_a_pass_is_answered():
    ownership = np.where(np.arange(81) < 18, -1.0, 1.0).astype(np.float32)
    for game, ending in ((thrown_in(), Ending.SETTLE), (thrown_in(False), Ending.TRY_PASS)):
        analysis = Found(0.9, 10.0, BLACK, 100, [Chosen(PASS)], ownership)
        situation = judge(game, analysis)
        assert situation.last_liberties == {from_gtp("D7", 9)}
        assert decide(game, analysis, situation) == ending
    settled = position(SETTLED, WHITE, komi=0.5)
    assert not judge(settled, Found(0.9, 10.0, WHITE, 1, [Chosen(PASS)], np.zeros(49, np.float32))).last_liberties


def test_the_engine_takes_a_last_liberty_first_and_passes_then():
    game = thrown_in()
    player = Engine("zero-9x9", visits=100, log=lambda text: None)
    assert to_gtp(player.genmove(game), 9) == "D7"
    game.play(from_gtp("D7", 9))
    game.pass_()
    assert player.genmove(game) == PASS


# White has passed and left E6 open, where Black has a point yet.
LEFT_OPEN = """
    . . . O X X X O .
    . . . O O X O . O
    O O O O X X O . .
    O X O O . X O . .
    X X X X X X O O O
    . . . . . X X X O
    . . X . . . . . X
    . . . . . . . X .
    . . . . . . . . .
"""


@pytest.mark.parametrize("rules", ["chinese-ogs", "japanese"])
@pytest.mark.parametrize("e6", [0.2, 0.7, 0.95])
def test_a_point_that_is_still_to_be_filled_is_in_dispute_where_it_counts(rules, e6):
    game = position(LEFT_OPEN, WHITE, rules, komi=7.0)
    game.pass_()
    ownership = np.ones(81, np.float32)
    corner = [name for name in "A9 B9 C9 D9 A8 B8 C8 D8 E8 A7 B7 C7 D7 A6 C6 D6".split()]
    side = [name for name in "G8 H9 J9 H8 J8 G7 H7 J7 G6 H6 J6 G5 H5 J5 J4".split()]
    ownership[[geometry(9).action[from_gtp(name, 9)] for name in corner + side]] = -1.0
    ownership[geometry(9).action[from_gtp("E6", 9)]] = e6
    analysis = Found(0.99, 12.0, BLACK, 100, [Chosen(from_gtp("E6", 9))], ownership)
    situation = judge(game, analysis)
    assert situation.board_margin > 0 and situation.clean_margin > 0
    assert situation.disputed == (rules != "japanese" or e6 < 0.5)
    if rules != "japanese":
        assert not situation.settled and decide(game, analysis, situation) == Ending.PLAY


def test_the_engine_fills_what_is_left_open_before_it_answers_a_pass():
    game = position(LEFT_OPEN, WHITE, "chinese-ogs", komi=7.0)
    game.pass_()
    player = Engine("zero-9x9", visits=100, log=lambda text: None)
    for _ in range(10):
        if game.is_over:
            break
        game.play(player.genmove(game))
        if not game.is_over:
            game.pass_()
    assert game.is_over and game.board.color[from_gtp("E6", 9)] == BLACK


# Black's stone on B1 is caught; its liberty A1 touches a black chain that lives.
SHARED = """
    . . . . . . .
    . . . . . . .
    . . . . . . .
    X X X X X X X
    X X O O O O O
    X O O . O . O
    . X O O O O .
"""


@pytest.mark.parametrize(("a2", "disputed"), [("X", True), ("O", False)])
def test_a_dead_stone_that_leaves_points_to_nobody_is_in_dispute(a2, disputed):
    game = position(SHARED.replace("X O O . O . O", f"{a2} O O . O . O"))
    search = Search(Judge(7), 7, SearchConfig())
    search.set_position(game)
    search.run(20)
    ownership = np.full(49, -1.0, np.float32)
    black = [geometry(7).action[from_gtp(name, 7)] for name in "A3 B3 A4 B4 C4 D4 E4 F4 G4".split()]
    ownership[black] = 1.0
    for row in range(3):
        ownership[7 * row : 7 * row + 7] = 1.0
    if a2 == "X":
        ownership[geometry(7).action[from_gtp("A2", 7)]] = 1.0
    found = judge(game, dataclasses.replace(search.root_info(), ownership=ownership))
    assert from_gtp("B1", 7) in found.status.dead
    assert found.disputed == disputed


@pytest.mark.parametrize("first", [BLACK, WHITE])
def test_takes_dead_stones_off_before_it_passes(first):
    """White passes throughout; Black must win the count of the board as it stands."""
    game = position(DEAD_STONE, first)
    player = engine()
    for _ in range(14):
        if game.is_over:
            break
        point = PASS if game.to_move == WHITE else player.genmove(game)
        game.play(point)
    assert game.is_over and game.result().startswith("B+")
    assert game.move_number <= 9  # three moves capture, and it does not fill its area after that


def test_a_search_of_one_visit_ends_games_as_any_other_does():
    for rules, cleanup in (("tromp-taylor", False), ("chinese-ogs", True), ("japanese", True)):
        game = position(DEAD_STONE, BLACK, rules)
        player = engine()
        player.visits = 1
        move = to_gtp(player.genmove(game, cleanup=cleanup), 7)
        assert move in ("A5", "C5", "A4", "B4", "C4"), "the dead stone is taken first"


def test_cleanup_captures_although_passing_wins():
    game = position(DEAD_STONE, BLACK, "japanese", -3.5)
    point = engine().genmove(game, cleanup=True)
    assert to_gtp(point, 7) in ("A5", "C5", "A4", "B4", "C4")
    assert engine().genmove(position(SETTLED, BLACK, "japanese"), cleanup=True) == PASS


def test_a_drawn_move_is_the_movers_own_and_has_a_purpose(monkeypatch):
    """Although whether a pass is free was tried meanwhile, with the other side to move."""
    game = position(OPEN)
    player = engine(temperature=1.0)
    player.warm_up(7)
    search = player._search
    place(search, game)
    search.run(200)
    info = search.root_info()

    def tried(self):
        after = self.game.copy()
        after.play(PASS)
        place(self.search, after)
        self.search.run(50)
        return False

    monkeypatch.setattr(Closing, "_pass_is_free", tried)
    monkeypatch.setattr("mcts.closing.decide", lambda *_: Ending.TRY_PASS)
    drawn = [Closing(search, game, info, 200, None, threading.Event()).move(False, 1.0) for _ in range(100)]
    visits = {move.point: move.visits for move in info.moves}
    owner = pass_alive_owner(game)
    assert all(point in visits and point != PASS and owner[point] == 0 for point in drawn)
    assert len(set(drawn)) > 1 or len([p for p in visits if p != PASS and owner[p] == 0]) == 1


def test_early_in_a_game_no_pass_and_no_settled_point_is_drawn(monkeypatch):
    game = Game(7)
    player = engine()
    player.warm_up(7)
    place(player._search, game)
    player._search.run(400)
    info = player._search.root_info()
    owner = np.zeros(game.board.color.size, np.uint8)
    settled = [move.point for move in info.moves if move.point != PASS][:10]
    owner[settled] = WHITE
    monkeypatch.setattr("mcts.closing.pass_alive_owner", lambda game: owner)
    drawn = {draw_early(player._search, game, info, 10.0) for _ in range(300)}
    assert len(drawn) > 10 and PASS not in drawn and not drawn & set(settled)


def deadlines(player, game, monkeypatch, **options):
    """When the searches of one move were to end, in seconds after the first."""
    asked, run = [], Search.run

    def noting(self, visits=None, deadline=None, *rest, **more):
        if deadline is not None:  # one visit needs none
            asked.append(deadline)
        return run(self, visits, deadline, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Search, "run", noting)
        player.genmove(game, **options)
    return [deadline - asked[0] for deadline in asked]


def timed(seconds, **options):
    player = engine(resign=False, **options)
    player.warm_up(7)
    player.visits, player.seconds = None, seconds
    return player


def test_questions_about_the_end_keep_to_the_time_of_the_move(monkeypatch):
    first, *others = deadlines(timed(1.0), position(DEAD_STONE, BLACK, "tromp-taylor", 0.5), monkeypatch)
    assert others and all(rest == pytest.approx(FINISH_SHARE) for rest in others)


def test_a_move_far_from_the_end_has_all_of_its_time(monkeypatch):
    player = timed(0.4, config=SearchConfig(early_stop=False))
    monkeypatch.setattr("mcts.engine.may_end", lambda *_: False)
    began = time.perf_counter()
    assert deadlines(player, Game(7), monkeypatch) == pytest.approx([0, 0.4 * FINISH_SHARE])
    assert time.perf_counter() - began >= 0.4


def test_restricted_moves_have_all_of_their_time_at_once(monkeypatch):
    player, game = timed(0.2, config=SearchConfig(early_stop=False)), Game(7)
    began = time.perf_counter()
    assert deadlines(player, game, monkeypatch, allow=game.legal_points()[:5]) == [0]
    assert time.perf_counter() - began >= 0.2


def test_time_that_an_early_stop_saved_is_not_searched_after_all(monkeypatch):
    monkeypatch.setattr("mcts.search.choice_stands", lambda *_: True)
    monkeypatch.setattr("mcts.engine.may_end", lambda *_: False)
    assert deadlines(timed(20.0), Game(7), monkeypatch) == [0]


def test_an_end_that_comes_in_sight_late_costs_little_time(monkeypatch):
    """Its questions have what the clock's margin can pay for."""
    game, share = position(DEAD_STONE, BLACK, "tromp-taylor", 0.5), 0.4 * FINISH_SHARE
    player, taken = timed(0.4, config=SearchConfig(early_stop=False)), []
    while len(taken) < 20 and min(taken, default=1.0) > 0.4 + LAG / 2:  # other programs may hold the cores
        player.clear()
        sights = iter([False, True])
        monkeypatch.setattr("mcts.engine.may_end", lambda *_, sights=sights: next(sights))
        began = time.perf_counter()
        _, second, *others = deadlines(player, game, monkeypatch)
        taken.append(time.perf_counter() - began)
        assert second == pytest.approx(share) and others
        assert all(share + LITTLE <= rest for rest in others)
    assert min(taken) <= 0.4 + LAG / 2
