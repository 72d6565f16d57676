"""The rules of Go: boards, games, scores, records. Needs numpy and numba, nothing else of this program.

The names below are the package's public face; the kernels are in :mod:`gogame.board`, :mod:`gogame.score` and
:mod:`gogame.ladders`. Names are loaded when they are first used, so that ``gogame --help`` compiles nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gogame.board import BLACK, EMPTY, WHITE, Board, copy_board, new_board
    from gogame.coords import from_gtp, from_sgf, star_points, to_gtp, to_sgf
    from gogame.game import Game, IllegalMove
    from gogame.geometry import PASS, Geometry
    from gogame.rules import PRESETS, Rules, RuleSet, default_rules, rules_named
    from gogame.score import Score, score_game
    from gogame.sgf import SgfError, game_of_sgf, sgf_of_game

DIST_NAME = "gogame-zero"  # the name on PyPI's terms; `gogame` is taken

_HOME = {
    "board": ("BLACK", "EMPTY", "WHITE", "Board", "copy_board", "new_board"),
    "coords": ("from_gtp", "from_sgf", "star_points", "to_gtp", "to_sgf"),
    "game": ("Game", "IllegalMove"),
    "geometry": ("PASS", "Geometry"),
    "rules": ("PRESETS", "Rules", "RuleSet", "default_rules", "rules_named"),
    "score": ("Score", "score_game"),
    "sgf": ("SgfError", "game_of_sgf", "sgf_of_game"),
}

__all__ = [
    "BLACK",
    "EMPTY",
    "PASS",
    "PRESETS",
    "WHITE",
    "Board",
    "Game",
    "Geometry",
    "IllegalMove",
    "RuleSet",
    "Rules",
    "Score",
    "SgfError",
    "copy_board",
    "default_rules",
    "from_gtp",
    "from_sgf",
    "game_of_sgf",
    "new_board",
    "rules_named",
    "score_game",
    "sgf_of_game",
    "star_points",
    "to_gtp",
    "to_sgf",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(f"gogame.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
