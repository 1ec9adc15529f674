"""Whatever a server sends, the client neither raises nor shows control characters."""

from hypothesis import given
from hypothesis import strategies as st

from client.session_steps import IRCV3, NOON, Play
from triochat.client.incoming import _HANDLERS
from triochat.terminal.plain import text_of

words = st.sampled_from(
    ["Bob", "Alice", "#lobby", "*", "+x", "-x", "chathistory", "LS", "ACK", "echo-message", ":", ""]
)
rest = st.lists(words | st.text(max_size=12), max_size=6).map(" ".join)
tags = st.sampled_from(["", "@batch=x;msgid=1 ", "@time=2026-02-30 ", "@msgid ", "@;=; "])
sources = st.sampled_from(["", ":Bob!b@h ", ":Alice!a@h ", ":irc ", ":! ", ": "])
commands = st.sampled_from([*_HANDLERS, "404", "499", "599", "XYZ"])
lines = st.builds(lambda *parts: " ".join(parts), tags, sources, commands, rest)


@given(st.lists(lines | st.text(max_size=60), max_size=30), st.sampled_from(["", IRCV3]))
def test_any_lines_are_survived_and_printed_safely(texts: list[str], caps: str) -> None:
    play = Play(caps)
    play.connect()
    play.enter_room()
    for text in texts:
        play.chat.receive(text.encode(errors="replace"), NOON)
        play.chat.enter("hello", NOON)
        for line in play.chat.take_lines():
            assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text_of(line))
        sent = play.chat.take_outgoing()
        assert all(b"\n" not in line and b"\r" not in line for line in sent.split(b"\r\n"))


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_any_bytes_are_survived(chunks: list[bytes]) -> None:
    play = Play(IRCV3)
    play.chat.connected(NOON)
    for chunk in chunks:
        for line in chunk.split(b"\n"):
            play.chat.receive(line, NOON)


@given(st.text(max_size=200))
def test_any_typed_text_is_survived_and_cannot_smuggle_a_second_command(text: str) -> None:
    play = Play()
    play.connect()
    play.enter_room()
    play.sent()
    play.chat.enter(text, NOON)
    known = ("PRIVMSG", "PING", "JOIN", "PART", "NICK", "TOPIC", "LIST", "QUIT")
    assert all(line.split(" ")[0] in known for line in play.sent())
