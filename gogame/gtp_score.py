"""The end of the game over GTP: dead stones, points and the result; GNU Go's commands for them too."""

from __future__ import annotations

import numpy as np

from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import to_gtp
from gogame.geometry import geometry
from gogame.gtp import GtpError, Reply
from gogame.gtp_session import Session, command, need, stone_of
from gogame.player import PlayerError, StoneStatus
from gogame.score import score_game

STONES = ("alive", "seki", "dead")
POINTS = {"white_territory": WHITE, "black_territory": BLACK, "dame": EMPTY}  # of the empty points


@command("final_score")
def final_score(session: Session, args: list[str], reply: Reply) -> str:
    game = session.game
    if game.resigned:
        return game.result()
    return str(score_game(game, _status(session).dead))


def _status(session: Session) -> StoneStatus:
    try:
        return session.player.stone_status(session.game)
    except PlayerError as error:
        raise GtpError(str(error)) from None


@command("final_status_list")
def final_status_list(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "alive, seki or dead")
    wanted = args[0].lower()
    if wanted in STONES:
        return _chains(session, sorted(getattr(_status(session), wanted)))
    if wanted in POINTS:
        owners, size = _owners(session), session.game.size
        return " ".join(to_gtp(point, size) for point, owner in owners.items() if owner == POINTS[wanted])
    raise GtpError(f"invalid status: expected {', '.join((*STONES, *POINTS))}")


@command("final_status")
def final_status(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a vertex")
    point = stone_of(args[0], session.game.size)
    if (owner := _owners(session).get(point)) is not None:
        return next(name for name, color in POINTS.items() if color == owner)
    status = _status(session)
    return next(name for name in STONES if point in getattr(status, name))


def _owners(session: Session) -> dict[int, int]:
    """Whose each empty point is; dead stones are taken off, but their points are not empty."""
    game = session.game
    owners = score_game(game, _status(session).dead).owners
    return {int(p): int(owners[p]) for p in geometry(game.size).points if game.board.color[p] == EMPTY}


def _chains(session: Session, points: list[int]) -> str:
    """Stones by chain, one chain a line."""
    chains: dict[int, list[str]] = {}
    for point in points:
        chains.setdefault(int(session.game.board.head[point]), []).append(to_gtp(point, session.game.size))
    return "\n".join(map(" ".join, chains.values()))


@command("estimate_score")
def estimate_score(session: Session, args: list[str], reply: Reply) -> str:
    """GNU Go's form. A finished game is counted; else it is the network's lead, more or less the spread it sees."""
    game = session.game
    if game.is_over and not game.resigned:
        lead, spread = -score_game(game, _status(session).dead).lead, 0.0
    else:
        try:
            answers = [session.player.raw(session.position(game.to_move), symmetry) for symmetry in range(8)]
        except PlayerError as error:
            raise GtpError(str(error)) from None
        leads = [answer.score_lead if answer.to_move == WHITE else -answer.score_lead for answer in answers]
        lead, spread = float(np.mean(leads)), float(np.mean([answer.score_spread for answer in answers]))
    result = f"{'W' if lead > 0 else 'B'}+{abs(lead):.1f}" if round(lead, 1) else "0"
    return f"{result} (upper bound: {lead + spread:.1f}, lower: {lead - spread:.1f})"
