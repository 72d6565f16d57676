"""Opening and saving by choosing from a folder."""

import json
import os
from pathlib import Path

import pygame
import pytest

from gui import browser
from gui import folder as folders
from gui.describe import status_line
from gui.folder import Folder, is_path, shown_name, shown_size, shown_time
from gui.scroll_bar import NOTCH
from gui.store import Settings
from gui.summary import summary_of
from tests.gui.hands import at, click, moves, press

GAME = "(;SZ[9];B[ee];W[cc])"


@pytest.fixture
def there(tmp_path):
    """A folder: two folders, three games, and what is not shown."""
    path = tmp_path / "go"
    for name in ("zen", "Archive", ".hidden"):
        (path / name).mkdir(parents=True)
    for age, name in enumerate(("new.sgf", "old.SGF", "oldest game.sgf")):
        (path / name).write_text(GAME)
        os.utime(path / name, (1.7e9 - 1e5 * age,) * 2)
    (path / "notes.txt").write_text("")
    (path / ".secret.sgf").write_text(GAME)
    if hasattr(os, "mkfifo"):
        os.mkfifo(path / "pipe.sgf")
    return path


def opened(window, folder, size=(1000, 740), action="open", **settings):
    """A window that looks into a folder."""
    w = window(size, folder=str(folder), **settings)
    w.actions.run(action)
    w.draw()
    return w


def names(w):
    return [entry.name for entry in w.dialog.list.entries]


def row(w, name):
    """Where an entry is drawn."""
    return next(area.center for i, area in w.dialog.list._rows() if w.dialog.list.entries[i].name == name)


def test_folders_come_first_then_games_the_newest_first(window, there):
    w = opened(window, there)
    assert names(w) == ["..", "Archive", "zen", "new.sgf", "old.SGF", "oldest game.sgf"]
    new = w.dialog.list.entries[3]
    assert (new.size, new.when) == (len(GAME), 1.7e9)
    root = Folder(Path("/"))
    root.read(10)
    assert ".." not in [entry.name for entry in root.entries]


def test_a_double_click_opens(window, there):
    w = opened(window, there)
    click(w, row(w, "zen"))
    assert w.dialog.folder.path == there and w.dialog.list.current.name == "zen"
    click(w, row(w, "zen"))
    assert w.dialog.folder.path == there / "zen" and "No SGF files" in w.dialog.list.told
    for _ in range(2):
        click(w, row(w, ".."))
    assert w.dialog.folder.path == there and w.dialog.list.current.name == "zen", "where one came from"
    click(w, row(w, "new.sgf"))
    click(w, row(w, "old.SGF"))
    assert w.dialog is not None, "two files once each"
    click(w, row(w, "old.SGF"))
    assert w.dialog is None and len(moves(w)) == 2 and str(there / "old.SGF") in status_line(w.session)[0]


def test_two_slow_clicks_open_nothing(window, there, monkeypatch):
    w = opened(window, there)
    now = [0]
    monkeypatch.setattr(pygame.time, "get_ticks", lambda: now[0])
    for _ in range(3):
        click(w, row(w, "zen"))
        now[0] += browser.TWICE + 1
    assert w.dialog.folder.path == there


def test_keys(window, there):
    w = opened(window, there)
    press(w, pygame.K_TAB)
    assert w.dialog.list.current.name == "Archive"
    press(w, pygame.K_DOWN)
    press(w, pygame.K_RETURN)
    assert w.dialog.folder.path == there / "zen"
    press(w, pygame.K_BACKSPACE)
    assert w.dialog.folder.path == there
    press(w, pygame.K_END)
    assert w.dialog.list.current.name == "oldest game.sgf"
    press(w, pygame.K_PAGEUP)
    press(w, pygame.K_HOME)
    assert w.dialog.list.current.name == ".."
    press(w, pygame.K_END)
    press(w, pygame.K_RETURN)
    assert w.dialog is None and len(moves(w)) == 2


def test_the_arrows_choose_from_the_field_too(window, there):
    w = opened(window, there)
    press(w, pygame.K_RETURN)
    assert "Choose a file" in w.dialog.error
    for _ in range(4):
        press(w, pygame.K_DOWN)
    assert w.dialog.error == "" and w.dialog.list.current.name == "new.sgf"
    press(w, pygame.K_RETURN)
    assert w.dialog is None and len(moves(w)) == 2


def test_the_wheel_scrolls_the_list_and_not_the_game(window, tmp_path):
    for number in range(60):
        (tmp_path / f"{number:02}.sgf").write_text(GAME)
        os.utime(tmp_path / f"{number:02}.sgf", (1.7e9 - number,) * 2)
    w = window((640, 480), folder=str(tmp_path))
    click(w, at(w, "E5"))
    w.actions.run("open")
    w.draw()

    def wheel(y):
        w.handle(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=y))
        w.draw()

    files = w.dialog.list
    assert files._rows()[-1][1].bottom <= files.area.bottom
    wheel(-2)
    assert files.first == 2 * NOTCH and w.session.shown.number == 1
    wheel(-1000)
    assert files._rows()[-1][0] == len(files.entries) - 1
    _, last = files._rows()[-2]
    click(w, last.center)
    assert files.current.name == "58.sgf" and w.dialog.rows[w.dialog.focus][1] is files, "no row moves under the mouse"
    w.dialog._focus(0)
    click(w, (files.bar.area.centerx, files.bar.area.top + 1))
    assert files.first == 0 and files.current.name == "58.sgf"
    press(w, pygame.K_END)
    assert files._rows()[-1][0] == files.selected, "what is selected is in sight"
    press(w, pygame.K_PAGEUP)
    assert files.selected < len(files.entries) - 5


def test_typing_filters(window, there):
    w = opened(window, there)
    press(w, pygame.K_TAB)
    press(w, pygame.K_o, text="OLD")  # it is for the field, wherever one is
    assert w.dialog.field.value == "OLD" and names(w) == ["..", "old.SGF", "oldest game.sgf"]
    assert w.dialog.list.current.name == "old.SGF"
    w.dialog.typed(" game")
    assert names(w) == ["..", "oldest game.sgf"]
    press(w, pygame.K_RETURN)
    assert w.dialog is None and "oldest game" in status_line(w.session)[0]
    w = opened(window, there)
    w.dialog.typed("none of them")
    assert names(w) == [".."] and "with such a name" in w.dialog.list.told
    press(w, pygame.K_RETURN)
    assert "No such file" in w.dialog.error


def test_a_name_that_is_there_comes_before_others_that_begin_like_it(window, there):
    (there / "zen.sgf").write_text(GAME)  # the newest
    w = opened(window, there)
    w.dialog.typed("zen.sgf")
    assert w.dialog.list.current.name == "zen.sgf"
    (there / "a zen.sgf").write_text(GAME)
    w = opened(window, there)
    w.dialog.typed("zen.sgf")
    assert w.dialog.list.current.name == "zen.sgf"


def test_paths_can_be_typed(window, there):
    w = opened(window, there.parent)
    for text, path in (("go/zen", there / "zen"), ("..", there), (str(there.parent), there.parent), ("/", Path("/"))):
        w.dialog.typed(text)
        press(w, pygame.K_RETURN)
        assert w.dialog.folder.path == path and w.dialog.field.value == "" and w.dialog.error == ""
    w.dialog.typed(f'"{there / "new.sgf"}"')
    press(w, pygame.K_RETURN)
    assert w.dialog is None and len(moves(w)) == 2
    w = opened(window, there)
    click(w, row(w, "old.SGF"))
    w.dialog.typed("./new.sgf")
    press(w, pygame.K_RETURN)
    assert "new.sgf" in status_line(w.session)[0], "what was typed last"
    assert not is_path("a.sgf") and all(map(is_path, ("..", "~", "a/b", "'a b'", "file:///a")))


def test_places_and_the_last_folder(window, there, monkeypatch):
    monkeypatch.setenv("HOME", str(there.parent))
    w = opened(window, there)
    assert [label for _, label in w.dialog.places.options] == ["Home"], "the others are not there yet"
    click(w, w.dialog.places._segments()[0].center)
    assert w.dialog.folder.path == there.parent and w.settings.folder == str(there.parent)
    press(w, pygame.K_ESCAPE)
    assert w.actions.open_file(there / "new.sgf") is None
    assert w.store.load_settings().folder == w.store.load_settings().opened == str(there)
    w.store.games.mkdir(parents=True)
    w.actions.run("open")
    w.draw()
    assert [label for _, label in w.dialog.places.options] == ["Past games", "Last opened", "Home"]
    assert w.dialog.folder.path == there and w.dialog.places.value == there
    click(w, w.dialog.places._segments()[0].center)
    assert w.dialog.folder.path == w.store.games
    press(w, pygame.K_ESCAPE)
    w.actions.run("open")
    assert w.dialog.folder.path == w.store.games
    for _ in range(2):
        press(w, pygame.K_TAB)
    press(w, pygame.K_RIGHT)
    assert w.dialog.folder.path == there
    w.dialog.go(there / "zen")
    press(w, pygame.K_RIGHT)
    assert w.dialog.folder.path == w.store.games, "from none of them to the first"


def test_a_folder_that_is_gone_is_not_shown(window, tmp_path):
    w = opened(window, tmp_path / "gone", opened=str(tmp_path / "gone too"))
    assert w.dialog.folder.problem == "" and os.path.isdir(w.dialog.folder.path)


def test_what_cannot_be_read_is_one_line(window, there, monkeypatch):
    w = opened(window, there)
    w.dialog.go(there / "gone")
    w.draw()
    assert "cannot be read: No such file" in w.dialog.list.told and names(w) == [".."]
    w.dialog.go(Path("a\0b"))
    w.draw()
    assert "cannot be read" in w.dialog.list.told
    (there / "link.sgf").symlink_to("nowhere")
    (there / "link").symlink_to("link")
    w.dialog.go(there)
    w.draw()
    assert names(w)[-1] == "link.sgf" and "link" not in names(w)
    click(w, row(w, "link.sgf"))
    press(w, pygame.K_RETURN)
    assert "No such file" in w.dialog.error

    class Breaks:
        def __next__(self):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "scandir", lambda path: Breaks())
    w.dialog.go(there)
    w.draw()
    assert "Input/output error" in w.dialog.list.told and names(w) == [".."]


def test_a_large_folder_is_read_bit_by_bit(window, tmp_path, monkeypatch):
    for number in range(300):
        (tmp_path / f"{number}.sgf").touch()
    read = Folder.read
    monkeypatch.setattr(Folder, "read", lambda self: [read(self, 0.0) for _ in range(50)])
    w = window(folder=str(tmp_path))
    w.actions.run("open")
    assert w.dialog.busy and w._patience() == 1 and "Reading the folder: 50" in w.dialog.list.told
    w.dialog.typed("29")
    for _ in range(6):
        assert w._busy()
        w.draw()
    assert not w.dialog.busy and w._patience() > 1000
    assert len(names(w)) == 14, "29, 129, 229, 290 to 299, and the folder above"
    monkeypatch.setattr(folders, "MOST", 20)
    w.dialog.go(tmp_path)
    assert len(names(w)) == 21 and "only the first 20" in w.dialog.list.told


ODD = [os.fsdecode(b"latin \xe9\xff.sgf"), "two\nlines\t.sgf", "\u202egnp.sgf", "\U0001f3b2 e\u0301.sgf"]
ODD += [" a.sgf", "~a.sgf"]


@pytest.mark.parametrize("name", ODD)
def test_odd_names(window, tmp_path, name):
    try:
        (tmp_path / name).write_text(GAME)
    except (OSError, UnicodeError):
        pytest.skip("no such name here")
    w = opened(window, tmp_path)
    click(w, row(w, name))
    press(w, pygame.K_RETURN)
    w.draw()
    assert w.dialog is None and len(moves(w)) == 2
    assert w.store.load_settings().opened == str(tmp_path)
    (tmp_path / name).write_text("nothing")
    w.actions.run("open")
    w.draw()
    click(w, row(w, name))
    press(w, pygame.K_RETURN)
    assert w.dialog.error
    w.draw()
    press(w, pygame.K_ESCAPE)
    w.actions.run("save as")
    w.draw()
    click(w, row(w, name))
    press(w, pygame.K_RETURN)
    assert "replaces" in w.dialog.error
    w.draw()
    press(w, pygame.K_RETURN)
    assert w.dialog is None and ";W[cc]" in (tmp_path / name).read_text(), "what was chosen, not what it looks like"
    assert len(list(tmp_path.glob("*.sgf"))) == 1
    assert w.actions.open_file(tmp_path / name) is None
    w.actions.run("save as")
    press(w, pygame.K_RETURN)
    beside = tmp_path / name.replace(".sgf", "-2.sgf")
    assert w.dialog is None and beside.exists(), "the name that was suggested"
    w.draw()


def test_saving_into_a_folder(window, there):
    w = opened(window, there, action="save as")
    suggested = w.dialog.field.value
    assert w.dialog.folder.path == there and suggested.startswith("go-9x9-") and "new.sgf" in names(w)
    click(w, row(w, "zen"))
    assert w.dialog.field.value == suggested
    click(w, row(w, "zen"))
    assert w.dialog.folder.path == there / "zen" and w.dialog.field.value == suggested
    w.dialog.typed("mine")
    press(w, pygame.K_RETURN)
    assert w.dialog is None and (there / "zen" / "mine.sgf").exists()
    w.actions.run("save as")
    w.draw()
    assert w.dialog.folder.path == there / "zen" and w.dialog.field.value == "mine.sgf"
    w.dialog.typed("..")
    press(w, pygame.K_RETURN)
    assert w.dialog.folder.path == there and w.dialog.field.value == "mine.sgf"
    w.dialog.typed("old")
    assert names(w) == ["..", "Archive", "zen", "old.SGF", "oldest game.sgf"], "folders stay"
    click(w, row(w, "old.SGF"))
    assert w.dialog.field.value == "old.SGF"
    press(w, pygame.K_RETURN)
    assert "replaces" in w.dialog.error and (there / "old.SGF").read_text() == GAME
    press(w, pygame.K_RETURN)
    assert w.dialog is None and (there / "old.SGF").read_text() != GAME


def test_a_name_with_a_point_is_a_games_all_the_same(window, there):
    w = opened(window, there, action="save as")
    w.dialog.typed("Lee vs. Kim")
    press(w, pygame.K_RETURN)
    assert w.dialog is None and (there / "Lee vs. Kim.sgf").exists()


def test_a_place_is_offered_once(window, there):
    w = opened(window, there)
    w.settings.opened = str(Path.home())
    w.dialog = None
    w.actions.run("open")
    places = [value for value, _ in w.dialog.places.options]
    assert len(places) == len(set(places)) and Path.home() in places


def test_a_game_is_not_saved_beside_the_programs_own(window):
    w = window()
    w.store.data.mkdir(parents=True, exist_ok=True)
    (w.store.data / "autosave.sgf").write_text(GAME)
    assert w.actions.open_file(w.store.data / "autosave.sgf") is None
    w.settings.folder = str(w.store.data)
    w.actions.run("save as")
    assert not w.store.keeps(w.dialog.folder.path) and "autosave" not in w.dialog.field.value


def test_a_game_is_not_saved_among_the_past_ones_unasked(window):
    w = window()
    w.store.games.mkdir(parents=True)
    w.settings.folder = str(w.store.games)
    w.actions.run("save as")
    assert w.dialog.folder.path != w.store.games


def test_past_games_are_told_as_their_files_say(window, monkeypatch):
    w = window((640, 480))
    w.store.games.mkdir(parents=True)
    for number in range(100):
        file = w.store.games / f"{number:03}.sgf"
        file.write_text(f"(;SZ[13]DT[2026-05-30]PB[Human]PW[gogame-zero, zero-9x9]RE[B+R]{';B[ee];W[cc]' * number})")
        os.utime(file, (1.7e9 - number,) * 2)
    read, shown, text = [], [], w.theme.text
    monkeypatch.setattr(browser, "summary_of", lambda path: read.append(path.name) or summary_of(path))
    monkeypatch.setattr(w.theme, "text", lambda surface, told, *rest, **more: (
        shown.append(told) or text(surface, told, *rest, **more)
    ))  # fmt: skip
    w.settings.folder = str(w.store.games)
    w.actions.run("open")
    w.draw()
    in_sight = len(w.dialog.list._rows()) - 1
    assert read == [f"{number:03}.sgf" for number in range(in_sight)]
    assert {"2026-05-30", "13×13", "Human – zero-9x9", "B+R", "2 moves"} <= set(shown)
    w.draw()
    w.dialog.wheel(-1)
    w.draw()
    assert len(read) == in_sight + NOTCH, "each once"
    w.dialog.go(w.store.games.parent)
    w.draw()
    assert len(read) == in_sight + NOTCH


def test_numbers_and_names_as_they_are_shown():
    sizes = {0: "0 B", 999: "999 B", 1234: "1.2 kB", 45678: "46 kB", 999_600: "1.0 MB", 3_210_000: "3.2 MB", None: ""}
    assert {size: shown_size(size) for size in sizes} == sizes
    assert shown_size(12 * 10**12) == "12000 GB"
    assert shown_time(None) == shown_time(1e300) == "" and len(shown_time(1.7e9)) == 16
    assert shown_name("a\udce9b") == "a\ufffdb"


def test_folders_in_the_settings_may_be_anything(window, tmp_path):
    w = window()
    w.store.save_settings(Settings())
    data = json.loads(w.store.settings_file.read_text())
    w.store.settings_file.write_text(json.dumps({**data, "folder": 7, "opened": "x" * 5000}))
    kept = w.store.load_settings()
    assert (kept.folder, kept.opened) == ("", "")
    for odd in ("a\0b", "\ud800", "x" * 4000):
        w.settings.folder = w.settings.opened = odd
        for action in ("open", "save as"):
            w.actions.run(action)
            w.draw()
            assert os.path.isdir(w.dialog.folder.path)


@pytest.mark.parametrize("size", [(1120, 800), (640, 480), (360, 360)])
def test_all_of_it_is_in_the_window(window, there, size):
    w = opened(window, there, size)
    d = w.dialog
    d.error = "something is wrong"
    w.draw()
    areas = [d.places.area, d.list.area, d.field.area, *(button.area for button in d.buttons)]
    assert pygame.Rect((0, 0), size).contains(d.area) and all(d.area.contains(area) for area in areas)
    assert not any(a.colliderect(b) for i, a in enumerate(areas) for b in areas[:i])
    assert len(d.list._rows()) >= 3
