"""How lines and the state look on a terminal. prompt_toolkit; changes nothing in the model."""

import asyncio
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.application import in_terminal, run_in_terminal
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.output import Output
from prompt_toolkit.renderer import print_formatted_text
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_cwidth

from triochat.client.completing import completions
from triochat.client.conversation import Conversation
from triochat.client.line import Kind, Line, status
from triochat.client.link import utc_now
from triochat.client.model import Link, Model
from triochat.terminal.colours import of_name
from triochat.terminal.hands import Hands
from triochat.terminal.keys import bindings
from triochat.terminal.panes import typing_text
from triochat.terminal.writing import Readable

BATCH_SECONDS = 0.02
"""Lines that come within this time are drawn together: each drawing redraws the prompt as well."""
MOST_WAITING = 2000
_NAME_WIDTH = 8
_PENDING_SHOWN = 5
_CONTINUED = "\n" + " " * 14
"""A text of several lines goes on below its beginning, and never where others begin."""
_STYLE = Style.from_dict(
    {
        "time": "#888888",
        "dim": "#888888",
        "room": "bold",
        "me": "",
        "status": "ansicyan",
        "error": "ansired",
        "welcome": "bold",
        "private": "bold",
        "pending": "#888888",
        "unsent": "ansired",
        "bottom-toolbar": "noreverse #888888",
        "bottom-toolbar.trouble": "noreverse ansired",
    }
)


class SteadyInput(Vt100Input):
    """A terminal that stays raw while lines are printed above the prompt: it must not echo what is typed then."""

    def __init__(self, stdin: TextIO) -> None:
        super().__init__(stdin)
        self._steady = True

    def cooked_mode(self) -> AbstractContextManager[None]:
        return nullcontext() if self._steady else super().cooked_mode()

    async def suspend(self) -> None:
        """Stop this job as Ctrl-Z does elsewhere, with the terminal as the shell wants it, until it is resumed."""
        self._steady = False
        try:
            await run_in_terminal(lambda: os.kill(0, signal.SIGTSTP))
        finally:
            self._steady = True


class InlineView:
    """A prompt that stays, with lines appearing above it. Its coroutines belong to asyncio."""

    def __init__(
        self,
        hands: Hands,
        place: str,
        *,
        input: Input | None = None,
        output: Output | None = None,
        today: Callable[[], date] = date.today,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._hands = hands
        self._model = model = hands.chat.model
        self._watched: Conversation | None = None
        self._place = place
        self._today = today
        self._now = now
        self._waiting: deque[Line] = deque()
        self._news = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._closed = False
        self._session: PromptSession[None] = PromptSession(
            message=self._prompt,
            bottom_toolbar=self._toolbar,
            completer=_ModelCompleter(model),
            complete_while_typing=False,
            key_bindings=bindings(hands.enter, hands.interrupt, hands.leave, self._suspend, self._to),
            history=InMemoryHistory(),
            style=_STYLE,
            input_processors=[Readable(self._to)],
            erase_when_done=True,
            input=input,
            output=output,
        )
        self._session.default_buffer.on_text_changed += lambda _: self._typed()

    def _to(self) -> str:
        return self._model.writing_to

    def _typed(self) -> None:
        self._hands.calm()
        text = self.unsent
        self._hands.do(lambda chat, now: chat.typed(text, now))

    def _look(self) -> None:
        """Whatever is said is seen here; the current conversation is the one that others are told of."""
        current = self._model.current
        if current is not self._watched and not self._closed:
            self._watched = current
            self._hands.do(lambda chat, now: chat.look_at(current, now))

    async def run(self) -> None:
        """Prompt until `close` is called or the terminal is gone."""
        if self._closed:
            return
        async with asyncio.TaskGroup() as group:
            printer = group.create_task(self._print_as_it_comes())
            try:
                await self._session.prompt_async()
            except EOFError:
                pass  # the terminal was closed
            finally:
                self._closed = True
                printer.cancel()
        self._print_now()

    def close(self) -> None:
        """Take the prompt away."""
        self._closed = True
        if self._session.app.is_running and not self._session.app.is_done:
            self._session.app.exit()

    def _suspend(self) -> None:
        """Stop, if this is a job of a shell; go on when it is resumed."""
        if isinstance(self._session.app.input, SteadyInput):
            self._session.app.create_background_task(self._session.app.input.suspend())

    def show(self, lines: Iterable[Line]) -> None:
        """Print *lines* soon, in order, above the prompt; without lines, only draw the state anew."""
        self._look()
        self._waiting.extend(lines)
        if not self._waiting:
            self._session.app.invalidate()
        elif self._closed:
            self._print_now()
        else:
            self._news.set()

    def warn(self, text: str) -> None:
        """See View."""
        self.show([status(text)])

    @property
    def unsent(self) -> str:
        return self._session.default_buffer.text

    @property
    def is_behind(self) -> bool:
        """More lines wait than should; whoever brings more waits for `caught_up`."""
        return len(self._waiting) > MOST_WAITING

    async def caught_up(self) -> None:
        while self._waiting and not self._closed:
            self._caught_up.clear()
            await self._caught_up.wait()

    async def _print_as_it_comes(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(BATCH_SECONDS)
            self._news.clear()
            async with in_terminal():
                self._print_now()
            self._caught_up.set()

    def _print_now(self) -> None:
        print_lines(self._session.app.output, self._waiting, self._today())
        self._waiting.clear()

    def _prompt(self) -> StyleAndTextTuples:
        return [*self._pending(), *self._place_and_name()]

    def _pending(self) -> StyleAndTextTuples:
        """Our lines that nobody has yet, above the line that is being typed."""
        model = self._model
        online = model.link is Link.ONLINE
        text: StyleAndTextTuples = []
        for line in model.pending[:_PENDING_SHOWN]:
            to = "" if model.current is not None and line.target == model.current.name else f"{line.target} "
            mark = ("class:pending", "… ") if online else ("class:unsent", "not stored yet: ")
            text += [mark, (mark[0], f"{to}{line.text}\n")]
        if (more := len(model.pending) - _PENDING_SHOWN) > 0:
            text.append(("class:pending", f"… and {more} more\n"))
        return text

    def _place_and_name(self) -> StyleAndTextTuples:
        room = self._model.current
        place: StyleAndTextTuples = [("class:room", f"[{room.name}] ")] if room else []
        return [*place, ("class:me", self._model.me), ("", "> ")]

    def _toolbar(self) -> StyleAndTextTuples:
        model = self._model
        match model.link:
            case Link.CONNECTING:
                return [("", f"connecting to {self._place} …")]
            case Link.WAITING:
                text = f"not connected to {self._place} · retrying in {model.retry_in} s (Ctrl+C to stop)"
                return [("class:bottom-toolbar.trouble", text)]
        parts = [self._place]
        if model.lag is not None:
            parts.append(f"lag {model.lag * 1000:.0f} ms")
        for room in model.rooms.values():
            parts.append(f"{room.name} {len(room.members)}" + ("*" if room is model.current else ""))
        if typing := typing_text(model.current, self._now()):
            parts.append(typing)
        return [("", " · ".join([*parts, "/help"]))]


def print_lines(output: Output, lines: Iterable[Line], today: date) -> None:
    """Print *lines* where the terminal is."""
    text: StyleAndTextTuples = []
    for line in lines:
        text += [*fragments(line, today), ("", "\n")]
    if text:
        print_formatted_text(output, text, _STYLE)


def fragments(line: Line, today: date) -> StyleAndTextTuples:
    """*line* with styles, without a line end."""
    text: StyleAndTextTuples = []
    if line.kind is Kind.RULE:
        return [("class:dim", f"──── {line.text} " + "─" * 24)]
    if line.time is not None and line.kind is not Kind.WELCOME:
        text.append(("class:time", f"{_clock(line.time, today)} "))
    if line.label:
        text.append(("class:room", f"{line.label} "))
    name = (of_name(line.name), line.name)
    said = (f"{line.text} (edited)" if line.replaces else line.text).replace("\n", _CONTINUED)
    match line.kind:
        case Kind.SAID if line.to:
            who = ("you", line.to) if line.mine else (line.name, "you")
            text += [("class:private", f"[{who[0]} → {who[1]}]"), ("", f" {said}")]
        case Kind.SAID:
            padding = " " * max(1, _NAME_WIDTH - get_cwidth(line.name))
            text += [name, ("", f"{padding}{said}")]
        case Kind.ACTION:
            text += [("", "* "), name, ("", f" {said}")]
        case Kind.NOTICE:
            text += [("", "-"), name, ("", f"- {said}")]
        case Kind.EVENT:
            text.append(("class:dim", f"· {line.text}"))
        case Kind.ERROR:
            text.append(("class:error", line.text))
        case Kind.WELCOME:
            text.append(("class:welcome", line.text))
        case _:
            text.append(("class:status", line.text))
    return text


def _clock(time: datetime, today: date) -> str:
    local = time.astimezone()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%d %b %H:%M}"


class _ModelCompleter(Completer):
    def __init__(self, model: Model) -> None:
        self._model = model

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        word, choices = completions(self._model, document.text_before_cursor)
        for choice in choices:
            yield Completion(choice, start_position=-len(word), display=choice.rstrip())
