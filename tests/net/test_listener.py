"""Accepting connections."""

import logging
import socket

import pytest
import trio

from triochat.net.listener import accept, listen


async def test_a_bug_in_taking_a_connection_ends_that_one_only(caplog: pytest.LogCaptureFixture) -> None:
    taken = trio.Event()

    def take(sock: socket.socket, address: str) -> None:
        sock.close()
        if not caplog.records:
            raise RuntimeError("a planted bug")
        taken.set()

    (listening,) = listen("127.0.0.1", 0)
    with listening, caplog.at_level(logging.ERROR), trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(accept, listening, take)
            for _ in range(2):
                socket.create_connection(listening.getsockname()).close()
            await taken.wait()
            nursery.cancel_scope.cancel()
    assert "a planted bug" in caplog.text
