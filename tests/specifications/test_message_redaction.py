"""https://ircv3.net/specs/extensions/message-redaction

Not here: REDACT_WINDOW_EXPIRED, as messages may be taken back as long as they are kept.
"""

import pytest

from commands.harness import Person
from specifications.example import person, play, server

CAPS = "message-tags echo-message draft/message-redaction"


@pytest.fixture
def chanop() -> Person:
    """In #channel, which it tends."""
    chanop = person(server(), "chanop!u@h", CAPS)
    chanop.types("JOIN #channel")
    return chanop


@pytest.fixture
def nick(chanop: Person) -> Person:
    """In #channel."""
    nick = person(chanop.chat, "nick!u@h", CAPS)
    nick.types("JOIN #channel")
    return nick


def test_ones_own_message(nick: Person) -> None:
    """Section "Examples", the first."""
    play(
        """
        C: PRIVMSG #channel :an example
        S: @msgid=<id> :nick!u@h PRIVMSG #channel :an example
        C: REDACT #channel <id> :bad example
        S: @msgid=<redaction> :nick!u@h REDACT #channel <id> :bad example
        """,
        nick,
    )


def test_tags_without_a_text(nick: Person) -> None:
    """Section "Examples", the second, with the + that a client's tag has."""
    play(
        """
        C: @+draft/react=🤞 TAGMSG #channel
        S: @msgid=<id>;+draft/react=🤞 :nick!u@h TAGMSG #channel
        C: REDACT #channel <id>
        S: @msgid=<redaction> :nick!u@h REDACT #channel <id>
        """,
        nick,
    )


def test_what_somebody_else_said(chanop: Person, nick: Person) -> None:
    """Section "Examples", the last; not told to who did not negotiate it."""
    old = person(nick.chat, "old!u@h", "message-tags")
    old.types("JOIN #channel")
    play(
        """
        C nick: PRIVMSG #channel :join my network for cold hard chats
        S: @msgid=<id> :nick!u@h PRIVMSG #channel :join my network for cold hard chats
        S nick: @msgid=<id> :nick!u@h PRIVMSG #channel :join my network for cold hard chats
        S old: @msgid=<id> :nick!u@h PRIVMSG #channel :join my network for cold hard chats
        C: REDACT #channel <id> spam
        S: @msgid=<redaction> :chanop!u@h REDACT #channel <id> spam
        S nick: @msgid=<redaction> :chanop!u@h REDACT #channel <id> spam
        """,
        chanop,
        nick=nick,
        old=old,
    )


def test_errors(chanop: Person, nick: Person) -> None:
    """Section "Errors"."""
    play(
        """
        C: REDACT #nowhere id
        S: FAIL REDACT INVALID_TARGET #nowhere :You cannot delete messages from it
        C: REDACT #channel nonsense
        S: FAIL REDACT UNKNOWN_MSGID #channel nonsense :This message does not exist or is too old
        C chanop: PRIVMSG #channel :Hello
        S: @msgid=<id> :chanop!u@h PRIVMSG #channel :Hello
        C: REDACT #channel <id>
        S: FAIL REDACT REDACT_FORBIDDEN #channel <id> :You are not authorised to delete this message
        ...
        """,
        nick,
        chanop=chanop,
    )
