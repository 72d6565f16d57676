"""The clipboard's text, as far as there is one."""

from __future__ import annotations

import sys

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
    return _decoded(data)


def clipboard_text() -> str:
    """The first line of the clipboard."""
    return clipboard().strip().split("\n")[0]


def to_clipboard(text: str) -> bool:
    """Put a text there; False where that cannot be done."""
    try:
        if not pygame.scrap.get_init():
            pygame.scrap.init()
        pygame.scrap.put(UTF8, _encoded(text))
    except RuntimeError:
        return False
    return True


def _on_windows() -> bool:
    """What has this name there is UTF-16, which pygame does not convert, up to a NUL and with CR before LF."""
    return sys.platform == "win32"


def _decoded(data: bytes) -> str:
    text = data.decode("utf-16-le" if _on_windows() else "utf-8", "replace").split("\0")[0]
    return text.replace("\r\n", "\n") if _on_windows() else text


def _encoded(text: str) -> bytes:
    if not _on_windows():
        return text.encode("utf-8", "replace")
    return (text.replace("\n", "\r\n") + "\0").encode("utf-16-le", "replace")
