"""The clipboard's text, as far as there is one."""

from __future__ import annotations

import pygame

UTF8 = "text/plain;charset=utf-8"


def clipboard() -> str:
    """The text of the clipboard; empty where there is none."""
    try:
        if not pygame.scrap.get_init():
            pygame.scrap.init()
        data = pygame.scrap.get(UTF8) or pygame.scrap.get("UTF8_STRING") or b""
    except RuntimeError:  # pygame.error, or what stands in for a part that this pygame was built without
        return ""
    return data.decode("utf-8", "replace").split("\0")[0]


def clipboard_text() -> str:
    """The first line of the clipboard."""
    return clipboard().strip().split("\n")[0]


def to_clipboard(text: str) -> bool:
    """Put a text there; False where that cannot be done."""
    try:
        if not pygame.scrap.get_init():
            pygame.scrap.init()
        pygame.scrap.put(UTF8, text.encode("utf-8", "replace"))
    except RuntimeError:
        return False
    return True
