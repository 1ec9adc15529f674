"""What people say of themselves, and which sessions want to know
(draft/metadata-3: https://github.com/ircv3/ircv3-specifications/pull/613).

Metadata belongs to the account, and outlives the process; that of people without one lasts as long as their user. The
metadata of a room stands in the room.
"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from triochat.domain.entry import Record
from triochat.domain.limits import Limits
from triochat.domain.names import Names
from triochat.domain.throttle import Throttle
from triochat.domain.user import Session, User
from triochat.proto.message import MAX_LINE

KIND = "metadata"
LONGEST_KEY = 64
"""Bytes of a key."""
_KEY = re.compile(r"[a-z0-9_./-]+")
_AT_ONCE = 30
"""Changes that a session may make at once, before the limit's rate applies."""
_AROUND = len(":") + len(" 761 ") + len(" ") + len(" ") + len(" * :") + len("\r\n")
"""Bytes of the line that tells a value, besides the names of server, reader and target, the key and the value."""

_NOTHING: Mapping[str, str] = {}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


def is_key(key: str) -> bool:
    """True for what may be a key."""
    return len(key) <= LONGEST_KEY and _KEY.fullmatch(key) is not None


def longest_value(limits: Limits, names: Names, server: str) -> int:
    """Bytes of a value: as many as are allowed, and as fit a line of the server called *server* whoever reads it."""
    nick = limits.nick_length if names.casemapping == "ascii" else 2 * limits.nick_length
    taken = _AROUND + len(server.encode()) + nick + max(nick, limits.channel_length) + LONGEST_KEY
    return max(0, min(limits.metadata_value, MAX_LINE - taken))


class Metadata:
    """The metadata of all users, and what each session is subscribed to."""

    def __init__(self, names: Names, limits: Limits) -> None:
        self._fold = names.fold
        self._limits = limits
        self._accounts: dict[str, dict[str, str]] = {}
        self._guests: dict[User, dict[str, str]] = {}
        self._subscriptions: dict[Session, dict[str, None]] = {}
        self._throttles: dict[Session, Throttle] = {}

    def adopt(self, limits: Limits) -> None:
        """These limits count from now on."""
        if limits.metadata_rate != self._limits.metadata_rate:
            self._throttles.clear()
        self._limits = limits

    # -- values --

    def restore(self, account: str, value: str) -> None:
        """Put back what a record keeps."""
        self._accounts[account] = _decode(value)

    def of(self, user: User) -> Mapping[str, str]:
        """What *user* has set."""
        if user.account is None:
            return self._guests.get(user, _NOTHING)
        return self._accounts.get(self._fold(user.account), _NOTHING)

    def update(self, user: User, values: Mapping[str, str | None]) -> tuple[Record, ...]:
        """Set *values*, None = remove; of new keys no more than the limit allows. Returns what is to be kept."""
        kept = dict(self.of(user))
        for key, value in values.items():
            change(kept, key, value, self._limits.metadata_keys)
        if user.account is None:
            if kept:
                self._guests[user] = kept
            else:
                self._guests.pop(user, None)
            return ()
        account = self._fold(user.account)
        if kept == self._accounts.get(account, _NOTHING):
            return ()
        if kept:
            self._accounts[account] = kept
            return (Record(KIND, account, _encode(kept).decode()),)
        del self._accounts[account]
        return (Record(KIND, account, None),)

    def forget(self, user: User) -> None:
        """*user* is gone."""
        self._guests.pop(user, None)

    def forget_account(self, account: str) -> tuple[Record, ...]:
        """The account is no more. Returns what is to be kept of that."""
        return (Record(KIND, account, None),) if self._accounts.pop(account, None) is not None else ()

    # -- sessions --

    def subscribe(self, session: Session, key: str) -> bool:
        """*session* wants to know of *key*; False when it may not want more."""
        keys = self._subscriptions.setdefault(session, {})
        if len(keys) >= self._limits.metadata_subs:
            return False
        keys[key] = None
        return True

    def unsubscribe(self, session: Session, key: str) -> None:
        """*session* does not want to know of *key* any more."""
        self._subscriptions.get(session, {}).pop(key, None)

    def subscriptions(self, session: Session) -> Iterable[str]:
        """What *session* wants to know of."""
        return self._subscriptions.get(session, ())

    def wants(self, session: Session, key: str) -> bool:
        """True when *session* wants to know of *key*."""
        return key in self._subscriptions.get(session, ())

    def unsubscribe_all(self, session: Session) -> None:
        """*session* wants to know of nothing."""
        self._subscriptions.pop(session, None)

    def too_fast(self, session: Session, now: float) -> int:
        """Count one change by *session*: in how many seconds it should try again, 0 when it may be made."""
        rate = self._limits.metadata_rate
        if not rate:
            return 0
        throttle = self._throttles.get(session)
        if throttle is None:
            throttle = self._throttles[session] = Throttle(rate, _AT_ONCE, now)
        return 0 if throttle.allow(now) else max(1, round(1 / rate))

    def leave(self, session: Session) -> None:
        """*session* has ended."""
        self.unsubscribe_all(session)
        self._throttles.pop(session, None)


def change(values: dict[str, str], key: str, value: str | None, most: int) -> bool:
    """Set *key*, or remove it when *value* is None; False when there are *most* keys already."""
    if value is None:
        values.pop(key, None)
    elif key not in values and len(values) >= most:
        return False
    else:
        values[key] = value
    return True
