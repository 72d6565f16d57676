"""The ``gogame`` command: one table of sub-commands, each imported when it is called.

So ``gogame --help`` imports nothing heavy, and this lowest layer imports no higher one. A sub-command is a
``click.Command`` found under "module:object".
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

import click

from gogame import DIST_NAME


class Entry(NamedTuple):
    """One sub-command."""

    target: str  # "module:object"
    help: str  # its line in `gogame --help`


BOARD = Entry("gui.app:command", "The board: play in a window (also: gogame without a command).")
COMMANDS = {
    "board": BOARD,
    "gtp": Entry("mcts.commands:gtp", "GTP engine on standard input and output, for any Go client."),
    "analysis": Entry("mcts.commands:analysis", "JSON analysis engine on standard input and output, for KaTrain."),
    "selfplay": Entry("selfplay.command:command", "Train a network by self-play; the same command resumes."),
    "learn": Entry("nets.learn:command", "Train a network from game records; the same command resumes."),
    "measure": Entry("nets.measure:command", "Move prediction and value error of a network on game records."),
    "match": Entry("selfplay.match_command:command", "Engine against engine, with Elo and error bars."),
    "doctor": Entry("selfplay.doctor:command", "Check the installation, with the dialogues of real clients."),
    "bench": Entry("selfplay.bench:command", "The figures of this machine, as a table."),
    "nets": Entry("mcts.commands:nets", "The networks that are installed."),
}


def load(entry: Entry) -> click.Command:
    """Imports a sub-command."""
    module, _, name = entry.target.partition(":")
    command = getattr(import_module(module), name)
    if not isinstance(command, click.Command):
        raise TypeError(f"{entry.target} is not a click command")
    return command


class LazyGroup(click.Group):
    """A click group over :data:`COMMANDS` that lists them without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        return load(entry) if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """``gogame game.sgf`` shows that game on the board."""
        if args and args[0] not in COMMANDS and args[0].lower().endswith(".sgf"):
            return "board", load(BOARD), args
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"gogame {version(DIST_NAME)}")
        ctx.exit()


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Version.")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Play Go against a network that learned the game by itself.

    Without a command the board opens, and with the name of an SGF file in its place the board with that game. Each
    command has its own --help, with an example.
    """
    if ctx.invoked_subcommand is None:
        board = load(BOARD)
        with board.make_context("board", [], parent=ctx) as inner:
            board.invoke(inner)


def _fail(message: object, status: int) -> NoReturn:
    # What a file or a program says may hold codes for the terminal; surrogates are bytes of a path.
    shown = (c if c.isprintable() or "\ud800" <= c <= "\udfff" else " " for c in str(message))
    text = " ".join("".join(shown).split()) or "stopped for an unknown reason"
    try:
        sys.stderr.write(f"gogame: {text}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # no standard error to tell it on
        pass
    sys.exit(status)


def main(args: list[str] | None = None) -> Any:
    """Runs the command. Whatever goes wrong is one line on standard error and an exit status above 0.

    With GOGAME_DEBUG set in the environment, errors show their traceback instead.
    """
    with contextlib.suppress(AttributeError, ValueError, OSError):  # no output, or not one of text
        if sys.stdout.errors == "strict":
            sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a code page without ± is no error
    if os.environ.get("GOGAME_DEBUG"):
        return cli.main(args=args, prog_name="gogame")
    try:
        status = cli.main(args=args, prog_name="gogame", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.UsageError as error:
        where = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        _fail(error.format_message() + where, 2)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except BrokenPipeError:
        # The reader of our output went away: not worth a word, but what is buffered must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
    except ModuleNotFoundError as error:
        _fail(f"a part of the installation is missing: {error}", 1)
    except MemoryError:
        _fail("out of memory", 1)
    except (ValueError, OSError) as error:
        _fail(error, 1)
    except Exception as error:
        _fail(f"internal error: {type(error).__name__}: {error} (GOGAME_DEBUG=1 shows where)", 1)
