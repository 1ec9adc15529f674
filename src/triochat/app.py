"""The composition root of the server: builds the parts, wires them, owns the root nursery and the shutdown."""

import gc
import logging
import signal
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import trio

from triochat import __version__
from triochat.commands.server import Identity, Server
from triochat.datadir import admin_password, database_path, prepare
from triochat.domain.entry import Submission
from triochat.domain.limits import Limits
from triochat.domain.names import DEFAULT_ROOM, Names
from triochat.domain.tally import Tally
from triochat.domain.world import World
from triochat.doorways import arrivals_of, certificate_of, doorway_of, public_door, speaks_tls, sts_of
from triochat.fanout.fanout import FanOut
from triochat.fanout.outbox import Delivery
from triochat.holdings import answer, open_store, registrar_of, restored
from triochat.journal.journal import Journal
from triochat.journal.memory import MemoryStore
from triochat.journal.sqlite import SqliteStore
from triochat.journal.tidying import keep_tidy
from triochat.logs import EventLog
from triochat.net.asking import socket_path
from triochat.net.listener import accept, listen
from triochat.net.local import listen_locally, serve_locally
from triochat.net.secured import SecuredDoor
from triochat.net.server import ChatServer
from triochat.net.strangers import together
from triochat.observing.observatory import Observatory
from triochat.observing.watchdog import Watchdog
from triochat.operations import OperationError
from triochat.passwords import matches
from triochat.reloading import operators_of
from triochat.settings import Listener, Settings
from triochat.steering import Steering, login_of
from triochat_admin.console import Console
from triochat_admin.emergency import Emergency
from triochat_admin.peer import Limits as ConsoleLimits

_log = logging.getLogger("triochat")

_UNLIMITED = 1_000_000_000
_CONSOLES_WAITING = 32
"""In the kernel. They are let in by and by: behind thousands an operator would wait for minutes."""
_HANGUP = getattr(signal, "SIGHUP", signal.SIGTERM)  # not on Windows
_SIGNALS = (signal.SIGINT, signal.SIGTERM, _HANGUP)


class App:
    """One server process. Construct it (opens files and sockets, raises Failure), then `run` it."""

    def __init__(
        self,
        settings: Settings,
        data_dir: Path,
        environment: Mapping[str, str],
        events: EventLog,
        load: Callable[[], Settings] | None = None,
    ) -> None:
        """*load* reads the settings anew and raises Failure; None = they do not change."""
        self._settings = settings
        self._load_settings = load or (lambda: settings)
        self._steering: Steering | None = None
        self._events = events
        self._reason = "Server is shutting down"
        self._stopping = trio.Event()
        self._sockets: list[tuple[Listener, socket.socket]] = []
        self._observatory = Observatory(settings, environment)
        with ExitStack() as opened:
            opened.callback(self.close_sockets)
            for listener in settings.listeners:
                option = "--admin-port" if listener.kind == "admin" else "--port"
                waiting = {"waiting": _CONSOLES_WAITING} if listener.kind == "admin" else {}
                opened_now = listen(listener.host, listener.port, option, **waiting)
                self._sockets += [(listener, sock) for sock in opened_now]
            self._certificate = certificate_of(settings, lambda: prepare(data_dir))
            self._arrivals = arrivals_of(settings, self._certificate)
            self._password = None
            if any(listener.kind == "admin" for listener in settings.listeners):
                self._password = admin_password(settings, data_dir, environment)
            self._store = open_store(settings, data_dir)
            opened.callback(self._store.close)
            self._database = database_path(settings, data_dir)
            self._local = socket_path(self._database) if self._database is not None else None
            self._local_socket = listen_locally(self._local) if self._local is not None else None
            opened.pop_all()  # from here on `run` closes them

    def close_sockets(self) -> None:
        """Stop listening."""
        for _, sock in self._sockets:
            sock.close()
        self._observatory.close()

    def stop(self, reason: str = "Server is shutting down") -> None:
        """Begin the kind shutdown."""
        self._reason = reason
        self._stopping.set()

    async def run(self) -> None:
        """Serve until `stop` is called or a signal comes; a second signal ends it at once."""
        tally = Tally()
        with trio.open_signal_receiver(*_SIGNALS) as signals, self._observatory.watching(tally):
            await self._run(signals, tally)

    async def _run(self, signals: AsyncIterator[int], tally: Tally) -> None:
        settings = self._settings
        fan_out = FanOut()
        journal = Journal(self._store, fan_out, most_waiting=settings.limits.journal_entries, tally=tally)
        fan_out.position = journal.next_seq - 1
        fan_out.observers.append(self._events.observe)
        server = _server(settings, journal)
        if changes := await restored(server.world, server.markers, self._store, server.bans):
            journal.submit(Submission(None, changes=changes))
        users = 0
        try:
            async with trio.open_nursery() as root:
                root.start_soon(self._watch_signals, signals, root.cancel_scope)
                root.start_soon(keep_tidy, self._store, time.time)
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
                            chat = ChatServer(server, delivery, settings.timeouts, connections, self._arrivals)
                            await self._listen(server, chat, journal, fan_out)
                            users = len(server.world.users)
                            connections.cancel_scope.deadline = trio.current_time() + chat.timeouts.farewell
                            chat.close_all(self._reason)
                        journal.close()
                finally:
                    root.cancel_scope.cancel()
        finally:
            self._store.close()
            self._events.stopped(users)

    async def _listen(self, server: Server, chat: ChatServer, journal: Journal, fan_out: FanOut) -> None:
        """Accept connections until it is time to stop."""
        observer = self._observatory.observer(
            server,
            chat,
            journal,
            fan_out,
            self._events,
            listening=self._sockets,
            durability=self._durability,
            database=self._database,
            certificate=self._certificate.path if self._certificate is not None else None,
        )
        login = login_of(server, self._password, self._settings.admin.password_hash)
        admits = login.matches if self._password is not None else partial(matches, self._settings.admin.password_hash)
        turns = self._observatory.turns
        try:
            async with trio.open_nursery() as listeners:
                steering = self._steering = Steering(
                    server,
                    chat,
                    journal,
                    fan_out,
                    self._events,
                    listeners,
                    self._settings,
                    door=public_door(self._settings, self._sockets),
                    observations=observer,
                    durability=self._durability,
                    stop=self.stop,
                    copy=self._store.copy_to if isinstance(self._store, SqliteStore) else None,
                    load=self._load,
                    renew=self._reload_certificate if self._certificate is not None else None,
                )
                console = Console(steering.control, login, _console_limits(self._settings.limits))
                steering.governor.adopting.append(lambda limits: console.adopt(_console_limits(limits)))
                observer.around.consoles = lambda: console.open
                observer.around.console_logins = lambda: (login.right, login.wrong)
                emergency = Emergency(steering.control, admits if login.required else None, lambda: turns.blocked)
                stuck_doors = []
                for listener, sock in self._sockets:
                    if listener.kind == "admin":
                        context = self._open_console(listener, sock, console, listeners)
                        stuck_doors.append((sock, partial(emergency.serve, context=context)))
                    else:
                        self._open_chat(listener, sock, chat, listeners)
                if self._local is not None and self._local_socket is not None:
                    reply = partial(answer, steering.desk, steering.exports)
                    listeners.start_soon(serve_locally, self._local_socket, self._local, reply)
                listeners.start_soon(self._observatory.run, observer, self._events)
                with Watchdog(turns, stuck_doors) as watchdog:
                    emergency.stack = watchdog.stack
                    self._observatory.manager.ready()
                    await self._stopping.wait()
                self._observatory.manager.stopping()
                listeners.cancel_scope.cancel()
        finally:
            self.close_sockets()

    def _open_chat(self, listener: Listener, sock: socket.socket, chat: ChatServer, nursery: trio.Nursery) -> None:
        """Take clients from a listening socket, in a task of *nursery*."""
        take = partial(chat.take, doorway=doorway_of(listener, self._settings))
        nursery.start_soon(accept, sock, take, lambda: together(chat.server.unregistered))
        started = self._events.websocket_started if listener.kind == "websocket" else self._events.started
        started(*sock.getsockname()[:2])

    def _open_console(
        self, listener: Listener, sock: socket.socket, console: Console, nursery: trio.Nursery
    ) -> Callable[[], ssl.SSLContext] | None:
        """Take operators from a listening socket, in a task of *nursery*. Returns what gives the context for TLS;
        None = it is not spoken there."""

        def take_plain(taken: socket.socket, address: str) -> None:
            nursery.start_soon(console.handle, trio.SocketStream(trio.socket.from_stdlib_socket(taken)))

        take: Callable[[socket.socket, str], None] = take_plain
        context = None
        if self._certificate is not None and speaks_tls(listener, self._settings):
            context = self._certificate.context
            take = SecuredDoor(context, console.serve, nursery).take
        nursery.start_soon(accept, sock, take, lambda: 1, console.admit)
        self._events.console_started(*sock.getsockname()[:2])
        return context

    @property
    def _durability(self) -> str:
        return "memory" if isinstance(self._store, MemoryStore) else self._settings.storage.durability

    async def _watch_signals(self, signals: AsyncIterator[int], everything: trio.CancelScope) -> None:
        """The first SIGINT or SIGTERM stops kindly, the second at once. SIGHUP reads settings and certificate anew;
        when the server has a terminal, it means that this is gone."""
        attended = sys.stdin is not None and sys.stdin.isatty()
        async for number in signals:
            if number == _HANGUP != signal.SIGTERM and not attended:
                await self._read_again()
            elif self._stopping.is_set():
                everything.cancel()
                return
            else:
                self.stop()

    async def _read_again(self) -> None:
        if self._steering is None:
            return
        try:
            for sentence in await self._steering.control.whole.reload("SIGHUP"):
                _log.info("%s", sentence)
        except OperationError as error:
            _log.error("%s", error)
        except Exception:  # noqa: BLE001  # a bug must not end the server
            _log.exception("cannot read the settings again")

    async def _load(self) -> Settings:
        return await trio.to_thread.run_sync(self._load_settings)

    async def _reload_certificate(self) -> str:
        assert self._certificate is not None
        await trio.to_thread.run_sync(self._certificate.reload)
        return f"The TLS certificate was read again, its SHA-256 fingerprint is {self._certificate.fingerprint}."


def serve(
    settings: Settings,
    data_dir: Path,
    environment: Mapping[str, str],
    events: EventLog,
    load: Callable[[], Settings] | None = None,
) -> None:
    """Run a server until it is stopped; *load* as in App. Raises Failure when it cannot start."""
    _raise_descriptor_limit()
    app = App(settings, data_dir, environment, events, load)
    # What is there now stays: the collector need not look at it again and again. Next to nothing of it is garbage; to
    # look for that first would be a tenth of the whole start.
    gc.freeze()
    gc.set_threshold(50_000, 20, 1_000)  # what many newcomers bring is looked at in small steps: see net.server
    for number in _SIGNALS:
        # `App.run` takes them. One that comes when it is about to return is no reason to fail any more.
        signal.signal(number, lambda *_: None)
    trio.run(app.run)


def _console_limits(limits: Limits) -> ConsoleLimits:
    return ConsoleLimits(consoles=limits.consoles, attempts=limits.login_attempts or _UNLIMITED)


def _server(settings: Settings, journal: Journal) -> Server:
    table = settings.server
    world = World(settings.limits, Names(table.casemapping))
    world.reserved = settings.accounts.enabled and settings.accounts.nick_reservation
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
        tally=journal.tally,
        world=world,
        journal=journal,
        limits=settings.limits,
        wall_clock=time.time,
        clock=time.monotonic,
        password=table.password or None,
        policy=settings.accounts,
        history=settings.history,
        operators=operators_of(settings.oper),
        registrar=registrar_of(settings, world, journal.keep),
        sts=sts_of(settings),
    )


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
