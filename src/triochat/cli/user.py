"""`triochat user`."""

import getpass
import json
import sys
from pathlib import Path
from typing import Any

import click

from triochat.cli import finding
from triochat.errors import Failure
from triochat.net.asking import NobodyThere, ask, socket_path

_EPILOG = """\b
Examples:
  triochat user add Alice
  triochat user list
  triochat user suspend Mallory --reason "selling watches"
"""


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
def user() -> None:
    """Manage accounts, whether the server is running or not; a change counts at once.

    It finds the server by its database: give the same --config or --data-dir as to `triochat serve`.
    """


_from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")


@user.command()
@click.argument("name")
@_from_stdin
@finding.options
def add(name: str, password_stdin: bool, config_file: Path | None, data_dir: Path | None) -> None:
    """Make an account; nobody else may use NAME any more."""
    request = {"do": "add", "name": name, "password": _password(password_stdin)}
    done = _ask(request, config_file, data_dir)
    click.echo(f"Added the account {done[0]['name']}.")


@user.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@finding.options
def list_(as_json: bool, config_file: Path | None, data_dir: Path | None) -> None:
    """Show all accounts."""
    accounts = _ask({"do": "list"}, config_file, data_dir)
    if as_json:
        click.echo(json.dumps(accounts))
        return
    width = max([len(account["name"]) for account in accounts] + [4])
    for account in accounts:
        notes = [
            note
            for note, meant in (("suspended", account["suspended"]), ("no password", not account["password"]))
            if meant
        ]
        click.echo(f"{account['name']:{width}}  since {account['created']}  {', '.join(notes)}".rstrip())
    click.echo(f"{len(accounts)} account{'s' if len(accounts) != 1 else ''}.")


@user.command()
@click.argument("name")
@_from_stdin
@finding.options
def passwd(name: str, password_stdin: bool, config_file: Path | None, data_dir: Path | None) -> None:
    """Give an account another password. Who is logged in stays so."""
    request = {"do": "passwd", "name": name, "password": _password(password_stdin)}
    done = _ask(request, config_file, data_dir)
    click.echo(f"Changed the password of {done[0]['name']}.")


@user.command()
@click.argument("name")
@click.option("--reason", default="", help="Shown to who tries to log in.")
@finding.options
def suspend(name: str, reason: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Let nobody log in to an account, and send away who is; `resume` lifts it."""
    done = _ask({"do": "suspend", "name": name, "reason": reason}, config_file, data_dir)
    click.echo(f"Suspended {done[0]['name']}.")


@user.command()
@click.argument("name")
@finding.options
def resume(name: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Lift a suspension."""
    done = _ask({"do": "resume", "name": name}, config_file, data_dir)
    click.echo(f"{done[0]['name']} may log in again.")


@user.command()
@click.argument("name")
@finding.options
def remove(name: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Delete an account, with its private history and its ownership of rooms; the name is free."""
    done = _ask({"do": "remove", "name": name}, config_file, data_dir)
    click.echo(f"Removed {done[0]['name']}.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask for the password: use --password-stdin.")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise Failure("the two passwords differ, nothing was changed.")
    return password


def _ask(request: dict[str, Any], config_file: Path | None, data_dir: Path | None) -> list[dict[str, Any]]:
    settings, directory, database = finding.find(
        config_file, data_dir, otherwise="register accounts on the wire (REGISTER)"
    )
    try:
        answer = ask(socket_path(database), request)
    except NobodyThere:
        from triochat.holdings import ask_offline  # this is most of the server, which usually runs

        answer = ask_offline(settings, directory, request)
    if "error" in answer:
        raise Failure(answer["error"])
    accounts: list[dict[str, Any]] = answer["accounts"]
    return accounts
