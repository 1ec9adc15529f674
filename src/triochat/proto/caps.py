"""Capabilities that the server offers, as bits, and how they are negotiated.

Specification: https://ircv3.net/specs/extensions/capability-negotiation (version 302).
"""

from typing import Final


class Cap:
    """One bit a capability, so that a session's whole set is a small integer (and a dictionary key).

    Plain integers: enum.IntFlag takes a microsecond for each `&`, and this is asked for every message."""

    MESSAGE_TAGS: Final = 1 << 0
    SERVER_TIME: Final = 1 << 1
    ECHO_MESSAGE: Final = 1 << 2
    BATCH: Final = 1 << 3
    MULTI_PREFIX: Final = 1 << 4
    USERHOST_IN_NAMES: Final = 1 << 5
    EXTENDED_JOIN: Final = 1 << 6
    AWAY_NOTIFY: Final = 1 << 7
    INVITE_NOTIFY: Final = 1 << 8
    CAP_NOTIFY: Final = 1 << 9
    CHATHISTORY: Final = 1 << 10
    LABELED_RESPONSE: Final = 1 << 11
    STANDARD_REPLIES: Final = 1 << 12
    SETNAME: Final = 1 << 13
    NO_IMPLICIT_NAMES: Final = 1 << 14
    EXTENDED_MONITOR: Final = 1 << 15


NONE: Final = 0

NAMES: dict[str, int] = {
    "away-notify": Cap.AWAY_NOTIFY,
    "batch": Cap.BATCH,
    "cap-notify": Cap.CAP_NOTIFY,
    "draft/chathistory": Cap.CHATHISTORY,
    "echo-message": Cap.ECHO_MESSAGE,
    "extended-join": Cap.EXTENDED_JOIN,
    "extended-monitor": Cap.EXTENDED_MONITOR,
    "invite-notify": Cap.INVITE_NOTIFY,
    "labeled-response": Cap.LABELED_RESPONSE,
    "message-tags": Cap.MESSAGE_TAGS,
    "multi-prefix": Cap.MULTI_PREFIX,
    "no-implicit-names": Cap.NO_IMPLICIT_NAMES,
    "server-time": Cap.SERVER_TIME,
    "setname": Cap.SETNAME,
    "standard-replies": Cap.STANDARD_REPLIES,
    "userhost-in-names": Cap.USERHOST_IN_NAMES,
}


def names_of(caps: int) -> list[str]:
    """The capabilities in *caps* by their wire names, sorted."""
    return [name for name, cap in NAMES.items() if cap & caps]


def request(enabled: int, words: str) -> int | None:
    """What `CAP REQ :words` makes of *enabled*; None = refuse the request whole, as the specification demands."""
    for word in words.split():
        remove = word.startswith("-")
        cap = NAMES.get(word.removeprefix("-"))
        if cap is None:
            return None
        enabled = enabled & ~cap if remove else enabled | cap
    return enabled
