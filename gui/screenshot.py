"""A picture of the window with a game in it: ``python -m gui.screenshot GAME.sgf OUT.png``.

Needs no display. The picture in the README is made with it, from a game that was played in the window (the
engine's estimates are in the file).
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click


class _NoEngine:
    """An engine that is there and has nothing to do."""

    state, detail, given_net = "idle", "", ""

    def __init__(self, name: str, net: str):
        self.name, self.net = name, net

    def start(self) -> None: ...
    def usual_net(self, size: int) -> str:
        return self.net

    def ask(self, kind: str, *arguments: Any) -> int:
        return 1

    def aside(self, kind: str, *arguments: Any) -> int:
        return 1

    def cancel(self, question: int | None) -> None: ...
    def stop(self, question: int | None) -> None: ...
    def receive(self, message: tuple[Any, ...]) -> None: ...
    def retry(self) -> None: ...


@click.command()
@click.argument("game", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--width", default=1120, show_default=True)
@click.option("--height", default=800, show_default=True)
@click.option("--scale", default=1.0, show_default=True, help="Of the interface.")
@click.option("--move", type=int, help="Show this move instead of the last.")
@click.option("--black", default="human", type=click.Choice(["human", "engine"]), show_default=True)
@click.option("--white", default="engine", type=click.Choice(["human", "engine"]), show_default=True)
@click.option("--net", default="", help="Name of the network, for the engine's card.")
def command(
    game: Path,
    out: Path,
    width: int,
    height: int,
    scale: float,
    move: int | None,
    black: str,
    white: str,
    net: str,
) -> None:
    """Draw GAME as the window shows it, into the PNG file OUT."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    import pygame

    from gui.files import load_record
    from gui.session import Session
    from gui.store import Settings, Store
    from gui.window import Window

    pygame.display.init()
    pygame.font.init()
    pygame.display.set_mode((width, height))
    loaded = load_record(game.read_bytes())
    settings = replace(Settings(), size=loaded.record.size, scale=scale, black=black, white=white)
    session = Session(_NoEngine("gogame-zero", net), loaded.record, settings, lambda _: None)
    session.load(loaded.record, loaded.live, loaded.result)
    if move is not None:
        session.go_number(move)
        session.branch()
    Window(session, settings, Store()).draw()
    pygame.image.save(pygame.display.get_surface(), out)
    pygame.quit()


if __name__ == "__main__":
    command()
