"""What self-play produces: finished games, with all that is learned from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gogame.rules import RuleSet


@dataclass
class FinishedGame:
    """A game of T moves on an S x S board; Black moved first and the colours alternated."""

    size: int
    ruleset: RuleSet
    actions: np.ndarray  # int16 [T] action index, the pass is S*S
    policy: np.ndarray  # uint8 [T, S*S+1] policy target, quantised to a sum of about 255; all 0: no target
    value: np.ndarray  # float32 [T] value of the root after its search in [-1, 1], mover's view
    opening: int  # the first so many moves were not searched
    score: float  # Black's lead in points, komi taken off
    ownership: np.ndarray  # int8 [S*S] Black's view: 1, 0, -1
    resigned: bool
