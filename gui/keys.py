"""What the keys are called that do one thing, without a dialog. Those that move through the game are in
:mod:`gui.actions`; :data:`gui.keys_dialog.KEYS` lists them all for people."""

from __future__ import annotations

import pygame

PLAIN = {
    pygame.K_HOME: "first",
    pygame.K_END: "last",
    pygame.K_p: "pass",
    pygame.K_h: "hint",
    pygame.K_t: "estimate",
    pygame.K_a: "analysis",
    pygame.K_n: "next mistake",
    pygame.K_b: "branch",
    pygame.K_k: "coordinates",
    pygame.K_m: "numbers",
    pygame.K_s: "pause",
    pygame.K_v: "networks",
    pygame.K_l: "training",
    pygame.K_RETURN: "enter",
    pygame.K_KP_ENTER: "enter",
    pygame.K_ESCAPE: "stop",
    pygame.K_F1: "keys",
    pygame.K_F11: "full screen",
    pygame.K_PAGEUP: "comment up",
    pygame.K_PAGEDOWN: "comment down",
}
SHIFT = {  # where it is another one than without
    pygame.K_n: "mistake before",
    pygame.K_RETURN: "engine move",
    pygame.K_KP_ENTER: "engine move",
}
CONTROL = {
    pygame.K_a: "analyse game",
    pygame.K_n: "new",
    pygame.K_o: "open",
    pygame.K_p: "players",
    pygame.K_u: "set up",
    pygame.K_s: "save",
    pygame.K_c: "copy",
    pygame.K_v: "paste",
    pygame.K_z: "undo",
    pygame.K_y: "redo",
    pygame.K_g: "coordinate",
    pygame.K_e: "comment",
    pygame.K_i: "game info",
    pygame.K_q: "quit",
    pygame.K_DELETE: "remove variation",
    pygame.K_BACKSPACE: "remove variation",  # a Mac's Delete
    pygame.K_PLUS: "larger",
    pygame.K_EQUALS: "larger",
    pygame.K_KP_PLUS: "larger",
    pygame.K_MINUS: "smaller",
    pygame.K_KP_MINUS: "smaller",
    pygame.K_0: "scale auto",
}
FIRST = 4  # SDL's scancode of A; the other letters follow
CONTROL_SHIFT = {pygame.K_s: "save as", pygame.K_z: "redo", pygame.K_EQUALS: "larger", pygame.K_PLUS: "larger"}


def control(mod: int) -> bool:
    """Ctrl, or a Mac's command key, is held down. Windows reports AltGr as Ctrl with the right Alt, and "@" is typed
    with it, say."""
    return bool(mod & (pygame.KMOD_CTRL | pygame.KMOD_META)) and not mod & (pygame.KMOD_RALT | pygame.KMOD_MODE)


def latin(event: pygame.event.Event) -> pygame.event.Event:
    """The event of a key; on a keyboard of other letters, Russian or Greek ones, say, with the Latin letter that has
    the same place."""
    scancode = getattr(event, "scancode", 0)
    if not (127 < event.key < 1 << 30 and FIRST <= scancode < FIRST + 26):
        return event
    return pygame.event.Event(event.type, {**event.dict, "key": pygame.K_a + scancode - FIRST})


def named(key: int, held: bool, shift: bool) -> str | None:
    """The action of a key, with Ctrl if that is held; None for a key that has none."""
    if held:
        return (CONTROL_SHIFT if shift else CONTROL).get(key)
    return SHIFT.get(key, PLAIN.get(key)) if shift else PLAIN.get(key)
