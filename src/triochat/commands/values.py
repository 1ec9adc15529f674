"""What sessions are told of metadata besides the answers to METADATA: changes of what they are subscribed to, and how
things stand when they come to see a room or a person
(draft/metadata-3: https://github.com/ircv3/ircv3-specifications/pull/613).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from triochat.commands.context import Client
from triochat.commands.labels import tagged
from triochat.commands.server import Server
from triochat.domain.audience import Sink
from triochat.domain.entry import Record, Submission, Told
from triochat.domain.room import Room
from triochat.domain.user import Session, User
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import fit
from triochat.proto.numerics import Numeric

EVERYTHING = "*ALL"
"""Stands for all rooms and people that a client is told of."""
AT_ONCE = 500
"""Values that are told in one go; of more the client is told to ask when it likes."""
_LARGE = 1000
"""Members of rooms that are not looked through at every JOIN."""
_IN_WHOIS = 20

_AWARE = Cap.METADATA | Cap.BATCH
_NOTHING: Mapping[str, str] = {}


def is_aware(session: Session) -> bool:
    """True when *session* is told of metadata without asking."""
    return session.caps & _AWARE == _AWARE


def value_line(
    server: Server, reader: str, target: str, key: str, value: str | None, numeric: Numeric = n.RPL_KEYVALUE
) -> str:
    """What *key* of *target* is, for the client called *reader*. Everybody sees everything: the visibility is `*`."""
    name = server.identity.name
    if value is None:
        return fit(f":{name} {n.RPL_KEYNOTSET.code} {reader} {target} {key} :{n.RPL_KEYNOTSET.text}")
    return fit(f":{name} {numeric.code} {reader} {target} {key} * :{value}")


def later_line(server: Server, reader: str, target: str, how: str = "") -> str:
    """There is more than is told here; *how* to ask for it is added."""
    numeric = n.RPL_METADATASYNCLATER
    return f":{server.identity.name} {numeric.code} {reader} {target} 0 :{numeric.text}{how}"


def in_batch(server: Server, lines: Iterable[str], kind: str, *params: str) -> list[str]:
    """*lines* as one batch (https://ircv3.net/specs/extensions/batch)."""
    reference, name = f"d{server.next_batch()}", server.identity.name
    inside = [tagged(line, f"batch={reference}") for line in lines]
    return [" ".join((f":{name} BATCH +{reference} {kind}", *params)), *inside, f":{name} BATCH -{reference}"]


class Reading:
    """How things stand with *keys*, as lines for *session*, whose user is here."""

    def __init__(self, server: Server, session: Session, keys: Iterable[str] | None = None) -> None:
        assert session.user is not None
        self.user = session.user
        self._server = server
        self._session = session
        self._values = server.world.metadata.of
        self._keys = list(server.world.metadata.subscriptions(session) if keys is None else keys)

    def of(self, target: str, values: Mapping[str, str]) -> Iterator[str]:
        """Those of *values* that are asked for."""
        for key in self._keys:
            if key in values:
                yield value_line(self._server, self.user.nick, target, key, values[key])

    def of_user(self, user: User) -> Iterator[str]:
        """What *user* has set."""
        return self.of(user.nick, self._values(user))

    def of_room(self, room: Room) -> Iterator[str]:
        """What is set for *room*, and by the people whom one sees there."""
        yield from self.of(room.name, room.metadata or _NOTHING)
        if self._keys:
            for member in list(room.members):
                if member in room.members and (values := self._values(member)) and room.shows(member, self.user):
                    yield from self.of(member.nick, values)

    def of_everything(self) -> Iterator[str]:
        """Oneself, one's rooms, and all whom one sees there or watches."""
        people = {self.user: None}
        for room in list(self.user.rooms):
            yield from self.of(room.name, room.metadata or _NOTHING)
            people.update((member, None) for member in room.members if room.shows(member, self.user))
        world = self._server.world
        for name in self._server.watches.names(self._session):
            if (watched := world.users.get(world.fold(name))) is not None:
                people[watched] = None
        for user in people:
            yield from self.of_user(user)


# -- how things stand, unasked --


def joined_lines(client: Client, room: Room) -> list[str]:
    """For a client that has entered *room*."""
    if not is_aware(client.session):
        return []
    server = client.server
    reading = Reading(server, client.session)
    lines = list(islice(reading.of_room(room), AT_ONCE + 1)) if len(room.members) <= _LARGE else []
    if len(room.members) > _LARGE or len(lines) > AT_ONCE:
        return [later_line(server, client.nick, room.name)]
    return in_batch(server, lines, "metadata", room.name)


def subscribed_lines(client: Client, keys: Sequence[str]) -> list[str]:
    """For a client that has subscribed to *keys*."""
    server = client.server
    if sum(len(room.members) for room in client.user.rooms) <= _LARGE:
        lines = list(islice(Reading(server, client.session, keys).of_everything(), AT_ONCE + 1))
        if 0 < len(lines) <= AT_ONCE:
            return in_batch(server, lines, "metadata", EVERYTHING)
    return [later_line(server, client.nick, EVERYTHING)]


def own_lines(client: Client) -> list[str]:
    """For a client that comes in: all that is set for its own user."""
    if not is_aware(client.session):
        return []
    server, nick = client.server, client.nick
    values = server.world.metadata.of(client.user)
    lines = [value_line(server, nick, nick, key, value) for key, value in values.items()]
    return in_batch(server, lines, "metadata", nick)


def watched_lines(server: Server, session: Session, users: Iterable[User]) -> list[str]:
    """For a session that is told that *users*, whom it watches, are here."""
    if session.user is None or not is_aware(session):
        return []
    told: list[str] = []
    reading = Reading(server, session)
    for user in users:
        lines = list(reading.of_user(user))
        if len(told) + len(lines) <= AT_ONCE:
            told += in_batch(server, lines, "metadata", user.nick)
        else:
            told.append(later_line(server, session.user.nick, user.nick))
    return told


def tell_watchers(client: Client, user: User) -> None:
    """Those who watch *user* have been told that it is here now."""
    server = client.server
    told = {
        session.sink: Told(besides=client.encode(lines))
        for session in server.watches.watchers(user.nick)
        if (lines := watched_lines(server, session, [user]))
    }
    if told:
        client.submit(Submission(None, told=told))


def whois_lines(client: Client, user: User) -> list[str]:
    """The first few things that *user* has set."""
    if not client.has(Cap.METADATA):
        return []
    values = islice(client.server.world.metadata.of(user).items(), _IN_WHOIS)
    numeric = n.RPL_WHOISKEYVALUE
    return [value_line(client.server, client.nick, user.nick, key, value, numeric) for key, value in values]


# -- changes --


class Notices:
    """Changes, for all who are subscribed, but for the session that made them."""

    def __init__(self, server: Server, made_by: Session | None) -> None:
        self._server = server
        self._made_by = made_by
        self._lines: dict[Session, list[str]] = {}

    def about_room(self, room: Room, changes: Mapping[str, str | None]) -> None:
        """*changes* were made to *room*."""
        for member in room.members:
            self._add(member.sessions, room.name, changes)

    def about_user(self, user: User, changes: Mapping[str, str | None]) -> None:
        """*changes* were made to *user*."""
        readers = dict.fromkeys(user.sessions)
        for room in user.rooms:
            readers.update((session, None) for session in room.witnesses(user))
        readers.update((session, None) for session in self._server.watches.watchers(user.nick))
        self._add(readers, user.nick, changes)

    def _add(self, readers: Iterable[Session], target: str, changes: Mapping[str, str | None]) -> None:
        wants = self._server.world.metadata.wants
        for session in readers:
            if session.user is None or session is self._made_by or not is_aware(session):
                continue
            for key, value in changes.items():
                if wants(session, key):
                    line = value_line(self._server, session.user.nick, target, key, value)
                    self._lines.setdefault(session, []).append(line)

    def told(self) -> dict[Sink, Told]:
        """As a Submission carries them."""
        return {
            session.sink: Told(besides="".join(f"{line}\r\n" for line in lines).encode())
            for session, lines in self._lines.items()
        }


def change_user(
    client: Client,
    user: User,
    changes: Mapping[str, str | None],
    *,
    made_by: Session | None = None,
    after: bytes = b"",
) -> None:
    """Make *changes* to what *user* has set; *after* is what *client* is told when they are kept. All users of one
    account show the same."""
    server = client.server
    records = server.world.metadata.update(user, changes)
    now = server.world.metadata.of(user)
    notices = Notices(server, made_by)
    for namesake in _namesakes(server, user):
        notices.about_user(namesake, {key: value for key, value in changes.items() if now.get(key) == value})
    _submit(client, notices, records, after)


def change_account(client: Client, user: User, account: str | None) -> None:
    """*user* is logged in to *account* from now on, None = to none, and shows what belongs to that. What a guest has
    set goes with them, where the account has nothing of its own."""
    metadata = client.server.world.metadata
    shown = dict(metadata.of(user))
    brought = dict(shown) if user.account is None else {}
    metadata.forget(user)
    user.account = account
    own = metadata.of(user)
    records = metadata.update(user, {key: value for key, value in brought.items() if key not in own})
    now = metadata.of(user)
    changes: dict[str, str | None] = {key: None for key in shown if key not in now}
    changes |= {key: value for key, value in now.items() if shown.get(key) != value}
    notices = Notices(client.server, None)
    notices.about_user(user, changes)
    _submit(client, notices, records, b"")


def _namesakes(server: Server, user: User) -> list[User]:
    """Those who are here as the same account as *user*; before *user* has come in, the others."""
    if user.account is None:
        return [user] if user.sessions else []
    return [other for other in server.world.users.values() if other.account == user.account]


def _submit(client: Client, notices: Notices, records: tuple[Record, ...], after: bytes) -> None:
    told = notices.told()
    if told or records or after:
        client.submit(Submission(None, origin=client.session.sink, told=told, after=after, changes=records))
