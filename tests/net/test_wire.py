"""What the operating system tells of a connection."""

import socket
import sys

import pytest

from triochat.net.wire import SocketWire, counted, round_trip_ms


class Around:
    """A wire around a wire."""

    def __init__(self, wire: object) -> None:
        self._wire = wire


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the bytes of a connection")
def test_a_real_socket_tells_what_it_received_whatever_is_around_it() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
    ):
        sock, _ = listening.accept()
        with sock:
            client.sendall(b"x" * 1234)
            assert sock.recv(4096) == b"x" * 1234
            wire = Around(Around(SocketWire(sock)))
            told, lag = counted(wire), round_trip_ms(wire)
    assert told is not None
    assert told[0] == 1234
    assert lag is not None
    assert 0 <= lag < 1000
    assert counted(wire) is None
    assert round_trip_ms(wire) is None


def test_what_is_no_tcp_tells_nothing() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert counted(SocketWire(one)) is None
        assert round_trip_ms(SocketWire(one)) is None
    assert counted(Around(None)) is None
    assert round_trip_ms(Around(None)) is None
