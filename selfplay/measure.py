"""How strong the networks of a run are: matches among them, Elo over all results, and the curve as a picture."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gogame.disk import write_atomically
from gogame.rules import default_komi
from nets.config import NetError
from nets.evaluator import make_evaluator
from selfplay.arena import Arena
from selfplay.config import RunConfig
from selfplay.elo import Result, elo_interval, elo_of_score, linked, ratings

COLLAPSE = 0.35  # share of the points against the network before


class DamagedNet(NetError):
    """A network of the run that cannot be read; what goes wrong in a match itself is another matter."""


class Ratings:
    """The measured networks of a run, kept in ``ratings.json``. The run's first one stands at 0."""

    def __init__(
        self, folder: Path, config: RunConfig, threads: int, device: str, say: Callable[[str], None] = lambda text: None
    ) -> None:
        self.folder, self.config, self.threads, self.device = folder, config, threads, device
        self.path = folder / "ratings.json"
        self.nets: list[dict[str, Any]] = []  # name, seconds, games; in the order of the run
        self.results: list[Result] = []
        # Of so many networks and results.
        self._rated: tuple[tuple[int, int], dict[str, tuple[float, float]]] = ((0, 0), {})
        if self.path.exists():
            try:
                self.nets, self.results = _read(self.path)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # the networks are still there
                self.forget("ratings-damaged.json")
                say(f"{self.path} is damaged, and now named ratings-damaged.json: the ratings begin anew")

    def forget(self, name: str) -> None:
        """Begins anew; the file of the ratings so far is kept under another name."""
        if self.path.exists():
            self.path.replace(self.folder / name)
        self.nets, self.results, self._rated = [], [], ((0, 0), {})

    @property
    def last_seconds(self) -> float:
        """The run's clock at the last measurement; 0 where there was none."""
        return float(self.nets[-1]["seconds"]) if self.nets else 0.0

    @property
    def last_name(self) -> str:
        """The network measured last; "" where there was none."""
        return str(self.nets[-1]["name"]) if self.nets else ""

    @property
    def elo(self) -> dict[str, tuple[float, float]]:
        """Elo and standard error of each network that has met the first one with a match, or one that is rated."""
        if not self.nets:
            return {}
        known = (len(self.nets), len(self.results))
        if self._rated[0] != known:  # each slice asks for it, and with hundreds of networks it takes a second
            met = {name for result in self.results for name in (result.a, result.b)}
            anchor = next((net["name"] for net in self.nets if net["name"] in met), self.nets[0]["name"])
            self._rated = known, ratings(linked(self.results, anchor), anchor)
        return self._rated[1]

    @property
    def newest_elo(self) -> float | None:
        """The rating of the last one measured; None before the first match."""
        if not self.results or not self.nets:
            return None
        return round(self.elo.get(self.nets[-1]["name"], (0.0, 0.0))[0], 1)

    def add(self, name: str, seconds: float, games: int) -> None:
        """A network without a match so far, such as the first."""
        if all(net["name"] != name for net in self.nets):
            self.nets.append({"name": name, "seconds": round(seconds, 1), "games": games})
        self._save()

    def has_collapsed(self, name: str) -> bool:
        """Whether a network plays much worse, beyond doubt, than the one measured before it.

        The upper end of the 95 % interval of its share of the points must lie below COLLAPSE.
        """
        against = [r for r in self.results if r.a == name]
        if not against:
            return False
        last = against[0]  # the opponent measured last comes first
        _, _, high = elo_interval(last.wins, last.losses, last.draws)
        return high < elo_of_score(COLLAPSE)

    def has_met(self, name: str) -> bool:
        """Whether a network has played a match: the files of all its opponents may be damaged."""
        return any(result.a == name for result in self.results)

    def disown(self, name: str) -> None:
        """Takes a network out of those that later ones are compared with; its results stay."""
        for net in self.nets:
            if net["name"] == name:
                net["collapsed"] = True
        self._save()

    def measure(self, name: str, seconds: float, games: int, stopped: Callable[[], bool]) -> Iterator[str]:
        """Plays a network against the ones measured last; yields a line for each match.

        Stopped before the first of them was over, it has not been measured.
        """
        earlier = [net["name"] for net in self.nets if net["name"] != name and not net.get("collapsed")]
        for opponent in reversed(earlier[-self.config.measure.opponents :]):
            try:
                result = self._match(name, opponent, stopped)
            except DamagedNet as problem:  # a file of networks that were kept: the run does not need it
                yield f"no match against {opponent}: {problem}"
                continue
            if result is None:
                return
            self.results.append(result)
            self.add(name, seconds, games)
            line = f"{name} against {opponent}: {result.wins} won, {result.losses} lost, {result.draws} drawn"
            if name in (found := self.elo):
                line += f"; Elo {found[name][0]:+.0f} ± {1.96 * found[name][1]:.0f} above the run's first net"
            yield line
        self.add(name, seconds, games)

    def _evaluator(self, name: str, size: int, games: int) -> Any:
        path = self.folder / "nets" / f"{name}.safetensors"
        try:
            return make_evaluator(path, size, self.device, games, self.threads)
        except NetError as error:
            raise DamagedNet(str(error)) from None

    def _known(self, size: int) -> dict[str, Any]:
        """Conditions of a match that the run's networks have learned with."""
        play, usual = self.config.selfplay, default_komi(size)
        komi = usual if abs(usual - play.komi) <= play.komi_spread else round(2 * play.komi) / 2
        turned = self.config.learn.symmetries
        return {"komi": komi, "turned": (turned, turned), "score_weight": play.score_weight}

    def _match(self, a: str, b: str, stopped: Callable[[], bool]) -> Result | None:
        """Equally many games on each of the run's boards; None if ``stopped`` before they are over."""
        options, sizes = self.config.measure, self.config.run.sizes
        games = options.games if len(sizes) == 1 else 2 * -(-options.games // (2 * len(sizes)))  # colours in turn
        found = Result(a, b, 0, 0, 0)
        for size in sizes:
            sides = self._evaluator(a, size, games), self._evaluator(b, size, games)
            part = Arena(*sides, games, options.visits, seed=len(self.results), **self._known(size)).play(stopped)
            if part is None:
                return None
            found = Result(a, b, found.wins + part.wins, found.losses + part.losses, found.draws + part.draws)
        return found

    def _save(self) -> None:
        rated = {name: [round(elo, 1), round(error, 1)] for name, (elo, error) in self.elo.items()}
        document = {"nets": self.nets, "results": [asdict(r) for r in self.results], "elo": rated}  # elo: for the board
        write_atomically(self.path, json.dumps(document, indent=1).encode())

    def plot(self, path: Path) -> None:
        """The Elo curve over the minutes of the run, with 95 % intervals; nothing where nothing was measured.

        OSError, with the path as its filename, if it cannot be written.
        """
        if not self.results:
            return
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        found = self.elo
        rows = [(net["seconds"] / 60, *found[net["name"]]) for net in self.nets if net["name"] in found]
        figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
        minutes, elo, error = zip(*rows, strict=True)
        axes.errorbar(minutes, elo, [1.96 * e for e in error], marker="o", capsize=3)
        axes.set(xlabel="minutes of the run", ylabel="Elo above the run's first network")
        axes.grid(alpha=0.3)
        picture = io.BytesIO()
        figure.savefig(picture, dpi=120, format="png")
        pyplot.close(figure)
        write_atomically(path, picture.getvalue())


def _read(path: Path) -> tuple[list[dict[str, Any]], list[Result]]:
    """The networks and results of a ``ratings.json``; any of many errors if it is damaged."""
    document = json.loads(path.read_text())
    nets, results = document["nets"], [Result(**result) for result in document["results"]]
    names = {net["name"] for net in nets}
    good = isinstance(nets, list) and all(
        type(net["name"]) is str and 0 <= net["seconds"] < 1e12 and 0 <= net["games"] < 1e12 for net in nets
    )
    for result in results:
        counts = (result.wins, result.losses, result.draws)
        good = good and {result.a, result.b} <= names and all(type(n) is int and 0 <= n < 10**6 for n in counts)
    if not good:
        raise ValueError
    return nets, results
