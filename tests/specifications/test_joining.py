"""https://ircv3.net/specs/extensions/extended-join, https://ircv3.net/specs/extensions/invite-notify and
https://ircv3.net/specs/extensions/no-implicit-names

Not here: an invitation by ChanServ, which is in no rooms.
"""

from specifications.example import person, play, server


def test_account_and_real_name() -> None:
    """extended-join, section "Description"."""
    chat = server()
    client = person(chat, "client!user@host", "extended-join")
    client.types("JOIN #channelname")
    play(
        """
        C nick: JOIN #channelname
        S: :nick!user@host JOIN #channelname accountname :Real Name
        C other: JOIN #channelname
        S: :other!user@host JOIN #channelname * :Real Name
        ...
        """,
        client,
        nick=person(chat, "nick!user@host", account="accountname"),
        other=person(chat, "other!user@host"),
    )


def test_invitations_are_told_to_those_who_could_invite() -> None:
    """invite-notify, sections "Format" and "Notes"."""
    chat = server()
    op, member = person(chat, "op!user@host", "invite-notify"), person(chat, "member!user@host", "invite-notify")
    attila = person(chat, "Attila!user@host")
    for somebody in (op, member):
        somebody.types("JOIN #channel")
    play(
        """
        C member: INVITE Attila #channel
        S member: 341 member Attila #channel
        S: :member!user@host INVITE Attila #channel
        S attila: :member!user@host INVITE Attila #channel
        """,
        op,
        member=member,
        attila=attila,
    )


def test_names_only_when_asked_for() -> None:
    """no-implicit-names, section "Implementation"."""
    play(
        """
        C: JOIN #channel
        S: :nick!user@host JOIN #channel
        C: NAMES #channel
        S: 353 nick = #channel :@nick
        S: 366 nick #channel :End of /NAMES list
        """,
        person(server(), "nick!user@host", "no-implicit-names"),
    )
