import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp, to_sgf
from gogame.game import Game
from gogame.sgf import game_of_sgf
from gogame.text import stones_of
from gui.describe import result_text
from gui.engine_worker import game_of, position_of
from gui.files import is_empty, load_record, read_file, save_record, sgf_of
from gui.kept import heading_of
from gui.record import Record
from tests.gogame.test_game import TRIPLE_KO
from tests.gui.played import Play, two


def shape(node):
    """A node and everything below it, comparable."""
    view = (node.winrate, node.score, node.visits)
    return (node.color, node.point, view, node.comment, [shape(c) for c in node.children])


def test_a_tree_survives():
    p = two(komi=6.5, rules="aga")
    p.click("E5", "C3", "G5")
    p.session.undo()
    p.click("G3")
    p.session.pass_()
    p.session.live.winrate, p.session.live.score, p.session.live.visits = 0.25, -3.5, 400
    p.session.live.comment, p.session.record.root.comment = "a pass ]\\", "the beginning"
    loaded = load_record(sgf_of(p.session))
    assert shape(loaded.record.root) == shape(p.session.record.root)
    assert loaded.live.number == 4 and loaded.result == ""
    assert loaded.record.rules == p.session.record.rules


@pytest.mark.parametrize(
    ("visits", "read"), [("GZVISITS[7]", 7), ("", 0), ("GZVISITS[]", 0), ("GZVISITS[-3]", 0), ("GZVISITS[many]", 0)]
)
def test_the_visits_of_an_estimate_may_be_anything(visits, read):
    root = load_record(f"(;SZ[9]SBKV[25]V[1.5]{visits};B[aa])".encode()).record.root
    assert (root.winrate, root.score, root.visits) == (0.25, 1.5, read)


@pytest.mark.parametrize(
    ("written", "read"),
    [("SBKV[nan]V[1]", (None, None)), ("SBKV[50]V[inf]", (None, None)), ("SBKV[1e9]V[-1e9]", (1.0, -1000.0)),
     ("SBKV[-5]", (0.0, None)), ("V[3]", (None, None))],
)  # fmt: skip
def test_an_estimate_that_is_none_cannot_be_drawn(written, read):
    root = load_record(f"(;SZ[9]{written};B[aa])".encode()).record.root
    assert (root.winrate, root.score) == read


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


@pytest.mark.parametrize(
    ("text", "moves", "problem"),
    [
        ("AB[ee]B[ee]", 0, "move 1 .* occupied"),
        (";B[aa];W[aa];B[bb]", 1, "move 2 .* occupied"),
        (";B[zz]", 0, "move 1 "),
        (";B[aa];AB[bb];W[cc]", 1, "move 2 .*middle"),
        (";B[aa](;W[aa];B[bb])(;W[bb];B[cc])", 1, "move 2 .* occupied"),
        (";B[aa](;W[bb])(;W[aa])(;W[bb];B[aa])", 2, "2 variations are left out"),
    ],
)
def test_what_cannot_be_played_ends_its_line_and_is_told(text, moves, problem):
    data = f"(;SZ[9]{text})".encode()
    loaded = load_record(data)
    assert loaded.live.number == moves and re.search(problem, loaded.problem) and "\n" not in loaded.problem
    assert not is_empty(data), "there was more in it"
    assert load_record(b"(;SZ[9];B[aa](;W[bb])(;W[cc]))").problem == ""


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
        b"(;GM[3]SZ[9];B[aa])",
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


@pytest.mark.parametrize("charset", ["hex", "rot13", "base64", "none of them"])
def test_a_character_set_that_is_none_does_not_hide_the_game(charset):
    loaded = load_record(f"(;SZ[9]CA[{charset}]PB[Anna]C[one];B[aa]C[two])".encode())
    assert loaded.record.info["PB"] == "Anna" and loaded.live.comment == "two"


def test_what_is_no_game_is_told_at_once():
    """Each name of a character set was looked for to the end of the file."""
    began = time.perf_counter()
    with pytest.raises(ValueError, match="no SGF game"):
        load_record(b"CA[" * 300_000 + b"\xff")
    assert time.perf_counter() - began < 10


def test_stones_that_cannot_be_read_are_named():
    with pytest.raises(ValueError, match="start of this game cannot be read: bad AB, AW or AE$"):
        load_record(b"(;SZ[19]AB[tt])")


def test_halves_of_characters_do_not_come_in():
    """UTF-7 can write them, and the window's font cannot draw them."""
    loaded = load_record(b"(;SZ[9]CA[UTF-7]PB[+2AA-];B[aa])")
    assert loaded.record.info["PB"].encode()


def test_a_board_size_may_be_written_twice():
    assert load_record(b"(;SZ[19:19];B[aa])").record.size == 19


def test_utf8_that_does_not_say_so():
    p = two()
    loaded = load_record("(;SZ[9]PB[柯洁]C[对];B[aa])".encode())
    p.session.load(loaded.record, loaded.live)
    again = load_record(sgf_of(p.session))
    assert again.record.info["PB"] == "柯洁" and again.record.root.comment == "对"


@pytest.mark.parametrize(
    ("charset", "name"), [("gbk", "柯洁"), ("cp932", "表ソ太郎"), ("cp949", "이창호"), ("big5", "許功蓋")]
)
def test_other_character_sets_that_do_not_say_so(charset, name):
    p = two()
    loaded = load_record(f"(;SZ[9]PB[{name}]PW[{name}]C[{name}];B[aa]N[{name}];W[bb])".encode(charset))
    p.session.load(loaded.record, loaded.live)
    again = load_record(sgf_of(p.session))
    assert again.record.info["PB"] == again.record.root.comment == name and again.live.number == 2
    assert heading_of(again.live.parent) == name


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes among its files")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.sgf")
    with pytest.raises(ValueError, match="is no file"):
        read_file(tmp_path / "pipe.sgf")


def test_what_is_too_large_is_not_read(tmp_path, monkeypatch):
    with open(tmp_path / "large.sgf", "wb") as file:
        file.truncate(65 * 2**20)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("it was read"))
    with pytest.raises(ValueError, match="larger than 64 MiB"):
        read_file(tmp_path / "large.sgf")


def test_a_repetition_hides_nothing_of_a_game():
    """A real game that was played under other rules than those guessed for it: a ko fight of three kos, and suicide."""
    stones = "".join(f"AB{_listed(black)}AW{_listed(white)}" for _, black, white in [stones_of(TRIPLE_KO)])
    moves = [to_sgf(from_gtp(v, 7), 7) for v in ("C6 B2 C4 B6 C2 B4 " * 2).split()]
    line = "".join(f";{'BW'[i % 2]}[{move}]" for i, move in enumerate(moves))
    data = f"(;SZ[7]RU[Chinese]PL[B]{stones}{line}(;B[])(;B[];W[];B[aa]))".encode()
    loaded = load_record(data)
    assert loaded.problem == "" and loaded.live.number == 13
    p = two(size=7)
    p.session.load(loaded.record, loaded.live)
    for number in range(14):
        p.session.go_number(number)
    assert game_of(position_of(p.session.shown_game)).moves == p.session.shown_game.moves
    assert shape(load_record(sgf_of(p.session)).record.root) == shape(loaded.record.root)
    dead = load_record(b"(;SZ[9]RU[Japanese]AW[ab][bb][ca];B[aa];W[cc];B[ba];W[dd])")  # suicide of two stones
    assert (dead.problem, dead.live.number) == ("", 4)
    assert (dead.record.game_at(dead.live).board.color == BLACK).sum() == 0


def _listed(points):
    return "".join(f"[{to_sgf(p, 7)}]" for p in points)


@pytest.mark.parametrize(
    ("text", "black", "white", "first", "moves", "left_out"),
    [
        (";AB[cc][gg]AW[ee];W[aa];B[bb]", "C7 G3", "E5", WHITE, 2, ""),
        ("HA[2];AB[cc][gg];W[aa]", "C7 G3", "", WHITE, 1, ""),
        ("AB[cc][dd];C[x];AE[cc]AW[ee]PL[W]", "D6", "E5", WHITE, 0, ""),
        (";AB[cc]AW[dd]W[aa];B[bb]", "C7", "D6", WHITE, 2, ""),
        ("(;AB[cc];W[aa])(;AB[dd];W[bb])(;B[ee])", "C7", "", WHITE, 1, "2 variations are left out"),
        ("(;B[aa])(;AB[cc];W[aa])", "", "", BLACK, 1, "a variation is left out"),
    ],
)
def test_stones_before_the_first_move_are_the_start(text, black, white, first, moves, left_out):
    data = f"(;SZ[9]{text})"
    loaded = load_record(data.encode())
    record = loaded.record
    points = [{from_gtp(v, 9) for v in side.split()} for side in (black, white)]
    assert [set(record.black), set(record.white), record.first] == [*points, first]
    assert loaded.live.number == moves and left_out in loaded.problem and bool(left_out) == bool(loaded.problem)
    game, same = record.game_at(loaded.live), game_of_sgf(data)
    assert (game.board.color == same.board.color).all() and game.handicap == same.handicap


def test_comments_of_nodes_without_a_move_are_joined():
    loaded = load_record(b"(;SZ[9]C[one];C[two];B[aa]C[three];;C[four])")
    assert loaded.record.root.comment == "one\n\ntwo" and loaded.live.comment == "three\n\nfour"


def test_a_result_that_is_not_understood_is_kept_until_there_is_another():
    loaded = load_record(b"(;SZ[9]RE[Black wins, they say];B[aa])")
    p = two()
    p.session.load(loaded.record, loaded.live, loaded.result)
    assert b"RE[Black wins, they say]" in sgf_of(p.session)
    p.session.resign()
    assert load_record(sgf_of(p.session)).result == "B+R" and b"they say" not in sgf_of(p.session)


def test_a_komi_that_would_be_read_otherwise_is_not_taken():
    assert load_record(b"(;SZ[9]RU[Chinese]KM[12000];B[aa])").record.rules.komi == 7.5


def test_half_a_character_in_a_name_is_saved_as_a_question():
    p = Play()
    p.session.link.name = "\ud800"
    assert b"PW[?" in sgf_of(p.session)


def test_variations_cost_no_copy_of_the_game(monkeypatch):
    monkeypatch.setattr(Game, "copy", lambda game: pytest.fail("a copy"))
    text = "".join(f"(;W[{a}{b}];B[ii])" for a in "abcdefg" for b in "abcdefg")
    loaded = load_record(f"(;SZ[9];B[hh]{text})".encode())
    children = loaded.record.root.children[0].children
    assert len(children) == 49 and all(len(child.children) == 1 for child in children)
    assert loaded.live is children[0].children[0]
