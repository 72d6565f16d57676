"""torch.compile in training: the same network, and no training lost where it does not work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nets.config import NetConfig
from nets.model import Network, export_arrays
from nets.train import Trainer, compiled
from nets.train_config import TrainConfig


def trainer(say=None, **config) -> Trainer:
    torch.manual_seed(1)
    options = {"device": "cpu", "bf16": False, **config}
    return Trainer(Network(NetConfig.named("2x16")), TrainConfig(**options), say)


def test_a_compiler_that_fails_costs_a_message(batch):
    said: list[str] = []
    plain, other = trainer(), trainer(said.append)

    def fails(*_: object) -> None:
        raise AssertionError("no compiler\nfor this machine")

    other._forward = fails
    for _ in range(2):
        assert other.step(batch(8, 7)) == plain.step(batch(8, 7))
    assert said == ["torch.compile failed (no compiler for this machine): training goes on without it"]
    assert all(
        np.array_equal(a, b) for a, b in zip(*(export_arrays(t.model).values() for t in (plain, other)), strict=True)
    )


def test_an_error_of_the_network_itself_is_raised(batch):
    broken = trainer()
    del broken.model.stem
    with pytest.raises(AttributeError, match="stem"):
        broken.step(batch(8, 7))


def test_the_cpu_does_not_compile():
    plain = trainer()
    assert plain._forward is plain.model


def test_every_board_size_is_compiled():
    """torch's own limit is 8 shapes: what comes after them it runs as it is written, and says nothing."""
    sizes: list[int] = []

    def backend(graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> Any:
        sizes.append(next(x.shape[-1] for x in inputs if x.dim() == 4 and x.shape[-1] > 3))
        return graph.forward

    network = compiled(nn.Conv2d(2, 2, 3, padding=1), backend=backend)
    for size in (*range(7, 20), *range(7, 20)):
        network(torch.zeros(1, 2, size, size))
    assert sizes == list(range(7, 20))


@pytest.mark.slow
def test_what_is_compiled_learns_the_same(batch):
    """With inductor's CPU code: minutes of compiling, and the figures of the network as it is written."""
    plain, learner = trainer(lr=0.002), trainer(lr=0.002)
    learner._forward = compiled(learner.model)
    for _ in range(3):
        ours, theirs = plain.step(batch(8, 7)), learner.step(batch(8, 7))
        assert ours == pytest.approx(theirs, rel=1e-3, abs=1e-4)
    assert learner._forward is not learner.model, "it was compiled, not given up"
