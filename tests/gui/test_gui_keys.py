"""Keys of other keyboards than the American one, and the window without a mouse."""

import pygame
import pytest

from gui.keys import latin
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


def russian(w, letter, mod=0):
    """The key that has a Latin letter on an American keyboard, on a Russian one."""
    place = {"key": ord("фисвуапршолдьтщзйкыегмцчня"[ord(letter) - ord("a")]), "scancode": ord(letter) - ord("a") + 4}
    for kind in (pygame.KEYDOWN, pygame.KEYUP):
        w.handle(pygame.event.Event(kind, mod=mod, **place))
    w.draw()


def test_letters_work_by_their_place_on_a_keyboard_of_others(window):
    w = window()
    russian(w, "k")
    assert not w.settings.coordinates
    russian(w, "p")
    assert w.session.live.number == 1
    russian(w, "z", pygame.KMOD_CTRL)
    assert w.session.live.number == 0
    russian(w, "e", pygame.KMOD_CTRL)
    w.dialog.typed("мысль")
    russian(w, "a", pygame.KMOD_CTRL)
    assert w.dialog.field.writing.selected == "мысль"
    press(w, pygame.K_RETURN, pygame.KMOD_CTRL)
    russian(w, "u", pygame.KMOD_CTRL)
    russian(w, "w")
    assert w.dialog.setup.tool == "white"
    russian(w, "q", pygame.KMOD_CTRL)
    assert not w.running


@pytest.mark.parametrize(("key", "scancode"), [(ord("ö"), 51), (ord("q"), 4), (pygame.K_LEFT, 80), (ord("é"), 31)])
def test_other_keys_stay_what_they_are(window, key, scancode):
    """A French keyboard has Q at the place of A."""
    assert latin(pygame.event.Event(pygame.KEYDOWN, key=key, scancode=scancode, mod=0)).key == key
