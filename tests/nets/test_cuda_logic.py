"""What CudaEvaluator does around the GPU, on a CPU that stands in for it: a graph's replay computes in place.

Streams, events and pinned memory do nothing here; the GPU's own part is tested where there is one (test_evaluators).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from nets import evaluator, evaluator_torch, gpu
from nets.config import NetError
from nets.evaluator import TOLERANCE, choose_device, take_weights
from nets.evaluator_torch import CudaEvaluator, TorchEvaluator
from nets.model import export_arrays
from nets.train import Trainer
from nets.train_config import TrainConfig
from tests.nets.conftest import lively_network


class FakeGpu:
    """Runs what is captured, and has room for graphs of so many positions, of which ``in_all`` may live."""

    def __init__(self) -> None:
        self.captured: list[int] = []  # positions of each graph, in the order of their captures
        self.most = self.in_all = 1 << 30
        self.graphs: list[Any] = []  # weak references to those alive
        self.cleared = 0
        self.spoils: BaseException | None = None  # what ends a capture
        self.refuses = False  # to give memory back: a capture was spoiled
        self.trials: list[bool] = []  # whether cuDNN tried kernels, of each run under a capture
        self._args: Any = None
        self._under_capture: Any = None

    def unpack(self, packed: torch.Tensor, bits: torch.Tensor, size: int) -> torch.Tensor:
        self._args = packed, bits, size
        return self._unpack(packed, bits, size)

    def run(self, network: Any, planes: torch.Tensor, globals_: torch.Tensor) -> Any:
        import gc
        import weakref

        gc.collect()
        alive = sum(graph().count for graph in self.graphs if graph() is not None)
        if len(planes) > self.most or alive + len(planes) > self.in_all:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        outputs = self._run(network, planes, globals_)
        assert all(part.is_contiguous() and part.dtype == torch.float32 for part in outputs)
        if (graph := self._under_capture) is not None:
            packed, bits, size = self._args
            graph.outputs, graph.count = outputs, len(planes)
            graph.compute = lambda: self._run(network, self._unpack(packed, bits, size), globals_)
            self.captured.append(len(planes))
            self.trials.append(torch.backends.cudnn.benchmark)
            self.graphs.append(weakref.ref(graph))
        return outputs

    @contextlib.contextmanager
    def capture(self, graph: Any, **_: Any) -> Iterator[None]:
        assert self.cleared % 2 == 1, "cuBLAS takes its workspace within the capture"
        assert evaluator_torch._ALONE.locked(), "another thread may wait for the device"
        self._under_capture = graph
        try:
            yield
            if isinstance(self.spoils, torch.OutOfMemoryError):
                raise self.spoils
        finally:
            self._under_capture = None
            if self.spoils is not None and not isinstance(self.spoils, torch.OutOfMemoryError):
                self.refuses = True
                raise self.spoils

    def wait(self) -> None:
        assert evaluator_torch._ALONE.locked(), "another thread may capture a graph"

    def empty(self) -> None:
        self.wait()
        if self.refuses:
            raise RuntimeError("captures_underway.empty() INTERNAL ASSERT FAILED")

    def clear(self) -> None:
        self.cleared += 1

    _run = staticmethod(evaluator_torch.run)
    _unpack = staticmethod(evaluator_torch.unpack_planes)


class Nothing:
    """A stream or an event."""

    def __init__(self, *_: Any) -> None: ...
    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


class Graph:
    outputs: Any
    compute: Any

    def replay(self) -> None:
        for device, computed in zip(self.outputs, self.compute(), strict=True):
            device.copy_(computed)


@pytest.fixture
def fake_gpu(monkeypatch: pytest.MonkeyPatch) -> FakeGpu:
    fake = FakeGpu()
    for name, value in {
        "is_available": lambda: True, "get_device_capability": lambda *_: (7, 5), "get_device_name": lambda *_: "fake",
        "Stream": Nothing, "Event": Nothing, "CUDAGraph": Graph, "graph": fake.capture,
        "stream": lambda _: contextlib.nullcontext(), "current_stream": Nothing, "synchronize": fake.wait,
        "empty_cache": fake.empty,
    }.items():  # fmt: skip
        monkeypatch.setattr(torch.cuda, name, value)
    monkeypatch.setattr(torch._C, "_cuda_clearCublasWorkspaces", fake.clear, raising=False)
    monkeypatch.setattr(torch.Tensor, "cuda", lambda self: self.clone())
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: self)
    monkeypatch.setattr(torch.nn.Module, "cuda", lambda self: self)
    monkeypatch.setattr(evaluator_torch, "gpu_problem", lambda: None)
    monkeypatch.setattr(evaluator_torch, "bit_numbers", lambda _: torch.arange(8, dtype=torch.uint8))
    monkeypatch.setattr(evaluator_torch, "run", fake.run)
    monkeypatch.setattr(evaluator_torch, "unpack_planes", fake.unpack)
    return fake


def close(got: Any, want: Any) -> bool:
    """Whether two evaluations are the same in float32."""
    return all(
        a.shape == b.shape and np.abs(a - b).max() <= TOLERANCE["f32"] * max(1.0, np.abs(b).max())
        for a, b in zip(got, want, strict=True)
    )


@pytest.mark.parametrize("size", [7, 9, 19])
def test_answers_in_any_order_and_of_any_number(lively, inputs, fake_gpu, size):
    config, arrays, _ = lively("2x16")
    planes, globals_ = inputs(45, size)
    want = TorchEvaluator(config, arrays, size, 64, 1, "f32").evaluate(planes, globals_)
    made = CudaEvaluator(config, arrays, size, 12)
    handles = [made.submit(planes[at : at + 10], globals_[at : at + 10]) for at in (0, 10, 20)]
    for number in (2, 0, 1):
        rows = slice(10 * number, 10 * number + 10)
        assert close(made.result(handles[number]), [w[rows] for w in want])
    assert fake_gpu.captured == [12] * 3
    assert close(made.evaluate(planes, globals_), want), "in pieces"
    assert close(made.evaluate(planes[:1], globals_[:1]), [w[:1] for w in want])
    assert fake_gpu.captured == [12] * 3 + [12] * 0 + [8], "the last piece of 9 needs 12, one position 8"


def test_small_batches_share_a_graph(lively, inputs, fake_gpu):
    config, arrays, _ = lively("1x8")
    made = CudaEvaluator(config, arrays, 9, 32)
    for count in (1, 3, 8, 16, 17):
        made.evaluate(*inputs(count, 9))
    assert fake_gpu.captured == [8, 16, 32] and fake_gpu.trials == [False] * 3
    few = CudaEvaluator(config, arrays, 9, 3)
    few.evaluate(*inputs(2, 9))
    assert fake_gpu.captured[3:] == [3]


def test_graphs_that_lie_idle_go_before_the_batch_shrinks(lively, inputs, fake_gpu):
    config, arrays, _ = lively("1x8")
    planes, globals_ = inputs(260, 9)
    want = TorchEvaluator(config, arrays, 9, 64, 1, "f32").evaluate(planes, globals_)
    said: list[str] = []
    made = CudaEvaluator(config, arrays, 9, 256, say=said.append)
    made.evaluate(planes[:256], globals_[:256])
    fake_gpu.in_all = 260
    made.evaluate(planes[:4], globals_[:4])
    assert said == [] and made.batch == 256 and fake_gpu.captured == [256, 8]
    fake_gpu.most = 100
    assert close(made.result(made.submit(planes[:256], globals_[:256])), [w[:256] for w in want])
    assert made.batch == 64 and len(said) == 2, said


def test_two_graphs_of_a_size_are_computed_side_by_side(lively, inputs, fake_gpu):
    config, arrays, _ = lively("1x8")
    planes, globals_ = inputs(16, 9)
    made = CudaEvaluator(config, arrays, 9, 16)
    handles = [made.submit(planes[:count], globals_[:count]) for count in (16, 8, 16, 8)]
    streams = [handle[0][0].stream for handle in handles]
    assert streams[0] is not streams[2] and streams[1] is not streams[3]


def test_without_graphs_where_none_can_be_captured(lively, inputs, fake_gpu):
    """Nor does it fail where torch then refuses to give memory back."""
    config, arrays, _ = lively("2x16")
    others = export_arrays(lively_network("2x16", seed=1))
    planes, globals_ = inputs(40, 9)
    old, new = (TorchEvaluator(config, w, 9, 64, 1, "f32").evaluate(planes, globals_) for w in (arrays, others))
    said: list[str] = []
    made = CudaEvaluator(config, arrays, 9, 16, say=said.append)
    fake_gpu.spoils = RuntimeError("CUDA error: operation failed due to a previous error\nduring capture")
    assert close(made.evaluate(planes, globals_), old)
    first = made.submit(planes[:16], globals_[:16])
    assert take_weights(made, others)
    assert close(made.result(first), [part[:16] for part in old]), "what was under way"
    assert close(made.evaluate(planes, globals_), new) and len(fake_gpu.captured) == 1
    assert said == [
        "GPU: a CUDA graph could not be captured (CUDA error: operation failed due to a previous error during capture)"
        ": evaluating without graphs"
    ]
    fake_gpu.most = 8
    assert close(made.evaluate(planes, globals_), new) and made.batch == 8 and len(said) == 2


def test_a_capture_that_finds_no_room_is_no_reason_to_go_without(lively, inputs, fake_gpu):
    config, arrays, _ = lively("1x8")
    made = CudaEvaluator(config, arrays, 9, 16, say=lambda _: setattr(fake_gpu, "spoils", None))
    fake_gpu.spoils = torch.OutOfMemoryError("CUDA out of memory.")
    made.evaluate(*inputs(16, 9))
    assert made.batch == 8 and made._free[8][0].graph is not None


def test_an_evaluator_leaves_the_random_state_alone(lively):
    config, arrays, _ = lively("1x8")
    before = torch.get_rng_state()
    made = TorchEvaluator(config, arrays, 9, 16, 1, "f32")
    assert take_weights(made, arrays)
    assert torch.equal(torch.get_rng_state(), before)


def test_other_weights_in_the_same_graphs(lively, inputs, fake_gpu):
    config, arrays, _ = lively("2x16")
    others = export_arrays(lively_network("2x16", seed=1))
    planes, globals_ = inputs(30, 9)
    old, new = (TorchEvaluator(config, w, 9, 64, 1, "f32").evaluate(planes, globals_) for w in (arrays, others))
    assert not close(old, new)
    made = CudaEvaluator(config, arrays, 9, 16)
    assert close(made.evaluate(planes, globals_), old)
    first = made.submit(planes[:16], globals_[:16])
    assert take_weights(made, others)
    assert close(made.result(first), [part[:16] for part in old]), "what was under way"
    assert close(made.evaluate(planes, globals_), new)
    assert fake_gpu.captured == [16] * 2


def test_weights_of_another_shape_are_refused(lively):
    config, arrays, _ = lively("1x8")
    made = TorchEvaluator(config, arrays, 9, 16, 1, "f32")
    with pytest.raises(NetError, match="not of the shape"):
        take_weights(made, lively("1x16")[1])


@pytest.fixture
def asked_anew() -> Iterator[None]:
    """What is remembered of the GPU is forgotten, before and after."""
    with contextlib.ExitStack() as afterwards:
        for cached in (gpu.gpu_problem, evaluator._cuda_problem):
            cached.cache_clear()
            afterwards.callback(cached.cache_clear)
        yield


@pytest.mark.parametrize("capability", [(7, 0), (9, 0)])
@pytest.mark.parametrize("failing", [None, "contiguous", "conv2d", "linear"])
def test_a_gpu_that_torch_cannot_use(monkeypatch, capsys, asked_anew, capability, failing):
    """``auto`` goes on without it and says why, once; ``cuda`` is refused."""
    ones, dtypes = torch.ones, []

    def on_the_cpu(shape: tuple[int, ...], dtype: torch.dtype, device: str) -> torch.Tensor:
        dtypes.append(dtype)
        return ones(shape, dtype=dtype)

    def broken(*_: Any, **__: Any) -> torch.Tensor:
        kind = torch.cuda.DeferredCudaCallError if failing == "contiguous" else RuntimeError
        raise kind("CUDA error: no kernel image is available\nCUDA kernel errors might be ...")

    with monkeypatch.context() as patch:
        patch.setattr(torch.cuda, "is_available", lambda: True)
        patch.setattr(torch.cuda, "get_device_capability", lambda: capability)
        patch.setattr(torch, "ones", on_the_cpu)
        patch.setattr(evaluator, "_nvidia_driver", lambda: True)
        if failing:
            patch.setattr(torch.Tensor if failing == "contiguous" else gpu.F, failing, broken)
        found = choose_device("auto")
        told = capsys.readouterr().err
        assert set(dtypes) == {torch.bfloat16 if capability[0] >= 8 else torch.float32}
        if failing is None:
            assert found == choose_device("cuda") == "cuda" and told == ""
            return
        assert found == choose_device("auto") == choose_device("cpu") and capsys.readouterr().err == ""
        assert told.count("no kernel image is available") == 1 and len(told.splitlines()) == 1
        with pytest.raises(NetError, match="the GPU cannot be used with torch .*no kernel image"):
            choose_device("cuda")


def test_warming_up_changes_nothing(lively):
    from nets.model import Network, import_arrays

    config, arrays, _ = lively("2x16")
    network = Network(config)
    import_arrays(network, arrays)
    trainer = Trainer(network, TrainConfig(device="cpu", bf16=False))
    calls: list[int] = []

    def compiled(planes: torch.Tensor, globals_: torch.Tensor) -> Any:
        calls.append(len(planes))
        return network(planes, globals_)

    trainer.warm_up(9, 6)  # nothing is compiled
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    trainer._forward = compiled
    trainer.warm_up(9, 6)
    assert calls == [6] and trainer.steps == 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert all(p.grad is None for p in network.parameters())
