"""What the end of a game is over GTP, word for word as GNU Go says it where both know the dead stones."""

from __future__ import annotations

import subprocess

import pytest

from tests.gogame.gtp_scripted import Scripted, ask, talk
from tests.gogame.test_gnugo import find_gnugo

# Two walls with two neutral points between them, and a dead stone on either side.
MOVES = """b c1 w e1 b c2 w e2 b c3 w d3 b c4 w d4 b c5 w d5 b c6 w d6 b c7 w d7 w a7 b g1""".split()
SETUP = ["boardsize 7", "komi 7", *(f"play {a} {b}" for a, b in zip(MOVES[::2], MOVES[1::2], strict=True))]
POINTS = [f"{column}{row}" for column in "ABCDEFG" for row in range(1, 8)]
QUESTIONS = [
    *(f"final_status_list {status}" for status in ("white_territory", "black_territory", "dame", "dead", "alive")),
    "final_score",
    *(f"final_status {point}" for point in POINTS),
    *(f"findlib {point}" for point in POINTS),
]


def as_sets(answers: list[str]) -> list[tuple[str, frozenset[str]]]:
    """Each answer as its first sign and its words; a score as a number."""
    return [(a[:1], frozenset(w.removesuffix(".0").lower() for w in a[1:].split())) for a in answers]


def test_points_and_stones_are_what_gnugo_says():
    text = "\n".join([*SETUP, *QUESTIONS, ""])
    command = [find_gnugo(), "--mode", "gtp", "--chinese-rules"]
    heard = subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=60).stdout
    theirs = heard.split("\n\n")[len(SETUP) : len(SETUP) + len(QUESTIONS)]
    ours = talk(text, Scripted(dead="A7 G1"))[len(SETUP) :]
    different = [
        (question, a, b)
        for question, a, b, x, y in zip(QUESTIONS, ours, theirs, as_sets(ours), as_sets(theirs), strict=True)
        if x != y and not (a.startswith("?") and b.startswith("?"))
    ]
    assert not different
    assert ask(*SETUP, "final_status_list dame", player=Scripted(dead="A7 G1")) == "= D2 D1"


@pytest.mark.parametrize(
    ("setup", "found"),
    [
        ([], "= W+1.0 (upper bound: 5.0, lower: -3.0)"),
        (["play b e5"], "= W+1.0 (upper bound: 5.0, lower: -3.0)"),
        (["play b e5", "play w pass", "play b pass"], "= B+74.0 (upper bound: -74.0, lower: -74.0)"),
        (["play b e5", "play w e6", "play b pass", "play w pass"], "= W+7.0 (upper bound: 7.0, lower: 7.0)"),
    ],
)
def test_the_estimate_is_the_networks_until_the_game_is_over(setup, found):
    class Leading(Scripted):
        def raw(self, game, symmetry=0):
            from dataclasses import replace

            white = game.to_move == 2
            return replace(super().raw(game, symmetry), score_lead=1.0 if white else -1.0)

    assert ask(*setup, "estimate_score", player=Leading()) == found


def test_top_moves_are_of_the_colour_that_is_asked_for():
    player = Scripted()
    assert ask("play b e5", "top_moves_black", player=player) == "= A9 53.12 B9 53.12 C9 53.12"
    assert ask("play b e5", "top_moves_white", player=player) == "= A9 53.12 B9 53.12 C9 53.12"
    assert ask("play b e5", "top_moves", player=player).startswith("= A9")
    assert [call for call in player.calls if "analyse" in call] == [f"analyse {n} 1 [] None" for n in (1, 2, 2)]


def test_a_vertex_is_wanted():
    for name in ("final_status", "findlib"):
        assert ask(name) == "? syntax error: expected a vertex"
        assert ask(f"{name} z9") == ask(f"{name} pass") == "? invalid vertex"
    assert ask("findlib a1") == "? vertex must not be empty"
