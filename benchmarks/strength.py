"""How strong the shipped networks are, on one scale with GNU Go and a random player.

    python -m benchmarks.strength [--games 100] [--visits 400] [--parallel 2] [--only NAME] [--keep FOLDER]
    python -m benchmarks.strength --size 13 --net records-19x19 --net zero-9x9-minute-104 ...

Each network of the board size, and after them those of other sizes that ``--net`` names, strongest first, meets the
next weaker one, GNU Go level 10 and level 1 (or those that ``--level`` names), and the weakest the random player, with
so many visits a move, area rules, the usual komi (7 on 9x9, 7.5 from 10x10), and even openings
(:mod:`selfplay.openings`). The ratings are the maximum likelihood of Elo's model over all those games
(:mod:`selfplay.elo`), GNU Go level 10 at 0; ± is the 95 % interval.

It takes hours: in the ``--keep`` folder stand the games and each finished match's result (results.json), and the same
command goes on after the last of them; matches of a network whose file has changed since are played again. ``--write``
puts the Elo of each network that has met GNU Go level 10, and the games between them, into the package
(nets/data/measured.json), where New game and ``gogame nets`` find them; with ``--only`` of that network alone.
"""

from __future__ import annotations

import json
import shutil
import sys
import zlib
from dataclasses import asdict, dataclass
from functools import cache
from math import isfinite
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.command import Benchmark
from gogame.disk import write_atomically
from nets.weights import DATA, MEASURED, shipped_nets
from selfplay.elo import Result, elo_interval, linked, ratings
from selfplay.elo import table as by_strength
from selfplay.match import Match, Played, play_match
from selfplay.match_command import elo_text

ANCHOR = "GNU Go level 10"


def gnugo(level: int) -> str:
    """GNU Go as a contestant, wherever Debian puts it."""
    path = shutil.which("gnugo") or "/usr/games/gnugo"
    if not Path(path).exists():
        raise click.ClickException("gnugo is not installed (Debian: apt-get install gnugo)")
    return f"gtp:{path} --mode gtp --chinese-rules --level {level}"


@dataclass(frozen=True)
class Counted(Result):
    """A match's result, and what was odd in it."""

    crashes: int = 0
    disputes: int = 0  # games that the GTP program counted otherwise
    of: str = ""  # the networks' files (see weights_of)

    def line(self) -> str:
        """The match in one line."""
        numbers = (v if isfinite(v) else None for v in elo_interval(self.wins, self.losses, self.draws))
        elo = elo_text(dict(zip(("elo", "elo_low", "elo_high"), numbers, strict=True)) | {"share": self.score})
        odd = f"; {self.crashes} crashes, {self.disputes} counted otherwise by GNU Go"
        return f"{self.wins} won, {self.losses} lost, {self.draws} drawn; {elo}" + odd * bool(
            self.crashes + self.disputes
        )


@cache
def weights_of(*names: str) -> str:
    """What tells the files of these players from others of the same names; nothing of one that is no network."""
    files = {net.name: net.path for net in shipped_nets()}
    return " ".join(f"{zlib.crc32(files[name].read_bytes()):08x}" for name in names if name in files)


class Kept:
    """The results of the matches so far, in a file where there is a folder for it; of one sort of match alone."""

    def __init__(self, folder: Path | None, sort: dict[str, int]) -> None:
        """``sort``: what all the matches have in common. Raises click.ClickException where the folder has others."""
        self.file, self.sort = folder / "results.json" if folder else None, sort
        self.matches: list[Counted] = []
        if self.file is None or not self.file.exists():
            return
        try:
            found = json.loads(self.file.read_text())
            self.matches = [Counted(**match) for match in found.pop("matches")]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise click.ClickException(f"{self.file} cannot be read ({error!r}): move it away") from None
        if found != sort:
            raise click.ClickException(f"{self.file} has matches of {found}, not of {sort}: give another folder")

    def find(self, a: str, b: str) -> Counted | None:
        """The result of that match, if these networks have played it."""
        return next((match for match in self.known() if (match.a, match.b) == (a, b)), None)

    def known(self) -> list[Counted]:
        """The results of all matches between networks as they are now."""
        return [match for match in self.matches if match.of == weights_of(match.a, match.b)]

    def add(self, match: Counted) -> None:
        """Takes in one more in place of an older one, and keeps it."""
        self.matches = [m for m in self.matches if (m.a, m.b) != (match.a, match.b)] + [match]
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            kept = self.sort | {"matches": [asdict(m) for m in self.matches]}
            write_atomically(self.file, json.dumps(kept, indent=1).encode())


def write_measured(kept: Kept, elo: dict[str, float]) -> None:
    """Puts into the package what was measured of those of these networks that have met GNU Go level 10; what stands
    there of others, and of other boards, stays. In words it is told of the boards that a network was made for."""
    path, own = DATA / MEASURED, {net.name: net.sizes for net in shipped_nets()}
    measured = json.loads(path.read_text()) if path.exists() else {}
    for name, value in elo.items():
        if match := kept.find(name, ANCHOR):
            size, of = kept.sort["size"], measured.setdefault(name, {})
            of["elo"] = of.get("elo", {}) | {str(size): round(value)}
            of["elo_visits"] = of.get("elo_visits", {}) | {str(size): kept.sort["visits"]}
            if size in own.get(name, (size,)):
                score = f"{match.wins} won, {match.losses} lost, {match.draws} drawn"
                of["strength"] = f"{kept.sort['visits']} visits: {score} against GNU Go 3.8 level 10"
    write_atomically(path, (json.dumps(measured, indent=1, sort_keys=True) + "\n").encode())
    print(f"written: {path}")


@click.command(cls=Benchmark)
@click.option("--games", type=click.IntRange(2), default=100, show_default=True, help="A match.")
@click.option("--visits", type=click.IntRange(1), default=400, show_default=True)
@click.option("--parallel", type=click.IntRange(1, 64), default=2, show_default=True, help="Games at once.")
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option("--net", "others", metavar="NAME", multiple=True, help="One of another size; may be repeated.")
@click.option("--level", "levels", type=click.IntRange(1, 10), multiple=True, default=(10, 1), show_default=True,
              help="Of GNU Go; may be repeated.")  # fmt: skip
@click.option("--only", metavar="NAME", help="Play the matches of one network alone.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Games and results; goes on from there.")
@click.option("--write", is_flag=True, help="Write the networks' Elo into the package.")
def main(
    games: int, visits: int, parallel: int, size: int, others: tuple[str, ...], levels: tuple[int, ...],
    only: str | None, keep: Path | None, write: bool,
) -> None:  # fmt: skip
    """Play the matches and print the tables."""
    nets = sorted((n for n in shipped_nets() if size in n.sizes), key=lambda n: -float(n.meta.get("rank", 0)))
    names = [n.name for n in nets]
    if unknown := [name for name in others if name not in {n.name for n in shipped_nets()}]:
        raise click.ClickException(f"no network {unknown[0]}: gogame nets lists them")
    names += [name for name in dict.fromkeys(others) if name not in names]
    if only is not None and only not in names:
        raise click.ClickException(f"no network {only} of {size}x{size}; there are {', '.join(names) or 'none'}")
    if not names:
        raise click.ClickException(f"no network was made for {size}x{size}: --net names others that are to play on it")
    opponents = {f"GNU Go level {level}": level for level in levels}
    pairs = [*zip(names[:-1], names[1:], strict=True), *((n, o) for n in names for o in opponents)]
    kept = Kept(keep, {"size": size, "games": games, "visits": visits})

    def tell(match: Match, played: Played) -> None:
        wins, losses, draws = match.score
        if sys.stdout.isatty():
            print(f"\r    {wins} won, {losses} lost, {draws} drawn ", end="", flush=True)

    for number, (a, b) in enumerate([*pairs, (names[-1], "random")]):
        found = kept.find(a, b)
        if found is None and only not in (None, a):
            continue
        print(f"{a} against {b}" + ", played before" * (found is not None))
        if found is None:
            folder = keep / f"{a}-{b.replace(' ', '-')}" if keep else None
            if folder is not None:  # of a match that did not come to its end, or of other networks
                shutil.rmtree(folder, ignore_errors=True)
            match = play_match(
                a, gnugo(opponents[b]) if b in opponents else b, size=size, games=games, visits=(visits, visits),
                parallel=parallel, seed=number, sgf=folder, on_game=tell,
            )  # fmt: skip
            crashes, disputes = (len(match.summary()[name]) for name in ("crashes", "disputes"))
            found = Counted(a, b, *match.score, crashes, disputes, weights_of(a, b))
            kept.add(found)
        print(f"\r    {found.line()}")
    if all(ANCHOR not in (m.a, m.b) for m in kept.known()):
        print(f"no match against {ANCHOR}: no Elo" + ", nothing is written" * write)
        return
    table = Table(title=f"Elo, {visits} visits a move, {size}x{size}")
    for name in ("player", "Elo", "±"):
        table.add_column(name, justify="left" if name == "player" else "right")
    rows = by_strength(ratings(linked(kept.known(), ANCHOR), ANCHOR))
    for name, elo, error in rows:
        table.add_row(name, f"{elo:+.0f}", "" if name == ANCHOR else f"{1.96 * error:.0f}")
    Console(width=100).print(table)
    if write:
        write_measured(kept, {name: elo for name, elo, _ in rows if name in ([only] if only else names)})


if __name__ == "__main__":
    main()
