"""Opening connections. Trio, sockets and TLS; knows nothing of what is said over them."""

import socket
import ssl
from collections.abc import Awaitable, Callable

import trio

from triochat.client.address import Address

CONNECT_SECONDS = 15.0
HANDSHAKE_SECONDS = 15.0

Dial = Callable[[], Awaitable[trio.abc.Stream]]
"""Opens one connection, or raises Unreachable or Untrusted."""


class Unreachable(Exception):
    """No connection this time; another attempt may succeed. *str(error)* is a sentence."""


class Untrusted(Exception):
    """The server is not who it should be, or speaks no TLS; trying again would be wrong. A sentence, too."""


def dialler(address: Address, *, tls: bool) -> Dial:
    """How to reach *address*. With *tls* its certificate is verified; there is no way back to plain text."""
    context = ssl.create_default_context() if tls else None

    async def dial() -> trio.abc.Stream:
        stream = await _connect(address)
        return stream if context is None else await _secure(stream, address, context)

    return dial


async def _connect(address: Address) -> trio.SocketStream:
    try:
        with trio.fail_after(CONNECT_SECONDS):
            return await trio.open_tcp_stream(address.host, address.port)
    except trio.TooSlowError:
        raise Unreachable(f"{address} does not answer.") from None
    except (socket.gaierror, UnicodeError):
        raise Unreachable(f"There is no host called {address.host}, or no network.") from None
    except OSError:
        raise Unreachable(f"Nobody answers at {address}. Is the server running? (triochat serve)") from None


async def _secure(
    stream: trio.SocketStream, address: Address, context: ssl.SSLContext
) -> trio.SSLStream[trio.SocketStream]:
    secured = trio.SSLStream(stream, context, server_hostname=address.host)
    try:
        # Trio would shake hands with the first byte; nothing may be sent before the certificate is known good.
        with trio.fail_after(HANDSHAKE_SECONDS):
            await secured.do_handshake()
    except BaseException as error:
        await trio.aclose_forcefully(secured)
        match error:
            case trio.TooSlowError():
                raise Unreachable(f"{address} does not answer over TLS.") from None
            case trio.BrokenResourceError():
                raise _distrust(error.__cause__, address) from None
        raise
    return secured


def _distrust(cause: BaseException | None, address: Address) -> Exception:
    match cause:
        case ssl.SSLCertVerificationError():
            return Untrusted(f"The certificate of {address} cannot be trusted: {cause.verify_message}.")
        case ssl.SSLEOFError() | ssl.SSLSyscallError():
            pass  # cut off, as by a restart
        case ssl.SSLError():
            return Untrusted(f"{address} does not speak TLS as it should ({cause.reason or 'no reason given'}).")
    return Unreachable(f"{address} ended the TLS handshake.")
