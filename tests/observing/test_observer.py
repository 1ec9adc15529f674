"""A whole server in memory, observed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
from prometheus_client.parser import text_string_to_metric_families
from trio.testing import MockClock

from net.chat import Chat, chat
from triochat.domain.entry import Change, Entry
from triochat.journal.memory import MemoryStore
from triochat.net.arrival import Doorway
from triochat.observing.errors import LogWatch
from triochat.observing.observer import Observer, Surroundings
from triochat.observing.turns import Turns
from triochat.ports import StoreFault


@asynccontextmanager
async def observed(store: MemoryStore | None = None, **limits: float) -> AsyncIterator[tuple[Chat, Observer]]:
    async with chat(store=store, **limits) as running:
        turns = Turns(running.journal.tally.slow)
        yield (
            running,
            Observer(
                running.server, running.door, running.journal, running.fan_out, turns, LogWatch(), Surroundings()
            ),
        )


def numbers(observer: Observer) -> dict[str, float]:
    """What /metrics tells, as Prometheus's own parser reads it, by name and labels."""
    found = {}
    for family in text_string_to_metric_families(observer.metrics()):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[f"{sample.name}({labels})" if labels else sample.name] = sample.value
    return found


async def test_people_rooms_and_what_they_say_are_counted(autojump_clock: MockClock) -> None:
    async with observed() as (running, observer):
        alice = await running.irc("Alice", join="#lobby")
        bob = await running.irc("Bob", join="#lobby,#dev")
        carol = await running.person("Carol")
        await alice.sync(), await bob.sync()
        before = numbers(observer)
        await alice.send(
            "PRIVMSG #lobby :one", "PRIVMSG #lobby :two", "PRIVMSG Bob :psst", "PRIVMSG #dev :from outside"
        )
        await bob.until("psst")
        await carol.until("two")
        after = numbers(observer)
    assert before["triochat_users"] == before["triochat_connections"] == 3
    assert before["triochat_rooms"] == 2
    assert before["triochat_sessions(irc,no)"] == 2
    assert before["triochat_sessions(line,no)"] == 1
    assert before["triochat_connections_accepted_total"] == 3
    grown = {name: after[name] - before[name] for name in after}
    assert grown["triochat_lines_received_total"] == 4
    assert grown["triochat_messages_total"] == 3
    assert grown["triochat_deliveries_total"] == 2 * 2 + 1  # to Bob and Carol, and to Bob
    assert grown["triochat_commit_seconds_count"] >= 1
    assert after["triochat_commit_seconds_bucket(+Inf)"] == after["triochat_commit_seconds_count"]


async def test_own_lines_count_as_delivered_to_who_asked_for_their_echo(autojump_clock: MockClock) -> None:
    async with observed() as (running, observer):
        alice = await running.irc("Alice", caps="echo-message", join="#lobby")
        bob = await running.irc("Bob", join="#lobby")
        await alice.sync()
        before = numbers(observer)
        await alice.send("PRIVMSG #lobby :one")
        await alice.until("one"), await bob.until("one")
        await bob.send("PRIVMSG #lobby :two")
        await alice.until("two")
        after = numbers(observer)
    assert after["triochat_deliveries_total"] - before["triochat_deliveries_total"] == 2 + 1


async def test_refused_connections_are_counted(autojump_clock: MockClock) -> None:
    async with observed(connections=1) as (running, observer):
        await running.irc("Alice")
        await running.connect().rest()
        found = numbers(observer)
    assert found["triochat_connections_accepted_total"] == found["triochat_connections_refused_total"] == 1


async def test_logins_are_counted_with_how_they_went(autojump_clock: MockClock) -> None:
    async with observed() as (running, observer):
        await running.server.registrar.add("Alice", "correct-horse")
        guest = await running.irc("Guest")
        await guest.send("NICKSERV IDENTIFY Alice wrong")
        await guest.sync()
        await guest.send("NICKSERV IDENTIFY Alice correct-horse")
        await guest.until(" 900 ")
        found = numbers(observer)
    assert found["triochat_logins_total(chat,failed)"] == found["triochat_logins_total(chat,ok)"] == 1


async def test_lines_that_are_read_late_are_counted(autojump_clock: MockClock) -> None:
    async with observed(command_rate=1.0, command_burst=4) as (running, observer):
        alice = await running.irc("Alice")
        await alice.send(*(f"PING {number}" for number in range(10)))
        await alice.until("PONG", " 9")
        found = numbers(observer)
    assert 8 <= found["triochat_lines_delayed_total"] < found["triochat_lines_received_total"] == 12


async def test_a_reader_that_stops_shows_in_the_numbers_and_the_findings(autojump_clock: MockClock) -> None:
    async with observed(outbox=2000) as (running, observer):
        alice = await running.irc("Alice", join="#lobby")
        stalled, go_on = running.connect_stalled()
        await stalled.send("NICK Bob", "USER b 0 * :b", "JOIN #lobby")
        await alice.until("JOIN")
        for number in range(50):
            await alice.send(f"PRIVMSG #lobby :{number} {'x' * 300}")
        await alice.sync()
        await trio.testing.wait_all_tasks_blocked()
        found, findings = numbers(observer), await observer.findings()
        assert found["triochat_sessions_parked"] == found["triochat_parkings_total"] == 1
        assert found["triochat_outboxes_waiting"] >= 1
        assert found["triochat_outbox_bytes"] >= found["triochat_outbox_largest_bytes"] > 300
        (text,) = [each.text for each in findings if each.about == "readers"]
        assert "1 session not keeping up: Bob #2." in text
        go_on()
        await stalled.until("49 ")
        assert numbers(observer)["triochat_sessions_parked"] == 0


class FullDisk(MemoryStore):
    """A store that can be told to refuse."""

    full = False

    async def append(self, entries: list[Entry], changes: list[Change] = []) -> None:  # type: ignore[override]  # noqa: B006
        if self.full:
            raise StoreFault("database or disk is full")
        await super().append(entries, changes)


async def test_health_says_when_nothing_can_be_stored(autojump_clock: MockClock) -> None:
    store = FullDisk()
    async with observed(store) as (running, observer):
        alice = await running.irc("Alice", join="#lobby")
        assert observer.health().status == 200
        store.full = True
        await alice.send("PRIVMSG #lobby :lost")
        await alice.sync()
        assert observer.health().status == 503
        assert numbers(observer)["triochat_store_accepts"] == 0
        assert (await observer.findings())[0].level == "BAD"
        store.full = False
        await alice.send("PRIVMSG #lobby :kept")
        await alice.sync()
        assert observer.health().status == 200


async def test_where_finds_the_task_of_a_session_by_every_name_of_it(autojump_clock: MockClock) -> None:
    async with observed() as (running, observer):
        await running.irc("Alice", address="192.0.2.7")
        await running.irc("Bob")
        (stack,) = observer.where("alice")
        assert stack.task.about == "Alice #1"
        assert any("in StreamWire.readable" in frame for frame in stack.frames)
        assert stack.frames[0].startswith("triochat/net/connection.py:")
        for target in ("#1", "1", "192.0.2.7", f"t{stack.task.id}"):
            assert observer.where(target) == [stack]
        assert observer.where("Carol") == observer.where("t999") == []


async def test_tasks_are_a_tree_and_a_crowd_is_told_in_short(autojump_clock: MockClock) -> None:
    async with observed() as (running, observer):
        for number in range(25):
            await running.irc(f"u{number}")
        rows = observer.tasks()
    connections = [row for row in rows if row.name == "net.connection.Connection.run"]
    assert len(connections) == 10
    assert [row.more for row in connections] == [0] * 9 + [15]
    assert connections[0].about.startswith("u")
    depths = {row.name: row.depth for row in rows}
    assert depths["<init>"] == 0 < depths["journal.journal.Journal.run"]
    assert len({row.id for row in rows}) == len(rows)


async def test_traffic_tells_of_everybody_who_has_a_name(autojump_clock: MockClock) -> None:
    async with observed() as (running, observer):
        alice = await running.irc("Alice", join="#lobby")
        running.connect()
        await alice.send("PRIVMSG #lobby :hi")
        await alice.sync()
        _, (row,) = await observer.traffic()
    assert (row.name, row.lines, row.bytes_in, row.outbox_bytes, row.parked) == ("Alice", 5, None, 0, False)


async def test_all_who_watch_within_a_second_share_one_look(autojump_clock: MockClock) -> None:
    async with observed() as (running, observer):
        await running.irc("Alice")
        first = await observer.traffic()
        await running.irc("Bob")
        assert await observer.traffic() is first
        await trio.sleep(1)
        at, rows = await observer.traffic()
        assert at - first[0] >= 1
        assert len(rows) == 2


async def test_real_sockets_tell_their_bytes() -> None:
    async with observed() as (running, observer):
        peer = running.connect_by_socket(Doorway())
        await peer.send("NICK Alice", "USER a 0 * :a")
        await peer.until(" 376 ")
        _, (row,) = await observer.traffic()
        assert row.name == "Alice"  # a socket pair is no TCP: nothing is known of its bytes
        assert row.bytes_out is None


async def test_vitals_have_the_rate_of_the_last_minute_and_the_last_error(autojump_clock: MockClock) -> None:
    async with observed() as (running, observer):
        alice = await running.irc("Alice", join="#lobby")
        observer.sample()
        for _ in range(20):
            await alice.send("PRIVMSG #lobby :hi")
        await alice.sync()
        await trio.sleep(10)
        vitals = observer.vitals()
    assert 1.9 < vitals.messages_per_s <= 2.0
    assert vitals.connections == 1
    assert vitals.commit_p99_ms >= vitals.commit_p50_ms > 0
    assert vitals.last_error == ""


async def test_a_backup_is_found_in_the_audit(autojump_clock: MockClock) -> None:
    async with observed() as (running, observer):
        observer.around.durability = "full"
        assert "there was none" in "".join(each.text for each in await observer.findings())
        running.server.audit("console", "backup", "/var/backups/chat.db")
        await running.journal.barrier()
        (text,) = [each.text for each in await observer.findings() if each.about == "backup"]
        assert text.startswith("the last one by the console was ")


@pytest.mark.parametrize("rate", [0.0, 1000.0])
async def test_slow_commands_are_noted_without_what_was_said(rate: float, autojump_clock: MockClock) -> None:
    async with observed(command_rate=rate, command_burst=1000) as (running, observer):
        alice = await running.irc("Alice", join="#lobby")
        times = iter([t / 10 for t in range(100_000)])
        running.server.clock = lambda: next(times)  # every look at the clock takes a tenth of a second
        await alice.send("PRIVMSG #lobby :a secret thought", "a secret without a command")
        await alice.sync()
        noted = [row.what for row in observer.slow() if row.kind == "command"]
    assert noted[0] == "PRIVMSG of Alice #1"
    assert "a line of Alice #1" in noted
    assert not any("secret" in what for what in noted)


async def test_what_one_client_alone_waits_for_long_is_noted(autojump_clock: MockClock) -> None:
    class Slow(MemoryStore):
        async def read(self, *args: Any, **options: Any) -> list[Entry]:
            await trio.sleep(0.7)
            return await super().read(*args, **options)

    async with observed(Slow()) as (running, observer):
        alice = await running.irc("Alice", join="#lobby")
        await alice.send("CAP REQ :draft/chathistory batch", "CHATHISTORY LATEST #lobby * 10")
        await alice.sync()
        noted = [(row.kind, row.what) for row in observer.slow()]
    assert ("wait", "CHATHISTORY of Alice #1") in noted


def test_disk_and_descriptors_are_looked_at(tmp_path: Path) -> None:
    async def main() -> None:
        async with observed() as (_, observer):
            observer.around.database = tmp_path / "triochat.db"
            free = observer.vitals().disk_free_bytes
            assert free is not None
            assert free > 0
            observer.around.database = tmp_path / "gone" / "triochat.db"
            assert observer.vitals().disk_free_bytes is None

    trio.run(main)
