"""Setting up a position, without pygame: stones, marks, who moves next and komi, and the game that begins with them.

A :class:`Setup` begins with a position of a game, which it never changes. What a press begins and a drag goes on with
until the release is one step of undo.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import from_gtp, to_gtp, to_sgf
from gogame.game import Game
from gogame.geometry import PASS, geometry
from gogame.rules import Rules
from gui.markup import SHAPES, markup_of
from gui.record import NAMES, Node, Record, opposite
from gui.session import Session
from gui.store import KOMI_BOUND

BY_PLAYERS = ("PB", "PW", "BR", "WR")  # of a file's facts: the others are of the game that was left
LETTERS = (*string.ascii_uppercase, *string.ascii_lowercase, *map(str, range(1, 626)))
STONES = {"black": BLACK, "white": WHITE}
T = TypeVar("T")
NAMED = 3  # groups without liberties that are told one by one


@dataclass(frozen=True)
class Position:
    """What has been set up. Never changed: each step makes another one."""

    to_move: int
    komi: float
    stones: dict[int, int] = field(default_factory=dict)  # point -> BLACK or WHITE
    shapes: dict[int, str] = field(default_factory=dict)  # point -> "cross", "triangle", "square" or "circle"
    labels: dict[int, str] = field(default_factory=dict)  # a point has a shape or a label


class Setup:
    """A position that is being set up. ``tool``: "black", "white", "turns" (a stone of the side to move), "erase",
    "letter", or a shape of :data:`gui.markup.SHAPES`."""

    def __init__(self, record: Record, node: Node, game: Game):
        """Begin with the position of ``node``, reached by ``game``. The komi takes over what White has for handicap
        stones and, where territory counts, for prisoners: neither is in a game that begins here."""
        self.size, self.tool = record.size, "black"
        self._of = record
        color = game.board.color
        stones = {p: int(color[p]) for p in map(int, geometry(self.size).points) if color[p] != EMPTY}
        komi = game.komi
        if record.rules.scoring == "territory":
            komi += game.captures(WHITE) - game.captures(BLACK)
        if abs(komi) >= KOMI_BOUND:
            komi = record.rules.komi
        marks = markup_of(node, self.size)
        self.now = self._first = Position(game.to_move, komi, stones, dict(marks.shapes), dict(marks.labels))
        self._trapped: tuple[dict[int, int] | None, list[list[int]]] = (None, [])  # of these stones
        self._undone: list[Position] = []  # the next one is the last
        self._done: list[Position] = []
        self._before: Position | None = None  # the one that a press has found
        self._paint: Callable[[Position, int], Position] | None = None
        self._komi_only = False  # the last step has changed nothing but the komi

    # -- stones and marks ------------------------------------------------------------------------------------

    def press(self, point: int, other: bool = False) -> None:
        """Use the tool; ``other``: for the other colour, or to take off what is there. A stone of the tool's colour, or
        a mark of its shape, is taken off."""
        self.release()
        self._before, self._paint = self.now, self._brush(point, other)
        self.drag(point)

    def drag(self, point: int) -> None:
        """The press goes on over another point."""
        if self._paint is not None:
            self.now = self._paint(self.now, point)

    def release(self) -> None:
        """The press is over."""
        before, self._before, self._paint = self._before, None, None
        if before is not None and before != self.now:
            self._note(before)

    def put(self, point: int, other: bool = False) -> None:
        """Press and release."""
        self.press(point, other)
        self.release()

    def type(self, text: str) -> str | None:
        """Use the tool on points such as "D4 E5"; returns what is wrong, and then nothing is done."""
        try:
            points = [from_gtp(word, self.size) for word in text.replace(",", " ").split()]
        except ValueError as error:
            return str(error)
        if not points or PASS in points:
            return "Points such as D4 E5"
        for point in points:
            self.put(point)
        return None

    def ghost(self, point: int) -> int:
        """The colour of the stone that the tool would put on a free point; EMPTY for none."""
        color = self.now.to_move if self.tool == "turns" else STONES.get(self.tool, EMPTY)
        return EMPTY if point in self.now.stones else color

    def _brush(self, point: int, other: bool) -> Callable[[Position, int], Position]:
        """What the tool does to each point, where it is put to ``point`` first."""
        now, tool = self.now, self.tool
        color = now.to_move if tool == "turns" else STONES.get(tool, EMPTY)
        if color:
            if other:
                color = opposite(color)
            there = now.stones.get(point, EMPTY)
            if there == color or (there and tool == "turns"):
                return lambda at, p: replace(at, stones=_less(at.stones, p))
            if tool == "turns" and not other:
                return self._turn_about
            return lambda at, p: replace(at, stones={**at.stones, p: color})
        if tool == "erase" or other:
            return _erased
        if tool == "letter":
            if point in now.labels:
                return lambda at, p: replace(at, labels=_less(at.labels, p))
            return _lettered
        if now.shapes.get(point) == tool:
            return lambda at, p: replace(at, shapes=_less(at.shapes, p))
        return lambda at, p: replace(at, shapes={**at.shapes, p: tool}, labels=_less(at.labels, p))

    def _turn_about(self, at: Position, point: int) -> Position:
        if point in at.stones:
            return at
        return replace(at, stones={**at.stones, point: at.to_move}, to_move=opposite(at.to_move))

    # -- the rest of the position ----------------------------------------------------------------------------

    def clear(self) -> None:
        """The empty board: Black is to move, and the komi is the game's own unless it was changed here."""
        komi = self._of.rules.komi if self.now.komi == self._first.komi else self.now.komi
        self._step(Position(BLACK, komi))

    def turn(self, color: int) -> None:
        """This side moves next."""
        self._step(replace(self.now, to_move=color))

    def set_komi(self, komi: float) -> None:
        """White's points. Digits that are typed one after the other are one step of undo."""
        if komi != self.now.komi:
            self.release()
        before = self.now
        self.now = replace(before, komi=komi)
        if before != self.now and not self._komi_only:
            self._note(before)
            self._komi_only = True

    def _step(self, position: Position) -> None:
        self.release()
        before, self.now = self.now, position
        if before != position:
            self._note(before)

    # -- what is to be seen, undo ------------------------------------------------------------------------------

    @property
    def rules(self) -> Rules:
        """Of the game that is to begin, but for the komi."""
        return self._of.rules

    @property
    def can_undo(self) -> bool:
        """Something has been changed."""
        return bool(self._done) or (self._before is not None and self._before != self.now)

    @property
    def can_redo(self) -> bool:
        """A step was taken back, and nothing has been changed since."""
        return bool(self._undone)

    def undo(self) -> None:
        """Take the last step back."""
        self._swap(self._done, self._undone)

    def redo(self) -> None:
        """Do the step again that was taken back."""
        self._swap(self._undone, self._done)

    def _swap(self, come_from: list[Position], go_to: list[Position]) -> None:
        self.release()
        if come_from:
            go_to.append(self.now)
            self.now = come_from.pop()
            self._komi_only = False

    def _note(self, before: Position) -> None:
        self._done.append(before)
        self._undone.clear()
        self._komi_only = False

    # -- what becomes of it ----------------------------------------------------------------------------------

    def trapped(self) -> list[list[int]]:
        """The groups without liberties, each by its points."""
        if self._trapped[0] is not self.now.stones:  # once for each position: pictures ask again and again
            self._trapped = self.now.stones, self._find_trapped()
        return self._trapped[1]

    def _find_trapped(self) -> list[list[int]]:
        neighbors, action = geometry(self.size).neighbors, geometry(self.size).action
        stones, seen = self.now.stones, set[int]()
        groups = []
        for start in sorted(stones):
            if start in seen:
                continue
            group, todo, free = [], [start], False
            seen.add(start)
            while todo:
                here = todo.pop()
                group.append(here)
                for near in map(int, neighbors[here]):
                    if action[near] < 0:
                        continue
                    free = free or near not in stones
                    if near not in seen and stones.get(near) == stones[start]:
                        seen.add(near)
                        todo.append(near)
            if not free:
                groups.append(sorted(group))
        return groups

    def problem(self) -> str:
        """Why no game can begin here; empty where one can."""
        groups = self.trapped()
        if not groups:
            return ""
        if len(groups) > NAMED:
            return f"{len(groups)} groups have no liberties: they have red rings, and cannot stay so"
        told = []
        for group in groups:
            what = f"{NAMES[self.now.stones[group[0]]]} {to_gtp(group[0], self.size)}"
            told.append(f"{what} and {len(group) - 1} more" if len(group) > 1 else what)
        return f"No liberties (red rings): {', '.join(told)}. They cannot stay so"

    def record(self) -> Record:
        """A game that begins with the position: under the same rules, with the same clock and names. Handicap stones
        are what they were where nothing was changed of them. Raises ValueError where there is a problem."""
        problem = self.problem()
        if problem:
            raise ValueError(problem)
        now, of = self.now, self._of
        black, white = (tuple(sorted(p for p, c in now.stones.items() if c == color)) for color in (BLACK, WHITE))
        handicap = of.handicap if of.handicap and not white and now.to_move == WHITE else 0
        if sorted(of.black) != list(black) or abs(now.komi - of.rules.bonus(handicap)) >= KOMI_BOUND:
            handicap = 0
        rules = of.rules.replace(komi=now.komi - of.rules.bonus(handicap))
        info = {name: text for name, text in of.info.items() if name in BY_PLAYERS}
        record = Record(self.size, rules, handicap, black, white, now.to_move, info)
        record.time = of.time
        record.root.kept = self._marks() or None
        return record

    def _marks(self) -> dict[str, bytes]:
        """As a node keeps them."""
        kept: dict[str, bytes] = {}
        for name, shape in SHAPES.items():
            points = sorted(p for p, s in self.now.shapes.items() if s == shape)
            if points and shape not in map(SHAPES.get, kept):
                kept[name] = "][".join(to_sgf(p, self.size) for p in points).encode()
        if self.now.labels:
            labels = (f"{to_sgf(p, self.size)}:{_escaped(text)}" for p, text in sorted(self.now.labels.items()))
            kept["LB"] = "][".join(labels).encode("utf-8", "surrogateescape")
        return kept


def hold(session: Session) -> Callable[[], None]:
    """Keep a game as it is while a position is set up: the engine does not move. Returns what lets it go on."""
    asked = session.busy_with == "move"
    if asked:
        session.question.drop()

    def go_on() -> None:
        session.begin()
        if asked and session.busy_with != "move":  # for a person, who had asked for it
            shown = session.shown
            session.engine_move()  # looks at the game
            session.go_to(shown)

    return go_on


def begin_with(session: Session, record: Record) -> None:
    """Play on from a position that was set up, and keep it. Nothing moves before the person does, or says so."""
    session.load(record)
    session.paused = True
    session.begin()
    session.on_save(session)
    name = NAMES[record.first]
    if session.engine_turn():
        session.say(f"{name} is the engine's: Enter lets it move. A, H and T ask it first")
    else:
        session.say(f"The game begins here: {name} to move. A, H and T ask the engine")


def _less(marks: dict[int, T], point: int) -> dict[int, T]:
    return {p: what for p, what in marks.items() if p != point}


def _erased(at: Position, point: int) -> Position:
    return replace(at, stones=_less(at.stones, point), shapes=_less(at.shapes, point), labels=_less(at.labels, point))


def _lettered(at: Position, point: int) -> Position:
    """The next letter that is free."""
    if point in at.labels:
        return at
    used = set(at.labels.values())
    letter = next(letter for letter in LETTERS if letter not in used)
    return replace(at, labels={**at.labels, point: letter}, shapes=_less(at.shapes, point))


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\]:" else c for c in text)
