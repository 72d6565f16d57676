"""A mouse and a keyboard for a window with SDL's dummy driver: each event is drawn."""

import pygame

from gogame.coords import from_gtp
from gui.files import load_record


def mouse(window, kind, at):
    button = {} if kind == pygame.MOUSEMOTION else {"button": 1}
    window.handle(pygame.event.Event(kind, pos=at, **button))
    window.draw()


def click(window, at):
    mouse(window, pygame.MOUSEBUTTONDOWN, at)
    mouse(window, pygame.MOUSEBUTTONUP, at)


def press(window, key, mod=0, text=""):
    window.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=mod))
    if text:
        window.handle(pygame.event.Event(pygame.TEXTINPUT, text=text))
    window.handle(pygame.event.Event(pygame.KEYUP, key=key, mod=mod))
    window.draw()


def at(window, vertex):
    return window.board.center(from_gtp(vertex, window.session.size))


def button(window, action):
    return next(b for b in window.panels.buttons if b.action == action).area.center


def moves(window):
    return [n.point for n in window.session.live.path()]


def opened(w, text):
    """The window with a game of 9x9, at its end."""
    loaded = load_record(f"(;CA[UTF-8]SZ[9]{text})".encode(errors="surrogateescape"))
    w.session.load(loaded.record, loaded.live, loaded.result)
    w.draw()
    return w


def seen(area):
    """The pixels of a part of the window."""
    return pygame.image.tobytes(pygame.display.get_surface().subsurface(area), "RGB")


def drag(window, *places):
    """The left button goes down at the first place and up at the last."""
    mouse(window, pygame.MOUSEBUTTONDOWN, places[0])
    for place in places[1:]:
        mouse(window, pygame.MOUSEMOTION, place)
    mouse(window, pygame.MOUSEBUTTONUP, places[-1])
