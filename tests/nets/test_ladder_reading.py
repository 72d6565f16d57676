"""The shipped networks read ladders, by way of their planes; and the ladders that say so are ladders."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ladders import Pair, pairs, reading
from gogame.board import EMPTY, copy_board, is_legal, play
from gogame.geometry import geometry
from nets.evaluator import make_evaluator

pytestmark = pytest.mark.usefixtures("needs_jit")
SIZE = 19


@pytest.fixture(scope="module")
def made() -> list[tuple[Pair, Pair]]:
    return pairs(SIZE, 40, seed=3)


def caught(board, chain: int, owner: int) -> bool:
    """Plays the ladder out: the owner runs or captures beside the chain, the attacker gives atari from either side.

    Written without the ladder reader, as a plain search over copies of the board.
    """
    liberties = around(board, chain, EMPTY)
    if len(liberties) >= 3:
        return False
    if len(liberties) == 1:  # in atari, the owner to move
        saving = set(liberties)
        for stone in around(board, chain, 3 - owner):
            if board.liberties[board.head[stone]] == 1:
                saving |= around(board, stone, EMPTY)
        for point in saving:
            runs = copy_board(board)
            if is_legal(runs, point, owner, False):
                play(runs, point, owner)
                if len(around(runs, chain, EMPTY)) > 1 and not caught(runs, chain, owner):
                    return False
        return True
    for point in liberties:
        attacked = copy_board(board)
        if is_legal(attacked, point, 3 - owner, False):
            play(attacked, point, 3 - owner)
            if caught(attacked, chain, owner):
                return True
    return False


def around(board, chain: int, color: int) -> set[int]:
    """The points of a colour beside the chain of a stone."""
    stride, stone, found = SIZE + 2, chain, set()
    while True:
        found |= {q for q in (stone - 1, stone + 1, stone - stride, stone + stride) if board.color[q] == color}
        stone = int(board.next_stone[stone])
        if stone == chain:
            return found


def test_half_of_the_ladders_work_and_half_are_broken(made: list[tuple[Pair, Pair]]) -> None:
    for attacker, owner in made:
        for case, works in ((owner.works, True), (owner.broken, False)):
            color, stride = case.to_move, SIZE + 2
            flight = int(geometry(SIZE).points[case.action])
            beside = (flight - 1, flight + 1, flight - stride, flight + stride)
            heads = case.board.head
            chain = next(q for q in beside if case.board.color[q] == color and case.board.liberties[heads[q]] == 1)
            assert caught(case.board, chain, color) == works
        stones = [np.count_nonzero(case.board.color == 1) for case in attacker]
        assert stones[0] == stones[1]


@pytest.mark.parametrize("net", ["records-19x19", "selfplay-13x13", "zero-9x9"])
def test_networks_run_where_the_ladder_is_broken_and_nowhere_else(made: list[tuple[Pair, Pair]], net: str) -> None:
    evaluator = make_evaluator(net, SIZE)
    owners = [owner for _, owner in made]
    read = reading(evaluator, owners, SIZE, planes_too=True, flees=True)
    assert read.apart >= 0.9 and read.broken > 2 * read.works
    blind = reading(evaluator, owners, SIZE, planes_too=False, flees=True)
    assert 0.2 <= blind.apart <= 0.8, "without the planes nothing tells the pairs apart"
    attackers = [attacker for attacker, _ in made]
    assert reading(evaluator, attackers, SIZE, planes_too=True, flees=False).apart > 0.5
