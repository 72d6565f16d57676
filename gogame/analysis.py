"""KataGo's JSON analysis protocol, without the search: queries in, answers out. KaTrain speaks it.

    {"id":"a","moves":[["B","D4"]],"rules":"chinese","komi":7.5,"boardXSize":19,"boardYSize":19,"maxVisits":100}
    {"id":"a","isDuringSearch":false,"turnNumber":1,"moveInfos":[...],"rootInfo":{...}}

One object a line. What a query may hold and what an answer holds is told in docs/analysis.md; the names and their
meaning are KataGo's (its docs/Analysis_Engine.md).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gogame.board import BLACK, WHITE
from gogame.coords import to_gtp
from gogame.fields import COLORS, QueryError, flag_of, integer_of, list_of, number_of, setting_of, stone_of, vertex_of
from gogame.game import MAX_MOVES, Game, IllegalMove, free_handicap
from gogame.geometry import PASS, geometry
from gogame.kata_rules import rules_from, rules_of
from gogame.player import DEFAULT_VISITS, MAX_WIDE, Analysis, RawAnswer
from gogame.rules import DEFAULT_PRESET, Rules, rules_named

MAX_TEXT = 1000  # characters of an id
MAX_VISITS = 10**9
VIEWS = {"black": BLACK, "white": WHITE, "sidetomove": None}
BONUS = {"0": "none", "N": "stones", "N-1": "stones-1"}
KNOWN = frozenset(
    (
        "id action moves initialStones initialPlayer rules komi boardXSize boardYSize whiteHandicapBonus analyzeTurns "
        "maxVisits priority priorities reportDuringSearchEvery includeOwnership includeMovesOwnership includePolicy "
        "firstReportDuringSearchAfter analysisPVLen includePVVisits avoidMoves allowMoves overrideSettings"
    ).split()
)
SETTINGS = frozenset(("reportAnalysisWinratesAs", "maxTime", "maxVisits", "wideRootNoise"))


@dataclass(frozen=True)
class Query:
    """What is asked of every turn."""

    id: str
    visits: int
    seconds: float  # most time for a turn
    first: float  # seconds of search before the first report; inf: none
    every: float  # ... and between two
    view: int | None  # the colour whose winrate is told; None: the side to move
    ownership: bool
    moves_ownership: bool
    policy: bool
    pv: int  # most moves of a principal variation, the first and KataGo's analysisPVLen after it
    pv_visits: bool
    wide: float  # KataGo's wideRootNoise
    avoid: Mapping[int, frozenset[int]] = field(default_factory=dict)  # by colour, for the first move
    allow: Mapping[int, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One position of a query. Start and moves are shared by all of them, the position is made when it is wanted."""

    query: Query
    number: int  # moves before it
    priority: int
    start: Game
    moves: Sequence[tuple[int, int]]  # (colour, point), all of the query's

    def position(self) -> Game:
        """The position, made anew, as one that goes on. QueryError for a move that no rules allow.

        The moves were played, whatever the client guesses of the rules: superko and suicide bind those to come.
        """
        game = self.start.copy()
        for number, (color, point) in enumerate(self.moves[: self.number]):
            try:
                game.replay(point, color)
            except IllegalMove as error:
                raise QueryError("moves", f"Illegal move {number}: {to_gtp(point, game.size)}: {error}") from None
        if game.is_over:
            game.resume()
        return game


# --- reading ---------------------------------------------------------------------------------------------------------


def parse(line: str) -> dict[str, Any]:
    """The object of a line. QueryError if there is none, or without a proper id."""
    try:
        found = json.loads(line.removeprefix("\ufeff"), parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        raise QueryError("", "not a line of JSON") from None
    if not isinstance(found, dict):
        raise QueryError("", "not a JSON object")
    if not isinstance(found.get("id"), str) or len(found["id"]) > MAX_TEXT:
        raise QueryError("id", f"must be a string of at most {MAX_TEXT} characters")
    return found


def _finite(text: str) -> float:
    """A JSON number. ValueError for NaN and for what is too large, which no answer could repeat."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def turns_of(fields: Mapping[str, Any], sizes: range, rules: str = DEFAULT_PRESET) -> list[Turn]:
    """The positions of a query, in the order they are to be searched. ``rules``: where it names none.

    QueryError names the field and says why.
    """
    size = integer_of(fields, "boardXSize", sizes[0], sizes[-1])
    if integer_of(fields, "boardYSize", sizes[0], sizes[-1]) != size:
        raise QueryError("boardYSize", "only square boards are supported")
    game = Game(size, _rules(fields, rules))
    moves = list_of(fields, "moves")
    if len(moves) > MAX_MOVES:
        raise QueryError("moves", f"more than {MAX_MOVES} moves")
    wanted = _turn_numbers(fields, len(moves))
    stones = [stone_of(pair, "moves", size) for pair in moves]
    _set_up(game, fields, stones)
    query = _query(fields, size)
    Turn(query, len(stones), 0, game, stones).position()  # an illegal move is told now
    return [Turn(query, number, priority, game, stones) for number, priority in wanted.items()]


def warnings_of(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(field, text) of what is asked for and has no effect."""
    found = [(key[:MAX_TEXT], "unknown, and ignored") for key, value in fields.items() if key not in KNOWN and value]
    settings = fields.get("overrideSettings")
    if isinstance(settings, dict):
        names = sorted(str(key)[:MAX_TEXT] for key in settings if key not in SETTINGS)
        if names:
            found.append(("overrideSettings", f"ignored: {', '.join(names)[:MAX_TEXT]}"))
    return found


def _query(fields: Mapping[str, Any], size: int) -> Query:
    settings = fields.get("overrideSettings")
    if settings is None:
        settings = {}
    if not isinstance(settings, dict):
        raise QueryError("overrideSettings", "must be an object")
    if human := sorted(key for key in settings if key.startswith("humanSL") and settings[key]):
        text = f"{human[0][:MAX_TEXT]} needs KataGo's network of human play, which this engine does not have"
        raise QueryError("overrideSettings", text)
    view = settings.get("reportAnalysisWinratesAs", "BLACK")
    if not isinstance(view, str) or view.lower().replace("_", "") not in VIEWS:
        raise QueryError("overrideSettings", "reportAnalysisWinratesAs must be BLACK, WHITE or SIDETOMOVE")
    usual = setting_of(settings, "maxVisits", 1, MAX_VISITS, DEFAULT_VISITS)
    every = number_of(fields, "reportDuringSearchEvery", 0.001, 1e6, math.inf)
    return Query(
        id=fields["id"],
        visits=integer_of(fields, "maxVisits", 1, MAX_VISITS, int(usual)),
        seconds=setting_of(settings, "maxTime", 0.001, 1e9, math.inf),
        first=number_of(fields, "firstReportDuringSearchAfter", 0.001, 1e6, every),
        every=every,
        view=VIEWS[view.lower().replace("_", "")],
        ownership=flag_of(fields, "includeOwnership"),
        moves_ownership=flag_of(fields, "includeMovesOwnership"),
        policy=flag_of(fields, "includePolicy"),
        pv=1 + integer_of(fields, "analysisPVLen", 1, 1000, 15),
        pv_visits=flag_of(fields, "includePVVisits"),
        wide=setting_of(settings, "wideRootNoise", 0, MAX_WIDE, 0.0),
        avoid=_restriction(fields, "avoidMoves", size),
        allow=_restriction(fields, "allowMoves", size),
    )


def _rules(fields: Mapping[str, Any], usual: str) -> Rules:
    given = fields.get("rules")
    given = usual if given is None or given == "" else given
    try:
        if isinstance(given, dict):
            rules = rules_from(given, rules_named("tromp-taylor"))
        elif isinstance(given, str):
            rules = rules_of(given, rules_named("tromp-taylor"))
        else:
            raise ValueError("must be a name or an object")
    except ValueError as error:
        raise QueryError("rules", str(error)) from None
    bonus = fields.get("whiteHandicapBonus")
    if bonus is not None:
        if str(bonus) not in BONUS:
            raise QueryError("whiteHandicapBonus", "must be 0, N or N-1")
        rules = rules.replace(handicap_bonus=BONUS[str(bonus)])
    usual_komi = rules_named("japanese" if rules.scoring == "territory" else "chinese").komi
    try:
        return rules.replace(komi=number_of(fields, "komi", -150, 150, usual_komi))
    except ValueError as error:
        raise QueryError("komi", str(error)) from None


def _set_up(game: Game, fields: Mapping[str, Any], moves: Sequence[tuple[int, int]]) -> None:
    """The stones before the first move, who moves first, and how many of Black's count as a handicap."""
    colors: dict[int, int] = {}
    for stone in list_of(fields, "initialStones"):
        color, point = stone_of(stone, "initialStones", game.size)
        if point == PASS:
            raise QueryError("initialStones", "a pass is no stone")
        colors[point] = color
    stones = {color: [point for point, c in colors.items() if c == color] for color in (BLACK, WHITE)}
    first = fields.get("initialPlayer")
    if first is not None and (not isinstance(first, str) or first.lower() not in COLORS):
        raise QueryError("initialPlayer", "must be B or W")
    usual = WHITE if len(stones[BLACK]) >= 2 and not stones[WHITE] else BLACK
    to_move = COLORS[first.lower()] if first else moves[0][0] if moves else usual
    try:
        game.setup(stones[BLACK], stones[WHITE], to_move)
    except ValueError as error:
        raise QueryError("initialStones", str(error)) from None
    if not stones[WHITE]:
        game.handicap = len(stones[BLACK]) + free_handicap(moves)


def _turn_numbers(fields: Mapping[str, Any], moves: int) -> dict[int, int]:
    """The turns to analyse in their order, each with its priority."""
    numbers = fields.get("analyzeTurns")
    if numbers is None:
        numbers = [moves]
    if not isinstance(numbers, list) or not numbers:
        raise QueryError("analyzeTurns", "must be a list of turns")
    for number in numbers:
        if type(number) is not int or not 0 <= number <= moves:
            raise QueryError("analyzeTurns", f"must be whole numbers from 0 to {moves}, the number of moves")
    given = fields.get("priorities")
    if given is None:
        given = [integer_of(fields, "priority", -(2**53), 2**53, 0)] * len(numbers)
    if not isinstance(given, list) or len(given) != len(numbers) or any(type(p) is not int for p in given):
        raise QueryError("priorities", "must be as many whole numbers as there are turns")
    return dict(zip(numbers, given, strict=True))


def _restriction(fields: Mapping[str, Any], key: str, size: int) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for entry in list_of(fields, key):
        if not isinstance(entry, dict) or not isinstance(entry.get("moves"), list):
            raise QueryError(key, "must be objects with moves, player and untilDepth")
        color = COLORS.get(str(entry.get("player")).lower())
        if color is None:
            raise QueryError(key, "player must be B or W")
        points = frozenset(vertex_of(vertex, key, size) for vertex in entry["moves"])
        if not points:
            raise QueryError(key, "moves must name a move")
        found[color] = found.get(color, frozenset()) | points
    return found


# --- writing ---------------------------------------------------------------------------------------------------------


def answer(
    turn: Turn,
    found: Analysis | None,
    raw: RawAnswer | None = None,
    *,
    during: bool,
    policy: np.ndarray | None = None,
    owners: Sequence[np.ndarray] | None = None,
) -> dict[str, Any]:
    """The answer about a turn; ``found`` is None where nothing was searched.

    ``raw``: what the network alone says of the position, with the spread of the score that all moves are given.
    ``policy`` float [S*S+1] by action, -1 where illegal. ``owners``: the ownership after each move of ``found``, float
    [S*S] in [-1, 1] from the view of the side to move now.
    """
    query = turn.query
    out: dict[str, Any] = {"id": query.id, "isDuringSearch": during, "turnNumber": turn.number}
    if found is None:
        return out | {"noResults": True}
    size = turn.start.size
    turned = query.view is not None and query.view != found.to_move
    sign = -1.0 if turned else 1.0

    def rate(x: float) -> float:
        return round(min(max(1 - x if turned else x, 0.0), 1.0), 6)  # a bound lies outside where little is known

    def owned(values: np.ndarray) -> list[float]:
        return [round(sign * float(x), 4) for x in np.asarray(values).reshape(-1)]

    spread = {} if raw is None else {"scoreStdev": round(raw.score_spread, 4)}

    moves = []
    for index, move in enumerate(found.moves):
        info = {
            "move": to_gtp(move.point, size),
            "order": move.order,
            "visits": move.visits,
            "winrate": rate(move.winrate),
            "lcb": rate(move.lcb),
            "scoreLead": round(sign * move.score_lead, 4),
            "scoreMean": round(sign * move.score_lead, 4),
            "scoreSelfplay": round(sign * move.score_lead, 4),
            "utility": round(sign * move.utility, 6),
            "utilityLcb": round(sign * move.utility_bound, 6),
            "prior": round(move.prior, 6),
            "pv": [to_gtp(point, size) for point in move.pv],
        } | spread
        if query.pv_visits:
            info["pvVisits"] = list(move.pv_visits)
        if owners is not None:
            info["ownership"] = owned(owners[index])
        moves.append(info)
    out["moveInfos"] = moves
    out["rootInfo"] = {
        "currentPlayer": "B" if found.to_move == BLACK else "W",
        "visits": found.visits,
        "winrate": rate(found.winrate),
        "lcb": rate(found.lcb),
        "scoreLead": round(sign * found.score_lead, 4),
        "scoreSelfplay": round(sign * found.score_lead, 4),
        "utility": round(sign * found.utility, 6),
    } | spread
    if raw is not None:
        out["rootInfo"] |= {"rawWinrate": rate(raw.winrate), "rawLead": round(sign * raw.score_lead, 4)}
    if query.ownership:
        out["ownership"] = owned(found.ownership)
    if policy is not None:
        out["policy"] = [round(float(x), 6) for x in policy]
    return out


def legal_policy(game: Game, policy: Sequence[float] | np.ndarray) -> np.ndarray:
    """Priors by action (float [S*S+1]), with -1 where a move is illegal; the pass is legal."""
    actions = geometry(game.size).action
    legal = [int(actions[point]) for point in game.legal_points()] + [game.size**2]
    out = np.full(game.size**2 + 1, -1.0)
    out[legal] = np.asarray(policy)[legal]
    return out
