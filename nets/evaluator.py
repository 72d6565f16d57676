"""Evaluators: from input planes to policy, value, score and ownership, on the best device that is there.

Search sees this protocol and never a network. The back ends: OpenVINO (CPUs; no torch is imported), torch
(anywhere) and CUDA (bf16, CUDA graphs). All give the same results within ``TOLERANCE``.
"""

from __future__ import annotations

import importlib.util
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from nets.config import GLOBALS, PLANES, NetConfig, NetError
from nets.ranges import stored_ranges
from nets.weights import check_size, find_net, load_net

DEVICES = ("auto", "cpu", "cuda", "openvino", "torch")
# Largest difference between back ends, and between batch sizes, relative to the largest output of its kind:
# in float32, in bfloat16 (8 bits of mantissa), and with a trunk in int8 (256 steps).
TOLERANCE = {"f32": 2e-4, "bf16": 5e-2, "int8": 0.15}


class Evaluation(NamedTuple):
    """Results for B positions on an S x S board, float32, from the mover's view."""

    policy: np.ndarray  # [B, S * S + 1] logits; the last action is the pass
    value: np.ndarray  # [B, 3] logits of win, loss, no result
    score: np.ndarray  # [B, 2] mean and spread of the final score, points
    ownership: np.ndarray  # [B, S, S] in [-1, 1], 1 = the mover's


class Evaluator(Protocol):
    """What search needs of a network. One thread at a time but for ``streams``; results are the caller's own arrays."""

    streams: int  # submitted batches computed side by side, each on a core of its own, for so many threads
    name: str  # for people: back end, precision, threads
    size: int  # board size
    batch: int  # most positions that run as one batch; larger inputs are cut into several. May sink: nets.memory

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        """planes uint8 [B, PLANES, S, S], globals float32 [B, GLOBALS], any B >= 1."""

    def submit(self, planes: np.ndarray, globals: np.ndarray) -> Any:
        """Starts evaluating at most as many positions as it was made for; returns a handle. Inputs may be reused."""

    def result(self, handle: Any) -> Evaluation:
        """Waits for a submitted evaluation. Each handle gives its result once."""


def check_inputs(planes: np.ndarray, globals: np.ndarray, size: int) -> int:
    """The number of positions B; ValueError unless the inputs have the shapes and types of the protocol."""
    count = planes.shape[0] if planes.ndim else 0
    if count < 1 or planes.shape != (count, PLANES, size, size) or planes.dtype != np.uint8:
        raise ValueError(f"planes must be uint8 [B, {PLANES}, {size}, {size}], not {planes.dtype} {planes.shape}")
    if globals.shape != (count, GLOBALS) or globals.dtype != np.float32:
        raise ValueError(f"globals must be float32 [{count}, {GLOBALS}], not {globals.dtype} {globals.shape}")
    return count


def in_chunks(evaluator: Evaluator, planes: np.ndarray, globals: np.ndarray, ahead: int = 0) -> Evaluation:
    """Evaluates any number of positions in pieces of at most ``evaluator.batch``; so many pieces are under way while
    the result of one is waited for."""
    batch = evaluator.batch
    pieces, under_way = [], deque[Any]()
    for start in range(0, len(planes), batch):
        under_way.append(evaluator.submit(planes[start : start + batch], globals[start : start + batch]))
        if len(under_way) > ahead:
            pieces.append(evaluator.result(under_way.popleft()))
    return joined([*pieces, *map(evaluator.result, under_way)])


def joined(pieces: Sequence[Evaluation]) -> Evaluation:
    """The results of the pieces one after the other."""
    if len(pieces) == 1:
        return pieces[0]
    return Evaluation(*(np.concatenate(parts) for parts in zip(*pieces, strict=True)))


def batch_sizes(batch: int) -> list[int]:
    """The sizes that are compiled for inputs of up to ``batch`` positions: powers of two, and ``batch``."""
    sizes = [1]
    while sizes[-1] * 2 < batch:
        sizes.append(sizes[-1] * 2)
    return sizes if batch == 1 else [*sizes, batch]


def default_threads(device: str = "cpu") -> int:
    """The cores that this process may use, at most 8 (small boards do not fill more); for self-play with its network on
    a GPU, which waits for the search, at most 64."""
    most = 64 if device != "cpu" and choose_device(device) == "cuda" else 8
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS or Windows
        cores = os.cpu_count() or 1
    return max(1, min(most, cores))


def choose_device(device: str = "auto") -> str:
    """The back end, "cuda", "openvino" or "torch", for a device name. NetError if it is not there."""
    if device not in DEVICES:
        raise NetError(f"unknown device {str(device)[:40]!r}: one of {', '.join(DEVICES)}")
    openvino = importlib.util.find_spec("openvino") is not None
    torch = importlib.util.find_spec("torch") is not None
    if device == "openvino" and not openvino:
        raise NetError("openvino is not installed")
    if device in ("torch", "cuda") and not torch:
        raise NetError("torch is not installed")
    if device == "cuda" or (device == "auto" and torch and _nvidia_driver()):
        problem = _cuda_problem()
        if problem is None:
            return "cuda"
        if device == "cuda":
            raise NetError(problem)
    if device in ("openvino", "torch"):
        return device
    if openvino:
        return "openvino"
    if torch:
        return "torch"
    raise NetError("no back end is installed: neither openvino nor torch")


@cache
def _cuda_problem() -> str | None:
    """Why there is no computing on a GPU, in one line; None if there is. Of a GPU that fails it is said, once."""
    try:
        import torch

        from nets.gpu import gpu_problem
    except (ImportError, OSError) as error:
        return f"torch cannot be loaded: {' '.join(str(error).split())[:150]}"
    problem = gpu_problem()
    if problem is not None and torch.cuda.is_available():
        from nets.progress import say

        say(problem)
    return problem


def _nvidia_driver() -> bool:
    """Whether a CUDA driver may be there: a cheap test, so that others need not wait for torch's import."""
    if os.name == "nt":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "nvcuda.dll").exists()
    return Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()


def make_evaluator(
    net: str | Path | None,
    size: int,
    device: str = "auto",
    batch: int = 32,
    threads: int | None = None,
    side_by_side: bool = False,
) -> Evaluator:
    """The evaluator of a shipped net (by name), a file, or (None) the default net for the board size."""
    info = find_net(net, size)
    config, arrays, meta = load_net(info.path)
    ranges = stored_ranges(meta, config, size)
    return evaluator_of(config, arrays, size, device, batch, threads, side_by_side=side_by_side, ranges=ranges)


def evaluator_of(
    config: NetConfig,
    arrays: Mapping[str, np.ndarray],
    size: int,
    device: str = "auto",
    batch: int = 32,
    threads: int | None = None,
    *,
    say: Callable[[str], None] | None = None,
    side_by_side: bool = False,
    ranges: Sequence[float] | None = None,
) -> Evaluator:
    """The evaluator of weights in memory (as ``load_net`` and ``Trainer.ema_arrays`` return them).

    ``batch``: most positions that will be submitted. ``say`` hears when memory runs out and fewer of them run at once;
    None: standard error does.
    ``side_by_side``: on a CPU each of the ``threads`` evaluates batches of its own, where the back end can; that
    suits several threads that each ask for large batches. ``ranges``: of the activations (see :mod:`nets.ranges`); with
    them a CPU computes the trunk in int8.
    """
    check_size(size)
    if batch < 1 or (threads is not None and threads < 1):
        raise NetError("batch and threads must be at least 1")
    backend = choose_device(device)
    if backend == "openvino":
        from nets.evaluator_openvino import OpenVinoEvaluator

        return OpenVinoEvaluator(config, arrays, size, batch, threads, side_by_side=side_by_side, ranges=ranges)
    from nets.evaluator_torch import CudaEvaluator, TorchEvaluator

    if backend == "cuda":
        return CudaEvaluator(config, arrays, size, batch, say=say)
    return TorchEvaluator(config, arrays, size, batch, threads, say=say)


def take_weights(evaluator: Any, arrays: Mapping[str, np.ndarray]) -> bool:
    """Gives an evaluator other weights of the shape it has, if it can take them: what it has made ready stays.

    False of one that compiles its weights in (OpenVINO), which has to be made anew.
    """
    set_weights = getattr(evaluator, "set_weights", None)
    if set_weights is None:
        return False
    set_weights(arrays)
    return True


def beside(evaluator: Any, least: int, most: int) -> Evaluator | None:
    """A second evaluator of the same weights, for a search that keeps several batches of ``least`` to ``most``
    positions under way: each is computed on a core of its own, and all of them side by side.

    None where the back end has no such thing (torch), where there is one core, and where ``most`` is below ``least``.
    """
    make = getattr(evaluator, "beside", None)
    return None if make is None else make(least, most)
