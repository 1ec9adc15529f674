"""https://ircv3.net/specs/extensions/chathistory and https://ircv3.net/specs/batches/chathistory

Not here: messages from a server, which says nothing in rooms; reference types that are not supported, as both are.
"""

import pytest

from commands.harness import Person, Unreadable
from specifications.example import person, play, server
from triochat.domain.policy import HistoryPolicy
from triochat.proto.message import parse

CAPS = "batch message-tags server-time draft/chathistory"


@pytest.fixture
def alice() -> Person:
    """In #channel, and logged in."""
    alice = person(server(), "alice!ident@host", CAPS, account="alice")
    alice.types("JOIN #channel")
    return alice


def test_latest_conversation(alice: Person) -> None:
    """Section "Examples", the first; the batch's section "Channel Message"."""
    nick = person(alice.chat, "nick!ident@host", CAPS)
    nick.types("JOIN #channel")
    play(
        """
        C nick: PRIVMSG #channel :message
        C nick: NOTICE #channel :message
        C nick: @+client-tag=val PRIVMSG #channel :\x01ACTION hi\x01
        S: @msgid=<one>;time=<first> :nick!ident@host PRIVMSG #channel :message
        S: @msgid=<two>;time=<second> :nick!ident@host NOTICE #channel :message
        S: @msgid=<three>;time=<third>;+client-tag=val :nick!ident@host PRIVMSG #channel :\x01ACTION hi\x01
        C: CHATHISTORY LATEST #channel * 50
        S: :irc.example.com BATCH +<id> chathistory #channel
        S: @batch=<id>;msgid=<one>;time=<first> :nick!ident@host PRIVMSG #channel :message
        S: @batch=<id>;msgid=<two>;time=<second> :nick!ident@host NOTICE #channel :message
        S: @batch=<id>;msgid=<three>;time=<third>;+client-tag=val :nick!ident@host PRIVMSG #channel :\x01ACTION hi\x01
        S: :irc.example.com BATCH -<id>
        """,
        alice,
        nick=nick,
    )


def test_earlier_private_messages(alice: Person) -> None:
    """Section "Examples", the second; the batch's section "Private Message"."""
    play(
        """
        C bob: PRIVMSG alice :hello
        C: PRIVMSG bob :hi! how are you?
        C bob: PRIVMSG alice :I'm good, thank you!
        ...
        C: CHATHISTORY BEFORE bob timestamp=2031-01-04T14:34:17.123Z 50
        S: :irc.example.com BATCH +<id> chathistory bob
        S: @batch=<id>;msgid=<one>;time=<first> :bob!ident@host PRIVMSG alice :hello
        S: @batch=<id>;msgid=<two>;time=<second> :alice!ident@host PRIVMSG bob :hi! how are you?
        S: @batch=<id>;msgid=<three>;time=<third> :bob!ident@host PRIVMSG alice :I'm good, thank you!
        S: :irc.example.com BATCH -<id>
        ...
        """,
        alice,
        bob=person(alice.chat, "bob!ident@host"),
    )


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("BEFORE #channel {2} 50", "01"),
        ("AFTER #channel {2} 50", "34"),
        ("LATEST #channel {2} 50", "34"),
        ("LATEST #channel * 2", "34"),
        ("AROUND #channel {2} 3", "123"),
        ("BETWEEN #channel {0} {4} 2", "12"),
        ("BETWEEN #channel {4} {0} 2", "23"),
    ],
)
@pytest.mark.parametrize("kind", ["msgid", "timestamp"])
def test_subcommands(alice: Person, line: str, texts: str, kind: str) -> None:
    """Section "Subcommands"."""
    alice.types("CAP REQ echo-message")
    said = [parse(alice.types(f"PRIVMSG #channel :{i}")[0]).tags for i in range(5)]
    places = [f"msgid={tags['msgid']}" if kind == "msgid" else f"timestamp={tags['time']}" for tags in said]
    first, *lines, last = map(parse, alice.types(f"CHATHISTORY {line.format(*places)}"))
    assert "".join(message.params[-1] for message in lines) == texts
    assert first.params[1:] == ["chathistory", "#channel"]
    assert {message.tags["batch"] for message in lines} == {first.params[0][1:]} == {last.params[0][1:]}


@pytest.mark.parametrize(
    ("selectors", "found"),
    [("{early} {late} 50", ["bob", "#channel"]), ("{early} {late} 1", ["bob"]), ("{late} {early} 1", ["#channel"])],
)
def test_targets(alice: Person, selectors: str, found: list[str]) -> None:
    """Section "TARGETS": the limit counts from the first time that is given."""
    person(alice.chat, "bob!ident@host")
    alice.types("PRIVMSG bob :hello", "PRIVMSG #channel :hello")
    early, late = "timestamp=2019-01-04T14:33:26.123Z", "timestamp=2031-01-04T14:33:26.123Z"
    listed = "\n".join(
        f"S: @batch=<id> :irc.example.com CHATHISTORY TARGETS {name} 2023-11-14T22:13:20.<{place}>"
        for name, place in zip(found, ("first", "second"), strict=False)
    )
    play(
        f"""
        C: CHATHISTORY TARGETS {selectors.format(early=early, late=late)}
        S: :irc.example.com BATCH +<id> draft/chathistory-targets
        {listed}
        S: :irc.example.com BATCH -<id>
        """,
        alice,
    )


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("CHATHISTORY NONSENSE #channel * 50", "INVALID_PARAMS NONSENSE"),
        ("CHATHISTORY LATEST #channel *", "INVALID_PARAMS LATEST"),
        ("CHATHISTORY LATEST #channel * 50 50", "INVALID_PARAMS LATEST"),
        ("CHATHISTORY LATEST #channel timestamp=yesterday 50", "INVALID_PARAMS LATEST timestamp=yesterday"),
        ("CHATHISTORY LATEST #nowhere * 50", "INVALID_TARGET LATEST #nowhere"),
        ("CHATHISTORY LATEST #channel msgid=nonsense 50", "MESSAGE_ERROR LATEST #channel msgid=nonsense"),
    ],
)
def test_errors(alice: Person, line: str, answer: str) -> None:
    """Section "Errors and Warnings"."""
    play(
        f"""
        C: {line}
        S: FAIL CHATHISTORY {answer} :why
        """,
        alice,
    )


def test_store_that_cannot_be_read(alice: Person) -> None:
    """Section "Errors and Warnings"."""
    alice.chat.journal.history = Unreadable()
    play(
        """
        C: CHATHISTORY LATEST #channel * 50
        S: FAIL CHATHISTORY MESSAGE_ERROR LATEST #channel :Messages could not be retrieved
        """,
        alice,
    )


@pytest.mark.parametrize(
    ("is_enabled", "shown"), [(True, "CHATHISTORY=100 MSGREFTYPES=msgid,timestamp"), (False, "")]
)
def test_tokens(is_enabled: bool, shown: str) -> None:
    """Section "ISUPPORT tokens"."""
    nick = person(server(history=HistoryPolicy(enabled=is_enabled)), "nick!user@host")
    words = " ".join(nick.types("VERSION")).split(" ")
    assert " ".join(word for word in words if word.startswith(("CHATHISTORY", "MSGREFTYPES"))) == shown
