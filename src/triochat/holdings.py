"""What a server keeps in its files, opened: for the server itself, or for a command while it does not run."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trio

from triochat.commands.registrar import Keep, Registrar
from triochat.datadir import database_path, prepare
from triochat.desk import AccountDesk
from triochat.domain.bans import Bans
from triochat.domain.entry import Change
from triochat.domain.markers import Markers
from triochat.domain.names import Names
from triochat.domain.world import World
from triochat.errors import Failure
from triochat.exporting import ExportDesk
from triochat.journal.memory import MemoryStore
from triochat.journal.sqlite import SqliteStore
from triochat.passwords import ThreadedPasswords
from triochat.ports import Store, StoreFault
from triochat.restoring import restore
from triochat.settings import Settings


def open_store(settings: Settings, data_dir: Path) -> MemoryStore | SqliteStore:
    """Where these settings have everything kept. Raises Failure."""
    path = database_path(settings, data_dir)
    if path is None or settings.storage.durability == "memory":
        return MemoryStore(settings.storage.memory_entries, keep_days=settings.history.keep_days)
    if not settings.storage.path:
        prepare(data_dir)
    keep_lines, keep_days = settings.history.channel_messages, settings.history.keep_days
    return SqliteStore.open(path, settings.storage.durability, keep_lines=keep_lines, keep_days=keep_days)


async def restored(world: World, markers: Markers, store: Store, bans: Bans | None = None) -> tuple[Change, ...]:
    """What the store keeps is in the world again. Returns what should be made of it; raises Failure."""
    try:
        return await restore(world, markers, store, int(time.time()), bans)
    except StoreFault as fault:
        raise Failure(f"cannot read what the database keeps: {fault}. Check it, or move it away.") from None


def registrar_of(settings: Settings, world: World, keep: Keep) -> Registrar:
    """Who makes and changes the accounts of *world* as the settings say."""
    return Registrar(
        world.accounts,
        world.names,
        ThreadedPasswords(settings.accounts.kdf_cost),
        keep,
        settings.accounts,
        settings.limits,
        lambda: int(time.time()),
    )


def ask_offline(settings: Settings, data_dir: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    """What `triochat user` asks for, on the files of a server that is not running. Raises Failure."""
    with offline(settings, data_dir) as ask:
        return ask(request)


@contextmanager
def offline(settings: Settings, data_dir: Path) -> Iterator[Callable[[Mapping[str, Any]], dict[str, Any]]]:
    """Answers to requests from the files of a server that is not running. Raises Failure."""
    store = open_store(settings, data_dir)

    async def keep(changes: Sequence[Change]) -> None:
        await store.append((), changes)

    try:
        world, markers = World(settings.limits, Names(settings.server.casemapping)), Markers()
        trio.run(restored, world, markers, store)
        accounts = AccountDesk(world, markers, registrar_of(settings, world, keep), keep)
        exports = ExportDesk(world, store, lambda: store.newest()[0])
        yield lambda request: trio.run(answer, accounts, exports, request)
    finally:
        store.close()


async def answer(accounts: AccountDesk, logs: ExportDesk, request: Mapping[str, Any]) -> dict[str, Any]:
    """What a command on this machine asks for."""
    return await (logs if request.get("do") == "export" else accounts).do(request)
