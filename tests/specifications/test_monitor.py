"""https://ircv3.net/specs/extensions/monitor and https://ircv3.net/specs/extensions/extended-monitor"""

from specifications.example import person, play, server
from triochat.commands.server import Operator
from triochat.domain.limits import Limits


def test_list_of_targets() -> None:
    """monitor, sections "MONITOR Command" and "Numeric replies"."""
    chat = server(limits=Limits(monitor=3))
    nick = person(chat, "nick!user@host")
    person(chat, "target!user@host")
    assert " MONITOR=3 " in " ".join(nick.types("VERSION"))
    play(
        """
        C: MONITOR + target,target2
        S: :irc.example.com 730 nick :target!user@host
        S: :irc.example.com 731 nick :target2
        C: MONITOR + target
        S: :irc.example.com 730 nick :target!user@host
        C: MONITOR L
        S: :irc.example.com 732 nick :target,target2
        S: :irc.example.com 733 nick :End of MONITOR list
        C: MONITOR S
        S: :irc.example.com 730 nick :target!user@host
        S: :irc.example.com 731 nick :target2
        C: MONITOR + target3,target4,target5
        S: :irc.example.com 734 nick 3 target4,target5 :Monitor list is full.
        S: :irc.example.com 731 nick :target3
        C: MONITOR - target2
        C: MONITOR C
        C: MONITOR L
        S: :irc.example.com 733 nick :End of MONITOR list
        """,
        nick,
    )


def test_coming_and_going() -> None:
    """monitor, section "Numeric replies"."""
    chat = server()
    nick, target = person(chat, "nick!user@host"), chat.connect("host")
    play(
        """
        C: MONITOR + target
        S: :irc.example.com 731 nick :target
        C target: NICK target
        C target: USER user 0 * :Real Name
        S: :irc.example.com 730 nick :target!user@host
        C target: QUIT
        S: :irc.example.com 731 nick :target
        ...
        """,
        nick,
        target=target,
    )


def test_more_than_coming_and_going() -> None:
    """extended-monitor, section "Description"."""
    chat = server(operators={"admin": Operator("admin", "sesame")})
    chat.account("account")
    caps = "away-notify account-notify chghost setname"
    nick, other = person(chat, "nick!user@host", f"extended-monitor {caps}"), person(chat, "other!user@host", caps)
    target = person(chat, "target!user@host")
    for somebody in (nick, other):
        somebody.types("MONITOR + target")
    target.types("OPER admin sesame")
    play(
        """
        C target: AWAY :message
        S: :target!user@host AWAY :message
        C target: ACCOUNT LOGIN account sesame
        S: :target!user@host ACCOUNT account
        C target: SETNAME :realname
        S: :target!user@host SETNAME realname
        C target: CHGHOST target user elsewhere
        S: :target!user@host CHGHOST user elsewhere
        ...
        """,
        nick,
        target=target,
    )
    assert other.sees() == []
