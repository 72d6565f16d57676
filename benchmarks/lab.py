"""The lab: what trunks, depth, pooling and optimisers are worth on the same records and the same number of samples.

    python -m benchmarks.lab games.sgf.xz --held-out others.sgf.xz [--out lab.json] [--only adam] [--seeds 3]
    python -m benchmarks.lab --show [--out lab.json] [--figures docs]

The first command trains every network of :mod:`benchmarks.lab_nets` with momentum, and one of them with every
optimiser, each at its best learning rate: the rates are tried with seed 0, the best goes on with the other seeds. Every
finished run is written to ``--out`` at once, and the same command goes on after a kill. The second prints the tables
and draws the curves of what is there. A seed draws the weights, the order of the positions and the dropout, so runs of
one seed see the same positions; ± is the standard error of the mean over the seeds.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.command import Benchmark
from benchmarks.lab_nets import POOLED_DEPTHS, TRUNKS, make_network, parameters
from gogame.disk import write_atomically
from nets import losses
from nets.batches import Positions, training_batch, training_batches
from nets.bf16 import cpu_gains_by_bf16
from nets.model import NetOutput
from nets.record_cache import open_records
from nets.train_config import TrainConfig

SAMPLES, BATCH = 40_000, 64  # positions a run and a step
WARMUP = 0.05  # share of a run in which the learning rate rises
DECAY = 1e-4  # weight decay as a part of the gradient, not on normalisations and biases
DECOUPLED_DECAY = 0.1  # AdamW's own
HELD_OUT, IN_CURVE, POINTS = 4096, 1024, 8  # positions measured on at the end, during a run; points of the curve
MOST_SEEDS = 100  # that --seeds takes
FIGURES = ("policy", "top1", "value_mse")  # of a finished run, see measure
TARGETS = TrainConfig()  # the weights of the losses, as everywhere in the project

# Optimiser -> (how it is made, learning rates to try).
OPTIMIZERS: dict[str, tuple[Callable[[Any, float], torch.optim.Optimizer], tuple[float, ...]]] = {
    "sgd": (lambda groups, lr: torch.optim.SGD(groups, lr), (0.3, 1.0, 3.0)),
    "momentum": (lambda groups, lr: torch.optim.SGD(groups, lr, momentum=0.9), (0.05, 0.15, 0.45)),
    "nesterov": (lambda groups, lr: torch.optim.SGD(groups, lr, momentum=0.9, nesterov=True), (0.05, 0.15, 0.45)),
    "adagrad": (lambda groups, lr: torch.optim.Adagrad(groups, lr), (0.03, 0.1, 0.3)),
    "adam": (lambda groups, lr: torch.optim.Adam(groups, lr), (0.003, 0.01, 0.03)),
    "adamw": (lambda groups, lr: torch.optim.AdamW(groups, lr), (0.003, 0.01, 0.03)),
}
# Learning rates to try for each trunk, with momentum.
TRUNK_RATES = {
    "alexnet": (0.005, 0.015, 0.045),
    "plain": (0.05, 0.15, 0.45),
    "residual": (0.05, 0.15, 0.45),
    "bottleneck": (0.05, 0.15, 0.45),
}


class Study(NamedTuple):
    """What is compared: everything but the learning rate and the seed."""

    trunk: str
    depth: int
    pooling: bool
    optimizer: str = "momentum"

    def __str__(self) -> str:
        return f"{self.trunk}-{self.depth}{'-pooling' if self.pooling else ''} {self.optimizer}"


class Run(NamedTuple):
    """One training."""

    study: Study
    lr: float
    seed: int

    def __str__(self) -> str:
        return f"{self.study} rate {self.lr:g} seed {self.seed}"


OPTIMIZER_STUDY = Study("residual", 3, False)  # the network that every optimiser trains
Results = dict[str, dict[str, Any]]  # str(Run) -> its figures


def studies() -> dict[Study, tuple[float, ...]]:
    """Every study and the learning rates that it tries."""
    found = {}
    for trunk, depths in TRUNKS.items():
        for depth in depths:
            for pooling in (False, True) if depth in POOLED_DEPTHS[trunk] else (False,):
                found[Study(trunk, depth, pooling)] = TRUNK_RATES[trunk]
    return found | {OPTIMIZER_STUDY._replace(optimizer=name): rates for name, (_, rates) in OPTIMIZERS.items()}


def best_rate(results: Results, study: Study, rates: Sequence[float]) -> float | None:
    """The learning rate with the lowest policy loss of seed 0; None while one is missing."""
    found = [results.get(str(Run(study, lr, 0))) for lr in rates]
    if any(figures is None for figures in found):
        return None
    return min(zip(rates, found, strict=True), key=lambda pair: _loss(pair[1]))[0]


def _loss(figures: dict[str, Any] | None) -> float:
    """A run's policy loss; infinite where it diverged."""
    return math.inf if figures is None or figures["policy"] is None else float(figures["policy"])


def wanted(results: Results, seeds: int, only: str) -> tuple[list[Run], int]:
    """(runs to do next, in order; how many are to do in all): first every rate with seed 0, then seed after seed."""
    chosen = {study: rates for study, rates in studies().items() if only in str(study)}
    runs = [Run(study, lr, 0) for study, rates in chosen.items() for lr in rates]
    runs = [run for run in runs if str(run) not in results]
    count = len(runs)
    for seed in range(1, seeds):
        for study, rates in chosen.items():
            rate = best_rate(results, study, rates)
            if rate is None:
                count += 1
            elif str(run := Run(study, rate, seed)) not in results:
                runs.append(run)
                count += 1
    return runs, count


def make_optimizer(model: nn.Module, name: str, lr: float) -> torch.optim.Optimizer:
    """The optimiser, with weight decay on convolutions and linear maps alone."""
    decay = DECOUPLED_DECAY if name == "adamw" else DECAY
    groups = [
        {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": decay},
        {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0},
    ]
    return OPTIMIZERS[name][0](groups, lr)


def total_loss(output: NetOutput, t: dict[str, Tensor]) -> Tensor:
    """The weighted sum of the project's losses (:mod:`nets.losses`) for a batch as :mod:`nets.train` describes it."""
    return (
        TARGETS.policy * losses.policy_loss(output.policy, t["policy"], t["policy_weight"])
        + TARGETS.reply * losses.policy_loss(output.reply, t["reply"], t["reply_weight"])
        + TARGETS.value * losses.value_loss(output.value, t["value"])
        + TARGETS.ownership * losses.ownership_loss(output.ownership, t["ownership"], t["ownership_weight"])
        + TARGETS.score_mean * losses.score_mean_loss(output.score, t["score"], t["score_weight"])
        + TARGETS.score_spread * losses.score_spread_loss(output.score, t["score"], t["score_weight"])
    )


def schedule(share: float) -> float:
    """The learning rate after this share of a run, as a factor: up a line, then down a cosine to zero."""
    return min(1.0, share / WARMUP) * 0.5 * (1 + math.cos(math.pi * share))


def tensors(batch: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """A batch in torch; the planes as floats [B, PLANES, S, S], channels last."""
    found = {name: torch.from_numpy(array) for name, array in batch.items()}
    found["planes"] = found["planes"].float().contiguous(memory_format=torch.channels_last)
    return found


def held_out_batches(positions: Positions, count: int) -> list[dict[str, Tensor]]:
    """The same positions, drawn with a fixed seed, for every run."""
    picks = np.random.default_rng(0).choice(positions.total, min(count, positions.total), replace=False)
    parts = [picks[i : i + 256] for i in range(0, len(picks), 256)]
    return [tensors(training_batch(positions.fill(part, np.zeros(len(part), np.int64)))) for part in parts]


@torch.inference_mode()
def measure(model: nn.Module, batches: Iterable[dict[str, Tensor]]) -> dict[str, float]:
    """``policy``: cross-entropy in nats; ``top1``: share of moves predicted; ``value_mse``: of a win less a loss."""
    model.eval()
    loss, hits, errors = [], [], []
    for t in batches:
        output = model(t["planes"], t["globals"])
        move, p = t["policy"].argmax(1), output.value.softmax(1)
        loss.append(F.cross_entropy(output.policy, move, reduction="none"))
        hits.append((output.policy.argmax(1) == move).float())
        errors.append((p[:, 0] - p[:, 1] - (t["value"][:, 0] - t["value"][:, 1])) ** 2)
    model.train()
    means = [torch.cat(parts).mean().item() for parts in (loss, hits, errors)]
    return dict(zip(FIGURES, means, strict=True))


def train(run: Run, positions: Positions, held: list[dict[str, Tensor]], samples: int) -> dict[str, Any]:
    """One run: its figures, and ``curve``: [positions seen, policy loss] on the first held-out batches.

    A loss that is not finite ends it, with None as its FIGURES.
    """
    torch.manual_seed(run.seed)
    study = run.study
    model = make_network(study.trunk, study.depth, study.pooling, positions.size)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = make_optimizer(model, study.optimizer, run.lr)
    steps, few = max(1, samples // BATCH), held[: max(1, IN_CURVE // 256)]
    marks = {steps * i // POINTS for i in range(1, POINTS)}
    figures: dict[str, Any] = {"parameters": parameters(model), "samples": steps * BATCH, "seconds": 0.0, "curve": []}
    batches = training_batches(positions, BATCH, run.seed, 0)
    for step in range(steps):
        began = time.process_time()
        for group in optimizer.param_groups:
            group["lr"] = run.lr * schedule((step + 0.5) / steps)
        batch = tensors(next(batches))
        with torch.autocast("cpu", torch.bfloat16, enabled=cpu_gains_by_bf16()):
            output = model(batch["planes"], batch["globals"])
        loss = total_loss(output, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), TARGETS.clip)
        optimizer.step()
        figures["seconds"] += time.process_time() - began
        if not math.isfinite(loss.item()):
            batches.close()
            return figures | dict.fromkeys(FIGURES)
        if step + 1 in marks:
            figures["curve"].append([(step + 1) * BATCH, measure(model, few)["policy"]])
    batches.close()
    figures["curve"].append([steps * BATCH, measure(model, few)["policy"]])
    found = measure(model, held)
    return figures | (found if all(map(math.isfinite, found.values())) else dict.fromkeys(FIGURES))


def do_runs(
    results: Results, save: Callable[[], None], positions: Positions, held: list[dict[str, Tensor]], samples: int,
    seeds: int, only: str,
) -> None:  # fmt: skip
    """Does what is wanted and not there yet, one line a run."""
    began, done = time.perf_counter(), 0
    while (plan := wanted(results, seeds, only))[0]:
        run, left = plan[0][0], plan[1]
        figures = results[str(run)] = train(run, positions, held, samples)
        save()
        done += 1
        text = "diverged" if figures["policy"] is None else f"{figures['policy']:.3f} nats, {figures['top1']:.1%}"
        minutes = (time.perf_counter() - began) / done * (left - 1) / 60
        print(f"{run}: {text}, {figures['seconds']:.0f} s; {left - 1} runs, {minutes:.0f} minutes left", flush=True)


def seed_values(results: Results, study: Study, key: str) -> dict[int, float]:
    """A figure of a study at its best learning rate, by seed; runs that diverged are left out."""
    rate = best_rate(results, study, studies()[study])
    runs = {} if rate is None else {seed: results.get(str(Run(study, rate, seed))) for seed in range(MOST_SEEDS)}
    return {seed: float(r[key]) for seed, r in runs.items() if r is not None and r[key] is not None}


def mean_error(values: Iterable[float]) -> tuple[float, float]:
    """(mean, standard error of the mean); the error of a single value is not known: NaN."""
    found = np.array(list(values), float)
    return float(found.mean()), float(found.std(ddof=1) / math.sqrt(len(found))) if len(found) > 1 else math.nan


def _cells(results: Results, study: Study) -> list[str]:
    """The measured columns of a row: policy loss, top-1, value error."""
    cells = []
    for key, scale, form in (("policy", 1, ".3f"), ("top1", 100, ".1f"), ("value_mse", 1, ".3f")):
        values = seed_values(results, study, key)
        if not values:
            return ["-"] * 3
        mean, error = mean_error(scale * value for value in values.values())
        cells.append(f"{mean:{form}}" + ("" if math.isnan(error) else f" ± {error:{form}}"))
    return cells


def differences(results: Results) -> list[tuple[str, Study, Study]]:
    """(what is changed, before, after) of every pair that a sentence could be about."""
    found = [("skip connections", s._replace(trunk="plain"), s) for s in studies() if s.trunk == "residual"]
    found += [
        (f"depth {s.depth}, not {min(TRUNKS[s.trunk])}", s._replace(depth=min(TRUNKS[s.trunk])), s) for s in studies()
    ]
    found += [("pooling", s._replace(pooling=False), s) for s in studies() if s.pooling]
    found += [
        ("bottleneck, not residual", s._replace(trunk="residual"), s) for s in studies() if s.trunk == "bottleneck"
    ]
    sgd = OPTIMIZER_STUDY._replace(optimizer="sgd")
    found += [(f"{name}, not sgd", sgd, sgd._replace(optimizer=name)) for name in OPTIMIZERS]
    return [(text, a, b) for text, a, b in found if a != b and a in studies() and b in studies()]


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as the pages in docs/ have them."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def tables(results: Results) -> str:
    """The three tables of what is there: trunks, optimisers, and the differences seed by seed."""
    measured = ("policy loss", "top-1, %", "value error")
    trunks, optimizers, pairs = [], [], []
    for study, rates in studies().items():
        rate = best_rate(results, study, rates)
        if rate is None:
            continue
        run = results[str(Run(study, rate, 0))]
        if study.optimizer == "momentum":
            row = [study.trunk, str(study.depth), "yes" if study.pooling else "no", f"{run['parameters']:,}"]
            trunks.append([*row, f"{run['samples'] / run['seconds']:,.0f}", f"{rate:g}", *_cells(results, study)])
        if study._replace(optimizer="momentum") == OPTIMIZER_STUDY:
            losses_of = [_loss(results[str(Run(study, lr, 0))]) for lr in rates]
            tried = ", ".join(f"{lr:g}: {loss:.3f}" for lr, loss in zip(rates, losses_of, strict=True))
            optimizers.append([study.optimizer, tried, *_cells(results, study)])
    for text, before, after in differences(results):
        a, b = (seed_values(results, study, "policy") for study in (before, after))
        if change := [b[seed] - a[seed] for seed in sorted(a.keys() & b.keys())]:
            mean, error = mean_error(change)
            better = f"{sum(c < 0 for c in change)} of {len(change)}"
            where = str(after).rsplit(" ", 1)[0]
            pairs.append([text, where, f"{mean:+.3f}" + ("" if math.isnan(error) else f" ± {error:.3f}"), better])
    optimizers.sort(key=lambda row: list(OPTIMIZERS).index(row[0]))
    return "\n\n".join(
        (
            markdown(("trunk", "depth", "pooling", "parameters", "positions/s", "rate", *measured), trunks),
            markdown(("optimiser", "rate: policy loss of seed 0", *measured), optimizers),
            markdown(("with", "where", "change of the policy loss", "better in"), pairs),
        )
    )


def draw(results: Results, folder: Path) -> None:
    """``lab-depth.png`` and ``lab-optimizers.png``: policy loss on held-out positions."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    def curve(axes: Any, study: Study, label: str, **style: Any) -> None:
        rate = best_rate(results, study, studies()[study])
        runs = [] if rate is None else [results.get(str(Run(study, rate, seed))) for seed in range(MOST_SEEDS)]
        found = np.array([run["curve"] for run in runs if run is not None and run["policy"] is not None])
        if len(found):  # [seeds, points, (positions, loss)]
            x, mean = found[0, :, 0] / 1000, found[:, :, 1].mean(axis=0)
            error = found[:, :, 1].std(axis=0, ddof=min(1, len(found) - 1)) / math.sqrt(len(found))
            axes.errorbar(x, mean, error, label=label, capsize=2, **style)

    def save(name: str, left: Any, right: Any, figure: Any) -> None:
        left.set(xlabel="thousand positions learned from", ylabel="policy loss, nats (held-out games)")
        for axes in (left, right):
            axes.grid(alpha=0.3)
            if axes.get_legend_handles_labels()[0]:
                axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
        figure.savefig(folder / name, dpi=80)
        pyplot.close(figure)

    folder.mkdir(parents=True, exist_ok=True)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for number, (trunk, depths) in enumerate(TRUNKS.items()):
        for depth, line in zip(depths, ("-", "--", ":"), strict=False):
            style = {"color": f"C{number}", "linestyle": line}
            curve(left, Study(trunk, depth, False), f"{trunk}-{depth}", **style)
        for pooling, measured in ((False, depths), (True, POOLED_DEPTHS[trunk])):
            points = [(d, *mean_error(values.values())) for d in measured
                      if (values := seed_values(results, Study(trunk, d, pooling), "policy"))]  # fmt: skip
            if points:
                x, mean, error = zip(*points, strict=True)
                style = {"color": f"C{number}", "linestyle": ":" if pooling else "-", "marker": "o"}
                right.errorbar(x, mean, error, label=trunk + (", pooling" if pooling else ""), capsize=3, **style)
    right.set(xlabel="depth: blocks (alexnet: convolutions)", ylabel="policy loss at the end")
    save("lab-depth.png", left, right, figure)

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for number, (name, (_, rates)) in enumerate(OPTIMIZERS.items()):
        study = OPTIMIZER_STUDY._replace(optimizer=name)
        curve(left, study, name, color=f"C{number}")
        tried = [(lr, _loss(results[key])) for lr in rates if (key := str(Run(study, lr, 0))) in results]
        if tried:
            right.semilogx(*zip(*tried, strict=True), "o-", color=f"C{number}", label=name)
    right.set(xlabel="learning rate", ylabel="policy loss at the end, seed 0")
    save("lab-optimizers.png", left, right, figure)


@click.command(cls=Benchmark)
@click.argument("records", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--held-out", type=click.Path(exists=True, path_type=Path), help="Records to measure on.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("lab.json"), show_default=True)
@click.option("--samples", type=click.IntRange(BATCH), default=SAMPLES, show_default=True, help="Positions a run.")
@click.option("--seeds", type=click.IntRange(1, MOST_SEEDS), default=3, show_default=True)
@click.option("--only", default="", metavar="TEXT", help="Only studies with this in their name, such as adam.")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True, help="Lines of the board.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@click.option("--show", is_flag=True, help="Only print the tables of what is in --out.")
@click.option("--figures", type=click.Path(file_okay=False, path_type=Path), help="Draw the curves into this folder.")
def main(
    records: tuple[Path, ...], held_out: Path | None, out: Path, samples: int, seeds: int, only: str, size: int,
    threads: int, show: bool, figures: Path | None,
) -> None:  # fmt: skip
    """Train, print the tables, draw the curves."""
    read = [[path.name, path.stat().st_size] for path in (*records, *([held_out] if held_out else []))]
    stored: dict[str, Any] = {"samples": samples, "size": size, "records": read, "runs": {}}
    if out.exists():
        try:
            stored |= json.loads(out.read_text(encoding="utf-8"))
        except (ValueError, TypeError):
            raise click.ClickException(f"{out} does not hold the lab's results: take another --out") from None
    results: Results = stored["runs"]
    if not show:
        if not records or held_out is None:
            raise click.UsageError("give the records to learn from, and --held-out")
        if (stored["samples"], stored["size"]) != (samples, size):
            was = f"--samples {stored['samples']} --size {stored['size']}"
            raise click.ClickException(f"{out} was begun with {was}: take another --out")
        if stored["records"] != read:
            raise click.ClickException(f"{out} was begun with other records: take another --out")
        torch.set_num_threads(threads)
        learned, other = (open_records(p, size, None, print) for p in (records, [held_out]))
        out.parent.mkdir(parents=True, exist_ok=True)

        def save() -> None:
            write_atomically(out, json.dumps(stored, indent=1).encode())

        batches = held_out_batches(Positions(other, size), HELD_OUT)
        do_runs(results, save, Positions(learned, size), batches, samples, seeds, only)
    print(tables(results))
    if figures is not None:
        draw(results, figures)


if __name__ == "__main__":
    main()
