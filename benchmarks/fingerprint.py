"""The search's fingerprint: node counts of fixed positions with an evaluator that costs nothing.

    python -m benchmarks.fingerprint              # print it
    python -m benchmarks.fingerprint --check      # compare it with benchmarks/fingerprint.txt; exit status 1 if other
    python -m benchmarks.fingerprint --write      # a change of the search, the rules or the hash was meant

Each line: board size, moves played before, visits, nodes, best move, CRC-32 of the visits of all nodes.
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click

from mcts.free import fingerprint

KEPT = Path(__file__).with_name("fingerprint.txt")


@click.command()
@click.option("--check", is_flag=True, help="Compare with the file beside this script.")
@click.option("--write", is_flag=True, help="Replace that file.")
def main(check: bool, write: bool) -> None:
    """Print the search's fingerprint."""
    found = fingerprint() + "\n"
    if write:
        KEPT.write_text(found)
    elif check and found != KEPT.read_text():
        changes = difflib.unified_diff(KEPT.read_text().splitlines(), found.splitlines(), "kept", "found", lineterm="")
        click.echo("\n".join(changes), err=True)
        click.echo("the search has changed; if that was meant: python -m benchmarks.fingerprint --write", err=True)
        sys.exit(1)
    click.echo(found, nl=False)


if __name__ == "__main__":
    main()
