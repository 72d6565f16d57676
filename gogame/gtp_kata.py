"""KataGo's own commands: parameters, networks, stones that are set up, searches for a move that is not played."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gogame.board import BLACK, WHITE
from gogame.game import Game
from gogame.gtp import GtpError, Reply
from gogame.gtp_analysis import reporter, request_of
from gogame.gtp_session import MAX_SECONDS, Session, color_of, command, integer, move_text, need, number, stone_of
from gogame.player import DEFAULT_VISITS, MAX_WIDE

UNLIMITED = 10**9  # visits: more than a tree holds

# --- parameters ------------------------------------------------------------------------------------------------------


class Parameter(NamedTuple):
    """One of KataGo's parameters."""

    get: Callable[[Session], Any]
    read: Callable[[str], Any]  # GtpError for what it cannot be
    put: Callable[[Session, Any], None]


def _visits(session: Session) -> int:
    return session.player.visits or (UNLIMITED if session.is_timed else DEFAULT_VISITS)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise GtpError("allowResignation is true or false")
    return text.lower() == "true"


def _put_seconds(session: Session, seconds: float) -> None:
    session.player.seconds = None if seconds > MAX_SECONDS else seconds  # KataGo's 1e20 is no limit


PARAMETERS: Mapping[str, Parameter] = {
    "allowResignation": Parameter(
        lambda session: session.player.resign,
        _truth,
        lambda session, value: setattr(session.player, "resign", value),
    ),
    "analysisWideRootNoise": Parameter(
        lambda session: session.player.wide_root,
        lambda text: number(text, "analysisWideRootNoise", 0, MAX_WIDE),
        lambda session, value: setattr(session.player, "wide_root", value),
    ),
    "maxTime": Parameter(
        lambda session: session.player.seconds or 1e20,
        lambda text: number(text, "maxTime", 0.001, 1e300),
        _put_seconds,
    ),
    "maxVisits": Parameter(
        _visits,
        lambda text: integer(text, "maxVisits", 1, UNLIMITED),
        lambda session, value: setattr(session.player, "visits", value),
    ),
}


def _parameter(name: str) -> Parameter:
    if name not in PARAMETERS:
        *names, last = PARAMETERS
        raise GtpError(f"unknown parameter {name[:40]}: there are {', '.join(names)} and {last}")
    return PARAMETERS[name]


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower()


@command("kata-list-params")
def kata_list_params(session: Session, args: list[str], reply: Reply) -> str:
    return " ".join(PARAMETERS)


@command("kata-get-param")
def kata_get_param(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a parameter")
    return _text(_parameter(args[0]).get(session))


@command("kata-get-params")
def kata_get_params(session: Session, args: list[str], reply: Reply) -> str:
    return json.dumps({name: parameter.get(session) for name, parameter in PARAMETERS.items()}, separators=(",", ":"))


@command("kata-set-param")
def kata_set_param(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 2, "a parameter and its value")
    _put(session, {args[0]: args[1]})
    return ""


@command("kata-set-params")
def kata_set_params(session: Session, args: list[str], reply: Reply) -> str:
    """Sets all of a JSON object's, or none."""
    try:
        fields = json.loads(" ".join(args))
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise GtpError("syntax error: expected a JSON object of parameters")
    _put(session, {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()})
    return ""


def _put(session: Session, texts: Mapping[str, str]) -> None:
    found = [(_parameter(name), text) for name, text in texts.items()]
    for parameter, value in [(parameter, parameter.read(text)) for parameter, text in found]:
        parameter.put(session, value)


@command("kata-get-models")
def kata_get_models(session: Session, args: list[str], reply: Reply) -> str:
    return json.dumps(session.player.models(session.game.size), separators=(",", ":"))


# --- positions -------------------------------------------------------------------------------------------------------


@command("set_position")
def set_position(session: Session, args: list[str], reply: Reply) -> str:
    """Stones as pairs of a color and a vertex, on an otherwise empty board; Black is to move. Black stones alone, if
    they are more than one, are a handicap."""
    if len(args) % 2:
        raise GtpError("syntax error: expected pairs of a color and a vertex")
    game = Game(session.game.size, session.game.rules)
    stones: dict[int, list[int]] = {BLACK: [], WHITE: []}
    for color, vertex in zip(args[::2], args[1::2], strict=True):
        stones[color_of(color)].append(stone_of(vertex, game.size))
    try:
        game.setup(stones[BLACK], stones[WHITE])
    except ValueError as error:
        raise GtpError(f"illegal position: {error}") from None
    if len(stones[BLACK]) > 1 and not stones[WHITE]:
        game.handicap = len(stones[BLACK])
    session.game = game
    return ""


# --- a move that is not played ---------------------------------------------------------------------------------------


def _search(session: Session, color: int, stop: threading.Event | None = None, **options: Any) -> str:
    """The move that genmove would play. ``stop`` gives it up."""
    point = session.genmove(color, played=False, stop=stop, **options)
    return "cancelled" if stop is not None and stop.is_set() else move_text(session, point)


def _next_line(session: Session) -> threading.Event:
    return session.source.waiting if session.source else threading.Event()


def _search_analyse(session: Session, args: list[str], reply: Reply, stop: threading.Event | None = None) -> str:
    request = request_of(session, args)
    report = reporter(session, request, reply, "kata")
    reply.start()
    found = _search(
        session, request.color, stop, on_info=report, interval=request.interval, avoid=request.avoid,
        allow=request.allow,
    )  # fmt: skip
    return f"play {found}"


@command("kata-search")
def kata_search(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a color")
    return _search(session, color_of(args[0]))


@command("kata-search_cancellable")
def kata_search_cancellable(session: Session, args: list[str], reply: Reply) -> str:
    """Ends with any next line, and then names no move."""
    need(args, 1, "a color")
    return _search(session, color_of(args[0]), _next_line(session))


@command("kata-search_analyze")
def kata_search_analyse(session: Session, args: list[str], reply: Reply) -> str:
    return _search_analyse(session, args, reply)


@command("kata-search_analyze_cancellable")
def kata_search_analyse_cancellable(session: Session, args: list[str], reply: Reply) -> str:
    return _search_analyse(session, args, reply, _next_line(session))
