"""S4: a server that fetches what it is told to (GHSA-7pw8-m2w2-f545). S16: TLS that is made to work without end
(Prosody CVE-2021-32920). S17: small inputs that unpack to large ones (WeeChat CVE-2026-53524)."""

import ast
import ssl
from pathlib import Path

import pytest

from incidents.sources import last_name, modules
from triochat.net.certificate import Certificate, generated

OPENS = {
    "connect",
    "connect_ex",
    "create_connection",
    "open_ssl_over_tcp_stream",
    "open_tcp_stream",
    "open_unix_socket",
    "urlopen",
}
MAY_CONNECT = {
    "src/triochat/client/dial.py": "the client, to the server that its user names",
    "admin/triochat_admin/remote.py": "`triochat admin`, to the console that its user names",
    "src/triochat/net/asking.py": "`triochat user`, to the Unix socket of a server on this machine",
}
NETWORKING = {"aiohttp", "ftplib", "http.client", "httpx", "requests", "smtplib", "urllib.request", "xmlrpc.client"}


def test_the_server_opens_no_connection() -> None:
    """S4: no URL, no webhook, no host name of a user's leads it anywhere: there is nothing that could be led."""
    opened = {
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and last_name(node.func) in OPENS and "sqlite3" not in ast.unparse(node.func)
    }
    assert opened == MAY_CONNECT.keys()
    imported = {
        name
        for _, tree in modules()
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & NETWORKING


@pytest.mark.parametrize("minimum", ["1.2", "1.3"])
def test_tls_renegotiates_compresses_and_resumes_nothing(minimum: str, tmp_path: Path) -> None:
    """S16, S17: CPU is spent on one handshake for each connection, and what is secret is not compressed."""
    context = Certificate(*generated(tmp_path, ["chat.test"]), min_version=minimum).context()
    for option in (ssl.OP_NO_RENEGOTIATION, ssl.OP_NO_COMPRESSION, ssl.OP_NO_TICKET):
        assert context.options & option
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.num_tickets == 0


def test_nothing_that_comes_is_unpacked() -> None:
    """S17: no module of the server knows a compression."""
    known = {"zlib", "gzip", "bz2", "lzma", "brotli", "zstandard", "zipfile", "tarfile"}
    found = {
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and known & {*(alias.name for alias in node.names), getattr(node, "module", None)}
    }
    # The client's colours for names are a checksum from there.
    assert found <= {"src/triochat/terminal/colours.py"}
