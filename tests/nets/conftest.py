"""Small networks with lively weights, random inputs and random training batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from nets.config import GLOBALS, PLANES, NetConfig
from nets.model import Network, export_arrays
from nets.weights import save_net

Inputs = tuple[np.ndarray, np.ndarray]

torch.set_num_threads(1)  # small tensors, and other tests beside: more threads would only wait


def lively_network(shape: str, seed: int = 0) -> Network:
    """A network whose batch norms are far from their start, so that a wrong fold shows."""
    torch.manual_seed(seed)
    network = Network(NetConfig.named(shape)).eval()
    for name, tensor in network.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 2.0)
        elif name.endswith(("running_mean", "norm.bias")):
            tensor.normal_(0, 0.3)
        elif name.endswith("norm.weight"):
            tensor.uniform_(0.5, 1.5)
    return network


@pytest.fixture(scope="session")
def lively() -> Callable[[str], tuple[NetConfig, dict[str, np.ndarray], Network]]:
    def make(shape: str) -> tuple[NetConfig, dict[str, np.ndarray], Network]:
        network = lively_network(shape)
        return network.config, export_arrays(network), network

    return make


@pytest.fixture(scope="session")
def inputs() -> Callable[[int, int], Inputs]:
    def make(count: int, size: int) -> Inputs:
        rng = np.random.default_rng(count * 100 + size)
        planes = (rng.random((count, PLANES, size, size)) < 0.3).astype(np.uint8)
        return planes, rng.normal(size=(count, GLOBALS)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def batch() -> Callable[[int, int], dict[str, np.ndarray]]:
    def make(count: int, size: int) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(count * 100 + size)
        actions = size * size + 1
        ones = np.ones(count, np.float32)
        moves = np.eye(actions, dtype=np.float32)
        return {
            "planes": (rng.random((count, PLANES, size, size)) < 0.3).astype(np.uint8),
            "globals": rng.normal(size=(count, GLOBALS)).astype(np.float32),
            "policy": moves[rng.integers(actions, size=count)],
            "policy_weight": ones.copy(),
            "reply": moves[rng.integers(actions, size=count)],
            "reply_weight": ones.copy(),
            "value": np.eye(3, dtype=np.float32)[rng.integers(0, 2, count)],
            "score": (10 * rng.normal(size=count)).astype(np.float32),
            "score_weight": ones.copy(),
            "ownership": rng.choice([-1.0, 1.0], (count, size, size)).astype(np.float32),
            "ownership_weight": ones.copy(),
        }

    return make


@pytest.fixture(scope="session")
def tiny_net_of_nets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network file that a command can load."""
    network = lively_network("1x8")
    path = tmp_path_factory.mktemp("nets") / "tiny.safetensors"
    save_net(path, export_arrays(network), {"sizes": [9]}, network.config)
    return path


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty games to learn from."""
    from tests.nets.test_records import collection, random_games

    path = tmp_path_factory.mktemp("records") / "games.sgf"
    path.write_bytes(collection(random_games(30)))
    return path
