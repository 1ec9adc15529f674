"""The configuration file."""

import dataclasses
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from commands.checks import well_formed
from commands.harness import Chat
from fuzz.pieces import unsafe
from triochat.commands.server import Identity, Operator
from triochat.config import as_toml, load, read_file
from triochat.domain.throttle import Throttle
from triochat.doorways import doorway_of, sts_of
from triochat.errors import Failure
from triochat.net.proxy import networks
from triochat.proto.text import visible
from triochat.settings import Settings

_SAID = (
    "CAP REQ :server-time batch sasl",
    "CAP END",
    "NICK A",
    "USER a 0 * :A",
    "REGISTER * * sesame",
    "JOIN #a,#lobby",
    "MODE #a +b x!*@*",
    "TOPIC #a :topic",
    "PRIVMSG #a,A :hello",
    "CHATHISTORY LATEST #a * 9",
    "METADATA * SET a :b",
    "MONITOR + B",
    "AWAY :gone",
    "WHOIS A",
    "WHOWAS A",
    "PART #a :bye",
    "JOIN #a",
    "QUIT :bye",
)


@cache
def _directory() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")  # gone with the process


def config(data: bytes) -> None:
    """Any file is settings that work, and show themselves as a file that means the same; or one sentence that names
    the key."""
    file = Path(_directory().name, "triochat.toml")
    file.write_bytes(data)
    try:
        settings = load(file, {}, {})
    except Failure as failure:
        _is_a_sentence(visible(str(failure)), file)  # as the command line prints it
        return
    _work(settings)
    shown = as_toml(settings)
    assert not any(unsafe(line) for line in shown.split("\n"))
    file.write_text(shown, "utf-8")
    again = load(file, {}, {})
    assert again.listen == settings.listen
    assert as_toml(again) == shown


def _is_a_sentence(said: str, file: Path) -> None:
    assert said.startswith(str(file)), said
    assert said.endswith("."), said
    assert not unsafe(said), said
    if " is not valid TOML" not in said:
        words = set(_words(read_file(file)))
        about = said.removeprefix(str(file))
        assert any(word in about for word in words), said


def _words(value: object) -> Iterator[str]:
    """The keys in a document, as sentences show them."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield visible(key)[:20]
            yield from _words(inner)
    if isinstance(value, list):
        for inner in value:
            yield from _words(inner)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _work(settings: Settings) -> None:
    """A server with these settings starts, and works as far as they let it."""
    assert "\0" not in "".join(_texts(dataclasses.asdict(settings)))  # no path and no host may have it
    for listener in settings.listeners:
        doorway_of(listener, settings)
    networks(settings.server.proxy_allowed_from)
    if (sts := sts_of(settings)) is not None:
        assert sts(True) and sts(False)
    limits, table = settings.limits, settings.server
    if limits.command_rate:
        Throttle(limits.command_rate, limits.command_burst, 0.0).spend(1.0)
    chat = Chat(
        identity=Identity(table.name, table.network, table.description, "1", "today", tuple(table.motd.splitlines())),
        password=table.password or None,
        limits=limits,
        policy=settings.accounts,
        history=settings.history,
        casemapping=table.casemapping,
        operators={oper.name: Operator(oper.name, oper.password or None) for oper in settings.oper},
    )
    alice = chat.connect()
    alice.sends(*_SAID)
    well_formed(alice.sees_bytes())
