"""https://modern.ircdocs.horse/#sending-messages, https://modern.ircdocs.horse/#optional-messages and
https://modern.ircdocs.horse/#operator-messages

Not here: broadcasts to `$`; RESTART and SQUIT, which this server has not; what REHASH answers, which takes a console.
"""

import pytest

from commands.harness import Chat, Person
from specifications.example import person, play, server
from triochat.commands.server import Operator


@pytest.fixture
def chat() -> Chat:
    return server(operators={"foo": Operator("foo", "bar")})


@pytest.fixture
def angel(chat: Chat) -> Person:
    return person(chat, "Angel!angel@example.org")


@pytest.fixture
def wiz(chat: Chat) -> Person:
    """In #bunny, which it tends."""
    wiz = person(chat, "Wiz!wiz@example.org")
    wiz.types("JOIN #bunny")
    return wiz


@pytest.mark.parametrize("command", ["PRIVMSG", "NOTICE"])
def test_messages(angel: Person, wiz: Person, command: str) -> None:
    """Sections "PRIVMSG message" and "NOTICE message"."""
    angel.types("JOIN #bunny")
    play(
        f"""
        C: {command} Angel :yes I'm receiving it !
        S angel: :Wiz!wiz@example.org {command} Angel :yes I'm receiving it !
        C angel: {command} Wiz :Hello are you receiving this message ?
        S: :Angel!angel@example.org {command} Wiz :Hello are you receiving this message ?
        C: {command} #bunny :Hi everyone!
        S angel: :Wiz!wiz@example.org {command} #bunny :Hi everyone!
        """,
        wiz,
        angel=angel,
    )


@pytest.mark.parametrize("prefixes", ["%", "@%", "%@"])
def test_messages_to_a_rank(angel: Person, wiz: Person, prefixes: str) -> None:
    """Section "PRIVMSG message": the lowest of several prefixes counts."""
    half, none = person(wiz.chat, "half!user@host"), person(wiz.chat, "none!user@host")
    for somebody in (angel, half, none):
        somebody.types("JOIN #bunny")
    wiz.types("MODE #bunny +h half")
    play(
        f"""
        C: PRIVMSG {prefixes}#bunny :Hi! I have a problem!
        S wiz: :Angel!angel@example.org PRIVMSG %#bunny :Hi! I have a problem!
        S half: :Angel!angel@example.org PRIVMSG %#bunny :Hi! I have a problem!
        """,
        angel,
        wiz=wiz,
        half=half,
        none=none,
    )


def test_messages_that_cannot_be_sent(angel: Person, wiz: Person) -> None:
    """Sections "PRIVMSG message" and "NOTICE message": the latter is never answered."""
    play(
        """
        C: PRIVMSG nobody :Hello
        S: 401 Angel nobody :No such nick/channel
        C: PRIVMSG #bunny :Hello
        S: 404 Angel #bunny :Cannot send to channel
        C: PRIVMSG
        S: 411 Angel :No recipient given (PRIVMSG)
        C: PRIVMSG Wiz
        S: 412 Angel :No text to send
        C: NOTICE nobody :Hello
        C: NOTICE #bunny :Hello
        C: NOTICE
        C: NOTICE Wiz
        """,
        angel,
    )


def test_away(angel: Person, wiz: Person) -> None:
    """Section "AWAY message"."""
    play(
        """
        C: AWAY :message
        S: 306 Wiz :You have been marked as being away
        C angel: PRIVMSG Wiz :Hello
        S: :Angel!angel@example.org PRIVMSG Wiz :Hello
        S angel: 301 Angel Wiz :message
        C angel: USERHOST Wiz
        S angel: 302 Angel :Wiz=-wiz@example.org
        C angel: WHO Wiz
        S angel: 352 Angel #bunny wiz example.org irc.example.com Wiz G@ :0 Real Name
        S angel: 315 Angel Wiz :End of WHO list
        C: AWAY
        S: 305 Wiz :You are no longer marked as being away
        """,
        wiz,
        angel=angel,
    )


def test_links(wiz: Person) -> None:
    """Section "LINKS message"."""
    play(
        """
        C: LINKS
        S: :irc.example.com 364 Wiz irc.example.com irc.example.com :0 An example
        S: :irc.example.com 365 Wiz * :End of /LINKS list.
        """,
        wiz,
    )


def test_userhost(angel: Person, wiz: Person) -> None:
    """Section "USERHOST message"; operators of the server have a star."""
    angel.types("OPER foo bar")
    play(
        """
        C: USERHOST Wiz Michael Marty Angel
        S: :irc.example.com 302 Wiz :Wiz=+wiz@example.org Angel*=+angel@example.org
        """,
        wiz,
    )


def test_wallops(angel: Person, wiz: Person) -> None:
    """Section "WALLOPS message"."""
    angel.types("OPER foo bar")
    wiz.types("MODE Wiz +w")
    play(
        """
        C: WALLOPS :mine
        S: 481 Wiz :Permission Denied
        C angel: WALLOPS :Connect '*.uiuc.edu 6667' from Joshua
        S: :Angel!angel@example.org WALLOPS :Connect '*.uiuc.edu 6667' from Joshua
        """,
        wiz,
        angel=angel,
    )


def test_kill(angel: Person, wiz: Person) -> None:
    """Section "KILL message"."""
    angel.types("JOIN #bunny", "OPER foo bar")
    play(
        """
        C: KILL Angel :mine
        S: 481 Wiz :Permission Denied
        C angel: KILL Wiz :reason
        S: :Angel KILL Wiz :Killed by Angel: reason
        S: ERROR :Closing link
        S angel: :Wiz!wiz@example.org QUIT :Killed by Angel: reason
        """,
        wiz,
        angel=angel,
    )


@pytest.mark.parametrize("line", ["RESTART", "SQUIT tolsun.oulu.fi :Bad Link ?"])
def test_commands_that_there_are_not(wiz: Person, line: str) -> None:
    """Section "Optional Messages"."""
    play(
        f"""
        C: {line}
        S: 421 Wiz {line.split(" ")[0]} :Unknown command
        """,
        wiz,
    )
