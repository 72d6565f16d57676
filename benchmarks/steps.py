"""How long a training step takes: milliseconds, and samples a second, in bfloat16 and in float32.

    python -m benchmarks.steps [--net 4x64] [--size 9] [--batch 256] [--device cpu]

The samples are random, the work is that of real ones. Both precisions are measured in turn, a step of each; medians.
"""

from __future__ import annotations

import statistics
import time

import click
import numpy as np
import torch

from nets.bf16 import cpu_has_bf16
from nets.config import GLOBALS, PLANES, NetConfig, NetError
from nets.model import Network
from nets.train import Trainer
from nets.train_config import TrainConfig

WARM = 3  # steps before the clock runs


def random_batch(size: int, count: int) -> dict[str, np.ndarray]:
    """Samples of no game, as :meth:`nets.train.Trainer.step` takes them."""
    rng = np.random.default_rng(0)
    whole = np.ones(count, np.float32)
    policy, reply = rng.dirichlet(np.full(size * size + 1, 0.1), (2, count)).astype(np.float32)
    return {
        "planes": (rng.random((count, PLANES, size, size)) < 0.2).astype(np.uint8),
        "globals": rng.random((count, GLOBALS), np.float32),
        "policy": policy, "policy_weight": whole, "reply": reply, "reply_weight": whole,
        "value": np.eye(3, dtype=np.float32)[rng.integers(0, 2, count)],
        "score": rng.normal(0, 5, count).astype(np.float32), "score_weight": whole,
        "ownership": rng.choice(np.array([-1, 1], np.float32), (count, size, size)), "ownership_weight": whole,
    }  # fmt: skip


@click.command()
@click.option("--net", "shapes", multiple=True, default=("4x64", "6x96"), show_default=True, help="Shape of a network.")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option("--batch", type=click.IntRange(1, 65536), default=256, show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--steps", type=click.IntRange(1), default=20, show_default=True, help="Of each precision.")
def main(shapes: tuple[str, ...], size: int, batch: int, device: str, steps: int) -> None:
    """Print a line for each shape and precision."""
    samples = random_batch(size, batch)
    for shape in shapes:
        try:
            networks = [Network(NetConfig.named(shape)) for _ in range(2)]
            trainers = [
                Trainer(n, TrainConfig(device=device, bf16=bf)) for n, bf in zip(networks, (True, False), strict=True)
            ]
        except NetError as error:
            raise click.ClickException(str(error)) from None
        if trainers[0].device.type == "cpu":  # also where it would not be taken
            trainers[0].bf16 = cpu_has_bf16()
        trainers = [t for t in trainers if t.bf16] + [t for t in trainers if not t.bf16][:1]
        took: list[list[float]] = [[] for _ in trainers]
        for number in range(WARM + steps):
            for trainer, times in zip(trainers, took, strict=True):
                began = time.perf_counter()
                trainer.step(samples)
                if trainer.device.type == "cuda":
                    torch.cuda.synchronize()
                if number >= WARM:
                    times.append(time.perf_counter() - began)
        for trainer, times in zip(trainers, took, strict=True):
            median = statistics.median(times)
            name = "bfloat16" if trainer.bf16 else "float32"
            where = f"{trainer.device.type}, {torch.get_num_threads()} threads"
            print(f"{shape}, {size}x{size}, batch {batch}, {name} on {where}: {median * 1e3:.0f} ms a step, "
                  f"{batch / median:,.0f} samples/s")  # fmt: skip


if __name__ == "__main__":
    main()
