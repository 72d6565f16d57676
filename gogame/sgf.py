"""SGF (FF[4]) <-> Game, over the sgfmill library.

A record is sgfmill's ``Sgf_game``: a tree of nodes that keeps every property, variations, comments and markup
included, and writes them again. :func:`read_collection` and :func:`write_collection` are the way from and to a file;
:func:`game_at` and :func:`game_of_sgf` play a line on a :class:`~gogame.game.Game`; :func:`sgf_of_game` writes one.
What is read of the bare text stands in :mod:`gogame.sgf_text`.

    RU of the record    rules
    missing, unknown    the default rules, or the caller's (the komi is the record's)
    a preset's name     the preset; also Japanese, Chinese, Korean, AGA, NZ, Tromp-Taylor in any case

A broken record raises one :class:`SgfError` that names the place: line and column, or the move. What is only said of a
game (CA, RU, KM, PL, HA) breaks none: where it cannot be read it counts as not said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version

from sgfmill import sgf as sgfmill
from sgfmill import sgf_grammar

from gogame import DIST_NAME
from gogame.board import BLACK, EMPTY, WHITE
from gogame.coords import from_sgf, to_gtp, to_sgf
from gogame.game import MAX_MOVES, Game, IllegalMove
from gogame.geometry import PASS, geometry, point_of, row_col
from gogame.rules import Rules, default_rules, rules_named
from gogame.sgf_text import SgfError, board_size, extents, is_charset, place, shown, with_charset

MAX_BYTES = 64 * 2**20  # a larger record or collection is refused by read_collection
KOMI_BOUND = 100  # points that a komi stays below: 100 and more are hundredths

COLORS = {"b": BLACK, "w": WHITE}
LETTERS = {BLACK: "b", WHITE: "w"}

_RU_WRITTEN = {"japanese": "Japanese", "chinese": "Chinese", "korean": "Korean", "aga": "AGA", "new-zealand": "NZ"}
_RU_PREFIXES = ("japanese", "korean", "chinese")  # as in "Japanese rules"
_RU_READ = {"nz": "new-zealand", "jp": "japanese", "cn": "chinese", "tt": "tromp-taylor"}

# --- files -------------------------------------------------------------------------------------------------------


def read_collection(data: bytes | str) -> list[sgfmill.Sgf_game]:
    """The games of a file's text, in order. Text around the games is skipped, as the format asks for."""
    return list(_games(data))


def read_sgf(data: bytes | str) -> sgfmill.Sgf_game:
    """The first game of a file's text; what comes after it is not looked at."""
    return next(_games(data))


def _games(data: bytes | str) -> Iterator[sgfmill.Sgf_game]:
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > MAX_BYTES:
        raise SgfError(f"the data is larger than {MAX_BYTES // 2**20} MiB")
    guessed = ""
    if not isinstance(data, str):
        raw, guessed = with_charset(raw)
    for begin, end in extents(raw):
        piece = raw[begin:end]
        try:
            tree = sgf_grammar.parse_sgf_game(piece)
            _check_header(tree.sequence[0])
            utf8 = isinstance(data, str) or ("CA" not in tree.sequence[0] and _is_utf8(piece))
            game = sgfmill.Sgf_game.from_coarse_game_tree(tree, "UTF-8" if utf8 else guessed or None)
        except ValueError as error:
            raise SgfError(f"{error} in the game at {place(raw, begin)}") from None
        yield game


def _is_utf8(text: bytes) -> bool:
    """Whether a text that does not say so is UTF-8: what is in another character set and not ASCII hardly ever is."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not text.isascii()


def write_collection(games: Iterable[sgfmill.Sgf_game]) -> bytes:
    """The file's text; each game in its own character set."""
    return b"\n".join(game.serialise() for game in games)


def _check_header(root: dict[str, list[bytes]]) -> None:
    """The game and the board size, before anything is allocated for them; the size as one number afterwards, and the
    character set by the name alone, if it is one."""
    kind = root.get("GM", [b"1"])[0].strip()
    if kind != b"1":
        raise ValueError(f"this is not a game of Go (GM[{shown(kind)}])")
    root["SZ"] = [str(board_size(root.get("SZ", [b"19"])[0])).encode()]  # the library takes no SZ[19:19]
    charset = root.pop("CA", [b""])[0]
    if is_charset(charset):
        root["CA"] = [charset.strip()]


# --- a record as a game --------------------------------------------------------------------------------------------


def game_of_sgf(
    data: bytes | str | sgfmill.Sgf_game, moves: int | None = None, rules: Rules | None = None,
    default: Callable[[int], Rules] = default_rules,
) -> Game:  # fmt: skip
    """The game of a record's main line, up to ``moves`` moves; ``rules`` in the place of the record's own, ``default``
    (of a board size) where it names none.

    A position set up in the middle of a record starts the game anew: the moves before it are not in the game.
    """
    record = data if isinstance(data, sgfmill.Sgf_game) else read_sgf(data)
    return _play_nodes(record, record.get_main_sequence(), moves, rules, default)


def game_at(record: sgfmill.Sgf_game, node: sgfmill.Tree_node, rules: Rules | None = None) -> Game:
    """The game up to any node of a record, variations included."""
    return _play_nodes(record, record.get_sequence_above(node) + [node], None, rules)


def game_before_setup(record: sgfmill.Sgf_game, rules: Rules) -> tuple[Game, bool]:
    """(the game of a record's main line up to the first stones that are put on or taken off after a move; whether no
    move follows those: dead stones, taken off to be counted, are the usual reason)."""
    nodes = record.get_main_sequence()
    moves = [node.has_property("B") or node.has_property("W") for node in nodes]
    first = moves.index(True) if True in moves else len(nodes)
    end = next((i for i in range(first + 1, len(nodes)) if nodes[i].has_setup_stones()), len(nodes))
    return _play_nodes(record, nodes[:end], None, rules), not any(moves[end:])


def rules_of(record: sgfmill.Sgf_game, default: Callable[[int], Rules] = default_rules) -> Rules:
    """The rules of a record: RU, KM; ``default``, of a board size, for what it does not name."""
    root = record.get_root()
    rules, komi = rules_written(text_of(root, "RU"), record.get_size(), default), komi_of(root)
    return rules if komi is None else rules.replace(komi=komi)


def komi_of(root: sgfmill.Node) -> float | None:
    """The komi that the root says; None where it says none that can be read."""
    return komi_written(text_of(root, "KM"))


def rules_written(name: str, size: int, default: Callable[[int], Rules] = default_rules) -> Rules:
    """The rules that RU names; the default ones of that board size where it names none that are known."""
    name = name.strip().lower()
    for known in (_RU_READ.get(name, name), *(preset for preset in _RU_PREFIXES if name[:3] == preset[:3])):
        try:
            return rules_named(known)
        except ValueError:
            continue
    return default(size)


def komi_written(text: str) -> float | None:
    """KM's value, with a comma or a point, to the nearest half; None for what is no komi.

    One that is no multiple of 0.5 is read as Chinese servers write it, in stones (3.75 is 7.5 points), and so is one of
    100 and more that is hundredths of such a number (375, 650).
    """
    try:
        komi = float(text.replace(",", "."))
    except ValueError:
        return None
    komi = komi / 100 if abs(komi) >= 100 and not komi % 25 else komi
    komi = 2 * komi if (2 * komi) % 1 and not (4 * komi) % 1 else komi
    return round(2 * komi) / 2 if abs(komi) < KOMI_BOUND else None


def player_of(node: sgfmill.Node) -> int:
    """Who is to move as PL of a node says it; EMPTY where it says nobody."""
    return COLORS.get(text_of(node, "PL").lower()[:1], EMPTY)


def handicap_of(node: sgfmill.Node) -> int:
    """The number of HA of a node; 0 where it says none."""
    try:
        return int(text_of(node, "HA") or 0)
    except ValueError:
        return 0


def text_of(node: sgfmill.Node, name: str) -> str:
    """A property's text, in UTF-8 where it cannot be read in the record's character set; empty where there is none."""
    try:
        text = str(node.get(name)).strip() if node.has_property(name) else ""
    except (ValueError, LookupError):
        text = node.get_raw(name).decode("utf-8", "replace").strip()
    return whole(text)  # UTF-7 can bring halves of characters


def whole(text: str) -> str:
    """``text`` without halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _play_nodes(
    record: sgfmill.Sgf_game, nodes: Sequence[sgfmill.Node], moves: int | None, rules: Rules | None,
    default: Callable[[int], Rules] = default_rules,
) -> Game:  # fmt: skip
    try:
        game = Game(record.get_size(), rules or rules_of(record, default))
    except ValueError as error:
        raise SgfError(str(error)) from None
    played, placed, free = 0, _free_handicap(nodes), True
    for node in nodes:
        has_move = node.has_property("B") or node.has_property("W")
        place = f"move {played + 1}" if played or has_move else "the start"
        try:
            first = player_of(node)
            if node.has_setup_stones() or (first and not game.moves):
                _set_up(game, node, nodes[0])
            elif first:  # in the middle of a game, which goes on
                game.to_move = first
            if not has_move:
                continue
            if played == moves:
                break
            if played == MAX_MOVES:
                raise SgfError(f"the game has more than {MAX_MOVES} moves")
            color, point = _move(node, game.size)
            played += 1
            place = f"move {played} ({LETTERS[color].upper()} {to_gtp(point, game.size)})"
            if not game.moves and played == 1 and not player_of(nodes[0]):
                _begin_with(game, color)
            game.replay(point, color)
            free = free and color == BLACK and point != PASS
            if free and played == placed:  # the handicap's stones are its first moves
                game.handicap = placed
        except SgfError:
            raise
        except IllegalMove as error:
            raise SgfError(f"{place} is illegal: {error.reason}") from None
        except ValueError as error:
            raise SgfError(f"{error}, at {place}") from None
    return game


def _set_up(game: Game, node: sgfmill.Node, root: sgfmill.Node) -> None:
    """AB, AW, AE and PL of a node, on top of the position. A handicap said in the root may have its stones here."""
    stones = {point: int(game.board.color[point]) for point in map(int, geometry(game.size).points)}
    if node.has_setup_stones():
        try:
            sets = node.get_setup_stones()
        except ValueError:
            raise ValueError("bad setup stones (AB, AW or AE)") from None
        for color, crossings in zip((BLACK, WHITE, EMPTY), sets, strict=True):
            for row, col in crossings:
                stones[point_of(game.size - 1 - row, col, game.size)] = color
    black = [p for p, c in stones.items() if c == BLACK]
    white = [p for p, c in stones.items() if c == WHITE]
    own = node.has_property("HA")
    handicap, before = _handicap(node) if own or game.moves else _free_handicap([root]), game.handicap
    to_move = WHITE if handicap >= 2 or (black and not white) else game.to_move
    game.setup(black, white, player_of(node) or to_move)
    game.handicap = before if not (own or handicap) else handicap if handicap <= len(black) else 0


def _begin_with(game: Game, color: int) -> None:
    """Whoever moves first was to move in the position that was set up, too."""
    black, white, first = game.setup_stones
    if (black or white) and color != first:
        handicap = game.handicap
        game.setup(black, white, color)
        game.handicap = handicap
    game.to_move = color


def _free_handicap(nodes: Sequence[sgfmill.Node]) -> int:
    """The handicap of a record whose stones for it are moves, or 0."""
    return _handicap(nodes[0]) if nodes and not nodes[0].has_setup_stones() else 0


def _handicap(node: sgfmill.Node) -> int:
    """HA, where it is a handicap: two stones or more."""
    handicap = handicap_of(node)
    return handicap if handicap >= 2 else 0


def _move(node: sgfmill.Node, size: int) -> tuple[int, int]:
    """(colour, point or PASS) of a node that has a move."""
    color, raw = node.get_raw_move()
    return COLORS[color], from_sgf(raw.strip().decode("latin-1"), size)


# --- a game as a record --------------------------------------------------------------------------------------------


def application() -> tuple[str, str]:
    """(name, version) of this program, for AP."""
    return DIST_NAME, version(DIST_NAME)


def record_of_game(
    game: Game,
    result: str | None = None,
    black: str = "",
    white: str = "",
    comments: dict[int, str] | None = None,
) -> sgfmill.Sgf_game:
    """A record of a game, for more to be added. ``comments``: by move number, 0 for the start. Without ``result`` a
    game that is over is given its own, with every stone alive."""
    record = sgfmill.Sgf_game(game.size, encoding="UTF-8")
    root = record.get_root()
    root.set("AP", application())
    root.set("RU", _RU_WRITTEN.get(game.rules.name, game.rules.name))
    root.set("KM", game.rules.komi)
    if result is None and game.is_over:
        result = game.result()
    for name, text in (("PB", black), ("PW", white), ("RE", result)):
        if text:
            root.set(name, text)
    stones = game.setup_stones
    if stones[0] or stones[1]:
        root.set_setup_stones(_crossings(stones[0], game.size), _crossings(stones[1], game.size))
        root.set("PL", LETTERS[stones[2]])
    if game.handicap >= 2:
        root.set("HA", game.handicap)
    for number, (color, point) in enumerate(game.moves, 1):
        node = record.extend_main_sequence()
        node.set_raw(LETTERS[color].upper(), to_sgf(point, game.size).encode())
        if comments and number in comments:
            node.set("C", comments[number])
    if comments and 0 in comments:
        root.set("C", comments[0])
    return record


def sgf_of_game(
    game: Game,
    result: str | None = None,
    black: str = "",
    white: str = "",
    comments: dict[int, str] | None = None,
) -> str:
    """A game as SGF text, UTF-8. See :func:`record_of_game`."""
    text: str = record_of_game(game, result, black, white, comments).serialise().decode("utf-8")
    return text


def _crossings(points: Sequence[int], size: int) -> list[tuple[int, int]]:
    """sgfmill's (row from the bottom, column)."""
    return [(size - 1 - row, col) for row, col in (row_col(p, size) for p in points)]


__all__ = [
    "SgfError",
    "game_at",
    "game_of_sgf",
    "read_collection",
    "read_sgf",
    "record_of_game",
    "rules_of",
    "sgf_of_game",
    "write_collection",
]
