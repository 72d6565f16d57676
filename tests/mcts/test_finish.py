"""How games end: dead stones, seki, resignation, and when to pass, on settled boards with a judge that is right."""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass, field

import numpy as np
import pytest

from gogame.board import BLACK, EMPTY, WHITE, Board
from gogame.coords import from_gtp, to_gtp
from gogame.game import Game
from gogame.geometry import PASS, geometry
from gogame.rules import rules_named
from gogame.text import stones_of
from mcts.closing import Closing, draw_early, place
from mcts.engine import Engine
from mcts.finish import (
    Ending,
    Resignation,
    certain_ownership,
    decide,
    judge,
    pass_alive_owner,
    stone_status,
)
from mcts.leaves import new_evaluation
from mcts.search import Search, SearchConfig


def position(diagram: str, to_move: int = BLACK, rules: str = "tromp-taylor", komi: float = 0.5) -> Game:
    size, black, white = stones_of(diagram)
    game = Game(size, rules_named(rules).replace(komi=komi))
    game.setup(black, white, to_move)
    return game


class Judge:
    """An evaluator that knows whose each point is on boards made of pass-alive areas, and nothing about moves."""

    batch = 8

    def __init__(self, size: int) -> None:
        self.size = size
        self.rules = None
        self._out = new_evaluation(size, 8)

    def evaluate(self, leaves, count, average=False):
        out = self._out
        for row in range(count):
            board = Board(*(part[row] for part in leaves.board))
            game = Game(self.size)
            game.board = board
            by_point = pass_alive_owner(game)[geometry(self.size).points]
            owned = np.where(by_point == BLACK, 1.0, np.where(by_point == WHITE, -1.0, 0.0))
            sign = 1.0 if leaves.info.to_move[row] == BLACK else -1.0
            lead = sign * (owned.sum() - leaves.info.komi[row])
            out.policy[row] = 0.0
            out.value[row] = np.tanh(lead)
            out.score[row] = lead
            out.ownership[row] = sign * owned
        return out


class Judging(Engine):
    """The engine with the judge in place of a network."""

    def warm_up(self, size):
        self.stop()
        if self._search is None or self._search.size != size:
            self._search = Search(Judge(size), size, self._config or SearchConfig())


# Black owns four columns, White three; every stone is pass-alive.
SETTLED = """
    . X . X O . O
    X X X X O O O
    . . . X O . .
    . . . X O . .
    X X X X O O O
    . X . X O O .
    X X X X O . O
"""
# The same with a white stone in Black's area: as it stands on the board, the count is even.
DEAD_STONE = """
    . X . X O . O
    X X X X O O O
    . O . X O . .
    . . . X O . .
    X X X X O O O
    . X . X O O .
    X X X X O . O
"""
# A point between them is open, and worth a point to either.
OPEN = """
    . X . X O . O
    X X X X O O O
    . . . X O . .
    . . . . O . .
    X X X X O O O
    . X . X O O .
    X X X X O . O
"""


def engine(visits: int = 100, **options) -> Judging:
    return Judging(visits=visits, log=lambda text: None, **options)


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


def test_dead_stones_and_the_final_count():
    game = position(DEAD_STONE)
    player = engine()
    dead = player.dead_stones(game)
    assert [to_gtp(p, 7) for p in dead] == ["B5"]
    assert game.result() == "W+0.5" and game.result(dead) == "B+6.5"
    status = player.stone_status(game)
    assert status.dead == dead and not status.seki
    stones = {int(p) for p in geometry(7).points if game.board.color[p] != EMPTY}
    assert status.alive | status.dead == stones


# The chains in the middle of the top share D7 and D6: whoever plays there is captured.
SEKI = """
    . X O . X O .
    X X O . X O O
    . X O O X O .
    X X X X O O O
    . . . X O . .
    X X X X O O O
    . X . X O . O
"""

STATUS = [(DEAD_STONE, "B5"), (SETTLED, "")]


@pytest.mark.parametrize(("diagram", "dead"), STATUS)
def test_pass_alive_areas_decide_who_is_dead(diagram, dead):
    game = position(diagram)
    owned = certain_ownership(game, np.zeros(49, np.float32), pass_alive_owner(game))
    status = stone_status(game, owned)
    assert sorted(to_gtp(p, 7) for p in status.dead) == dead.split()
    assert not status.seki


def stones_owned(game: Game) -> np.ndarray:
    """Ownership that gives each stone its point, and nobody the empty ones."""
    colors = game.board.color[geometry(game.size).points]
    return np.where(colors == BLACK, 1.0, np.where(colors == WHITE, -1.0, 0.0)).astype(np.float32)


def test_seki_is_found_by_its_shared_liberties():
    game = position(SEKI)
    status = stone_status(game, certain_ownership(game, stones_owned(game), pass_alive_owner(game)))
    assert {to_gtp(p, 7) for p in status.seki} == {"C7", "C6", "C5", "D5", "E7", "E6", "E5"}
    assert not status.dead and from_gtp("B7", 7) in status.alive


def test_an_unfinished_game_is_no_seki():
    game = Game(7)
    for vertex in ("C4", "E4", "C3", "E5"):
        game.play(from_gtp(vertex, 7))
    status = stone_status(game, stones_owned(game))
    assert not status.seki and not status.dead and len(status.alive) == 4


def test_nobody_plays_into_a_seki():
    game = position(SEKI, BLACK, "tromp-taylor", 0.5)
    assert engine().genmove(game) == PASS
    assert engine().genmove(position(SEKI, WHITE, "japanese", 0.5)) == PASS


@dataclass
class Chosen:
    point: int


@dataclass
class Found:
    winrate: float
    score_lead: float
    to_move: int = BLACK
    visits: int = 100
    moves: list[object] = field(default_factory=list)
    ownership: np.ndarray = field(default_factory=lambda: np.zeros(81, np.float32))


def play_on(game: Game, moves: int) -> None:
    rng = np.random.default_rng(game.move_number)
    for _ in range(moves):
        points = game.legal_points()
        game.play(points[int(rng.integers(len(points)))])


def rounds(winrates: list[float], lead: float = -20.0, start: int = 30, handicap: int = 0) -> list[bool]:
    """What resignation says at the moves of one colour, from move ``start`` on."""
    game = Game(9)
    if handicap:
        game.place_handicap(handicap)
    play_on(game, start)
    resignation, answers = Resignation(), []
    for winrate in winrates:
        answers.append(resignation.is_due(game, Found(winrate, lead, game.to_move)))
        play_on(game, 2)
    return answers


RESIGNING = [
    (dict(winrates=[0.01, 0.01, 0.01]), [False, False, True]),
    (dict(winrates=[0.01, 0.01, 0.2, 0.01, 0.01, 0.01]), [False] * 5 + [True]),
    (dict(winrates=[0.04] * 4), [False] * 4),
    (dict(winrates=[0.01] * 4, lead=-2.0), [False] * 4),  # behind by a little: the count may still be wrong
    (dict(winrates=[0.01] * 4, start=4), [False] * 4),  # too early
    (dict(winrates=[0.01] * 4, start=31, handicap=4), [False, False, True, True]),  # Black gives up as ever
    (dict(winrates=[0.01] * 4, start=30, handicap=4), [False] * 4),  # White waits for longer
]


@pytest.mark.parametrize(("case", "expected"), RESIGNING)
def test_resigns_only_when_sure(case, expected):
    assert rounds(**case) == expected


def test_another_game_begins_at_none():
    resignation, game = Resignation(), Game(9)
    play_on(game, 40)
    for _ in range(2):
        assert not resignation.is_due(game, Found(0.0, -50.0, game.to_move))
        play_on(game, 2)
    other = Game(9)
    play_on(other, 30)
    assert not resignation.is_due(other, Found(0.0, -50.0, other.to_move))
