"""Records: there and back, and what is said about broken ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp, to_gtp
from gogame.game import Game
from gogame.geometry import PASS
from gogame.rules import PRESETS, default_rules
from gogame.sgf import (
    SgfError,
    game_at,
    game_of_sgf,
    read_collection,
    read_sgf,
    rules_of,
    sgf_of_game,
    write_collection,
)
from gogame.sgf_text import MOST_UNBALANCED, main_lines, split_collection

VARIATIONS = b"""(;GM[1]FF[4]CA[UTF-8]SZ[9]KM[6.5]RU[Japanese]PB[Black\\]s]C[start: \xc3\xbc \\: \\\\]
;B[ee]TR[aa][bb]LB[cc:1][dd:A]
(;W[cc]C[main]MA[ab];B[gg]N[name])
(;W[gc]SQ[ii](;B[ca])(;B[ab];W[])))"""


def test_everything_is_kept_on_a_round_trip():
    [record] = read_collection(VARIATIONS)
    [again] = read_collection(write_collection([record]))
    assert_same_tree(record.get_root(), again.get_root())
    assert again.get_root().get("C") == "start: ü : \\"
    assert again.get_root().get("PB") == "Black]s"


def assert_same_tree(a, b) -> None:
    names = sorted(a.properties())
    assert names == sorted(b.properties())
    for name in names:
        assert sorted(a.get_raw_list(name)) == sorted(b.get_raw_list(name))
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        assert_same_tree(x, y)


def vertices(game: Game) -> list[str]:
    return [to_gtp(point, game.size) for _, point in game.moves]


def test_main_line_and_variations():
    record = read_sgf(VARIATIONS)
    game = game_of_sgf(record)
    assert vertices(game) == ["E5", "C7", "G3"]
    assert game.rules == PRESETS["japanese"].replace(komi=6.5)
    assert vertices(game_of_sgf(VARIATIONS, moves=1)) == ["E5"]
    assert vertices(game_of_sgf(VARIATIONS, moves=0)) == []
    assert vertices(game_at(record, record.get_root()[0][1][1][0])) == ["E5", "G7", "A8", "pass"]


def test_a_collection():
    games = read_collection(b"junk (;SZ[9];B[aa]) between\n(;SZ[13];B[bb];W[cc]) after")
    assert [game.get_size() for game in games] == [9, 13]
    assert [vertices(game_of_sgf(g)) for g in read_collection(write_collection(games))] == [["A9"], ["B12", "C11"]]


@given(
    size=st.integers(2, 9),
    seed=st.integers(0, 2**32 - 1),
    handicap=st.booleans(),
    preset=st.sampled_from(list(PRESETS)),
)
def test_games_there_and_back(size, seed, handicap, preset):
    rng = np.random.default_rng(seed)
    game = Game(size, PRESETS[preset].replace(komi=float(rng.integers(-20, 20)) / 2))
    if handicap and size >= 7:
        game.place_handicap(int(rng.integers(2, 5)))
    for _ in range(12):
        legal = game.legal_points()
        if not game.is_over:
            game.play(int(rng.choice(legal)) if legal and rng.random() < 0.9 else PASS)
    again = game_of_sgf(sgf_of_game(game))
    assert again.moves == game.moves
    assert again.rules == game.rules
    assert again.handicap == game.handicap
    assert again.to_move == game.to_move
    assert again.hashes == game.hashes
    assert sorted(again.setup_stones[0]) == sorted(game.setup_stones[0])


def test_names_result_and_comments_are_written():
    game = Game(9)
    game.play(from_gtp("E5", 9))
    game.resign()
    root = read_sgf(sgf_of_game(game, black="A ]", white="B\\", comments={0: "first", 1: "then é"})).get_root()
    assert (root.get("RE"), root.get("PB"), root.get("PW"), root.get("C")) == ("B+R", "A ]", "B\\", "first")
    assert root[0].get("C") == "then é"
    assert root.get("RU") == "chinese-ogs"


def test_no_result_is_written_while_the_game_is_on():
    assert "RE[" not in sgf_of_game(Game(9))


def test_setup_stones():
    game = game_of_sgf("(;SZ[9]AB[aa][bb]AW[cc]PL[W];W[dd])")
    assert game.setup_stones == ([12, 24], [36], WHITE)
    assert game.moves == [(WHITE, from_gtp("D6", 9))]


def test_compressed_point_lists():
    assert len(game_of_sgf("(;SZ[9]AB[aa:cc])").setup_stones[0]) == 9


def test_setup_in_the_middle_starts_anew():
    game = game_of_sgf("(;SZ[9];B[aa];W[bb];AE[aa]AB[ee]PL[B];B[ff])")
    assert game.setup_stones == ([from_gtp("E5", 9)], [from_gtp("B8", 9)], BLACK)
    assert vertices(game) == ["F4"]


def test_handicap():
    game = game_of_sgf("(;SZ[19]HA[2]KM[0.5]RU[Chinese]AB[dp][pd];W[dd])")
    assert (game.handicap, game.komi) == (2, 2.5)
    assert game_of_sgf("(;SZ[19]HA[2]AB[dp][pd])").to_move == WHITE


@pytest.mark.parametrize(
    ("text", "handicap"),
    [
        ("HA[50]AB[dp][pd]", 0),
        ("HA[" + "9" * 400 + "]AB[dp][pd]", 0),
        ("HA[2];AB[dp][pd];W[dd]", 2),
        ("HA[3];AB[dp][pd];W[dd]", 0),
        ("HA[x];AB[dp][pd];W[dd]", 0),
        ("HA[3];B[dp];B[pd];B[dd];W[pp]", 3),
        ("HA[3];B[dp];W[pd];B[dd]", 0),
        ("HA[2];B[dp];B[pd];B[dd];W[pp]", 2),
        ("HA[1];B[dp];W[pp]", 0),
        ("HA[2]AB[dp][pd];W[dd];AE[dd]AB[qq];B[ee]", 2),
        ("HA[x];B[dp];W[pp]", 0),
    ],
)
def test_a_handicap_is_that_of_the_stones(text, handicap):
    game = game_of_sgf(f"(;SZ[19]KM[0.5]RU[Chinese]{text})")
    assert game_of_sgf("(;SZ[19]HA[2]AB[dp][pd];W[dd];AW[qq])").to_move == BLACK, "a later setup is no handicap's"
    assert (game.handicap, game.komi) == (handicap, 0.5 + handicap)


def test_a_long_comment_with_escapes():
    comment = "a\\]b\\\\" * 200_000
    game, *rest = read_collection(f"(;SZ[9]C[{comment}];B[ee])(;SZ[9])")
    assert len(rest) == 1 and game.get_root().get("C") == "a]b\\" * 200_000
    (line,) = main_lines(f"(;SZ[9]C[{comment}];B[ee])".encode())
    assert len(line.moves) == 1


def test_the_first_move_says_whose_turn_it_is():
    game = game_of_sgf("(;SZ[9];W[aa];B[bb])")
    assert [color for color, _ in game.moves] == [WHITE, BLACK]


def test_whose_turn_it_is_said_in_the_middle_of_a_game_is_no_new_game():
    """Editors write PL at will: prisoners, ko and history stay."""
    moves = ";B[ab];W[aa];B[ba];W[ee];B[ff]"  # Black takes a stone
    plain, said = (game_of_sgf(f"(;SZ[9]RU[Japanese]{moves}{pl};W[gg])") for pl in ("", ";PL[W]"))
    assert said.captures(BLACK) == plain.captures(BLACK) == 1
    assert said.moves == plain.moves and said.hashes == plain.hashes
    assert game_of_sgf(f"(;SZ[9]{moves};PL[B];B[gg])").moves[-2:] == [
        (BLACK, said.moves[4][1]),
        (BLACK, said.moves[5][1]),
    ]


def test_who_moves_first_was_to_move_in_the_position_that_was_set_up():
    game = game_of_sgf("(;SZ[9]AB[aa][bb]AW[dd];W[ee];B[ff])")
    assert game.setup_stones[2] == WHITE and "PL[B]" not in sgf_of_game(game)
    again = game_of_sgf(sgf_of_game(game))
    assert again.setup_stones == game.setup_stones and again.moves == game.moves and again.hashes == game.hashes


def test_a_size_may_be_said_twice():
    game = game_of_sgf("(;SZ[13:13];B[aa])")
    assert game.size == 13 and b"SZ[13]" in write_collection(read_collection("(;SZ[13:13])"))


def test_a_game_that_goes_on_after_two_passes():
    assert game_of_sgf("(;SZ[9];B[];W[tt];B[aa];W[])").move_number == 4


@pytest.mark.parametrize(
    ("properties", "name", "komi"),
    [("RU[Japanese]", "japanese", 6.5), ("RU[AGA]KM[7.5]", "aga", 7.5), ("RU[NZ]", "new-zealand", 7.5),
     ("RU[Japanese rules]", "japanese", 6.5), ("RU[korea]", "korean", 6.5),
     ("RU[unheard of]KM[5.5]", "chinese-ogs", 5.5), ("", "chinese-ogs", 7), ("KM[375]", "chinese-ogs", 7.5),
     ("KM[3.75]", "chinese-ogs", 7.5), ("KM[650]", "chinese-ogs", 6.5), ("KM[0]", "chinese-ogs", 0),
     ("KM[120]", "chinese-ogs", 7)],
)  # fmt: skip
def test_rules_of_a_record(properties, name, komi):
    rules = rules_of(read_sgf(f"(;SZ[9]{properties})"))
    assert (rules.name, rules.komi) == (name, komi)


def test_text_without_a_character_set_is_utf_8_if_it_can_be_else_latin_1_and_a_str_is_itself():
    assert read_sgf(b"(;SZ[9]C[\xfc])").get_root().get("C") == "ü"
    assert read_sgf("(;SZ[9]C[柯洁])".encode()).get_root().get("C") == "柯洁"
    assert read_sgf("(;SZ[9]CA[ISO-8859-1]C[ü])".encode()).get_root().get("C") == "Ã¼", "what it says is believed"
    assert read_sgf("(;SZ[9]C[囲碁])").get_root().get("C") == "囲碁"


def test_moves_that_were_played_are_not_refused_by_rules_that_a_record_does_not_name():
    moves = "B[ba];W[ca];B[ab];W[db];B[bc];W[cc];B[cb];W[bb]"  # White takes a ko at B8 ...
    game = game_of_sgf(f"(;SZ[9];{moves};B[];W[];B[cb];W[];B[])")
    assert game.rules.ko == "positional" and len(game.moves) == 13, "... and Black at once again, after two passes"
    assert game.is_over and game.captures(BLACK) == 1
    suicide = "(;SZ[9]RU[Chinese];B[ba];W[ee];B[ab];W[aa];B[ef])"
    assert game_of_sgf(suicide).move_number == 5


BROKEN = [
    (b"", "no game in the data"),
    (b"hello", "no game in the data"),
    (b"\0\xff\xfe" * 100, "no game in the data"),
    (b"(;SZ[9", r"line 1, column 5 has no end: a '\]' is missing"),
    (b"(;SZ[9]\n;B[aa]", r"begins at line 1, column 1: a '\)' is missing"),
    (b"text\n  (;SZ[9]\n;B[aa]%)", "unexpected '%' at line 3, column 7"),
    (b"(;SZ[9][", "no end"),
    (b"(;[aa])", "a value without a property at line 1, column 3"),
    (b"(;SZ[9];B)", "no values in the game at line 1, column 1"),
    (b"(;SZ[99])", "board size 99 is not between 2 and 25"),
    (b"(;SZ[1])", "board size 1 is not"),
    (b"(;SZ[99999999999999999999])", "bad board size"),
    (b"(;SZ[-5])", "bad board size"),
    (b"(;SZ[19:13])", "rectangular"),
    (b"(;GM[2])", r"not a game of Go \(GM\[2\]\)"),
    (b"(;SZ[9];B[zz])", "not a point of the 9x9 board, at move 1"),
    (b"(;SZ[9];B[aa];W[bb];B[bb])", r"move 3 \(B B8\) is illegal: occupied"),
    (b"(;SZ[9]AB[zz])", "bad setup stones"),
    (b"(;SZ[3]AW[aa]AB[ab][ba])", "A3 has no liberty"),
]


@pytest.mark.parametrize(("data", "message"), BROKEN)
def test_broken_records_get_one_clear_line(data, message):
    with pytest.raises(SgfError, match=message) as error:
        game_of_sgf(data)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


def test_deep_nesting_is_read():
    depth = 3000
    [record] = read_collection(b"(;B[aa]" * depth + b")" * depth)
    assert record.get_root().get_move()[0] == "b"


def test_huge_data_is_refused(monkeypatch):
    monkeypatch.setattr("gogame.sgf.MAX_BYTES", 2**20)
    with pytest.raises(SgfError, match="larger than 1 MiB"):
        read_collection(b" " * (2**20 + 1))


@given(data=st.binary(max_size=200) | st.text("(;)[]\\BWASZ19acz: \n", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    try:
        for record in read_collection(data):
            game_of_sgf(record)
    except SgfError as error:
        assert str(error)


def test_main_lines_are_those_of_the_careful_reader():
    data = VARIATIONS + b"(;SZ[13]KM[7]LB[aa:1][bb:2]RE[W+R];B[cc](;W[];B[ab])(;W[dd]))(;)"
    lines = list(main_lines(data))
    assert [line.size for line in lines] == [9, 13, 19]
    for line, record in zip(lines, read_collection(data), strict=True):
        assert line.moves == game_of_sgf(record).moves
    assert lines[1].root == {"SZ": b"13", "KM": b"7", "LB": b"aa:1", "RE": b"W+R"}


@pytest.mark.parametrize(
    "odd",
    ["", "CA[nonsense]", "CA[]", "x", "AB[aa]", "AW[aa]", "AE[aa]", "PL[W]", "HA[2]", "SiZe[9]", "KoMi[5]",
     "GM[2]", "SZ[9]", "SZ[77]", "RE[B\\+R]",
     ";Black[cc]", ";B[kk]", ";B[ab][ac]", ";B[ab]W[ac]", ";B[ab]AB[ac]", ";PL[W]", ";B[ab];B[ac]B[ad]"],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_careful_reader(odd):
    plain = "(;SZ[9]HA[0]GM[1]C[x\\]];W[bb])"
    found = list(main_lines(f"{plain}(;SZ[9]{odd};W[bb](;B[cc])(;B[dd]AB[de])){plain}".encode()))
    assert [line is not None for line in found] == [True, odd == "", True]


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "no game"), (b"(;SZ[9];B[aa]", "within game 1"), (b"(;SZ[9])(;C[x", "without an end .* game 2"),
     (b"(;SZ[9][", "without an end .* game 1"), (b"(;SZ[9];[aa])", "or a property in game 1")],
)  # fmt: skip
def test_main_lines_of_broken_data(data, message):
    with pytest.raises(SgfError, match=message):
        list(main_lines(data))


def test_what_the_careful_reader_refuses_is_not_plain():
    """A move without a value, stray characters, and text between games that is none."""
    assert list(main_lines(b"(;SZ[9];B[ab];W;B[cc])(;SZ[9];B[ab]5;W[cc])(;SZ[9];B[aa]Foo;W[bb])")) == [None] * 3
    (line, phantom) = main_lines(b"(;SZ[9];B[ab]) (c) 2020")
    assert line and len(line.moves) == 1 and phantom is None


@pytest.mark.parametrize("data", [b"A[", b"A", b"A ", b"A[\\]", b"A[b][", b"[", b"(;B[aa]\n", b"(;C[(;\n", b"(;"])
def test_no_text_takes_more_than_its_length(data):
    """Each of these took an hour, when all that follows was looked at from every place anew."""
    data = data * (2_000_000 // len(data))
    with pytest.raises(SgfError):
        list(main_lines(data))


def test_the_end_of_games_that_have_none_is_not_looked_for_for_ever():
    broken, game = b"(;B[aa]\n", b"(;SZ[9];B[aa]\n(;W[bb])\n(;W[cc]))\n"
    parts = list(split_collection(game + broken * 30_000))
    assert len(parts) == 30_001 and parts[0] == game.strip() and set(parts[1:]) == {broken}
    on_one_line = list(split_collection(b"(;B[aa]" + game + b"(;SZ[9];B[aa])" * 100_000))
    assert len(on_one_line) > 100_000
    few = list(split_collection(game + broken * (MOST_UNBALANCED - 1) + game))
    assert few[0] == few[-1] == game.strip(), "what begins a line may still be a variation"


def test_default_rules_of_a_record_follow_its_size():
    assert rules_of(read_sgf("(;)")) == default_rules(19)


def test_a_game_of_too_many_nodes_is_refused(monkeypatch):
    monkeypatch.setattr("gogame.sgf_text.MAX_NODES", 100)
    assert len(read_collection("(;SZ[9]" + ";" * 99 + ")(;)")) == 2
    with pytest.raises(SgfError, match="the game at line 2, column 1 has more than 100 nodes"):
        read_collection("(;)\n(;SZ[9]" + "(;B[aa])" * 100 + ")")


@pytest.mark.parametrize(
    ("header", "komi", "first"),
    [("KM[3.75 zi]", 6.5, BLACK), ("KM[nan]", 6.5, BLACK), ("KM[1e300]", 6.5, BLACK), ("KM[100000]", 6.5, BLACK),
     ("KM[6.333]", 6.5, BLACK), ("PL[]", 6.5, BLACK), ("PL[1]", 6.5, BLACK), ("PL[white]", 6.5, WHITE),
     ("HA[two]AB[dp][pd]", 6.5, WHITE), ("HA[" + "9" * 5000 + "]AB[dp][pd]", 6.5, WHITE), ("CA[]", 6.5, BLACK),
     ("KM[x]PL[Q]AB[dp]AW[pd]", 6.5, BLACK)],
)  # fmt: skip
def test_what_is_only_said_of_a_game_and_cannot_be_read_counts_as_not_said(header, komi, first):
    game = game_of_sgf(f"(;SZ[19]RU[Japanese]{header};FF[4])")
    assert (game.rules.name, game.komi, game.to_move, game.handicap) == ("japanese", komi, first, 0)
    assert game_of_sgf(f"(;SZ[19]{header};W[dd];PL[];B[qq])").moves[0][0] == WHITE


def test_rules_in_bytes_that_are_no_text_count_as_unknown():
    game = game_of_sgf("(;SZ[9]CA[UTF-8]RU[中国规则]KM[5.5];B[aa])".encode("gbk"))
    assert (game.rules.name, game.komi, len(game.moves)) == ("chinese-ogs", 5.5, 1)
