"""The doors of a real server: TLS on the chat port, a certificate that is renewed, WebSocket, proxies."""

import hashlib
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Request, TextMessage

from e2e.server import DEADLINE, Caller, Lines, Server, calling, run, start


def trusting() -> ssl.SSLContext:
    """A client that looks at the fingerprint itself."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class TlsCaller(Caller):
    """A client with TLS."""

    def __init__(self, port: int) -> None:
        plain = socket.create_connection(("127.0.0.1", port), DEADLINE)
        self.tls = self.sock = trusting().wrap_socket(plain)
        self.file = self.sock.makefile("rb")

    @property
    def fingerprint(self) -> str:
        """Of the server's certificate."""
        der = self.tls.getpeercert(binary_form=True)
        assert der is not None
        return hashlib.sha256(der).digest().hex(":").upper()


def register(caller: Caller, nick: str) -> None:
    caller.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}", "JOIN #lobby")
    caller.until(" 366 ")


def test_the_chat_port_speaks_tls_too_and_tells_its_fingerprint_at_the_first_start(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        alice = TlsCaller(server.port)
        register(alice, "alice")
        with calling(server.port, "Bob", until="You joined") as bob:
            alice.send("PRIVMSG #lobby :hello over TLS")
            bob.until("alice: hello over TLS")
            bob.send("hello in plain text")
            alice.until("hello in plain text")
        told = (tmp_path / "stderr").read_text()
        assert f"SHA-256 fingerprint {alice.fingerprint}" in told
        alice.close()
    with Server(tmp_path) as server:
        again = TlsCaller(server.port)
        assert again.fingerprint in told
        again.close()
    assert (tmp_path / "stderr").read_text().count("SHA-256") == 1


@contextmanager
def configured(tmp_path: Path, settings: str, *flags: str) -> Iterator[tuple[int, Lines, "object"]]:
    """A server with one door, by the settings; its port."""
    file = tmp_path / "triochat.toml"
    file.write_text(settings)
    options = ("--config", str(file), "--data-dir", str(tmp_path / "data"), *flags)
    process = start("serve", *options, stderr=tmp_path / "stderr")
    lines = Lines(process)
    try:
        port = re.search(r"Listening on .*:(\d+)$", lines.next() or "")
        assert port is not None
        yield int(port[1]), lines, process
    finally:
        lines.end()


def test_a_door_beyond_this_machine_speaks_tls_only(tmp_path: Path) -> None:
    with configured(tmp_path, "[[listen]]\nkind = 'irc'\nhost = '0.0.0.0'\n") as (port, _, _):
        with calling(port, "NICK bob") as bob:
            assert bob.rest() == ["ERROR :This port speaks TLS only: switch TLS (SSL) on in your client"]
        alice = TlsCaller(port)
        register(alice, "alice")
        alice.close()


def test_a_renewed_certificate_is_read_on_sighup_and_nobody_is_dropped(tmp_path: Path) -> None:
    authority = trustme.CA()
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"

    def renew() -> None:
        issued = authority.issue_cert("chat.test")
        key.write_bytes(issued.private_key_pem.bytes())
        cert.write_bytes(issued.cert_chain_pems[0].bytes())

    renew()
    settings = "[[listen]]\nkind = 'irc'\ntls = true\n"
    flags = ("--tls-cert", str(cert), "--tls-key", str(key))
    with configured(tmp_path, settings, *flags) as (port, _, process):
        alice = TlsCaller(port)
        register(alice, "alice")
        renew()
        process.send_signal(signal.SIGHUP)  # type: ignore[attr-defined]
        for _ in range(2000):  # a new connection tells when it has been read
            bob = TlsCaller(port)
            renewed = bob.fingerprint != alice.fingerprint
            bob.close()
            if renewed:
                break
        assert renewed
        alice.send("PING still-here")
        alice.until("still-here")
        alice.close()


def test_browsers_come_in_by_a_door_of_their_own(tmp_path: Path) -> None:
    settings = "[[listen]]\nkind = 'websocket'\n[[listen]]\nkind = 'irc'\n"
    with configured(tmp_path, settings) as (port, lines, _):
        place = re.search(r"\[SERVER STARTED\] Listening on .*:(\d+)$", lines.next() or "")
        assert place is not None
        with calling(int(place[1]), "Bob", until="You joined") as bob:
            browser = WSConnection(ConnectionType.CLIENT)
            sock = socket.create_connection(("127.0.0.1", port), DEADLINE)
            asked = Request(host=f"127.0.0.1:{port}", target="/", subprotocols=["text.ircv3.net"])
            sock.sendall(browser.send(asked))
            seen: list[str] = []
            while not any(" 366 " in line for line in seen):
                browser.receive_data(sock.recv(65_536))
                for event in browser.events():
                    if isinstance(event, AcceptConnection):
                        assert event.subprotocol == "text.ircv3.net"
                        for line in ("NICK web", "USER web 0 * :w", "JOIN #lobby", "PRIVMSG #lobby :hi"):
                            sock.sendall(browser.send(TextMessage(data=line)))
                    elif isinstance(event, TextMessage):
                        seen.append(event.data)
            bob.until("web: hi")
            sock.close()


def test_the_proxy_tells_who_really_connects(tmp_path: Path) -> None:
    settings = (
        "[server]\nproxy_allowed_from = ['127.0.0.1']\n[[listen]]\nkind = 'irc'\nproxy_protocol = true\ntls = false\n"
    )
    with (
        configured(tmp_path, settings) as (port, _, _),
        calling(port, "PROXY TCP4 192.0.2.7 127.0.0.1 40000 5000", "NICK ann", "USER a 0 * :a") as ann,
    ):
        assert "ann!a@192.0.2.7" in ann.until(" 001 ")[-1]


@pytest.mark.parametrize("flags", [("--tls-cert", "x"), ("--tls-cert", "/none/c.pem", "--tls-key", "/none/k.pem")])
def test_a_certificate_that_cannot_be_used_is_one_sentence_and_status_one(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    result = run("serve", "--port", "0", "--admin-port", "0", "--data-dir", str(tmp_path), *flags)
    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("triochat: ")
