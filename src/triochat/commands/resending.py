"""Sending a line again without saying it twice.

A client that negotiated the capability `triochat/resend` may put the tag `+triochat/id=ID` on a PRIVMSG or NOTICE to
one target: 16 to 64 letters, digits, `-` and `_`, chosen at random for this line. When a connection breaks before the
answer has come, the client sends the line on the next one with the same ID and the tag `+triochat/again`. A line that
was accepted before is not said a second time; its sender gets the same echo with the same msgid. Ids are shown to
nobody, are remembered for a week, and outlive the server.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable

from triochat.commands.context import Client
from triochat.domain.entry import Entry, Sent, Submission
from triochat.fanout.render import encode_always
from triochat.ports import StoreFault
from triochat.proto.caps import Cap
from triochat.proto.message import Message

ID, AGAIN = "+triochat/id", "+triochat/again"
TAGS = frozenset({ID, AGAIN})
"""Tags that are between a client and the server."""
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


def id_of(client: Client, message: Message) -> str | None:
    """The client's own id of *message*; None when it has none."""
    return message.tags.get(ID) if client.has(Cap.RESEND) else None


def is_valid(id: str) -> bool:
    """True for what can be an id."""
    return _ID.fullmatch(id) is not None


def mark(client: Client, id: str, submission: Submission) -> None:
    """*submission* is of the line that the client calls *id*: it is remembered in the same commit, or refused."""
    entry = submission.entry
    assert entry is not None
    sent = Sent(id, entry.msgid, entry.seq, entry.time_ms)
    sendings = client.server.sendings
    sendings.put(sent)
    submission.changes = (*submission.changes, sent)
    submission.refused = submission.refused or client.not_stored
    submission.failed = lambda fault: sendings.forget(id)


def is_known(client: Client, message: Message, id: str) -> Awaitable[Sent | None] | None:
    """What was accepted under *id* before, to be awaited; None when it is surely new."""
    if client.server.sendings.get(id) is None and AGAIN not in message.tags:
        return None
    return _find(client, id)


async def _find(client: Client, id: str) -> Sent | None:
    await client.server.journal.barrier()  # what is on its way may still be refused
    known = client.server.sendings.get(id)
    return known if known is not None else await client.server.journal.history.sent(id)


def answer(client: Client, sent: Sent, command: str, target: str, text: str) -> None:
    """Tell the sender once more what it may have missed: the echo of its line."""
    if client.has(Cap.ECHO_MESSAGE):
        user = client.user
        entry = Entry(sent.seq, sent.msgid, sent.time_ms, user.source, command, (target, text), (), user.account)
        client.send_lines(encode_always(entry, client.session.sink.flavour).decode().split("\r\n")[:-1])


def refuse(client: Client, command: str, fault: StoreFault | None = None) -> None:
    """The line can be neither answered nor sent."""
    if fault is None:
        text = "An id has 16 to 64 letters, digits, - and _, and is for one target"
        client.fail(command, "INVALID_ID", text=text)
    else:
        client.fail(
            command, "MESSAGE_NOT_STORED", text="Your message could not be stored and was not sent. Try again"
        )
