"""Names that the window's own font cannot write, drawn with a font of the system."""

import os

import pygame
import pytest

from gui import fonts
from gui.theme import Theme

KAZAKH = "\u0493\u049b\u04b1\u04bb"  # Inter has no such letters; pygame's own font has


@pytest.fixture
def theme(monkeypatch):
    """A theme on a system with one font, which stands in for one with Chinese characters."""
    pygame.display.init()
    pygame.font.init()
    pygame.display.set_mode((400, 100))
    own = os.path.join(os.path.dirname(pygame.__file__), pygame.font.get_default_font())
    monkeypatch.setattr(pygame.font, "get_fonts", lambda: ["comicsans", "notosanscjksc"])
    monkeypatch.setattr(pygame.font, "match_font", {"notosanscjksc": own}.get)
    fonts._system_files.cache_clear()
    yield Theme(1.0)
    fonts._system_files.cache_clear()
    pygame.quit()


def picture(theme, text):
    return pygame.image.tobytes(theme.label(text, 20, (0, 0, 0)), "RGBA")


def boxes(text):
    return pygame.image.tobytes(fonts.Fonts().font(20).render(text, True, (0, 0, 0)), "RGBA")


def test_a_name_is_drawn_with_a_font_that_has_its_characters(theme):
    assert picture(theme, KAZAKH) != boxes(KAZAKH)
    assert picture(theme, "Inter: \u2713\u00d7\u2212\u2026") == boxes("Inter: \u2713\u00d7\u2212\u2026")
    mixed = f"Anna {KAZAKH} 9p"
    assert theme.width(mixed, 14) == sum(theme.width(part, 14) for part in ("Anna ", KAZAKH, " 9p"))
    assert theme.label(mixed, 14, (0, 0, 0)).get_width() == theme.width(mixed, 14)
    assert theme.width(theme.fit(mixed * 9, 14, False, 100), 14) <= 100


def test_without_such_a_font_there_are_boxes(theme, monkeypatch):
    monkeypatch.setattr(pygame.font, "get_fonts", lambda: ["comicsans"])
    assert picture(theme, KAZAKH) == boxes(KAZAKH)
    assert picture(theme, "\u67ef\u6d01") == boxes("\u67ef\u6d01")


def test_a_font_that_cannot_be_read_is_passed_over(theme, monkeypatch, tmp_path):
    (tmp_path / "broken.ttf").write_text("no font")
    monkeypatch.setattr(pygame.font, "match_font", lambda name: str(tmp_path / "broken.ttf"))
    assert picture(theme, KAZAKH) == boxes(KAZAKH)


@pytest.mark.parametrize("text", ["\ud800", "a\udc80b", "a\0b", "\n", "\U0001f600", ""])
def test_nothing_in_a_text_breaks_the_drawing(theme, text):
    area = pygame.Rect(0, 0, 300, 30)
    for room in (0, 3, 300):
        area.width = room
        theme.text(pygame.display.get_surface(), text * 3, area)
    assert theme.wrap(text, 14, True, 50) is not None
    assert theme.width(text, 14) >= 0
