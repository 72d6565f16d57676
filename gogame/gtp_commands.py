"""The commands of GTP version 2, as handlers ``(session, args, reply) -> answer`` (see :mod:`gogame.gtp_session`)."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from pathlib import Path
from typing import BinaryIO

from gogame import gtp_analysis, gtp_clients, gtp_kata, gtp_score  # noqa: F401 - they fill the table
from gogame.disk import check_file, read_file, write_atomically
from gogame.game import IllegalMove
from gogame.gtp import GtpError, LineSource, Reply, serve, writer
from gogame.gtp_session import (
    COMMANDS,
    MAX_KOMI,
    MAX_SECONDS,
    Session,
    color_of,
    command,
    integer,
    main_time,
    move_text,
    need,
    number,
    stone_of,
    vertex_of,
    vertices_text,
)
from gogame.player import PlayerError, TimeSettings

MAX_FILE = 1 << 24  # bytes of an SGF file


def run(session: Session, stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Serves a controller over two binary streams until it quits or goes away."""

    def hear(line: str, before: int) -> None:
        if line.lstrip().lower().startswith("# interrupt"):
            session.interrupt_line(before)

    session.source = LineSource(stdin, hear)
    table = {name: partial(handler, session) for name, handler in COMMANDS.items()}
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        try:
            serve(table, session.source, writer(stdout), session.asked, session.answered)
        finally:  # a full disk under standard output, too: no thread may be left inside the evaluator
            session.player.stop()


# --- administration --------------------------------------------------------------------------------------------------


@command("protocol_version")
def protocol_version(session: Session, args: list[str], reply: Reply) -> str:
    return "2"


@command("name")
def name(session: Session, args: list[str], reply: Reply) -> str:
    return session.name


@command("version")
def version(session: Session, args: list[str], reply: Reply) -> str:
    return session.player.version


@command("known_command")
def known_command(session: Session, args: list[str], reply: Reply) -> str:
    return "true" if args and args[0] in COMMANDS else "false"


@command("list_commands", "help")
def list_commands(session: Session, args: list[str], reply: Reply) -> str:
    return "\n".join(sorted(COMMANDS))


@command("quit", "exit")
def quit_session(session: Session, args: list[str], reply: Reply) -> str:
    return ""


# --- setting up ------------------------------------------------------------------------------------------------------


@command("boardsize", "rectangular_boardsize")
def boardsize(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a size")
    sides = [integer(text, "size", -(10**18), 10**18) for text in args[:2]]
    if len(set(sides)) > 1:
        raise GtpError("unacceptable size: rectangular boards are not supported")
    session.new_game(sides[0])
    return ""


@command("clear_board")
def clear_board(session: Session, args: list[str], reply: Reply) -> str:
    session.new_game(session.game.size)
    return ""


@command("komi")
def komi(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a komi")
    session.set_komi(number(args[0], "komi", -MAX_KOMI, MAX_KOMI))
    return ""


def _empty_board(session: Session) -> None:
    if session.game.moves or (session.game.board.head != 0).any():
        raise GtpError("board not empty")


@command("fixed_handicap")
def fixed_handicap(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a number of stones")
    stones = integer(args[0], "number of stones", -(10**18), 10**18)
    _empty_board(session)
    if stones in (0, 1):
        return ""  # an even game, as some clients put it
    return _place(session, stones)


@command("place_free_handicap")
def place_free_handicap(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a number of stones")
    stones = integer(args[0], "number of stones", 2, session.game.size**2 - 1)
    _empty_board(session)
    # The protocol lets the engine place fewer than it was asked for: as many as there are handicap points.
    for number_of_stones in range(min(stones, 9), 1, -1):
        with contextlib.suppress(GtpError):
            return _place(session, number_of_stones)
    raise GtpError("no handicap on this board size")


def _place(session: Session, stones: int) -> str:
    try:
        points = session.game.place_handicap(stones)
    except (ValueError, IllegalMove):
        raise GtpError("invalid number of stones") from None
    return vertices_text(points, session.game.size)


@command("set_free_handicap")
def set_free_handicap(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 2, "at least two vertices")
    points = [stone_of(text, session.game.size) for text in args]
    _empty_board(session)
    if len(set(points)) < len(points) or len(points) >= session.game.size**2:
        raise GtpError("bad vertex list")
    try:
        session.game.place_handicap(points)
    except (ValueError, IllegalMove):
        raise GtpError("bad vertex list") from None
    return ""


# --- playing ---------------------------------------------------------------------------------------------------------


@command("play")
def play(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 2, "a color and a vertex")
    color = color_of(args[0])
    if args[1].lower() == "resign":
        session.game.resign(color)
        return ""
    session.play(color, vertex_of(args[1], session.game.size))
    return ""


@command("genmove")
def genmove(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a color")
    return move_text(session, session.genmove(color_of(args[0])))


@command("kgs-genmove_cleanup")
def genmove_cleanup(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a color")
    return move_text(session, session.genmove(color_of(args[0]), cleanup=True))


@command("reg_genmove")
def reg_genmove(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 1, "a color")
    position = session.position(color_of(args[0]))
    point = session.player.genmove(position, None, stop=session.interruptible())
    return move_text(session, point)


@command("undo")
def undo(session: Session, args: list[str], reply: Reply) -> str:
    session.undo()
    return ""


@command("gg-undo")
def gg_undo(session: Session, args: list[str], reply: Reply) -> str:
    moves = integer(args[0], "number of moves", 0, 10**6) if args else 1
    if moves > len(session.game.moves):
        raise GtpError("cannot undo")
    for _ in range(moves):
        session.undo()
    return ""


# --- time ------------------------------------------------------------------------------------------------------------


@command("time_settings")
def time_settings(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 3, "main time, overtime and stones")
    main, period = main_time(args[0]), number(args[1], "time", 0, MAX_SECONDS)
    stones = integer(args[2], "number of stones", 0, 10**6)
    if period > 0 and stones == 0:
        session.set_time(TimeSettings("none"))  # the protocol's way to say: no limit
    elif period == 0:
        session.set_time(TimeSettings("absolute", main) if main > 0 else TimeSettings("none"))
    else:
        session.set_time(TimeSettings("canadian", main, period, stones))
    return ""


@command("time_left")
def time_left(session: Session, args: list[str], reply: Reply) -> str:
    need(args, 3, "a color, seconds and stones")
    color = color_of(args[0])
    seconds = number(args[1], "time", -MAX_SECONDS, MAX_SECONDS)
    session.set_clock(color, max(seconds, 0.0), integer(args[2], "number of stones", 0, 10**6))
    return ""


# --- records and pictures --------------------------------------------------------------------------------------------


@command("showboard")
def showboard(session: Session, args: list[str], reply: Reply) -> str:
    return "\n" + str(session.game)


@command("loadsgf")
def loadsgf(session: Session, args: list[str], reply: Reply) -> str:
    from gogame.sgf import game_of_sgf

    need(args, 1, "a file name")
    stop = None
    if len(args) > 1 and args[-1].isdigit() and not os.path.exists(" ".join(args)):
        stop = integer(args.pop(), "move number", 0, 10**6)
    path = Path(" ".join(args))
    try:
        data = read_file(path, MAX_FILE)
        game = game_of_sgf(data, None if stop is None else max(stop - 1, 0), default=session.rules_for)
    except OSError as error:
        raise GtpError(f"cannot load file: {error.strerror or error}") from None
    except ValueError as error:  # SgfError too
        raise GtpError(f"cannot load file: {error}") from None
    if game.size not in session.player.sizes:
        raise GtpError(f"cannot load file: unacceptable size {game.size}")
    try:
        session.player.warm_up(game.size)
    except PlayerError as error:
        raise GtpError(f"cannot load file: {error}") from None
    session.game = game
    return ""


@command("printsgf")
def printsgf(session: Session, args: list[str], reply: Reply) -> str:
    from gogame.sgf import sgf_of_game

    game = session.game
    counted = game.is_over and not game.resigned and not game.is_void
    text = sgf_of_game(game, result=str(gtp_score.score(session)) if counted else None)
    if not args or args == ["-"]:
        return text
    try:
        path = Path(os.path.realpath(" ".join(args)))  # a link stays one
        with contextlib.suppress(FileNotFoundError):
            check_file(path)
        write_atomically(path, text.encode())
    except OSError as error:
        raise GtpError(f"cannot write the file: {error.strerror or error}") from None
    except ValueError:  # UnicodeError too
        raise GtpError("cannot write the file: no file can have that name") from None
    return ""


@command("clear_cache")
def clear_cache(session: Session, args: list[str], reply: Reply) -> str:
    session.player.clear()
    return ""


@command("cputime")
def cputime(session: Session, args: list[str], reply: Reply) -> str:
    times = os.times()
    return f"{times.user + times.system + times.children_user + times.children_system:.3f}"
