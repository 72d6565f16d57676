"""Evaluators: one result on every back end that is there, whatever the batch."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from nets.config import NetError
from nets.evaluator import TOLERANCE, Evaluation, batch_sizes, beside, choose_device, evaluator_of, make_evaluator
from nets.weights import save_net

needs_openvino = pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="openvino is not installed")
BACKENDS = [
    pytest.param("openvino", marks=needs_openvino),
    "torch",
    pytest.param(
        "cuda",
        marks=[
            pytest.mark.gpu,
            pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU on this machine"),
        ],
    ),
]


def assert_close(result: Evaluation, expected: Evaluation, tolerance: float) -> None:
    for name, got, want in zip(Evaluation._fields, result, expected, strict=True):
        assert got.dtype == np.float32 and got.shape == want.shape, name
        assert np.abs(got - want).max() <= tolerance * max(1.0, np.abs(want).max()), name


def reference(network, planes, globals_) -> Evaluation:
    """The unfused network in float64."""
    with torch.no_grad():
        output = network.double()(torch.from_numpy(planes), torch.from_numpy(globals_))
    network.float()
    results = (output.policy, output.value, output.score, torch.tanh(output.ownership))
    return Evaluation(*(t.float().numpy() for t in results))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", ["4x16", "plain-2x16", "bottleneck-3x16"])
@pytest.mark.parametrize("size", [7, 9, 19])
def test_every_back_end_gives_the_same_results(backend, shape, size, lively, inputs):
    config, arrays, network = lively(shape)
    planes, globals_ = inputs(5, size)
    evaluator = evaluator_of(config, arrays, size, device=backend, batch=8)
    expected = reference(network, planes, globals_)
    assert_close(evaluator.evaluate(planes, globals_), expected, TOLERANCE[evaluator.precision])
    assert evaluator.precision in evaluator.name


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_batch_does_not_matter(backend, lively, inputs):
    """Padding, cutting and position in the batch change nothing."""
    config, arrays, _ = lively("4x16")
    planes, globals_ = inputs(23, 9)
    evaluator = evaluator_of(config, arrays, 9, device=backend, batch=12)
    whole = evaluator.evaluate(planes, globals_)
    tolerance = TOLERANCE[evaluator.precision]
    for count in (1, 2, 3, 11, 12, 13):
        part = evaluator.evaluate(planes[5 : 5 + count], globals_[5 : 5 + count])
        assert_close(part, Evaluation(*(array[5 : 5 + count] for array in whole)), tolerance)


@pytest.mark.parametrize("backend", BACKENDS)
def test_overlapping_evaluations_do_not_mix(backend, lively, inputs):
    config, arrays, _ = lively("4x16")
    planes, globals_ = inputs(24, 9)
    evaluator = evaluator_of(config, arrays, 9, device=backend, batch=8)
    expected = evaluator.evaluate(planes, globals_)
    work, work_globals = planes[:8].copy(), globals_[:8].copy()
    handles = []
    for start in (0, 8, 16):
        work[:], work_globals[:] = planes[start : start + 8], globals_[start : start + 8]
        handles.append(evaluator.submit(work, work_globals))
    results = {start: evaluator.result(handles[start // 8]) for start in (16, 0, 8)}
    for start, result in results.items():
        part = Evaluation(*(array[start : start + 8] for array in expected))
        assert_close(result, part, TOLERANCE[evaluator.precision])
    evaluator.evaluate(planes[:8][::-1].copy(), globals_[:8])
    assert_close(results[0], Evaluation(*(array[:8] for array in expected)), TOLERANCE[evaluator.precision])


@pytest.mark.parametrize("backend", BACKENDS)
def test_wrong_inputs_are_refused(backend, lively, inputs):
    config, arrays, _ = lively("4x16")
    evaluator = evaluator_of(config, arrays, 9, device=backend, batch=4)
    planes, globals_ = inputs(6, 9)
    for bad_planes, bad_globals in (
        (planes.astype(np.float32), globals_),
        (planes[:, :15], globals_),
        (planes[:0], globals_[:0]),
        (planes, globals_[:5]),
        (planes, globals_.astype(np.float64)),
        (inputs(6, 13)[0], globals_),
    ):
        with pytest.raises(ValueError):
            evaluator.evaluate(bad_planes, bad_globals)
    with pytest.raises(ValueError, match="6 positions submitted to an evaluator of 4"):
        evaluator.submit(planes, globals_)


def test_batch_sizes_are_few():
    assert batch_sizes(1) == [1] and batch_sizes(2) == [1, 2] and batch_sizes(8) == [1, 2, 4, 8]
    assert batch_sizes(12) == [1, 2, 4, 8, 12] and batch_sizes(100)[-2:] == [64, 100]


def test_choosing_a_device(monkeypatch):
    assert choose_device("torch") == "torch"
    with pytest.raises(NetError, match="abacus"):
        choose_device("abacus")
    if not torch.cuda.is_available():
        with pytest.raises(NetError, match="no CUDA GPU"):
            choose_device("cuda")
        assert choose_device("auto") == choose_device("cpu")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NetError, match="no back end"):
        choose_device("auto")
    with pytest.raises(NetError, match="openvino is not installed"):
        choose_device("openvino")


def test_only_sizes_that_networks_play(lively):
    config, arrays, _ = lively("1x8")
    for size in (0, 6, 20, -9):
        with pytest.raises(NetError, match="from 7 to 19"):
            evaluator_of(config, arrays, size)
    with pytest.raises(NetError):
        evaluator_of(config, arrays, 9, batch=0)


@needs_openvino
def test_openvino_needs_no_torch_and_writes_no_files(lively, tmp_path):
    """In a process of its own, with a home folder that cannot be written to."""
    _, _, network = lively("4x16")
    path = tmp_path / "net.safetensors"
    save_net(path, network)
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    code = f"""
import sys, numpy as np
from nets.evaluator import make_evaluator
evaluator = make_evaluator({str(path)!r}, 9, device="cpu", threads=1)
evaluator.evaluate(np.zeros((1, 16, 9, 9), np.uint8), np.zeros((1, 8), np.float32))
print(evaluator.name, "torch" in sys.modules)
"""
    environment = {"HOME": str(home), "PYTHONPATH": ":".join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip().endswith("1 thread False") and done.stderr == ""
    assert list(home.iterdir()) == []


@needs_openvino
def test_openvino_compiles_in_well_under_a_second(lively):
    import time

    config, arrays, _ = lively("6x96")
    evaluator = evaluator_of(config, arrays, 19, device="openvino", batch=8)
    start = time.perf_counter()
    evaluator.evaluate(np.zeros((8, 16, 19, 19), np.uint8), np.zeros((8, 8), np.float32))
    assert time.perf_counter() - start < 2.0  # 0.15 s on a free core; generous, for a busy one


def test_make_evaluator_names_the_missing_file(tmp_path):
    with pytest.raises(NetError, match=r"gone\.safetensors"):
        make_evaluator(tmp_path / "gone.safetensors", 9)


FIRST_LOOK = """
import sys, threading
import numpy as np
from nets.evaluator import make_evaluator
evaluator = make_evaluator(None, 7, "openvino", batch=4, threads=2, side_by_side=True)
planes, globals_ = np.zeros((4, 16, 7, 7), np.uint8), np.zeros((4, 8), np.float32)
start = threading.Barrier(2)
def ask():
    start.wait()
    evaluator.evaluate(planes, globals_)
threads = [threading.Thread(target=ask) for _ in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
"""


@needs_openvino
def test_threads_that_ask_first_do_not_wait_for_each_other_for_ever() -> None:
    """The first look at a tensor in a process: without the one in nets.openvino_runtime every sixth hangs."""
    for _ in range(6):
        subprocess.run([sys.executable, "-c", FIRST_LOOK], check=True, timeout=60, cwd=Path(__file__).parents[2])


@needs_openvino
def test_threads_that_each_evaluate_their_own_batches(lively, inputs):
    """Side by side, from as many threads as there are streams, with batch sizes that are compiled on the way."""
    config, arrays, _ = lively("4x16")
    planes, globals_ = inputs(24, 9)
    expected = evaluator_of(config, arrays, 9, "openvino", batch=24).evaluate(planes, globals_)
    evaluator = evaluator_of(config, arrays, 9, "openvino", batch=8, threads=2, side_by_side=True)
    assert evaluator.streams == 2

    def some(begin: int) -> list[tuple[int, Evaluation]]:
        found = []
        for turn in range(10):
            count = 1 + (begin + turn) % 8
            found.append((count, evaluator.evaluate(planes[begin : begin + count], globals_[begin : begin + count])))
        return found

    with ThreadPoolExecutor(2) as threads:
        for begin, answers in zip((0, 16), threads.map(some, (0, 16)), strict=True):
            for count, answer in answers:
                want = Evaluation(*(part[begin : begin + count] for part in expected))
                assert_close(answer, want, TOLERANCE[evaluator.precision])


@needs_openvino
def test_a_second_evaluator_beside_the_first_shares_its_weights(lively, inputs):
    """For batches under way side by side: the same answers, from no more models than are asked for."""
    config, arrays, _ = lively("4x16")
    planes, globals_ = inputs(20, 9)
    first = evaluator_of(config, arrays, 9, "openvino", batch=8, threads=2)
    expected = first.evaluate(planes, globals_)
    other = beside(first, 4, 8)
    assert other is not None and (first.streams, other.streams, other.batch) == (1, 2, 8)
    assert all(other._weights[name] is array for name, array in first._weights.items())
    ranges = ((0, 8), (8, 12), (12, 13), (13, 20))
    handles = [other.submit(planes[a:b], globals_[a:b]) for a, b in ranges]
    for (a, b), handle in zip(ranges, handles, strict=True):
        want = Evaluation(*(part[a:b] for part in expected))
        assert_close(other.result(handle), want, TOLERANCE[first.precision])
    assert sorted(other._compiled) == [4, 8] and 1 not in first._compiled.keys() & other._compiled.keys()
    with pytest.raises(ValueError, match="20 positions submitted to an evaluator of 8"):
        other.submit(planes, globals_)


def test_there_is_nothing_beside_one_core_or_torch(lively):
    config, arrays, _ = lively("4x16")
    assert beside(evaluator_of(config, arrays, 9, "torch", batch=8, threads=2), 4, 8) is None
    if importlib.util.find_spec("openvino") is not None:
        assert beside(evaluator_of(config, arrays, 9, "openvino", batch=8, threads=1), 4, 8) is None
        assert beside(evaluator_of(config, arrays, 9, "openvino", batch=8, threads=2), 4, 0) is None


SIGNAL_AFTER_EVALUATORS = """
import gc, signal
import numpy as np
from nets.evaluator import make_evaluator
planes, globals_ = np.zeros((1, 16, 7, 7), np.uint8), np.zeros((1, 8), np.float32)
evaluators = []
for _ in range(3):
    evaluators.append(make_evaluator(None, 7, "openvino", batch=1, threads=1))
    evaluators[-1].evaluate(planes, globals_)
while evaluators:
    del evaluators[0]
    gc.collect()
signal.signal(signal.SIGINT, lambda *_: print("told"))
signal.raise_signal(signal.SIGINT)
"""


@needs_openvino
def test_a_signal_after_evaluators_that_went_as_they_came_is_handled() -> None:
    """With a core each, in nets.openvino_runtime's words, the thread's stack for signals was gone."""
    words = [sys.executable, "-c", SIGNAL_AFTER_EVALUATORS]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2])
    assert done.returncode == 0 and done.stdout == "told\n", done.stderr
