"""How games end: when to resign, when to pass, which stones are dead.

A position is judged by the ownership that the search averaged, corrected where the rules leave no doubt (Benson's
pass-alive regions). Two counts of the board follow from it: as it stands, every stone alive (what a referee without
judgement counts: Tromp-Taylor), and with the dead stones off (what people count). The engine answers a pass with a
pass when it wins by both, unless it is nearly sure to win anyway and some stone or point could be counted otherwise:
then it plays on until none can. Before it answers a pass it takes the last liberties that cost it nothing, since people
and programs differ on stones in atari. It passes of its own accord when nothing is left to gain and passing risks
nothing. While the two counts differ to its disadvantage it captures the dead stones first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from gogame.board import BLACK, EMPTY, WHITE
from gogame.geometry import PASS, geometry
from gogame.pass_alive import new_pass_alive_scratch, pass_alive
from gogame.player import Analysis, StoneStatus
from gogame.score import score_game
from mcts.territory import DEAD

if TYPE_CHECKING:
    from gogame.game import Game

SURE = 0.85  # ownership beyond which a point is settled
DISPUTED = 0.5  # ownership below which somebody may count a point otherwise ...
SAFE = 0.95  # ... which is played out where the winrate is above this
GAIN = 0.6  # points: a pass that costs no more than this costs nothing ...
LOSS = 0.03  # ... if it costs no more than this of the winrate


@dataclass(frozen=True)
class ResignConfig:
    """When a game is given up."""

    winrate: float = 0.03  # below this ...
    moves: int = 3  # ... for so many own moves in a row ...
    least_share: float = (
        0.3  # ... after this share of the board's points in moves; twice that for White in handicap games
    )
    points_per_line: float = 0.6  # ... and behind by this many points a line of the board (9x9: 5.4)


@dataclass
class Resignation:
    """Counts hopeless moves in a row. One object follows one game and both colours."""

    config: ResignConfig = field(default_factory=ResignConfig)
    _bad: dict[int, tuple[int, int, int]] = field(default_factory=dict)  # colour -> move number, hopeless moves in a
    # row before it, and with it

    def is_due(self, game: Game, analysis: Analysis) -> bool:
        """Notes the search of one own move, and says whether it is time to resign. Another search of the same move
        takes the place of the first."""
        config, color = self.config, analysis.to_move
        least = config.least_share * game.size**2 * (2 if game.handicap and color == WHITE else 1)
        hopeless = (
            game.move_number >= least
            and analysis.winrate < config.winrate
            and analysis.score_lead < -config.points_per_line * game.size
        )
        number, before, count = self._bad.get(color, (-2, 0, 0))
        if game.move_number != number:
            before = count if game.move_number == number + 2 else 0
        count = before + 1 if hopeless else 0
        self._bad[color] = (game.move_number, before, count)
        return count >= config.moves


@dataclass(frozen=True)
class Situation:
    """A position as if the game ended here; margins in points from the view of the side to move."""

    status: StoneStatus
    board_margin: float  # every stone alive
    clean_margin: float  # dead stones taken off
    settled: bool  # nothing is open, neutral points included
    disputed: bool  # some point, seki apart, may be counted otherwise by somebody else
    last_liberties: frozenset[int]  # of the chains in atari, pass-alive areas and seki apart
    pass_alive: np.ndarray  # uint8 [N] 0, BLACK or WHITE: whose unconditional territory or stones


def pass_alive_owner(game: Game) -> np.ndarray:
    """uint8 [N] by point: BLACK or WHITE in that colour's pass-alive area, else 0."""
    scratch = new_pass_alive_scratch(game.size)
    marks = np.zeros(game.board.color.size, np.uint8)
    owner = np.zeros_like(marks)
    for color in (BLACK, WHITE):
        pass_alive(game.board, color, marks, scratch, game.rules.suicide)
        owner[marks == 1] = color
    return owner


def certain_ownership(game: Game, ownership: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """float32 [S*S], Black's view: ``ownership`` with pass-alive areas (see :func:`pass_alive_owner`) made certain."""
    by_action = owner[geometry(game.size).points]
    return np.where(by_action == BLACK, 1.0, np.where(by_action == WHITE, -1.0, ownership)).astype(np.float32)


def stone_status(game: Game, ownership: np.ndarray) -> StoneStatus:
    """Sorts the stones into alive, seki and dead. ``ownership`` [S*S], Black's view, from :func:`certain_ownership`.

    A chain is dead if its points will be the opponent's. A living chain is in seki if neither it nor any chain that
    it shares territory with has territory, and an opponent's chain beside the same neutral points has none either.
    """
    board, points = game.board, geometry(game.size).points
    chains: dict[int, list[int]] = {}
    for point in points:
        if board.color[point] != EMPTY:
            chains.setdefault(int(board.head[point]), []).append(int(point))
    action = geometry(game.size).action
    dead: set[int] = set()
    living: set[int] = set()
    for head, stones in chains.items():
        sign = 1.0 if board.color[head] == BLACK else -1.0
        mean = sign * float(np.mean([ownership[action[p]] for p in stones]))
        (dead if mean < DEAD else living).update([head] if mean >= DEAD else stones)
    seki = _seki_chains(game, living, dead)
    members = {head: frozenset(chains[head]) for head in living}
    return StoneStatus(
        alive=frozenset(p for head in living - seki for p in members[head]),
        seki=frozenset(p for head in seki for p in members[head]),
        dead=frozenset(dead),
    )


def _regions(game: Game, dead: set[int]) -> list[tuple[set[int], set[int]]]:
    """The regions of empty points and dead stones, as (points, heads of the living chains around)."""
    board = game.board
    neighbors = geometry(game.size).neighbors
    is_open = {int(p) for p in geometry(game.size).points if board.color[p] == EMPTY or int(p) in dead}
    regions = []
    while is_open:
        stack = [is_open.pop()]
        inside, around = set(stack), set()
        while stack:
            for beside in map(int, neighbors[stack.pop()]):
                if beside in is_open:
                    is_open.remove(beside)
                    inside.add(beside)
                    stack.append(beside)
                elif board.color[beside] in (BLACK, WHITE) and beside not in inside:
                    around.add(int(board.head[beside]))
        regions.append((inside, around))
    return regions


def _seki_chains(game: Game, living: set[int], dead: set[int]) -> set[int]:
    """Heads of the living chains that are in seki."""
    board = game.board
    regions = _regions(game, dead)
    own = [around for _, around in regions if len({int(board.color[h]) for h in around}) == 1]
    homeless = living - set().union(*own) if own else set(living)
    seki: set[int] = set()
    for inside, around in regions:
        mixed = around & homeless
        # Two small sides around the same few liberties; a large open region is only an unfinished game.
        if len({int(board.color[h]) for h in mixed}) == 2 and len(inside) <= 4:
            seki |= mixed
    return seki


def may_end(game: Game, analysis: Analysis) -> bool:
    """Whether the end of the game is near enough to be worth :func:`judge`, which costs milliseconds."""
    best = analysis.moves[0].point
    return (
        game.passes > 0
        or best == PASS
        or float(np.mean(np.abs(analysis.ownership) >= SURE)) > 0.8
        or pass_alive_owner(game)[best] != 0
    )


def judge(game: Game, analysis: Analysis) -> Situation:
    """What the search's findings say about the end of the game."""
    sign = 1.0 if analysis.to_move == BLACK else -1.0
    owner = pass_alive_owner(game)
    ownership = certain_ownership(game, sign * np.asarray(analysis.ownership), owner)
    status = stone_status(game, ownership)
    certain = np.abs(ownership)
    table = geometry(game.size)
    seki = {int(p) for point in status.seki for p in table.neighbors[point] if game.board.color[p] == EMPTY}
    certain[[table.action[p] for p in (*status.seki, *seki)]] = 1.0  # a seki is settled as it is
    as_it_stands = score_game(game).lead
    cleaned = score_game(game, status.dead)
    # A point that counts for nobody yet and will be somebody's: players and programs differ on it until it is filled.
    left = game.rules.scoring == "area" and any(
        game.board.color[p] == EMPTY == cleaned.owners[p] and abs(ownership[table.action[p]]) >= DISPUTED
        for p in set(map(int, table.points)) - seki
    )
    shared = any(cleaned.owners[p] == EMPTY for p in status.dead)  # taken off, they leave points to nobody
    return Situation(
        status=status,
        board_margin=sign * as_it_stands,
        clean_margin=sign * cleaned.lead,
        settled=bool((certain >= SURE).all()) and not left,
        disputed=bool((certain < DISPUTED).any()) or shared or left,
        last_liberties=_last_liberties(game, owner, status.seki),
        pass_alive=owner,
    )


def _last_liberties(game: Game, owner: np.ndarray, seki: frozenset[int]) -> frozenset[int]:
    """The points at which a chain can be captured or saved now, where that is not settled."""
    board, neighbors = game.board, geometry(game.size).neighbors
    return frozenset(
        int(point)
        for point in geometry(game.size).points
        if board.color[point] == EMPTY
        for beside in map(int, neighbors[point])
        if board.color[beside] in (BLACK, WHITE)
        and board.liberties[board.head[beside]] == 1
        and owner[beside] == 0
        and beside not in seki
    )


class Ending(Enum):
    """What to do about the end of the game."""

    PLAY = "play the search's move"
    PASS = "pass"
    TRY_PASS = "pass, if a search finds that it costs nothing"
    CAPTURE = "take dead stones off before passing"
    SETTLE = "take a last liberty if that costs nothing, else pass"


def decide(game: Game, analysis: Analysis, situation: Situation, cleanup: bool = False) -> Ending:
    """Whether to pass now. ``analysis`` has at least one move."""
    color = analysis.to_move
    theirs = any(game.board.color[p] != color for p in situation.status.dead)
    wants_pass = analysis.moves[0].point == PASS or not purposeful(game, analysis, situation)
    opponent_passed = game.passes > 0
    if cleanup and theirs:
        return Ending.CAPTURE
    if game.rules.scoring == "territory":
        if opponent_passed and situation.settled:
            return Ending.PASS if situation.clean_margin > 0 or wants_pass else Ending.TRY_PASS
        return Ending.TRY_PASS if situation.settled or wants_pass else Ending.PLAY
    answer = Ending.SETTLE if situation.last_liberties else Ending.PASS
    wins_both = situation.board_margin > 0 and situation.clean_margin > 0
    if opponent_passed and wins_both and not (situation.disputed and analysis.winrate > SAFE):
        return answer
    if not (situation.settled or wants_pass):
        return Ending.PLAY
    if situation.clean_margin > 0 >= situation.board_margin:
        return Ending.CAPTURE if theirs else Ending.PLAY
    if opponent_passed and situation.board_margin > 0:
        return answer
    return Ending.TRY_PASS


def purposeful(game: Game, analysis: Analysis, situation: Situation) -> list[int]:
    """The search's moves, best first, without the pass and without those that can gain nothing.

    Nothing is gained inside the opponent's pass-alive area, nor inside one's own, but for the captures of dead
    stones that count as alive until they are taken off.
    """
    color, owner = analysis.to_move, situation.pass_alive
    useful = capturing_points(game, color, situation) if situation.board_margin <= 0 < situation.clean_margin else set()
    return [
        move.point for move in analysis.moves if move.point != PASS and (owner[move.point] == 0 or move.point in useful)
    ]


def capturing_points(game: Game, color: int, situation: Situation) -> set[int]:
    """Empty points of the regions, bounded by ``color``, that hold dead opponent's stones; own one-point eyes only
    where a stone there captures."""
    board = game.board
    neighbors = geometry(game.size).neighbors
    dead = {p for p in situation.status.dead if board.color[p] != color}
    points: set[int] = set()
    stack, seen = list(dead), set(dead)
    while stack:
        for beside in map(int, neighbors[stack.pop()]):
            if beside in seen or not (board.color[beside] == EMPTY or beside in dead):
                continue
            seen.add(beside)
            stack.append(beside)
            if board.color[beside] == EMPTY:
                points.add(beside)
    return {p for p in points if any(board.color[int(q)] != color for q in neighbors[p] if _on_board(board, int(q)))}


def _on_board(board: object, point: int) -> bool:
    return bool(board.color[point] in (EMPTY, BLACK, WHITE))  # type: ignore[attr-defined]
