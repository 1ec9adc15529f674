"""Users and worlds for tests of the rules."""

from triochat.domain.limits import Limits
from triochat.domain.room import Room
from triochat.domain.user import Session, User
from triochat.domain.world import World

NOW = 1_700_000_000


class Sink:
    """Bytes for nobody: the rules never send any. See domain.audience.Sink."""

    def __init__(self) -> None:
        self.flavour = 0
        self.pending = 0
        self.follows = {}


class People:
    """A world and a short way to fill it."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.world = World(limits or Limits())
        self._ids = 0

    def user(self, nick: str) -> User:
        """Somebody new."""
        self._ids += 1
        user = User(nick, f"{nick.lower()[:8]}é", "192.0.2.1", f"{nick} Example", NOW)
        session = Session(self._ids, Sink(), address="192.0.2.1", door="irc", tls=False, now=0.0)
        self.world.add_user(user, session)
        return user

    def enter(self, user: User, name: str, key: str | None = None) -> Room:
        """*user* in the room *name*."""
        room = self.world.enter(user, name, key, now=NOW, seq=1)
        assert room is not None
        return room
