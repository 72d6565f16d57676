import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gogame.coords import from_gtp
from gui.app import _make_session, command, run
from gui.describe import status_line
from gui.files import is_empty, sgf_of
from gui.new_game import NewGameDialog, make_record
from gui.store import Settings, Store, free_name
from tests.gui.played import Link, Play, two


def store_in(path):
    return Store(path / "data", path / "config")


def test_settings_survive(tmp_path):
    store = store_in(tmp_path)
    settings = Settings(size=13, komi=6.5, mode="two", visits=17, numbers=True)
    assert store.save_settings(settings) is None
    assert store.load_settings() == settings


def test_without_a_home_nothing_is_kept_and_nothing_fails(monkeypatch):
    def no_home(*_, **__):
        raise RuntimeError("could not determine the home directory")

    for name in ("user_data_dir", "user_config_dir", "user_documents_dir"):
        monkeypatch.setattr(f"platformdirs.{name}", no_home)
    monkeypatch.setattr(Path, "home", no_home)
    store = Store()
    store.claim()
    assert store.load_autosave() is None and store.load_settings() == Settings()
    assert "Not a directory" in store.autosave(b"(;)") and "Not a directory" in store.save_settings(Settings())
    assert store.suggest_name(9).name.startswith("go-9x9-")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"size": ' + "[" * 100_000,
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


def test_an_autosave_keeps_the_old_file_when_it_fails(tmp_path, monkeypatch):
    store = store_in(tmp_path)
    assert store.autosave(b"old") is None
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    assert "No space left" in store.autosave(b"new")
    assert store.load_autosave() == b"old"
    assert os.listdir(store.data) == ["autosave.sgf"], "the temporary file is gone"


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")  # holds for root too, which a read-only mode would not stop
    store = Store(blocked / "data", blocked / "config")
    first = store.autosave(b"(;)")
    assert first is not None and "not saved" in first and "\n" not in first
    assert store.autosave(b"(;)") == first, "until a game can be saved"
    second = store.save_settings(Settings())
    assert second is not None and "Settings" in second, "that is another matter"
    assert store.save_settings(Settings()) is None, "once is enough"
    assert store.load_autosave() is None
    store.archive_autosave()
    store.claim()


def test_two_windows_keep_a_game_each(tmp_path):
    first = store_in(tmp_path)
    first.claim()
    first.autosave(b"(;C[first])")
    script = "import sys; from pathlib import Path; from gui.store import Store; s = Store(*map(Path, sys.argv[1:])); "
    script += "s.claim(); s.autosave(b'(;C[second])'); print(s.number)"
    command = [sys.executable, "-c", script, str(first.data), str(first.config)]
    for _ in range(2):  # the second one's number is free again when it has ended
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "2\n"
    assert first.load_autosave() == b"(;C[first])"
    first._lock.close()
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"


def test_the_game_of_a_closed_window_is_put_among_the_past_ones(tmp_path):
    """No start showed it any more."""
    first, second, third = (store_in(tmp_path) for _ in range(3))
    for window in (first, second, third):
        window.claim()
        window.autosave(b"(;SZ[9];B[aa]C[%d])" % window.number)
    (first.data / "autosave-7.sgf").write_bytes(b"(;SZ[9])")
    (first.data / "autosave-8.sgf").write_bytes(b"(;SZ[")
    assert (first.number, second.number, third.number) == (1, 2, 3)
    second._lock.close()
    first._lock.close()
    again = store_in(tmp_path)
    again.claim()
    told = again.put_others_away(is_empty)
    assert again.number == 1 and told.startswith("2 games")
    assert again.load_autosave() == b"(;SZ[9];B[aa]C[1])" and third.load_autosave() == b"(;SZ[9];B[aa]C[3])"
    assert {path.read_bytes() for path in again.games.iterdir()} == {b"(;SZ[9];B[aa]C[2])", b"(;SZ["}
    assert sorted(path.name for path in again.data.glob("*.sgf")) == ["autosave-3.sgf", "autosave.sgf"]
    assert again.put_others_away(is_empty) == ""
    third._lock.close()
    assert again.put_others_away(is_empty).startswith("The game of another window")


def test_a_game_that_cannot_be_put_away_stays_where_it_is(tmp_path, monkeypatch):
    store = store_in(tmp_path)
    store.claim()
    left = store.data / "autosave-2.sgf"
    left.write_bytes(b"(;SZ[9];B[aa])")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(18, "Invalid cross-device link")))
    assert store.put_others_away(is_empty) == "" and left.exists()


def test_a_new_game_of_the_command_line_forgets_one_without_a_move(tmp_path):
    """A hint had saved it."""
    store = store_in(tmp_path)
    store.autosave(sgf_of(two().session))
    _make_session(Link(), Settings(size=13), store, fresh=True)
    assert store.load_autosave() is None and not store.games.exists()


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
        '{"komi": 100}',
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


def test_a_past_game_is_kept_where_it_can_be_and_told(tmp_path, monkeypatch):
    store = store_in(tmp_path)
    assert store.archive_autosave() is None, "there is no game"
    store.autosave(b"(;C[1])")
    (store.data / "games").write_text("not a folder")
    told = store.archive_autosave()
    (kept,) = store.data.glob("20*.sgf")
    assert kept.read_bytes() == b"(;C[1])" and str(kept) in told and "\n" not in told
    store.autosave(b"(;C[2])")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(18, "Invalid cross-device link")))
    assert "cannot be kept" in store.archive_autosave() and store.load_autosave() == b"(;C[2])"


def test_a_name_that_no_file_can_have_is_free():
    """Path.exists raises for it."""
    assert free_name(Path("/tmp/" + "x" * 300 + ".sgf")).name == "x" * 300 + ".sgf"


@pytest.mark.parametrize(("words", "error"), [(["--handicap", "1"], "has no stone"), (["--handicap", "2"], "")])
def test_a_handicap_of_one_is_none(tmp_path, monkeypatch, words, error):
    monkeypatch.setattr("gui.app.run", lambda *words, **more: None)
    store = store_in(tmp_path)
    monkeypatch.setattr("gui.store.Store", lambda: store)
    result = CliRunner().invoke(command, words)
    assert result.exit_code == bool(error) and error in result.output and len(result.output.splitlines()) <= 1


def test_the_game_of_last_time_has_its_own_players(tmp_path):
    """Another window may have written the settings since."""
    store = store_in(tmp_path)
    played = Play("engine", "human")
    played.answer("E5")
    store.autosave(sgf_of(played.session))
    settings = Settings(mode="two", black="human", white="human")
    session = _make_session(Link(), settings, store, fresh=False)
    assert (settings.black, settings.white) == ("engine", "human") and session.live.number == 1
    store.autosave(sgf_of(session).replace(b"GZPLAY[engine human]", b"GZPLAY[engine 5]"))
    settings = Settings(mode="two", black="human", white="human")
    _make_session(Link(), settings, store, fresh=False)
    assert (settings.black, settings.white) == ("human", "human")


def test_a_last_game_that_cannot_be_read_is_put_away(tmp_path, monkeypatch):
    store = store_in(tmp_path)
    store.autosave(b"(;C[1])")
    monkeypatch.setattr(store, "load_autosave", lambda: None)  # as without the right to read it
    _make_session(Link(), Settings(), store, fresh=False)
    assert [path.read_bytes() for path in (store.data / "games").iterdir()] == [b"(;C[1])"]


@pytest.mark.parametrize("kind", ["broken", "finished", "fresh"])
def test_a_last_game_that_does_not_go_on_is_kept(tmp_path, kind):
    store = store_in(tmp_path)
    played = two()
    played.click("E5")
    if kind == "finished":
        played.session.resign()
    sgf = b"(;SZ[9]" if kind == "broken" else sgf_of(played.session)
    store.autosave(sgf)
    session = _make_session(Link(), Settings(), store, fresh=kind == "fresh")
    assert session.live.number == 0 and not session.result
    assert ("could not be read" in session.notice) == (kind == "broken")
    assert [path.read_bytes() for path in (store.data / "games").iterdir()] == [sgf]


def test_that_games_are_not_saved_is_told_until_they_are(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    store = Store(blocked / "data", tmp_path / "config")
    session = _make_session(Link(), Settings(), store, fresh=True)
    session.begin()
    session.click(from_gtp("E5", 9))
    session.receive(("move", 1, from_gtp("C3", 9)))
    assert "not saved" in status_line(session)[0], "the engine's answer does not take it away"
    session.go(-1)
    assert "Looking at" in status_line(session)[0] and "not saved" in status_line(session)[0]
    session.go(1)
    blocked.unlink()
    session.click(from_gtp("G5", 9))
    assert status_line(session) == ("White is thinking", "info") and store.load_autosave()


def test_a_notice_outlives_the_engines_moves():
    p = Play("engine", "human")
    p.session.notice = "Another window is open"
    p.answer("E5")
    assert p.status == "Another window is open"
    p.click("C3")
    assert p.session.notice == ""


def test_a_last_game_that_is_read_in_part_is_kept_as_it_was(tmp_path):
    store = store_in(tmp_path)
    sgf = b"(;SZ[9];B[aa];W[aa];B[bb])"
    store.autosave(sgf)
    session = _make_session(Link(), Settings(), store, fresh=False)
    assert session.live.number == 1 and "move 2" in session.notice
    (kept,) = (store.data / "games").iterdir()
    assert kept.read_bytes() == sgf and str(kept) in session.notice
    assert _make_session(Link(), Settings(), store, fresh=False).live.number == 1
    assert list((store.data / "games").iterdir()) == [kept], "once"


def test_the_engine_gets_ready_for_the_board_of_the_last_game(tmp_path, monkeypatch):
    store = store_in(tmp_path)
    store.autosave(b"(;SZ[13];B[aa])")
    ready = []
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("gui.splash.get_ready", lambda theme: True)
    monkeypatch.setattr("gui.window.Window.run", lambda window: ready.append(window.session.link.options["size"]))
    run(Settings(mode="two", white="human"), store, {})
    assert ready == [13]


@pytest.mark.parametrize(("komi", "error"), [("100", "less than 100"), ("-120.5", "less than 100"), ("99.5", "")])
def test_a_komi_that_no_file_could_hold_is_refused(tmp_path, monkeypatch, komi, error):
    """Of 100 or more, it would be read as hundredths."""
    monkeypatch.setattr("gui.app.run", lambda *words, **more: None)
    store = store_in(tmp_path)
    monkeypatch.setattr("gui.store.Store", lambda: store)
    result = CliRunner().invoke(command, ["--komi", komi])
    assert result.exit_code == bool(error) and error in result.output and len(result.output.splitlines()) <= 1


def test_the_first_start_tells_of_easier_opponents(tmp_path):
    store = store_in(tmp_path)
    session = _make_session(Link(), store.load_settings(), store, fresh=False)
    session.begin()
    assert status_line(session) == ("New game (Ctrl+N) has easier opponents", "info")
    session = _make_session(Link(), store.load_settings(), store, fresh=True)
    assert "easier" not in status_line(session)[0], "once"
    for settings in (Settings(mode="two"), Settings(size=7)):
        session = _make_session(Link(), settings, store_in(tmp_path / f"{settings.size}"), fresh=True)
        assert "easier" not in status_line(session)[0], "there is nobody to choose from"
