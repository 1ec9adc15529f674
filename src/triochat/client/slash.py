"""What a typed line means: text for the conversation, or a /command. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest

from triochat.client import names
from triochat.client.intents import (
    Act,
    Away,
    Delete,
    Edit,
    Export,
    History,
    Ignore,
    Intent,
    Invite,
    Join,
    Leave,
    Login,
    Mute,
    Quit,
    React,
    Register,
    Rename,
    Reply,
    Say,
    Search,
    ShowHelp,
    ShowPeople,
    ShowRooms,
    ShowStatus,
    TellTyping,
    Topic,
    Whisper,
    Whois,
    Wrong,
)

_PASSWORD_COMMANDS = ("login", "register")
_SAID_HERE = ("me", "edit", "reply", "r")  # commands that say something


@dataclass(frozen=True, slots=True)
class Command:
    """One /command: its *read* makes an intent of what follows the name, or None when that is not enough."""

    usage: str
    summary: str
    read: Callable[[str], Intent | None]
    aliases: tuple[str, ...] = ()
    more: str = ""
    """What /help COMMAND adds."""

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


def _rename(rest: str) -> Intent | None:
    if not rest:
        return None
    problem = names.problem(rest)
    return Wrong(problem) if problem else Rename(rest)


def _one_name(make: Callable[[str], Intent]) -> Callable[[str], Intent | None]:
    def read(rest: str) -> Intent | None:
        if not rest:
            return None
        problem = names.problem(rest)
        return Wrong(problem) if problem else make(rest)

    return read


def _ignore(rest: str) -> Intent:
    problem = names.problem(rest) if rest else None
    return Wrong(problem) if problem else Ignore(rest)


def _invite(rest: str) -> Intent | None:
    words = rest.split()
    if not 0 < len(words) < 3:
        return None
    problem = names.problem(words[0]) or (names.room_problem(words[1]) if words[1:] else None)
    return Wrong(problem) if problem else Invite(words[0], names.as_room(words[1]) if words[1:] else None)


def _login(rest: str) -> Intent | None:
    """A password may have spaces: an account's name is told by `as`."""
    password, as_, account = rest.rpartition(" as ")
    if not as_ or names.problem(account) is not None:
        password, account = rest, ""
    return Login(password, account) if password else None


def _typing(rest: str) -> Intent | None:
    known = {"": None, "on": True, "off": False}
    return TellTyping(known[rest.lower()]) if rest.lower() in known else None


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
    Command("help [COMMAND]", "Show this", lambda rest: ShowHelp(rest.removeprefix("/").lower())),
    Command("msg NAME TEXT", "To one person only", _msg),
    Command("reply TEXT", "Answer the last one", lambda rest: Reply(rest) if rest else None, ("r",)),
    Command("me ACTION", "* Bob waves", lambda rest: Act(rest) if rest else None),
    Command(
        "edit TEXT", "Change last line", lambda rest: Edit(rest) if rest else None,
        more="The old line is taken back, and the new one says that it replaces it.",
    ),
    Command("delete", "Take it back", lambda rest: Delete(), more="Your last line here, for everybody, for good."),
    Command(
        "react EMOJI",
        "React to last line",
        lambda rest: React(rest) if rest and " " not in rest and len(rest) <= 20 else None,
        more="The last line of somebody else, in the current conversation.",
    ),
    Command("users [ROOM]", "Who is here", _users, ("who", "names")),
    Command("whois NAME", "About somebody", _one_name(Whois)),
    Command("rooms", "All rooms", lambda rest: ShowRooms(), ("list",)),
    Command("join ROOM [KEY]", "Enter a room", _join, ("j",), more="Goes back to one that you are in already."),
    Command(
        "leave [ROOM]", "Leave it, go back", _leave, ("part", "close"), more="Closes a private conversation, too."
    ),
    Command("invite NAME [ROOM]", "Let them in", _invite),
    Command("topic [TEXT]", "What it is about", lambda rest: Topic(rest or None), more="Shows it, or sets it."),
    Command("name NEW", "Change your name", _rename, ("nick",)),
    Command(
        "register PASSWORD", "Make the name yours", lambda rest: Register(rest) if rest else None,
        more="From then on nobody else can use it, and it opens on your other devices by /login.",
    ),
    Command(
        "login PASSWORD", "It is yours already", _login,
        more="/login PASSWORD as NAME logs in to the account of another name.",
    ),
    Command("away [TEXT]", "Be away, or back", Away),
    Command("search WORDS", "Find what was said", _search, more="Also from:NAME and in:ROOM."),
    Command("history", "Read earlier lines", lambda rest: History()),
    Command(
        "export FILE", "Save what is here", lambda rest: Export(rest) if rest else None,
        more="As text, or as JSON lines if FILE ends in .jsonl.",
    ),
    Command("ignore [NAME]", "Hide their lines", _ignore, more="The same again shows them again."),
    Command("mute", "No alerts from here", lambda rest: Mute(), more="The same again switches them on."),
    Command("typing [on|off]", "Show when you type", _typing),
    Command("status", "Server, lag, account", lambda rest: ShowStatus()),
    Command("quit", "Leave the chat", Quit, ("exit", "q")),
)  # fmt: skip
_BY_NAME = {name: command for command in COMMANDS for name in (command.name, *command.aliases)}
_WIDTH = 18
_COLUMN = 40


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


def secret_from(line: str, to: str = "") -> int | None:
    """Where in *line*, written in the conversation *to*, begins what nobody else may read: a password, the key of a
    room, what a network's services are told. None when nothing is secret, or about to be."""
    words = list(re.finditer(r"\S+", line))
    if not words:
        return None
    word = words[0].group()
    name = word.lower().removeprefix("/")
    behind = words[1].start() if len(words) > 1 else len(line)
    if not word.startswith("/") or word.startswith("//") or name in _SAID_HERE:
        return behind if names.is_service(to) else None
    to_service = name == "msg" and len(words) > 1 and names.is_service(words[1].group())
    if to_service or name in _PASSWORD_COMMANDS:
        return behind
    return words[2].start() if name in ("join", "j") and len(words) > 2 else None


def is_secret(line: str, to: str = "") -> bool:
    """*line*, written in the conversation *to*, holds a password, or is about to: it belongs neither into a history
    of typed lines nor onto a disk."""
    return secret_from(line, to) is not None


def help_lines() -> list[str]:
    """All commands and keys; fits a screen of 80 × 24."""
    rows = [f"/{command.usage:<{_WIDTH}} {command.summary}" for command in COMMANDS]
    rows += [f"{'//text':<{_WIDTH + 1}} Say /text", f"{'Tab':<{_WIDTH + 1}} Complete a word"]
    rows += [f"{'Ctrl-C, Ctrl-D':<{_WIDTH + 1}} Clear; then leave"]
    half = (len(rows) + 1) // 2
    columns = zip_longest(rows[:half], rows[half:], fillvalue="")
    return [f"{left:<{_COLUMN}}{right}".rstrip() for left, right in columns]


def help_about(word: str) -> str:
    """A sentence or two about the command *word*."""
    command = _BY_NAME.get(word)
    if command is None:
        return _unknown(word)
    others = f" (also {', '.join('/' + alias for alias in command.aliases)})" if command.aliases else ""
    return f"/{command.usage}{others}: {command.summary}. {command.more}".rstrip()


def command_names() -> list[str]:
    return [f"/{command.name}" for command in COMMANDS]


def _unknown(word: str) -> str:
    guesses = get_close_matches(word.lower(), _BY_NAME, n=1, cutoff=0.5)
    if not guesses:
        guesses = [name for name in _BY_NAME if word and name.startswith(word.lower())][:1]
    hint = f"Did you mean /{guesses[0]}?" if guesses else "/help lists what there is."
    return f"No command /{word}. {hint}"
