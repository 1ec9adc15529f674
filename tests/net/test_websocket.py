"""The WebSocket door: who gets in, what is a line, and what ends a connection."""

import re
from collections.abc import Sequence

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked
from wsproto import ConnectionType
from wsproto.connection import Connection

from net.chat import Chat, Peer, chat
from net.wires import Browser, TinyWire
from triochat.net.arrival import Doorway
from triochat.net.doors import Door
from triochat.net.timeouts import Timeouts
from triochat.net.upgrade import Granted, Upgrade
from triochat.net.websocket import WebSocketWire

WEB = Doorway(Door.WEBSOCKET)
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455 section 1.3."""


def request(*headers: str, without: str = "", method: str = "GET", version: str = "13") -> bytes:
    """A WebSocket request; *without* leaves one header out."""
    lines = [
        "Host: chat.test:8080",
        "Upgrade: websocket",
        "Connection: keep-alive, Upgrade",
        f"Sec-WebSocket-Key: {KEY}",
        f"Sec-WebSocket-Version: {version}",
        *headers,
    ]
    kept = [line for line in lines if not without or not line.startswith(without)]
    return "\r\n".join([f"{method} /irc HTTP/1.1", *kept, "", ""]).encode()


class WebPeer(Peer):
    """A peer that speaks WebSocket once `open` was called."""

    def __init__(self, peer: Peer) -> None:
        super().__init__(peer.stream)
        self.browser = Browser()

    async def head(self) -> str:
        """The server's HTTP answer, without its body."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = await self.stream.receive_some()
            if not more:
                break
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        if b" 101 " in head:
            self.browser.takes(rest)
        return head.decode()

    async def send(self, *lines: str | bytes) -> None:
        await self.stream.send_all(self.browser.says(*lines))

    async def line(self) -> str:
        while not self.browser.lines and self.browser.closed is None:
            data = await self.stream.receive_some()
            if not data:
                return ""
            self.browser.takes(data)
        return self.browser.lines.pop(0).decode() if self.browser.lines else ""


async def open_web(c: Chat, subprotocol: str = "text.ircv3.net", *headers: str) -> WebPeer:
    peer = WebPeer(c.connect_by_socket(WEB))
    await peer.stream.send_all(request(f"Sec-WebSocket-Protocol: {subprotocol}", *headers))
    assert "HTTP/1.1 101 " in await peer.head()
    return peer


async def web(c: Chat, nick: str, subprotocol: str = "text.ircv3.net") -> WebPeer:
    peer = await open_web(c, subprotocol)
    await peer.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}", "JOIN #x")
    await peer.until(" 366 ")
    return peer


# -- coming in


@pytest.mark.parametrize(
    ("offered", "chosen", "binary"),
    [
        (["text.ircv3.net"], "text.ircv3.net", False),
        (["binary.ircv3.net"], "binary.ircv3.net", True),
        (["binary.ircv3.net, text.ircv3.net"], "binary.ircv3.net", True),
        (["text.ircv3.net", "binary.ircv3.net"], "text.ircv3.net", False),
        (["chat", "binary.ircv3.net"], "binary.ircv3.net", True),
        (["chat"], None, False),
        ([], None, False),
    ],
)
def test_the_first_known_subprotocol_is_chosen(offered: Sequence[str], chosen: str | None, binary: bool) -> None:
    answer = Upgrade(()).feed(request(*(f"Sec-WebSocket-Protocol: {name}" for name in offered)))
    assert isinstance(answer, Granted)
    assert answer.binary is binary
    head = answer.answer.decode()
    assert head.startswith("HTTP/1.1 101 Switching Protocols\r\n")
    assert f"Sec-WebSocket-Accept: {ACCEPT}\r\n" in head
    assert re.findall(r"Sec-WebSocket-Protocol: (.*)\r\n", head) == ([chosen] if chosen else [])


def test_compression_is_never_agreed_on() -> None:
    answer = Upgrade(()).feed(request("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"))
    assert isinstance(answer, Granted)
    assert b"extensions" not in answer.answer.lower()


def test_a_request_may_come_byte_by_byte() -> None:
    upgrade = Upgrade(())
    data = request()
    assert [upgrade.feed(data[i : i + 1]) for i in range(len(data) - 1)] == [None] * (len(data) - 1)
    assert isinstance(upgrade.feed(data[-1:]), Granted)


@pytest.mark.parametrize(
    ("origins", "origin", "welcome"),
    [
        ((), None, True),
        ((), "http://chat.test:8080", True),
        ((), "https://Chat.Test:8080", True),
        ((), "https://chat.test", False),
        ((), "https://evil.test", False),
        ((), "null", False),
        (("https://chat.example.org",), "https://chat.example.org", True),
        (("https://chat.example.org",), "https://CHAT.example.org", True),
        (("https://chat.example.org",), "http://chat.example.org", False),
        (("https://chat.example.org",), "https://chat.example.org.evil.test", False),
        (("https://chat.example.org",), "http://chat.test:8080", False),
        (("https://chat.example.org",), None, True),
        (("*",), "https://evil.test", True),
        (("*",), "null", True),
    ],
)
def test_only_pages_of_known_sites_may_connect(origins: tuple[str, ...], origin: str | None, welcome: bool) -> None:
    answer = Upgrade(origins).feed(request(*([f"Origin: {origin}"] if origin else [])))
    assert isinstance(answer, Granted) is welcome
    if not welcome:
        assert answer is not None
        assert answer.answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "426 Upgrade Required", "Upgrade: websocket\r\n"),
        (request(version="8"), "426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n"),
        (request(method="POST"), "405 Method Not Allowed", "Allow: GET\r\n"),
        (request(without="Sec-WebSocket-Key"), "400 Bad Request", "Sec-WebSocket-Key"),
        (request(without="Connection"), "400 Bad Request", "Connection"),
        (request(without="Host"), "400 Bad Request", ""),
        (request("Content-Length: 5") + b"hello", "400 Bad Request", "no body"),
        (request("Transfer-Encoding: chunked") + b"0\r\n\r\n", "400 Bad Request", "no body"),
        (request("Sec-WebSocket-Protocol: \xff"), "400 Bad Request", ""),
        (request("Host: \xff"), "400 Bad Request", ""),
        (b"NICK ann\r\nUSER a 0 * :a\r\n\r\n", "400 Bad Request", "no HTTP request"),
        (b"\x16\x03\x01\x02\x00\x01\x00" + b"\r\n\r\n", "400 Bad Request", ""),
        (request("X: " + "x" * 20_000)[:17_000], "431 Request Header Fields Too Large", "too long"),
    ],
)
def test_any_other_request_gets_a_clean_answer(data: bytes, status: str, words: str) -> None:
    answer = Upgrade(()).feed(data)
    assert answer is not None
    text = answer.answer.decode()
    head, _, body = text.partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status}\r\n")
    assert words in text
    assert f"Content-Length: {len(body)}" in head
    assert body.endswith(".\n")


@given(st.lists(st.binary(max_size=60), max_size=10), st.sampled_from([b"", b"GET / HTTP/1.1\r\n", request()[:-2]]))
def test_any_bytes_are_answered_or_waited_for(chunks: list[bytes], start: bytes) -> None:
    upgrade = Upgrade(())
    for chunk in (start, *chunks, b"\r\n\r\n"):
        if chunk and upgrade.feed(chunk) is not None:
            return


async def test_a_request_that_is_no_upgrade_is_answered_and_never_executed() -> None:
    async with chat() as c:
        peer = WebPeer(c.connect(doorway=WEB))
        await peer.stream.send_all(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nNICK evil\r\nUSER e 0 * :e\r\n"
        )
        assert "405 Method Not Allowed" in await peer.head()
        assert await peer.stream.receive_some() == b""
        await wait_all_tasks_blocked()
        assert not c.door.connections
        assert c.server.unregistered == 0


async def test_a_request_has_a_deadline(autojump_clock: MockClock) -> None:
    async with chat(timeouts=Timeouts(registration=20)) as c:
        for start in (b"", b"GET / HT", request()[:-2], request()):
            before = trio.current_time()
            peer = WebPeer(c.connect(doorway=WEB))
            await peer.stream.send_all(start)
            while await peer.stream.receive_some():
                pass
            assert trio.current_time() - before == pytest.approx(20, abs=1)


# -- lines


@pytest.mark.parametrize("subprotocol", ["text.ircv3.net", "binary.ircv3.net", "none"])
async def test_browsers_and_others_talk_in_one_room(subprotocol: str) -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await web(c, "bob", subprotocol)
        await bob.send("PRIVMSG #x :héllo from the web")
        assert (await ann.until("PRIVMSG"))[-1] == ":bob!bob@127.0.0.1 PRIVMSG #x :héllo from the web"
        await ann.send("PRIVMSG #x :one ☃", "PRIVMSG #x :two")
        await ann.sync()
        lines = await bob.sync()
        assert lines == [":ann!ann@127.0.0.1 PRIVMSG #x :one ☃", ":ann!ann@127.0.0.1 PRIVMSG #x :two"]
        assert {session.door for session in c.world.sessions.values()} == {"irc", "websocket"}


async def test_what_comes_with_the_request_is_read() -> None:
    """One byte more than the request ended whole servers elsewhere."""
    for cut in (1, 5, 1000):
        async with chat() as c:
            peer = WebPeer(c.connect(doorway=WEB))
            data = peer.browser.says("NICK bob", "USER bob 0 * :bob", "JOIN #x")
            await peer.stream.send_all(request() + data[:cut])
            await peer.head()
            await peer.stream.send_all(data[cut:])
            await peer.until(" 366 ")


async def test_one_word_is_a_command_here_not_a_name() -> None:
    async with chat() as c:
        peer = await open_web(c)
        await peer.send("Bob")
        assert " 421 " in await peer.line() or " 451 " in await peer.line()
        assert not c.world.users


async def test_a_message_is_one_line() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await web(c, "bob")
        await ann.sync()
        await bob.send("PRIVMSG #x :with its end\r\n", "PRIVMSG #x :with LF\n")
        assert [line.rpartition(":")[2] for line in await ann.until("with LF")] == ["with its end", "with LF"]
        for evil in ("PRIVMSG #x :smuggled\r\nPRIVMSG #x :in", "PRIVMSG #x :smuggled\nQUIT", b"PRIVMSG #x :a\rQUIT"):
            await bob.send(evil)
            (answer,) = await bob.sync()
            assert " 400 " in answer
        assert await ann.sync() == []


async def test_a_message_may_come_in_fragments() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await web(c, "bob")
        await ann.sync()
        for text, last in (("PRIVMSG #x", False), ("", False), (" :sn☃", False), ("w", True)):
            await bob.stream.send_all(bob.browser.part(text, last=last))
            await bob.stream.send_all(bob.browser.pings(b"between"))
        assert (await ann.line()).endswith(" PRIVMSG #x :sn☃w")


async def test_bytes_that_are_no_text_are_refused_as_everywhere() -> None:
    async with chat() as c:
        bob = await web(c, "bob")
        await bob.send(b"PRIVMSG #x :caf\xe9")
        assert "FAIL PRIVMSG INVALID_UTF8" in await bob.line()
        assert await bob.sync() == []


@pytest.mark.parametrize("fragments", [1, 20])
async def test_a_message_that_is_too_long_ends_the_connection(fragments: int) -> None:
    async with chat(read_queue=1000) as c:
        ann = await c.irc("ann", join="#x")
        bob = await web(c, "bob")
        text = "JOIN #evil\r\n" * (1200 // 12 // fragments)
        await bob.stream.send_all(b"".join(bob.browser.part(text, last=i == fragments - 1) for i in range(fragments)))
        lines = await bob.rest()
        assert lines[-1] == "ERROR :Closing link: 127.0.0.1 (Line too long)"
        assert bob.browser.closed == 1009
        assert "#evil" not in c.world.rooms
        await ann.until("QUIT")


async def test_what_a_frame_only_promises_is_not_waited_for() -> None:
    async with chat(read_queue=1000) as c:
        bob = await web(c, "bob")
        await bob.stream.send_all(b"\x81\xff" + (1 << 40).to_bytes(8) + b"mask" + b"x" * 1001)
        await bob.rest()
        assert bob.browser.closed == 1009


# -- control frames, and the end


async def test_a_ping_is_answered() -> None:
    async with chat() as c:
        bob = await web(c, "bob")
        await bob.stream.send_all(bob.browser.pings(b"are you there"))
        await bob.sync()
        assert bob.browser.pongs == [b"are you there"]


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (b"\x81\x82mask" + bytes((0xC3 ^ ord("m"), 0x28 ^ ord("a"))), 1007),  # text that is no UTF-8
        (b"\x81\x02hi", 1002),  # not masked
        (b"\xc1\x82mask" + b"xx", 1002),  # compressed, which was not agreed on
        (b"\x83\x80mask", 1002),  # a reserved opcode
        (b"\x80\x80mask", 1002),  # goes on with nothing
        (b"\x89\xfe\x00\x80mask" + b"x" * 128, 1002),  # a ping that is too long
        (b"\x09\x80mask", 1002),  # a ping in fragments
        (b"\x89\x80mask" * 200, 1008),  # pings without end
        (b"\x8a\x80mask" * 200, 1008),
        (b"\x81\x80mask" * 200, 1008),  # empty messages without end
        (b"\x01\x80mask" + b"\x00\x80mask" * 200, 1008),  # empty fragments without end
    ],
)
async def test_whoever_breaks_the_rules_is_told_with_a_code(frames: bytes, code: int) -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await web(c, "bob")
        await bob.stream.send_all(frames)
        await bob.rest()
        assert bob.browser.closed == code
        await ann.until("QUIT")
        assert "bob" not in c.world.users


async def test_lines_before_a_broken_frame_are_obeyed() -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await web(c, "bob")
        await bob.stream.send_all(bob.browser.says("PRIVMSG #x :last words") + b"\x83\x80mask")
        assert "last words" in (await ann.until("PRIVMSG"))[-1]


@pytest.mark.parametrize("code", [1000, 1001, 3000])
async def test_a_close_is_answered_and_told_to_the_room(code: int) -> None:
    async with chat() as c:
        ann = await c.irc("ann", join="#x")
        bob = await web(c, "bob")
        await bob.stream.send_all(bob.browser.closes(code))
        await bob.rest()
        assert bob.browser.closed == code
        assert (await ann.until("QUIT"))[-1] == ":bob!bob@127.0.0.1 QUIT :Connection closed"


async def test_who_quits_gets_the_reason_and_then_a_close_frame() -> None:
    async with chat() as c:
        bob = await web(c, "bob")
        await bob.send("QUIT :bye")
        assert (await bob.rest())[-1] == "ERROR :Closing link: 127.0.0.1 (Quit: bye)"
        assert bob.browser.closed == 1000


async def test_a_flood_is_read_slowly(autojump_clock: MockClock) -> None:
    async with chat(command_rate=10.0, command_burst=50) as c:
        bob = WebPeer(c.connect(doorway=WEB))
        await bob.stream.send_all(request())
        await bob.head()
        await bob.send("NICK bob", "USER bob 0 * :bob", "JOIN #x")
        start = trio.current_time()
        await bob.send(*["PRIVMSG #x :flood"] * 100)
        await bob.sync()
        assert trio.current_time() - start > 5


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=100), max_size=20))
def test_no_bytes_break_the_reader(chunks: list[bytes]) -> None:
    async def play() -> None:
        tiny = TinyWire(1_000_000)
        frames = Connection(ConnectionType.SERVER)
        wire = WebSocketWire(tiny, frames, line_limit=500)
        tiny.arrives(*chunks)
        while tiny.unread:
            await wire.readable()
            if wire.read() == b"":
                break
        await wire.aclose()
        await wire.aclose()

    trio.run(play)
