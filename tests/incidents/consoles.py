"""A real console over a whole server in memory."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
import trio.testing

from admin.operator import Operator
from net.chat import Chat
from triochat.control import Control
from triochat.logs import EventLog, LineWriter
from triochat.observing.errors import LogWatch
from triochat.observing.observer import Observer, Surroundings
from triochat.observing.turns import Turns
from triochat.settings import Settings
from triochat.steering import Steering
from triochat_admin.console import Console
from triochat_admin.login import Login


def control_of(chat: Chat, nursery: trio.Nursery) -> Control:
    """What a console sees of *chat* and can do to it; *nursery* ends with the test."""
    writer = LineWriter(io.StringIO(), most_waiting=10, name="event-log")
    events = EventLog(writer, as_json=False, show_messages=True, quiet=True)
    turns = Turns(chat.journal.tally.slow)
    observer = Observer(chat.server, chat.door, chat.journal, chat.fan_out, turns, LogWatch(), Surroundings())
    return Steering(
        chat.server,
        chat.door,
        chat.journal,
        chat.fan_out,
        events,
        nursery,
        Settings(limits=chat.server.limits),
        door="ircs://chat.example.org:6697",
        observations=observer,
        durability="memory",
        stop=lambda reason: None,
    ).control


@asynccontextmanager
async def console_of(chat: Chat) -> AsyncIterator[Operator]:
    """An operator at the prompt of a console that wants no password."""
    ours, theirs = trio.testing.memory_stream_pair()
    scope = trio.CancelScope()
    async with trio.open_nursery() as measures:
        console = Console(control_of(chat, measures), Login(None))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(console.serve, theirs, "192.0.2.1", 4711)
            operator = Operator(ours, scope)
            await operator.until()
            yield operator
            await ours.aclose()
        measures.cancel_scope.cancel()
