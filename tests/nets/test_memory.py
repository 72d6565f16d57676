"""A GPU's memory runs out (here a CPU that pretends to): smaller batches, said once, with the same results."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest
import torch

from nets import evaluator_torch
from nets.checkpoint import load_state, save_state
from nets.config import NetConfig, NetError
from nets.evaluator import TOLERANCE, Evaluation, evaluator_of, take_weights
from nets.memory import half_of, is_out_of_memory
from nets.model import Network, export_arrays
from nets.train import BATCH_KEYS, Trainer
from nets.train_config import TrainConfig


def no_room() -> torch.OutOfMemoryError:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


class SmallMemory:
    """Lets so many positions through ``nets.evaluator_torch.run`` at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        self.most, self.seen = most, []  # type: ignore[var-annotated]
        self._run = evaluator_torch.run
        monkeypatch.setattr(evaluator_torch, "run", self)

    def __call__(self, network: Network, planes: torch.Tensor, globals: torch.Tensor) -> Any:
        if len(planes) > self.most:
            raise no_room()
        self.seen.append(len(planes))
        return self._run(network, planes, globals)


def test_what_out_of_memory_looks_like():
    assert is_out_of_memory(no_room())
    assert is_out_of_memory(RuntimeError("CUDA error: out of memory"))
    assert is_out_of_memory(RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"))
    assert is_out_of_memory(RuntimeError("FIND was unable to find an engine to execute this computation"))
    assert not is_out_of_memory(RuntimeError("shapes do not fit")) and not is_out_of_memory(None)
    try:
        try:
            raise no_room()
        finally:
            raise RuntimeError("the capture of the graph was invalidated")
    except RuntimeError as error:
        assert is_out_of_memory(error)
    assert [half_of(n, "GPU") for n in (2, 3, 256)] == [1, 2, 128]
    with pytest.raises(NetError, match="^GPU: out of memory even for one position.*--device cpu$"):
        half_of(1, "GPU: out of memory")


@pytest.mark.parametrize(("free", "full"), [(200 << 20, True), (4 << 30, False), (None, False)])
def test_a_library_without_a_handle_is_out_of_memory_on_a_full_gpu_alone(monkeypatch, free, full):
    def asked() -> tuple[int, int]:
        if free is None:
            raise RuntimeError("CUDA error: unspecified launch failure")
        return free, 8 << 30

    monkeypatch.setattr(torch.cuda, "mem_get_info", asked)
    for library in ("CUDNN", "CUBLAS"):
        assert is_out_of_memory(RuntimeError(f"error: {library}_STATUS_NOT_INITIALIZED")) == full


def test_an_evaluator_halves_its_batch_and_callers_notice_nothing(lively, inputs, monkeypatch):
    config, arrays, _ = lively("2x16")
    planes, globals_ = inputs(100, 9)
    expected = evaluator_of(config, arrays, 9, "torch", 64).evaluate(planes, globals_)
    memory, said = SmallMemory(monkeypatch, 20), []
    evaluator = evaluator_of(config, arrays, 9, "torch", 64, say=said.append)
    first = evaluator.submit(planes[:64], globals_[:64])
    assert said == [
        "CPU: out of memory, evaluating at most 32 positions at once from now on",
        "CPU: out of memory, evaluating at most 16 positions at once from now on",
    ]
    assert evaluator.batch == 16 and memory.seen == [16] * 4
    second = evaluator.submit(planes[64:], globals_[64:])
    tolerance = TOLERANCE[evaluator.precision]
    for rows, handle in ((slice(0, 64), first), (slice(64, 100), second)):
        for got, want in zip(evaluator.result(handle), expected, strict=True):
            assert np.abs(got - want[rows]).max() <= tolerance * max(1.0, np.abs(want).max())
    whole = evaluator.evaluate(planes, globals_)
    assert all(got.shape == want.shape for got, want in zip(whole, expected, strict=True))
    assert len(said) == 2, "said once"
    with pytest.raises(ValueError, match="65 positions submitted to an evaluator of 64"):
        evaluator.submit(planes[:65], globals_[:65])


def test_other_weights_keep_the_smaller_batch(lively, inputs, monkeypatch):
    config, arrays, _ = lively("1x8")
    planes, globals_ = inputs(64, 9)
    memory, said = SmallMemory(monkeypatch, 16), []
    evaluator = evaluator_of(config, arrays, 9, "torch", 64, say=said.append)
    evaluator.evaluate(planes, globals_)
    memory.seen.clear()
    assert take_weights(evaluator, arrays)
    assert len(evaluator.result(evaluator.submit(planes, globals_)).policy) == 64
    assert memory.seen == [16] * 4 and len(said) == 2


def test_an_evaluator_gives_up_in_one_line(lively, inputs, monkeypatch, capsys):
    config, arrays, _ = lively("1x8")
    SmallMemory(monkeypatch, 0)
    evaluator = evaluator_of(config, arrays, 9, "torch", 4)
    with pytest.raises(NetError, match="even for one position") as caught:
        evaluator.evaluate(*inputs(4, 9))
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().err.count("gogame: CPU: out of memory, evaluating at most") == 2  # 4, 2, then 1 fails


def test_another_error_is_not_taken_for_it(lively, inputs, monkeypatch):
    config, arrays, _ = lively("1x8")

    def broken(*_: Any) -> Evaluation:
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr(evaluator_torch, "run", broken)
    evaluator = evaluator_of(config, arrays, 9, "torch", 4)
    with pytest.raises(RuntimeError, match="do not fit"):
        evaluator.evaluate(*inputs(4, 9))
    assert evaluator.batch == 4


# --- training --------------------------------------------------------------------------------------------------------


def trainer(say: Any = None, **config: Any) -> Trainer:
    torch.manual_seed(0)
    return Trainer(Network(NetConfig.named("2x16")), TrainConfig(device="cpu", bf16=False, **config), say)


def fits(learner: Trainer, most: int) -> list[int]:
    """The learner's network takes so many samples at once; the list tells the sizes that went through."""
    seen: list[int] = []
    forward = learner.model.forward

    def limited(planes: torch.Tensor, globals: torch.Tensor) -> Any:
        output = forward(planes, globals)  # moves the statistics of the normalisations before it fails
        if len(planes) > most:
            raise no_room()
        seen.append(len(planes))
        return output

    learner.model.forward = limited  # type: ignore[method-assign]
    return seen


def twins(batch, count: int) -> dict[str, np.ndarray]:
    """Each position of the first half again in the second, so that batch normalisation sees the same in each half;
    the targets and the weights differ."""
    data = batch(count, 7)
    rng = np.random.default_rng(3)
    half = count // 2
    for key in ("planes", "globals"):
        data[key][half:] = data[key][:half]
    for key in BATCH_KEYS:
        if key.endswith("_weight"):
            data[key] = (rng.random(count) < 0.5).astype(np.float32) * rng.random(count).astype(np.float32)
    return data


def test_a_step_in_parts_has_the_gradient_of_the_whole_batch(batch):
    data, said = twins(batch, 16), []
    whole, cut = trainer(), trainer(said.append)
    seen = fits(cut, 8)
    a, b = whole.step(data), cut.step(data)
    assert seen == [8, 8] and cut.at_once == 8 and cut.steps == 1
    assert said == ["GPU: out of memory, training on at most 8 samples at once from now on"]
    assert list(a) == list(b) and b == pytest.approx(a, rel=1e-4, abs=1e-6)
    for (name, p), q in zip(whole.model.named_parameters(), cut.model.parameters(), strict=True):
        scale = max(float(p.grad.abs().max()), 1e-3)
        assert float((p.grad - q.grad).abs().max()) < 1e-4 * scale, name
    cut.step(data)
    assert seen == [8] * 4 and len(said) == 1, "remembered, and said once"


def test_a_step_that_ran_out_of_memory_leaves_no_trace(batch):
    """It is the step of a trainer that knew from the start how much fits, to the last bit; uneven parts too."""
    data = batch(21, 7)
    found, known = trainer(), trainer()
    fits(found, 7)
    known.at_once = 6  # 21 -> 11 -> 6
    for _ in range(2):
        assert found.step(data) == known.step(data)
    assert found.at_once == 6
    a, b = found.state_dict()["tensors"], known.state_dict()["tensors"]
    assert all(np.array_equal(a[name], b[name]) for name in a)


def test_divergence_is_still_noticed_in_parts(batch):
    from nets.train import TrainingDiverged

    learner, data = trainer(), batch(8, 7)
    learner.at_once = 3
    learner.step(data)
    before = learner.state_dict()["tensors"]
    data["score"][-1] = np.nan
    with pytest.raises(TrainingDiverged, match="score_mean"):
        learner.step(data)
    after = learner.state_dict()["tensors"]
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_training_gives_up_in_one_line_and_can_go_on(batch, tmp_path):
    learner = trainer()
    save_state(tmp_path / "state", learner.state_dict())
    fits(learner, 0)
    with pytest.raises(NetError, match="^GPU: out of memory even for one position"):
        learner.step(batch(4, 7))
    other = trainer()
    other.load_state_dict(load_state(tmp_path / "state"))
    a, b = export_arrays(learner.model), export_arrays(other.model)
    assert all(np.array_equal(a[name], b[name]) for name in a if "running" not in name)


def test_memory_is_free_again_before_the_second_try(batch):
    """The tensors of the try that failed are gone: else half of the batch would find no room either."""
    learner, alive = trainer(), []
    forward = learner.model.forward

    def limited(planes: torch.Tensor, globals: torch.Tensor) -> Any:
        gc.collect()
        assert all(ref() is None for ref in alive)
        output = forward(planes, globals)
        if len(planes) > 4:
            alive.append(weakref.ref(output.policy))
            raise no_room()
        return output

    learner.model.forward = limited  # type: ignore[method-assign]
    learner.step(batch(8, 7))
    assert len(alive) == 1
