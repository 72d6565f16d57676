"""The logic of the window without the window: states, whose turn it is, what the engine's answers do, review.

No pygame here. ``app`` feeds clicks, keys and the engine's messages in, and draws what comes out.

    play ──two passes──> scoring ──accept──> over    resign, time is up: play ──> over
      ^────────resume───────┘                 undo, play on from here: over ──> play

What looks at the game without changing it is in :mod:`gui.review`, trying out moves in
:mod:`gui.tryout` and :mod:`gui.pruning`, the count in :mod:`gui.scoring`, the clocks in :mod:`gui.timed`,
results that are taken back in :mod:`gui.endings`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp, to_gtp
from gogame.game import IllegalMove
from gogame.geometry import PASS
from gogame.player import RESIGN, TimeSettings
from gui.candidates import candidates_of
from gui.endings import Endings
from gui.question import Link
from gui.record import NAMES, Node, Record
from gui.store import Settings
from gui.tryout import stone_sound


class Session(Endings):
    """One window's game. ``on_save`` is called after every change of the game that is worth keeping; ``now`` tells
    the seconds that its clocks count."""

    def __init__(
        self,
        link: Link,
        record: Record,
        settings: Settings,
        on_save: Callable[[Session], None],
        now: Callable[[], float] = time.monotonic,
    ):
        super().__init__(link, settings, now)
        self.on_save = on_save
        self.sounds: list[str] = []  # "stone", "capture": drained by the window
        self.notice = ""  # a line that stays until the person does something to the game
        self.unsaved = ""  # why the game is not kept, as long as saving fails
        self.load(record)

    def load(self, record: Record, live: Node | None = None, result: str = "") -> None:
        """Take over a game; ``result`` is not empty when it has ended."""
        self._taken_back: Node | None = None  # the position before the first of the undos
        self._forget_tries()
        self._open(record, live or record.root)
        self.result = result
        self.phase = "over" if result else "play"
        self.paused = False

    def begin(self) -> None:
        """Set the game going: the engine moves if it is its turn, a finished one is counted."""
        self._end_if_over()
        if "engine" in (self.settings.black, self.settings.white):
            self.link.start()
        self._advance()

    # -- what is to be seen ----------------------------------------------------------------------------------

    @property
    def opponent_net(self) -> str:
        """The network chosen to move; "" for the usual one, whose hints and counts are in any case."""
        return self.settings.net if (self.settings.net_size or self.settings.size) == self.size else ""

    # -- actions ---------------------------------------------------------------------------------------------

    def enabled(self, action: str) -> bool:
        """Whether a button or menu line does anything now."""
        play = self.phase == "play"
        match action:
            case "first" | "back" | "remove variation":
                return self.shown.parent is not None
            case "next variation" | "variation before":
                return len(self.siblings()) > 1
            case "forward":
                return bool(self.shown.children)
            case "last":
                return self.reviewing or bool(self.shown.children)
            case "undo":
                return self.live.parent is not None or self.phase == "over" or self.is_tried(self.shown)
            case "pass":
                return play and not self.engine_turn() and not self.reviewing
            case "resign":
                return play and self.live.number > 0
            case "redo":
                return self._can_go_forward_again() or self._try_to_redo() is not None
            case "hint" | "estimate":
                free = (self.phase != "scoring" or self.reviewing) and self.busy_with != "move"
                return free and (action == "hint" or self.count is None)
            case "engine move":
                return play and self.free
            case "stop":
                return self.thinking or self.analysing or self.walk is not None
            case "branch":
                return self.reviewing or self.phase == "over"
            case "coordinate":
                return play or self.reviewing
            case "accept":
                waits = self.busy_with == "score" or (self.reviewing and not self.dead_known)
                return self.phase == "scoring" and not waits
            case "resume":
                return self.phase == "scoring"
            case "players":
                return self.phase != "over"
            case "pause":
                return play and self.clocks.there
        return True

    def click(self, point: int) -> None:
        """A point of the board was clicked."""
        if self.reviewing:
            self._try_out(point)
        elif self.phase == "scoring":
            self._toggle_dead(point)
        elif self.phase == "over":
            self.say("The game is over. B plays on from here, Ctrl+N starts a new one")
        elif self.engine_turn():
            self.say("It is the engine's turn" + ("" if self.busy_with == "move" else ": Enter lets it move"))
        else:
            self._play(point, by_person=True)

    def pass_(self) -> None:
        """The person passes."""
        if self.enabled("pass"):
            self._play(PASS, by_person=True)

    def type_move(self, text: str) -> str | None:
        """A typed coordinate, which is tried out where another position is looked at; returns what is wrong with it."""
        try:
            point = from_gtp(text.strip(), self.size)
        except ValueError as error:
            return str(error)
        if point == PASS and self.reviewing:
            return "A pass is not tried out: End goes back to the game"
        reason = None if point == PASS else self.shown_game.why_illegal(point)
        if reason:
            return f"{text.strip().upper()} is not possible: {reason}"
        self.pass_() if point == PASS else self.click(point)
        return None

    def resign(self) -> None:
        """The person resigns; with two people or none, the side to move does."""
        if not self.enabled("resign"):
            return
        humans = [c for c in (BLACK, WHITE) if self.player(c) == "human"]
        self._lose(humans[0] if len(humans) == 1 else self.game.to_move, "R")

    def undo(self) -> None:
        """Take back the last move, against the engine also its answer (they stay as a variation), or the
        result; while another position is looked at, only a move that was tried out."""
        if not self.enabled("undo") or self._taken_out():
            return
        if self.reviewing:  # looking never changes the game
            self.say("End goes back to the game, where Ctrl+Z takes back its moves")
            return
        self.question.drop()
        self.notice = ""
        if self.phase == "over" and not self.game.is_void:
            self._take_result_back()
            return
        self.phase, self.result = "play", ""
        if not self._forward_again():
            self._taken_back = self.live
        node = self.live.parent or self.live
        if "human" in (self.settings.black, self.settings.white):
            while node.parent is not None and self.player(self.record.to_move_at(node)) == "engine":
                node = node.parent
        else:
            self.paused = True
        self._set_live(node)
        self.paused = self.paused or self.engine_turn()
        self._changed()
        self._look_on()

    def redo(self) -> None:
        """Play the move again that was taken back, against the engine also its answer; or bring back a result or a
        try."""
        if not self.enabled("redo") or self._brought_back() or self._result_restored():
            return
        again = self._forward_again()
        self.question.drop()
        node = again.pop(0)
        if "human" in (self.settings.black, self.settings.white):
            while again and self.player(self.record.to_move_at(node)) == "engine":
                node = again.pop(0)
            self.paused = False
        self.phase, self.result = "play", ""
        self._set_live(node)
        self.record.promote(node)
        self._changed()
        self._end_if_over()
        self._advance()

    def _can_go_forward_again(self) -> bool:
        return self.phase != "over" and (self.restorable is not None or bool(self._forward_again()))

    def _forward_again(self) -> list[Node]:
        """The moves that were taken back from the live position on; none when another one was played since."""
        line = self._taken_back.path() if self._taken_back is not None else []
        if self.live is self.record.root:
            return line
        return line[line.index(self.live) + 1 :] if self.live in line else []

    def engine_move(self) -> None:
        """The engine plays the move that is due, whoever's turn it is."""
        if self.enabled("engine move"):
            self.go_to(self.live)
            self.paused, self.notice = False, ""
            self._ask_for_move()

    def stop(self) -> None:
        """End the engine's searches: what was found is shown, but no move is played."""
        if not self.enabled("stop"):
            return
        self._end_unasked()
        if self.busy_with in ("hint", "estimate"):
            self.question.stop()
            return
        if self.busy_with == "move":
            self.paused = True
            self.say("The engine has stopped. Enter lets it move")
        self.question.drop()

    def branch(self) -> None:
        """Play on from the position shown; the moves after it stay as a variation. After the end of a game without a
        clock."""
        if not self.enabled("branch"):
            return
        if self.phase == "over":
            self.record.time = TimeSettings()
        self.question.drop()
        self.phase, self.result, self.notice = "play", "", ""
        self._taken_back = None
        self._set_live(self.shown)
        self.record.promote(self.live)
        self.paused = self.engine_turn()
        self._changed()
        self._end_if_over()
        self._look_on()

    def resume(self) -> None:
        """Play goes on from before the passes."""
        if not self.enabled("resume"):
            return
        self.question.drop()
        node = self.live
        while node.parent is not None and node.point == PASS:
            node = node.parent
        self.phase = "play"
        self._set_live(node)
        self.paused = self.engine_turn() and "human" in (self.settings.black, self.settings.white)
        self.say("Play goes on from before the passes")
        self._changed()
        self._advance()

    def seat(self, settings: Settings) -> None:
        """Other players go on with the game, or the engine with another network or limit."""
        if not self.enabled("players"):
            self.say("The game is over: its players stay")
            return
        before, limits = self.engine_turn(), self._limits()
        for name in ("black", "white", "visits", "seconds", "by_clock", "net", "net_size"):
            setattr(self.settings, name, getattr(settings, name))
        if self.busy_with == "move":
            if before and not self.engine_turn():  # a person moves now
                self.question.drop()
            elif self._limits() != limits:
                self._ask_for_move()
        if "engine" in (self.settings.black, self.settings.white):
            self.link.start()
        self.say("")
        self._changed()
        self._advance()

    def retry_engine(self) -> None:
        """Start the engine again after an error, and give it back its question."""
        self.link.retry()
        self.say("")
        self._advance()

    # -- the engine ------------------------------------------------------------------------------------------

    def receive(self, posted: tuple[Any, ...]) -> None:
        """An answer of the engine has come."""
        match self.question.receive(posted):
            case ("info", _, _, _, candidates) if self.busy_with in ("hint", "analysis"):
                self.candidates = candidates_of(candidates)
            case ("began",):
                self.tick()
            case ("move", point, *took):
                self._engine_plays(point, *took)
            case ("hint",):
                self._changed()
            case ("analysis",):
                self._searched = True
                self.keep()
            case ("game",):
                self._walked()
            case ("estimate", ownership):
                self.ownership = ownership
                self._changed()
            case ("score", dead, _):
                self._told_dead(dead)
            case ("down", reason) | ("error", None, reason):
                self._end_unasked()
                self.say(f"The engine: {reason}", "error")
            case ("error", _, reason):
                self._end_unasked()
                self.say(f"The engine: {reason}", "error")
                self.paused = self.paused or self.engine_turn()  # a person's clock runs on
        self._look_on()

    def _engine_plays(self, point: int, took: float = math.inf) -> None:
        if point == RESIGN:
            self._lose(self.game.to_move, "R")
        elif point != PASS and self.game.why_illegal(point):
            self.say(f"The engine chose an illegal move, {to_gtp(point, self.size)}", "error")
            self.paused = True
        else:
            self._play(point, took=took if self.engine_turn() else math.inf)

    def _limits(self) -> tuple[int, float, str]:
        """Of the engine's search for a move: visits, seconds, network."""
        if self.by_clock:
            return 0, 0.0, self.opponent_net
        return self.settings.visits, self.settings.seconds, self.opponent_net

    def _ask_for_move(self) -> None:
        self._ask("move", *self._limits(), *self._clock_limit())

    def _advance(self) -> None:
        """Ask for the engine's move when it is due."""
        if self.engine_turn() and not self.paused and self.link.state != "error":
            if self.busy_with != "move":
                self._ask_for_move()
        elif self.phase == "scoring" and not self.dead_known and self.free and self.link.state != "error":
            self._ask("score")
        self._look_on()

    # -- inside ----------------------------------------------------------------------------------------------

    def _play(self, point: int, by_person: bool = False, took: float = math.inf) -> None:
        color = self.game.to_move
        if self._time_is_up(took):
            return
        try:
            taken = self.game.captures(color)
            self.game.play(point)
        except IllegalMove as error:
            self.say(f"{to_gtp(point, self.size)} is not possible: {error}", "warn")
            return
        follow = not self.reviewing
        self.question.drop()
        self.live = self.record.play(self.live, color, point)
        self._is_played(self.live)
        self._pressed(color, took)
        follow = follow or self.shown is self.live
        if self._taken_back is not None and self.live not in self._taken_back.path():
            self._taken_back = None
        if follow:
            self.shown, self._shown_game = self.live, self.game
            self._clear_looks()
            self.say("")
        else:
            self.say(f"{NAMES[color]} has played: End goes to the new position")
        if by_person:
            self.notice = ""  # the engine's answer leaves it to be read
        self.paused = False
        if point != PASS:
            self.sounds.append(stone_sound(self.game, color, taken))
        self._changed()
        self._end_if_over()
        self._advance()

    def _end_if_over(self) -> None:
        """A repetition without result ends the game, two passes begin the count."""
        if self.phase == "play" and self.game.is_void:
            self.phase, self.result = "over", "Void"
            self._changed()
        elif self.phase == "play" and self._two_passes():
            self._enter_scoring()

    def _changed(self) -> None:
        super()._changed()
        self.on_save(self)

    def may_click(self) -> bool:
        """A click on a free point plays a move, or tries it out."""
        return self.reviewing or (self.phase == "play" and not self.engine_turn())
