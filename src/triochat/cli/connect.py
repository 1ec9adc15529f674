"""`triochat connect`: join a chat."""

import getpass
import os
import sys
from collections.abc import Callable

import click

from triochat.client import address as addresses
from triochat.client import names, settings_file
from triochat.client.options import DEFAULT_ROOM, Options
from triochat.client.refusal import NameRefused
from triochat.client.remembered import Visit, last_visit
from triochat.client.settings import ServerSettings, Settings
from triochat.terminal.colours import PARTS
from triochat.terminal.keytable import Action
from triochat.trust import parse_fingerprint

_HERE = f"{addresses.DEFAULT_HOST}:{addresses.DEFAULT_PORT}"


@click.command(epilog="Example: triochat connect chat.example.org:5000 --name Bob --room '#dev'")
@click.argument("address", required=False)
@click.option("--name", help="What to be called; asked for when missing and not remembered.")
@click.option("--room", help=f"The room to enter.  [default: {DEFAULT_ROOM}]")
@click.option("--plain", is_flag=True, help="Lines in, lines out; by itself when used in a pipe.")
@click.option("--inline", is_flag=True, help="Lines above a prompt instead of the whole screen.")
@click.option(
    "--tls/--no-tls", default=None, help="Encrypt, or do not.  [default: encrypt, except to this machine itself]"
)
@click.option(
    "--trust",
    metavar="FINGERPRINT",
    help="Accept the certificate with this SHA-256 fingerprint and no other, now and later.",
)
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password, of the server or of your account, from the first line of stdin.",
)
def connect(
    address: str | None,
    name: str | None,
    room: str | None,
    plain: bool,
    inline: bool,
    tls: bool | None,
    trust: str | None,
    password_stdin: bool,
) -> int:
    """Join the chat at ADDRESS: HOST, HOST:PORT, [IPv6]:PORT, irc://HOST/ROOM, ircs://HOST/ROOM, or a name from the
    settings. Without it, on a terminal, that is the server of the last visit, else this machine.

    Who answers on another machine must show a certificate that verifies, or the same one as on the first visit.

    In a pipe, every line of stdin is said in the room, and stdout gets what others say.
    """
    _open_missing_streams()
    settings = load_settings()
    listed = settings.servers.get(address or "", ServerSettings(""))
    visit = last_visit() if address is None and os.isatty(0) else None
    if visit is not None:
        name = name or visit.name
        tls = visit.tls if tls is None else tls
        room = room or visit.room or None
    name = name or listed.name or None
    room = room or listed.room or None
    trust = trust or listed.trust or None
    text = listed.address or address or (visit.address if visit is not None else _HERE)
    try:
        place = addresses.parse(text, tls=True if trust is not None and tls is None else tls)
    except addresses.BadAddress as error:
        raise click.BadParameter(str(error), param_hint="ADDRESS") from None
    try:
        trusted = parse_fingerprint(trust) if trust is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--trust") from None
    if trusted and not place.tls:
        raise click.UsageError("--trust means encryption, --no-tls forbids it.")
    problem = names.problem(name) if name is not None else None
    if problem:
        raise click.BadParameter(problem, param_hint="--name")
    if room is not None and names.room_problem(room):
        raise click.BadParameter(names.room_problem(room) or "", param_hint="--room")
    password = _password() if password_stdin else place.password
    visit = Visit(addresses.without_password(text), name or "", room or "", tls) if os.isatty(0) else None
    options = Options(place, room or place.room or DEFAULT_ROOM, password, trusted, settings, visit)
    if plain or not (os.isatty(0) and os.isatty(1)):
        from triochat.terminal.plain import run
    else:
        from triochat.terminal.app import run_inline, run_on_screen

        run = run_inline if inline else run_on_screen
    if os.isatty(0):
        return _ask_until_accepted(lambda name: run(options, name), name)
    # Lines in a pipe are for the room: none of them is taken for a name.
    return run(options, name or names.from_login(login_name()))


def _ask_until_accepted(chat: Callable[[str], int], name: str | None) -> int:
    while True:
        try:
            return chat(name or _ask_name())
        except NameRefused as error:
            click.echo(str(error), err=True)
            name = None


def _ask_name() -> str:
    """Ask until the answer can be a name; the server has the last word. Ctrl-D and Ctrl-C leave quietly."""
    while True:
        click.echo("Enter your name: ", nl=False, err=not os.isatty(1))
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            line = ""
        if not line:
            click.echo(err=not os.isatty(1))
            raise click.Abort
        problem = names.problem(line.strip())
        if problem is None:
            return line.strip()
        click.echo(problem, err=True)


def _open_missing_streams() -> None:
    """Have something behind 0, 1 and 2: a shell's `<&-` would let the connection itself become standard input."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def load_settings() -> Settings:
    """The client's settings; raises Failure."""
    return settings_file.load(allowed={"colours": PARTS, "keys": [action.value for action in Action]})


def login_name() -> str:
    """What the operating system calls the person, or nothing."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _password() -> str:
    """The first line of stdin and nothing behind it: the rest is for the room."""
    if os.isatty(0):
        return getpass.getpass("Password: ")
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode(errors="replace").rstrip("\r")
