"""The mean of networks' weights (benchmarks/mean.py)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from benchmarks.mean import main, mean, with_norms
from nets.config import GLOBALS, PLANES, NetConfig
from nets.model import Network, export_arrays
from nets.weights import load_net, save_net

SMALL = NetConfig.named("1x8")


def arrays(seed: int) -> dict[str, np.ndarray]:
    torch.manual_seed(seed)
    return export_arrays(Network(SMALL))


def test_shares_of_any_sum() -> None:
    one, two = arrays(1), arrays(2)
    found = mean([(3, one), (1, two)])
    assert found.keys() == one.keys()
    for name, array in found.items():
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, 0.75 * one[name] + 0.25 * two[name], atol=1e-6)


def test_statistics_are_those_of_the_positions() -> None:
    """The stem's, computed in numpy: of a network whose weights they do not change."""
    rng = np.random.default_rng(3)
    planes = rng.integers(0, 2, (64, PLANES, 9, 9), dtype=np.uint8)
    globals_ = rng.standard_normal((64, GLOBALS), np.float32)
    given = arrays(1)
    found = with_norms(SMALL, given, planes, globals_, batch=32)
    padded = np.pad(planes.astype(np.float64), ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    stem = np.einsum("nchwij,ocij->nohw", windows, given["stem.conv.weight"].astype(np.float64))
    np.testing.assert_allclose(found["stem.norm.running_mean"], stem.mean(axis=(0, 2, 3)), atol=1e-4)
    order = np.random.default_rng(0).permutation(64)
    spread = [stem[rows].var(axis=(0, 2, 3), ddof=1) for rows in (order[:32], order[32:])]
    np.testing.assert_allclose(found["stem.norm.running_var"], np.mean(spread, axis=0), rtol=1e-3)
    changed = {name for name in given if not np.array_equal(found[name], given[name])}
    assert changed and all("running_" in name for name in changed)


@pytest.mark.usefixtures("needs_jit")
def test_a_mean_is_written_with_its_origin(tmp_path: Path) -> None:
    for seed in (1, 2):
        save_net(tmp_path / f"{seed}.safetensors", arrays(seed), {"sizes": [7]}, SMALL)
    one, two, out = (str(tmp_path / f"{name}.safetensors") for name in ("1", "2", "out"))
    done = CliRunner().invoke(main, [out, "1", one, "1", two, "--norms", "7"])
    assert done.exit_code == 0, done.output
    config, found, meta = load_net(out)
    assert config == SMALL and meta == {"sizes": [7], "origin": "mean of weights: 1 of 1, 1 of 2"}
    plain = mean([(1, arrays(1)), (1, arrays(2))])
    assert all(np.array_equal(found[name], plain[name]) == ("running_" not in name) for name in plain)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["1", "zero-9x9"], "two or more"),
        (["1", "zero-9x9", "0.5"], "two or more"),
        (["1", "zero-9x9", "x", "zero-9x9"], "x is no share"),
        (["1", "zero-9x9", "0", "zero-9x9"], "0 is no share"),
        (["1", "zero-9x9", "nan", "zero-9x9"], "nan is no share"),
        (["1", "zero-9x9", "1", "no-such"], "no network 'no-such'"),
        (["1", "zero-9x9", "1", "{small}"], "is 1x8, and not 4x64 as the first"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, words: list[str], line: str) -> None:
    small = tmp_path / "small.safetensors"
    save_net(small, arrays(1), {"sizes": [7]}, SMALL)
    out = tmp_path / "out.safetensors"
    done = CliRunner().invoke(main, [str(out), *(word.format(small=small) for word in words)])
    assert done.exit_code != 0 and line in done.output and "Traceback" not in done.output
    assert not out.exists()
