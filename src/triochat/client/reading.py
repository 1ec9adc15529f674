"""Reading the parts of a message: parameters, time, what is said. Changes nothing. Pure.

Every part that is missing reads as "": no message is too short.
"""

from datetime import UTC, datetime

from triochat.client.events import Manner, Said
from triochat.client.session import Session, clean
from triochat.proto.message import Message, split_source

_LONGEST_MSGID = 100
_SANE_YEARS = range(1971, 3000)  # beyond, conversion to local time may fail


def at(message: Message, index: int) -> str:
    """The parameter at *index* as it came."""
    return message.params[index] if -len(message.params) <= index < len(message.params) else ""


def shown(message: Message, index: int) -> str:
    """The parameter at *index*, safe to print."""
    return clean(at(message, index))


def time_of(message: Message, now: datetime) -> datetime:
    """When the server took the message in, or *now* when it does not say so sensibly."""
    stamp = message.tags.get("time")
    if stamp:
        try:
            time = datetime.fromisoformat(stamp)
        except ValueError:
            return now
        if time.year in _SANE_YEARS:
            return time if time.tzinfo else time.replace(tzinfo=UTC)
    return now


def said(session: Session, message: Message, time: datetime) -> Said | None:
    """What a PRIVMSG or NOTICE says; None when that is nothing a person said."""
    target, text = at(message, 0), at(message, 1)
    nick = split_source(message.source)[0]
    if not target or not nick:
        return None
    manner = Manner.MESSAGE if message.command == "PRIVMSG" else Manner.NOTICE
    if text[:1] == "\x01":
        kind, _, text = text.strip("\x01").partition(" ")
        if kind.upper() != "ACTION":
            return None  # other CTCP
        manner = Manner.ACTION
    if target[0] in session.features.member_marks and session.features.is_room(target[1:]):
        target = target[1:]  # to a room's operators only
    private = not session.features.is_room(target)
    msgid = message.tags.get("msgid", "")[:_LONGEST_MSGID]
    if " " in msgid or not msgid.isprintable():
        msgid = ""  # history is asked for by it: it must not end the line
    mine = session.is_me(nick)
    return Said(clean(target), clean(nick), clean(text), manner, mine, private, time, msgid)
