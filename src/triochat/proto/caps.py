"""Capabilities that the server offers, as bits, and how they are negotiated.

Specification: https://ircv3.net/specs/extensions/capability-negotiation (version 302).
"""

from collections.abc import Mapping
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
    ACCOUNT_NOTIFY: Final = 1 << 16
    ACCOUNT_TAG: Final = 1 << 17
    CHGHOST: Final = 1 << 18
    SASL: Final = 1 << 19
    ACCOUNT_REGISTRATION: Final = 1 << 20
    CHANNEL_RENAME: Final = 1 << 21
    EVENT_PLAYBACK: Final = 1 << 22
    MESSAGE_REDACTION: Final = 1 << 23
    METADATA: Final = 1 << 24
    MULTILINE: Final = 1 << 25
    PRE_AWAY: Final = 1 << 26
    READ_MARKER: Final = 1 << 27
    RELAYMSG: Final = 1 << 28
    SEARCH: Final = 1 << 29
    RESEND: Final = 1 << 31


NONE: Final = 0

NAMES: dict[str, int] = {
    "sasl": Cap.SASL,
    "account-notify": Cap.ACCOUNT_NOTIFY,
    "account-tag": Cap.ACCOUNT_TAG,
    "away-notify": Cap.AWAY_NOTIFY,
    "batch": Cap.BATCH,
    "cap-notify": Cap.CAP_NOTIFY,
    "chghost": Cap.CHGHOST,
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
    "draft/account-registration": Cap.ACCOUNT_REGISTRATION,
    "draft/channel-rename": Cap.CHANNEL_RENAME,
    "draft/chathistory": Cap.CHATHISTORY,
    "draft/event-playback": Cap.EVENT_PLAYBACK,
    "draft/message-redaction": Cap.MESSAGE_REDACTION,
    "draft/metadata-3": Cap.METADATA,
    "draft/multiline": Cap.MULTILINE,
    "draft/pre-away": Cap.PRE_AWAY,
    "draft/read-marker": Cap.READ_MARKER,
    "draft/relaymsg": Cap.RELAYMSG,
    "soju.im/search": Cap.SEARCH,
    "triochat/resend": Cap.RESEND,
}
"""In the order in which they are offered: clients that read one line only must see `sasl`."""


def names_of(caps: int) -> list[str]:
    """The capabilities in *caps* by their wire names."""
    return [name for name, cap in NAMES.items() if cap & caps]


def listing(offered: int, values: Mapping[str, str]) -> list[str]:
    """What CAP LS shows of *offered*; with *values* for clients that understand them, empty for others."""
    shown = [f"{name}={values[name]}" if values.get(name) else name for name in names_of(offered)]
    return [*shown, *(f"{name}={value}" for name, value in values.items() if name not in NAMES)]


def request(enabled: int, words: str, offered: int) -> int | None:
    """What `CAP REQ :words` makes of *enabled*; None = refuse the request whole, as the specification demands."""
    for word in words.split():
        remove = word.startswith("-")
        cap = NAMES.get(word.removeprefix("-"), 0)
        if not cap & offered:
            return None
        enabled = enabled & ~cap if remove else enabled | cap
    return enabled
