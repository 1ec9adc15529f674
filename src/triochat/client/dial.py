"""Opening connections, and judging who answers. Trio, sockets and TLS; knows nothing of what is said over them.

The rule for certificates (docs/decisions/0018-trust-on-first-use.md): one that verifies is accepted. Another one is
accepted on the first visit to a host and port, and remembered; from then on no other is, but one that verifies.
"""

import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol, TypeVar

import trio

from triochat.client import sts
from triochat.client.address import Address, is_loopback
from triochat.trust import (
    Known,
    KnownServers,
    NotRemembered,
    Policy,
    Unusable,
    doubt,
    fingerprint,
    first_visit,
    first_visit_forgotten,
    not_the_trusted,
    utc_now,
)

CONNECT_SECONDS = 15.0
HANDSHAKE_SECONDS = 15.0
REMEMBER_SECONDS = 5.0
"""For another client to finish its change of the known servers."""

T = TypeVar("T")
Tell = Callable[[str], None]
"""Gives the person a sentence to read."""
Secured = trio.SSLStream[trio.SocketStream]


class Unreachable(Exception):
    """No connection this time; another attempt may succeed. *str(error)* is a sentence."""


class Untrusted(Exception):
    """The server is not who it should be, or speaks no TLS; trying again would be wrong. A sentence, too."""

    def __init__(self, text: str, *, shown: str = "", known: Known | None = None) -> None:
        """*shown* is the fingerprint of the certificate that was refused, *known* what is remembered instead."""
        super().__init__(text)
        self.shown = shown
        self.known = known


@dataclass(frozen=True, slots=True)
class FirstVisit:
    """A certificate that cannot be verified was seen, and remembered, for the first time. *reason*: why it cannot."""

    place: str
    fingerprint: str
    reason: str


class Dial(Protocol):
    """How a server is reached, again and again."""

    async def __call__(self) -> trio.abc.Stream:
        """Open one connection; raises Unreachable or Untrusted."""

    async def heed(self, policy: str) -> bool:
        """The server announced *policy* as its capability `sts` on the connection that was opened last. Returns
        whether that connection must be left: the next one is encrypted then."""


class _Unverified(Exception):
    """The certificate does not verify. *str(error)* is the reason, no sentence."""


class Dialler:
    """Reaches the server at one address. What is to be encrypted never falls back to plain text."""

    def __init__(self, address: Address, servers: KnownServers, tell: Tell, *, trusted: str | None = None) -> None:
        """*trusted* is the fingerprint of the only certificate to accept."""
        self._address = address
        self._servers = servers
        self._tell = tell
        self._trusted = trusted
        self._verifying: ssl.SSLContext | None = None
        self._verified = False
        self._policy = timedelta()
        self._way_out = "; if it speaks plain text only, and everybody on the way may read it, use --no-tls"
        self._seen: Known | None = None  # in this run, for a file that cannot be changed
        self._complained = False
        self.first_visit: Callable[[FirstVisit], None] | None = None
        """Is told of a first visit instead of *tell*."""

    async def __call__(self) -> trio.abc.Stream:
        if not self._address.tls and not is_loopback(self._address.host):
            policy = await self._ask(lambda: self._servers.policy(self._address.host))
            if policy is not None:
                self._encrypt(policy.port)
                self._tell(
                    f"{self._address.host} asked on an earlier visit to be talked to encrypted only, until "
                    f"{policy.until:%Y-%m-%d}: connecting to {self._address} with TLS. ({self._servers.path})"
                )
        if not self._address.tls:
            return await self._connect()
        stream = await self._secure()
        self._way_out = ""  # it does speak TLS
        return stream

    async def heed(self, policy: str) -> bool:
        host = self._address.host
        if not self._address.tls:
            port = sts.port(policy)
            if port is None or is_loopback(host):
                return False
            self._encrypt(port)
            self._tell(f"{host} wants to be talked to encrypted: going over to {self._address} with TLS.")
            return True
        duration = sts.duration(policy)
        # From an unverified server this could be the word of somebody in between, who wants to keep us away.
        if duration is not None and self._verified:
            self._policy = duration
            await self._remember_policy()
        return False

    async def forget(self, shown: str) -> None:
        """The person says that the certificate *shown* is not the server's: meet it as a stranger the next time."""
        host, port = self._address.host, self._address.port
        await self._note(lambda: self._servers.forget(host, port, shown))

    async def finish(self) -> None:
        """The last connection is closed. A policy counts from now on; the visit may have been a long one."""
        if self._policy:
            await self._remember_policy()

    # -- who may be talked to

    async def _secure(self) -> Secured:
        """An encrypted connection whose certificate was judged; nothing was sent before."""
        if self._trusted is not None:
            return await self._exactly(self._trusted)
        host, port = self._address.host, self._address.port
        self._verified = False
        known = await self._ask(lambda: self._servers.find(host, port)) or self._seen
        if known is not None and known.fingerprint is not None:
            stream = await self._shake_hands(_unverifying())
            if _shown(stream) == known.fingerprint:
                return stream
            await trio.aclose_forcefully(stream)
        if self._verifying is None:
            self._verifying = await trio.to_thread.run_sync(ssl.create_default_context)
        try:
            stream = await self._shake_hands(self._verifying)
        except _Unverified as error:
            return await self._unverified(str(error))
        self._verified = True
        self._seen = Known(None, utc_now())
        async with _closed_on_error(stream):
            # An authority vouches for this very host name, which is worth more than what we saw once: a remembered
            # fingerprint is forgotten. That it verified is remembered, so that it cannot be taken for a first visit
            # when one day it does not.
            await self._note(lambda: self._servers.remember(host, port, None))
        return stream

    async def _exactly(self, trusted: str) -> Secured:
        stream = await self._shake_hands(_unverifying())
        async with _closed_on_error(stream):
            shown = _shown(stream)
            if shown != trusted:
                raise Untrusted(not_the_trusted(str(self._address), shown, trusted))
            await self._note(lambda: self._servers.remember(self._address.host, self._address.port, trusted))
        return stream

    async def _unverified(self, reason: str) -> Secured:
        # Verifying fails in the middle of the handshake, so this is another connection, and maybe another server:
        # it is the certificate of this one that counts.
        stream = await self._shake_hands(_unverifying())
        async with _closed_on_error(stream):
            await self._admit(_shown(stream), reason)
        return stream

    async def _admit(self, shown: str, reason: str) -> None:
        host, port, place = self._address.host, self._address.port, str(self._address)
        try:
            known = await self._change(lambda: self._servers.admit(host, port, shown))
        except Unusable as error:
            raise Untrusted(str(error)) from None
        except NotRemembered as error:
            if self._seen is None:
                self._seen = Known(shown, utc_now())
                self._complain(first_visit_forgotten(place, reason, shown, str(error)))
            known = self._seen
        if known is None:
            if self.first_visit is not None:
                self.first_visit(FirstVisit(place, shown, reason))
            else:
                self._tell(first_visit(place, reason, shown))
        elif (why := doubt(place, known, reason, shown)) is not None:
            raise Untrusted(why, shown=shown, known=known)

    # -- what is remembered

    async def _ask(self, question: Callable[[], T]) -> T:
        """What the file says, without which nothing can be decided."""
        try:
            return await trio.to_thread.run_sync(question, abandon_on_cancel=True)
        except Unusable as error:
            raise Untrusted(str(error)) from None

    async def _change(self, change: Callable[[], T]) -> T:
        """Change the file; raises Unusable and NotRemembered."""
        with trio.move_on_after(REMEMBER_SECONDS):
            return await trio.to_thread.run_sync(change, abandon_on_cancel=True)
        raise NotRemembered(f"{self._servers.path}: another program keeps it locked")

    async def _note(self, change: Callable[[], None]) -> None:
        """Change the file if that is possible: it is known already who is there."""
        try:
            await self._change(change)
        except Unusable as error:
            self._complain(str(error))
        except NotRemembered as error:
            self._complain(f"{self._address} cannot be remembered ({error}).")

    async def _remember_policy(self) -> None:
        policy = Policy(self._address.port, utc_now() + self._policy) if self._policy else None
        await self._note(lambda: self._servers.remember_policy(self._address.host, policy))

    def _complain(self, sentence: str) -> None:
        """Say it once, not at every attempt."""
        if not self._complained:
            self._complained = True
            self._tell(sentence)

    def _encrypt(self, port: int) -> None:
        self._address = replace(self._address, port=port, tls=True)
        self._way_out = ""

    # -- sockets

    async def _connect(self) -> trio.SocketStream:
        address = self._address
        try:
            with trio.fail_after(CONNECT_SECONDS):
                return await trio.open_tcp_stream(address.host, address.port)
        except trio.TooSlowError:
            raise Unreachable(f"{address} does not answer.") from None
        except (socket.gaierror, UnicodeError):
            raise Unreachable(f"There is no host called {address.host}, or no network.") from None
        except OSError:
            raise Unreachable(f"Nobody answers at {address}. Is the server running? (triochat serve)") from None

    async def _shake_hands(self, context: ssl.SSLContext) -> Secured:
        """A new connection after its handshake; raises _Unverified, too."""
        # The zone of a link-local address and the dot behind a full name are not in certificates.
        name = self._address.host.partition("%")[0].rstrip(".")
        stream = trio.SSLStream(await self._connect(), context, server_hostname=name)
        try:
            # Trio would shake hands with the first byte; nothing may be sent before the certificate is judged.
            with trio.fail_after(HANDSHAKE_SECONDS):
                await stream.do_handshake()
        except BaseException as error:
            await trio.aclose_forcefully(stream)
            match error:
                case trio.TooSlowError():
                    raise Unreachable(f"{self._address} does not answer over TLS{self._way_out}.") from None
                case trio.BrokenResourceError():
                    raise self._explained(error.__cause__) from None
            raise
        return stream

    def _explained(self, cause: BaseException | None) -> Exception:
        match cause:
            case ssl.SSLCertVerificationError():
                return _Unverified(cause.verify_message.rstrip("."))
            case ssl.SSLEOFError() | ssl.SSLSyscallError():
                pass  # cut off, as by a restart
            case ssl.SSLError():
                reason = (cause.reason or "no reason given").replace("_", " ").lower()
                return Untrusted(f"{self._address} does not speak TLS as it should ({reason}){self._way_out}.")
        return Unreachable(f"{self._address} ended the TLS handshake{self._way_out}.")


@asynccontextmanager
async def _closed_on_error(stream: Secured) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise


def _unverifying() -> ssl.SSLContext:
    """For a server whose certificate is judged by its fingerprint, after the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _shown(stream: Secured) -> str:
    """The fingerprint of the certificate that was shown, whose key the handshake has proved."""
    certificate = stream.getpeercert(binary_form=True)
    assert certificate  # as a client, OpenSSL ends a handshake without one
    return fingerprint(certificate)
