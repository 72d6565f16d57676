"""Which networks the view of the networks shows, weakest to strongest: those of the package, or those of a run.

Only the heads of the files are read here; :mod:`gui.networks_worker` loads them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from gui.run_elo import rated_nets
from nets.config import MAX_SIZE, NetError
from nets.weights import NetInfo, read_header, shipped_nets

MOST = 24  # networks that are shown of a run; of more, so many evenly spread ones, the first and the last among them
SUFFIX = ".safetensors"
KEPT = re.compile(r"net-(\d{1,9}(?:\.\d{1,9})?)")  # a run's networks, by minute
IN_NAME = re.compile(r"(.+)-minute-(\d{1,9})")  # the package's
IN_ORIGIN = re.compile(r": (\d{1,9}) minutes")
BEGUN_WITH = re.compile(r"from \S+-minute-(\d{1,9}) on ")  # in the origin, too


@dataclass(frozen=True)
class Checkpoint:
    """A network that can be looked through."""

    key: str  # of the file as it was: another content has another key
    name: str
    path: str
    label: str  # for a tick of the slider, the shorter the better
    minutes: float | None = None  # of training
    elo: float | None = None
    elo_size: int = 0  # lines of the board where that was measured; 0: in its run, above the first network there

    def facts(self, size: int) -> str:
        """Elo and training, as far as they are known, for a board of ``size`` lines."""
        parts = []
        if self.elo is not None:
            where = "" if self.elo_size == size else f" on {self.elo_size}×{self.elo_size}"
            if not self.elo_size:
                where = " in its run"
            parts.append(f"Elo {self.elo:+.0f}{where}".replace("-", "−"))
        if self.minutes is not None:
            parts.append(f"{self.minutes:.0f} minutes of training")
        return " · ".join(parts)


def shipped(size: int) -> list[Checkpoint]:
    """The networks of the package whose Elo was measured on a board, the weakest first. Where fewer than two were, the
    nearest board's Elo counts. NetError where there are none."""
    nets = shipped_nets()
    measured = {s: [n for n in nets if n.elo(s) is not None] for s in range(1, MAX_SIZE + 1)}
    boards = sorted((s for s in measured if len(measured[s]) > 1), key=lambda s: (abs(s - size), s))
    board = boards[0] if boards else size
    found = sorted(measured[board] if boards else nets, key=lambda net: net.elo(board) or 0.0)
    if not found:
        raise NetError("no networks are installed with this program")
    families = [_family(net.name) for net in found]
    result = []
    for net in found:
        minutes = minutes_of(net, whole=True)
        in_a_row = minutes is not None and families.count(_family(net.name)) > 1
        label = f"{minutes:.0f}" if in_a_row else net.name.split("-")[0]
        result.append(Checkpoint(_key(net.path), net.name, str(net.path), label, minutes, net.elo(board), board))
    return result


def _family(name: str) -> str:
    """The run that a network of the package is of: "zero-9x9-minute-05" and "zero-9x9" are of the same."""
    match = IN_NAME.fullmatch(name)
    return match[1] if match else name


def kept(folder: Path) -> tuple[list[Checkpoint], str]:
    """(the networks of a run's folder in the order of its minutes, what is wrong with others in one line or "").

    They are those that its measurements have kept, and the newest; of a folder that is no run's, all that lie in it.
    NetError where there are none."""
    files = _files(folder)
    if not files:
        raise NetError(f"{folder}: no networks in this folder")
    found: list[Checkpoint] = []
    broken: list[str] = []
    rated = rated_nets(folder)
    for path in _thinned(files):
        try:
            info = NetInfo(path.stem, path, *read_header(path))
            key = _key(path)
        except (NetError, OSError) as error:
            broken.append(" ".join(str(error).split()).removeprefix(f"{path}: ") + f": {path.name}")
            continue
        minutes = minutes_of(info)
        if path.parent == folder and found and path.name == f"net{SUFFIX}":
            if minutes is not None and round(found[-1].minutes or -1) == minutes:
                continue  # the newest one has been kept
        label = "newest" if info.name == "net" else info.name[:12] if minutes is None else f"{minutes:.0f}"
        elo = rated[info.name].elo if info.name in rated else None
        found.append(Checkpoint(key, info.name, str(path), label, minutes, elo))
    if not found:
        raise NetError(f"{folder}: no network in this folder can be read ({broken[0]})")
    more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
    return found, f"left out, {broken[0]}{more}" if broken else ""


def _files(folder: Path) -> list[Path]:
    """The files of a run's networks, in order."""

    def inside(place: Path) -> list[Path]:
        try:
            names = [name for name in os.listdir(place) if name.endswith(SUFFIX) and not name.startswith(".")]
        except OSError:
            return []
        return [place / name for name in sorted(names, key=_order)]

    newest = folder / f"net{SUFFIX}"
    if (folder / "nets").is_dir():
        return [*inside(folder / "nets"), *([newest] if newest.is_file() else [])]
    return inside(folder)


def _order(name: str) -> tuple[float, str]:
    """By the minute that the name tells; what tells none comes last."""
    stem = name.removesuffix(SUFFIX)
    minute = _minute_in(stem)
    return (float("inf") if minute is None else minute), stem


def _minute_in(name: str) -> float | None:
    if match := KEPT.fullmatch(name):
        return float(match[1])
    match = IN_NAME.fullmatch(name)
    return float(match[2]) if match else None


def _thinned(files: list[Path]) -> list[Path]:
    if len(files) <= MOST:
        return files
    return [files[round(i * (len(files) - 1) / (MOST - 1))] for i in range(MOST)]


def minutes_of(net: NetInfo, whole: bool = False) -> float | None:
    """The minutes that a network has been trained for, in its run or, ``whole``, with those of the network that its run
    began with; None where neither its name nor its file tells."""
    minute = _minute_in(net.name)
    origin = str(net.meta.get("origin", ""))
    match = IN_ORIGIN.search(origin)
    if minute is not None or match is None:
        return minute
    before = BEGUN_WITH.search(origin)
    return float(match[1]) + (float(before[1]) if before and whole else 0.0)


def _key(path: Path) -> str:
    status = path.stat()
    return f"{path}:{status.st_mtime_ns}:{status.st_size}"
