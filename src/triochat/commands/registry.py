"""One command as one record."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from triochat.commands.context import Client
from triochat.proto.message import Message

Handler: TypeAlias = Callable[[Client, Message], Awaitable[None] | None]
"""Runs at once, or returns what must be awaited (reading history); raises Refused for what a rule forbids."""


@dataclass(frozen=True, slots=True)
class Command:
    """*params* is how many parameters it needs at least; it *speaks* when others read what somebody says by it: who
    is muted may not. *cost* is how many lines it counts for where these are limited. *usage* and *summary* are what
    HELP shows."""

    name: str
    handler: Handler
    params: int = 0
    before_registration: bool = False
    speaks: bool = False
    cost: int = 1
    usage: str = ""
    summary: str = ""
