"""MARKREAD: how far a person has read, the same for all their clients
(https://ircv3.net/specs/extensions/read-marker).

Markers belong to the account, and outlive the process; those of people without one last as long as their user.
"""

from __future__ import annotations

from triochat.commands.context import Client
from triochat.commands.times import BadTime, milliseconds
from triochat.domain.entry import Record, Submission
from triochat.domain.markers import Owner
from triochat.fanout.render import timestamp
from triochat.proto.caps import Cap
from triochat.proto.message import Message


def markread(client: Client, message: Message) -> None:
    """MARKREAD target [timestamp=…]."""
    server = client.server
    if not message.params:
        client.fail("MARKREAD", "NEED_MORE_PARAMS", text="Missing parameters")
        return
    target = message.params[0]
    if not target or " " in target or target[0] == ":" or len(target.encode()) > server.limits.channel_length:
        client.fail("MARKREAD", "INVALID_PARAMS", text="There is nothing of this name to read")
        return
    if len(message.params) == 1:
        client.send_lines(marker_lines(client, target, always=True))
        return
    try:
        asked = milliseconds(message.params[1])
    except BadTime as error:
        client.fail("MARKREAD", "INVALID_PARAMS", target, text=str(error))
        return
    owner, key = _owner(client), server.fold(target)
    known = server.markers.get(owner, key)
    changes: tuple[Record, ...] = ()
    if known is None or asked > known:
        changes = server.markers.set(owner, key, min(asked, int(server.wall_clock() * 1000)))
    lines = marker_lines(client, target, always=True)
    sink = client.session.sink
    client.submit(Submission(None, origin=sink, after=client.encode(lines), changes=changes))
    if changes or known is None or asked > known:
        for session in client.user.sessions:
            if session.sink is not sink and session.caps & Cap.READ_MARKER:
                server.journal.submit(Submission(None, origin=session.sink, after=client.encode(lines)))


def marker_lines(client: Client, target: str, *, always: bool = False) -> list[str]:
    """Where the marker of *target* is; for clients that negotiated it, or *always*."""
    if not always and not client.has(Cap.READ_MARKER):
        return []
    server = client.server
    time_ms = server.markers.get(_owner(client), server.fold(target))
    where = "*" if time_ms is None else f"timestamp={timestamp(time_ms)}"
    return [client.line("MARKREAD", target, where)]


def _owner(client: Client) -> Owner:
    account = client.user.account
    return Owner(client.server.fold(account), None) if account is not None else Owner(None, client.user)
