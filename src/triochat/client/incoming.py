"""What the lines of a server do to a session, one function for each command or numeric. Pure.

A handler gets the session, the message and its time, and returns events. No input raises, whatever the server
sends: handlers look at messages through `reading` only.
"""

from datetime import datetime

from triochat.client import incoming_account, incoming_rooms, incoming_speech, names, replies
from triochat.client.events import (
    Cause,
    Dropped,
    Event,
    JoinFailed,
    LoginFailed,
    NotSent,
    Refused,
    Registered,
    ServerSaid,
    Supported,
)
from triochat.client.features import CAP_END
from triochat.client.reading import Handler, at, said, shown, time_of
from triochat.client.session import Session, clean
from triochat.proto.errors import MalformedMessage
from triochat.proto.message import Message, parse

_MOST_NAME_ATTEMPTS = 30


def receive(session: Session, line: bytes, now: datetime) -> list[Event]:
    """Apply one *line* without its line end to *session*; returns what happened, if anybody needs to know."""
    session.now = now
    text = line.decode(errors="replace").replace("\0", "").replace("\r", "")
    try:
        message = parse(text)
    except MalformedMessage:
        return []
    whole = incoming_speech.gathered(session, message)
    if whole is None:
        return []
    time = time_of(whole, now)
    reference = whole.tags.get("batch", "")
    for past in (session.catchup, session.searches):
        if reference and past.is_open(reference) and whole.command != "BATCH":
            # History may hold joins and the like, too. They change nothing any more.
            if whole.command in ("PRIVMSG", "NOTICE"):
                past.add(reference, said(session, whole, time))
            return []
    return session.catchup.pass_on(_handle(session, whole, time))


def _handle(session: Session, message: Message, time: datetime) -> list[Event]:
    handler = _HANDLERS.get(message.command)
    if handler is not None:
        return handler(session, message, time)
    return _error(session, message, time) if replies.is_error(message.command) else []


# -- registration


def _cap(session: Session, message: Message, time: datetime) -> list[Event]:
    for words in session.caps.receive(message.params):
        if words == CAP_END:
            session.end_negotiation()
        else:
            session.send(*words)
    return []


def _welcome(session: Session, message: Message, time: datetime) -> list[Event]:
    if session.online:
        return []
    session.registered(shown(message, 0) or session.name)
    session.ping(session.now)
    return [Registered(session.name, session.wanted, session.wanted_is_reserved)]


def _isupport(session: Session, message: Message, time: datetime) -> list[Event]:
    before = session.features.casemapping
    session.features.learn(message.params[1:-1])
    after = session.features.casemapping
    return [Supported(after)] if after != before else []


def _name_taken(session: Session, message: Message, time: datetime) -> list[Event]:
    if session.features.is_room(at(message, 1)):
        return _error(session, message, time)  # 437 is about rooms, too
    if not session.online:
        session.wanted_is_reserved |= at(message, 1) == session.wanted and replies.is_reserved(message)
        session.attempts += 1
        if session.attempts > _MOST_NAME_ATTEMPTS:
            return [Refused(Cause.NAME, f"{session.wanted} and all names like it are taken here.")]
        session.name = names.another(session.wanted, session.attempts)
        session.send("NICK", session.name)
        return []
    if session.again and at(message, 1) == session.wanted:
        return []  # our own attempt to take the old name back; there will be another
    return [ServerSaid(clean(replies.sentence(message)), True, time)]


def _name_refused(session: Session, message: Message, time: datetime) -> list[Event]:
    if session.online:
        return [ServerSaid(clean(replies.sentence(message)), True, time)]
    return [Refused(Cause.NAME, clean(replies.sentence(message)))]


def _password_refused(session: Session, message: Message, time: datetime) -> list[Event]:
    if session.gave_password:
        return [Refused(Cause.PASSWORD, "The server does not accept this password.")]
    return [Refused(Cause.PASSWORD, "The server wants a password; --password-stdin reads one.")]


def _banned(session: Session, message: Message, time: datetime) -> list[Event]:
    return [Refused(Cause.BANNED, f"You are banned from this server: {shown(message, -1)}")]


def _killed(session: Session, message: Message, time: datetime) -> list[Event]:
    if not session.is_me(at(message, 0)):
        return []
    return [Refused(Cause.REMOVED, f"You were removed from the server: {shown(message, -1)}")]


def _dropped(session: Session, message: Message, time: datetime) -> list[Event]:
    text = shown(message, -1)
    if not session.online and "speaks TLS only" in text:
        return [Refused(Cause.PLAIN_TEXT, "The server speaks TLS only on this port; connect with --tls.")]
    # Most servers wrap the reason: `Closing link: host (reason)`.
    start, _, reason = text.partition("(")
    wrapped = start.lower().startswith("closing link:") and reason.endswith(")")
    return [Dropped(reason[:-1] if wrapped else text)]


# -- keeping in touch


def _ping(session: Session, message: Message, time: datetime) -> list[Event]:
    session.send("PONG", *message.params[-1:])
    return []


def _pong(session: Session, message: Message, time: datetime) -> list[Event]:
    return session.ponged(at(message, -1))


# -- rooms


# -- refusals


def _error(session: Session, message: Message, time: datetime) -> list[Event]:
    subject = at(message, 1)
    text = clean(replies.sentence(message))
    if message.command == "421" and subject.upper() == "CHATHISTORY":
        return session.catchup.refused()
    if message.command in replies.CANNOT_SEND:
        sent = session.unconfirmed.refused(subject, session.features.fold, message.tags.get("label", ""))
        if sent is not None:
            return [NotSent(text, time, sent.id)]
    if message.command in replies.CANNOT_JOIN and session.features.is_room(subject):
        session.moved(subject)
        return [JoinFailed(clean(subject), text)]
    return [ServerSaid(text, True, time)] if session.online else []


def _standard_reply(session: Session, message: Message, time: datetime) -> list[Event]:
    """FAIL, WARN, NOTE (https://ircv3.net/specs/extensions/standard-replies)."""
    about = at(message, 0).upper()
    text = shown(message, -1)
    if message.command != "FAIL":
        return [ServerSaid(text, False, time)]
    match about:
        case "SEARCH":
            session.searches.refused()
        case "CHATHISTORY":
            folded = map(session.features.fold, message.params[2:-1])
            return session.catchup.refused(next(filter(session.catchup.concerns, folded), None))
        case "REGISTER":
            return [LoginFailed(text, time)]
        case "PRIVMSG" | "BATCH":
            label = message.tags.get("label", "")
            sent = session.unconfirmed.refused(at(message, 2), session.features.fold, label)
            if sent is not None:
                return [NotSent(text, time, sent.id)]
    return [ServerSaid(text, True, time)]


def _ignore(session: Session, message: Message, time: datetime) -> list[Event]:
    return []


_HANDLERS: dict[str, Handler] = {
    "CAP": _cap,
    "001": _welcome,
    "005": _isupport,
    "431": _name_refused,
    "432": _name_refused,
    "433": _name_taken,
    "436": _name_taken,
    "437": _name_taken,
    "464": _password_refused,
    "465": _banned,
    "KILL": _killed,
    "ERROR": _dropped,
    "PING": _ping,
    "PONG": _pong,
    "FAIL": _standard_reply,
    "WARN": _standard_reply,
    "NOTE": _standard_reply,
    replies.NO_MOTD: _ignore,
    **incoming_account.HANDLERS,
    **incoming_rooms.HANDLERS,
    **incoming_speech.HANDLERS,
}
