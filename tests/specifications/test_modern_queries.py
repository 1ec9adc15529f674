"""https://modern.ircdocs.horse/#server-queries-and-commands and https://modern.ircdocs.horse/#user-based-queries

Not here: ADMIN, CONNECT and STATS, which this server has not; other servers of a network.
"""

import pytest

from commands.harness import Identity, Person
from specifications.example import SERVER, person, play, server


@pytest.fixture
def dan() -> Person:
    """In #ircv3, with val and emersion."""
    identity = Identity(SERVER, "Example", "Montreal, CA", "triochat-1", "today", ("Welcome.",))
    chat = server(identity=identity)
    dan = person(chat, "dan!~h@localhost")
    val = person(chat, "val!~val@limnoria", realname="Val", account="pinkieval")
    val.session.tls = True
    for somebody in (person(chat, "emersion!~emersion@sourcehut", realname="Simon Ser"), val, dan):
        somebody.types("JOIN #ircv3")
    return dan


def test_who(dan: Person) -> None:
    """Section "WHO message"."""
    play(
        """
        C: WHO emersion
        S: :irc.example.com 352 dan #ircv3 ~emersion sourcehut irc.example.com emersion H@ :0 Simon Ser
        S: :irc.example.com 315 dan emersion :End of WHO list
        C: WHO #ircv3
        S: :irc.example.com 352 dan #ircv3 ~emersion sourcehut irc.example.com emersion H@ :0 Simon Ser
        S: :irc.example.com 352 dan #ircv3 ~val limnoria irc.example.com val H :0 Val
        S: :irc.example.com 352 dan #ircv3 ~h localhost irc.example.com dan H :0 Real Name
        S: :irc.example.com 315 dan #ircv3 :End of WHO list
        """,
        dan,
    )


@pytest.mark.parametrize("words", ["val", "val val", "irc.example.com val"])
def test_whois(dan: Person, words: str) -> None:
    """Section "WHOIS message"."""
    play(
        f"""
        C: WHOIS {words}
        S: :irc.example.com 311 dan val ~val limnoria * :Val
        S: :irc.example.com 319 dan val :#ircv3
        S: :irc.example.com 312 dan val irc.example.com :Montreal, CA
        S: :irc.example.com 330 dan val pinkieval :is logged in as
        S: :irc.example.com 671 dan val :is using a secure connection
        S: :irc.example.com 317 dan val <idle> <signon> :seconds idle, signon time
        S: :irc.example.com 318 dan val :End of /WHOIS list.
        """,
        dan,
    )


def test_whowas(dan: Person) -> None:
    """Section "WHOWAS message"."""
    for username in ("ident2", "ident3"):
        person(dan.chat, f"someone!{username}@127.0.0.1", realname="Realname").types("QUIT")
    play(
        """
        C: WHOWAS someone
        S: :irc.example.com 314 dan someone ident3 127.0.0.1 * :Realname
        S: :irc.example.com 312 dan someone irc.example.com :Sun Mar 20 2022 10:59:26
        S: :irc.example.com 314 dan someone ident2 127.0.0.1 * :Realname
        S: :irc.example.com 312 dan someone irc.example.com :Sun Mar 20 2022 10:59:16
        S: :irc.example.com 369 dan someone :End of WHOWAS
        C: WHOWAS someone 1
        S: :irc.example.com 314 dan someone ident3 127.0.0.1 * :Realname
        S: :irc.example.com 312 dan someone irc.example.com :Sun Mar 20 2022 10:59:26
        S: :irc.example.com 369 dan someone :End of WHOWAS
        C: WHOWAS nobody
        S: :irc.example.com 406 dan nobody :There was no such nickname
        S: :irc.example.com 369 dan nobody :End of WHOWAS
        """,
        dan,
    )


@pytest.mark.parametrize("target", ["", " irc.example.com", " *.com", " val"])
def test_questions_about_the_server(dan: Person, target: str) -> None:
    """Sections "MOTD message", "VERSION message", "TIME message" and "INFO message"."""
    play(
        f"""
        C: MOTD{target}
        S: 375 dan :- irc.example.com Message of the day -
        S: 372 dan :- Welcome.
        S: 376 dan :End of /MOTD command.
        C: VERSION{target}
        S: 351 dan triochat-1 irc.example.com :Montreal, CA
        ...
        C: TIME{target}
        S: 391 dan irc.example.com :Tuesday November 14 2023 -- 22:13:20 +00:00
        C: INFO{target}
        S: 371 dan :text
        ...
        S: 374 dan :End of INFO list
        """,
        dan,
    )


@pytest.mark.parametrize("command", ["MOTD", "VERSION", "TIME"])
def test_questions_about_another_server(dan: Person, command: str) -> None:
    """The same sections."""
    play(
        f"""
        C: {command} tolsun.oulu.fi
        S: 402 dan tolsun.oulu.fi :No such server
        """,
        dan,
    )


def test_lusers(dan: Person) -> None:
    """Section "LUSERS message"."""
    play(
        """
        C: LUSERS
        S: 251 dan :There are 3 users and 0 invisible on 1 servers
        S: 252 dan 0 :operator(s) online
        S: 253 dan 0 :unknown connection(s)
        S: 254 dan 1 :channels formed
        S: 255 dan :I have 3 clients and 1 servers
        S: 265 dan 3 3 :Current local users 3, max 3
        S: 266 dan 3 3 :Current global users 3, max 3
        """,
        dan,
    )


def test_help(dan: Person) -> None:
    """Section "HELP message"."""
    play(
        """
        C: HELP
        S: 704 dan * :** Help System **
        S: 705 dan * :
        S: 705 dan * :commands
        ...
        S: 706 dan * :the last line
        C: HELP PRIVMSG
        S: 704 dan PRIVMSG :** The PRIVMSG command **
        S: 705 dan PRIVMSG :
        S: 705 dan PRIVMSG :PRIVMSG target :text
        S: 706 dan PRIVMSG :to send messages
        C: HELP :unknown subject
        S: 524 dan * :I do not know anything about this
        """,
        dan,
    )


def test_mode(dan: Person) -> None:
    """Section "MODE message"."""
    person(dan.chat, "bunny!user@host").types("JOIN #foobar")
    play(
        """
        C: MODE dan +i
        S: MODE dan +i
        C: MODE dan
        S: 221 dan +i
        C: MODE val
        S: 502 dan :Cant change mode for other users
        C: MODE nobody
        S: 401 dan nobody :No such nick/channel
        C: MODE dan +iÿ
        S: 501 dan :Unknown MODE flag
        C: JOIN #mine
        ...
        S: 366 dan #mine :End of /NAMES list
        C: MODE #mine +mb *@127.0.0.1
        S: :dan!~h@localhost MODE #mine +mb *!*@127.0.0.1
        C: MODE #mine +l 5
        S: :dan!~h@localhost MODE #mine +l 5
        C: MODE #mine -bl+i *!*@127.0.0.1
        S: :dan!~h@localhost MODE #mine -bl+i *!*@127.0.0.1
        C: MODE #mine
        S: :irc.example.com 324 dan #mine +imnt
        S: :irc.example.com 329 dan #mine 1700000000
        C: MODE #mine b
        S: :irc.example.com 368 dan #mine :End of channel ban list
        C: MODE #foobar +i
        S: :irc.example.com 482 dan #foobar :You're not channel operator
        C: MODE #nowhere
        S: :irc.example.com 403 dan #nowhere :No such channel
        """,
        dan,
    )


@pytest.mark.parametrize("line", ["ADMIN syrk", "CONNECT eff.org 12765 csd.bu.edu", "STATS m"])
def test_commands_that_there_are_not(dan: Person, line: str) -> None:
    """Section "Optional Messages"."""
    play(
        f"""
        C: {line}
        S: 421 dan {line.split(" ")[0]} :Unknown command
        """,
        dan,
    )
