"""A training run watched from the window: what its files say, however they are, and the plots."""

import json
import math
import os
import time

import pygame
import pytest

from gui import training
from gui.plots import Plot, _written, draw_plot, ticks
from gui.theme import Theme
from gui.training import MOST_GAMES, Curve, Rated, Training, is_run
from gui.training_view import TrainingDialog, game_name
from tests.gui.hands import press
from tests.gui.runs import append, event, figures, read, run_of

# -- what the files say ------------------------------------------------------------------------------------------------


def test_the_newest_figures_and_the_curves(tmp_path):
    run = read(run_of(tmp_path / "run", figures(1), figures(2), figures(3)))
    facts = dict(run.facts())
    assert facts == {
        "minute": "3.0 of 30",
        "games": "300",
        "positions": "15,000",
        "evaluations/s": "9,876",
        "learning rate": "0.0064",
    }
    assert run.curves["policy"].points == [(1.0, 3.4), (2.0, 3.3), (3.0, 3.2)]
    assert run.curves["games"].points == [(2.0, 100.0), (3.0, 100.0)], "games a minute, from the second slice on"
    append(run.folder, figures(4, policy=2.5))
    run.refresh()
    assert run.curves["policy"].points[-1] == (4.0, 2.5) and len(run.curves["value"].points) == 4


def test_a_run_that_went_back_forgets_what_came_after(tmp_path):
    lines = [figures(m, elo=10.0 * m) for m in (1, 2, 3)]
    run = read(run_of(tmp_path / "run", *lines, figures(1.5, elo=20.0, policy=9.0)))
    assert run.curves["policy"].points == [(1.0, 3.4), (1.5, 9.0)]
    assert [rated.minute for rated in run.rated] == [1.0, 1.5]
    append(run.folder, figures(0.5, policy=8.0))
    run.refresh()
    assert run.curves["policy"].points == [(0.5, 8.0)], "begun anew"


def test_another_log_is_another_run(tmp_path):
    run = read(run_of(tmp_path / "run", figures(1), figures(2), event("old")))
    (run.folder / "new").write_text("")
    os.replace(run.folder / "new", run.folder / "log.jsonl")
    run.refresh()
    assert run.facts() == [] and not run.events and not run.curves["policy"].points
    append(run.folder, figures(7))
    run.refresh()
    assert run.curves["policy"].points == [(7.0, pytest.approx(2.8))]


def test_a_long_run_has_few_points():
    curve = Curve()
    for i in range(100_000):
        curve.add(i / 10, float(i % 2))
    points = curve.points
    assert 200 < len(points) <= training.MOST_POINTS + 1
    assert points[0][0] < 50 and points[-1][0] > 9900 and points == sorted(points)
    assert all(abs(value - 0.5) < 0.01 for _, value in points), "means of their neighbours"
    curve.cut(5000.0)
    assert curve.points[-1][0] <= 5000 and len(curve.points) > 100


def test_elo_with_its_errors_comes_from_the_ratings_else_from_the_log(tmp_path):
    folder = run_of(tmp_path / "run", figures(1), figures(2, elo=55.0), figures(3, elo=55.0), figures(4, elo=70.0))
    run = read(folder)
    assert run.rated == [Rated(2.0, 55.0, None), Rated(4.0, 70.0, None)]
    nets = [{"name": "b", "seconds": 120}, {"name": "a", "seconds": 0.0}, {"name": "c", "seconds": 180}]
    elo = {"a": [0.0, 0.0], "b": [55.0, 20.5]}
    (folder / "ratings.json").write_text(json.dumps({"nets": nets, "results": [], "elo": elo}))
    run.refresh()
    assert run.rated == [Rated(0.0, 0.0, 0.0), Rated(2.0, 55.0, 20.5)]
    for broken in ("{", "[]", '{"nets": 3}', '{"nets": [1], "elo": {}}', '{"nets": [], "elo": 1}', "[" * 9999):
        (folder / "ratings.json").write_text(broken)
        run.refresh()
        assert len(run.rated) == 2 and run.rated[0].error is None, broken


def test_events_come_in_order_and_what_went_wrong_stands_out(tmp_path):
    lines = [event("begun at minute 0"), event("net-2 against net-1: 3 won", elo=5.0)]
    lines += [event("loss: back to the checkpoint", lr_scale=0.5), event("passed over: x"), event("a\nb\x00 " * 999)]
    run = read(run_of(tmp_path / "run", *lines))
    assert [told.kind for told in run.events] == ["info", "measured", "warn", "warn", "info"]
    assert run.events[0].text == "begun at minute 0" and run.events[0].when
    assert len(run.events[-1].text) <= training.LONGEST and "\n" not in run.events[-1].text


def test_whether_it_is_running_is_told_by_the_age_of_its_log(tmp_path):
    run = read(run_of(tmp_path / "run", figures(1), figures(2)))
    written = os.stat(run.folder / "log.jsonl").st_mtime
    assert run.state(written + 3) == ("running · last line 3 s ago", "good")
    assert run.state(written + 110)[1] == "good", "its lines are a minute apart"
    assert run.state(written + 3600) == ("not running · last line 60 min ago", "info")
    assert run.state(written - 99)[0] == "running · last line 0 s ago", "another clock"
    append(run.folder, event("stopped at minute 2.0: 200 games"))
    run.refresh()
    assert run.state(written + 3)[0].startswith("not running")
    append(run.folder, figures(30), event("stopped at minute 30.0"))
    run.refresh()
    assert run.state(written + 3)[0].startswith("the plan is fulfilled")


STRANGE = [
    {"kind": "slice"},
    {"kind": "slice", "minutes": "3"},
    {"kind": "slice", "minutes": -1},
    {"kind": ["slice"], "minutes": 1},
    {"kind": "event", "text": {"a": 1}, "time": "now"},
    {"kind": "event", "text": "far away", "time": 1e300},
    {"time": 10**30, "kind": "event", "text": "\ud800 half a character"},
    figures(1, policy=math.nan, value=math.inf, games=10**400, lr=None, evaluations_per_s=[], positions=-5),
    figures(2, policy=1e14, value=-1e14, games=1e15, lr=1e-300, elo=1e15, evaluations_per_s=1e15),
    figures(1e15, elo=-1e15, game_length=1e12),
    '{"kind": "slice", "minutes": 1e999}',
    "",
    "null",
    "\x00\x01",
    '{"a": ' * 5000,
]


def test_strange_lines_are_no_trouble(tmp_path, window):
    run = run_of(tmp_path / "run", *STRANGE, games=1, config="run = 3\n")
    (run / "sgf" / "00000009-7x7.sgf").write_bytes(b"\xff" * 999)
    (run / "sgf" / "00000010-7x7.sgf").mkdir()
    (run / "ratings.json").write_text('{"nets": [{"name": "a", "seconds": 1e15}], "elo": {"a": [1e15, 1e15]}}')
    w = window((800, 600))
    w.run_folder = run
    press(w, pygame.K_l)
    assert isinstance(w.dialog, TrainingDialog)
    assert [e.name[6:8] for e in w.dialog.list.entries] == ["09", "01"], "a folder is no game"
    assert w.dialog.run.damaged == "3 lines of the log cannot be read"
    assert w.dialog.run.curves["policy"].now == 3.5 - 1e14


def test_what_is_no_run_is_told_in_one_line(tmp_path, window):
    run = read(tmp_path / "none")
    assert run.state() == ("There is no such folder", "error") and run.facts() == [] and run.games == []
    (tmp_path / "empty").mkdir()
    assert read(tmp_path / "empty").state() == ("log.jsonl: No such file or directory", "error")
    (tmp_path / "empty" / "log.jsonl").write_text("\n")
    assert read(tmp_path / "empty").state() == ("nothing has happened yet", "info")
    (tmp_path / "empty" / "log.jsonl").write_text("garbage\n")
    assert read(tmp_path / "empty").state() == ("nothing in log.jsonl can be read", "info")
    assert is_run(tmp_path / "empty") and not is_run(tmp_path)


def test_a_large_log_is_read_bit_by_bit(tmp_path):
    folder = run_of(tmp_path / "run")
    line = json.dumps(figures(7, note="x" * 3000)) + "\n"
    with open(folder / "log.jsonl", "w") as file:
        for _ in range(3000):
            file.write(line)
    run = Training(folder)
    began = time.monotonic()
    run.refresh(0.0)
    assert run.behind and time.monotonic() - began < 1.0
    assert run.state()[0].startswith("reading the log: 0 of 10 MB")
    turns = 1
    while run.behind:
        run.refresh(0.0)
        turns += 1
    assert turns > 20 and run.curves["policy"].now == pytest.approx(2.8)
    assert run.state()[0].startswith("running")


def test_the_newest_games_are_listed(tmp_path):
    run = read(run_of(tmp_path / "run", figures(1), games=MOST_GAMES + 5))
    assert [entry.name[:8] for entry in run.games[:2]] == ["00000105", "00000104"]
    assert len(run.games) == MOST_GAMES
    assert [game_name(name) for name in ("00001234-7x7.sgf", "mine.sgf", "²-1.sgf")] == ["1,234", "mine", "²-1"]


# -- the plots ---------------------------------------------------------------------------------------------------------


def test_the_grid_has_round_numbers():
    assert ticks(0.0, 10.0, 4) == [0.0, 5.0, 10.0]
    assert ticks(2.83, 3.71, 3) == pytest.approx([3.0, 3.25, 3.5])
    assert ticks(2.83, 3.71, 4) == pytest.approx([3.0, 3.2, 3.4, 3.6])
    for low, top in ((-1e15, 1e15), (0.0, 1e-3), (1e14, 1e14 + 1e9), (-5.0, 700.0)):
        found = ticks(low, top, 4)
        assert 1 <= len(found) <= 4 and all(low <= mark <= top for mark in found)


def test_the_numbers_of_the_grid_are_those_of_its_lines():
    for low, top in ((0.6845, 0.6985), (3.0001, 3.0002), (-0.5, 0.5), (0.0, 1300.0), (0.0, 0.7), (2.0, 2.3)):
        marks = ticks(low, top, 6)
        names = [_written(mark, marks) for mark in marks]
        assert [float(name.replace(",", "").replace("−", "-")) for name in names] == pytest.approx(marks, abs=1e-9)
        assert max(map(len, names)) <= 6 or top - low < 1e-3


def test_errors_are_drawn_as_bars():
    pygame.display.init()
    pygame.font.init()
    pygame.display.set_mode((300, 200))
    area = pygame.Rect(0, 0, 300, 200)
    pictures = []
    for errors in ((0.0, 0.0), (0.0, 30.0), (0.0, 1e15)):
        surface = pygame.Surface(area.size)
        draw_plot(surface, Theme(1.0), area, Plot("Elo", "", [(0.0, 0.0), (5.0, 100.0)], errors))
        pictures.append(pygame.image.tobytes(surface, "RGB"))
    assert len(set(pictures)) == 3
