"""TLS on the chat port: the same port for both, what fails alone, and certificates."""

import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from trio.testing import MockClock, wait_all_tasks_blocked

from net.chat import Chat, Peer, chat
from net.test_websocket import WebPeer, request
from net.wires import TlsClient, authority, client_context, server_context
from triochat.errors import Failure
from triochat.net.arrival import Arrivals, Doorway, Tls
from triochat.net.certificate import Certificate, fingerprint, generated
from triochat.net.doors import Door
from triochat.net.proxy import networks
from triochat.net.timeouts import Timeouts
from triochat.observing.certificate import expiry

BOTH = Doorway(tls=Tls.POSSIBLE)
ONLY = Doorway(tls=Tls.REQUIRED)


@asynccontextmanager
async def tls_chat(
    context: ssl.SSLContext | None = None, *, handshakes: int = 256, timeouts: Timeouts | None = None
) -> AsyncIterator[Chat]:
    """A server with a certificate."""
    arrivals = Arrivals(
        tls=lambda: context or server_context(), handshakes=handshakes, proxies=networks(["10.0.0.1"])
    )
    async with chat(arrivals=arrivals, timeouts=timeouts) as c:
        yield c


def encrypted(peer: Peer, context: ssl.SSLContext | None = None) -> Peer:
    """The peer over TLS."""
    stream = trio.SSLStream(peer.stream, context or client_context(), server_hostname="chat.test")  # type: ignore[arg-type]
    return Peer(stream)


async def join(peer: Peer, nick: str) -> None:
    await peer.send(f"NICK {nick}", f"USER {nick} 0 * :x", "JOIN #x")
    await peer.until(" 366 ")


async def test_encrypted_and_plain_people_talk_in_one_room_by_one_port() -> None:
    async with tls_chat() as c:
        ann = encrypted(c.connect_by_socket(BOTH))
        await join(ann, "ann")
        bob = c.connect(doorway=BOTH)
        await join(bob, "bob")
        carl = c.connect(doorway=BOTH)
        await carl.send("Carl")
        await carl.until("You joined")
        assert [session.tls for session in c.world.sessions.values()] == [True, False, False]
        await ann.sync()
        long = "z" * 400
        await bob.send(*(f"PRIVMSG #x :{i} {long}" for i in range(200)))
        await bob.sync()
        assert [line.split(" :")[1].split()[0] for line in await ann.sync()] == [str(i) for i in range(200)]
        await ann.send("QUIT :bye")
        assert (await ann.rest())[-1].endswith("(Quit: bye)")


async def test_the_plain_door_is_there_in_tls_too() -> None:
    async with tls_chat() as c:
        bob = encrypted(c.connect(doorway=ONLY))
        await bob.send("Bob")
        await bob.until("You joined the chat.")


async def test_a_door_for_tls_only_tells_others_so() -> None:
    async with tls_chat() as c:
        peer = c.connect(doorway=ONLY)
        await peer.send("NICK ann", "USER a 0 * :a", "JOIN #x")
        assert await peer.rest() == ["ERROR :This port speaks TLS only: switch TLS (SSL) on in your client"]
        await wait_all_tasks_blocked()
        assert not c.world.users
        assert not c.door.connections


async def test_a_plain_door_says_that_it_speaks_no_tls() -> None:
    async with tls_chat() as c:
        peer = c.connect(doorway=Doorway(tls=Tls.NEVER))
        await peer.stream.send_all(TlsClient().hello())
        assert "does not speak TLS" in (await peer.rest())[0]


async def test_what_comes_with_the_last_of_the_handshake_is_read() -> None:
    async with tls_chat() as c:
        peer, client = c.connect(doorway=ONLY), TlsClient()
        await peer.stream.send_all(client.hello())
        finished = client.answers(await peer.stream.receive_some())  # type: ignore[union-attr]
        await peer.stream.send_all(finished + client.says(b"NICK ann\r\nUSER a 0 * :a\r\nPING x\r\n"))
        said = b""
        while b"PONG" not in said:
            said += client.takes(await peer.stream.receive_some())  # type: ignore[union-attr]


async def test_a_handshake_may_come_byte_by_byte() -> None:
    async with tls_chat() as c:
        peer, client = c.connect(doorway=BOTH), TlsClient()
        for byte in client.hello():
            await peer.stream.send_all(bytes([byte]))
        assert client.answers(await peer.stream.receive_some())  # type: ignore[union-attr]


@pytest.mark.parametrize("garbage", [b"\x16", b"\x16\x03\x01\x00\x05hello", b"\x16" * 500, b"\x16\x03\x01\xff\xff"])
async def test_a_failed_handshake_ends_one_connection_only(garbage: bytes) -> None:
    async with tls_chat() as c:
        ann = encrypted(c.connect(doorway=BOTH))
        await join(ann, "ann")
        peer = c.connect(doorway=BOTH)
        await peer.stream.send_all(garbage)
        await peer.stream.send_eof()  # type: ignore[union-attr]
        while await peer.stream.receive_some():  # type: ignore[union-attr]
            pass
        await wait_all_tasks_blocked()
        assert len(c.door.connections) == 1
        assert await ann.sync() == []


async def test_a_broken_record_later_ends_one_connection_only() -> None:
    async with tls_chat() as c:
        ann, bob = encrypted(c.connect(doorway=BOTH)), encrypted(c.connect(doorway=BOTH))
        await join(ann, "ann")
        await join(bob, "bob")
        assert isinstance(bob.stream, trio.SSLStream)
        await bob.stream.transport_stream.send_all(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        assert (await ann.until("QUIT"))[-1].startswith(":bob!")


async def test_a_peer_that_stalls_in_the_handshake_is_closed_in_time(autojump_clock: MockClock) -> None:
    async with tls_chat(timeouts=Timeouts(registration=20)) as c:
        peer = c.connect(doorway=BOTH)
        await peer.stream.send_all(TlsClient().hello()[:20])
        assert await peer.rest() == []
        assert trio.current_time() == pytest.approx(20, abs=1)
        await wait_all_tasks_blocked()
        assert not c.door.connections


async def test_stalled_handshakes_keep_nobody_out() -> None:
    async with tls_chat(handshakes=5) as c:
        stalled = []
        for _ in range(50):
            peer = c.connect(doorway=BOTH)
            await peer.stream.send_all(TlsClient().hello()[:20])
            stalled.append(peer)
        await wait_all_tasks_blocked()
        assert len(c.door.connections) == 5
        ann = encrypted(c.connect(doorway=BOTH))
        await join(ann, "ann")
        assert await stalled[0].rest() == []


async def test_old_versions_are_refused(tmp_path: Path) -> None:
    cert, key = generated(tmp_path, ["chat.test"])
    trusting = ssl.create_default_context(cafile=str(cert))
    for newest, allowed in ((ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_3, True)):
        async with tls_chat(Certificate(cert, key, min_version="1.3").context()) as c:
            trusting.maximum_version = newest
            peer = encrypted(c.connect(doorway=ONLY), trusting)
            if allowed:
                await join(peer, "ann")
            else:
                with pytest.raises(trio.BrokenResourceError):
                    await peer.send("NICK ann")


async def test_proxy_tls_and_websocket_in_one() -> None:
    async with tls_chat() as c:
        doorway = Doorway(Door.WEBSOCKET, Tls.REQUIRED, proxied=True)
        peer = c.connect("10.0.0.1", doorway)
        await peer.stream.send_all(b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 443\r\n")
        ann = WebPeer(encrypted(peer))
        await ann.stream.send_all(request())
        assert " 101 " in await ann.head()
        await ann.send("NICK ann", "USER a 0 * :a", "JOIN #x")
        await ann.until(" 366 ")
        (session,) = c.world.sessions.values()
        assert (session.address, session.tls, session.door) == ("192.0.2.7", True, "websocket")


# -- client certificates


async def test_a_known_client_certificate_is_seen_and_none_is_needed(tmp_path: Path) -> None:
    cert, key = generated(tmp_path, ["chat.test"])
    mine = trustme.CA().issue_cert("ann")
    (tmp_path / "known.pem").write_bytes(mine.cert_chain_pems[0].bytes())  # itself, not its authority
    context = Certificate(cert, key, client_ca=tmp_path / "known.pem").context()
    async with tls_chat(context) as c:
        for own in (mine, None):
            trusting = ssl.create_default_context(cafile=str(cert))
            if own is not None:
                own.configure_cert(trusting)
            await join(encrypted(c.connect(doorway=ONLY), trusting), "with" if own else "without")
        der = ssl.PEM_cert_to_DER_cert(mine.cert_chain_pems[0].bytes().decode())
        shown = [session.certificate for session in c.world.sessions.values()]
        assert shown == [x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256()).hex(), None]


async def test_an_unknown_client_certificate_is_refused(tmp_path: Path) -> None:
    cert, key = generated(tmp_path, ["chat.test"])
    (tmp_path / "known.pem").write_bytes(authority().cert_pem.bytes())
    context = Certificate(cert, key, client_ca=tmp_path / "known.pem").context()
    async with tls_chat(context) as c:
        trusting = ssl.create_default_context(cafile=str(cert))
        trustme.CA().issue_cert("mallory").configure_cert(trusting)
        peer = encrypted(c.connect(doorway=ONLY), trusting)
        with pytest.raises(trio.BrokenResourceError):
            await join(peer, "mallory")
        assert not c.world.users


# -- certificates


def test_a_certificate_is_made_once_and_its_fingerprint_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names = ["chat.example.org", "localhost", "127.0.0.1", "::1"]
    cert, key = generated(tmp_path, names)
    assert fingerprint(cert) in caplog.text
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [cert.name, key.name]
    made = x509.load_pem_x509_certificate(cert.read_bytes())
    shown = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in shown] == names
    assert made.fingerprint(hashes.SHA256()).hex(":").upper() == fingerprint(cert)
    caplog.clear()
    before = cert.read_bytes()
    generated(tmp_path, ["other.example.org"])
    assert cert.read_bytes() == before
    assert not caplog.text


def test_files_that_cannot_be_used_are_told_in_a_sentence(tmp_path: Path) -> None:
    cert, key = generated(tmp_path, ["a"])
    _, other_key = generated(make(tmp_path / "other"), ["b"])
    text = tmp_path / "text"
    text.write_text("hello")
    for files, words in (
        ((cert, other_key), "cannot be used with the key"),
        ((text, key), "cannot be used with the key"),
        ((tmp_path / "none", key), "No such file"),
    ):
        with pytest.raises(Failure, match=words):
            Certificate(*files)
    for client_ca, words in ((text, "holds no certificates"), (tmp_path / "none", "No such file")):
        with pytest.raises(Failure, match=words):
            Certificate(cert, key, client_ca=client_ca)


@pytest.mark.parametrize("text", ["{cert}{key}", "{key}{cert}", "# für alle ----- von uns\n{cert}{key}{cert}"])
def test_a_file_may_hold_more_than_the_certificate(text: str, tmp_path: Path) -> None:
    cert, key = generated(tmp_path, ["localhost"])
    both = tmp_path / "both.pem"
    both.write_text(text.format(cert=cert.read_text(), key=key.read_text()), "utf-8")
    assert Certificate(both, both).fingerprint == fingerprint(cert)
    assert expiry(both) == expiry(cert) is not None


def make(directory: Path) -> Path:
    directory.mkdir()
    return directory


async def test_a_renewed_certificate_is_used_for_new_connections_and_a_broken_one_is_not(tmp_path: Path) -> None:
    cert, key = generated(tmp_path, ["chat.test"])
    certificate = Certificate(cert, key)
    arrivals = Arrivals(tls=certificate.context)

    async def shown(peer: Peer) -> str:
        assert isinstance(peer.stream, trio.SSLStream)
        await peer.stream.do_handshake()
        der = peer.stream.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256()).hex(":").upper()

    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    async with chat(arrivals=arrivals) as c:
        old = encrypted(c.connect(doorway=BOTH), trusting)
        assert await shown(old) == fingerprint(cert)
        await join(old, "old")
        cert.unlink()
        generated(tmp_path, ["chat.test"])
        certificate.reload()
        assert await shown(encrypted(c.connect(doorway=BOTH), trusting)) == fingerprint(cert)
        now = fingerprint(cert)
        cert.write_text("broken")
        with pytest.raises(Failure):
            certificate.reload()
        assert await shown(encrypted(c.connect(doorway=BOTH), trusting)) == now
        assert await old.sync() == []
