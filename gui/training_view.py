"""The dialog that shows a training run: what it is doing, its curves, what happened, and its games to be opened.

It reads on every few seconds while it is open; what it shows comes from :mod:`gui.training`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pygame

from gui import theme as look
from gui.browser import FileList
from gui.dialogs import Dialog
from gui.folder import Entry, shown_name, typed_path
from gui.plots import Plot, draw_plot
from gui.summary import Summary, summary_of
from gui.theme import Theme
from gui.training import LOG, Training, is_run
from gui.widgets import Button, TextField

EVERY = 5.0  # seconds between two looks into the folder
WIDEST, HIGHEST = 1280, 920  # design units
WIDE = 620  # of the inside: from here on the games stand beside the curves
CELL, CELL_WIDE = 38, 112  # a fact
HEADING = 20
EVENT = 18  # a line of an event
MOST_LINES = 3  # of an event
STATES = {"good": look.GOOD, "info": look.MUTED, "error": look.BAD}
KINDS = {"info": look.MUTED, "warn": look.WARN, "measured": look.TEXT}


class GameList(FileList):
    """The games of a run, the newest first. A click opens."""

    def update(self, entries: list[Entry], folder: Path, told: str) -> None:
        """Other entries; what is selected and in sight stays so, but for a list that is at its top."""
        summaries, marked, top = self._summaries, self.current, self.entries[self.first : self.first + 1]
        scrolled = top[0].name if top and self.first else ""
        self.show(entries, folder, True, told)
        names = {entry.name: i for i, entry in enumerate(entries)}
        self._summaries = {name: found for name, found in summaries.items() if name in names}
        self.selected = names.get(marked.name) if marked else None
        self.first = names.get(scrolled, 0)

    def _draw_game(self, surface: pygame.Surface, theme: Theme, entry: Entry, area: pygame.Rect) -> None:
        """A game by what its file says; only those in sight are read."""
        if entry.name not in self._summaries:
            self._summaries[entry.name] = summary_of(self.folder / entry.name)
        game = self._summaries[entry.name]
        right = area.right
        for text, width, bold in reversed(_columns(game)):
            place = pygame.Rect(0, area.top, theme.px(width), area.height)
            place.right = right
            theme.text(surface, text, place, 13, look.TEXT if bold else look.MUTED, bold, "right")
            right = place.left - theme.px(6)
        name = pygame.Rect(area.left, area.top, max(0, right - area.left), area.height)
        theme.text(surface, game_name(entry.name), name, 13)

    def pick(self, at: tuple[int, int]) -> None:
        """Opens the game."""
        index = next((i for i, area in self._rows() if area.collidepoint(at)), None)
        if index is not None:
            self.select(index)
            self.enter()


def _columns(game: Summary | None) -> list[tuple[str, int, bool]]:
    """(text, width in design units, whether it is bold) beside a game's name."""
    if game is None:
        return [("no game", 60, False)]
    return [(game.size, 44, False), (f"{game.moves} moves", 74, False), (game.result, 58, True)]


def game_name(name: str) -> str:
    """A file's name for the list: the number of a run's game, else without its ending."""
    stem = shown_name(name.removesuffix(".sgf"))
    number = stem.partition("-")[0]
    return f"{int(number):,}" if number.isascii() and number.isdigit() and len(number) < 16 else stem


class TrainingDialog(Dialog):
    """``use`` opens a file on the board and returns what is wrong with it; ``ask`` asks for another run's folder."""

    def __init__(self, folder: Path, use: Callable[[Path], str | None], ask: Callable[[], None]):
        self.run = Training(folder)
        self.use, self.ask = use, ask
        self.list = GameList(lambda: None, self.submit)
        super().__init__("Training", [("", self.list)], "Open game", cancel_label="Close")
        self._pictures: dict[str, tuple[tuple[int, int, int, float], pygame.Surface]] = {}
        self._boxes: list[pygame.Rect] = []
        self._facts = self._told = self._games = pygame.Rect(0, 0, 0, 0)
        self._next = 0.0
        self.tick()

    # -- what is new -----------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self.run.behind

    @property
    def patience(self) -> float:
        return max(0.0, self._next - time.monotonic())

    def tick(self) -> bool:
        if self.patience and not self.run.behind:
            return False
        self.run.refresh()
        games = self.run.games
        if games != self.list.entries or not games:
            self.list.update(games, self.run.games_folder, "" if games else "No games as SGF here")
        self._next = time.monotonic() + EVERY
        return True

    # -- events ----------------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Opens the game that is marked, or the newest."""
        if not self.list.entries:
            return
        entry = self.list.current or self.list.entries[0]
        self.error = self.use(self.list.folder / entry.name) or ""
        self.closed = not self.error

    def key_down(self, event: pygame.event.Event) -> None:
        if event.key == pygame.K_l:
            self.closed = True
        else:
            super().key_down(event)

    def mouse_up(self, at: tuple[int, int]) -> None:
        pressed = self._pressed
        if pressed == "folder" and self._under(at) == "folder":
            self._pressed = None
            self.ask()
        else:
            super().mouse_up(at)

    # -- where everything goes -------------------------------------------------------------------------------

    def _place(self, window: pygame.Rect, theme: Theme) -> None:
        margin = min(theme.px(24), window.width // 20)
        area = pygame.Rect(0, 0, min(theme.px(WIDEST), window.width - margin), 0)
        area.height = min(theme.px(HIGHEST), window.height - margin)
        area.center = window.center
        self.area = area
        left, width = area.left + theme.px(22), area.width - theme.px(44)
        self._place_buttons(theme, area)
        per_row = max(1, width // theme.px(CELL_WIDE))
        rows = -(-len(self.run.facts()) // per_row)
        rows = min(rows, 1 if area.height < theme.px(480) else 2)
        top = area.top + theme.px(16 + 28 + 24)
        self._facts = pygame.Rect(left, top, width, rows * theme.px(CELL))
        top = self._facts.bottom + theme.px(6)
        bottom = self.buttons[0].area.top - theme.px(10) - (theme.px(24) if self.error else 0)
        rest = pygame.Rect(left, top, width, max(0, bottom - top))
        if width >= theme.px(WIDE):
            self._place_wide(theme, rest)
        else:
            self._place_narrow(theme, rest)
        self.list.area = self._games.copy()
        self.list.area.top += theme.px(HEADING)
        self.list.area.height = max(theme.px(30), self._games.bottom - self.list.area.top)

    def _place_buttons(self, theme: Theme, area: pygame.Rect) -> None:
        wide, high, gap = theme.px(110), theme.px(34), theme.px(10)
        wide = min(wide, (area.width - theme.px(44) - 2 * gap) // 3)
        bottom, right = area.bottom - theme.px(14) - high, area.right - theme.px(22)
        self.buttons = [
            Button("accept", "Open game", pygame.Rect(right - wide, bottom, wide, high), primary=True),
            Button("cancel", "Close", pygame.Rect(right - 2 * wide - gap, bottom, wide, high)),
            Button("folder", "Folder…", pygame.Rect(area.left + theme.px(22), bottom, wide, high)),
        ]
        self.buttons[0].enabled = bool(self.list.entries)

    def _place_wide(self, theme: Theme, rest: pygame.Rect) -> None:
        """Curves over events at the left, the games at the right."""
        gap = theme.px(12)
        column = max(theme.px(270), min(theme.px(340), rest.width * 3 // 10))
        left = pygame.Rect(rest.left, rest.top, rest.width - column - gap, rest.height)
        self._games = pygame.Rect(left.right + gap, rest.top, column, rest.height)
        told = rest.height * 27 // 100 if rest.height >= theme.px(210) else 0
        self._told = pygame.Rect(left.left, left.bottom - told, left.width, told)
        plots = pygame.Rect(left.left, left.top, left.width, left.height - told - (gap if told else 0))
        self._boxes = _grid(plots, 2, 2 if plots.height >= theme.px(170) else 1, theme.px(8))

    def _place_narrow(self, theme: Theme, rest: pygame.Rect) -> None:
        """One below the other, as far as there is room."""
        gap = theme.px(8)
        plots = rest.height * 46 // 100 if rest.height >= theme.px(190) else 0
        told = rest.height * 22 // 100 if rest.height >= theme.px(300) else 0
        top = rest.top
        self._boxes = []
        if plots:
            area = pygame.Rect(rest.left, top, rest.width, plots)
            self._boxes = _grid(area, 2, 2 if plots >= theme.px(170) else 1, theme.px(6))
            top = area.bottom + gap
        self._told = pygame.Rect(rest.left, rest.bottom - told, rest.width, told)
        self._games = pygame.Rect(rest.left, top, rest.width, self._told.top - top - (gap if told else 0))

    # -- drawing ---------------------------------------------------------------------------------------------

    def _draw_body(
        self, surface: pygame.Surface, theme: Theme, inside: pygame.Rect, top: int, mouse: tuple[int, int]
    ) -> None:
        left = inside.left + theme.width(self.title, 18, True) + theme.px(14)
        path = pygame.Rect(left, top - theme.px(28), inside.right - left, theme.px(28))
        theme.text(surface, shown_name(str(self.run.folder)), path, 13, look.MUTED, align="right")
        self._draw_state(surface, theme, pygame.Rect(inside.left, top, inside.width, theme.px(22)))
        self._draw_facts(surface, theme)
        for box, plot in zip(self._boxes, self._plots(), strict=False):
            self._draw_plot(surface, theme, box, plot)
        self._draw_events(surface, theme)
        theme.text(surface, "Newest games", self._heading(theme, self._games), 13, look.MUTED)

    def _heading(self, theme: Theme, area: pygame.Rect) -> pygame.Rect:
        return pygame.Rect(area.left, area.top, area.width, theme.px(HEADING - 2))

    def _draw_state(self, surface: pygame.Surface, theme: Theme, row: pygame.Rect) -> None:
        text, kind = self.run.state()
        theme.disc(surface, (row.left + theme.px(5), row.centery), 4.5 * theme.scale, STATES[kind])
        place = pygame.Rect(row.left + theme.px(16), row.top, row.width - theme.px(16), row.height)
        drawn = theme.text(surface, text, place, 13.5, look.TEXT if kind == "good" else STATES[kind])
        rest = pygame.Rect(drawn.right + theme.px(14), row.top, row.right - drawn.right - theme.px(14), row.height)
        if self.run.damaged and rest.width > 0:
            theme.text(surface, self.run.damaged, rest, 12.5, look.WARN, align="right")

    def _draw_facts(self, surface: pygame.Surface, theme: Theme) -> None:
        facts, area = self.run.facts(), self._facts
        rows = area.height // theme.px(CELL)
        if not facts or not rows:
            return
        columns = max(1, min(area.width // theme.px(CELL_WIDE), -(-len(facts) // rows)))
        for i, (name, text) in enumerate(facts[: rows * columns]):
            row, column = divmod(i, columns)
            cell = pygame.Rect(area.left + column * area.width // columns, area.top + row * theme.px(CELL), 0, 0)
            cell.size = area.width // columns - theme.px(6), theme.px(16)
            theme.text(surface, name, cell, 12, look.MUTED)
            cell.top, cell.height = cell.bottom, theme.px(20)
            theme.text(surface, text, cell, 15, bold=True)

    def _plots(self) -> list[Plot]:
        """In the order in which they find room."""
        curves, rated = self.run.curves, self.run.rated
        ends = [curve.points[-1][0] for curve in curves.values() if curve.points] + [r.minute for r in rated[-1:]]
        end = max(ends, default=0.0)

        def line(title: str, name: str, form: str, color: look.Color) -> Plot:
            curve = curves[name]
            return Plot(title, "" if curve.now is None else format(curve.now, form), curve.points, (), color, end)

        elo = f"{rated[-1].elo:+,.0f}".replace("-", "−") if rated else ""
        if rated and rated[-1].error is not None:
            elo += f" ± {1.96 * rated[-1].error:,.0f}"
        points, errors = [(r.minute, r.elo) for r in rated], [1.96 * (r.error or 0.0) for r in rated]
        return [
            line("Policy loss", "policy", ",.3f", look.ACCENT),
            Plot("Elo above the first network", elo, points, errors, look.GOOD, end, "Elo"),
            line("Value loss", "value", ",.3f", look.ACCENT),
            line("Games a minute", "games", ",.0f", look.WARN),
        ]

    def _draw_plot(self, surface: pygame.Surface, theme: Theme, box: pygame.Rect, plot: Plot) -> None:
        """Drawn once for all pictures of the same data."""
        key = (self.run.version, box.width, box.height, theme.scale)
        found = self._pictures.get(plot.title)
        if found is None or found[0] != key:
            picture = pygame.Surface(box.size)
            picture.fill(look.PANEL)
            draw_plot(picture, theme, picture.get_rect(), plot)
            found = self._pictures[plot.title] = key, picture
        surface.blit(found[1], box)

    def _draw_events(self, surface: pygame.Surface, theme: Theme) -> None:
        """The newest first, as many as there is room for."""
        area, high = self._told, theme.px(EVENT)
        if not area.height:
            return
        theme.text(surface, "What happened", self._heading(theme, area), 13, look.MUTED)
        top, clock = area.top + theme.px(HEADING), theme.width("00:00", 12) + theme.px(8)
        for event in reversed(self.run.events):
            if top + high > area.bottom:
                return
            lines = theme.wrap(event.text, 12.5, False, area.width - clock)[:MOST_LINES]
            theme.text(surface, event.when, pygame.Rect(area.left, top, clock, high), 12, look.FAINT)
            for line in lines[: (area.bottom - top) // high]:
                place = pygame.Rect(area.left + clock, top, area.width - clock, high)
                theme.text(surface, line, place, 12.5, KINDS[event.kind])
                top += high


def _grid(area: pygame.Rect, columns: int, rows: int, gap: int) -> list[pygame.Rect]:
    """Boxes of the same size, row by row."""
    width, height = (area.width - (columns - 1) * gap) // columns, (area.height - (rows - 1) * gap) // rows
    return [
        pygame.Rect(area.left + c * (width + gap), area.top + r * (height + gap), width, height)
        for r in range(rows)
        for c in range(columns)
    ]


class RunDialog(Dialog):
    """Asks for a run's folder; ``use`` is called with one that is."""

    def __init__(self, folder: str, use: Callable[[Path], None]):
        self.field = TextField(folder, limit=4000)

        def accept() -> str | None:
            try:
                path = Path(os.path.abspath(typed_path(self.field.value)))
                there = os.path.isdir(path)
            except ValueError as error:
                return str(error)
            if not there:
                return "There is no such folder"
            if not is_run(path):
                return f"No training run is there: it has no {LOG}"
            use(path)
            return None

        text = "The folder of a training run, as gogame selfplay --run names it."
        super().__init__("Watch a training run", [("Folder", self.field)], "Watch", accept, text, width=620)
