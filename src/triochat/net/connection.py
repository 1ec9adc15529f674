"""One connection from accept to close.

One task reads, handles line by line, and ends; it needs no second task unless the peer reads too slowly (see
fanout.outbox). `close` is synchronous: it cancels the reading, and the task then says its farewell and leaves. All
waiting is under a deadline: for the registration, for a sign of life, for the peer to take the last bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from random import random
from typing import TypeAlias

import trio

from triochat.commands.context import Client
from triochat.commands.dispatch import handle_line
from triochat.commands.offering import Offer, tell_of_changes
from triochat.commands.plain import LineClient, handle_plain_line, start
from triochat.domain.limits import Limits
from triochat.domain.tally import SLOW_FOR_ONE, SLOW_ON_LOOP
from triochat.domain.throttle import Throttle
from triochat.domain.user import Session
from triochat.fanout.outbox import Outbox
from triochat.net.arrival import PLAIN, Doorway, TurnedAway
from triochat.net.doors import HTTP_ANSWER, TLS_HANDSHAKE, Door, door_of
from triochat.net.flood import Gate, charge, wait
from triochat.net.host import Host
from triochat.net.slowness import note_slow
from triochat.net.strangers import patience, pause
from triochat.net.wire import SILENCE, Wire, counted, round_trip_ms
from triochat.proto import numerics as n
from triochat.proto.errors import LineTooLong
from triochat.proto.framing import LineBuffer

_log = logging.getLogger("triochat.net")

_Handler: TypeAlias = Callable[[Client, bytes], Awaitable[None] | None]

_LONG = 0.005
"""Seconds of one peer's work after which the others get their turn."""
_MOST_PENDING = 32
"""Submissions of one session that may be on their way; replies among them count nowhere else yet."""
_MOST_GATHERED = 64
"""Reply lines that gather before they are handed on in the middle of a chunk of input."""


class Connection:
    """Run `run` in a task of its own. Ten thousand of these wait at a time: no closures, no task but the one, few
    frames below its wait."""

    __slots__ = (
        "_abrupt",
        "_client",
        "_deadline",
        "_doorway",
        "_gate",
        "_handle",
        "_heard",
        "_host",
        "_lines",
        "_outbox",
        "_pieces",
        "_proxied",
        "_reason",
        "_scope",
        "_wire",
    )

    def __init__(
        self, wire: Wire, address: str, host: Host, doorway: Doorway = PLAIN, *, proxied: bool = False
    ) -> None:
        """*proxied*: the peer is a proxy that may say from where the connection really comes."""
        self._host = host
        self._wire = wire
        self._doorway: Doorway | None = doorway
        """The way in that the peer has still to take; None once it may say its first line."""
        self._proxied = proxied
        server, limits = host.server, host.server.limits
        self._outbox = Outbox(wire, host.delivery, self)
        now = server.clock()
        session = Session(host.next_id(), self._outbox, address=address, door=Door.IRC.value, tls=False, now=now)
        self._outbox.session = session
        self._client = Client(server, session, self)
        server.unregistered += 1
        self._handle: _Handler | None = None
        """What a line means; None until the first line tells what the peer is."""
        self._lines = LineBuffer(limits.read_queue)
        self._pieces = 0
        """Times in a row that something was read, and no line ended with it."""
        self._gate = Gate(limits, now) if limits.command_rate else None
        self._reason: str | None = None
        self._abrupt = False
        self._heard = False
        self._deadline = trio.current_time() + patience(host.timeouts.registration, server.unregistered, random())
        self._scope: trio.CancelScope | None = None

    @property
    def session(self) -> Session:
        """The session that this connection is."""
        return self._client.session

    @property
    def strikes(self) -> tuple[str, ...]:
        """What is held against the peer, in words."""
        wrong = self._client.failed_logins
        words = (f"{wrong} wrong password{'s' if wrong != 1 else ''}",) if wrong else ()
        return (*words, "sends too fast") if self._gate is not None and self._gate.flooding else words

    @property
    def traffic(self) -> tuple[int, int] | None:
        """Bytes received and sent, encryption and all; None where the system does not tell."""
        return counted(self._wire)

    def adopt(self, limits: Limits) -> None:
        """These limits count from now on; where there were none, nothing is charged for what was asked before."""
        self._client.cost = 0
        self._gate = Gate(limits, self._host.server.clock()) if limits.command_rate else None

    @property
    def lag_ms(self) -> float | None:
        """How long the peer took to answer the last PING, otherwise how long its system does; None = not known."""
        lag = self.session.lag_ms
        return lag if lag is not None else round_trip_ms(self._wire)

    # -- ending it, from anywhere --

    def close(self, reason: str) -> None:
        """End the connection: the peer is told *reason* if it reads within the farewell time. Never waits."""
        if self._reason is None:
            self._reason = reason
            if self._scope is not None:
                self._scope.cancel()

    def cut(self, reason: str, by: str = "") -> None:
        """End the connection now, even if the peer is stopped or gone: when this returns, the name is free. *by* is
        the operator who wanted it, "" = the server."""
        client = self._client
        self._outbox.put(client.encode(client.removed(reason, by)))
        self.close(reason)
        self._abrupt = True
        client.leave(reason)
        self._outbox.close()

    def tell_of_offers(self, former: Offer) -> None:
        """The server offers other capabilities than those of *former* now."""
        tell_of_changes(self._client, former)

    def lost(self, reason: str) -> None:
        """The peer is gone, or takes nothing any more: end without a farewell."""
        self._abrupt = True
        self.close(reason)

    # -- the task --

    async def run(self) -> None:
        """Serve the peer until it goes or is sent away. Raises nothing but Cancelled."""
        try:
            while self._reason is None:
                with trio.CancelScope(deadline=self._deadline) as self._scope:
                    if self._proxied or (self._doorway is not None and self._doorway.comes_first):
                        await self._come_in(b"")
                    while self._reason is None:
                        await self._wire.readable()
                        data = self._wire.read()
                        if data is None:
                            continue
                        if not data:
                            self._reason = self._reason or "Connection closed"
                            break
                        self._heard = True
                        if self._reason is None:  # it may have been ended since the bytes arrived
                            await self._handle_data(data)
                        if self._client.registration is not None and (delay := pause(self._pieces, random())):
                            await trio.sleep(delay)
                if self._reason is None:
                    self._deadline_passed()
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
            self.lost("Connection lost")
        except TurnedAway as why:
            _log.debug("connection %d: turned away: %s", self.session.id, why)
            self.lost(str(why))
        except Exception:  # noqa: BLE001  # a bug must end one connection, not the server
            _log.exception("connection %d: ended by an error", self.session.id)
            self.lost("Internal error")
        finally:
            await self._end()

    async def _end(self) -> None:
        """Leave the world, say good-bye, release everything."""
        number = self.session.id
        try:
            try:
                if self._reason is not None:
                    await self._part(self._reason)
            finally:
                try:
                    self._client.leave(self._reason or "Server stopped")
                finally:
                    await self._release()
        except Exception:  # noqa: BLE001  # as above
            _log.exception("connection %d: error while it ended", number)

    async def _release(self) -> None:
        self._outbox.close()
        self._host.gone(self)
        wire, host, number = self._wire, self._host, self.session.id
        self._forget()
        try:
            await wire.aclose()
        finally:
            host.closed(number)

    def _forget(self) -> None:
        """Let go of everything: without cycles it is freed now, else when the collector next looks at what is old.
        Ten thousand that came and went would wait for that."""
        self._outbox.session = None
        self._scope = self._handle = None
        del self._client, self._outbox, self._wire, self._lines

    async def _come_in(self, data: bytes) -> None:
        """Lead the peer, which has sent *data*, through its doorway. Nothing else is said to it before it is in."""
        host, doorway, session = self._host, self._doorway, self._client.session
        assert doorway is not None
        self._outbox.rewire(SILENCE)
        proxied, self._proxied, told = self._proxied, False, None
        if proxied:
            told, data = await host.arrivals.source(self._wire, required=doorway.proxied)
            if told is not None:
                host.place(self, told)
        arrived = await host.arrivals.arrive(self._wire, doorway, data, host.server.limits.read_queue)
        self._wire = arrived.wire
        if proxied and told is None:
            host.place(self, arrived.forwarded or session.address)
        self._outbox.rewire(arrived.wire)
        self._doorway = None
        session.tls = arrived.tls
        session.certificate = arrived.certificate
        if doorway.door is Door.WEBSOCKET:
            session.door = doorway.door.value
            self._handle = handle_line
        if arrived.data:
            self._heard = True
            await self._handle_data(arrived.data)

    async def _handle_data(self, data: bytes) -> None:
        client, outbox = self._client, self._outbox
        server = self._host.server
        if (held := self._host.held) is not None:
            with self._no_deadline():
                await held.wait()
        if self._doorway is not None:
            if data[:1] == TLS_HANDSHAKE:
                await self._come_in(data)
                return
            self._doorway = None
        try:
            lines, too_long = self._lines.feed(data), None
        except LineTooLong as error:
            lines, too_long = error.lines, error
        self._pieces = 0 if lines else self._pieces + 1
        if outbox.congested:
            with self._no_deadline():
                await outbox.relieved()  # what it missed comes before the answers to what it says now
        session = client.session
        session.last_active = now = server.clock()
        session.lines_received += len(lines)
        server.tally.lines += len(lines)
        gate = self._gate
        throttles: Sequence[Throttle] = ()
        if gate is not None:
            gate.note(len(data), now)
            throttles = self._host.flood.throttles(gate, session, now)
        for line in lines:
            if throttles and (delay := wait(throttles, now)):
                client.flush()
                server.tally.delayed += 1
                self._read_later(len(data), now)
                with self._no_deadline():
                    await trio.sleep(delay)
                now = server.clock()
            if self._reason is not None:
                return  # somebody ended it while it waited
            ended = await self._handle_line(line, throttles)
            client = self._client  # the first line may have made it a line client
            if client.gathered > _MOST_GATHERED:
                client.flush()
            if outbox.congested or server.journal.full or outbox.pending > _MOST_PENDING or ended - now > _LONG:
                client.flush()
                with self._no_deadline():
                    await self.give_way()
                now = server.clock()
        if too_long is not None:
            client.reply(n.ERR_INPUTTOOLONG, text=str(too_long))
            self.close("Line too long")
        client.flush()

    async def give_way(self) -> None:
        """Let the peer read, the journal commit and the others have their turn before more is done for this peer."""
        journal = self._host.server.journal
        await self._outbox.relieved()
        await journal.room_to_submit()
        await journal.settled(self._outbox, _MOST_PENDING)
        await trio.lowlevel.checkpoint()

    def _read_later(self, size: int, now: float) -> None:
        """The peer sends too fast, and *size* bytes were waiting: say so, and in the end disconnect it."""
        client = self._client
        assert self._gate is not None
        text, last = self._gate.delayed(size, client.server.limits, now)
        if last:
            self.close(f"Excess flood: {text}")
        elif text and client.registration is None:
            client.send("NOTICE", client.nick, text)
            client.flush()

    async def _handle_line(self, line: bytes, throttles: Sequence[Throttle]) -> float:
        """Do what *line* says; returns when that ended. Work is charged like lines: a question that takes long to
        answer counts as several."""
        clock = self._host.server.clock
        ended = started = clock()
        try:
            waiting = self._handle(self._client, line) if self._handle is not None else self._first_line(line)
            ended = clock()
            if (took := ended - started) >= SLOW_ON_LOOP:
                note_slow(self._host.server, self.session, "command", line, took)
            if throttles:
                charge(throttles, took, self._client.cost)
                self._client.cost = 0
            if waiting is not None:
                with self._no_deadline():
                    await waiting
                ended = clock()
                if (took := ended - started) >= SLOW_FOR_ONE:
                    note_slow(self._host.server, self.session, "wait", line, took)
        except Exception:  # noqa: BLE001  # a bug in one handler must not end more than this command
            _log.exception("connection %d: error while handling a line", self.session.id)
            self._client.reply(n.ERR_UNKNOWNERROR, text="Internal error, the operators can see it in the log")
        return ended

    @contextmanager
    def _no_deadline(self) -> Iterator[None]:
        """The deadline is for the peer's silence. While the server itself makes the peer wait it must not strike: the
        lines that have arrived would be lost. What is waited for here has bounds of its own."""
        if self._client.registration is not None or self._scope is None:
            yield  # before the registration the time runs whatever the reason
            return
        self._scope.deadline = float("inf")
        try:
            yield
        finally:
            self._scope.deadline = max(self._deadline, trio.current_time() + self._host.timeouts.ping_timeout)

    def _first_line(self, line: bytes) -> Awaitable[None] | None:
        """The first line tells what the peer is."""
        server = self._host.server
        door = door_of(line, server.world.names, server.limits.nick_length)
        client = self._client
        if door is Door.HTTP:
            self._outbox.put(HTTP_ANSWER)
            client.session.door = door.value
            self.close("HTTP is not spoken here")
            return None
        handle: _Handler = handle_line
        if door is Door.LINE:
            client.session.door = door.value
            self._client = client = LineClient(server, client.session, self)
            start(client)
            handle = handle_plain_line
        self._handle = handle
        return handle(client, line)

    def welcomed(self) -> None:
        """The registration is complete: from now on silence is what has a deadline."""
        self._deadline = trio.current_time() + self._host.timeouts.ping_interval
        if self._client.session.door == Door.LINE.value:
            # Nobody types PONG: the kernel's keep-alive finds out when they are gone.
            self._deadline = float("inf")
        if self._scope is not None:
            self._scope.deadline = self._deadline

    def _deadline_passed(self) -> None:
        """Close what never registered or gives no sign of life; ask first."""
        timeouts, client = self._host.timeouts, self._client
        now = trio.current_time()
        if client.registration is not None:
            self.close("Registration timed out")
        elif self._heard:
            self._heard = False
            client.ping_sent = None
            self._deadline = now + timeouts.ping_interval
        elif client.ping_sent is None:
            client.ping_sent = self._host.server.clock()
            client.send_lines([f"PING :{self._host.server.identity.name}"])
            client.flush()
            self._deadline = now + timeouts.ping_timeout
        else:
            silence = int(timeouts.ping_interval + timeouts.ping_timeout)
            self.close(f"Ping timeout: {silence} seconds")

    async def _part(self, reason: str) -> None:
        """Leave, and give the peer a little time to take what is still meant for it."""
        client = self._client
        client.leave(reason)
        if self._abrupt:
            return
        sent = trio.Event()
        if client.session.door != Door.HTTP.value:
            client.farewell(reason)
        client.flush(sent.set)
        with trio.move_on_after(self._host.timeouts.farewell):
            await sent.wait()
            await self._outbox.drained()
