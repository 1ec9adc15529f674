"""`triochat gui`: join a chat in a window."""

from dataclasses import replace

import click

from triochat.cli.connect import load_settings, login_name
from triochat.client.names import from_login
from triochat.client.options import DEFAULT_ROOM
from triochat.client.remembered import last_visit
from triochat.errors import Failure


@click.command(epilog="Example: triochat gui chat.example.org:5000 --name Bob")
@click.argument("address", required=False)
@click.option("--name", help="What to be called; asked for when missing and not remembered.")
@click.option("--room", help=f"The room to enter.  [default: {DEFAULT_ROOM}]")
@click.option(
    "--tls/--no-tls", default=None, help="Encrypt, or do not.  [default: encrypt, except to this machine itself]"
)
@click.option(
    "--trust",
    metavar="FINGERPRINT",
    help="Accept the certificate with this SHA-256 fingerprint and no other, now and later.",
)
def gui(address: str | None, name: str | None, room: str | None, tls: bool | None, trust: str | None) -> int:
    """Join the chat at ADDRESS in a window. ADDRESS is what `triochat connect` takes.

    Without it, that is the server of the last visit; a form asks for what is not known.
    """
    try:
        import tkinter  # noqa: F401
    except ImportError:
        raise Failure(
            "The window needs tkinter, which this Python lacks: install it (on Debian and Ubuntu the package "
            "python3-tk), or use triochat connect."
        ) from None
    from triochat.window.app import run
    from triochat.window.wanting import Problem, Wanted, from_visit, listed, options

    settings = load_settings()
    visit = last_visit() if address is None else None
    wanted = from_visit(visit) if visit is not None else Wanted(address or "")
    wanted = replace(
        wanted,
        name=name or wanted.name,
        room=room or wanted.room,
        tls=wanted.tls if tls is None else tls,
        trusted=trust or "",
    )
    wanted = listed(wanted, settings)
    at_once = bool(wanted.address and wanted.name)
    try:
        options(wanted if wanted.name else replace(wanted, name="guest"), settings)
    except Problem as problem:
        raise click.UsageError(str(problem)) from None
    wanted = wanted if wanted.name else replace(wanted, name=from_login(login_name()))
    return run(wanted, settings, at_once=at_once)
