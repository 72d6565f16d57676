"""Positions of game records: as the rules have them, with every target, and drawn in batches that go on."""

from __future__ import annotations

import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gogame.game import Game
from gogame.geometry import geometry
from gogame.rules import rules_named
from gogame.score import komi_shown, score_game
from nets.batches import Permutation, Positions, split, training_batches
from nets.config import GLOBALS, PLANES
from nets.planes import HISTORY, fill_planes, new_plane_scratch
from nets.positions import COUNTED
from tests.nets.test_records import SIZE, collection, random_games, read, settled_game

pytestmark = pytest.mark.usefixtures("needs_jit")


def test_every_position_is_that_of_the_rules() -> None:
    games = random_games(12)
    table, builder = read(collection(games))
    assert table.games == 12 and not builder.left_out
    assert table.positions == sum(game.move_number for game in games)
    positions, g = Positions(table, SIZE, threads=2), geometry(SIZE)
    batch = positions.fill(np.arange(positions.total), np.zeros(positions.total, np.int64))
    scratch, row = new_plane_scratch(SIZE), 0
    for number, game in enumerate(games):
        replayed = Game(SIZE, game.rules)
        for ply, (color, point) in enumerate(game.moves):
            planes, globals_ = np.zeros((PLANES, SIZE, SIZE), np.uint8), np.zeros(GLOBALS, np.float32)
            recent = np.full(HISTORY, -1, np.int16)
            last = replayed.recent_moves(HISTORY)
            recent[: len(last)] = last
            fill_planes(
                replayed.board, color, recent, replayed.rule_set(), np.zeros(g.action.size, np.uint8), scratch,
                scratch.upright, planes, globals_,
            )  # fmt: skip
            assert np.array_equal(batch.planes[row], planes) and np.array_equal(batch.globals[row], globals_)
            assert batch.action[row] == g.action[point]
            answered = ply + 1 < game.move_number
            assert batch.reply[row] == (g.action[game.moves[ply + 1][1]] if answered else -1)
            won = BLACK if number % 2 == 0 else WHITE
            assert batch.value[row] == (1 if color == won else -1)
            assert batch.flags[row] & COUNTED == (number % 2)
            replayed.play(point, color)
            row += 1
    assert row == positions.total


def test_symmetries_turn_planes_moves_and_ownership_alike() -> None:
    counted = settled_game()
    games = [*random_games(4), counted]
    positions = Positions(read(collection(games, ["B+R"] * 4 + [str(score_game(counted))]))[0], SIZE)
    picks = np.arange(positions.total)
    plain = positions.fill(picks, np.zeros(len(picks), np.int64))
    owned = plain.ownership.reshape(len(picks), -1)
    assert np.abs(owned).sum() > 0 and (plain.reply >= 0).sum() > len(picks) // 2
    for turn in range(8):
        turned = positions.fill(picks, np.full(len(picks), turn, np.int64))
        table = positions.symmetry[turn]
        assert np.array_equal(turned.action, table[plain.action])
        flat, whole = turned.planes.reshape(len(picks), PLANES, -1), plain.planes.reshape(len(picks), PLANES, -1)
        assert np.array_equal(flat[:, :, table[:-1]], whole)
        assert np.array_equal(turned.ownership.reshape(len(picks), -1)[:, table[:-1]], owned)
        assert np.array_equal(turned.reply, np.where(plain.reply >= 0, table[plain.reply], -1))


def test_another_komi_has_another_result_where_the_score_is_known() -> None:
    game = settled_game()
    right = str(score_game(game))
    positions = Positions(read(collection([game, game], [right, "W+R"]))[0], SIZE)
    lead, picks, turn = score_game(game).lead, np.arange(positions.total), np.zeros(positions.total, np.int64)
    plain = positions.fill(picks, turn)
    counted = plain.flags & COUNTED > 0
    assert 0 < counted.sum() < len(counted)
    sign = np.where(plain.score[counted] == lead, 1, -1)  # Black to move
    for shift in (-9.0, 0.0, lead, 20.0):
        moved = positions.fill(picks, turn, np.full(len(picks), shift, np.float32))
        assert np.array_equal(moved.planes, plain.planes) and np.array_equal(moved.ownership, plain.ownership)
        assert np.allclose(moved.score[counted], sign * (lead - shift))
        assert np.array_equal(moved.value[counted], sign * np.sign(lead - shift))
        for column in ("globals", "value", "score"):
            assert np.array_equal(getattr(moved, column)[~counted], getattr(plain, column)[~counted])
        assert np.array_equal(moved.globals[counted], plain.globals[counted]) == (shift == 0)


def test_the_komi_of_half_the_positions_is_moved() -> None:
    positions = Positions(read(collection([settled_game()] * 9, ["W+0.5"] * 9))[0], SIZE)
    batches = {spread: next(training_batches(positions, 64, 1, 0, spread)) for spread in (0.0, 5.0)}
    moved = (batches[0.0]["score"] != batches[5.0]["score"]).mean()
    assert 0.3 < moved < 0.6


def test_the_komi_after_a_handicap_by_territory_is_that_of_the_search() -> None:
    for rules, beyond in (("Japanese", 2), ("Chinese", 0)):
        bonus = 3 if rules == "Chinese" else 0
        table, _ = read(f"(;SZ[9]RU[{rules}]RE[W+R]KM[0.5]HA[3]AB[gc][cg][gg];W[ee];B[dd];W[cc])".encode())
        batch = Positions(table, SIZE).fill(np.arange(2), np.zeros(2, np.int64))
        game = Game(SIZE, rules_named(rules).replace(komi=0.5))
        game.place_handicap([from_gtp(vertex, SIZE) for vertex in ("G7", "C3", "G3")])
        for row, vertex in enumerate(("E5", "D6")):
            komi = komi_shown(game.board, game.to_move, game.rule_set(), game.passes)
            assert komi == 0.5 + bonus + beyond
            assert abs(batch.globals[row, 0]) == pytest.approx(komi / 15)
            game.play(from_gtp(vertex, SIZE))


@pytest.mark.parametrize("n", [1, 2, 3, 17, 1000, 4097])
def test_a_permutation_hits_every_number_once(n: int) -> None:
    order = Permutation(n, seed=3)(np.arange(n))
    assert np.array_equal(np.sort(order), np.arange(n))
    assert n < 10 or not np.array_equal(order, Permutation(n, seed=4)(np.arange(n)))
    assert n < 1000 or abs(np.corrcoef(order, np.arange(n))[0, 1]) < 0.1


def test_games_and_not_positions_are_held_out() -> None:
    table, _ = read(collection(random_games(20)))
    learned, held = split(table, 0.25, seed=1)
    assert (learned.games, held.games) == (15, 5) and learned.positions + held.positions == table.positions
    games = [table.words[table.start[i] : table.start[i + 1]].tobytes() for i in range(20)]
    parts = []
    for part in (learned, held):
        parts += [part.words[part.start[i] : part.start[i + 1]].tobytes() for i in range(part.games)]
    assert sorted(games) == sorted(parts)


def test_batches_see_every_position_once_and_go_on_where_they_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = Positions(read(collection(random_games(3)))[0], SIZE)
    steps = -(-positions.total // 16)
    asked: list[int] = []
    fill = positions.fill
    monkeypatch.setattr(positions, "fill", lambda picks, *rest: asked.extend(picks.tolist()) or fill(picks, *rest))
    batches = training_batches(positions, 16, seed=5, step=0)
    every = [next(batches) for _ in range(steps + 4)]
    batches.close()
    assert sorted(asked[: positions.total]) == list(range(positions.total)) != asked[: positions.total]
    later = training_batches(positions, 16, seed=5, step=steps)
    for expected in every[steps:]:
        found = next(later)
        assert all(np.array_equal(found[key], expected[key]) for key in expected)
    later.close()
