"""``gogame``: the board in a window.

This module reads the command line, opens the window and puts the parts together; :mod:`gui.window` has the
loop, :mod:`gui.session` the logic.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gogame.options import Place, engine_options
from gui.quiet import quiet_stderr

if TYPE_CHECKING:
    from gui.session import Session
    from gui.store import Settings, Store

SIDES = {
    "black": ("engine", "black"),
    "white": ("engine", "white"),
    "both": ("two", "black"),
    "none": ("watch", "black"),
}


@click.command()
@click.argument("file", required=False, type=Place(path_type=Path))
@click.option("--size", type=click.IntRange(7, 19), help="Lines of the board. [default: as last time, or 9]")
@click.option(
    "--color",
    type=click.Choice(list(SIDES)),
    help="What you play; both: two people, none: the engine against itself. [default: as last time]",
)
@click.option(
    "--handicap", type=click.IntRange(0, 9), help="Black's handicap stones, 2 to 9, or 0. [default: as last time]"
)
@click.option(
    "--time",
    "clock",
    help="The clock: none; 10, minutes; 10+5x30, byo-yomi; 10+15/300, Canadian; 5+10, Fischer. [default: as last time]",
)
@click.option(
    "--run",
    "run_folder",
    metavar="FOLDER",
    type=Place(path_type=Path),
    help="Watch this training run (View > Training); Analyse > Networks shows its networks.",
)
@engine_options
def command(
    file: Path | None,
    size: int | None,
    color: str | None,
    handicap: int | None,
    clock: str | None,
    run_folder: Path | None,
    net: str | None,
    visits: int | None,
    seconds: float | None,
    device: str,
    threads: int | None,
    rules: str | None,
    komi: float | None,
    seed: int,
) -> None:
    """Play on a board in a window, or look at a game: FILE in SGF.

    A last game that is not over goes on, unless --size, --color, --handicap, --rules, --komi or --time start a new
    one; what none of them says is as last time, and the komi is the usual one.

    \b
    Examples:
      gogame board --size 13 --color white --visits 400
      gogame board game.sgf
    """
    from gui.checkpoints import kept
    from gui.clocks import parse_time
    from gui.files import load_record, read_file
    from gui.new_game import make_record, most_handicap, usual_komi
    from gui.opponents import opponents
    from gui.store import Store
    from gui.training import is_run
    from nets.weights import find_net

    store = Store()
    settings = store.load_settings()
    fresh = any(v is not None for v in (size, handicap, rules, color, komi, clock))
    settings.size = size or settings.size
    settings.handicap = settings.handicap if handicap is None else handicap
    settings.rules = rules or settings.rules
    if color is not None:
        settings.mode, settings.color = SIDES[color]
    if visits is not None or seconds is not None:
        settings.seconds = seconds or 0.0
        settings.visits = visits or (0 if seconds else settings.visits)
        settings.by_clock = False
    try:
        if file is not None:
            if fresh:
                raise ValueError(f"{file} brings its own board and rules: leave the options out that begin a game")
            load_record(read_file(file))  # what is wrong with it is better told here, too
        if clock is not None:
            chosen = parse_time(clock)
            settings.clock = chosen[0]
            if settings.clock != "none":
                settings.clock_minutes, settings.clock_seconds, settings.clock_count = chosen[1:]
        if handicap == 1:
            raise ValueError("--handicap 1 has no stone: it is 2 to 9, or 0 (for one, --komi 0.5)")
        if fresh:
            settings.handicap = min(settings.handicap, most_handicap(settings.size)) if handicap is None else handicap
            preset = settings.rules or "chinese-ogs"
            settings.komi = komi if komi is not None else usual_komi(settings.size, preset, settings.handicap)
        make_record(settings)
        if net is not None:
            find_net(net, settings.size)  # a wrong name is better told here than in a window
        if run_folder is not None and not is_run(run_folder):
            kept(run_folder)  # so is a folder without networks
        if fresh:
            settings.net_size = 0
        if net is not None or settings.net not in dict(opponents(settings.net_size or settings.size)):
            settings.net = ""  # the opponent of last time gives way, or is not there for this board
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    engine = {"net": net, "device": device, "threads": threads, "seed": seed}
    run(settings, store, engine, fresh=fresh, run_folder=run_folder, file=file)


def run(
    settings: Settings,
    store: Store,
    engine: dict[str, Any],
    fresh: bool = False,
    target: Any = None,
    run_folder: Path | None = None,
    file: Path | None = None,
) -> None:
    """Open the window and play until it is closed. ``target`` replaces the engine's process (tests); ``run_folder``:
    of a training run, which is watched at once and whose networks can be looked through; ``file``: a game to show."""
    import pygame

    try:
        _init_display()
        from gui.window import Window, open_window, post, screen_scale

        open_window(settings)
    except pygame.error as error:
        pygame.quit()
        raise click.ClickException(f"no window can be opened: {error} (gogame gtp needs none)") from None
    from gui.engine_link import EngineLink
    from gui.engine_worker import engine_main
    from gui.files import is_empty
    from gui.networks import run_source, shipped_source
    from gui.signals import EndSignals
    from gui.splash import get_ready
    from gui.theme import Theme
    from gui.training import is_run

    link = EngineLink({**engine, "size": settings.size}, post, target or engine_main)
    signals = EndSignals(_ask_to_close)
    try:
        if not get_ready(Theme(settings.scale or screen_scale())):
            return
        store.claim()
        session = _make_session(link, settings, store, fresh)
        link.options["size"] = session.size  # what the engine gets ready for
        if store.number > 1:
            session.notice = session.notice or "Another window is open: this one keeps a game of its own"
        session.notice = ". ".join(filter(None, (session.notice, store.put_others_away(is_empty))))
        session.begin()
        source = shipped_source if run_folder is None else run_source(run_folder)
        window = Window(session, settings, store, source, run_folder)
        if file is not None:
            problem = window.actions.open_file(file)
            if problem:
                session.say(problem, "error")
        if run_folder is not None and is_run(run_folder):
            window.actions.run("training")
        window.run()
        session.keep()
        store.save_settings(settings)
    finally:
        link.close()
        pygame.quit()
        signals.let_go()


def _ask_to_close() -> None:
    """As a click on the window's button does."""
    import pygame

    with contextlib.suppress(pygame.error):  # it has closed
        pygame.event.post(pygame.event.Event(pygame.QUIT))


def _init_display() -> None:
    """Raises pygame.error without a display. SDL itself would go on with a window that nobody can see."""
    import pygame

    chosen = os.environ.get("SDL_VIDEODRIVER")
    x_or_wayland = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not chosen and not x_or_wayland:
        raise pygame.error("there is no display")
    with quiet_stderr():
        pygame.display.init()
    if not chosen and pygame.display.get_driver() in ("offscreen", "dummy"):
        raise pygame.error("there is no display that answers")
    pygame.font.init()


def _make_session(link: Any, settings: Settings, store: Store, fresh: bool) -> Session:
    """The game of last time, or a new one."""
    from gui.files import is_empty, load_record, sgf_of
    from gui.new_game import choose_colors, make_record
    from gui.opponents import opponents
    from gui.session import Session

    def save(session: Session) -> None:
        session.unsaved = store.autosave(sgf_of(session)) or ""

    loaded = None
    saved = None if fresh else store.load_autosave()
    problem = ""
    if saved:
        try:
            loaded = load_record(saved)
        except ValueError as error:
            problem = f"The last game could not be read: {error}"
    if loaded is not None and not loaded.result:
        if loaded.players:  # the settings may be of another window's game
            settings.black, settings.white = loaded.players
        session = Session(link, loaded.record, settings, save)
        session.load(loaded.record, loaded.live)
        session.notice = store.save_settings(settings) or ""
        if loaded.problem:
            kept, told = store.keep(saved or b"")
            session.notice = f"The last game: {loaded.problem}; {told}"
            if kept:  # once, not at every start until a move is played
                save(session)
        stands = ""
        if session.engine_turn():
            session.paused = loaded.record.is_set_up and not loaded.live.number  # as when it was set up
        elif session.clocks.there:
            session.paused, stands = True, ". The clock stands still: S or a move lets it go on"  # first one looks
        session.say(f"The last game goes on, at move {loaded.live.number}{stands}" if loaded.live.number else "")
        return session
    if is_empty(store.load_autosave()):  # searched, perhaps, but nothing was ever played
        store.discard_autosave()
    archived = store.archive_autosave()
    if settings.net_size not in (0, settings.size):
        settings.net = ""  # it was chosen for the game that is over
    settings.net_size = 0
    settings.black, settings.white = choose_colors(settings.mode, settings.color)
    session = Session(link, make_record(settings), settings, save)
    first = not store.settings_file.exists() and not link.given_net
    session.notice = store.save_settings(settings) or archived or problem
    if first and not session.notice and settings.mode == "engine" and len(opponents(settings.size)) > 1:
        session.say("New game (Ctrl+N) has easier opponents")
    return session
