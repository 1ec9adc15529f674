"""Encrypted connections to consoles on other machines, with blocking sockets.

The rule for certificates is that of the chat client (docs/decisions/0018-trust-on-first-use.md): one that
verifies is accepted. Another one is accepted on the first visit to a host and port, and remembered; from then on no
other is, but one that verifies.
"""

import socket
import ssl
from collections.abc import Callable

from triochat.trust import (
    KnownServers,
    NotRemembered,
    Unusable,
    doubt,
    fingerprint,
    first_visit,
    first_visit_forgotten,
    not_the_trusted,
)


class Refused(Exception):
    """The server is not who it should be, or speaks no TLS. *str(error)* is a sentence; nothing was sent."""


class _Unverified(Exception):
    """The certificate does not verify. *str(error)* is the reason, no sentence."""


class Secured:
    """Opens encrypted connections to one host and port."""

    def __init__(
        self,
        host: str,
        port: int,
        open_plain: Callable[[], socket.socket],
        servers: KnownServers,
        tell: Callable[[str], None],
        trusted: str | None = None,
    ) -> None:
        """*open_plain* connects; *tell* gives a person a sentence to read. *trusted* is the fingerprint of the only
        certificate to accept."""
        self._host, self._port = host, port
        self._place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._open_plain = open_plain
        self._servers = servers
        self._tell = tell
        self._trusted = trusted

    def open(self) -> ssl.SSLSocket:
        """A connection whose certificate was judged; nothing was sent before. Raises Refused."""
        try:
            return self._exactly(self._trusted) if self._trusted is not None else self._by_the_rule()
        except Unusable as error:
            raise Refused(str(error)) from None

    def _exactly(self, trusted: str) -> ssl.SSLSocket:
        sock = self._shake_hands(_unverifying())
        if (shown := _shown(sock)) != trusted:
            sock.close()
            raise Refused(not_the_trusted(self._place, shown, trusted))
        self._remember(trusted)
        return sock

    def _by_the_rule(self) -> ssl.SSLSocket:
        known = self._servers.find(self._host, self._port)
        if known is not None and known.fingerprint is not None:
            sock = self._shake_hands(_unverifying())
            if _shown(sock) == known.fingerprint:
                return sock
            sock.close()
        try:
            sock = self._shake_hands(ssl.create_default_context())
        except _Unverified as error:
            return self._unverified(str(error))
        self._remember(None)
        return sock

    def _unverified(self, reason: str) -> ssl.SSLSocket:
        # Another connection, and maybe another server: it is the certificate of this one that counts.
        sock = self._shake_hands(_unverifying())
        shown = _shown(sock)
        try:
            known = self._servers.admit(self._host, self._port, shown)
        except NotRemembered as error:
            self._tell(first_visit_forgotten(self._place, reason, shown, str(error)))
            return sock
        except BaseException:
            sock.close()
            raise
        if known is None:
            self._tell(first_visit(self._place, reason, shown))
        elif (why := doubt(self._place, known, reason, shown)) is not None:
            sock.close()
            raise Refused(why)
        return sock

    def _remember(self, shown: str | None) -> None:
        try:
            self._servers.remember(self._host, self._port, shown)
        except NotRemembered as error:
            self._tell(f"{self._place} cannot be remembered ({error}).")

    def _shake_hands(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        """A new connection after its handshake. Raises Refused, and _Unverified."""
        name = self._host.partition("%")[0].rstrip(".")
        plain = self._open_plain()
        try:
            return context.wrap_socket(plain, server_hostname=name)
        except BaseException as error:
            plain.close()
            match error:
                case ssl.SSLCertVerificationError():
                    raise _Unverified(error.verify_message.rstrip(".")) from None
                case TimeoutError():
                    raise Refused(f"{self._place} does not answer over TLS.") from None
                case ssl.SSLEOFError() | ConnectionError():
                    raise Refused(f"{self._place} ended the TLS handshake.") from None
                case ssl.SSLError():
                    reason = (error.reason or "no reason given").replace("_", " ").lower()
                    raise Refused(
                        f"{self._place} does not speak TLS as it should ({reason}). Where nobody on the way can "
                        "listen, --no-tls talks to it without."
                    ) from None
            raise


def _unverifying() -> ssl.SSLContext:
    """For a server whose certificate is judged by its fingerprint, after the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _shown(sock: ssl.SSLSocket) -> str:
    certificate = sock.getpeercert(binary_form=True)
    assert certificate  # as a client, OpenSSL ends a handshake without one
    return fingerprint(certificate)
