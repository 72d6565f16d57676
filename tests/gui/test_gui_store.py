import json
import os

import pytest
from click.testing import CliRunner

from gui.app import command
from gui.new_game import NewGameDialog, make_record
from gui.store import Settings, Store, write_atomic


def store_in(path):
    return Store(path / "data", path / "config")


def test_settings_survive(tmp_path):
    store = store_in(tmp_path)
    settings = Settings(size=13, komi=6.5, mode="two", visits=17, numbers=True)
    assert store.save_settings(settings) is None
    assert store.load_settings() == settings


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"x"',
        '{"size": 99, "mode": "x", "visits": "many", "black": 3, "unknown": 1, "komi": null}',
    ],
)
def test_broken_settings_become_defaults(tmp_path, text):
    store = store_in(tmp_path)
    store.settings_file.parent.mkdir(parents=True)
    store.settings_file.write_text(text)
    assert store.load_settings() == Settings()


def test_valid_values_of_a_partly_broken_file_are_kept(tmp_path):
    store = store_in(tmp_path)
    store.settings_file.parent.mkdir(parents=True)
    store.settings_file.write_text(json.dumps({"size": 19, "visits": -5, "komi": 6}))
    settings = store.load_settings()
    assert (settings.size, settings.visits, settings.komi) == (19, 1, 6.0)


def test_atomic_write_keeps_the_old_file_when_it_fails(tmp_path, monkeypatch):
    path = tmp_path / "a.sgf"
    write_atomic(path, b"old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.sgf"], "the temporary file is gone"


def test_a_folder_that_cannot_be_written_gives_one_notice(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")  # holds for root too, which a read-only mode would not stop
    store = Store(blocked / "data", blocked / "config")
    first = store.autosave(b"(;)")
    assert first is not None and "not saved" in first and "\n" not in first
    assert store.autosave(b"(;)") is None
    assert store.save_settings(Settings()) is None
    assert store.load_autosave() is None
    store.archive_autosave()


def test_archive_keeps_every_game(tmp_path):
    store = store_in(tmp_path)
    for text in (b"(;C[1])", b"(;C[2])"):
        store.autosave(text)
        store.archive_autosave()
    assert store.load_autosave() is None
    kept = {path.read_bytes() for path in (store.data / "games").iterdir()}
    assert kept == {b"(;C[1])", b"(;C[2])"}


@pytest.mark.parametrize(
    "text",
    [
        '{"rules": "nonsense"}',
        '{"rules": "stone-scoring"}',
        '{"komi": 0.3}',
        '{"komi": 1e9}',
        '{"komi": NaN}',
        '{"komi": ' + "9" * 400 + "}",
        '{"handicap": 9, "size": 7}',
        '{"handicap": 1}',
        '{"net": 5}',
        '{"net": "' + "x" * 300 + '"}',
        '{"seconds": NaN, "scale": Infinity}',
        '{"seconds": -3.0, "width": -1, "height": 1000000}',
    ],
)
def test_a_window_can_be_opened_with_any_settings_file(tmp_path, text):
    store = store_in(tmp_path)
    store.settings_file.parent.mkdir(parents=True)
    store.settings_file.write_text(text)
    settings = store.load_settings()
    make_record(settings)
    NewGameDialog(settings, lambda chosen: None)
    assert settings.seconds == 0 and settings.scale == 0 and settings.handicap == 0
    assert settings.komi == 7 and settings.width == settings.height == 0


@pytest.mark.parametrize(
    "words, saved, net",
    [
        ([], "zero-9x9-minute-10", "zero-9x9-minute-10"),
        (["--size", "13"], "zero-9x9-minute-10", ""),
        (["--net", "zero-9x9-minute-42"], "zero-9x9-minute-10", ""),
        ([], "a-network-of-another-version", ""),
        (["--size", "9"], "zero-9x9-minute-10", "zero-9x9-minute-10"),
    ],
)
def test_the_opponent_of_last_time_gives_way_to_the_command_line(tmp_path, monkeypatch, words, saved, net):
    opened = []
    monkeypatch.setattr("gui.app.run", lambda settings, *rest, **more: opened.append(settings))
    store = store_in(tmp_path)
    store.save_settings(Settings(net=saved))
    monkeypatch.setattr("gui.store.Store", lambda: store)
    result = CliRunner().invoke(command, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert opened[0].net == net
