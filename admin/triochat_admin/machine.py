"""The console's form for programs: `!json 1` as the first line, then each line is answered by a line of JSON.

    > !json 1
    < {"ok": true, "protocol": 1, "password": true}         password: the next line must be it
    > correct horse
    < {"ok": true}
    > kick Bob being rude
    < {"ok": true, "text": "Kicked 1: Bob #9 …", "data": {"count": 1, "hit": ["Bob #9"], …}, "count": 1}
    > kikc Bob
    < {"ok": false, "error": "No command kikc. Did you mean: kick", "kind": "usage"}

What stands before the first line that begins with `{` (the greeting for people) is to be skipped. Requests are the
lines that one types at the prompt; blank ones are ignored. Every request has one answer, but `monitor` has many:
they carry `"more": true` until the last one, which any line makes it send, and so has `top`. *kind* of an error is
`usage`, `failed`, `confirm` (the same with --yes would do it), `forbidden` (the operator's role does not include it),
`internal` or `password`. An operator with a name gives `NAME PASSWORD`.
"""

from collections.abc import Sequence
from typing import Any, NoReturn

from triochat.operations import Event
from triochat_admin import render, watch
from triochat_admin.commands import COMMANDS
from triochat_admin.completing import complete
from triochat_admin.grammar import Answer, Form, Later, Leave, Question, Refreshing, Watch
from triochat_admin.lines import Key, Line
from triochat_admin.monitoring import follow
from triochat_admin.peer import Gone
from triochat_admin.refreshing import measured, refresh
from triochat_admin.session import Refused, Session
from triochat_admin.text import typed

HELLO = b"!json"
VERSION = 1
_COMPLETE, _END = "!complete ", "|"
"""A prompt at the other end asks what a line could go on with. The end is marked, as a space counts there."""


async def serve(session: Session, hello: bytes) -> NoReturn:
    """Talk to the program that said *hello*, until it leaves; raises Gone."""
    shell = _Machine(session)
    # People's greeting has no line end behind it, so this begins with one.
    await session.peer.write("\n")
    if hello.split() != [HELLO, b"%d" % VERSION]:
        await shell.refuse(Refused("usage", f"This console speaks !json {VERSION}."))
        raise Gone
    required = session.login.required
    await shell.answer({"ok": True, "protocol": VERSION, "password": required})
    if required:
        await shell.log_in()
    await shell.obey()


class _Machine:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._peer = session.peer

    async def answer(self, *documents: dict[str, Any]) -> None:
        await self._peer.write("".join(f"{self._line(document)}\n" for document in documents))

    def _line(self, document: dict[str, Any]) -> str:
        try:
            return self._session.bounded(self._session.guard(lambda: render.to_json(document)))
        except Refused as refused:
            return render.to_json(_refusal(refused))

    async def refuse(self, refused: Refused) -> None:
        await self.answer(_refusal(refused))

    async def log_in(self) -> None:
        limits = self._session.limits
        for left in reversed(range(limits.attempts)):
            password = await self._request(limits.login_s)
            if await self._session.admits(password.decode("utf-8", "replace")):
                if full := self._session.seats.take(self._session):
                    await self.refuse(Refused("failed", full))
                    raise Gone
                await self.answer({"ok": True})
                return
            await self.refuse(Refused("password", "Wrong password."))
            if not left:
                raise Gone

    async def obey(self) -> NoReturn:
        while True:
            text = typed(await self._request(self._session.limits.idle_s))
            if not text:
                continue
            try:
                await self._obey(text)
            except Refused as refused:
                await self.refuse(refused)

    async def _request(self, within_s: float) -> bytes:
        while True:
            item = await self._peer.read(within_s)
            if isinstance(item, Line):
                return item.data
            if item is Key.TOO_LONG:
                sentence = f"A line has {self._session.limits.line_bytes:,} bytes at most."
                await self.refuse(Refused("usage", sentence))
            elif item is Key.END:
                raise Gone

    async def _obey(self, text: str) -> None:
        session = self._session
        if text.startswith(_COMPLETE):
            await self._complete(text.removeprefix(_COMPLETE).removesuffix(_END))
            return
        command, call = session.understand(text)
        result = session.guard(lambda: command.run(call))
        if isinstance(result, Later):
            result = await session.finish_later(result)
        if isinstance(result, Question):
            raise Refused("confirm", result.text)
        if isinstance(result, Form):
            result = Answer("This is JSON already.", {"json": True})
        if isinstance(result, Watch):
            await self._follow(result)
        elif isinstance(result, Refreshing):
            await self._refresh(result)
        elif isinstance(result, Leave):
            await self.answer({"ok": True, "text": result.text, "data": None})
            raise Gone
        else:
            try:
                await self.answer(_answer(result))
            finally:
                session.finish(result.afterwards)

    async def _follow(self, wanted: Watch) -> None:
        await self.answer({"ok": True, "text": wanted.title, "data": None, "more": True})
        pace = await follow(self._session, wanted, _Stream(self, wanted))
        self._peer.swallow()
        data = {"shown": pace.shown, "missed": pace.not_shown}
        await self.answer({"ok": True, "text": pace.summary(), "data": data})

    async def _refresh(self, wanted: Refreshing) -> None:
        picture = wanted.picture

        async def show(flows: Sequence[Any]) -> None:
            await self.answer({"ok": True, "text": picture.text(flows), "data": picture.data(flows), "more": True})

        if wanted.once:
            flows = await measured(self._session, wanted)
            await self.answer({"ok": True, "text": picture.text(flows), "data": picture.data(flows)})
            return
        await refresh(self._session, wanted, show)
        self._peer.swallow()
        await self.answer({"ok": True, "text": "", "data": None})

    async def _complete(self, before: str) -> None:
        operations = self._session.operations
        start, choices = self._session.guard(lambda: complete(COMMANDS, operations, before))
        await self.answer({"ok": True, "text": " ".join(choices), "data": {"start": start, "choices": choices}})


class _Stream:
    """A monitor as JSON lines."""

    def __init__(self, machine: _Machine, wanted: Watch) -> None:
        self._machine = machine
        self._watch = wanted

    async def events(self, events: Sequence[Event]) -> None:
        await self._machine.answer(*map(self._document, events))

    def _document(self, event: Event) -> dict[str, Any]:
        text, data = watch.line(self._watch, event), watch.data(self._watch, event)
        return {"ok": True, "text": text, "data": data, "more": True}

    async def missed(self, count: int) -> None:
        document = {"ok": True, "text": watch.notice(count), "data": {"missed": count}, "more": True}
        await self._machine.answer(document)


def _answer(answer: Answer) -> dict[str, Any]:
    document: dict[str, Any] = {"ok": True, "text": answer.text, "data": answer.data}
    if answer.count is not None:
        document["count"] = answer.count
    return document


def _refusal(refused: Refused) -> dict[str, Any]:
    document: dict[str, Any] = {"ok": False, "error": str(refused), "kind": refused.kind}
    if refused.data is not None:
        document["data"] = refused.data
    if refused.count is not None:
        document["count"] = refused.count
    return document
