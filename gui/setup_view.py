"""The window while a position is set up: the board, its tools in place of the column, and the bar. It stands where a
dialog does, so that the game and its clocks wait."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from gogame.board import BLACK, EMPTY, WHITE
from gogame.geometry import geometry
from gui import theme as look
from gui.board_view import BoardView, Picture
from gui.cursor import ARROWS, draw_cursor, draw_name, middle, stepped
from gui.dialogs import Dialog
from gui.keys import control
from gui.layout import arrange_setup
from gui.markup import Markup
from gui.panels import draw_told
from gui.record import NAMES, Record, opposite
from gui.setup import Setup
from gui.setup_panel import BY_KEY, TOOLS, SetupPanel
from gui.store import KOMI_BOUND, Settings
from gui.theme import Theme, disc_image
from gui.widgets import Choice, Field, Stepper, TextField

PASSED_ON = {  # keys that do what they do elsewhere; with Ctrl where the second is true
    (pygame.K_k, False): "coordinates",
    (pygame.K_F11, False): "full screen",
    (pygame.K_PLUS, True): "larger",
    (pygame.K_EQUALS, True): "larger",
    (pygame.K_KP_PLUS, True): "larger",
    (pygame.K_MINUS, True): "smaller",
    (pygame.K_KP_MINUS, True): "smaller",
    (pygame.K_0, True): "scale auto",
}


class SetupView(Dialog):
    """Calls ``begin`` with a game that begins with what was set up, or ``back`` where it was given up."""

    whole = True

    def __init__(
        self,
        setup: Setup,
        settings: Settings,
        begin: Callable[[Record], None],
        back: Callable[[], None],
        run: Callable[[str], None],
    ):
        """``run``: an action of the window."""
        super().__init__("Set up a position", [])
        self.setup = setup
        self.child: Dialog | None = None  # in which points are typed
        self.told = ""  # a line until the next step
        self.cursor: int | None = None  # where the arrow keys have gone
        self._settings, self._begin, self._back, self._run = settings, begin, back, run
        self._board: BoardView | None = None
        self._pressing: int | None = None  # the mouse button that paints
        self._leaving = False  # asked once to give up what was set up
        sides = [(color, f"{NAMES[color]} moves") for color in (BLACK, WHITE)]
        self.turn = Choice(sides, setup.now.to_move, self._turn_changed)
        steps = [k / 2 for k in range(-40, 81)]
        self.komi = Stepper(setup.now.komi, steps, "komi", "0123456789.-", self._komi_changed)
        self.panel = SetupPanel(setup, (self.turn, self.komi))
        self._focused: Field | None = None

    # -- what is done ----------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Begin the game, unless something is wrong."""
        problem = self._problem()
        if problem:
            self.told = problem
            return
        self.closed = True
        self._begin(self.setup.record())

    def cancel(self) -> None:
        """Back to the game; what was set up is only given up when that was asked twice."""
        if self.setup.can_undo and not self._leaving:
            self._leaving = True
            self.told = "Once more gives up what you have set up, and goes back to the game"
            return
        self.closed = True
        self._back()

    def do(self, name: str) -> None:
        """A button, or its key."""
        if name == "done":
            self.submit()
            return
        if name == "cancel":
            self.cancel()
            return
        self._leaving, self.told = False, ""
        if name in TOOLS:
            self.setup.tool = name
        elif name == "undo":
            self.setup.undo()
        elif name == "redo":
            self.setup.redo()
        elif name == "empty":
            self.setup.clear()
        elif name == "turn":
            self.setup.turn(opposite(self.setup.now.to_move))
        elif name == "type":
            self._end_paint()  # the button goes up over the dialog
            field = TextField("", limit=200)
            text = f"One or more, such as D4 E5. {self.setup.size}×{self.setup.size}."
            self.child = Dialog("Points", [("Points", field)], "Put", lambda: self.setup.type(field.value), text)
        if name in ("undo", "redo", "empty"):
            self.komi.set(self.setup.now.komi)

    def _komi_number(self) -> float | None:
        number = self.komi.number
        return None if number is None or abs(number) >= KOMI_BOUND or (2 * number) % 1 else number

    def _turn_changed(self) -> None:
        self.told, self._leaving = "", False
        self.setup.turn(self.turn.value)

    def _komi_changed(self) -> None:
        self.told, self._leaving = "", False
        number = self._komi_number()
        if number is not None:
            self.setup.set_komi(number)

    def _problem(self) -> str:
        if self._komi_number() is None:
            return f"Komi is a number of points or half points, less than {KOMI_BOUND}"
        return self.setup.problem()

    @property
    def gives_way(self) -> bool:
        return False

    def tell(self, text: str) -> None:
        self.told = text

    # -- drawing ---------------------------------------------------------------------------------------------

    def draw(self, surface: pygame.Surface, theme: Theme, mouse: tuple[int, int]) -> None:
        """The whole window."""
        layout = arrange_setup(*surface.get_size(), theme.scale)
        if self._board is None or self._board.theme is not theme:
            self._board = BoardView(theme)
        board = self._board
        board.place(layout.board, self.setup.size, self._settings.coordinates)
        if self.child is not None:
            mouse = (-1, -1)
        pygame.draw.rect(surface, look.PANEL, layout.menu)
        title = layout.menu.inflate(-theme.px(32), 0)
        if title.height > 0:
            theme.text(surface, self.title, title, 14, bold=True)
        over = board.point_at(*mouse)
        board.draw(surface, self._picture(over if over is not None else self.cursor))
        for point in (p for group in self.setup.trapped() for p in group):
            ring = disc_image(board.diameter * 0.42, look.BAD, max(2.0, board.cell * 0.08))
            surface.blit(ring, ring.get_rect(center=board.center(point)))
        pygame.draw.rect(surface, look.BACKGROUND, layout.status)
        status = layout.status
        if over is None and self.cursor is not None:
            draw_cursor(surface, board, self.cursor)
            status = draw_name(surface, theme, status, self.cursor, self.setup.size)
        self.turn.value = self.setup.now.to_move
        self.panel.draw(surface, theme, layout, mouse, self._pressed, self._focused)
        self.buttons = self.panel.buttons
        draw_told(surface, theme, status, *self._line(mouse))
        if self.child is not None:
            self.child.draw(surface, theme, mouse)

    def _picture(self, ghost: int | None) -> Picture:
        setup, now = self.setup, self.setup.now
        stones = [EMPTY] * len(geometry(setup.size).action)
        for point, color in now.stones.items():
            stones[point] = color
        shadow = None
        if ghost is not None and self.child is None and (color := setup.ghost(ghost)) != EMPTY:
            shadow = (ghost, color)
        return Picture(
            size=setup.size,
            stones=stones,
            ghost=shadow,
            markup=Markup(now.labels, now.shapes),
            coordinates=self._settings.coordinates,
        )

    def _line(self, mouse: tuple[int, int]) -> tuple[str, str]:
        """What the line under the board says, and its kind."""
        problem = self.told or self._problem()
        if problem:
            return problem, "warn"
        under = next((b.action for b in self.buttons if b.area.collidepoint(mouse)), "")
        tool = TOOLS.get(under) or TOOLS[self.setup.tool]
        if under in TOOLS:
            return f"{pygame.key.name(tool.key).upper()}: {tool.told[0].lower()}{tool.told[1:]}", "info"
        return f"{tool.told}. Enter begins the game", "info"

    # -- events ----------------------------------------------------------------------------------------------

    def mouse_down(self, at: tuple[int, int]) -> None:
        """Press a button or a field, or begin to paint."""
        if self.child is not None:
            self.child.mouse_down(at)
            return
        fields = (f for f in (self.turn, self.komi) if f.area.collidepoint(at))
        self._focus_on(next(fields, None))
        self._pressed = next((b.action for b in self.buttons if b.enabled and b.area.collidepoint(at)), self._focused)
        if self._pressed is None:
            self._begin_paint(at, 1, bool(pygame.key.get_mods() & pygame.KMOD_SHIFT))

    def right_button(self, at: tuple[int, int], down: bool) -> None:
        """Paint in the other colour."""
        if self.child is None and down:
            self._begin_paint(at, 3, True)
        elif self._pressing == 3:
            self._end_paint()

    def mouse_move(self, at: tuple[int, int]) -> None:
        """Paint on."""
        if self.child is not None or self._board is None:
            return
        point = self._board.point_at(*at)
        if point is not None:
            self.cursor = None  # the mouse shows the place
            if self._pressing is not None:
                self.setup.drag(point)

    def mouse_up(self, at: tuple[int, int]) -> None:
        """Let a button or a field go, or end a stroke."""
        if self.child is not None:
            self.child.mouse_up(at)
            self._drop_child()
            return
        pressed, self._pressed = self._pressed, None
        if self._pressing == 1:
            self._end_paint()
        elif isinstance(pressed, Field):
            if pressed.area.collidepoint(at):
                self._leaving, self.told = False, ""
                pressed.click(at)
        elif pressed is not None and any(b.action == pressed and b.area.collidepoint(at) for b in self.buttons):
            self.do(pressed)

    def _begin_paint(self, at: tuple[int, int], button: int, other: bool) -> None:
        point = self._board.point_at(*at) if self._board is not None else None
        if point is not None and self._pressing is None:
            self._pressing, self._leaving, self.told = button, False, ""
            self.setup.press(point, other)

    def _end_paint(self) -> None:
        self._pressing = None
        self.setup.release()

    def key_down(self, event: pygame.event.Event) -> None:
        """Keys of the tools; a field that has the focus gets what it uses."""
        if self.child is not None:
            self.child.key_down(event)
            self._drop_child()
            return
        held = control(event.mod)
        shift = bool(event.mod & pygame.KMOD_SHIFT)
        key = event.key
        if key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self.do("done")
        elif key == pygame.K_ESCAPE:
            self.do("cancel")
        elif key == pygame.K_TAB:
            order: tuple[Field | None, ...] = (None, self.turn, self.komi)
            self._focus_on(order[(order.index(self._focused) + (-1 if shift else 1)) % len(order)])
        elif held and key in (pygame.K_z, pygame.K_y, pygame.K_g):
            self.do("type" if key == pygame.K_g else "redo" if key == pygame.K_y or shift else "undo")
        elif (key, held) in PASSED_ON:
            self._run(PASSED_ON[key, held])
        elif held:
            return
        elif self._focused is not None:
            self._focused.key(event)
        elif key in ARROWS:
            self._walk_board(key)
        elif key == pygame.K_SPACE:
            self.told, self._leaving = "", False
            self.setup.put(self._cursor(), shift)
        elif key == pygame.K_n:
            self.do("turn")
        elif key in BY_KEY:
            self.do(BY_KEY[key])

    def typed(self, text: str) -> None:
        """Text for the komi, or for the points that are typed."""
        target = self.child if self.child is not None else self._focused
        if target is not None:
            target.typed(text)

    def _drop_child(self) -> None:
        if self.child is not None and self.child.closed:
            self.child = None

    def _focus_on(self, field: Field | None) -> None:
        if field is not self._focused:
            for one, focus in ((self._focused, False), (field, True)):
                if one is not None:
                    one.focused(focus)
            self._focused = field

    def _cursor(self) -> int:
        return middle(self.setup.size) if self.cursor is None else self.cursor

    def _walk_board(self, arrow: int) -> None:
        """From the middle, where the keys begin."""
        self.cursor = self._cursor() if self.cursor is None else stepped(self.cursor, arrow, self.setup.size)
