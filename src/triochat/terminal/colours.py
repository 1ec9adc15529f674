"""Colours of the terminal views. Without colour every state still has a mark or a word of its own. Pure."""

from collections.abc import Mapping
from zlib import crc32

NAME_COLOURS = (
    "ansired", "ansigreen", "ansiyellow", "ansiblue", "ansimagenta", "ansicyan",
    "ansibrightred", "ansibrightgreen", "ansibrightblue", "ansibrightmagenta", "ansibrightcyan",
)  # fmt: skip

PARTS = {
    "time": "#888888",
    "dim": "#888888",
    "event": "#888888",
    "rule": "#888888",
    "here": "ansired",
    "status-line": "ansicyan",
    "error": "ansired",
    "welcome": "bold",
    "mention": "bold",
    "mention.name": "reverse bold",
    "link": "underline",
    "pending": "#888888",
    "unsent": "ansired",
    "redacted": "#888888 italic",
    "found": "reverse",
    "title": "bold",
    "bar": "reverse",
    "bar.trouble": "reverse ansired",
    "list.current": "reverse",
    "list.unread": "bold",
    "list.mention": "bold ansired",
    "list.away": "#888888",
    "line": "#888888",
    "prompt": "bold",
    "popup": "",
    "popup.chosen": "reverse",
    "question": "bold ansiyellow",
}
"""The parts that have a colour of their own, and what it is unless the settings say otherwise."""


def colours(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """All parts with their styles, in prompt_toolkit's words, after *changes*."""
    return {**PARTS, **(changes or {})}


def of_name(name: str) -> str:
    """The same colour for a name on every day and every machine."""
    return NAME_COLOURS[crc32(name.casefold().encode(errors="replace")) % len(NAME_COLOURS)]
