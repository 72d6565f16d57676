"""What menus, buttons and keys do, by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pygame

from gogame.disk import place
from gui.browser import FileDialog
from gui.comment_view import CommentDialog
from gui.dialogs import Dialog
from gui.files import Loaded, is_empty, load_record, read_file, save_record, sgf_of
from gui.folder import shown_name
from gui.game_info import GameInfoDialog
from gui.help_texts import about, how_to_play
from gui.keys import control, named
from gui.keys_dialog import KeysDialog
from gui.new_game import NewGameDialog, make_record
from gui.opponents import PlayersDialog
from gui.panels import NETWORKS_TAB, TABS
from gui.record import Record
from gui.setup import Setup, begin_with, hold
from gui.setup_view import SetupView
from gui.store import Settings, free_name
from gui.training import is_games_folder
from gui.training_view import RunDialog, TrainingDialog
from gui.transfer import copy_game, pasted_game
from gui.widgets import TextField
from gui.writing import LONGEST

if TYPE_CHECKING:
    from gui.window import Window

ALL = 1_000_000  # moves: to the end
TOGGLES = ("coordinates", "numbers", "continuations", "estimates", "sound")  # settings that a menu line switches


class Actions:
    """Runs the named actions of one window."""

    def __init__(self, window: Window):
        self.window = window
        self.file: Path | None = None  # where "save" writes: what this window has written, never what it has read
        self._opened: Path | None = None
        session = window.session
        self._table: dict[str, Callable[[], object]] = {
            "first": lambda: session.go(-ALL),
            "back": lambda: session.go(-1),
            "forward": lambda: session.go(1),
            "last": lambda: session.go_to(session.live) if session.reviewing else session.go(ALL),
            "undo": session.undo,
            "redo": session.redo,
            "pass": session.pass_,
            "resign": self._ask_resign,
            "hint": session.hint,
            "estimate": session.estimate,
            "analysis": session.analyse,
            "analyse game": session.analyse_game,
            "first mistake": session.first_mistake,
            "next variation": lambda: session.variation(1),
            "variation before": lambda: session.variation(-1),
            "next mistake": lambda: session.mistake(1),
            "mistake before": lambda: session.mistake(-1),
            "enter": self._enter,
            "engine move": session.engine_move,
            "stop": session.stop,
            "branch": self._branch,
            "remove variation": session.remove_variation,
            "pause": session.pause,
            "accept": session.accept,
            "resume": session.resume,
            "retry": session.retry_engine,
            "players": self._ask_players,
            "set up": self._set_up,
            "new": self._ask_new_game,
            "open": self._ask_open,
            "save": self._save,
            "save as": self._ask_save,
            "copy": lambda: copy_game(session),
            "paste": self._paste,
            "coordinate": self._ask_coordinate,
            "game info": lambda: self._show(GameInfoDialog(session)),
            "comment": self._ask_comment,
            "comment up": lambda: window.panels.comment.page(-1),
            "comment down": lambda: window.panels.comment.page(1),
            **{name: partial(self._toggle, name) for name in TOGGLES},
            "networks": self._networks,
            "networks territory": self._networks_territory,
            "training": self._training,
            "weaker network": lambda: window.networks.step(-1),
            "stronger network": lambda: window.networks.step(1),
            "larger": lambda: window.larger(0.25),
            "smaller": lambda: window.larger(-0.25),
            "scale auto": self._scale_auto,
            "full screen": self._full_screen,
            "keys": lambda: self._show(KeysDialog()),
            "how to play": lambda: self._show(how_to_play()),
            "about": lambda: self._show(about()),
            "quit": window.close,
        }
        for tab, _ in (*TABS, NETWORKS_TAB):
            self._table[f"tab {tab}"] = lambda tab=tab: setattr(window.panels, "tab", tab)  # type: ignore[misc]

    @property
    def shown_file(self) -> Path | None:
        """Where the game on the board was saved, or comes from."""
        return self.file or self._opened

    def run(self, action: str) -> None:
        """Do it, if it can be done now."""
        if self.enabled(action):
            self._table[action]()
            self.window.dirty = True

    def enabled(self, action: str) -> bool:
        return self.window.session.enabled(action)

    def checked(self, action: str) -> bool:
        """Whether a menu line has a tick."""
        if action == "networks":
            return self.window.networks.open
        if action == "estimate":
            return bool(self.window.session.ownership)
        if action == "analysis":
            return self.window.session.analysing
        if action == "pause":
            return self.enabled("pause") and self.window.session.paused
        if action == "analyse game":
            return self.window.session.walk is not None
        return action in TOGGLES and bool(getattr(self.window.settings, action))

    def key(self, key: int, mod: int) -> None:
        """A key without a dialog."""
        held = control(mod)
        shift = bool(mod & pygame.KMOD_SHIFT)
        session = self.window.session
        if key in (pygame.K_LEFT, pygame.K_RIGHT) or (not held and key in (pygame.K_z, pygame.K_x)):
            direction = -1 if key in (pygame.K_LEFT, pygame.K_z) else 1
            if shift and not held and self.window.networks.open and key in (pygame.K_LEFT, pygame.K_RIGHT):
                self.run("weaker network" if direction < 0 else "stronger network")
            elif held:
                self.run("first" if direction < 0 else "last")
            else:
                session.go(direction * (10 if shift else 1))
            return
        name = {pygame.K_UP: "variation before", pygame.K_DOWN: "next variation"}.get(key) or named(key, held, shift)
        if name == "pass" and session.reviewing:
            session.say("End goes back to the game, where P passes")
        elif name:
            self.run(name)

    def _enter(self) -> None:
        """Accept the count, or let the engine move where it is to; for a person it moves only when that is meant."""
        session = self.window.session
        if session.phase == "scoring" and session.reviewing:
            session.say("End goes back to the count, which Enter accepts")
        elif session.phase == "scoring":
            self.run("accept")
        elif session.engine_turn():
            self.run("engine move")
        elif self.enabled("engine move"):
            session.say("Shift+Enter lets the engine play this move")

    # -- dialogs ---------------------------------------------------------------------------------------------

    def _show(self, dialog: Dialog, in_play: bool = False) -> None:
        self.window.dialog = dialog
        dialog.in_play = in_play

    def _ask_new_game(self) -> None:
        self._show(NewGameDialog(self.window.settings, self.start_game, self.window.session.link.given_net))

    def start_game(self, settings: Settings) -> None:
        """Leave the current game (it is kept in the folder of past games) and start another."""
        window = self.window
        record = make_record(settings)
        told = self._put_away()
        window.settings.__dict__.update(settings.__dict__)
        window.session.load(record)
        self.file = self._opened = None
        window.session.notice = window.store.save_settings(window.settings) or told or window.session.notice
        window.session.begin()

    def _set_up(self) -> None:
        """Set up a position, first the one shown, while the game waits."""
        session = self.window.session
        setup = Setup(session.record, session.shown, session.shown_game)
        self._show(SetupView(setup, self.window.settings, self._start_from, hold(session), self.run))

    def _start_from(self, record: Record) -> None:
        """Leave the current game as for a new one, and begin one with a position that was set up."""
        session = self.window.session
        told = self._put_away()
        self.file = self._opened = None
        begin_with(session, record)
        session.notice = told or session.notice

    def _ask_players(self) -> None:
        window, session = self.window, self.window.session

        def seat(settings: Settings) -> None:
            session.seat(settings)
            session.notice = window.store.save_settings(window.settings) or session.notice

        net = session.opponent_net
        given, clocked = session.link.given_net, session.clocks.there
        self._show(PlayersDialog(window.settings, session.size, net, seat, given, clocked))

    def _put_away(self) -> str:
        """The game that is left goes to the past ones, if a move was ever played in it, or its start commented, marked
        or set up; else it is forgotten. Returns a line for the user where it could not go there."""
        window, session = self.window, self.window.session
        session.keep()
        if session.restorable is not None:
            window.store.autosave(sgf_of(session, session.kept_result))
        if not session.record.is_bare:
            return window.store.archive_autosave() or ""
        if is_empty(window.store.load_autosave()):  # it would go on at the next start
            window.store.discard_autosave()
        return ""

    def _branch(self) -> None:
        """Play on from the position shown; a game that has ended is kept as it ended."""
        session = self.window.session
        told = self.window.store.keep(sgf_of(session))[1] if session.phase == "over" else ""
        session.branch()
        if told:
            session.say(f"The game had ended: {told}")

    def _ask_resign(self) -> None:
        self._show(Dialog("Resign the game?", [], "Resign", self.window.session.resign, width=340), in_play=True)

    def _ask_coordinate(self) -> None:
        session = self.window.session
        field = TextField("", limit=6)
        tries, lines = session.reviewing, f"{session.size}×{session.size}."
        title, label = ("Try out", "Try") if tries else ("Play at", "Play")
        text = f"A coordinate such as D4{'' if tries else ', or pass'}. {lines}"
        self._show(
            Dialog(title, [("Point", field)], label, lambda: session.type_move(field.value), text, width=380),
            in_play=True,
        )

    def _ask_comment(self) -> None:
        session = self.window.session
        if len(session.shown.comment) > LONGEST:
            session.say("This comment is too long to be edited here", "warn")
        else:
            self._show(CommentDialog(session.shown, session.size, session.write))

    def _ask_save(self) -> None:
        opened = self._opened
        own = opened is None or self._is_own(opened.parent)
        beside = self.file or (self._new_name() if opened is None or own else free_name(opened))
        warned: set[Path] = set()

        def use(path: Path) -> str | None:
            if not path.name:
                return "A file has a name"
            path = path if path.suffix.lower() == ".sgf" else path.with_name(f"{path.name}.sgf")
            if path != self.file and path not in warned and os.path.exists(path):
                warned.add(path)
                return f"{shown_name(path.name)} is there already: Save again replaces it"
            return self._write(path)

        self._browse("Save the game as SGF", "Save", use, beside.parent, beside.name)

    def _new_name(self) -> Path:
        """A name for a game that has no file: in the folder last looked at, but not among the program's own files."""
        store, last = self.window.store, Path(self.window.settings.folder)
        name = store.suggest_name(self.window.session.size)
        usable = self.window.settings.folder and os.path.isdir(last) and os.access(last, os.W_OK)
        return free_name(last / name.name) if usable and not self._is_own(last) else name

    def _is_own(self, folder: Path) -> bool:
        """What the program itself keeps, or a training run, is no place for a person's files."""
        return self.window.store.keeps(folder) or is_games_folder(folder)

    def _browse(
        self, title: str, label: str, use: Callable[[Path], str | None], folder: Path, name: str | None = None
    ) -> None:
        store, settings = self.window.store, self.window.settings
        places = [(store.games, "Past games"), (Path(settings.opened), "Last opened"), (place(Path.home), "Home")]
        once: dict[Path, str] = {}
        for path, text in places:
            if path.parts and os.path.isdir(path):
                once.setdefault(path, text)
        there = list(once.items())

        def went(path: Path) -> None:
            settings.folder = str(path)

        self._show(FileDialog(title, label, use, folder, there, store.games, went, name))

    def _save(self) -> None:
        if self.file is None:
            self._ask_save()
        else:
            problem = self._write(self.file)
            if problem:
                self.window.session.say(problem, "error")

    def _write(self, path: Path) -> str | None:
        problem = save_record(path, self.window.session)
        if problem is None:
            self.file = path
            taken = self.window.session.restorable
            result = f" with the result {taken.result}, which was taken back" if taken is not None else ""
            self.window.session.say(f"Saved{result}: {path}")
        return problem

    def _ask_open(self) -> None:
        settings = self.window.settings
        folders = (settings.folder, settings.opened)
        last = next((Path(folder) for folder in folders if folder and os.path.isdir(folder)), None)
        folder = last or self.window.store.suggest_name(self.window.session.size).parent
        self._browse("Open an SGF file", "Open", self.open_file, folder)

    def open_file(self, path: Path) -> str | None:
        """Show a game of a file at its end. Returns what is wrong with it."""
        try:
            loaded = load_record(read_file(path))
        except OSError as error:
            return f"{shown_name(str(path))}: {error.strerror or error}"
        except ValueError as error:
            return shown_name(str(error))
        path = Path(os.path.abspath(path))
        self.window.settings.folder = self.window.settings.opened = str(path.parent)
        self._show_game(loaded, path.name, f"Opened: {path}", path)
        return None

    def _paste(self) -> None:
        """Show the clipboard's game, as a file's."""
        loaded, problem = pasted_game()
        if loaded is None:
            self.window.session.say(problem, "error")
        else:
            self._show_game(loaded, "The clipboard", "Opened from the clipboard")

    def _show_game(self, loaded: Loaded, name: str, opened: str, path: Path | None = None) -> None:
        """Leave the current game as for a new one, and show another at its end. Nothing moves unasked; two people play
        on, or who the file says."""
        window = self.window
        told = self._put_away()
        window.settings.black, window.settings.white = loaded.players or ("human", "human")
        session = window.session
        session.load(loaded.record, loaded.live, loaded.result)
        session.paused = True
        self.file, self._opened = None, path
        saved = window.store.save_settings(window.settings)
        session.notice = told or loaded.problem or saved or session.notice
        session.begin()
        if loaded.problem:
            session.say(f"{name}: {loaded.problem}", "warn")
        else:
            session.say(opened + (". Enter lets the engine move" if session.engine_turn() else ""))

    # -- the window ------------------------------------------------------------------------------------------

    def _toggle(self, name: str) -> None:
        settings = self.window.settings
        setattr(settings, name, not getattr(settings, name))

    def _scale_auto(self) -> None:
        self.window.settings.scale = 0.0
        self.window.set_scale(0.0)

    def _networks(self) -> None:
        """Open the networks' view, or close it."""
        window = self.window
        window.networks.toggle()
        if window.networks.open:
            window.panels.tab = "networks"
            if window.networks.nets and window.networks.problem:
                window.session.say(window.networks.problem, "warn")
        elif window.panels.tab == "networks":
            window.panels.tab = "graph"

    def _networks_territory(self) -> None:
        networks = self.window.networks
        networks.territory = not networks.territory

    def _training(self) -> None:
        """Show the run of the command line, or the one that was watched last; ask for a folder without either."""
        window = self.window
        folder = window.run_folder or (Path(window.settings.run) if window.settings.run else None)
        if folder is not None and os.path.isdir(folder):
            self._show(TrainingDialog(folder, self.open_file, self._ask_run))
        else:
            self._ask_run()

    def _ask_run(self) -> None:
        window = self.window

        def use(folder: Path) -> None:
            window.run_folder, window.settings.run = folder, str(folder)
            window.session.notice = window.store.save_settings(window.settings) or window.session.notice
            self._training()

        self._show(RunDialog(str(window.run_folder or window.settings.run), use))

    def _full_screen(self) -> None:
        settings = self.window.settings
        if pygame.display.get_surface().get_flags() & pygame.FULLSCREEN:
            pygame.display.set_mode((settings.width or 1120, settings.height or 800), pygame.RESIZABLE)
        else:
            settings.width, settings.height = pygame.display.get_surface().get_size()
            pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
