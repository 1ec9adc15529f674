"""What the lines of a server do to a session, one function for each command or numeric. Pure.

A handler gets the session, the message and its time, and returns events. No input raises, whatever the server
sends: handlers look at messages through `reading` only.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from triochat.client import names, replies, searching
from triochat.client.events import (
    Cause,
    Dropped,
    Event,
    Invited,
    Joined,
    JoinFailed,
    Kicked,
    Left,
    ModeChanged,
    NamesListed,
    NotSent,
    Parted,
    Refused,
    Registered,
    Renamed,
    RoomsListed,
    ServerSaid,
    Supported,
    TopicChanged,
    TopicTold,
)
from triochat.client.reading import at, said, shown, time_of
from triochat.client.session import Session, clean
from triochat.proto.errors import MalformedMessage
from triochat.proto.message import Message, parse

Handler = Callable[[Session, Message, datetime], list[Event]]

_MOST_NAME_ATTEMPTS = 30
_MOST_ROOMS = 100  # whose names are listed at the same time
_MOST_NAMES = 50_000
_MOST_LISTED_ROOMS = 200


def receive(session: Session, line: bytes, now: datetime) -> list[Event]:
    """Apply one *line* without its line end to *session*; returns what happened, if anybody needs to know."""
    session.now = now
    text = line.decode(errors="replace").replace("\0", "").replace("\r", "")
    try:
        message = parse(text)
    except MalformedMessage:
        return []
    time = time_of(message, now)
    reference = message.tags.get("batch", "")
    for past in (session.catchup, session.searches):
        if reference and past.is_open(reference) and message.command != "BATCH":
            # History may hold joins and the like, too. They change nothing any more.
            if message.command in ("PRIVMSG", "NOTICE"):
                past.add(reference, said(session, message, time))
            return []
    return session.catchup.pass_on(_handle(session, message, time))


def _handle(session: Session, message: Message, time: datetime) -> list[Event]:
    handler = _HANDLERS.get(message.command)
    if handler is not None:
        return handler(session, message, time)
    return _error(session, message, time) if replies.is_error(message.command) else []


# -- registration


def _cap(session: Session, message: Message, time: datetime) -> list[Event]:
    for words in session.caps.receive(message.params):
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


def _join(session: Session, message: Message, time: datetime) -> list[Event]:
    name, room = session.nick_of(message), shown(message, 0)
    mine = session.is_me(name)
    if mine:
        session.moved(room)
        session.userhost = message.source.partition("!")[2] or None
        session.read_history(room)
    return [Joined(room, name, mine, mine and session.caps.keeps_history, time)] if room else []


def _part(session: Session, message: Message, time: datetime) -> list[Event]:
    name, room = session.nick_of(message), shown(message, 0)
    mine = session.is_me(name)
    if mine:
        session.moved(room)
    return [Parted(room, name, shown(message, 1), mine, time)]


def _kick(session: Session, message: Message, time: datetime) -> list[Event]:
    name = shown(message, 1)
    reason = shown(message, 2)
    return [Kicked(shown(message, 0), name, session.nick_of(message), reason, session.is_me(name), time)]


def _quit(session: Session, message: Message, time: datetime) -> list[Event]:
    name = session.nick_of(message)
    if session.features.fold(name) == session.features.fold(session.wanted):
        session.reclaim()
    return [Left(name, shown(message, 0), time)]


def _nick(session: Session, message: Message, time: datetime) -> list[Event]:
    old, new = session.nick_of(message), shown(message, 0)
    if not old or not new:
        return []
    mine = session.is_me(old)
    if mine:
        session.name = session.wanted = new
    elif session.features.fold(old) == session.features.fold(session.wanted):
        session.reclaim()
    return [Renamed(old, new, mine, time)]


def _names(session: Session, message: Message, time: datetime) -> list[Event]:
    room = session.features.fold(at(message, 2))
    listed = session.names_being_listed
    if room not in listed and len(listed) >= _MOST_ROOMS:
        return []
    people = listed.setdefault(room, {})
    for word in at(message, 3).split():
        if len(people) < _MOST_NAMES:
            nick = word.lstrip(session.features.member_marks)
            people[clean(nick.partition("!")[0])] = word[: len(word) - len(nick)]
    return []


def _end_of_names(session: Session, message: Message, time: datetime) -> list[Event]:
    room = at(message, 1)
    people = session.names_being_listed.pop(session.features.fold(room), {})
    return [NamesListed(shown(message, 1), tuple(people), tuple(people.values()))]


def _topic_told(session: Session, message: Message, time: datetime) -> list[Event]:
    return [TopicTold(shown(message, 1), shown(message, 2))]


def _topic(session: Session, message: Message, time: datetime) -> list[Event]:
    return [TopicChanged(shown(message, 0), shown(message, 1), session.nick_of(message), time)]


def _mode(session: Session, message: Message, time: datetime) -> list[Event]:
    if not session.features.is_room(at(message, 0)):
        return []
    change = clean(" ".join(message.params[1:]))
    return [ModeChanged(shown(message, 0), change, session.nick_of(message), time)]


def _invite(session: Session, message: Message, time: datetime) -> list[Event]:
    if not session.is_me(at(message, 0)):
        return []
    return [Invited(shown(message, 1), session.nick_of(message), time)]


def _listed(session: Session, message: Message, time: datetime) -> list[Event]:
    if len(session.rooms_being_listed) >= _MOST_LISTED_ROOMS:
        session.rooms_left_out += 1
        return []
    people = at(message, 2)
    size = int(people[:9]) if people.isascii() and people.isdecimal() else 0
    session.rooms_being_listed.append((shown(message, 1), size, shown(message, 3)))
    return []


def _end_of_list(session: Session, message: Message, time: datetime) -> list[Event]:
    rooms = tuple(sorted(session.rooms_being_listed, key=lambda room: (-room[1], room[0])))
    session.rooms_being_listed.clear()
    return [RoomsListed(rooms, session.rooms_left_out)]


# -- what is said


def _privmsg(session: Session, message: Message, time: datetime) -> list[Event]:
    speech = said(session, message, time)
    if speech is None:
        return []
    if speech.mine:
        label = message.tags.get("label", "")
        sent = session.unconfirmed.echoed(speech.target, speech.text, session.features.fold, label)
        if sent is not None:
            speech = replace(speech, sent=sent.id)
    return [speech]


def _notice(session: Session, message: Message, time: datetime) -> list[Event]:
    if "!" in message.source:
        return _privmsg(session, message, time)
    if not session.online:
        return []  # before registration servers tell what they look up; nobody needs to know
    if session.features.is_room(at(message, 0)):
        return _privmsg(session, message, time)
    return [ServerSaid(f"-{clean(message.source)}- {shown(message, -1)}", False, time)]


def _motd(session: Session, message: Message, time: datetime) -> list[Event]:
    if session.again:
        return []
    return [ServerSaid(shown(message, -1).removeprefix("- ").rstrip(), False, time)]


def _away(session: Session, message: Message, time: datetime) -> list[Event]:
    return [ServerSaid(f"{shown(message, 1)} is away: {shown(message, 2)}", False, time)]


def _batch(session: Session, message: Message, time: datetime) -> list[Event]:
    reference = at(message, 0)
    if reference.startswith("+") and at(message, 1) in ("chathistory", "draft/chathistory"):
        session.catchup.opened(reference[1:], shown(message, 2))
    elif reference.startswith("+") and at(message, 1) == searching.CAPABILITY:
        session.searches.opened(reference[1:])
    elif session.searches.is_open(reference[1:]):
        return list(session.searches.closed(reference[1:]))
    elif reference.startswith("-"):
        room = session.catchup.room_of(reference[1:])
        return session.catchup.closed(reference[1:], session.features.fold(room))
    return []


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
    if at(message, 0).upper() == "SEARCH" and message.command == "FAIL":
        session.searches.refused()
    if at(message, 0).upper() == "CHATHISTORY":
        about = {session.features.fold(word) for word in message.params[2:-1]}
        room = next((name for name in about if session.features.is_room(name)), None)
        return session.catchup.refused(room)
    return [ServerSaid(shown(message, -1), message.command == "FAIL", time)]


def _logged_in(session: Session, message: Message, time: datetime) -> list[Event]:
    return [ServerSaid(f"{shown(message, -1)}.", False, time)]


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
    "JOIN": _join,
    "PART": _part,
    "KICK": _kick,
    "QUIT": _quit,
    "NICK": _nick,
    "353": _names,
    "366": _end_of_names,
    "332": _topic_told,
    "TOPIC": _topic,
    "MODE": _mode,
    "INVITE": _invite,
    "322": _listed,
    "323": _end_of_list,
    "PRIVMSG": _privmsg,
    "NOTICE": _notice,
    "372": _motd,
    "301": _away,
    "900": _logged_in,
    "901": _logged_in,
    "BATCH": _batch,
    "FAIL": _standard_reply,
    "WARN": _standard_reply,
    "NOTE": _standard_reply,
    replies.NO_MOTD: _ignore,
}
