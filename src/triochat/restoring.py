"""What a start brings back: accounts, rooms, metadata, and how far people have read."""

import logging
from collections.abc import Callable
from typing import Any

from triochat.commands.server import NOT_CONNECTED
from triochat.domain import accounts, keeping, markers, metadata, presence
from triochat.domain.entry import Change
from triochat.domain.markers import Markers
from triochat.domain.world import World
from triochat.ports import Span, Store

_log = logging.getLogger("triochat")

_FORGOTTEN_AFTER = 30 * 24 * 3600
"""Seconds of silence after which a start forgets a room that nobody owns."""


async def restore(world: World, markers_: Markers, store: Store, now: int) -> tuple[Change, ...]:
    """Put what *store* keeps into the world. Returns what should be made of it in the store. Raises StoreFault; what
    cannot be read is left out, with a line in the log."""
    _each(store, accounts.KIND, lambda key, value: world.accounts.put(accounts.read(value)))
    _each(store, keeping.KIND, lambda key, value: keeping.restore(world, value))
    orphaned = _leave_orphans(world)
    _each(store, markers.KIND, markers_.restore)
    _each(store, metadata.KIND, world.metadata.restore)
    _each(store, presence.KIND, lambda key, value: presence.restore(world, value, NOT_CONNECTED))
    return (*orphaned, *await _forget_old_rooms(world, store, now))


def _leave_orphans(world: World) -> tuple[Change, ...]:
    """Take the ownership of rooms from accounts that are no more."""
    changes: list[Change] = []
    for room in list(world.rooms.values()):
        gone = [name for name in room.founders.values() if world.accounts.find(name) is None]
        for name in gone:
            world.remove_founder(room, name)
        if gone:
            changes.append(keeping.record(room))
    return tuple(changes)


def _each(store: Store, kind: str, take: Callable[[str, str], Any]) -> None:
    for key, value in store.records(kind).items():
        try:
            take(key, value)
        except (ValueError, TypeError, KeyError) as error:  # msgspec's errors are ValueErrors
            _log.error("the record %s %s cannot be read and is left alone: %s", kind, key, error)


async def _forget_old_rooms(world: World, store: Store, now: int) -> tuple[Change, ...]:
    changes: list[Change] = []
    for room in list(world.rooms.values()):
        if room.founders or room.permanent or room.members:
            continue
        newest = await store.read([Span(room.log)], 1, newest=True)
        if not newest or now - newest[0].time_ms / 1000 > _FORGOTTEN_AFTER:
            world.remove_room(room)
            changes.append(keeping.record(room))
    return tuple(changes)
