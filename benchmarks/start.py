"""How long a user waits: the first start, when kernels are compiled, and every later one.

    python -m benchmarks.start [--size 9] [--net NAME|PATH] [--rounds 5]

"first move" is the time from starting ``gogame gtp`` to the answer to its first genmove (100 visits). "cold" has an
empty kernel cache, as after an installation; "warm" is every start after that, the median of the rounds. Their
difference is the compilation.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

import click


def seconds(arguments: list[str], cache: str, text: str = "") -> tuple[float, str]:
    """(wall-clock seconds of ``python -m gogame ...`` to its first line, what it wrote to standard error)."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "gogame", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=os.environ | {"NUMBA_CACHE_DIR": cache, "PYTHONDONTWRITEBYTECODE": ""},
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(text)
        process.stdin.flush()
        line = process.stdout.readline()
        elapsed = time.perf_counter() - began
        said = process.communicate()[1]
    if process.returncode or line.startswith("?"):
        raise click.ClickException(said.strip() or line.strip())
    return elapsed, said


@click.command()
@click.option("--size", type=click.IntRange(7, 19), default=9, show_default=True)
@click.option("--net", metavar="NAME|PATH", help="A shipped network by name, or a file. [default: by size]")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
def main(size: int, net: str | None, rounds: int) -> None:
    """Print the seconds of a cold and of a warm start."""
    arguments = ["gtp", "--size", str(size), "--visits", "100", *(["--net", net] if net else [])]
    with tempfile.TemporaryDirectory() as cache:
        help_seconds = statistics.median(seconds(["--help"], cache)[0] for _ in range(rounds))
        cold, said = seconds(arguments, cache, "genmove b\nquit\n")
        warm = statistics.median(seconds(arguments, cache, "genmove b\nquit\n")[0] for _ in range(rounds))
    print(f"gogame --help               {help_seconds:6.2f} s")
    print(f"first move, cold            {cold:6.2f} s")
    print(f"first move, warm            {warm:6.2f} s")
    print(f"compilation (difference)    {cold - warm:6.2f} s")
    print("said while it compiled:", *(f"\n    {line}" for line in said.splitlines()))


if __name__ == "__main__":
    main()
