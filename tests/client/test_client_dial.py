"""Reaching a server, on the loopback interface; with TLS where a test can make a certificate."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from triochat.client.address import Address
from triochat.client.dial import Unreachable, Untrusted, dialler

Handler = Callable[[trio.SocketStream], Awaitable[None]]


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[Address]:
    """A server that gives each connection to *handler*."""
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, handler, 0, host="127.0.0.1"))
        yield Address("127.0.0.1", listeners[0].socket.getsockname()[1])
        nursery.cancel_scope.cancel()


async def greet(stream: trio.SocketStream) -> None:
    await stream.send_all(b"hello, who are you?\r\n")
    await stream.aclose()


async def test_a_server_is_reached() -> None:
    async with listening(greet) as address:
        stream = await dialler(address, tls=False)()
        assert await stream.receive_some(5) == b"hello"
        await stream.aclose()


async def test_nobody_there_is_told_with_what_to_check() -> None:
    listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
    address = Address("127.0.0.1", listener.socket.getsockname()[1])
    await listener.aclose()
    with pytest.raises(Unreachable, match=r"Nobody answers at 127\.0\.0\.1:\d+\. Is the server running\?"):
        await dialler(address, tls=False)()


async def test_an_impossible_host_is_told_apart() -> None:
    with pytest.raises(Unreachable, match=r"There is no host called a\.\.b"):
        await dialler(Address("a..b", 5000), tls=False)()


async def test_a_server_without_tls_is_not_spoken_to_in_plain_text() -> None:
    async with listening(greet) as address:
        with pytest.raises(Untrusted, match="does not speak TLS"):
            await dialler(address, tls=True)()


async def test_a_handshake_that_is_cut_off_may_be_tried_again() -> None:
    async def cut_off(stream: trio.SocketStream) -> None:
        await stream.receive_some(1)
        await stream.send_eof()
        async for _ in stream:
            pass

    async with listening(cut_off) as address:
        with pytest.raises(Unreachable, match="ended the TLS handshake"):
            await dialler(address, tls=True)()


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """The file of an authority's certificate, and a server's context with a certificate for 127.0.0.1 by it."""
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return path, context


def over_tls(context: ssl.SSLContext) -> Handler:
    async def handler(stream: trio.SocketStream) -> None:
        try:
            await trio.SSLStream(stream, context, server_side=True).send_all(b"hello")
        except trio.BrokenResourceError:
            pass  # the client thinks better of it

    return handler


async def test_a_certificate_that_can_be_verified_is_accepted(
    authority: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context = authority
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with listening(over_tls(context)) as address:
        stream = await dialler(address, tls=True)()
        assert await stream.receive_some(5) == b"hello"
        await trio.aclose_forcefully(stream)


async def test_a_certificate_of_nobody_known_is_refused_with_the_reason(
    authority: tuple[Path, ssl.SSLContext],
) -> None:
    async with listening(over_tls(authority[1])) as address:
        with pytest.raises(Untrusted, match=r"The certificate of 127\.0\.0\.1:\d+ cannot be trusted: .+\."):
            await dialler(address, tls=True)()
