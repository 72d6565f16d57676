"""What stands in a file beside its moves: it survives being opened and saved."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgfmill import sgf

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gui import kept
from gui.files import is_empty, load_record, sgf_of
from gui.kept import raw_of, text_of, values_of
from gui.markup import markup_of
from tests.gui.played import Play, two

OWN = {*kept.OWN, *kept.FILE, *kept.ROOT, "C", "HA", "DT", "SBKV", "V"}


def saved(data):
    """The file that is saved when this one has been opened."""
    loaded = load_record(data)
    p = two()
    p.session.load(loaded.record, loaded.live, loaded.result)
    return sgf_of(p.session)


def properties(data):
    """Each node's properties that this program does not write itself, and its comment, by the way to it."""
    found = {}
    todo = [((), sgf.Sgf_game.from_bytes(data).get_root())]
    while todo:
        way, node = todo.pop()
        said = {n: [bytes(v) for v in vs] for n, vs in node.get_raw_property_map().items() if n not in OWN}
        found[way] = (said, text_of(node.get_raw("C")) if node.has_property("C") else "")
        todo += [((*way, i), child) for i, child in enumerate(node)]
    return found


def once(data):
    """Opened and saved, nothing is lost; opened and saved again, nothing changes."""
    again = saved(data)
    assert properties(again) == properties(data)
    assert saved(again) == again
    return again


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\t\f\v"), max_size=12)
names = st.one_of(
    st.sampled_from("N LB TR SQ CR MA BL WL OB OW TM ST GB GW BM TE DM UC HO FG DD VW AR LN TB TW KO MN ZZ".split()),
    st.from_regex(r"[A-Z]{1,5}", fullmatch=True),
).filter(lambda name: name not in OWN and name not in "PB PW BR WR BT WT EV RO PC DT GN GC SO US AN CP ON OT".split())
# As they stand in a file: escapes, brackets and colons among them.
values = texts.map(raw_of) | st.sampled_from([b"", b"aa", b"ab:cd", b"aa:x\\:y", b"\\]", b"\\][", b"\\\\", b"a\\\nb"])
nodes = st.tuples(st.dictionaries(names, st.lists(values, min_size=1, max_size=3), max_size=4), texts)


@st.composite
def games(draw):
    """Variations of variations, each move on a point of its own."""
    points = iter(f"{a}{b}".encode() for a in "abcdefghi" for b in "aceg")

    def node(depth):
        said, comment = draw(nodes)
        text = b"".join(name.encode() + b"".join(b"[%s]" % v for v in vs) for name, vs in said.items())
        return text + (b"C[%s]" % raw_of(comment) if comment else b"")

    def line(depth):
        text = b""
        for _ in range(draw(st.integers(0, 2))):
            text += b";%s[%s]" % (b"BW"[len(text) % 2 :][:1], next(points)) + node(depth)
        branches = [line(depth - 1) for _ in range(draw(st.integers(0, 2)))] if depth and text else []
        branches = [branch for branch in branches if branch]
        if len(branches) < 2:
            return text + b"".join(branches)
        return text + b"".join(b"(%s)" % branch for branch in branches)

    return b"(;FF[4]GM[1]CA[UTF-8]SZ[9]%s%s)" % (node(0), line(2))


@settings(max_examples=25, deadline=None)
@given(games())
def test_whatever_a_file_says_is_saved_again(data):
    once(data)


FACTS = "DT KM RU PB PW".split()


@pytest.mark.parametrize(
    "said",
    [
        "",
        "KM[0.00]RU[Ing GOE]",
        "RU[house rules, see \\] there]",
        "KM[3 3/4]",
        "KM[375]RU[Chinese]DT[1846-09-11]",
        "PB[Shusaku]",
        "RU[数子]PB[柯洁]PW[]DT[]",
    ],
)
@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
def test_a_file_is_saved_without_facts_that_it_does_not_have(said, encoding):
    """It got today's date, chinese-ogs, a komi, and players called Human."""
    data = f"(;CA[{encoding}]SZ[9]{said};B[ee];W[cc])".encode(encoding)
    before, after = (sgf.Sgf_game.from_bytes(text).get_root() for text in (data, once(data)))
    for name in FACTS:
        told = before.get_raw(name).decode(encoding) if before.has_property(name) else ""
        assert (after.get_raw(name).decode() if after.has_property(name) else "") == told, name


def test_a_new_game_says_what_it_is():
    p = two()
    root = sgf.Sgf_game.from_bytes(sgf_of(p.session)).get_root()
    assert all(root.has_property(name) for name in FACTS)
    assert saved(sgf_of(p.session)) == sgf_of(p.session), "also when it goes on"


def test_a_game_that_the_engine_plays_on_names_it():
    loaded = load_record(b"(;SZ[9]PB[Lee];B[ee])")
    p = Play("human", "engine")
    p.session.load(loaded.record, loaded.live, loaded.result)
    root = sgf.Sgf_game.from_bytes(sgf_of(p.session)).get_root()
    assert root.get("PB") == "Lee" and root.get("PW").startswith("fake") and not root.has_property("KM")


def test_a_commented_game_survives():
    data = (
        b"(;FF[4]CA[UTF-8]SZ[9]ST[2]TM[3600]C[start]XX[own]KM[6.5]RU[Japanese]PB[A]PW[B];B[ee]BL[3590.5]OB[3]N[tengen]"
        b"LB[cc:A][dd:B]C[a \\] b \\\\ c\nd];W[cc]WL[3580]BM[1]GB[2](;B[gg]TR[ee][cc]TE[1])(;B[cg]SQ[aa:cc]MA[]))"
    )
    again = once(data)
    for name in "KM RU PB PW SZ CA FF GM ST TM XX".split():
        assert len(re.findall(rb"(?<![A-Z])%s\[" % name.encode(), again)) == 1, name
    loaded = load_record(again)
    assert loaded.record.root.children[0].comment == "a ] b \\ c\nd"


def test_what_the_program_says_itself_is_said_once():
    head = b"(;SZ[9]HA[2]AB[cc][gg]PL[W]RE[B+R]GZPLAY[human engine]SBKV[12]V[1]"
    loaded = load_record(head + b";W[ee]SBKV[90]V[x]GZLIVE[1])")
    root, child = loaded.record.root, loaded.record.root.children[0]
    assert root.kept == {"HA": b"2"}
    assert child.kept == {"SBKV": b"90", "V": b"x"}, "an estimate that is none is kept as it is"
    child.winrate, child.score, child.visits = 0.25, -2.0, 10
    p = two()
    p.session.load(loaded.record, loaded.live, loaded.result)
    node = sgf.Sgf_game.from_bytes(sgf_of(p.session)).get_root()
    assert (node.get_raw_list("HA"), node.get_raw_list("AB")) == ([b"2"], [b"cc", b"gg"])
    assert (node[0].get_raw_list("SBKV"), node[0].get_raw_list("V")) == ([b"25.00"], [b"-2.00"])


def test_a_game_without_such_properties_carries_nothing():
    p = two()
    p.click("E5", "C3")
    loaded = load_record(sgf_of(p.session))
    assert {node.kept for node in [loaded.record.root, *loaded.live.path()]} == {None}


def test_new_moves_have_nothing_of_the_moves_beside_them():
    loaded = load_record(b"(;SZ[9]C[x];B[ee]TR[ee]C[y];W[cc]N[z])")
    p = two()
    p.session.load(loaded.record, loaded.record.root.children[0])
    p.click("G7")
    assert (p.session.live.kept, p.session.live.comment) == (None, "")
    assert p.session.live.parent.kept == {"TR": b"ee"}
    again = load_record(sgf_of(p.session)).record.root
    assert [c.kept for c in again.children[0].children] == [None, {"N": b"z"}]


def test_nodes_without_a_move_are_joined_to_the_position():
    data = b"(;SZ[9]N[start]C[one];C[two]N[then]TR[aa];B[ee]LB[cc:A];LB[dd:B]TR[bb]BL[9];N[more]C[three]LB[dd:B];W[aa])"
    loaded = load_record(data)
    root, child = loaded.record.root, loaded.record.root.children[0]
    assert root.comment == "one\n\nthen\ntwo" and root.kept == {"N": b"start", "TR": b"aa"}
    assert child.comment == "three" and child.kept == {"LB": b"cc:A][dd:B", "TR": b"bb", "BL": b"9", "N": b"more"}
    assert [n.comment for n in load_record(saved(data)).record.root.children] == ["three"]
    root = load_record(b"(;SZ[9]C[x];N[only a name];B[ee])").record.root
    assert root.comment == "x\n\nonly a name"


def test_setting_up_and_turns_are_not_doubled():
    again = saved(b"(;SZ[9]C[a];AB[cc]AW[dd]PL[W]TR[cc]SZ[13]CA[GBK];W[ee]PL[B];B[ff])")
    root = sgf.Sgf_game.from_bytes(again).get_root()
    assert (root.get_raw_list("AB"), root.get_raw_list("PL"), root.get_raw_list("TR")) == ([b"cc"], [b"W"], [b"cc"])
    assert (root.get_raw_list("SZ"), root.get_raw_list("CA")) == ([b"9"], [b"UTF-8"])
    assert root[0].get_raw_list("PL") == [b"B"]
    child = load_record(b"(;SZ[9];AB[cc]PL[W]W[ee]TR[cc])").live
    assert child.number == 1 and child.kept == {"TR": b"cc"}


def test_a_move_in_the_first_node():
    root = load_record(saved(b"(;SZ[9]KM[5.5]B[ee]C[x]TR[ee];W[cc])")).record.root
    assert root.kept is None and root.children[0].kept == {"TR": b"ee"} and root.children[0].comment == "x"


def test_names_that_nobody_can_write_are_left_out():
    """The reader drops small letters: of "ab[x]" the name would be empty."""
    assert b"[x]" not in saved(b"(;SZ[9]ab[x]AddBlack[cc];B[ee]ab[x]CoPy[y])")
    assert load_record(saved(b"(;SZ[9];B[ee]ab[x]CoPy[y])")).live.kept == {"CP": b"y"}


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("ISO-8859-1", "für \\] alle".encode("latin-1"), "für ] alle"),
        ("GBK", "黑棋好".encode("gbk"), "黑棋好"),
        ("Shift_JIS", "ソフト".encode("shift_jis"), "ソフト"),  # its second byte is a backslash: written as it is,
        ("Shift_JIS", "ソ".encode("shift_jis") + b"\\" + "フト".encode("shift_jis"), "ソフト"),  # or escaped,
        ("Shift_JIS", b"\x8f\\]\x8e\x9a", "従字"),  # it looks like a bracket
        ("UTF-8", b"ab\xff\xfe", "ab\udcff\udcfe"),
        ("hex", "für".encode(), "für"),
        ("punycode", "für".encode(), "für"),
        ("no such set", "für".encode(), "für"),
    ],
)
def test_character_sets(charset, raw, text):
    data = b"(;SZ[9]CA[%s];B[ee]N[%s]XX[%s]C[%s])" % (charset.encode(), raw, raw, raw)
    for node in (load_record(data).live, load_record(saved(data)).live):
        assert (node.comment, text_of(node.kept["N"]), text_of(node.kept["XX"])) == (text, text, text)
    if charset == "UTF-8":
        assert saved(data).count(raw) == 3


def test_texts_as_values():
    assert text_of(b"a\\\nb\\\r\nc\\]\\\\\\:\r\nd\te\rf\n\rg\\\th") == "abc]\\:\nd e\nf\ng h"
    for text in ("", "]", "\\", "a\nb", "x\\]y[z", "柯洁 \U0001f600"):
        assert text_of(raw_of(text)) == text
    assert raw_of("a\r\nb\rc\ud800") == b"a\nb\nc?"


def test_values_up_to_a_length():
    node = load_record(b"(;SZ[9]LB[aa:x\\]\\[][bb:\\\\][cc:][dd:y]AA[]BB[][])").record.root
    assert values_of(node, "LB", 1000) == [b"aa:x\\]\\[", b"bb:\\\\", b"cc:", b"dd:y"]
    assert [len(values_of(node, "LB", most)) for most in (0, 5, 7, 12, 19, 25, 26)] == [0, 0, 0, 1, 2, 3, 4]
    assert (values_of(node, "AA", 9), values_of(node, "BB", 9), values_of(node, "CC", 9)) == ([b""], [b"", b""], [])


# -- files that mean no good -----------------------------------------------------------------------------------------


def test_a_huge_property_is_one_object():
    data = b"(;SZ[9];B[ee]TR%s)" % (b"[aa][bb]" * 100_000)
    loaded = load_record(data)
    assert loaded.problem == "" and len(loaded.live.kept["TR"]) == 800_000 - 2
    begin = time.monotonic()
    assert set(markup_of(loaded.live, 9).shapes) == {from_gtp("A9", 9), from_gtp("B8", 9)}
    assert time.monotonic() - begin < 0.5
    assert saved(data).count(b"[bb]") == 100_000


def test_too_much_is_left_out_and_told(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 1000)
    data = b"(;SZ[9]C[%s];B[ee]C[short]TR[%s])" % (b"x" * 2000, b"a" * 996)
    loaded = load_record(data)
    assert loaded.record.root.comment == "" and loaded.live.comment == "short" and loaded.live.kept is None
    assert "left out" in loaded.problem and not is_empty(b"(;SZ[9]C[%s])" % (b"x" * 2000))
    assert load_record(saved(data)).problem == ""


def test_joining_thousands_of_nodes_takes_no_time(monkeypatch):
    monkeypatch.setattr(kept, "COPIES", 100_000)
    loaded = load_record(b"(;SZ[9]" + b";C[xxxxxxxxxx]LB[aa:1]" * 1000 + b";B[ee])")
    assert 0 < len(loaded.record.root.comment) < 3000 and "left out" in loaded.problem
    assert loaded.live.number == 1


# -- markup ----------------------------------------------------------------------------------------------------------


def marked(text):
    found = markup_of(load_record(f"(;SZ[9];B[ee]{text})".encode()).live, 9)
    return [{p: v for p, v in marks.items()} for marks in (found.labels, found.shapes, found.territory)]


def at(**marks):
    return {from_gtp(vertex, 9): mark for vertex, mark in marks.items()}


@pytest.mark.parametrize(
    ("text", "labels", "shapes", "territory"),
    [
        ("LB[aa:A][ib:12][ac: x\\]\\:y ]", at(A9="A", J8="12", A7="x]:y"), {}, {}),
        ("TR[aa]SQ[ba]CR[ca]MA[da]", {}, at(A9="triangle", B9="square", C9="circle", D9="cross"), {}),
        ("TR[aa:bb]", {}, at(A9="triangle", B9="triangle", A8="triangle", B8="triangle"), {}),
        ("SQ[bb:aa]", {}, at(A9="square", B9="square", A8="square", B8="square"), {}),
        ("TR[aa]LB[aa:1]", at(A9="1"), {}, {}),
        ("L[aa][ba]M[ca]", at(A9="a", B9="b"), at(C9="cross"), {}),
        ("TB[aa]TW[ii:ih]", {}, {}, at(A9=BLACK, J1=WHITE, J2=WHITE)),
        ("LB[zz:A][aa][:B][bb:][tt:C][a:x][aaa:y]TR[][tt][ja][aa:zz][\\]]", {}, {}, {}),
        ("LB[aa:%s]" % ("y" * 100), at(A9="y" * 12), {}, {}),
        ("LB[aa:a\nb\t\x01c]", at(A9="a b \x01c"), {}, {}),
    ],
)
def test_markup_is_read_and_what_is_malformed_is_not(text, labels, shapes, territory):
    assert marked(text) == [labels, shapes, territory]


def test_overlapping_rectangles_take_no_time():
    begin = time.monotonic()
    assert len(marked("TR" + "[aa:ii]" * 5000)[1]) == 81
    assert time.monotonic() - begin < 2
