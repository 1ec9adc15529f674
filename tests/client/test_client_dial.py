"""Reaching a server and judging its certificate, on the loopback interface."""

import fcntl
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing
import trustme

from triochat.client.address import Address
from triochat.client.chat import Chat
from triochat.client.dial import Dialler, FirstVisit, Unreachable, Untrusted
from triochat.client.line import Line
from triochat.client.link import Link
from triochat.trust import Known, KnownServers, Policy, fingerprint

Handler = Callable[[trio.SocketStream], Awaitable[None]]
OTHER = ":".join(["AB"] * 32)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@asynccontextmanager
async def listening(handler: Handler, *, tls: bool = True) -> AsyncIterator[Address]:
    """A server that gives each connection to *handler*; *tls* is what the client is to speak."""
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, handler, 0, host="127.0.0.1"))
        yield Address("127.0.0.1", listeners[0].socket.getsockname()[1], tls)
        nursery.cancel_scope.cancel()


async def greet(stream: trio.SocketStream) -> None:
    await stream.send_all(b"hello, who are you?\r\n")
    await stream.aclose()


class Server:
    """Shows *certificate* to everybody, and keeps what they say until they have introduced themselves."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self.heard = b""
        self.show(certificate)

    def show(self, certificate: trustme.LeafCert) -> None:
        self.fingerprint = fingerprint(ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode()))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)

    async def __call__(self, stream: trio.SocketStream) -> None:
        secured = trio.SSLStream(stream, self._context, server_side=True)
        try:
            await secured.do_handshake()
            await secured.send_all(b"hello")
            while b"USER" not in self.heard and (data := await secured.receive_some()):
                self.heard += data
        except trio.BrokenResourceError:
            pass  # the client thinks better of it


class Client:
    """What reaches *address*, what it remembers and what it tells."""

    def __init__(self, servers: KnownServers, address: Address, trusted: str | None = None) -> None:
        self.told: list[str] = []
        self.dial = Dialler(address, servers, self.told.append, trusted=trusted)

    async def connect(self) -> list[str]:
        """Connect and hear the server; returns what was told."""
        stream = await self.dial()
        assert await stream.receive_some(5) == b"hello"
        await trio.aclose_forcefully(stream)
        return self.told


@pytest.fixture
def servers(tmp_path: Path) -> KnownServers:
    return KnownServers(tmp_path / "known-servers", now=lambda: MONDAY)


@pytest.fixture
def known_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this machine trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def unknown() -> trustme.LeafCert:
    """A certificate by an authority that nobody knows."""
    return trustme.CA().issue_cert("127.0.0.1")


# -- reaching


async def test_a_server_is_reached(servers: KnownServers) -> None:
    async with listening(greet, tls=False) as address:
        assert await Client(servers, address).connect() == []
    assert not servers.path.exists()


async def test_nobody_there_is_told_with_what_to_check(servers: KnownServers) -> None:
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    address = Address("127.0.0.1", listener.socket.getsockname()[1], tls=False)
    await listener.aclose()
    with pytest.raises(Unreachable, match=r"Nobody answers at 127\.0\.0\.1:\d+\. Is the server running\?"):
        await Client(servers, address).connect()


async def test_an_impossible_host_is_told_apart(servers: KnownServers) -> None:
    with pytest.raises(Unreachable, match=r"There is no host called a\.\.b"):
        await Client(servers, Address("a..b", 5000, tls=True)).connect()


async def test_a_server_without_tls_is_not_spoken_to_in_plain_text(servers: KnownServers) -> None:
    async with listening(greet) as address:
        with pytest.raises(Untrusted, match=r"does not speak TLS as it should .* use --no-tls\.$"):
            await Client(servers, address).connect()


async def test_a_handshake_that_is_cut_off_may_be_tried_again(servers: KnownServers) -> None:
    async def cut_off(stream: trio.SocketStream) -> None:
        await stream.receive_some(1)
        await stream.send_eof()
        async for _ in stream:
            pass

    async with listening(cut_off) as address:
        with pytest.raises(Unreachable, match=r"ended the TLS handshake; .* use --no-tls\.$"):
            await Client(servers, address).connect()


async def test_who_spoke_tls_before_is_not_taken_for_a_server_without(servers: KnownServers) -> None:
    server = Server(unknown())
    restarting = False

    async def handle(stream: trio.SocketStream) -> None:
        await (stream.aclose() if restarting else server(stream))

    async with listening(handle) as address:
        client = Client(servers, address)
        await client.connect()
        restarting = True
        with pytest.raises(Unreachable, match=r"ended the TLS handshake\.$"):
            await client.connect()


async def test_a_handshake_that_stalls_ends_in_time(
    servers: KnownServers, autojump_clock: trio.testing.MockClock
) -> None:
    async def stall(stream: trio.SocketStream) -> None:
        async for _ in stream:
            pass

    async with listening(stall) as address:
        began = trio.current_time()
        with pytest.raises(Unreachable, match="does not answer over TLS"):
            await Client(servers, address).connect()
        assert trio.current_time() - began == pytest.approx(15)


# -- judging


async def test_a_certificate_that_verifies_is_accepted_silently(
    servers: KnownServers, known_authority: trustme.CA
) -> None:
    async with listening(Server(known_authority.issue_cert("127.0.0.1"))) as address:
        assert await Client(servers, address).connect() == []
    assert servers.find(address.host, address.port) == Known(None, MONDAY)


def certificates(authority: trustme.CA) -> dict[str, trustme.LeafCert]:
    past = datetime.now(UTC) - timedelta(days=1)
    return {
        "local issuer": unknown(),
        "expired": authority.issue_cert("127.0.0.1", not_before=past - timedelta(days=1), not_after=past),
        "not valid for": authority.issue_cert("example.org"),
    }


@pytest.mark.parametrize("reason", ["local issuer", "expired", "not valid for"])
async def test_one_that_does_not_is_accepted_on_the_first_visit_and_told_once(
    servers: KnownServers, known_authority: trustme.CA, reason: str
) -> None:
    server = Server(certificates(known_authority)[reason])
    async with listening(server) as address:
        client = Client(servers, address)
        (told,) = await client.connect()
        assert told.startswith(f"First visit to {address}: its certificate cannot be verified (")
        assert reason in told
        assert f"; remembered as {server.fingerprint}. " in told
        assert await client.connect() == [told]
        assert await Client(servers, address).connect() == []


async def test_a_first_visit_is_told_in_parts_to_who_wants_it(
    servers: KnownServers, known_authority: trustme.CA
) -> None:
    server = Server(unknown())
    async with listening(server) as address:
        client = Client(servers, address)
        visits: list[FirstVisit] = []
        client.dial.first_visit = visits.append
        assert await client.connect() == []
        assert await client.connect() == []
    ((place, fingerprint),) = [(visit.place, visit.fingerprint) for visit in visits]
    assert (place, fingerprint) == (str(address), server.fingerprint)


async def test_a_changed_one_is_refused_with_both_fingerprints_and_what_to_do(
    servers: KnownServers, known_authority: trustme.CA
) -> None:
    server = Server(unknown())
    async with listening(server) as address:
        await Client(servers, address).connect()
        before = server.fingerprint
        server.show(unknown())
        for _ in range(2):  # it is not remembered
            with pytest.raises(Untrusted) as refused:
                await Client(servers, address).connect()
        assert f"not the one first seen on 2026-11-23, {before}:" in str(refused.value)
        assert str(refused.value).endswith(f"--trust {server.fingerprint}")
        assert (refused.value.shown, refused.value.known) == (server.fingerprint, Known(before, MONDAY))
    assert servers.find(address.host, address.port) == Known(before, MONDAY)


async def test_a_server_that_is_refused_hears_nothing(servers: KnownServers) -> None:
    async def show(lines: list[Line]) -> None:
        await trio.lowlevel.checkpoint()

    server = Server(unknown())
    async with listening(server) as address:
        heard = []
        for _ in range(2):
            chat = Chat("Bob", "#lobby", "secret")
            await Link(chat, Client(servers, address).dial, "server", show, patient=False).run()
            heard.append(server.heard)
            server.heard = b""
            server.show(unknown())
    assert b"PASS secret" in heard[0]
    assert heard[1] == b""


async def test_what_counts_is_the_certificate_of_the_connection_that_is_used(servers: KnownServers) -> None:
    """Verifying takes a connection of its own, and another server may answer the next one."""
    first, second = Server(unknown()), Server(unknown())
    answering = [first, second]

    async def handle(stream: trio.SocketStream) -> None:
        await answering.pop(0)(stream)

    async with listening(handle) as address:
        await Client(servers, address).connect()
        assert servers.find(address.host, address.port) == Known(second.fingerprint, MONDAY)


async def test_a_changed_one_that_verifies_is_accepted_and_the_old_one_forgotten(
    servers: KnownServers, known_authority: trustme.CA
) -> None:
    server = Server(unknown())
    async with listening(server) as address:
        await Client(servers, address).connect()
        server.show(known_authority.issue_cert("127.0.0.1"))
        assert await Client(servers, address).connect() == []
        server.show(known_authority.issue_cert("127.0.0.1"))
        assert await Client(servers, address).connect() == []
    assert servers.find(address.host, address.port) == Known(None, MONDAY)


async def test_a_server_whose_certificate_could_be_verified_is_no_first_visit(
    servers: KnownServers, known_authority: trustme.CA
) -> None:
    server = Server(known_authority.issue_cert("127.0.0.1"))
    async with listening(server) as address:
        client = Client(servers, address)
        await client.connect()
        server.show(unknown())
        for again in (client, Client(servers, address)):
            with pytest.raises(Untrusted, match=r"could be verified .* 2026-11-23, and now it cannot") as refused:
                await again.connect()
            assert str(refused.value).endswith(f"--trust {server.fingerprint}")


async def test_trust_accepts_exactly_one_and_remembers_it(servers: KnownServers) -> None:
    server = Server(unknown())
    async with listening(server) as address:
        servers.remember(address.host, address.port, OTHER)
        with pytest.raises(Untrusted, match=rf"fingerprint {server.fingerprint}, not {OTHER} as --trust says"):
            await Client(servers, address, trusted=OTHER).connect()
        assert await Client(servers, address, trusted=server.fingerprint).connect() == []
        assert await Client(servers, address).connect() == []


async def test_trust_is_stricter_than_any_authority(servers: KnownServers, known_authority: trustme.CA) -> None:
    async with listening(Server(known_authority.issue_cert("127.0.0.1"))) as address:
        with pytest.raises(Untrusted, match="as --trust says"):
            await Client(servers, address, trusted=OTHER).connect()


async def test_without_knowing_what_was_known_nothing_is_said(servers: KnownServers) -> None:
    servers.path.write_text("nonsense\n")
    server = Server(unknown())
    async with listening(server) as address:
        with pytest.raises(Untrusted, match=r"^Line 1 of .+ makes no sense; correct or delete it\.$"):
            await Client(servers, address).connect()
        (told,) = await Client(servers, address, trusted=server.fingerprint).connect()
        assert "Line 1 of" in told
    assert servers.path.read_text() == "nonsense\n"


async def test_what_cannot_be_written_down_is_told_and_kept_in_mind(servers: KnownServers) -> None:
    servers.path.with_name("known-servers.lock").mkdir()
    server = Server(unknown())
    async with listening(server) as address:
        client = Client(servers, address)
        (told,) = await client.connect()
        assert f"its fingerprint is {server.fingerprint}, and that cannot be remembered" in told
        assert await client.connect() == [told]
        server.show(unknown())
        with pytest.raises(Untrusted, match="is not the one first seen"):
            await client.connect()


async def test_a_client_that_keeps_the_file_locked_holds_up_others_for_a_moment_only(
    servers: KnownServers, autojump_clock: trio.testing.MockClock
) -> None:
    with servers.path.with_name("known-servers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        async with listening(Server(unknown())) as address:
            (told,) = await Client(servers, address).connect()
        assert "another program keeps it locked" in told


# -- STS: a server that wants encryption. Not on loopback, where nobody can listen, so the connections fail


def elsewhere(tls: bool) -> Address:
    return Address("a..b", 6667, tls)


async def test_a_server_that_wants_encryption_gets_it(servers: KnownServers) -> None:
    client = Client(servers, elsewhere(tls=False))
    assert not await client.dial.heed("duration=1,port=0")
    assert await client.dial.heed("unknown,port=6697")
    assert client.told == ["a..b wants to be talked to encrypted: going over to a..b:6697 with TLS."]
    assert not await client.dial.heed("port=6697,duration=3600")
    assert not servers.path.exists()  # nobody has verified who said that


async def test_on_this_machine_nobody_needs_it(servers: KnownServers) -> None:
    assert not await Client(servers, Address("127.0.0.1", 1, tls=False)).dial.heed("port=6697")


async def test_who_verifiably_wants_encryption_is_not_talked_to_without(
    servers: KnownServers, known_authority: trustme.CA
) -> None:
    now = datetime.now(UTC)
    servers = KnownServers(servers.path)
    async with listening(Server(known_authority.issue_cert("127.0.0.1"))) as address:
        client = Client(servers, address)
        await client.connect()
        assert not await client.dial.heed("duration=3600,port=1")
        policy = servers.policy("127.0.0.1")
        assert policy is not None
        assert policy.port == address.port
        assert timedelta(minutes=30) < policy.until - now < timedelta(hours=2)
        servers.remember_policy("127.0.0.1", Policy(1, now + timedelta(seconds=5)))
        await client.dial.finish()  # from now on it counts once more
        policy = servers.policy("127.0.0.1")
        assert policy is not None
        assert policy.until > now + timedelta(minutes=30)
        await client.dial.heed("duration=0")
        assert servers.policy("127.0.0.1") is None


async def test_a_policy_outweighs_no_tls(servers: KnownServers) -> None:
    servers.remember_policy("a..b", Policy(6697, MONDAY + timedelta(days=1)))
    client = Client(servers, elsewhere(tls=False))
    with pytest.raises(Unreachable):
        await client.dial()
    (told,) = client.told
    assert told.startswith(
        "a..b asked on an earlier visit to be talked to encrypted only, until 2026-11-24: connecting to a..b:6697"
    )
