"""Nothing but text, for copying: the newest lines on the terminal's own page, where links stay in one piece."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Any

from prompt_toolkit.application import Application, in_terminal
from prompt_toolkit.output import Output

from triochat.client.conversation import Conversation
from triochat.client.line import Kind, Line
from triochat.proto.text import visible

_LINES = 200


async def show_bare(app: Application[Any], conversation: Conversation) -> None:
    """Print the newest lines of *conversation* below what the terminal showed before, and wait for a key."""
    if not app.is_running:
        return
    async with in_terminal():
        _print(app.output, [*_texts(conversation), "", "(Any key goes back to the chat.)"])
        pressed = asyncio.Event()

        def read() -> None:
            if app.input.read_keys() or app.input.closed:
                pressed.set()

        with app.input.raw_mode(), app.input.attach(read):
            await pressed.wait()


def _texts(conversation: Conversation) -> Iterator[str]:
    newest = list(islice(reversed(conversation.lines), _LINES))
    for line in reversed(newest):
        first, *others = _text(line).split("\n")
        yield first
        yield from (f"    {text}" for text in others)  # so that none can look like what somebody else said


def _text(line: Line) -> str:
    clock = f"{line.time.astimezone():%H:%M} " if line.time is not None else ""
    match line.kind:
        case _ if line.redacted:
            return f"{clock}{line.name} (taken back)"
        case Kind.ACTION:
            return f"{clock}* {line.name} {line.text}"
        case _ if line.is_speech:
            return f"{clock}{line.name}: {line.text}"
    return f"{clock}{line.text}"


def _print(output: Output, texts: list[str]) -> None:
    for text in texts:
        output.write(f"{visible(text)}\r\n")
    output.flush()
