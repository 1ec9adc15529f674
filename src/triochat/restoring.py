"""What a start brings back: accounts, rooms, metadata, and how far people have read."""

import logging
from collections.abc import Callable
from typing import Any

from triochat.commands.server import NOT_CONNECTED
from triochat.domain import accounts, bans, invites, keeping, markers, metadata, presence
from triochat.domain.accounts import Account
from triochat.domain.bans import Bans
from triochat.domain.entry import Change, Record
from triochat.domain.markers import Markers
from triochat.domain.world import World
from triochat.errors import Failure
from triochat.ports import Span, Store

_log = logging.getLogger("triochat")

_FORGOTTEN_AFTER = 30 * 24 * 3600
"""Seconds of silence after which a start forgets a room that nobody owns."""


async def restore(
    world: World, markers_: Markers, store: Store, now: int, bans_: Bans | None = None
) -> tuple[Change, ...]:
    """Put what *store* keeps into the world. Returns what should be made of it in the store. Raises StoreFault; what
    cannot be read is left out, with a line in the log."""
    _check_casemapping(world, store)
    # An account that cannot be read still has its name, or anybody could register it and with it what belongs to it.
    for key in _each(store, accounts.KIND, lambda key, value: world.accounts.put(accounts.read(value))):
        world.accounts.put(Account(key, 0, suspended="Its record is damaged"))
    if bans_ is not None:
        _each(store, bans.KIND, lambda key, value: bans.restore(bans_, value))
    _each(store, invites.KIND, lambda key, value: invites.restore(world.invitations, value))
    _each(store, keeping.KIND, lambda key, value: keeping.restore(world, value))
    orphaned = _leave_orphans(world)
    _each(store, markers.KIND, markers_.restore)
    _each(store, metadata.KIND, world.metadata.restore)
    expired = [bans.removal(ban) for ban in bans_.drop_expired(now)] if bans_ is not None else []
    stale = _leave_heirlooms(world, markers_, store)
    seq = store.newest()[0] + 1
    _each(store, presence.KIND, lambda key, value: stale.extend(_bring_back(world, key, value, seq)))
    return (*orphaned, *expired, *stale, *await _forget_old_rooms(world, store, now))


def _check_casemapping(world: World, store: Store) -> None:
    """Records are known by folded names: under another casemapping they would be others'. Raises Failure."""
    kept, wanted = store.records(accounts.CASEMAPPING_KIND).get("casemapping"), world.names.casemapping
    if kept is not None and kept != wanted:
        raise Failure(
            f"the accounts here were made with server.casemapping = '{kept}', which cannot change to '{wanted}'. "
            "Set it back, or begin with another data directory."
        )


def _leave_orphans(world: World) -> list[Change]:
    """Take the ownership of rooms from accounts that are no more."""
    changes: list[Change] = []
    for room in list(world.rooms.values()):
        gone = [name for name in room.founders.values() if world.accounts.find(name) is None]
        for name in gone:
            world.remove_founder(room, name)
        if gone:
            changes.append(keeping.record(room))
    return changes


def _leave_heirlooms(world: World, markers_: Markers, store: Store) -> list[Change]:
    """Forget what accounts that are no more have left: who registers such a name anew inherits nothing."""
    owners = {key.partition(" ")[0] for kind in (markers.KIND, metadata.KIND) for key in store.records(kind)}
    changes: list[Change] = []
    for owner in owners:
        if world.accounts.find(owner) is None:
            changes += markers_.forget_account(owner)
            changes += world.metadata.forget_account(owner)
    return changes


def _bring_back(world: World, key: str, value: str, seq: int) -> list[Change]:
    """The user of a record is here again; one whose account is no more is forgotten, ranks in rooms and all."""
    back = presence.restore(world, value, NOT_CONNECTED, seq)
    gone = back is None and world.accounts.find(presence.account_of(value)) is None
    return [Record(presence.KIND, key, None)] if gone else []


def _each(store: Store, kind: str, take: Callable[[str, str], Any]) -> list[str]:
    """Hand all records to *take*. Returns the keys of those that cannot be read."""
    unread = []
    for key, value in store.records(kind).items():
        try:
            take(key, value)
        except (ValueError, TypeError, KeyError) as error:  # msgspec's errors are ValueErrors
            _log.error("the record %s %s cannot be read and is left alone: %s", kind, key, error)
            unread.append(key)
    return unread


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
