"""SGF as bare text: where the games of a collection begin and end, in what character set they are written, and their
main lines, without a library.

:func:`main_lines` reads nothing but main lines, and is fast: training collections go through it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from gogame.board import BLACK, WHITE
from gogame.coords import to_sgf
from gogame.geometry import MAX_SIZE, MIN_SIZE, PASS, geometry

MOST_UNBALANCED = 20  # games of a collection whose end is looked for in all that follows
MAX_NODES = 500_000  # of one game, with all its variations: each takes a kilobyte

_GAME_START = re.compile(rb"\(\s*;")
_LINE_START = re.compile(rb"^[ \t]*\([ \t]*;", re.MULTILINE)
_TOKEN = re.compile(rb"\s+|(?P<sign>[();])|(?P<name>[A-Za-z]+)|\[(?P<value>[^\]\\]*(?:\\.[^\]\\]*)*)\]", re.DOTALL)


class SgfError(ValueError):
    """A record that cannot be read; one line that says what is wrong and where."""


def place(raw: bytes, position: int) -> str:
    """A position in words: line and column."""
    line = raw.count(b"\n", 0, position) + 1
    column = position - raw.rfind(b"\n", 0, position)
    return f"line {line}, column {column}"


def extents(raw: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each game, its parentheses balanced; SgfError at the first thing that is no SGF."""
    position = found = 0
    while start := _GAME_START.search(raw, position):
        position = _end_of_game(raw, start.start())
        yield start.start(), position
        found += 1
    if not found:
        raise SgfError("there is no game in the data: it has no '(;'")


def _end_of_game(raw: bytes, start: int) -> int:
    """Where the game ends that begins there, its parentheses balanced; SgfError at the first thing that is no SGF."""
    depth, position, named, nodes = 0, start, True, 0
    while True:
        token = _TOKEN.match(raw, position)
        if token is None:
            raise SgfError(_misplaced(raw, position, start))
        kind = token.lastgroup
        if kind == "value" and not named:
            raise SgfError(f"a value without a property at {place(raw, position)}")
        if kind:
            named = kind != "sign"
        position = token.end()
        sign = token["sign"]
        depth += (sign == b"(") - (sign == b")")
        nodes += sign == b";"
        if nodes > MAX_NODES:
            raise SgfError(f"the game at {place(raw, start)} has more than {MAX_NODES} nodes")
        if depth == 0:
            return position


def split_collection(raw: bytes) -> Iterator[bytes]:
    """The text of each game of a collection. One whose parentheses do not balance comes whole, for its error to be
    told, and the next begins where a line does with "(;".

    A search for the end of a game that has none goes through all that follows: after MOST_UNBALANCED of them each game
    is what lies up to the next line that begins with "(;".
    """
    position = unbalanced = 0
    lines_left = True  # that begin with "(;"
    while start := _GAME_START.search(raw, position):
        try:
            if unbalanced >= MOST_UNBALANCED and lines_left:
                raise SgfError("not looked for")
            position = _end_of_game(raw, start.start())
        except SgfError:
            unbalanced += 1
            again = _LINE_START.search(raw, start.end()) if lines_left else None
            lines_left = again is not None
            position = again.start() if again else len(raw)
        yield raw[start.start() : position]


def _misplaced(raw: bytes, position: int, start: int) -> str:
    if position >= len(raw):
        return f"the data ends within the game that begins at {place(raw, start)}: a ')' is missing"
    if raw[position : position + 1] == b"[":
        return f"the value that begins at {place(raw, position)} has no end: a ']' is missing"
    return f"unexpected {chr(raw[position])!r} at {place(raw, position)}"


def board_size(text: bytes) -> int:
    """The value of SZ; ValueError for what this program cannot play."""
    sides = text.strip().split(b":")
    if not all(re.fullmatch(rb"\d{1,4}", side) for side in sides) or len(sides) > 2:
        raise ValueError(f"bad board size SZ[{shown(text)}]")
    if len({int(side) for side in sides}) > 1:
        raise ValueError(f"rectangular boards are not supported (SZ[{shown(text)}])")
    size = int(sides[0])
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"board size {size} is not between {MIN_SIZE} and {MAX_SIZE}")
    return size


def shown(text: bytes) -> str:
    """The beginning of a value, for a line to the user."""
    short = text if len(text) <= 20 else text[:20] + b"..."
    return ascii(short.decode("latin-1"))[1:-1]


# --- character sets ------------------------------------------------------------------------------------------------

# What is the most frequent in game records: players, ranks, results, and what any text is made of.
_CHINESE = (
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没成只如"
    "事把还用第样道想作种开手十本动分面点行方前所己些长其三二四五六七八九段初目胜负平贴半黑白棋盘围棋赛届决战局名人元旦杯轮快先让职业日月号"
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭柯洁古力朴申真谞范廷昱连笑常昊聂卫星角飞挂拆断吃活死劫征冲挡扳接虎尖夹"
)
_TRADITIONAL = (
    "的一是了我不人在他有這個上們來到時大地為子中你說生國年著就那和要她出也得裡後自以會家可下而過天去能對小多然於心學麼之都好看起發當沒成只如"
    "事把還用第樣道想作種開手十本動分面點行方前所己些長其三二四五六七八九段初目勝負平貼半黑白棋盤圍賽屆決戰局名元杯輪快先讓職業日月號"
    "王李張劉陳楊黃趙周吳徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭俊勳星角飛掛拆斷吃活死劫征衝擋扳接虎尖夾台灣海峰"
)
_JAPANESE = (
    "一二三四五六七八九十段級初名人本因坊棋聖王座天元碁第期戦局予選決勝負黒白中押目半先番手互込無時間分秒日年月大小田山井上木村藤高川野石谷林"
    "中島橋原口内西東北南武宮光正和美子郎夫雄治志一力裕太虎丸関航芝河泰真文明学会院道場所打着打形厚味活死石筋隅辺星詰死対定石国際杯世界"
)
_KOREAN = (
    "이다의가는을에한고하지를은기사도로어서아인나자시그리정수있대스일들과보해국전제부원상면게만적라장것구주조성공여동모무간경선김박최강윤임오신권황안"
    "송류홍유남심노문양손배백허진민현준영재호우승철석창호훈세돌환규형단급흑백집반불계패승기원바둑명인왕위배본결예회초중신진서울전국점덤착좌귀변"
)
# The first bytes of the usual characters, whether their second one is always over 0xa0, and the frequent ones.
_CODECS = {
    "gb18030": (0xB0, 0xD7, True, frozenset(_CHINESE)),
    "cp932": (0x88, 0x98, False, frozenset(_JAPANESE)),
    "cp949": (0xB0, 0xC8, True, frozenset(_KOREAN)),
    "big5": (0xA4, 0xC6, False, frozenset(_TRADITIONAL)),
    "euc_jp": (0xB0, 0xCF, True, frozenset(_JAPANESE)),
}
_SIGNS = frozenset("\u3000、。〈〉《》「」『』【】〔〕〜—…‘’“”·・※○●△▲□■◇◆☆★→←↑↓①②③④⑤⑥⑦⑧⑨⑩ー")
_PLAUSIBLE = 0.3  # mean of the weights below
_SAMPLE = 64 * 1024  # bytes by which a character set is guessed
_RUN = re.compile(r"[^\x00-\x7f]+")
_SAYS_CHARSET = re.compile(rb"(?<![A-Za-z])CA\s*\[([^\]\[]{0,100})\]")
_PLAIN = b"(;AZaz[19])"  # what a character set has in common with ASCII, or an SGF file cannot be in it


def with_charset(raw: bytes) -> tuple[bytes, str]:
    """(a file's text, its character set, empty where nothing but the file itself tells it). Where it names none and one
    could be guessed, the text is in UTF-8, since in those of East Asia half a character may look like a bracket; but as
    it came where more of the game can be read so: such brackets were escaped, or characters cut in half.

    A character set that is none counts as none, and so does one in which no game can be read."""
    charset = guessed_charset(raw)
    if not charset:
        return raw, ""
    text = raw.decode(charset).encode()
    return (text, "utf-8") if _values_of_game(text) >= _values_of_game(raw) else (raw, charset)


def _values_of_game(raw: bytes) -> int:
    """How many values the first game has; -1 where it is none."""
    try:
        begin, end = next(extents(raw))
    except SgfError:
        return -1
    return sum(token.lastgroup == "value" for token in _TOKEN.finditer(raw, begin, end))


def guessed_charset(raw: bytes) -> str:
    """The character set of a file that names none; empty for ASCII, for UTF-8 and for Latin-1, the format's own.

    Those of East Asia are tried strictly, and what comes out has to look like their languages: mostly frequent
    characters, seldom rare ones, seldom one alone between letters.
    """
    named = None if raw.isascii() else _SAYS_CHARSET.search(raw)
    if raw.isascii() or (named and is_charset(named[1]) and _values_of_game(raw) >= 0) or _is(raw, "utf-8"):
        return ""
    best, most = "", _PLAUSIBLE
    for codec in _CODECS:
        try:
            sample = codecs.getincrementaldecoder(codec)("strict").decode(raw[:_SAMPLE])
        except UnicodeDecodeError:
            continue
        found = _plausibility(sample, codec)
        if found > most and _is(raw, codec):
            best, most = codec, found
    if not best and re.search(rb"[\x80-\x9f]", raw) and _is(raw, "cp1252"):
        return "cp1252"  # Latin-1 has nothing to read there
    return best


@lru_cache(1000)
def is_charset(name: bytes) -> bool:
    """Whether the value of CA names a character set that an SGF file can be in."""
    try:
        return _PLAIN.decode(name.decode("ascii").strip()) == _PLAIN.decode()
    except (LookupError, ValueError):  # "hex" is a codec, but no character set
        return False


def _is(raw: bytes, charset: str) -> bool:
    """Whether a text can be one of that character set."""
    try:
        raw.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def _plausibility(text: str, codec: str) -> float:
    """The mean weight of what is not ASCII in a text; 0 without any."""
    total, number = 0.0, 0
    known: dict[str, float] = {}
    for run in _RUN.findall(text):
        for char in run:
            if char not in known:
                known[char] = _weight(char, codec)
            weight = known[char]
            total += -1.0 if len(run) == 1 and weight < 2 else weight
            number += 1
    return total / number if number else 0.0


def _weight(char: str, codec: str) -> float:
    first, last, high, frequent = _CODECS[codec]
    if char in frequent:
        return 2.0
    if char in _SIGNS or "\uff01" <= char <= "\uff5e":  # full-width ASCII
        return 0.5
    if "\u3041" <= char <= "\u30fa":  # kana
        return 2.0 if codec in ("cp932", "euc_jp") else -0.5
    written = char.encode(codec)
    if len(written) != 2 or not char.isalpha():
        return -2.0
    if high and written[1] <= 0xA0:
        return -2.0
    return 0.5 if first <= written[0] <= last else -1.0


# --- main lines, fast ----------------------------------------------------------------------------------------------


class MainLine(NamedTuple):
    """What :func:`main_lines` reads of one game."""

    size: int
    root: dict[str, bytes]  # raw value of each of the root's properties, the first of several; escapes kept
    moves: list[tuple[int, int]]  # (colour, point or PASS)


# A property, a sign, a "[" that is in its place nowhere or never closed, with all that follows, or a character that has
# nothing to do there. No text is looked at twice, whatever it is.
_LINE = re.compile(
    rb"(?<![A-Za-z])([A-Za-z]++)\s*+((?:\[[^\]\\]*+(?:\\.[^\]\\]*+)*+\]\s*+)++)|([();])|(\[).*+|\S", re.DOTALL
)
_VALUE = re.compile(rb"\[([^\]\\]*(?:\\.[^\]\\]*)*)\]", re.DOTALL)
_MOVES = {b"B": BLACK, b"W": WHITE}
_SETUP = {b"AB", b"AW", b"AE", b"PL"}


def main_lines(data: bytes) -> Iterator[MainLine | None]:
    """The main lines of a collection, one game after another; legality is not looked at.

    None stands for a game that is not plain: with stones set up, a handicap, names in small letters (as before FF[4]),
    two moves in a node, a property twice or without a value, or a size or point that is none. Raises SgfError for data
    that are not balanced.
    """
    depth, number, nodes, moved = 0, 0, 0, 0
    open_line = plain = False  # still on the main line: no ")" since the game began; nothing out of the way on it
    root: dict[str, bytes] = {}
    found: list[tuple[int, bytes]] = []
    for match in _LINE.finditer(data):  # all at once they would take many times the memory of the data
        name, values, sign, astray = match.groups()
        if sign:
            if sign == b";":
                nodes += 1
            elif sign == b"(":
                depth += 1
                if depth == 1:
                    number, nodes, moved, root, found, open_line, plain = number + 1, 0, 0, {}, [], True, True
            elif depth:  # one too many means nothing
                depth -= 1
                open_line = False
                if depth == 0:
                    yield _main_line(root, found) if plain and nodes else None
        elif astray:
            raise SgfError(f"a value without an end or a property in game {number}")
        elif name is None:
            plain = False
        elif open_line and depth:
            color = _MOVES.get(name)
            if color:
                plain &= moved != nodes
                moved = nodes
                found.append((color, values.strip()[1:-1]))
            else:
                plain &= name not in _SETUP and name.isupper()
                if nodes == 1:
                    plain &= name.decode() not in root
                    first = _VALUE.match(values)
                    root[name.decode()] = first[1] if first else b""
    if depth > 0 or number == 0:
        raise SgfError(f"the data ends within game {number}" if number else "there is no game in the data")


def _main_line(root: dict[str, bytes], found: list[tuple[int, bytes]]) -> MainLine | None:
    handicap, kind = root.get("HA", b"0").strip(), root.get("GM", b"1").strip()
    if handicap.strip(b"0") or kind != b"1" or any(b"\\" in root.get(name, b"") for name in ("RE", "RU", "KM")):
        return None
    if "CA" in root and not is_charset(root["CA"]):
        return None
    try:
        size = board_size(root.get("SZ", b"19"))
        table = _point_table(size)
        return MainLine(size, root, [(color, table[text]) for color, text in found])
    except (ValueError, KeyError):
        return None


_TABLES: dict[int, dict[bytes, int]] = {}


def _point_table(size: int) -> dict[bytes, int]:
    """SGF text of each point and of the pass -> point."""
    if size not in _TABLES:
        table = {to_sgf(point, size).encode(): point for point in map(int, geometry(size).points)}
        table[b""] = PASS
        if size <= 19:
            table[b"tt"] = PASS
        _TABLES[size] = table
    return _TABLES[size]
