"""Keys of other keyboards than the American one, and the window without a mouse."""

import pygame
import pytest

from gogame.coords import from_gtp
from gui.describe import status_line
from gui.keys import latin
from gui.keys_dialog import KeysDialog
from gui.menus import MENUS
from tests.gui.hands import moves, opened, press

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


# -- without a mouse -------------------------------------------------------------------------------------------------


def test_a_game_is_ended_without_a_mouse(window):
    w = window()
    press(w, pygame.K_p)
    press(w, pygame.K_p)
    assert w.session.phase == "scoring"
    press(w, pygame.K_RETURN)
    assert w.session.phase == "scoring", "the engine's answer is waited for"
    w.session.receive(("score", len(w.session.link.asked), (), None))
    press(w, pygame.K_LEFT)
    press(w, pygame.K_RETURN)
    assert w.session.phase == "scoring" and "End" in status_line(w.session)[0], "the count is not in sight"
    press(w, pygame.K_END)
    press(w, pygame.K_RETURN)
    assert w.session.phase == "over" and w.session.result


def test_the_count_is_in_the_menu(window):
    (game,) = (items for title, items in MENUS if title == "Game")
    assert {"accept", "resume"} <= {item.action for item in game}
    w = window()
    for _ in range(2):
        press(w, pygame.K_p)
    assert w.actions.enabled("resume")
    w.actions.run("resume")
    assert w.session.phase == "play"


def test_what_is_studied_has_a_menu_of_its_own():
    menus = {title: {item.action for item in items} for title, items in MENUS}
    studied = {"hint", "estimate", "analysis", "analyse game", "next mistake", "mistake before", "networks", "branch"}
    assert studied <= menus["Analyse"] and not studied & (menus["Game"] | menus["View"])


def test_f1_lists_the_keys(window):
    w = window()
    press(w, pygame.K_F1)
    assert isinstance(w.dialog, KeysDialog)


@pytest.mark.parametrize("white", ["human", "engine"])
def test_a_second_enter_plays_for_nobody(window, white):
    w = window(white=white, black="human")
    press(w, pygame.K_g, pygame.KMOD_CTRL)
    w.dialog.typed("e5")
    press(w, pygame.K_RETURN)
    if white == "engine":
        w.session.receive(("move", 1, from_gtp("C3", 9)))  # so soon
    asked = len(w.session.link.asked)
    press(w, pygame.K_RETURN)
    assert len(w.session.link.asked) == asked and "Shift+Enter" in status_line(w.session)[0]
    press(w, pygame.K_RETURN, pygame.KMOD_SHIFT)
    assert w.session.busy_with == "move"


def test_p_while_looking_back_says_why_it_does_nothing(window):
    w = opened(window(), ";B[ee];W[cc]")
    press(w, pygame.K_LEFT)
    press(w, pygame.K_p)
    assert status_line(w.session)[0].startswith("End goes back to the game") and len(moves(w)) == 2
