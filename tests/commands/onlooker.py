"""What a client believes of the rooms that it is in, by nothing but the lines that it was sent."""

from collections.abc import Iterable

from triochat.domain.names import Names
from triochat.domain.world import World
from triochat.proto.message import Message, split_source

_PREFIXES = "~@%+"
_PAST = ("chathistory", "draft/chathistory", "soju.im/search")
"""Batches that tell of what was."""


class Onlooker:
    """One session's view: its name, its rooms, and who is in those whose names it was told."""

    def __init__(self, names: Names) -> None:
        self._fold = names.fold
        self.nick = "*"
        self.rooms: dict[str, dict[str, None]] = {}
        """Folded names of the people in each room, by its folded name."""
        self._listed: dict[str, dict[str, None]] = {}
        self._complete: set[str] = set()
        self._doubtful: set[str] = set()
        """Rooms that are or were auditoria, perhaps, since the names were told."""
        self._unlisted: set[str] = set()
        """Rooms that it has just come into, and whose names it was not told yet."""
        self._asks_for_names = False
        self._past: set[str] = set()

    def hears(self, messages: Iterable[Message]) -> None:
        """Take in what the session was sent."""
        for message in messages:
            if message.command == "BATCH":
                self._batch(*message.params[:2])
            elif message.tags.get("batch") not in self._past:
                handler = getattr(self, f"_on_{message.command.lower()}", None)
                if handler is not None:
                    handler(self._fold(split_source(message.source)[0]), *message.params)

    def _batch(self, reference: str, kind: str = "") -> None:
        if reference[0] == "-":
            self._past.discard(reference[1:])
        elif kind in _PAST:
            self._past.add(reference[1:])

    def _on_001(self, source: str, nick: str, *rest: str) -> None:
        self.nick = self._fold(nick)

    def _on_join(self, who: str, room: str, *rest: str) -> None:
        room = self._fold(room)
        if who == self.nick:
            self.rooms[room] = {}
            self._listed.pop(room, None)
            self._complete.discard(room)
            self._doubtful.discard(room)
            self._unlisted.add(room)
        self.rooms[room][who] = None

    def _on_353(self, source: str, me: str, kind: str, room: str, names: str) -> None:
        listed = self._listed.setdefault(self._fold(room), {})
        listed.update((self._fold(name.lstrip(_PREFIXES).partition("!")[0]), None) for name in names.split())

    def _on_366(self, source: str, me: str, asked: str, text: str) -> None:
        for room in set(map(self._fold, asked.split(","))):
            listed = self._listed.pop(room, {})
            self._unlisted.discard(room)
            self._doubtful.discard(room)
            if room in self.rooms:
                self.rooms[room] = listed
                self._complete.add(room)

    def _on_cap(self, source: str, me: str, verb: str, *caps: str) -> None:
        self._asks_for_names |= verb == "ACK" and "no-implicit-names" in caps[-1].split()

    def _on_part(self, who: str, room: str, *reason: str) -> None:
        self._gone(self._fold(room), who)

    def _on_kick(self, by: str, room: str, who: str, *reason: str) -> None:
        self._gone(self._fold(room), self._fold(who))

    def _gone(self, room: str, who: str) -> None:
        if who == self.nick:
            del self.rooms[room]
            self._complete.discard(room)
            self._unlisted.discard(room)
        else:
            self.rooms[room].pop(who, None)  # NAMES may have told already what is seen only when it is committed

    def _on_quit(self, who: str, *reason: str) -> None:
        for members in self.rooms.values():
            members.pop(who, None)

    def _on_nick(self, who: str, new: str) -> None:
        if who == self.nick:
            self.nick = self._fold(new)
        for members in self.rooms.values():
            if who in members:
                del members[who]
                members[self._fold(new)] = None

    def _on_rename(self, by: str, room: str, new: str, *reason: str) -> None:
        room, new = self._fold(room), self._fold(new)
        self.rooms[new] = self.rooms.pop(room)
        if self.nick not in self.rooms[new]:  # the names were those of another room that was called so by then
            self._complete.discard(room)
            self._doubtful.add(room)
        for rooms in (self._complete, self._doubtful, self._unlisted):
            if room in rooms:
                rooms.discard(room)
                rooms.add(new)

    def _on_mode(self, by: str, target: str, changes: str = "", *params: str) -> None:
        if set("uvhoq") & set(changes):
            # It may be an auditorium now, or no longer, or somebody comes to be seen there: only NAMES tells.
            self._complete.discard(self._fold(target))
            self._doubtful.add(self._fold(target))

    def agrees_with(self, world: World) -> None:
        """What it believes is so."""
        assert self._asks_for_names or not self._unlisted
        me = world.users[self.nick]
        assert self.rooms.keys() == {room.folded for room in me.rooms}
        for room in me.rooms:
            # In an auditorium NAMES leaves out even oneself.
            unsaid = {self.nick} if room.hides(me) else set()
            believed = self.rooms[room.folded].keys() - unsaid
            seen = {self._fold(member.nick) for member in room.members if room.shows(member, me)} - unsaid
            if room.folded in self._complete:
                assert believed == seen, room.name
            elif room.folded not in self._doubtful:
                assert believed <= seen, room.name
