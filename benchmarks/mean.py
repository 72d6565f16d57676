"""The mean of networks' weights (Wortsman et al. 2022, "Model soups"): of one line, each trained from the one before.

    python -m benchmarks.mean mean.safetensors 0.7 selfplay-13x13 0.3 runs/third/net.safetensors --norms 13

The statistics of the batch normalisations are averaged, too, which is not what the mean's activations have: with
``--norms`` they are measured anew, over positions that come up when it plays itself on a board of that size (Izmailov
et al. 2018, "Averaging weights leads to wider optima", section 3.2). Whether the mean is stronger than what it is made
of, matches have to show (``gogame match``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np
import torch
from torch import nn

from benchmarks.command import Benchmark
from benchmarks.ship import positions_of_play
from nets.config import MAX_SIZE, MIN_SIZE, NetConfig, NetError
from nets.model import Network, export_arrays, import_arrays
from nets.weights import find_net, load_net, save_net

Arrays = Mapping[str, np.ndarray]

BATCH = 256  # positions that the statistics are of at once


def mean(parts: Sequence[tuple[float, Arrays]]) -> dict[str, np.ndarray]:
    """Each tensor's mean, float32, with shares of any sum."""
    total = sum(share for share, _ in parts)
    first = parts[0][1]
    return {
        name: np.sum(
            [share / total * arrays[name].astype(np.float64) for share, arrays in parts], axis=0, dtype=float
        ).astype(np.float32)
        for name in first
    }


def with_norms(
    config: NetConfig, arrays: Arrays, planes: np.ndarray, globals_: np.ndarray, batch: int = BATCH
) -> dict[str, np.ndarray]:
    """The same weights with means and variances of these positions, the mean over batches of ``batch`` of them."""
    order = np.random.default_rng(0).permutation(len(planes))
    network = Network(config)
    import_arrays(network, arrays)
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # all batches alike
    with torch.no_grad():
        for begin in range(0, max(1, len(order) - batch + 1), batch):
            rows = order[begin : begin + batch]
            network(torch.from_numpy(planes[rows]).float(), torch.from_numpy(globals_[rows]))
    return export_arrays(network)


def pairs(words: Sequence[str]) -> list[tuple[float, str]]:
    """("0.7", "a", "0.3", "b") -> shares and networks."""
    if len(words) < 4 or len(words) % 2:
        raise click.UsageError("shares and networks in turn are wanted, two or more: 0.7 NET 0.3 NET")
    found: list[tuple[float, str]] = []
    for share, name in zip(words[::2], words[1::2], strict=True):
        try:
            number = float(share)
        except ValueError:
            number = 0.0
        if not 0 < number < float("inf"):
            raise click.UsageError(f"{share} is no share: a number above 0 goes before each network")
        found.append((number, name))
    return found


@click.command(cls=Benchmark)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("words", nargs=-1, metavar="SHARE NET SHARE NET...")
@click.option("--norms", type=click.IntRange(MIN_SIZE, MAX_SIZE), metavar="SIZE", help="Measure the statistics anew.")
def main(out: Path, words: tuple[str, ...], norms: int | None) -> None:
    """Write the mean to OUT."""
    config: NetConfig | None = None
    sizes: list[int] = []
    parts: list[tuple[float, Arrays]] = []
    told: list[str] = []
    for share, name in pairs(words):
        net = find_net(name, MAX_SIZE)  # a name or a path: the size chooses nothing
        form, arrays, meta = load_net(net.path)
        if config is not None and form != config:
            raise NetError(f"{net.name} is {form}, and not {config} as the first: their weights have no mean")
        config = form
        sizes = sorted({*sizes, *meta.get("sizes", [])})
        parts.append((share, arrays))
        told.append(f"{share:g} of {net.name}")
    assert config is not None
    averaged = mean(parts)
    if norms is not None:
        planes, globals_ = positions_of_play(config, averaged, norms)
        averaged = with_norms(config, averaged, planes, globals_)
        click.echo(f"statistics of {len(planes):,} positions on {norms}x{norms}")
    origin = f"mean of weights: {', '.join(told)}"
    save_net(out, averaged, {"sizes": sizes, "origin": origin}, config)
    click.echo(f"{out}: {origin}")


if __name__ == "__main__":
    main()
