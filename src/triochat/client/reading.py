"""Reading the parts of a message: parameters, time, what is said. Changes nothing. Pure.

Every part that is missing reads as "": no message is too short.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from triochat.client.events import Event, Manner, Said
from triochat.client.session import REPLACES, Session, clean
from triochat.proto.message import Message, split_source

Handler = Callable[[Session, Message, datetime], list[Event]]
"""What one kind of line does to a session."""

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
    return time_in(message.tags.get("time", "")) or now


def time_in(stamp: str) -> datetime | None:
    """The time that *stamp* tells, if it does sensibly."""
    try:
        time = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    if time.year not in _SANE_YEARS:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def msgid_in(word: str) -> str:
    """*word* if it can be a msgid, else "": history is asked for by it, and it must not end the line."""
    word = word[:_LONGEST_MSGID]
    return word if word.isprintable() and " " not in word else ""


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
    msgid = msgid_in(message.tags.get("msgid", ""))
    replaces = msgid_in(message.tags.get(REPLACES, ""))
    mine = session.is_me(nick)
    text = "\n".join(map(clean, text.split("\n")))  # only messages of several lines have line ends
    return Said(clean(target), clean(nick), text, manner, mine, private, time, msgid, replaces=replaces)
