"""Text as the system's clipboard has it."""

import pygame
import pytest

from gui.clipboard import clipboard, clipboard_text, to_clipboard

TEXT = "柯洁 äöü\nsecond 😀\n"


@pytest.fixture
def scrap(monkeypatch):
    """What lies on a clipboard that converts nothing."""
    held = {}
    monkeypatch.setattr(pygame.scrap, "get_init", lambda: True)
    monkeypatch.setattr(pygame.scrap, "get", held.get)
    monkeypatch.setattr(pygame.scrap, "put", held.__setitem__)
    return held


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_text_comes_back_as_it_went(monkeypatch, scrap, platform):
    monkeypatch.setattr("sys.platform", platform)
    assert to_clipboard(TEXT) and clipboard() == TEXT and clipboard_text() == "柯洁 äöü"


def test_windows_has_utf_16_with_a_nul(monkeypatch, scrap):
    monkeypatch.setattr("sys.platform", "win32")
    to_clipboard(TEXT)
    ((name, data),) = scrap.items()
    assert data == "柯洁 äöü\r\nsecond 😀\r\n\0".encode("utf-16-le")
    scrap[name] = "D4\r\nE5\0rest of the block".encode("utf-16-le")
    assert clipboard() == "D4\nE5"


def test_elsewhere_it_is_utf_8(scrap):
    to_clipboard(TEXT)
    assert list(scrap.values()) == [TEXT.encode()]
