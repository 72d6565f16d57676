"""The character set of files that name none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gogame.sgf import game_of_sgf, read_collection, read_sgf, write_collection
from gogame.sgf_text import SgfError, guessed_charset, with_charset

EAST = {
    "gb18030": [
        "PB[柯洁]PW[芈昱廷]",
        "PB[古力]PW[李世石]BR[九段]RE[黑中盘胜]",
        "EV[第23届LG杯世界棋王战决赛]PB[杨鼎新]PW[时越]",
        "C[这手棋是最近流行的下法，黑棋先手。]",
        "PB[谢尔豪]PW[辜梓豪]",
        "PB[黄云嵩]PW[丁浩]DT[2021年3月]",
        "C[白２位扳，黑３长]",
    ],
    "cp932": [
        "PB[井山裕太]PW[一力遼]EV[第45期棋聖戦七番勝負第1局]",
        "C[黒1のツケは厳しい手です。白は応手に困りました。]",
        "PB[本因坊秀策]",
        "PB[趙治勲]PW[小林光一]",
        "PB[依田紀基]PW[羽根直樹]BR[九段]",
        "PC[東京]",
        "PB[タイガー]PW[ヤマダ]",
    ],
    "euc_jp": [
        "PB[井山裕太]PW[一力遼]",
        "C[黒1のツケは厳しい手です。]",
        "PB[趙治勲]PW[小林光一]RE[黒中押し勝ち]",
    ],
    "cp949": [
        "PB[이창호]PW[조훈현]BR[9단]RE[흑 불계승]",
        "C[흑이 두텁다. 백은 이제 어디로 가야 할까?]",
        "PB[박정환]PW[신진서]",
        "EV[제23회 LG배 세계기왕전]",
        "PB[목진석]PW[원성진]",
    ],
    "big5": [
        "PB[周俊勳]PW[林海峰]BR[九段]",
        "C[這手棋是黑棋的好點，白棋很難應付。]",
        "PB[王元均]PW[許皓鋐]",
        "PC[台灣台北]",
    ],
}
WEST = {
    "latin-1": [
        "PB[Müller]PW[Weiß]C[Schöne Grüße aus Köln]",
        "C[Le café à côté, déjà vu, où êtes-vous? naïf]",
        "PB[Åke]PW[Øystein Ås]",
        "C[¿Qué señor? ¡Mañana! Núñez]",
        "PB[João]PW[São Gonçalo]",
        "C[45°C ±5 «Allô» ©A]",
        "PB[ÄÖÜ]",
        "PB[é]",
        "PB[öä]",
        "PB[Þórður Ægisson]PW[Ðuríð]",
        "PB[Yrjö Äijälä]",
        "C[ÜBUNG ÄPFEL]",
    ],
    "cp1251": [
        "C[Привет, это хороший ход]",
        "PB[Иван]",
        "PB[Шикшин Илья]",
    ],
    "koi8-r": [
        "PB[Шикшин Илья]",
    ],
    "cp1253": [
        "C[Καλημέρα, καλή κίνηση]",
        "PB[Νίκος]",
    ],
}


def cases(texts):
    return [(charset, text) for charset, some in texts.items() for text in some]


@pytest.mark.parametrize(("charset", "text"), cases(EAST))
def test_those_of_east_asia_are_told_apart(charset, text):
    raw = f"(;SZ[19]{text};B[aa];W[bb])".encode(charset)
    assert guessed_charset(raw) == charset
    assert with_charset(raw) == (raw.decode(charset).encode(), "utf-8")
    name, value = text.split("[")[0], text.split("[")[1].split("]")[0]
    assert read_sgf(raw).get_root().get(name) == value and len(game_of_sgf(raw).moves) == 2


@pytest.mark.parametrize(("charset", "text"), cases(WEST))
def test_what_is_written_in_letters_is_latin_1_as_the_format_says(charset, text):
    raw = f"(;SZ[19]{text};B[aa])".encode(charset)
    assert guessed_charset(raw) in ("", "cp1252") and len(game_of_sgf(raw).moves) == 1
    if charset == "latin-1":
        assert text.split("[")[1].split("]")[0] in str(read_sgf(raw).get_root().get(text.split("[")[0]))


def test_quotation_marks_of_windows():
    assert read_sgf("(;SZ[9]C[“it’s” – café…])".encode("cp1252")).get_root().get("C") == "“it’s” – café…"


def test_what_a_file_names_is_believed_and_ascii_and_utf_8_are_left_alone():
    raw = "(;SZ[9]CA[ISO-8859-1]PB[柯洁])".encode("gbk")
    assert with_charset(raw) == (raw, "") and read_sgf(raw).get_root().get("PB") == "¿Â½à"
    for text in ("(;SZ[9]PB[Anna])", "(;SZ[9]PB[柯洁])"):
        assert with_charset(text.encode()) == (text.encode(), "")
    assert read_sgf("(;SZ[9]PB[\xc0\xc1\xc2\xc3])").get_root().get("PB") == "ÀÁÂÃ", "a str is read already"


@pytest.mark.parametrize(
    ("charset", "end"), [("cp932", "十"), ("cp932", "ソ"), ("big5", "功"), ("big5", "許"), ("gbk", "昞")]
)
@pytest.mark.parametrize("escaped", [False, True])
def test_characters_that_end_in_a_backslash(charset, end, escaped):
    """Some programs escape half a character, others do not."""
    sure = {"cp932": "黒番の", "big5": "這手棋是", "gbk": "这手棋是"}[charset]
    raw = f"(;SZ[9]C[{sure}{end}];B[aa];W[bb])".encode(charset)
    raw = raw.replace(b"\\", b"\\\\") if escaped else raw
    assert len(game_of_sgf(raw).moves) == 2
    assert read_sgf(raw).get_root().get("C") == sure + end


def test_characters_that_look_like_a_bracket():
    sure, bracket = "这手棋是", "俔"
    assert bracket.encode("gbk")[1:] == b"]"
    raw = f"(;SZ[9]C[{sure}{bracket}];B[aa];W[bb])".encode("gbk")
    assert read_sgf(raw).get_root().get("C") == sure + bracket and len(game_of_sgf(raw).moves) == 2


NO_CHARSETS = ["Windows-31J", "x-sjis", "BIG-5", "ANSI", "UTF-16", "cp037", "hex", "rot13", "base64", "none", "", " "]


@pytest.mark.parametrize("named", NO_CHARSETS)
def test_a_character_set_that_is_none_counts_as_none(named):
    for charset, name in (("ascii", "Anna"), ("utf-8", "柯洁"), ("gbk", "柯洁"), ("latin-1", "Müller")):
        raw = f"(;SZ[9]CA[{named}]PB[{name}]RU[Japanese];B[aa])".encode(charset)
        root = read_sgf(raw).get_root()
        assert root.get("PB") == name and game_of_sgf(raw).rules.name == "japanese"
        assert b"aa" in write_collection(read_collection(raw))


def test_a_character_set_in_which_no_game_can_be_read_counts_as_none_too():
    raw = "(;SZ[9]CA[GBK]C[这手棋是俔];B[aa])".encode("gbk")  # whose last byte looks like a bracket
    assert read_sgf(raw).get_root().get("C") == "这手棋是俔" and len(game_of_sgf(raw).moves) == 1


def test_a_text_that_was_cut_within_a_character_is_still_a_game():
    raw = "(;SZ[9]C[这手棋是最近流行的下法".encode("gbk") + b"\xb0];B[aa])"
    assert len(game_of_sgf(raw).moves) == 1


def test_a_collection_is_of_one_character_set():
    raw = "(;SZ[9]PB[柯洁])\n(;SZ[9]PB[古力])\n(;SZ[9]PB[Anna])".encode("gbk")
    assert [game.get_root().get("PB") for game in read_collection(raw)] == ["柯洁", "古力", "Anna"]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_break_it(some):
    raw = b"(;SZ[9]C[" + some + b"];B[aa])"
    text, charset = with_charset(raw)
    assert isinstance(text, bytes) and charset in ("", "utf-8", "cp1252", *EAST)
    with contextlib.suppress(SgfError, KeyError):
        read_sgf(raw).get_root().get_raw("C")
