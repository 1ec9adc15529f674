"""The composition root of the server: builds the parts, wires them, owns the root nursery and the shutdown."""

import gc
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path

import trio

from triochat import __version__
from triochat.commands.context import Identity, Server
from triochat.config import Settings
from triochat.control import Control
from triochat.domain.names import DEFAULT_ROOM
from triochat.domain.world import World
from triochat.errors import Failure
from triochat.fanout.fanout import FanOut
from triochat.fanout.outbox import Delivery
from triochat.journal.journal import Journal
from triochat.journal.memory import MemoryStore
from triochat.journal.sqlite import SqliteStore
from triochat.logs import EventLog
from triochat.net.listener import accept, listen
from triochat.net.server import ChatServer
from triochat.ports import Store
from triochat_admin.console import Console
from triochat_admin.login import Login
from triochat_admin.peer import Limits as ConsoleLimits

_log = logging.getLogger("triochat")

PASSWORD_FILE = "admin-password"
DATABASE_FILE = "triochat.db"
_UNLIMITED = 1_000_000_000


class App:
    """One server process. Construct it (opens files and sockets, raises Failure), then `run` it."""

    def __init__(self, settings: Settings, data_dir: Path, environment: Mapping[str, str], events: EventLog) -> None:
        self._settings = settings
        self._events = events
        self._reason = "Server is shutting down"
        self._stopping = trio.Event()
        self._sockets: list[tuple[str, socket.socket]] = []
        with _closing_on_failure(self):
            for listener in settings.listeners:
                option = "--admin-port" if listener.kind == "admin" else "--port"
                self._sockets += [(listener.kind, sock) for sock in listen(listener.host, listener.port, option)]
            self._password = None
            if any(listener.kind == "admin" for listener in settings.listeners):
                self._password = _admin_password(settings, data_dir, environment)
            self._store = _open_store(settings, data_dir)

    def close_sockets(self) -> None:
        """Stop listening."""
        for _, sock in self._sockets:
            sock.close()

    def stop(self, reason: str = "Server is shutting down") -> None:
        """Begin the kind shutdown."""
        self._reason = reason
        self._stopping.set()

    async def run(self) -> None:
        """Serve until `stop` is called or a signal comes; a second signal ends it at once."""
        settings = self._settings
        fan_out = FanOut()
        journal = Journal(self._store, fan_out, most_waiting=settings.limits.journal_entries)
        fan_out.position = journal.next_seq - 1
        fan_out.observers.append(self._events.observe)
        server = _server(settings, journal)
        users = 0
        try:
            async with trio.open_nursery() as root:
                root.start_soon(self._watch_signals, root.cancel_scope)
                try:
                    async with trio.open_nursery() as journal_nursery:
                        journal_nursery.start_soon(journal.run)
                        async with trio.open_nursery() as connections:
                            delivery = Delivery(
                                connections,
                                self._store,
                                lambda: fan_out.position,
                                budget=settings.limits.outbox,
                                stall_timeout=settings.timeouts.stall,
                            )
                            chat = ChatServer(server, delivery, settings.timeouts, connections)
                            await self._listen(server, chat, journal, fan_out)
                            users = len(server.world.users)
                            connections.cancel_scope.deadline = trio.current_time() + settings.timeouts.farewell
                            chat.close_all(self._reason)
                        journal.close()
                finally:
                    root.cancel_scope.cancel()
        finally:
            self._store.close()
            self._events.stopped(users)

    async def _listen(self, server: Server, chat: ChatServer, journal: Journal, fan_out: FanOut) -> None:
        """Accept connections until it is time to stop."""
        control = Control(
            server,
            chat,
            journal,
            fan_out,
            self._events,
            durability=self._durability,
            stop=self.stop,
        )
        limits = self._settings.limits
        console_limits = ConsoleLimits(consoles=limits.consoles, attempts=limits.login_attempts or _UNLIMITED)
        console = Console(control, Login(self._password), console_limits)
        try:
            async with trio.open_nursery() as listeners:

                def take_console(sock: socket.socket, address: str) -> None:
                    stream = trio.SocketStream(trio.socket.from_stdlib_socket(sock))
                    listeners.start_soon(console.handle, stream)

                for kind, sock in self._sockets:
                    host, port = sock.getsockname()[:2]
                    if kind == "irc":
                        listeners.start_soon(accept, sock, chat.take)
                        self._events.started(host, port)
                    else:
                        listeners.start_soon(accept, sock, take_console)
                        self._events.console_started(host, port)
                await self._stopping.wait()
                listeners.cancel_scope.cancel()
        finally:
            self.close_sockets()

    @property
    def _durability(self) -> str:
        return "memory" if isinstance(self._store, MemoryStore) else self._settings.storage.durability

    async def _watch_signals(self, everything: trio.CancelScope) -> None:
        """The first SIGINT or SIGTERM stops kindly, the second at once."""
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                if self._stopping.is_set():
                    everything.cancel()
                    return
                self.stop()


class _closing_on_failure:
    """Close the sockets when the constructor cannot go on."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._app.close_sockets()


def serve(settings: Settings, data_dir: Path, environment: Mapping[str, str], events: EventLog) -> None:
    """Run a server until it is stopped. Raises Failure when it cannot start."""
    _raise_descriptor_limit()
    app = App(settings, data_dir, environment, events)
    # What is there now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    trio.run(app.run)


def _server(settings: Settings, journal: Journal) -> Server:
    table = settings.server
    world = World(settings.limits)
    lobby = world.add_room(DEFAULT_ROOM, int(time.time()), permanent=True)
    lobby.flags = {"n"}  # nobody is its operator: everybody may set the topic
    identity = Identity(
        name=table.name,
        network=table.network,
        description=table.description,
        version=f"triochat-{__version__}",
        created=time.strftime("%a %d %b %Y at %H:%M:%S UTC", time.gmtime()),
        motd=tuple(table.motd.splitlines()),
    )
    return Server(
        identity=identity,
        world=world,
        journal=journal,
        limits=settings.limits,
        wall_clock=time.time,
        clock=time.monotonic,
        password=table.password or None,
    )


def _open_store(settings: Settings, data_dir: Path) -> Store:
    storage = settings.storage
    if storage.durability == "memory" or storage.path == ":memory:":
        return MemoryStore(storage.memory_entries)
    path = Path(storage.path).expanduser() if storage.path else _prepare(data_dir) / DATABASE_FILE
    return SqliteStore.open(path, storage.durability)


def _admin_password(settings: Settings, data_dir: Path, environment: Mapping[str, str]) -> str | None:
    """The console's password: set, or read from its file, or generated into it. None = no password wanted."""
    if settings.admin.no_password:
        return None
    given = environment.get("TRIOCHAT_ADMIN_PASSWORD") or settings.admin.password
    if given:
        return given
    path = _prepare(data_dir) / PASSWORD_FILE
    try:
        if path.exists():
            kept = path.read_text("utf-8").strip()
            if kept:
                return kept
        password = secrets.token_urlsafe(12)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{password}\n")
    except OSError as error:
        raise Failure(f"cannot use the password file {path}: {error.strerror}.") from None
    _log.warning("the admin console's password was generated: it is in %s", path)
    return password


def _prepare(data_dir: Path) -> Path:
    """Make sure that the data directory is there and writable."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"cannot create the data directory {data_dir}: {error.strerror}. Choose another with --data-dir."
        ) from None
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise Failure(f"the data directory {data_dir} is not writable. Choose another with --data-dir.")
    return data_dir


def _raise_descriptor_limit() -> None:
    """As many connections as the system lets this process have."""
    try:
        import resource
    except ImportError:
        return  # not on Windows
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            pass  # then it stays as it is
