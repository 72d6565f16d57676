"""Where a match's games begin."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gogame.game import Game
from gogame.geometry import geometry, row_col
from gogame.rules import default_rules
from selfplay import openings as module
from selfplay.openings import PolicyOpenings, RandomOpenings, _form, openings

SIZE = 7


def game_of(points: list[int], size: int = SIZE) -> Game:
    game = Game(size, default_rules(size))
    for point in points:
        game.play(point)
    return game


def drawn(count: int, moves: int, seed: int = 0, size: int = SIZE) -> list[list[int]]:
    first = openings("policy", size, default_rules(size), moves, device="cpu", threads=1)
    try:
        rng = np.random.default_rng(seed)
        return [first.draw(rng) for _ in range(count)]
    finally:
        first.close()


def test_random_ones_are_apart_from_each_other_and_from_the_edge() -> None:
    rng = np.random.default_rng(1)
    for size in (7, 9, 19):
        for moves in (0, 1, 2, 5):
            points = RandomOpenings(size, moves).draw(rng)
            assert len(points) == moves
            places = [row_col(p, size) for p in points]
            assert all(2 <= v < size - 2 for place in places for v in place)
            apart = [abs(a[0] - b[0]) + abs(a[1] - b[1]) for i, a in enumerate(places) for b in places[:i]]
            assert min(apart, default=2) > 1
    assert len(RandomOpenings(7, 20).draw(rng)) < 20  # what does not fit is left out


@pytest.mark.parametrize(
    ("kind", "moves", "length"), [("none", None, 0), ("none", 5, 0), ("policy", 0, 0), ("random", None, 2)]
)
def test_what_is_asked_for(kind: str, moves: int | None, length: int) -> None:
    first = openings(kind, SIZE, default_rules(SIZE), moves)
    assert isinstance(first, RandomOpenings) and len(first.draw(np.random.default_rng(0))) == length
    first.close()


def test_the_policys_are_legal_even_and_all_different() -> None:
    lines = drawn(12, 4)
    assert len({_form(game_of(line)) for line in lines}) == 12
    assert min(map(len, lines)) >= 4
    judge = PolicyOpenings(SIZE, default_rules(SIZE), 4, device="cpu", threads=1)
    for line in lines:
        module.place(judge._search, game_of(line))
        judge._search.run(visits=200)
        assert abs(judge._search.root_info().winrate - 0.5) < 0.35  # another search, not quite the same answer
    judge.close()


def test_the_seed_decides_and_the_network_prefers_the_middle() -> None:
    assert drawn(3, 3, seed=1) == drawn(3, 3, seed=1) != drawn(3, 3, seed=2)
    middle = geometry(SIZE).points[SIZE * SIZE // 2]
    assert all(abs(np.subtract(row_col(line[0], SIZE), row_col(int(middle), SIZE))).max() <= 1 for line in drawn(4, 3))


def test_openings_get_longer_where_the_policy_knows_no_more() -> None:
    lines = drawn(12, 1)
    assert len(lines[0]) == 1 and len(lines[-1]) > 1
    assert len({_form(game_of(line)) for line in lines}) == 12


def test_the_most_even_one_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none is even."""
    first = PolicyOpenings(SIZE, default_rules(SIZE), 2, device="cpu", threads=1)
    monkeypatch.setattr(module, "TRIES", 3)
    winrates = iter([0.95, 0.25, 0.1])
    monkeypatch.setattr(first._search, "root_info", lambda pv_length: SimpleNamespace(winrate=next(winrates)))
    seen = []
    new_game = first._new_game
    monkeypatch.setattr(first, "_new_game", lambda rng: seen.append(new_game(rng)) or seen[-1])
    line = first.draw(np.random.default_rng(0))
    first.close()
    assert len(seen) == 3 and line == [point for _, point in seen[1].moves]


def test_a_form_is_that_of_all_its_turns() -> None:
    board = geometry(9)
    actions = [3, 40, 77, 12]
    forms = {_form(game_of([int(board.points[board.symmetry[k][a]]) for a in actions], 9)) for k in range(8)}
    assert len(forms) == 1
    assert _form(game_of([int(board.points[a]) for a in [3, 40, 77, 13]], 9)) not in forms
    for order, same in (([77, 40, 3, 12], True), ([3, 12, 77, 40], True), ([40, 3, 77, 12], False)):
        assert (_form(game_of([int(board.points[a]) for a in order], 9)) in forms) == same, "the same stones"
