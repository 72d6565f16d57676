"""A small network with random weights, in a file, for whatever has to load a real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nets.config import NetConfig, tensor_shapes
from nets.weights import save_net


@pytest.fixture(scope="session")
def tiny_net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = NetConfig(blocks=1, channels=8, pool_blocks=(0,), pool_channels=4, policy_channels=4, value_channels=4)
    rng = np.random.default_rng(1)
    arrays = {}
    for name, shape in tensor_shapes(config).items():
        arrays[name] = np.abs(rng.normal(1, 0.1, shape)) if "running_var" in name else rng.normal(0, 0.1, shape)
    path = tmp_path_factory.mktemp("nets") / "tiny.safetensors"
    save_net(path, {k: v.astype(np.float32) for k, v in arrays.items()}, {"sizes": [9]}, config)
    return path
