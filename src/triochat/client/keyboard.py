"""Telling others that we type (https://ircv3.net/specs/client-tags/typing), no oftener than needed. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from triochat.client.typists import Typing

AGAIN = timedelta(seconds=3)
"""Who goes on typing says so this often."""
PAUSE = timedelta(seconds=5)
"""Who has not typed for so long pauses."""


class Notice(NamedTuple):
    """*state* is to be told to *target*."""

    target: str
    state: Typing


class Keyboard:
    """What was told of our typing, and what is to be told next."""

    def __init__(self) -> None:
        self._target = ""
        self._state = Typing.DONE
        self._told = self._typed = datetime.min

    def typed(self, target: str, text: str, now: datetime) -> list[Notice]:
        """The input for *target* reads *text* now."""
        notices = self.left() if target != self._target else []
        if not text:
            return notices + self.left()
        self._target, self._typed = target, now
        if self._state is Typing.ACTIVE and now - self._told < AGAIN:
            return notices
        return [*notices, self._tell(Typing.ACTIVE, now)]

    def said(self) -> None:
        """The text was sent: everybody sees that it is done."""
        self._state = Typing.DONE

    def left(self) -> list[Notice]:
        """What was being typed is given up."""
        if self._state is Typing.DONE:
            return []
        self._state = Typing.DONE
        return [Notice(self._target, Typing.DONE)]

    def tick(self, now: datetime) -> list[Notice]:
        """What the passing of time tells."""
        if self._state is Typing.ACTIVE and now - self._typed >= PAUSE:
            return [self._tell(Typing.PAUSED, now)]
        return []

    @property
    def due(self) -> datetime | None:
        """When `tick` has something to tell."""
        return self._typed + PAUSE if self._state is Typing.ACTIVE else None

    def _tell(self, state: Typing, now: datetime) -> Notice:
        self._state, self._told = state, now
        return Notice(self._target, state)
