import os
import subprocess
import sys

import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gogame.sgf import game_of_sgf
from gui.describe import result_text
from gui.engine_worker import game_of, position_of
from gui.files import load_record, save_record, sgf_of
from gui.record import Record
from tests.gui.played import Play, two


def shape(node):
    """A node and everything below it, comparable."""
    return (node.color, node.point, node.winrate, node.score, node.comment, [shape(c) for c in node.children])


def test_a_tree_survives():
    p = two(komi=6.5, rules="aga")
    p.click("E5", "C3", "G5")
    p.session.undo()
    p.click("G3")
    p.session.pass_()
    p.session.live.winrate, p.session.live.score = 0.25, -3.5
    p.session.live.comment, p.session.record.root.comment = "a pass ]\\", "the beginning"
    loaded = load_record(sgf_of(p.session))
    assert shape(loaded.record.root) == shape(p.session.record.root)
    assert loaded.live.number == 4 and loaded.result == ""
    assert loaded.record.rules == p.session.record.rules


def test_moves_that_were_taken_back_do_not_come_back():
    p = Play()
    p.click("E5")
    p.answer("C3")
    p.click("G5")
    p.answer("C5")
    p.session.undo()
    loaded = load_record(sgf_of(p.session))
    assert loaded.live.number == 2 and loaded.live.children


@pytest.mark.parametrize("stones", [0, 2, 5])
def test_handicap_survives(stones):
    p = two(handicap=stones)
    p.click("C4")
    loaded = load_record(sgf_of(p.session))
    assert loaded.record.handicap == stones
    game = loaded.record.game_at(loaded.live)
    assert (game.board.color == p.session.game.board.color).all()
    assert game.komi == p.session.game.komi


@pytest.mark.parametrize(
    ("text", "handicap"),
    [("HA[3];B[cc];B[gg];B[cg];W[ee]", 3), ("HA[3];B[cc];B[gg];W[ee];B[cg]", 0), ("HA[3];B[cc];B[];B[gg];W[ee]", 0),
     ("HA[3];B[cc];B[gg]", 0), ("HA[3]", 0), ("HA[1];B[cc]", 0), ("HA[9999999];B[cc]", 0), ("HA[2]B[cc];C[x];B[gg]", 2),
     ("HA[2];B[cc];B[tt];B[gg]", 0)],
)  # fmt: skip
def test_handicap_stones_may_be_moves(text, handicap):
    """As the reader of clients' and training records takes them."""
    text = f"(;SZ[9]RU[Chinese]KM[0.5]{text})"
    loaded = load_record(text.encode())
    game = loaded.record.game_at(loaded.live)
    assert (game.handicap, game.komi) == (handicap, 0.5 + handicap)
    assert handicap == game_of_sgf(text).handicap
    assert game_of(position_of(game)).komi == game.komi
    p = two()
    p.session.load(loaded.record, loaded.live)
    assert load_record(sgf_of(p.session)).record.handicap == handicap


def test_who_plays_otherwise_gives_no_handicap():
    """The compensation belongs to the line on which the stones were given."""
    text = b"(;SZ[9]RU[Chinese]KM[0.5]HA[3];B[cc];B[gg];B[cg];W[ee])"
    loaded = load_record(text)
    p = two()
    p.session.load(loaded.record, loaded.live)
    assert p.session.game.komi == 3.5
    for _ in range(4):
        p.session.undo()
    assert p.session.game.komi == 0.5
    p.click("E5")
    p.click("C3")
    assert (p.session.game.handicap, p.session.game.komi) == (0, 0.5)
    again = load_record(sgf_of(p.session))
    assert again.record.game_at(again.live).komi == 0.5


def test_a_result_survives():
    p = Play()
    p.click("E5")
    p.session.resign()
    assert load_record(sgf_of(p.session)).result == "W+R"


def test_foreign_files():
    text = b"(;GM[1]SZ[13]KM[375]RU[Chinese]AB[aa]AW[bb]PL[W]C[hello];W[cc]C[w];;B[];W[tt]"
    text += b"(;B[dd])(;B[dd];W[dd])(;B[ee]))"
    loaded = load_record(text)
    record = loaded.record
    assert (record.size, record.handicap, record.first, record.rules.name) == (13, 0, WHITE, "chinese")
    assert record.rules.komi == 7.5
    assert record.black == (16,) and record.white == (32,)
    assert record.root.comment == "hello" and record.root.children[0].comment == "w"
    node = record.root.end().parent
    # The second variation's white move is impossible: its black move stays.
    assert [len(c.children) for c in node.children] == [0, 0, 0]
    assert record.game_at(loaded.live).board.color[from_gtp("D10", 13)] == BLACK


@pytest.mark.parametrize(
    "text, rules, komi",
    [
        ("KM[3.75]RU[cn]", "chinese", 7.5),
        ("KM[650]RU[jp]", "japanese", 6.5),
        ("RU[tt]KM[6.3]", "tromp-taylor", 6.5),
        ("RU[NZ]KM[-4]", "new-zealand", -4.0),
        ("RU[Chinese]KM[seven]", "chinese", 7.5),
        ("RU[Chinese]KM[]", "chinese", 7.5),
        ("CA[UTF-8]RU[\udcd6\udcd0]KM[6.5]", "chinese-ogs", 6.5),
        ("RU[Chinese]KM[1e999]", "chinese", 7.5),
        ("RU[a house rule]KM[nan]", "chinese-ogs", 7.0),
    ],
)
def test_komi_and_rules_as_others_write_them(text, rules, komi):
    found = load_record(f"(;SZ[9]{text};B[ee])".encode(errors="surrogateescape")).record.rules
    assert (found.name, found.komi) == (rules, komi)


@pytest.mark.parametrize(
    "written, result",
    [
        ("B+Resign", "B+R"),
        ("w+3,5", "W+3.5"),
        ("W+T", "W+T"),
        ("B+", "B+"),
        ("0", "0"),
        ("Jigo", "0"),
        ("Void", "Void"),
    ],
)
def test_results_as_others_write_them(written, result):
    loaded = load_record(f"(;SZ[9]RE[{written}];B[ee])".encode())
    assert loaded.result == result
    assert "+" not in result_text(result)


@pytest.mark.parametrize("written", ["?", "", "unfinished", "Left", "Black wins"])
def test_what_is_no_result_leaves_a_game_unfinished(written):
    assert load_record(f"(;SZ[9]RE[{written}];B[ee])".encode()).result == ""


def test_a_result_survives_above_moves_that_were_taken_back():
    p = two()
    p.click("E5", "C3")
    p.session.undo()
    p.session.resign()
    loaded = load_record(sgf_of(p.session))
    assert (loaded.live.number, loaded.result) == (1, "B+R")


@pytest.mark.parametrize(
    "text, moves, stones, to_move",
    [
        ("(;SZ[9]B[ee];W[cc])", 2, 2, BLACK),
        ("(;SZ[9];W[cc])", 1, 1, BLACK),
        ("(;SZ[9]PL[W])", 0, 0, WHITE),
        ("(;SZ[9]HA[2]AB[cc][gg]PL[B])", 0, 2, BLACK),
        ("(;SZ[9]HA[2]AB[cc][gg])", 0, 2, WHITE),
        ("(;SZ[9]HA[2]AB[cc][gg];B[ee])", 1, 3, WHITE),
    ],
)
def test_who_begins_is_what_the_file_says(text, moves, stones, to_move):
    loaded = load_record(text.encode())
    game = loaded.record.game_at(loaded.live)
    assert (loaded.live.number, game.to_move) == (moves, to_move)
    assert np.isin(game.board.color, (BLACK, WHITE)).sum() == stones
    again = game_of(position_of(game))
    assert (again.to_move, again.handicap) == (to_move, game.handicap)
    session = two().session
    session.load(loaded.record, loaded.live)
    saved = load_record(sgf_of(session))
    assert saved.record.game_at(saved.live).to_move == to_move
    start = loaded.record.new_game()
    assert start.to_move == loaded.record.first == loaded.record.to_move_at(loaded.record.root)
    assert game_of(position_of(start)).to_move == start.to_move


def test_a_first_move_that_cannot_be_played_is_told():
    with pytest.raises(ValueError, match="move 1 "):
        load_record(b"(;SZ[9]AB[ee]B[ee])")


def test_a_link_stays_a_link_and_a_file_can_be_read_by_others(tmp_path):
    (tmp_path / "real.sgf").write_text("")
    (tmp_path / "link.sgf").symlink_to(tmp_path / "real.sgf")
    assert save_record(tmp_path / "link.sgf", two().session) is None
    assert (tmp_path / "link.sgf").is_symlink() and (tmp_path / "real.sgf").read_text().startswith("(;")
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "real.sgf").stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"(;SZ[9]",
        b"\x00\xff\xfe",
        b"(;SZ[9:13])",
        b"(;SZ[99])",
        b"(;SZ[9];B[aa];W[aa])",
        b"(;SZ[9];B[zz])",
        b"(;SZ[9];B[aa];AB[bb])",
        b"(;SZ[9]AB[aa]AW[ab][ba])",
        b"(;SZ[9]AB[xx])",
    ],
)
def test_broken_files_give_one_line(data):
    with pytest.raises(ValueError) as caught:
        load_record(data)
    assert "\n" not in str(caught.value) and str(caught.value)


def test_saving_into_nowhere_gives_one_line(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    problem = save_record(blocked / "a.sgf", two().session)
    assert problem and "\n" not in problem


def test_nodes_know_their_lines():
    record = Record(9, two().session.record.rules)
    a = record.play(record.root, BLACK, 12)
    b = record.play(a, WHITE, 13)
    c = record.play(a, WHITE, 14)
    assert a.children == [c, b]
    assert record.play(a, WHITE, 13) is b and a.children == [b, c]
    record.promote(c)
    assert record.root.end() is c and b.path() == [a, b] and a.line() == [a, c]


def test_a_picture_of_a_game(tmp_path):
    p = two()
    p.click("E5", "C3")
    assert save_record(tmp_path / "a.sgf", p.session) is None
    done = subprocess.run(
        [sys.executable, "-m", "gui.screenshot", str(tmp_path / "a.sgf"), str(tmp_path / "a.png"), "--move", "1"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("charset", ["hex", "rot13", "base64"])
def test_a_character_set_that_is_none_does_not_hide_the_game(charset):
    loaded = load_record(f"(;SZ[9]CA[{charset}]PB[Anna]C[one];B[aa]C[two])".encode())
    assert loaded.record.info["PB"] == "Anna" and loaded.live.comment == "two"


def test_halves_of_characters_do_not_come_in():
    """UTF-7 can write them, and the window's font cannot draw them."""
    loaded = load_record(b"(;SZ[9]CA[UTF-7]PB[+2AA-];B[aa])")
    assert loaded.record.info["PB"].encode()
