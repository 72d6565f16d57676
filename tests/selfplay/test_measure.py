"""The measurement of a run's networks: who meets whom, what is kept, and that a stop or a damaged file does no harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from nets.config import NetConfig
from nets.model import Network, export_arrays
from nets.weights import save_net
from selfplay import measure
from selfplay.config import RunConfig, with_settings
from selfplay.elo import Result
from selfplay.measure import Ratings

CONFIG = with_settings(
    RunConfig(),
    ("run.size=7", "run.net=1x8", "measure.games=4", "measure.visits=2", "measure.opponents=2"),
)
NAMES = ("net-0000.00", "net-0001.00", "net-0002.00", "net-0003.00")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with networks of random weights."""
    path = tmp_path_factory.mktemp("run")
    (path / "nets").mkdir()
    for seed, name in enumerate(NAMES):
        torch.manual_seed(seed)
        network = Network(NetConfig.named("1x8"))
        save_net(path / "nets" / f"{name}.safetensors", export_arrays(network), {"sizes": [7]}, network.config)
    return path


@pytest.fixture
def opened(folder: Path) -> Iterator[Ratings]:
    (folder / "ratings.json").unlink(missing_ok=True)
    yield open_again(folder)


def open_again(folder: Path) -> Ratings:
    return Ratings(folder, CONFIG, 1, "cpu")


def never() -> bool:
    return False


@pytest.mark.usefixtures("needs_jit")
def test_networks_meet_the_ones_measured_last(opened: Ratings, folder: Path) -> None:
    opened.add(NAMES[0], 0.0, 0)
    assert opened.newest_elo is None and opened.last_seconds == 0.0
    for minute, name in enumerate(NAMES[1:], 1):
        lines = list(opened.measure(name, 60.0 * minute, 100 * minute, never))
        assert len(lines) == min(minute, 2) and all(line.startswith(f"{name} against ") for line in lines)
    met = [(r.a, r.b) for r in opened.results]
    pairs = ((1, 0), (2, 1), (2, 0), (3, 2), (3, 1))
    assert met == [(NAMES[a], NAMES[b]) for a, b in pairs]
    assert all(r.games == 4 for r in opened.results)
    assert opened.elo[NAMES[0]] == (0.0, 0.0) and opened.last_seconds == 180.0
    assert opened.newest_elo == round(opened.elo[NAMES[3]][0], 1)
    again = open_again(folder)
    assert (again.nets, again.results, again.elo) == (opened.nets, opened.results, opened.elo)


def told(results: list[Result], monkeypatch: pytest.MonkeyPatch, ratings: Ratings) -> None:
    """Matches end as told, without a game."""
    answers = iter(results)
    monkeypatch.setattr(ratings, "_match", lambda a, b, stopped: next(answers, None))


def test_the_line_and_the_rating_tell_the_result(opened: Ratings, monkeypatch: pytest.MonkeyPatch) -> None:
    told([Result("b", "a", 30, 8, 2)], monkeypatch, opened)
    opened.add("a", 0.0, 0)
    (line,) = opened.measure("b", 60.0, 10, never)
    elo, error = opened.elo["b"]
    assert 150 < elo < 215 and 40 < error < 80  # 31 of 40 points are 215 Elo; the prior draws it in
    assert line.startswith("b against a: 30 won, 8 lost, 2 drawn; Elo +") and line.endswith("above the run's first net")


def test_a_stopped_match_is_not_counted(opened: Ratings, folder: Path) -> None:
    opened.add(NAMES[0], 0.0, 0)
    assert list(opened.measure(NAMES[1], 60.0, 10, lambda: True)) == []
    again = open_again(folder)
    assert again.results == [] and [net["name"] for net in again.nets] == list(NAMES[:1])
    assert again.newest_elo is None and again.last_name == NAMES[0], "it is measured when the run goes on"


def test_a_network_is_kept_once(opened: Ratings) -> None:
    opened.add("a", 1.0, 2)
    opened.add("a", 9.0, 9)
    assert opened.nets == [{"name": "a", "seconds": 1.0, "games": 2}]


@pytest.mark.parametrize(
    "text",
    ["", "[", "[]", "{}", "3", '{"nets": []}', '{"nets": [], "results": [{"a": "x"}]}', '{"nets": [{}], "results": []}',
     '{"nets": {"a": 1}, "results": []}', '{"nets": [{"name": "a", "seconds": "1", "games": 2}], "results": []}',
     '{"nets": [], "results": [{"a": "a", "b": "b", "wins": 1, "losses": 0}]}',
     '{"nets": [{"name": "a", "seconds": 1, "games": 2}], "results": [{"a": "a", "b": "a", "wins": -1, "losses": 0}]}'],
)  # fmt: skip
def test_a_damaged_file_is_told_and_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / "ratings.json").write_text(text)
    said: list[str] = []
    ratings = Ratings(tmp_path, CONFIG, 1, "cpu", said.append)
    assert ratings.nets == [] and ratings.results == [] and ratings.elo == {} and ratings.last_seconds == 0.0
    assert len(said) == 1 and "ratings.json is damaged" in said[0]
    assert (tmp_path / "ratings-damaged.json").read_text() == text
    ratings.add("a", 1.0, 2)
    assert Ratings(tmp_path, CONFIG, 1, "cpu", said.append).nets[0]["name"] == "a" and len(said) == 1


def test_the_curve_is_drawn_once_there_is_one(opened: Ratings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened.plot(tmp_path / "elo.png")
    assert not (tmp_path / "elo.png").exists()
    told([Result("b", "a", 30, 8, 2)], monkeypatch, opened)
    opened.add("a", 0.0, 0)
    list(opened.measure("b", 60.0, 10, never))
    opened.plot(tmp_path / "elo.png")
    assert (tmp_path / "elo.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["elo.png"]


def test_another_match_has_another_seed(opened: Ratings, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []

    class NoArena:
        def __init__(self, *args: object, seed: int, **known: object) -> None:
            seeds.append(seed)

        def play(self, stopped: object) -> measure.Result:
            return Result("", "", 1, 1)

    monkeypatch.setattr(measure, "Arena", NoArena)
    monkeypatch.setattr(measure, "make_evaluator", lambda *args: None)
    for name in "abc":
        list(opened.measure(name, 60.0, 10, never))
    assert seeds == [0, 1, 2]


@pytest.mark.parametrize(
    ("wins", "losses", "collapsed"), [(20, 20, False), (12, 28, False), (4, 36, True), (0, 40, True), (0, 2, False)]
)
def test_a_collapse_is_beyond_doubt(opened: Ratings, wins: int, losses: int, collapsed: bool) -> None:
    for name in NAMES[:2]:
        opened.add(name, 0.0, 0)
    assert not opened.has_collapsed(NAMES[1])
    opened.results += [Result(NAMES[1], NAMES[0], wins, losses), Result(NAMES[1], "older", 0, 40)]
    assert opened.has_collapsed(NAMES[1]) is collapsed


def test_nobody_is_compared_with_a_network_that_collapsed(opened: Ratings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES[:3]:
        opened.add(name, 0.0, 0)
    opened.disown(NAMES[2])
    monkeypatch.setattr(opened, "_match", lambda a, b, stopped: Result(a, b, 3, 1))
    list(opened.measure(NAMES[3], 60.0, 1, never))
    assert [r.b for r in opened.results] == [NAMES[1], NAMES[0]]


def test_what_is_not_linked_with_the_first_match_has_no_rating(opened: Ratings) -> None:
    """The first network's file was damaged before it was met: the next one is at 0."""
    for seconds, name in enumerate("abcdef"):
        opened.add(name, float(seconds), 0)
    opened.results[:] = [Result("c", "b", 3, 1), Result("d", "c", 3, 1), Result("f", "e", 3, 1)]
    assert opened.elo.keys() == {"b", "c", "d"} and opened.elo["b"] == (0.0, 0.0)
    assert 0 < opened.elo["c"][0] < opened.elo["d"][0] < 600 and opened.elo["d"][1] < 600
    assert opened.newest_elo == 0.0


def test_networks_are_measured_as_they_have_learned(folder: Path) -> None:
    usual = Ratings(folder, CONFIG, 1, "cpu")._known(7)
    assert usual == {"komi": 7.0, "turned": (True, True), "score_weight": 0.1}
    words = ("selfplay.komi=0.5", "selfplay.komi_spread=0", "learn.symmetries=false", "selfplay.score_weight=0.0")
    odd = Ratings(folder, with_settings(CONFIG, words), 1, "cpu")._known(7)
    assert odd == {"komi": 0.5, "turned": (False, False), "score_weight": 0.0}
