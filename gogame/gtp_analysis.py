"""Analysis over GTP: lz-analyze, kata-analyze and their genmove forms, and CGOS's.

    lz-analyze [color] [interval] [key value ...]        interval in centiseconds
    keys: interval, minmoves, maxmoves, avoid|allow COLOR VERTEX,... DEPTH, ownership, rootInfo, pvVisits

Values are from the view of the side to move. An analysis ends with any next line, which is then executed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gogame.board import WHITE
from gogame.coords import to_gtp
from gogame.geometry import geometry
from gogame.gtp import Reply
from gogame.gtp_session import (
    Session,
    color_of,
    command,
    integer,
    is_color,
    move_text,
    need,
    number,
    vertex_of,
    vertices_text,
)
from gogame.player import Analysis, Candidate, OnInfo, PlayerError, RawAnswer

DEFAULT_INTERVAL = 1.0  # seconds
LEAST_INTERVAL = 0.02
SWITCHES = (
    "ownership", "rootinfo", "pvvisits", "movesownership", "pvedgevisits", "ownershipstdev", "movesownershipstdev",
    "noresultvalue",
)  # fmt: skip


@dataclass
class Request:
    """The arguments of an analysis."""

    color: int
    interval: float = DEFAULT_INTERVAL  # seconds
    most: int = 10**6
    ownership: bool = False
    root_info: bool = False
    pv_visits: bool = False
    moves_ownership: bool = False
    avoid: set[int] = field(default_factory=set)
    allow: set[int] | None = None


def request_of(session: Session, args: list[str]) -> Request:
    """Reads the arguments of an analysis. What it does not know is a key with a value, and told on standard error."""
    request = Request(session.game.to_move)
    rest = list(args)
    if rest and is_color(rest[0]):
        request.color = color_of(rest.pop(0))
    if rest and rest[0].replace(".", "", 1).isdigit():
        request.interval = _interval(rest.pop(0))
    while rest:
        key = rest.pop(0).lower()
        if key in ("avoid", "allow"):
            _restrict(session, request, key, rest)
            continue
        need(rest, 1, f"a value after {key}")
        value = rest.pop(0)
        if key == "interval":
            request.interval = _interval(value)
        elif key == "minmoves":
            integer(value, key, 0, 10**6)  # the moves that were searched are shown, however few
        elif key == "maxmoves":
            request.most = integer(value, key, 1, 10**6)
        elif key in SWITCHES:
            wanted = value.lower() == "true"
            request.ownership |= wanted and key == "ownership"
            request.root_info |= wanted and key == "rootinfo"
            request.pv_visits |= wanted and key == "pvvisits"
            request.moves_ownership |= wanted and key == "movesownership"
        else:
            session.log_once(f"analysis key {key[:40]!r} is not known, and ignored")
    return request


def _interval(text: str) -> float:
    return max(number(text, "interval", 0, 10**9) / 100, LEAST_INTERVAL)


def _restrict(session: Session, request: Request, key: str, rest: list[str]) -> None:
    """Reads ``COLOR VERTEX[,VERTEX...] DEPTH``. It holds for the first move: deeper ones are not restricted."""
    need(rest, 2, f"a color and vertices after {key}")
    color = color_of(rest.pop(0))
    points = {vertex_of(text, session.game.size) for text in rest.pop(0).split(",") if text}
    if rest and rest[0].isdigit():
        rest.pop(0)
    if color != request.color:
        return
    if key == "avoid":
        request.avoid |= points
    else:
        request.allow = (request.allow or set()) | points


# --- the formats -----------------------------------------------------------------------------------------------------


def _variation(request: Request, move: Candidate, size: int) -> str:
    visits = f" pvVisits {' '.join(map(str, move.pv_visits))}" if request.pv_visits else ""
    return f"pv {vertices_text(move.pv, size)}{visits}"


def _shown(request: Request, analysis: Analysis) -> Sequence[Candidate]:
    return analysis.moves[: request.most]


def leela_line(request: Request, analysis: Analysis, size: int) -> str:
    """Leela Zero's format: probabilities times 10,000, as integers."""
    parts = []
    for move in _shown(request, analysis):
        rates = [round(10_000 * min(max(x, 0.0), 1.0)) for x in (move.winrate, move.prior, move.lcb)]
        parts.append(
            f"info move {to_gtp(move.point, size)} visits {move.visits} winrate {rates[0]} prior {rates[1]}"
            f" lcb {rates[2]} order {move.order} {_variation(request, move, size)}"
        )
    return " ".join(parts)


def kata_line(
    request: Request, analysis: Analysis, size: int, raw: RawAnswer, owners: Mapping[int, np.ndarray] | None = None
) -> str:
    """KataGo's format: decimal fractions, with the score and, where asked for, the ownership.

    ``raw``: what the network alone says of the position; the spread of the score that it sees is every move's.
    ``owners``: the ownership after each move, by point."""
    parts, spread = [], f"scoreStdev {raw.score_spread:.3f}"
    for move in _shown(request, analysis):
        bound = min(max(move.lcb, 0.0), 1.0)  # as KataGo's, within the rates; below them where little is known
        parts.append(
            f"info move {to_gtp(move.point, size)} visits {move.visits} utility {move.utility:.6f}"
            f" winrate {move.winrate:.6f} scoreMean {move.score_lead:.3f} {spread} scoreLead {move.score_lead:.3f}"
            f" prior {move.prior:.6f} lcb {bound:.6f} utilityLcb {move.utility_bound:.6f} order {move.order}"
            f" {_variation(request, move, size)}"
        )
        if owners is not None:
            parts.append("movesOwnership " + _owned_text(owners[move.point]))
    if request.root_info:
        parts.append(
            f"rootInfo visits {analysis.visits} utility {analysis.utility:.6f} winrate {analysis.winrate:.6f}"
            f" {spread} scoreLead {analysis.score_lead:.3f}"
        )
    if request.ownership:
        parts.append("ownership " + _owned_text(analysis.ownership))
    return " ".join(parts)


def _owned_text(owned: np.ndarray) -> str:
    return " ".join(f"{x:.3f}" for x in np.asarray(owned).reshape(-1))


def cgos_json(analysis: Analysis, size: int) -> str:
    """CGOS's format: one line of JSON, with the ownership as a character a point."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    owned = np.clip((np.asarray(analysis.ownership, np.float64).reshape(-1) + 1) / 2, 0, 1)
    moves = [
        {
            "move": to_gtp(move.point, size),
            "winrate": round(move.winrate, 4),
            "score": round(move.score_lead, 2),
            "prior": round(move.prior, 6),
            "visits": move.visits,
            "pv": vertices_text(move.pv[1:], size),
        }
        for move in analysis.moves[:20]
    ]
    return json.dumps(
        {
            "winrate": round(analysis.winrate, 4),
            "score": round(analysis.score_lead, 2),
            "visits": analysis.visits,
            "moves": moves,
            "ownership": "".join(alphabet[round(62 * float(x))] for x in owned),
        },
        separators=(",", ":"),
    )


def reporter(session: Session, request: Request, reply: Reply, dialect: str) -> OnInfo:
    """Writes a line for each of a search's reports. What the network alone says is asked once for the position, and
    once for each move that is shown."""
    size, position = session.game.size, session.position(request.color)
    raw = session.player.raw(position) if dialect == "kata" else None
    owners: dict[int, np.ndarray] | None = {} if request.moves_ownership else None

    def report(analysis: Analysis) -> None:
        if not analysis.moves:
            return
        if raw is None:
            reply.line(leela_line(request, analysis, size))
            return
        if owners is not None:
            new = [move.point for move in _shown(request, analysis) if move.point not in owners]
            if new:
                owners.update(zip(new, session.player.ownerships_after(position, new), strict=True))
        reply.line(kata_line(request, analysis, size, raw, owners))

    return report


# --- the commands ----------------------------------------------------------------------------------------------------


def _analyse(session: Session, args: list[str], reply: Reply, dialect: str) -> str:
    request = request_of(session, args)
    stop = session.source.waiting if session.source else threading.Event()
    reply.start()
    try:
        session.player.analyse(
            session.position(request.color),
            reporter(session, request, reply, dialect),
            stop,
            interval=request.interval,
            avoid=request.avoid,
            allow=request.allow,
        )
    except PlayerError as error:
        session.log(str(error))
    stop.wait()  # a search that is full is still an analysis until the next line comes
    return ""


@command("lz-analyze")
def lz_analyze(session: Session, args: list[str], reply: Reply) -> str:
    return _analyse(session, args, reply, "lz")


@command("kata-analyze", "analyze")
def kata_analyze(session: Session, args: list[str], reply: Reply) -> str:
    return _analyse(session, args, reply, "kata")


def _genmove_analyse(session: Session, args: list[str], reply: Reply, dialect: str) -> str:
    request = request_of(session, args)
    report = reporter(session, request, reply, dialect)
    reply.start()
    point = session.genmove(
        request.color, on_info=report, interval=request.interval, avoid=request.avoid, allow=request.allow
    )
    return f"play {move_text(session, point)}"


@command("lz-genmove_analyze")
def lz_genmove_analyze(session: Session, args: list[str], reply: Reply) -> str:
    return _genmove_analyse(session, args, reply, "lz")


@command("kata-genmove_analyze", "genmove_analyze")
def kata_genmove_analyze(session: Session, args: list[str], reply: Reply) -> str:
    return _genmove_analyse(session, args, reply, "kata")


@command("cgos-genmove_analyze")
def cgos_genmove_analyze(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a color")
    last: list[Analysis] = []

    def keep(analysis: Analysis) -> None:
        last[:] = [analysis]

    size = session.game.size
    point = session.genmove(color_of(args[0]), on_info=keep, interval=1e9)
    reply.start()
    if last:
        reply.line(cgos_json(last[0], size))
    return f"play {move_text(session, point)}"


@command("kata-raw-nn")
def kata_raw_nn(session: Session, args: list[str], reply: Reply) -> str:
    """``kata-raw-nn [color] symmetry``, the symmetry 0 to 7 or ``all``: KataGo's keys, White's view."""
    rest = list(args)
    color = color_of(rest.pop(0)) if rest and is_color(rest[0]) else session.game.to_move
    wanted = rest[0].lower() if rest else "0"
    symmetries = range(8) if wanted == "all" else [integer(wanted, "symmetry", 0, 7)]
    position = session.position(color)
    return "\n".join(raw_text(session.player.raw(position, k), k, position.size) for k in symmetries)


def raw_text(answer: RawAnswer, symmetry: int, size: int) -> str:
    """KataGo's form of a network's answer. What this network does not predict is -1, as KataGo has it."""
    sign = 1 if answer.to_move == WHITE else -1
    win, loss = (answer.win, answer.loss)[::sign]
    lead = sign * answer.score_lead
    figures = {
        "symmetry": str(symmetry),
        "whiteWin": f"{win:.6f}",
        "whiteLoss": f"{loss:.6f}",
        "noResult": f"{answer.no_result:.6f}",
        "whiteLead": f"{lead:.3f}",
        "whiteScoreSelfplay": f"{lead:.3f}",
        "whiteScoreSelfplaySq": f"{lead**2 + answer.score_spread**2:.3f}",
        "varTimeLeft": "-1.000",
        "shorttermWinlossError": "-1.000",
        "shorttermScoreError": "-1.000",
    }
    policy = ["NAN" if np.isnan(p) else f"{p:.6f}" for p in answer.policy]
    owned = [f"{sign * x:.7f}" for x in answer.ownership]
    rows = range(0, size * size, size)
    return "\n".join(
        [f"{key} {value}" for key, value in figures.items()]
        + ["policy", *(" ".join(f"{p:>8}" for p in policy[row : row + size]) for row in rows)]
        + [f"policyPass {policy[-1]}", "whiteOwnership", *(" ".join(owned[row : row + size]) for row in rows)]
    )


@command("gogame-ownership")
def gogame_ownership(session: Session, args: list[str], reply: Reply) -> str:
    """GoGui's dboard: a number a point, row by row, Black positive."""
    owned = np.asarray(session.player.ownership(session.game), np.float64)
    size = session.game.size
    rows = owned[np.arange(len(geometry(size).points))].reshape(size, size)
    return "\n" + "\n".join(" ".join(f"{x:.2f}" for x in row) for row in rows)


@command("stop")
def stop_analysis(session: Session, args: list[str], reply: Reply) -> str:
    return ""  # whatever ran has ended with this line
