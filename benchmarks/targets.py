"""What a search of self-play is worth as a teacher: the same network on both sides, searched in two ways.

What a network learns from is the policy that its search finds. The stronger the moves of that search, the further the
network has to go; beyond them it learns nothing. Each variant plays a match against the plain search. The games begin
with moves drawn from the network's policy and a komi that the network calls even.

    python -m benchmarks.targets
    python -m benchmarks.targets --plain "considered=8" "considered=4" "considered=8 simulations=64"
"""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from typing import Any

import click
import numpy as np

from benchmarks.command import Benchmark
from nets.evaluator import default_threads, make_evaluator
from selfplay.config import ConfigError, RunConfig, with_settings
from selfplay.elo import elo_interval
from selfplay.games import GamePool, SelfPlayConfig, evaluator_options
from selfplay.samples import FinishedGame

GAMES = 256  # at once
OPENING = 6.0  # mean number of moves drawn from the policy, before it is rounded down
VARIANTS = (
    "considered=16", "considered=4", "considered=2", "c_scale=0.3", "c_scale=0.1", "search=puct noise=0 drawn_moves=0",
    "simulations=64",
)  # fmt: skip

OWN = {  # what each side has of its own; the rest of the config belongs to the pool
    "search", "simulations", "considered", "c_visit", "c_scale", "doubt", "explore_moves", "noise", "noise_weight",
    "forced", "drawn_moves", "remember", "fast_share", "decided_share", "decided_value", "fast_fraction",
}  # fmt: skip


class Duel(GamePool):
    """A pool that counts the games of each place, for the first player's side."""

    def __init__(self, size: int, evaluator: Any, a: SelfPlayConfig, b: SelfPlayConfig, threads: int) -> None:
        super().__init__(size, GAMES, evaluator, a, seed=1, threads=threads, rival=b)
        self.played = [Counter[float]() for _ in range(GAMES)]  # of each place: sign of the score -> games
        self.most = 0  # games of a place that count

    def _hand_over(self, group: Any, g: int, scratch: Any) -> FinishedGame:
        game = super()._hand_over(group, g, scratch)
        if self.played[g].total() < self.most:
            self.played[g][float(np.sign(game.score)) * (1 if g % 2 == 0 else -1)] += 1
        return game

    def play(self, games: int) -> tuple[int, int, int]:
        """Games won, lost and drawn by the first player. Of each place the same number counts, however long they
        are."""
        self.most = -(-games // GAMES)
        while any(place.total() < self.most for place in self.played):
            self.advance(10_000)
        all_games = sum(self.played, Counter[float]())
        return all_games[1.0], all_games[-1.0], all_games[0.0]


def search_config(text: str) -> SelfPlayConfig:
    """``key=value`` pairs over the plain search: 32 simulations, no exploration."""
    plain = ("simulations=32", "explore_moves=0.0", "remember=false", "prefix_share=0.0", f"opening_mean={OPENING}")
    even = ("even_share=1.0", "komi_spread=0.0")
    settings = tuple(f"selfplay.{part}" for part in (*plain, *even, *text.split()))
    return with_settings(RunConfig(), settings).selfplay


@click.command(cls=Benchmark)
@click.argument("variants", nargs=-1)
@click.option("--plain", default="", help="What every variant is measured against, as key=value pairs.")
@click.option("--net", default="zero-9x9", show_default=True)
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option(
    "--games",
    type=click.IntRange(1),
    default=512,
    show_default=True,
    help="Of a match; rounded up to a multiple of 256.",
)
@click.option("--device", default="auto", show_default=True)
@click.option("--threads", type=click.IntRange(1), default=default_threads(), show_default="the cores")
def main(variants: tuple[str, ...], plain: str, net: str, size: int, games: int, device: str, threads: int) -> None:
    """Each of VARIANTS is a string of key=value pairs of the config's table "selfplay", of those that tell how the root
    is searched."""
    base = search_config(plain)
    settings = {text: search_config(text) for text in variants or VARIANTS}
    for text, config in settings.items():
        differ = [f for f in dataclasses.asdict(config) if getattr(config, f) != getattr(base, f)]
        if others := set(differ) - OWN:
            raise ConfigError(f"{text!r}: {', '.join(sorted(others))} belong to both sides: give --plain the same")
    options = evaluator_options(device, GAMES, base.groups, threads)
    evaluator = make_evaluator(net, size, device, options["batch"], threads, options["side_by_side"])
    told = f"{base.simulations} simulations, {base.considered} considered, c_scale {base.c_scale:g}"
    print(f"{net}, {evaluator.name}; plain: {plain or told}")
    for text, config in settings.items():
        begin = time.monotonic()
        won, lost, drawn = Duel(size, evaluator, config, base, threads).play(games)
        elo, low, high = elo_interval(won, lost, drawn)
        seconds = time.monotonic() - begin
        print(f"{text}: won {won}, lost {lost}, drawn {drawn}: {elo:+.0f} ({low:+.0f} to {high:+.0f}), {seconds:.0f} s")


if __name__ == "__main__":
    main()
