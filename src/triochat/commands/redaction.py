"""REDACT: taking a message back (https://ircv3.net/specs/extensions/message-redaction).

The message is gone from the log for good; who has seen it learns that it is not to be shown any more.
"""

from triochat.commands.context import Client
from triochat.commands.history import Log, find_log
from triochat.commands.operators import role_of
from triochat.domain import mail, modes
from triochat.domain.audience import Sink
from triochat.domain.entry import LINES, Entry, Erasure, Submission
from triochat.domain.errors import Refused
from triochat.domain.user import User
from triochat.managing import includes
from triochat.ports import Span, StoreFault
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message


async def redact(client: Client, message: Message) -> None:
    """REDACT target msgid [:reason]."""
    if not client.has(Cap.MESSAGE_REDACTION):
        raise Refused(n.ERR_UNKNOWNCOMMAND, "REDACT")
    target, msgid = message.params[:2]
    reason = message.params[2][: client.server.limits.kick_length] if len(message.params) > 2 else ""
    log = find_log(client, target)
    if log is None:
        client.fail("REDACT", "INVALID_TARGET", target, text="There is nothing here that you may take back")
        return
    try:
        entry = await _find(client, log, msgid)
    except StoreFault:
        client.fail(
            "REDACT", "UNKNOWN_MSGID", target, msgid, text="Messages cannot be looked up now, try again later"
        )
        return
    if entry is None or client.closing is not None:
        client.fail("REDACT", "UNKNOWN_MSGID", target, msgid, text="There is no such message, or not any more")
    elif not _may_redact(client, target, entry):
        client.fail("REDACT", "REDACT_FORBIDDEN", target, msgid, text="Only your own messages, or you tend the room")
    elif target[:1] == "#":
        _redact_in_room(client, target, entry, reason)
    else:
        _redact_private(client, target, entry, reason)


async def _find(client: Client, log: Log, msgid: str) -> Entry | None:
    history = client.server.journal.history
    seq = await history.locate(log.log, msgid)
    if seq is None or seq <= log.after:
        return None
    found = await history.read([Span(log.log, seq - 1, seq + 1)], 1)
    return found[0] if found and found[0].command in (*LINES, "TAGMSG") else None


def _may_redact(client: Client, target: str, entry: Entry) -> bool:
    """One's own messages; those of others where one tends the room."""
    user = client.user
    if entry.account is not None:
        own = client.server.world.accounts.find(user.account) if user.account is not None else None
        # The account may be a later one of the same name.
        if own is not None and own.name == entry.account and own.created * 1000 <= entry.time_ms:
            return True
    elif (
        entry.source == user.source
        and entry.time_ms >= user.signed_on * 1000
        and user.account is None
        and all(former.left_at < entry.time_ms // 1000 for former in client.server.past.find(user.nick))
    ):
        return True  # said by this very user, who has been here since, and nobody else has had the name
    if target[:1] != "#":
        return False
    room = client.server.world.rooms.get(client.server.fold(target))
    return room is not None and (
        room.rank(user) >= modes.HALF_OPERATOR
        or (user in room.members and includes(role_of(client.server, user), "moderator"))
    )


def _redact_in_room(client: Client, target: str, entry: Entry, reason: str) -> None:
    server, user = client.server, client.user
    room = server.world.find_visible_room(target, user)  # it may have gone while the message was looked up
    room.check_member(user)
    params = (room.name, entry.msgid, *([reason] if reason else []))
    redaction = client.entry("REDACT", params, room.logs)
    erasure = Erasure(room.log, entry.seq)
    client.submit(
        Submission(
            redaction,
            room.audiences,
            origin=client.session.sink,
            echo=True,
            refused=client.not_stored,
            changes=(erasure,),
        )
    )


def _redact_private(client: Client, target: str, entry: Entry, reason: str) -> None:
    """From both copies of the conversation."""
    server, user = client.server, client.user
    names = server.world.names
    other = server.world.users.get(server.fold(target))
    own = mail.key_of(names, user)
    partner = mail.key_of(names, other) if other is not None else server.fold(target)
    logs = tuple(dict.fromkeys((mail.log_of(own, partner), mail.log_of(partner, own))))
    if other is not None and other.account is None:
        logs = logs[:1]  # who has no account has no copy
    params = (target, entry.msgid, *([reason] if reason else []))
    redaction = client.entry("REDACT", params, logs)
    client.submit(
        Submission(
            redaction,
            recipients=_capable(user, other),
            origin=client.session.sink,
            echo=True,
            refused=client.not_stored,
            changes=tuple(Erasure(log, entry.seq) for log in logs),
        )
    )


def _capable(*users: User | None) -> list[Sink]:
    return [
        session.sink
        for user in users
        if user is not None
        for session in user.sessions
        if session.caps & Cap.MESSAGE_REDACTION
    ]
