"""Rooms as records: what of a room outlives the process.

Members do not: they come back by themselves. A room with founders waits for them for ever; another one is restored,
too, so that a restart does not take topic and bans away, but ends when it empties, as it always does.
"""

from collections.abc import Iterable

import msgspec

from triochat.domain.entry import Record
from triochat.domain.room import ListedMask, Room, Topic
from triochat.domain.world import World

KIND = "room"


class _Kept(msgspec.Struct, omit_defaults=True):
    name: str
    created: int
    history_from: int = 0
    topic: Topic | None = None
    flags: str = ""
    key: str | None = None
    limit: int | None = None
    forward: str | None = None
    lists: dict[str, list[ListedMask]] = {}
    founders: dict[str, str] = {}
    metadata: dict[str, str] = {}
    log: str | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Kept).decode


def record(room: Room) -> Record:
    """What keeps *room* as it is now."""
    if room.ended:
        return removal(room.folded)
    kept = _Kept(
        room.name,
        room.created,
        room.history_from,
        room.topic if room.topic.text else None,
        "".join(sorted(room.flags)),
        room.key,
        room.limit,
        room.forward,
        {mode: list(listed.values()) for mode, listed in room.lists.items() if listed},
        room.founders,
        room.metadata or {},
        room.log if room.log != room.folded else None,
    )
    return Record(KIND, room.folded, _encode(kept).decode())


def removal(folded: str) -> Record:
    """What forgets the room that was called so."""
    return Record(KIND, folded, None)


def ended(rooms: Iterable[Room]) -> tuple[Record, ...]:
    """What forgets those of *rooms* that have ended."""
    return tuple(record(room) for room in rooms if room.ended)


def restore(world: World, text: str) -> Room:
    """Put the room of a record back into *world*."""
    kept = _decode(text)
    room = world.rooms.get(world.fold(kept.name))
    if room is None:
        log = kept.log or world.fold(kept.name)
        room = world.add_room(kept.name, kept.created, history_from=kept.history_from, log=log)
    if kept.topic is not None:
        room.topic = kept.topic
    room.flags = set(kept.flags)
    room.key, room.limit, room.forward = kept.key, kept.limit, kept.forward
    room.lists = {mode: {world.fold(listed.mask): listed for listed in masks} for mode, masks in kept.lists.items()}
    room.metadata = kept.metadata or None
    for account in kept.founders.values():
        world.add_founder(room, account)
    return room
