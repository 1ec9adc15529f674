"""What a start brings back from the store, whatever it finds there."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from commands.harness import NOON, Chat, at_once
from triochat import config
from triochat.commands.server import NOT_CONNECTED
from triochat.datadir import DATABASE_FILE
from triochat.domain import accounts, keeping, markers, presence
from triochat.domain.entry import Change, Record
from triochat.domain.limits import Limits
from triochat.domain.markers import Markers, Owner
from triochat.domain.names import Names
from triochat.domain.policy import AccountPolicy
from triochat.domain.world import World
from triochat.errors import Failure
from triochat.holdings import ask_offline
from triochat.journal.memory import MemoryStore
from triochat.restoring import restore

DAY = 24 * 3600
READ = "timestamp=2023-01-01T00:00:00.000Z"


def started(store: MemoryStore, now: int = NOON) -> tuple[World, Markers, tuple[Change, ...]]:
    """A server that has just started on this store."""
    world, found = World(Limits()), Markers()
    world.add_room("#lobby", now, permanent=True)
    return world, found, at_once(restore(world, found, store, now))


def full() -> Chat:
    """A server on which something has happened."""
    chat = Chat()
    ann, bob = chat.user("Ann", account="Ann"), chat.user("Bob")
    ann.session.certificate = "ab" * 32
    ann.types(
        "ACCOUNT CERT ADD", "ACCOUNT PERSIST ON", "JOIN #a", "MODE #a +q Ann", "TOPIC #a :tea", f"MARKREAD #a {READ}"
    )
    bob.types("JOIN #b", "MODE #b +sb a:Cat", "PRIVMSG #b :hi", "TOPIC #lobby :welcome")
    at_once(chat.server.registrar.add("Cat", "password"))
    at_once(chat.server.registrar.change("Cat", suspended="spam"))
    return chat


def test_accounts_rooms_and_markers_come_back() -> None:
    chat = full()
    world, found, changes = started(chat.journal.store)
    assert changes == ()
    assert {a.name: a for a in world.accounts} == {a.name: a for a in chat.world.accounts}
    ann, cat = world.accounts.find("ann"), world.accounts.find("CAT")
    assert ann is not None and ann.persistent and world.accounts.with_certificate("ab" * 32) is ann
    assert cat is not None and cat.suspended == "spam"
    assert set(world.rooms) == {"#lobby", "#a", "#b"}
    assert world.rooms["#a"].founders == {"ann": "Ann"} and world.rooms["#a"].topic.text == "tea"
    assert world.rooms["#b"].flags == {"n", "s", "t"} and list(world.rooms["#b"].lists["b"]) == ["a:cat"]
    assert found.get(Owner("ann", None), "#a") == 1_672_531_200_000


def test_the_lobby_is_what_it_was_and_stays_for_ever() -> None:
    chat = Chat()
    chat.user("Bob").types("JOIN #lobby", "TOPIC #lobby :welcome", "PART #lobby")
    world, _, changes = started(chat.journal.store, NOON + 1000 * DAY)
    assert changes == ()
    assert world.rooms["#lobby"].topic.text == "welcome"
    assert world.rooms["#lobby"].permanent


def test_database_whose_records_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    settings = config.load(None, {}, {})
    ask_offline(settings, tmp_path, {"do": "list"})
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as damaging:
        damaging.execute("DROP TABLE record")
    with pytest.raises(Failure, match=r"cannot read what the database keeps: no such table: record\."):
        ask_offline(settings, tmp_path, {"do": "list"})


def test_names_are_reserved_at_once() -> None:
    world, _, _ = started(full().journal.store)
    assert world.accounts.owner_of("ANN") is not None


def test_owners_are_counted_as_before() -> None:
    chat = Chat()
    ann = chat.user("Ann", account="Ann")
    ann.types("JOIN #a,#b", "MODE #a +q Ann", "MODE #b +q Ann")
    world = World(Limits(rooms_founded=2))
    at_once(restore(world, Markers(), chat.journal.store, NOON))
    assert not world.may_found("Ann")


def test_room_of_nobody_that_was_silent_for_long_is_forgotten() -> None:
    chat = full()
    world, _, changes = started(chat.journal.store, NOON + 29 * DAY)
    assert set(world.rooms) == {"#lobby", "#a", "#b"} and changes == ()
    world, _, changes = started(chat.journal.store, NOON + 31 * DAY)
    assert set(world.rooms) == {"#lobby", "#a"}
    assert changes == (Record(keeping.KIND, "#b", None),)


@pytest.mark.parametrize(
    "record",
    [
        Record(accounts.KIND, "bad", "{"),
        Record(accounts.KIND, "bad", '{"name": 7, "created": 1}'),
        Record(keeping.KIND, "#bad", "[]"),
        Record(keeping.KIND, "#bad", '{"name": "#bad"}'),
        Record(keeping.KIND, "#bad", '{"name": "#bad", "created": 1, "lists": {"b": [["x"]]}}'),
        Record(markers.KIND, "ann #a", "soon"),
        Record(presence.KIND, "ann", "null"),
    ],
)
def test_what_cannot_be_read_is_left_alone_and_told(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    store = full().journal.store
    at_once(store.append([], [record]))
    with caplog.at_level(logging.ERROR):
        world, _, changes = started(store)
    assert f"the record {record.kind} {record.key} cannot be read" in caplog.text
    assert changes == ()
    assert {"#a", "#b"} <= set(world.rooms) and {"Ann", "Cat"} <= {account.name for account in world.accounts}
    assert store.records(record.kind)[record.key] == record.value


def test_who_stays_without_a_connection_is_there_after_a_restart() -> None:
    chat = full()
    world, _, _ = started(chat.journal.store)
    ann = world.users["ann"]
    assert (ann.account, ann.away, ann.sessions) == ("Ann", NOT_CONNECTED, [])
    assert world.rooms["#a"].members == {ann: "qo"} and list(ann.rooms) == [world.rooms["#a"]]
    assert set(world.users) == {"ann"}


@pytest.mark.parametrize(
    "leave",
    [
        lambda chat, ann: ann.types("ACCOUNT PERSIST OFF"),
        lambda chat, ann: ann.types("ACCOUNT LOGOUT"),
        lambda chat, ann: chat.server.end_user(ann.user, "Op", "enough"),
    ],
)
def test_who_left_or_does_not_want_to_stay_is_not_there(leave: Callable[..., object]) -> None:
    chat = Chat()
    ann = chat.user("Ann", account="Ann")
    ann.types("ACCOUNT PERSIST ON", "JOIN #a")
    assert set(started(chat.journal.store)[0].users) == {"ann"}
    leave(chat, ann)
    chat.deliver()
    assert set(started(chat.journal.store)[0].users) == set()


def test_who_stays_is_where_it_was_last() -> None:
    chat = Chat(policy=AccountPolicy(password_min_length=1, always_on="mandatory"))
    ann, bob = chat.user("Ann", account="Ann"), chat.user("Bob")
    bob.types("JOIN #c")
    ann.types("JOIN #a,#b,#c", "PART #b", "NICK Annie")
    bob.types("KICK #c Annie", "MODE #c +m")
    ann.types("MODE #a +v Annie", "MODE Annie +iw")
    world, _, _ = started(chat.journal.store)
    annie = world.users["annie"]
    assert {room.name: modes for room, modes in ((room, room.members[annie]) for room in annie.rooms)} == {"#a": "ov"}
    assert set(annie.modes) == {"i", "w"}


def test_who_stays_is_in_an_auditorium_as_in_any_room() -> None:
    chat = Chat(policy=AccountPolicy(password_min_length=1, always_on="mandatory"))
    bob, ann = chat.user("Bob", account="Bob"), chat.user("Ann", account="Ann")
    bob.types("JOIN #a,#b", "MODE #a +u", "MODE #b +u")
    ann.types("JOIN #a,#b", "PART #a")
    world, _, _ = started(chat.journal.store)
    assert [room.name for room in world.users["ann"].rooms] == ["#b"]


def test_who_registers_the_name_of_an_account_that_is_gone_inherits_nothing() -> None:
    chat = full()
    ann = chat.user("guest", "draft/metadata-3")
    ann.types("ACCOUNT LOGIN Ann sesame", "METADATA * SET url :http://ann.example")
    at_once(chat.server.registrar.remove("Ann"))
    _, _, changes = started(chat.journal.store)
    at_once(chat.journal.store.append([], changes))
    at_once(chat.server.registrar.add("Ann", "another"))
    world, found, _ = started(chat.journal.store)
    assert set(world.users) == set() and found.get(Owner("ann", None), "#a") is None
    assert chat.journal.store.records("metadata") == {}


def test_name_of_an_account_that_cannot_be_read_is_not_free() -> None:
    store = full().journal.store
    at_once(store.append([], [Record(accounts.KIND, "ann", "{")]))
    world, _, _ = started(store)
    ann = world.accounts.find("Ann")
    assert ann is not None and ann.suspended and ann.credentials is None
    assert world.rooms["#a"].founders == {"ann": "Ann"}


def test_who_stays_with_an_account_that_is_gone_or_suspended_is_not_there() -> None:
    for gone in (True, False):
        chat = full()
        registrar = chat.server.registrar
        at_once(registrar.remove("Ann") if gone else registrar.change("Ann", suspended=""))
        assert set(started(chat.journal.store)[0].users) == set()


def test_accounts_do_not_change_hands_with_the_casemapping() -> None:
    chat = Chat(casemapping="precis")
    chat.account("Ann")
    with pytest.raises(Failure, match="cannot change to 'ascii'"):
        at_once(restore(World(Limits(), Names("ascii")), Markers(), chat.journal.store, NOON))
    at_once(restore(World(Limits(), Names("precis")), Markers(), chat.journal.store, NOON))
