"""Small GTP programs for the tests of matches: one that passes, and ones that fail in every way."""

from __future__ import annotations

import sys
from pathlib import Path

PROGRAM = """
import os, sys, time
how, at, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
open(folder + "/starts", "a").write("start\\n")
log = open(folder + "/commands", "a")
failures = "crash hang babble garbage silence resign illegal vertex empty-vertex".split()
genmoves, taken = 0, "A1"

def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()

for line in sys.stdin:
    log.write(line)
    log.flush()
    word, move = line.split()[0], "pass"
    if word == "genmove":
        genmoves += 1
    if word == "clear_board":
        genmoves = 0
    if word == "play" and "pass" not in line:
        taken = line.split()[2]
    if word == how or (word == "genmove" and genmoves == at and how in failures):
        if how in ("crash", "final_status_list", "final_score"):
            sys.stderr.write("out of luck\\n")
            sys.exit(3)
        if how == "hang":
            time.sleep(600)
        if how == "babble":
            say("= A1\\n" + "B2\\n" * 200_000)
            time.sleep(600)
        if how == "garbage":
            say("good morning\\n\\n")
            continue
        if how == "silence":
            os.close(1)
            time.sleep(600)
        move = {"resign": "resign", "illegal": taken, "vertex": "Z99", "empty-vertex": ""}.get(how, "pass")
    if word == "name":
        say("? none\\n\\n" if how == "nameless" else "= passer [%s]\\n\\n" % how)
    elif word == "boardsize" and how == "no-board":
        say("? no such board\\n\\n")
    elif word == "genmove":
        say("? cannot\\n\\n" if how == "refuses" else "= %s\\n\\n" % move)
    elif word == "final_score":
        say({"empty": "=\\n\\n"}.get(how, "= B+99\\n\\n"))
    elif word == "final_status_list":
        say("=\\n\\n")
    elif word == "quit":
        say("=\\n\\n")
        break
    else:
        say("=\\n\\n")
"""


def program(folder: Path, how: str = "well", at: int = 1) -> str:
    """The command of a program that passes, until it fails as ``how`` says: at its ``at``-th genmove of a game, or at
    the command of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "program.py"
    path.write_text(PROGRAM)
    return f'"{sys.executable}" -S -E "{path}" {how} {at} "{folder}"'


def starts(folder: Path) -> int:
    """How often it was started."""
    return len((folder / "starts").read_text().splitlines())


def commands(folder: Path) -> list[str]:
    """All it was told."""
    return (folder / "commands").read_text().splitlines()
