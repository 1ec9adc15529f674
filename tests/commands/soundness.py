"""What must be true of the world and of what is kept of it, whatever happened."""

from collections import Counter

from commands.harness import NOON, Chat, at_once
from triochat.domain.limits import Limits
from triochat.domain.markers import Markers
from triochat.domain.world import World
from triochat.restoring import restore


def sound(chat: Chat) -> None:
    """Nothing in the world contradicts the rest, and what is kept of it can be read again."""
    world = chat.world
    assert all(room in user.rooms for room in world.rooms.values() for user in room.members)
    assert all(user in room.members for user in world.users.values() for room in user.rooms)
    assert all(world.fold(user.nick) == key for key, user in world.users.items())
    assert all(world.fold(room.name) == key for key, room in world.rooms.items())
    assert all(room.members or room.permanent or room.founders for room in world.rooms.values())
    assert +world.modes == Counter(mode for user in world.users.values() for mode in user.modes)
    assert all(session.user is user for user in world.users.values() for session in user.sessions)
    assert set(world.sessions.values()) == {s for user in world.users.values() for s in user.sessions}
    follows = {person.session: set(person.sink.follows) for person in chat.people}
    for user in world.users.values():
        for session in user.sessions:
            assert follows[session] == {room.audience for room in user.rooms}
    again = World(Limits(), world.names)
    at_once(restore(again, Markers(), chat.journal.store, NOON))
    assert set(again.rooms) - {"#lobby"} == set(world.rooms) - {"#lobby"}
    assert {a.name for a in again.accounts} == {a.name for a in world.accounts}


def deserted(chat: Chat) -> None:
    """Everybody has left: only what is meant to stay remembers them."""
    world, server = chat.world, chat.server
    staying = list(world.users.values())
    assert all(server.stays(user) and not user.sessions for user in staying)
    assert not world.sessions
    assert server.unregistered == 0
    assert +world.modes == Counter(mode for user in staying for mode in user.modes)
    assert all(user in staying for user in world._looks.values())
    assert all(room.permanent or room.founders or room.members for room in world.rooms.values())
    assert world._logs == {room.log for room in world.rooms.values()}
    assert not any(room.audience.groups for room in world.rooms.values())
    assert not any(person.sink.follows for person in chat.people)
    assert not server.watches._watchers and not server.watches._watched
    assert not world.metadata._guests and not world.metadata._subscriptions and not world.metadata._throttles
    assert not any(owner.user for owner in server.markers._times)
    assert not server.registrar._under_way and not server.registrar._changing
