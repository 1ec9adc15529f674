"""From a parsed line to its handler: look up, check, run, and turn refusals into replies."""

from collections.abc import Awaitable
from functools import partial

from triochat.commands import batches
from triochat.commands.barring import check_mute
from triochat.commands.context import Client
from triochat.commands.labels import LONGEST_LABEL
from triochat.commands.registry import Handler
from triochat.commands.table import COMMANDS
from triochat.domain.errors import Refused
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.errors import InvalidUtf8, MalformedMessage, MessageTooLong, TagsTooLong
from triochat.proto.message import MAX_CLIENT_TAGS, Message, decode, parse, parse_received, parse_tags
from triochat.proto.numerics import Numeric


def handle_line(client: Client, line: bytes) -> Awaitable[None] | None:
    """Do what one received line says. Returns what must be awaited before the next line, None when all is done."""
    try:
        message = parse_received(line)
    except (MessageTooLong, TagsTooLong) as error:
        return _refuse_line(client, line, n.ERR_INPUTTOOLONG, reason=str(error))
    except InvalidUtf8 as error:
        batches.spoil(client)
        # Parsed all the same, for what its answer needs: the command, and a label that can be read.
        try:
            command = parse(line.decode("utf-8", "replace")).command
        except MalformedMessage:
            command = "*"
        return _labelled(client, Message(command, tags=_tags_of(line)), partial(_refuse_utf8, str(error)))
    except MalformedMessage as error:
        return _refuse_line(client, line, n.ERR_UNKNOWNERROR, _command_of(line), reason=str(error))
    return handle(client, message)


def _refuse_line(client: Client, line: bytes, numeric: Numeric, *params: str, reason: str) -> Awaitable[None] | None:
    """Tell why *line* cannot be read; with its label, if at least its tags can be."""
    batches.spoil(client)

    def tell(client: Client, message: Message) -> None:
        client.reply(numeric, *params, text=reason)

    return _labelled(client, Message("*", tags=_tags_of(line)), tell)


def _tags_of(line: bytes) -> dict[str, str]:
    raw, space, _ = line[1:].partition(b" ")
    if line[:1] != b"@" or not space or len(raw) > MAX_CLIENT_TAGS:
        return {}
    try:
        return parse_tags(decode(raw))
    except MalformedMessage:
        return {}


def _refuse_utf8(reason: str, client: Client, message: Message) -> None:
    command = message.command if message.command.isascii() and message.command.isalnum() else "*"
    client.fail(command[:32], "INVALID_UTF8", text=reason)


def handle(client: Client, message: Message) -> Awaitable[None] | None:
    """Run the handler of *message*; with a label, make one answer of all that it says."""
    if client.closing is not None:
        return None  # it has left the world: nothing that it says may bring it back
    return _labelled(client, message, _run_tagged) if message.tags else _run(client, message)


def _labelled(client: Client, message: Message, run: Handler) -> Awaitable[None] | None:
    label = message.tags.get("label", "") if client.has(Cap.LABELED_RESPONSE) else ""
    if not label or len(label) > LONGEST_LABEL:
        return run(client, message)
    client.begin_label(label)
    waiting = None
    try:
        waiting = run(client, message)
    finally:
        if waiting is None:
            client.end_label()
    return None if waiting is None else _finish_labelled(client, waiting)


async def _finish_labelled(client: Client, waiting: Awaitable[None]) -> None:
    try:
        await waiting
    finally:
        client.end_label()


def _run_tagged(client: Client, message: Message) -> Awaitable[None] | None:
    if "batch" in message.tags and batches.takes(client):
        batches.collect(client, message)
        return None
    return _run(client, message)


def _run(client: Client, message: Message) -> Awaitable[None] | None:
    command = COMMANDS.get(message.command)
    if command is None:
        client.reply(n.ERR_UNKNOWNCOMMAND, _printable(message.command))
        return None
    if client.registration is not None and not command.before_registration:
        client.reply(n.ERR_NOTREGISTERED)
        return None
    if command.cost > 1:
        client.cost += command.cost - 1
    if len(message.params) < command.params:
        client.reply(n.ERR_NEEDMOREPARAMS, command.name)
        return None
    try:
        if command.speaks and client.server.bans.muting:
            check_mute(client, message)
        waiting = command.handler(client, message)
    except Refused as refused:
        client.refuse(refused)
        return None
    return None if waiting is None else _finish(client, waiting)


async def _finish(client: Client, waiting: Awaitable[None]) -> None:
    try:
        await waiting
    except Refused as refused:
        client.refuse(refused)


def _command_of(line: bytes) -> str:
    """A word for replies to lines that could not be parsed."""
    words = [word for word in line.split(b" ") if word and word[:1] not in (b"@", b":")]
    word = words[0].decode("ascii", "replace").upper() if words else "*"
    return _printable(word) if word.isalnum() else "*"


def _printable(command: str) -> str:
    return command[:32] if command.isprintable() and command[:1] != ":" else "*"
