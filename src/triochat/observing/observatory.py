"""Everything that observes one server, put together for `app`."""

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import trio

from triochat.commands.server import Server
from triochat.domain.tally import Tally
from triochat.doorways import speaks_tls
from triochat.fanout.fanout import FanOut
from triochat.journal.journal import Journal
from triochat.logs import EventLog
from triochat.net.listener import accept, listen
from triochat.net.server import ChatServer
from triochat.observing.doctor import Door
from triochat.observing.errors import watching_log
from triochat.observing.observer import Observer, Surroundings
from triochat.observing.readiness import ServiceManager
from triochat.observing.turns import Turns
from triochat.settings import Listener, Settings, is_loopback

_SAMPLE_EVERY = 1.0
_CERTIFICATE_EVERY = 3600.0


class Observatory:
    """Construct it (opens the port for metrics, raises Failure), be `watching`, make an `observer`, then `run`."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        table = settings.metrics
        self._settings = settings
        self._sockets = listen(table.host, table.port, "metrics.port") if table.enabled else []
        self.manager = ServiceManager(environment)
        if table.enabled:
            # At the start, and not when the first one asks; but only of those who are asked.
            import triochat.observing.http
            import triochat.observing.metrics  # noqa: F401

    def close(self) -> None:
        """Stop listening."""
        for sock in self._sockets:
            sock.close()

    @contextmanager
    def watching(self, tally: Tally) -> Iterator[None]:
        """The pulse of the Trio run that calls, and the log, are watched for as long as this lasts."""
        self.turns = Turns(tally.slow)
        trio.lowlevel.add_instrument(self.turns)
        try:
            with watching_log() as self._log:
                yield
        finally:
            trio.lowlevel.remove_instrument(self.turns)

    def observer(
        self,
        server: Server,
        chat: ChatServer,
        journal: Journal,
        fan_out: FanOut,
        events: EventLog,
        *,
        listening: Sequence[tuple[Listener, socket.socket]],
        durability: str,
        database: Path | None,
        certificate: Path | None,
    ) -> Observer:
        """Who observes these parts."""
        around = Surroundings(
            doors=self._doors(listening),
            certificate=certificate,
            durability=durability,
            database=database,
            console_password=not self._settings.admin.no_password,
            missed_log_lines=lambda: events.missed,
        )
        return Observer(server, chat, journal, fan_out, self.turns, self._log, around)

    async def run(self, observer: Observer, events: EventLog) -> None:
        """Keep looking, and answer monitoring systems, until cancelled."""
        async with trio.open_nursery() as nursery:
            if self._sockets:
                self._open(observer, events, nursery)
            await self._look(observer)

    def _open(self, observer: Observer, events: EventLog, nursery: trio.Nursery) -> None:
        from triochat.observing.http import HttpDoor

        door = HttpDoor({"/metrics": observer.metrics_page, "/healthz": observer.health})
        for sock in self._sockets:
            nursery.start_soon(accept, sock, lambda taken, _: nursery.start_soon(door.take, taken))
            events.metrics_started(*sock.getsockname()[:2])

    async def _look(self, observer: Observer) -> None:
        certificate_due = 0.0
        while True:
            observer.sample()
            self.manager.alive()
            if (now := time.monotonic()) >= certificate_due:
                certificate_due = now + _CERTIFICATE_EVERY
                await observer.read_certificate()
            await trio.sleep(_SAMPLE_EVERY)

    def _doors(self, listening: Sequence[tuple[Listener, socket.socket]]) -> list[Door]:
        settings, loopback = self._settings, is_loopback(self._settings.metrics.host)
        doors = [
            Door(
                listener.kind,
                place(sock),
                is_loopback(listener.host),
                not speaks_tls(listener, settings) or (listener.tls is None and settings.server.insecure),
            )
            for listener, sock in listening
        ]
        return doors + [Door("metrics", place(sock), loopback, plain=True) for sock in self._sockets]


def place(sock: socket.socket) -> str:
    """Where it listens, as people write it."""
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
