"""What lines of a server about messages do to a session. Pure; the rules of `incoming` hold."""

from dataclasses import replace
from datetime import datetime

from triochat.client import searching
from triochat.client.events import Event, PartnersListed, Reacted, ReadTo, Redacted, ServerSaid, TypingTold
from triochat.client.multiline import Multiline
from triochat.client.reading import Handler, at, msgid_in, said, shown, time_in
from triochat.client.session import Session, clean
from triochat.client.typists import Typing
from triochat.proto.message import Message

_MOST_OPEN = 32  # batches of one kind at the same time
_MOST_PARTNERS = 200
_LONGEST_SIGN = 40
_TYPING = {state.value: state for state in Typing}


def privmsg(session: Session, message: Message, time: datetime) -> list[Event]:
    speech = said(session, message, time)
    if speech is None:
        return []
    if speech.mine:
        label = message.tags.get("label", "")
        sent = session.unconfirmed.echoed(speech.target, speech.text, session.features.fold, label)
        if sent is not None:
            speech = replace(speech, sent=sent.id, replaces=speech.replaces or sent.replaces)
    return [speech]


def _notice(session: Session, message: Message, time: datetime) -> list[Event]:
    if "!" in message.source:
        return privmsg(session, message, time)
    if not session.online:
        return []  # before registration servers tell what they look up; nobody needs to know
    if session.features.is_room(at(message, 0)):
        return privmsg(session, message, time)
    return [ServerSaid(f"-{clean(message.source)}- {shown(message, -1)}", False, time)]


def _motd(session: Session, message: Message, time: datetime) -> list[Event]:
    if session.again:
        return []
    return [ServerSaid(shown(message, -1).removeprefix("- ").rstrip(), False, time)]


def _where(session: Session, message: Message) -> str:
    """The conversation that something about a message belongs to."""
    target = shown(message, 0)
    return session.nick_of(message) if session.is_me(target) else target


def _tagmsg(session: Session, message: Message, time: datetime) -> list[Event]:
    name = session.nick_of(message)
    state = _TYPING.get(message.tags.get("+typing", ""))
    if state is not None and name and not session.is_me(name):
        return [TypingTold(_where(session, message), name, state, time)]
    sign = clean(message.tags.get("+draft/react", ""))[:_LONGEST_SIGN]
    msgid = msgid_in(message.tags.get("+draft/reply", ""))
    return [Reacted(_where(session, message), msgid, name, sign, time)] if sign and msgid and name else []


def _redact(session: Session, message: Message, time: datetime) -> list[Event]:
    msgid = msgid_in(at(message, 1))
    by = session.nick_of(message)
    return [Redacted(_where(session, message), msgid, by, session.is_me(by), time)] if msgid else []


def _markread(session: Session, message: Message, time: datetime) -> list[Event]:
    read_to = time_in(at(message, 1).removeprefix("timestamp="))
    return [ReadTo(shown(message, 0), read_to)] if read_to is not None else []


def _targets(session: Session, message: Message, time: datetime) -> list[Event]:
    """One line of the answer to CHATHISTORY TARGETS."""
    partners = session.partners.get(message.tags.get("batch", ""))
    last = time_in(at(message, 2).removeprefix("timestamp="))
    if partners is not None and last is not None and len(partners) < _MOST_PARTNERS:
        partners.append((shown(message, 1), last))
    return []


# -- batches


def batch(session: Session, message: Message, time: datetime) -> list[Event]:
    """BATCH, but for messages of several lines: those are put together before they come here."""
    sign, reference = at(message, 0)[:1], at(message, 0)[1:]
    if sign == "+":
        match at(message, 1):
            case "chathistory" | "draft/chathistory":
                session.catchup.opened(reference, shown(message, 2))
            case "draft/chathistory-targets" | "chathistory-targets":
                if len(session.partners) < _MOST_OPEN:
                    session.partners[reference] = []
            case searching.CAPABILITY:
                session.searches.opened(reference)
        return []
    if session.searches.is_open(reference):
        return list(session.searches.closed(reference))
    if reference in session.partners:
        return [PartnersListed(tuple(session.partners.pop(reference)))]
    if sign == "-":
        room = session.catchup.room_of(reference)
        return session.catchup.closed(reference, session.features.fold(room))
    return []


def gathered(session: Session, message: Message) -> Message | None:
    """*message*, or, if it ends one of several lines, that as a whole; None while one comes."""
    reference = message.tags.get("batch", "")
    if message.command == "BATCH":
        sign, own = at(message, 0)[:1], at(message, 0)[1:]
        if sign == "+" and at(message, 1) == "draft/multiline":
            if len(session.multilines) < _MOST_OPEN:
                session.multilines[own] = Multiline(message)
            return None
        if sign == "-" and own in session.multilines:
            return session.multilines.pop(own).whole()
        if sign == "+" and at(message, 1) == "labeled-response" and len(session.labels) < _MOST_OPEN:
            session.labels[own] = message.tags.get("label", "")
        elif sign == "-":
            session.labels.pop(own, None)
    elif reference in session.multilines:
        session.multilines[reference].add(message)
        return None
    elif reference in session.labels:
        message.tags = {**message.tags, "label": session.labels[reference]}
    return message


HANDLERS: dict[str, Handler] = {
    "PRIVMSG": privmsg,
    "NOTICE": _notice,
    "TAGMSG": _tagmsg,
    "REDACT": _redact,
    "MARKREAD": _markread,
    "CHATHISTORY": _targets,
    "372": _motd,
    "BATCH": batch,
}
