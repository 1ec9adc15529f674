"""Who is typing just now (https://ircv3.net/specs/client-tags/typing). Pure; told the time."""

from datetime import datetime, timedelta
from enum import Enum

ACTIVE = timedelta(seconds=6)
PAUSED = timedelta(seconds=30)
_MOST = 100


class Typing(Enum):
    """What somebody's keyboard does; the values stand on the wire."""

    ACTIVE = "active"
    PAUSED = "paused"
    DONE = "done"


class Typists:
    """Those who type in one conversation. Nobody types for long without saying so again."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[str, datetime]] = {}  # by folded name

    def __bool__(self) -> bool:
        return bool(self._until)

    def heard(self, key: str, name: str, state: Typing, now: datetime) -> None:
        """*name*, folded *key*, said so."""
        self._until.pop(key, None)
        if state is not Typing.DONE and len(self._until) < _MOST:
            self._until[key] = (name, now + (ACTIVE if state is Typing.ACTIVE else PAUSED))

    def gone(self, key: str) -> bool:
        """They said something, or left; True when they were typing."""
        return self._until.pop(key, None) is not None

    def names(self, now: datetime) -> list[str]:
        """Who is typing at *now*, who began first before others."""
        return [name for name, until in self._until.values() if until > now]

    def expire(self, now: datetime) -> bool:
        """Forget who stopped without a word; True when there was anybody."""
        over = [key for key, (_, until) in self._until.items() if until <= now]
        for key in over:
            del self._until[key]
        return bool(over)

    @property
    def due(self) -> datetime | None:
        """When `expire` has something to do next."""
        return min((until for _, until in self._until.values()), default=None)
