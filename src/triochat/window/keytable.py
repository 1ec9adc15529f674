"""What keys do in the window: one table for the bindings, the menus and the page that F1 shows. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """*action* is the name of a method of `deeds.Deeds`. *keys* in words: `Mod` is Ctrl, on a Mac Command."""

    action: str
    keys: tuple[str, ...]
    summary: str


TABLE = (
    Key("jump", ("Mod-k",), "go to a room or person by a few letters"),
    Key("next_active", ("Alt-a",), "next conversation with news, mentions first"),
    Key("conversation_before", ("Mod-Prior", "Alt-Up"), "conversation before"),
    Key("conversation_after", ("Mod-Next", "Alt-Down"), "conversation after"),
    Key("join", ("Mod-j",), "join a room"),
    Key("write_to", ("Mod-n",), "write to one person"),
    Key("close_conversation", ("Mod-w",), "leave the room, close the conversation"),
    Key("search", ("Mod-f",), "search"),
    Key("page_up", ("Prior",), "scroll up; going on loads earlier lines"),
    Key("page_down", ("Next",), "scroll down"),
    Key("first_unread", ("Alt-u",), "first unread line"),
    Key("newest", ("Escape", "Mod-End"), "close what is open; back to the newest line"),
    Key("focus_next", ("F6",), "from messages to people to rooms to the input"),
    Key("people", ("F2",), "list of people on or off"),
    Key("larger", ("Mod-plus", "Mod-equal"), "larger text"),
    Key("smaller", ("Mod-minus",), "smaller text"),
    Key("normal_size", ("Mod-0",), "normal text"),
    Key("help", ("F1",), "this page"),
    Key("quit", ("Mod-q",), "leave"),
)

INPUT = (
    ("Enter", "send"),
    ("Shift+Enter", "new line"),
    ("Tab", "complete a name, /command or #room; on an empty line the next field"),
    ("Up, Down", "on the first and last row: what you sent before"),
    ("Alt+1 … Alt+9", "conversation 1 to 9"),
)

_NAMES = {"Prior": "PgUp", "Next": "PgDn", "Escape": "Esc", "plus": "+", "minus": "-", "equal": "="}


def event(key: str, *, mac: bool) -> str:
    """*key* in Tk's words."""
    parts = key.split("-")
    words = {"Mod": "Command" if mac else "Control", "Alt": "Option" if mac else "Alt"}
    return f"<{'-'.join([*(words.get(part, part) for part in parts[:-1]), parts[-1]])}>"


def label(key: str, *, mac: bool) -> str:
    """*key* as menus show it."""
    *modifiers, last = key.split("-")
    name = _NAMES.get(last, last if len(last) > 1 else last.upper())
    words = {"Mod": "Command" if mac else "Ctrl", "Alt": "Option" if mac else "Alt"}
    return "+".join([*(words.get(part, part) for part in modifiers), name])


def label_of(action: str, *, mac: bool) -> str:
    """The first key of *action*."""
    return next((label(key.keys[0], mac=mac) for key in TABLE if key.action == action), "")


def help_rows(*, mac: bool) -> list[tuple[str, str]]:
    """Keys, and what they do."""
    table = [(", ".join(label(key, mac=mac) for key in entry.keys), entry.summary) for entry in TABLE]
    return [*INPUT, *table]
