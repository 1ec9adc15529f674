"""Who wants to know of whom: the lists of MONITOR (https://ircv3.net/specs/extensions/monitor)."""

from collections.abc import Iterable

from triochat.domain.names import Names
from triochat.domain.user import Session


class Watches:
    """Which sessions watch which names. Names need not be taken, nor ever have been."""

    def __init__(self, names: Names) -> None:
        self._fold = names.fold
        self._watchers: dict[str, dict[Session, None]] = {}
        self._watched: dict[Session, dict[str, str]] = {}

    def add(self, session: Session, name: str) -> None:
        """*session* wants to know of *name*."""
        key = self._fold(name)
        self._watched.setdefault(session, {})[key] = name
        self._watchers.setdefault(key, {})[session] = None

    def remove(self, session: Session, name: str) -> None:
        """Not any more."""
        key = self._fold(name)
        if self._watched.get(session, {}).pop(key, None) is not None:
            self._forget(key, session)

    def clear(self, session: Session) -> None:
        """*session* watches nobody."""
        for key in self._watched.pop(session, {}):
            self._forget(key, session)

    def _forget(self, key: str, session: Session) -> None:
        watchers = self._watchers[key]
        del watchers[session]
        if not watchers:
            del self._watchers[key]

    def names(self, session: Session) -> list[str]:
        """Whom *session* watches, as it wrote them."""
        return list(self._watched.get(session, {}).values())

    def watches(self, session: Session, name: str) -> bool:
        """True when *session* watches *name*."""
        return self._fold(name) in self._watched.get(session, {})

    def watchers(self, name: str) -> Iterable[Session]:
        """Who watches *name*."""
        return tuple(self._watchers.get(self._fold(name), ()))
