"""Engine against engine: games with alternating colours and varied openings, counted, kept as SGF, rated.

How a game ends:
- two passes: dead stones are taken off, and the board is counted by area (:func:`gogame.score.score_game`). Whose
  word counts for the dead stones: the first GTP program that answers ``final_status_list dead``, else the first
  network (by the ownership that it sees); with neither, every stone left is alive.
- a resignation, or an illegal move: a loss.
- a crash, a hang or a garbled answer: a loss of that game, said, and the program is started anew.
- :data:`LENGTH` moves a point of the board: the board is counted as after two passes.

The Elo difference is that of the share of points, with Wilson's 95 % interval (see :mod:`selfplay.elo`).
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from gogame.board import BLACK, WHITE
from gogame.coords import to_gtp
from gogame.disk import write_atomically
from gogame.game import Game, IllegalMove
from gogame.player import RESIGN
from gogame.rules import Rules, default_rules
from gogame.score import score_game
from gogame.sgf import sgf_of_game
from nets.evaluator import default_threads
from nets.failures import reason
from selfplay.contestants import Contestant, ContestantError, GtpContestant, NetContestant, contestant
from selfplay.elo import Sprt, elo_interval
from selfplay.openings import Openings, openings

if TYPE_CHECKING:
    from mcts.search import SearchConfig

LENGTH = 3  # most moves of a game, in points of the board


@dataclass
class Played:
    """One game of a match."""

    number: int
    black: str  # "A" or "B"
    winner: str | None  # "A", "B" or None for a draw
    result: str  # as in SGF
    moves: int
    seconds: float
    how: str  # "counted", "resigned", "illegal move", "crash" or "length"
    note: str = ""  # who counted, what was illegal, how it crashed
    dispute: str = ""  # a GTP program's own count, where it differs
    sgf: str = field(default="", repr=False)


def play_game(
    number: int, black: str, sides: dict[str, Contestant], rules: Rules, size: int, opening: list[int],
    halted: threading.Event | None = None,
) -> Played:  # fmt: skip
    """Plays one game; ``sides``: the contestants "A" and "B", ``black`` which of them begins. A game that ``halted``
    ends is worth nothing."""
    began = time.perf_counter()
    game = Game(size, rules)
    for point in opening:
        game.play(point)
    white = "B" if black == "A" else "A"
    at = {BLACK: black, WHITE: white}
    loser, how, note = None, "counted", ""
    failed = []
    for side in ("A", "B"):
        try:
            sides[side].begin(game)
        except ContestantError as error:
            failed.append(f"{side}: {error}")
            loser, how, note = side, "crash", "; ".join(failed)
    if len(failed) == 2:
        loser = None
    while loser is None and not failed and not game.is_over and not (halted and halted.is_set()):
        if game.move_number >= LENGTH * size**2:
            how = "length"
            break
        mover, other = at[game.to_move], at[BLACK + WHITE - game.to_move]
        try:
            point = sides[mover].genmove(game)
        except ContestantError as error:
            loser, how, note = mover, "crash", f"{mover}: {error}"
            break
        if point == RESIGN:
            game.resign()
            loser, how = mover, "resigned"
            break
        try:
            game.play(point)
        except IllegalMove as error:
            loser, how, note = mover, "illegal move", f"{mover} played {to_gtp(point, size)}: {error.reason}"
            break
        try:
            sides[other].played(game, point)
        except ContestantError as error:
            loser, how, note = other, "crash", f"{other}: {error}"
    played = Played(number, black, None, "", game.move_number, 0.0, how, note)
    if loser is not None:
        winner_is_black = loser != black
        played.winner = "A" if loser == "B" else "B"
        played.result = ("B+" if winner_is_black else "W+") + ("R" if how == "resigned" else "F")
    elif failed:
        played.result = "Void"  # neither has won
    else:
        _count(played, game, sides)
    played.seconds = round(time.perf_counter() - began, 2)
    names = {BLACK: sides[black].name, WHITE: sides[white].name}
    comment = f"{how}{': ' + note if note else ''}"
    played.sgf = sgf_of_game(game, played.result, names[BLACK], names[WHITE], {game.move_number: comment})
    return played


def _count(played: Played, game: Game, sides: dict[str, Contestant]) -> None:
    """Counts a finished game and names the winner."""
    if game.is_void:
        played.result, played.note = "Void", "no result by repetition"
        return
    dead, judge = _dead_stones(game, sides)
    played.result = str(score_game(game, dead))
    played.note = f"{judge}, {len(dead)} dead stones"
    if played.result != "0":
        won_by_black = played.result.startswith("B")
        played.winner = played.black if won_by_black else ("B" if played.black == "A" else "A")
    for side, player in sides.items():
        if isinstance(player, GtpContestant) and played.how == "counted":
            own = player.final_score()
            counted = None if own is None else _normal(own)
            if counted is not None and counted != _normal(played.result):
                played.dispute = f"{side} counts {own}"


def _normal(result: str) -> tuple[str, float] | None:
    """A result as colour and points, however it is spelt; None for what tells no points."""
    match = re.fullmatch(r"([BWbw])\+([0-9]+\.?[0-9]*|\.[0-9]+)", result)
    if match and float(match[2]):
        return match[1].upper(), float(match[2])
    return ("", 0.0) if match or result.lower() in ("0", "draw", "jigo") else None


def _dead_stones(game: Game, sides: dict[str, Contestant]) -> tuple[set[int], str]:
    """(dead stones, in words who said so): the word of a GTP program, else what all networks agree on."""
    for side, player in sides.items():
        if isinstance(player, GtpContestant) and (dead := player.dead_stones(game)) is not None:
            return dead, f"dead stones by {side}"
    said = {side: player.dead_stones(game) for side, player in sides.items() if isinstance(player, NetContestant)}
    known = {side: dead for side, dead in said.items() if dead is not None}
    if known:
        return set.intersection(*known.values()), f"dead stones by {' and '.join(known)}"
    return set(), "all stones alive"


@dataclass
class Match:
    """A match of A against B and how it stands."""

    sides: dict[str, Contestant]
    size: int
    rules: Rules
    openings: Openings
    seed: int = 0
    games: list[Played] = field(default_factory=list)
    more_sides: list[dict[str, Contestant]] = field(default_factory=list)  # the same two again, for games at once
    sprt: Sprt | None = None
    tested: int = 0  # games that ``sprt`` has heard of: the first ones, by their number
    verdict: tuple[bool, int] | None = None  # the answer of ``sprt``, and after how many games it came
    not_kept: list[str] = field(default_factory=list)  # why a game has no file, a line each

    def play(self, count: int) -> Iterator[Played]:
        """Plays so many games, colours alternating, or until the sequential test has an answer.

        As many games go on at once as there are pairs of contestants; they are handed over as they end. Whatever ends
        it early, an interrupt from the keyboard among it, ends the games under way at once.
        """
        halted = threading.Event()
        teams: SimpleQueue[dict[str, Contestant]] = SimpleQueue()
        for sides in (self.sides, *self.more_sides):
            teams.put(sides)

        def play_one(number: int, opening: list[int]) -> Played:
            sides = teams.get()
            try:
                return play_game(number, "A" if number % 2 else "B", sides, self.rules, self.size, opening, halted)
            finally:
                teams.put(sides)

        games = self._begin(count)
        with ThreadPoolExecutor(1 + len(self.more_sides)) as pool:
            try:
                running = {pool.submit(play_one, *game) for game in islice(games, 1 + len(self.more_sides))}
                while running:
                    done, running = wait(running, 1.0, FIRST_COMPLETED)  # Windows hears Ctrl+C between two
                    for played in sorted((future.result() for future in done), key=lambda game: game.number):
                        self._add(played)
                        yield played
                    if self.verdict is not None:
                        games = iter(())
                    running |= {pool.submit(play_one, *game) for game in islice(games, len(done))}
            except BaseException:
                halted.set()
                for sides in (self.sides, *self.more_sides):
                    for player in sides.values():
                        player.abort()
                raise

    def _add(self, played: Played) -> None:
        """Takes in a game; the sequential test hears of it when all before it have ended.

        In the order in which they end, the side whose wins are short would be ahead for as long as there are games at
        once, and the test would take that for strength.
        """
        self.games.append(played)
        while self.sprt is not None and self.verdict is None:
            game = next((game for game in self.games if game.number == self.tested + 1), None)
            if game is None:
                return
            self.tested += 1
            answer = self.sprt.verdict(*_score([g for g in self.games if g.number <= self.tested]))
            self.verdict = None if answer is None else (answer, self.tested)

    def keep(self, played: Played, folder: Path) -> None:
        """Writes a game as SGF. A disk that is full takes no result away: ``not_kept`` tells."""
        path = folder / f"game-{played.number:04}.sgf"
        try:
            write_atomically(path, played.sgf.encode())
        except OSError as error:
            self.not_kept.append(f"{path}: cannot be written ({reason(error)})")

    def _begin(self, count: int) -> Iterator[tuple[int, list[int]]]:
        """(number, first moves) of each game; two games have the same ones, with the colours changed."""
        rng = np.random.default_rng(self.seed)
        moves: list[int] = []
        for number in range(1, count + 1):
            if number % 2:
                moves = self.openings.draw(rng)
            yield number, moves

    @property
    def score(self) -> tuple[int, int, int]:
        """Games won, lost and drawn by A; one without a result is none of these."""
        return _score(self.games)

    def summary(self) -> dict[str, Any]:
        """The match in figures, for JSON."""
        wins, losses, draws = self.score
        elo, low, high = elo_interval(wins, losses, draws)
        as_black = [game.winner for game in self.games if game.black == "A" and game.result != "Void"]
        return {
            "a": self.sides["A"].name,
            "b": self.sides["B"].name,
            "size": self.size,
            "komi": self.rules.komi,
            "seed": self.seed,
            "games": len(self.games),
            "wins": wins,
            "losses": losses,
            "draws": draws,
            "wins_as_black": as_black.count("A"),
            "games_as_black": len(as_black),
            "share": round((wins + draws / 2) / max(wins + losses + draws, 1), 4),
            "elo": _finite(elo),
            "elo_low": _finite(low),
            "elo_high": _finite(high),
            "ends": {how: sum(g.how == how for g in self.games) for how in sorted({g.how for g in self.games})},
            "crashes": [g.note for g in self.games if g.how == "crash"],
            "sprt": self._sprt_summary(),
            "not_kept": self.not_kept,
            "disputes": [f"game {g.number}: {g.result}, {g.dispute}" for g in self.games if g.dispute],
        }

    def _sprt_summary(self) -> dict[str, Any] | None:
        if self.sprt is None:
            return None
        answer, games = self.verdict or (None, None)
        return {"elo0": self.sprt.elo0, "elo1": self.sprt.elo1, "a_is_stronger": answer, "after_games": games}


def _score(games: Iterable[Played]) -> tuple[int, int, int]:
    """Games won, lost and drawn by A; one without a result is none of these."""
    winners = [game.winner for game in games if game.result != "Void"]
    return winners.count("A"), winners.count("B"), winners.count(None)


def _finite(value: float) -> float | None:
    """JSON knows no infinity: None stands for it."""
    return round(value, 3) if np.isfinite(value) else None


def play_match(
    a: str,
    b: str,
    *,
    size: int = 9,
    games: int = 100,
    visits: tuple[int, int] = (100, 100),
    rules: Rules | None = None,
    opening: str = "policy",
    opening_moves: int | None = None,
    device: str = "auto",
    threads: int | None = None,
    seed: int = 0,
    timeout: float = 120.0,
    parallel: int = 1,
    sprt: Sprt | None = None,
    sgf: Path | None = None,
    configs: tuple[SearchConfig | None, SearchConfig | None] = (None, None),
    on_game: Callable[[Match, Played], None] = lambda match, played: None,
) -> Match:
    """A whole match between two contestants (see :func:`selfplay.contestants.contestant`).

    ``parallel``: games at once, each with contestants of its own; ``threads``: of one network, by default the cores
    dealt out. ``opening`` and ``opening_moves``: see :func:`selfplay.openings.openings`. ``sgf``: folder that the games
    are kept in, as far as it has room; ``configs``: of the networks' searches; ``on_game`` hears of every game. Raises
    ContestantError, NetError or PlayerError if a side cannot be started, if the folder cannot be used or if no game
    could be played.
    """
    threads = threads or max(1, default_threads() // parallel)
    rules = rules or default_rules(size)
    teams: list[dict[str, Contestant]] = [{} for _ in range(parallel)]
    first: Openings | None = None
    try:
        for number, sides in enumerate(teams):
            for index, (side, text) in enumerate((("A", a), ("B", b))):
                sides[side] = contestant(
                    text, size, visits=visits[index], device=device, threads=threads, seed=seed + 2 * number + index,
                    timeout=timeout, config=configs[index],
                )  # fmt: skip
        if sgf is not None:
            _make_folder(sgf)
        first = openings(opening, size, rules, opening_moves, device=device, threads=threads)
        match = Match(teams[0], size, rules, first, seed, more_sides=teams[1:], sprt=sprt)
        for played in match.play(games):
            if sgf is not None:
                match.keep(played, sgf)
            on_game(match, played)
        if not any(match.score):
            raise ContestantError(f"no game could be played: {match.games[0].note}")
        return match
    finally:
        if first is not None:
            first.close()
        for sides in teams:
            for player in sides.values():
                player.close()


def _make_folder(path: Path) -> None:
    """A folder for a match's games, in which no other match's lie; ContestantError if that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ContestantError(f"{path}: the folder for the games cannot be made ({error.strerror})") from None
    if any(path.glob("game-*.sgf")):
        raise ContestantError(f"{path}: games of another match are there; name another folder with --sgf")
