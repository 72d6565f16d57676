"""The sub-commands ``gogame gtp``, ``gogame analysis`` and ``gogame nets``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from gogame.options import Number, engine_options, json_option, net_option, threads_option

if TYPE_CHECKING:
    from gogame.rules import Rules


def rules_from_option(name: str | None) -> Rules | None:
    """The rules that ``--rules`` names. An unknown or unsupported name is a usage error."""
    if name is None:
        return None
    from gogame.rules import rules_named

    try:
        return rules_named(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--rules") from None


@click.command()
@engine_options
@click.option("--size", type=int, default=9, show_default=True, help="Board size until the client names one.")
@click.option("--name", metavar="TEXT", help="Answer this to `name`, for clients that know engines by name.")
@click.option("--ponder", is_flag=True, help="Think on while the opponent does.")
@click.option("--resign/--no-resign", default=True, show_default=True, help="Give up lost games.")
@click.option("--temperature", type=Number(0, 10), default=0.0, help="Draw moves by visits: weaker, varied.")
def gtp(
    net: str | None,
    visits: int | None,
    seconds: float | None,
    device: str,
    threads: int | None,
    rules: str | None,
    komi: float | None,
    seed: int,
    size: int,
    name: str | None,
    ponder: bool,
    resign: bool,
    temperature: float,
) -> None:
    """GTP engine on standard input and output, for Sabaki, Lizzie, GoGui and every other Go client.

    Without --visits, --seconds or a clock it plays with 400 visits a move.

    \b
    Example, in the client's engine settings:
      gogame gtp --visits 800 --rules japanese
    """
    from gogame.gtp import claim_streams

    stdin, stdout = claim_streams()
    chosen = rules_from_option(rules)

    from gogame.gtp_commands import run
    from gogame.gtp_session import Session
    from mcts.engine import Engine

    engine = Engine(
        net,
        visits=visits,
        seconds=seconds,
        device=device,
        threads=threads,
        seed=seed,
        temperature=temperature,
        resign=resign,
    )
    engine.check(size)
    session = Session(engine, size=size, rules=chosen, komi=komi, name=name, ponder=ponder)
    run(session, stdin, stdout)


def katago_options(command: Callable[..., None]) -> Callable[..., None]:
    """Takes what programs made for KataGo add to ``katago analysis``, and says that it has no effect."""

    def tell(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> None:
        if values:
            click.echo(f"gogame: {param.opts[0]} is KataGo's and has no effect here", err=True)

    for name in ("-model", "-config", "-override-config", "-human-model", "-analysis-threads"):
        command = click.option(name, multiple=True, hidden=True, expose_value=False, callback=tell)(command)
    return command


@click.command()
@net_option
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", help="For the network.")
@threads_option
@click.option("--rules", metavar="NAME", help="Rules of queries that name none.  [default: chinese-ogs]")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Random seed.")
@click.option(
    "--quit-without-waiting",
    "-quit-without-waiting",
    "quits",
    is_flag=True,
    help="End with the input, whatever is being searched.",
)
@katago_options
def analysis(net: str | None, device: str, threads: int | None, rules: str | None, seed: int, quits: bool) -> None:
    """JSON analysis engine on standard input and output, as KataGo's: one query a line, one answer a line.

    \b
    In KaTrain: General and Engine Settings, local engine, "Path to KataGo executable": the full path of gogame.
    KataGo's options, which KaTrain adds (-model, -config ...), have no effect.
    By hand:
      echo '{"id":"a","moves":[["B","D4"]],"boardXSize":9,"boardYSize":9,"komi":7,"maxVisits":100}' | gogame analysis
    """
    from gogame.gtp import claim_streams

    stdin, stdout = claim_streams()
    chosen = rules_from_option(rules)

    from gogame.analysis_server import run
    from gogame.rules import DEFAULT_PRESET
    from mcts.analyst import EngineAnalyst
    from mcts.engine import Engine, say

    engine = Engine(net, device=device, threads=threads, seed=seed)
    engine.check(engine.sizes[-1])
    say("Started, ready to begin handling requests")  # clients of KataGo wait for these words
    preset = chosen.name if chosen else DEFAULT_PRESET
    run(EngineAnalyst(engine), stdin, stdout, rules=preset, log=say, wait=not quits)


@click.command()
@json_option
def nets(as_json: bool) -> None:
    """The networks that are installed: the boards they learned on, their shape, their strength, how each came about.

    \b
    Example:
      gogame nets --json
    """
    from nets.config import MAX_SIZE, MIN_SIZE
    from nets.weights import shipped_nets

    found = shipped_nets()
    if as_json:
        rows = [
            {"name": n.name, "path": str(n.path), "sizes": n.sizes, "config": n.config.to_dict(), "meta": n.meta}
            for n in found
        ]
        click.echo(json.dumps(rows))
        return
    if not found:
        raise click.ClickException("no network is installed with this program")
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "learned on", "shape", "Elo", "strength", "origin", title="Elo: GNU Go 3.8 level 10 is at 0")
    for n in found:
        shape = f"{n.config.trunk} {n.config.blocks}x{n.config.channels}"
        boards = ", ".join(str(s) for s in n.sizes) or "any"
        measured = [(size, n.elo(size)) for size in range(MIN_SIZE, MAX_SIZE + 1)]
        elo = "\n".join(f"{size}x{size} {value:+.0f}" for size, value in measured if value is not None)
        table.add_row(n.name, boards, shape, elo, str(n.meta.get("strength", "?")), str(n.meta.get("origin", "?")))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
