"""``gogame measure`` measures what it says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from nets import measure as measuring
from nets.batches import Positions
from nets.evaluator import Evaluation
from nets.measure import calibration, measure, phases, summary
from nets.measure import command as measure_command
from nets.record_cache import open_records
from tests.nets.test_records import SIZE

pytestmark = pytest.mark.usefixtures("needs_jit")


class Oracle:
    """An evaluator that knows the move played, and says it with the second-highest logit in every other position."""

    def __init__(self, positions: Positions) -> None:
        self.positions, self.seen = positions, 0

    def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
        count = len(planes)
        picks = np.arange(self.seen, self.seen + count) % self.positions.total
        self.seen += count
        moves = self.positions.fill(picks, np.zeros(count, np.int64)).action
        policy = np.zeros((count, SIZE**2 + 1), np.float32)
        policy[np.arange(count), moves] = 2.0
        odd = np.flatnonzero(picks % 2)
        policy[odd, (moves[odd] + 1) % (SIZE**2)] = 3.0
        value = np.tile(np.array([0.0, 0.0, -30.0], np.float32), (count, 1))
        empty = np.zeros((count, SIZE, SIZE), np.float32)
        return Evaluation(policy, value, np.zeros((count, 2), np.float32), empty)


def test_the_figures_are_what_they_say(records: Path) -> None:
    positions = Positions(open_records([records], SIZE, None, lambda text: None), SIZE)
    picks = np.arange(positions.total)
    found = measure(Oracle(positions), positions, picks)
    figures = summary(found)
    assert figures["top1"] == pytest.approx(0.5, abs=0.01) and figures["top5"] == 1.0
    assert figures["value_mse"] == pytest.approx(1.0) and figures["positions"] == positions.total
    assert calibration(found)[0][0] == pytest.approx(0.5, abs=1e-3)
    assert sum(row["positions"] for row in phases(found, picks % 80, 81).values()) == positions.total


def test_a_long_measurement_says_how_far_it_is(records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    positions = Positions(open_records([records], SIZE, None, lambda text: None), SIZE)
    monkeypatch.setattr(measuring, "BATCH", 16)
    said: list[str] = []
    measure(Oracle(positions), positions, np.arange(32), say=said.append)
    assert said == [], "not before ten seconds"
    monkeypatch.setattr(measuring, "SAY_EVERY", 0.0)
    measure(Oracle(positions), positions, np.arange(32), say=said.append)
    assert said == ["16 of 32 positions", "32 of 32 positions"]


def test_averaging_turns_the_answers_back(records: Path) -> None:
    """A network that always says "the corner at the top left" says, averaged, "some corner"."""

    class Corner(Oracle):
        def evaluate(self, planes: np.ndarray, globals: np.ndarray) -> Evaluation:
            answer = super().evaluate(planes, globals)
            answer.policy[:] = 0.0
            answer.policy[:, 0] = 9.0
            return answer

    positions = Positions(open_records([records], SIZE, None, lambda text: None), SIZE)
    moves = positions.fill(np.arange(positions.total), np.zeros(positions.total, np.int64)).action
    corners = np.flatnonzero(np.isin(moves, (0, 8, 72, 80)))
    assert len(corners) > 5
    rank = measure(Corner(positions), positions, corners, average=True)["rank"]
    assert (rank == 0).all(), "the four corners share the first place"


def test_the_measure_command_tells_json(records: Path, tiny_net_of_nets: Path) -> None:
    words = [str(records), "--net", str(tiny_net_of_nets), "--size", "9", "--limit", "50", "--seed", "3", "--json"]
    done, again = (CliRunner().invoke(measure_command, words) for _ in range(2))
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["positions"] == 50 and 0 <= figures["top1"] <= figures["top5"] <= 1 and figures["value_mse"] >= 0
    assert {"phases", "calibration", "average"} <= set(figures)
    assert json.loads(again.stdout.splitlines()[-1]) == figures, "the seed draws the positions"
    table = CliRunner().invoke(measure_command, [*words[:-1], "--single"])
    assert table.exit_code == 0 and "top-1" in table.output and "8 symmetries" not in table.output
    bad = CliRunner().invoke(measure_command, [str(records), "--net", "none"])
    assert bad.exit_code == 1 and "none" in bad.output
