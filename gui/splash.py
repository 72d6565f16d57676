"""The window while the rules are compiled, which takes some seconds at the very first start."""

from __future__ import annotations

import threading
import time

import pygame

from gui import theme as look
from gui.theme import Theme

QUICK = 0.4  # seconds: a shorter wait shows nothing


def compile_rules() -> None:
    """Run every kernel that the window itself uses, once; numba keeps the compiled code on disk."""
    from gogame.game import Game
    from gogame.rules import PRESETS
    from gogame.score import score_game

    for name in ("chinese-ogs", "japanese"):
        game = Game(7, PRESETS[name])
        game.play(game.legal_points()[20])
        score_game(game, (game.moves[0][1],))


def get_ready(theme: Theme) -> bool:
    """Compile in a thread while the window says so. False if it was closed meanwhile."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            compile_rules()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(QUICK)
    began = time.monotonic()
    while thread.is_alive():
        _draw(theme, time.monotonic() - began)
        for event in [pygame.event.wait(100), *pygame.event.get()]:
            if event.type == pygame.QUIT:
                return False
    if failed:
        raise failed[0]
    return True


def _draw(theme: Theme, seconds: float) -> None:
    surface = pygame.display.get_surface()
    surface.fill(look.BACKGROUND)
    middle = surface.get_rect().center
    line = pygame.Rect(0, 0, surface.get_width(), theme.px(30))
    line.center = (middle[0], middle[1] - theme.px(20))
    theme.text(surface, "Getting ready" + "." * (1 + int(2 * seconds) % 3), line, 18, look.TEXT, True, "center")
    line.top += theme.px(34)
    theme.text(
        surface,
        "The first start compiles the rules: some seconds, once.",
        line,
        14,
        look.MUTED,
        align="center",
    )
    pygame.display.flip()
