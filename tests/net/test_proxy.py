"""PROXY headers: what they say, who is believed, and what counts for limits."""

import socket
import struct

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from net.chat import Chat, Peer, chat
from net.test_websocket import WEB, WebPeer, request
from triochat.net.arrival import Arrivals, Doorway
from triochat.net.proxy import BadHeader, header, is_in, networks
from triochat.net.timeouts import Timeouts

PROXY = "10.0.0.1"
BEHIND = Doorway(proxied=True)


def version_2(
    source: str = "192.0.2.7", *, command: int = 1, extra: bytes = b"", family: int = socket.AF_INET
) -> bytes:
    """A header of version 2 as a proxy writes it."""
    addresses = socket.inet_pton(family, source) * 2 + struct.pack("!HH", 40_000, 6667) + extra
    kind = 0x11 if family == socket.AF_INET else 0x21
    fixed = b"\r\n\r\n\x00\r\nQUIT\n" + bytes((0x20 | command, kind))
    return fixed + struct.pack("!H", len(addresses)) + addresses


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 6667\r\n", "192.0.2.7"),
        (b"PROXY TCP6 2001:db8::7 ::1 40000 6667\r\n", "2001:db8::7"),
        (b"PROXY TCP6 ::ffff:192.0.2.7 ::1 40000 6667\r\n", "192.0.2.7"),
        (b"PROXY UNKNOWN\r\n", None),
        (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", None),
        (version_2(), "192.0.2.7"),
        (version_2("2001:db8::7", family=socket.AF_INET6), "2001:db8::7"),
        (version_2(extra=b"\x04\x00\x01x"), "192.0.2.7"),
        (version_2(command=0), None),
    ],
)
def test_what_a_header_says_however_it_is_cut(data: bytes, source: str | None) -> None:
    for size in range(1, len(data)):
        assert header(data[:size]) is None
    for more in (b"", b"NICK ann\r\n"):
        assert header(data + more) == (source, len(data))


@pytest.mark.parametrize(
    "data",
    [
        b"NICK ann\r\n",
        b"PROXYTCP4",
        b"PROXY TCP4 192.0.2.7 10.0.0.1 40000\r\n",
        b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 6667 x\r\n",
        b"PROXY TCP4 192.0.2.007 10.0.0.1 40000 6667\r\n",
        b"PROXY TCP4 2001:db8::7 ::1 40000 6667\r\n",
        b"PROXY TCP6 fe80::1%eth0 ::1 40000 6667\r\n",
        b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 99999\r\n",
        b"PROXY TCP4 192.0.2.7 10.0.0.1 -1 6667\r\n",
        b"PROXY SCTP 192.0.2.7 10.0.0.1 40000 6667\r\n",
        b"PROXY \xff\r\n",
        b"PROXY " + b"x" * 101,
        version_2()[:12] + b"\x31" + version_2()[13:],
        version_2()[:12] + b"\x22" + version_2()[13:],
        version_2()[:14] + b"\xff\xff",
        version_2()[:14] + b"\x00\x04" + b"1234",
    ],
)
def test_what_is_no_header(data: bytes) -> None:
    with pytest.raises(BadHeader):
        header(data)


@given(st.binary(max_size=200), st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", version_2()[:12], version_2()]))
def test_any_bytes_are_a_header_or_none_or_too_few(rest: bytes, start: bytes) -> None:
    try:
        found = header(start + rest)
    except BadHeader:
        return
    assert found is None or found.size <= len(start + rest)


def test_networks_and_who_belongs_to_them() -> None:
    known = networks(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"])
    assert [is_in(a, known) for a in ("10.9.9.9", "192.0.2.1", "2001:db8::1%eth0")] == [True] * 3
    assert [is_in(a, known) for a in ("11.0.0.1", "192.0.2.2", "::1", "localhost", "")] == [False] * 5
    with pytest.raises(ValueError, match=r"'10\.0\.0\.0/33' is no address"):
        networks(["::1", "10.0.0.0/33"])


def trusting() -> Arrivals:
    return Arrivals(proxies=networks([PROXY]))


async def join(peer: Peer, nick: str) -> None:
    await peer.send(f"NICK {nick}", f"USER {nick} 0 * :x", "JOIN #x")
    await peer.until(" 366 ")


def address_of(c: Chat, nick: str) -> str:
    (user,) = [user for user in c.world.users.values() if user.nick == nick]
    return user.sessions[0].address


@pytest.mark.parametrize("doorway", [BEHIND, Doorway()])
async def test_a_known_proxy_is_believed(doorway: Doorway) -> None:
    async with chat(arrivals=trusting()) as c:
        peer = c.connect(PROXY, doorway)
        for byte in b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 6667\r\n":
            await peer.stream.send_all(bytes([byte]))
        await join(peer, "ann")
        assert address_of(c, "ann") == "192.0.2.7"


async def test_version_2_and_the_first_lines_may_come_at_once() -> None:
    async with chat(arrivals=trusting()) as c:
        peer = c.connect(PROXY, BEHIND)
        await peer.stream.send_all(version_2() + b"NICK ann\r\nUSER a 0 * :a\r\nJOIN #x\r\n")
        await peer.until(" 366 ")
        assert address_of(c, "ann") == "192.0.2.7"


@pytest.mark.parametrize(
    ("peer_address", "headers", "seen"),
    [
        (PROXY, ["X-Forwarded-For: 192.0.2.7"], "192.0.2.7"),
        (PROXY, ["X-Forwarded-For: 203.0.113.9, 192.0.2.7"], "192.0.2.7"),
        (PROXY, ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 2001:db8::7"], "2001:db8::7"),
        (PROXY, ["X-Forwarded-For: ::ffff:192.0.2.7"], "192.0.2.7"),
        (PROXY, ["X-Forwarded-For: nonsense"], PROXY),
        (PROXY, ["X-Forwarded-For: fe80::1%any text"], PROXY),
        (PROXY, [], PROXY),
        ("192.0.2.66", ["X-Forwarded-For: 192.0.2.7"], "192.0.2.66"),
    ],
)
async def test_a_known_web_proxy_is_believed_too(peer_address: str, headers: list[str], seen: str) -> None:
    async with chat(arrivals=trusting()) as c:
        peer = WebPeer(c.connect(peer_address, WEB))
        await peer.stream.send_all(request(*headers))
        await peer.head()
        await join(peer, "ann")
        assert address_of(c, "ann") == seen


async def test_a_proxy_may_connect_for_itself_and_its_users_without_a_header_where_none_is_required() -> None:
    async with chat(arrivals=trusting()) as c:
        for nick, start, doorway in (("ann", "PROXY UNKNOWN", BEHIND), ("bob", "PING x", Doorway())):
            peer = c.connect(PROXY, doorway)
            await peer.send(start)
            await join(peer, nick)
            assert address_of(c, nick) == PROXY


async def test_a_name_that_begins_like_a_header_is_a_name() -> None:
    async with chat(arrivals=trusting()) as c:
        peer = c.connect(PROXY)
        for byte in b"PROX\r\n":
            await peer.stream.send_all(bytes([byte]))
        await peer.until("You joined the chat.")
        assert "prox" in c.world.users


async def test_nobody_else_is_believed() -> None:
    async with chat(arrivals=trusting()) as c:
        stranger = c.connect("192.0.2.66")
        await stranger.send("PROXY TCP4 192.0.2.7 10.0.0.1 40000 6667", "mallory")
        await stranger.until("You joined the chat.")
        assert address_of(c, "mallory") == "192.0.2.66"
        assert await c.connect("192.0.2.66", BEHIND).rest() == []


async def test_a_header_that_is_not_first_means_nothing() -> None:
    async with chat(arrivals=trusting()) as c:
        peer = c.connect(PROXY)
        await peer.send("CAP LS 302", "PROXY TCP4 192.0.2.7 10.0.0.1 40000 6667", "CAP END")
        await join(peer, "ann")
        assert address_of(c, "ann") == PROXY


async def test_without_the_header_a_proxied_door_stays_shut() -> None:
    async with chat(arrivals=trusting()) as c:
        peer = c.connect(PROXY, BEHIND)
        await peer.send("NICK ann", "USER a 0 * :a")
        assert await peer.rest() == []
        await wait_all_tasks_blocked()
        assert not c.door.connections
        assert c.server.unregistered == 0


async def test_a_header_has_a_deadline(autojump_clock: MockClock) -> None:
    async with chat(arrivals=trusting(), timeouts=Timeouts(registration=20)) as c:
        peer = c.connect(PROXY, BEHIND)
        await peer.stream.send_all(b"PROXY TCP4")
        assert await peer.rest() == []
        assert trio.current_time() == pytest.approx(20, abs=1)


async def test_limits_count_the_real_address() -> None:
    async with chat(arrivals=trusting(), connections_per_ip=1) as c:
        peers = {}
        for i in (1, 2):
            peers[i] = c.connect(PROXY, BEHIND)
            await peers[i].send(f"PROXY TCP4 192.0.2.{i} 10.0.0.1 4 5")
            await join(peers[i], f"u{i}")
        again = c.connect(PROXY, BEHIND)
        await again.send("PROXY TCP4 192.0.2.1 10.0.0.1 4 5", "NICK u3", "USER u 0 * :u")
        assert await again.rest() == []
        await peers[1].close()
        await wait_all_tasks_blocked()
        again = c.connect(PROXY, BEHIND)
        await again.send("PROXY TCP4 192.0.2.1 10.0.0.1 4 5")
        await join(again, "u3")
