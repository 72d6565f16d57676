"""An engine gets ready: what is compiled before the clock runs, and what is said of it."""

from __future__ import annotations

import threading
import time

import pytest

from gogame.game import Game
from mcts.engine import Engine
from mcts.ready import default_config
from mcts.search import SearchConfig
from nets import evaluator

NO_EARLY_STOP = SearchConfig(early_stop=False)


def test_larger_batches_on_a_gpu(tiny_net, monkeypatch):
    """Where the visits allow them, and nobody has said otherwise."""
    make = evaluator.make_evaluator
    monkeypatch.setattr(evaluator, "choose_device", lambda device: "cuda" if device == "auto" else "torch")
    monkeypatch.setattr(evaluator, "make_evaluator", lambda net, size, _, **rest: make(net, size, "torch", **rest))
    for config, batch in ((None, 32), (NO_EARLY_STOP, 8)):
        player = Engine(str(tiny_net), log=lambda text: None, config=config)
        player.warm_up(7)
        search = player._search
        assert search.config.batch == search.evaluator.batch == batch and search._batch() == 1
        assert player.models()[0]["maxBatchSize"] == batch
        search.set_position(Game(7))
        search.run(visits=1240)
        assert search._batch() == batch
    assert default_config(7, "cpu").batch == 8


@pytest.mark.parametrize("call", ["genmove", "analyse", "ownership"])
def test_a_stop_is_heard_while_the_engine_gets_ready(tiny_net, monkeypatch, call):
    player = Engine(str(tiny_net), visits=10_000_000, log=lambda text: None)
    build, searched = player._build, []

    def stopped(info, size):
        search, another = build(info, size), threading.Thread(target=player.stop)
        another.start()
        another.join()
        return search

    monkeypatch.setattr(player, "_build", stopped)
    monkeypatch.setattr("mcts.engine.LOOK_VISITS", 10_000)
    words = (searched.append, threading.Event()) if call == "analyse" else ()
    getattr(player, call)(Game(9), *words)
    assert player._search.visits < 100
    player.visits = 60
    assert player.genmove(Game(9)) and player._search.visits >= 30, "it was meant for that call alone"


@pytest.mark.parametrize(("is_cold", "how"), [(True, "compiling, kept for later starts"), (False, "getting ready")])
def test_a_slow_start_is_told(tiny_net, monkeypatch, is_cold, how):
    said: list[str] = []
    monkeypatch.setattr("mcts.engine.cold.is_cold", lambda: is_cold)
    monkeypatch.setattr("mcts.engine.cold.while_planes_compile", lambda rest: rest())
    player = Engine(str(tiny_net), log=said.append)
    build = player._build

    def slow(info, size):
        time.sleep(1.2)
        return build(info, size)

    monkeypatch.setattr(player, "_build", slow)
    player.warm_up(9)
    assert said[0] == f"starting on 9x9: {how} ..." and said[-1].startswith("ready after"), said


@pytest.mark.usefixtures("needs_jit")
@pytest.mark.parametrize(("threads", "compiled"), [(2, [4, 8]), (1, None)])
def test_a_long_search_compiles_nothing_that_the_start_has_not(tiny_net, monkeypatch, threads, compiled):
    """Several requests are under way in whatever is searched, where there is more than one core."""
    pytest.importorskip("openvino")
    player = Engine(str(tiny_net), visits=1200, threads=threads, device="openvino", log=str, config=NO_EARLY_STOP)
    player.warm_up(9)
    evaluator, sent = player._search.evaluator, []
    streams = evaluator.beside
    assert (None if streams is None else sorted(streams._compiled)) == compiled
    assert player.another_search().evaluator is evaluator
    if streams is not None:
        submit = streams.submit
        monkeypatch.setattr(streams, "submit", lambda *inputs: sent.append(inputs) or submit(*inputs))
    monkeypatch.setattr(type(evaluator.net), "_compile", lambda self, count: self._compiled[count])
    game, stop, infos = Game(9), threading.Event(), []
    player.genmove(game)
    moved = len(sent)
    player.analyse(game, infos.append, stop, visits=2000)
    analysed = len(sent)
    player.ponder(game)
    while player._search.visits < 2500:
        time.sleep(0.01)
    player.stop()
    assert infos[-1].visits == 2000
    assert (0 < moved < analysed < len(sent)) if threads > 1 else not sent
