"""Keys of other keyboards than the American one, and the window without a mouse."""

import pygame
import pytest

from tests.gui.hands import press

ALTGR = pygame.KMOD_LCTRL | pygame.KMOD_RALT  # as Windows reports it


@pytest.mark.parametrize("mod", [ALTGR, pygame.KMOD_MODE | pygame.KMOD_LCTRL])
@pytest.mark.parametrize("action", ["", "comment", "coordinate", "keys", "set up"])
def test_altgr_is_not_ctrl(window, monkeypatch, action, mod):
    """ "@" is AltGr+Q on a German keyboard."""
    monkeypatch.setattr("gui.dialogs.clipboard_text", lambda: "pasted")
    monkeypatch.setattr("gui.comment_view.clipboard", lambda: "pasted")
    w = window()
    if action:
        w.actions.run(action)
        w.draw()
    dialog = w.dialog
    for key, text in ((pygame.K_q, "@"), (pygame.K_v, "“"), (pygame.K_e, "€"), (pygame.K_g, "ŋ")):
        press(w, key, mod, text)
    assert w.running and w.dialog is dialog
    if action == "comment":
        assert dialog.field.value == "@“€ŋ"
    if action == "coordinate":
        assert dialog.rows[0][1].value == "@“€ŋ"
    if action == "set up":
        assert dialog.child is None


@pytest.mark.parametrize("key", [pygame.K_a, pygame.K_z])
def test_altgr_edits_nothing(window, key):
    w = window()
    w.actions.run("comment")
    w.dialog.typed("text")
    press(w, key, ALTGR)
    assert w.dialog.field.value == "text" and not w.dialog.field.writing.selected
