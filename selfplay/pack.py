"""A run in few and small files, to go on elsewhere: its checkpoint, the networks and the games of the replay window."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

from gogame.disk import named
from nets.checkpoint import has_state, load_state, save_state
from nets.config import NetError
from nets.failures import disk_line
from selfplay.buffer import window_size
from selfplay.config import ConfigError, RunConfig
from selfplay.samples import FinishedGame
from selfplay.shards import SUFFIX, GameStore, learned_positions, write_base, write_shard

MOST_BYTES = 15_000_000  # of a file, as far as it is ours to cut
FILES = ("config.toml", "net.safetensors", "ratings.json", "log.jsonl")


def pack(folder: Path, out: Path, config: RunConfig, say: Callable[[str], None]) -> None:
    """Writes the run in ``folder`` to ``out``, which must not be there. The same command goes on from it.

    Games older than the replay window stay behind; their number is kept. ConfigError if it cannot be done.
    """
    if not (folder / "config.toml").exists() or not has_state(folder / "checkpoint"):
        raise ConfigError(f"{folder}: no run with a checkpoint")
    if out.exists():
        raise ConfigError(f"{out}: already there")
    fresh = out.with_name(f".{out.name}.{os.getpid()}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        (fresh / "games").mkdir(parents=True)
        for name in FILES:
            if (folder / name).exists():
                shutil.copyfile(folder / name, fresh / name)
        if (folder / "nets").exists():
            _copy_nets(folder / "nets", fresh / "nets")
        save_state(fresh / "checkpoint", load_state(folder / "checkpoint"))
        with contextlib.suppress(NetError):  # a damaged one is of no use there, either
            save_state(fresh / "good", load_state(folder / "good"))
        store = GameStore(folder / "games", config.run.sizes, say)
        learn = config.learn
        window = min(
            window_size(store.positions, learn.window_start, learn.window_growth, learn.window_power), learn.window_most
        )
        games = list(store.newest(window))
        kept = sum(map(learned_positions, games))
        write_base(fresh / "games", store.games - len(games), store.positions - kept)
        number = 0
        for _, alike in groupby(games, key=lambda game: game.size):
            number = _write_shards(list(alike), fresh / "games", store.last_note, number)
        fresh.rename(out)
    except OSError as error:
        inside = str(error.filename or "").startswith(str(folder))
        raise ConfigError(disk_line(error if inside else named(error, out), out)) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    large = [path.name for path in out.rglob("*") if path.is_file() and path.stat().st_size > 16_000_000]
    say(f"packed into {out}: {len(games)} games, {sum(p.stat().st_size for p in out.rglob('*')) / 1e6:.1f} MB")
    if large:
        say(f"over 16 MB: {', '.join(sorted(large))}")


def _copy_nets(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"))
    except shutil.Error as error:  # its argument is a list of (source, target, reason)
        path, _, reason = error.args[0][0]
        why = str(reason).partition(": ")[0]
        raise ConfigError(f"{path}: cannot be copied ({why}); once that is mended, the same command packs it") from None


def _write_shards(games: list[FinishedGame], folder: Path, note: dict[str, Any], number: int) -> int:
    """Writes games of one size in shards of at most MOST_BYTES, numbered from ``number`` on; returns the next one."""
    path = folder / f"{number:08}{SUFFIX}"
    write_shard(path, games, note)
    if path.stat().st_size <= MOST_BYTES or len(games) == 1:
        return number + 1
    path.unlink()
    half = len(games) // 2
    return _write_shards(games[half:], folder, note, _write_shards(games[:half], folder, note, number))
