"""The client for pipes, scripts and simple terminals: lines in, lines out.

Lines of the room go to standard output; what the client itself has to say goes to standard error, so that a pipe
carries nothing but chat. Standard input ends the chat, after everything on it was confirmed by the server.
"""

import codecs
import errno
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import random

import trio

from triochat.client.chat import Chat, Entered
from triochat.client.dial import Dial
from triochat.client.files import Keeper
from triochat.client.line import Kind, Line, error
from triochat.client.link import Link, utc_now
from triochat.client.opening import open_chat
from triochat.client.options import Options
from triochat.client.refusal import check
from triochat.errors import Failure
from triochat.terminal.pipes import InputFile, OutputFile

CONFIRM_SECONDS = 30.0
LEAVE_SECONDS = 5.0
HOLD_SECONDS = 60.0
"""So long a piped line waits for a lost connection to come back."""
WINDOW = 16  # lines that are under way at once: the server sets the pace of a long file
_MOST_WAITING = 1000
_BATCH = 200
_LONGEST_INPUT = 64 * 1024
_PROMPT = "> "


@dataclass(frozen=True, slots=True)
class Ends:
    """The three standard streams, and what is known of them."""

    input: trio.abc.ReceiveStream
    output: trio.abc.SendStream
    errors: trio.abc.SendStream
    typed: bool
    """The input is a terminal: there is somebody to prompt, and patience has no limit."""


def run(options: Options, name: str) -> int:
    """Chat over the standard streams as *name*; returns the exit status or raises Failure."""
    ends = Ends(InputFile(0), OutputFile(1), OutputFile(2), os.isatty(0))
    chat, dial, keeper = open_chat(options, name)
    plain = PlainChat(chat, dial, str(options.address), ends, keeper=keeper)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_leave_on_signal, plain)
            await plain.run()
            nursery.cancel_scope.cancel()
        await dial.finish()

    trio.run(main)
    return plain.result()


async def _leave_on_signal(plain: "PlainChat") -> None:
    """The first signal leaves kindly, the second at once."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for number in signals:
            plain.leave(status=128 + number)


class PlainChat:
    """One person or program, chatting by lines."""

    def __init__(
        self,
        chat: Chat,
        dial: Dial,
        place: str,
        ends: Ends,
        *,
        keeper: Keeper | None = None,
        now: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random,
    ) -> None:
        self._chat = chat
        self._ends = ends
        self._now = now
        self._link = Link(chat, dial, place, self._show, patient=False, keeper=keeper, now=now, jitter=jitter)
        self._changed = trio.Event()
        self._to_print, self._printing = trio.open_memory_channel[Line | None](_MOST_WAITING)
        self._scope = trio.CancelScope()
        self._status = 0
        self._prompted = False
        self._gone: dict[trio.abc.SendStream, BaseException | None] = {}

    async def run(self) -> None:
        """Chat until the input ends, the person leaves or the server will not have us."""
        chat = self._chat
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._print)
            with self._scope:
                async with trio.open_nursery() as talk:
                    talk.start_soon(self._type)
                    await self._link.run()
                    talk.cancel_scope.cancel()
            chat.report_lost_lines()
            # What was received is still printed, unless nobody takes it.
            nursery.cancel_scope.deadline = trio.current_time() + LEAVE_SECONDS
            await self._show(chat.take_lines())
            await self._to_print.aclose()

    def result(self) -> int:
        """The exit status of what was run; raises Failure when it went wrong."""
        check(self._chat.refusal, self._link.failure or self._chat.first_room_failed)
        match self._gone.get(self._ends.output):
            case OSError() as error if error.errno != errno.EPIPE:
                raise Failure(f"Cannot write what others say: {error.strerror}.")
        return self._status or (1 if self._chat.lost_lines else 0)

    def leave(self, status: int = 0) -> None:
        """Say goodbye and give the server a little time to answer; asked twice, go at once."""
        self._status = status or self._status
        if self._chat.leaving or not self._chat.online:
            self._scope.cancel()
        else:
            self._chat.leave()
            self._say_goodbye()

    def _say_goodbye(self) -> None:
        self._scope.deadline = trio.current_time() + LEAVE_SECONDS
        self._link.wake()

    # -- in

    async def _type(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        ended = False
        while not ended:
            chunk = await self._receive()
            ended = not chunk
            rest += decoder.decode(chunk, final=ended)
            *lines, rest = rest.split("\n")
            if ended or len(rest) > _LONGEST_INPUT:
                lines.append(rest)
                rest = ""
            for line in lines:
                if line.strip() and not await self._enter(line):
                    return
                await self._show([])
                await self._prompt()
        # Who has nothing to say joins all the same, or hears why not.
        await self._until(lambda: self._chat.model.welcomed)
        with trio.move_on_after(CONFIRM_SECONDS):
            await self._until(lambda: not self._chat.unconfirmed)
        self.leave()

    async def _receive(self) -> bytes:
        try:
            return bytes(await self._ends.input.receive_some())
        except trio.BrokenResourceError:
            return b""

    async def _enter(self, line: str) -> bool:
        """Do what *line* says when it can be done; False when the chat is over."""
        chat = self._chat
        hold = float("inf") if self._ends.typed or not chat.model.welcomed else HOLD_SECONDS
        with trio.move_on_after(hold) as waiting:
            if not line.startswith("/") or line.startswith("//") or not self._ends.typed:
                await self._until(lambda: chat.ready and chat.unconfirmed < WINDOW)
        if waiting.cancelled_caught:
            self._status = 1
            await self._show([error(f"Not sent, there is no connection: {line.strip()}")])
            self.leave(status=1)
            return False
        if chat.enter(line, self._now()) is not Entered.DONE and not self._ends.typed:
            self._status = 1  # whoever is there to type it has read why
        self._link.wake()
        await self._show(chat.take_lines())
        if chat.leaving:
            self._say_goodbye()
        return not chat.leaving

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self._changed.wait()

    # -- out

    async def _show(self, lines: list[Line]) -> None:
        for line in lines:
            if _is_wanted(line):
                await self._to_print.send(line)
        self._changed.set()
        self._changed = trio.Event()
        if self._chat.first_room_failed:
            self._scope.cancel()

    async def _prompt(self) -> None:
        if self._ends.typed and self._chat.model.welcomed:
            await self._to_print.send(None)

    async def _print(self) -> None:
        """Write what is to be printed, all that waits in one go; a closed output ends the chat quietly."""
        async for first in self._printing:
            batch = [first]
            while len(batch) < _BATCH and self._printing.statistics().current_buffer_used:
                batch.append(self._printing.receive_nowait())
            await self._write(batch)
        if self._prompted:
            await self._send(self._ends.output, "\n")

    async def _write(self, batch: list[Line | None]) -> None:
        """Keep the order between the two outputs; a prompt stands behind the last line only."""
        target, text = self._ends.output, ""
        for item in batch:
            if item is None:  # Enter was typed, which ended the line with the prompt
                self._prompted = False
                continue
            where = self._ends.output if _is_output(item, self._ends.typed) else self._ends.errors
            if where is not target:
                await self._send(target, text)
                target, text = where, ""
            text += ("\r" if self._prompted else "") + text_of(item) + "\n"
            self._prompted = False
        await self._send(target, text)
        if self._ends.typed and self._chat.model.welcomed and not self._prompted:
            self._prompted = True
            await self._send(self._ends.output, _PROMPT)

    async def _send(self, stream: trio.abc.SendStream, text: str) -> None:
        if not text or stream in self._gone:
            return
        try:
            await stream.send_all(text.encode(errors="replace"))
        except trio.BrokenResourceError as error:
            self._gone[stream] = error.__cause__
            if stream is self._ends.output:
                self._scope.cancel()


def _is_wanted(line: Line) -> bool:
    """Own lines are known to who typed them; rules divide screens."""
    return line.kind is not Kind.RULE and (not line.mine or line.past)


def _is_output(line: Line, typed: bool) -> bool:
    """Chat is output. That we joined is part of it for a person, but not for a program."""
    if line.kind is Kind.WELCOME:
        return typed
    return line.kind not in (Kind.STATUS, Kind.ERROR)


def text_of(line: Line) -> str:
    """*line* as plain text: `Alice: hello`, `* Bob joined`, `[Carol] a private word`. Of several lines each has all
    that stands before the first, so that none can be taken for somebody else's."""
    said = (f"{line.text} (edited)" if line.replaces else line.text).split("\n")
    match line.kind:
        case Kind.SAID if line.to:
            head = f"[{line.name}] "
        case Kind.SAID:
            head = f"{line.name}: "
        case Kind.NOTICE:
            head = f"-{line.name}- "
        case Kind.ACTION:
            head = f"* {line.name} "
        case Kind.EVENT:
            head = "* "
        case _:
            head = ""
    if line.label:
        head = f"{line.label} {head}"
    if line.past and line.time is not None:
        head = f"[{line.time.astimezone():%H:%M}] {head}"
    return "\n".join(f"{head}{text}" for text in said)
