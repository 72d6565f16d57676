"""What single clients and servers ask for beyond GTP version 2: GNU Go's, GoGui's, KGS's and KataGo's commands."""

from __future__ import annotations

import json
import math

import numpy as np

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import to_gtp
from gogame.geometry import PASS, geometry
from gogame.gtp import GtpError, Reply
from gogame.gtp_session import (
    MAX_SECONDS,
    Session,
    color_of,
    command,
    integer,
    main_time,
    need,
    number,
    stone_of,
    vertex_of,
    vertices_text,
)
from gogame.kata_rules import rules_dict, rules_of, with_rule
from gogame.player import DEFAULT_VISITS, Analysis, CappedFischer, TimeSettings
from gogame.rules import Rules

TOP = 10  # moves of top_moves

# --- GNU Go ----------------------------------------------------------------------------------------------------------


@command("list_stones")
def list_stones(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a color")
    points = np.flatnonzero(session.game.board.color == color_of(args[0]))
    return vertices_text(points, session.game.size)


@command("color")
def color(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a vertex")
    point = stone_of(args[0], session.game.size)
    return ("empty", "black", "white")[int(session.game.board.color[point])]


@command("is_legal")
def is_legal(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 2, "a color and a vertex")
    point = vertex_of(args[1], session.game.size)
    return "1" if session.game.is_legal(point, color_of(args[0])) else "0"


@command("all_legal")
def all_legal(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a color")
    wanted, game = color_of(args[0]), session.game
    empty = [int(p) for p in np.flatnonzero(game.board.color == EMPTY)]
    return vertices_text([point for point in empty if game.is_legal(point, wanted)], game.size)


@command("captures")
def captures(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a color")
    return str(session.game.captures(color_of(args[0])))


@command("findlib")
def findlib(session: Session, args: list[str], reply: Reply) -> str:
    """The liberties of the chain at a vertex."""
    need(args, 1, "a vertex")
    board, size = session.game.board, session.game.size
    point = stone_of(args[0], size)
    if board.color[point] == EMPTY:
        raise GtpError("vertex must not be empty")
    chain = np.flatnonzero((board.head == board.head[point]) & (board.color == board.color[point]))
    beside = np.unique(geometry(size).neighbors[chain])
    return vertices_text(beside[board.color[beside] == EMPTY], size)


@command("top_moves")
def top_moves(session: Session, args: list[str], reply: Reply) -> str:
    """The moves that a search visits most, each with its winrate in percent."""
    return _top_moves(session, session.game.to_move)


@command("top_moves_black")
def top_moves_black(session: Session, args: list[str], reply: Reply) -> str:
    return _top_moves(session, BLACK)


@command("top_moves_white")
def top_moves_white(session: Session, args: list[str], reply: Reply) -> str:
    return _top_moves(session, WHITE)


def _top_moves(session: Session, color: int) -> str:
    found: list[Analysis] = []
    visits = max(session.player.visits or 0, DEFAULT_VISITS)  # a hint is better than the weakest level's move
    session.player.analyse(session.position(color), found.append, session.interruptible(), visits=visits)
    moves = [move for move in found[-1].moves if move.point != PASS][:TOP] if found else []
    return " ".join(f"{to_gtp(move.point, session.game.size)} {100 * move.winrate:.2f}" for move in moves)


@command("query_boardsize")
def query_boardsize(session: Session, args: list[str], reply: Reply) -> str:
    return str(session.game.size)


@command("get_komi")
def get_komi(session: Session, args: list[str], reply: Reply) -> str:
    return f"{session.game.rules.komi:g}"


@command("get_handicap")
def get_handicap(session: Session, args: list[str], reply: Reply) -> str:
    return str(session.game.handicap)


@command("last_move")
def last_move(session: Session, args: list[str], reply: Reply) -> str:
    if not session.game.moves:
        raise GtpError("no previous move known")
    return _moves(session, session.game.moves[-1:])


@command("move_history")
def move_history(session: Session, args: list[str], reply: Reply) -> str:
    return _moves(session, session.game.moves[::-1])


def _moves(session: Session, moves: list[tuple[int, int]]) -> str:
    size = session.game.size
    return "\n".join(f"{'black' if color == BLACK else 'white'} {to_gtp(point, size)}" for color, point in moves)


@command("level")
def level(session: Session, args: list[str], reply: Reply) -> str:
    """GNU Go's level, 0 to 20: 400 visits at level 10, half of it with each level less, 1 at least."""
    need(args, 1, "a level")
    session.player.visits = max(1, round(DEFAULT_VISITS * 2.0 ** (integer(args[0], "level", 0, 20) - 10)))
    return ""


# --- GoGui -----------------------------------------------------------------------------------------------------------


@command("gogui-play_sequence")
def play_sequence(session: Session, args: list[str], reply: Reply) -> str:
    if len(args) % 2:
        raise GtpError("syntax error: expected pairs of a color and a vertex")
    moves = [(color_of(a), vertex_of(b, session.game.size)) for a, b in zip(args[::2], args[1::2], strict=True)]
    played = 0
    try:
        for color_to_play, point in moves:
            session.play(color_to_play, point)
            played += 1
    except GtpError:
        for _ in range(played):
            session.undo()
        raise
    return ""


@command("gogui-interrupt")
def interrupt(session: Session, args: list[str], reply: Reply) -> str:
    return ""  # being listed says that the comment "# interrupt" ends a move under way


@command("gogui-analyze_commands")
def analyze_commands(session: Session, args: list[str], reply: Reply) -> str:
    return "\n".join(
        [
            "dboard/Ownership/gogame-ownership",
            "plist/Dead stones/final_status_list dead",
            "plist/Legal moves/all_legal %c",
            "string/Final score/final_score",
            "string/Rules/kata-get-rules",
            "none/Clear cache/clear_cache",
        ]
    )


# --- time systems ----------------------------------------------------------------------------------------------------

TIME_SYSTEMS = {  # name -> number of figures
    "none": 0, "absolute": 1, "byoyomi": 3, "canadian": 3, "fischer": 2, "fischer-capped": 4,
}  # fmt: skip


def _set_time(session: Session, args: list[str], systems: tuple[str, ...]) -> str:
    need(args, 1, "a time system")
    system = args[0].lower()
    if system not in systems:
        raise GtpError(f"unknown time system: expected {', '.join(systems)}")
    need(args, 1 + TIME_SYSTEMS[system], f"{TIME_SYSTEMS[system]} figures after {system}")
    figures = args[1:]
    main = main_time(figures[0]) if TIME_SYSTEMS[system] > 0 else 0.0
    period = number(figures[1], "period", 0, MAX_SECONDS) if TIME_SYSTEMS[system] > 1 else 0.0
    if system == "fischer-capped":
        limits = [number(text, "limit", -MAX_SECONDS, 1e300) for text in figures[2:4]]
        session.set_time(CappedFischer("fischer", main, period, 0, *(math.inf if x < 0 else x for x in limits)))
        return ""
    count = integer(figures[2], "count", 0, 10**6) if TIME_SYSTEMS[system] > 2 else 0
    if system in ("byoyomi", "canadian") and (period == 0 or count == 0):
        system = "absolute"
    session.set_time(TimeSettings(system, main, period, count))  # type: ignore[arg-type]
    return ""


@command("kgs-time_settings")
def kgs_time_settings(session: Session, args: list[str], reply: Reply) -> str:
    return _set_time(session, args, ("none", "absolute", "byoyomi", "canadian"))


@command("kata-time_settings")
def kata_time_settings(session: Session, args: list[str], reply: Reply) -> str:
    return _set_time(session, args, tuple(TIME_SYSTEMS))


@command("kata-list_time_settings")
def kata_list_time_settings(session: Session, args: list[str], reply: Reply) -> str:
    return " ".join(TIME_SYSTEMS)


# --- rules -----------------------------------------------------------------------------------------------------------


@command("kata-get-rules")
def kata_get_rules(session: Session, args: list[str], reply: Reply) -> str:
    return json.dumps(rules_dict(session.game.rules), separators=(",", ":"))


@command("kata-set-rules")
def kata_set_rules(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "rules by name or as JSON")
    session.set_rules(_rules_of(" ".join(args), session.game.rules))
    return ""


def _rules_of(text: str, base: Rules) -> Rules:
    try:
        return rules_of(text, base)
    except ValueError as error:
        raise GtpError(str(error)) from None


@command("kata-set-rule")
def kata_set_rule(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 2, "a rule and its value")
    try:
        session.set_rules(with_rule(session.game.rules, args[0], args[1]).replace(name="custom"))
    except ValueError as error:
        raise GtpError(str(error)) from None
    return ""


@command("kgs-rules")
def kgs_rules(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "chinese, aga, japanese or new_zealand")
    name = args[0].lower()
    if name not in ("chinese", "aga", "japanese", "new_zealand"):
        raise GtpError("unknown rules: expected chinese, aga, japanese or new_zealand")
    session.set_rules(_rules_of("chinese-kgs" if name == "chinese" else name, session.game.rules))
    return ""


@command("kgs-game_over")
def kgs_game_over(session: Session, args: list[str], reply: Reply) -> str:
    return ""
