"""Random games, replayed through GNU Go: stones, prisoners and legality of both colours after every move."""

from __future__ import annotations

import os
import shutil
import subprocess

import numpy as np
import pytest

from gogame import board as kernels
from gogame.board import BLACK, CAPTURED_BLACK, CAPTURED_WHITE, WHITE, new_board
from gogame.coords import to_gtp
from gogame.geometry import PASS, geometry

NAMES = {BLACK: "black", WHITE: "white"}
QUESTIONS = [f"{what} {name}" for what in ("list_stones", "all_legal", "captures") for name in NAMES.values()]


def find_gnugo() -> str:
    path = shutil.which("gnugo", path=os.environ.get("PATH", "") + os.pathsep + "/usr/games")
    if not path:
        pytest.skip("GNU Go is not installed (Debian and Ubuntu: apt install gnugo)")
    return path


def random_game(size: int, seed: int) -> tuple[list[str], list[list[set[str]]]]:
    """The GTP commands of a random game, and what GNU Go should answer to QUESTIONS after each move.

    Eyes are filled now and then, and some moves are passes, so that captures and kos are many."""
    rng = np.random.default_rng([size, seed])
    board, color, points = new_board(size), BLACK, geometry(size).points
    marks = np.zeros(board.color.size, np.uint8)
    commands = [f"boardsize {size}", "clear_board"]
    expected = []
    for _ in range(int(2.2 * size * size)):
        kernels.legal_points(board, color, False, marks)
        choice = [p for p in map(int, np.flatnonzero(marks)) if rng.random() < 0.1 or not eye(board, p, color)]
        move = int(rng.choice(choice)) if choice and rng.random() < 0.99 else PASS
        kernels.play(board, move, color)
        commands.append(f"play {NAMES[color]} {to_gtp(move, size)}")
        commands += QUESTIONS
        answers = [{to_gtp(int(p), size) for p in points if board.color[p] == c} for c in NAMES]
        for c in NAMES:
            kernels.legal_points(board, c, False, marks)
            answers.append({to_gtp(int(p), size) for p in np.flatnonzero(marks)})
        answers += [{str(board.state[CAPTURED_WHITE])}, {str(board.state[CAPTURED_BLACK])}]
        expected.append(answers)
        color = 3 - color
    return commands, expected


def eye(board, point: int, color: int) -> bool:
    return bool(kernels.is_simple_eye(board, point, color))


def compare(size: int, games: range) -> int:
    """Replays the games in one process of GNU Go each; returns the number of moves compared."""
    gnugo, moves = find_gnugo(), 0
    for seed in games:
        commands, expected = random_game(size, seed)
        run = subprocess.run(
            [gnugo, "--mode", "gtp"],
            input="\n".join([*commands, "quit", ""]),
            capture_output=True, text=True, timeout=300, check=True,
        )  # fmt: skip
        answers = run.stdout.split("\n\n")[: len(commands)]
        for k, wanted in enumerate(expected):
            at = 2 + k * (len(QUESTIONS) + 1)
            place = f"{size}x{size}, game {seed}, move {k + 1}: {commands[at]}"
            assert answers[at] == "= ", place
            for question, answer, want in zip(QUESTIONS, answers[at + 1 :], wanted, strict=False):
                assert set(answer[1:].split()) == want, f"{place}: {question}"
        moves += len(expected)
    return moves


@pytest.mark.parametrize(("size", "games"), [(9, 12), (19, 1)])
def test_random_games_agree_with_gnugo(size, games, needs_jit):
    assert compare(size, range(games)) >= games * 2 * size * size


@pytest.mark.slow
@pytest.mark.parametrize(("size", "games"), [(9, 300), (19, 30)])
def test_many_random_games_agree_with_gnugo(size, games, needs_jit):
    assert compare(size, range(1000, 1000 + games)) >= games * 2 * size * size
