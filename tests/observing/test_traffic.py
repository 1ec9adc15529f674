"""Reading the system's account of a connection."""

import socket
import struct
import sys

import pytest

from triochat.net.wire import SocketWire
from triochat.observing.traffic import Line, line_of


def test_the_numbers_stand_where_linux_puts_them() -> None:
    info = bytearray(256)
    struct.pack_into("=I", info, 68, 1500)
    struct.pack_into("=QQ", info, 120, 42_000, 17)
    assert line_of(bytes(info)) == Line(bytes_in=17, bytes_out=42_000, round_trip_ms=1.5)


@pytest.mark.parametrize("info", [b"", b"\0" * 100])
def test_too_little_tells_nothing(info: bytes) -> None:
    assert line_of(info) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the bytes of a connection")
def test_a_real_socket_tells_what_it_received() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
    ):
        server, _ = listening.accept()
        with server:
            client.sendall(b"x" * 1234)
            assert server.recv(4096) == b"x" * 1234
            line = line_of(SocketWire(server).tcp_info())
            assert line is not None
            assert line.bytes_in == 1234
            assert line.round_trip_ms < 1000
    assert SocketWire(server).tcp_info() == b""


def test_a_socket_that_is_no_tcp_tells_nothing() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert SocketWire(one).tcp_info() == b""
