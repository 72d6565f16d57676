"""``gogame match``: a match on the command line, told game by game."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gogame.options import Number, Place, json_option
from gogame.player import PlayerError
from gogame.rules import default_komi, default_rules, rules_named
from nets.config import NetError
from nets.progress import say
from selfplay.contestants import ContestantError
from selfplay.elo import Sprt
from selfplay.match import Match, Played, play_match
from selfplay.openings import KINDS, MOVES

MOST_ELO = 2000  # of a hypothesis of --sprt


def _parse_sprt(text: str | None) -> Sprt | None:
    if text is None:
        return None
    try:
        elo0, elo1 = (float(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter("two numbers are wanted, such as 0,50", param_hint="--sprt") from None
    if not -MOST_ELO <= elo0 < elo1 <= MOST_ELO:
        wanted = f"two numbers from {-MOST_ELO} to {MOST_ELO} are wanted, the smaller one first"
        raise click.BadParameter(wanted, param_hint="--sprt")
    return Sprt(elo0, elo1)


def _verdict(match: Match) -> str:
    sprt = match.sprt
    if sprt is None:
        return ""
    if match.verdict is None:
        return f"; SPRT open (log ratio {sprt.log_ratio(*match.score):.2f})"
    answer, games = match.verdict
    words = "is stronger by {:g} Elo or so" if answer else "is not stronger by {:g} Elo"
    return f"; SPRT: A {words.format(sprt.elo1)} (after {games} games)"


def elo_text(summary: dict[str, Any]) -> str:
    """The Elo difference with its interval, in words; an end that is None is infinite."""
    if summary["elo"] is None:
        won = summary["share"] == 1
        return f"Elo above {summary['elo_low']:+.0f}" if won else f"Elo below {summary['elo_high']:+.0f}"
    low, high = (f"{v:+.0f}" if v is not None else "-" for v in (summary["elo_low"], summary["elo_high"]))
    return f"Elo {summary['elo']:+.0f} ({low} to {high})"


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True, help="Board size.")
@click.option("--games", type=click.IntRange(1), default=100, show_default=True, help="Games, at most with --sprt.")
@click.option("--visits", type=click.IntRange(1), default=100, show_default=True, help="Search visits of a network.")
@click.option("--visits-a", type=click.IntRange(1), help="... of A alone.")
@click.option("--visits-b", type=click.IntRange(1), help="... of B alone.")
@click.option("--komi", type=Number(-150, 150), help="White's points.  [default: 7 up to 9x9, else 7.5; territory 6.5]")
@click.option("--rules", "rules_name", metavar="NAME", help="Rules by name.  [default: chinese-ogs]")
@click.option(
    "--opening",
    type=click.Choice(KINDS),
    default=KINDS[0],
    show_default=True,
    help="First moves: even by the shipped network's policy, random, or none.",
)
@click.option(
    "--opening-moves",
    type=click.IntRange(0, 20),
    help=f"How many.  [default: {MOVES['policy']} by policy, {MOVES['random']} random]",
)
@click.option("--sprt", "sprt_text", metavar="ELO0,ELO1", help="End as soon as a sequential test has an answer.")
@click.option("--sgf", type=Place(file_okay=False, path_type=Path), help="Folder of the games. [match-TIME]")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    help="CPU threads of a game.  [default: all cores, at most 8, shared by the games at once]",
)
@click.option("--timeout", type=Number(1, 86_400), default=120.0, show_default=True, help="Seconds for a GTP answer.")
@click.option("--parallel", type=click.IntRange(1, 64), default=1, show_default=True, help="Games at once.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Random seed.")
@json_option
def command(
    a: str,
    b: str,
    size: int,
    games: int,
    visits: int,
    visits_a: int | None,
    visits_b: int | None,
    komi: float | None,
    rules_name: str | None,
    opening: str,
    opening_moves: int | None,
    sprt_text: str | None,
    sgf: Path | None,
    device: str,
    threads: int | None,
    timeout: float,
    parallel: int,
    seed: int,
    as_json: bool,
) -> None:
    """Play engines against each other: A and B are each a shipped network, a file, "random" or "gtp:COMMAND".

    \b
    Example:
      gogame match runs/first/net.safetensors "gtp:gnugo --mode gtp --level 10 --chinese-rules" --games 100
    """
    if opening == "none" and opening_moves:
        raise click.UsageError("--opening-moves goes with --opening policy or random")
    sprt = _parse_sprt(sprt_text)
    try:
        rules = rules_named(rules_name) if rules_name else default_rules(size)
        rules = rules.replace(komi=default_komi(size, rules.scoring) if komi is None else komi)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    folder = sgf or Path(f"match-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
    begun: list[Match] = []
    told: list[str] = []  # games that could not be kept

    def tell(match: Match, played: Played) -> None:
        begun[:] = [match]
        if len(match.not_kept) > len(told):
            told[:] = match.not_kept
            if len(told) == 1:
                say(f"{told[0]}; the match goes on")
        if as_json:
            return
        wins, losses, draws = match.score
        dispute = f" DISPUTE: {played.dispute}" if played.dispute else ""
        click.echo(
            f"{played.number:4} A {'Black' if played.black == 'A' else 'White'} {played.result:8} "
            f"{played.moves:3} moves "
            f"{played.seconds:6.1f} s  A {wins} - {losses} B, {draws} drawn  {played.how}"
            f"{': ' + played.note if played.note else ''}{dispute}"
        )

    try:
        match = play_match(
            a, b, size=size, games=games, visits=(visits_a or visits, visits_b or visits), rules=rules, opening=opening,
            opening_moves=opening_moves, device=device, threads=threads, seed=seed, timeout=timeout, parallel=parallel,
            sprt=sprt, sgf=folder, on_game=tell,
        )  # fmt: skip
    except (ContestantError, NetError, PlayerError) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        if not begun:
            raise
        _report(begun[0], folder, as_json)
        raise
    _report(match, folder, as_json)


def _report(match: Match, folder: Path, as_json: bool) -> None:
    summary = match.summary()
    if as_json:
        click.echo(json.dumps(summary | {"games_played": [asdict(g) | {"sgf": None} for g in match.games]}))
        return
    lost = f" but for {len(match.not_kept)} that could not be written" if match.not_kept else ""
    click.echo(
        f"{summary['a']} against {summary['b']}: {summary['wins']} won, {summary['losses']} lost, "
        f"{summary['draws']} drawn; {elo_text(summary)}{_verdict(match)}; seed {summary['seed']}, "
        f"games in {folder}{lost}"
    )
