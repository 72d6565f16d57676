"""The benchmarks behind the README's figures run, in their smallest way: nothing is said of speed."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import evaluations, komi, moves, records, search, selfplay, ship, steps, strength, targets
from selfplay.games import SelfPlayConfig
from tests.nets.test_records import SIZE, collection, random_games
from tests.selfplay.fake_net import SteadyNet

pytestmark = pytest.mark.usefixtures("needs_jit")


def printed(main: object, *words: str) -> str:
    """What a command prints."""
    done = CliRunner().invoke(main, words, catch_exceptions=False)  # type: ignore[arg-type]
    assert done.exit_code == 0, done.output
    return done.output


def test_records(tmp_path: Path) -> None:
    path = tmp_path / "games.sgf"
    path.write_bytes(collection(random_games(4)))
    found = printed(records.main, str(path), "--size", str(SIZE), "--rounds", "1")
    assert re.search(r"^decoded: [1-9][\d,]* positions/s", found, re.MULTILINE)


def test_search() -> None:
    found = printed(search.main, "--visits", "320", "--long", "500", "--rounds", "1")
    rows = [row.split("│")[1].strip() for row in found.splitlines() if "x" in row]
    assert rows[:2] == ["9x9", "19x19"] and rows[2:] in ([], ["9x9", "19x19"])


def test_selfplay() -> None:
    found = printed(selfplay.main, "--size", "7", "--games", "2", "--simulations", "2", "--rounds", "1")
    row = next(line for line in found.splitlines() if line.startswith("│           2"))
    shares = [int(word.strip(" %")) for word in row.split("│")[6:10]]
    assert 97 <= sum(shares) <= 103 and "times the bare network's" in found


def test_steps() -> None:
    found = printed(steps.main, "--net", "1x8", "--size", "7", "--batch", "2", "--steps", "1", "--device", "cpu")
    assert re.search(r"^1x8, 7x7, batch 2, float32 on cpu, .*: \d+ ms a step, [1-9][\d,]* samples/s$", found, re.M)
    assert CliRunner().invoke(steps.main, ["--net", "nonsense"]).exit_code == 1


def test_komi_is_worth_more_to_whom_it_is_given() -> None:
    found = printed(komi.main, "--komi", "-30", "--komi", "30")
    much, little = re.findall(r"([+-]\d\.\d\d), -?\d+", found)
    assert float(much) > 0.5 and float(little) < -0.5


def test_komi_that_no_game_has_is_one_line() -> None:
    for words in (("--komi", "7.25"), ("--komi", "nan"), ("--komi", "1e9")):
        found = CliRunner().invoke(komi.main, words)
        assert found.exit_code == 2 and "--komi" in found.output


def test_a_duel_counts_for_the_first_player(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both pass, White wins by the komi: the first player loses in the even places, where it is Black."""
    monkeypatch.setattr(targets, "GAMES", 4)
    config = SelfPlayConfig(simulations=2, komi=7.0, komi_spread=0.0)
    duel = targets.Duel(7, SteadyNet(7, 30.0), config, config, 1)
    assert duel.play(8) == (4, 4, 0)
    assert [dict(place) for place in duel.played] == [{-1.0: 2}, {1.0: 2}] * 2


def test_each_search_that_is_measured_as_a_teacher_differs_from_the_plain_one() -> None:
    plain = targets.search_config("")
    assert all(targets.search_config(text) != plain for text in targets.VARIANTS)


def test_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "GAMES", 4)
    words = ("--net", "zero-9x9-minute-05", "--games", "7", "--plain", "simulations=2")
    found = printed(targets.main, *words, "considered=4 simulations=6")
    won, lost, drawn = map(int, re.findall(r"(?:won|lost|drawn) (\d+)", found))
    assert won + lost + drawn == 8 and re.search(r"^considered=4 simulations=6: .* [+-]\d+ \(", found, re.MULTILINE)
    for bad in (("considered=0",), ("nonsense=1",), ("words",), ("--net", "nowhere"), ("c_puct=2.0",)):
        done = CliRunner().invoke(targets.main, bad)
        assert done.exit_code == 1 and len(done.output.splitlines()) == 1, done.output


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (evaluations, "--nets 2x16 --size 7 --devices openvino --batches 2 --threads 1 --seconds 0.01"),
        (moves, "--rounds 1"),
    ],
)
def test_figures_as_json(
    module: object, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmark", *words.split(), "--json"])
    module.main()  # type: ignore[attr-defined]
    found = capsys.readouterr().out
    rows = json.loads(found) if found.startswith("[") else [json.loads(line) for line in found.splitlines()]
    assert len(rows) == 2
    for row in rows:
        assert all(value > 0 for value in row.values() if isinstance(value, (int, float)))


def test_strength_goes_on_after_a_match_that_was_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its games are played again; so are those of a network that has changed."""
    monkeypatch.setattr(strength, "gnugo", lambda level: "random")
    words = ("--games", "2", "--visits", "1", "--only", "zero-9x9-minute-05", "--keep", str(tmp_path))

    def cut(match: object, played: object) -> None:
        raise KeyboardInterrupt

    played = strength.play_match
    monkeypatch.setattr(strength, "play_match", lambda *a, **k: played(*a, **k | {"on_game": cut}))
    assert CliRunner().invoke(strength.main, words).exit_code == 1
    assert len(list(tmp_path.rglob("*.sgf"))) == 1
    monkeypatch.setattr(strength, "play_match", played)
    assert "played before" not in printed(strength.main, *words) and len(list(tmp_path.rglob("*.sgf"))) == 6
    monkeypatch.setattr(strength, "weights_of", lambda *names: "others")
    assert "played before" not in printed(strength.main, *words)
    assert len(json.loads((tmp_path / "results.json").read_text())["matches"]) == 3
    assert printed(strength.main, *words).count("played before") == 3


def test_strength_of_a_size_without_networks() -> None:
    done = CliRunner().invoke(strength.main, ["--size", "8"])
    assert done.exit_code == 1 and done.output.startswith("Error: no network was made for 8x8: --net names others")


def test_what_is_written_of_the_others_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An opponent that has not met GNU Go itself keeps what was measured of it."""
    monkeypatch.setattr(strength, "DATA", tmp_path)
    monkeypatch.setattr(strength, "weights_of", lambda *names: "")
    known = {"b": {"elo": {"9": 5}, "strength": "known"}}
    (tmp_path / "measured.json").write_text(json.dumps(known))
    kept = strength.Kept(None, {"size": 9, "games": 2, "visits": 3})
    kept.add(strength.Counted("a", "b", 2, 0))
    kept.add(strength.Counted("a", strength.ANCHOR, 1, 1))
    strength.write_measured(kept, {"a": 12.4, "b": -90.0})
    a = {
        "elo": {"9": 12},
        "elo_visits": {"9": 3},
        "strength": "3 visits: 1 won, 1 lost, 0 drawn against GNU Go 3.8 level 10",
    }
    assert json.loads((tmp_path / "measured.json").read_text()) == known | {"a": a}


def test_strength_on_a_board_that_a_network_was_not_made_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its Elo there is written beside the others; what is said of it in words is of its own board."""
    monkeypatch.setattr(strength, "gnugo", lambda level: "random")
    words = ("--size", "7", "--games", "2", "--visits", "1", "--keep", str(tmp_path), "--write")
    before = {"zero-9x9-minute-05": {"elo": {"9": 2}, "strength": "old"}}
    (tmp_path / "measured.json").write_text(json.dumps(before))
    monkeypatch.setattr(strength, "DATA", tmp_path)
    printed(strength.main, *words, "--net", "zero-9x9-minute-10", "--net", "zero-9x9-minute-05")
    pairs = [(m["a"], m["b"]) for m in json.loads((tmp_path / "results.json").read_text())["matches"]]
    assert pairs[0] == ("zero-9x9-minute-10", "zero-9x9-minute-05") and len(pairs) == 6
    written = json.loads((tmp_path / "measured.json").read_text())
    assert written["zero-9x9-minute-05"]["elo"].keys() == {"7", "9"}
    assert written["zero-9x9-minute-05"]["strength"] == "old" and written["zero-9x9-minute-10"].keys() == {
        "elo",
        "elo_visits",
    }
    told = printed(strength.main, *words[:6], "--net", "zero-9x9-minute-05", "--level", "1", "--write")
    assert told.endswith("no match against GNU Go level 10: no Elo, nothing is written\n")
    assert json.loads((tmp_path / "measured.json").read_text()) == written
    done = CliRunner().invoke(strength.main, ("--net", "zero"))
    assert done.exit_code == 1 and done.output == "Error: no network zero: gogame nets lists them\n"


def test_strength_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished match is not played again, one of another sort not taken for it, and the table has all."""
    monkeypatch.setattr(strength, "gnugo", lambda level: "random")
    words = ("--games", "2", "--visits", "1", "--only", "zero-9x9-minute-05", "--keep", str(tmp_path))
    first = printed(strength.main, *words)
    kept = (tmp_path / "results.json").read_text()
    assert [m["b"] for m in json.loads(kept)["matches"]] == ["GNU Go level 10", "GNU Go level 1", "random"]
    assert "played before" not in first and len(list(tmp_path.rglob("*.sgf"))) == 6
    again = printed(strength.main, *words)
    assert again.count("played before") == 3 and (tmp_path / "results.json").read_text() == kept
    assert re.search(r"random +│ +[-+]\d+ │ +\d+", again)
    monkeypatch.setattr(strength, "DATA", tmp_path)
    printed(strength.main, *words, "--write")
    measured = json.loads((tmp_path / "measured.json").read_text())
    assert measured.keys() == {"zero-9x9-minute-05"} and measured["zero-9x9-minute-05"]["strength"].startswith(
        "1 visits"
    )
    before = {"zero-9x9": {"elo": {"9": 1}}, "zero-9x9-minute-05": {"elo": {"9": 2}, "strength": "old"}}
    (tmp_path / "measured.json").write_text(json.dumps(before))
    monkeypatch.setattr(ship, "DATA", tmp_path)
    ship.forget("zero-9x9-minute-05")
    assert json.loads((tmp_path / "measured.json").read_text()) == {"zero-9x9": {"elo": {"9": 1}}}
    for text, given in ((kept, ("--games", "4", *words[2:])), ("[1]", words), ('{"matches": [{"a": 1}]}', words)):
        (tmp_path / "results.json").write_text(text)
        done = CliRunner().invoke(strength.main, given)
        assert done.exit_code == 1 and len(done.output.splitlines()) == 1, done.output
        assert (tmp_path / "results.json").read_text() == text
