"""Which sent lines the server has not confirmed yet. Pure.

With echo-message a line is confirmed by its echo. Without, by the answer to a PING that was sent behind it: a
server handles one connection's lines in order.
"""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from triochat.client.events import Event
from triochat.client.names import Fold

MOST = 200
"""Callers send nothing more while this many lines are unconfirmed."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A line on its way. *id* names it to servers that know it by that (capability triochat/resend); *wire* is what
    was sent of it ("" = several lines), *text* what is shown. *shown*: the person can see it
    already, as no echo was to come."""

    target: str
    text: str
    id: str = ""
    wire: str = ""
    shown: bool = False
    replaces: str = ""
    """The msgid of the line that this one takes the place of."""


class Saying(NamedTuple):
    """What became of a text: own messages that no echo will bring, and those that wait for theirs."""

    events: list[Event]
    pending: list[Sent]


class Unconfirmed:
    """Sent lines, oldest first, until they are confirmed or refused."""

    def __init__(self) -> None:
        self._lines: deque[Sent] = deque()
        self._covered = 0  # so many of the oldest lines were sent before the ping that is under way
        self._token = ""

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def lines(self) -> list[Sent]:
        return list(self._lines)

    def sent(self, line: Sent) -> None:
        self._lines.append(line)

    def echoed(self, target: str, text: str, fold: Fold, label: str = "") -> Sent | None:
        """An own message came back; returns which. A server may have changed its text; without a *label* the oldest
        line is meant then."""
        mine = [sent for sent in self._lines if fold(sent.target) == fold(target)]
        line = self._labelled(label) or next((sent for sent in mine if sent.text == text), mine[0] if mine else None)
        self._drop(line)
        return line

    def refused(self, target: str, fold: Fold, label: str = "") -> Sent | None:
        """The server refused something to *target*; returns which line of ours that was, if it was one."""
        oldest = next((sent for sent in self._lines if fold(sent.target) == fold(target)), None)
        line = self._labelled(label) or oldest
        self._drop(line)
        return line

    def _labelled(self, label: str) -> Sent | None:
        return next((sent for sent in self._lines if label and sent.id == label), None)

    def wants_ping(self) -> bool:
        """Nothing under way would confirm the newest lines."""
        return bool(self._lines) and not self._token

    def pinged(self, token: str) -> None:
        self._token, self._covered = token, len(self._lines)

    def ponged(self, token: str) -> None:
        if token == self._token:
            for _ in range(min(self._covered, len(self._lines))):
                self._lines.popleft()
            self._token, self._covered = "", 0

    def _drop(self, line: Sent | None) -> None:
        if line is not None:
            position = self._lines.index(line)
            del self._lines[position]
            if position < self._covered:
                self._covered -= 1
