"""Game records: read, left out with a reason, and kept in a cache."""

from __future__ import annotations

import lzma
import zipfile
from pathlib import Path

import numpy as np
import pytest

from gogame.coords import from_gtp
from gogame.game import Game, IllegalMove
from gogame.geometry import PASS
from gogame.rules import default_rules
from gogame.score import score_game
from gogame.sgf import SgfError, game_of_sgf, sgf_of_game
from nets import record_cache
from nets.batches import Positions, training_batch
from nets.positions import COUNTED, OWNED, GameTable
from nets.record_cache import open_records
from nets.records import RecordsError, TableBuilder, parse_result, raw_games, read_bytes, sources

pytestmark = pytest.mark.usefixtures("needs_jit")
SIZE = 9


def random_games(count: int, seed: int = 0, moves: int = 60) -> list[Game]:
    rng, games = np.random.default_rng(seed), []
    for _ in range(count):
        game = Game(SIZE, default_rules(SIZE).replace(komi=float(rng.integers(-3, 8)) + 0.5))
        for _ in range(int(rng.integers(2, moves))):
            points = game.legal_points()
            game.play(int(rng.choice(points)) if rng.random() < 0.97 else PASS)
            if game.is_over:
                break
        games.append(game)
    return games


def collection(games: list[Game], results: list[str] | None = None) -> bytes:
    results = results or ["B+R", "W+2.5"] * len(games)
    return "".join(sgf_of_game(g, r) for g, r in zip(games, results, strict=False)).encode()


def read(data: bytes) -> tuple[GameTable, TableBuilder]:
    builder = TableBuilder(SIZE)
    for game in raw_games("here", data):
        builder.add(game, "here")
    return builder.table(), builder


def settled_game() -> Game:
    """Two walls, both alive, and nothing else."""
    game = Game(SIZE, default_rules(SIZE).replace(komi=0.5))
    for black, white in zip("D123456789", "E123456789", strict=True):
        if black == "D":
            continue
        game.play(from_gtp(f"D{black}", SIZE))
        game.play(from_gtp(f"E{white}", SIZE))
    for black, white in (("B2", "H2"), ("B5", "H5"), ("B8", "H8"), ("A5", "J5"), ("C5", "F5"), ("pass", "G5")):
        game.play(from_gtp(black, SIZE))
        game.play(from_gtp(white, SIZE))
    game.play(PASS)
    game.play(PASS)
    return game


def test_ownership_is_known_only_where_the_count_is_that_of_the_record() -> None:
    game = settled_game()
    right = str(score_game(game))
    table, _ = read(collection([game, game, game], [right, "W+1.5", "W+R"]))
    assert [int(f) for f in table.flags] == [COUNTED | OWNED, COUNTED, 0]
    positions = Positions(table, SIZE)
    batch = positions.fill(np.array([0, 1]), np.zeros(2, np.int64))
    assert batch.ownership[0].sum() + batch.ownership[1].sum() == 0, "the mover's view turns with the mover"
    assert batch.score[0] == -batch.score[1] == pytest.approx(score_game(game).lead)
    assert batch.ownership[0, 0, 0] == 1 and batch.ownership[0, 0, 8] == -1
    learned = training_batch(batch)
    assert learned["ownership_weight"].tolist() == [1, 1] and learned["policy"].sum() == 2
    last = training_batch(positions.fill(np.array([positions.total - 1]), np.zeros(1, np.int64)))
    assert last["ownership_weight"].sum() == last["score_weight"].sum() == last["reply_weight"].sum() == 0


def test_a_score_that_no_board_can_have_is_not_believed() -> None:
    game = settled_game()
    assert not (score_game(game).lead + game.rules.komi) % 1, "with its komi the count is one of points on the board"
    table, _ = read(collection([game, game], ["0", "B+3"]))
    assert game.rules.komi == 0.5 and table.flags.tolist() == [0, 0] and table.result.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("B+R", (1, None)), ("W+Resign", (-1, None)), ("B+3.5", (1, 3.5)), ("w+12", (-1, -12.0)), ("0", (0, 0.0)),
        ("Draw", (0, 0.0)), ("Jigo", (0, 0.0)), ("B+T", (1, None)), ("W+F", (-1, None)), ("Void", None), ("?", None),
        ("", None), ("B+", (1, None)), ("W+99999", (-1, None)),
        ("b+3,5", (1, 3.5)), ("W+3 1/2", (-1, None)), ("B+2.5 moku", (1, None)),
    ],
)  # fmt: skip
def test_results(text: str, found: tuple[int, float | None] | None) -> None:
    assert parse_result(text) == found


def test_what_cannot_be_used_is_counted_and_named() -> None:
    good, other = (collection([game]) for game in random_games(2))
    bad = {
        b"(;SZ[13]RE[B+R];B[aa];W[bb])": "board size",
        b"(;SZ[9];B[aa];W[bb])": "no result",
        b"(;SZ[9]RE[B+R];B[aa];W[aa])": "illegal",
        b"(;SZ[9]RE[B+R];B[aa])": "fewer",
        b"(;SZ[9]RE[B+R];B[zz];W[bb])": "zz",
        b"(;SZ[99999]RE[B+R];B[aa])": "size",
    }
    for data, reason in bad.items():
        table, builder = read(good + b"\n" + data + b"\n" + other)
        assert table.games == 2 and sum(builder.left_out.values()) == 1, data
        assert reason in next(iter(builder.left_out)), builder.left_out
        assert builder.examples[next(iter(builder.left_out))] == "here"
    with pytest.raises(RecordsError, match=r"no game of size 9 .*1 x board size 13, not 9\); --size 13 takes those"):
        read(b"(;SZ[13]RE[B+R];B[aa];W[bb])")
    with pytest.raises(RecordsError, match="board size 5, not 9.$"):  # which no network plays
        read(b"(;SZ[5]RE[B+R];B[aa];W[bb])")


def test_handicap_and_setup_come_before_the_game() -> None:
    data = b"(;SZ[9]RE[W+R]KM[0.5]HA[2]AB[gc][cg];W[ee];B[dd])"
    table, _ = read(data)
    assert table.setup.tolist() == [2] and table.positions == 2
    batch = Positions(table, SIZE).fill(np.array([0]), np.zeros(1, np.int64))
    assert batch.planes[0, 2].sum() == 2 and batch.planes[0, 1].sum() == 0, "White to move sees two black stones"
    assert batch.value[0] == 1 and batch.planes[0, 7:12].sum() == 0, "setup is no move"


@pytest.mark.parametrize(
    "text, komi, territory",
    [
        ("KM[375]RU[Chinese]", 7.5, 0),
        ("KM[650]RU[jp]", 6.5, 1),
        ("KM[3.75]", 7.5, 0),
        ("RU[Japanese]", 6.5, 1),
        ("RU[Korean]KM[0]", 0.0, 1),
        ("", 7.0, 0),
        ("KM[5.5]RU[unheard of]", 5.5, 0),
        ("KM[]", 7.0, 0),
        ("KM[6,5]", 6.5, 0),
        ("KM[6.333]", 6.5, 0),
        ("KM[3.75 zi]RU[Japanese]", 6.5, 1),
        ("KM[1e9]", 7.0, 0),
        ("CA[Windows-31J]KM[6.5]", 6.5, 0),
        ("CA[UTF-8]RU[\udcd6\udcd0]KM[6.5]", 6.5, 0),
    ],
)
def test_komi_and_rules_are_those_of_any_other_reader(text: str, komi: float, territory: int) -> None:
    """Whether or not a game beside it sends the file through sgfmill."""
    plain = f"(;SZ[9]RE[W+R]{text};B[ee];W[cc])".encode(errors="surrogateescape")
    handicap = b"(;SZ[9]RE[W+R]HA[2]AB[gc][cg];W[ee];B[dd])"
    for data in (plain, plain + b"\n" + handicap):
        table, builder = read(data)
        assert not builder.left_out
        assert (table.komi[0], table.territory[0]) == (komi, territory)


@pytest.mark.parametrize(
    "text",
    ["(;GaMe[1]SiZe[9]KoMi[5.5]RE[B+R];B[ee];W[cc])", "(;SZ[9]RE[B+R];Black[ee];White[cc])",
     "(;SZ[9]KM[0.5]HAndicap[2]AddBlack[dd][gg]RE[W+R];W[cc];B[ee])", "(;SZ[9]KM[6.3]RE[B+R];B[ee];W[cc])",
     "(;SZ[9]KM[many]RE[B+R];B[ee];W[cc])", "(;SZ[9]KM[999.5]RE[B+R];B[ee];W[cc])", "(;SZ[9]GM[2]RE[B+R];B[ee];W[cc])",
     "(;SZ[9]RE[B\\+R];B[ee];W[cc])", "(;SZ[9]RE[B+R];B[ee]W[cc])", "(;SZ[9]SZ[13]RE[B+R];B[ee];W[cc])",
     "(;SZ[9]RE[B+R]RE[W+R];B[ee];W[cc])", "(;SZ[9]RE[B+R];B[ee];W[zz])", "(;SZ[9]RE[B+R];B[ee];AW[cc];B[dd])",
     "(;SZ[9]RE[B+R];B[ee];PL[B];B[dd])", "(;SZ[9]RE[B+1,5]KM[5,5];B[ee];W[cc])"],
)  # fmt: skip
def test_a_game_is_read_as_the_careful_reader_does(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = "(;SZ[9]RE[W+R];B[ee];W[cc])"
    found = list(raw_games("here", f"{plain}\n{text}\n{plain}".encode()))
    monkeypatch.setattr("nets.records.main_lines", lambda data: iter(()))
    careful = list(raw_games("here", f"{plain}\n{text}\n{plain}".encode()))
    assert len(found) == len(careful) == 3
    assert [str(game) for game in found] == [str(game) for game in careful], "errors, too"


def test_a_game_out_of_the_ordinary_sends_no_other_to_the_careful_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    careful: list[bytes] = []
    monkeypatch.setattr("nets.records._read_with_care", lambda part: careful.append(part) or SgfError("no"))
    plain, odd = b"(;SZ[9]RE[W+R];B[ee];W[cc])", b"(;SZ[9]HA[2]AB[gc][cg]RE[W+R];W[ee])"
    found = list(raw_games("here", b" ".join((plain, odd, plain, odd, plain))))
    assert careful == [odd, odd] and [isinstance(game, SgfError) for game in found] == [False, True, False, True, False]


def test_no_game_is_taken_for_another() -> None:
    """Text before it counts as nothing, and variations that begin a line are no games."""
    text = b"(c) (;SZ[9]RE[B+R];B[ee];W[cc])(;SZ[9]RE[B+R]!;B[aa]\n(;W[bb]))"
    good, *broken = raw_games("here", text)
    assert not isinstance(good, SgfError) and len(good.moves) == 2
    assert any(isinstance(game, SgfError) for game in broken)


def test_a_collection_that_was_cut_is_read_as_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    careful: list[bytes] = []
    monkeypatch.setattr("nets.records._read_with_care", lambda part: careful.append(part) or SgfError("no"))
    plain = b"(;SZ[9]RE[W+R];B[ee];W[cc])\n"
    found = list(raw_games("here", plain * 3 + b"(c) 2020 (;SZ[9]RE[W+R];B[ee]\n" + plain))
    assert len(found) == 5 and [isinstance(game, SgfError) for game in found] == [False, False, False, True, False]
    assert len(careful) == 1


def test_a_game_s_variations_may_begin_a_line() -> None:
    """As the next game may, of which one with a broken end loses nothing."""
    game = b"(;SZ[9]HA[2]KM[0.5]AB[gc][cg]RE[W+R];W[ee]\n(;B[dd];W[ff])\n(;B[cc];W[gg]))\n"
    broken = b"(;SZ[9]HA[2]AB[gc][cg]RE[W+R];W[ee]\n"
    found = list(raw_games("here", game + broken + game))
    whole = [g for g in found if not isinstance(g, SgfError)]
    assert [(g.komi, len(g.setup), len(g.moves)) for g in whole] == [(0.5, 2, 3)] * 2 and len(found) == 3
    assert "missing" in str(found[1])


def test_handicap_stones_are_points_where_the_rules_say_so() -> None:
    for rules, komi in (("", 0.5), ("RU[Chinese]", 2.5), ("RU[Japanese]", 0.5), ("RU[unheard of]", 0.5)):
        table, _ = read(f"(;SZ[9]{rules}RE[W+R]KM[0.5]HA[2]AB[gc][cg];W[ee];B[dd])".encode())
        assert table.komi[0] == komi, rules


def test_a_score_without_a_komi_is_no_count() -> None:
    """The usual komi is shown, but the points may have been counted with another."""
    for komi, flags in (("KM[7.5]", COUNTED), ("", 0)):
        table, _ = read(f"(;SZ[9]{komi}RE[B+{73.5 if komi else 74}];B[ee];W[])".encode())
        assert table.flags[0] & COUNTED == flags, komi


def test_a_handicap_game_that_names_no_komi_has_none() -> None:
    for rules, komi in (("", 0.0), ("RU[Chinese]", 2.0), ("RU[Japanese]", 0.0)):
        table, _ = read(f"(;SZ[9]{rules}RE[W+R]HA[2]AB[gc][cg];W[ee];B[dd])".encode())
        assert table.komi[0] == komi, rules
    assert read(b"(;SZ[9]RE[W+R]AB[gc]AW[cg];B[ee];W[dd])")[0].komi[0] == 7.0, "a position is no handicap"


def test_stones_that_are_taken_off_do_not_end_a_game() -> None:
    """At its end they were dead; in its midst the moves before them are a game without a count."""
    moves = ";B[ee];W[ef];B[fe]"
    whole, _ = read(f"(;SZ[9]KM[7]RE[B+3]{moves})".encode())
    assert read(f"(;SZ[9]KM[7]RE[Jigo]{moves};AE[ef];W[dd])".encode())[0].result[0] == 0
    for end, flags in ((";AE[ef]", COUNTED), (";AE[ef];C[counted]", COUNTED), (";AE[ef];W[dd]", 0)):
        table, _ = read(f"(;SZ[9]KM[7]RE[B+3]{moves}{end})".encode())
        assert table.words.tolist() == whole.words.tolist() and table.result[0] == 1, end
        assert table.flags[0] & COUNTED == flags, end


def test_handicap_stones_hide_no_ownership_under_territory_rules() -> None:
    """They are points by area, which is what the owners are found by."""
    for stones in ("", "HA[2]AB[aa][ab]", "HA[3]AB[aa][ab][ac]"):
        game = settled_game()
        text = sgf_of_game(game, "?").replace("(;", f"(;RU[Japanese]{stones}", 1)
        text = text.replace("RU[chinese-ogs]", "", 1)
        played = game_of_sgf(text)
        text = text.replace("RE[?]", f"RE[{score_game(played)}]")
        assert read(text.encode())[0].flags[0] == COUNTED | OWNED, stones


def test_more_points_than_the_board_has_are_no_score() -> None:
    for points, flags in ((74, COUNTED), (75, 0), (500, 0)):
        assert read(f"(;SZ[9]KM[7]RE[B+{points}];B[ee];W[])".encode())[0].flags[0] & COUNTED == flags
    assert read(b"(;SZ[9]RU[Japanese]KM[7]RE[B+75];B[ee];W[])")[0].flags[0] & COUNTED, "with prisoners it may be"


def test_a_suicide_that_was_played_is_a_move() -> None:
    table, builder = read(b"(;SZ[9]RU[NZ]RE[B+R];W[ba];B[aa];W[bb];B[ee];W[ac];B[ab];W[dd])")
    assert table.games == 1 and not builder.left_out


def test_the_same_game_counts_once(tmp_path: Path) -> None:
    first, other = (collection([game]) for game in random_games(2))
    table, builder = read(first + other + first)
    assert table.games == 2 and builder.left_out == {"the same as another game": 1}
    for name in "ab":
        (tmp_path / f"{name}.sgf").write_bytes(first)
    again = [tmp_path, tmp_path / "a.sgf", tmp_path / ".." / tmp_path.name]
    assert sources(again) == [tmp_path / "a.sgf", tmp_path / "b.sgf"]


def test_a_file_that_cannot_be_read_now_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = (collection([game]) for game in random_games(2))
    (tmp_path / "a.sgf").write_bytes(first)
    (tmp_path / "b.sgf").write_bytes(other)
    said: list[str] = []
    with monkeypatch.context() as broken:
        whole = Path.read_bytes

        def sometimes(path: Path) -> bytes:
            if path.name == "b.sgf":
                raise OSError(5, "Input/output error")
            return whole(path)

        broken.setattr(Path, "read_bytes", sometimes)
        assert open_records([tmp_path], SIZE, tmp_path / "cache", said.append).games == 1
    assert any("b.sgf: cannot be read (Input/output error)" in line for line in said)
    assert open_records([tmp_path], SIZE, tmp_path / "cache", said.append).games == 2


def test_what_another_version_has_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.sgf").write_bytes(collection(random_games(1)))
    said: list[str] = []
    open_records([tmp_path], SIZE, tmp_path / "cache", said.append)
    monkeypatch.setattr(record_cache, "READERS", record_cache.READERS[1:])
    open_records([tmp_path], SIZE, tmp_path / "cache", said.append)
    assert any("have changed" in line for line in said)


def test_superko_is_looked_at_on_neither_path() -> None:
    moves = (
        "F4 G3 D2 C2 E2 A1 D5 G7 C1 F2 F3 E6 E7 E4 D7 C7 B7 C5 D1 A3 D6 D3 E3 F6 F1 C4 B3 G6 B6 A5 B2 A6 G2 F5 B1 A7 "
        "G5 B5 G1 E5 B4 G4 G5 G3"
    ).split()
    game = Game(7, default_rules(7).replace(ko="simple"))
    for vertex in moves:
        game.play(from_gtp(vertex, 7))
    with pytest.raises(IllegalMove, match="superko"):
        strict = Game(7)
        for vertex in moves:
            strict.play(from_gtp(vertex, 7))
    text = sgf_of_game(game, "B+R").encode()
    for data in (text, text + b"\n(;SZ[9]RE[W+R]HA[2]AB[gc][cg];W[ee];B[dd])"):
        found = next(raw_games("here", data))
        assert not isinstance(found, ValueError) and len(found.moves) == len(moves)


def test_one_bracket_too_many_loses_no_game() -> None:
    data = [collection(random_games(1, seed)) for seed in range(3)]
    for joined in (b")\n".join(data), b" a smile :) \n".join(data)):
        table, builder = read(joined)
        assert table.games == 3 and not builder.left_out


def test_an_xz_file_of_several_streams_is_read_whole(tmp_path: Path) -> None:
    data = [collection(random_games(2, seed)) for seed in range(2)]
    (tmp_path / "a.sgf.xz").write_bytes(b"".join(map(lzma.compress, data)))
    assert b"".join(text for _, text in read_bytes(tmp_path / "a.sgf.xz")) == b"".join(data)


def test_a_damaged_archive_is_left_out(tmp_path: Path) -> None:
    data = collection(random_games(30))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.sgf", data)
    raw = bytearray((tmp_path / "a.zip").read_bytes())
    (tmp_path / "b.sgf").write_bytes(data)
    for place in range(60, len(raw) - 200, 97):
        damaged = raw.copy()
        damaged[place : place + 20] = b"\xff" * 20
        (tmp_path / "a.zip").write_bytes(damaged)
        said: list[str] = []
        assert open_records([tmp_path], SIZE, None, said.append).games == 30
        assert any("a.zip" in line and "left out" in line for line in said), said


def test_an_archive_with_a_name_in_no_character_set_is_left_out(tmp_path: Path) -> None:
    data = collection(random_games(3))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("\u56f2\u7881.sgf", data)
    raw = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(raw.replace("\u56f2".encode(), b"\xc6\xe5\xc6"))
    (tmp_path / "b.sgf").write_bytes(data)
    said: list[str] = []
    assert open_records([tmp_path], SIZE, None, said.append).games == 3
    assert any("a.zip" in line and "left out" in line for line in said), said


def test_sources_of_every_kind(tmp_path: Path) -> None:
    data = [collection(random_games(2, seed)) for seed in range(4)]
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.sgf").write_bytes(data[0])
    (tmp_path / "sub" / "b.sgf.xz").write_bytes(lzma.compress(data[1]))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("deep/d.sgf", data[2])
        archive.writestr("e.sgf", data[3])
        archive.writestr("readme.txt", "no game")
    (tmp_path / "notes.txt").write_text("no game")
    found = [text for path in sources([tmp_path]) for _, text in read_bytes(path)]
    assert sorted(found) == sorted(data)
    said: list[str] = []
    (tmp_path / "broken.sgf.xz").write_bytes(lzma.compress(data[0])[:-20])
    (tmp_path / "broken.zip").write_bytes(b"PK nonsense")
    table = open_records([tmp_path], SIZE, None, said.append)
    assert table.games == 8
    assert sum("left out" in line and "broken" in line for line in said) == 2
    with pytest.raises(RecordsError, match="no such file"):
        sources([tmp_path / "none"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecordsError, match="no game records"):
        sources([tmp_path / "empty"])


def test_the_cache_is_used_checked_and_renewed(tmp_path: Path) -> None:
    source, cache = tmp_path / "a.sgf", tmp_path / "run" / "records.cache"
    source.write_bytes(collection(random_games(6)))
    said: list[str] = []
    first = open_records([source], SIZE, cache, said.append)
    told = len(said)
    again = open_records([source], SIZE, cache, said.append)
    assert len(said) == told, "nothing was read"
    assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(first, again, strict=True))
    data = bytearray(cache.read_bytes())
    data[-3] ^= 255
    cache.write_bytes(data)
    open_records([source], SIZE, cache, said.append)
    assert any("checksum" in line for line in said)
    for junk in (b"", b"nonsense" * 100, bytes(data[: len(data) // 2])):
        cache.write_bytes(junk)
        assert open_records([source], SIZE, cache, said.append).games == 6
    source.write_bytes(collection(random_games(7)))
    assert open_records([source], SIZE, cache, said.append).games == 7
    assert any("have changed" in line for line in said)
