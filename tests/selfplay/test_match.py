"""Engine against engine: whatever a side does, the game is counted as it should be and the match goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gogame.board import BLACK, WHITE
from gogame.game import Game
from gogame.geometry import PASS
from gogame.player import PlayerError
from gogame.rules import default_rules, rules_named
from gogame.sgf import game_of_sgf, read_sgf
from mcts.search import SearchConfig
from nets.config import NetConfig
from nets.model import Network, export_arrays
from nets.weights import save_net
from selfplay.contestants import ContestantError, GtpContestant, NetContestant, RandomContestant
from selfplay.elo import Sprt, elo_interval
from selfplay.match import Match, Played, _dead_stones, _normal, play_game, play_match
from selfplay.match_command import command, elo_text
from selfplay.openings import RandomOpenings
from tests.gogame.test_gnugo import find_gnugo
from tests.selfplay.gtp_programs import commands, program, starts

SIZE = 7


def gtp(folder: Path, how: str = "well", at: int = 1) -> str:
    return "gtp:" + program(folder, how, at)


def match_of(a: str, b: str, games: int = 2, **options: object) -> Match:
    return play_match(a, b, size=SIZE, games=games, **{"opening": "random"} | options)  # type: ignore[arg-type]


def test_random_against_random_is_counted_by_the_rules(tmp_path: Path) -> None:
    match = match_of("random", "random", 6, sgf=tmp_path, seed=3)
    assert [game.black for game in match.games] == ["A", "B"] * 3
    for game in match.games:
        assert game.how == "counted" and game.note == "all stones alive, 0 dead stones"
        replayed = game_of_sgf((tmp_path / f"game-{game.number:04}.sgf").read_bytes())
        assert replayed.move_number == game.moves and replayed.is_over and replayed.result() == game.result
        white = "B" if game.black == "A" else "A"
        assert game.winner == {"B": game.black, "W": white, "0": None}[game.result[0]]
    assert sum(match.score) == 6 and match.score[2] == sum(game.result == "0" for game in match.games) > 0
    again = match_of("random", "random", 6, seed=3)
    assert [g.result for g in again.games] == [g.result for g in match.games]
    assert [g.result for g in match_of("random", "random", 6, seed=4).games] != [g.result for g in match.games]


@pytest.mark.parametrize(
    ("words", "komi"),
    [
        ([], "7"),
        (["--rules", "japanese"], "6.5"),
        (["--rules", "aga"], "7"),
        (["--rules", "korean", "--komi", "3"], "3"),
    ],
)
def test_komi_is_the_usual_one_of_the_rules(tmp_path: Path, words: list[str], komi: str) -> None:
    done = CliRunner().invoke(
        command,
        ["random", "random", "--size", "7", "--games", "1", "--opening", "none", "--sgf", str(tmp_path), *words],
    )
    assert done.exit_code == 0, done.output
    assert f"KM[{komi}]" in (tmp_path / "game-0001.sgf").read_text()


def test_games_at_once_have_the_colours_and_openings_of_one_at_a_time(tmp_path: Path) -> None:
    match = match_of("random", "random", 9, parallel=4, opening_moves=3, sgf=tmp_path / "many", seed=5)
    match_of("random", "random", 9, opening_moves=3, sgf=tmp_path / "one", seed=5)
    assert sorted(game.number for game in match.games) == list(range(1, 10))
    assert all(game.black == "BA"[game.number % 2] for game in match.games)
    for number in range(1, 10):
        name = f"game-{number:04}.sgf"
        many, one = (game_of_sgf((tmp_path / kind / name).read_bytes()).moves for kind in ("many", "one"))
        assert many[:3] == one[:3]


def test_games_at_once_end_with_the_sequential_test(tmp_path: Path) -> None:
    match = match_of(gtp(tmp_path / "a"), gtp(tmp_path / "b", "resign"), 200, parallel=3, sprt=Sprt(0, 200))
    assert match.score[0] == len(match.games) < 40 and Sprt(0, 200).verdict(*match.score) is True


def test_the_first_answer_of_the_sequential_test_stands() -> None:
    """Games that were under way when it came are counted, and do not take it back."""
    sides = {"A": RandomContestant(1), "B": RandomContestant(2)}
    match = Match(sides, SIZE, default_rules(SIZE), RandomOpenings(SIZE, 2), sprt=Sprt(0, 50))  # type: ignore[arg-type]
    while match.verdict is None:
        match._add(Played(len(match.games) + 1, "A", "A", "B+R", 9, 0.0, "resigned"))
    first = len(match.games)
    assert match.verdict == (True, first)
    for number in range(first + 1, first + 8):
        match._add(Played(number, "A", "B", "W+R", 9, 0.0, "resigned"))
    assert Sprt(0, 50).verdict(*match.score) is None
    assert match.summary()["sprt"] == {"elo0": 0, "elo1": 50, "a_is_stronger": True, "after_games": first}


def test_the_sequential_test_hears_of_the_games_by_their_number() -> None:
    """A wins the short games: the test waits for the long ones that began before."""
    sides = {"A": RandomContestant(1), "B": RandomContestant(2)}
    match = Match(sides, SIZE, default_rules(SIZE), RandomOpenings(SIZE, 2), sprt=Sprt(0, 50))  # type: ignore[arg-type]
    for number in range(2, 202, 2):
        match._add(Played(number, "A", "A", "B+R", 9, 0.0, "resigned"))
    assert match.verdict is None and Sprt(0, 50).verdict(*match.score) is True
    for number in range(1, 200, 2):
        match._add(Played(number, "A", "B", "W+R", 9, 0.0, "resigned"))
    assert match.verdict is None and match.tested == 200
    in_order = Match(sides, SIZE, default_rules(SIZE), RandomOpenings(SIZE, 2), sprt=Sprt(0, 50))  # type: ignore[arg-type]
    for game in sorted(match.games, key=lambda game: game.number):
        in_order._add(game)
    assert in_order.verdict is None


def begun(*words: str) -> subprocess.Popen[str]:
    """A match in a process of its own, which hears of Ctrl+C even where these tests run in the background."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "gogame", "match", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip


def interrupted(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Output and errors of a match after Ctrl+C."""
    process.send_signal(signal.SIGINT)
    try:
        out, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130 and errors.strip() == "gogame: interrupted"
    return out, errors


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process")
def test_an_interrupted_match_tells_how_it_stood(tmp_path: Path) -> None:
    process = begun("random", "random", "--size", "7", "--games", "100000", "--sgf", str(tmp_path / "sgf"))
    assert process.stdout and process.stdout.readline().startswith("   1 A ")
    out, _ = interrupted(process)
    assert out.splitlines()[-1].startswith("random against random: ") and "Elo" in out
    assert list((tmp_path / "sgf").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process")
def test_an_interrupt_does_not_wait_for_a_program_that_hangs(tmp_path: Path) -> None:
    hangs, sgf = gtp(tmp_path / "b", "hang"), str(tmp_path / "sgf")
    process = begun("random", hangs, "--size", "7", "--timeout", "600", "--sgf", sgf)
    while not any(line.startswith("genmove") for line in heard(tmp_path / "b")):
        assert process.poll() is None
        time.sleep(0.05)
    out, _ = interrupted(process)
    assert not out


def heard(folder: Path) -> list[str]:
    return commands(folder) if (folder / "commands").exists() else []


def test_matches_are_not_mixed_in_a_folder(tmp_path: Path) -> None:
    match_of("random", "random", 2, sgf=tmp_path / "sgf")
    with pytest.raises(ContestantError, match="another match"):
        match_of("random", "random", 1, sgf=tmp_path / "sgf")
    (tmp_path / "file").write_text("")
    with pytest.raises(ContestantError, match="cannot be made"):
        match_of("random", "random", 1, sgf=tmp_path / "file" / "sgf")


def test_each_opening_is_played_twice_with_the_colours_changed(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    match = match_of(gtp(a), gtp(b), 6, opening_moves=3, sgf=tmp_path / "sgf")
    lines = [[p for _, p in game_of_sgf(f.read_bytes()).moves[:3]] for f in sorted((tmp_path / "sgf").iterdir())]
    assert lines[0] == lines[1] and lines[2] == lines[3] and lines[4] == lines[5]
    assert len({tuple(line) for line in lines}) == 3
    for number, game in enumerate(match.games):
        names = [read_sgf(game.sgf).get_root().get(name) for name in ("PB", "PW")]
        assert names == ["passer [well]"] * 2 and game.black == "AB"[number % 2]
    told = commands(a)
    assert told[:5] == ["name", "boardsize 7", "clear_board", "komi 7", "kata-set-rules chinese-ogs"]
    assert [line.split()[1] for line in told[5:8]] == ["B", "W", "B"] and told[8] == "play W pass"
    assert told[9] == "genmove B" and told[-1] == "quit"
    assert starts(a) == starts(b) == 1  # a program that works is not started anew


FAILURES = [
    ("crash", "crash", "ended at genmove (exit status 3; last words: out of luck)", 3),
    ("silence", "crash", "ended at genmove", 3),
    ("hang", "crash", "no answer to genmove in time", 3),
    ("garbage", "crash", "no GTP answer to genmove: 'good morning'", 3),
    ("vertex", "crash", "it answered genmove with 'Z99'", 3),
    ("empty-vertex", "crash", "it answered genmove with ''", 3),
    ("refuses", "crash", "it refused 'genmove", 1),
    ("illegal", "illegal move", ": occupied", 1),
    ("resign", "resigned", "", 1),
]


@pytest.mark.parametrize("how, end, note, started", FAILURES, ids=[row[0] for row in FAILURES])
def test_a_failure_is_a_lost_game_and_the_match_goes_on(
    tmp_path: Path, how: str, end: str, note: str, started: int
) -> None:
    """A program that was lost is started anew for the next game."""
    timeout = 1.5 if how == "hang" else 60.0
    match = match_of(gtp(tmp_path / "a", how), gtp(tmp_path / "b"), 3, timeout=timeout, sgf=tmp_path / "sgf")
    for game in match.games:
        black_won = game.black == "B"
        assert (game.how, game.winner) == (end, "B") and note in game.note
        assert game.result == ("B" if black_won else "W") + ("+R" if end == "resigned" else "+F")
        record = read_sgf((tmp_path / "sgf" / f"game-{game.number:04}.sgf").read_bytes())
        assert record.get_winner() == ("b" if black_won else "w")
        if note:
            assert note in record.get_last_node().get("C")
    summary = match.summary()
    assert match.score == (0, 3, 0) and summary["ends"] == {end: 3}
    assert len(summary["crashes"]) == (3 if end == "crash" else 0)
    assert summary["elo"] is summary["elo_low"] is None and summary["elo_high"] == round(elo_interval(0, 3)[2], 3)
    assert starts(tmp_path / "a") == started and starts(tmp_path / "b") == 1
    begun = [line for line in commands(tmp_path / "a") if line == "clear_board"]
    assert len(begun) == 3


def test_where_both_fail_before_the_first_move_nobody_has_won(tmp_path: Path) -> None:
    texts = [gtp(tmp_path / side, "crash") for side in "ab"]
    programs = {side: GtpContestant(text.removeprefix("gtp:")) for side, text in zip("AB", texts, strict=True)}
    for side, player in programs.items():
        player.close()
        (tmp_path / side.lower() / "program.py").unlink()
    played = play_game(1, "A", programs, default_rules(SIZE), SIZE, [])  # type: ignore[arg-type]
    assert (played.how, played.winner, played.result) == ("crash", None, "Void")
    assert "A: " in played.note and "B: " in played.note
    sides = {"A": RandomContestant(1), "B": RandomContestant(2)}
    match = Match(sides, SIZE, default_rules(SIZE), RandomOpenings(SIZE, 2))  # type: ignore[arg-type]
    match.games = [played, Played(2, "B", "A", "W+F", 9, 0.0, "crash"), Played(3, "A", None, "0", 9, 0.0, "counted")]
    assert match.score == (1, 0, 1) and match.summary()["share"] == 0.75


def test_a_match_of_which_no_game_could_be_played_is_no_draw(tmp_path: Path) -> None:
    with pytest.raises(ContestantError, match="no game could be played: A: .*no such board.*; B: "):
        match_of(gtp(tmp_path / "a", "no-board"), gtp(tmp_path / "b", "no-board"))


def test_a_failure_in_the_middle_of_a_game_is_that_of_the_one_who_failed(tmp_path: Path) -> None:
    match = match_of("random", gtp(tmp_path, "crash", at=4), 2)
    assert [(g.winner, g.how) for g in match.games] == [("A", "crash")] * 2
    assert all(g.moves >= 2 + 6 and g.note.startswith("B: ") for g in match.games)


def test_a_program_that_cannot_be_started_again_loses_every_game(tmp_path: Path) -> None:
    text = gtp(tmp_path, "crash")

    def remove(_match: Match, _played: Played) -> None:
        (tmp_path / "program.py").unlink(missing_ok=True)

    match = match_of(text, "random", 3, on_game=remove)
    assert [(g.winner, g.how) for g in match.games] == [("B", "crash")] * 3


def test_a_count_that_differs_is_a_dispute(tmp_path: Path) -> None:
    match = match_of(gtp(tmp_path / "a"), "random", 1)
    assert match.games[0].dispute == "A counts B+99" and match.games[0].note.startswith("dead stones by A")
    assert match.summary()["disputes"] == [f"game 1: {match.games[0].result}, A counts B+99"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("B+3.5", ("B", 3.5)), ("w+12.", ("W", 12.0)), ("B+.5", ("B", 0.5)), ("0", ("", 0.0)), ("B+0", ("", 0.0)),
     ("W+0.0", ("", 0.0)), ("Jigo", ("", 0.0)), ("B+.", None), ("B+1.2.3", None), ("B+R", None), ("", None),
     ("Black", None), ("unknown", None)],
)  # fmt: skip
def test_a_count_is_read_however_it_is_spelt(said: str, meant: tuple[str, float] | None) -> None:
    assert _normal(said) == meant


@pytest.mark.parametrize("how", ["empty", "final_score", "final_status_list"])
def test_a_program_that_cannot_count_does_not_end_the_match(tmp_path: Path, how: str) -> None:
    """With an empty count, or a crash at counting, the game stands as it is; a fresh program is not asked about it."""
    match = match_of(gtp(tmp_path, how), "random", 2)
    assert [(g.how, g.dispute) for g in match.games] == [("counted", "")] * 2


def test_a_game_that_does_not_end_is_counted_at_its_length() -> None:
    class Restless(RandomContestant):
        """Fills its own eyes, and so never comes to an end."""

        def genmove(self, game: Game) -> int:
            points = game.legal_points()
            return int(self._rng.choice(points)) if points else PASS

    played = play_game(1, "A", {"A": Restless(1), "B": Restless(2)}, default_rules(SIZE), SIZE, [])
    assert played.how == "length" and played.moves == 3 * SIZE**2 and played.winner in ("A", "B")


def test_the_sequential_test_ends_the_match(tmp_path: Path) -> None:
    match = match_of("random", gtp(tmp_path, "resign"), 100, sprt=Sprt(0, 400))
    assert match.score == (5, 0, 0)  # 5 log(0.909 / 0.5) >= log 19
    assert elo_text(match.summary()).startswith("Elo above +")
    assert "Elo +0 (" in elo_text(match.summary() | {"elo": 0.0, "elo_low": -10.0, "elo_high": 10.0})


def test_programs_are_closed_when_the_other_side_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(ContestantError, match="cannot start"):
        match_of(gtp(tmp_path / "a"), "gtp:no-such-program")
    assert commands(tmp_path / "a")[-1] == "quit"
    with pytest.raises(ContestantError, match="none"):
        GtpContestant(program(tmp_path / "b", "nameless"))
    assert commands(tmp_path / "b") == ["name", "quit"]


def test_a_network_plays_and_judges(tmp_path: Path) -> None:
    network = Network(NetConfig.named("1x8"))
    save_net(tmp_path / "net.safetensors", export_arrays(network), {"sizes": [SIZE]}, network.config)
    match = match_of(str(tmp_path / "net.safetensors"), "random", 2, visits=(4, 4), device="cpu", threads=1)
    assert match.summary()["a"].endswith("@4")
    assert {g.how for g in match.games} <= {"counted", "resigned", "length"}
    assert all(g.note.startswith("dead stones by A") for g in match.games if g.how == "counted")


def test_networks_take_off_what_both_call_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = {"A": NetContestant.__new__(NetContestant), "B": NetContestant.__new__(NetContestant)}
    said = {id(sides["A"]): {1, 2, 3}, id(sides["B"]): {2, 3, 4}}
    monkeypatch.setattr(NetContestant, "dead_stones", lambda self, game: said[id(self)])
    assert _dead_stones(Game(SIZE), sides) == ({2, 3}, "dead stones by A and B")
    said[id(sides["A"])] = None
    assert _dead_stones(Game(SIZE), sides) == ({2, 3, 4}, "dead stones by B")


def test_a_game_without_result_is_no_draw() -> None:
    sides = {"A": RandomContestant(1), "B": RandomContestant(2)}
    match = Match(sides, SIZE, default_rules(SIZE), RandomOpenings(SIZE, 2))  # type: ignore[arg-type]
    match.games = [Played(1, "A", None, "Void", 9, 0.0, "counted"), Played(2, "B", None, "0", 9, 0.0, "counted")]
    assert match.score == (0, 0, 1)


def test_programs_are_told_the_rules_once(tmp_path: Path) -> None:
    match_of(gtp(tmp_path), "random", 3, rules=rules_named("japanese"))
    asked = [line for line in commands(tmp_path) if line.startswith("kata-set-rules")]
    assert asked == ["kata-set-rules japanese"], "and need not know that command"


def test_random_loses_to_gnugo(tmp_path: Path) -> None:
    match = match_of("random", f"gtp:{find_gnugo()} --mode gtp --level 1 --chinese-rules --seed 1", 2, sgf=tmp_path)
    assert match.score == (0, 2, 0) and match.summary()["b"] == "GNU Go"
    assert match.summary()["crashes"] == match.summary()["disputes"] == []
    for path in tmp_path.iterdir():
        game = game_of_sgf(path.read_bytes())
        assert {color for color, _ in game.moves} == {BLACK, WHITE}


def run(*words: str) -> Result:
    return CliRunner().invoke(command, [*words])


def test_the_command_tells_json(tmp_path: Path) -> None:
    done = run("random", gtp(tmp_path / "a", "resign"), "--size", "7", "--games", "4", "--komi", "0.5", "--json",
               "--sgf", str(tmp_path / "sgf"))  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["wins"], told["losses"], told["draws"], told["games"]) == (4, 0, 0, 4)
    assert (told["size"], told["komi"], told["share"], told["elo"]) == (7, 0.5, 1.0, None) and told["elo_low"] > 0
    assert (told["wins_as_black"], told["games_as_black"], told["ends"]) == (2, 2, {"resigned": 4})
    assert [game["black"] for game in told["games_played"]] == ["A", "B", "A", "B"]
    assert len(list((tmp_path / "sgf").glob("*.sgf"))) == 4


def test_the_command_tells_each_game_and_the_score(tmp_path: Path) -> None:
    words = ("--size", "7", "--games", "9", "--sprt", "0,400", "--rules", "tromp-taylor", "--sgf", str(tmp_path / "s"))
    done = run("random", gtp(tmp_path, "crash"), *words)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert len(lines) == 6 and "crash: B: ended at genmove" in lines[0]
    assert "5 won, 0 lost, 0 drawn; Elo above +" in lines[-1] and "SPRT: A is stronger" in lines[-1]


@pytest.mark.parametrize(
    "words, reason",
    [
        (("random", "no-such-net"), "no-such-net"),
        (("random", "gtp:no-such-program"), "cannot start"),
        (("random", "gtp:"), "empty"),
        (("random", "gtp:'"), "quotation"),
        (("random", "random", "--sprt", "50,0"), "smaller one first"),
        (("random", "random", "--sprt", "50"), "two numbers"),
        (("random", "random", "--sprt", "0,inf"), "two numbers"),
        (("random", "random", "--sprt", "0,1e9"), "two numbers"),
        (("random", "random", "--sprt", "nan,nan"), "two numbers"),
        (("random", "random", "--rules", "go-moku"), "go-moku"),
        (("random", "random", "--komi", "7.3"), "komi"),
        (("random", "random", "--size", "5"), "--size"),
        (("random", "random", "--timeout", "inf"), "--timeout"),
        (("random",), "argument"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, words: tuple[str, ...], reason: str) -> None:
    done = run(*words, "--sgf", str(tmp_path / "sgf"))
    assert done.exit_code != 0 and done.exception is not None and isinstance(done.exception, SystemExit), done.output
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error:")]
    assert len(errors) == 1 and reason in errors[0]
    assert not (tmp_path / "sgf").exists()


def test_moves_of_no_opening_are_refused() -> None:
    result = CliRunner().invoke(command, ["random", "random", "--opening", "none", "--opening-moves", "3"])
    assert result.exit_code == 2 and "--opening policy or random" in result.output


def test_each_side_has_its_visits_and_settings(tmp_path: Path) -> None:
    network = Network(NetConfig.named("1x8"))
    net = str(tmp_path / "net.safetensors")
    save_net(net, export_arrays(network), {"sizes": [SIZE]}, network.config)
    configs = SearchConfig(c_puct=0.5), SearchConfig(c_puct=2.5)
    match = match_of(net, net, 1, visits=(2, 5), device="cpu", threads=1, configs=configs)
    assert match.summary()["a"].endswith("@2") and match.summary()["b"].endswith("@5")
    assert tuple(match.sides[side]._engine._config for side in "AB") == configs  # type: ignore[attr-defined]


def test_a_network_that_fails_loses_a_game_and_judges_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of a GPU's memory, for instance, in the middle of a match."""

    def fails(*words: object, **more: object) -> None:
        raise PlayerError("GPU: out of memory")

    monkeypatch.setattr("mcts.engine.Engine.genmove", fails)
    match = match_of("zero-9x9", "random", 2, visits=(2, 2))
    assert all(game.how == "crash" and game.winner == "B" for game in match.games) and len(match.games) == 2
    assert all("GPU: out of memory" in game.note for game in match.games)
    monkeypatch.undo()
    monkeypatch.setattr("mcts.engine.Engine.dead_stones", fails)
    (game,) = match_of("zero-9x9", "random", 1, visits=(2, 2)).games
    assert game.how == "counted" and game.note == "all stones alive, 0 dead stones"
