"""S6: a web page that makes its reader's browser send an HTTP request to a port of theirs. Ergo took such a request
for the session of a client, line by line (ergo #2239)."""

import socket
import ssl
from pathlib import Path

import pytest

from e2e.server import DEADLINE, Server, irc

CHAT_BODY = "NICK evil\r\nUSER e 0 * :e\r\nJOIN #lobby\r\nPRIVMSG #lobby :spam\r\n"
CONSOLE_BODY = "announce spam\r\nkick ann\r\nshutdown\r\n"


def answer_to(port: int, method: str, body: str, *, tls: bool = False) -> str:
    """What a browser gets for such a request, up to where the server closes."""
    head = f"{method} / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://evil.example\r\nContent-Type: text/plain"
    sock = socket.create_connection(("127.0.0.1", port), DEADLINE)
    with ssl._create_unverified_context().wrap_socket(sock) if tls else sock as stream:
        stream.sendall(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        return b"".join(iter(lambda: stream.recv(4096), b"")).decode()


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_an_http_request_is_answered_and_its_body_is_obeyed_by_no_port(method: str, tmp_path: Path) -> None:
    """S6 (ergo #2239): chat, chat over TLS, and a console without a password, whose every line would count. OPTIONS
    is what browsers ask before they send any method that is not listed here."""
    file = tmp_path / "triochat.toml"
    file.write_text("[admin]\nno_password = true\n")
    data = tmp_path / "data"
    data.mkdir()
    with Server(data, "--config", str(file)) as server, irc(server.port, "ann") as ann:
        for port, body, tls in (
            (server.port, CHAT_BODY, False),
            (server.port, CHAT_BODY, True),
            (server.admin_port, CONSOLE_BODY, False),
        ):
            assert "HTTP/1.1 400 Bad Request\r\n" in answer_to(port, method, body, tls=tls)
        ann.send("PING x")
        assert len(ann.until("PONG")) == 1
        assert server.process.poll() is None
