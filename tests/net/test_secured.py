"""TLS in front of the console."""

import socket

import trio

from net.wires import client_context, server_context
from triochat.net.secured import SecuredDoor


async def test_handshakes_that_stall_keep_nobody_out() -> None:
    heard = trio.Event()

    async def serve(stream: trio.abc.Stream, address: str, port: int) -> None:
        assert await stream.receive_some() == b"hello"
        heard.set()
        await trio.aclose_forcefully(stream)

    def connected() -> tuple[socket.socket, socket.socket]:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
        theirs.setblocking(False)
        return ours, theirs

    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with trio.open_nursery() as nursery:
            door = SecuredDoor(server_context, serve, nursery)
            stalled = []
            for _ in range(100):
                ours, theirs = connected()
                stalled.append(ours)
                door.take(theirs, "192.0.2.1")
            ours, theirs = connected()
            ours.setblocking(False)
            door.take(theirs, "192.0.2.2")
            plain = trio.SocketStream(trio.socket.from_stdlib_socket(ours))
            stream = trio.SSLStream(plain, client_context(), server_hostname="chat.test")
            with trio.fail_after(5):
                await stream.send_all(b"hello")
                await heard.wait()
            nursery.cancel_scope.cancel()
        for peer in stalled:
            peer.close()
        await plain.aclose()
