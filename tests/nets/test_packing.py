"""Planes eight to a byte: what is unpacked is what was packed, and every plane is 0 or 1."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gogame.board import new_board, play
from nets.config import PLANES, NetConfig
from nets.evaluator_torch import inference_network, run
from nets.model import Network
from nets.packing import bit_numbers, pack_planes, packed_bytes, unpack_planes
from nets.planes import PLANES_TABLE
from nets.train import Trainer
from nets.train_config import TrainConfig
from tests.nets.test_planes import NOTHING, planes_of, random_game


@pytest.mark.parametrize("size", range(7, 20))
def test_unpacking_undoes_packing(size, inputs):
    planes, _ = inputs(5, size)
    packed = pack_planes(planes)
    assert packed.dtype == np.uint8 and packed.shape == (5, packed_bytes(size)) == (5, planes[0].size // 8)
    back = unpack_planes(torch.from_numpy(packed), bit_numbers("cpu"), size)
    assert back.dtype == torch.uint8 and np.array_equal(back.numpy(), planes)


def test_each_bit_has_its_place():
    """One plane value alone: bit i of byte n is value 8n + i of its position, and no other position's."""
    size = 9
    for value in (0, 1, 7, 8, 9, 80, 81, 1000, PLANES * size * size - 1):
        planes = np.zeros((3, PLANES, size, size), np.uint8)
        planes[1].reshape(-1)[value] = 1
        packed = pack_planes(planes)
        assert packed[1, value // 8] == 1 << value % 8 and packed.sum() == 1 << value % 8


def test_a_slice_of_a_larger_array_is_packed_alike(inputs):
    planes, _ = inputs(12, 9)
    assert np.array_equal(pack_planes(planes[3:7]), pack_planes(planes[3:7].copy()))
    assert np.array_equal(pack_planes(planes[::2]), pack_planes(planes[::2].copy()))


def test_the_network_sees_the_same(lively, inputs):
    """What the CUDA graph computes, here without the graph: unpack, then run."""
    config, arrays, _ = lively("2x16")
    planes, globals_ = inputs(6, 9)
    network = inference_network(config, arrays, torch.float32)
    inputs_ = torch.from_numpy(planes), torch.from_numpy(pack_planes(planes))
    with torch.inference_mode():
        plain = run(network, inputs_[0], torch.from_numpy(globals_))
        packed = run(network, unpack_planes(inputs_[1], bit_numbers("cpu"), 9), torch.from_numpy(globals_))
    assert all(torch.equal(a, b) for a, b in zip(plain, packed, strict=True))


def test_training_learns_the_same_from_packed_planes(batch):
    steps = []
    for packs in (False, True):
        torch.manual_seed(0)
        learner = Trainer(Network(NetConfig.named("1x8")), TrainConfig(device="cpu"))
        assert learner.packs is False
        learner.packs = packs
        steps.append([learner.step(batch(8, 9)) for _ in range(3)] + [learner.evaluate(batch(8, 9))])
    assert steps[0] == steps[1]


def test_every_plane_is_zero_or_one(needs_jit):
    """Over random games, with captures, ladders and pass-alive areas: what packing relies on."""
    seen = {name: 0 for name, _, _ in PLANES_TABLE}
    for seed in range(6):
        board = new_board(9)
        for color, point in random_game(9, 120, seed):
            play(board, point, color)
            planes, _ = planes_of(board, 3 - color, (point, *NOTHING[1:]), forbidden=(point + 1,))
            for name, plane in planes.items():
                assert plane.max() <= 1, name
                seen[name] += int(plane.sum())
    assert all(seen[name] > 0 for name in seen if name not in ("last_2", "last_3", "last_4", "last_5"))
