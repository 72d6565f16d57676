"""The bench measures real work: rates of what was asked for, and all of them in the table."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from mcts.bench import Figure
from nets.evaluator import Evaluation
from selfplay import games
from selfplay.bench import FREE, KERNELS, PARTS, Rates, command, ratios, selfplay_rates
from tests.selfplay.fake_net import FakeNet

pytestmark = pytest.mark.usefixtures("needs_jit")


def test_self_play_is_measured_beside_the_bare_network() -> None:
    net = FakeNet(7, pass_logit=-4.0)
    kernels = {name: getattr(games, name) for name in KERNELS}
    rounds = selfplay_rates(net, 8, games.SelfPlayConfig(simulations=4), threads=1, seconds=0.05)
    for rates in (next(rounds), next(rounds)):
        assert rates.bare > 0 and 0 < rates.moves < rates.selfplay and rates.ratio == rates.selfplay / rates.bare
        assert tuple(rates.shares) == PARTS and sum(rates.shares.values()) == pytest.approx(1)
        assert all(0 < share < 1 for share in rates.shares.values()), rates.shares
    assert net.calls > 4
    assert kernels == {name: getattr(games, name) for name in KERNELS}, "the kernels are as they were"


class SlowNet(FakeNet):
    """Takes its time when it is asked."""

    def submit(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        time.sleep(0.02)
        return super().submit(planes, globals)


def test_the_shares_tell_what_is_slow() -> None:
    slow = next(
        selfplay_rates(SlowNet(7, pass_logit=-4.0), 8, games.SelfPlayConfig(simulations=4), threads=2, seconds=0.1)
    ).shares
    assert slow["evaluator"] > 0.8 and slow["tree"] + slow["planes"] + slow["rest"] < 0.2


def test_the_ratios_are_of_the_same_size() -> None:
    rows = [
        Figure(FREE, 9, 1000.0), Figure(FREE, 19, 300.0),
        Figure("evaluations, batch 1", 9, 50.0), Figure("evaluations, batch 32", 9, 200.0),
        Figure("evaluations, batch 32", 19, 30.0), Figure("evaluations, batch 128", 9, 250.0),
    ]  # fmt: skip
    found = ratios(rows, Rates(250.0, 200.0, 20.0, {}), 9)
    assert [(r.size, r.value) for r in found] == [(9, 0.8), (9, 4.0), (19, 10.0)]


def test_the_command_tells_every_figure(tmp_path: Path) -> None:
    from nets.model import export_arrays
    from nets.weights import save_net
    from tests.nets.conftest import lively_network

    network = lively_network("1x8")
    save_net(tmp_path / "net.safetensors", export_arrays(network), {"sizes": [9]}, network.config)
    words = ["--net", str(tmp_path / "net.safetensors"), "--size", "7", "--seconds", "0.05", "--threads", "1", "--json"]
    done = CliRunner().invoke(command, words)
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    figures = {figure["name"]: figure["value"] for figure in shown["figures"]}
    assert all(value > 0 for value in figures.values())
    assert {"random moves", "simulations, free evaluator", "search visits"} <= set(figures)
    assert any(name.startswith("self-play evaluations") for name in figures)
    assert [ratio["name"] for ratio in shown["ratios"]] == [
        "self-play / bare network, same batch", "free simulations / bare network",
    ]  # fmt: skip
    assert all(ratio["value"] > 0 and ratio["size"] == 7 for ratio in shown["ratios"])
    assert sum(shown["selfplay_time"].values()) == pytest.approx(1, abs=1e-3)
    told = CliRunner().invoke(command, words[:-1])
    assert told.exit_code == 0 and "same batch" in told.output and "where the time goes" in told.output
    assert all(f"{part} " in told.output.splitlines()[-1] for part in PARTS)
