"""What a line at the prompt could go on with, from the table of commands: a command's usage and help say what its
words are, so a new command needs nothing here. No IO."""

import re
from collections.abc import Iterable, Iterator, Sequence

from triochat.operations import Operations
from triochat_admin.grammar import JSON, Command, Table, UsageError, find
from triochat_admin.watch import KINDS

_MOST = 500
_CHOICES = re.compile(r"\b([a-z]+)=([a-z]+(?:\|[a-z]+)+)")
_WORDS = re.compile(r"\[?([a-z0-9]+(?:\|[a-z0-9]+)*)\]?")


def complete(table: Table, operations: Operations, before: str) -> tuple[int, list[str]]:
    """Where the word that *before* ends with begins, and what could stand there: words in order, then keys. Never
    raises for any text that is typed."""
    start = len(before) - len(before.split(" ")[-1])
    word, earlier = before[start:], before[:start].split()
    if not earlier:
        return start, _like(word, [command.name for command in table])
    try:
        command = find(table, earlier[0])
    except UsageError:
        return start, []
    return start, _like(word, _choices(table, command, operations, word, _position(earlier)))


def _position(earlier: Sequence[str]) -> int:
    return sum(1 for word in earlier[1:] if "=" not in word and not word.startswith("--"))


def _like(word: str, choices: Iterable[str]) -> list[str]:
    wanted = word.casefold()
    found = {choice: None for choice in choices if choice.casefold().startswith(wanted) and " " not in choice}
    return sorted(found, key=lambda choice: (choice.endswith("="), choice.casefold()))[:_MOST]


def _choices(table: Table, command: Command, operations: Operations, word: str, position: int) -> Iterator[str]:
    if word.startswith("-"):
        yield from (*command.accepts, JSON)
        return
    key, equals, _ = word.partition("=")
    if equals and key in command.keys:
        yield from (f"{key}={value}" for value in _values(command, key, operations))
        return
    yield from _words(table, command, operations, position)
    yield from (f"{key}=" for key in command.keys)


def _values(command: Command, key: str, operations: Operations) -> Iterator[str]:
    if key == "room":
        yield from _rooms(operations)
    elif key == "user":
        yield from _names(operations)
    for found, values in _CHOICES.findall(f"{command.usage} {command.help}"):
        if found == key:
            yield from values.split("|")


def _words(table: Table, command: Command, operations: Operations, position: int) -> Iterator[str]:
    places = [part for part in command.usage.split()[1:] if "=" not in part and not part.lstrip("[").startswith("--")]
    place = places[min(position, len(places) - 1)] if places else ""
    if position >= command.words[1]:
        return
    if match := _WORDS.fullmatch(place):
        yield from match[1].split("|")
    if "VERB" in place:
        yield from (other.name for other in table)
    if "KIND" in place or "KIND" in command.usage:
        yield from KINDS
    if "ROOM" in place:
        yield from _rooms(operations)
    if any(word in place for word in ("WHO", "TARGET", "NAME", "FILTER")):
        yield from _names(operations)


def _names(operations: Operations) -> Iterator[str]:
    return (row.name for row in operations.sessions())


def _rooms(operations: Operations) -> Iterator[str]:
    return (row.name for row in operations.rooms())
