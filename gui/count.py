"""The counted game, as the window shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gogame.board import BLACK, EMPTY, WHITE
from gogame.game import Game
from gogame.geometry import geometry
from gogame.score import score_game

Row = tuple[str, str, str]  # label, Black's points, White's points


@dataclass(frozen=True)
class Count:
    """The rows of the count, its result, and whose each empty or dead point is."""

    title: str
    rows: tuple[Row, ...]
    total: Row
    result: str  # "B+3.5"
    territory: dict[int, int]  # point -> colour


def count_of(game: Game, dead: Iterable[int]) -> Count:
    """Count a finished game with these stones dead: :func:`gogame.score.score_game`, laid out."""
    dead = set(dead)
    score = score_game(game, dead)
    colors = np.where(np.isin(np.arange(score.owners.size), list(dead)), EMPTY, game.board.color)
    surrounded = {color: int(np.sum((score.owners == color) & (colors == EMPTY))) for color in (BLACK, WHITE)}
    rows: list[Row]
    if game.rules.scoring == "area":
        alive = [int(np.sum((score.owners == c) & (colors == c))) for c in (BLACK, WHITE)]
        rows = [
            ("Stones", f"{alive[0]}", f"{alive[1]}"),
            ("Surrounded points", f"{surrounded[BLACK]}", f"{surrounded[WHITE]}"),
        ]
    else:
        taken = [score.black - surrounded[BLACK], score.white - game.komi - surrounded[WHITE]]
        rows = [
            ("Territory", f"{surrounded[BLACK]}", f"{surrounded[WHITE]}"),
            ("Prisoners", f"{taken[0]:g}", f"{taken[1]:g}"),
        ]
    rows.append(("Komi", "", f"{game.rules.komi:g}"))
    if game.white_bonus:
        rows.append(("Handicap stones", "", f"{game.white_bonus}"))
    territory = {
        int(p): int(score.owners[p])
        for p in geometry(game.size).points
        if colors[p] == EMPTY and score.owners[p] in (BLACK, WHITE)
    }
    title = "Area" if game.rules.scoring == "area" else "Territory"
    return Count(title, tuple(rows), ("Total", f"{score.black:g}", f"{score.white:g}"), str(score), territory)


def same_region(game: Game, point: int) -> set[int]:
    """The stones that a click on one means: its chain, and those of its colour beside it through empty
    points."""
    color = int(game.board.color[point])
    neighbors = geometry(game.size).neighbors
    seen, todo, stones = {point}, [point], set()
    while todo:
        here = todo.pop()
        if game.board.color[here] == color:
            stones.add(here)
        for near in map(int, neighbors[here]):
            if near and near not in seen and game.board.color[near] in (color, EMPTY):
                seen.add(near)
                todo.append(near)
    return stones
