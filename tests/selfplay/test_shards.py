"""Shards of games: what is written comes back, and damage is noticed and survived."""

from __future__ import annotations

import dataclasses
import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from gogame.rules import RuleSet
from selfplay import shards
from selfplay.samples import FinishedGame
from selfplay.shards import (
    MAGIC,
    MAGIC_1,
    GameStore,
    ShardError,
    learned_positions,
    read_base,
    read_header,
    read_shard,
    write_shard,
)


def a_game(seed: int, size: int = 7, moves: int = 12, opening: int = 2) -> FinishedGame:
    """A game of distinct points in a random order (no capture that matters here) with random targets."""
    rng = np.random.default_rng(seed)
    area = size * size
    return FinishedGame(
        size=size,
        ruleset=RuleSet(1, 0, 0, 7.5 - seed % 3),
        actions=rng.permutation(area)[:moves].astype(np.int16),
        policy=rng.integers(0, 5, (moves, area + 1)).astype(np.uint8),
        value=rng.uniform(-1, 1, moves).astype(np.float32),
        opening=opening,
        score=float(rng.normal()),
        ownership=rng.integers(-1, 2, area).astype(np.int8),
        resigned=bool(seed % 2),
    )


def same(a: FinishedGame, b: FinishedGame) -> bool:
    return (
        (a.size, a.ruleset, a.opening, a.score, a.resigned) == (b.size, b.ruleset, b.opening, b.score, b.resigned)
        and np.array_equal(a.actions, b.actions)
        and np.array_equal(a.policy, b.policy)
        and np.array_equal(a.value, b.value)
        and np.array_equal(a.ownership, b.ownership)
    )


def test_games_come_back_as_they_were(tmp_path: Path) -> None:
    games = [a_game(seed, moves=5 + seed) for seed in range(6)]
    write_shard(tmp_path / "a.shard", games, {"seconds": 12.5})
    back = read_shard(tmp_path / "a.shard")
    assert len(back) == 6 and all(map(same, games, back))
    header = read_header(tmp_path / "a.shard")
    assert (header.games, header.positions) == (6, sum(5 + seed - 2 for seed in range(6)))
    assert header.note == {"seconds": 12.5}
    assert back[0].policy.flags.writeable and back[0].policy.dtype == np.uint8 and back[0].actions.dtype == np.int16
    assert not list(tmp_path.glob(".*"))


def test_no_damaged_byte_passes(tmp_path: Path) -> None:
    """Any changed byte, of the header too, and any missing tail is an error."""
    path = tmp_path / "a.shard"
    games = [a_game(1), a_game(2)]
    write_shard(path, games, {"seconds": 24.0})
    good = path.read_bytes()
    rng = np.random.default_rng(0)
    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(bad)
        with pytest.raises(ShardError) as caught:
            read_shard(path)
        assert "\n" not in str(caught.value) and str(path) in str(caught.value)
        if at < good.index(b"}}") + 2:
            with pytest.raises(ShardError):
                read_header(path)
    for length in range(0, len(good), 37):
        path.write_bytes(good[:length])
        with pytest.raises(ShardError):
            read_shard(path)
        with pytest.raises(ShardError):
            read_header(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        MAGIC,
        MAGIC_1,
        MAGIC + struct.pack("<II", 1 << 30, 0) + b"{}",
        MAGIC_1 + struct.pack("<I", 1 << 30) + b"{}",
        *(
            data
            for text in (b"[]", b"[" * 3000, json.dumps({"size": 9}).encode())
            for data in (
                MAGIC + struct.pack("<II", len(text), zlib.crc32(text)) + text,
                MAGIC_1 + struct.pack("<I", len(text)) + text,
            )
        ),
    ],
)
def test_foreign_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.shard"
    path.write_bytes(data)
    for read in (read_header, read_shard):
        with pytest.raises(ShardError):
            read(path)


def as_first_version(data: bytes, **changes: object) -> bytes:
    """A shard as it was written before headers had a checksum, some of its header changed."""
    length = struct.unpack("<I", data[8:12])[0]
    header = json.loads(data[16 : 16 + length]) | changes
    text = json.dumps(header).encode()
    return MAGIC_1 + struct.pack("<I", len(text)) + text + data[16 + length :]


def test_shards_of_the_first_version_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.shard"
    games = [a_game(1), a_game(2)]
    write_shard(path, games, {"seconds": 24})
    now = path.read_bytes()
    path.write_bytes(as_first_version(now))
    assert all(map(same, games, read_shard(path))) and read_header(path).note == {"seconds": 24}
    path.write_bytes(as_first_version(now, positions=99))
    with pytest.raises(ShardError, match="positions"):
        read_shard(path)
    for change in ({"games": 10**30}, {"positions": 10**400}, {"positions": 10**16}):
        path.write_bytes(as_first_version(now, **change))
        for read in (read_header, read_shard):
            with pytest.raises(ShardError, match="header"):
                read(path)
    path.write_bytes(as_first_version(now, games=10**14))
    with pytest.raises(ShardError):
        read_shard(path)
    for note in ({"seconds": None}, {"seconds": "1"}, {"seconds": -1}, {"seconds": float("nan")}, {"seconds": 1e300}):
        path.write_bytes(as_first_version(now, note=note))
        with pytest.raises(ShardError, match="header"):
            read_header(path)


@pytest.mark.parametrize(
    "change",
    [
        {"score": float("nan")},
        {"score": float("inf")},
        {"ruleset": RuleSet(3, 0, 0, 7.0)},
        {"ruleset": RuleSet(float("inf"), 0, 0, 7.0)},
        {"ruleset": RuleSet(1, 0, 0, float("nan"))},
        {"value": np.full(12, np.nan, np.float32)},
        {"value": np.full(12, 3, np.float32)},
        {"ownership": np.full(49, 5, np.int8)},
    ],
)
def test_figures_out_of_bounds_are_refused(tmp_path: Path, change: dict) -> None:
    """A shard may come from a stranger, its checksums right."""
    path = tmp_path / "a.shard"
    write_shard(path, [a_game(1), dataclasses.replace(a_game(2), **change)])
    with pytest.raises(ShardError, match="bounds"):
        read_shard(path)


def test_a_store_counts_on_and_passes_over_what_is_broken(tmp_path: Path) -> None:
    said: list[str] = []
    store = GameStore(tmp_path, (7,), said.append)
    for shard in range(4):
        store.append([a_game(10 * shard + k) for k in range(3)], {"seconds": shard})
    store.append([])
    assert (store.games, store.positions) == (12, 120) and store.last_note == {"seconds": 3}

    (tmp_path / ".00000009.shard.77.tmp").write_bytes(b"half")
    third = sorted(tmp_path.glob("*.shard"))[2]
    data = bytearray(third.read_bytes())
    data[-5] ^= 0xFF  # in the payload: noticed when it is read
    third.write_bytes(data)
    sorted(tmp_path.glob("*.shard"))[0].write_bytes(b"gone")

    again = GameStore(tmp_path, (7,), said.append)
    assert len(said) == 1 and "00000000" in said[0]
    assert again.games == 9 and list(tmp_path.glob(".*.tmp")), "who reads alone deletes nothing"
    back = list(again.newest(1000))
    assert len(said) == 2 and "checksum" in said[1]
    assert [same(a_game(10 + k), back[k]) for k in range(3)] == [True] * 3
    assert same(a_game(30), back[3]) and len(back) == 6 and again.games == 6
    again.append([a_game(1)])
    assert (tmp_path / "00000004.shard").exists()


def test_the_newest_games_are_enough(tmp_path: Path) -> None:
    store = GameStore(tmp_path, (7,), print)
    for shard in range(5):
        store.append([a_game(shard)])  # 10 positions each
    assert [g.score for g in store.newest(15)] == [a_game(3).score, a_game(4).score]
    assert list(store.newest(0)) == []


def test_a_game_without_end_is_refused(tmp_path: Path) -> None:
    """The program's own have 8 moves a point at most; the window has no room for more."""
    path = tmp_path / "a.shard"
    short, long = (
        dataclasses.replace(
            a_game(1), actions=np.full(moves, 49, np.int16), policy=np.ones((moves, 50), np.uint8),
            value=np.zeros(moves, np.float32),
        )
        for moves in (8 * 49, 8 * 50 + 1)
    )  # fmt: skip
    write_shard(path, [short])
    assert len(read_shard(path)[0].actions) == 8 * 49
    write_shard(path, [short, long])
    with pytest.raises(ShardError, match="too many moves"):
        read_shard(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX's")
@pytest.mark.timeout(100)
def test_a_pipe_among_the_shards_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "00000003.shard")
    said: list[str] = []
    store = GameStore(tmp_path, [7], said.append)
    assert store.games == 0 and "00000003.shard: cannot be read (a pipe or a device, not a file)" in said[0]
    with pytest.raises(ShardError, match="not a file"):
        read_shard(tmp_path / "00000003.shard")
    os.mkfifo(tmp_path / "base.json")
    with pytest.raises(ShardError, match="base.json"):
        read_base(tmp_path)


def test_a_renamed_shard_is_not_the_newest(tmp_path: Path) -> None:
    store = GameStore(tmp_path, (7,), print)
    for shard in range(3):
        store.append([a_game(shard)], {"seconds": shard})
    (tmp_path / "00000000.shard").rename(tmp_path / "old.shard")
    (tmp_path / "00000001.shard").rename(tmp_path / "x1.shard")
    again = GameStore(tmp_path, (7,), print)
    assert again.last_note == {"seconds": 2} and again.games == 3
    assert [game.score for game in again.newest(1)] == [a_game(2).score]
    again.append([a_game(5)])
    assert (tmp_path / "00000003.shard").exists()


def test_a_shard_of_another_size_is_passed_over(tmp_path: Path) -> None:
    said: list[str] = []
    GameStore(tmp_path, (7,), said.append).append([a_game(1)])
    assert GameStore(tmp_path, (9,), said.append).games == 0
    assert "board size 7, not 9" in said[0]


def test_shards_of_several_sizes_are_one_store(tmp_path: Path) -> None:
    small, large = a_game(1), a_game(2, size=9)
    store = GameStore(tmp_path, (7, 9), print)
    for games in ([small], [large, large], [small]):
        store.append(games)
    one, two = (learned_positions(game) for game in (small, large))
    again = GameStore(tmp_path, (7, 9), print)
    for found in (store, again):
        assert found.games == 4 and found.positions == 2 * one + 2 * two
        assert [game.size for game in found.newest(10**9)] == [7, 9, 9, 7]
        assert found.sizes_of_newest(10**9) == {7: 2 * one, 9: 2 * two}
        assert found.sizes_of_newest(one + 3) == {7: one, 9: 3} and found.sizes_of_newest(0) == {7: 0, 9: 0}
        assert found.sizes_of_newest(one + 2 * two + 1) == {7: one + 1, 9: 2 * two}
    with pytest.raises(ValueError, match="one board size"):
        store.append([small, large])
    said: list[str] = []
    assert GameStore(tmp_path, (9, 13), said.append).games == 2
    assert len(said) == 2 and all("board size 7, not 9 or 13" in line for line in said)


def test_a_slice_of_very_many_games_is_several_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "MOST_GAMES", 4)
    store = GameStore(tmp_path, (7,), print)
    games = [a_game(seed) for seed in range(10)]
    store.append(games, {"seconds": 3.0})
    assert [header.games for header in store.headers.values()] == [4, 4, 2] and store.games == 10
    assert all(map(same, store.newest(10**6), games)) and store.last_note == {"seconds": 3.0}
