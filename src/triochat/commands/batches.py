"""BATCH: messages of several lines from clients (https://ircv3.net/specs/extensions/client-batch,
https://ircv3.net/specs/extensions/multiline).

A client opens a batch, sends its lines, and closes it; then they are sent as one message, by the rules for any
message. One batch of a client is open at a time. What is wrong with it is told at once, in one FAIL, and the rest
of it is ignored. Lines that are no part of it are handled as ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from triochat.commands import messaging
from triochat.commands.context import Client
from triochat.commands.labels import Labelled
from triochat.domain import multiline
from triochat.domain.entry import LINES
from triochat.domain.errors import Refused
from triochat.domain.limits import Limits
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message, byte_length

_TYPE = "draft/multiline"
_CONCAT = "draft/multiline-concat"
_LINE_TAGS = frozenset({"batch", _CONCAT})
_REFERENCE = re.compile(r"[a-zA-Z0-9-]+")


class _Invalid(Exception):
    """The batch cannot be sent; carries the FAIL's code, its context and its text."""

    def __init__(self, text: str, code: str = "MULTILINE_INVALID", *context: str) -> None:
        super().__init__(text)
        self.code = code
        self.context = context


class Batch:
    """A batch that was opened. *label* is the labelled command that opened it; its answer is what becomes of it."""

    __slots__ = ("command", "ignored", "label", "lines", "reference", "size", "tags", "target")

    def __init__(self, reference: str, target: str = "", tags: str = "", label: Labelled | None = None) -> None:
        self.reference = reference
        self.target = target
        self.tags = tags
        self.label = label
        self.ignored = False
        """True when it was refused already."""
        self.command = ""
        self.lines: list[tuple[str, bool]] = []
        """Each line, and whether it continues the one before it."""
        self.size = 0
        """Bytes of what the message says."""

    def add(self, command: str, line: str, continued: bool, limits: Limits) -> None:
        """One more line."""
        if continued and not line:
            raise _Invalid("A blank line cannot continue another")
        if self.command not in ("", command):
            raise _Invalid("A message is of PRIVMSG or of NOTICE lines, not of both")
        self.command = command
        if self.lines and not continued:
            self.size += len(multiline.NEW_LINE)
        self.size += byte_length(line)
        self.lines.append((line, continued))
        if len(self.lines) > limits.multiline_max_lines:
            most = str(limits.multiline_max_lines)
            raise _Invalid(f"A message has at most {most} lines", "MULTILINE_MAX_LINES", most)
        if self.size > limits.multiline_max_bytes:
            most = str(limits.multiline_max_bytes)
            raise _Invalid(f"A message has at most {most} bytes", "MULTILINE_MAX_BYTES", most)

    def give_up(self) -> None:
        """Ignore what is still to come of it."""
        self.ignored = True
        self.label = None
        self.lines.clear()


def takes(client: Client) -> bool:
    """True when *client* may send batches: then a line with a batch tag is part of one, and is not sent by itself."""
    return bool(client.session.sink.flavour & Cap.MULTILINE) and client.registration is None


def batch(client: Client, message: Message) -> None:
    """BATCH +reference draft/multiline target, or BATCH -reference."""
    if not takes(client):
        client.batch = None
        raise Refused(n.ERR_UNKNOWNCOMMAND, "BATCH")
    sign, reference = message.params[0][:1], message.params[0][1:]
    if sign == "+":
        if client.batch is not None and not client.batch.ignored:
            _refuse(client, client.batch, _Invalid("Another message was begun before this one was complete"))
        client.batch = Batch(reference)
        _open(client, client.batch, message)
    elif client.batch is None or message.params[0] != f"-{client.batch.reference}":
        _refuse(client, client.batch, _Invalid("There is no such batch to close"))
    else:
        opened, client.batch = client.batch, None
        _close(client, opened)


def collect(client: Client, message: Message) -> None:
    """A line with a batch tag."""
    opened = client.batch
    try:
        if opened is None or message.tags["batch"] != opened.reference:
            raise _Invalid("The line belongs to no batch that is open")
        if not opened.ignored:
            _collect(client, opened, message)
    except _Invalid as error:
        _refuse(client, opened, error)


def spoil(client: Client) -> None:
    """A line of *client* could not be read: it may have been part of the message, which is never sent in part."""
    if client.batch is not None and not client.batch.ignored:
        _refuse(client, client.batch, _Invalid("A line of the message could not be read"))


def _open(client: Client, opened: Batch, message: Message) -> None:
    """Take what the opening line says, or refuse it and all that will come of its batch."""
    kind, target = [*message.params[1:3], "", ""][:2]
    reference = opened.reference
    try:
        if not _REFERENCE.fullmatch(reference):
            raise _Invalid("A reference is of letters, digits and hyphens", "INVALID_REFTAG", reference)
        if kind != _TYPE:
            raise _Invalid("Batches of this type are not for clients", "UNKNOWN_TYPE", reference, kind)
        if not target or "," in target:
            raise _Invalid("A message of several lines has one target")
    except _Invalid as error:
        _refuse(client, opened, error)
        return
    opened.target = target
    opened.tags = messaging.client_tags(client, message)
    opened.label = client.hold_label()


def _collect(client: Client, opened: Batch, message: Message) -> None:
    if message.command not in LINES or len(message.params) < 2:
        raise _Invalid("A message is of PRIVMSG or NOTICE lines with a target and a text")
    if not message.tags.keys() <= _LINE_TAGS:
        raise _Invalid("Tags belong to the BATCH that begins the message")
    target, line = message.params[:2]
    if client.server.fold(target) != client.server.fold(opened.target):
        text = "All lines of a message have the same target"
        raise _Invalid(text, "MULTILINE_INVALID_TARGET", opened.target, target)
    opened.add(message.command, line, _CONCAT in message.tags, client.server.limits)


def _close(client: Client, closed: Batch) -> None:
    """Send the message."""
    if closed.ignored:
        return
    if not any(line for line, _ in closed.lines):
        _refuse(client, closed, _Invalid("There is nothing in the message but blank lines"))
        return
    with _answering(client, closed.label):
        messaging.say(client, closed.command, closed.target, multiline.join(closed.lines), closed.tags)


def _refuse(client: Client, refused: Batch | None, error: _Invalid) -> None:
    with _answering(client, refused.label if refused is not None else None):
        client.fail("BATCH", error.code, *error.context, text=str(error))
    if refused is not None:
        refused.give_up()


@contextmanager
def _answering(client: Client, label: Labelled | None) -> Iterator[None]:
    """What is said within answers the command that opened the batch, if it had a label, and not the one at hand."""
    if label is None:
        yield
        return
    own = client.hold_label()
    client.resume_label(label)
    try:
        yield
    finally:
        client.end_label()
        client.resume_label(own)
