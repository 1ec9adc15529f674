"""What a command is, and how a typed line becomes one: `verb [target] [key=value …] [--option] [free text]`. No IO.

A word may stand in quotes when it has spaces. There is no other quoting: names may have backslashes in them. Free
text is taken as it is, up to the end of the line; options stand before it, and `--` ends them.
"""

import difflib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from triochat.managing import includes
from triochat.observations import Traffic
from triochat.operations import Monitor, Operations
from triochat_admin.text import visible

_WORD = re.compile(r"""\s*(?:"([^"]*)"(?=\s|$)|'([^']*)'(?=\s|$)|([a-z]+=(?:"[^"]*"|'[^']*')(?=\s|$)|\S+))\s*""")
_KEY = re.compile(r"([a-z]+)=")


class UsageError(Exception):
    """The line is no command, or lacks something; *str(error)* is one sentence that says what would be right."""


class NotAllowed(Exception):
    """The operator's role does not include the command; *str(error)* is one sentence."""


class CommandFailed(Exception):
    """The command could not do what it says; *str(error)* is one sentence. *data* and *count* as in Answer."""

    def __init__(self, sentence: str, data: object = None, count: int | None = None) -> None:
        super().__init__(sentence)
        self.data = data
        self.count = count


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to say: *text* for people (safe to print), *data* for programs.

    *count* is how many were hit, when the command changes something. *afterwards* runs once the answer is sent.
    *link* is for people with a camera: a terminal may show it as a QR code, too.
    """

    text: str
    data: object
    count: int | None = None
    afterwards: Callable[[], None] | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """The command wants a `yes` first, and then does *go*: exactly what *text* said, whatever changed since."""

    text: str
    go: "Callable[[], Answer | Later]"


@dataclass(frozen=True, slots=True)
class Later:
    """The command waits for the disk; the chat and other consoles go on meanwhile."""

    finish: Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Watch:
    """The command shows events until it is stopped."""

    open: Callable[[], Monitor]
    title: str
    wanted: "Filter"
    content: bool
    rate: int
    """Events a second at most; the rest is counted, not shown."""


@dataclass(frozen=True, slots=True)
class Refreshing:
    """The command shows pictures of *traffic*, one every so many seconds, until it is stopped, or one only."""

    traffic: Callable[[], Awaitable[tuple[float, Sequence[Traffic]]]]
    picture: "Picture"
    every: float
    once: bool


class Picture(Protocol):
    """See triochat_admin.top."""

    def look(self, at: float, traffic: Sequence[Traffic]) -> Sequence[Any]:
        """What happened since the last look; nothing at the first."""

    def data(self, flows: Sequence[Any]) -> Sequence[Any]:
        """As many as were asked for."""

    def text(self, flows: Sequence[Any], height: int = 0) -> str:
        """A table that fits into so many lines, 0 = not known."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events to show; an empty part means all."""

    user: str = ""
    room: str = ""
    kinds: frozenset[str] = frozenset()
    grep: str = ""
    """Must be in the text, whatever case."""


@dataclass(frozen=True, slots=True)
class Form:
    """From now on every answer is JSON, or text again."""

    json: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """The operator is done."""

    text: str = "Bye."


Result = Answer | Question | Later | Watch | Refreshing | Form | Leave


@dataclass(frozen=True, slots=True)
class Call:
    """A parsed line. *by* says who gave it, for the server's log, and *role* what they may do."""

    operations: Operations
    by: str
    role: str = "admin"
    words: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    options: frozenset[str] = frozenset()
    text: str = ""

    def require(self, role: str, what: str) -> None:
        """Raise NotAllowed unless the operator's role includes *role*, which *what* needs."""
        if not includes(self.role, role):
            raise NotAllowed(f"{what} needs the role {role}; yours is {self.role}.")


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table of commands. *words* is the least and the most number of words before the free text."""

    name: str
    usage: str
    summary: str
    help: str
    run: Callable[[Call], Result]
    words: tuple[int, int] = (0, 0)
    keys: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    text: str = ""
    """What its free text is called; "" when it takes none. In capitals: it must not be empty."""
    changes: bool = False
    """Whether it changes something: then it takes --dry-run and --yes."""
    aliases: tuple[str, ...] = ()
    needs: str = "viewer"
    """The least role that may use it (see triochat.managing.ROLES)."""
    group: str = "Inside"
    """Under which heading help shows it."""
    filters: bool = False
    """Whether keys may stand in place of its first word."""

    @property
    def accepts(self) -> tuple[str, ...]:
        """The options that it takes, but for JSON, which all do."""
        return (*self.options, *(option for option in CAUTIOUS if self.changes and option not in self.options))


CAUTIOUS = ("--dry-run", "--yes")
CONTENT = "--content"
"""The option that shows what people say: for moderators, and kept in the audit."""
Table = Sequence[Command]
JSON = "--json"
"""The option that every command has."""


def find(table: Table, verb: str) -> Command:
    """The command that *verb* names, in full or as the beginning of one name only; raises UsageError."""
    wanted = verb.lower()
    for command in table:
        if wanted == command.name or wanted in command.aliases:
            return command
    hits = [c for c in table if c.name.startswith(wanted) or any(a.startswith(wanted) for a in c.aliases)]
    if len(hits) == 1:
        return hits[0]
    shown = visible(verb[:40])
    if hits:
        raise UsageError(f"{shown} could be: {', '.join(command.name for command in hits)}")
    guesses = nearest(wanted, [command.name for command in table])
    raise UsageError(f"No command {shown}. {guesses or 'Type help for all of them.'}")


def nearest(word: str, candidates: Sequence[str]) -> str:
    """`Did you mean: kick`, or "" when nothing is near."""
    close = difflib.get_close_matches(word[:40], candidates, n=3, cutoff=0.6)
    return f"Did you mean: {', '.join(close)}" if close else ""


def parse(table: Table, line: str, operations: Operations, by: str, role: str = "admin") -> tuple[Command, Call]:
    """The command that *line* gives, which has a verb in it; raises UsageError, and NotAllowed."""
    verb, _, rest = line.strip().partition(" ")
    command = find(table, verb)
    reader = _Reader(command, rest)
    reader.read()
    least = 0 if reader.filtered else command.words[0]
    if len(reader.words) < least or (command.text.isupper() and not reader.text):
        raise UsageError(f"{command.name} needs more: {command.usage}")
    if len(reader.words) > command.words[1]:
        extra = visible(reader.words[command.words[1]][:40])
        raise UsageError(f"{extra} is one word too many: {command.usage}")
    call = Call(operations, by, role, tuple(reader.words), reader.keys, frozenset(reader.options), reader.text)
    call.require(command.needs, command.name)
    if CONTENT in reader.options:
        call.require("moderator", CONTENT)
    return command, call


class _Reader:
    """Takes the words behind the verb one by one."""

    def __init__(self, command: Command, rest: str) -> None:
        self._command = command
        self._rest = rest
        self._options_ended = False
        self.words: list[str] = []
        self.keys: dict[str, str] = {}
        self.options: set[str] = set()
        self.text = ""

    @property
    def filtered(self) -> bool:
        """True when keys stand in place of the first word."""
        return self._command.filters and bool(self.keys) and not self.words

    def _words_taken(self) -> bool:
        return self.filtered or len(self.words) == self._command.words[1]

    def read(self) -> None:
        position = 0
        while match := _WORD.match(self._rest, position):
            bare = match[3]
            if bare is not None and (self._take_option(bare) or self._take_key_before_text(bare)):
                pass
            elif self._command.text and self._words_taken():
                self.text = self._rest[position:].strip()
                return
            elif bare is None or not self._take_key(bare):
                self.words.append(match[1] or match[2] or bare or "")
            position = match.end()

    def _take_option(self, word: str) -> bool:
        if self._options_ended or not word.startswith("--"):
            return False
        if word == "--":
            self._options_ended = True
        elif word == JSON or word in self._command.accepts:
            self.options.add(word)
        elif self._command.text and self._words_taken():
            return False  # free text that happens to begin with dashes
        else:
            raise UsageError(f"{self._command.name} has no option {visible(word[:40])}: {self._command.usage}")
        return True

    def _take_key_before_text(self, word: str) -> bool:
        """Between the words and the text there may be keys; what is no key that the command knows begins the text."""
        command = self._command
        match = _KEY.match(word)
        due = bool(command.text) and self._words_taken()
        return due and match is not None and match[1] in command.keys and self._take_key(word)

    def _take_key(self, word: str) -> bool:
        match = _KEY.match(word)
        if not self._command.keys or not match:
            return False
        if match[1] not in self._command.keys:
            names = ", ".join(f"{key}=" for key in self._command.keys)
            raise UsageError(f"{self._command.name} knows no {visible(match[0])} but {names}")
        self.keys[match[1]] = word[match.end() :].strip("\"'")
        return True
