"""The `triochat` command. Only this package parses arguments, prints errors and decides exit statuses.

Each subcommand has a module of its own, imported when it is asked for: `triochat connect` never pays for the
server, nor `triochat serve` for the client.
"""

import importlib
import io
import sys
from typing import NoReturn

import click

from triochat import __version__
from triochat.errors import Failure
from triochat.proto.text import visible, visible_lines

_COMMANDS = {
    "serve": "Start a chat server.",
    "connect": "Join a chat.",
    "gui": "Join a chat in a window.",
    "admin": "Manage a running server.",
    "user": "Manage accounts.",
    "export": "Print the log of a room.",
    "config": "Show, check or create settings.",
}


class _Commands(click.Group):
    """Finds subcommand NAME as the function NAME in the module triochat.cli.NAME."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(importlib.import_module(f"triochat.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: triochat serve, then in a second terminal triochat connect --name Bob",
)
@click.version_option(__version__, prog_name="triochat")
def triochat() -> None:
    """A chat server for people who live in terminals."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 it failed (one sentence on stderr), 2 usage."""
    try:
        status = triochat.main(arguments, prog_name="triochat", standalone_mode=False)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        click.echo(visible_lines(said.getvalue()), err=True, nl=False)  # it may quote a link from somebody else
        sys.exit(error.exit_code)
    except Failure as error:
        click.echo(f"triochat: {visible(str(error))}", err=True)
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)
