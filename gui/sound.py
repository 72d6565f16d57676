"""The click of a stone. Without an audio device there is silence."""

from __future__ import annotations

import contextlib
from importlib.resources import files
from io import BytesIO

import pygame

from gui.quiet import quiet_stderr


class Sounds:
    """Plays "stone" and "capture"; does nothing where there is no mixer or no device."""

    def __init__(self) -> None:
        self._sounds: dict[str, pygame.mixer.Sound] = {}
        try:
            with quiet_stderr():
                pygame.mixer.init(22050, -16, 1, 512)
            for name in ("stone", "capture"):
                data = files("gui.assets").joinpath(f"{name}.wav").read_bytes()
                self._sounds[name] = pygame.mixer.Sound(BytesIO(data))
        except (RuntimeError, ImportError, OSError):  # pygame.error among the first, or a pygame without a mixer
            self._sounds = {}

    @property
    def silent(self) -> bool:
        return not self._sounds

    def play(self, name: str) -> None:
        if name in self._sounds:
            with contextlib.suppress(pygame.error):
                self._sounds[name].play()
