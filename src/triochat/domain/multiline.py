"""Messages of several lines (https://ircv3.net/specs/extensions/multiline) as the text of one entry.

The lines stand in the entry's one text, divided by characters that no received line can hold. So a message of
several lines has one place in the log and one msgid, and the text of an ordinary message never looks like one.
"""

import re
from collections.abc import Iterable

NEW_LINE = "\n"
CONTINUED = "\0"
"""Stands before a line that goes on where the one before it ends."""

_DIVIDERS = re.compile(f"([{NEW_LINE}{CONTINUED}])")


def join(lines: Iterable[tuple[str, bool]]) -> str:
    """*lines* as one text; True = the line continues the one before it."""
    text = "".join(f"{CONTINUED if continued else NEW_LINE}{line}" for line, continued in lines)
    return text[1:]


def has_lines(text: str) -> bool:
    """True when *text* is a message of several lines."""
    return NEW_LINE in text or CONTINUED in text


def count(text: str) -> int:
    """How many lines *text* has: 1 for an ordinary message."""
    return 1 + text.count(NEW_LINE) + text.count(CONTINUED)


def split(text: str) -> list[tuple[str, bool]]:
    """The lines as they were sent, each with True when it continues the one before it."""
    first, *rest = _DIVIDERS.split(text)
    return [(first, False), *((line, by == CONTINUED) for by, line in zip(rest[::2], rest[1::2], strict=True))]


def combine(text: str) -> str:
    """What the message says: lines divided by line feeds, those that continue joined to the ones before them."""
    return text.replace(CONTINUED, "")
