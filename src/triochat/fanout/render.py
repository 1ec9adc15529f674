"""Entries as bytes, once for each flavour of session and not once for each member.

A flavour is what of a session's capabilities changes how entries look to it, as bits; or LINE for the plain-line
door.
"""

import time

from triochat.domain.entry import Entry
from triochat.fanout.plaintext import write_entry
from triochat.proto.caps import Cap
from triochat.proto.message import fit, format_line

LINE = 1 << 30
"""The flavour of plain-line sessions."""

_SHOWN = Cap.MESSAGE_TAGS | Cap.SERVER_TIME | Cap.EXTENDED_JOIN | Cap.AWAY_NOTIFY | Cap.INVITE_NOTIFY | Cap.SETNAME
_NEEDS = {
    "AWAY": Cap.AWAY_NOTIFY,
    "INVITE": Cap.INVITE_NOTIFY,
    "SETNAME": Cap.SETNAME,
    "TAGMSG": Cap.MESSAGE_TAGS,
}
_TAGGED = Cap.MESSAGE_TAGS
_TIMED = Cap.SERVER_TIME
_EXTENDED_JOIN = Cap.EXTENDED_JOIN
_TEXT_AT = {"TOPIC": 1, "PART": 1, "KICK": 2, "QUIT": 0, "AWAY": 0, "SETNAME": 0}
"""Which parameter is free text, and so always stands behind a colon."""

_second = -1
_second_text = ""


def flavour_of(caps: int) -> int:
    """The flavour of an IRC session with these capabilities."""
    return caps & _SHOWN


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


def tags(entry: Entry, flavour: int) -> str:
    """The entry's tags as this flavour sees them, "" for none."""
    parts = []
    if flavour & _TAGGED:
        parts.append(f"msgid={entry.msgid}")
        if entry.tags:
            parts.append(entry.tags)
    if flavour & _TIMED:
        parts.append(f"time={timestamp(entry.time_ms)}")
    return ";".join(parts)


def encode(entry: Entry, flavour: int, *, batch: str = "") -> bytes:
    """The entry as sent to sessions of *flavour*: b"" when it has no form there. *batch* is the reference of the
    batch that it is part of (https://ircv3.net/specs/extensions/batch)."""
    needed = _NEEDS.get(entry.command)
    if needed is not None and not flavour & needed:
        return b""
    return encode_always(entry, flavour, batch=batch)


def encode_earlier(entry: Entry, flavour: int) -> bytes:
    """An entry from before: people at the plain door see when it was."""
    if flavour & LINE:
        return write_entry(entry, at=time.strftime("[%H:%M] ", time.localtime(entry.time_ms // 1000)))
    return encode_always(entry, flavour)


def encode_always(entry: Entry, flavour: int, *, batch: str = "") -> bytes:
    """The same for a recipient who is addressed, and so gets it whatever was negotiated."""
    if flavour & LINE:
        return write_entry(entry)
    line = body(entry, extended_join=bool(flavour & _EXTENDED_JOIN))
    tagged = tags(entry, flavour) if flavour & (_TAGGED | _TIMED) else ""
    if batch:
        tagged = f"batch={batch};{tagged}" if tagged else f"batch={batch}"
    return (f"@{tagged} {line}\r\n" if tagged else f"{line}\r\n").encode()
