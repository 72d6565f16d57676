"""The bench measures real work: rates of what was asked for, and all of them in the table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfplay.bench import command, selfplay_rates
from tests.selfplay.fake_net import FakeNet

pytestmark = pytest.mark.usefixtures("needs_jit")


def test_self_play_is_measured_beside_the_bare_network() -> None:
    net = FakeNet(7, pass_logit=-4.0)
    rounds = selfplay_rates(net, games=8, groups=2, simulations=4, threads=1, seconds=0.05)
    for rates in (next(rounds), next(rounds)):
        assert rates.bare > 0 and rates.selfplay > 0 and 0 <= rates.waiting <= 1
    assert net.calls > 4


def test_the_command_tells_every_figure(tmp_path: Path) -> None:
    from nets.model import export_arrays
    from nets.weights import save_net
    from tests.nets.conftest import lively_network

    network = lively_network("1x8")
    save_net(tmp_path / "net.safetensors", export_arrays(network), {"sizes": [9]}, network.config)
    words = ["--net", str(tmp_path / "net.safetensors"), "--size", "7", "--seconds", "0.05", "--threads", "1", "--json"]
    done = CliRunner().invoke(command, words)
    assert done.exit_code == 0, done.output
    figures = {figure["name"]: figure["value"] for figure in json.loads(done.stdout)["figures"]}
    assert all(value > 0 for value in figures.values())
    assert {"random moves", "simulations, free evaluator", "search visits"} <= set(figures)
    assert any(name.startswith("self-play evaluations") for name in figures)
