"""The dialog that opens and saves files: places, the folder, and a field for a name or a path."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pygame

from gui import theme as look
from gui.dialogs import Dialog
from gui.folder import UP, Entry, Folder, is_path, shown_name, shown_size, shown_time, typed_path
from gui.scroll_bar import Scrolled
from gui.summary import Summary, summary_of
from gui.theme import Theme
from gui.widgets import Choice, Field, TextField

ROW = 25  # design units
TWICE = 400  # ms between the clicks of a double click
BAR = 14  # pixels
KEYS = (pygame.K_UP, pygame.K_DOWN, pygame.K_PAGEUP, pygame.K_PAGEDOWN)


class FileList(Scrolled):
    """The entries of a folder. ``choose`` is called when another one is selected, ``enter`` for one that is to be
    opened."""

    def __init__(self, choose: Callable[[], None], enter: Callable[[], None]):
        super().__init__(choose)
        self.enter = enter
        self.show([], Path(), False, "")

    def show(self, entries: list[Entry], folder: Path, past: bool, told: str) -> None:
        """Show other entries, with what is to be told below them. ``past``: each file is a past game's."""
        self.entries, self.folder, self.past, self.told = entries, folder, past, told
        self.selected: int | None = None
        self.first = 0
        self.row = getattr(self, "row", ROW)
        self._summaries: dict[str, Summary | None] = {}
        self._clicked: tuple[str, int] | None = None  # (name, time of the last click)

    @property
    def current(self) -> Entry | None:
        return self.entries[self.selected] if self.selected is not None else None

    def select(self, index: int) -> None:
        """Select an entry, and bring it into sight."""
        if self.entries:
            self.selected = max(0, min(index, len(self.entries) - 1))
            self.first = max(min(self.first, self.selected), self.selected - self._room() + 1)

    def select_name(self, name: str) -> bool:
        """Select the entry of that name; False where there is none."""
        for index, entry in enumerate(self.entries):
            if entry.name == name:
                self.select(index)
                return True
        return False

    def _room(self) -> int:
        """Rows that are in sight."""
        return max(1, (self.area.height - 8) // self.row)

    def _bar_width(self) -> int:
        """Of the bar at the right; 0 where all is in sight."""
        return BAR if len(self.entries) > self._room() else 0

    def _rows(self) -> list[tuple[int, pygame.Rect]]:
        """(index, area) of what is in sight."""
        left, width = self.area.left + 4, self.area.width - 8 - self._bar_width()
        shown = range(self.first, min(len(self.entries), self.first + self._room()))
        return [(i, pygame.Rect(left, self.area.top + 4 + (i - self.first) * self.row, width, self.row)) for i in shown]

    def extent(self) -> tuple[int, int]:
        return self._room(), len(self.entries)

    # -- drawing ---------------------------------------------------------------------------------------------

    def draw(self, surface: pygame.Surface, theme: Theme, focus: bool, mouse: tuple[int, int]) -> None:
        self.row = theme.px(ROW)
        self.scroll(0)
        self._outline(surface, theme, focus)
        for index, area in self._rows():
            if index == self.selected:
                theme.panel(surface, area, look.ACCENT_DARK if focus else look.CARD_ACTIVE, radius=5)
            elif area.collidepoint(mouse):
                theme.panel(surface, area, look.CARD, radius=5)
            self._draw_entry(surface, theme, self.entries[index], area.inflate(-theme.px(14), 0))
        if self.told:
            below = pygame.Rect(self.area.left, self.area.top + 4 + len(self._rows()) * self.row, 0, self.row)
            below.width, below.bottom = self.area.width, min(below.bottom, self.area.bottom - 2)
            theme.panel(surface, below.inflate(-8, 0), look.BACKGROUND, radius=2)
            theme.text(surface, self.told, below.inflate(-theme.px(22), 0), 13, look.MUTED)
        bar = pygame.Rect(self.area.right - 4 - BAR, self.area.top + 4, BAR, self.area.height - 8)
        self.draw_bar(surface, theme, bar, mouse)

    def _draw_entry(self, surface: pygame.Surface, theme: Theme, entry: Entry, area: pygame.Rect) -> None:
        if entry.is_folder:
            icon = pygame.Rect(area.left, area.centery - theme.px(5), theme.px(13), theme.px(10))
            if entry.name == UP:
                theme.triangle(surface, icon.inflate(-theme.px(3), -theme.px(3)), "up", look.MUTED)
            else:
                theme.panel(surface, pygame.Rect(icon.left, icon.top - 2, icon.width // 2, 5), look.DIM, radius=1.5)
                theme.panel(surface, icon, look.DIM, radius=2)
            area = area.move(theme.px(20), 0)
            area.width -= theme.px(20)
            theme.text(surface, "the folder above" if entry.name == UP else shown_name(entry.name), area, 13.5)
            return
        if self.past:
            self._draw_game(surface, theme, entry, area)
            return
        columns = [(shown_size(entry.size), 66, look.MUTED), (shown_time(entry.when), 116, look.MUTED)]
        if entry.when is None:
            columns = [("unreadable", 84, look.FAINT)]
        _columns(surface, theme, [(shown_name(entry.name), 0, look.TEXT), *columns], area)

    def _draw_game(self, surface: pygame.Surface, theme: Theme, entry: Entry, area: pygame.Rect) -> None:
        """A file by what it says; only the files in sight are read."""
        if entry.name not in self._summaries:
            self._summaries[entry.name] = summary_of(self.folder / entry.name)
        game = self._summaries[entry.name]
        if game is None:
            _columns(surface, theme, [(shown_name(entry.name), 0, look.FAINT), ("no game", 66, look.FAINT)], area)
            return
        changed = shown_time(entry.when)
        date = changed if not game.date or changed.startswith(game.date) else game.date
        told = f"{game.moves} move{'s' * (game.moves != '1')}"
        columns = [(date, 116, look.MUTED), (game.size, 46, look.MUTED), (game.players, 0, look.TEXT)]
        _columns(surface, theme, [*columns, (game.result, 60, look.TEXT), (told, 76, look.MUTED)], area)

    # -- events ----------------------------------------------------------------------------------------------

    def pick(self, at: tuple[int, int]) -> None:
        """Selects; the second time in a row opens."""
        index = next((i for i, area in self._rows() if area.collidepoint(at)), None)
        if index is None:
            return
        before, now = self._clicked, pygame.time.get_ticks()
        name = self.entries[index].name
        self.select(index)
        self.changed()
        self._clicked = (name, now)
        if before is not None and before[0] == name and now - before[1] <= TWICE:
            self._clicked = None
            self.enter()

    def key(self, event: pygame.event.Event) -> bool:
        here, page = self.selected, max(1, self._room() - 1)
        match event.key:
            case pygame.K_UP:
                self.select(here - 1 if here is not None else 0)
            case pygame.K_DOWN:
                self.select(here + 1 if here is not None else 0)
            case pygame.K_PAGEUP:
                self.select((here or 0) - page)
            case pygame.K_PAGEDOWN:
                self.select((here or 0) + page)
            case pygame.K_HOME:
                self.select(0)
            case pygame.K_END:
                self.select(len(self.entries) - 1)
            case _:
                return False
        self.changed()
        return True


def _columns(
    surface: pygame.Surface, theme: Theme, columns: list[tuple[str, int, look.Color]], area: pygame.Rect
) -> None:
    """Texts beside each other: (text, width in design units, colour); 0 wide: what is left."""
    rest = max(0, area.width - sum(theme.px(width + 8) for _, width, _ in columns if width))
    left, named = area.left, False
    for text, width, color in columns:
        place = pygame.Rect(left, area.top, theme.px(width) if width else rest, area.height)
        theme.text(surface, text, place, 13, color, align="right" if named and width else "left")
        named = named or not width  # numbers stand at the right of the name
        left = place.right + theme.px(8)


class Places(Choice):
    """Folders to go to: ``value`` is the one that is shown, or none of them."""

    def key(self, event: pygame.event.Event) -> bool:
        if self.value not in [value for value, _ in self.options]:
            self.value = self.options[0 if event.key == pygame.K_LEFT else -1][0]
        return super().key(event)


class FileDialog(Dialog):
    """Calls ``use`` with the file that was chosen, ``went`` with every folder that is gone to."""

    def __init__(
        self,
        title: str,
        accept_label: str,
        use: Callable[[Path], str | None],
        folder: Path,
        places: list[tuple[Path, str]],
        past: Path,
        went: Callable[[Path], None],
        name: str | None = None,
    ):
        """``past``: the folder of past games; ``name``: of a file to be saved, None to open one."""
        self.use, self.went, self.past = use, went, Path(os.path.abspath(past))
        self.saves, self.name = name is not None, name or ""
        self.field = TextField(self.name, limit=1000, on_change=self._filter)
        self.list = FileList(self._selected, self._enter)
        self.places = Places([(Path(os.path.abspath(path)), label) for path, label in places], None, self._to_place)
        rows: list[tuple[str, Field]] = [("File", self.field), ("", self.list)]
        super().__init__(title, [*rows, ("", self.places)] if places else rows, accept_label, width=720)
        self._picked = self.name or None  # a file's name as it is, that stands in the field
        self.go(folder)

    @property
    def busy(self) -> bool:
        return self.folder.reading

    @property
    def gives_way(self) -> bool:
        return not self.saves

    def go(self, path: Path, came_from: str = "") -> None:
        """Show a folder."""
        self.folder = Folder(path)
        self._came_from = came_from
        self.error = ""
        self.places.value = self.folder.path
        if not self.saves or is_path(self.field.value):
            self.field.value = self.name
        self.field.focused(self.focus == 0)
        self.went(self.folder.path)
        self._read()

    def _read(self) -> None:
        self.folder.read()
        self._filter()
        if not self.folder.reading and self._came_from:
            self.list.select_name(self._came_from)

    def _filter(self) -> None:
        """Show what fits to the text: all of it where that is a path, or a name for a new file that was not changed."""
        folder, text = self.folder, self.field.value.strip()
        if folder.reading:
            self.list.show([], folder.path, False, f"Reading the folder: {folder.seen} names")
            return
        wanted = "" if is_path(text) or self.field.value == self.name else text
        entries = folder.matching(wanted, folders=self.saves)
        files = any(not entry.is_folder for entry in entries)
        told = folder.problem
        if not told and not files and not (self.saves and wanted):
            told = "No SGF files here" + (" with such a name" if wanted else "")
        self.list.show(entries, folder.path, folder.path == self.past, told)
        if wanted and not self.saves and not self.list.select_name(wanted):
            fits = [entry for entry in entries if entry.name != UP]
            if fits:
                self.list.select_name(fits[0].name)

    def _selected(self) -> None:
        """Another entry is selected."""
        entry = self.list.current
        self.error = ""
        if self.saves and entry is not None and not entry.is_folder:
            self.field.value = self._picked = entry.name
            self.field.cursor = len(entry.name)

    def _enter(self) -> None:
        """Open what is selected."""
        entry = self.list.current
        if entry is None or not entry.is_folder:
            self.submit()
        elif entry.name == UP:
            self._up()
        else:
            self.go(self.folder.path / entry.name)

    def _up(self) -> None:
        self.go(self.folder.path.parent, self.folder.path.name)

    def _to_place(self) -> None:
        self.go(self.places.value)

    def submit(self) -> None:
        """Open or save the file, or go to the folder, that is selected or typed."""
        entry = None if self.saves else self.list.current
        if entry is not None and entry.is_folder:
            self._enter()
            return
        try:
            path = self.folder.path / (entry.name if entry is not None else self._typed())
        except ValueError as error:
            self.error = str(error)
            return
        if os.path.isdir(path):
            self.go(path)
            return
        self.error = self.use(path) or ""
        self.closed = not self.error

    def _typed(self) -> Path:
        """Raises ValueError for what is no path."""
        text = self.field.value
        return Path(text) if text == self._picked else typed_path(text)

    # -- events ----------------------------------------------------------------------------------------------

    def key_down(self, event: pygame.event.Event) -> None:
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER) and self.rows[self.focus][1] is self.list:
            self._enter()
        elif event.key in KEYS:
            self.list.key(event)
        elif event.key == pygame.K_BACKSPACE and self.rows[self.focus][1] is self.list:
            self._up()
        else:
            super().key_down(event)

    def typed(self, text: str) -> None:
        self._focus(0)  # wherever one is: typing is for the field
        super().typed(text)

    def _walk(self, step: int) -> None:
        super()._walk(step)
        files = self.list
        if self.rows[self.focus][1] is files and files.selected is None:
            files.select(1 if files.entries and files.entries[0].name == UP else 0)

    # -- drawing ---------------------------------------------------------------------------------------------

    def draw(self, surface: pygame.Surface, theme: Theme, mouse: tuple[int, int]) -> None:
        super().draw(surface, theme, mouse)
        if not self.field.value:
            inside = self.field.area.inflate(-theme.px(24), 0)
            theme.text(surface, "A part of a name, or a path", inside, 14, look.FAINT)

    def _draw_body(
        self, surface: pygame.Surface, theme: Theme, inside: pygame.Rect, top: int, mouse: tuple[int, int]
    ) -> None:
        if self.folder.reading:
            self._read()
        line = pygame.Rect(inside.left, self.list.area.top - theme.px(26), inside.width, theme.px(24))
        theme.text(surface, _end_of(shown_name(str(self.folder.path)), theme, line.width), line, 13, look.MUTED)

    def _place(self, window: pygame.Rect, theme: Theme) -> None:
        super()._place(window, theme)
        height = min(theme.px(620), window.height - 8)
        self.area.height = height
        self.area.center = window.center
        self.area.top = max(4, self.area.top)
        left, width = self.area.left + theme.px(22), self.area.width - theme.px(44)
        top = self.area.top + theme.px(16 + 28 + 6)
        if self.places.options:
            self.places.area = pygame.Rect(left, top, width, theme.px(30))
            top += theme.px(34)
        for button in self.buttons:
            button.area.bottom = self.area.bottom - theme.px(16)
        bottom = self.area.bottom - theme.px(16 + 36 + 10) - (theme.px(26) if self.error else 0)
        labels = theme.px(52)
        self.field.area = pygame.Rect(left + labels, bottom - theme.px(34), width - labels, theme.px(34))
        top += theme.px(26)
        self.list.area = pygame.Rect(left, top, width, max(theme.px(ROW) + 8, self.field.area.top - theme.px(8) - top))


def _end_of(path: str, theme: Theme, room: int) -> str:
    """A path, its beginning left out where there is no room for it."""
    if theme.width(path, 13) <= room:
        return path
    short = path
    while os.sep in short[1:] and theme.width("…" + short, 13) > room:
        short = short[short.index(os.sep, 1) :]
    return "…" + short
