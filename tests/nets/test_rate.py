"""The work of a training step, counted against the formula of convolutions, and the device's rate."""

from __future__ import annotations

import itertools

import pytest
import torch

from nets.config import NetConfig, tensor_shapes
from nets.model import Network
from nets.rate import matrix_rate, training_flops


@pytest.mark.parametrize(("shape", "size"), [("2x16", 9), ("4x32", 13), ("plain-2x16", 9)])
def test_the_work_is_three_times_that_of_the_convolutions(shape: str, size: int) -> None:
    """Each convolution is computed forwards, and backwards for its input and for its weights."""
    config = NetConfig.named(shape)
    shapes = [s for name, s in tensor_shapes(config).items() if len(s) == 4]
    forwards = sum(2 * a * b * k * m * size**2 for a, b, k, m in shapes)
    found = training_flops(Network(config), size)
    assert 2.7 * forwards < found < 3.3 * forwards, "the linear maps are small beside them, the stem's input needs none"


def test_the_rate_is_the_work_of_a_product_over_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(step=0.001)  # each look at the clock is a millisecond after the one before
    monkeypatch.setattr("nets.rate.time.perf_counter", lambda: next(clock))
    assert matrix_rate(torch.device("cpu"), torch.float32, 0.02) == pytest.approx(2 * 1024**3 / 0.001)
