"""``gogame doctor``: whether the program that is installed here works, and what to do where it does not.

It looks at the packages, the kernels' cache, the networks, the evaluator, the window and the folder for games, and
holds the dialogues of real clients (:mod:`selfplay.handshakes`) with the engine.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

import click
from platformdirs import user_data_dir

from gogame import DIST_NAME
from gogame.options import json_option
from selfplay.handshakes import handshakes

if TYPE_CHECKING:
    from nets.weights import NetInfo

GOOD, NOTE, BAD = "ok", "note", "BAD"
NO_SCREEN = ("offscreen", "dummy")  # what SDL draws to where there is no display
WINDOW = "import pygame as p; p.display.init(); print(p.display.get_driver(), *p.display.get_desktop_sizes()[0])"


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    state: str  # GOOD; NOTE: works, but one should know; BAD: something does not work
    detail: str
    remedy: str = ""  # what to do about it


def packages() -> Finding:
    """Whether every package that is required is installed, and which version."""
    found, missing = [], []
    for line in requires(DIST_NAME) or []:
        spec, _, marker = line.partition(";")
        name = re.match(r"[\w.-]+", spec.strip())
        if name is None or "extra" in marker or ("sys_platform" in marker and _is_intel_mac()):
            continue
        try:
            found.append(f"{name[0]} {version(name[0])}")
        except PackageNotFoundError:
            missing.append(name[0])
    if missing:
        return Finding("packages", BAD, f"not installed: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    return Finding("packages", GOOD, ", ".join(found))


def _is_intel_mac() -> bool:
    return sys.platform == "darwin" and platform.machine() != "arm64"


def command_path() -> Finding:
    """The full path that clients ask for."""
    path = shutil.which("gogame")
    if path is None:
        return Finding(
            "command", NOTE, "`gogame` is not on the path of programs",
            f"where a client asks for a command, give it: {sys.executable} -m gogame gtp",
        )  # fmt: skip
    return Finding("command", GOOD, f"{path} (what a client's engine settings ask for; arguments: gtp)")


def kernels() -> Finding:
    """Whether compiled kernels are kept, so that only the first start compiles."""
    import numba

    import gogame.kernel  # noqa: F401  it chooses the folder

    if numba.config.DISABLE_JIT:
        return Finding("kernels", BAD, "compilation is switched off", "unset NUMBA_DISABLE_JIT: a move takes minutes")
    folder = numba.config.CACHE_DIR
    if not folder or not os.access(folder, os.W_OK):
        return Finding(
            "kernels", NOTE, f"compiled at every start: {folder or 'the cache folder'} cannot be written",
            "set NUMBA_CACHE_DIR to a folder of yours",
        )  # fmt: skip
    return Finding("kernels", GOOD, f"compiled once, kept in {folder}")


def networks() -> Finding:
    """Whether every network that is installed can be read."""
    from nets.weights import NetError, load_net, shipped_nets

    found: list[NetInfo] = list(shipped_nets())
    again = f"pip install --force-reinstall --no-deps {DIST_NAME}"
    if not found:
        return Finding("networks", BAD, "none is installed", again)
    for info in found:
        try:
            load_net(info.path)
        except NetError as error:
            return Finding("networks", BAD, str(error), again)
    return Finding("networks", GOOD, f"{len(found)} installed, all can be read")


def evaluation(size: int) -> Finding:
    """Whether the engine of a board size gives a move, and where its network runs."""
    from gogame.game import Game
    from gogame.player import PlayerError
    from mcts.engine import Engine

    check = f"engine {size}x{size}"
    engine = Engine(visits=100, log=lambda text: click.echo(f"      {text}", err=True))
    try:
        began = time.monotonic()
        engine.warm_up(size)
        ready, began = time.monotonic() - began, time.monotonic()
        game = Game(size)
        game.play(engine.genmove(game))
        took = time.monotonic() - began
    except PlayerError as error:
        return Finding(check, BAD, str(error), "gogame nets lists the networks; --device cpu needs no GPU")
    finally:
        engine.stop()
    return Finding(check, GOOD, f"{engine.where}: ready in {ready:.1f} s, a move of 100 visits in {took:.2f} s")


def window() -> Finding:
    """Whether a window can be opened; in a process of its own, which may die of it."""
    environment = os.environ | {"PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    words, remedy = [sys.executable, "-c", WINDOW], "the board needs a display; the engine does not"
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return Finding("window", NOTE, "the display does not answer", remedy)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        return Finding("window", NOTE, f"no display: {said[-1][:100]}", remedy)
    driver, *pixels = done.stdout.split()
    if driver in NO_SCREEN:
        return Finding("window", NOTE, "no display", remedy)
    return Finding("window", GOOD, f"a display of {'x'.join(pixels)} ({driver})")


def games_folder() -> Finding:
    """Whether games and settings can be kept."""
    folder = Path(user_data_dir("gogame", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"a game")
            file.flush()
    except OSError as error:
        return Finding(
            "games", BAD, f"{folder} cannot be written ({error.strerror})",
            "free some space, or make the folder yours",
        )  # fmt: skip
    return Finding("games", GOOD, f"kept in {folder}")


CHECKS: tuple[Callable[[], Finding], ...] = (
    packages, command_path, kernels, networks, lambda: evaluation(9), lambda: evaluation(19), window, games_folder,
)  # fmt: skip


def findings() -> Iterator[Finding]:
    """Every check, as it is made. Where nothing can be searched, no client is tried."""
    sound = True
    for check in CHECKS:
        found = check()
        sound = sound and (found.state != BAD or found.check == "games")
        yield found
    if not sound:
        return
    for client, lines, wrong, seconds in handshakes():
        if wrong:
            yield Finding(client, BAD, wrong, "please report it, with this whole output")
        else:
            yield Finding(client, GOOD, f"{lines} lines of its dialogue, answered as it needs, {seconds:.1f} s")


@click.command()
@json_option
def command(as_json: bool) -> None:
    """Check the installation: packages, networks, engine, window, and what real clients say to an engine.

    Takes about half a minute, the first time a little longer. The exit status is 0 if everything works. `note`: it
    works, but there is something to know.

    \b
    Example:
      gogame doctor
    """
    where = f"gogame {version(DIST_NAME)}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    if not as_json:
        click.echo(f"{where}, {os.cpu_count()} cores")
    found: list[Finding] = []
    for finding in findings():
        found.append(finding)
        if not as_json:
            click.echo(f"{finding.state:<5} {finding.check:<12} {finding.detail}")
            if finding.remedy:
                click.echo(f"{'':<18} -> {finding.remedy}")
    bad = [finding.check for finding in found if finding.state == BAD]
    if as_json:
        click.echo(json.dumps({"program": where, "works": not bad, "findings": [asdict(f) for f in found]}))
    else:
        click.echo("Everything works." if not bad else f"Does not work: {', '.join(bad)}.")
    sys.exit(1 if bad else 0)
