"""The network: its config, its tensors, its shapes, what pooling and folding do."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nets.config import GLOBALS, NetConfig, NetError, fold, parameter_count, tensor_shapes
from nets.model import FIRST_RULE_FLAG, Network, import_arrays

SHAPES = ["4x16", "plain-2x16", "bottleneck-3x16", "1x8"]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_table_of_tensors_is_the_networks(shape):
    network = Network(NetConfig.named(shape))
    state = {n: tuple(t.shape) for n, t in network.state_dict().items() if "num_batches" not in n}
    assert state == tensor_shapes(network.config)
    assert parameter_count(network.config) == sum(int(np.prod(s)) for s in state.values())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [7, 9, 19])
def test_one_network_plays_every_size(shape, size, inputs):
    network = Network(NetConfig.named(shape)).eval()
    planes, globals_ = (torch.from_numpy(array) for array in inputs(3, size))
    with torch.no_grad():
        output = network(planes, globals_)
    assert output.policy.shape == output.reply.shape == (3, size * size + 1)
    assert output.value.shape == (3, 3) and output.score.shape == (3, 2)
    assert output.ownership.shape == (3, size, size)
    assert (output.score[:, 1] > 0).all()


def test_a_fresh_network_has_no_strong_opinion(inputs):
    torch.manual_seed(3)
    network = Network(NetConfig.named("4x32")).eval()
    with torch.no_grad():
        output = network(*(torch.from_numpy(array) for array in inputs(16, 9)))
    policy = torch.softmax(output.policy, 1)
    assert policy.max() < 0.2
    value = torch.softmax(output.value, 1)
    assert (value[:, 0] - value[:, 1]).abs().max() < 0.6
    assert value[:, 2].max() < 0.1


def test_rule_flags_stay_without_effect_until_they_are_seen(inputs, batch):
    from nets.train import Trainer
    from nets.train_config import TrainConfig

    torch.manual_seed(0)
    trainer = Trainer(Network(NetConfig.named("2x16")), TrainConfig(device="cpu"))
    data = batch(8, 9)
    data["globals"][:, FIRST_RULE_FLAG:] = 0
    for _ in range(5):
        trainer.step(data)
    network = trainer.model.eval()
    planes, globals_ = (torch.from_numpy(array) for array in inputs(4, 9))
    globals_[:, FIRST_RULE_FLAG:] = 0
    with torch.no_grad():
        without = network(planes, globals_)
        globals_[:, FIRST_RULE_FLAG:] = 1
        flagged = network(planes, globals_)
        globals_[:, 0] += 1
        komi = network(planes, globals_)
    assert torch.equal(without.policy, flagged.policy) and torch.equal(without.value, flagged.value)
    assert not torch.equal(without.value, komi.value)


def test_pooling_carries_news_across_the_board():
    """With pooling, one block sees the whole board; without it, three 3x3 convolutions see 3 points far."""
    for pool_blocks, reaches in (((0,), True), ((), False)):
        torch.manual_seed(1)
        config = NetConfig.from_dict(NetConfig.named("1x16").to_dict() | {"pool_blocks": list(pool_blocks)})
        network = Network(config).eval()
        planes = torch.zeros((2, 16, 19, 19))
        planes[1, 1, 0, 0] = 1
        globals_ = torch.zeros((2, GLOBALS))
        with torch.no_grad():
            trunk = torch.relu(network.stem(planes) + network.stem_globals(globals_)[:, :, None, None])
            trunk = network.blocks[0](trunk)
        far = (trunk[0] - trunk[1])[:, 10:, 10:].abs().max()
        assert (far > 1e-6) == reaches


def test_fusing_changes_nothing(lively, inputs):
    config, arrays, network = lively("3x16")
    planes, globals_ = (torch.from_numpy(array) for array in inputs(4, 9))
    with torch.no_grad():
        before = network(planes, globals_)
    fused = Network(config)
    import_arrays(fused, arrays)
    fused.fuse()
    with torch.no_grad():
        after = fused(planes, globals_)
    for a, b in zip(before, after, strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)
    stem = fold(config, arrays)["stem.weight"]
    np.testing.assert_allclose(stem, fused.stem.conv.weight.detach().numpy(), atol=1e-6)


def test_names_of_shapes():
    assert str(NetConfig.named("6x96")) == "6x96" and NetConfig.named("6x96") == NetConfig()
    assert str(NetConfig.named("bottleneck-10x128")) == "bottleneck-10x128"
    assert NetConfig.named("plain-4x64").trunk == "plain"
    config = NetConfig.named("bottleneck-4x64")
    assert NetConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize("text", ["", "6", "6x", "axb", "wide-6x96", "6x96x2", "999x9999", "0x64", "6x2", "6x96\n"])
def test_bad_shapes_are_refused(text):
    with pytest.raises(NetError):
        NetConfig.named(text)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wings": 2}, "unknown key.*wings"),
        ({"blocks": 65}, "blocks is 65"),
        ({"blocks": True}, "blocks is True"),
        ({"channels": 96.0}, "channels is 96.0"),
        ({"channels": 10**9}, "channels is 1000000000"),
        ({"value_hidden": -1}, "value_hidden"),
        ({"trunk": "transformer"}, "transformer"),
        ({"pool_blocks": [6]}, "pool_blocks"),
        ({"pool_blocks": [1, 1]}, "twice"),
        ({"pool_blocks": "24"}, "pool_blocks"),
        ({"pool_channels": 96}, "leaves no channel"),
    ],
)
def test_bad_configs_are_refused(change, words):
    with pytest.raises(NetError, match=words):
        NetConfig.from_dict(NetConfig().to_dict() | change)


def test_a_missing_key_is_refused():
    values = NetConfig().to_dict()
    del values["channels"]
    with pytest.raises(NetError, match="missing.*channels"):
        NetConfig.from_dict(values)
