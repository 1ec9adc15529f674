"""https://ircv3.net/specs/extensions/message-tags

Not here: CLIENTTAGDENY, as this server lets all tags of clients pass; tags that only mean something to clients. How
tags are read and escaped is in tests/proto.
"""

import pytest

from commands.harness import Person
from specifications.example import person, play, server

CAPS = "message-tags echo-message"


@pytest.fixture
def nick() -> Person:
    """In #channel, which it tends."""
    nick = person(server(), "nick!user@example.com", CAPS)
    nick.types("JOIN #channel")
    return nick


def seen_by_another(nick: Person, said: str, seen: str, caps: str = CAPS) -> None:
    """Who is in the room sees *seen* of what is *said*."""
    other = person(nick.chat, "other!user@host", caps)
    other.types("JOIN #channel")
    play(
        f"""
        C nick: {said}
        S: @msgid=<id>{seen}
        ...
        """,
        other,
        nick=nick,
    )


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        (
            "@example-tag=example-value PRIVMSG #channel :Message",
            " :nick!user@example.com PRIVMSG #channel :Message",
        ),
        (
            "@+example-client-tag=example-value PRIVMSG #channel :Message",
            ";+example-client-tag=example-value :nick!user@example.com PRIVMSG #channel :Message",
        ),
        (
            "@+icon=https://example.com/favicon.png PRIVMSG #channel :A News Story",
            ";+icon=https://example.com/favicon.png :nick!user@example.com PRIVMSG #channel :A News Story",
        ),
        (
            "@+example.com/foo=bar :irc.example.com NOTICE #channel :A vendor-prefixed message",
            ";+example.com/foo=bar :nick!user@example.com NOTICE #channel :A vendor-prefixed message",
        ),
        (
            r"@+example=raw+:=,escaped\:\s\\ :irc.example.com NOTICE #channel :Message",
            r";+example=raw+:=,escaped\:\s\\ :nick!user@example.com NOTICE #channel :Message",
        ),
        (
            "@+example-client-tag=example-value TAGMSG #channel",
            ";+example-client-tag=example-value :nick!user@example.com TAGMSG #channel",
        ),
        ("@unknown-tag TAGMSG #channel", " :nick!user@example.com TAGMSG #channel"),
        # Section "Format": names are opaque, and the last value counts.
        (
            "@+an_odd.name~=x;+a=1;+a=2 TAGMSG #channel",
            ";+an_odd.name~=x;+a=2 :nick!user@example.com TAGMSG #channel",
        ),
    ],
)
def test_tags_of_clients_are_passed_on(nick: Person, said: str, seen: str) -> None:
    """Section "Examples"."""
    seen_by_another(nick, said, seen)


def test_tags_for_the_operators_of_a_channel(nick: Person) -> None:
    """Section "Examples": TAGMSG with a STATUSMSG prefix."""
    other = person(nick.chat, "other!user@host", CAPS)
    other.types("JOIN #channel")
    play(
        """
        C other: @+example-client-tag=example-value TAGMSG @#channel
        S: @msgid=<id>;+example-client-tag=example-value :other!user@host TAGMSG @#channel
        S other: @msgid=<id>;+example-client-tag=example-value :other!user@host TAGMSG @#channel
        """,
        nick,
        other=other,
    )


def test_labels_and_ids_beside_the_tags_of_a_client(nick: Person) -> None:
    """Section "Examples", the last two."""
    other = person(nick.chat, "other!user@host", "message-tags")
    other.types("JOIN #channel")
    nick.types("CAP REQ :labeled-response batch")
    play(
        """
        C: @label=123;+example-client-tag=example-value TAGMSG #channel
        S: @label=123;msgid=<id>;+example-client-tag=example-value :nick!user@example.com TAGMSG #channel
        S other: @msgid=<id>;+example-client-tag=example-value :nick!user@example.com TAGMSG #channel
        """,
        nick,
        other=other,
    )


def test_tags_of_the_server_come_first() -> None:
    """Section "Client-only tags"."""
    nick = person(server(), "nick!user@host", f"{CAPS} server-time account-tag", account="nick")
    nick.types("MODE nick +B")
    line = nick.types("@+a=1;+b=2 PRIVMSG nick :Hello")[0]
    names = [tag.partition("=")[0] for tag in line[1:].split(" ")[0].split(";")]
    assert set(names[:-2]) == {"msgid", "time", "account", "bot"}
    assert names[-2:] == ["+a", "+b"]


def test_several_targets_are_like_those_of_messages(nick: Person) -> None:
    """Section "The TAGMSG tag-only message"."""
    other = person(nick.chat, "other!user@host", "message-tags")
    play(
        """
        C: @+a TAGMSG nobody,other
        S: 401 nick nobody :No such nick/channel
        S: @msgid=<id>;+a :nick!user@example.com TAGMSG other
        S other: @msgid=<id>;+a :nick!user@example.com TAGMSG other
        """,
        nick,
        other=other,
    )


def test_too_many_tags(nick: Person) -> None:
    """Section "Size limit"."""
    longest = f"@+a={'x' * 4091}"
    play(
        f"""
        C: {longest} TAGMSG #channel
        S: @msgid=<id>;+a={"x" * 4091} :nick!user@example.com TAGMSG #channel
        C: {longest}x TAGMSG #channel
        S: 417 nick :Input line was too long
        """,
        nick,
    )
