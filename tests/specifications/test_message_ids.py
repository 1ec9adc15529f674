"""https://ircv3.net/specs/extensions/message-ids

Not here: tags by which servers split messages.
"""

import pytest

from commands.harness import Person
from specifications.example import person, play, server


@pytest.fixture
def me() -> Person:
    """In #channel."""
    me = person(server(), "me!user@host", "message-tags extended-join")
    me.types("JOIN #channel")
    return me


def test_all_that_is_said_has_an_id(me: Person) -> None:
    """Section "Examples", the first six."""
    nick = person(me.chat, "nick!user@host", "message-tags", account="account")
    found = play(
        """
        C nick: JOIN #channel
        S: @msgid=<join> :nick!user@host JOIN #channel account :Real Name
        ...
        C nick: PRIVMSG #channel :Hello!
        S: @msgid=<a> :nick!user@host PRIVMSG #channel :Hello!
        C nick: PRIVMSG me :Hello!
        S: @msgid=<b> :nick!user@host PRIVMSG me :Hello!
        C nick: NOTICE #channel :Hello!
        S: @msgid=<c> :nick!user@host NOTICE #channel :Hello!
        C nick: NOTICE me :Hello!
        S: @msgid=<d> :nick!user@host NOTICE me :Hello!
        C: @+example/reply=<a> PRIVMSG #channel :Hello to you!
        ...
        S nick: @msgid=<e>;+example/reply=<a> :me!user@host PRIVMSG #channel :Hello to you!
        """,
        me,
        nick=nick,
    )
    assert len(set(found.values())) == len(found)


def test_with_and_without_the_capability(me: Person) -> None:
    """Section "Examples", the last."""
    nick = person(me.chat, "nick!user@host")
    nick.types("JOIN #channel")
    me.types("CAP REQ -message-tags")
    play(
        """
        C nick: PRIVMSG #channel :Hello
        S: :nick!user@host PRIVMSG #channel :Hello
        C: CAP REQ message-tags
        S: :irc.example.com CAP me ACK :message-tags
        C nick: PRIVMSG #channel :Hello again
        S: @msgid=<id> :nick!user@host PRIVMSG #channel :Hello again
        C: CAP REQ -message-tags
        S: :irc.example.com CAP me ACK :-message-tags
        C nick: PRIVMSG #channel :Another hello
        S: :nick!user@host PRIVMSG #channel :Another hello
        """,
        me,
        nick=nick,
    )
