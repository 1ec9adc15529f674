"""The client: a server that may say anything, and a person who may type anything."""

from datetime import datetime, timedelta

from client.session_steps import IRCV3, NOON, Play
from fuzz.pieces import unsafe
from triochat.client.completing import completions
from triochat.client.line import State
from triochat.client.slash import command_names
from triochat.terminal.plain import text_of

_CAPS = (
    f"{IRCV3} soju.im/search triochat/resend cap-notify multi-prefix away-notify labeled-response standard-replies "
    "sasl draft/account-registration draft/message-redaction draft/multiline=max-bytes=4096,max-lines=50 "
    "draft/read-marker"
)
_SENT = frozenset(
    {
        *(
            "AUTHENTICATE",
            "AWAY",
            "BATCH",
            "CAP",
            "CHATHISTORY",
            "INVITE",
            "JOIN",
            "LIST",
            "MARKREAD",
            "NICK",
            "PART",
        ),
        *(
            "PING",
            "PONG",
            "PRIVMSG",
            "QUIT",
            "REDACT",
            "REGISTER",
            "SEARCH",
            "TAGMSG",
            "TOPIC",
            "USER",
            "WHO",
            "WHOIS",
        ),
    }
)
_MOST_ANSWERED = 40
"""Lines that one line of a server may make the client send."""


def client(data: bytes) -> None:
    """Whatever it hears and whatever is typed, the client goes on, steers no terminal, and sends whole commands only.

    A line of *data* is the server's; what begins with `>` was typed, `!` is a new connection, `?` a look around, and
    the first line tells whether the server knows IRCv3."""
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
        elif line[:1] == b"?":
            _look_around(play, line, now)
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


def _look_around(play: Play, line: bytes, now: datetime) -> None:
    """What a view tells of a person who goes from one conversation to the next, scrolls and types."""
    chat = play.chat
    there = chat.model.conversations
    if there:
        conversation = there[len(line) % len(there)]
        chat.switch(conversation, now)
        chat.look_at(conversation if len(line) % 3 else None, now)
        chat.earlier(conversation, now)
    chat.typed(line.decode(errors="surrogateescape"), now)
    chat.tick(now + timedelta(hours=1))


def _is_fit_to_read(play: Play) -> None:
    for line in play.chat.take_lines():
        for text in (*text_of(line).split("\n"), line.name, line.label, line.to):
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
    assert model.current is None or model.conversation(model.current.name) is model.current
    for conversation in model.everywhere():
        lines = conversation.lines
        assert [lines.index_of(line.id) for line in lines] == list(range(len(lines)))
        assert all(line.state is State.PENDING for line in lines.pending)
        assert sum(line.state is State.PENDING for line in lines) == len(lines.pending)
        assert not any(unsafe(text) for line in lines for text in line.text.split("\n"))
        assert conversation.mentions <= conversation.unread
        assert bool(conversation.unread) == bool(conversation.first_unread)
        assert not any(unsafe(name) for name in conversation.typists.names(NOON))
    for room in model.rooms.values():
        assert not unsafe(model.members_sentence(room))
        assert not unsafe(room.topic)
    assert not any(unsafe(name) for name in model.people())
    for before in ("", "B", "/", "#", "hello b"):
        word, choices = completions(model, before)
        assert before.endswith(word)
        assert not any(unsafe(choice) for choice in choices)
    assert len(command_names()) == len(set(command_names()))
    assert all(not unsafe(text) for sent in model.pending for text in sent.text.split("\n"))
