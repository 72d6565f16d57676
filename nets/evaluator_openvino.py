"""The CPU back end: an OpenVINO graph built from the folded weights. Imports no torch."""

from __future__ import annotations

import copy
import platform
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np

from nets.bf16 import cpu_gains_by_bf16
from nets.config import GLOBALS, PLANES, SCORE_SCALE, NetConfig, fold, width_factors
from nets.evaluator import Evaluation, batch_sizes, check_inputs, default_threads, in_chunks
from nets.openvino_runtime import core, op, ov
from nets.ranges import trunk_convs

X86 = ("x86_64", "amd64")  # where int8 was seen to be the fastest


class OpenVinoEvaluator:
    """Evaluates on the CPU; bfloat16 where the CPU gains by it, else float32; the trunk in int8 where its ranges
    are known (see :mod:`nets.ranges`).

    One model is compiled, in about 0.1 s, for each batch size of :func:`nets.evaluator.batch_sizes` when it
    is needed; smaller inputs are padded. Several evaluations can be under way at once.
    """

    def __init__(
        self,
        config: NetConfig,
        arrays: Mapping[str, np.ndarray],
        size: int,
        batch: int = 32,
        threads: int | None = None,
        precision: str | None = None,
        side_by_side: bool = False,
        ranges: Sequence[float] | None = None,
    ) -> None:
        """``side_by_side``: each thread is to evaluate a batch of its own, else all evaluate one together.

        ``precision``: "int8", "bf16" or "f32"; None: the fastest that the CPU and ``ranges`` allow.
        """
        self.size, self.batch = size, batch
        self.threads = threads or default_threads()
        self.streams = self.threads if side_by_side else 1
        able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        floats = "bf16" if "BF16" in able and cpu_gains_by_bf16() else "f32"
        if precision is None:
            whole = ranges is not None and "INT8" in able and platform.machine().lower() in X86
            precision = "int8" if whole else floats
        if precision == "int8" and ranges is None:
            raise ValueError("int8 needs the ranges of the activations")
        self.precision = precision
        self._floats = floats if precision == "int8" else precision  # of all that is not in int8
        self._ranges = dict(zip(trunk_convs(config), ranges or (), strict=True)) if precision == "int8" else {}
        self.name = f"OpenVINO {precision}, {self.threads} thread{'s' if self.threads > 1 else ''}"
        self._config = config
        self._weights = fold(config, arrays)
        self._sizes = batch_sizes(batch)
        self._compiled: dict[int, ov.CompiledModel] = {}
        self._free: dict[int, list[ov.InferRequest]] = {}
        self._lock = Lock()  # of the two

    def beside(self, least: int, most: int) -> OpenVinoEvaluator | None:
        """See :func:`nets.evaluator.beside`."""
        if self.threads == 1 or most < max(least, 1):
            return None
        other = copy.copy(self)  # the weights are the same arrays
        other.streams, other.batch = self.threads, most
        other._sizes = [size for size in batch_sizes(most) if size >= least]
        other._compiled, other._free, other._lock = {}, {}, Lock()
        return other

    def warm_up(self) -> None:
        """Compiles every batch size now."""
        for count in self._sizes:
            self._compile(count)

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        check_inputs(planes, globals, self.size)
        return in_chunks(self, planes, globals)

    def submit(self, planes: np.ndarray, globals: np.ndarray) -> tuple[ov.InferRequest, int, int]:
        count = check_inputs(planes, globals, self.size)
        if count > self.batch:
            raise ValueError(f"{count} positions submitted to an evaluator of {self.batch}")
        padded = next(size for size in self._sizes if size >= count)
        with self._lock:
            self._compile(padded)
            free = self._free[padded]
            request = free.pop() if free else self._compiled[padded].create_infer_request()
        request.get_input_tensor(0).data[:count] = planes
        request.get_input_tensor(1).data[:count] = globals
        request.start_async()
        return request, padded, count

    def result(self, handle: tuple[ov.InferRequest, int, int]) -> Evaluation:
        request, padded, count = handle
        request.wait()
        outputs = [request.get_output_tensor(i).data[:count].copy() for i in range(4)]
        self._free[padded].append(request)
        return Evaluation(*outputs)

    def _compile(self, count: int) -> None:
        if count in self._compiled:
            return
        model = build_model(self._config, self._weights, self.size, count, self._ranges)
        self._compiled[count] = core.compile_model(model, "CPU", self._options())
        self._free[count] = []

    def _options(self) -> dict[str, Any]:
        return {
            "PERFORMANCE_HINT": "LATENCY" if self.streams == 1 else "THROUGHPUT",
            "INFERENCE_NUM_THREADS": self.threads,
            "NUM_STREAMS": self.streams,
            "INFERENCE_PRECISION_HINT": self._floats,
            "ENABLE_CPU_PINNING": False,  # a pinned thread waits for its core when another process takes it
        }


def build_model(
    config: NetConfig,
    weights: Mapping[str, np.ndarray],
    size: int,
    batch: int,
    ranges: Mapping[str, float] | None = None,
) -> ov.Model:
    """The network for one board size and batch, from weights folded by :func:`nets.config.fold`.

    ``ranges``: the largest input of each convolution that is to be computed in int8, by name. Inputs: planes uint8
    [batch, PLANES, S, S], globals float32 [batch, GLOBALS]; outputs as in Evaluation.
    """
    graph = _Graph(weights, size, ranges or {})
    x, inputs = _trunk(graph, config, size, batch)
    policy = _policy(graph, x, batch)
    value, score, ownership = _value(graph, x, batch)
    outputs = [op.result(node) for node in (policy, value, score, ownership)]
    return ov.Model(outputs, inputs, "gogame")


def largest_inputs(
    config: NetConfig, weights: Mapping[str, np.ndarray], size: int, planes: np.ndarray, globals: np.ndarray,
    threads: int | None = None,
) -> np.ndarray:  # fmt: skip
    """float [N]: the largest input of each convolution of :func:`nets.ranges.trunk_convs` over the positions, in
    float32."""
    graph, batch = _Graph(weights, size, {}), min(len(planes), 64)
    _, inputs = _trunk(graph, config, size, batch)
    outputs = [op.result(graph.largest(graph.inputs[name])) for name in trunk_convs(config)]
    options = {
        "INFERENCE_NUM_THREADS": threads or default_threads(),
        "INFERENCE_PRECISION_HINT": "f32",
        "ENABLE_CPU_PINNING": False,
    }
    compiled = core.compile_model(ov.Model(outputs, inputs, "ranges"), "CPU", options)
    most = np.zeros(len(outputs))
    for begin in range(0, len(planes), batch):
        begin = min(begin, len(planes) - batch)  # the last ones may overlap those before
        answer = compiled([planes[begin : begin + batch], globals[begin : begin + batch]])
        most = np.maximum(most, [answer[i].max() for i in range(len(outputs))])
    return most


def _trunk(graph: _Graph, config: NetConfig, size: int, batch: int) -> tuple[Any, list[Any]]:
    """(what the heads see, the inputs of the graph)."""
    planes = op.parameter([batch, PLANES, size, size], np.uint8, "planes")
    globals_ = op.parameter([batch, GLOBALS], np.float32, "globals")
    x = graph.conv(op.convert(planes, "f32"), "stem")
    x = op.relu(op.add(x, graph.on_board(graph.linear(globals_, "stem_globals"))))
    for block in range(config.blocks):
        x = _block(graph, config, x, block)
    return x, [planes, globals_]


class _Graph:
    """The layers of the network as graph nodes."""

    def __init__(self, weights: Mapping[str, np.ndarray], size: int, ranges: Mapping[str, float]) -> None:
        self.weights, self.size, self.ranges = weights, size, ranges
        self.inputs: dict[str, Any] = {}  # of each convolution, by name

    def conv(self, x: Any, name: str, rows: slice = slice(None)) -> Any:
        """A convolution that keeps the size, with its bias if there is one; ``rows`` = the outputs wanted."""
        weight = np.ascontiguousarray(self.weights[f"{name}.weight"][rows])
        pad = [weight.shape[2] // 2] * 2
        self.inputs[name] = x
        kernel = op.constant(weight)
        if name in self.ranges:
            most = np.maximum(np.abs(weight).max(axis=(1, 2, 3), keepdims=True), np.float32(1e-9))
            x, kernel = self.rounded(x, 0.0, self.ranges[name], 256), self.rounded(kernel, -most, most, 255)
        y = op.convolution(x, kernel, [1, 1], pad, pad, [1, 1])
        bias = self.weights.get(f"{name}.bias")
        return y if bias is None else op.add(y, op.constant(bias[rows].reshape(1, -1, 1, 1)))

    def rounded(self, x: Any, low: Any, high: Any, levels: int) -> Any:
        """``x`` in so many steps from ``low`` to ``high``; what takes such numbers is compiled to int8."""
        ends = [op.constant(np.asarray(end, np.float32)) for end in (low, high)]
        return op.fake_quantize(x, *ends, *ends, levels)

    def linear(self, x: Any, name: str) -> Any:
        """[B, inputs] -> [B, outputs], with the bias if there is one."""
        y = op.matmul(x, op.constant(self.weights[f"{name}.weight"]), False, True)
        bias = self.weights.get(f"{name}.bias")
        return y if bias is None else op.add(y, op.constant(bias[None]))

    def on_board(self, x: Any) -> Any:
        """[B, C] -> [B, C, 1, 1], to be added to every point."""
        return op.unsqueeze(x, op.constant(np.array([2, 3], np.int64)))

    def mean(self, x: Any) -> Any:
        return op.reduce_mean(x, op.constant(np.array([2, 3], np.int64)), False)

    def largest(self, x: Any) -> Any:
        """The largest of each channel, [B, C]."""
        return op.reduce_max(x, op.constant(np.array([2, 3], np.int64)), False)

    def pooled(self, x: Any) -> Any:
        """[B, C, S, S] -> [B, 3C]: mean, mean times the width factor, max."""
        linear, _ = width_factors(self.size)
        mean = self.mean(x)
        return op.concat([mean, op.multiply(mean, np.float32(linear)), self.largest(x)], 1)

    def value_pooled(self, x: Any) -> Any:
        """[B, C, S, S] -> [B, 3C]: mean, and the mean times the linear and the quadratic width factor."""
        linear, quadratic = width_factors(self.size)
        mean = self.mean(x)
        scaled = [op.multiply(mean, np.float32(factor)) for factor in (linear, quadratic)]
        return op.concat([mean, *scaled], 1)


def _block(graph: _Graph, config: NetConfig, x: Any, block: int) -> Any:
    name = f"blocks.{block}"
    convs = config.block_convs(block)
    if block in config.pool_blocks:
        kept = config.inner_channels - config.pool_channels
        pooled = graph.pooled(op.relu(graph.conv(x, f"{name}.convs.0", slice(kept, None))))
        y = graph.conv(x, f"{name}.convs.0", slice(None, kept))
        y = op.add(y, graph.on_board(graph.linear(pooled, f"{name}.pool")))
    else:
        y = graph.conv(x, f"{name}.convs.0")
    for j in range(1, len(convs)):
        y = graph.conv(op.relu(y), f"{name}.convs.{j}")
    return op.relu(op.add(y, x)) if config.skip else op.relu(y)


def _policy(graph: _Graph, x: Any, batch: int) -> Any:
    pooled = graph.pooled(op.relu(graph.conv(x, "policy.pooled")))
    board = op.add(graph.conv(x, "policy.board"), graph.on_board(graph.linear(pooled, "policy.bias")))
    logits = graph.conv(op.relu(board), "policy.out", slice(0, 1))
    logits = op.reshape(logits, op.constant(np.array([batch, -1], np.int64)), False)
    passing = graph.linear(op.relu(graph.linear(pooled, "policy.pass_hidden")), "policy.pass_out")
    first = [op.constant(np.array([i], np.int64)) for i in (0, 1, 1, 1)]
    return op.concat([logits, op.slice(passing, *first)], 1)


def _value(graph: _Graph, x: Any, batch: int) -> tuple[Any, Any, Any]:
    features = op.relu(graph.conv(x, "value.features"))
    hidden = op.relu(graph.linear(graph.value_pooled(features), "value.hidden"))
    raw = graph.linear(hidden, "value.score")
    half = op.split(raw, op.constant(np.int64(1)), 2)
    score = op.concat([half.output(0), op.softplus(half.output(1))], 1)
    ownership = op.tanh(graph.conv(features, "value.ownership"))
    ownership = op.reshape(ownership, op.constant(np.array([batch, graph.size, graph.size], np.int64)), False)
    return graph.linear(hidden, "value.value"), op.multiply(score, np.float32(SCORE_SCALE)), ownership
