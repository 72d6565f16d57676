"""``gogame doctor``: whether the program that is installed here works, and what to do where it does not.

It looks at the packages, the kernels' cache, the networks, the evaluator, the window and the folder for games, and
holds the dialogues of real clients (:mod:`selfplay.handshakes`) with the engine.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

import click
from platformdirs import user_data_dir

from gogame import DIST_NAME
from gogame.disk import NOWHERE, place
from gogame.options import json_option
from selfplay.handshakes import handshakes

if TYPE_CHECKING:
    from nets.weights import NetInfo

GOOD, NOTE, BAD = "ok", "note", "BAD"
DISPLAYS = ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY")
NO_SCREEN = ("offscreen", "dummy")  # what SDL draws to where there is no display
LOADED = "pygame is there"
WINDOW = f"""import pygame as p
print({LOADED!r}, flush=True)
p.display.init()
print(p.display.get_driver(), *p.display.get_desktop_sizes()[0])"""
PYTHON = f'"{sys.executable}"' if " " in sys.executable else sys.executable
PIP = f"{PYTHON} -m pip install"
REPORT = "please report it, with this whole output"


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    state: str  # GOOD; NOTE: works, but one should know; BAD: something does not work
    detail: str
    remedy: str = ""  # what to do about it


def packages() -> Finding:
    """Whether every package that is required is installed, and which version."""
    from packaging.requirements import Requirement

    found, wrong, wanted = [], [], []
    for need in map(Requirement, requires(DIST_NAME) or []):
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            there = version(need.name)
        except PackageNotFoundError:
            there = ""
        if not there or not need.specifier.contains(there, prereleases=True):
            wrong.append(f"{need.name} {there or 'not installed'}")
            wanted.append(f'"{need.name}{need.specifier}"')
        found.append(f"{need.name} {there}")
    if wrong:
        return Finding("packages", BAD, ", ".join(wrong), f"{PIP} {' '.join(wanted)}")
    return Finding("packages", GOOD, ", ".join(found))


def command_path() -> Finding:
    """The full path that clients ask for."""
    own = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))]
    path, first = shutil.which("gogame", path=os.pathsep.join(own)), shutil.which("gogame")
    give = "where a client asks for a command, give it:"
    if path is None:
        return Finding("command", NOTE, "this installation has no program `gogame`", f"{give} {PYTHON} -m gogame gtp")
    if first is not None and not os.path.samefile(path, first):
        return Finding(
            "command", NOTE, f"`gogame` alone starts {first}, which may be another installation", f"{give} {path} gtp"
        )
    return Finding("command", GOOD, f"{path} (what a client's engine settings ask for; arguments: gtp)")


def kernels() -> Finding:
    """Whether compiled kernels are kept, so that only the first start compiles."""
    import numba

    from gogame.kernel import copy_values

    if numba.config.DISABLE_JIT:
        return Finding("kernels", BAD, "compilation is switched off", "unset NUMBA_DISABLE_JIT: a move takes minutes")
    folder = copy_values._cache.cache_path
    if folder is None:
        return Finding(
            "kernels", NOTE, "compiled at every start: no folder can be written where they would be kept",
            "set NUMBA_CACHE_DIR to a folder of yours",
        )  # fmt: skip
    return Finding("kernels", GOOD, f"compiled once, kept in {folder}")


def networks() -> Finding:
    """Whether every network that is installed can be read."""
    from nets.weights import NetError, load_net, shipped_nets

    again = f"in the folder that it was installed from: {PIP} --force-reinstall --no-deps ."
    found: list[NetInfo] = []
    try:
        found += shipped_nets()
        for info in found:
            load_net(info.path)
    except NetError as error:
        return Finding("networks", BAD, str(error), again)
    if not found:
        return Finding("networks", BAD, "none is installed", again)
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
    said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
    if not done.stdout.startswith(LOADED):
        return Finding("window", BAD, f"pygame cannot be loaded: {said[-1][:100]}", f"{PIP} --force-reinstall pygame")
    # Elsewhere than on Linux there always is one; there SDL would go on without, with a window that nobody can see.
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in DISPLAYS):
        return Finding("window", NOTE, "no display", remedy)
    if done.returncode != 0:
        return Finding("window", NOTE, f"no display: {said[-1][:100]}", remedy)
    driver, *pixels = done.stdout.splitlines()[1].split()
    if driver in NO_SCREEN:
        return Finding("window", NOTE, "no display", remedy)
    return Finding("window", GOOD, f"a display of {'x'.join(pixels)} ({driver})")


def games_folder() -> Finding:
    """Whether games and settings can be kept."""
    folder = place(partial(user_data_dir, "gogame", appauthor=False))
    if folder == NOWHERE:
        return Finding("games", BAD, "the system knows no home folder of this user", "set HOME to one")
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


CHECKS: dict[str, Callable[[], Finding]] = {
    "packages": packages, "command": command_path, "window": window, "games": games_folder, "kernels": kernels,
    "networks": networks,
}  # fmt: skip
SEARCHES: dict[str, Callable[[], Finding]] = {f"engine {n}x{n}": partial(evaluation, n) for n in (9, 19)}
NEEDED = ("packages", "kernels", "networks")  # to search at all


def findings() -> Iterator[Finding]:
    """Every check, as it is made. Where nothing can be searched, no search and no client is tried."""
    bad: set[str] = set()
    for checks, needs in ((CHECKS, ()), (SEARCHES, NEEDED)):
        if bad.intersection(needs):
            return
        for name, check in checks.items():
            found = made(name, check)
            bad |= {name} if found.state == BAD else set()
            yield found
    if bad.intersection(SEARCHES):
        return
    for client, lines, wrong, seconds in handshakes():
        if wrong:
            yield Finding(client, BAD, wrong, REPORT)
        else:
            yield Finding(client, GOOD, f"{lines} lines of its dialogue, answered as it needs, {seconds:.1f} s")


def made(name: str, check: Callable[[], Finding]) -> Finding:
    """What a check found; that it failed, if it did: a package that cannot be loaded fails in its own way."""
    try:
        return check()
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        remedy = "install into a fresh virtual environment" if isinstance(error, ImportError | OSError) else REPORT
        return Finding(name, BAD, said, remedy)


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
