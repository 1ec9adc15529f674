"""From the settings to the doors: who may come in by which listener, and with which certificate."""

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from triochat.net.arrival import Arrivals, Doorway, Tls
from triochat.net.certificate import Certificate, generated
from triochat.net.doors import Door
from triochat.net.proxy import networks
from triochat.settings import Listener, ServerTable, Settings, is_loopback

_ANY = ("", "0.0.0.0", "::")
"""Hosts that are none: all addresses of this machine."""


def doorway_of(listener: Listener, settings: Settings) -> Doorway:
    """How a listener of chat lets people in."""
    if listener.tls is not None:
        tls = Tls.REQUIRED if listener.tls else Tls.NEVER
    elif is_loopback(listener.host) or settings.server.insecure:
        tls = Tls.POSSIBLE
    else:
        tls = Tls.REQUIRED
    door = Door.WEBSOCKET if listener.kind == "websocket" else Door.IRC
    return Doorway(door, tls, listener.proxy_protocol, listener.origins)


def speaks_tls(listener: Listener, settings: Settings) -> bool:
    """Whether TLS is spoken at this door. At a console it is TLS or plain text, as the server speaks first there."""
    if listener.kind == "admin":
        return bool(listener.tls) or not is_loopback(listener.host)
    return doorway_of(listener, settings).tls is not Tls.NEVER


def certificate_of(settings: Settings, directory: Callable[[], Path]) -> Certificate | None:
    """The certificate that is set, or one generated into *directory*; None when no door speaks TLS. Raises
    Failure."""
    doors = settings.listeners
    if not any(speaks_tls(listener, settings) for listener in doors):
        return None
    tls = settings.tls
    if tls.cert:
        cert, key = Path(tls.cert).expanduser(), Path(tls.key).expanduser()
    else:
        hosts = [listener.host for listener in doors if listener.host.isascii() and listener.host not in _ANY]
        cert, key = generated(directory(), [settings.server.name, "localhost", "127.0.0.1", "::1", *hosts])
    client_ca = Path(tls.client_ca).expanduser() if tls.client_ca else None
    return Certificate(cert, key, min_version=tls.min_version, client_ca=client_ca)


def public_door(settings: Settings, listening: Sequence[tuple[Listener, socket.socket]]) -> str:
    """Where people connect, as far as one can know here: a URL such as ircs://mercury.example.org:5000."""
    doors = [(listener, sock) for listener, sock in listening if listener.kind == "irc"]
    if not doors:
        return f"ircs://{settings.server.name}"
    listener, sock = next((door for door in doors if not is_loopback(door[0].host)), doors[0])
    unnamed = settings.server.name == ServerTable().name
    host = listener.host if unnamed and listener.host not in _ANY else settings.server.name
    scheme = "ircs" if speaks_tls(listener, settings) else "irc"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{sock.getsockname()[1]}"


def sts_of(settings: Settings) -> Callable[[bool], str] | None:
    """What the capability `sts` says on a connection with (True) or without TLS; None when it is off.

    Specification: https://ircv3.net/specs/extensions/sts
    """
    tls = settings.tls
    if not tls.sts:
        return None
    upgrade, persistence = f"port={tls.sts_port}", f"duration={tls.sts_duration}"
    return lambda encrypted: persistence if encrypted else upgrade


def arrivals_of(settings: Settings, certificate: Certificate | None) -> Arrivals:
    """What all doors share."""
    return Arrivals(
        proxies=networks(settings.server.proxy_allowed_from),
        tls=certificate.context if certificate is not None else None,
        handshakes=settings.limits.pending_handshakes,
    )
