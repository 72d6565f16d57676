"""The window: turns events into actions of the Session, and draws when something has changed.

The loop waits for events and draws at most one frame for all that came together. An engine that thinks about its
move moves three dots five times a second, a clock that runs shows another second; otherwise nothing runs.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import pygame

from gui import theme as look
from gui.actions import Actions
from gui.board_view import BoardView
from gui.candidate_list import row_at, target_at
from gui.cursor import Cursor, draw_cursor, draw_name
from gui.describe import picture
from gui.dialogs import Dialog
from gui.icon import icon
from gui.keys import control, latin, named
from gui.layout import Layout, arrange
from gui.menus import MenuBar
from gui.networks import Networks, Source, shipped_source
from gui.networks_panel import NetworksPanel
from gui.panels import Panels
from gui.session import Session
from gui.sound import Sounds
from gui.store import Settings, Store
from gui.theme import MAX_SCALE, MIN_SCALE, Theme
from gui.title import title

ENGINE_EVENT = pygame.event.custom_type()
BLINK = 200  # ms between two pictures of the thinking dots
RARELY = 30_000  # ms: nothing happens by itself
REPEATING = frozenset(
    (pygame.K_LEFT, pygame.K_RIGHT, pygame.K_z, pygame.K_x, pygame.K_y, pygame.K_UP, pygame.K_DOWN)
    + (pygame.K_BACKSPACE, pygame.K_DELETE, pygame.K_PAGEUP, pygame.K_PAGEDOWN)
)
WRITING = frozenset((pygame.K_BACKSPACE, pygame.K_DELETE))  # repeat where there is text alone


def post(message: tuple[Any, ...]) -> None:
    """Carry a message of the engine to the loop; called from the reader thread."""
    with contextlib.suppress(pygame.error):  # the window may have closed
        pygame.event.post(pygame.event.Event(ENGINE_EVENT, message=message))


def screen_scale() -> float:
    """The interface scale that suits the screen."""
    heights = [h for _, h in pygame.display.get_desktop_sizes()] or [1080]
    return min(MAX_SCALE, max(1.0, round(heights[0] / 1080 * 4) / 4))


def open_window(settings: Settings) -> pygame.Surface:
    """The window at its last size, or at one that suits the screen. Raises pygame.error without a display."""
    wide, high = (pygame.display.get_desktop_sizes() or [(1280, 800)])[0]
    scale = settings.scale or screen_scale()
    size = (settings.width or round(1120 * scale), settings.height or round(800 * scale))
    size = (max(360, min(size[0], wide - 20)), max(360, min(size[1], high - 60)))
    pygame.display.set_caption("gogame")
    pygame.display.set_icon(icon())
    return pygame.display.set_mode(size, pygame.RESIZABLE)


class Window:
    """Owns the surface, the views and the current dialog."""

    panels: Panels

    def __init__(
        self,
        session: Session,
        settings: Settings,
        store: Store,
        source: Source = shipped_source,
        run_folder: Path | None = None,
    ):
        """``source``: of the networks that can be looked through; ``run_folder``: of the training to be watched."""
        self.session = session
        self.networks = Networks(session, source)
        self.settings = settings
        self.store = store
        self.run_folder = run_folder
        self.sounds = Sounds()
        self.dialog: Dialog | None = None
        self.running = True
        self.dirty = True
        self.mouse = (-1, -1)
        self.cursor = Cursor(session, self._click)
        self.ghost: int | None = None  # the point that the cursor or else the mouse is at
        self._pressed: tuple[int, bool] | None = None  # a point, and whether it was a row of the list
        self._pressed_button: str | None = None
        self._dragging_graph = False
        self._keys_down: set[int] = set()
        self._opener: int | None = None  # the key that has opened the dialog, while it is down
        self._hover: Any = None
        self._caption = ""  # that stands in the window's frame
        self.actions = Actions(self)
        self.set_scale(settings.scale)

    def set_scale(self, scale: float) -> None:
        """Rebuild everything for another interface scale; 0 takes the screen's."""
        self.theme = Theme(scale or screen_scale())
        self.board = BoardView(self.theme)
        tab = self.panels.tab if hasattr(self, "panels") else "graph"
        self.panels = Panels(self.theme)
        self.panels.tab = tab
        self._networks_panel = self.panels.networks = NetworksPanel(self.theme, self.networks)
        self.menu = MenuBar(self.theme)
        self.dirty = True

    def larger(self, step: float) -> None:
        """Change the interface scale by ``step``."""
        self.settings.scale = min(MAX_SCALE, max(MIN_SCALE, self.theme.scale + step))
        self.set_scale(self.settings.scale)

    # -- the loop --------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until the window is closed."""
        pygame.key.set_repeat(350, 40)
        while self.running:
            self.tick()
            for name in self.session.sounds:
                if self.settings.sound:
                    self.sounds.play(name)
            self.session.sounds.clear()
            due = self.dirty or self._dots() or self._busy()  # the first time around, before any event has come
            if due and (self._busy() or not self.networks.awaited()):
                self.draw()
                pygame.display.flip()
                self.dirty = False
                self.networks.seen()
            for event in [pygame.event.wait(self._patience()), *pygame.event.get()]:
                self.handle(event)

    def tick(self) -> None:
        """Let the game's clock run on; it waits while a dialog is open that is not part of playing."""
        self.session.held = self.dialog is not None and not self.dialog.in_play
        if self.session.tick():
            self.dirty = True
            self.networks.follow()  # a game that is lost on time is shown as it stands
        if self.dialog is not None:
            self.dirty = self.dialog.tick() or self.dirty

    def _patience(self) -> int:
        if self.networks.awaited():
            return 5
        rest = 1 if self._busy() else BLINK if self._dots() else RARELY
        waiting = self.dialog.patience if self.dialog is not None else RARELY
        return min(rest, int(1000 * min(self.session.patience, waiting, rest)) + 1)

    def _busy(self) -> bool:
        """A dialog has something to do at every picture."""
        return self.dialog is not None and self.dialog.busy

    def _dots(self) -> bool:
        """Three dots move."""
        return self.session.busy_with == "move"

    def close(self) -> None:
        """End the loop. What is half written in a dialog is not lost."""
        self.running = False
        if self.dialog is not None:
            self.dialog.left()

    # -- drawing ---------------------------------------------------------------------------------------------

    def layout(self) -> Layout:
        return arrange(*pygame.display.get_surface().get_size(), self.theme.scale)

    def draw(self) -> None:
        """One frame."""
        caption = title(self.session, self.actions.shown_file, self.store.number)
        if caption != self._caption:
            pygame.display.set_caption(caption)
            self._caption = caption
        surface = pygame.display.get_surface()
        layout = self.layout()
        surface.fill(look.BACKGROUND)
        if self.dialog is not None and self.dialog.whole:
            self.dialog.draw(surface, self.theme, self.mouse)
            return
        self.board.place(layout.board, self.session.size, self.settings.coordinates)
        self.ghost = self._over()  # the board under the mouse may be another one now
        free = self.dialog is None and self.menu.open is None
        ghost = self.ghost if free else None
        if free:
            self.networks.pointed = self._pointed_move()
        self.board.draw(surface, self.networks.on_board(picture(self.session, ghost)))
        cursor, status = self.cursor.point, layout.status
        if free and cursor is not None:
            draw_cursor(surface, self.board, cursor)
            status = draw_name(surface, self.theme, status, cursor, self.session.size)
        self.panels.buttons = []
        pulse = (time.monotonic() * 1000 / BLINK / 5) % 1.0
        mouse = self.mouse if free else (-1, -1)
        self.panels.draw_column(surface, layout, self.session, pulse)
        self.panels.draw_status(surface, status, self.session)
        self.panels.draw_bar(surface, layout, self.session, mouse, self._pressed_button)
        self.menu.place(layout.menu)
        outside = self.mouse if self.dialog is None else (-1, -1)
        self.menu.draw(surface, outside, self.actions.enabled, self.actions.checked)
        if self.dialog is not None:
            self.dialog.draw(surface, self.theme, self.mouse)

    # -- events ----------------------------------------------------------------------------------------------

    def handle(self, event: pygame.event.Event) -> None:
        """One event."""
        if event.type in (pygame.KEYDOWN, pygame.KEYUP):
            event = latin(event)
        if event.type == pygame.QUIT:
            self.close()
        elif event.type == ENGINE_EVENT:
            if not self.networks.receive(event.message):
                self.session.receive(event.message)
            self.dirty = True
        elif event.type in (pygame.VIDEORESIZE, pygame.WINDOWSIZECHANGED, pygame.WINDOWEXPOSED):
            self._resized()
        elif event.type == pygame.WINDOWLEAVE:
            self.mouse = (-1, -1)
            self._moved()
        elif event.type == pygame.KEYUP:
            self._keys_down.discard(event.key)
            if event.key == self._opener:
                self._opener = None
        elif event.type == pygame.WINDOWFOCUSLOST:
            self._keys_down.clear()
            self._opener = None
        elif event.type == pygame.KEYDOWN:
            repeated = event.key in self._keys_down
            self._keys_down.add(event.key)
            if not repeated or event.key in (REPEATING - WRITING if self.dialog is None else REPEATING):
                before = self.dialog
                self._key(event)
                self._opener = event.key if self.dialog is not before else None
        elif event.type == pygame.TEXTINPUT:
            if self.dialog is not None:
                if self._opener is None:  # else it is the letter of that key
                    self.dialog.typed(event.text)
            elif event.text == "?":
                self.actions.run("keys")
            self.dirty = True
        elif event.type == pygame.MOUSEMOTION:
            if event.pos != self.mouse:
                self.cursor.hide()  # the mouse shows the place
            self.mouse = event.pos
            self._moved()
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.cursor.hide()
            self.mouse = event.pos
            self._mouse_down(event.pos)
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            self.mouse = event.pos
            self._mouse_up(event.pos)
        elif event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP) and event.button == 3:
            if self.dialog is not None:
                self.dialog.right_button(event.pos, event.type == pygame.MOUSEBUTTONDOWN)
                self.dirty = True
        elif event.type == pygame.DROPFILE:
            self._dropped(Path(event.file))
        elif event.type == pygame.MOUSEWHEEL:
            if self.dialog is not None:
                self.dialog.wheel(event.y)
            elif self.menu.open is None and not any(v.wheel(self.mouse, event.y) for v in self.panels.scrolled):
                self.session.go(-event.y)
            self.dirty = True
        self._drop_closed_dialog()
        self.networks.follow()

    def _dropped(self, path: Path) -> None:
        """A file was dropped on the window. A dialog in which something may have been chosen stays."""
        self.dirty = True
        if self.dialog is not None and not self.dialog.gives_way:
            self.dialog.tell("A file that is dropped here is opened once this is done or cancelled")
            return
        self.dialog = self.menu.open = None
        problem = self.actions.open_file(path)
        if problem:
            self.session.say(problem, "error")

    def _resized(self) -> None:
        surface = pygame.display.get_surface()
        if not surface.get_flags() & pygame.FULLSCREEN:
            self.settings.width, self.settings.height = surface.get_size()
        self.dirty = True

    def _key(self, event: pygame.event.Event) -> None:
        self.dirty = True
        if self.dialog is not None:
            if named(event.key, control(event.mod), bool(event.mod & pygame.KMOD_SHIFT)) == "quit":
                self.close()
            else:
                self.dialog.key_down(event)
        elif event.key == pygame.K_ESCAPE and self.menu.open is not None:
            self.menu.open = None
        else:
            self.menu.open = None
            if self.cursor.key(event.key, event.mod):
                self._moved()
            else:
                self.actions.key(event.key, event.mod)

    def _moved(self) -> None:
        if self.dialog is not None or self.menu.open is not None:
            self.menu.mouse_move(self.mouse)
            if self.dialog is not None:
                self.dialog.mouse_move(self.mouse)
            self.dirty = True
            return
        if self._dragging_graph:
            self.session.go_number(self.panels.graph.move_at(self.mouse[0]))
            self.dirty = True
        if any(view.mouse_move(self.mouse) for view in (self._networks_panel, *self.panels.scrolled)):
            self.dirty = True
        self.ghost = self._over()
        self.networks.pointed = self._pointed_move()
        self.session.point_to(row_at(self.panels.rows, self._pointer()), self.ghost)
        button = next((b.action for b in self.panels.buttons if b.area.collidepoint(self.mouse)), None)
        title = next((i for i, area in enumerate(self.menu.titles()) if area.collidepoint(self.mouse)), None)
        preview = (self.session.pointed_at, self.session.pointed_back)
        hover = (self.networks.pointed, preview, button, title, self.cursor.point)
        if hover != self._hover:
            self._hover = hover
            self.dirty = True

    def _pointer(self) -> tuple[int, int]:
        """Where the mouse points; nowhere while the keys' cursor does."""
        return self.mouse if self.cursor.point is None else (-1, -1)

    def _over(self) -> int | None:
        """The point that the cursor is at, or else the mouse."""
        point = self.cursor.point
        return self.board.point_at(*self.mouse) if point is None else point

    def _pointed_move(self) -> int | None:
        """The move under the mouse, in the networks' list or on the board, or at the cursor."""
        listed = self._networks_panel.point_at(self._pointer())
        return self.ghost if listed is None else listed

    def _mouse_down(self, at: tuple[int, int]) -> None:
        self.dirty = True
        self._pressed = self._pressed_button = None
        if self.dialog is not None:
            self.dialog.mouse_down(at)
            return
        if self.menu.mouse_down(at):
            return
        if any(view.mouse_down(at) for view in self.panels.scrolled):
            return
        self._pressed_button = next(
            (b.action for b in self.panels.buttons if b.enabled and b.area.collidepoint(at)), None
        )
        if self._pressed_button is None:
            self._pressed = target_at(self.panels.rows, self.board, at)
        if self._networks_panel.mouse_down(at):
            return
        if self.panels.graph_area.collidepoint(at):
            self._dragging_graph = True
            self.session.go_number(self.panels.graph.move_at(at[0]))

    def _mouse_up(self, at: tuple[int, int]) -> None:
        self.dirty = True
        self._dragging_graph = False
        self._networks_panel.mouse_up()
        self.panels.comment.mouse_up()
        node = self.panels.tree.mouse_up(at)
        pressed, self._pressed = self._pressed, None
        button, self._pressed_button = self._pressed_button, None
        if self.dialog is not None:
            self.dialog.mouse_up(at)
            return
        chosen = self.menu.mouse_up(at)
        if chosen is not None:
            self.actions.run(chosen)
        elif button is not None:
            if any(b.action == button and b.area.collidepoint(at) for b in self.panels.buttons):
                self.actions.run(button)
        elif node is not None:
            self.session.go_to(node)
        elif pressed is not None and pressed == target_at(self.panels.rows, self.board, at):
            self._click(*pressed)

    def _click(self, point: int, listed: bool = False) -> None:
        """A point was clicked, chosen with the cursor, or ``listed`` as a candidate."""
        self._moved()  # what is said of the click is newer than what the place tells
        self.session.choose(point, listed)
        self._moved()

    def _drop_closed_dialog(self) -> None:
        if self.dialog is not None and self.dialog.closed:
            self.dialog = None
            self.dirty = True
