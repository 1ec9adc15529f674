"""The admin console for people: telnet or `nc`, a password, a prompt. This is its Trio shell.

A console never disturbs the server: every wait has a deadline, every buffer a bound, and no exception but Trio's
Cancelled leaves `Console.serve`. Clients that are not telnet see three odd bytes around the password (telnet's
WILL ECHO and WONT ECHO, see telnet.py) and nothing else that is not text.
"""

import logging
import math
import re
from collections.abc import Sequence
from typing import NoReturn

import trio

from triochat.operations import Event, Operations
from triochat_admin import machine, qr, render, watch
from triochat_admin.commands import COMMANDS
from triochat_admin.completing import complete
from triochat_admin.grammar import JSON, Answer, Form, Later, Leave, Question, Refreshing, Watch
from triochat_admin.lines import Key, Line
from triochat_admin.login import Login
from triochat_admin.monitoring import follow
from triochat_admin.peer import Gone, Limits, Peer
from triochat_admin.ration import Ration
from triochat_admin.refreshing import Screen, measured, refresh
from triochat_admin.seats import Seats
from triochat_admin.session import Refused, Session
from triochat_admin.text import typed, visible

logger = logging.getLogger("triochat.admin")

_HTTP = re.compile(rb"\S+ \S* ?HTTP/|(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT|PRI) ")
_HTTP_BODY = "This port is the admin console of triochat: use telnet, nc or triochat admin."
_HTTP_ERROR = (
    "\nHTTP/1.1 400 Bad Request\nContent-Type: text/plain; charset=utf-8\n"
    f"Content-Length: {len(_HTTP_BODY) + 2}\nConnection: close\n\n{_HTTP_BODY}"
)
_PROMPT = "> "
_ARRIVAL_S = 0.0004
"""What somebody costs who comes, perhaps shakes hands, and goes."""
_ARRIVALS_SHARE = 0.02


class Console:
    """Serves operators, a limited number at once. Give accepted connections to `handle` or `serve`."""

    def __init__(self, operations: Operations, login: Login, limits: Limits | None = None) -> None:
        self._operations = operations
        self._login = login
        self._limits = limits or Limits()
        self._open = self._parting = 0
        self._seats = Seats(self._limits.consoles)
        self._ration = Ration()
        # Of their own: those who come and go without end must not keep out who is here, nor these who comes.
        self._arrivals = Ration(_ARRIVALS_SHARE).place()

    def adopt(self, limits: Limits) -> None:
        """These limits count for consoles from now on, but not for those that are open."""
        self._limits = limits
        self._seats.most = limits.consoles

    @property
    def open(self) -> int:
        """How many consoles are open."""
        return self._open

    async def admit(self) -> None:
        """Wait until one more connection may be accepted."""
        await self._arrivals.turn(_ARRIVAL_S)

    async def handle(self, stream: trio.SocketStream) -> None:
        """Serve the console on an accepted TCP connection; a handler for trio.serve_listeners."""
        if self._open >= self._limits.consoles * 4:
            await trio.aclose_forcefully(stream)  # so many that even turning them away politely costs too much
            return
        try:
            peername = stream.socket.getpeername()
            # A monitor of a quiet server may send nothing for days: let the system notice that its peer is gone.
            stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_KEEPALIVE, 1)
        except OSError:
            await trio.aclose_forcefully(stream)
            return
        await self.serve(stream, *_address(peername))

    async def serve(self, stream: trio.abc.Stream, address: str, port: int | str = "") -> None:
        """Serve one console from its greeting to its close.

        *address* is whose wrong passwords are counted together. Raises nothing but trio.Cancelled; then the
        peer is told, if that can be done at once.
        """
        place = self._ration.place()
        peer = Peer(stream, self._limits, place)
        name = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        session = Session(
            peer, self._operations, self._login, self._limits, name.rstrip(":"), address, place, self._seats
        )
        try:
            farewell = await self._talk(session)
            if farewell is not None and self._parting < self._limits.consoles * 3:
                self._parting += 1
                try:
                    await peer.part(farewell)
                finally:
                    self._parting -= 1
        finally:
            if trio.current_effective_deadline() == -math.inf:
                await peer.part_cancelled("\nThe server is stopping. Bye.\n")
            await peer.close()

    async def _talk(self, session: Session) -> str | None:
        """All of it but the good-bye. Returns that, None = nothing is to be said."""
        self._open += 1
        try:
            if self._open > self._limits.consoles * 4:
                return None  # so many that even turning them away politely costs too much
            with trio.CancelScope() as staying:
                if self._login.required:
                    self._seats.come(session, session.address, staying.cancel)
                await _Shell(session).run()
        except Gone as gone:
            return str(gone)
        except Exception:
            logger.exception("admin console: %s broke off", session.name)
        finally:
            self._open -= 1
            self._seats.leave(session)
        return None


def _address(peername: object) -> tuple[str, int | str]:
    """Host and port of what `getpeername` returned."""
    if isinstance(peername, tuple) and len(peername) >= 2:
        return str(peername[0]).removeprefix("::ffff:"), int(peername[1])
    return "local", ""


class _Program(Exception):
    """No person: a program said hello."""

    def __init__(self, hello: bytes) -> None:
        super().__init__()
        self.hello = hello


class _Shell:
    """One person's session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._peer = session.peer
        self._json = False
        self._always_json = False
        self._first = True

    async def run(self) -> NoReturn:
        """From greeting to good-bye; raises Gone at the end."""
        try:
            if self._session.login.required:
                await self._log_in()
            if full := self._session.seats.take(self._session):
                raise Gone(full)
            await self._greet()
            await self._talk()
        except _Program as program:
            hello = program.hello
        self._peer.hide(False)
        await machine.serve(self._session, hello)

    async def _talk(self) -> NoReturn:
        self._peer.offer_editing()
        while True:
            text = typed(await self._ask(_PROMPT, self._session.limits.idle_s, remember=True))
            if not text:
                continue
            try:
                await self._obey(text)
            except Refused as refused:
                await self._refuse(refused)
            self._peer.offer_editing()

    # Words in, words out.

    async def _ask(self, prompt: str, within_s: float, *, remember: bool = False) -> bytes:
        """Show *prompt* until a line is typed; raises Gone when that takes too long or the peer leaves. *remember*:
        it is a command."""
        await self._peer.ask(prompt, self._complete if remember else None, remember=remember)
        while True:
            item = await self._peer.read(within_s)
            if isinstance(item, Line):
                if self._first and item.data.strip():
                    self._first = False
                    self._recognise(item.data)
                return item.data
            await self._key(item, prompt)

    async def _key(self, key: Key, prompt: str) -> None:
        if key is Key.END:
            raise Gone("\nBye.")
        if key is Key.TOO_LONG:
            text = f"That line is too long: {self._session.limits.line_bytes:,} bytes at most."
        elif key is Key.ARE_YOU_THERE:
            text = "Yes."
        else:
            text = ""
        await self._peer.write(f"\n{text}\n{prompt}" if text else f"\n{prompt}")

    def _recognise(self, line: bytes) -> None:
        """Leave the talk to others if this first line shows that nobody types here."""
        if _HTTP.match(line):
            # A browser can be made to send a POST here by any page that it shows: nothing of it may be obeyed.
            logger.warning("admin console: HTTP request from %s refused", self._session.name)
            raise Gone(_HTTP_ERROR)
        if line.split()[0] == machine.HELLO:
            raise _Program(line)

    # Getting in.

    async def _log_in(self) -> None:
        limits = self._session.limits
        await self._peer.write("triochat admin console\n")
        with trio.move_on_after(limits.login_s) as scope:
            for left in reversed(range(limits.attempts)):
                self._peer.hide(True)
                password = await self._ask("Password: ", math.inf)
                right = await self._session.admits(password.decode("utf-8", "replace"))
                self._peer.hide(False)
                await self._peer.write("\n" if right else "\nWrong password.\n")
                if right:
                    return
                if not left:
                    raise Gone
        assert scope.cancelled_caught
        self._peer.hide(False)
        raise Gone(f"\nNo password within {limits.login_s:.0f} seconds. Bye.")

    async def _greet(self) -> None:
        try:
            greeting = self._session.guard(lambda: render.greeting(self._session.operations.status()))
        except Refused:
            greeting = "triochat"
        grant = self._session.grant
        who = f" You are {visible(grant.name)}, {grant.role}." if grant.name else ""
        await self._peer.write(f"{greeting}{who} Type help.\n")

    # Obeying.

    async def _obey(self, text: str) -> None:
        session = self._session
        self._json = self._always_json
        command, call = session.understand(text)
        self._json = self._always_json or JSON in call.options
        result = session.guard(lambda: command.run(call))
        if isinstance(result, Later):
            result = await session.finish_later(result)
        if isinstance(result, Leave):
            raise Gone(result.text)
        if isinstance(result, Form):
            self._always_json = self._json = result.json
            await self._show(Answer("Answers are text.", {"json": result.json}))
        elif isinstance(result, Question):
            await self._confirm(result)
        elif isinstance(result, Watch):
            await self._follow(result)
        elif isinstance(result, Refreshing):
            await self._refresh(result)
        else:
            await self._show(result)

    def _complete(self, before: str) -> tuple[int, Sequence[str]]:
        try:
            return self._session.guard(lambda: complete(COMMANDS, self._session.operations, before))
        except Refused:
            return len(before), ()

    async def _confirm(self, question: Question) -> None:
        await self._peer.write(f"{question.text}\n")
        await self._peer.ask("Type yes to go on, Enter to stop: ")
        reply = await self._peer.read(self._session.limits.idle_s)
        if isinstance(reply, Line) and reply.data.strip().lower() == b"yes":
            await self._show(await self._session.finish_at_last(self._session.guard(question.go)))
        else:
            await self._peer.write("Nothing done.\n" if isinstance(reply, Line) else "\nNothing done.\n")

    async def _show(self, answer: Answer) -> None:
        session = self._session
        try:
            text = session.guard(lambda: render.to_json(answer.data)) if self._json else answer.text
            if answer.link and not self._json:
                text += "\n" + session.guard(lambda: qr.drawn(answer.link, self._peer.columns)).removesuffix("\n")
            await self._peer.write(session.bounded(text) + "\n")
        finally:
            session.finish(answer.afterwards)

    async def _refuse(self, refused: Refused) -> None:
        if self._json:
            document = refused.data if isinstance(refused.data, dict) else {}
            await self._peer.write(render.to_json({**document, "error": str(refused)}) + "\n")
        else:
            await self._peer.write(f"{refused}\n")

    async def _follow(self, wanted: Watch) -> None:
        if not self._json:
            await self._peer.write(f"{wanted.title} Enter, q or Ctrl-C stops.\n")
        pace = await follow(self._session, wanted, _View(self._peer, wanted, self._json))
        was_key = self._peer.swallow(b"q")
        end = "" if self._json else f"{pace.summary()}\n"
        await self._peer.write(f"\n{end}" if was_key else end)

    async def _refresh(self, wanted: Refreshing) -> None:
        if self._json or wanted.once:
            flows = await measured(self._session, wanted)
            await self._show(Answer(wanted.picture.text(flows), wanted.picture.data(flows)))
            return
        screen = Screen(self._peer, wanted.picture)
        await self._peer.write("Measuring … Enter, q or Ctrl-C stops.\n")
        await refresh(self._session, wanted, screen.show)
        was_key = self._peer.swallow(b"q")
        await self._peer.write("\n" if was_key or screen.line_is_open else "")


class _View:
    """A monitor on a terminal."""

    def __init__(self, peer: Peer, wanted: Watch, json: bool) -> None:
        self._peer = peer
        self._watch = wanted
        self._json = json

    async def events(self, events: Sequence[Event]) -> None:
        await self._peer.write("".join(f"{self._line(event)}\n" for event in events))

    def _line(self, event: Event) -> str:
        return render.to_json(watch.data(self._watch, event)) if self._json else watch.line(self._watch, event)

    async def missed(self, count: int) -> None:
        text = render.to_json({"missed": count}) if self._json else watch.notice(count)
        await self._peer.write(f"{text}\n")
