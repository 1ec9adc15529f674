"""What keys do in the full-screen view: one table for the bindings, the settings and the page that F1 shows. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


class Action(Enum):
    """What a person can do by a key; the value is its name in the settings."""

    SEND = "send"
    NEW_LINE = "new-line"
    COMPLETE = "complete"
    COMPLETE_BACK = "complete-back"
    OLDER_TYPED = "older-typed"
    NEWER_TYPED = "newer-typed"
    FIND_TYPED = "find-typed"
    SEARCH = "search"
    JUMP = "jump"
    NEXT_ACTIVE = "next-active"
    PREVIOUS_ROOM = "previous-room"
    NEXT_ROOM = "next-room"
    PAGE_UP = "page-up"
    PAGE_DOWN = "page-down"
    NEWEST = "newest"
    END = "end"
    FIRST_UNREAD = "first-unread"
    PREVIOUS_MENTION = "previous-mention"
    NEXT_MENTION = "next-mention"
    HELP = "help"
    PEOPLE = "people"
    BARE = "bare"
    REDRAW = "redraw"
    TYPING = "typing"
    CLEAR = "clear"
    LEAVE = "leave"
    SUSPEND = "suspend"


@dataclass(frozen=True, slots=True)
class Entry:
    """One action: the keys it has by default, and what it does in a few words; empty: what the entry before says."""

    action: Action
    keys: tuple[str, ...]
    summary: str


TABLE = (
    Entry(Action.SEND, ("enter",), "send"),
    Entry(Action.NEW_LINE, ("alt-enter", "ctrl-j"), "new line; also \\ at the end"),
    Entry(Action.COMPLETE, ("tab",), "complete a name, /command, #room, :emoji:; or back"),
    Entry(Action.COMPLETE_BACK, ("shift-tab",), ""),
    Entry(Action.OLDER_TYPED, ("up",), "on an empty line edit my last one; else what I typed before"),
    Entry(Action.NEWER_TYPED, ("down",), ""),
    Entry(Action.FIND_TYPED, ("ctrl-r",), "find what I typed"),
    Entry(Action.SEARCH, ("ctrl-f",), "search messages"),
    Entry(Action.JUMP, ("ctrl-k",), "jump to a room or person"),
    Entry(Action.NEXT_ACTIVE, ("alt-a", "ctrl-n"), "next room with news, mentions first"),
    Entry(Action.PREVIOUS_ROOM, ("alt-left",), "room before, room after; alt-1 … alt-9: that room"),
    Entry(Action.NEXT_ROOM, ("alt-right",), ""),
    Entry(Action.PAGE_UP, ("pageup",), "scroll, as the wheel does; going up loads history"),
    Entry(Action.PAGE_DOWN, ("pagedown",), ""),
    Entry(Action.NEWEST, ("esc",), "close what is open; back to the newest line"),
    Entry(Action.END, ("end",), ""),
    Entry(Action.FIRST_UNREAD, ("alt-u",), "first unread line"),
    Entry(Action.PREVIOUS_MENTION, ("alt-p",), "mention before, mention after"),
    Entry(Action.NEXT_MENTION, ("alt-n",), ""),
    Entry(Action.HELP, ("f1",), "these keys; also ? on an empty line"),
    Entry(Action.PEOPLE, ("f2",), "user list on or off"),
    Entry(Action.BARE, ("alt-l",), "bare text, for copying"),
    Entry(Action.REDRAW, ("ctrl-l",), "redraw the screen"),
    Entry(Action.TYPING, ("ctrl-t",), "tell others that I type, or not"),
    Entry(Action.CLEAR, ("ctrl-c",), "clear the line; twice: leave"),
    Entry(Action.LEAVE, ("ctrl-d",), "leave, on an empty line"),
    Entry(Action.SUSPEND, ("ctrl-z",), "back to the shell; fg returns"),
)
ROOM_KEYS = tuple(f"alt-{number}" for number in range(1, 10))
"""Room 1 to 9. Like `?` on an empty line and the trailing backslash they cannot be given away."""

_NAMED = {
    "enter": "enter",
    "tab": "tab",
    "esc": "escape",
    "escape": "escape",
    "space": " ",
    "backspace": "backspace",
    "delete": "delete",
    "insert": "insert",
    "up": "up",
    "down": "down",
    "left": "left",
    "right": "right",
    "home": "home",
    "end": "end",
    "pageup": "pageup",
    "pagedown": "pagedown",
    **{f"f{number}": f"f{number}" for number in range(1, 25)},
}
_WITH_CONTROL = frozenset(("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "delete", "insert"))
_WITH_SHIFT = _WITH_CONTROL | {"tab"}
_SAME_AS = {"ctrl-i": "tab", "ctrl-m": "enter", "ctrl-h": "backspace", "ctrl-[": "esc"}


class BadKey(ValueError):
    """Its text is a sentence for people."""


def sequence(key: str) -> tuple[str, ...]:
    """What a terminal sends for *key*, such as `alt-enter`, in prompt_toolkit's words; raises BadKey."""
    name = key.strip().lower()
    if name in _SAME_AS:
        raise BadKey(f"{key} is {_SAME_AS[name]} to a terminal; name that instead.")
    if name.startswith("alt-") and len(name) > len("alt-"):
        return ("escape", *sequence(name[len("alt-") :]))
    if name.startswith("ctrl-"):
        rest = name[len("ctrl-") :]
        if rest in _WITH_CONTROL or (len(rest) == 1 and (rest in "@\\]^_" or "a" <= rest <= "z")):
            return (f"c-{rest}",)
    elif name.startswith("shift-") and name[len("shift-") :] in _WITH_SHIFT:
        return (f"s-{name[len('shift-') :]}",)
    elif name in _NAMED:
        return (_NAMED[name],)
    elif len(name) == 1 and name.isprintable():
        return (name,)
    raise BadKey(f"There is no key {key!r}; keys are called like ctrl-k, alt-a, alt-enter, pageup, f1.")


def bound(changes: Mapping[str, Iterable[str]] | None = None) -> dict[Action, tuple[str, ...]]:
    """The keys of each action after *changes*, which name actions and give each all its keys; raises BadKey.

    A key that is given to an action is taken from whatever had it.
    """
    keys = {entry.action: entry.keys for entry in TABLE}
    for name, given in (changes or {}).items():
        try:
            action = Action(name)
        except ValueError:
            raise BadKey(f"There is no action {name!r}; F1 and the manual list them.") from None
        wanted = tuple(given)
        for key in wanted:
            if len(sequence(key)) == 1 and len(key) == 1:
                raise BadKey(f"{key!r} alone cannot be given to {name}; it is needed for typing.")
            if sequence(key) in map(sequence, ROOM_KEYS):
                raise BadKey(f"{key} goes to a room and cannot be given to {name}.")
        taken = {sequence(key) for key in wanted}
        for other, those in keys.items():
            keys[other] = tuple(key for key in those if sequence(key) not in taken)
        keys[action] = wanted
    return keys


def grouped() -> list[list[Entry]]:
    """The table, with entries that share a summary together."""
    groups: list[list[Entry]] = []
    for entry in TABLE:
        if entry.summary:
            groups.append([])
        groups[-1].append(entry)
    return groups


def help_rows(keys: Mapping[Action, tuple[str, ...]]) -> list[tuple[str, str]]:
    """What F1 shows: keys, and what they do."""
    return [
        (" ".join(key for entry in entries for key in keys[entry.action]) or "–", entries[0].summary)
        for entries in grouped()
    ]
