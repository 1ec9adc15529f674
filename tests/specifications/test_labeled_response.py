"""https://ircv3.net/specs/extensions/labeled-response

The first example is played without the formatting that its server takes out.
"""

import pytest

from commands.harness import Person
from specifications.example import person, play, server


@pytest.fixture
def nick() -> Person:
    """In #channel."""
    nick = person(server(), "nick!user@host", "labeled-response batch echo-message")
    nick.types("JOIN #channel")
    return nick


def test_echo(nick: Person) -> None:
    """Section "Examples", the first."""
    play(
        """
        C: @label=pQraCjj82e PRIVMSG #channel :Hello!
        S: @label=pQraCjj82e :nick!user@host PRIVMSG #channel :Hello!
        """,
        nick,
    )


def test_failure(nick: Person) -> None:
    """Section "Examples", the second."""
    play(
        """
        C: @label=dc11f13f11 PRIVMSG other :Hello
        S: @label=dc11f13f11 :irc.example.com 401 nick other :No such nick/channel
        """,
        nick,
    )


def test_answer_of_several_lines(nick: Person) -> None:
    """Section "Examples", the third."""
    person(nick.chat, "other!~ident@host", realname="Name")
    play(
        """
        C: @label=mGhe5V7RTV WHOIS other
        S: @label=mGhe5V7RTV :irc.example.com BATCH +<ref> labeled-response
        S: @batch=<ref> :irc.example.com 311 nick other ~ident host * :Name
        S: @batch=<ref> :irc.example.com 312 nick other irc.example.com :An example
        S: @batch=<ref> :irc.example.com 317 nick other <idle> <signon> :seconds idle, signon time
        S: @batch=<ref> :irc.example.com 318 nick other :End of /WHOIS list.
        S: :irc.example.com BATCH -<ref>
        """,
        nick,
    )


def test_nothing_to_say(nick: Person) -> None:
    """Section "Examples", the last."""
    play(
        """
        C: @label=abc PONG :foobar
        S: @label=abc :irc.example.com ACK
        """,
        nick,
    )


def test_message_to_oneself(nick: Person) -> None:
    """Section "Tags": the echo has the label, and what arrives has not."""
    play(
        """
        C: @label=abc PRIVMSG nick :Hello!
        S: :nick!user@host PRIVMSG nick :Hello!
        S: @label=abc :nick!user@host PRIVMSG nick :Hello!
        """,
        nick,
    )
