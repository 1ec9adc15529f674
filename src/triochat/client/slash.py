"""What a typed line means: text for the room, or a /command. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from triochat.client import names


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Act:
    text: str


@dataclass(frozen=True, slots=True)
class Whisper:
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class ShowHelp:
    pass


@dataclass(frozen=True, slots=True)
class ShowPeople:
    room: str | None


@dataclass(frozen=True, slots=True)
class ShowRooms:
    pass


@dataclass(frozen=True, slots=True)
class Join:
    room: str
    key: str


@dataclass(frozen=True, slots=True)
class Leave:
    room: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Rename:
    name: str


@dataclass(frozen=True, slots=True)
class Topic:
    """*text* None asks for the topic."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Search:
    words: str
    room: str
    sender: str


@dataclass(frozen=True, slots=True)
class Quit:
    reason: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """The line makes no sense; *text* says why, in a sentence."""

    text: str


Intent = (
    Say | Act | Whisper | ShowHelp | ShowPeople | ShowRooms | Join | Leave | Rename | Topic | Search | Quit | Wrong
)


@dataclass(frozen=True, slots=True)
class Command:
    """One /command: its *read* makes an intent of what follows the name, or None when that is not enough."""

    usage: str
    summary: str
    read: Callable[[str], Intent | None]
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.usage.split()[0]


def _msg(rest: str) -> Intent | None:
    to, _, text = rest.partition(" ")
    if to and (to[0] == ":" or "," in to or not to.isprintable()):
        return Wrong(f"{to} is not a name.")
    return Whisper(to, text.strip()) if text.strip() else None


def _users(rest: str) -> Intent:
    return ShowPeople(names.as_room(rest.split()[0]) if rest else None)


def _join(rest: str) -> Intent | None:
    room, _, key = rest.partition(" ")
    if not room or "," in room or " " in key.strip():
        return None
    if (problem := names.room_problem(room)) is not None:
        return Wrong(problem)
    return Join(names.as_room(room), key.strip())


def _leave(rest: str) -> Intent:
    first, _, reason = rest.partition(" ")
    return Leave(first, reason.strip()) if first[:1] in ("#", "&") else Leave(None, rest)


def _nick(rest: str) -> Intent | None:
    if not rest:
        return None
    problem = names.problem(rest)
    return Wrong(problem) if problem else Rename(rest)


def _search(rest: str) -> Intent | None:
    room = sender = ""
    words = []
    for word in rest.split():
        kind, colon, value = word.partition(":")
        if colon and value and kind.lower() == "in":
            room = names.as_room(value)
        elif colon and value and kind.lower() == "from":
            sender = value
        else:
            words.append(word)
    return Search(" ".join(words), room, sender) if words or sender else None


COMMANDS = (
    Command("help", "Show this list", lambda rest: ShowHelp()),
    Command("msg NAME TEXT", "Say something to one person only", _msg),
    Command("users [ROOM]", "Who is here", _users, ("who", "names")),
    Command("rooms", "Which rooms there are", lambda rest: ShowRooms(), ("list",)),
    Command("join ROOM [KEY]", "Enter a room, or go back to one you are in", _join, ("j",)),
    Command("leave [ROOM]", "Leave this room, back to the previous one", _leave, ("part",)),
    Command("nick NAME", "Change your name", _nick, ("name",)),
    Command("me ACTION", "/me waves shows as * Bob waves", lambda rest: Act(rest) if rest else None),
    Command("topic [TEXT]", "Show or set what the room is about", lambda rest: Topic(rest or None)),
    Command("search WORDS", "Find what was said; also from:NAME, in:ROOM", _search),
    Command("quit", "Leave the chat", Quit, ("exit", "q")),
)
_BY_NAME = {name: command for command in COMMANDS for name in (command.name, *command.aliases)}
_WIDTH = max(len(command.usage) for command in COMMANDS) + 3


def parse(line: str) -> Intent:
    """Read one typed line. `//text` is the text `/text`."""
    if not line.startswith("/"):
        return Say(line)
    if line.startswith("//"):
        return Say(line[1:])
    word, _, rest = line[1:].partition(" ")
    command = _BY_NAME.get(word.lower())
    if command is None:
        return Wrong(_unknown(word))
    return command.read(rest.strip()) or Wrong(f"Usage: /{command.usage}")


def help_lines() -> list[str]:
    """All commands and keys; fits a screen of 80 × 24."""
    commands = [
        f"/{command.usage:<{_WIDTH}}{command.summary}"
        + (f" (also {', '.join('/' + alias for alias in command.aliases)})" if command.aliases else "")
        for command in COMMANDS
    ]
    return [
        *commands,
        f"{'//text':<{_WIDTH + 1}}Say /text, slash included",
        f"{'Tab':<{_WIDTH + 1}}Complete a name, a /command or a #room",
        f"{'Ctrl-C, Ctrl-D':<{_WIDTH + 1}}Clear the line; on an empty line leave",
    ]


def command_names() -> list[str]:
    return [f"/{command.name}" for command in COMMANDS]


def _unknown(word: str) -> str:
    guesses = get_close_matches(word.lower(), _BY_NAME, n=1, cutoff=0.5)
    if not guesses:
        guesses = [name for name in _BY_NAME if word and name.startswith(word.lower())][:1]
    hint = f"Did you mean /{guesses[0]}?" if guesses else "/help lists what there is."
    return f"No command /{word}. {hint}"
