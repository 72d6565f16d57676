"""What a grown network learns beside the small one it began as and a fresh one of its size, from a run's games.

    python -m benchmarks.grow RUN --net NAME|PATH [--shape 6x96] [--steps 400] [--rate 1e-4]

Each learns from the same batches of the run's window; one game in twenty is left out, and the losses are of 4,096 draws
from the positions of these games, some more than once. The network is the average of the weights, as it plays. No time
is measured: a step of the larger network takes several times as long. The run may be at work: its config and its games
are read, and nothing is written.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from nets.config import NetConfig
from nets.grow import grown, placed_blocks
from nets.model import Network, export_arrays, import_arrays
from nets.train import Trainer
from nets.train_config import TrainConfig
from nets.weights import find_net, load_net
from selfplay.buffer import ReplayBuffer
from selfplay.config import RunConfig, read_config
from selfplay.shards import GameStore

LOSSES = ("policy", "value", "ownership")
MEASURED = 4096  # draws that the losses are of, in batches of 256


def windows(run: Path, config: RunConfig, positions: int) -> tuple[ReplayBuffer, ReplayBuffer]:
    """The newest games of a run on its smallest board: to learn from, and every twentieth, left out."""
    size, learn = config.run.sizes[0], config.learn
    store = GameStore(run / "games", config.run.sizes, partial(click.echo, err=True))
    games = [game for game in store.newest(positions) if game.size == size]
    room = max([positions + 4 * size**2, *(len(game.actions) for game in games)])
    learned, held = (
        ReplayBuffer(size, room, value_mix=learn.value_mix, value_lambda=learn.value_lambda, seed=s) for s in (1, 2)
    )
    for number, game in enumerate(games):
        (held if number % 20 == 0 else learned).add(game)
    if not len(learned) or not len(held):
        raise click.ClickException(f"{run}: too few games to learn from and to leave out: {len(games)} can be read")
    return learned, held


def averaged(trainer: Trainer) -> Trainer:
    """A trainer of its own whose network has the averaged weights, to measure with."""
    network = Network(trainer.model.config)
    import_arrays(network, trainer.ema_arrays())
    return Trainer(network, TrainConfig(device="cpu", bf16=False))


@click.command(cls=Benchmark)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--net", metavar="NAME|PATH", required=True, help="The small network.")
@click.option("--shape", metavar="BxC", default="6x96", show_default=True)
@click.option("--steps", type=click.IntRange(4), default=400, show_default=True)
@click.option("--batch", type=click.IntRange(8), default=256, show_default=True)
@click.option("--rate", type=float, default=1e-4, show_default=True, help="Learning rate a sample.")
@click.option("--positions", type=click.IntRange(1000), default=200_000, show_default=True, help="Of the window.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
def main(run: Path, net: str, shape: str, steps: int, batch: int, rate: float, positions: int, threads: int) -> None:
    """Print the losses on games left out."""
    torch.set_num_threads(threads)
    compare(run, net, shape, steps, batch, rate, positions)


def compare(run: Path, net: str, shape: str, steps: int, batch: int, rate: float, positions: int) -> None:
    """Prints the table."""
    config = read_config(run / "config.toml")
    begun = find_net(net, config.run.sizes[0])
    small, arrays, _ = load_net(begun.path)
    large = NetConfig.named(shape)
    placed_blocks(small, large)
    options = TrainConfig(device="cpu", lr=rate * batch)
    learned, held = windows(run, config, positions)
    torch.manual_seed(0)
    fresh = export_arrays(Network(large))
    measured = [held.sample(256) for _ in range(MEASURED // 256)]
    table = Table(
        title=f"{len(learned):,} positions, {MEASURED:,} draws of {len(held):,} others; "
        f"{begun.name} and {shape}, steps of {batch}"
    )
    for name in ("network", "steps", *LOSSES):
        table.add_column(name, justify="left" if name == "network" else "right")
    for name, form, begin in (
        (str(small), small, arrays),
        (f"{shape} grown", large, grown(small, arrays, large, fresh)),
        (f"{shape} fresh", large, fresh),
    ):
        network = Network(form)
        import_arrays(network, begin)
        trainer = Trainer(network, options)
        learned.load_state(ReplayBuffer(learned.size, 1, seed=3).state())  # the same batches for each
        for done in range(steps + 1):
            if done in {round(steps * quarter / 4) for quarter in range(5)}:
                losses = [averaged(trainer).evaluate(data) for data in measured]
                means = [sum(loss[part] for loss in losses) / len(losses) for part in LOSSES]
                table.add_row(name, str(done), *(f"{mean:.3f}" for mean in means))
            if done < steps:
                trainer.set_lr(rate * batch * min(1.0, (done + 1) / 50))
                trainer.step(learned.sample(batch))
        table.add_section()
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
