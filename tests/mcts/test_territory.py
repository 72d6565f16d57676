"""The end of the game in a search under territory rules: dead stones that nobody takes off."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import from_gtp
from gogame.game import Game
from gogame.geometry import PASS
from gogame.player import Analysis
from gogame.rules import rules_named
from gogame.score import komi_shown, score_game
from mcts.arrays import OWNED, Tree, new_tree
from mcts.engine import Engine
from mcts.territory import PASS_PRIOR, lift_pass, take_dead, territory_lead

# Black's 27 points on A to C and White's walls on E and H; D1 to E9 meet, and Black's J4 and J6 are dead.
BLACKS = [f"D{row}" for row in range(1, 10)]
WHITES = [f"{letter}{row}" for letter in "EH" for row in range(1, 10)]
DEAD = ["J4", "J6"]


def points(vertices: list[str]) -> list[int]:
    return [from_gtp(vertex, 9) for vertex in vertices]


def walls(komi: float, to_move: int = BLACK, dead: list[str] = DEAD) -> Game:
    game = Game(9, rules_named("japanese").replace(komi=komi, handicap_bonus="none"))
    game.setup(points(BLACKS + dead), points(WHITES), to_move)
    return game


def tree_of(owned: float, said: float) -> Tree:
    """The node 1 after two passes: ``owned`` is Black's share of J4 and J6, ``said`` the lead after the first pass."""
    tree = new_tree(9, 2, 1)
    tree.node[0].parent, tree.node[1].parent = -1, 0
    tree.node[0].own_score = said
    tree.counters[OWNED] = 10
    tree.ownership[:] = 10 * np.tile(np.repeat([1.0, -1.0], [4, 5]), 9)
    for row in (3, 5):
        tree.ownership[9 * row + 8] = 10 * owned
    return tree


@pytest.mark.parametrize(
    ("owned", "said", "taken"),
    [(-0.9, 0.0, True), (-0.9, 12.0, False), (-0.2, 0.0, False), (0.9, 0.0, False)],
)
def test_stones_that_the_tree_and_the_network_call_dead_are_taken_off(owned: float, said: float, taken: bool) -> None:
    game = walls(0.0)
    standing = territory_lead(new_tree_without_parent(), 0, game.copy().board, game.rule_set())
    found = territory_lead(tree_of(owned, said), 1, game.board, game.rule_set())
    if taken:  # as people count it, and the stone that Black has put more is no point
        assert found == score_game(walls(0.0), points(DEAD)).lead
    else:
        assert found == standing != score_game(walls(0.0), points(DEAD)).lead


def new_tree_without_parent() -> Tree:
    tree = new_tree(9, 1, 1)
    tree.node[0].parent = -1
    return tree


def test_whole_chains_are_taken_off_and_no_others() -> None:
    game = walls(0.0, dead=["J4", "J5", "J6"])
    tree = tree_of(-0.9, 0.0)
    tree.ownership[9 * 4 + 8] = 10 * 0.5  # of a chain of three: -0.43 on the average
    board = game.board
    assert take_dead(tree, board)
    assert all(board.color[point] == EMPTY for point in points(["J4", "J5", "J6"]))
    assert all(board.color[point] == BLACK for point in points(BLACKS))
    assert all(board.color[point] == WHITE for point in points(WHITES))
    assert not take_dead(tree_of(0.0, 0.0), walls(0.0).board)


@pytest.mark.parametrize(("passes", "sure", "lifted"), [(0, 0.7, False), (0, 0.9, True), (1, 0.1, True)])
def test_a_pass_is_looked_at_where_the_game_may_end(passes: int, sure: float, lifted: bool) -> None:
    tree = new_tree(5, 1, 3)
    tree.counters[OWNED] = 4
    tree.ownership[:] = 4 * sure * np.where(np.arange(25) % 2, 1, -1)
    tree.node[0].passes, tree.node[0].edges = passes, 3
    tree.edge.prior[:] = [0.6, 0.3999, 0.0001]
    lift_pass(tree, 0)
    assert tree.edge.prior.tolist() == pytest.approx([0.6, 0.3999, PASS_PRIOR if lifted else 0.0001])
    tree.edge.prior[2] = 0.5
    lift_pass(tree, 0)
    assert tree.edge.prior[2] == 0.5


def test_no_point_is_shown_for_a_pass_in_white_s_stead() -> None:
    """Black is a stone ahead when White is to move: that belongs to every even game, unless White would only pass."""
    game = Game(9, rules_named("japanese").replace(komi=6.5))
    shown = []
    for move in (from_gtp("E5", 9), PASS, PASS):
        game.play(move)
        shown.append(komi_shown(game.board, game.to_move, game.rule_set(), game.passes))
    assert shown == [6.5, 7.5, 7.5]
    assert komi_shown(game.board, WHITE, game.rule_set(), 0) == 6.5


@pytest.mark.usefixtures("needs_jit")
@pytest.mark.parametrize("dead", [DEAD, []])
@pytest.mark.parametrize("to_move", [BLACK, WHITE])
@pytest.mark.parametrize("komi", [-1.5, -0.5, 0.5, 1.5])
def test_nobody_bets_on_a_pass_while_dead_stones_stand(komi: float, to_move: int, dead: list[str]) -> None:
    """The side to move was at 0.72 where it had lost by half a point: it passed, and hoped that the other would, too.
    Without dead stones, a side that had won by a point and a half fell to 0.68: it did not think of passing."""
    game = walls(0.0, to_move, dead)
    even = score_game(game, points(dead)).lead  # without komi
    game = walls(even + komi, to_move, dead)
    engine = Engine(visits=800, log=lambda text: None)
    infos: list[Analysis] = []
    engine.analyse(game, infos.append, threading.Event(), visits=800)
    winrate = infos[-1].winrate if to_move == BLACK else 1 - infos[-1].winrate
    assert (winrate > 0.75) if komi < 0 else (winrate < 0.25)
