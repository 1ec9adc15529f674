"""The client: a server that may say anything, and a person who may type anything."""

from datetime import timedelta

from client.session_steps import IRCV3, NOON, Play
from fuzz.pieces import unsafe
from triochat.client.completing import completions
from triochat.client.slash import command_names
from triochat.terminal.plain import text_of

_CAPS = f"{IRCV3} soju.im/search triochat/resend cap-notify multi-prefix"
_SENT = frozenset(
    "CAP CHATHISTORY JOIN LIST NICK PART PING PONG PRIVMSG QUIT SEARCH TOPIC USER".split()  # noqa: SIM905
)
_MOST_ANSWERED = 40
"""Lines that one line of a server may make the client send."""


def client(data: bytes) -> None:
    """Whatever it hears and whatever is typed, the client goes on, steers no terminal, and sends whole commands only.

    A line of *data* is the server's; what begins with `>` was typed, `!` is a new connection, and the first line
    tells whether the server knows IRCv3."""
    first, *lines = data.split(b"\n")
    play = Play("" if first == b"plain" else _CAPS)
    play.connect()
    play.enter_room()
    play.sent()
    now = NOON
    for line in [first, *lines][:200]:
        now += timedelta(seconds=1)
        chat = play.chat
        if line == b"!":
            chat.lost(now)
            chat.connected(now)
            chat.ping(now)
        elif line[:1] == b">":
            chat.enter(line[1:].decode(errors="surrogateescape"), now)
        else:
            chat.receive(line, now)
        _is_fit_to_read(play)
        _is_fit_to_send(chat.take_outgoing())
        _makes_sense(play)
    play.chat.leave("\r\n")
    play.chat.report_lost_lines()
    _is_fit_to_read(play)


def _is_fit_to_read(play: Play) -> None:
    for line in play.chat.take_lines():
        for text in (text_of(line), line.name, line.label, line.to):
            assert not unsafe(text), line


def _is_fit_to_send(data: bytes) -> None:
    assert not data or data.endswith(b"\r\n")
    lines = data.split(b"\r\n")[:-1]
    assert len(lines) <= _MOST_ANSWERED
    for line in lines:
        assert not set(b"\r\n\0") & set(line), line
        line.decode()
        command = line.partition(b" ")[2] if line[:1] == b"@" else line
        assert command.split(b" ")[0].decode() in _SENT, line


def _makes_sense(play: Play) -> None:
    model = play.chat.model
    assert model.current is None or model.room(model.current.name) is model.current
    for room in model.rooms.values():
        assert not unsafe(model.members_sentence(room))
        assert not unsafe(room.topic)
    assert not any(unsafe(name) for name in model.people())
    for before in ("", "B", "/", "#", "hello b"):
        word, choices = completions(model, before)
        assert before.endswith(word)
        assert not any(unsafe(choice) for choice in choices)
    assert len(command_names()) == len(set(command_names()))
    assert all(not unsafe(sent.text) for sent in model.pending)
