"""What the client writes to this machine's disk: exports, and logs where they are switched on. Trio, and worker
threads for the disk."""

import errno
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TextIO, TypeVar
from urllib.parse import quote

import trio

from triochat.client import kept, remembered
from triochat.client.chat import Chat
from triochat.client.conversation import Conversation
from triochat.client.keeping import OfServer, worth_keeping
from triochat.client.line import Kind, Line, error, status
from triochat.client.remembered import Visit
from triochat.client.session import clean

_WRITE_SECONDS = 5.0
_KEEP_SECONDS = 2.0  # a draft changes with each key
T = TypeVar("T")


def text_of(line: Line) -> str:
    """*line* as it stands in files: a text of several lines takes several, the later ones indented."""
    when = f"{line.time.astimezone():%Y-%m-%d %H:%M:%S} " if line.time is not None else ""
    indented = line.text.replace("\n", "\n    ")
    if line.redacted:
        indented = "(taken back)"
    match line.kind:
        case Kind.ACTION:
            return f"{when}* {line.name} {indented}"
        case Kind.SAID:
            return f"{when}<{line.name}> {indented}"
        case Kind.NOTICE:
            return f"{when}-{line.name}- {indented}"
    return f"{when}* {indented}"


def json_of(line: Line) -> str:
    """*line* as one JSON object."""
    values = {
        "time": line.time.isoformat() if line.time is not None else None,
        "kind": line.kind.name.lower(),
        "name": line.name,
        "text": line.text,
        "msgid": line.msgid,
        "mine": line.mine,
        "state": line.state.name.lower(),
        "redacted": line.redacted,
        "replaces": line.replaces,
    }
    return json.dumps({key: value for key, value in values.items() if value not in (None, "", False)})


def export(path: str, lines: Iterable[Line]) -> int:
    """Write *lines* to a new file only its owner can read; returns how many. Raises OSError."""
    form = json_of if path.endswith(".jsonl") else text_of
    count = 0
    with _private(Path(path).expanduser(), os.O_EXCL) as file:
        for line in lines:
            file.write(f"{form(line)}\n")
            count += 1
    return count


def _private(path: Path, flags: int) -> TextIO:
    """*path*, opened for writing, and made for its owner only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")


class Logbook:
    """A directory with a file of plain text for each conversation."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def write(self, lines: Iterable[tuple[str, Line]]) -> None:
        """Add each line to the file of the conversation of this name. Raises OSError."""
        texts: dict[str, str] = {}
        for name, line in lines:
            texts[name] = f"{texts.get(name, '')}{text_of(line)}\n"
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in texts.items():
            with _private(self.path(name), os.O_APPEND) as file:
                file.write(text)

    def path(self, name: str) -> Path:
        """The file of the conversation *name*: nothing in a name leads out of the directory."""
        return self.directory / f"{quote(name.lower(), safe='#&+!@[]{}^').replace('.', '%2E')[:200]}.log"


class Keeper:
    """Writes what a chat wants to have written."""

    def __init__(
        self,
        logbook: Logbook | None = None,
        visit: Visit | None = None,
        place: str = "",
        before: OfServer = OfServer(),  # noqa: B008, it is frozen
    ) -> None:
        """*visit* is remembered when we were let in, under the name that the person wants to have. What is worth
        keeping for the next time is kept for the server *place*, if that is not empty; *before* is kept already."""
        self._logbook = logbook
        self._visit = visit
        self._place = place
        self._remembered = ""
        self._kept = before
        self._kept_at = -inf
        self._told = False

    async def keep(self, chat: Chat, *, last: bool = False) -> float:
        """Write all that waits; what goes wrong is told to the person. Returns in how many seconds there is more to
        do, if nothing else happens; the *last* time nothing is put off."""
        if self._visit is not None and chat.model.welcomed and chat.wanted_name != self._remembered:
            self._remembered = chat.wanted_name
            visit = replace(self._visit, name=chat.wanted_name)
            try:
                await _in_thread(lambda: remembered.remember(visit))
            except (OSError, ValueError) as problem:
                self._tell(chat, problem)
        for path, conversation in chat.take_exports():
            await self._export(chat, path, conversation)
        lines = chat.take_log()
        if self._logbook is not None and lines:
            book = self._logbook
            try:
                await _in_thread(lambda: book.write(lines))
            except OSError as problem:
                self._logbook = None
                chat.model.logged = None
                chat.show(error(f"The log in {book.directory} cannot be written ({problem.strerror}); it ends here."))

        return await self._keep_for_the_next(chat, last) if self._place else inf

    async def _keep_for_the_next(self, chat: Chat, last: bool) -> float:
        worth = worth_keeping(chat)
        if worth == self._kept:
            return inf
        wait = self._kept_at + _KEEP_SECONDS - trio.current_time()
        if wait > 0 and not last:
            return wait
        self._kept, self._kept_at = worth, trio.current_time()
        try:
            await _in_thread(lambda: kept.change(lambda all: all.with_server(self._place, worth)))
        except (OSError, ValueError) as problem:
            self._tell(chat, problem)
        return inf

    def _tell(self, chat: Chat, problem: Exception) -> None:
        """What is kept for the next time is a convenience: nobody is kept from chatting, and it is said once."""
        if not self._told:
            self._told = True
            why = getattr(problem, "strerror", None) or "it is not text"
            chat.show(status(f"Nothing can be kept for the next time ({why})."))

    async def _export(self, chat: Chat, path: str, conversation: Conversation) -> None:
        lines = list(conversation.lines)
        shown = clean(path)
        try:
            count = await _in_thread(lambda: export(path, lines))
        except FileExistsError:
            chat.show(error(f"{shown} exists already; choose another name."))
        except (OSError, ValueError) as problem:
            chat.show(error(f"{shown} cannot be written: {getattr(problem, 'strerror', None) or problem}."))
        else:
            chat.show(status(f"{count} lines of {conversation.name} are in {shown}."))


async def _in_thread(work: Callable[[], T]) -> T:
    """What was begun is finished, also when one leaves; but a disk that hangs is not waited for."""
    with trio.move_on_after(_WRITE_SECONDS, shield=True):
        return await trio.to_thread.run_sync(work, abandon_on_cancel=True)
    raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
