"""The trainer learns, averages, goes on exactly where it stopped, and refuses to learn nonsense."""

from __future__ import annotations

import dataclasses
import math
import os

import numpy as np
import pytest
import torch

from nets.bf16 import cpu_gains_by_bf16, cpu_has_bf16
from nets.checkpoint import MAX_PART_BYTES, MOST_BYTES, has_state, load_state, save_state
from nets.config import NetConfig, NetError, tensor_shapes
from nets.evaluator_torch import TorchEvaluator
from nets.model import Network, export_arrays
from nets.train import Trainer, TrainingDiverged
from nets.train_config import LARGEST, OPTIMIZERS, TrainConfig


def trainer(shape: str = "2x16", **config) -> Trainer:
    torch.manual_seed(0)
    return Trainer(Network(NetConfig.named(shape)), TrainConfig(device="cpu", **config))


def test_it_learns_a_small_batch_by_heart(batch):
    learner = trainer("2x32", optimizer="nesterov", lr=0.1)
    data = batch(16, 9)
    first = learner.step(data)
    for _ in range(150):
        last = learner.step(data)
    assert last["loss"] < 0.5 * first["loss"]
    assert last["top1"] > 0.9 and last["value"] < 0.1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_lowers_the_loss_and_resumes(optimizer, batch, tmp_path):
    lr = {"momentum": 0.02, "nesterov": 0.02, "sgd": 0.1, "adagrad": 0.01, "adam": 0.003, "adamw": 0.003}[optimizer]
    learner = trainer(optimizer=optimizer, lr=lr)
    data = batch(8, 7)
    losses = [learner.step(data)["loss"] for _ in range(20)]
    assert losses[-1] < losses[0]
    save_state(tmp_path / "state", learner.state_dict())
    expected = [learner.step(data) for _ in range(3)]
    other = trainer(optimizer=optimizer, lr=1.0)
    other.load_state_dict(load_state(tmp_path / "state"))
    assert other.steps == 20 and other.lr == lr
    for figures in expected:
        assert other.step(data) == pytest.approx(figures, rel=1e-6)
    for name, array in learner.ema_arrays().items():
        np.testing.assert_allclose(other.ema_arrays()[name], array, rtol=1e-5, atol=1e-7)


def test_averaged_weights(batch):
    learner = trainer(ema=0.5, ema_warmup=0.0)
    data = batch(8, 7)
    mean = learner.ema_arrays()
    for _ in range(4):
        learner.step(data)
        now = export_arrays(learner.model)
        mean = {name: 0.5 * mean[name] + 0.5 * now[name] for name in now}
    averaged = learner.ema_arrays()
    assert list(averaged) == list(tensor_shapes(learner.model.config))
    for name in averaged:
        np.testing.assert_allclose(averaged[name], mean[name], rtol=1e-4, atol=1e-6)
    moved = np.abs(averaged["stem.norm.running_var"] - 1).max()
    assert moved > 1e-3, "the batch norms' statistics are averaged too"


def test_without_average_the_last_weights_count(batch):
    learner = trainer(ema=0.0)
    learner.step(batch(8, 7))
    last = export_arrays(learner.model)
    assert all(np.array_equal(last[name], array) for name, array in learner.ema_arrays().items())


@pytest.mark.parametrize("stale", [False, True])
@pytest.mark.parametrize("before", [0.0, 0.9])
def test_an_average_that_is_turned_on_begins_with_the_last_weights(before, stale, batch, tmp_path):
    """Whatever was before; in states of older programs (``stale``) lies the average from before it was turned off."""
    data = batch(8, 7)
    first, second = trainer(ema=before), trainer(ema=0.0)
    first.step(data)
    second.load_state_dict(first.state_dict())
    for _ in range(3):
        second.step(data)
    state = second.state_dict()
    if stale:
        state["tensors"] |= {n: a for n, a in first.state_dict()["tensors"].items() if n.startswith("ema.")}
    save_state(tmp_path / "state", state)
    last = export_arrays(second.model)
    again = trainer(ema=0.998)
    again.load_state_dict(load_state(tmp_path / "state"))
    assert all(np.array_equal(last[name], array) for name, array in again.ema_arrays().items())
    again.step(data)
    assert any((last[name] != array).any() for name, array in again.ema_arrays().items())


def test_evaluator_and_trainer_agree(batch):
    """What the trainer reports under eval is what an evaluator of the exported weights computes."""
    learner = trainer(ema=0.0, lr=0.05)
    data = batch(16, 9)
    for _ in range(10):
        learner.step(data)
    evaluator = TorchEvaluator(learner.model.config, learner.ema_arrays(), 9, batch=16, precision="f32")
    result = evaluator.evaluate(data["planes"], data["globals"])
    logits = result.policy - result.policy.max(1, keepdims=True)
    log_policy = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    cross_entropy = -(data["policy"] * log_policy).sum(1).mean()
    assert learner.evaluate(data)["policy"] == pytest.approx(cross_entropy, rel=1e-4)


@pytest.mark.skipif(not cpu_has_bf16(), reason="this CPU does not multiply bfloat16 itself")
def test_mixed_precision_learns_what_float32_learns(batch):
    """The forward and backward pass round; the weights and their sums do not."""
    data, ends = batch(32, 9), {}
    for bf16 in (False, True):
        learner = trainer(ema=0.0, lr=0.05, bf16=bf16)
        assert learner.bf16 is (bf16 and cpu_gains_by_bf16())
        learner.bf16 = bf16
        ends[bf16] = [learner.step(data)["loss"] for _ in range(30)]
        assert all(array.dtype == np.float32 for array in learner.ema_arrays().values())
    assert ends[True][0] == pytest.approx(ends[False][0], rel=5e-3)
    assert ends[True][-1] == pytest.approx(ends[False][-1], rel=5e-2)
    assert ends[True][-1] < 0.8 * ends[True][0]


@pytest.mark.parametrize(("key", "named"), [("score", "score_mean"), ("policy", "policy"), ("globals", "value")])
def test_divergence_is_an_error_that_changes_nothing(key, named, batch):
    learner = trainer()
    data = batch(8, 7)
    learner.step(data)
    before = learner.state_dict()
    bad = dict(data)
    bad[key] = np.full_like(data[key], np.nan)
    with pytest.raises(TrainingDiverged, match=f"step 1: .*{named}"):
        learner.step(bad)
    after = learner.state_dict()
    assert after["steps"] == 1
    for name, array in before["tensors"].items():
        assert np.array_equal(after["tensors"][name], array), name
    learner.step(data)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("lr", [1e30, LARGEST])
def test_a_huge_rate_ends_in_a_clear_error_not_in_silence(lr, optimizer, batch):
    learner = trainer(optimizer=optimizer, lr=lr, clip=0.0)
    learner.set_lr(3 * lr)  # as at the end of a warm-up
    with pytest.raises(TrainingDiverged):
        for _ in range(20):
            learner.step(batch(8, 7))


def test_all_gradients_inside_the_trunk_are_channels_last(batch):
    """A gradient in another layout than the activations makes the normalisation's backward pass four times slower."""
    learner = trainer()
    layouts = []

    class Seen(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            layouts.append(gradient.is_contiguous(memory_format=torch.channels_last))
            return gradient

    norms = [m for m in learner.model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.forward = lambda x, forward=norm.forward: Seen.apply(forward(x))
    learner.step(batch(7, 4))
    assert len(layouts) == len(norms) > 5 and all(layouts)


def test_gradients_are_clipped(batch):
    data = batch(8, 7)
    free, clipped = (trainer(optimizer="sgd", lr=1.0, clip=clip, weight_decay=0.0) for clip in (0.0, 1e-3))
    start = export_arrays(free.model)
    norm = free.step(data)["gradient"]
    assert clipped.step(data)["gradient"] == pytest.approx(norm)
    name = "policy.out.weight"
    step_free = export_arrays(free.model)[name] - start[name]
    step_clipped = export_arrays(clipped.model)[name] - start[name]
    np.testing.assert_allclose(step_clipped, step_free * 1e-3 / norm, rtol=0.02, atol=1e-7)


def test_norms_and_biases_do_not_decay(batch):
    learner = trainer()
    decayed, others = learner.optimizer.param_groups
    assert decayed["weight_decay"] > 0 and others["weight_decay"] == 0
    shapes = [tuple(p.shape) for p in others["params"]]
    assert all(len(shape) == 1 for shape in shapes) and all(p.dim() > 1 for p in decayed["params"])


def test_weights_of_zero_teach_nothing(batch):
    learner = trainer(weight_decay=0.0)
    data = batch(8, 7)
    for key in ("policy_weight", "reply_weight", "score_weight", "ownership_weight"):
        data[key][:] = 0
    figures = learner.step(data)
    assert figures["policy"] == figures["reply"] == figures["ownership"] == figures["score_mean"] == 0
    assert figures["loss"] == pytest.approx(1.5 * figures["value"])


def test_checkpoints_replace_each_other_whole(batch, tmp_path):
    learner = trainer()
    folder = tmp_path / "run" / "state"
    save_state(folder, learner.state_dict() | {"games": 1})
    save_state(folder, learner.state_dict() | {"games": 2})
    assert load_state(folder)["games"] == 2 and os.listdir(folder.parent) == ["state"]
    os.rename(folder, folder.with_name(".state.old"))  # killed between the two renames
    assert has_state(folder) and load_state(folder)["games"] == 2
    save_state(folder, learner.state_dict() | {"games": 3})
    assert load_state(folder)["games"] == 3


def test_large_states_come_in_small_files(tmp_path):
    rng = np.random.default_rng(0)
    tensors = {f"t{i}": rng.normal(size=(1_200_000,)).astype(np.float32) for i in range(8)}
    save_state(tmp_path / "state", {"tensors": tensors})
    files = list((tmp_path / "state").iterdir())
    assert len(files) == 4 and max(f.stat().st_size for f in files) < MAX_PART_BYTES + 10_000
    read = load_state(tmp_path / "state")["tensors"]
    assert all(np.array_equal(read[name], tensors[name]) for name in tensors)


def test_broken_states_are_refused_in_one_line(batch, tmp_path):
    learner = trainer()
    folder = tmp_path / "state"
    with pytest.raises(NetError, match="no training state"):
        load_state(folder)
    save_state(folder, learner.state_dict())
    with pytest.raises(NetError, match="another shape"):
        trainer("3x16").load_state_dict(load_state(folder))
    part = folder / "part-000.safetensors"
    whole = part.read_bytes()
    part.write_bytes(whole[:-100])
    with pytest.raises(NetError, match="corrupt training state"):
        load_state(folder)
    part.unlink()
    with pytest.raises(NetError, match=r"part-000.safetensors is missing"):
        load_state(folder)
    (folder / "state.json").write_text("{}")
    with pytest.raises(NetError):
        load_state(folder)


def test_another_optimiser_starts_afresh(batch):
    """Of a trainer that has gone on before it was set back, too."""
    data = batch(8, 7)
    first = trainer(optimizer="momentum")
    first.step(data)
    state = first.state_dict()
    for optimizer in OPTIMIZERS[1:]:
        fresh, used = trainer(optimizer=optimizer, lr=0.01), trainer(optimizer=optimizer, lr=0.01)
        used.step(data)
        for learner in (fresh, used):
            learner.load_state_dict(state)
        assert fresh.step(data) == used.step(data)
        assert fresh.step(data)["loss"] == pytest.approx(used.step(data)["loss"], rel=1e-6), optimizer


def without(key):
    return lambda state: state.pop(key)


def put(key, value):
    return lambda state: state.update({key: value})


def tensor(name, array):
    """Sets a tensor, or (None) takes it away."""
    return lambda state: state["tensors"].pop(name) if array is None else state["tensors"].update({name: array})


def filled(name, value):
    return lambda state: state["tensors"][name].fill(value)


def moment(name, value):
    """Sets a number of the optimiser's, or (None) takes it away."""
    return lambda state: state["moments"].pop(name) if value is None else state["moments"].update({name: value})


WEIGHT, BUFFER = "stem.conv.weight", "optimizer.0.exp_avg"  # of the shape (16, 16, 3, 3)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        *((without(key), f"'{key}' is missing") for key in ("net", "train", "steps", "lr", "moments", "tensors")),
        *((put(key, []), f"{key} is no table") for key in ("net", "train", "moments", "tensors")),
        *((put("steps", value), "steps is") for value in (-1, 1.5, True, "x", None, 10**20, float("nan"))),
        *((put("lr", value), "lr is") for value in (-0.1, "x", None, 1e999, 10**400, float("nan"))),
        (put("train", {}), "'optimizer' is missing"),
        (put("train", {"optimizer": "lion", "ema": 0.9}), "train.optimizer is 'lion'"),
        (put("train", {"optimizer": [], "ema": 0.9}), "list"),
        (put("train", {"optimizer": "adam"}), "'ema' is missing"),
        (put("train", {"optimizer": "adam", "ema": "x"}), "train.ema is x"),
        (put("train", {"optimizer": "sgd", "ema": 0.9}), "optimizer.0.exp_avg is of no parameter"),
        (moment("0.step", "x"), "moments.0.step is x"),
        (moment("0.step", -1.0), "moments.0.step is -1"),
        (moment("0.step", float("nan")), "moments.0.step is nan"),
        (moment("text", 1.0), "optimizer.text is of no parameter"),
        (moment("40.step", 1.0), "optimizer.40.step is of no parameter"),
        (moment("3.step", None), "optimizer.3.step is missing"),
        (tensor(BUFFER, None), f"{BUFFER} is missing"),
        (tensor(BUFFER, np.zeros(1, np.float32)), f"tensor {BUFFER} is float32 (1,), not float32 (16, 16, 3, 3)"),
        (tensor(BUFFER, np.zeros((16, 16, 3, 3))), f"tensor {BUFFER} is float64"),
        (tensor("optimizer.99.exp_avg", np.zeros(1, np.float32)), "optimizer.99.exp_avg is of no parameter"),
        (tensor("optimizer.00.exp_avg", np.zeros(1, np.float32)), "optimizer.00.exp_avg is of no parameter"),
        (tensor("optimizer.x", np.zeros(1, np.float32)), "optimizer.x is of no parameter"),
        (filled(BUFFER, np.inf), f"tensor {BUFFER} holds an impossible number"),
        (filled("optimizer.0.exp_avg_sq", -1), "tensor optimizer.0.exp_avg_sq holds an impossible number"),
        *((tensor(f"{part}.{WEIGHT}", None), f"'{part}.{WEIGHT}' is missing") for part in ("model", "ema")),
        *((tensor(f"{part}.{WEIGHT}", np.zeros((1, 3, 3), np.float32)), "(1, 3, 3)") for part in ("model", "ema")),
        *((tensor(f"{part}.{WEIGHT}", np.zeros((16, 16, 3, 3))), "float64") for part in ("model", "ema")),
        *((filled(f"{part}.{WEIGHT}", value), f"tensor {part}.{WEIGHT} holds an impossible number")
          for part in ("model", "ema") for value in (np.nan, np.inf)),
        *((filled(f"{part}.stem.norm.running_var", -1), "running_var holds an") for part in ("model", "ema")),
        (tensor("model.extra", np.zeros(1, np.float32)), "tensor model.extra is none of this network's"),
        (tensor("random.torch", None), "'random.torch' is missing"),
        (tensor("random.torch", np.zeros(3, np.uint8)), "RNG state"),
        (tensor("random.torch", np.zeros(5056, np.uint8)), "mt19937"),
        (tensor("random.torch", np.zeros(5056, np.float32)), "RNG state"),
    ],
)  # fmt: skip
def test_a_state_with_right_checksums_may_still_be_none(spoil, words, batch, tmp_path):
    """One line, and the trainer is as it was."""
    learner = trainer(optimizer="adam", lr=0.003)
    learner.step(batch(8, 7))
    state = learner.state_dict()
    spoil(state)
    if isinstance(state.get("tensors"), dict):
        save_state(tmp_path / "state", state)
        state = load_state(tmp_path / "state")
    learner.step(batch(8, 7))
    before = learner.state_dict()
    with pytest.raises(NetError) as error:
        learner.load_state_dict(state)
    assert words in str(error.value) and "\n" not in str(error.value) and len(str(error.value)) < 200
    after = learner.state_dict()
    assert (after["steps"], after["lr"], after["moments"]) == (2, 0.003, before["moments"])
    assert all(np.array_equal(after["tensors"][name], array) for name, array in before["tensors"].items())


@pytest.mark.parametrize("name", ["state.json", "part-000.safetensors"])
def test_files_of_a_state_have_bounds(name, tmp_path):
    save_state(tmp_path / "state", trainer().state_dict())
    os.truncate(tmp_path / "state" / name, MOST_BYTES + 1)  # a hole in the file: it takes no room
    with pytest.raises(NetError, match=f"corrupt training state .{name}: too large"):
        load_state(tmp_path / "state")


def test_the_largest_tensor_of_a_network_fits_into_a_file_of_a_state():
    wide = {"channels": 512, "policy_channels": 512, "value_channels": 512, "value_hidden": 2048}
    configs = [
        NetConfig(blocks=2, pool_blocks=(1,), pool_channels=pool, trunk=trunk, bottleneck_channels=512, **wide)
        for pool in (1, 256, 511) for trunk in ("residual", "bottleneck")
    ]  # fmt: skip
    assert max(4 * math.prod(shape) for c in configs for shape in tensor_shapes(c).values()) < MAX_PART_BYTES
    assert 4 * MAX_PART_BYTES < MOST_BYTES


NUMBERS = [field.name for field in dataclasses.fields(TrainConfig) if isinstance(field.default, float)]


@pytest.mark.parametrize("value", [-2.0, math.nan, math.inf, 1e37, pytest.param(10**400, id="huge")])
@pytest.mark.parametrize("key", NUMBERS)
def test_numbers_out_of_bounds_are_refused_by_their_key(key, value):
    with pytest.raises(NetError, match=f"^{key} must be from 0 to 1e.36, not"):
        TrainConfig.from_dict({key: value})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"lr": 0.0}, "lr must be above 0"),
        ({"ema": 1.0}, "ema must be below 1, not 1.0"),
        ({"momentum": 1.5}, "momentum must be below 1, not 1.5"),
        ({"optimizer": "nesterov", "momentum": 0.0}, "momentum must be above 0 with the optimizer nesterov"),
    ],
)
def test_values_that_would_fail_later_are_refused(values, words):
    with pytest.raises(NetError, match=f"^{words}"):
        TrainConfig(**values)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_least_values_learn(optimizer, batch):
    least = dict.fromkeys(NUMBERS, 0.0) | {"lr": 1e-3, "momentum": 0.1 if optimizer == "nesterov" else 0.0}
    learner = trainer(optimizer=optimizer, **least)
    for _ in range(3):
        learner.step(batch(8, 7))
    again = trainer(optimizer=optimizer, **least)
    again.load_state_dict(learner.state_dict())
    assert again.step(batch(8, 7))["loss"] == 0


def test_bad_configs_and_batches(batch):
    with pytest.raises(NetError, match="lion"):
        TrainConfig(optimizer="lion")
    with pytest.raises(NetError, match="unknown key.*speed"):
        TrainConfig.from_dict({"speed": 1})
    data = batch(4, 7)
    del data["reply"]
    with pytest.raises(ValueError, match="reply"):
        trainer().step(data)


def test_the_average_soon_forgets_the_start(batch) -> None:
    torch.manual_seed(0)
    learner = Trainer(Network(NetConfig.named("2x16")), TrainConfig(device="cpu", ema=0.998, ema_warmup=10.0))
    mean, data = learner.ema_arrays(), batch(8, 7)
    for step in range(1, 4):
        learner.step(data)
        now, decay = export_arrays(learner.model), (1 + step) / (10 + step)
        mean = {name: decay * mean[name] + (1 - decay) * now[name] for name in now}
    for name, array in learner.ema_arrays().items():
        np.testing.assert_allclose(array, mean[name], rtol=1e-4, atol=1e-6)
