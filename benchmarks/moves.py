"""Random moves a second on one core, beside sgfmill's board on the same games.

    python -m benchmarks.moves [--json] [--rounds 7]

The jitted kernel draws legal moves at random, own eyes left alone, and starts again when a game is long enough or has
no move left. "play only" replays recorded random games (legality checked), which is what sgfmill's board does too:
its figure is of the very same moves. Seconds are the thread's own (CPU time); figures are medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table
from sgfmill import boards as sgfmill

from gogame.board import BLACK, Board, copy_into, is_legal, new_board, play
from gogame.geometry import geometry, row_col
from gogame.kernel import kernel
from gogame.random_games import FIRST_SEED, random_game, random_moves

RANDOM_MOVES = 1_000_000  # moves of a round
RECORDED_GAMES = 40


@kernel
def replay(board: Board, start: Board, games: np.ndarray, lengths: np.ndarray) -> int:
    """Replays games (int16 [G, L]) of these lengths; returns the number of legal moves."""
    legal = 0
    for g in range(lengths.size):
        copy_into(board, start)
        color = BLACK
        for i in range(lengths[g]):
            point = np.int64(games[g, i])
            legal += is_legal(board, point, color, False)
            play(board, point, color)
            color = 3 - color
    return legal


def replay_sgfmill(size: int, games: np.ndarray, lengths: np.ndarray) -> int:
    """The same games on sgfmill's board."""
    for game, length in zip(games, lengths, strict=True):
        board, color = sgfmill.Board(size), "b"
        for point in game[:length]:
            row, col = row_col(int(point), size)
            board.play(size - 1 - row, col, color)
            color = "w" if color == "b" else "b"
    return int(lengths.sum())


def rate(work: Callable[[], int], rounds: int) -> float:
    """Moves a second, the median of the rounds; the first call, which compiles, is not counted."""
    work()
    rates = []
    for _ in range(rounds):
        began = time.thread_time()
        moves = work()
        rates.append(moves / (time.thread_time() - began))
    return statistics.median(rates)


def measure(size: int, rounds: int) -> dict[str, float]:
    """The figures of one board size."""
    limit = 2 * size * size
    start, board, seed = new_board(size), new_board(size), np.array([FIRST_SEED], np.uint64)
    empty = geometry(size).points.copy()
    games, lengths = np.zeros((RECORDED_GAMES, limit), np.int16), np.zeros(RECORDED_GAMES, np.int64)
    for g in range(RECORDED_GAMES):
        copy_into(board, start)
        lengths[g] = random_game(board, empty, BLACK, limit, seed, games[g])
    many, many_lengths = np.tile(games, (50, 1)), np.tile(lengths, 50)
    if replay(board, start, games, lengths) != lengths.sum():
        raise AssertionError("a recorded game has an illegal move")
    last = np.zeros(limit, np.int16)
    random = rate(lambda: random_moves(board, start, empty, RANDOM_MOVES, seed, last), rounds)
    played = rate(lambda: (replay(board, start, many, many_lengths), int(many_lengths.sum()))[1], rounds)
    slow = rate(lambda: replay_sgfmill(size, games, lengths), rounds)
    return {"size": size, "random": random, "replay": played, "sgfmill": slow, "ratio": played / slow}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--rounds", type=int, choices=range(1, 1000), metavar="N", default=7, help="rounds of each figure"
    )
    args = parser.parse_args()
    rows = [measure(size, args.rounds) for size in (9, 19)]
    if args.json:
        for row in rows:
            print(json.dumps(row))
        return
    table = Table(title=f"moves a second of one core, medians of {args.rounds} rounds")
    for name in ("board", "random moves", "play only", "sgfmill's board", "play only / sgfmill"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            f"{row['size']:.0f}x{row['size']:.0f}", f"{row['random']:,.0f}", f"{row['replay']:,.0f}",
            f"{row['sgfmill']:,.0f}", f"{row['ratio']:,.0f}x",
        )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
