"""The torch back ends: any machine (float32, or bfloat16 where the CPU gains by it), and CUDA."""

from __future__ import annotations

import threading
import warnings
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nets.bf16 import cpu_gains_by_bf16
from nets.config import GLOBALS, NetConfig, NetError
from nets.evaluator import Evaluation, batch_sizes, check_inputs, default_threads, in_chunks, joined
from nets.gpu import gpu_has_bf16, gpu_problem
from nets.memory import half_of, is_out_of_memory, release_memory, says_out_of_memory
from nets.model import Network, import_arrays
from nets.packing import bit_numbers, pack_planes, packed_bytes, unpack_planes


def inference_network(config: NetConfig, arrays: Mapping[str, np.ndarray], dtype: torch.dtype) -> Network:
    """A fused network in ``dtype`` and channels_last, which can only be run."""
    with torch.device("meta"):  # it draws no weights: the random state is training's, and lies in its checkpoints
        network = Network(config)
    network.to_empty(device="cpu")
    import_arrays(network, arrays)
    network.fuse()
    network.to(dtype=dtype)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.requires_grad_(False)


def run(network: Network, planes: Tensor, globals: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The four results of an ``Evaluation``, float32 and contiguous."""
    x = planes.to(network.stem.conv.weight.dtype).contiguous(memory_format=torch.channels_last)
    output = network(x, globals)
    return (
        output.policy.float().contiguous(),
        output.value.float().contiguous(),
        output.score.float().contiguous(),
        torch.tanh(output.ownership.float()).contiguous(),
    )


@contextmanager
def _thread_count(threads: int) -> Iterator[None]:
    """torch has one thread count a process: it is set for the evaluation only, not for training beside it."""
    before = torch.get_num_threads()
    if before != threads:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        if before != threads:
            torch.set_num_threads(before)


# Held while a CUDA graph is captured, and for what would disturb a capture in another thread: a wait for the whole
# device, and the end of graphs. Matches have an evaluator a thread.
_ALONE = threading.Lock()


class _Evaluator(ABC):
    """What the torch back ends share. When the device's memory runs out, half as many positions run at once.

    ``batch`` is then smaller for good, and what is submitted is cut: every caller may go on with the batch it asked
    for. ``say`` hears of it, in one line.
    """

    name: str
    _network: Network
    streams = 1
    ahead = 0  # pieces of a large input that are under way beside the one that is waited for
    where = ""  # whose memory it is, for the message

    def __init__(self, size: int, batch: int, say: Callable[[str], None] | None) -> None:
        self.size, self.batch = size, batch
        self._most = batch  # positions that may be submitted
        self._say = say or _to_standard_error

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        check_inputs(planes, globals, self.size)
        return in_chunks(self, planes, globals, self.ahead)

    def set_weights(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Goes on with other weights of the same shape. What was submitted is answered by those before."""
        mine = self._network.state_dict()
        fresh = inference_network(self._network.config, arrays, self._network.stem.conv.weight.dtype).state_dict()
        self._await()
        for name, tensor in mine.items():  # in place: that is where CUDA graphs read them
            tensor.copy_(fresh[name])
        self._await()

    def _await(self) -> None:  # noqa: B027 - on the CPU nothing is under way
        """Waits until the device has done all that it was asked to do."""

    def submit(self, planes: np.ndarray, globals: np.ndarray) -> list[Any]:
        count = check_inputs(planes, globals, self.size)
        if count > self._most:
            raise ValueError(f"{count} positions submitted to an evaluator of {self._most}")
        started: list[Any] = []
        done = 0
        while done < count:
            end = min(done + self.batch, count)
            handle = self._start_or_shrink(planes[done:end], globals[done:end])
            if handle is not None:
                started.append(handle)
                done = end
        return started

    def result(self, handle: list[Any]) -> Evaluation:
        return joined([self._finish(piece) for piece in handle])

    def _start_or_shrink(self, planes: np.ndarray, globals: np.ndarray) -> Any:
        """A handle; None if the memory did not suffice, and there is more of it or ``batch`` is smaller now."""
        try:
            return self._start(planes, globals)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
        # Outside of the handler: while the error is alive, its frames hold tensors.
        with _ALONE:
            if self._free_idle():
                release_memory()
                return None
            self.batch = half_of(len(planes), f"{self.where}: out of memory")
            self._forget_larger()
            release_memory()
        self._say(f"{self.where}: out of memory, evaluating at most {self.batch} positions at once from now on")
        return None

    @abstractmethod
    def _start(self, planes: np.ndarray, globals: np.ndarray) -> Any:
        """Begins the evaluation of at most ``batch`` positions."""

    @abstractmethod
    def _finish(self, handle: Any) -> Evaluation:
        """The results of what :meth:`_start` began."""

    def _free_idle(self) -> bool:
        """Frees what is kept for later and not in use; returns whether there was any."""
        return False

    def _forget_larger(self) -> None:  # noqa: B027 - on the CPU nothing is kept
        """Frees what is kept for more than ``batch`` positions."""


def _to_standard_error(text: str) -> None:
    from nets.progress import say

    say(text)


class TorchEvaluator(_Evaluator):
    """Evaluates on the CPU with torch. ``submit`` computes at once."""

    where = "CPU"

    def __init__(
        self,
        config: NetConfig,
        arrays: Mapping[str, np.ndarray],
        size: int,
        batch: int = 32,
        threads: int | None = None,
        precision: str | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(size, batch, say)
        self.threads = threads or default_threads()
        if precision is None:
            precision = "bf16" if cpu_gains_by_bf16() else "f32"
        self.precision = precision
        self.name = f"torch {precision} on the CPU, {self.threads} thread{'s' if self.threads > 1 else ''}"
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self._network = inference_network(config, arrays, dtype)

    def _start(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        with torch.inference_mode(), _thread_count(self.threads):
            results = run(self._network, torch.from_numpy(planes.copy()), torch.from_numpy(globals.copy()))
            return Evaluation(*(t.numpy() for t in results))

    def _finish(self, handle: Evaluation) -> Evaluation:
        return handle


def _clear_workspaces() -> None:
    """Has cuBLAS take a workspace anew.

    Around a capture, so that the one it uses lies in the memory of this graph alone: the end of another graph frees the
    stream's (as torch's own torch/_inductor/cudagraph_trees.py does).
    """
    clear = getattr(torch._C, "_cuda_clearCublasWorkspaces", None)
    if clear is not None:
        clear()


@contextmanager
def _cudnn(benchmark: bool) -> Iterator[None]:
    """cuDNN in true float32; ``benchmark``: its kernels are chosen by trying them, and remembered."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch 2.9 has a new way of saying the former, and warns of this one
        with torch.backends.cudnn.flags(enabled=True, benchmark=benchmark, allow_tf32=False):
            yield


class CaptureFailed(Exception):
    """A CUDA graph could not be captured, for want of something else than memory. torch's allocator may still take the
    capture for under way: then it gives no memory back, and captures nothing more."""


class _Captured:
    """A CUDA graph of one batch size with its fixed buffers, in pinned host memory and on the device.

    The planes travel packed (:mod:`nets.packing`); the graph unpacks them, runs the network and leaves float32. Without
    a graph the same is asked of the device kernel by kernel.
    """

    def __init__(
        self, network: Network, size: int, batch: int, stream: torch.cuda.Stream, *, with_graph: bool = True
    ) -> None:
        self.stream = stream
        self.planes = torch.zeros((batch, packed_bytes(size)), dtype=torch.uint8).pin_memory()
        self.globals = torch.zeros((batch, GLOBALS)).pin_memory()
        planes, globals_, bits = self.planes.cuda(), self.globals.cuda(), bit_numbers("cuda")

        def compute() -> tuple[Tensor, Tensor, Tensor, Tensor]:
            return run(network, unpack_planes(planes, bits, size), globals_)

        self._compute = compute
        self._device_inputs = (planes, globals_)
        self.graph: torch.cuda.CUDAGraph | None = torch.cuda.CUDAGraph() if with_graph else None
        stream.wait_stream(torch.cuda.current_stream())
        # Whatever fails on the way, this block sets the stream back: that of a capture does not if its end fails.
        with torch.cuda.stream(stream):
            with _cudnn(benchmark=True):  # kernels are chosen before the capture, which a trial would spoil
                for _ in range(3):
                    outputs = compute()
            stream.synchronize()
            if self.graph is not None:
                del outputs
                outputs = self._capture(self.graph)
        self._device_outputs = outputs
        self.outputs = [torch.empty(t.shape, dtype=t.dtype).pin_memory() for t in outputs]
        self.done = torch.cuda.Event()

    def _capture(self, graph: torch.cuda.CUDAGraph) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Captures the computation; returns where its results will be."""
        _clear_workspaces()
        try:
            with (
                _cudnn(benchmark=False),
                torch.cuda.graph(graph, stream=self.stream, capture_error_mode="thread_local"),
            ):
                return self._compute()
        except Exception as error:
            if says_out_of_memory(error):  # itself: the capture's end did not fail
                raise
            raise CaptureFailed(" ".join(str(error).split())[:150]) from error
        finally:
            _clear_workspaces()

    def start(self, planes: np.ndarray, globals: np.ndarray) -> None:
        self.planes.numpy()[: len(planes)] = pack_planes(planes)
        self.globals.numpy()[: len(globals)] = globals
        with torch.cuda.stream(self.stream):
            for device, host in zip(self._device_inputs, (self.planes, self.globals), strict=True):
                device.copy_(host, non_blocking=True)
            if self.graph is None:
                self._device_outputs = self._compute()
            else:
                self.graph.replay()
            for host, device in zip(self.outputs, self._device_outputs, strict=True):
                host.copy_(device, non_blocking=True)
            self.done.record(self.stream)


SMALLEST = 8  # positions of the smallest CUDA graph


class CudaEvaluator(_Evaluator):
    """Evaluates on a GPU in bfloat16 (float32 on GPUs before Ampere), one CUDA graph per batch size.

    Two graphs a batch size can be under way, so that one batch is copied while the other is computed. If one cannot be
    captured, there are no more of them: the device is asked kernel by kernel, and ``say`` hears of it.
    """

    ahead = 1
    where = "GPU"

    def __init__(
        self,
        config: NetConfig,
        arrays: Mapping[str, np.ndarray],
        size: int,
        batch: int = 256,
        precision: str | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        if problem := gpu_problem():
            raise NetError(problem)
        super().__init__(size, batch, say)
        if precision is None:
            precision = "bf16" if gpu_has_bf16() else "f32"
        self.precision = precision
        self.name = f"CUDA {precision}, {torch.cuda.get_device_name()}"
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        try:
            self._network = inference_network(config, arrays, dtype).cuda()
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            raise NetError(
                "GPU: out of memory even for the network; end other programs on it, or choose --device cpu"
            ) from None
        self._free: dict[int, list[_Captured]] = {}  # by batch size: graphs that nothing waits for
        self._streams = [torch.cuda.Stream(), torch.cuda.Stream()]
        self._captures: Counter[int] = Counter()  # by batch size
        self._has_graphs = True

    def _sizes(self) -> list[int]:
        """The batch sizes that have graphs: a GPU takes as long for one position as for SMALLEST."""
        return [size for size in batch_sizes(self.batch) if size >= min(SMALLEST, self.batch)]

    def _start(self, planes: np.ndarray, globals: np.ndarray) -> tuple[_Captured, int, int]:
        count = len(planes)
        padded = next(size for size in self._sizes() if size >= count)
        free = self._free.setdefault(padded, [])
        captured = free.pop() if free else self._capture(padded)
        with torch.inference_mode():
            captured.start(planes, globals)
        return captured, padded, count

    def _finish(self, handle: tuple[_Captured, int, int]) -> Evaluation:
        captured, padded, count = handle
        captured.done.synchronize()
        outputs = [t.numpy()[:count].copy() for t in captured.outputs]
        if padded <= self.batch:
            self._free.setdefault(padded, []).append(captured)
        return Evaluation(*outputs)

    def _await(self) -> None:
        with _ALONE:
            torch.cuda.synchronize()

    def _free_idle(self) -> bool:
        idle = any(self._free.values())
        self._free.clear()
        return idle

    def _forget_larger(self) -> None:
        self._free = {padded: graphs for padded, graphs in self._free.items() if padded <= self.batch}

    def _capture(self, count: int) -> _Captured:
        stream = self._streams[self._captures[count] % 2]  # the two of a size are computed side by side
        with _ALONE, torch.inference_mode():
            torch.cuda.synchronize()  # nothing else may run on the device while a graph is captured
            captured = None
            if self._has_graphs:
                try:
                    captured = _Captured(self._network, self.size, count, stream)
                except CaptureFailed as error:
                    self._has_graphs = False
                    self._say(f"GPU: a CUDA graph could not be captured ({error}): evaluating without graphs")
            if captured is None:  # outside of the handler, as above
                captured = _Captured(self._network, self.size, count, stream, with_graph=False)
        self._captures[count] += 1
        return captured
