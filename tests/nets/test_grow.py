"""A network that grows computes what it did before, and its new parts learn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nets.config import NetConfig, NetError, tensor_shapes
from nets.grow import grown, placed_blocks
from nets.model import Network, export_arrays, import_arrays
from nets.train import Trainer
from nets.train_config import TrainConfig


def lived_in(config: NetConfig, seed: int) -> Network:
    """A network whose every tensor, the statistics included, is away from where it starts."""
    torch.manual_seed(seed)
    network = Network(config)
    draw = np.random.default_rng(seed)
    arrays = export_arrays(network)
    for name, array in arrays.items():
        array += 0.1 * np.abs(draw.standard_normal(array.shape)) if ".norm." in name else 0
    import_arrays(network, arrays)
    return network


def larger(small: Network, config: NetConfig) -> Network:
    network = Network(config)
    import_arrays(network, grown(small.config, export_arrays(small), config, export_arrays(network)))
    return network


def outputs(network: Network, inputs: Any, size: int) -> list[torch.Tensor]:
    with torch.no_grad():
        return list(network(*(torch.from_numpy(array) for array in inputs(4, size))))


@pytest.mark.parametrize(
    ("small", "large"),
    [("2x16", "2x16"), ("2x16", "5x16"), ("2x16", "2x24"), ("4x16", "6x24"), ("6x24", "10x32"), ("1x8", "7x40"),
     ("plain-3x16", "plain-3x24"), ("bottleneck-3x16", "bottleneck-5x24"), ("bottleneck-2x16", "bottleneck-2x16")],
)  # fmt: skip
@pytest.mark.parametrize("training", [False, True])
def test_what_it_computes_stays(small: str, large: str, training: bool, inputs: Any) -> None:
    """With the running statistics as well as with those of the batch."""
    first = lived_in(NetConfig.named(small), 1).train(training)
    second = larger(first, NetConfig.named(large)).train(training)
    for size in (7, 9, 13):
        for a, b in zip(outputs(first, inputs, size), outputs(second, inputs, size), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_larger_network_will_do_or_is_refused(data: Any) -> None:
    """Blocks keep their order, and pooling blocks lie where pooling blocks are."""

    def config(least: NetConfig | None) -> NetConfig:
        def number(part: str, low: int, high: int) -> int:
            return data.draw(st.integers(getattr(least, part) if least else low, high), part)

        blocks = number("blocks", 1, 6)
        pool = tuple(sorted(data.draw(st.sets(st.integers(0, blocks - 1)), "pool_blocks")))
        return NetConfig(
            blocks=blocks, channels=number("channels", 5, 12), pool_blocks=pool,
            pool_channels=number("pool_channels", 1, 4), policy_channels=number("policy_channels", 1, 6),
            value_channels=number("value_channels", 1, 6), value_hidden=number("value_hidden", 1, 6),
        )  # fmt: skip

    small = config(None)
    large = config(small)
    try:
        places = placed_blocks(small, large)
    except NetError as error:
        assert "pooling" in str(error)
        return
    assert places == sorted(set(places)) and len(places) == small.blocks
    first = lived_in(small, 2).eval()
    second = larger(first, large).eval()
    torch.manual_seed(4)
    planes, globals_ = torch.rand(2, 16, 7, 7), torch.rand(2, 8)
    with torch.no_grad():
        for a, b in zip(first(planes, globals_), second(planes, globals_), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


def test_all_of_its_new_weights_learn(batch: Any) -> None:
    small = lived_in(NetConfig.named("2x16"), 3)
    network = larger(small, NetConfig.named("4x24"))
    trainer = Trainer(network, TrainConfig(device="cpu", lr=0.05, weight_decay=0.0))
    before = export_arrays(network)
    for _ in range(3):
        trainer.step(batch(8, 9))
    after = export_arrays(trainer.model)
    for name in tensor_shapes(network.config):
        if name.endswith("conv.weight"):
            moved = (before[name] != after[name]).any(axis=(2, 3))
            assert moved.any(axis=0).all() and moved.any(axis=1).all(), name
    assert (after["policy.board.conv.weight"][:, 16:] != 0).all()


@pytest.mark.parametrize(
    ("small", "large", "reason"),
    [("4x16", "3x16", "larger"), ("4x16", "4x12", "larger"), ("2x16", "plain-2x16", "residual"),
     ("plain-2x16", "plain-3x16", "skip")],
)  # fmt: skip
def test_what_cannot_grow_says_why(small: str, large: str, reason: str) -> None:
    with pytest.raises(NetError, match=reason):
        placed_blocks(NetConfig.named(small), NetConfig.named(large))


BASE = NetConfig.named("2x16")


@pytest.mark.parametrize(
    ("part", "had", "has"),
    [("blocks", 2, 1), ("channels", 16, 12), ("pool_channels", 4, 3), ("policy_channels", 8, 7),
     ("value_channels", 8, 7), ("value_hidden", 128, 64)],
)  # fmt: skip
def test_the_part_that_is_not_larger_is_named(part: str, had: int, has: int) -> None:
    small, large = (replace(BASE, pool_blocks=(), **{part: n}) for n in (had, has))
    with pytest.raises(NetError, match=f"in every part: {part} is {has}, and was {had}$"):
        placed_blocks(small, large)
    with pytest.raises(NetError, match="in every part: bottleneck_channels is 8, and was 9$"):
        placed_blocks(*(replace(BASE, trunk="bottleneck", bottleneck_channels=n) for n in (9, 8)))


@pytest.mark.parametrize(
    ("small", "large", "why"),
    [
        ({"pool_blocks": ()}, {"pool_blocks": (0, 1)},
         "block 0 has 16 channels that are not pooled, the other's have 12 at most"),
        ({"pool_blocks": (1,)}, {"pool_blocks": (1,), "pool_channels": 6},
         "block 1 has 12 channels that are not pooled, the other's have 10 at most"),
        ({"pool_blocks": (0, 1)}, {"pool_blocks": (1,)},
         "none is left for block 1; pool_blocks is [1], and was [0, 1]"),
        ({"pool_blocks": (0,)}, {"pool_blocks": (1,)}, "none is left for block 1; pool_blocks is [1], and was [0]"),
    ],
)  # fmt: skip
def test_blocks_that_do_not_fit_say_why(small: dict[str, Any], large: dict[str, Any], why: str) -> None:
    with pytest.raises(NetError) as error:
        placed_blocks(replace(BASE, **small), replace(BASE, **large))
    assert str(error.value) == f"the blocks with global pooling of 2x16 do not fit into those of 2x16: {why}"


def test_blocks_with_pooling_need_such_blocks() -> None:
    few = NetConfig(blocks=3, pool_blocks=(1,))
    with pytest.raises(NetError, match="global pooling"):
        placed_blocks(NetConfig(blocks=3, pool_blocks=(1, 2)), few)
    assert placed_blocks(few, NetConfig(blocks=5, pool_blocks=(3,))) == [0, 3, 4]
