"""`triochat admin`: one command for a script, or a prompt for a person, over the console's form for programs."""

import getpass
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triochat.errors import Failure

if TYPE_CHECKING:
    from triochat_admin.remote import Address, Remote

_FAILED, _USAGE = 1, 2

_EPILOG = """\b
Examples:
  triochat admin list
  triochat admin list room=#dev --json
  triochat admin kick Bob "being rude"
  triochat admin 127.0.0.1:6001 status
  triochat admin help kick"""


@click.command(
    epilog=_EPILOG,
    short_help="Manage a running server.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("words", metavar="[ADDRESS] [COMMAND ...]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document (monitor: one a line).")
@click.option("--yes", is_flag=True, help="Go on without asking, such as when a kick hits many.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
@click.option("--check", is_flag=True, help="Let reload only tell what it would do.")
@click.option("--content", is_flag=True, help="Let monitor, search and history show what is said.")
@click.option("--once", is_flag=True, help="Let top measure once and end, as it does anyway in a pipe.")
@click.option("--as", "operator", metavar="NAME", help="Come as the operator NAME of the settings ([[oper]]).")
@click.option(
    "--tls/--no-tls", default=None, help="Encrypt, or do not.  [default: encrypt, except to this machine itself]"
)
@click.option(
    "--trust",
    metavar="FINGERPRINT",
    help="Accept the certificate with this SHA-256 fingerprint and no other, now and later.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    envvar="TRIOCHAT_DATA_DIR",
    help="Where the server keeps its data, and so the admin password.",
)
@click.pass_context
def admin(
    ctx: click.Context,
    words: tuple[str, ...],
    as_json: bool,
    yes: bool,
    dry_run: bool,
    check: bool,
    content: bool,
    once: bool,
    operator: str | None,
    tls: bool | None,
    trust: str | None,
    password_stdin: bool,
    data_dir: Path | None,
) -> None:
    """Manage a running server: with COMMAND do one thing, without it show a prompt. `triochat admin help` lists
    the commands.

    ADDRESS is HOST:PORT or [v6]:PORT, by default 127.0.0.1:5001. It is told from a command by a dot or a colon in
    it, so write mercury:5001, not mercury; localhost will do.

    On the server's machine the password is found by itself. Elsewhere it is TRIOCHAT_ADMIN_PASSWORD, or is asked
    for; so is that of an operator with a name. Another machine must show a certificate that verifies, or the same
    one as on the first visit.
    """
    from triochat_admin.remote import Address, AddressError, Remote, RemoteError, looks_like_address, parse_address

    address = Address()
    if words and looks_like_address(words[0]):
        try:
            address = parse_address(words[0])
        except AddressError as error:
            raise click.BadParameter(str(error)) from None
        words = words[1:]
    flags = {"--yes": yes, "--dry-run": dry_run, "--check": check, "--content": content}
    options = [name for name, given in flags.items() if given]
    if once or (words and _verb(words[0]) == "top" and (as_json or not sys.stdout.isatty())):
        options.append("--once")
    talk = _Talk(as_json)
    if words and _verb(words[0]) == "help":
        ctx.exit(talk.show(_help(" ".join(words).split()[1:])))
    if len(words) > 1 and not _verb(words[0]) and _verb(words[1]) == words[1]:
        raise click.UsageError(f"No command {words[0]}. If it is a host, write {words[0]}:{address.port}.")
    if len(words) > 1 and _verb(words[0]) in ("backup", "export") and address.is_loopback:
        words = (*words[:-1], str(Path(words[-1]).absolute()))
    line = _request(words, options)
    try:
        remote = Remote(address, _connected(address, tls, trust))
        try:
            _log_in(remote, password_stdin, data_dir, operator)
            if line:
                ctx.exit(talk.one_shot(remote, _fitting(line)))
            ctx.exit(talk.prompt(remote) if sys.stdin.isatty() else talk.batch(remote))
        finally:
            remote.close()
    except RemoteError as error:
        raise Failure(str(error)) from None
    except BrokenPipeError:
        # `triochat admin list | head` has what it wanted; Python must not complain about it on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        ctx.exit(_FAILED)


def _connected(address: "Address", tls: bool | None, trust: str | None) -> socket.socket:
    """A connection to the console, encrypted unless it is on this machine or nobody wants it to be."""
    from triochat_admin.remote import reach

    if tls is False and trust is not None:
        raise click.UsageError("--trust means encryption, --no-tls forbids it.")
    if not (tls or trust is not None or (tls is None and not address.is_loopback)):
        return reach(address)
    from triochat.cli.dialling import Refused, Secured
    from triochat.trust import KnownServers, parse_fingerprint

    try:
        trusted = parse_fingerprint(trust) if trust is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--trust") from None
    door = Secured(
        address.host,
        address.port,
        lambda: reach(address),
        KnownServers(),
        lambda sentence: click.echo(sentence, err=True),
        trusted,
    )
    try:
        return door.open()
    except Refused as error:
        raise Failure(str(error)) from None


def _request(words: tuple[str, ...], options: list[str]) -> str:
    """The line for a command that came as words: `kick Bob "being rude"`."""
    if not words:
        return ""
    if len(words) == 1:
        # A whole command in one argument is welcome too: triochat admin "kick Bob".
        verb, _, rest = words[0].strip().partition(" ")
        return " ".join(part for part in (verb, *options, rest) if part)
    # Options stand in front, and end there: text that looks like one stays text.
    return " ".join([words[0], *options, "--", *(_quoted(words[0], word) for word in words[1:])])


def _quoted(verb: str, word: str) -> str:
    """`reason=new version`, which was one word to the shell, is one to the console as well."""
    from triochat_admin.commands import COMMANDS

    key, equals, value = word.partition("=")
    known = any(command.name == _verb(verb) and key in command.keys for command in COMMANDS)
    return f'{key}="{value}"' if known and equals and " " in value and '"' not in value else word


def _help(words: list[str]) -> dict[str, Any]:
    """What help answers, which needs no server."""
    from triochat_admin.commands import explain
    from triochat_admin.grammar import UsageError

    try:
        answer = explain(words)
    except UsageError as error:
        return {"ok": False, "error": str(error), "kind": "usage"}
    return {"ok": True, "text": answer.text, "data": answer.data}


def _log_in(remote: "Remote", from_stdin: bool, data_dir: Path | None, operator: str | None) -> None:
    if not remote.needs_password:
        if from_stdin:
            sys.stdin.readline()
        return
    for password, source in _passwords(remote, from_stdin, data_dir, operator):
        if remote.log_in(f"{operator} {password}" if operator else password):
            return
        raise Failure(f"{remote.address} does not accept {source}.")
    raise Failure(
        f"{remote.address} wants a password: set TRIOCHAT_ADMIN_PASSWORD, use --password-stdin, or name the "
        "server's --data-dir."
    )


def _passwords(
    remote: "Remote", from_stdin: bool, data_dir: Path | None, operator: str | None
) -> Iterator[tuple[str, str]]:
    """Where passwords come from, with what each is called; the first there is counts."""
    if from_stdin:
        yield sys.stdin.readline().rstrip("\r\n"), "the password from stdin"
    if password := os.environ.get("TRIOCHAT_ADMIN_PASSWORD"):
        yield password, "the password in TRIOCHAT_ADMIN_PASSWORD"
    # This machine's password is no other machine's business.
    if remote.address.is_loopback and operator is None:
        from triochat import datadir

        file = datadir.data_dir(data_dir, os.environ) / datadir.PASSWORD_FILE
        try:
            yield file.read_text(encoding="utf-8").strip(), f"the password in {file} (--data-dir names another place)"
        except FileNotFoundError:
            pass
        except (OSError, UnicodeDecodeError) as error:
            if not sys.stdin.isatty():
                reason = getattr(error, "strerror", None) or "it is no text"
                raise Failure(f"Cannot read the admin password from {file}: {reason}.") from None
    if sys.stdin.isatty():
        yield getpass.getpass("Password: "), "that password"


class _Talk:
    """Commands to a console and its answers on stdout."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def show(self, document: dict[str, Any], prefix: str = "triochat: ") -> int:
        """Print an answer; the exit status that it means."""
        from triochat_admin.render import to_json
        from triochat_admin.text import visible_lines

        ok, data = document.get("ok"), document.get("data")
        if self._as_json and data is not None:
            click.echo(to_json(data))
        if ok:
            if not self._as_json:
                click.echo(visible_lines(str(document.get("text", ""))) + _code(data))
            return 0
        click.echo(prefix + visible_lines(str(document.get("error", "refused"))), err=True)
        return _USAGE if document.get("kind") == "usage" else _FAILED

    def one_shot(self, remote: "Remote", line: str) -> int:
        """Give one command; the exit status. A question is not asked: --yes answers it."""
        document = self._last_answer(remote, line)
        if document.get("kind") == "confirm":
            document["error"] = f"{document.get('error')} Add --yes to do it."
        return self.show(document)

    def batch(self, remote: "Remote") -> int:
        """Give the commands that stand on stdin, one on a line; the worst exit status."""
        worst = 0
        for line in sys.stdin:
            if _verb(line) == "quit":
                break
            if line.strip():
                worst = max(worst, self.one_shot(remote, line))
        return worst

    def prompt(self, remote: "Remote") -> int:
        """Ask a person for commands until they leave."""
        from triochat.cli.comfort import Prompt

        ask = Prompt(lambda before: _choices(remote, before)).ask
        greeting = self._last_answer(remote, "status")
        first = str(greeting.get("text", "")).split("\n")[0]
        self.show({"ok": True, "text": f"{first} Type help."})
        while True:
            try:
                line = ask("> ")
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0
            if _verb(line) == "quit":
                return 0
            if line.strip():
                document = self._last_answer(remote, _fitting(line))
                self.show(self._confirmed(remote, line, document), prefix="")

    def _confirmed(self, remote: "Remote", line: str, document: dict[str, Any]) -> dict[str, Any]:
        """*document*, or when it is a question the answer to the same command with a yes."""
        if document.get("kind") != "confirm":
            return document
        self.show(document, prefix="")
        try:
            reply = input("Type yes to go on, Enter to stop: ")
        except (KeyboardInterrupt, EOFError):
            click.echo()
            reply = ""
        if reply.strip().lower() != "yes":
            return {"ok": True, "text": "Nothing done."}
        verb, _, rest = line.strip().partition(" ")
        return self._last_answer(remote, f"{verb} --yes {rest}")

    def _last_answer(self, remote: "Remote", line: str) -> dict[str, Any]:
        """Give a command; print what a monitor shows until Ctrl-C or Enter; the last answer."""
        remote.send(line)
        document: dict[str, Any] = remote.receive(patient=_verb(line) == "backup")
        pictures = _verb(line) == "top" and sys.stdout.isatty()
        if document.get("more"):
            with remote.interruptible():
                document = self._watch(remote, document, pictures)
        return document

    def _watch(self, remote: "Remote", document: dict[str, Any], pictures: bool) -> dict[str, Any]:
        if not pictures and not self._as_json and sys.stdin.isatty() and sys.stdout.isatty():
            document["text"] = f"{document.get('text', '')} Enter or Ctrl-C stops."
        while document.get("more"):
            if pictures:
                click.clear()
            self.show(document)
            if pictures:
                click.echo("Enter or Ctrl-C stops.")
            try:
                document = remote.receive(patient=True)
            except KeyboardInterrupt:
                click.echo(err=True)
                remote.send("")
                document = remote.receive()
        return document


def _code(data: object) -> str:
    """The QR code of an invitation, for a terminal that can show it."""
    link = data.get("link") if isinstance(data, dict) else None
    utf_8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    if not link or not utf_8 or not sys.stdout.isatty():
        return ""
    from triochat_admin.qr import drawn

    code = drawn(str(link), shutil.get_terminal_size().columns)
    return f"\n{code}".removesuffix("\n")


def _verb(line: str) -> str:
    """The name of the command that *line* begins with; "" when there is none."""
    from triochat_admin.commands import COMMANDS
    from triochat_admin.grammar import UsageError, find

    try:
        return find(COMMANDS, line.split()[0]).name if line.strip() else ""
    except UsageError:
        return ""


def _fitting(line: str) -> str:
    """*line*; when it is `top` for a terminal, with as many rows as there is room for."""
    if _verb(line) != "top" or "limit=" in line or "--once" in line or not sys.stdout.isatty():
        return line
    return f"{line} limit={max(1, shutil.get_terminal_size().lines - 4)}"


def _choices(remote: "Remote", before: str) -> tuple[int, list[str]]:
    """What a line could go on with, as the server knows names and rooms."""
    from triochat_admin.remote import RemoteError
    from triochat_admin.text import visible

    try:
        remote.send(f"!complete {before}|")
        data = remote.receive().get("data")
    except RemoteError:
        return len(before), []  # the next command will say so
    if not isinstance(data, dict):
        return len(before), []
    choices = [choice for choice in data.get("choices", ()) if isinstance(choice, str) and visible(choice) == choice]
    return min(int(data.get("start", 0)), len(before)), choices
