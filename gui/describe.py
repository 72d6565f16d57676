"""What there is to see of a :class:`~gui.session.Session`: the board's picture, the cards, the texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gogame.board import BLACK, EMPTY, KO, KO_COLOR, WHITE
from gogame.coords import to_gtp
from gogame.game import Game
from gogame.geometry import PASS
from gogame.player import Clock
from gui.better_view import Better
from gui.board_view import Picture
from gui.candidates import Candidate
from gui.continuation_view import Continuation
from gui.count import count_of
from gui.findings import better_text, losses_beside
from gui.graph import Graph
from gui.markup import NONE, markup_of
from gui.mistakes import is_mistake, loss_of, loss_text, move_text
from gui.record import LETTERS, NAMES, opposite
from gui.session import Session

HUMAN = "Human"  # in a file

RULE_LABELS = {
    "tromp-taylor": "Tromp-Taylor",
    "chinese": "Chinese",
    "chinese-ogs": "Chinese (OGS)",
    "chinese-kgs": "Chinese (KGS)",
    "japanese": "Japanese",
    "korean": "Korean",
    "aga": "AGA",
    "bga": "BGA",
    "new-zealand": "New Zealand",
}


@dataclass(frozen=True)
class PlayerCard:
    """What the column says about a player."""

    color: int
    name: str
    captures: int  # stones this player has taken
    to_move: bool
    thinking: bool
    detail: str
    clock: Clock | None = None
    clock_runs: bool = False


def picture(session: Session, ghost: int | None) -> Picture:
    """The board; ``ghost`` is the point under the mouse."""
    game = session.shown_game
    color, last = game.board.color, session.shown.point
    count = session.count
    shadow = None
    if ghost is not None and color[ghost] == EMPTY and session.may_click() and game.is_legal(ghost):
        shadow = (ghost, game.to_move)
    candidates = session.candidates
    stones: Any = color
    if session.preview is not None:
        stones, numbers = _preview_stones(session, session.preview)
        candidates, shadow = (), None
    else:
        numbers = _numbers(session) if session.settings.numbers else {}
    better = session.better if session.preview is None else None
    covered = count is not None or session.ownership or session.preview is not None
    markup = NONE if covered else markup_of(session.shown, session.size)
    return Picture(
        size=session.size,
        stones=stones,
        last=session.shown.parent.point if session.pointed_back and session.shown.parent else last,
        ghost=shadow,
        numbers=numbers,
        ko=_ko_point(session, game),
        dead=frozenset(session.dead) if count else frozenset(),
        territory=count.territory if count else markup.territory,
        ownership=session.ownership,
        candidates=candidates,
        losses=losses_beside(candidates, game.to_move),
        to_move=game.to_move,
        better=Better(better.point, session.shown.color) if better is not None and better.point != PASS else None,
        markup=markup,
        continuations=() if covered else _continuations(session),
        coordinates=session.settings.coordinates,
        active=not session.reviewing,
    )


def cards(session: Session) -> tuple[PlayerCard, PlayerCard]:
    """Black's and White's card."""
    game = session.shown_game
    return tuple(_card(session, color, game) for color in (BLACK, WHITE))  # type: ignore[return-value]


def facts(session: Session) -> list[tuple[str, str]]:
    """Label and value of what is always visible."""
    facts = [
        ("Komi", f"{session.record.rules.komi:g}"),
        ("Rules", RULE_LABELS.get(session.record.rules.name, session.record.rules.name)),
        (
            "Move",
            f"{session.shown.number} of {session.live.number}" if session.reviewing else f"{session.live.number}",
        ),
    ]
    if session.result:
        facts.append(("Result", session.result))
    elif handicap := session.record.handicap_of(session.live):
        facts.append(("Handicap", f"{handicap}"))
    else:
        facts.append(("Board", f"{session.size}×{session.size}"))
    return facts


def short_fact(value: str) -> str:
    """ "90 of 299" -> "90/299"."""
    return value.replace(" of ", "/")


def facts_line(session: Session, fits: Callable[[str], bool]) -> str:
    """All facts in one line, in the longest form that fits, else in the shortest."""
    told = facts(session)
    line = ""
    for gap, short, clear in ((6, False, ()), (4, True, ()), (3, True, ("Rules", "Result", "Board"))):
        values = [(label, short_fact(value) if short else value) for label, value in told]
        line = (" " * gap).join(value if label in clear else f"{label}  {value}" for label, value in values)
        if fits(line):
            break
    return line


def graph(session: Session) -> Graph:
    """Win rate and score along the line that is shown."""
    line = session.line()
    length = max(n.number for n in line)
    forks = tuple(n.number for n in line if n.parent is not None and len(n.parent.children) > 1)
    if session.estimates_hidden:
        return Graph((), length, session.shown.number, empty="hidden until the game is over", forks=forks)
    points = tuple((n.number, n.winrate, n.score) for n in line if n.winrate is not None)
    mistakes = {n.number: n.color for n in line if is_mistake(n)}
    return Graph(points, length, session.shown.number, mistakes, forks=forks)


def status_line(session: Session) -> tuple[str, str]:
    """The line under the board and its kind: "info", "warn" or "error"."""
    if session.preview is not None and session.telling:
        return (_preview_text(session, session.preview), "info")
    if session.message[0]:
        return session.message
    if session.busy_with == "estimate":
        return ("The engine looks whose the points will be…", "info")
    if session.ownership:
        return (f"The engine's estimate: {lead_text(session.shown.score or 0.0)}. T hides it", "info")
    if session.busy_with == "game" and session.walk and (session.reviewing or session.phase != "scoring"):
        walk = session.walk
        return (f"Analysing the game: move {walk.todo[0].number} of {walk.line[-1].number}. Esc ends it", "info")
    if session.unsaved and session.phase == "play" and not session.reviewing:
        return (session.unsaved, "warn")
    text, kind = _state_line(session)
    if not session.reviewing and not session.notice and session.phase != "scoring" and session.busy_with != "move":
        if variation := _variation_text(session):
            text = f"{text}. Move {session.shown.number} is {variation}: ↑ ↓"
    if session.unsaved:
        text, kind = f"{text}. {session.unsaved.partition(':')[0]}", "warn"
    return text, kind


def _preview_text(session: Session, candidate: Candidate) -> str:
    """ "2 K11, 50.5%, B+1.1, 40 visits: K11 L1 H2"."""
    size, vertex = session.size, to_gtp(candidate.point, session.size)
    head = f"Better: {vertex}" if session.pointed_back else f"{session.candidates.index(candidate) + 1} {vertex}"
    then = " ".join(to_gtp(point, size) for point in candidate.variation)
    visits = f"{candidate.visits} visit{'s' * (candidate.visits != 1)}"
    return f"{head}, {100 * candidate.winrate:.1f}%, {score_text(candidate.score)}, {visits}{': ' * bool(then)}{then}"


def _state_line(session: Session) -> tuple[str, str]:
    if session.reviewing:
        which = f", {variation}" if (variation := _variation_text(session)) else ""
        loss = None if session.estimates_hidden else loss_of(session.shown)
        if session.is_tried(session.shown):
            lost = f": {loss_text(loss)}{better_text(session.shown, session.size)}" if loss is not None else ""
            what = f"{move_text(session.shown, session.size)} tried out{lost}"
            return (f"{what}. Ctrl+Z removes it, End goes back, B plays on from here", "info")
        if loss is not None:
            lost = f"{loss_text(loss)}{better_text(session.shown, session.size)}"
            return (f"{move_text(session.shown, session.size)}{which}: {lost}. End goes back", "info")
        return (
            f"Looking at move {session.shown.number}{which}: End goes back, B plays on from here, a click tries a move",
            "info",
        )
    if session.phase == "over":
        return (f"The game is over: {result_text(session.result)}", "info")
    if session.phase == "scoring":
        if session.busy_with == "score":
            return ("The engine looks for dead stones…", "info")
        count = count_of(session.game, session.dead)
        return (
            f"{result_text(count.result)}? Click on dead stones, then accept",
            "info",
        )
    if session.notice:
        return (session.notice, "warn")
    name = NAMES[session.game.to_move]
    if session.busy_with == "move":
        return (f"{name} is thinking", "info")
    if session.live.number and session.live.point == PASS:
        next_one = "P passes too: then the game is counted" if session.may_end() else f"{name} to move"
        return (f"{NAMES[session.live.color]} passed. {next_one}", "info")
    if session.engine_turn():
        return (f"{name} is the engine's. Enter lets it move", "info")
    if session.paused and session.clocks.there:
        return (f"{name} to move. The clock stands still: S or a move lets it go on", "info")
    return (f"{name} to move", "info")


def _variation_text(session: Session) -> str:
    """ "variation 1 of 2" of the move shown; empty where nothing else was played."""
    siblings = session.siblings()
    return f"variation {siblings.index(session.shown) + 1} of {len(siblings)}" if len(siblings) > 1 else ""


def _continuations(session: Session) -> tuple[Continuation, ...]:
    """What was played in the position shown, the main line's move first. In the position that is being played only
    where that is more than what was just taken back."""
    nodes = session.shown.children
    if not session.settings.continuations or len(nodes) < (1 if session.reviewing else 2):
        return ()
    found: dict[int, Continuation] = {}
    for node in nodes:
        if node.point != PASS:
            found.setdefault(node.point, Continuation(node.point, node.color, node is nodes[0]))
    return tuple(found.values())


def _numbers(session: Session) -> dict[int, int]:
    """Move numbers of the stones on the board shown; a point played twice shows the later move."""
    return {n.point: n.number for n in session.shown.path() if n.point != PASS}


def _ko_point(session: Session, game: Game) -> int:
    point = int(game.board.state[KO])
    return point if point and game.board.state[KO_COLOR] == game.to_move and session.phase == "play" else 0


def _preview_stones(session: Session, candidate: Candidate) -> tuple[Any, dict[int, int]]:
    """The board after a candidate's variation, its moves numbered."""
    game = session.preview_game()
    if game.is_over:  # the engine's moves are those of a game that goes on
        game.resume()
    numbers = {}
    for i, point in enumerate(candidate.variation or (candidate.point,)):
        if game.is_over or (point != PASS and game.why_illegal(point)):
            break
        game.play(point)
        if point != PASS:
            numbers[point] = i + 1
    return game.board.color, numbers


def _card(session: Session, color: int, game: Game) -> PlayerCard:
    engine = session.player(color) == "engine"
    alone = not engine and session.player(opposite(color)) == "engine"
    if engine:
        name = session.link.name or "Engine"
    else:
        name = _ranked_name(session, color) or ("You" if alone else NAMES[color])
    to_move = session.phase == "play" and game.to_move == color
    thinking = session.busy_with == "move" and session.game.to_move == color and to_move
    if engine and session.by_clock:
        detail = "by its clock"
    elif engine and session.settings.seconds:
        detail = f"{session.settings.seconds:g} s per move"
    elif engine:
        detail = f"{session.settings.visits} visits"
    elif alone:
        detail = NAMES[color]
    else:
        detail = "to move" if to_move else ""
    last = session.shown
    if last.parent is not None and last.color == color and last.point == PASS:
        detail = "passed"
    if thinking:
        detail = f"thinking, {session.question.visits} visits" if session.question.visits else "thinking"
    net = session.opponent_net or session.link.usual_net(session.size)
    if engine and net and not thinking and detail != "passed":
        detail = f"{net}, {detail}"
    clock, runs = session.clock_of(color), session.clocks.running == color
    return PlayerCard(color, name, int(game.captures(color)), to_move, thinking, detail, clock, runs)


def sgf_name(session: Session, color: int) -> str:
    """The player's name for a file."""
    if session.player(color) == "human":
        return _written_name(session, color) or HUMAN
    limit = f"{session.settings.seconds:g} s" if session.settings.seconds else f"{session.settings.visits} visits"
    limit = "by its clock" if session.by_clock else limit
    net = session.opponent_net or session.link.usual_net(session.size)
    return ", ".join(part for part in (session.link.name or "gogame-zero", net, limit) if part)


def _ranked_name(session: Session, color: int) -> str:
    """The player's name and rank; empty without a name."""
    name, rank = _written_name(session, color), session.record.info.get(f"{LETTERS[color]}R", "")
    return f"{name} {rank}" if name and rank else name


def _written_name(session: Session, color: int) -> str:
    """The player's name in the file that was opened, or as it was entered, if there is one."""
    name = session.record.info.get(f"P{LETTERS[color]}", "")
    return "" if name == HUMAN else name


def lead_text(lead: float) -> str:
    """2.34 -> "Black leads by 2.3"."""
    rounded = f"{abs(lead):.1f}"
    return "even" if rounded == "0.0" else f"{'Black' if lead > 0 else 'White'} leads by {rounded}"


def score_text(lead: float) -> str:
    """2.34 -> "B+2.3"."""
    rounded = f"{abs(lead):.1f}"
    return "even" if rounded == "0.0" else f"{'B' if lead > 0 else 'W'}+{rounded}"


def result_text(result: str) -> str:
    """ "B+R" -> "Black wins by resignation"."""
    if result in ("0", "Draw", "Void"):
        return "a draw" if result != "Void" else "no result"
    winner, _, margin = result.partition("+")
    name = {"B": "Black", "W": "White"}.get(winner, winner)
    how = {"R": " by resignation", "T": " on time", "F": " by forfeit", "": ""}
    return f"{name} wins{how.get(margin, f' by {margin}')}"
