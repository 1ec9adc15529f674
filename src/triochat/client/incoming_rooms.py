"""What lines of a server about rooms and people do to a session. Pure; the rules of `incoming` hold."""

from datetime import datetime

from triochat.client.events import (
    AwayChanged,
    Event,
    Invited,
    Joined,
    Kicked,
    Left,
    ModeChanged,
    NamesListed,
    Parted,
    PresenceListed,
    Renamed,
    RoomsListed,
    ServerSaid,
    TopicChanged,
    TopicTold,
)
from triochat.client.reading import Handler, at, shown
from triochat.client.session import Session, clean
from triochat.proto.message import Message

_MOST_ROOMS = 100  # whose names are listed at the same time
_MOST_NAMES = 50_000
_MOST_LISTED_ROOMS = 200


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
    ranks = session.features.ranks(at(message, 1), [clean(name) for name in message.params[2:]])
    order = session.features.member_marks
    return [ModeChanged(shown(message, 0), change, session.nick_of(message), time, tuple(ranks), order)]


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


# -- people


def _away_told(session: Session, message: Message, time: datetime) -> list[Event]:
    name = session.nick_of(message)
    mine = session.is_me(name)
    return [AwayChanged(name, bool(at(message, 0)), mine, shown(message, 0))] if name else []


def _we_are_away(session: Session, message: Message, time: datetime) -> list[Event]:
    text = clean(session.away_text)
    told = f"You are away: {text}" if text else "You are away."
    return [AwayChanged(session.name, True, True, text), ServerSaid(told, False, time)]


def _we_are_back(session: Session, message: Message, time: datetime) -> list[Event]:
    return [AwayChanged(session.name, False, True), ServerSaid("You are back.", False, time)]


def _they_are_away(session: Session, message: Message, time: datetime) -> list[Event]:
    return [ServerSaid(f"{shown(message, 1)} is away: {shown(message, 2)}", False, time)]


def _who(session: Session, message: Message, time: datetime) -> list[Event]:
    """352, or 354 with the fields c, n and f."""
    name, flags = (2, 3) if message.command == "354" else (5, 6)
    away = session.whos.get(session.features.fold(at(message, 1)))
    if away is not None and at(message, flags)[:1] == "G" and len(away) < _MOST_NAMES:
        away.append(shown(message, name))
    return []


def _end_of_who(session: Session, message: Message, time: datetime) -> list[Event]:
    away = session.whos.pop(session.features.fold(at(message, 1)), None)
    return [PresenceListed(shown(message, 1), tuple(away))] if away is not None else []


def _whois(session: Session, message: Message, time: datetime) -> list[Event]:
    """Each numeric of the answer tells one thing."""
    name = shown(message, 1)
    last = shown(message, -1)
    match message.command:
        case "311" | "314":
            text = f"{name} is {last}, {shown(message, 2)}@{shown(message, 3)}"
        case "317":
            idle = at(message, 2)
            minutes = int(idle[:9]) // 60 if idle.isascii() and idle.isdecimal() else 0
            text = f"{name} typed {f'{minutes} min ago' if minutes else 'just now'}"
        case "319":
            text = f"{name} is in {last}"
        case "330":
            text = f"{name} is logged in as {shown(message, 2)}"
        case _:
            text = f"{name} {last}"
    return [ServerSaid(text, False, time)]


def _inviting(session: Session, message: Message, time: datetime) -> list[Event]:
    return [ServerSaid(f"{shown(message, 1)} is invited to {shown(message, 2)}.", False, time)]


HANDLERS: dict[str, Handler] = {
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
    "AWAY": _away_told,
    "301": _they_are_away,
    "305": _we_are_back,
    "306": _we_are_away,
    "341": _inviting,
    "352": _who,
    "354": _who,
    "315": _end_of_who,
    "311": _whois,
    "313": _whois,
    "314": _whois,
    "317": _whois,
    "319": _whois,
    "330": _whois,
    "335": _whois,
    "671": _whois,
}
