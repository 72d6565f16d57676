"""Puts a network into the package: copies a weights file to nets/data, with what was measured of it in its header.

    python -m benchmarks.ship runs/first/net.safetensors zero-9x9 --rank 5 --strength "95 of 100 against GNU Go 3.8 ..."

``--rank`` orders the networks of one board size: the largest is the default. A network replaces a shipped one only
when a match shows it stronger (``gogame match``).
"""

from __future__ import annotations

from pathlib import Path

import click

from nets.weights import DATA, load_net, save_net


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("name")
@click.option("--rank", type=float, required=True, help="The largest of a board size is its default.")
@click.option("--strength", required=True, help="What was measured, in words.")
@click.option("--best-on", type=int, multiple=True, help="A size on which matches showed it stronger than the others.")
@click.option("--elo", type=float, help="On the scale of docs/training.md.")
def main(path: Path, name: str, rank: float, strength: str, best_on: tuple[int, ...], elo: float | None) -> None:
    """Copy PATH into the package as NAME."""
    config, arrays, meta = load_net(path)
    meta = meta | {"rank": rank, "strength": strength} | ({"best_on": list(best_on)} if best_on else {})
    meta |= {"elo": elo} if elo is not None else {}
    DATA.mkdir(exist_ok=True)
    target = DATA / f"{name}.safetensors"
    save_net(target, arrays, meta, config)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, {meta}")


if __name__ == "__main__":
    main()
