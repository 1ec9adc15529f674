"""Entries as people with nothing but `nc` read them."""

from triochat.domain import multiline
from triochat.domain.entry import LINES, Entry
from triochat.domain.names import DEFAULT_ROOM, fold_ascii
from triochat.proto.text import strip_formatting, visible

_ACTION = "\x01ACTION "


def clean(text: str) -> str:
    """User text without formatting codes, with control characters made visible."""
    return visible(strip_formatting(text))


def room_prefix(target: str) -> str:
    """How a line names its room: not at all when it is the default one."""
    return "" if fold_ascii(target) == DEFAULT_ROOM else f"{target} "


def describe(entry: Entry) -> str:
    """What is no line of conversation as one line of text, "" when there is nothing to say to a person."""
    nick, params, command = entry.nick, entry.params, entry.command
    reason = f" ({clean(params[-1])})" if params and params[-1] else ""
    if command == "JOIN":
        return f"{room_prefix(params[0])}* {nick} joined."
    if command == "PART":
        return f"{room_prefix(params[0])}* {nick} left{reason if len(params) > 1 else ''}."
    if command == "QUIT":
        return f"* {nick} left{reason}."
    if command == "NICK":
        return f"* {nick} is now {params[0]}."
    if command == "TOPIC":
        change = f"set the topic: {clean(params[1])}" if params[1] else "removed the topic."
        return f"{room_prefix(params[0])}* {nick} {change}"
    if command == "KICK":
        return f"{room_prefix(params[0])}* {nick} put {params[1]} out{reason}."
    if command == "MODE":
        return f"{room_prefix(params[0])}* {nick} set {clean(' '.join(params[1:]))}."
    return ""


def _describe_line(command: str, nick: str, target: str, text: str) -> str:
    to_room = target[:1] == "#"
    prefix = room_prefix(target) if to_room else ""
    if text.startswith(_ACTION):
        return f"{prefix}* {nick} {clean(text.removeprefix(_ACTION).rstrip(chr(1)))}"
    if text.startswith("\x01"):
        return ""  # other CTCP is talk between programs
    if command == "NOTICE":
        return f"{prefix}-{nick}- {clean(text)}"
    return f"{prefix}{nick}: {clean(text)}" if to_room else f"[{nick}] {clean(text)}"


def write_entry(entry: Entry, at: str = "") -> bytes:
    """The entry as bytes for the plain-line door, with the words *at* before each line."""
    if entry.command not in LINES:
        texts = [describe(entry)]
    else:
        target, text = entry.params
        said = multiline.combine(text).split(multiline.NEW_LINE)
        texts = [_describe_line(entry.command, entry.nick, target, line) for line in said if line]
    return "".join(f"{at}{text}\r\n" for text in texts if text).encode()
