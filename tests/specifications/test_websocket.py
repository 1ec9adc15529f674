"""https://ircv3.net/specs/extensions/websocket; all else of it is in tests/net."""

from net.chat import chat
from net.test_websocket import open_web


async def test_client() -> None:
    """Section "Client example"."""
    async with chat() as c:
        socket = await open_web(c, "text.ircv3.net")
        await socket.send("USER 0 0 0 0", "NICK bob")
        assert " 001 bob " in await socket.line()
