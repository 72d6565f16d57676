"""What each technique of self-play is worth: short runs that differ in one setting, matched against the plain one.

    python -m benchmarks.ablations --out runs/ablations [--size 7] [--net 2x32] [--evaluations 1000000] [--seeds 2]

Every run gets the same number of network evaluations in self-play, whatever they are spent on, and uses each sample
equally often; nothing follows the clock, so that other work on the machine changes nothing. Then each network of a
variant plays each of the plain runs' networks, all by the same search, which looks at the result alone (one variant
has not learned the score). The Elo is of all those games together; "between runs" is the spread of the pairings, which
the interval of the games does not know; "unfinished" the share of the evaluations that went into games which did not
end in time. What is finished is kept in ``--out``: the same command goes on, and more seeds
can be added.
"""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from gogame.disk import write_atomically
from nets.config import NetConfig
from nets.evaluator import evaluator_of
from nets.weights import load_net, save_net
from selfplay.arena import Arena
from selfplay.buffer import ReplayBuffer, window_size
from selfplay.config import RunConfig, with_settings
from selfplay.elo import elo_interval
from selfplay.games import GamePool, evaluator_options

PLAIN = "plain"
PLAIN_SETTINGS = ("selfplay.simulations=16",)  # of every variant that does not say otherwise
VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    PLAIN: ("Gumbel, 16 simulations, all targets", ()),
    "n8": ("8 simulations: twice the games", ("selfplay.simulations=8",)),
    "n8-considered-4": ("... 4 moves considered", ("selfplay.simulations=8", "selfplay.considered=4")),
    "n32": ("32 simulations: half the games", ("selfplay.simulations=32",)),
    "considered-16": ("16 moves considered instead of 8", ("selfplay.considered=16",)),
    "considered-4": ("4 moves considered instead of 8", ("selfplay.considered=4",)),
    "puct": ("PUCT with Dirichlet noise", ("selfplay.search=puct",)),
    "puct-48": ("... of 48 simulations", ("selfplay.search=puct", "selfplay.simulations=48")),
    "puct-forced": ("... and forced playouts, k = 2, pruned", ("selfplay.search=puct", "selfplay.forced=2")),
    "fast": (
        "Gumbel, 3 of 4 moves fast: 32 or 10 simulations",
        ("selfplay.simulations=32", "selfplay.fast_share=0.75", "selfplay.fast_fraction=0.3"),
    ),
    "fast-reuse": (
        "... each sample used 12 times instead of 3",
        (
            "selfplay.simulations=32",
            "selfplay.fast_share=0.75",
            "selfplay.fast_fraction=0.3",
            "learn.reuse=12.0",
        ),
    ),  # fmt: skip
    "puct-fast": (
        "PUCT, forced, 3 of 4 moves fast: 32 or 10",
        (
            "selfplay.search=puct",
            "selfplay.forced=2",
            "selfplay.simulations=32",
            "selfplay.fast_share=0.75",
            "selfplay.fast_fraction=0.3",
        ),
    ),  # fmt: skip
    "doubt-1": ("a visit's Q averaged with the root's value", ("selfplay.doubt=1.0",)),
    "doubt-3": ("... which counts as three visits", ("selfplay.doubt=3.0",)),
    "decided-fast": (
        "3 of 4 moves of decided games fast: 4",
        ("selfplay.decided_share=0.75", "selfplay.fast_fraction=0.25"),
    ),
    "noise-0.3": ("noise in the first moves alone, 0.3 a point", ("selfplay.explore_moves=0.3",)),
    "no-reply": ("without the opponent's reply", ("train.reply=0.0",)),
    "no-ownership": (
        "without ownership and score targets",
        ("train.ownership=0.0", "train.score_mean=0.0", "train.score_spread=0.0", "selfplay.score_weight=0.0"),
    ),
    "result": ("value target: the result alone", ("learn.value_mix=0.0",)),
    "no-symmetry": ("without symmetries", ("learn.symmetries=false", "selfplay.symmetries=false")),
    "no-opening": ("no drawn openings", ("selfplay.opening_mean=0.0", "selfplay.prefix_share=0.0")),
    "one-komi": ("komi 7 in every game", ("selfplay.komi_spread=0.0",)),
    "no-ema": ("last weights instead of their average", ("train.ema=0.0",)),
}


@dataclasses.dataclass(frozen=True)
class Scale:
    """How much each run may spend."""

    size: int
    net: str
    evaluations: int
    games: int = 32  # at once: few, since those that are under way at the end are lost, the longer the search the more
    batch: int = 128
    rounds: int = 50


def config_of(variant: str) -> RunConfig:
    """The plain run's config with the variant's changes."""
    return with_settings(RunConfig(), PLAIN_SETTINGS + VARIANTS[variant][1])


def one_run(variant: str, seed: int, scale: Scale, threads: int) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Plays and learns; returns the averaged weights and what was counted on the way."""
    import torch

    from nets.model import Network
    from nets.train import Trainer
    from nets.train_config import TrainConfig

    config = config_of(variant)
    learn, began = config.learn, time.perf_counter()
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    shape = NetConfig.named(scale.net)
    trainer = Trainer(Network(shape), TrainConfig.from_dict(dict(config.train) | {"lr": 1e-3, "device": "cpu"}))
    buffer = ReplayBuffer(
        scale.size, 200_000, value_mix=learn.value_mix, value_lambda=learn.value_lambda, seed=seed,
        symmetries=learn.symmetries,
    )  # fmt: skip

    def evaluator() -> Any:
        options = evaluator_options("cpu", scale.games, config.selfplay.groups, threads)
        return evaluator_of(shape, trainer.ema_arrays(), scale.size, "cpu", threads=threads, **options)

    pool = GamePool(scale.size, scale.games, evaluator(), config.selfplay, seed, threads)
    pool.set_simulations(config.selfplay.simulations)
    trained = games = 0
    for number in range(scale.rounds):
        finished = pool.advance(scale.evaluations // scale.rounds)
        games += len(finished)
        for game in finished:
            buffer.add(game)
        buffer.window = window_size(buffer.count, 8_000, learn.window_growth, learn.window_power)
        share = number / scale.rounds
        peak = config.schedule.lr_per_sample * scale.batch * (1 / 3 if share < 0.05 else 1)
        trainer.set_lr(peak * 0.1 ** sum(share >= drop for drop in config.schedule.drops))
        if buffer.count < 2000:
            continue
        while trained + scale.batch <= learn.reuse * buffer.count:
            trainer.step(buffer.sample(scale.batch))
            trained += scale.batch
        pool.set_evaluator(evaluator())
    counted = {"games": games, "positions": buffer.count, "samples": trained, "evaluations": pool.evaluations}
    counted["unfinished"] = pool.in_flight  # evaluations of games that nobody learned from
    return trainer.ema_arrays(), counted | {"seconds": round(time.perf_counter() - began, 1)}


def settings_of(variant: str) -> dict[str, Any]:
    """All that a run of the variant depends on, defaults and all, as JSON has it."""
    config = config_of(variant)
    tables = {name: getattr(config, name) for name in ("selfplay", "learn", "schedule")}
    told = {name: dataclasses.asdict(table) for name, table in tables.items()} | {"train": dict(config.train)}
    return dict(json.loads(json.dumps(told)))


class Lab:
    """The folder of the runs and of their matches."""

    def __init__(self, folder: Path, scale: Scale, threads: int) -> None:
        self.folder, self.scale, self.threads = folder, scale, threads
        self._path = folder / "results.json"
        folder.mkdir(parents=True, exist_ok=True)
        told = dataclasses.asdict(scale)
        self.found: dict[str, Any] = {"scale": told, "runs": {}, "matches": {}}
        if self._path.exists():
            self.found = json.loads(self._path.read_text())
            if self.found["scale"] != told:
                raise click.ClickException(f"{folder} holds runs of another scale: choose another --out")

    def _keep(self) -> None:
        write_atomically(self._path, json.dumps(self.found, indent=1).encode())

    def _net(self, variant: str, seed: int) -> Path:
        return self.folder / f"{variant}-{seed}.safetensors"

    def train(self, variant: str, seed: int) -> None:
        """One run, unless it is there."""
        name, settings = f"{variant}-{seed}", settings_of(variant)
        if name in self.found["runs"]:
            if self.found["runs"][name]["settings"] != settings:
                raise click.ClickException(f"{self.folder}: {name} was run with other settings; choose another --out")
            return
        arrays, counted = one_run(variant, seed, self.scale, self.threads)
        meta = {"sizes": [self.scale.size], "origin": f"ablation {name}"}
        save_net(self._net(variant, seed), arrays, meta, NetConfig.named(self.scale.net))
        self.found["runs"][name] = counted | {"settings": settings}
        self._keep()
        click.echo(f"{name}: {counted}")

    def match(self, variant: str, seed: int, plain: int, games: int, visits: int) -> None:
        """A variant's network against a plain run's, unless they have met."""
        name = f"{variant}-{seed} {PLAIN}-{plain} {games} {visits}"
        if name in self.found["matches"]:
            return
        sides = []
        for path in (self._net(variant, seed), self._net(PLAIN, plain)):
            shape, arrays, _ = load_net(path)
            sides.append(evaluator_of(shape, arrays, self.scale.size, "cpu", games, self.threads))
        turned = config_of(variant).learn.symmetries, True
        match = Arena(*sides, games, visits, opening=4.0, seed=1000 * seed + plain, score_weight=0.0, turned=turned)
        result = match.play()
        assert result is not None
        self.found["matches"][name] = [result.wins, result.losses, result.draws]
        self._keep()

    def table(self, games: int, visits: int) -> Table:
        """Each variant's Elo above the plain runs."""
        size, net, evaluations = self.scale.size, self.scale.net, self.scale.evaluations
        out = Table(title=f"{size}x{size}, {net}, {evaluations:,} evaluations a run; matches at {visits} visits")
        for column in ("variant", "what", "runs", "games made", "unfinished", "points", "Elo", "95 %", "between runs"):
            out.add_column(column, justify="left" if column in ("variant", "what") else "right")
        for variant, (what, _) in VARIANTS.items():
            runs = [run for name, run in self.found["runs"].items() if name.rpartition("-")[0] == variant]
            matches = [
                result for name, result in self.found["matches"].items()
                if name.split()[0].rpartition("-")[0] == variant and name.endswith(f" {games} {visits}")
            ]  # fmt: skip
            if not runs:
                continue
            row = [variant, what, str(len(runs)), f"{np.mean([run['games'] for run in runs]):,.0f}"]
            row += [f"{np.mean([run['unfinished'] / run['evaluations'] for run in runs]):.0%}"]
            if matches:
                wins, losses, draws = np.array(matches).sum(0).tolist()
                elo, low, high = elo_interval(wins, losses, draws)
                each = [elo_interval(w, lost, d)[0] for w, lost, d in matches]
                row += [f"{wins + draws / 2:g}/{wins + losses + draws}", f"{elo:+.0f}", f"{low:+.0f} to {high:+.0f}"]
                row += [f"{min(each):+.0f} to {max(each):+.0f}"]
            out.add_row(*row)
        return out


@click.command(cls=Benchmark)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where results are kept.")
@click.option("--size", type=click.IntRange(7, 19), default=7, show_default=True)
@click.option("--net", default="2x32", show_default=True, metavar="BxC")
@click.option("--evaluations", type=click.IntRange(10_000), default=1_000_000, show_default=True, help="Of each run.")
@click.option("--seeds", type=click.IntRange(1, 20), default=2, show_default=True, help="Runs of each variant.")
@click.option("--games", type=click.IntRange(2), default=100, show_default=True, help="Of each two networks.")
@click.option("--visits", type=click.IntRange(2), default=16, show_default=True, help="Of a move in the matches.")
@click.option("--only", multiple=True, type=click.Choice(list(VARIANTS)), help="These variants alone.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@click.option("--show", is_flag=True, help="Print what there is and run nothing.")
def main(
    out: Path, size: int, net: str, evaluations: int, seeds: int, games: int, visits: int, only: tuple[str, ...],
    threads: int, show: bool,
) -> None:  # fmt: skip
    """Run what is missing and print the table."""
    lab = Lab(out, Scale(size, net, evaluations), threads)
    chosen = [variant for variant in VARIANTS if not only or variant in only or variant == PLAIN]
    for seed in () if show else range(seeds):
        for variant in chosen:
            lab.train(variant, seed)
    for variant in () if show else chosen:
        for seed in range(seeds):
            for plain in range(seeds):
                if variant != PLAIN or seed < plain:
                    lab.match(variant, seed, plain, games, visits)
    Console(width=150).print(lab.table(games, visits))


if __name__ == "__main__":
    main()
