"""How strong the shipped networks are, on one scale with GNU Go and a random player.

    python -m benchmarks.strength [--games 100] [--visits 400] [--parallel 2] [--only NAME] [--sgf FOLDER]

Each network of the board size meets the next weaker one, GNU Go level 1 and level 10, and (the weakest) the random
player, with so many visits a move, area rules and komi 7. The ratings are the maximum likelihood of Elo's model over
all those games (:mod:`selfplay.elo`), GNU Go level 10 at 0; ± is the 95 % interval.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from nets.weights import shipped_nets
from selfplay.elo import Result, ratings
from selfplay.elo import table as by_strength
from selfplay.match import Match, Played, play_match
from selfplay.match_command import elo_text


def gnugo(level: int) -> str:
    """GNU Go as a contestant, wherever Debian puts it."""
    path = shutil.which("gnugo") or "/usr/games/gnugo"
    if not Path(path).exists():
        raise click.ClickException("gnugo is not installed (Debian: apt-get install gnugo)")
    return f"gtp:{path} --mode gtp --chinese-rules --level {level}"


@click.command()
@click.option("--games", type=click.IntRange(2), default=100, show_default=True, help="A match.")
@click.option("--visits", type=click.IntRange(1), default=400, show_default=True)
@click.option("--parallel", type=click.IntRange(1, 64), default=2, show_default=True, help="Games at once.")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option("--only", metavar="NAME", help="The matches of one network alone.")
@click.option("--sgf", type=click.Path(file_okay=False, path_type=Path), help="Keep the games in this folder.")
def main(games: int, visits: int, parallel: int, size: int, only: str | None, sgf: Path | None) -> None:
    """Play the matches and print the tables."""
    nets = sorted((n for n in shipped_nets() if size in n.sizes), key=lambda n: -float(n.meta.get("rank", 0)))
    opponents = {"GNU Go level 10": gnugo(10), "GNU Go level 1": gnugo(1)}
    pairs = [(a.name, b.name) for a, b in zip(nets[:-1], nets[1:], strict=True)]
    pairs += [(n.name, name) for n in nets for name in opponents]
    pairs += [(nets[-1].name, "random"), (nets[0].name, "random")] if len(nets) > 1 else [(nets[0].name, "random")]
    results = []

    def tell(match: Match, played: Played) -> None:
        wins, losses, draws = match.score
        print(f"\r    {wins} won, {losses} lost, {draws} drawn ", end="", flush=True)

    for number, (a, b) in enumerate(pairs):
        if only is not None and only != a:
            continue
        print(f"{a} against {b}")
        folder = sgf / f"{a}-{b.replace(' ', '-')}" if sgf else None
        match = play_match(
            a, opponents.get(b, b), size=size, games=games, visits=(visits, visits), parallel=parallel, seed=number,
            sgf=folder, on_game=tell,
        )  # fmt: skip
        results.append(Result(a, b, *match.score))
        summary = match.summary()
        print(f"\r    {summary['wins']} won, {summary['losses']} lost, {summary['draws']} drawn; {elo_text(summary)}")
        if summary["crashes"] or summary["disputes"]:
            print(f"    {len(summary['crashes'])} crashes, {len(summary['disputes'])} counted otherwise by GNU Go")
    table = Table(title=f"Elo, {visits} visits a move, {size}x{size}")
    for name in ("player", "Elo", "±"):
        table.add_column(name, justify="left" if name == "player" else "right")
    for name, elo, error in by_strength(ratings(results, "GNU Go level 10")):
        table.add_row(name, f"{elo:+.0f}", "" if name == "GNU Go level 10" else f"{1.96 * error:.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
