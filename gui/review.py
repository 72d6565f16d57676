"""Looking at a game: which position is shown, and what the engine says of it. Nothing here changes the game.

``live`` is the position that is being played, ``shown`` the one that is looked at.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any

from gogame.game import Game
from gui.findings import Findings, better_text, unexplained
from gui.mistakes import is_mistake, loss_of, loss_text, move_text, tally_text
from gui.question import Link, Question
from gui.record import Node, Record
from gui.store import Settings

LOOKS = ("hint", "estimate", "analysis")  # questions about the position shown
UNASKED = ("analysis", "game")  # that go on by themselves, and give way to every other
ANALYSIS_VISITS = 5000  # after which the position shown is searched no further
WALK_VISITS = (100, 400)  # of each position of a game: the engine's for a move, but no fewer and no more than these


@dataclass
class Walk:
    """The analysis of a whole game. Its positions are searched one after the other, from the first one."""

    line: list[Node]  # of the whole game
    visits: int  # of each
    todo: list[Node]  # the one that is being searched first
    done: list[Node] = field(default_factory=list)  # searched by this walk


class Review(Findings):
    """The half of a :class:`gui.session.Session` that looks and asks; that one plays."""

    def __init__(self, link: Link, settings: Settings):
        self.link = link
        self.settings = settings
        self.question = Question(link)
        self.analysing = False  # the position shown is searched whenever nothing else is asked
        self.recalling, self.networks_shown = True, False
        self.walk: Walk | None = None
        self.changes = 0  # of the game, so far

    def _open(self, record: Record, live: Node) -> None:
        """Another game is looked at."""
        self.question.drop()
        self.question.noted = False
        self.walk = None
        self.recalling = True
        self.record = record
        self._set_live(live)

    def _set_live(self, node: Node) -> None:
        """Another position is played on, and shown."""
        self.live = self.shown = node
        self.game: Game = self.record.game_at(node)
        self._shown_game = self.game
        self._clear_looks()
        self.say("")

    # -- what is to be seen ----------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        return self.record.size

    @property
    def reviewing(self) -> bool:
        """A past position, or one off the game, is shown."""
        return self.shown is not self.live

    @property
    def shown_game(self) -> Game:
        return self._shown_game

    @property
    def thinking(self) -> bool:
        return self.question.kind != ""

    @property
    def busy_with(self) -> str:
        """The kind of the open question: "move", "hint", "estimate", "score", "analysis" (of the position shown) or
        "game" (of a position of the walk); empty without one."""
        return self.question.kind

    @property
    def free(self) -> bool:
        """Nobody waits for the engine."""
        return self.busy_with in ("", *UNASKED)

    @property
    def estimates_hidden(self) -> bool:
        """In a game of a person against the engine its view is not told before the end, if that was chosen, unless it
        is asked for."""
        playing = self.phase != "over" and {self.settings.black, self.settings.white} == {"human", "engine"}
        asked = self.analysing or self.walk or self._asked_for or self.ownership or self.busy_with in LOOKS
        return playing and not self.settings.estimates and not asked

    @abstractmethod
    def enabled(self, action: str) -> bool:
        """Whether a button or menu line does anything now."""

    def say(self, text: str, kind: str = "info") -> None:
        """Put a line into the status line until the next action."""
        self.message: tuple[str, str] = (text, kind)
        self.telling = self.telling and not text

    # -- another position ------------------------------------------------------------------------------------

    def go(self, steps: int) -> None:
        """Look ``steps`` moves on along the line shown, or back, as far as it goes."""
        self.go_number(self.shown.number + steps)

    def go_number(self, number: int) -> None:
        """Look at a move number of the line shown."""
        line = self.line()
        self.go_to(line[max(0, min(number, len(line) - 1))])

    def go_to(self, node: Node) -> None:
        """Look at a position. The game itself is not touched."""
        if node is self.shown:
            return
        if self.busy_with in LOOKS:
            self.question.drop()
            self.keep()
        self.shown = node
        self._shown_game = self.game if node is self.live else self.record.game_at(node)
        self._clear_looks()
        self.say("")
        if not self.reviewing:
            self._back_at_the_game()
        self._look_on()

    @abstractmethod
    def _back_at_the_game(self) -> None:
        """The position that is being played is looked at again."""

    def line(self) -> list[Node]:
        """The nodes of the line shown: through the live position as long as that is on it."""
        path = self.live.path()
        if self.shown in path or self.shown is self.record.root:
            return [self.record.root, *path, *self.live.line()[len(path) :]]
        return [self.record.root, *self.shown.line()]

    def siblings(self) -> list[Node]:
        """What was played in place of the move shown, itself included, in the order of the tree."""
        return self.shown.parent.children if self.shown.parent is not None else [self.shown]

    def variation(self, step: int) -> None:
        """Look at the next move that was played in place of the one shown, or the one before."""
        siblings = self.siblings()
        self.go_to(siblings[(siblings.index(self.shown) + step) % len(siblings)])

    def mistake(self, step: int) -> None:
        """Look at the next move of the line shown that has cost much, or the one before."""
        if self.estimates_hidden:
            self.say("Mistakes are hidden until the game is over (View > Estimates while playing)")
            return
        line = self.line()
        found = [n for n in line if (n.number - self.shown.number) * step > 0 and is_mistake(n)]
        if found:
            self.go_to(found[0 if step > 0 else -1])
            loss = loss_of(self.shown)
            if loss is not None and not self.reviewing:
                told = f"{move_text(self.shown, self.size)}: {loss_text(loss)}"
                self.say(told + better_text(self.shown, self.size))
            return
        unknown = any(node.winrate is None for node in line)
        self.say(
            f"No mistake is known {'after' if step > 0 else 'before'} this move"
            + (". Ctrl+A analyses the game" if unknown and self.walk is None else "")
        )

    def first_mistake(self) -> None:
        """Look at the first move of the line shown that has cost much."""
        self.go_number(0)
        self.mistake(1)

    # -- the engine's view of it -----------------------------------------------------------------------------

    def hint(self) -> None:
        """Show the engine's candidates for the position shown; a second time hides them."""
        if not self.enabled("hint"):
            return
        self.say("")
        hide = bool(self._asked_for) and not self.analysing
        if self.busy_with == "hint":
            self.question.stop()
        else:
            self._hide()
            self.recalling = not hide
            if not hide:
                self._ask("hint", self.settings.visits, self.settings.seconds)

    def estimate(self) -> None:
        """Show who will own which point, as the engine sees it; a second time hides it."""
        if not self.enabled("estimate"):
            return
        self.say("")
        asked = self.busy_with == "estimate"
        if asked:
            self.question.drop()
        hide = asked or bool(self.ownership)
        self._hide()
        if not hide:
            self._ask("estimate")
        self._look_on()

    def analyse(self) -> None:
        """Search the position shown from now on, whichever it is, or no longer."""
        if self._is_down():
            return
        self.analysing = self.recalling = not self.analysing
        if self.analysing:
            self.say("The analysis is on: A hides it, Esc ends it")
        else:
            if self.busy_with == "analysis":
                self.question.drop()
            self.keep()
            self._clear_looks()
            self.say("")
        self._look_on()

    def analyse_game(self) -> None:
        """Search the positions of the line shown one after the other, but those that have been; or no longer."""
        if self._is_down():
            return
        if self.busy_with in UNASKED:
            self.question.drop()
        if self.walk is not None:
            self._end_walk()
        else:
            least, most = WALK_VISITS
            line = self.line()
            self.walk = Walk(line, max(least, min(most, self.settings.visits or most)), line)
            self.recalling = True
            self.say("")
        self.keep()
        self._look_on()

    def _end_walk(self) -> None:
        """What was found stays, and the next walk goes on from there."""
        if self.walk is not None:
            self.say(f"The analysis has stopped at move {self.walk.todo[0].number}. Ctrl+A goes on with it")
        self.walk = None

    def _end_unasked(self) -> None:
        """Nothing is searched any more that nobody waits for; what was found stays."""
        if self.busy_with in UNASKED:
            self.question.drop()
        self._end_walk()
        self.analysing = False
        self.keep()

    def _walked(self) -> None:
        """A position of the walk has been searched, even if with fewer visits than were asked for."""
        if self.walk is not None:
            self.walk.done.append(self.walk.todo.pop(0))
        self.keep()

    def _look_on(self) -> None:
        """Ask what goes on by itself, if nothing else is asked."""
        if self.thinking or self.link.state == "error":
            return
        walk = self.walk
        if walk is not None:
            walk.todo = [node for node in walk.todo if node.visits < walk.visits]
            walk.todo = walk.todo or [node for node in unexplained(walk.line) if node not in walk.done]
            if walk.todo:
                self._ask("game", walk.visits)
                return
            self.walk = None
            found = not self.estimates_hidden and any(map(is_mistake, walk.line))
            self.say(f"Analysed. {tally_text(walk.line) or 'No moves'}{'. N: next' if found else ''}")
        if self.analysing and not self._searched and self.enabled("estimate"):
            self._ask("analysis", ANALYSIS_VISITS)

    def _ask(self, kind: str, *limits: Any) -> None:
        if kind == "game" and self.walk is not None:
            node = self.walk.todo[0]
            game = self.record.game_at(node)
        else:
            node, game = (self.shown, self._shown_game) if kind in LOOKS else (self.live, self.game)
        self.question.ask(kind, node, game, *limits)
        if self.link.state == "error":
            self._end_unasked()
            self._is_down()

    def _is_down(self) -> bool:
        """Whether the engine cannot be asked, which is told."""
        if self.link.state != "error":
            return False
        self.say(f"The engine: {self.link.detail}", "error")
        return True

    def keep(self) -> None:
        """Save the game if the engine's view of a position has changed since it was saved."""
        if self.question.noted:
            self._changed()

    def _changed(self) -> None:
        """The game is to be saved: its tree is another one, or what is told of it."""
        self.question.noted = False
        self.changes += 1

    def write(self, node: Node, text: str) -> None:
        """A person's comment on a position."""
        if text != node.comment:
            node.comment = text
            self._changed()

    def inform(self, info: dict[str, str]) -> None:
        """A person's words on the game: names, ranks, event, by SGF's properties."""
        if info != self.record.info:
            self.record.info = info
            self._changed()

    def _hide(self) -> None:
        """Put away what was asked for; the candidates stay as long as they are searched on."""
        candidates, searched, pointed_at = self._asked_for, self._searched, self.pointed_at
        self._clear_looks()
        if self.analysing:
            self.candidates, self._searched, self.pointed_at = candidates, searched, pointed_at
