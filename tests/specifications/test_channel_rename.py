"""https://ircv3.net/specs/extensions/channel-rename

In the examples, 353 lacks the symbol that it always has, and some FAIL lines have no source.
"""

import pytest

from commands.harness import Chat, Person
from specifications.example import person, play, server

CAP = "draft/channel-rename"


def renamer(chat: Chat, room: str, caps: str = CAP) -> Person:
    """Somebody who tends *room*."""
    nick = person(chat, "nick!user@host", caps)
    nick.types(f"JOIN {room}", f"TOPIC {room} :Topic of the renamed channel")
    return nick


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("RENAME #boaring #boring :Typo fix", "RENAME #boaring #boring :Typo fix"),
        ("RENAME #boaring #programming", "RENAME #boaring #programming :"),
    ],
)
def test_with_and_without_a_reason(line: str, seen: str) -> None:
    """Section "Examples", the first and second."""
    play(
        f"""
        C: {line}
        S: :nick!user@host {seen}
        """,
        renamer(server(), "#boaring"),
    )


def test_without_the_capability() -> None:
    """Section "Examples", the third."""
    chat = server()
    nick = renamer(chat, "#foo", "")
    for name in ("other-nick", "and-another"):
        person(chat, f"{name}!user@host").types("JOIN #foo")
    play(
        """
        C: RENAME #foo #bar :Changing the channel name
        S: :nick!user@host PART #foo :Changing the channel name
        S: :nick!user@host JOIN #bar
        S: :irc.example.com 332 nick #bar :Topic of the renamed channel
        S: :irc.example.com 333 nick #bar nick!user@host 1700000000
        S: :irc.example.com 353 nick = #bar :@nick other-nick and-another
        S: :irc.example.com 366 nick #bar :End of /NAMES list
        """,
        nick,
    )


@pytest.mark.parametrize(
    ("caps", "redirection"),
    [
        (CAP, "S: FAIL JOIN CHANNEL_RENAMED #foo #bar :The channel has been renamed\nC: JOIN #bar"),
        ("", "S: :irc.example.com 470 nick #foo #bar :The channel has been renamed"),
    ],
)
def test_joining_under_the_former_name(caps: str, redirection: str) -> None:
    """Section "Examples", the fourth and fifth."""
    chat = server()
    other = person(chat, "other!user@host", CAP)
    other.types("JOIN #foo", "TOPIC #foo :Topic of the renamed channel", "RENAME #foo #bar")
    play(
        f"""
        C: JOIN #foo
        {redirection}
        S: :nick!user@host JOIN #bar
        S: :irc.example.com 332 nick #bar :Topic of the renamed channel
        S: :irc.example.com 333 nick #bar other!user@host 1700000000
        S: :irc.example.com 353 nick = #bar :@other nick
        S: :irc.example.com 366 nick #bar :End of /NAMES list
        """,
        person(chat, "nick!user@host", caps),
    )


def test_who_may_not() -> None:
    """Section "Examples", the sixth."""
    chat = server()
    person(chat, "op!user@host").types("JOIN #aniki")
    nick = person(chat, "nick!user@host", CAP)
    nick.types("JOIN #aniki")
    play(
        """
        C: RENAME #aniki #aneki
        S: :irc.example.com 482 nick #aniki :You must be a channel operator
        """,
        nick,
    )


def test_where_it_cannot_be() -> None:
    """Section "Examples", the last three."""
    chat = server()
    nick = renamer(chat, "#evil")
    person(chat, "op!user@host").types("JOIN #good")
    play(
        """
        C: RENAME #evil #good :Don't be evil
        S: :irc.example.com FAIL RENAME CHANNEL_NAME_IN_USE #evil #good :Channel already exists
        C: RENAME #evil %local
        S: :irc.example.com FAIL RENAME CANNOT_RENAME #evil %local :You cannot change a channel prefix type
        C: RENAME #evil #magical-girls
        S: :nick!user@host RENAME #evil #magical-girls :
        C: RENAME #magical-girls #witches
        S: :irc.example.com FAIL RENAME CANNOT_RENAME #magical-girls #witches :It has been renamed recently
        """,
        nick,
    )
