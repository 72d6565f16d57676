"""What Go clients say to an engine when they start and play, as far as their own sources tell, and what they read.

Each dialogue is held with a process of ``gogame gtp`` (those in JSON with ``gogame analysis``), as the client would
start it, and every answer is compared with what that client needs of it.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from selfplay.gtp_client import GtpError, GtpProgram, GtpRefusal, Program

VISITS = 20  # of a move
FIRST = 300.0  # seconds for the first answers, up to boardsize: on a slow machine everything is compiled before it
LATER = 60.0  # ... for any other
Ask = Callable[[dict[str, Any], float], dict[str, Any]]  # (query, seconds) -> answer
VERTEX = r"([A-HJ-T]\d+|pass|resign)$"


class HandshakeError(Exception):
    """An answer that the client could not use; one line."""


class Step(NamedTuple):
    """A line of a client's, and what it needs to hear."""

    say: str
    hear: str = "$"  # regular expression from the beginning of the answer on; nothing but "=" unless given
    infos: int = 0  # of an analysis: so many lines, each of which ``hear`` fits; the next step's line ends it


class Client(NamedTuple):
    """A program that people run the engine from."""

    name: str
    arguments: tuple[str, ...]  # of ``gogame gtp``
    steps: tuple[Step, ...]


def _listed(*commands: str) -> str:
    """An answer that has a line for each of these."""
    return "".join(rf"(?=[\s\S]*^{command}$)" for command in commands)


INFO = r"info move \S+ visits \d+ .*winrate \d.* pv \S+"
SETUP = (Step("boardsize 9"), Step("clear_board"), Step("komi 7"))
CLIENTS = (
    Client(
        "Sabaki",
        (),
        (
            Step("name", r"\S"), Step("version", r"\S"), Step("protocol_version", "2$"),
            Step("list_commands", _listed("undo", "set_free_handicap", "kata-analyze", "lz-genmove_analyze")),
            Step("komi 6.5"), Step("boardsize 9"), Step("clear_board"), Step("get_komi", r"6\.5$"),
            Step("play B E5"), Step("kata-genmove_analyze W 20", r"(info [\s\S]*\n)?play " + VERTEX),
            Step("kata-analyze B 10", INFO, 2), Step("undo"), Step("undo"), Step("set_free_handicap C3 G7"),
        ),
    ),
    Client(
        "Lizzie",
        ("--name", "KataGo"),
        (
            Step("name", "KataGo$"), Step("version", r"\d+\.\d+"), Step("boardsize 9"), Step("komi 7"),
            Step("time_settings 0 1 1"), Step("play B E5"), Step("kata-analyze 10", INFO, 2), Step("undo"),
            Step("clear_board"), Step("fixed_handicap 2", r"([A-J]\d ?){2}$"), Step("lz-analyze 10", INFO, 2),
            Step("lz-genmove_analyze W 20", r"(info [\s\S]*\n)?play " + VERTEX),
        ),
    ),
    Client(
        "LizzieYzy",
        ("--name", "KataGo"),
        (
            Step("name", "KataGo$"), *SETUP, Step("kata-set-rules chinese"), Step("kata-get-rules", r"\{.*\}$"),
            Step("kata-raw-nn 0", r"symmetry 0\n"), Step("kata-analyze b 10 ownership true", INFO, 2), Step("stop"),
        ),
    ),
    Client(
        "GoGui",
        (),
        (
            Step("name", r"\S"), Step("protocol_version", "2$"),
            Step("list_commands", _listed("undo", "komi", "time_settings", "time_left", "final_status_list")),
            Step("version", r"\S"), Step("gogui-analyze_commands", r"\w+/"), *SETUP, Step("time_settings 600 0 0"),
            Step("gogui-play_sequence b E5 w C3 b G7"), Step("time_left w 590 0"), Step("genmove w", VERTEX),
            Step("cputime", r"\d"), Step("final_status_list dead", r"[A-HJ\d\s]*$"),
            Step("kgs-genmove_cleanup b", VERTEX),
        ),
    ),
    Client(
        "Kigo",
        (),
        (
            Step("name", r"\S"), Step("version", r"\d"), Step("list_stones black"), Step("clear_board"),
            Step("boardsize 9"), Step("komi 4.5"), Step("fixed_handicap 2", r"([A-J]\d ?){2}$"), Step("level 1"),
            Step("genmove white", VERTEX), Step("captures white", r"\d+$"), Step("play black E5"),
            Step("top_moves_white", r"([A-J]\d [\d.]+ ?)+$"), Step("undo"), Step("play black pass"),
            Step("final_status_list white_territory", r"[A-J\d\s]*$"),
            Step("estimate_score", r"([BW]\+[\d.]+|0) \(upper bound: -?[\d.]+, lower: -?[\d.]+\)$"),
        ),
    ),
    Client(
        "CGOS",
        ("--rules", "chinese-ogs", "--no-resign"),
        (
            Step("list_commands", _listed("boardsize", "clear_board", "komi", "play", "genmove", "quit",
                                          "time_settings", "time_left", "cgos-genmove_analyze")),
            *SETUP, Step("time_settings 300 0 0"), Step("time_left b 300 0"),
            Step("cgos-genmove_analyze b", r"\{.*\}\nplay " + VERTEX), Step("play w pass"),
            Step("time_left b 290 0"), Step("genmove b", VERTEX),
        ),
    ),
    Client(
        "KGS",
        (),
        (
            Step("kgs-rules chinese"), Step("boardsize 9"), Step("komi 7.5"), Step("clear_board"),
            Step("kgs-time_settings byoyomi 600 30 5"), Step("genmove b", VERTEX), Step("play w C3"),
            Step("final_status_list dead", r"[A-HJ\d\s]*$"), Step("kgs-genmove_cleanup b", VERTEX),
            Step("kgs-game_over"),
        ),
    ),
)  # fmt: skip


def replay(client: Client, start: Sequence[str], options: Sequence[str] = ()) -> int:
    """Holds a client's dialogue with a program; returns how many lines the client said.

    ``start``: the command and its first argument, ``options``: further ones. HandshakeError for an answer that the
    client could not use; GtpError where the program hangs or dies.
    """
    with closing(GtpProgram([*start, *client.arguments, *options], FIRST)) as program:
        steps = list(client.steps)
        while steps:
            step = steps.pop(0)
            try:
                if not step.infos:
                    _compare(step, program.ask(step.say))
                    if step.say.startswith("boardsize"):
                        program.timeout = LATER
                    continue
                after = steps.pop(0) if steps else Step("protocol_version", "2$")
                infos, answer = program.watch(step.say, step.infos, after.say)
                for line in infos:
                    _compare(step, line)
                _compare(after, answer)
            except GtpRefusal as refusal:
                raise HandshakeError(f"{refusal.command}: refused, {refusal}") from None
    return len(client.steps)


def _compare(step: Step, answer: str) -> None:
    if re.match(step.hear, answer, re.MULTILINE if step.hear.startswith("(?=") else 0) is None:
        raise HandshakeError(f"{step.say}: answered {' '.join(answer.split())[:80]!r}")


# What KaTrain asks: the game's first look, one with a move, and the end of pondering.
QUERY: dict[str, Any] = {
    "rules": "japanese", "priority": 0, "komi": 6.5, "boardXSize": 9, "boardYSize": 9, "analyzeTurns": [1],
    "initialStones": [], "initialPlayer": None, "moves": [["B", "E5"]], "includeOwnership": True,
    "includeMovesOwnership": False, "includePolicy": True,
    "overrideSettings": {"reportAnalysisWinratesAs": "BLACK", "wideRootNoise": 0.04},
}  # fmt: skip


KATAGO_OPTIONS = ("-model", "b18.bin.gz", "-config", "analysis.cfg", "-override-config", "homeDataDir=katrain")


def replay_katrain(start: Sequence[str], options: Sequence[str] = ()) -> int:
    """KaTrain's dialogue with ``gogame analysis``; as :func:`replay`."""
    with _analysis([*start, *KATAGO_OPTIONS, *options]) as (ask, _):
        if "version" not in ask({"id": "v", "action": "query_version"}, FIRST):
            raise HandshakeError("query_version: no version")
        found = ask({"id": "look", **QUERY, "maxVisits": VISITS}, FIRST)
        _check_look(found, VISITS)
        ponder = {"id": "ponder", **QUERY, "maxVisits": 10_000_000, "reportDuringSearchEvery": 0.1}
        during = ask(ponder, LATER)
        if during.get("isDuringSearch") is not True:
            raise HandshakeError("reportDuringSearchEvery: the first answer is not one during the search")
        ended = ask({"id": "end", "action": "terminate", "terminateId": "ponder"}, LATER)
        if ended.get("terminateId") != "ponder":
            raise HandshakeError("terminate: no answer to it")
    return 4


# What LizzieYzy asks for its analysis of a whole game at once, and what it reads of every move.
FLASH: dict[str, Any] = {
    "id": "mainTrunk", "maxVisits": VISITS, "includePVVisits": True, "rules": "tromp-taylor", "komi": 7.5,
    "boardXSize": 9, "boardYSize": 9, "moves": [["B", "E5"], ["W", "C3"], ["B", "pass"]], "analyzeTurns": [1, 2, 3],
    "overrideSettings": {"reportAnalysisWinratesAs": "SIDETOMOVE"},
}  # fmt: skip
FLASH_KEYS = ("order", "move", "visits", "winrate", "lcb", "prior", "scoreLead", "scoreStdev", "pv", "pvVisits")


def replay_flash(start: Sequence[str], options: Sequence[str] = ()) -> int:
    """LizzieYzy's dialogue with ``gogame analysis``; as :func:`replay`."""
    with _analysis([*start, *KATAGO_OPTIONS, *options]) as (ask, hear):
        answers = [ask(FLASH, FIRST)] + [hear(FLASH, LATER) for _ in FLASH["analyzeTurns"][1:]]
    for found in answers:
        _check_infos(found, FLASH_KEYS, ())
    if sorted(found.get("turnNumber", -1) for found in answers) != FLASH["analyzeTurns"]:
        raise HandshakeError("a query: not every turn is answered")
    return len(answers)


def _check_infos(found: dict[str, Any], of_move: Sequence[str], of_root: Sequence[str]) -> None:
    """HandshakeError unless an answer is a last one, and has these keys of every move and of the position."""
    moves, root = found.get("moveInfos"), found.get("rootInfo")
    if found.get("isDuringSearch") is not False or not isinstance(root, dict) or not isinstance(moves, list):
        raise HandshakeError(f"a query: answered {json.dumps(found)[:80]}")
    for infos, keys in ((moves, of_move), ([root], of_root)):
        for info in infos:
            for key in keys:
                if key not in info:
                    raise HandshakeError(f"a query: no {key} in the answer")


def _check_look(found: dict[str, Any], visits: int) -> None:
    """HandshakeError unless an answer has what KaTrain reads."""
    _check_infos(
        found,
        ("move", "visits", "order", "winrate", "scoreLead", "prior", "pv"),
        ("visits", "winrate", "scoreLead"),
    )
    moves, root = found["moveInfos"], found["rootInfo"]
    ownership, policy = found.get("ownership") or (), found.get("policy") or ()
    if not moves or root["visits"] < visits or len(ownership) != 81 or len(policy) != 82:
        raise HandshakeError("a query: moves, visits, ownership or policy are missing from the answer")


@contextmanager
def _analysis(command: Sequence[str]) -> Iterator[tuple[Ask, Ask]]:
    """A program that is asked in JSON and answers the query's own id: how to ask it, and how to hear a further answer
    to what was asked."""
    program = Program(command)

    def ask(query: dict[str, Any], seconds: float) -> dict[str, Any]:
        program.tell(json.dumps(query), str(query.get("action", "a query")))
        return hear(query, seconds)

    def hear(query: dict[str, Any], seconds: float) -> dict[str, Any]:
        name, deadline = str(query.get("action", "a query")), time.monotonic() + seconds
        while True:
            line = program.line(name, deadline)
            try:
                found = json.loads(line)
            except ValueError:
                raise HandshakeError(f"{name}: answered {line[:80]!r}, which is not JSON") from None
            if not isinstance(found, dict) or "error" in found:
                raise HandshakeError(f"{name}: answered {line[:120]!r}")
            if found.get("id") == query["id"] and "warning" not in found:
                return found

    try:
        yield ask, hear
    finally:
        program.kill()


def own_command() -> tuple[str, ...]:
    """``gogame`` of this very package, whatever lies in the folder that the user stands in."""
    start = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r}); from gogame.cli import main; main()"
    return sys.executable, "-P", "-c", start


def handshakes(options: Sequence[str] = ()) -> Iterator[tuple[str, int, str, float]]:
    """(client, lines it said, what is wrong with the answers or "", seconds) for each client, as it is tried.

    ``options``: more arguments of ``gogame gtp`` and ``gogame analysis``.
    """
    gogame = own_command()
    gtp = (*gogame, "gtp", "--visits", str(VISITS))
    tries: dict[str, Callable[[], int]] = {c.name: partial(replay, c, gtp, options) for c in CLIENTS}
    tries["KaTrain"] = partial(replay_katrain, (*gogame, "analysis"), options)
    tries["LizzieYzy's whole games"] = partial(replay_flash, (*gogame, "analysis"), options)
    for name, work in tries.items():
        began, lines, wrong = time.monotonic(), 0, ""
        try:
            lines = work()
        except (HandshakeError, GtpError) as error:
            wrong = str(error)
        except Exception as error:  # an answer of a kind that nobody thought of
            wrong = f"cannot be understood ({type(error).__name__}: {error})"
        yield name, lines, wrong, time.monotonic() - began
