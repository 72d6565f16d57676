"""The networks' view, without pygame: what each network alone, before any search, says of the position shown.

It looks at a session and never changes it. While it is open it asks the engine's process about every position that is
shown, all networks at once and the chosen one first; answers are kept for a while, so that stepping back costs nothing.
Closed, it asks nothing and keeps nothing.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gogame.geometry import PASS, action_of, point_of_action, row_col
from gui import checkpoints, engine_link
from gui.board_view import Picture
from gui.checkpoints import Checkpoint
from gui.engine_worker import position_of
from gui.markup import NONE
from gui.session import Session
from nets.config import NetError

MOMENT = 0.06  # seconds that the window waits for an answer before it shows a position without one
POSITIONS = 200  # whose evaluations are kept
SHOWN_ON_BOARD = 0.004  # prior from which a move is on the heat map

Source = Callable[[int], tuple[list[Checkpoint], str]]  # of a board size: the networks, and a line about others


@dataclass(frozen=True)
class View:
    """What one network says of one position."""

    winrate: float  # Black's, 0..1
    lead: float  # Black's, points
    policy: np.ndarray  # float32 [S*S+1] by action, the pass last; 0 where a move is illegal
    ownership: np.ndarray  # float32 [S*S] by action: 1 Black's .. -1 White's

    def prior(self, point: int, size: int) -> float:
        """Of a move, 0..1; 0 for what is no point of the board."""
        if point != PASS and not all(0 <= line < size for line in row_col(point, size)):
            return 0.0  # the mouse was moved over the board before, of another size
        return float(self.policy[action_of(point, size)])


def shipped_source(size: int) -> tuple[list[Checkpoint], str]:
    """The networks of the package."""
    return checkpoints.shipped(size), ""


def run_source(folder: Path) -> Source:
    """The networks of a training run, whatever the board."""
    return lambda size: checkpoints.kept(folder)


class Networks:
    """The view of one window. ``chosen`` is the index of the network whose view the board shows."""

    def __init__(self, session: Session, source: Source = shipped_source):
        self._session, self._link, self._source = session, session.link, source
        self.open = False
        self.territory = False  # the board shows whose the points are, instead of the moves
        self.pointed: int | None = None  # the point under the mouse
        self.nets: list[Checkpoint] = []
        self.chosen = 0
        self.problem = ""  # why there are no networks, or which are left out, since it was opened
        self._size = 0  # that the networks are for
        self._known: OrderedDict[Any, dict[str, View | str]] = OrderedDict()  # by position, then by key
        self._position: Any = None  # that is shown
        self._asked: tuple[int, Any, str] | None = None  # number, position and first network of the open question
        self._waits: float | None = None  # since when a picture waits for the chosen view, by time.monotonic
        self._loading = 0  # networks that the open question has yet to load

    # -- opened and closed -----------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Open or close it. Candidates of earlier searches would cover it: they are put away meanwhile."""
        self._session.networks_shown = not self.open
        if self.open:
            self.open = False
            self._known.clear()
            self._asked, self._position, self.pointed, self._waits = None, None, None, None
            if self._link.state not in (engine_link.OFF, engine_link.ERROR):
                self._link.aside("views end")
        else:
            self.open, self._size = True, 0  # a run may have made another network since
            self.follow()

    def follow(self) -> None:
        """See which position is shown now, and ask about it."""
        if not self.open:
            return
        if self._session.size != self._size:
            self._list()
        self._position = position_of(self._session.shown_game)
        known = self._known.setdefault(self._position, {})
        self._known.move_to_end(self._position)
        while len(self._known) > POSITIONS:
            self._known.popitem(last=False)
        missing = [net for net in self._nearest_first() if net.key not in known]
        if not missing or self._link.state == engine_link.ERROR:
            return
        if self._asked is not None and self._asked[1] == self._position:
            if self.net is None or self.net.key in (self._asked[2], *known):
                return
        number = self._link.aside("views", self._position, tuple((net.key, net.path) for net in missing))
        self._waits = time.monotonic() if self._waits is None else self._waits
        started = self._link.state != engine_link.ERROR
        self._asked, self._loading = (number, self._position, missing[0].key) if started else None, 0

    def _list(self) -> None:
        """Find the networks for the board; the one that was chosen stays so, at first it is the strongest."""
        before = self.net.name if self.net else ""
        self._size = self._session.size
        self._asked = None  # it was of another board, or of networks that are gone
        try:
            self.nets, self.problem = self._source(self._size)
        except (NetError, OSError) as error:
            self.nets, self.problem = [], " ".join(str(error).split())
        names = [net.name for net in self.nets]
        self.chosen = names.index(before) if before in names else max(0, len(names) - 1)

    def _nearest_first(self) -> list[Checkpoint]:
        return sorted(self.nets, key=lambda net: abs(self.nets.index(net) - self.chosen))

    # -- the person ------------------------------------------------------------------------------------------

    def choose(self, index: int) -> None:
        """Look through another network; beyond an end it is the last one there."""
        self.chosen = max(0, min(index, len(self.nets) - 1))
        self.follow()

    def step(self, steps: int) -> None:
        """Look through a stronger network, or a weaker one."""
        self.choose(self.chosen + steps)

    # -- what is to be seen ----------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """Lines of the board that the networks are for."""
        return self._size

    @property
    def net(self) -> Checkpoint | None:
        """The chosen network; None where there are none."""
        return self.nets[self.chosen] if self.nets else None

    def views(self) -> list[View | str | None]:
        """Of the position shown, by network: its view, why there is none, or None while it is not known."""
        known = self._known.get(self._position, {})
        return [known.get(net.key) for net in self.nets]

    @property
    def view(self) -> View | None:
        """The chosen network's."""
        found = self.views()[self.chosen] if self.nets else None
        return found if isinstance(found, View) else None

    def top(self, most: int) -> list[tuple[int, float]]:
        """(point, prior) of its likeliest moves."""
        view = self.view
        if view is None:
            return []
        best = np.argsort(-view.policy, kind="stable")[:most]
        return [(point_of_action(int(a), self.size), float(view.policy[a])) for a in best if view.policy[a] > 0]

    def subject(self) -> int | None:
        """The move whose prior is followed over the networks: at the mouse, if it can be played, else the likeliest."""
        view = self.view
        if view is not None and self.pointed is not None and view.prior(self.pointed, self.size) > 0:
            return self.pointed
        return next((point for point, _ in self.top(1)), None)

    def priors(self, point: int) -> list[float | None]:
        """Of a move, by network."""
        return [v.prior(point, self.size) if isinstance(v, View) else None for v in self.views()]

    def winrates(self) -> list[float | None]:
        """Black's, by network."""
        return [v.winrate if isinstance(v, View) else None for v in self.views()]

    def awaited(self) -> bool:
        """The chosen network's view will be there in a moment: a picture without it would flicker."""
        if not self.open or self._asked is None or self._link.state not in (engine_link.IDLE, engine_link.THINKING):
            return False
        waits = self._waits is not None and time.monotonic() < self._waits + MOMENT
        return waits and self.views()[self.chosen] is None

    def seen(self) -> None:
        """A picture was shown: the next one may wait anew. Where positions follow one another faster than answers,
        only so is one shown at all."""
        self._waits = None

    def told(self) -> tuple[str, str]:
        """What there is to say instead of the chosen network's view, or beside it, and its kind: "info" or "error"; ""
        for nothing."""
        if not self.nets:
            return self.problem, "error"
        if self._link.state == engine_link.ERROR:
            return f"The engine: {self._link.detail}", "error"
        found = self.views()[self.chosen]
        if isinstance(found, str):
            return found, "error"
        if self._loading and self._asked is not None:
            return f"Loading: {len(self.nets) - self._loading} of {len(self.nets)} networks", "info"
        if found is None:
            return "The engine is loading…" if self._link.state == engine_link.LOADING else "Looking…", "info"
        return "", "info"

    def on_board(self, picture: Picture) -> Picture:
        """The board with what the chosen network sees; a count, an estimate or a variation goes before it."""
        view = self.view if self.open else None
        if (
            view is None
            or picture.size != self._size
            or self._session.count is not None
            or len(picture.ownership)
            or self._session.preview is not None
        ):
            return picture
        picture = replace(picture, markup=NONE, territory={})  # a file's marks would look like the network's
        if self.territory:
            return replace(picture, ownership=tuple(map(float, view.ownership)))
        best = [(point, prior) for point, prior in self.top(len(view.policy)) if prior >= SHOWN_ON_BOARD]
        return replace(picture, heat=tuple((point, prior) for point, prior in best if point != PASS))

    # -- the engine ------------------------------------------------------------------------------------------

    def receive(self, posted: tuple[Any, ...]) -> bool:
        """Look at a message of the engine's process; True if it was for this view alone."""
        _, kind, *rest = posted
        if kind == "down" or (kind == "error" and rest[0] is None):
            self._asked = None  # the next process knows nothing of it
        if kind != "views":
            return False
        number, loading, found = rest
        if self._asked is not None and number == self._asked[0]:
            self._loading = loading
            known = self._known.setdefault(self._asked[1], {})
            known.update((key, what if isinstance(what, str) else View(*what)) for key, what in found)
            if self.views()[self.chosen] is not None:
                self._waits = None
        return True
