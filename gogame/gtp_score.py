"""The end of the game over GTP: dead stones, points and the result; GNU Go's commands for them too."""

from __future__ import annotations

import numpy as np

from gogame.board import BLACK, EMPTY, WHITE
from gogame.geometry import geometry
from gogame.gtp import GtpError, Reply
from gogame.gtp_session import Session, command, need, stone_of, vertices_text
from gogame.score import Score, score_game

STONES = ("alive", "seki", "dead")
POINTS = {"white_territory": WHITE, "black_territory": BLACK, "dame": EMPTY}  # of the empty points


@command("final_score")
def final_score(session: Session, args: list[str], reply: Reply) -> str:
    game = session.game
    if game.resigned:
        return game.result()
    return str(score(session))


def score(session: Session) -> Score:
    """The game counted as it stands, without the stones that the player holds for dead."""
    return score_game(session.game, session.player.stone_status(session.game).dead)


@command("final_status_list")
def final_status_list(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "alive, seki or dead")
    wanted = args[0].lower()
    if wanted in STONES:
        return _chains(session, sorted(getattr(session.player.stone_status(session.game), wanted)))
    if wanted in POINTS:
        board, owners, points = session.game.board, score(session).owners, geometry(session.game.size).points
        found = points[(board.color[points] == EMPTY) & (owners[points] == POINTS[wanted])]
        return vertices_text(found, session.game.size)
    raise GtpError(f"invalid status: expected {', '.join((*STONES, *POINTS))}")


@command("final_status")
def final_status(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a vertex")
    point = stone_of(args[0], session.game.size)
    if session.game.board.color[point] == EMPTY:
        owner = score(session).owners[point]
        return next(name for name, color in POINTS.items() if color == owner)
    status = session.player.stone_status(session.game)
    return next(name for name in STONES if point in getattr(status, name))


def _chains(session: Session, points: list[int]) -> str:
    """Stones by chain, one chain a line."""
    chains: dict[int, list[int]] = {}
    for point in points:
        chains.setdefault(int(session.game.board.head[point]), []).append(point)
    return "\n".join(vertices_text(chain, session.game.size) for chain in chains.values())


@command("estimate_score")
def estimate_score(session: Session, args: list[str], reply: Reply) -> str:
    """GNU Go's form. A finished game is counted; else it is the network's lead, more or less the spread it sees."""
    game = session.game
    if game.is_over and not game.resigned:
        lead, spread = -score(session).lead, 0.0
    else:
        answers = [session.player.raw(session.position(game.to_move), symmetry) for symmetry in range(8)]
        leads = [answer.score_lead if answer.to_move == WHITE else -answer.score_lead for answer in answers]
        lead, spread = float(np.mean(leads)), float(np.mean([answer.score_spread for answer in answers]))
    result = f"{'W' if lead > 0 else 'B'}+{abs(lead):.1f}" if round(lead, 1) else "0"
    return f"{result} (upper bound: {lead + spread:.1f}, lower: {lead - spread:.1f})"
