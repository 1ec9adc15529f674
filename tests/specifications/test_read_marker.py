"""https://ircv3.net/specs/extensions/read-marker"""

import pytest

from commands.harness import Person
from specifications.example import person, play, server


@pytest.fixture
def nick() -> Person:
    return person(server(), "nick!ident@host", "draft/read-marker server-time")


def test_reading_and_coming_back(nick: Person) -> None:
    """Section "Examples", the first three."""
    other = person(nick.chat, "other!user@host")
    other.types("JOIN #channel")
    play(
        """
        C: JOIN #channel
        S: @time=<joined> :nick!ident@host JOIN #channel
        S: :irc.example.com MARKREAD #channel *
        ...
        S: 366 nick #channel :End of /NAMES list
        C other: PRIVMSG #channel :message
        S: @time=<said> :other!user@host PRIVMSG #channel :message
        C: MARKREAD #channel timestamp=2019-01-04T14:33:26.123Z
        S: :irc.example.com MARKREAD #channel timestamp=2019-01-04T14:33:26.123Z
        C: PART #channel
        S: @time=<left> :nick!ident@host PART #channel
        C: JOIN #channel
        S: @time=<again> :nick!ident@host JOIN #channel
        S: :irc.example.com MARKREAD #channel timestamp=2019-01-04T14:33:26.123Z
        ...
        """,
        nick,
        other=other,
    )


def test_asking(nick: Person) -> None:
    """Section "Examples", the last; it only ever increases."""
    play(
        """
        C: MARKREAD target
        S: :irc.example.com MARKREAD target *
        C: MARKREAD target timestamp=2019-01-04T14:33:26.123Z
        S: :irc.example.com MARKREAD target timestamp=2019-01-04T14:33:26.123Z
        C: MARKREAD target timestamp=2018-01-04T14:33:26.123Z
        S: :irc.example.com MARKREAD target timestamp=2019-01-04T14:33:26.123Z
        C: MARKREAD target
        S: :irc.example.com MARKREAD target timestamp=2019-01-04T14:33:26.123Z
        """,
        nick,
    )


def test_errors(nick: Person) -> None:
    """Section "Errors and Warnings"."""
    play(
        """
        C: MARKREAD
        S: FAIL MARKREAD NEED_MORE_PARAMS :Missing parameters
        C: MARKREAD target *
        S: FAIL MARKREAD INVALID_PARAMS target :Invalid parameters
        """,
        nick,
    )
