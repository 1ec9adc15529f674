"""What of the offered capabilities one client is told: their values, and, with `cap-notify`, what becomes of them
while the server runs (https://ircv3.net/specs/extensions/capability-negotiation)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from triochat.commands.context import Client
from triochat.commands.sasl import mechanisms_for
from triochat.commands.server import Server
from triochat.domain.entry import Submission
from triochat.proto.caps import Cap, names_of


class Offer(NamedTuple):
    """What a server offers at some time; *values* are those that are the same for everybody."""

    caps: int
    values: Mapping[str, str]


def offer_of(server: Server) -> Offer:
    """What *server* offers now."""
    return Offer(server.offered, server.cap_values)


def values_for(client: Client) -> dict[str, str]:
    """What clients that speak version 302 are told besides the names."""
    server = client.server
    values = dict(server.cap_values)
    if server.offered & Cap.SASL:
        values["sasl"] = ",".join(mechanisms_for(client))
    if server.sts is not None and client.session.door != "websocket":  # its port takes no WebSocket
        values["sts"] = server.sts(client.session.tls)
    return values


def tell_of_changes(client: Client, former: Offer) -> None:
    """Tell *client*, if it wants to know, what is offered otherwise than at the time of *former*, and cancel what is
    offered no more. A client that does not want to know keeps its capabilities."""
    if not client.has(Cap.CAP_NOTIFY):
        return
    server, nick = client.server, client.nick
    now = offer_of(server)
    gone = former.caps & ~now.caps
    then = set(names_of(former.caps))
    lines, new = [], []
    if gone:
        client.set_caps(client.session.caps & ~gone)
        lines.append(client.line("CAP", nick, "DEL", " ".join(names_of(gone))))
    for name in names_of(now.caps):
        value = now.values.get(name, "") if client.version_302 else ""
        if name not in then or (client.version_302 and former.values.get(name, "") != value):
            new.append(f"{name}={value}" if value else name)
    if new:
        lines.append(client.line("CAP", nick, "NEW", " ".join(new)))
    if lines:  # past what the client is being answered just now
        server.journal.submit(Submission(None, origin=client.session.sink, after=client.encode(lines)))
