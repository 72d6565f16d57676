"""The trunk in int8: what is rounded and how, whose ranges are known, and how little it changes."""

from __future__ import annotations

import importlib.util
import math
import platform
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from nets.config import MAX_SIZE, MIN_SIZE, NetConfig
from nets.evaluator import TOLERANCE, Evaluation, evaluator_of, make_evaluator
from nets.model import ConvNorm, Network
from nets.ranges import FLOOR, LARGEST, MARGIN, SMALLEST, measured_ranges, stored_ranges, trunk_convs, with_ranges
from nets.weights import default_net, load_net, save_net, shipped_nets
from tests.nets.test_evaluators import assert_close, reference

pytestmark = pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="openvino is not installed")
SHAPES = ["4x16", "plain-2x16", "bottleneck-3x16"]


def trunk_modules(network: Network) -> dict[str, ConvNorm]:
    modules = dict(network.named_modules())
    return {name: modules[name] for name in trunk_convs(network.config)}  # type: ignore[misc]


def seen_by_torch(network: Network, planes: np.ndarray, globals_: np.ndarray) -> list[float]:
    """The largest input of each convolution of the trunk."""
    most: dict[str, float] = {}
    hooks = []
    for name, module in trunk_modules(network).items():

        def note(module: object, args: tuple[torch.Tensor, ...], name: str = name) -> None:
            most[name] = float(args[0].max())

        hooks.append(module.register_forward_pre_hook(note))
    with torch.no_grad():
        network(torch.from_numpy(planes), torch.from_numpy(globals_))
    for hook in hooks:
        hook.remove()
    return list(most.values())


def rounded_by_torch(network: Network, ranges: list[float], planes: np.ndarray, globals_: np.ndarray) -> Evaluation:
    """The same in floats, written down once more: inputs to 256 steps, weights to 255 a channel."""

    def rounded(module: object, args: tuple[torch.Tensor, ...], most: float) -> tuple[torch.Tensor]:
        step = most / 255
        return (torch.round(args[0].clamp(0, most) / step) * step,)

    network.fuse()
    with torch.no_grad():
        for module, most in zip(trunk_modules(network).values(), ranges, strict=True):
            weight = module.conv.weight
            step = weight.abs().amax(dim=(1, 2, 3), keepdim=True) / 127
            weight.copy_(torch.round(weight / step) * step)
            module.register_forward_pre_hook(lambda m, args, most=most: rounded(m, args, most))
        output = network(torch.from_numpy(planes), torch.from_numpy(globals_))
    results = (output.policy, output.value, output.score, torch.tanh(output.ownership))
    return Evaluation(*(t.float().numpy() for t in results))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_largest_inputs_are_those_that_torch_sees(shape: str, lively: Callable, inputs: Callable) -> None:
    config, arrays, network = lively(shape)
    planes, globals_ = inputs(70, 9)
    found = measured_ranges(config, arrays, 9, planes, globals_)
    assert found is not None and len(found) == len(trunk_convs(config))
    assert found == pytest.approx([MARGIN * most for most in seen_by_torch(network, planes, globals_)], rel=1e-3)


def convolutions_in_int8(evaluator: Any) -> int:
    """How many OpenVINO has made of the graph for 8 positions: it falls back to floats without a word."""
    infos = [node.get_rt_info() for node in evaluator._compiled[8].get_runtime_model().get_ops()]
    found = [info["primitiveType"].value for info in infos if info["layerType"].value == "Convolution"]
    return sum(kind.endswith("_I8") for kind in found)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [7, 19])
def test_int8_is_what_it_says(shape: str, size: int, lively: Callable, inputs: Callable) -> None:
    from nets.evaluator_openvino import X86, OpenVinoEvaluator

    config, arrays, network = lively(shape)
    planes, globals_ = inputs(9, size)
    ranges = measured_ranges(config, arrays, size, planes, globals_)
    assert ranges is not None
    evaluator = OpenVinoEvaluator(config, arrays, size, 8, 1, precision="int8", ranges=ranges)
    answer = evaluator.evaluate(planes, globals_)
    assert_close(answer, reference(network, planes, globals_), TOLERANCE["int8"])
    assert_close(answer, rounded_by_torch(network, ranges, planes, globals_), TOLERANCE["bf16"])
    assert evaluator.precision == "int8" and "int8" in evaluator.name
    if platform.machine().lower() in X86:
        assert convolutions_in_int8(evaluator) == len(trunk_convs(config)) + len(config.pool_blocks), "split in two"


def test_a_small_range_clips(lively: Callable, inputs: Callable) -> None:
    """The ranges are used, each for its own convolution: with tiny ones nothing gets through the trunk."""
    from nets.evaluator_openvino import OpenVinoEvaluator

    config, arrays, _ = lively("4x16")
    planes, globals_ = inputs(9, 9)
    ranges = measured_ranges(config, arrays, 9, planes, globals_)
    assert ranges is not None
    good = OpenVinoEvaluator(config, arrays, 9, 9, 1, precision="int8", ranges=ranges).evaluate(planes, globals_)
    for k in range(len(ranges)):
        clipped = [*ranges[:k], 1e-3 * ranges[k], *ranges[k + 1 :]]
        other = OpenVinoEvaluator(config, arrays, 9, 9, 1, precision="int8", ranges=clipped).evaluate(planes, globals_)
        assert np.abs(other.policy - good.policy).max() > 0.05, trunk_convs(config)[k]


def test_int8_is_taken_where_the_ranges_are_known(lively: Callable, inputs: Callable, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from nets.evaluator_openvino import OpenVinoEvaluator

    config, arrays, _ = lively("4x16")
    planes, globals_ = inputs(9, 9)
    ranges = measured_ranges(config, arrays, 9, planes, globals_)
    path = tmp_path / "net.safetensors"
    save_net(path, arrays, with_ranges({"origin": "here"}, 9, ranges), config)
    best = make_evaluator(path, 9, "openvino", batch=2).precision  # type: ignore[attr-defined]
    floats = make_evaluator(path, 13, "openvino", batch=2).precision  # type: ignore[attr-defined]
    assert best == ("int8" if platform.machine().lower() in ("x86_64", "amd64") else floats)
    assert floats in ("bf16", "f32"), "int8 on the size it was measured on alone"
    assert evaluator_of(config, arrays, 9, "openvino", 2).precision == floats  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="ranges"):
        OpenVinoEvaluator(config, arrays, 9, precision="int8")


BAD = [
    None, 7, [], {}, {"9": None}, {"9": [1.0]}, {"9": "11111111"}, {"9": [1.0] * 7 + [0.0]}, {"9": [1.0] * 7 + [-1.0]},
    {"9": [1.0] * 7 + [math.inf]}, {"9": [1.0] * 7 + [math.nan]}, {"9": [1.0] * 7 + [True]}, {"9": [2 * LARGEST] * 8},
    {"9": [SMALLEST / 2] * 8}, {"9": [1e-300] * 8},
    {"9": [1.0] * 9}, {"9": [[1.0]] * 8}, {9: [1.0] * 8}, {"9": [10**400] * 8},
]  # fmt: skip


@pytest.mark.parametrize("table", BAD, ids=lambda t: str(t)[:30])
def test_ranges_that_cannot_be_are_not_taken(table: object) -> None:
    assert stored_ranges({"ranges": table}, NetConfig.named("4x64"), 9) is None


def test_ranges_are_kept_by_size() -> None:
    config = NetConfig.named("4x64")
    meta = with_ranges(with_ranges({"rank": 5}, 9, [1.5] * 8), 13, [2] * 8)
    assert stored_ranges(meta, config, 9) == [1.5] * 8 and stored_ranges(meta, config, 13) == [2.0] * 8
    assert stored_ranges(meta, config, 19) is None and stored_ranges(meta, NetConfig.named("6x96"), 9) is None
    assert meta["rank"] == 5 and with_ranges(meta, 7, None) == meta
    assert with_ranges({"ranges": "odd"}, 9, [1.0])["ranges"] == {"9": [1.0]}


def test_a_convolution_that_sees_nothing_leaves_the_others_their_int8(lively: Callable, inputs: Callable) -> None:
    config, arrays, _ = lively("4x16")
    planes, globals_ = inputs(3, 9)
    dark = {name: np.zeros_like(array) for name, array in arrays.items() if name.startswith("blocks.0.convs.0.norm.w")}
    low = {name: np.full_like(array, -1) for name, array in arrays.items() if name == "blocks.0.convs.0.norm.bias"}
    found = measured_ranges(config, arrays | dark | low, 9, planes, globals_)
    assert dark and low and found is not None and found[1] == FLOOR and min(found[2:]) > FLOOR


def test_weights_without_finite_answers_have_no_ranges(lively: Callable, inputs: Callable) -> None:
    config, arrays, _ = lively("4x16")
    planes, globals_ = inputs(3, 9)
    broken = dict(arrays) | {"stem.norm.bias": np.full_like(arrays["stem.norm.bias"], 1e38)}
    assert measured_ranges(config, broken, 9, planes, globals_) is None
    assert measured_ranges(config, arrays, 9, planes[:0], globals_[:0]) is None


@pytest.mark.parametrize("size", range(MIN_SIZE, MAX_SIZE + 1))
def test_the_default_networks_have_their_ranges(size: int) -> None:
    net = default_net(size)
    assert stored_ranges(net.meta, net.config, size)


def test_every_network_has_the_ranges_of_its_size() -> None:
    for net in shipped_nets():
        assert all(stored_ranges(net.meta, net.config, size) for size in net.sizes), net.name


@pytest.mark.parametrize("size", [9, 19])
def test_a_shipped_network_answers_alike_in_int8(size: int, needs_jit: None) -> None:
    """On positions that it comes to when it plays: the policy's error is a hundredth of a nat at most."""
    from benchmarks.precision import differences
    from benchmarks.ship import positions_of_play
    from nets.evaluator_openvino import OpenVinoEvaluator

    net = default_net(size)
    config, arrays, meta = load_net(net.path)
    played = positions_of_play(config, arrays, size, seed=9, games=4)
    planes, globals_ = (part[:: max(1, len(part) // 256)] for part in played)
    exact = OpenVinoEvaluator(config, arrays, size, 64, precision="f32").evaluate(planes, globals_)
    ranges = stored_ranges(meta, config, size)
    whole = OpenVinoEvaluator(config, arrays, size, 64, precision="int8", ranges=ranges).evaluate(planes, globals_)
    off = differences(exact, whole)
    assert off["divergence"] < 0.01 and off["same_move"] > 0.9 and off["value"] < 0.05 and off["score"] < 1
