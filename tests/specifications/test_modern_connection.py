"""https://modern.ircdocs.horse/#connection-messages

Not here: looking up user names (ident), which this server does not; the host of an operator, who may be anywhere.
ERROR without a QUIT is in tests/net.
"""

import pytest

from commands.harness import Chat, Person
from specifications.example import person, play, server
from triochat.commands.server import Operator


@pytest.fixture
def chat() -> Chat:
    return server(operators={"foo": Operator("foo", "bar")})


@pytest.fixture
def dan(chat: Chat) -> Person:
    """In #test."""
    dan = person(chat, "dan-!d@localhost")
    dan.types("JOIN #test")
    return dan


@pytest.fixture
def wiz(dan: Person) -> Person:
    """In #test, too."""
    wiz = person(dan.chat, "WiZ!jto@tolsun.oulu.fi")
    wiz.types("JOIN #test")
    return wiz


def test_pass_nick_and_user() -> None:
    """Sections "PASS message", "NICK message" and "USER message"."""
    play(
        """
        C: PASS secretpasswordhere
        C: NICK Wiz
        C: USER guest 0 * :Ronnie Reagan
        S: :irc.example.com 001 Wiz :Welcome
        S: :irc.example.com 002 Wiz :Your host is
        S: :irc.example.com 003 Wiz :This server was created
        S: :irc.example.com 004 Wiz irc.example.com triochat-1 <user> <channel> <parameter>
        ...
        S: :irc.example.com 422 Wiz :MOTD File is missing
        C: WHOIS Wiz
        S: 311 Wiz Wiz guest host * :Ronnie Reagan
        ...
        """,
        server(password="secretpasswordhere").connect("host"),
    )


def test_wrong_password() -> None:
    """Section "PASS message"."""
    play(
        """
        C: PASS wrong
        C: NICK Wiz
        C: USER guest 0 * :Ronnie Reagan
        S: :irc.example.com 464 Wiz :Password incorrect
        S: ERROR :Closing link
        """,
        server(password="secretpasswordhere").connect(),
    )


def test_nick_and_user_that_cannot_be(dan: Person) -> None:
    """Sections "NICK message", "USER message" and "PASS message"."""
    person(dan.chat, "Wiz!user@host")
    play(
        """
        C: NICK
        S: 431 dan- :No nickname given
        C: NICK #wrong
        S: 432 dan- #wrong :Erroneus nickname
        C: NICK wiz
        S: 433 dan- wiz :Nickname is already in use
        C: USER guest 0 * :Ronnie Reagan
        S: 462 dan- :You may not reregister
        C: PASS secretpasswordhere
        S: 462 dan- :You may not reregister
        """,
        dan,
    )


@pytest.mark.parametrize("line", ["USER guest 0 *", "USER", "PASS"])
def test_too_few_parameters_before_one_is_in(chat: Chat, line: str) -> None:
    """Sections "USER message" and "PASS message"."""
    play(
        f"""
        C: {line}
        S: 461 * {line.split(" ")[0]} :Not enough parameters
        """,
        chat.connect(),
    )


def test_change_of_name(dan: Person, wiz: Person) -> None:
    """Section "NICK message"."""
    play(
        """
        C: NICK Kilroy
        S: :WiZ!jto@tolsun.oulu.fi NICK Kilroy
        S dan: :WiZ!jto@tolsun.oulu.fi NICK Kilroy
        C dan: NICK Mamoped
        S dan: :dan-!d@localhost NICK Mamoped
        S: :dan-!d@localhost NICK Mamoped
        """,
        wiz,
        dan=dan,
    )


def test_ping_and_pong(dan: Person) -> None:
    """Sections "PING message" and "PONG message"."""
    play(
        """
        C: PING token
        S: :irc.example.com PONG irc.example.com token
        C: PING
        S: 409 dan- :No origin specified
        C: PONG token
        """,
        dan,
    )


def test_oper(dan: Person) -> None:
    """Section "OPER message"."""
    play(
        """
        C: OPER foo
        S: 461 dan- OPER :Not enough parameters
        C: OPER foo wrong
        S: 464 dan- :Password incorrect
        C: OPER foo bar
        S: MODE dan- +o
        S: 381 dan- :You are now an IRC operator
        """,
        dan,
    )


@pytest.mark.parametrize(
    ("line", "seen"), [("QUIT :Bye for now!", "QUIT :Quit: Bye for now!"), ("QUIT", "QUIT :Quit")]
)
def test_quit(dan: Person, wiz: Person, line: str, seen: str) -> None:
    """Sections "QUIT message" and "ERROR message"."""
    play(
        f"""
        C dan: {line}
        S: :dan-!d@localhost {seen}
        S dan: :dan-!d@localhost {seen}
        S dan: ERROR :Closing link
        """,
        wiz,
        dan=dan,
    )
