"""The dialog that watches a training run."""

import time
from pathlib import Path

import pygame
import pytest

from gogame.cli import cli
from gogame.coords import to_gtp
from gui import app
from gui.describe import graph
from gui.files import sgf_of
from gui.mistakes import loss_of
from gui.store import Settings, Store
from gui.training_view import RunDialog, TrainingDialog
from gui.window import Window
from tests.gui.hands import click, moves, press, seen
from tests.gui.runs import GAME, QuietLink, append, event, figures, run_of


def test_a_click_opens_a_game_and_the_one_before_is_kept(tmp_path, window):
    w = window()
    w.run_folder = run_of(tmp_path / "run", figures(1), games=3)
    w.session.type_move("E5")
    w.store.autosave(b"(;SZ[9];B[ee])")
    press(w, pygame.K_l)
    games = w.dialog.list
    click(w, games._rows()[1][1].center)
    assert w.dialog is None, "the game is open"
    assert [to_gtp(point, 7) for point in moves(w)] == ["C5", "D4", "E3"] and w.session.result == "B+2"
    assert [path.read_bytes() for path in w.store.games.iterdir()] == [b"(;SZ[9];B[ee])"]


def test_enter_opens_the_newest_or_the_marked_game(tmp_path, window):
    w = window()
    w.run_folder = run_of(tmp_path / "run", figures(1), games=3)
    press(w, pygame.K_l)
    press(w, pygame.K_RETURN)
    assert w.dialog is None and w.session.result == "B+3"
    press(w, pygame.K_l)
    for _ in range(3):
        press(w, pygame.K_DOWN)
    press(w, pygame.K_RETURN)
    assert w.session.result == "B+1"


def test_a_game_of_a_run_is_saved_elsewhere(tmp_path, window):
    """The run removes all but its newest games, by their names: also one that was saved there after it had gone."""
    w = window()
    run = run_of(tmp_path / "run", figures(1), games=3)
    w.run_folder = run
    press(w, pygame.K_l)
    press(w, pygame.K_RETURN)
    opened = run / "sgf" / "00000003-7x7.sgf"
    assert w.dialog is None and w.actions._opened == opened
    opened.unlink()
    press(w, pygame.K_s, pygame.KMOD_CTRL)
    assert w.dialog.folder.path != opened.parent and w.dialog.field.value != opened.name
    press(w, pygame.K_ESCAPE)
    assert w.actions.open_file(run / "sgf" / "00000002-7x7.sgf") is None  # by its path
    w.actions.start_game(w.settings)
    press(w, pygame.K_s, pygame.KMOD_CTRL)
    assert w.dialog.folder.path != opened.parent, "nor is another game"


def test_a_game_that_is_gone_or_none_is_told(tmp_path, window):
    w = window()
    w.run_folder = run_of(tmp_path / "run", figures(1), games=1)
    press(w, pygame.K_l)
    file = w.run_folder / "sgf" / "00000001-7x7.sgf"
    file.write_text("no game")
    press(w, pygame.K_RETURN)
    assert "no SGF game" in w.dialog.error
    file.unlink()
    press(w, pygame.K_RETURN)
    assert "No such file" in w.dialog.error and not w.session.live.number


def test_it_reads_on_while_it_is_open_and_marks_stay(tmp_path, window, monkeypatch):
    w = window()
    folder = w.run_folder = run_of(tmp_path / "run", figures(1), games=2)
    press(w, pygame.K_l)
    assert w._patience() <= 5001
    press(w, pygame.K_DOWN)
    assert w.dialog.list.current.name == "00000002-7x7.sgf"
    before = seen(w.dialog.area)
    append(folder, figures(2))
    (folder / "sgf" / "00000003-7x7.sgf").write_text(GAME.format(result="W+9"))
    w.tick()
    w.dirty = False
    w.tick()
    assert not w.dirty, "it is not yet time"
    now = time.monotonic()
    monkeypatch.setattr("gui.training_view.time.monotonic", lambda: now + 6)
    w.tick()
    assert w.dirty and w.dialog.run.figures["minutes"] == 2
    assert len(w.dialog.list.entries) == 3 and w.dialog.list.current.name == "00000002-7x7.sgf"
    w.draw()
    assert seen(w.dialog.area) != before
    press(w, pygame.K_l)
    assert w.dialog is None and w._patience() > 20_000, "it costs nothing when it is closed"


@pytest.mark.parametrize("size", [(1120, 800), (800, 600), (620, 480), (400, 700), (360, 360)])
@pytest.mark.parametrize("scale", [0.75, 1.0])
def test_everything_has_its_place(size, scale, tmp_path, window):
    w = window(size, scale=scale)
    w.run_folder = run_of(tmp_path / "run", *map(figures, range(1, 9)), event("word " * 60), games=9)
    press(w, pygame.K_l)
    dialog = w.dialog
    inside = pygame.display.get_surface().get_rect()
    areas = [dialog._facts, *dialog._boxes, dialog.list.area, *(b.area for b in dialog.buttons)]
    areas += [dialog._told] if dialog._told.height else []
    assert inside.contains(dialog.area) and all(dialog.area.contains(area) for area in areas)
    for i, area in enumerate(areas):
        assert area.collidelist(areas[i + 1 :]) < 0, f"{i} of {areas}"
    assert len(dialog.list._rows()) >= 2
    assert len(dialog._boxes) >= 2 or size == (360, 360)


def test_without_a_run_its_folder_is_asked_for_and_remembered(tmp_path, window):
    w = window()
    run = run_of(tmp_path / "run", figures(1))
    press(w, pygame.K_l)
    assert isinstance(w.dialog, RunDialog)
    for text, told in ((str(tmp_path / "none"), "no such folder"), (str(tmp_path), "no log.jsonl"), ("", "Choose")):
        w.dialog.field.value = text
        press(w, pygame.K_RETURN)
        assert told in w.dialog.error
    w.dialog.field.value = f'"{run}"'
    press(w, pygame.K_RETURN)
    assert isinstance(w.dialog, TrainingDialog) and w.dialog.run.folder == run
    assert w.store.load_settings().run == str(run)
    folder = next(b for b in w.dialog.buttons if b.action == "folder")
    click(w, folder.area.center)
    assert isinstance(w.dialog, RunDialog) and w.dialog.field.value == str(run)
    press(w, pygame.K_ESCAPE)
    again = Window(w.session, w.store.load_settings(), w.store)
    again.actions.run("training")
    assert isinstance(again.dialog, TrainingDialog), "the run that was watched last"


def test_the_letter_of_the_key_that_opens_a_dialog_is_not_typed_into_it(window, tmp_path):
    w = window()
    press(w, pygame.K_l, text="l")
    assert isinstance(w.dialog, RunDialog) and w.dialog.field.value == ""
    press(w, pygame.K_x, text="x")
    assert w.dialog.field.value == "x"
    press(w, pygame.K_ESCAPE)
    w.settings.run = str(tmp_path / "gone")
    w.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_l, mod=0))
    for _ in range(3):  # held down
        w.handle(pygame.event.Event(pygame.TEXTINPUT, text="l"))
    assert w.dialog.field.value == w.settings.run, "the folder of last time is there to be mended"
    w.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_y, mod=0))  # before the other key is up
    w.handle(pygame.event.Event(pygame.TEXTINPUT, text="y"))
    assert w.dialog.field.value == "y"


def test_a_foreign_settings_file_names_no_run():
    assert Settings.from_dict({"run": "a\0b"}).run == "" and Settings.from_dict({"run": 3}).run == ""


def test_a_folder_that_has_gone_is_asked_for_again(tmp_path, window):
    w = window(run=str(tmp_path / "gone"))
    press(w, pygame.K_l)
    assert isinstance(w.dialog, RunDialog) and w.dialog.field.value == str(tmp_path / "gone")


def test_the_menu_has_it(window, tmp_path):
    w = window()
    w.run_folder = run_of(tmp_path / "run", figures(1))
    w.actions.run("training")
    assert isinstance(w.dialog, TrainingDialog) and Path(w.dialog.run.folder) == tmp_path / "run"


def test_a_file_with_win_rates_alone_has_no_score(window, tmp_path):
    w = window()
    w.run_folder = run_of(tmp_path / "run", figures(1))
    (w.run_folder / "sgf" / "1.sgf").write_text("(;SZ[7];B[cc]SBKV[60.00];W[dd]SBKV[40.00];B[ee]SBKV[70.00]V[5.00])")
    press(w, pygame.K_l)
    press(w, pygame.K_RETURN)
    second, third = w.session.live.parent, w.session.live
    assert [(n.winrate, n.score) for n in (second, third)] == [(0.4, None), (0.7, 5.0)]
    assert graph(w.session).points == ((1, 0.6, None), (2, 0.4, None), (3, 0.7, 5.0))
    assert loss_of(second).points == 0 and loss_of(third).points == 0, "a lead that is not known is not lost"
    first = sgf_of(w.session).split(b";")[2]
    assert b"SBKV[60.00]" in first and b"V[0.00]" not in first
    w.session.go(-1)
    w.draw()


def test_the_command_line_opens_with_a_game(tmp_path, monkeypatch):
    """By either form; the last game, not over yet, is put away."""
    file, shown = tmp_path / "g.sgf", []
    file.write_text("(;SZ[7]KM[6];B[dd];W[cc];B[ee])")
    store = Store(tmp_path / "data", tmp_path / "config")
    store.autosave(b"(;SZ[9];B[aa])")
    monkeypatch.setattr("gui.store.Store", lambda: store)
    monkeypatch.setattr("gui.engine_link.EngineLink", lambda *_: QuietLink())
    monkeypatch.setattr("gui.splash.get_ready", lambda theme: True)
    monkeypatch.setattr("gui.window.Window.run", lambda w: shown.append((w.session.size, w.session.shown.number)))
    for arguments in (["board", str(file)], [str(file)]):
        cli.main(arguments, standalone_mode=False)
    assert shown == [(7, 3), (7, 3)]
    assert [b"SZ[9]" in kept.read_bytes() for kept in store.games.glob("*.sgf")].count(True) == 1


@pytest.mark.parametrize("trained", [True, False])
def test_the_command_line_opens_with_the_run(trained, tmp_path, monkeypatch):
    folder = run_of(tmp_path / "run", figures(1))
    if not trained:  # a folder with networks and nothing else
        (folder / "log.jsonl").unlink()
    shown = []
    monkeypatch.setattr("gui.engine_link.EngineLink", lambda *_: QuietLink())
    monkeypatch.setattr("gui.splash.get_ready", lambda theme: True)
    monkeypatch.setattr("gui.window.Window.run", lambda w: shown.append((type(w.dialog), w.run_folder)))
    app.run(Settings(), Store(tmp_path / "data", tmp_path / "config"), {}, run_folder=folder)
    assert shown == [(TrainingDialog if trained else type(None), folder)]
