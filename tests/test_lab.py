"""The lab (benchmarks/lab.py): its networks run, its runs resume, its tables and its page say what is there."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result

from benchmarks import lab
from benchmarks.lab_nets import TRUNKS, make_network, parameters
from nets.config import GLOBALS, PLANES, parameter_count
from nets.train_config import OPTIMIZERS, TrainConfig
from tests.nets.test_records import collection, random_games

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "deep-learning.md"
NETWORKS = sorted({study[:3] for study in lab.studies()})


def random_batch(size: int, count: int = 3) -> dict[str, torch.Tensor]:
    """A batch as :mod:`nets.train` takes it, without meaning."""
    rng, actions = np.random.default_rng(0), size * size + 1
    ones = np.ones(count, np.float32)
    return lab.tensors(
        {
            "planes": rng.integers(0, 2, (count, PLANES, size, size)).astype(np.uint8),
            "globals": rng.random((count, GLOBALS), np.float32),
            "policy": np.eye(actions, dtype=np.float32)[rng.integers(0, actions, count)],
            "policy_weight": ones,
            "reply": np.eye(actions, dtype=np.float32)[rng.integers(0, actions, count)],
            "reply_weight": ones,
            "value": np.eye(3, dtype=np.float32)[rng.integers(0, 3, count)],
            "score": rng.normal(0, 10, count).astype(np.float32),
            "score_weight": ones,
            "ownership": rng.choice([-1.0, 1.0], (count, size, size)).astype(np.float32),
            "ownership_weight": ones,
        }
    )


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_every_network_runs_forward_and_backward(network: tuple[str, int, bool]) -> None:
    torch.manual_seed(0)
    trunk, depth, pooling = network
    model = make_network(trunk, depth, pooling, 9)
    for size in (9,) if trunk == "alexnet" else (9, 7):
        batch = random_batch(size)
        output = model(batch["planes"], batch["globals"])
        assert output.policy.shape == output.reply.shape == (3, size * size + 1)
        assert output.value.shape == (3, 3) and output.score.shape == (3, 2)
        assert output.ownership.shape == (3, size, size) and (output.score[:, 1] >= 0).all()
        model.zero_grad()
        lab.total_loss(output, batch).backward()
        assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in model.parameters())
    if trunk == "alexnet":
        with pytest.raises(RuntimeError):
            model(random_batch(7)["planes"], random_batch(7)["globals"])


def test_the_networks_are_of_one_size() -> None:
    counts = {n: parameters(make_network(*n, 9)) for n in NETWORKS}
    assert min(counts.values()) > 120_000 and max(counts.values()) < 180_000, counts
    for trunk in ("plain", "residual"):
        assert abs(counts[trunk, 3, False] / counts[trunk, 12, False] - 1) < 0.05, "depth costs no parameters"
    assert counts["plain", 12, False] == counts["residual", 12, False], "a skip costs none either"
    assert set(TRUNKS) == {"alexnet", "plain", "residual", "bottleneck"}


def test_dropout_is_for_training_alone() -> None:
    batch = random_batch(9)
    model = make_network("alexnet", 2, True, 9)
    first, second = (model(batch["planes"], batch["globals"]).policy for _ in range(2))
    assert not torch.equal(first, second)
    model.eval()
    first, second = (model(batch["planes"], batch["globals"]).policy for _ in range(2))
    assert torch.equal(first, second)


def test_the_optimisers_are_the_projects() -> None:
    assert set(lab.OPTIMIZERS) == set(OPTIMIZERS)
    assert all(len(rates) == 3 for _, rates in lab.OPTIMIZERS.values())
    from nets.model import Network
    from nets.train import Trainer

    model = make_network("residual", 3, False, 9)
    assert isinstance(model, Network) and parameters(model) < parameter_count(model.config)
    for name in OPTIMIZERS:
        ours = lab.make_optimizer(model, name, 0.01)
        theirs = Trainer(model, TrainConfig(optimizer=name, lr=0.01, device="cpu")).optimizer
        assert type(ours) is type(theirs)
        for a, b in zip(ours.param_groups, theirs.param_groups, strict=True):
            assert len(a["params"]) == len(b["params"])
            assert all(a.get(key) == b.get(key) for key in ("lr", "momentum", "nesterov", "betas", "eps"))
            if name != "adamw":
                assert a["weight_decay"] == b["weight_decay"]


def test_the_loss_is_the_projects() -> None:
    from nets.train import Trainer

    torch.manual_seed(1)
    model = make_network("plain", 3, True, 9)
    batch = random_batch(9)
    model.train()
    ours = lab.total_loss(model(batch["planes"], batch["globals"]), batch)
    trainer = Trainer(model, TrainConfig(device="cpu", bf16=False))  # type: ignore[arg-type]
    theirs = trainer.step({name: tensor.numpy() for name, tensor in batch.items()})
    assert ours.item() == pytest.approx(theirs["loss"], rel=1e-4)
    assert dataclasses.replace(lab.TARGETS) == TrainConfig()


def test_the_rate_goes_up_a_line_and_down_to_zero() -> None:
    shares = np.linspace(0, 1, 101)
    factors = np.array([lab.schedule(share) for share in shares])
    assert factors[0] == 0 and factors[-1] == pytest.approx(0) and 0.98 < factors.max() <= 1
    assert (np.diff(factors[: int(100 * lab.WARMUP) + 1]) > 0).all()
    assert (np.diff(factors[int(100 * lab.WARMUP) + 1 :]) < 0).all()


def made_up() -> lab.Results:
    """Results of two studies: the second rate is the best, one run diverged."""
    plain, residual = lab.Study("plain", 3, False), lab.Study("residual", 3, False)
    results: lab.Results = {}
    for study, shift in ((plain, 0.5), (residual, 0.0)):
        for at, lr in enumerate(lab.studies()[study]):
            for seed in range(3):
                loss = None if at == 2 else 2.0 + shift + 0.1 * seed + (0.05 if seed == 2 and shift else 0) - at
                results[str(lab.Run(study, lr, seed))] = {
                    "policy": loss, "top1": 0.25, "value_mse": 0.9, "parameters": 1000, "samples": 640, "seconds": 2.0,
                    "curve": [[320, 3.0], [640, 2.0]],
                }  # fmt: skip
    return results


def test_the_tables_hold_means_errors_and_paired_differences() -> None:
    results = made_up()
    study = lab.Study("residual", 3, False)
    rates = lab.studies()[study]
    assert lab.best_rate(results, study, rates) == rates[1]
    assert lab.seed_values(results, study, "policy") == pytest.approx({0: 1.0, 1: 1.1, 2: 1.2})
    mean, error = lab.mean_error([1.0, 1.1, 1.2])
    assert mean == pytest.approx(1.1) and error == pytest.approx(0.1 / 3**0.5)
    text = lab.tables(results)
    assert f"| residual | 3 | no | 1,000 | 320 | {rates[1]:g} | 1.100 ± 0.058 | 25.0 ± 0.0 | 0.900 ± 0.000 |" in text
    assert "| skip connections | residual-3 | -0.517 ± 0.017 | 3 of 3 |" in text
    assert f"{rates[2]:g}: inf" in text


def test_the_tables_of_nothing() -> None:
    assert lab.tables({}).count("\n\n") == 2
    assert lab.wanted({}, 3, "")[1] == sum(len(rates) + 2 for rates in lab.studies().values())


@pytest.fixture
def games(tmp_path: Path, needs_jit: None) -> list[str]:
    for name, seed in (("learn.sgf", 0), ("held.sgf", 1)):
        (tmp_path / name).write_bytes(collection(random_games(20, seed)))
    return [str(tmp_path / "learn.sgf"), "--held-out", str(tmp_path / "held.sgf")]


def call(words: list[str]) -> Result:
    return CliRunner().invoke(lab.main, words)


def test_a_stopped_lab_goes_on(games: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, drawn = tmp_path / "lab.json", tmp_path / "figures"
    words = [*games, "--out", str(out), "--samples", "640", "--only", "alexnet-2 ", "--seeds", "2"]
    train, ended = lab.train, []

    def stopped(run: lab.Run, *others: object) -> dict:
        if len(ended) == 2:
            raise KeyboardInterrupt
        ended.append(str(run))
        return train(run, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(lab, "train", stopped)
    assert call(words).exit_code == 1
    before = json.loads(out.read_text())["runs"]
    assert list(before) == ended and len(before) == 2
    monkeypatch.setattr(lab, "train", train)
    done = call([*words, "--figures", str(drawn)])
    assert done.exit_code == 0, done.output
    after = json.loads(out.read_text())["runs"]
    assert len(after) == len(lab.TRUNK_RATES["alexnet"]) + 1 and all(after[name] == before[name] for name in before)
    assert all(0 < run["policy"] < 6 and len(run["curve"]) == lab.POINTS for run in after.values())
    again, shown = call(words), call(["--show", "--out", str(out)])
    assert "minutes left" not in again.output and shown.output.strip() in again.output
    assert sorted(path.name for path in drawn.iterdir()) == ["lab-depth.png", "lab-optimizers.png"]
    assert not list(tmp_path.glob(".*tmp")), "results are written all or nothing"


def test_a_run_can_be_repeated(games: list[str], tmp_path: Path) -> None:
    words = [*games, "--samples", "320", "--only", "plain-3 ", "--seeds", "1"]
    found = []
    for name in ("a.json", "b.json"):
        assert call([*words, "--out", str(tmp_path / name)]).exit_code == 0
        found.append(json.loads((tmp_path / name).read_text())["runs"])
    assert [run["curve"] for run in found[0].values()] == [run["curve"] for run in found[1].values()]


def test_a_mistake_is_told_in_one_line(games: list[str], tmp_path: Path) -> None:
    out = tmp_path / "lab.json"
    assert call(["--out", str(out)]).exit_code == 2
    out.write_text("{")
    assert "take another --out" in call(["--show", "--out", str(out)]).output
    out.write_text(json.dumps({"samples": 64, "size": 9, "runs": {}}))
    assert "was begun with --samples 64 --size 9" in call([*games, "--out", str(out), "--samples", "128"]).output


def quotes() -> list[tuple[str, str]]:
    """(file, line) of every line of code in the page: blocks whose first line is ``# path``."""
    found = []
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        first, *lines = block.strip("\n").splitlines()
        assert first.startswith("# ") and lines, f"no path above the code: {first}"
        found += [(first[2:], line.strip()) for line in lines]
    return found


def test_the_page_quotes_lines_that_are_there() -> None:
    assert len(quotes()) >= 10
    for path, line in quotes():
        there = [code.strip() for code in (ROOT / path).read_text(encoding="utf-8").splitlines()]
        assert line in there, f"{path} has no line {line!r}"


def test_the_page_has_the_rows_of_the_tables() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for study in lab.studies():
        if study.optimizer == "momentum":
            assert f"| {study.trunk} | {study.depth} | {'yes' if study.pooling else 'no'} |" in text
    assert all(re.search(rf"^\| {name} \| ", text, re.MULTILINE) for name in lab.OPTIMIZERS)
    for path in (ROOT / "docs").glob("lab-*.png"):
        assert path.name in text and path.stat().st_size < 80_000
