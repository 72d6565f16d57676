"""What a window of any size shows: captures, the move number, the graph and the lists."""

import pytest

from gui.theme import Theme
from tests.gui.hands import opened


@pytest.mark.parametrize("size", [(620, 500), (800, 600), (360, 600), (480, 800), (1280, 800)])
def test_captures_and_the_move_number_are_there_in_every_window(window, size, monkeypatch):
    w = opened(window(size), "RU[Chinese]HA[2];B[aa];W[ba];B[ii];W[ab];B[hi]" + ";W[];B[]" * 140)
    w.session.settings.white = "engine"
    w.session.phase, w.session.live = "play", w.session.shown
    w.session.engine_move()
    w.session.question.visits = 123456
    drawn, text = [], Theme.text

    def spy(theme, surface, what, area, size=14, *rest, **named):
        drawn.append(theme.fit(what, size, False, area.width))
        return text(theme, surface, what, area, size, *rest, **named)

    monkeypatch.setattr(Theme, "text", spy)
    w.draw()
    assert {"×1", "1 captured"} & set(drawn), "while the engine thinks"
    w.session.go(-1)
    drawn.clear()
    w.draw()
    assert {"×1", "1 captured"} & set(drawn)
    assert any("284/285" in what or "284 of 285" in what for what in drawn)
