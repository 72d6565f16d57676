"""What an SGF file says of its game, in a few words."""

import pytest

from gui.summary import HEAD, summary_of


@pytest.mark.parametrize(
    ("text", "told"),
    [("(;SZ[9]DT[2026-05-30]PB[Lee]PW[Cho]RE[W+3.5];B[ee];W[cc])", ("2026-05-30", "9×9", "Lee – Cho", "W+3.5", "2")),
     ("some words (;SZ[19:19](;B[ee](;W[cc])(;W[dd];B[aa]))(;B[gg]))", ("", "19×19", "", "", "2")),
     ("(;PW[a\\]b \\\\ (;c)\nd];B[])", ("", "19×19", "? – a]b \\ (;c) d", "", "1")),
     ("(;SZ[x]AB[aa][bb]PlayerBlack[Lee];C[B[aa\\]];B[aa]B[bb];W", ("", "?", "Lee – ?", "", "1")),
     ("(;CA[no such]PB[李]RE[])", ("", "19×19", "李 – ?", "", "0")),
     ("(;CA[base64]PB[a])", ("", "19×19", "a – ?", "", "0"))],
)  # fmt: skip
def test_a_game_in_a_few_words(tmp_path, text, told):
    file = tmp_path / "a.sgf"
    file.write_text(text, "utf-8")
    game = summary_of(file)
    assert (game.date, game.size, game.players, game.result, game.moves) == told


def test_only_the_beginning_of_a_long_file_is_read(tmp_path):
    file = tmp_path / "long.sgf"
    file.write_text("(;SZ[9]" + ";B[ee]C[" + "x" * 1000 + "]" + ";W[cc]" * 200_000 + ")")
    assert summary_of(file).moves == f"{1 + (HEAD - 7 - 1009) // 6}+"
    file.write_bytes("(;SZ[9]PB[Müller]".encode("latin-1"))
    assert summary_of(file).players == "Müller – ?"
    for data in (b"", b"nothing", b"(" * HEAD, b"[" * HEAD):
        file.write_bytes(data)
        assert summary_of(file) is None
    assert summary_of(tmp_path) is None and summary_of(tmp_path / "gone") is None
    assert summary_of(tmp_path / "a\0b") is None
