"""What was said in rooms, as operators read it, take it back, and write it to files (see triochat.managing.Past)."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import trio

from triochat.commands.server import Server
from triochat.domain import multiline
from triochat.domain.entry import Entry, Erasure, Submission
from triochat.exporting import ExportDesk
from triochat.managing import Said
from triochat.operations import OperationError
from triochat.ports import Span, StoreFault
from triochat.proto.text import visible


class Archive:
    """Implements managing.Past."""

    def __init__(self, server: Server, exports: ExportDesk) -> None:
        self._server = server
        self._exports = exports

    async def history(self, room: str, last: int, by: str) -> Sequence[Said]:
        """See managing.Past."""
        try:
            log = await self._exports.log_of(room)
            if log is None:
                raise OperationError(f"Nothing is kept of a room {visible(room)}.")
            self._server.audit(by, "history", room)
            span = Span(log, 0, self._server.journal.handed_out + 1)
            entries = await self._server.journal.history.read([span], last, newest=True, lines_only=True)
        except StoreFault as fault:
            raise OperationError(f"The log cannot be read: {fault}.") from None
        return [_said(entry, self._called(log, room)) for entry in entries]

    async def find(self, msgid: str) -> Said:
        """See managing.Past."""
        log, entry = await self._locate(msgid)
        return _said(entry, self._called(log, entry.params[0]))

    async def redact(self, msgid: str, reason: str, by: str) -> Said:
        """See managing.Past."""
        server = self._server
        log, entry = await self._locate(msgid)
        room = next((room for room in server.world.rooms.values() if room.log == log), None)
        said = _said(entry, self._called(log, entry.params[0]))
        server.audit(by, "redact", f"{said.room} {msgid}", reason, 1)
        erasure = (Erasure(log, entry.seq),)
        if room is None:
            server.journal.submit(Submission(None, changes=erasure))
        else:
            params = (room.name, msgid, *([reason[: server.limits.kick_length]] if reason else []))
            told = server.journal.new_entry(server.identity.name, "REDACT", params, room.logs)
            server.journal.submit(Submission(told, room.audiences, changes=erasure))
        await server.journal.barrier()
        return said

    async def _locate(self, msgid: str) -> tuple[str, Entry]:
        """The line with this msgid, and the log that has it; raises OperationError."""
        history = self._server.journal.history
        try:
            place = await history.find(msgid, "#")
            if place is not None:
                log, seq = place
                found = await history.read([Span(log, seq - 1, seq + 1)], 1, lines_only=True)
                if found:
                    return log, found[0]
        except StoreFault as fault:
            raise OperationError(f"The log cannot be read: {fault}.") from None
        raise OperationError(f"There is no line {visible(msgid[:60])} in any room, or not any more.")

    async def export(self, room: str, path: str, by: str) -> int:
        """See managing.Past."""
        if not Path(path).is_absolute():
            raise OperationError("Name the file in full, such as /var/backups/lobby.jsonl.")
        answer = await self._exports.do({"room": room})
        if "error" in answer:
            raise OperationError(answer["error"])
        self._server.audit(by, "export", room, path)
        count = 0
        try:
            descriptor = await trio.to_thread.run_sync(_open_new, path)
            async with trio.wrap_file(os.fdopen(descriptor, "w", encoding="utf-8")) as file:
                while "error" not in answer:
                    entries = answer["entries"]
                    await file.write("".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries))
                    count += len(entries)
                    if answer["after"] is None:
                        return count
                    answer = await self._exports.do({**answer, "room": room})
        except OSError as error:
            raise OperationError(f"Cannot write {path}: {error.strerror or error}.") from None
        raise OperationError(f"{answer['error']} {path} is not complete.")

    def _called(self, log: str, name: str) -> str:
        return next((room.name for room in self._server.world.rooms.values() if room.log == log), name)


def _open_new(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _said(entry: Entry, room: str) -> Said:
    kind = "message" if entry.command == "PRIVMSG" else "notice"
    return Said(entry.msgid, entry.time_ms, kind, entry.nick, room, multiline.combine(entry.params[1]))
