"""`[colours]` of the settings, which are in a terminal's words, for the window. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from triochat.window.palette import Palette

TAGS = {
    "time": "time",
    "dim": "dim",
    "event": "event",
    "rule": "rule",
    "here": "here",
    "status-line": "status",
    "error": "error",
    "welcome": "welcome",
    "mention": "mention",
    "mention.name": "mentionname",
    "link": "link",
    "pending": "pending",
    "unsent": "unsent",
    "redacted": "redacted",
    "found": "found",
}
"""The parts that the messages have, too, and their tags."""
ROWS = {"list.unread": "unread", "list.mention": "mentions", "list.away": "away"}
"""The same of the lists."""
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_ON = ("bold", "italic", "underline", "reverse")
_OF_TERMINALS = frozenset(("blink", "hidden", "strike", "dim", "noinherit", "default", "ansidefault"))


class BadColour(ValueError):
    """Its text is what is wrong, without a full stop."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a part is to differ; None: not at all."""

    foreground: str | None = None
    background: str | None = None
    bold: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    reverse: bool | None = None


def appearance(style: str, palette: Palette, is_known: Callable[[str], bool] = lambda _: False) -> Appearance:
    """What *style* means among the colours of *palette*, and those whose names are known to the screen; raises
    BadColour."""
    changes: dict[str, Any] = {}
    for word in style.lower().split():
        if word in _ON:
            changes[word] = True
        elif word.startswith("no") and word[2:] in _ON:
            changes[word[2:]] = False
        elif word.removeprefix("no") not in _OF_TERMINALS and word not in _OF_TERMINALS:
            where = "background" if word.startswith("bg:") else "foreground"
            changes[where] = _colour(word.removeprefix("bg:").removeprefix("fg:"), palette, is_known)
    looks = Appearance(**changes)
    if looks.reverse:
        foreground, background = looks.background or palette.paper, looks.foreground or palette.text
        looks = replace(looks, foreground=foreground, background=background)
    return looks


def _colour(word: str, palette: Palette, is_known: Callable[[str], bool]) -> str:
    if _HEX.fullmatch(word):
        return word
    # The sixteen of a terminal are what its owner can read; here they are what can be read in this theme.
    name = word.removeprefix("ansi").removeprefix("bright").removeprefix("dark").removeprefix("light")
    named = {
        "black": palette.text if not palette.dark else palette.line,
        "white": palette.text if palette.dark else palette.line,
        "gray": palette.dim,
        "grey": palette.dim,
        "red": palette.error,
        "green": palette.good,
        "yellow": palette.warning,
        "blue": palette.accent,
        "magenta": palette.names[8],
        "purple": palette.names[7],
        "cyan": palette.names[4],
        "turquoise": palette.names[4],
        "teal": palette.names[4],
        "fuchsia": palette.names[8],
        "orange": palette.names[1],
    }
    if name in named:
        return named[name]
    if word.isalpha() and is_known(word):
        return word
    raise BadColour(f"There is no colour {word!r}")
