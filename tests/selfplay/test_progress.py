"""What a run tells: plain lines where there is no terminal, a log that can be read line by line, and curves."""

from __future__ import annotations

import errno
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from nets.progress import say
from selfplay.progress import SHOWN
from selfplay.progress import SelfPlayProgress as Progress

BEFORE = {
    "minutes": 1.25, "minutes_left": 28.75, "games": 12, "positions": 700, "window": 700, "size": 9,
    "moves_per_s": 250.0, "evaluations_per_s": 2000.5, "simulations": 8, "game_length": None, "black_wins": None,
    "steps": 0, "samples_per_s": None, "lr": 0.0171, "elo": None,
}  # fmt: skip
AFTER: dict[str, Any] = BEFORE | {
    "games": 1234, "game_length": 61.2, "black_wins": 0.5, "steps": 10, "samples_per_s": 800.0, "elo": 123.4,
    "loss": 4.5678, "policy": 3.1, "value": 0.9, "ownership": 0.6,
}  # fmt: skip


def test_lines_and_log_tell_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(tmp_path)
    progress.figures(BEFORE)
    progress.figures(AFTER)
    progress.event("a checkpoint was read", seconds=3)
    progress.close()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "12 games" in lines[0] and "loss" not in lines[0] and "Elo" not in lines[0] and "28.8 min left" in lines[0]
    assert "1234 games" in lines[1] and "loss 4.568 (policy 3.100, value 0.900)" in lines[1] and "Elo +123" in lines[1]
    assert lines[2] == "a checkpoint was read"
    records = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [record.pop("kind") for record in records] == ["slice", "slice", "event"]
    assert all(record.pop("time") > 1e9 for record in records)
    assert records == [BEFORE, AFTER, {"text": "a checkpoint was read", "seconds": 3}]


def test_a_terminal_shows_a_table_from_the_first_figures_on_and_text_as_it_is(tmp_path: Path) -> None:
    progress, shown = Progress(tmp_path), io.StringIO()
    progress._console = Console(file=shown, force_terminal=True, width=100)
    hides_the_cursor = "\x1b[?25l"
    progress.event("opening")
    assert hides_the_cursor not in shown.getvalue(), "what fails here would leave the terminal without a cursor"
    progress.figures(AFTER)
    progress.event("left out: KM[/x] in [b]here[/b]")
    progress.close()
    text = shown.getvalue()
    assert hides_the_cursor in text and "KM[/x] in [b]here[/b]" in text and text.rindex("\x1b[?25h") > 0


def test_a_terminal_that_is_gone_is_told_nothing_and_the_log_goes_on(tmp_path: Path) -> None:
    class Closed(io.StringIO):
        gone = False

        def write(self, text: str) -> int:
            if self.gone:
                raise OSError(errno.EIO, "Input/output error")
            return super().write(text)

    for last in ("figures", "event", "close"):
        folder, shown = tmp_path / last, Closed()
        folder.mkdir()
        progress = Progress(folder)
        progress._console = Console(file=shown, force_terminal=True, width=100)
        progress.figures(BEFORE)
        shown.gone = True
        if last == "figures":
            progress.figures(AFTER)
        if last != "close":
            progress.event("SIGHUP: finishing")
        progress.close()
        told = [json.loads(line)["kind"] for line in (folder / "log.jsonl").read_text().splitlines()]
        assert told == ["slice"] + {"figures": ["slice", "event"], "event": ["event"], "close": []}[last]


def test_a_dumb_terminal_is_told_as_it_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot redraw a table, and would see one at the end of the run alone."""
    monkeypatch.setenv("TERM", "dumb")
    progress, shown = Progress(tmp_path), io.StringIO()
    progress._console = Console(file=shown, force_terminal=True, width=100)
    progress.figures(AFTER)
    assert "1234 games" in capsys.readouterr().out and not shown.getvalue()
    progress.close()


def test_a_second_call_appends_to_the_log_and_quiet_means_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        progress = Progress(tmp_path, quiet=True)
        progress.event(f"call {number}")
        progress.figures(AFTER)
        progress.close()
    assert capsys.readouterr().out == ""
    texts = [json.loads(line).get("text") for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert texts == ["call 0", None, "call 1", None]


def test_the_curves_hold_every_number(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    progress = Progress(tmp_path, quiet=True)
    for steps in (10, 20):
        progress.figures(AFTER | {"steps": steps, "loss": 50.0 / steps})
    progress.close()
    curves = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [(event.step, event.value) for event in curves.Scalars("loss")] == [(10, 5.0), (20, 2.5)]
    assert set(curves.Tags()["scalars"]) == {name for name, value in AFTER.items() if value is not None} - {"steps"}


@pytest.mark.parametrize("figures", [BEFORE, AFTER])
def test_the_table_shows_what_is_known(figures: dict[str, Any], tmp_path: Path) -> None:
    progress = Progress(tmp_path, quiet=True)
    with (console := Console(width=100)).capture() as captured:
        console.print(progress.table(figures))
    for name, heading, _ in SHOWN:
        assert (f" {heading.strip()} " in captured.get()) == (figures.get(name) is not None)
    assert ("+123" in captured.get()) == (figures is AFTER)


def test_say_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("hello")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "gogame: hello\n")
