import os
import subprocess
import sys

import pytest


def gogame(tmp_path, *args, **env):
    clean = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY") and not k.startswith("SDL_")
    }
    return subprocess.run(
        [sys.executable, "-m", "gogame", *args],
        env=clean | {"HOME": str(tmp_path)} | env,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
@pytest.mark.parametrize("env", [{}, {"DISPLAY": ":987"}, {"DISPLAY": ":987", "SDL_VIDEODRIVER": "x11"}])
def test_no_display_is_one_line(tmp_path, env):
    done = gogame(tmp_path, **env)
    assert done.returncode != 0
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and "window" in lines[0]


def test_bad_options_are_one_line(tmp_path):
    for args in (
        ["--rules", "nonsense"],
        ["--rules", "stone-scoring"],
        ["--komi", "6.3"],
        ["--handicap", "9", "--size", "7"],
    ):
        done = gogame(tmp_path, "board", *args, SDL_VIDEODRIVER="dummy")
        assert done.returncode != 0, args
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_net_that_is_not_there_opens_no_window(tmp_path):
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no network")
    for net in ("/no/such/net.safetensors", "no-such-net", str(broken)):
        done = gogame(tmp_path, "board", "--net", net, SDL_VIDEODRIVER="dummy")
        assert done.returncode != 0, net
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 1 and ("no network" in lines[0] or "network" in lines[0])


def test_a_run_without_networks_opens_no_window(tmp_path):
    done = gogame(tmp_path, "board", "--run", str(tmp_path), SDL_VIDEODRIVER="dummy")
    assert done.returncode == 1 and done.stderr.strip().splitlines() == [
        f"gogame: {tmp_path}: no networks in this folder"
    ]


def test_a_run_that_has_no_network_yet_can_be_watched(tmp_path):
    (tmp_path / "log.jsonl").write_text("")
    done = gogame(tmp_path, "board", "--run", str(tmp_path), SDL_VIDEODRIVER="no-such-driver")
    assert done.returncode == 1 and "no window can be opened" in done.stderr, done.stderr


def test_a_file_that_cannot_be_shown_opens_no_window(tmp_path):
    broken, game = tmp_path / "broken.sgf", tmp_path / "game.SGF"
    broken.write_bytes(b"no game")
    game.write_text("(;SZ[9];B[ee])")
    for arguments, says in (
        (("board", str(tmp_path / "gone.sgf")), "No such file"),
        ((str(tmp_path / "gone.sgf"),), "No such file"),
        ((str(broken),), "SGF"),
        ((str(tmp_path),), "No such command"),
        (("board", str(game), "--size", "13"), "leave the options out that begin a game"),
        (("board", str(game), str(game)), "unexpected extra argument"),
    ):
        done = gogame(tmp_path, *arguments, SDL_VIDEODRIVER="dummy")
        lines = done.stderr.strip().splitlines()
        assert done.returncode != 0 and len(lines) == 1 and says in lines[0], (arguments, done.stderr)
