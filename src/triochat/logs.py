"""What the server tells: event lines on stdout, diagnostics on stderr.

Neither may ever hold up the chat: a terminal that was paused or a full pipe blocks whoever writes to it. Both go
through bounded queues to threads of their own; what does not fit is dropped and counted.
"""

import io
import json
import logging
import queue
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import indent
from typing import IO

from triochat.domain import multiline
from triochat.domain.entry import CONNECT, Entry, Submission
from triochat.domain.names import DEFAULT_ROOM, fold_ascii
from triochat.proto.text import visible, visible_lines

_ACTION = "\x01ACTION "
_MOST_WAITING = 10_000
_MOST_DIAGNOSTICS = 1_000


class LineWriter:
    """Writes lines to a stream from a thread of its own. Use it as a context manager."""

    def __init__(self, stream: IO[str], *, most_waiting: int, name: str) -> None:
        if isinstance(stream, io.TextIOWrapper):
            # A letter that the terminal's encoding does not have must not cost all the lines that wait with it.
            stream.reconfigure(errors="backslashreplace")
        self._stream = stream
        self._most_waiting = most_waiting
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name=name, daemon=True)
        self.missed = 0
        """Lines that were dropped because nobody took the earlier ones."""

    def __enter__(self) -> "LineWriter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join(timeout=1)  # a paused terminal must not keep the server from ending

    def put(self, line: str) -> None:
        """Have *line* written, or drop and count it. Never blocks."""
        if self._waiting.qsize() >= self._most_waiting:
            self.missed += 1
        else:
            self._waiting.put(line)

    def _write(self) -> None:
        for lines in _chunks(self._waiting):
            try:
                self._stream.write("".join(f"{line}\n" for line in lines))
                self._stream.flush()
            except (OSError, ValueError):
                self.missed += len(lines)  # the stream is closed: the chat goes on


class EventLog:
    """Tells the events that docs/reference promises, one line each, in the order in which they happened."""

    def __init__(self, writer: LineWriter, *, as_json: bool, show_messages: bool, quiet: bool) -> None:
        self._writer = writer
        self._as_json = as_json
        self._show_messages = show_messages
        self._quiet = quiet

    @property
    def missed(self) -> int:
        """Lines that were dropped because nobody took the earlier ones."""
        return self._writer.missed

    # -- events --

    def started(self, host: str, port: int) -> None:
        """The chat port is open."""
        self._listening("SERVER STARTED", host, port)

    def websocket_started(self, host: str, port: int) -> None:
        """A port for browsers is open."""
        self._listening("WEBSOCKET", host, port)

    def console_started(self, host: str, port: int) -> None:
        """The console is open."""
        self._listening("ADMIN CONSOLE", host, port)

    def metrics_started(self, host: str, port: int) -> None:
        """The port for metrics is open."""
        self._listening("METRICS", host, port)

    def _listening(self, event: str, host: str, port: int) -> None:
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._emit(f"[{event}] Listening on {place}", event=event.lower().replace(" ", "_"), host=host, port=port)

    def stopped(self, users: int) -> None:
        """The server has stopped."""
        people = "1 user" if users == 1 else f"{users} users"
        self._emit(f"[SERVER STOPPED] {people} disconnected.", event="server_stopped", users=users)

    def observe(self, batch: Sequence[Submission]) -> None:
        """A fan-out observer: tell of what was just delivered."""
        if self._quiet:
            return
        for submission in batch:
            entry = submission.entry
            if entry is None:
                continue
            if entry.command == "PRIVMSG":
                if entry.params[0][:1] == "#":
                    self._message(entry)
            elif entry.command == CONNECT:
                name = visible(entry.nick)
                self._emit(f"[NEW CONNECTION] {name} connected.", event="new_connection", name=name)
            elif entry.command == "QUIT":
                name = visible(entry.nick)
                reason = visible(entry.params[0])
                self._emit(
                    f"[DISCONNECTED] {name} has left the chat.", event="disconnected", name=name, reason=reason
                )

    def _message(self, entry: Entry) -> None:
        room, text = entry.params[0], multiline.combine(entry.params[1])
        name = visible(entry.nick)
        action = text.startswith(_ACTION)
        text = text.removeprefix(_ACTION).removesuffix("\x01") if action else text
        shown = visible(text) if self._show_messages else f"({len(text)} characters)"
        where = "" if fold_ascii(room) == DEFAULT_ROOM else f"{visible(room)} "
        said = f"* {name} {shown}" if action else f"{name}: {shown}"
        self._emit(
            f"[MESSAGE] {where}{said}", event="message", room=visible(room), name=name, text=shown, action=action
        )

    def _emit(self, line: str, **fields: object) -> None:
        if self._as_json:
            line = json.dumps({"time": round(time.time(), 3), **fields}, ensure_ascii=False)
        self._writer.put(line)


def _chunks(waiting: "queue.SimpleQueue[str | None]") -> Iterator[list[str]]:
    """All that waits at a time, until None comes."""
    while True:
        lines: list[str] = []
        line = waiting.get()
        while line is not None:
            lines.append(line)
            try:
                line = waiting.get_nowait()
            except queue.Empty:
                break
        if lines:
            yield lines
        if line is None:
            return


class _Text(logging.Formatter):
    """A record is one line, and below it the traceback of an error, indented: nothing that came from outside can
    steer the terminal, or look like a record of its own."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {record.getMessage()}"
        if not record.exc_info:
            return visible(line)
        return f"{visible(line)}\n{indent(visible_lines(self.formatException(record.exc_info)), '  ')}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": visible(record.getMessage()),
        }
        if record.exc_info:
            fields["exception"] = visible_lines(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


class _ToWriter(logging.Handler):
    def __init__(self, writer: LineWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        self._writer.put(self.format(record))


@contextmanager
def diagnostics(level: str, *, as_json: bool) -> Iterator[None]:
    """Send the loggers of the server to stderr, through a thread."""
    logger = logging.getLogger("triochat")
    logger.setLevel(level.upper())
    logger.propagate = False
    with LineWriter(sys.stderr, most_waiting=_MOST_DIAGNOSTICS, name="diagnostics") as writer:
        handler = _ToWriter(writer)
        handler.setFormatter(_Json() if as_json else _Text())
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)


@contextmanager
def event_log(*, as_json: bool, show_messages: bool, quiet: bool) -> Iterator[EventLog]:
    """Event lines on stdout, through a thread."""
    with LineWriter(sys.stdout, most_waiting=_MOST_WAITING, name="event-log") as writer:
        yield EventLog(writer, as_json=as_json, show_messages=show_messages, quiet=quiet)
