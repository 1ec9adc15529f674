"""How far people have read, for https://ircv3.net/specs/extensions/read-marker."""

from typing import NamedTuple

from triochat.domain.entry import Record
from triochat.domain.user import User

KIND = "marker"
_MOST = 1000
"""Markers that are kept for one person; the oldest make room."""


class Owner(NamedTuple):
    """Whose marker: an account, or a user while it is here."""

    account: str | None
    user: User | None


class Markers:
    """All markers, in milliseconds since the epoch, by whose they are and by folded target."""

    def __init__(self) -> None:
        self._times: dict[Owner, dict[str, int]] = {}

    def restore(self, key: str, value: str) -> None:
        """Put back what a record keeps."""
        account, _, target = key.partition(" ")
        self._times.setdefault(Owner(account, None), {})[target] = int(value)

    def get(self, owner: Owner, target: str) -> int | None:
        """The marker at *target*."""
        return self._times.get(owner, {}).get(target)

    def set(self, owner: Owner, target: str, time_ms: int) -> tuple[Record, ...]:
        """Move the marker. Returns what is to be kept."""
        times = self._times.setdefault(owner, {})
        times.pop(target, None)  # so that the dict stays in the order of change
        times[target] = time_ms
        forgotten = next(iter(times)) if len(times) > _MOST else None
        if forgotten is not None:
            del times[forgotten]
        if owner.account is None:
            return ()
        changes = [Record(KIND, f"{owner.account} {target}", str(time_ms))]
        if forgotten is not None:
            changes.append(Record(KIND, f"{owner.account} {forgotten}", None))
        return tuple(changes)

    def bring(self, user: User, account: str) -> tuple[Record, ...]:
        """The guest *user* has logged in to *account* (folded): what was read as a guest stays read. Returns what is
        to be kept of that."""
        owner = Owner(account, None)
        changes: list[Record] = []
        for target, time_ms in self._times.pop(Owner(None, user), {}).items():
            known = self.get(owner, target)
            if known is None or time_ms > known:
                changes += self.set(owner, target, time_ms)
        return tuple(changes)

    def rename(self, former: str, target: str) -> tuple[Record, ...]:
        """The room *former* is called *target* now. Returns what is to be kept of that."""
        changes: list[Record] = []
        for owner, times in self._times.items():
            if (time_ms := times.pop(former, None)) is None:
                continue
            times[target] = time_ms
            if owner.account is not None:
                changes.append(Record(KIND, f"{owner.account} {former}", None))
                changes.append(Record(KIND, f"{owner.account} {target}", str(time_ms)))
        return tuple(changes)

    def forget(self, user: User) -> None:
        """*user* is gone."""
        self._times.pop(Owner(None, user), None)

    def forget_account(self, folded: str) -> tuple[Record, ...]:
        """The account is no more. Returns what is to be kept of that."""
        times = self._times.pop(Owner(folded, None), {})
        return tuple(Record(KIND, f"{folded} {target}", None) for target in times)
