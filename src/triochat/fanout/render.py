"""Entries as bytes, once for each flavour of session and not once for each member.

A flavour is what of a session's capabilities changes how entries look to it, as bits; or LINE for the plain-line
door.
"""

import time
from collections.abc import Iterator

from triochat.domain import multiline
from triochat.domain.entry import LINES, RELAYED, Entry
from triochat.domain.user import User
from triochat.fanout.plaintext import write_entry
from triochat.proto.caps import Cap
from triochat.proto.message import fit, format_line

LINE = 1 << 30
"""The flavour of plain-line sessions."""

_NEEDS = {
    "ACCOUNT": Cap.ACCOUNT_NOTIFY,
    "CHGHOST": Cap.CHGHOST,
    "REDACT": Cap.MESSAGE_REDACTION,
    "RENAME": Cap.CHANNEL_RENAME,
    "AWAY": Cap.AWAY_NOTIFY,
    "INVITE": Cap.INVITE_NOTIFY,
    "SETNAME": Cap.SETNAME,
    "TAGMSG": Cap.MESSAGE_TAGS,
}
_SHOWN = (
    Cap.MESSAGE_TAGS
    | Cap.SERVER_TIME
    | Cap.ACCOUNT_TAG
    | Cap.EXTENDED_JOIN
    | Cap.AWAY_NOTIFY
    | Cap.INVITE_NOTIFY
    | Cap.SETNAME
    | Cap.ACCOUNT_NOTIFY
    | Cap.CHGHOST
    | Cap.MESSAGE_REDACTION
    | Cap.MULTILINE
    | Cap.CHANNEL_RENAME
    | Cap.RELAYMSG
)
_TAGGED = Cap.MESSAGE_TAGS
_ACCOUNT = Cap.ACCOUNT_TAG
_RELAYS = Cap.RELAYMSG
_ANY_TAG = _TAGGED | Cap.SERVER_TIME | _ACCOUNT | _RELAYS
_TIMED = Cap.SERVER_TIME
_EXTENDED_JOIN = Cap.EXTENDED_JOIN
_MULTILINE = Cap.MULTILINE
_REPEATED_TAGS = 512
"""Characters of client tags that every line of a message has for those who see separate lines; more of them stand
before the first line alone, as a hundred copies would be a flood."""
_TEXT_AT = {"TOPIC": 1, "PART": 1, "KICK": 2, "QUIT": 0, "AWAY": 0, "SETNAME": 0, "REDACT": 2, "RENAME": 2}
"""Which parameter is free text, and so always stands behind a colon."""

_second = -1
_second_text = ""


def flavour_of(caps: int) -> int:
    """The flavour of an IRC session with these capabilities. Who cannot read batches sees no message of several lines
    as one."""
    return caps & _SHOWN if caps & Cap.BATCH else caps & _SHOWN & ~_MULTILINE


def timestamp(time_ms: int) -> str:
    """A time as https://ircv3.net/specs/extensions/server-time writes it."""
    global _second, _second_text
    second, ms = divmod(time_ms, 1000)
    if second != _second:
        _second, _second_text = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
    return f"{_second_text}.{ms:03d}Z"


def body(entry: Entry, *, extended_join: bool = False) -> str:
    """The entry's line without tags and line end. Messages were measured when they came; of other lines
    a text that is too long is cut."""
    command, params = entry.command, entry.params
    if command == "PRIVMSG" or command == "NOTICE":
        return f":{entry.source} {command} {params[0]} :{params[1]}"
    if command == "JOIN" and not extended_join:
        return f":{entry.source} JOIN {params[0]}"
    if len(params) - 1 == _TEXT_AT.get(command):
        *words, last = params
        return fit(" ".join([f":{entry.source}", command, *words, f":{last}"]))
    return fit(format_line(command, params, entry.source))


def tags(entry: Entry, flavour: int, *, first: bool = True) -> str:
    """The entry's tags as this flavour sees them, "" for none. Of several lines the *first* alone has the msgid."""
    parts = []
    own = entry.tags
    if own.startswith(RELAYED):
        relayed, _, own = own.partition(";")
        if flavour & _RELAYS:
            parts.append(relayed)
    if first and flavour & _TAGGED:
        parts.append(f"msgid={entry.msgid}")
    if flavour & _ACCOUNT and entry.account is not None:
        parts.append(f"account={entry.account}")
    if flavour & _TIMED:
        parts.append(f"time={timestamp(entry.time_ms)}")
    # Tags of clients come last, as https://ircv3.net/specs/extensions/message-tags has it.
    if own and flavour & _TAGGED and (first or len(own) <= _REPEATED_TAGS):
        parts.append(own)
    return ";".join(parts)


def encode(entry: Entry, flavour: int, *, batch: str = "") -> bytes:
    """The entry as sent to sessions of *flavour*: b"" when it has no form there. *batch* is the reference of the
    batch that it is part of (https://ircv3.net/specs/extensions/batch)."""
    needed = _NEEDS.get(entry.command)
    if needed is not None and not flavour & needed:
        return b""
    return encode_always(entry, flavour, batch=batch)


def encode_moved(entry: Entry, flavour: int, user: User) -> bytes:
    """A RENAME for a session of *user* that knows no such thing: the user leaves the room and enters another one
    (https://ircv3.net/specs/extensions/channel-rename)."""
    old, new, reason = entry.params
    steps = (
        ("PART", (old, reason) if reason else (old,)),
        ("JOIN", (new, user.account or "*", user.realname)),
    )
    shown = flavour & (LINE | _EXTENDED_JOIN | _TIMED)  # these are not the entry, and so have no msgid
    return b"".join(
        encode_always(Entry(entry.seq, "", entry.time_ms, user.source, command, params), shown)
        for command, params in steps
    )


def encode_earlier(entry: Entry, flavour: int) -> bytes:
    """An entry from before: people at the plain door see when it was."""
    if flavour & LINE:
        return write_entry(entry, at=time.strftime("[%H:%M] ", time.localtime(entry.time_ms // 1000)))
    return encode_always(entry, flavour)


def encode_always(entry: Entry, flavour: int, *, batch: str = "") -> bytes:
    """The same for a recipient who is addressed, and so gets it whatever was negotiated."""
    if flavour & LINE:
        return write_entry(entry)
    if entry.command in LINES and multiline.has_lines(entry.params[1]):
        several = _as_batch if flavour & _MULTILINE else _as_lines
        return "".join(f"{line}\r\n" for line in several(entry, flavour, batch)).encode()
    line = body(entry, extended_join=bool(flavour & _EXTENDED_JOIN))
    tagged = tags(entry, flavour) if flavour & _ANY_TAG else ""
    if batch:
        tagged = f"batch={batch};{tagged}" if tagged else f"batch={batch}"
    return (f"@{tagged} {line}\r\n" if tagged else f"{line}\r\n").encode()


def _as_batch(entry: Entry, flavour: int, outer: str) -> Iterator[str]:
    """A message of several lines for those who see it as one. The reference is the same for everybody, whenever they
    see it."""
    target, text = entry.params
    reference = f"m{entry.seq}"
    within = f"batch={outer}" if outer else ""
    yield _tagged(f":{entry.source} BATCH +{reference} draft/multiline {target}", within, tags(entry, flavour))
    for line, continued in multiline.split(text):
        concat = "draft/multiline-concat" if continued else ""
        yield _tagged(f":{entry.source} {entry.command} {target} :{line}", f"batch={reference}", concat)
    yield _tagged(f"BATCH -{reference}", within)


def _as_lines(entry: Entry, flavour: int, outer: str) -> Iterator[str]:
    """The same for others, without blank lines. Only the first line has the msgid."""
    target, text = entry.params
    within = f"batch={outer}" if outer else ""
    first = True
    for line, _ in multiline.split(text):
        if line:
            shown = tags(entry, flavour, first=first)
            yield _tagged(f":{entry.source} {entry.command} {target} :{line}", within, shown)
            first = False


def _tagged(line: str, *shown: str) -> str:
    together = ";".join(filter(None, shown))
    return f"@{together} {line}" if together else line
