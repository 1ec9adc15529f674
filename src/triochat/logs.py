"""What the server tells: event lines on stdout, diagnostics on stderr.

Neither may ever hold up the chat: a terminal that was paused or a full pipe blocks whoever writes to it. Both go
through bounded queues to threads of their own; what does not fit is dropped and counted.
"""

import json
import logging
import logging.handlers
import queue
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from triochat.domain.entry import CONNECT, Entry, Submission
from triochat.domain.names import DEFAULT_ROOM, fold
from triochat.proto.text import visible

_MOST_WAITING = 10_000
_MOST_DIAGNOSTICS = 1_000


class EventLog:
    """Writes the lines that docs/reference.md promises, one per event, in the order of the events."""

    def __init__(self, stream: IO[str], *, as_json: bool, show_messages: bool, quiet: bool) -> None:
        self._stream = stream
        self._as_json = as_json
        self._show_messages = show_messages
        self._quiet = quiet
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="event-log", daemon=True)
        self.missed = 0
        """Lines that were dropped because nobody took the earlier ones."""

    def __enter__(self) -> "EventLog":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join(timeout=1)  # a paused terminal must not keep the server from ending

    # -- events --

    def started(self, host: str, port: int) -> None:
        """The chat port is open."""
        self._listening("SERVER STARTED", host, port)

    def console_started(self, host: str, port: int) -> None:
        """The console is open."""
        self._listening("ADMIN CONSOLE", host, port)

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
        room, text = entry.params
        name = visible(entry.nick)
        shown = visible(text) if self._show_messages else f"({len(text)} characters)"
        where = "" if fold(room) == DEFAULT_ROOM else f"{visible(room)} "
        self._emit(f"[MESSAGE] {where}{name}: {shown}", event="message", room=visible(room), name=name, text=shown)

    # -- writing --

    def _emit(self, line: str, **fields: object) -> None:
        if self._waiting.qsize() >= _MOST_WAITING:
            self.missed += 1
            return
        if self._as_json:
            line = json.dumps({"time": round(time.time(), 3), **fields}, ensure_ascii=False)
        self._waiting.put(line)

    def _write(self) -> None:
        for lines in _chunks(self._waiting):
            try:
                self._stream.write("".join(f"{line}\n" for line in lines))
                self._stream.flush()
            except (OSError, ValueError):
                self.missed += len(lines)  # stdout is closed: the chat goes on


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
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


class _Dropping(logging.handlers.QueueHandler):
    """Drops what the bounded queue does not take."""

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            pass

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record  # formatted in the same process: exceptions may stay as they are


@contextmanager
def diagnostics(level: str, *, as_json: bool) -> Iterator[None]:
    """Send the loggers of the server to stderr, through a thread."""
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(_MOST_DIAGNOSTICS)
    stderr = logging.StreamHandler(sys.stderr)
    stderr.setFormatter(_Json() if as_json else _Text())
    listener = logging.handlers.QueueListener(waiting, stderr)
    handler = _Dropping(waiting)
    logger = logging.getLogger("triochat")
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
    listener.start()
    try:
        yield
    finally:
        logger.removeHandler(handler)
        listener.stop()
