"""S7: work without end for somebody who has not even come in (ergo #505, Prosody CVE-2026-43506, CVE-2021-32918,
ssh-chat #118). S24: floods of connections and lines (Rocket.Chat #8617, InspIRCd #654)."""

import tracemalloc

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from commands.harness import Chat as Town
from net.chat import Chat, Peer, chat
from triochat.domain.limits import Limits
from triochat.net.timeouts import Timeouts

# What somebody can say without coming in, again and again.
ENDLESS = {
    "CAP LS": "CAP LS 302",
    "CAP REQ": "CAP REQ :batch sasl message-tags",
    "CAP REQ of nothing": f"CAP REQ :{'x' * 400}",
    "NICK": f"NICK {'n' * 30}",
    "NICK that cannot be": "NICK #",
    "PASS": f"PASS {'p' * 400}",
    "USER": f"USER {'u' * 400} 0 * :x",
    "AUTHENTICATE": f"AUTHENTICATE {'A' * 400}",
    "METADATA": f"METADATA * SET k{'y' * 60} :{'v' * 200}",
    "AWAY": f"AWAY :{'a' * 400}",
    "tags": f"@{'t' * 4000} PING x",
    "PING": f"PING {'p' * 400}",
    "unknown": "X" * 400,
    "empty lines": "",
}


@pytest.mark.parametrize("line", ENDLESS.values(), ids=ENDLESS)
async def test_who_talks_without_coming_in_is_sent_away_in_time(line: str, autojump_clock: MockClock) -> None:
    """S7 (CVE-2021-32918): lines are read at their pace also before the registration, and nothing makes its time
    longer."""
    async with chat(command_rate=20.0, command_burst=50, timeouts=Timeouts(registration=30)) as c:
        talker, start = c.connect(), trio.current_time()
        with trio.move_on_after(300):
            try:
                while True:
                    await talker.send(*[line] * 20)
                    await trio.sleep(0.5)
            except trio.BrokenResourceError:
                pass  # it was sent away
        assert trio.current_time() - start <= 40
        await wait_all_tasks_blocked()
        assert not c.door.connections and c.server.unregistered == 0


@pytest.mark.parametrize(
    "line", [line for line in ENDLESS.values() if line], ids=[name for name in ENDLESS if ENDLESS[name]]
)
def test_what_is_kept_of_who_has_not_come_in_is_bounded(line: str) -> None:
    """S7 (CVE-2026-43506): however often it is said, no more is kept of it than of a few times."""
    town = Town(limits=Limits(login_attempts=0, metadata_rate=0))
    talker = town.connect()
    talker.sends("CAP REQ :draft/metadata-3 draft/pre-away sasl", "AUTHENTICATE PLAIN")
    for _ in range(200):
        talker.sends(line)
    talker.sees_bytes()
    tracemalloc.start()
    try:
        before = tracemalloc.take_snapshot()
        for i in range(500):
            talker.sends(line.replace("kyy", f"k{i}"))
        talker.sees_bytes()
        after = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    kept = [stat for stat in after.compare_to(before, "filename") if "/triochat/" in stat.traceback[0].filename]
    assert sum(stat.size_diff for stat in kept) < 64 * 1024


async def test_who_drips_bytes_and_never_ends_a_line_is_kept_short_and_sent_away(autojump_clock: MockClock) -> None:
    """S7 (ssh-chat #118): many who send a byte now and then and never a line end; of each so much is kept as a line
    may have, and all are gone when the registration's time is over."""
    async with chat(read_queue=200, connections_per_ip=0, connection_rate=0) as c:
        drips = {c.connect(): b"x" * size for size in (1, 7, 20) for _ in range(20)}
        ann = await c.irc("ann", join="#x")
        for _ in range(25):
            for drip, data in list(drips.items()):
                try:
                    await drip.stream.send_all(data)
                except trio.BrokenResourceError:
                    del drips[drip]  # its line was too long
            await trio.sleep(1)
            assert max(len(k._lines.unfinished) for k in c.door.connections.values()) <= 200
        # Those who drip are read at moments that nobody can foresee: some lines grow too long later than others.
        assert 40 <= len(drips) < 50
        assert await ann.sync() == []
        await trio.sleep(10)
        assert len(c.door.connections) == 1


async def _comes(c: Chat, stage: int) -> None:
    """Somebody who leaves without a word, further in each time."""
    peer = c.connect(f"192.0.2.{stage}")
    words = ("CAP LS 302", "CAP REQ :batch", f"NICK n{stage}", "USER n 0 * :n", "CAP END", "JOIN #x", "PRIVMSG #x :x")
    try:
        await peer.send(*words[:stage])
        await peer.close()
    except trio.BrokenResourceError:
        pass  # it was turned away


async def test_people_who_come_and_go_without_end_leave_no_trace(autojump_clock: MockClock) -> None:
    """S24: a thousand connections that break at every stage; afterwards no task, no table and no count is left."""
    async with chat(connection_rate=0) as c:
        await wait_all_tasks_blocked()
        at_rest = len(c.nursery.child_tasks)
        for i in range(1000):
            await _comes(c, i % 8)
        await trio.sleep(60)
        assert len(c.nursery.child_tasks) == at_rest
        assert not c.door.connections and not c.world.users and not c.world.sessions
        assert set(c.world.rooms) == {"#lobby"} and c.server.unregistered == 0
        assert c.door._admission._total == 0 and c.door._admission._open == {}


async def test_one_address_that_connects_too_fast_is_refused_and_others_are_not(autojump_clock: MockClock) -> None:
    """S24 (Rocket.Chat #8617): the rate is for each address, an IPv6 network counts as one, and it recovers."""
    async with chat(connection_rate=1.0) as c:
        refused = 0
        for i in range(40):
            peer = c.connect(f"2001:db8:1:2::{i:x}")
            await wait_all_tasks_blocked()
            try:
                await peer.send("PING x")
                await peer.close()
            except trio.BrokenResourceError:
                refused += 1
        assert refused == 30
        for address in ("2001:db8:1:3::1", "192.0.2.1"):
            assert await _gets_in(c.connect(address))
        assert not await _gets_in(c.connect("2001:db8:1:2::1"))
        await trio.sleep(5)
        assert await _gets_in(c.connect("2001:db8:1:2::1"))


async def _gets_in(peer: Peer) -> bool:
    try:
        await peer.send("PING x")
        return "PONG" in await peer.line()
    except trio.BrokenResourceError:
        return False


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_attempts_to_log_in_are_counted_whatever_the_way(ways: list[int]) -> None:
    """S24: one connection has so many wrong passwords, by SASL, ACCOUNT, OPER and NickServ together."""
    town = Town(limits=Limits(login_attempts=5))
    town.account("Ann")
    eve = town.user("Eve", "sasl")
    lines = (
        ("AUTHENTICATE PLAIN", "AUTHENTICATE AEFubgB3cm9uZw=="),
        ("ACCOUNT LOGIN Ann wrong",),
        ("OPER Ann wrong",),
        ("PRIVMSG NickServ :IDENTIFY Ann wrong",),
    )
    for way in ways:
        eve.sends(*lines[way])
    assert (eve.gone is not None) == (len(ways) >= 5)
