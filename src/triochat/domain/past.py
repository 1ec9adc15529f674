"""Who was here: the memory behind WHOWAS."""

from collections import deque
from typing import NamedTuple

from triochat.domain.names import Names
from triochat.domain.user import User


class Former(NamedTuple):
    """Somebody as they were when they gave up a name. *left_at* is seconds since the epoch."""

    nick: str
    username: str
    host: str
    realname: str
    left_at: int


class Past:
    """The newest *size* people who gave up a name."""

    def __init__(self, size: int, names: Names) -> None:
        self._fold = names.fold
        self._former: deque[Former] = deque(maxlen=size)

    def resize(self, size: int) -> None:
        """Remember so many from now on."""
        self._former = deque(self._former, maxlen=size)

    def remember(self, user: User, now: int) -> None:
        """*user* gives up its present name."""
        self._former.append(Former(user.nick, user.username, user.host, user.realname, now))

    def find(self, nick: str) -> list[Former]:
        """All who were called *nick*, the newest first."""
        key = self._fold(nick)
        return [former for former in reversed(self._former) if self._fold(former.nick) == key]
