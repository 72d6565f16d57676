"""Ratings from results, and a sequential test.

The model is Elo's: the expected score of A against B is 1 / (1 + 10^((b - a) / 400)); a draw is half a win.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SCALE = 400 / math.log(10)  # Elo points of one unit of log-odds


@dataclass(frozen=True)
class Result:
    """Games between two players, from A's side."""

    a: str
    b: str
    wins: int
    losses: int
    draws: int = 0

    @property
    def games(self) -> int:
        return self.wins + self.losses + self.draws

    @property
    def score(self) -> float:
        """A's share of the points."""
        return (self.wins + 0.5 * self.draws) / self.games if self.games else 0.5


def elo_of_score(score: float) -> float:
    """The difference in Elo that this expected score stands for; infinite at 0 and 1."""
    if score <= 0:
        return -math.inf
    return math.inf if score >= 1 else SCALE * math.log(score / (1 - score))


def elo_interval(wins: int, losses: int, draws: int = 0, z: float = 1.96) -> tuple[float, float, float]:
    """(Elo difference, lower and upper end of its confidence interval), 95 % for z = 1.96.

    Wilson's score interval of the expected score (Wilson 1927; Brown, Cai & DasGupta 2001), carried over to Elo. A
    draw counts as half a win and half a loss, which makes the interval a little too wide, never too narrow.
    """
    n = wins + losses + draws
    if n == 0:
        return 0.0, -math.inf, math.inf
    p = (wins + 0.5 * draws) / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = middle - half, middle + half
    return (
        elo_of_score(p),
        elo_of_score(low if p > 0 else 0.0),
        elo_of_score(high if p < 1 else 1.0),
    )


def linked(results: Sequence[Result], anchor: str) -> list[Result]:
    """The results that have to do with the anchor: of players that met it, or one that has to do with it."""
    names, before = {anchor}, 0
    while len(names) > before:
        before = len(names)
        names |= {name for r in results if {r.a, r.b} & names for name in (r.a, r.b)}
    return [r for r in results if r.a in names]


def ratings(results: Sequence[Result], anchor: str, prior: float = 0.5) -> dict[str, tuple[float, float]]:
    """Elo and its standard error for every player, the ``anchor`` at 0.

    Maximum likelihood of the Bradley-Terry model (Hunter 2004; Coulom's BayesElo without the colours), by Newton's
    method; ``prior`` draws are added to each pairing, so that a clean sweep has a finite rating. The error is the
    square root of the inverse information's diagonal.
    """
    names = sorted({name for r in results for name in (r.a, r.b)} | {anchor})
    index = {name: i for i, name in enumerate(names)}
    strength = np.zeros(len(names))
    free = [i for i in range(len(names)) if i != index[anchor]]
    information = np.eye(len(names))
    for _ in range(100):
        gradient, information = np.zeros(len(names)), np.zeros((len(names), len(names)))
        for r in results:
            i, j = index[r.a], index[r.b]
            n = r.games + prior
            expected = 1 / (1 + math.exp(strength[j] - strength[i]))
            surplus = r.wins + 0.5 * (r.draws + prior) - n * expected
            gradient[i] += surplus
            gradient[j] -= surplus
            weight = n * expected * (1 - expected)
            information[i, i] += weight
            information[j, j] += weight
            information[i, j] -= weight
            information[j, i] -= weight
        inner = information[np.ix_(free, free)] + 1e-9 * np.eye(len(free))
        step = np.linalg.solve(inner, gradient[free]) if free else np.zeros(0)
        strength[free] += np.clip(step, -2, 2)
        if not free or np.abs(step).max() < 1e-6:
            break
    error = np.zeros(len(names))
    if free:
        inverse = np.linalg.inv(information[np.ix_(free, free)] + 1e-9 * np.eye(len(free)))
        error[free] = np.sqrt(np.diag(inverse))
    return {name: (SCALE * float(strength[i]), SCALE * float(error[i])) for name, i in index.items()}


@dataclass(frozen=True)
class Sprt:
    """Wald's sequential probability ratio test: is A stronger than B by ``elo1`` rather than by ``elo0``?"""

    elo0: float = 0.0
    elo1: float = 50.0
    alpha: float = 0.05  # probability of a wrong "yes"
    beta: float = 0.05  # probability of a wrong "no"

    def log_ratio(self, wins: int, losses: int, draws: int = 0) -> float:
        """The log-likelihood ratio. A draw counts as half a win and half a loss."""
        p0, p1 = (1 / (1 + 10 ** (-elo / 400)) for elo in (self.elo0, self.elo1))
        won, lost = wins + 0.5 * draws, losses + 0.5 * draws
        return won * math.log(p1 / p0) + lost * math.log((1 - p1) / (1 - p0))

    def verdict(self, wins: int, losses: int, draws: int = 0) -> bool | None:
        """True (elo1 is accepted), False (elo0 is), or None while it is open."""
        ratio = self.log_ratio(wins, losses, draws)
        if ratio >= math.log((1 - self.beta) / self.alpha):
            return True
        return False if ratio <= math.log(self.beta / (1 - self.alpha)) else None


def table(found: Mapping[str, tuple[float, float]]) -> list[tuple[str, float, float]]:
    """(name, Elo, standard error), strongest first."""
    return sorted(((n, e, s) for n, (e, s) in found.items()), key=lambda row: -row[1])
