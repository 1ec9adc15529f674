"""Private messages of people with accounts, kept for each of them apart.

Each account has a log for every partner: its own copy of the conversation, which nobody else ever reads. A partner
without an account has none, so that a later owner of the name finds nothing.
"""

from triochat.domain.names import Names
from triochat.domain.user import User

_MARK, _BETWEEN = "=", "/"


def log_of(account: str, partner: str) -> str:
    """The log of what *account* and *partner* (an account, or the name of somebody without one) wrote each other;
    both folded."""
    return f"{_MARK}{account}{_BETWEEN}{partner}"


def logs_of(account: str) -> str:
    """How all logs of *account* begin."""
    return f"{_MARK}{account}{_BETWEEN}"


def logs_between(names: Names, one: User, other: User) -> tuple[str, ...]:
    """The logs that keep a message from *one* to *other*."""
    key, other_key = key_of(names, one), key_of(names, other)
    logs = []
    if one.account is not None:
        logs.append(log_of(key, other_key))
    if other.account is not None and other is not one:
        logs.append(log_of(other_key, key))
    return tuple(dict.fromkeys(logs))


def key_of(names: Names, user: User) -> str:
    """What *user* is called in the logs of others."""
    return names.fold(user.account or user.nick)
