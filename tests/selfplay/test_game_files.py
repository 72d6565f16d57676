"""Games of self-play as SGF: what the files say, which are kept, and a folder that cannot be written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from gogame.coords import from_gtp, to_gtp
from gogame.geometry import PASS, action_of
from gogame.rules import RuleSet
from gogame.sgf import game_of_sgf, read_sgf
from selfplay import game_files
from selfplay.game_files import GameFiles, result_of, rules_of, sgf_of
from selfplay.samples import FinishedGame


def played(*moves: str, size: int = 7, score: float = 3.5, **changes: object) -> FinishedGame:
    points = [PASS if move == "pass" else from_gtp(move, size) for move in moves]
    fields: dict = {
        "size": size,
        "ruleset": RuleSet(1, 0, 0, 7.5),
        "actions": np.array([action_of(point, size) for point in points], np.int16),
        "policy": np.zeros((len(moves), size * size + 1), np.uint8),
        "value": np.linspace(0.0, 0.6, len(moves), dtype=np.float32),
        "opening": 1,
        "score": score,
        "ownership": np.zeros(size * size, np.int8),
        "resigned": False,
    }
    return FinishedGame(**(fields | changes))


def test_a_file_says_what_was_played_and_what_the_searches_thought() -> None:
    data = sgf_of(played("C3", "D4", "E5", "pass"), 1234, 12.34)
    game, root = game_of_sgf(data), read_sgf(data).get_root()
    assert [to_gtp(point, 7) for _, point in game.moves] == ["C3", "D4", "E5", "pass"]
    assert (game.size, game.komi, game.rules.name) == (7, 7.5, "chinese-ogs")
    assert (root.get("RE"), root.get("GN"), root.get("PB")) == ("B+3.5", "game 1234", "minute 12.3")
    assert "first 1 moves were not searched" in root.get("C")
    searched = [node.get("SBKV") if node.has_property("SBKV") else None for node in read_sgf(data).get_main_sequence()]
    # The position before move t has its value: 0.2 for White is 40 % for Black.
    assert searched == [None, "40.00", "70.00", "20.00", None]


def test_results_and_rules_in_the_words_of_sgf() -> None:
    results = [result_of(played("C3", score=score)) for score in (0.0, -12.0, 0.5)]
    assert results == ["0", "W+12", "B+0.5"]
    assert result_of(played("C3", score=-1.0, resigned=True)) == "W+R"
    names = [rules_of(RuleSet(*numbers, 7.0)).name for numbers in ((1, 1, 0), (0, 0, 0), (0, 0, 1), (2, 1, 1))]
    assert names == ["tromp-taylor", "chinese", "japanese", "japanese"]
    assert read_sgf(sgf_of(played(), 1, 0.0)).get_root().get("RE") == "B+3.5", "a game without moves"


def test_the_newest_are_kept_and_foreign_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(game_files, "MOST_FILES", 3)
    said: list[str] = []
    files = GameFiles(tmp_path, 2, said.append)
    files.keep([], 0, 0.0)
    assert not (tmp_path / "sgf").exists(), "nothing was written, nothing is made"
    files.keep([played("C3")] * 5, 5, 1.0)
    mine = tmp_path / "sgf" / "00000001-7x7-2.sgf"
    mine.write_text("mine")
    assert sorted(os.listdir(tmp_path / "sgf")) == ["00000001-7x7-2.sgf", "00000002-7x7.sgf", "00000005-7x7.sgf"]
    again = GameFiles(tmp_path, 2, said.append)  # the next call of the run
    again.keep([played("C3", size=9)], 6, 1.0)
    again.keep([played("C3")] * 2, 4, 1.0)  # a shard was lost: the numbers do not go back
    names = sorted(os.listdir(tmp_path / "sgf"))
    assert names == ["00000001-7x7-2.sgf", "00000006-9x9.sgf", "00000007-7x7.sgf", "00000008-7x7.sgf"]
    assert mine.read_text() == "mine" and not said
    GameFiles(tmp_path, 0, said.append).keep([played("C3")], 9, 1.0)
    assert sorted(os.listdir(tmp_path / "sgf")) == names, "0 turns it off"


def test_a_folder_that_cannot_be_had_costs_a_line_until_it_can(tmp_path: Path) -> None:
    said: list[str] = []
    files = GameFiles(tmp_path, 2, said.append)
    (tmp_path / "sgf").write_text("in the way")
    for number in (1, 2):
        files.keep([played("C3")], number, 1.0)
    assert len(said) == 1 and "sgf: no games as SGF" in said[0] and "\n" not in said[0]
    (tmp_path / "sgf").unlink()
    files.keep([played("C3")], 3, 1.0)
    assert os.listdir(tmp_path / "sgf") == ["00000003-7x7.sgf"]


def test_a_folder_that_is_removed_meanwhile_is_made_anew(tmp_path: Path) -> None:
    said: list[str] = []
    files = GameFiles(tmp_path, 1, said.append)
    files.keep([played("C3")], 1, 1.0)
    shutil.rmtree(tmp_path / "sgf")
    for number in (2, 3):
        files.keep([played("C3")], number, 1.0)
    assert sorted(os.listdir(tmp_path / "sgf")) == ["00000002-7x7.sgf", "00000003-7x7.sgf"] and not said


def test_what_cannot_be_removed_does_not_let_the_folder_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(game_files, "MOST_FILES", 3)
    said: list[str] = []
    (tmp_path / "sgf" / "00000001-7x7.sgf").mkdir(parents=True)  # not ours: no file of that name can be removed
    files = GameFiles(tmp_path, 1, said.append)
    for number in range(2, 9):
        files.keep([played("C3")], number, 1.0)
    names = sorted(os.listdir(tmp_path / "sgf"))
    assert names == ["00000001-7x7.sgf", "00000006-7x7.sgf", "00000007-7x7.sgf", "00000008-7x7.sgf"]


def test_a_full_disk_costs_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    said: list[str] = []
    files = GameFiles(tmp_path, 1, said.append)
    monkeypatch.setattr(game_files, "write_atomically", full)
    files.keep([played("C3")], 1, 1.0)
    assert len(said) == 1 and "No space left on device" in said[0]
    monkeypatch.undo()
    files.keep([played("C3")], 2, 1.0)
    assert os.listdir(tmp_path / "sgf") == ["00000002-7x7.sgf"] and len(said) == 1
